"""What holds of what is answered: changes that can be read, lists, fresh reads, and Resource Graph."""

from __future__ import annotations

from vmss_invariants.counting import counted
from vmss_invariants.describing import in_words
from vmss_invariants.steps import EXPLICIT_KINDS, Step
from vmss_model import requests as rq
from vmss_model.answers import GraphShown, GroupShown, GroupsShown, IdsShown, InstanceShown, InstancesShown
from vmss_model.values import UNCHANGED, GroupKind
from vmss_model.world import Profile

STALENESS = 60
"""How many seconds a Resource Graph answer may be old."""


def concerns_changes(step: Step) -> bool:
    """Granted changes of a group's properties."""
    return isinstance(step.request, rq.UpdateGroup) and step.granted


_OF_THE_GROUP = (
    "single_placement_group",
    "health_source",
    "autoscale",
    "repairs",
    "upgrade_mode",
    "rolling",
    "os_upgrade",
)
_OF_THE_MODEL = ("image", "extensions", "external", "automatic_updates")


def changes_set_what_they_ask_for(step: Step) -> str | None:
    """What a change asks for, the group shows afterwards."""
    request, group = step.request, step.group_after
    assert isinstance(request, rq.UpdateGroup)
    if group is None:
        return f"{request.key} is gone"
    pairs = [(name, getattr(group, name)) for name in _OF_THE_GROUP]
    if group.kind not in EXPLICIT_KINDS:
        pairs += [(name, getattr(group.profile or Profile(), name)) for name in _OF_THE_MODEL]
    for name, has in pairs:
        asked = getattr(request, name)
        if asked is not UNCHANGED and asked != has:
            return f"{request.key} was asked to have {name} {in_words(asked)}, and has {in_words(has)}"
    return None


def concerns_group_lists(step: Step) -> bool:
    """Listings of a resource group's groups."""
    return isinstance(step.answer, GroupsShown)


def group_list_shows_the_groups(step: Step) -> str | None:
    """A listing shows exactly the groups of the resource group."""
    assert isinstance(step.answer, GroupsShown)
    assert isinstance(step.request, rq.ListGroups)
    there = {key for key in step.before.groups if key.resource_group == step.request.resource_group}
    listed = counted(len(step.answer.keys), "group")
    return None if step.answer.keys == there else f"{listed} in the list, {len(there)} in the resource group"


def concerns_listings(step: Step) -> bool:
    """Answered listings."""
    return isinstance(step.answer, IdsShown | InstancesShown)


def listing_shows_the_members(step: Step) -> str | None:
    """A listing shows exactly the members, each once."""
    assert step.group_before is not None
    members = step.group_before.members
    if isinstance(step.answer, IdsShown):
        shown = sorted(step.answer.names)
    else:
        assert isinstance(step.answer, InstancesShown)
        shown = sorted(instance.name for instance in step.answer.instances)
        wrong = [one.name for one in step.answer.instances if members.get(one.name) != one]
        if wrong:
            return f"the listing of {step.key} shows {in_words(wrong)} in a state they are not in"
    if shown == sorted(members):
        return None
    return f"the listing of {step.key} shows {in_words(shown)}, not {in_words(sorted(members))}"


def listing_is_of_the_kind(step: Step) -> str | None:
    """A listing of Flexible gives ids, one of Uniform gives the instances."""
    expected = IdsShown if step.kind is GroupKind.FLEXIBLE else InstancesShown
    return (
        None
        if isinstance(step.answer, expected)
        else f"the listing of {step.key} gives {'ids' if isinstance(step.answer, IdsShown) else 'the instances'}"
    )


def concerns_fresh_reads(step: Step) -> bool:
    """Answered reads of one member or one group."""
    return isinstance(step.answer, InstanceShown | GroupShown)


def reads_are_fresh(step: Step) -> str | None:
    """A read shows the member or the group as it is."""
    assert step.group_before is not None
    if isinstance(step.answer, GroupShown):
        return None if step.answer.group == step.group_before else f"the read of {step.key} shows another state"
    assert isinstance(step.request, rq.GetInstance)
    assert isinstance(step.answer, InstanceShown)
    now = step.group_before.members.get(step.request.name)
    if step.answer.instance == now:
        return None
    return f"{step.request.name} is shown as {in_words(step.answer.instance)}, not {in_words(now)}"


def concerns_graph_answers(step: Step) -> bool:
    """Answers of Resource Graph."""
    return isinstance(step.answer, GraphShown)


def graph_answers_are_recent(step: Step) -> str | None:
    """Resource Graph shows each VM in a state it had at some moment of the last 60 seconds."""
    assert isinstance(step.answer, GraphShown)
    assert step.key is not None
    now = step.before.clock
    names = {name for key, name in step.history.states if key == step.key}
    for name in sorted(names | set(step.answer.states)):
        had = step.history.states_within(step.key, name, now - STALENESS, now)
        shown = step.answer.states.get(name)
        if shown not in had:
            seen = ", ".join(map(_seen, had))
            return f"at {now} s {name} is shown as {_seen(shown)}, in the last {STALENESS} s it was {seen}"
    return None


def _seen(state: object) -> str:
    return "gone" if state is None else in_words(state)


def concerns_graph_choices(step: Step) -> bool:
    """Decisions about Resource Graph queries."""
    return isinstance(step.request, rq.QueryResourceGraph) and step.granted


def graph_may_show_all_recent_states(step: Step) -> str | None:
    """Every state that a VM had in the last 60 seconds may be shown: nothing is ruled out without a reason."""
    assert step.decision.grant is not None
    assert step.key is not None
    now, choices = step.before.clock, {choice.name: choice for choice in step.decision.grant.choices}
    for key, name in step.history.states:
        if key != step.key:
            continue
        choice = choices.get(f"state of {name}")
        for state in step.history.states_within(key, name, now - STALENESS, now):
            if state is not None and (choice is None or not choice.allows(state)):
                return f"at {now} s the model rules out that {name} is shown as {in_words(state)}"
    return None
