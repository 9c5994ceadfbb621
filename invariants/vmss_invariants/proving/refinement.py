"""Ties the model to the proofs: every step of the model is made of steps that the proofs speak of.

`unrefined(step)` projects a step onto the counts, event by event, and looks each up among the steps of
`vmss_invariants.proving.census_steps` and `vmss_invariants.proving.rollout_steps`: the guards of that step must
hold of the numbers, and it must lead to the counts that the model has afterwards. What is proved of the steps of
the counts thus holds of every step of the model for which this check passes, whether the state machine drew it
or the explorer visited it.

What a member adds to the counts, where it stands in a rollout, how many are due and by which policy a rollout goes
is said here a second time: were it asked of the model, the model would be held against itself. A request that a
health gate refuses is held against this gate, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from vmss_invariants.proving.happened import Happened, happened_in
from vmss_invariants.proving.refined_census import (
    census_problems,
    members_problems,
    size_problems,
)
from vmss_invariants.proving.refined_rollouts import GATES, refusal_problems, rollout_problems, upgrade_problems
from vmss_invariants.steps import Step
from vmss_model import events as ev
from vmss_model import guards


def is_tied(step: Step) -> bool:
    """Whether the proofs say something of a step: something happens, or a health gate refuses."""
    return bool(step.events) or not GATES.isdisjoint(step.refusing)


def unrefined(step: Step) -> str | None:
    """How a step is none of those that the proofs speak of, in one sentence; None where it is one."""
    if not step.events:
        found = next(refusal_problems(step), None) if is_tied(step) else None
        return None if found is None else f"{type(step.request).__name__}: {found}"
    happened = tuple(happened_in(step))
    problems = (
        problem
        for one in happened
        for check in (
            _problems_elsewhere,
            members_problems,
            partial(census_problems, step),
            rollout_problems,
            _registration_problems,
        )
        for problem in check(one)
    )
    requests = (problem for check in (size_problems, upgrade_problems) for problem in check(step, happened))
    found = next(problems, None) or next(requests, None)
    return None if found is None else f"{type(step.request).__name__}: {found}"


def _problems_elsewhere(one: Happened) -> Iterator[str]:
    """An event leaves every group alone that it does not name."""
    before, after = one.before.groups, one.after.groups
    for key in {*before, *after} if before is not after else ():
        old, new = before.get(key), after.get(key)
        named = (old is not None and old is one.old) or (new is not None and new is one.new)
        # What the events lead to one by one are other objects than what they led to in the step itself.
        if old is not new and not named and old != new:
            yield f"{type(one.event).__name__} changes {key}, which it does not name"


def _registration_problems(one: Happened) -> Iterator[str]:
    """A registration ends when it may end."""
    registration = one.before.edition.registration
    if isinstance(one.event, ev.FeatureRegistered) and registration is not None:
        elapsed = one.event.ends_at - one.before.clock
        if not guards.registration_may_end(elapsed, registration.longest):
            yield f"a registration ends {elapsed} seconds after it was asked for"
