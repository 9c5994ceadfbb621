"""Files that are written: whether they can be is found out before the work whose results they are to hold."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from vmss_invariants.cli.output import Complaint


def check_folder(folder: Path) -> None:
    """Raise `Complaint` unless files can be made in a folder, which may have to be made first; leave all as it is."""
    with complaining_of_writing(folder):
        there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
        if not there.is_dir():
            raise Complaint(f"{folder} cannot be written: {there} is no folder")
        if not os.access(there, os.W_OK | os.X_OK):
            raise Complaint(f"{folder} cannot be written: {there} may not be changed")


def check_file(file: Path) -> None:
    """Raise `Complaint` unless a file can be written in a folder that is there; leave all as it is."""
    with complaining_of_writing(file):
        if file.is_dir():
            raise Complaint(f"{file} cannot be written: it is a folder")
        if not file.parent.is_dir():
            raise Complaint(f"{file} cannot be written: there is no folder {file.parent}")
        if not os.access(file if file.exists() else file.parent, os.W_OK):
            raise Complaint(f"{file} cannot be written: it may not be changed")


def write_file(file: Path, text: str) -> None:
    """Write a text to a file as a whole, or raise `Complaint` and leave the file as it was."""
    with replacing(file) as beside:
        beside.write_text(text, encoding="utf-8")


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Give a file to write to that takes the place of another once it is whole; else the other stays as it was.

    Raises `Complaint` where that cannot be done. What is no plain file, or stands in a folder that may not be changed,
    cannot be replaced: it is written to where it is.
    """
    with complaining_of_writing(file):
        # A link stays one: what it leads to is replaced.
        there = Path(os.path.realpath(file))
        if there.exists() and not (there.is_file() and os.access(there.parent, os.W_OK | os.X_OK)):
            yield there
            return
        with TemporaryDirectory(prefix=".", dir=there.parent) as folder:
            beside = Path(folder, there.name)
            yield beside
            if there.exists():
                shutil.copymode(there, beside)
            beside.replace(there)


@contextmanager
def complaining_of_writing(path: Path) -> Iterator[None]:
    """Tell why a file or a folder cannot be written."""
    try:
        yield
    except OSError as error:
        raise Complaint(f"{path} cannot be written: {error.strerror or error}") from None
