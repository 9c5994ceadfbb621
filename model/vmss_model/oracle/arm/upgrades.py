"""Operations that bring instances up to the model: judged by the model's decision, then followed until they end.

While one runs it cannot be told which instances run the newest model, nor whether they are up.
"""

from __future__ import annotations

from collections.abc import Mapping

from immutables import Map

from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decisions import Decision
from vmss_model.oracle.arm.belief import ABSENT, MAYBE, THERE, Belief, Effect, GroupBelief, Operation
from vmss_model.oracle.arm.effects import begin
from vmss_model.oracle.arm.facts import is_changed
from vmss_model.oracle.arm.judged import Context, Judged, believed
from vmss_model.oracle.arm.judging import answer_text, is_accepted, judge_answer, judge_change, with_rules
from vmss_model.oracle.arm.profiles import POLICY, PREFIX
from vmss_model.oracle.arm.requests import decide_on, decide_on_named, named_in
from vmss_model.oracle.arm.shapes import Fact, child, has_profile, texts
from vmss_model.oracle.finding import Finding, unknown
from vmss_model.oracle.recordings import ArmRequest, ArmResponse
from vmss_model.rules import implements

OPERATIONS = frozenset(
    {"manualupgrade", "osrollingupgrade", "extensionrollingupgrade", "rollingupgrades/cancel", "approverollingupgrade"}
)
"""The operations of this module, by the last segments of their URLs."""


def upgrade(belief: Belief, request: ArmRequest, response: ArmResponse, context: Context) -> Judged:
    """POST of an operation that upgrades instances, or ends their upgrade."""
    key = context.target.group
    assert key is not None
    group = believed(belief, key, context)
    segment = context.target.action
    if group.presence == ABSENT:
        finding = judge_answer(decide_on(group.edition, rq.GetGroup(key)), response, f"{segment} on {key.name}")
        return belief, finding
    if segment == "manualupgrade":
        return _upgrade_instances(belief, group, request, response)
    if segment == "osrollingupgrade":
        return _start_rollout(belief, group, response)
    if segment == "rollingupgrades/cancel":
        return _cancel(belief, group, response)
    finding = unknown(f"no document speaks of {segment}")
    if not is_accepted(response):
        return belief, finding
    return _begun(belief, group, segment, response, finding)


# -- by name ---------------------------------------------------------------------------------------


@implements("UPGRADE-MANUAL")
def _upgrade_instances(belief: Belief, group: GroupBelief, request: ArmRequest, response: ArmResponse) -> Judged:
    """`manualupgrade`: the named instances run the newest model once it succeeded."""
    given = child(request.body, "instanceIds")
    ids = texts(given)
    asked = f"manualupgrade on {group.key.name}"
    if ids is not None and "*" in ids and len(ids) > 1:
        finding = unknown("no document says what '*' beside other instance ids means; the service refuses it")
    elif group.kind is None:
        finding = unknown("the scale set's mode is not known")
    else:
        finding = judge_change(_upgrade_decision(group, request.body), response, asked, group)
    if not is_accepted(response):
        return belief, finding
    known = ids is not None and request.body_recorded
    names = named_in(request.body)
    effect = Effect(
        group.key, latest=THERE if known else MAYBE, latest_of=names if known else None, called=known, restarts=True
    )
    operation = Operation("", asked, (effect,))
    return begin(belief.with_group(group), response, operation), with_rules(finding, response)


def _upgrade_decision(group: GroupBelief, body: object) -> Decision:
    return decide_on_named(group, body, lambda known: rq.UpgradeInstances(group.key, known))


# -- rollouts --------------------------------------------------------------------------------------


@implements("OSU-START-MANUAL")
def _start_rollout(belief: Belief, group: GroupBelief, response: ArmResponse) -> Judged:
    """`osRollingUpgrade`: a rollout of the newest image is started by hand."""
    asked = f"osRollingUpgrade on {group.key.name}"
    finding = unknown("the scale set's mode is not known")
    if group.kind is not None:
        finding = judge_change(_start_decision(group), response, asked, group)
    if not is_accepted(response):
        return belief, finding
    return _begun(belief, group, "osRollingUpgrade", response, finding)


def _start_decision(group: GroupBelief) -> Decision:
    """The model's decision. How many instances are unhealthy is not known here, so that it may be refused by that."""
    if group.may_roll and group.rollout is not None and group.rollout.code == "rollingforward":
        return Decision(None, silent="a rollout may be under way; the documents do not speak of a second one")
    decision = decide_on(group.edition, rq.StartRollout(group.key), group)
    held = tuple(rule for rule in decision.held if rule != "OSU-PRECHECK")
    reason = "how many instances are unhealthy is not known (OSU-PRECHECK)"
    return decision if decision.grant is None else evolve(decision, held=held, open=(*decision.open, reason))


def _begun(belief: Belief, group: GroupBelief, what: str, response: ArmResponse, finding: Finding) -> Judged:
    """A rollout that was begun: followed, with the rolling upgrade policy that it has."""
    rolls_else = what != "osRollingUpgrade"
    policy = policy_now(group)
    rolled = group.rolled | {True}
    group = evolve(group, may_roll=True, rolled=rolled, rolls_else=rolls_else, rollout=None, policy=policy)
    effect = Effect(group.key, latest=MAYBE, restarts=True, rolls=True)
    operation = Operation("", f"{what} of {group.key.name}", (effect,))
    return begin(belief.with_group(group), response, operation), with_rules(finding, response)


@implements("ARM-ABSENT", "OSU-OPT-OUT")
def _cancel(belief: Belief, group: GroupBelief, response: ArmResponse) -> Judged:
    """`rollingUpgrades/cancel`: refused where no rollout is under way; which of the two is so may not be known."""
    asked = f"cancel of the rolling upgrade of {group.key.name}"
    if group.kind is None:
        finding = unknown("the scale set's mode is not known")
    elif group.may_roll or group.pending:
        finding = unknown(f"whether a rolling upgrade is under way is not known ({answer_text(response)})")
    else:
        finding = judge_change(decide_on(group.edition, rq.CancelRollout(group.key), group), response, asked, group)
    if not is_accepted(response):
        return belief, finding
    operation = Operation("", asked, (Effect(group.key, latest=MAYBE, restarts=True),))
    return begin(belief.with_group(group), response, operation), with_rules(finding, response)


def policy_now(group: GroupBelief) -> Map[str, frozenset[Fact]]:
    """The possible settings of the rolling upgrade policy that a rollout has which begins now."""
    policy = {name: group.possible(PREFIX + name) for name in POLICY}
    return Map({name: values for name, values in policy.items() if values is not None})


# -- what changes of a scale set mean for its instances ------------------------------------------------


@implements("MODEL-VERSION", "UPGRADE-MANUAL")
def latest_after(group: GroupBelief, body: object, asked: Mapping[str, Fact]) -> frozenset[bool] | None:
    """Which members run the newest model once a change succeeded; None where the change leaves the model alone.

    Another image surely makes a new version of the model. With policy Manual, and without automatic OS
    upgrades, no instance runs it before it is upgraded; otherwise, and with any other change, it may or may not.
    """
    if not has_profile(body) and asked and asked.keys() <= {"sku.capacity", "location"}:
        return None
    changed = any(is_changed(group.certain(name), value) for name, value in asked.items() if name.startswith("image."))
    after = evolve(group, facts=group.facts.update({name: frozenset({value}) for name, value in asked.items()}))
    return frozenset({False}) if changed and not after.upgrades_itself else MAYBE


def after_change(group: GroupBelief, latest: frozenset[bool] | None) -> GroupBelief:
    """What a change of a scale set means for rollouts: with policy Rolling, or automatically, one may begin."""
    of_image_alone = group.certain("upgradePolicy.mode") in ("manual", "automatic")
    if latest is None:
        return group
    if of_image_alone and not group.upgrades_os:
        # A rollout that began keeps the policy that it began with; one that is yet to begin has another.
        return evolve(group, policy=None) if group.rolled == ABSENT else group
    rolls_else = group.rolls_else or not of_image_alone
    return evolve(group, may_roll=True, rolled=group.rolled | {True}, rolls_else=rolls_else, policy=None)
