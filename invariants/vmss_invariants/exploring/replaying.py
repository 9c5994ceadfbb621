"""The shortest ways that an exploration found, step by step."""

from __future__ import annotations

from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.examining import Examiner
from vmss_invariants.exploring.graph import Exploration
from vmss_invariants.exploring.past import Moment
from vmss_invariants.exploring.refining import REFINEMENT
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.proving.refinement import unrefined
from vmss_invariants.steps import Step


def replay(found: Exploration, node: int) -> tuple[Step, ...]:
    """The shortest way to a canonical world: in each world on the way the first step that leads to the next."""
    nodes = []
    while found.parents[node] >= 0:
        nodes.append(node)
        node = found.parents[node]
    # Steps on the way that lead beyond the bounds have worlds that were never numbered.
    canon = Canon(found.configuration.bounds, found.codebook.to_go_on_with())
    stepper = Stepper(found.configuration, canon)
    moment, steps = Moment(found.configuration.start()), []
    for wanted in reversed(nodes):
        key = found.keys[wanted]
        for step in stepper.steps(moment.world, moment.history):
            after = moment.then(step.after)
            if step.after is not moment.world and canon.key(after.world, after.history) == key:
                break
        else:
            raise LookupError(f"world {wanted} was reached, and is not when the steps there are made again")
        steps.append(step)
        moment = after
    return tuple(steps)


def counterexample(found: Exploration, node: int, invariant: str) -> tuple[tuple[Step, ...], str]:
    """The shortest way to a canonical world, the first step of it that breaks an invariant, and what is broken."""
    steps = replay(found, node)
    moment = Moment(found.configuration.start())
    if steps:
        moment = Moment(steps[-1].before, steps[-1].history).then(steps[-1].after)
    examiner = Examiner(found.configuration)
    for step in Stepper(found.configuration).steps(moment.world, moment.history):
        problem = unrefined(step) if invariant == REFINEMENT else _problem(examiner, step, invariant)
        if problem is not None:
            return (*steps, step), problem
    raise LookupError(f"{invariant} was found broken in world {node}, and is not when its steps are made again")


def _problem(examiner: Examiner, step: Step, invariant: str) -> str | None:
    """What is broken of an invariant in a step or in the world that it leads to."""
    broken: dict[str, str] = {}
    examiner.examine_step(step, broken.setdefault)
    if step.after is not step.before:
        examiner.examine_world(step.after, broken.setdefault)
    return broken.get(invariant)
