"""`vmss-oracle docs`: writes the pages of proven invariants, or says whether they are as they should be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from vmss_invariants.cli.output import Complaint, emit_all, indented, progress_bar

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
    results = _recorded(record_profile, jobs, recordings or [], out) if record_profile else _loaded(out)
    # Only this command needs the pages.
    from vmss_invariants.publishing.pages import pages  # noqa: PLC0415

    written = pages(results)
    wrong = [path for path, text in sorted(written.items()) if _text(out / path) != text]
    if check:
        _say_what_is_wrong(wrong)
        raise typer.Exit(1 if wrong else 0)
    for path in wrong:
        _write(out / path, written[path])
    emit_all([Text(f"{len(written)} pages, {len(wrong)} of them changed.", style="green")])


def _loaded(out: Path) -> Results:
    from vmss_invariants.publishing.results import FILE, loaded  # noqa: PLC0415 - as above

    text = _text(out / FILE)
    if text is None:
        raise Complaint(f"there is no {FILE} in {out}; give the project's docs folder, or find it anew with --record")
    try:
        return loaded(text)
    except (ValueError, KeyError, TypeError):
        raise Complaint(f"{out / FILE} does not hold results; find them anew with --record") from None


def _recorded(profile: str, jobs: int, recordings: list[Path], out: Path) -> Results:
    from vmss_invariants.publishing.recording import record  # noqa: PLC0415 - as above
    from vmss_invariants.publishing.results import FILE, saved  # noqa: PLC0415 - as above
    from vmss_invariants.verifying import IncompleteError  # noqa: PLC0415 - as above

    for path in recordings:
        if not path.exists():
            raise Complaint(f"there are no recordings at {path}")
    with progress_bar() as bar:
        task = bar.add_task("", total=None)
        try:
            results = record(profile, jobs, recordings, lambda what: bar.update(task, advance=1, description=what))
        except IncompleteError as lost:
            raise Complaint(f"{lost}; nothing is written") from None
    _write(out / FILE, saved(results))
    return results


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return None


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Complaint(f"{path} cannot be written: {error.strerror or error}") from None


def _say_what_is_wrong(wrong: list[str]) -> None:
    if wrong:
        emit_all([Text("Not as they should be:", style="bold red"), indented("\n".join(wrong))])
    else:
        emit_all([Text("Every page is as it should be.", style="green")])
