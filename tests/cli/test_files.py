"""Files are written as a whole or stay as they were, and what cannot be written is one line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from tests.cli.shell import ROOT, run, short_files

from vmss_invariants.cli.files import replacing, write_file
from vmss_invariants.cli.output import Complaint

OVERLONG = "n" * 300
"""A name that is longer than that of any file."""
GROUP = "instances: {count: 20}\n"


@pytest.fixture
def web(tmp_path: Path) -> str:
    """The path of a description."""
    file = tmp_path / "web.yaml"
    file.write_text(GROUP, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", "web.yaml", "--out", f"{OVERLONG}.svg"),
        ("simulate", "web.yaml", "--out", f"{OVERLONG}.svg"),
        ("explore", "--edition", "2018-06-stack", "--instances", "1", "--export", f"{OVERLONG}.dot"),
        ("docs", "--out", OVERLONG),
        ("docs", "--record", "quick", "--out", OVERLONG),
    ],
)
def test_a_name_that_is_too_long_is_one_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    web: str,
    arguments: tuple[str, ...],
) -> None:
    """Before any work, with the reason."""
    monkeypatch.chdir(Path(web).parent)
    outcome = run(capsys, *arguments)

    assert outcome.code == 2
    assert outcome.one_line().endswith("File name too long")
    assert [one.name for one in tmp_path.iterdir()] == ["web.yaml"]


def test_a_picture_that_does_not_fit_leaves_the_one_before(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, web: str
) -> None:
    """Nor is anything left beside it."""
    picture = tmp_path / "plan.html"
    assert run(capsys, "plan", web, "--out", str(picture)).code == 0
    before = picture.read_bytes()
    with short_files(len(before) // 2):
        outcome = run(capsys, "plan", web, "--by", "update-domain", "--out", str(picture))

    assert outcome.code == 2
    assert outcome.one_line() == f"vmss-oracle: {picture} cannot be written: File too large"
    assert picture.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["plan.html", "web.yaml"]


def test_a_page_that_does_not_fit_leaves_the_one_before(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """And the results beside it."""
    (tmp_path / "results.json").write_bytes((ROOT / "docs" / "results.json").read_bytes())
    assert run(capsys, "docs", "--out", str(tmp_path)).code == 0
    page = tmp_path / "theorems.md"
    page.write_text("as it was", encoding="utf-8")
    with short_files(100):
        outcome = run(capsys, "docs", "--out", str(tmp_path))

    assert outcome.code == 2
    assert outcome.one_line() == f"vmss-oracle: {page} cannot be written: File too large"
    assert page.read_text(encoding="utf-8") == "as it was"


def test_a_file_is_replaced_once_it_is_whole(tmp_path: Path) -> None:
    """What fails on the way, for whatever reason, changes nothing."""
    file = tmp_path / "a.txt"
    write_file(file, "first")
    with suppress(RuntimeError), replacing(file) as beside:
        beside.write_text("half of", encoding="utf-8")
        raise RuntimeError

    assert file.read_text(encoding="utf-8") == "first"
    assert list(tmp_path.iterdir()) == [file]
    write_file(file, "second")
    assert file.read_text(encoding="utf-8") == "second"
    assert list(tmp_path.iterdir()) == [file]


def test_a_replaced_file_keeps_its_rights_and_its_links(tmp_path: Path) -> None:
    """A link still leads to the file, which has the new text."""
    file, link = tmp_path / "a.txt", tmp_path / "link.txt"
    file.write_text("first", encoding="utf-8")
    file.chmod(0o640)
    link.symlink_to(file)
    write_file(link, "second")

    assert link.is_symlink()
    assert file.read_text(encoding="utf-8") == "second"
    assert file.stat().st_mode & 0o777 == 0o640


def test_what_is_no_plain_file_is_written_to_where_it_is(tmp_path: Path) -> None:
    """A device stays one; a folder is refused."""
    write_file(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(Complaint, match="cannot be written: Is a directory"):
        write_file(tmp_path, "x")
