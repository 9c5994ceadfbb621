"""The oracle on typed requests and outcomes, for implementations in the same process.

`Oracle.start(edition)` begins with an empty subscription; `allowed(request)` says what the documents
allow; `observe(request, outcome)` gives the next oracle and a finding. Nothing is ever changed in place.

An outcome need not tell everything. What it leaves untold stays open in the belief, symbolically, and is
settled by later observations (`vmss_model.oracle.open_points`).
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen
from immutables import Map

from vmss_model import requests as rq
from vmss_model.answers import Answer, ClockShown
from vmss_model.batches import Batch
from vmss_model.choices import Choice, OneOf
from vmss_model.copying import evolve
from vmss_model.decisions import Decision, Grant, Refusal
from vmss_model.editions import Edition
from vmss_model.evolve import evolve_all
from vmss_model.oracle import open_points as op
from vmss_model.oracle import power_points as pp
from vmss_model.oracle import rollout_points as rp
from vmss_model.oracle.answers import compare_answer
from vmss_model.oracle.finding import Finding, Verdict, conforms, unknown, violates
from vmss_model.oracle.regional import in_any_region
from vmss_model.oracle.rollout_answers import follow_clock
from vmss_model.refinements import Refinement, decide_refined
from vmss_model.rules import implements
from vmss_model.values import Action
from vmss_model.world import Instance, World


@frozen
class Granted:
    """The implementation did what was asked."""

    picks: Mapping[str, object] = field(factory=dict)
    """What was seen of the platform's choices, by the choice's name; what is absent stays open."""
    answer: Answer | None = None
    """What a query answered, or None."""


@frozen
class Refused:
    """The implementation refused what was asked."""

    code: str | None = None
    """The error code, or None where it was not seen."""
    message: str | None = None
    """The error message, or None where it was not seen."""


Outcome = Granted | Refused
"""What an implementation did with a request."""


@frozen
class Oracle:
    """What is believed of one implementation, and the judge of what it does."""

    world: World
    """The world as far as it is known; what is open stands in it under placeholders."""
    open: op.OpenPoints = field(factory=op.OpenPoints)
    """What was not told yet."""
    refinements: tuple[Refinement, ...] = ()
    """Recorded habits that narrow what the documents leave open; none unless switched on."""

    @classmethod
    def start(
        cls, edition: Edition, regions: Mapping[str, int] | None = None, refinements: tuple[Refinement, ...] = ()
    ) -> Oracle:
        """An oracle over an empty subscription.

        `regions` gives the most fault domains of each region (a count); a region that is not named is
        not known, and then a fault-domain count above the least is open.
        """
        return cls(World(edition, regions=Map(dict(regions or {}))), refinements=refinements)

    def allowed(self, request: rq.Request) -> Decision:
        """What the documents allow in answer to a request, as far as the belief tells."""
        return decide_refined(self.world, request, self.refinements)

    def observe(self, request: rq.Request, outcome: Outcome) -> tuple[Oracle, Finding]:
        """The oracle after an outcome, and whether the documents allow it."""
        told = outcome.picks if isinstance(outcome, Granted) else None
        absent = isinstance(outcome, Refused) and outcome.code in ("ResourceNotFound", "NotFound")
        settled = op.settle_target(self.world, self.open, request, told, absent=absent)
        if isinstance(settled, Finding):
            return self, _nothing_to_delete() if _deletes_plainly(request, outcome) else settled
        world, points = settled
        if isinstance(outcome, Granted):
            world = rp.assumed(world, points, request)
        here = evolve(self, world=world, open=points)
        after, finding = here._judge(request, outcome)
        doubt = rp.doubt(world, points, request)
        if not doubt:
            return after, finding
        if isinstance(outcome, Granted):
            after = evolve(after, open=rp.after_doubt(after.open, request))
        return after, unknown(doubt)

    def _judge(self, request: rq.Request, outcome: Outcome) -> tuple[Oracle, Finding]:
        if isinstance(outcome, Granted) and isinstance(request, rq.AdvanceClock):
            if isinstance(outcome.answer, ClockShown):
                world, finding = follow_clock(self.world, request, outcome.answer)
                return evolve(self, world=world), finding
            outcome = evolve(outcome, answer=None)
        decision = self.allowed(request)
        if isinstance(outcome, Refused):
            if isinstance(request, rq.CreateGroup) and self.world.region_fault_domains(request.region) is None:
                decision = in_any_region(decision, self.world.edition, request)
            return self, _judge_refused(decision, outcome, self.open.unsure(self.world, request))
        return self._observe_granted(request, decision, outcome)

    def _observe_granted(self, request: rq.Request, decision: Decision, outcome: Granted) -> tuple[Oracle, Finding]:
        if decision.silent:
            return self, unknown(decision.silent)
        if decision.grant is None:
            absent = all("ARM-ABSENT" in refusal.rules for refusal in decision.refusals)
            nothing = absent and _deletes_plainly(request, outcome)
            return self, _nothing_to_delete() if nothing else _accepted_although_refused(decision)
        answer = outcome.answer if outcome.answer is not None else _graph_seen(request, decision.grant, outcome.picks)
        if answer is not None:
            return self._observe_answer(request, answer)
        powers = pp.reached(self.world, self.open, request)
        choices = tuple(pp.relaxed(powers, op.relaxed(self.open, request, one)) for one in decision.grant.choices)
        wrong = _wrong_pick(choices, decision, outcome)
        if wrong is not None:
            return self, wrong
        picks, untold = _completed(choices, outcome.picks)
        # The picks were held against the relaxed choices: the grant's own may be too strict on open counts.
        world = evolve_all(self.world, decision.grant.effect(picks))
        world, points, problem = op.remember(self.world, world, self.open, request, choices, untold)
        points = pp.remember(points, powers, choices, outcome.picks)
        points = rp.remember_models(self.world, world, points, request, untold)
        if problem is not None:
            return evolve(self, world=world, open=points), problem
        after = evolve(self, world=world, open=points)
        undecided = op.undecided(choices, decision.grant.choices, outcome.picks)
        if undecided:
            return after, unknown(undecided, *decision.held)
        if not decision.held:
            return after, unknown("no rule speaks of this request")
        return after, conforms(*decision.held, expected="it is granted", seen="it was granted")

    def _observe_answer(self, request: rq.Request, answer: Answer) -> tuple[Oracle, Finding]:
        settled = op.settle_answer(self.world, self.open, request, answer)
        if isinstance(settled, Finding):
            return self, settled
        world, points = settled
        after = evolve(self, world=world, open=points)
        return after, compare_answer(world, points, request, after.allowed(request), answer)


def _deletes_plainly(request: rq.Request, outcome: Outcome) -> bool:
    """Whether a deletion was granted and nothing else was seen: what does not exist may be deleted so, too."""
    acts = isinstance(request, rq.ActOnInstance) and request.action is Action.DELETE
    deletes = acts or isinstance(request, rq.DeleteGroup | rq.DeleteVm)
    return deletes and isinstance(outcome, Granted) and not outcome.picks and outcome.answer is None


@implements("ARM-ABSENT")
def _nothing_to_delete() -> Finding:
    """Deleting what does not exist is granted without effect, or refused."""
    return conforms("ARM-ABSENT", expected="it does not exist: deleting it has no effect", seen="it was granted")


def _accepted_although_refused(decision: Decision) -> Finding:
    rules = tuple(rule for refusal in decision.refusals for rule in refusal.rules)
    expected = "; ".join(f"{refusal.code}: {refusal.message}" for refusal in decision.refusals)
    return violates(
        *rules, expected=f"refused with {expected}", seen="it was granted", nearest=f"refuse it with {expected}"
    )


def _judge_refused(decision: Decision, outcome: Refused, unsure: str) -> Finding:
    shown = f"refused with {outcome.code}: {outcome.message}" if outcome.code else "refused"
    if decision.silent:
        return unknown(decision.silent)
    if unsure:
        return unknown(unsure)
    if decision.grant is None:
        return _judge_error(decision.refusals, outcome, shown)
    if decision.open:
        return unknown(decision.open[0], *decision.held)
    if not decision.held:
        return unknown("no rule speaks of this request")
    return violates(
        *decision.held,
        expected="it is granted: no rule refuses it",
        seen=shown,
        nearest="grant it" + "".join(f"; {choice.describe()}" for choice in decision.grant.choices[:3]),
    )


def _judge_error(refusals: tuple[Refusal, ...], outcome: Refused, shown: str) -> Finding:
    rules = tuple(rule for refusal in refusals for rule in refusal.rules)
    expected = "; ".join(f"{refusal.code}: {refusal.message}" for refusal in refusals)
    exact = [refusal for refusal in refusals if refusal.documented_text]
    if len(exact) == len(refusals) and not any(_shows(refusal, outcome) for refusal in exact):
        best = exact[0]
        nearest = f"refuse it with {best.code}: {best.message}"
        return violates(*rules, expected=f"refused with {expected}", seen=shown, nearest=nearest)
    return conforms(*rules, expected=f"refused with {expected}", seen=shown)


def _shows(refusal: Refusal, outcome: Refused) -> bool:
    same_code = outcome.code is None or outcome.code == refusal.code
    same_text = outcome.message is None or outcome.message.rstrip(".") == refusal.message.rstrip(".")
    return same_code and same_text


def _wrong_pick(choices: tuple[Choice, ...], decision: Decision, outcome: Granted) -> Finding | None:
    """A choice that was seen to go beyond what the documents leave open."""
    for choice in choices:
        if choice.name in outcome.picks and not choice.allows(outcome.picks[choice.name]):
            value = outcome.picks[choice.name]
            objections = choice.objections(value) if isinstance(choice, Batch) else ()
            rules = tuple(rule for rule, _ in objections) or choice.rules or decision.held or ("ARM-READ-BACK",)
            why = "".join(f"; {sentence}" for _, sentence in objections)
            return violates(
                *rules,
                expected=choice.describe(),
                seen=f"{choice.name}: {_short(value)}{why}",
                nearest=f"for example {_short(choice.sample(lambda lowest, _: lowest))}",
            )
    return None


def _graph_seen(request: rq.Request, grant: Grant, picks: Mapping[str, object]) -> Answer | None:
    """What a query of Resource Graph was seen to show of some VMs, with the others as they may be shown.

    None where it was not seen, or is no state of a VM. What is shown is no choice from exact states where it is open
    in what state a VM is: it is compared as an answer is, which is open to that, and nothing is learnt from it.
    """
    seen = [picks[choice.name] for choice in grant.choices if choice.name in picks]
    if not isinstance(request, rq.QueryResourceGraph) or not seen:
        return None
    if not all(state is None or isinstance(state, Instance) for state in seen):
        return None
    completed, _ = _completed(grant.choices, picks)
    return grant.reply(completed)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 160 else text[:160] + "…"


def _completed(choices: tuple[Choice, ...], seen: Mapping[str, object]) -> tuple[dict[str, object], tuple[Choice, ...]]:
    """The picks seen, with a stand-in for each that was not; and the choices that are thus open."""
    picks: dict[str, object] = {}
    untold: list[Choice] = []
    for choice in choices:
        if choice.name in seen:
            picks[choice.name] = seen[choice.name]
            continue
        picks[choice.name] = choice.sample(lambda lowest, _: lowest)
        if not (isinstance(choice, OneOf) and len(choice.options) == 1):
            untold.append(choice)
    return picks, tuple(untold)


__all__ = ["Granted", "Oracle", "Outcome", "Refused", "Verdict"]
