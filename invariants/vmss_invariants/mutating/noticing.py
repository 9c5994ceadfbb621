"""Who notices a mutant: the state machine with its tour, the proofs, the explorer, or judged recordings.

A mutant is noticed where an invariant that held is broken, where the model raises, where a proof fails, or
where recordings of the real service no longer conform. It runs in a process of its own: one that never comes
to an end is noticed too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from attrs import frozen

from vmss_invariants.mutating.equivalent import EQUIVALENT
from vmss_invariants.mutating.exploring import explorations_for
from vmss_invariants.mutating.isolated import isolated
from vmss_invariants.mutating.mutant import Mutant
from vmss_invariants.walking import first_broken
from vmss_model.editions import EDITIONS
from vmss_model.oracle.finding import Verdict
from vmss_model.oracle.judge import judge_paths
from vmss_model.oracle.ledger import bundled_ledger

if TYPE_CHECKING:
    from vmss_invariants.exploring import Exploration, Violation

MACHINE, PROOF, EXPLORER, RECORDINGS = "state machine", "proof", "explorer", "recordings"
"""Who can notice a mutant."""
EXAMPLES = 12
"""Runs of the state machine for each edition and kind of group."""
LONGEST = 120
"""After so many seconds a mutant that has not come to an end counts as one that hangs."""


@frozen
class Notice:
    """Somebody noticed a mutant."""

    by: str
    """Who."""
    what: str
    """What was seen, in a line: the invariant, the theorem, the exchange."""
    lines: tuple[str, ...] = ()
    """The fewest requests that show it, and last what is broken; empty where they were not looked for."""
    picture: tuple[str, ...] = ()
    """The world in which the last of them is made, as the lines of a Mermaid diagram."""


@frozen
class Noticed:
    """A mutant and who noticed it."""

    mutant: Mutant
    """The mutant."""
    notices: tuple[Notice, ...]
    """Who noticed it first; empty where nobody did."""

    @property
    def status(self) -> str:
        """`noticed`, `equivalent` (it changes nothing that any rule speaks of), or `survived`."""
        if self.notices:
            return "noticed"
        return "equivalent" if self.mutant.id in EQUIVALENT else "survived"

    def to_json(self) -> dict[str, object]:
        """The row of the table, for programs."""
        reason = EQUIVALENT.get(self.mutant.id)
        return {
            "id": self.mutant.id,
            "rule": self.mutant.rule,
            "operator": self.mutant.operator.value,
            "what": self.mutant.what,
            "status": self.status,
            "by": [notice.by for notice in self.notices],
            "seen": [notice.what for notice in self.notices],
            **({"reason": reason} if self.status == "equivalent" and reason is not None else {}),
        }


def noticed_by_walking(mutant: Mutant) -> Iterator[Notice]:
    """What the state machine and the tour see, in the first edition and kind of group in which they see it."""
    for name, kind in mutant.kinds:
        try:
            broken = first_broken(mutant.broken(EDITIONS[name]), kind, EXAMPLES)
        except Exception as error:
            # Whatever a broken rule leads to is what is looked for.
            yield Notice(MACHINE, f"{type(error).__name__} in {name} {kind.value}")
            return
        if broken is not None:
            yield Notice(MACHINE, broken.invariant_id)
            return


def noticed_by_proofs(mutant: Mutant) -> Iterator[Notice]:
    """The first theorem that fails, where what is broken is a guard or a count that theorems speak of."""
    if mutant.of_code and not mutant.of_code.startswith(_PROVED):
        return
    from vmss_invariants.proving.prover import Result, prove  # noqa: PLC0415 - the solver is loaded where it is used
    from vmss_invariants.proving.theorems import THEOREMS  # noqa: PLC0415 - as above

    with _editions_of(mutant):
        for theorem in THEOREMS:
            for edition, kind in sorted(theorem.where & frozenset(mutant.kinds), key=str)[:_MOST_PLACES]:
                try:
                    failed = prove(theorem, edition, kind).result is Result.REFUTED
                except Exception as error:
                    # As when walking: a broken rule may lead anywhere.
                    yield Notice(PROOF, f"{theorem.id} ({type(error).__name__})")
                    return
                if failed:
                    yield Notice(PROOF, theorem.id)
                    return


_PROVED = ("vmss_model.guards.", "vmss_model.census.", "vmss_model.rollout.", "vmss_model.placement_counts.")
"""The modules of which the proofs run the code."""
_MOST_PLACES = 1
"""For how many kinds of group a theorem is tried: a guard is the same one for all."""


def noticed_by_exploring(mutant: Mutant) -> Iterator[Notice]:
    """The first invariant that small explorations find broken, with a shortest counterexample."""
    try:
        for found in _explorations(mutant, EXPLORED, EXPLORED, to_the_first=True):
            if found.violations:
                yield noticed_in(min(found.violations, key=lambda one: len(one.lines)))
                return
    except _RaisedError as raised:
        yield Notice(EXPLORER, str(raised))


def all_broken_by_exploring(mutant: Mutant) -> tuple[Notice, ...]:
    """Every invariant that small explorations find broken, each with a shortest counterexample of the first of them."""
    broken: dict[str, Notice] = {}
    try:
        for found in _explorations(mutant, _FURTHER, _OF_EACH, to_the_first=False):
            for one in found.violations:
                broken.setdefault(one.invariant, noticed_in(one))
    except _RaisedError:
        # Where a broken rule leads to an error there is no more to see.
        pass
    return tuple(broken.values())


EXPLORED = 100_000
"""In how many steps a mutant is looked for: not in how many seconds, so that any machine finds the same."""
_FURTHER, _OF_EACH = 10_000, 1_500
"""In how many steps it is looked for what else a mutant breaks: in all explorations, and in each of them."""
_SLOW = 60.0
"""How long that may take all the same (seconds), half of what counts as hanging: a broken rule may make steps long."""


class _RaisedError(Exception):
    """An exploration of a mutant raised an error: whatever a broken rule leads to is what is looked for."""


def _explorations(mutant: Mutant, steps: int, of_each: int, *, to_the_first: bool) -> Iterator[Exploration]:
    """The small explorations of a mutant, of so many steps together, and at most so many of each."""
    from vmss_invariants.exploring import explore  # noqa: PLC0415 - only where it is used

    seconds = _SLOW
    with _editions_of(mutant):
        for configuration in explorations_for(mutant):
            if steps <= 0 or seconds <= 0:
                return
            try:
                most = min(steps, of_each)
                found = explore(configuration, limit_steps=most, limit_seconds=seconds, to_the_first=to_the_first)
            except Exception as error:
                place = f"{configuration.edition} {configuration.kind.value}"
                raise _RaisedError(f"{type(error).__name__} in {place}") from error
            steps, seconds = steps - found.steps, seconds - found.seconds
            yield found


def noticed_in(broken: Violation) -> Notice:
    """What the explorer noticed, with the requests that show it."""
    return Notice(EXPLORER, broken.invariant, (*broken.lines, broken.problem), broken.picture)


@contextmanager
def _editions_of(mutant: Mutant) -> Iterator[None]:
    """Everybody who asks for an edition by its name gets the mutant's."""
    broken = {name: mutant.broken(EDITIONS[name]) for name in mutant.editions}
    if all(broken[name] is EDITIONS[name] for name in broken):
        yield
        return
    replaced = MappingProxyType({**EDITIONS, **broken})
    holders = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("vmss_") and vars(module).get("EDITIONS") is EDITIONS
    ]
    originals = [(module, vars(module)["EDITIONS"]) for module in holders]
    for module in holders:
        vars(module)["EDITIONS"] = replaced
    try:
        yield
    finally:
        for module, original in originals:
            vars(module)["EDITIONS"] = original


def decided_in(recordings: Iterable[Path]) -> Mapping[str, int]:
    """How many recorded exchanges each rule decides."""
    return judge_paths(list(recordings), None, bundled_ledger()).rules


def noticed_in_recordings(mutant: Mutant, recordings: Iterable[Path], usual: Mapping[str, int]) -> Iterator[Notice]:
    """The first exchange that no longer conforms, the ledger entry that nothing is left of, or the rule that decides
    more or fewer exchanges than usual."""
    ledger = bundled_ledger()
    try:
        with _editions_of(mutant):
            report = judge_paths(list(recordings), None, ledger)
    except Exception as error:
        # As when walking: a broken rule may lead anywhere.
        yield Notice(RECORDINGS, f"{type(error).__name__} while they are judged")
        return
    used: set[str] = set()
    for recording in report.recordings:
        for exchange in recording.findings:
            if exchange.ledger_entry is not None:
                used.add(exchange.ledger_entry)
            elif exchange.finding.verdict is Verdict.VIOLATES:
                yield Notice(RECORDINGS, f"{recording.name} step {exchange.step}")
                return
    stale = sorted(entry.id for entry in ledger.entries if not any(entry.id in one for one in used))
    if stale:
        yield Notice(RECORDINGS, f"ledger entry {stale[0]} matches nothing")
        return
    found = report.rules
    for rule in sorted(usual.keys() | found.keys()):
        if usual.get(rule, 0) != found.get(rule, 0):
            yield Notice(RECORDINGS, f"{rule} decides {found.get(rule, 0)} exchanges, not {usual.get(rule, 0)}")
            return


Looker = Callable[[Mutant], Iterator[Notice]]
"""Looks whether somebody notices a mutant; gives at most one notice."""


def noticed(mutant: Mutant, lookers: Iterable[Looker], longest: float = LONGEST) -> Noticed:
    """Who notices a mutant first: each looker in a process of its own, one after another until one does."""
    for looker in lookers:
        notices = _in_a_process(mutant, looker, longest)
        if notices:
            return Noticed(mutant, notices)
    return Noticed(mutant, ())


def _in_a_process(mutant: Mutant, looker: Looker, longest: float) -> tuple[Notice, ...]:
    def look() -> tuple[Notice, ...]:
        with mutant.patch():
            return tuple(looker(mutant))

    return isolated(
        look,
        longest,
        endless=(Notice(looker_name(looker), f"no end within {longest:g} seconds"),),
        broken_off=(Notice(looker_name(looker), "the process broke off"),),
    )


def looker_name(looker: Looker) -> str:
    """Who it is that looks: one of the four, or else what it is called in the code."""
    function = looker.func if isinstance(looker, partial) else looker
    return _LOOKERS.get(function) or str(getattr(function, "__name__", function))


_LOOKERS: Mapping[Callable[..., Iterator[Notice]], str] = MappingProxyType(
    {
        noticed_by_walking: MACHINE,
        noticed_by_proofs: PROOF,
        noticed_by_exploring: EXPLORER,
        noticed_in_recordings: RECORDINGS,
    }
)
"""The lookers, each with who it is."""
