"""Whether files can be written, found out before the work is done whose results they are to hold."""

from __future__ import annotations

import os
from pathlib import Path

from vmss_invariants.cli.output import Complaint


def check_folder(folder: Path) -> None:
    """Raise `Complaint` unless files can be made in a folder, which may have to be made first; leave all as it is."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not there.is_dir():
        raise Complaint(f"{folder} cannot be written: {there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise Complaint(f"{folder} cannot be written: {there} may not be changed")


def check_file(file: Path) -> None:
    """Raise `Complaint` unless a file can be written in a folder that is there; leave all as it is."""
    if file.is_dir():
        raise Complaint(f"{file} cannot be written: it is a folder")
    if not file.parent.is_dir():
        raise Complaint(f"{file} cannot be written: there is no folder {file.parent}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise Complaint(f"{file} cannot be written: it may not be changed")
