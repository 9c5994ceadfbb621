"""A page for each invariant, and a table of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import groupby

from vmss_invariants.catalogue import INVARIANTS, AnyInvariant
from vmss_invariants.invariant import GroupInvariant, Place
from vmss_invariants.mutating.faults import BY_CONSTRUCTION
from vmss_invariants.mutating.noticing import EXPLORER, MACHINE
from vmss_invariants.placing.wording import listed
from vmss_invariants.proving.theorem import Proves, Theorem
from vmss_invariants.proving.theorems import THEOREMS
from vmss_invariants.publishing.formulas import conventions
from vmss_invariants.publishing.markdown import bullets, code, link, page, paragraph, table
from vmss_invariants.publishing.predicates import concern_of, predicate_of, source_of
from vmss_invariants.publishing.results import Results, Row
from vmss_invariants.strength import Strength
from vmss_model.editions import EDITIONS
from vmss_model.rules import RULES

DECISIONS = {
    1: "0001-request-decision-event",
    2: "0002-choices-are-data",
    3: "0003-editions-are-data",
    5: "0005-census",
    6: "0006-four-verdicts",
    8: "0008-rules-carry-ids-and-evidence",
    10: "0010-a-rollout-is-counts",
}
"""The pages of the decisions that invariants follow from, by their numbers."""


def invariant_pages(results: Results) -> dict[str, str]:
    """The pages by path."""
    pages = {f"invariants/{one.id}.md": _page(one, results) for one in INVARIANTS.values()}
    pages["invariants/index.md"] = _index(results)
    return pages


def _index(results: Results) -> str:
    rows = [
        (
            link(one.id, f"{one.id}.md"),
            one.statement,
            _strengths([row for row in results.rows if row.invariant == one.id]),
        )
        for one in INVARIANTS.values()
    ]
    counts = Counter(results.strongest(name) for name in INVARIANTS)
    summary = ", ".join(f"{counts[one.value]} {one.value}" for one in Strength if counts[one.value])
    return page(
        "Invariants",
        paragraph(
            f"{len(INVARIANTS)} invariants: {summary}, each counted by the weakest of what is known of it over the "
            "editions and kinds of group it speaks of."
        ),
        bullets(
            (
                "**proved**: z3 found it to hold for all values, with no bound on the number of instances. The proofs "
                "speak of the census and the counts of a rollout; that every step of the model is a step of these (the "
                "refinement) is exhausted to the bounds of the explorations, and tested beyond them by the state "
                "machine: so far, and no further, a proof about the counts is one about the model.",
                "**exhaustive**: within the stated bounds every world was visited that the requests of the named "
                f"{link('aspect', '../explorations.md#aspects')} reach, which are finitely many in each world, and "
                "every step from there was examined. Of what only other requests reach it says nothing.",
                "**tested**: it held in all sequences of requests that were generated.",
            )
        ),
        table(("invariant", "statement", "known"), rows),
    )


def _strengths(rows: list[Row]) -> str:
    counts = Counter(row.strength for row in rows)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{one.value} ({counts[one.value]})" for one in Strength if counts[one.value])


def _page(one: AnyInvariant, results: Results) -> str:
    rows = [row for row in results.rows if row.invariant == one.id]
    return page(
        one.id,
        paragraph(one.statement),
        "## How surely it is known",
        table(("edition", "kind of group", "known", "how"), [_strength_row(row) for row in rows]),
        _aspects(rows),
        *_theorems(rows, results),
        "## How it is checked",
        paragraph(
            "By this predicate, wherever the state machine or the explorer goes; it gives what is broken, or None. "
            "What it calls stands beside it in the code."
        ),
        code(source_of(predicate_of(one)), "python"),
        *_concern(one),
        "## What it follows from",
        bullets(_rule(rule) for rule in one.rules),
        _design(one),
        *_breaks(one, results),
    )


def _concern(one: AnyInvariant) -> Iterator[str]:
    """Which steps or groups it is examined on, in words and in code."""
    concern = concern_of(one)
    if concern is None:
        return
    what = "groups" if isinstance(one, GroupInvariant) else "steps"
    yield paragraph(f"It is examined on those {what} alone that it speaks of:")
    yield code(source_of(concern), "python")


def _strength_row(row: Row) -> tuple[str, str, str, str]:
    how = "; ".join(row.how)
    if row.parts:
        how = f"{how}; proved in part: {'; '.join(row.parts)}" if how else f"proved in part: {'; '.join(row.parts)}"
    return row.edition, f"`{row.kind}`", row.strength, how


def _aspects(rows: list[Row]) -> str:
    if all(row.strength != Strength.EXHAUSTIVE.value for row in rows):
        return ""
    aspect = link("aspect", "../explorations.md#aspects")
    return paragraph(f"The last word of a bound names the {aspect}: which requests were made.")


def _rule(rule_id: str) -> str:
    rule = RULES[rule_id]
    return f"`{rule.id}` ({', '.join(rule.sources)}; {_editions(rule.editions)}) {rule.statement}"


def _editions(names: Collection[str]) -> str:
    return "every edition" if len(names) == len(EDITIONS) else ", ".join(names)


def _design(one: AnyInvariant) -> str:
    """What it follows from in the editions of which none of its rules is."""
    editions = one.editions_without_rule
    if not editions or one.design is None:
        return ""
    where = (
        f"In {_editions(editions)} none of these is a rule; there" if one.rules else "No document has a rule for it:"
    )
    linked = [link(str(number), f"../decisions/{DECISIONS[number]}.md") for number in one.design.decisions]
    decisions = f"{'decision' if len(linked) == 1 else 'decisions'} {listed(linked)}"
    return paragraph(f"{where} it follows from the design of the model ({decisions}). {one.design.why}")


def _theorems(rows: list[Row], results: Results) -> Iterator[str]:
    named = {name for row in rows for name in (*row.how, *(part.partition(":")[0] for part in row.parts))}
    theorems = [theorem for theorem in THEOREMS if theorem.id in named]
    if not theorems:
        return
    yield "## How it is proved"
    for theorem in theorems:
        yield f"### {theorem.id}"
        yield paragraph(theorem.statement)
        if theorem.rests_on:
            yield paragraph(f"It assumes, each proved on its own: {', '.join(theorem.rests_on)}.")
        printed = results.formulas.get(theorem.id, "(not printed yet)")
        printed_from = "Printed from the terms that the solver is given, by the functions that the model runs."
        yield paragraph(f"{printed_from} {conventions(printed)}")
        yield code(printed)


_FOUND = {
    EXPLORER: "The explorer found this; with the requests and bounds that it explored nothing shorter does:",
    MACHINE: "The state machine came to this, and shortened it; something shorter may do, too:",
}
"""What is known of how short a counterexample is, by who found it."""


def _breaks(one: AnyInvariant, results: Results) -> Iterator[str]:
    broken = results.broken.get(one.id)
    yield "## What breaks it"
    if broken is None or broken.of_a_fault:
        why = BY_CONSTRUCTION.get(one.id)
        told = (
            " The model is made wrong in another way:"
            if broken is not None
            else f" No step could: {why}."
            if why
            else ""
        )
        yield paragraph(f"No [mutant of a rule](../mutants.md) was found to break it.{told}")
    if broken is None:
        return
    yield paragraph(f"{broken.what} {_FOUND[broken.by]}")
    yield code("\n".join(f"{number}. {line}" for number, line in enumerate(broken.lines)))
    yield paragraph(f"What is broken: {broken.problem}.")
    if broken.picture:
        yield "The world before the last request, with what is not at its default:"
        yield code("\n".join(broken.picture), "mermaid")


def invariant_link(name: str) -> str:
    """A link to an invariant's page, from a page beside the folder of them."""
    return link(name, f"invariants/{name}.md")


def theorem_table() -> str:
    """Every theorem, with the invariants that it is a proof of."""
    rows = [
        (
            f"`{theorem.id}`",
            theorem.statement,
            ", ".join(_proved(one, theorem) for one in theorem.proves),
            _places(theorem.where),
        )
        for theorem in THEOREMS
    ]
    return table(("theorem", "statement", "proves", "for"), rows)


def _proved(one: Proves, theorem: Theorem) -> str:
    """An invariant that a theorem proves, and where, if the theorem speaks of more places than the invariant."""
    where = theorem.where & INVARIANTS[one.invariant].where
    notes = ["in part"] if one.part else []
    notes += [_places(where)] if where != theorem.where else []
    return invariant_link(one.invariant) + (f" ({'; '.join(notes)})" if notes else "")


def _places(where: frozenset[Place]) -> str:
    ordered = sorted((edition, kind.value) for edition, kind in where)
    return "; ".join(
        f"{edition}: {', '.join(kind for _, kind in places)}"
        for edition, places in groupby(ordered, key=lambda place: place[0])
    )
