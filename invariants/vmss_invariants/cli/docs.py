"""`vmss-oracle docs`: writes the pages of the invariants, or says whether they are as they should be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType
from rich.text import Text

from vmss_invariants.cli.files import check_folder, complaining_of_writing, write_file
from vmss_invariants.cli.inputs import lookers_with
from vmss_invariants.cli.output import Complaint, emit, emit_all, indented, progress_bar

if TYPE_CHECKING:
    from vmss_invariants.publishing.results import Results

_PROFILES = ("quick", "full")
_MOST_JOBS = 256


def write_docs(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the pages and results.json are.")] = Path("docs"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if a page is not as it should be.")
    ] = False,
    record_profile: Annotated[
        str | None,
        typer.Option("--record", metavar="PROFILE", help="First find everything anew: quick or full."),
    ] = None,
    recordings: Annotated[
        list[Path] | None, typer.Option(metavar="PATH", help="Recordings to judge mutants by, with --record.")
    ] = None,
    jobs: Annotated[
        int, typer.Option(min=1, max=_MOST_JOBS, help="How much runs at the same time, with --record.")
    ] = min(os.cpu_count() or 1, _MOST_JOBS),
) -> None:
    """Write a page for each invariant, edition and disagreement, from the results of the last full run."""
    if record_profile is not None and record_profile not in _PROFILES:
        raise Complaint(f"unknown profile {record_profile!r}; there are {', '.join(_PROFILES)}")
    if check and record_profile is not None:
        raise Complaint("--check writes nothing, --record writes the results: give one of them")
    if recordings and record_profile is None:
        raise Complaint("recordings are judged with --record alone: give it too, or no --recordings")
    results = _recorded(record_profile, jobs, recordings or [], out) if record_profile else _loaded(out)
    # Only this command needs the pages.
    from vmss_invariants.publishing.pages import pages, stale_pages, was_written  # noqa: PLC0415

    written = pages(results)
    wrong = [path for path, text in sorted(written.items()) if _text(out / path) != text]
    stale = stale_pages(out, written)
    if check:
        _say_what_is_wrong(wrong, stale)
        raise typer.Exit(1 if wrong or stale else 0)
    for path in wrong:
        _write(out / path, written[path])
    removed = [path for path in stale if was_written(out / path)]
    for path in removed:
        _remove(out / path)
    emit_all(_done(len(written), len(wrong), removed, [path for path in stale if path not in removed]))


def _loaded(out: Path) -> Results:
    from vmss_invariants.publishing.results import FILE, loaded  # noqa: PLC0415 - as above

    try:
        return loaded((out / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise Complaint(
            f"there is no {FILE} in {out}; give the project's docs folder, or find it anew with --record"
        ) from None
    except OSError as error:
        raise Complaint(f"{out / FILE} cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise Complaint(f"{out / FILE} does not hold results; find them anew with --record") from None


def _recorded(profile: str, jobs: int, recordings: list[Path], out: Path) -> Results:
    from vmss_invariants.publishing.recording import record  # noqa: PLC0415 - as above
    from vmss_invariants.publishing.results import FILE, saved  # noqa: PLC0415 - as above
    from vmss_invariants.verifying import IncompleteError  # noqa: PLC0415 - as above

    check_folder(out)
    asked = lookers_with(recordings)
    with progress_bar() as bar:
        task = bar.add_task("", total=None)
        try:
            results = record(profile, jobs, asked, lambda what: bar.update(task, advance=1, description=what))
        except IncompleteError as lost:
            raise Complaint(f"{lost}; nothing is written") from None
    try:
        _write(out / FILE, saved(results))
    except Complaint:
        # It took long to find: better in the midst of the output than nowhere.
        emit(saved(results))
        raise
    return results


def _text(path: Path) -> str | None:
    """What a file says; None where there is none, or it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return None


def _write(path: Path, text: str) -> None:
    with complaining_of_writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, text)


def _remove(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise Complaint(f"{path} cannot be removed: {error.strerror or error}") from None


def _done(pages: int, changed: int, removed: list[str], foreign: list[str]) -> Iterator[RenderableType]:
    yield Text(f"{pages} pages, {changed} of them changed.", style="green")
    if removed:
        yield Text("Removed, since nothing writes them any more:")
        yield indented("\n".join(removed))
    if foreign:
        yield Text("Not written here, and left as they are:", style="yellow")
        yield indented("\n".join(foreign))


def _say_what_is_wrong(wrong: list[str], stale: list[str]) -> None:
    if wrong:
        emit_all([Text("Not as they should be:", style="bold red"), indented("\n".join(wrong))])
    if stale:
        emit_all([Text("Nothing writes them:", style="bold red"), indented("\n".join(stale))])
    if not wrong and not stale:
        emit_all([Text("Every page is as it should be.", style="green")])
