"""Theorems about the counts of a rollout: batches, gates, progress, and that it comes to an end.

Percentages are symbols too, from 0 to 100. The automatic upgrade's own 20 percent stand here as a number, so
that an edition with another one is refuted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import z3

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.invariant import Place
from vmss_invariants.predicates_rollout_base import COUNTED
from vmss_invariants.proving import census_steps, rollout_steps
from vmss_invariants.proving.rollout_steps import (
    ABSENT,
    BATCH_MOVES,
    FAILED,
    GROWING_MOVES,
    IN_PROGRESS,
    MOVES,
    OUTSIDE,
    PENDING,
    SETTLING_MOVES,
    RolloutCounts,
    possible_progress,
)
from vmss_invariants.proving.symbols import Sketch, some_counts, some_policy, some_rollout, some_share
from vmss_invariants.proving.theorem import (
    Claim,
    Proves,
    Theorem,
    automatic_at,
    keeps,
    rollout_batches,
    rollout_begins,
    rollout_claim,
    rollout_moves,
    terms_of,
)
from vmss_model import guards
from vmss_model.copying import evolve
from vmss_model.editions import EDITIONS
from vmss_model.rollout import Progress
from vmss_model.terms import Number, Truth, all_of, any_of, floor_div, implies, negation
from vmss_model.values import Stage

PERCENT = 20
"""The most instances of a batch, and the most unhealthy ones, of an automatic upgrade (percent)."""
HISTORY = 5
"""The most attempts that a history holds."""
WAIT = 300
"""How long an upgraded instance has to become healthy (seconds)."""

_ROLLOUTS: frozenset[Place] = frozenset(
    (one.name, kind) for one in EDITIONS.values() if one.upgrades is not None for kind in one.upgrades.kinds
)
_AUTOMATIC: frozenset[Place] = frozenset(place for place in _ROLLOUTS if automatic_at(place) is not None)


def _measure(counts: RolloutCounts) -> Number:
    progress = counts.rollout.progress
    return guards.rollout_measure(progress.in_progress, progress.pending)


def _sums(counts: RolloutCounts) -> Truth:
    progress = counts.rollout.progress
    return guards.progress_sums(
        progress.successful, progress.failed, progress.in_progress, progress.pending, counts.scope
    )


# -- progress --------------------------------------------------------------------------------------


def _possible(place: Place) -> Iterator[Claim]:
    yield from keeps(place, possible_progress, lambda _: True)


def _progress_sums(place: Place) -> Iterator[Claim]:
    yield from keeps(place, _sums)


def _one_by_one(_place: Place) -> Iterator[Claim]:
    """Moving so many instances at once is moving them one by one."""
    for was, now in BATCH_MOVES:
        sketch = Sketch()
        progress = Progress(**{name: sketch.number(name) for name in COUNTED})
        size = sketch.number("size", 0)
        assert was.stage is not None
        assert now.stage is not None
        one_more = progress.moved(was.stage, now.stage, size).moved(was.stage, now.stage)
        at_once = progress.moved(was.stage, now.stage, size + 1)
        none = progress.moved(was.stage, now.stage, 0)
        follows = all_of(_same(one_more, at_once), _same(none, progress))
        yield Claim(about=f"{was} to {now}", known=tuple(sketch.known), follows=follows, shown=sketch.symbols)


def _same(one: Progress, other: Progress) -> Truth:
    return all_of(
        one.successful == other.successful,
        one.failed == other.failed,
        one.in_progress == other.in_progress,
        one.pending == other.pending,
    )


def _recount(_place: Place) -> Iterator[Claim]:
    """Each instance is counted where it stands, whatever it went through and in which order."""
    sketch = Sketch()
    progress = Progress(**{name: sketch.number(name) for name in COUNTED})
    known, one, other = tuple(sketch.known), sketch.number("one"), sketch.number("other")
    for was, now in itertools.permutations(Stage, 2):
        there_and_back = progress.moved(was, now, one).moved(now, was, one)
        by_way = [progress.moved(was, by, one).moved(by, now, one) for by in Stage]
        forth = progress.moved(was, now, one).moved(now, was, other)
        back = progress.moved(now, was, other).moved(was, now, one)
        follows = all_of(
            _same(there_and_back, progress),
            *(_same(detour, progress.moved(was, now, one)) for detour in by_way),
            _same(forth, back),
        )
        yield Claim(about=f"{was.value} to {now.value}", known=known, follows=follows, shown=sketch.symbols)


def _moves_with_members(place: Place) -> Iterator[Claim]:
    """Each count changes by who came to stand there and who stood there; a deleted one stays among what was done."""
    for was, now in MOVES:
        ((sketch, step),) = rollout_moves(((was, now),))
        before, after = step.before.rollout.progress, step.after.rollout.progress
        stays = now.stage is None and was.stage in (Stage.SUCCESSFUL, Stage.FAILED)
        changes = all_of(
            *(
                getattr(after, name)
                == getattr(before, name) + (now.stage is stage) - (was.stage is stage and not stays)
                for name, stage in COUNTED.items()
            ),
            step.after.rollout.relapsed == step.before.rollout.relapsed + now.relapsed - was.relapsed,
        )
        yield rollout_claim(sketch, step, changes)
    for sketch, step in rollout_batches(place):
        before, after, size = step.before.rollout.progress, step.after.rollout.progress, sketch.symbols["size"]
        changes = all_of(
            after.pending == before.pending - size,
            after.in_progress + after.failed == before.in_progress + before.failed + size,
            after.successful == before.successful,
        )
        yield rollout_claim(sketch, step, changes)


def _begins_with_nothing(_place: Place) -> Iterator[Claim]:
    """So many are due: those who are counted, one after the other, from nothing on."""
    for with_policy in (True, False):
        sketch, step = rollout_begins(with_policy=with_policy)
        progress = step.after.rollout.progress
        follows = all_of(
            progress.successful == 0,
            progress.failed == 0,
            progress.in_progress == 0,
            progress.pending == sketch.symbols["due"],
            step.after.members == step.before.members,
        )
        about = "with a policy" if with_policy else "without one"
        yield Claim(
            about=about,
            known=(*sketch.known, step.allowed),
            follows=follows,
            shown=sketch.symbols,
            after=terms_of(step.after),
        )
    for standing in (PENDING, OUTSIDE):
        sketch = Sketch()
        counts, due = some_rollout(sketch, None), sketch.number("due", 0)
        begun = rollout_steps.begun(counts, due)
        counted = rollout_steps.moved(begun.after, ABSENT, standing).after.rollout
        with_it = rollout_steps.begun(counts, due + (standing is PENDING)).after.rollout
        follows = all_of(_same(counted.progress, with_it.progress), counted.relapsed == with_it.relapsed)
        about = f"one member more is counted, which is {standing}"
        yield Claim(about=about, known=tuple(sketch.known), follows=follows, shown=sketch.symbols)


def _restored_or_counted(place: Place) -> Iterator[Claim]:
    """Of a rollout that restores; of another both counts stay zero. By an event it stays one or the other."""
    automatic = automatic_at(place)
    assert automatic is not None

    def holds(counts: RolloutCounts) -> Truth:
        rollout = counts.rollout
        brought = rollout.restored + rollout.not_restored
        failed = rollout.progress.failed
        of_it = all_of(brought <= failed, any_of(counts.error, brought == failed))
        nothing = all_of(rollout.restored == 0, rollout.not_restored == 0)
        return any_of(all_of(rollout.restores, of_it), all_of(negation(rollout.restores), nothing))

    sketch, begun = rollout_begins()
    yield rollout_claim(sketch, begun, holds(begun.after))
    others = tuple(move for move in MOVES if move not in ((IN_PROGRESS, FAILED), (PENDING, FAILED)))
    for sketched, step in (*rollout_moves(others), *rollout_batches(place)):
        yield rollout_claim(sketched, step, holds(step.after), holds(step.before))
    how = {True: "and restored", False: "and could not be restored", None: "as it is"}
    for restored, in_words in how.items():
        sketch = Sketch()
        step = rollout_steps.given_up(some_rollout(sketch, None), automatic.wait, restored=restored)
        named = evolve(step, name=f"{step.name} {in_words}")
        yield rollout_claim(sketch, named, holds(step.after), holds(step.before))


def _downtime(_place: Place) -> Iterator[Claim]:
    sketch = Sketch()
    running, taken = sketch.number("running", 0), sketch.number("taken", 0)
    known = (*sketch.known, taken <= running)
    follows = guards.keeps_some_running(taken, running) == any_of(running == 0, running - taken > 0)
    yield Claim(about="a step of a plan", known=known, follows=follows, shown=sketch.symbols)


def _done_stays(place: Place) -> Iterator[Claim]:
    for sketch, step in (*rollout_moves(), *rollout_batches(place)):
        before, after = step.before.rollout.progress, step.after.rollout.progress
        yield rollout_claim(sketch, step, all_of(after.successful >= before.successful, after.failed >= before.failed))


def _measure_falls(place: Place) -> Iterator[Claim]:
    sketch, begun = rollout_begins()
    known = (*sketch.known, begun.allowed)
    follows = all_of(_measure(begun.after) >= 0, _measure(begun.after) <= 2 * begun.after.members)
    yield Claim(about=begun.name, known=known, follows=follows, shown=sketch.symbols)
    for sketch, step in (*rollout_moves((*BATCH_MOVES, *SETTLING_MOVES)), *rollout_batches(place)):
        before, after = _measure(step.before), _measure(step.after)
        yield rollout_claim(sketch, step, all_of(after < before, after >= 0))
    others = tuple(move for move in MOVES if move not in (*BATCH_MOVES, *SETTLING_MOVES, *GROWING_MOVES))
    for sketch, step in rollout_moves(others):
        yield rollout_claim(sketch, step, _measure(step.after) <= _measure(step.before))


def _never_stuck(place: Place) -> Iterator[Claim]:
    """Once the pause is over there is a batch of one, or the rollout can end; a batch under way can be settled."""
    automatic = automatic_at(place)
    for spares_some in (True, False) if automatic is not None else (False,):
        sketch = Sketch()
        counts = some_rollout(sketch, some_policy(sketch))
        cancelled = sketch.truth("cancelled")
        batch = rollout_steps.batch_started(counts, 1, spares_some=spares_some, cancelled=cancelled)
        end = rollout_steps.ended(counts, None, stopped=cancelled)
        settled = counts.rollout.progress.in_progress == 0
        known = (*sketch.known, possible_progress(counts), settled, counts.clock >= counts.rollout.ready_at)
        about = f"no batch under way, {'some are spared' if spares_some else 'all may be taken'}"
        yield Claim(about=about, known=known, follows=any_of(batch.allowed, end.allowed), shown=sketch.symbols)
    sketch = Sketch()
    counts = some_rollout(sketch, None)
    wait = None if automatic is None else automatic.wait
    given_up = any_of(*(rollout_steps.given_up(counts, wait, restored=how).allowed for how in (True, None)))
    known = (
        *sketch.known,
        possible_progress(counts),
        counts.rollout.progress.in_progress > 0,
        counts.clock >= counts.rollout.batch_started_at + WAIT,
    )
    yield Claim(about="a batch under way", known=known, follows=given_up, shown=sketch.symbols)


# -- batches ---------------------------------------------------------------------------------------


def _cap(place: Place) -> Iterator[Claim]:
    """A batch, and so what is in progress until the next, is never more than its percentage, or one."""
    for sketch, step in rollout_batches(place):
        policy = step.before.rollout.policy
        if policy is None:
            continue
        size, members = sketch.symbols["size"], step.before.members
        percent = policy.max_batch_percent
        follows = all_of(
            size >= 1,
            any_of(size == 1, size * 100 <= percent * members),
            step.after.rollout.progress.in_progress <= size,
        )
        yield rollout_claim(sketch, step, follows)
    for sketch, step in rollout_moves(tuple(move for move in MOVES if move not in BATCH_MOVES)):
        follows = step.after.rollout.progress.in_progress <= step.before.rollout.progress.in_progress
        yield rollout_claim(sketch, step, follows)


def _automatic_cap(place: Place) -> Iterator[Claim]:
    """With the automatic upgrade's own percentages: at most a fifth, or one, and never all of more than one."""
    automatic = automatic_at(place)
    assert automatic is not None
    own = rollout_steps.platforms_policy(automatic.percent)
    sketch = Sketch()
    size = sketch.number("size")
    step = rollout_steps.batch_started(some_rollout(sketch, own), size, spares_some=True)
    members = step.before.members
    follows = all_of(
        any_of(size == 1, size * 100 <= PERCENT * members),
        implies(members > 1, size < members),
    )
    yield rollout_claim(sketch, step, follows)


def _exact_cap(_place: Place) -> Iterator[Claim]:
    """The cap is itself a batch size, and one more is not: it is the largest number within the percentage."""
    sketch = Sketch()
    members, percent = sketch.number("members", 1), sketch.number("percent", 0, 100)
    cap = guards.batch_cap(members, percent)
    exact = any_of(cap == 1, cap * 100 <= percent * members)
    largest = (cap + 1) * 100 > percent * members
    known = tuple(sketch.known)
    yield Claim(about="within the percentage", known=known, follows=all_of(cap >= 1, exact), shown=sketch.symbols)
    yield Claim(about="no larger one is", known=known, follows=largest, shown=sketch.symbols)
    sizes = all_of(
        guards.batch_size_allowed(cap, cap),
        z3.Not(guards.batch_size_allowed(cap + 1, cap)),
        z3.Not(guards.batch_size_allowed(0, cap)),
    )
    yield Claim(about="a batch may be as large", known=known, follows=sizes, shown=sketch.symbols)
    yield Claim(about="no more than there are", known=known, follows=cap <= members, shown=sketch.symbols)


def _down(place: Place) -> Iterator[Claim]:
    """`taken` instances of the batch were changed so far; `up_before` were up when it started."""
    sketch = Sketch()
    counts = some_counts(sketch)
    was = some_share(sketch, "was")
    now = some_share(sketch, "is", same_place_as=was)
    taken, up_before = sketch.number("taken", 0), sketch.number("up_before", 0)
    step = census_steps.changed(counts, was, now)
    known = (*sketch.known, step.allowed, up_before - taken <= step.before.census.up)
    follows = up_before - (taken + 1) <= step.after.census.up
    yield Claim(about="an instance of the batch", known=known, follows=follows, shown=sketch.symbols)
    yield from _cap(place)


def _one_place(place: Place) -> Iterator[Claim]:
    """`in_flight[p]` are the instances of the batch in place p: all of them are where it works."""

    def here_alone(loads: object, where: Number, progress: Progress) -> Truth:
        index = z3.FreshInt("i")
        elsewhere = z3.ForAll([index], z3.Implies(index != where, loads[index] == 0))  # type: ignore[index]
        return z3.And(elsewhere, loads[where] == progress.in_progress)  # type: ignore[index] # an array of z3

    def flight(sketch: Sketch) -> tuple[object, Number]:
        places = sketch.number("places", 1)
        where = sketch.number("batch_at", 0)
        sketch.known.append(where < places)
        return sketch.family("in_flight", places), where

    for sketch, step in rollout_batches(place):
        loads, where = flight(sketch)
        chosen = sketch.number("next_batch_at", 0)
        sketch.known.append(chosen < sketch.symbols["places"])
        more = step.after.rollout.progress.in_progress - step.before.rollout.progress.in_progress
        after = loads.bumped(chosen, more)  # type: ignore[attr-defined] # a family of z3 terms
        before = here_alone(loads, where, step.before.rollout.progress)
        yield rollout_claim(sketch, step, here_alone(after, chosen, step.after.rollout.progress), before)
    for was, now in MOVES:
        if was is not IN_PROGRESS or now is IN_PROGRESS:
            continue
        ((sketch, step),) = rollout_moves(((was, now),))
        loads, where = flight(sketch)
        its = sketch.number("its_place", 0)
        sketch.known.append(its < sketch.symbols["places"])
        after = loads.bumped(its, -1)  # type: ignore[attr-defined] # as above
        before = all_of(here_alone(loads, where, step.before.rollout.progress), loads[its] >= 1)  # type: ignore[index]
        yield rollout_claim(sketch, step, here_alone(after, where, step.after.rollout.progress), before)


# -- gates -----------------------------------------------------------------------------------------


def _exact_gate(name: str) -> Callable[[Place], Iterator[Claim]]:
    """The gate of this name among the guards, which is looked up when it is to be proved about."""

    def claims(place: Place) -> Iterator[Claim]:
        gate: Callable[[Number, Number, Number], Truth] = getattr(guards, name)
        sketch = Sketch()
        ill, whole = sketch.number("unhealthy", 0), sketch.number("of", 0)
        percent = sketch.number("percent", 0, 100)
        most = floor_div(whole * percent, 100)
        follows = gate(ill, whole, percent) == (ill <= most)
        yield Claim(about="any percentage", known=tuple(sketch.known), follows=follows, shown=sketch.symbols)
        automatic = automatic_at(place)
        if automatic is None:
            return
        fifths = sketch.number("fifths", 0)
        exactly = gate(fifths, 5 * fifths, automatic.percent)
        beyond = gate(fifths + 1, 5 * fifths, automatic.percent)
        follows = all_of(exactly, z3.Not(beyond))
        known = tuple(sketch.known)
        yield Claim(about="exactly a fifth, and no more", known=known, follows=follows, shown=sketch.symbols)

    return claims


def _begins_in_health(_place: Place) -> Iterator[Claim]:
    sketch, step = rollout_begins()
    policy = step.before.rollout.policy
    assert policy is not None
    most = floor_div(step.before.members * policy.max_unhealthy_percent, 100)
    known = (*sketch.known, step.allowed)
    yield Claim(about=step.name, known=known, follows=step.before.unhealthy <= most, shown=sketch.symbols)


def _batches_in_health(place: Place) -> Iterator[Claim]:
    for sketch, step in rollout_batches(place):
        policy = step.before.rollout.policy
        if policy is None:
            continue
        progress, relapsed = step.before.rollout.progress, step.before.rollout.relapsed
        overall = floor_div(step.before.members * policy.max_unhealthy_percent, 100)
        upgraded = floor_div((progress.successful + progress.failed) * policy.max_unhealthy_upgraded_percent, 100)
        follows = all_of(step.before.unhealthy <= overall, progress.failed + relapsed <= upgraded)
        yield rollout_claim(sketch, step, follows)


def _batches_wait(place: Place) -> Iterator[Claim]:
    for sketch, step in rollout_batches(place):
        rollout = step.before.rollout
        follows = all_of(
            rollout.progress.in_progress == 0,
            step.before.clock >= rollout.ready_at,
            step.after.rollout.batch_started_at == step.before.clock,
        )
        yield rollout_claim(sketch, step, follows)


def _given_up_in_time(place: Place) -> Iterator[Claim]:
    automatic = automatic_at(place)
    assert automatic is not None
    sketch = Sketch()
    step = rollout_steps.given_up(some_rollout(sketch, None), automatic.wait, restored=True)
    follows = step.before.clock - step.before.rollout.batch_started_at >= WAIT
    yield rollout_claim(sketch, step, follows)


# -- the end ---------------------------------------------------------------------------------------


def _history(place: Place) -> Iterator[Claim]:
    automatic = automatic_at(place)
    assert automatic is not None
    sketch = Sketch()
    step = rollout_steps.ended(some_rollout(sketch, some_policy(sketch)), automatic.history_most)
    before, after = step.before.attempts, step.after.attempts
    # The newest are kept, and none of them is dropped before there are five.
    follows = all_of(after <= HISTORY, any_of(after == HISTORY, after == before + 1))
    yield rollout_claim(sketch, step, follows, before <= HISTORY)


def _ends_only_then(_place: Place) -> Iterator[Claim]:
    """While instances are left, nothing is above its gate and nobody cancelled, the rollout goes on."""
    sketch = Sketch()
    counts = some_rollout(sketch, some_policy(sketch))
    step = rollout_steps.ended(counts, None)
    calm = evolve(step, allowed=all_of(step.allowed, rollout_steps.gates_hold(counts), negation(counts.error)))
    progress = counts.rollout.progress
    follows = all_of(progress.pending == 0, progress.in_progress == 0, _measure(counts) == 0)
    yield rollout_claim(sketch, calm, follows)


ROLLOUT_THEOREMS: tuple[Theorem, ...] = (
    Theorem(
        id="progress-stays-possible",
        statement="No count of a rollout becomes negative, those not upgraded are members, relapsed ones successful.",
        rules=("OSU-PROGRESS",),
        where=_ROLLOUTS,
        claims=_possible,
    ),
    Theorem(
        id="batches-move-as-instances-do",
        statement="Moving a batch at once changes the progress as moving its instances one by one.",
        rules=("OSU-PROGRESS", "UPGRADE-ROLLING"),
        where=_ROLLOUTS,
        claims=_one_by_one,
    ),
    Theorem(
        id="progress-is-a-recount-in-any-order",
        statement="An instance is counted where it stands, whatever way it came and whoever moved before it.",
        rules=("OSU-PROGRESS",),
        where=_ROLLOUTS,
        claims=_recount,
        proves=(Proves(invariant="progress-equals-a-recount", part="the four counts, not those left by place"),),
    ),
    Theorem(
        id="progress-moves-as-its-instances-do",
        statement="Each count changes by who came to stand there and who stood there; deleted ones stay done.",
        rules=("OSU-PROGRESS",),
        where=_ROLLOUTS,
        claims=_moves_with_members,
        proves=(
            Proves(invariant="progress-moves-with-the-members"),
            Proves(invariant="progress-equals-a-recount", part="the four counts, not those left by place"),
        ),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="a-rollout-begins-with-nothing-done",
        statement="A rollout begins with all that is due pending, counted one by one, nothing else, and as many "
        "members as before.",
        rules=("OSU-PROGRESS", "OSU-DONE"),
        where=_ROLLOUTS,
        claims=_begins_with_nothing,
        proves=(Proves(invariant="a-rollout-begins-with-all-that-is-due"),),
        rests_on=("progress-is-a-recount-in-any-order",),
    ),
    Theorem(
        id="who-failed-was-restored-or-counted",
        statement="As many instances of an automatic upgrade failed as were restored or could not be, unless its "
        "credentials expired; an upgrade by hand restores none.",
        rules=("OSU-RESTORE", "OSU-MANUAL-NO-RESTORE", "OSU-PROGRESS"),
        where=_AUTOMATIC,
        claims=_restored_or_counted,
        proves=(Proves(invariant="a-failed-instance-is-restored-or-counted"),),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="a-step-without-downtime-leaves-some-running",
        statement="A step of a plan is free of downtime exactly if not all that run are taken, or none runs.",
        rules=("UPGRADE-NO-DOWNTIME",),
        where=INVARIANTS["a-plan-tells-of-downtime"].where,
        claims=_downtime,
        proves=(Proves(invariant="a-plan-tells-of-downtime", part="when it is free of it"),),
    ),
    Theorem(
        id="progress-sums-to-the-scope-at-every-event",
        statement="Successful, failed, in-progress and pending instances sum to those in scope.",
        rules=("OSU-PROGRESS",),
        where=_ROLLOUTS,
        claims=_progress_sums,
        proves=(Proves(invariant="progress-moves-with-the-members"),),
        rests_on=("progress-stays-possible", "batches-move-as-instances-do"),
    ),
    Theorem(
        id="what-a-rollout-did-stays-done",
        statement="Neither the instances that a rollout upgraded successfully nor those that failed ever become fewer.",
        rules=("OSU-PROGRESS", "OSU-DONE"),
        where=_ROLLOUTS,
        claims=_done_stays,
        proves=(Proves(invariant="what-is-done-is-never-undone"),),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="every-batch-and-settled-instance-lessens-the-measure",
        statement="Twice the pending plus the in-progress instances falls with every batch and every instance settled, "
        "never below zero; only an instance that joins or falls due raises it.",
        rules=("OSU-DONE", "UPGRADE-ROLLING"),
        where=_ROLLOUTS,
        claims=_measure_falls,
        proves=(Proves(invariant="every-step-brings-a-rollout-nearer-to-its-end"),),
        rests_on=("progress-stays-possible", "batches-move-as-instances-do"),
    ),
    Theorem(
        id="a-rollout-is-never-stuck",
        statement="Once pauses and waits are over, a rollout can start a batch, give up an instance, or end.",
        rules=("OSU-DONE", "OSU-BATCH", "OSU-GROUP", "OSU-WAIT", "UPGRADE-ROLLING"),
        where=_ROLLOUTS,
        claims=_never_stuck,
        proves=(Proves(invariant="no-rollout-is-ever-stuck", part="as far as it hangs on counts and the clock"),),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="a-calm-rollout-ends-only-when-all-is-done",
        statement="A rollout that no gate stops and nobody cancels ends only with no instance left.",
        rules=("OSU-DONE",),
        where=_ROLLOUTS,
        claims=_ends_only_then,
        proves=(Proves(invariant="a-rollout-ends-for-a-reason", part="that nothing is left where nothing stops it"),),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="the-batch-cap-is-exact",
        statement="The cap is the largest batch within the percentage, or one, and no more than there are instances.",
        rules=("OSU-BATCH", "UPGRADE-ROLLING"),
        where=_ROLLOUTS,
        claims=_exact_cap,
    ),
    Theorem(
        id="no-batch-exceeds-its-cap",
        statement="A batch is one instance or within the policy's percentage of all, and in progress are no more.",
        rules=("OSU-BATCH", "UPGRADE-ROLLING"),
        where=_ROLLOUTS,
        claims=_cap,
        proves=(Proves(invariant="a-batch-stays-within-its-cap"),),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="no-automatic-batch-exceeds-a-fifth",
        statement="An automatic upgrade's batch is one instance or at most 20 percent, and never all of more than one.",
        rules=("OSU-BATCH", "OSU-GROUP"),
        where=_AUTOMATIC,
        claims=_automatic_cap,
        proves=(
            Proves(invariant="the-platform-never-takes-a-whole-group"),
            Proves(invariant="a-batch-stays-within-its-cap"),
        ),
    ),
    Theorem(
        id="a-batch-takes-down-no-more-than-itself",
        statement="The instances that are up fall by no more than a batch from the moment it starts.",
        rules=("OSU-BATCH", "UPGRADE-ROLLING", "UPGRADE-NO-DOWNTIME"),
        where=_ROLLOUTS,
        claims=_down,
        proves=(Proves(invariant="those-outside-the-batch-keep-running"),),
        rests_on=("a-census-stays-possible", "no-batch-exceeds-its-cap"),
    ),
    Theorem(
        id="instances-in-flight-are-in-one-place",
        statement="All instances in progress are in the zone and update domain where the batch works.",
        rules=("OSU-BATCH", "OSU-ZONES", "OSU-WAIT"),
        where=_AUTOMATIC,
        claims=_one_place,
        proves=(Proves(invariant="one-update-works-in-one-zone-and-update-domain", part="within one group"),),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="the-precheck-holds-up-to-exactly-its-percentage",
        statement="A rollout may begin with so many percent of all instances unhealthy, and not with one more.",
        rules=("OSU-PRECHECK",),
        where=_ROLLOUTS,
        claims=_exact_gate("may_begin"),
        proves=(Proves(invariant="no-rollout-begins-above-the-health-threshold"),),
    ),
    Theorem(
        id="the-overall-gate-holds-up-to-exactly-its-percentage",
        statement="A batch may start with so many percent of all instances unhealthy, and not with one more.",
        rules=("OSU-STOP-OVERALL",),
        where=_ROLLOUTS,
        claims=_exact_gate("overall_health_allows"),
        proves=(Proves(invariant="no-batch-starts-above-the-health-thresholds"),),
    ),
    Theorem(
        id="the-gate-of-the-upgraded-holds-up-to-exactly-its-percentage",
        statement="A batch may start with so many percent of the upgraded instances ill, and not with one more.",
        rules=("OSU-STOP-UPGRADED",),
        where=_ROLLOUTS,
        claims=_exact_gate("upgraded_health_allows"),
        proves=(Proves(invariant="no-batch-starts-above-the-health-thresholds"),),
    ),
    Theorem(
        id="rollouts-begin-in-health",
        statement="No rollout begins with more unhealthy instances than its policy's percentage of all.",
        rules=("OSU-PRECHECK",),
        where=_ROLLOUTS,
        claims=_begins_in_health,
        proves=(Proves(invariant="no-rollout-begins-above-the-health-threshold"),),
    ),
    Theorem(
        id="batches-start-in-health",
        statement="No batch starts with more of all, or of the upgraded, unhealthy than the policy's percentages.",
        rules=("OSU-STOP-OVERALL", "OSU-STOP-UPGRADED"),
        where=_ROLLOUTS,
        claims=_batches_in_health,
        proves=(Proves(invariant="no-batch-starts-above-the-health-thresholds"),),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="batches-wait-for-the-one-before",
        statement="A batch starts only once the one before is settled and the pause after it has passed.",
        rules=("OSU-WAIT", "UPGRADE-ROLLING"),
        where=_ROLLOUTS,
        claims=_batches_wait,
        proves=(Proves(invariant="a-batch-waits-for-the-last-one"),),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="nothing-is-given-up-before-its-time",
        statement="An upgraded instance has failed only 300 seconds after its upgrade.",
        rules=("OSU-WAIT", "OSU-RESTORE"),
        where=_AUTOMATIC,
        claims=_given_up_in_time,
        proves=(Proves(invariant="an-instance-settles-by-health-or-after-the-wait", part="that it fails no earlier"),),
        rests_on=("progress-stays-possible",),
    ),
    Theorem(
        id="a-history-keeps-five",
        statement="A history holds at most five attempts, the one that just ended among them.",
        rules=("OSU-HISTORY",),
        where=_AUTOMATIC,
        claims=_history,
        proves=(Proves(invariant="the-history-holds-five-at-most", part="how many, not their order"),),
        rests_on=("progress-stays-possible",),
    ),
)
"""Every theorem about a rollout's counts."""
