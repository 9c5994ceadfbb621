"""Which files are taken for recordings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vmss_model.oracle.recordings import UnusableInput, discover


def _touch(folder: Path, *names: str) -> list[Path]:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return [folder / name for name in names]


def test_a_folder_gives_all_files_with_known_endings_below_it_sorted(tmp_path: Path) -> None:
    """Whatever the case of the ending."""
    wanted = _touch(
        tmp_path,
        "a.jsonl",
        "b/c.jsonl.gz",
        "b/d.json",
        "e.json.gz",
        "f.yaml",
        "g.yml.gz",
        "h.HAR",
        "i.har.gz",
    )
    _touch(tmp_path, "INDEX.tsv", "README.md", "a.gz", "jsonl", "b/x.txt")
    assert discover([tmp_path]) == wanted


def test_a_named_file_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    """In the order named."""
    named = _touch(tmp_path, "b.txt", "a")
    assert discover(named) == named


def test_a_file_reached_twice_is_taken_once(tmp_path: Path) -> None:
    """By name, through its folder or through a link."""
    (file,) = _touch(tmp_path, "a.jsonl")
    (tmp_path / "b.jsonl").symlink_to(file)
    assert discover([file, tmp_path, tmp_path / "." / "a.jsonl"]) == [file]


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    """Silence would look like success."""
    _touch(tmp_path, "README.md")
    with pytest.raises(UnusableInput, match="it holds no recording"):
        discover([tmp_path])


def test_a_folder_that_cannot_be_entered_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold recordings; simulated, as a superuser may enter everywhere."""
    _touch(tmp_path, "a.jsonl")

    def refuse(path: object) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UnusableInput, match="it must not be read"):
        discover([tmp_path])


def test_nothing_named_is_nothing_found() -> None:
    """It is for the caller to say whether that is right."""
    assert discover([]) == []
