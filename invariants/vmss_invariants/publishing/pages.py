"""All pages that the command writes, by their path within `docs/`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.counting import counted
from vmss_invariants.differences import sequence, together
from vmss_invariants.exploring.aspects import MEANINGS
from vmss_invariants.mutating.equivalent import EQUIVALENT
from vmss_invariants.mutating.faults import BY_CONSTRUCTION
from vmss_invariants.publishing.disagreements import findings_page, ledger_page
from vmss_invariants.publishing.editions import edition_pages
from vmss_invariants.publishing.invariants import invariant_link, invariant_pages, theorem_table
from vmss_invariants.publishing.markdown import bullets, code, page, paragraph, table
from vmss_invariants.publishing.results import Results

NOTE = "<!-- Written by `vmss-oracle docs`: change the code or the results, not this page. -->\n"
"""What every written page begins with."""


def pages(results: Results) -> dict[str, str]:
    """Every page."""
    written = {
        **edition_pages(),
        **invariant_pages(results),
        "theorems.md": _theorems_page(),
        "explorations.md": _explorations_page(results),
        "mutants.md": _mutants_page(results),
        "differences.md": _differences_page(results),
        "findings.md": findings_page(),
        "ledger.md": ledger_page(),
    }
    return {path: NOTE + text for path, text in written.items()}


def stale_pages(folder: Path, written: Iterable[str]) -> list[str]:
    """The pages that nothing writes, by their path within `docs/`, in the folders of which every page is written."""
    there = set(written)
    wholly = sorted({path.partition("/")[0] for path in there if "/" in path})
    pages = sorted(page.relative_to(folder).as_posix() for one in wholly for page in (folder / one).rglob("*.md"))
    return [path for path in pages if path not in there]


def was_written(page: Path) -> bool:
    """Whether a page was written once, rather than put there by somebody."""
    try:
        return page.read_bytes().startswith(NOTE.encode())
    except OSError:
        return False


def _theorems_page() -> str:
    return page(
        "Theorems",
        paragraph(
            "What z3 proves, for any number of instances and for symbolic percentages, about the guards, the census "
            "and the counts of a rollout: the very functions that the model runs. Which guard stands before which "
            "change of the counts is stated once more for the proofs. That every step of the model is such a change is "
            "the refinement: it is exhausted to the bounds of the explorations, tested beyond, and not proved."
        ),
        theorem_table(),
    )


def _explorations_page(results: Results) -> str:
    counts = ("worlds", "steps", "refined", "depth")
    rows = [
        (one["configuration"], *(str(one[name]) for name in counts), "yes" if one["exhausted"] else "no")
        for one in results.explored
    ]
    return page(
        "Explorations",
        paragraph(
            "In each world the requests of an aspect are made, which are families out of a finite menu, and every "
            "choice that the answer leaves is taken; every invariant is examined on every step. What lies within the "
            "bounds is followed until nothing is new. Then all worlds are visited that these requests reach within "
            "these bounds, and the exploration is exhausted; of worlds that only other requests reach, or larger "
            "groups, it says nothing. Worlds that differ only by names of interchangeable things count as one. Those "
            "steps that change something, and refusals by health gates, were refined: held against the steps of the "
            "counts that the proofs speak of."
        ),
        paragraph(
            "A canonical world is made again from what it holds, and most do not hold what is over: ids and names "
            "that were used before, NICs and disks that deleted VMs left, superseded states, and rollouts that "
            "ended. Explorations of the aspects `turnover`, `superseded` and `history` do; what is said of it counts "
            "as examined in those alone."
        ),
        "## Aspects",
        paragraph("What happens in an exploration, by the last word of its configuration:"),
        bullets(f"`{name}`: {meaning}." for name, meaning in MEANINGS.items()),
        "## What was explored",
        table(("configuration", *counts, "exhausted"), rows),
    )


def _with_reason(one: Mapping[str, Any]) -> Mapping[str, Any]:
    """A mutant that nobody noticed, as equivalent where that was found out since."""
    reason = EQUIVALENT.get(one["id"])
    return {**one, "status": "equivalent", "reason": reason} if one["status"] == "survived" and reason else one


def _mutants_page(results: Results) -> str:
    mutants = [_with_reason(one) for one in results.mutants]
    counts = Counter(one["status"] for one in mutants)
    rows = []
    for rule in dict.fromkeys(one["rule"] for one in mutants):
        of_rule = [one for one in mutants if one["rule"] == rule]
        by = Counter(name for one in of_rule for name in one["by"])
        statuses = Counter(one["status"] for one in of_rule)
        rows.append(
            (
                f"`{rule}`",
                str(len(of_rule)),
                str(statuses["noticed"]),
                str(statuses["equivalent"]),
                str(statuses["survived"]),
                ", ".join(f"{name} {count}" for name, count in sorted(by.items())),
            )
        )
    parts = [
        paragraph(
            f"Every rule broken in small ways: {len(mutants)} mutants, {counts['noticed']} noticed, "
            f"{counts['equivalent']} equivalent, {counts['survived']} survived. Who noticed it first is listed; "
            "the cheap ones are asked first, the others only where they see nothing."
        ),
        table(("rule", "mutants", "noticed", "equivalent", "survived", "by"), rows),
    ]
    for status, title in (("equivalent", "Equivalent"), ("survived", "Survived")):
        some = [one for one in mutants if one["status"] == status]
        if some:
            parts.append(f"## {title}")
            parts.append(bullets(f"`{one['id']}`: {one['what']} {one.get('reason', '')}" for one in some))
    parts.extend(_what_breaks_invariants(results))
    return page("Mutants", *parts)


def _what_breaks_invariants(results: Results) -> Iterator[str]:
    """By what each invariant is seen to fail: mutants of rules, or faults in how worlds change."""
    faults = {name: one for name, one in sorted(results.broken.items()) if one.of_a_fault}
    by_mutants = len(results.broken) - len(faults)
    yield "## Invariants that no mutant breaks"
    yield paragraph(
        f"Of {len(INVARIANTS)} invariants mutants break {by_mutants}, each shown on its page. Most others hold "
        "whatever any one rule says, since it is how worlds change that keeps them. Faults show that these can fail, "
        "too: the model is made wrong in one place, and what follows is searched for as it is for a mutant."
    )
    rows = [(invariant_link(name), one.what, one.by) for name, one in faults.items()]
    yield table(("invariant", "what is wrong", "found by"), rows)
    yield bullets(f"{invariant_link(name)} no step could break: {why}." for name, why in BY_CONSTRUCTION.items())


def _differences_page(results: Results) -> str:
    neighbours = [one for one in results.differences if one["neighbours"]]
    others = [one for one in results.differences if not one["neighbours"]]
    return page(
        "Differences between editions",
        paragraph(
            "Each edition and the next: the values that differ, and every differing rule, which is one that only one "
            "of the two has or that states a differing value. A rule is shown by the shortest sequence of requests "
            "that was found after which one edition decides by it and the other decides otherwise. Searched are "
            "requests of all sorts within small bounds, breadth first; rollouts beyond them are whole ways with "
            "all left out that is not needed."
        ),
        paragraph(
            "A sequence begins in a new world, in whose region westus there are five fault domains. `first in` says "
            "what prepares the world of one edition. Both editions are asked for each request, by their own name of "
            "the kind of group where they have different ones. After `->` stands what the platform picks where it has "
            "a choice, and which edition does not grant a request: its world stays as it is. `or refused` says that "
            "the documents allow both. Of what grants a request the rules are named that the other edition does not "
            "grant it by."
        ),
        *(part for one in neighbours for part in _difference(one)),
        "## Editions that do not follow each other" if others else "",
        paragraph(
            "For these pairs the rules are named by how the two decide, with how many requests that takes. The "
            "requests are shown by `vmss-oracle diff A B`."
        )
        if others
        else "",
        *(part for one in others for part in _difference_in_short(one)),
    )


def _difference(one: Mapping[str, Any]) -> Iterator[str]:
    first, second = one["first"], one["second"]
    yield f"## {first} and {second}"
    yield paragraph(_how_many(one))
    if one["values"]:
        yield table(
            ("kind of group", "value", first, second, "rules"),
            (
                (
                    " ~ ".join(dict.fromkeys(value["kinds"])) if value["kinds"] else "all",
                    value["name"],
                    value[first],
                    value[second],
                    _names(value["rules"]),
                )
                for value in one["values"]
            ),
        )
    for alike in together(one["shown"]):
        yield from _shown(alike)
    yield from _unshown(one)


def _how_many(one: Mapping[str, Any]) -> str:
    return f"{counted(len(one['rules']), 'rule')} differ; {len(one['shown'])} are shown by requests."


def _shown(alike: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    one = alike[0]
    again = "".join(
        f" `{shown['rule']}` says again what `{shown['restates']}` says." for shown in alike if shown["restates"]
    )
    yield paragraph(f"**{_names(shown['rule'] for shown in alike)}**: {one['sentence']}.{again}")
    says = f"{one['edition']}: {one['says']}", f"{one['other']}: {one['other_says']}"
    yield code("\n".join((*sequence(one), *says)))


def _unshown(one: Mapping[str, Any]) -> Iterator[str]:
    if one["unshown"]:
        yield paragraph("Without a request that shows them:")
        yield bullets(f"`{rule['rule']}`: {rule['why']}" for rule in one["unshown"])


def _difference_in_short(one: Mapping[str, Any]) -> Iterator[str]:
    yield f"### {one['first']} and {one['second']}"
    yield paragraph(_how_many(one))
    rules: dict[str, list[str]] = {}
    for shown in one["shown"]:
        rules.setdefault(shown["sentence"], []).append(f"`{shown['rule']}` ({shown['requests']})")
    yield table(("how they decide", "rules (requests)"), ((how, ", ".join(named)) for how, named in rules.items()))
    yield from _unshown(one)


def _names(rules: Iterable[str]) -> str:
    return ", ".join(f"`{rule}`" for rule in rules)
