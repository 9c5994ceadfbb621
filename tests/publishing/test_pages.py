"""The committed pages are the ones that the results give, and the results are of this very model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.cli.shell import ROOT, run
from tests.support import recorded

from vmss_invariants.catalogue import INVARIANTS, AnyInvariant
from vmss_invariants.differences import sequence
from vmss_invariants.exploring.aspects import ASPECTS
from vmss_invariants.mutating.equivalent import EQUIVALENT
from vmss_invariants.mutating.noticing import EXPLORER, MACHINE
from vmss_invariants.proving.theorem import Theorem
from vmss_invariants.proving.theorems import THEOREMS
from vmss_invariants.publishing import recording
from vmss_invariants.publishing.formulas import formula_of
from vmss_invariants.publishing.invariants import theorem_table
from vmss_invariants.publishing.markdown import bullets, paragraph, table
from vmss_invariants.publishing.pages import NOTE, pages
from vmss_invariants.publishing.predicates import predicate_of, source_of
from vmss_invariants.publishing.results import FILE, Results, fingerprint, loaded, saved
from vmss_invariants.strength import Strength
from vmss_model.editions import EDITIONS
from vmss_model.rules import RULES

DOCS = ROOT / "docs"
WRITTEN = ("invariants", "editions")
"""Folders of which every page is written."""
LONGEST_LINE = 600
"""No line of a formula has more characters: what is longer nobody reads."""


@cache
def recorded_pages() -> Mapping[str, str]:
    """All pages of that."""
    return pages(recorded())


@pytest.fixture
def results() -> Results:
    """What the last full run found."""
    return recorded()


def test_the_committed_pages_are_those_of_the_results() -> None:
    """Written anew they are the same, to the letter; and there is no page that nobody writes."""
    written = recorded_pages()
    different = [path for path, text in written.items() if (DOCS / path).read_text(encoding="utf-8") != text]
    there = {path.relative_to(DOCS).as_posix() for folder in WRITTEN for path in (DOCS / folder).rglob("*.md")}

    assert different == []
    assert there == {path for path in written if path.startswith(WRITTEN)}


def test_the_results_are_of_this_model(results: Results) -> None:
    """A model that changed has to be looked at anew: `vmss-oracle docs --record quick`."""
    assert results.model == fingerprint()


def test_the_results_speak_of_every_invariant_where_it_applies(results: Results) -> None:
    """One row for each invariant, edition and kind of group; none unchecked."""
    rows = [(row.invariant, row.edition, row.kind) for row in results.rows]
    expected = {(one.id, name, kind.value) for one in INVARIANTS.values() for name, kind in one.where}

    assert len(rows) == len(set(rows))
    assert set(rows) == expected
    assert {row.strength for row in results.rows} <= {"proved", "exhaustive", "tested"}


def test_fifteen_invariants_and_more_are_proved(results: Results) -> None:
    """Counted by the weakest of what is known of each."""
    proved = [name for name in INVARIANTS if results.strongest(name) == Strength.PROVED.value]
    assert len(proved) >= 15


@pytest.mark.parametrize("theorem", THEOREMS, ids=lambda one: one.id)
def test_each_formula_is_printed_from_what_is_proved(results: Results, theorem: Theorem) -> None:
    """It is what the terms of its claims are today; something follows in it, and nothing is in z3's own notation."""
    text = results.formulas[theorem.id]
    claims = "\n\n".join(part for part in text.split("\n\n") if not part.startswith(("(", "[")))

    assert text == formula_of(theorem)
    assert all("=>" in claim for claim in claims.split("\n\n"))
    assert max(map(len, text.splitlines())) <= LONGEST_LINE
    assert not any(word in claims for word in ("(and", "(or", "(ite ", "(select", "(store", "k!", "And(", "Or("))


def test_how_short_a_counterexample_is_depends_on_who_found_it(results: Results) -> None:
    """The explorer goes by length, the state machine by chance: of its sequences nobody knows a shortest."""
    found = {name: one.by for name, one in results.broken.items()}
    written = recorded_pages()
    shown = {name: " ".join(written[f"invariants/{name}.md"].split()) for name in found}

    assert set(found.values()) == {EXPLORER, MACHINE}
    assert all(("nothing shorter" in shown[name]) is (by == EXPLORER) for name, by in found.items())


def test_equivalent_mutants_are_mutants_that_nobody_noticed(results: Results) -> None:
    """An entry that names no mutant, or one that somebody notices after all, is stale."""
    nobody = {one["id"] for one in results.mutants if one["status"] != "noticed"}
    assert sorted(EQUIVALENT.keys() - nobody) == []


def test_results_survive_being_saved(results: Results) -> None:
    """What is written is read back as it was."""
    assert loaded(saved(results)) == results


def test_any_two_editions_are_compared(results: Results) -> None:
    """Those that follow each other in full, the others in short; each differing rule is shown or said not to be."""
    text = recorded_pages()["differences.md"]
    compared = {(one["first"], one["second"]): one for one in results.differences}

    assert set(compared) == set(combinations(EDITIONS, 2))
    assert {pair for pair, one in compared.items() if one["neighbours"]} == set(pairwise(EDITIONS))
    for (first, second), one in compared.items():
        section = text.partition(f"# {first} and {second}\n")[2].partition("\n##")[0]
        assert {rule["rule"] for rule in (*one["shown"], *one["unshown"])} == set(one["rules"])
        assert all(f"`{rule}`" in section for rule in one["rules"])


def test_what_the_page_shows_replays_as_printed(results: Results) -> None:
    """With what prepares the worlds; every bracket that opens in a line is closed in it."""
    text = recorded_pages()["differences.md"]
    shown = [one for compared in results.differences if compared["neighbours"] for one in compared["shown"]]
    blocks = text.split("```")[1::2]

    assert any(one["preparation"] for one in shown)
    for one in shown:
        lines = "\n".join(sequence(one))
        assert any(lines in block for block in blocks)
        assert all(each in lines for some in one["preparation"].values() for each in some)
    for line in "\n".join(blocks).splitlines():
        assert all(line.count(opened) == line.count(closed) for opened, closed in ("()", "[]", "{}")), line


def test_no_page_holds_a_timing(results: Results) -> None:
    """Seconds change from run to run."""
    assert all("seconds" not in one for one in (*results.explored, *results.mutants, *results.differences))


def test_the_command_says_whether_pages_are_right(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Exit 0 where they are, 1 where one is not; writing makes them right."""
    (tmp_path / FILE).write_text((DOCS / FILE).read_text(encoding="utf-8"), encoding="utf-8")

    assert run(capsys, "docs", "--out", str(tmp_path), "--check").code == 1
    assert run(capsys, "docs", "--out", str(tmp_path)).code == 0
    assert run(capsys, "docs", "--out", str(tmp_path), "--check").code == 0
    assert run(capsys, "docs", "--out", str(DOCS), "--check").code == 0


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Path:
    """A folder with all pages as they should be."""
    (tmp_path / FILE).write_text((DOCS / FILE).read_text(encoding="utf-8"), encoding="utf-8")
    assert run(capsys, "docs", "--out", str(tmp_path)).code == 0
    return tmp_path


def test_a_page_that_is_no_text_is_not_as_it_should_be(capsys: pytest.CaptureFixture[str], written: Path) -> None:
    """It is named like any other, and written anew."""
    (written / "theorems.md").write_bytes(b"\xff\xfe")
    outcome = run(capsys, "docs", "--out", str(written), "--check")

    assert outcome.code == 1
    assert "  theorems.md\n" in outcome.out
    assert run(capsys, "docs", "--out", str(written)).code == 0
    assert run(capsys, "docs", "--out", str(written), "--check").code == 0


def test_pages_that_nothing_writes_are_named_and_removed(capsys: pytest.CaptureFixture[str], written: Path) -> None:
    """In the folders of which every page is written; elsewhere somebody may have written them by hand."""
    stale = written / "invariants" / "no-such-invariant.md"
    stale.write_text(NOTE + "# Once there was one", encoding="utf-8")
    by_hand = [written / "index.md", written / "decisions" / "0001-by-hand.md"]
    for page in by_hand:
        page.parent.mkdir(exist_ok=True)
        page.write_text("by hand", encoding="utf-8")
    checked = run(capsys, "docs", "--out", str(written), "--check")

    assert checked.code == 1
    assert "Nothing writes them:\n  invariants/no-such-invariant.md\n" in checked.out
    assert "hand" not in checked.out
    assert (
        "Removed, since nothing writes them any more:\n  invariants/no-such-"
        in run(capsys, "docs", "--out", str(written)).out
    )
    assert not stale.exists()
    assert all(page.exists() for page in by_hand)
    assert run(capsys, "docs", "--out", str(written), "--check").code == 0


def test_a_page_that_somebody_put_there_is_named_and_left(capsys: pytest.CaptureFixture[str], written: Path) -> None:
    """It does not begin as written pages do."""
    foreign = written / "editions" / "notes.md"
    foreign.write_text("x", encoding="utf-8")

    assert (
        "Not written here, and left as they are:\n  editions/notes.md\n"
        in run(capsys, "docs", "--out", str(written)).out
    )
    assert foreign.read_text(encoding="utf-8") == "x"
    assert run(capsys, "docs", "--out", str(written), "--check").code == 1


def test_nothing_is_recorded_for_a_folder_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It would take long."""
    monkeypatch.setattr(recording, "record", lambda *_: pytest.fail("it was recorded"))
    (tmp_path / "file").touch()
    outcome = run(capsys, "docs", "--record", "quick", "--out", str(tmp_path / "file" / "pages"))

    assert outcome.code == 2
    assert f"cannot be written: {tmp_path / 'file'} is no folder" in outcome.one_line()


@pytest.mark.parametrize("name", [".", "none", "n" * 300])
def test_nothing_is_recorded_with_recordings_that_cannot_be_read(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """They are read before the verification that takes long."""
    monkeypatch.setattr(recording, "record", lambda *_: pytest.fail("it was recorded"))
    path = tmp_path / "empty" / name
    (tmp_path / "empty").mkdir()
    outcome = run(capsys, "docs", "--record", "quick", "--out", str(tmp_path), "--recordings", str(path))

    assert outcome.code == 2
    assert outcome.one_line().startswith(f"vmss-oracle: {path}: ")


def test_results_that_cannot_be_written_after_all_are_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, results: Results
) -> None:
    """They took long to find."""

    def record(*_: object) -> Results:
        (tmp_path / FILE).mkdir()
        return results

    monkeypatch.setattr(recording, "record", record)
    outcome = run(capsys, "docs", "--record", "quick", "--out", str(tmp_path))

    assert outcome.code == 2
    assert loaded(outcome.out) == results
    assert "results.json cannot be written" in outcome.err
    assert outcome.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--check", "--recordings", "."), "recordings are judged with --record alone"),
        (("--recordings", "."), "recordings are judged with --record alone"),
        (("--out", "/nowhere"), "there is no results.json in /nowhere"),
        (("--record", "slow"), "unknown profile 'slow'"),
        (("--record", "quick", "--check"), "give one of them"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    """Exit code 2, and nothing on standard output."""
    outcome = run(capsys, "docs", *arguments)
    assert outcome.code == 2
    assert said in outcome.one_line()


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{}", b'{"model": 1}', b'{"rows": [{}]}', b'{"model": "\xff"}', b"[" * 100_000]
)
def test_a_file_without_results_is_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path, text: bytes) -> None:
    """And no traceback."""
    (tmp_path / FILE).write_bytes(text)
    outcome = run(capsys, "docs", "--out", str(tmp_path))
    assert outcome.code == 2
    assert "does not hold results" in outcome.one_line()


def inside(document: Any, *path: str | int) -> Any:
    """What stands at a path in a document."""
    for name in path:
        document = document[name]
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("mutants",), [5]),
        (("mutants", 0, "status"), "lost"),
        (("mutants", 0, "by"), "explorer"),
        (("explored",), [{}]),
        (("explored", 0, "exhausted"), 1),
        (("rows",), [5]),
        (("rows", 0, "strength"), "magic"),
        (("rows", 0, "strength"), ["proved"]),
        (("rows", 0, "how"), [["x"]]),
        (("rows", 0, "more"), "x"),
        (("broken",), []),
        (("broken", "x"), {}),
        (("differences",), [[]]),
        (("differences", 0, "neighbours"), "yes"),
        (("differences", 0, "first"), "2001-01"),
        (("differences", 0, "values"), [{}]),
        (("differences", 0, "shown", 0, "preparation"), ["x"]),
        (("formulas", "x"), 5),
        (("model",), None),
        (("model",), "\ud800"),
    ],
)
def test_results_of_another_shape_are_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, path: tuple[str | int, ...], value: object
) -> None:
    """Wherever it is another: no page is written of them."""
    document = json.loads((DOCS / FILE).read_text(encoding="utf-8"))
    inside(document, *path[:-1])[path[-1]] = value
    (tmp_path / FILE).write_text(json.dumps(document), encoding="utf-8")
    outcome = run(capsys, "docs", "--out", str(tmp_path))

    assert outcome.code == 2
    assert "does not hold results; find them anew with --record" in outcome.one_line()
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("path", [("explored", 0, "depth"), ("broken",), ("differences", 0, "shown", 0, "says")])
def test_results_that_lack_something_are_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, path: tuple[str | int, ...]
) -> None:
    """As those of another shape."""
    document = json.loads((DOCS / FILE).read_text(encoding="utf-8"))
    del inside(document, *path[:-1])[path[-1]]
    (tmp_path / FILE).write_text(json.dumps(document), encoding="utf-8")
    outcome = run(capsys, "docs", "--out", str(tmp_path))

    assert outcome.code == 2
    assert "does not hold results; find them anew with --record" in outcome.one_line()


@pytest.mark.parametrize("one", INVARIANTS.values(), ids=lambda one: one.id)
def test_every_page_says_what_its_invariant_follows_from_in_each_edition(one: AnyInvariant) -> None:
    """From rules that belong to the edition; else from the model's design, which is named only where it is needed."""
    page = recorded_pages()[f"invariants/{one.id}.md"].partition("## What it follows from")[2].partition("##")[0]
    ruled = {name for rule in one.rules for name in RULES[rule].editions}
    without = {name for name, _ in one.where} - ruled

    assert set(one.editions_without_rule) == without
    assert bool(without) == (one.design is not None) == ("the design of the model" in page)
    assert all(f"`{rule}`" in page for rule in one.rules)


def test_theorems_prove_an_invariant_only_where_it_speaks() -> None:
    """Where a theorem speaks of more editions than an invariant, the table says for which it is a proof of it."""
    lines = theorem_table().splitlines()
    gates = next(line for line in lines if line.startswith("| `batches-start-in-health`"))

    assert "no-batch-starts-above-the-health-thresholds.md) (2021-07: Uniform)" in gates
    assert all("()" not in line for line in lines)


def test_every_aspect_that_a_page_names_has_a_meaning(results: Results) -> None:
    """What was explored is named by its aspect, and the page of the explorations says what each of them is."""
    named = {str(one["configuration"]).rpartition(", ")[2] for one in results.explored}
    page = recorded_pages()["explorations.md"]

    assert named <= ASPECTS.keys()
    assert all(f"- `{name}`: " in page for name in ASPECTS)
    bounds = {how for row in results.rows if row.strength == "exhaustive" for how in row.how}
    assert {how.rpartition(", ")[2] for how in bounds} <= ASPECTS.keys()


def test_editions_have_a_page_each() -> None:
    """Under their names."""
    assert {f"editions/{name}.md" for name in EDITIONS} <= recorded_pages().keys()


def test_markdown_is_plain() -> None:
    """Bars in cells are escaped, long lines are wrapped."""
    assert table(("a",), [("x|y",)]).splitlines()[-1] == "| x\\|y |"
    assert all(len(line) <= 120 for line in paragraph("word " * 100).splitlines())
    assert bullets(["word " * 40]).splitlines()[1].startswith("  word")


def test_each_page_shows_the_predicate_that_is_checked() -> None:
    """As a function with a name, short enough to be read."""
    written = recorded_pages()
    for one in INVARIANTS.values():
        source = source_of(predicate_of(one))

        assert source.startswith("def ")
        assert len(source.splitlines()) <= 30
        assert source.rstrip() in written[f"invariants/{one.id}.md"]
