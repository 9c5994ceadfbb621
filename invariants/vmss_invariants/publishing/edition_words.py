"""What the data of an edition says, as questions and answers that a reader of its documents understands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from attrs import frozen

from vmss_model.capabilities import Capability, Cell, Support
from vmss_model.decide.capabilities import health_source_rules
from vmss_model.editions import KindRules, Limit, Presence, Says
from vmss_model.values import Api, HealthSource

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "S17": "Upgrade a VM scale set, 2017-05-15",
        "S18": "Scale sets in Azure Stack, 2018-06-05",
        "S19": "Orchestration mode (preview), 2019-10-23",
        "S21F": "Orchestration modes: Flexible, Uniform and availability sets compared, 2021-02-12",
        "S21U": "Automatic OS image upgrades, 2021-07-29",
    }
)
"""The documents: title and date by short name."""

SHOWN_ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "kind": "the heading",
        "mode_rule": "the sentence under the heading",
        "profile_rule": "the rule of `profile`",
        "single_placement_group_rule": "the rule of `single_placement_group`",
        "capabilities": "the table of capabilities",
        "capability_rules": "the table of capabilities",
    }
)
"""The fields of a kind of group that are no question of their own, with where the page shows them."""


def _always(_rules: KindRules) -> bool:
    return True


def _its_own(_rules: KindRules) -> tuple[str, ...]:
    return ()


@frozen
class Wording:
    """How one field of a kind of group is put to a reader."""

    question: str
    """What the field answers."""
    words: Mapping[object, str] = MappingProxyType({True: "yes", False: "no"})
    """The answer in words, by what the field holds; not used for bounds."""
    rules: Callable[[KindRules], tuple[str, ...]] = _its_own
    """The rules that say it, of a field whose value names none itself."""
    arises: Callable[[KindRules], bool] = _always
    """Whether the question makes sense for a kind, by what the edition says besides."""


@frozen
class Answer:
    """What an edition says to one question about a kind of group."""

    question: str
    """The question."""
    words: str
    """The answer."""
    rules: tuple[str, ...]
    """The rules that say so; none where the model takes it for granted."""


def _named(*rules: str | None) -> tuple[str, ...]:
    return tuple(rule for rule in rules if rule is not None)


def _said(says: Says | None) -> tuple[str, ...]:
    return () if says is None else (says.rule,)


def _has_a_mode(rules: KindRules) -> bool:
    return rules.mode_rule is not None


def _may_span_zones(rules: KindRules) -> bool:
    return rules.zone_count is None or rules.zone_count.highest > 1


def _may_be_zonal(rules: KindRules) -> bool:
    return rules.zone_count is None or rules.zone_count.highest > 0


def _may_have_update_domains(rules: KindRules) -> bool:
    return rules.update_domains is None or rules.update_domains.highest > 0


def _may_have_a_profile(rules: KindRules) -> bool:
    return rules.profile is not Presence.FORBIDDEN


def _chooses_placement_groups(rules: KindRules) -> bool:
    return rules.single_placement_group is None or len(rules.single_placement_group) > 1


WORDINGS: Mapping[str, Wording] = MappingProxyType(
    {
        "instance_api": Wording(
            "Through whose API is a member managed?",
            {Api.VIRTUAL_MACHINE: "the VM's own", Api.SCALE_SET: "the scale set's"},
            lambda rules: _said(rules.instance_type),
        ),
        "instance_type": Wording(
            "Are its members standard VMs, fully under their owner's control?",
            {True: "yes", False: "no, instances that are managed through the group alone"},
        ),
        "explicit": Wording(
            "Who makes its members?",
            {True: "the caller, one by one", False: "the group, by its instance count"},
            lambda rules: _said(rules.joining),
        ),
        "mode_immutable": Wording("Is its orchestration mode fixed at creation?", arises=_has_a_mode),
        "joining": Wording(
            "How does a VM become a member?",
            {True: "only by its own creation, which names the group", False: "only by the group making it"},
        ),
        "attach_detach": Wording("Can an existing VM be attached, or a member be detached?"),
        "profile": Wording(
            "Does its creation carry a VM configuration model?",
            {Presence.REQUIRED: "it must", Presence.FORBIDDEN: "it must not"},
            lambda rules: _named(rules.profile_rule),
        ),
        "capacity": Wording("How many instances may it have?"),
        "capacity_single_placement_group": Wording(
            "How many instances may it have in a single placement group?", arises=_chooses_placement_groups
        ),
        "created_empty": Wording(
            "Does it begin without members?", {True: "yes", False: "only if no instances are asked for"}
        ),
        "fault_domains_regional": Wording("How many fault domains may it have outside availability zones?"),
        "fault_domains_zonal": Wording(
            "How many fault domains may it have in an availability zone?", arises=_may_be_zonal
        ),
        "names_fault_domain": Wording("May the caller name the fault domain of a new member?"),
        "spreads_domains": Wording("Does a member that names no fault domain go to one that holds the fewest?"),
        "zone_count": Wording("How many availability zones may it have (with none it is regional)?"),
        "zone_balance": Wording(
            "Can the caller ask for strict balance between availability zones?", arises=_may_span_zones
        ),
        "single_placement_group": Wording(
            "What may `singlePlacementGroup` be?",
            {
                frozenset({True}): "true only",
                frozenset({False}): "false only",
                frozenset({True, False}): "true or false",
            },
            lambda rules: _named(rules.single_placement_group_rule),
        ),
        "delete_nonempty": Wording(
            "Can it be deleted while it has members?", {True: "yes, its members go with it", False: "no"}
        ),
        "artifacts_follow": Wording("Are network interfaces and disks deleted with their VM?"),
        "delete_one": Wording("Can a single member be deleted?"),
        "batch_operations": Wording("Can all its members be started, stopped or reimaged in one call?"),
        "boot_diagnostics": Wording("Does it have the scale set's boot-diagnostics calls?"),
        "uniform_extensions": Wording(
            "Which extensions do its members take?",
            {True: "those made for Uniform instances", False: "those made for standard VMs"},
        ),
        "lists_ids": Wording(
            "What does a listing of its members give?", {True: "their ids only", False: "the instances"}
        ),
        "movable": Wording("Can it be moved to another resource group?"),
        "same_place": Wording("Must a VM be in the group's region, zone and resource group to join?"),
        "health_sources": Wording(
            "What may report the health of its members?",
            {
                frozenset({HealthSource.EXTENSION}): "the Application Health extension only",
                frozenset(HealthSource): "the Application Health extension or a load-balancer probe",
            },
            health_source_rules,
        ),
        "identical": Wording("Are all its members made from one profile?", arises=_may_have_a_profile),
        "autoscale": Wording("May the platform change its instance count by autoscale?"),
        "update_domains": Wording("How many update domains may it have?"),
        "update_domains_mapped": Wording(
            "Does the platform map update domains to fault domains by itself?", arises=_may_have_update_domains
        ),
        "fault_domain_guarantee": Wording("With how many instances is availability across fault domains promised?"),
    }
)
"""What each field of a kind of group answers, in the order in which a page asks it."""


def answers(rules: KindRules) -> Iterator[Answer]:
    """What an edition says of a kind of group, question by question."""
    for name, wording in WORDINGS.items():
        value: object = getattr(rules, name)
        if isinstance(value, Limit):
            yield Answer(wording.question, _range(value), (value.rule,))
        elif isinstance(value, Says):
            yield Answer(wording.question, wording.words[value.value], (value.rule,))
        elif value is not None:
            yield Answer(wording.question, wording.words[value], wording.rules(rules))


def unanswered(rules: KindRules) -> Iterator[str]:
    """The questions about a kind of group that an edition leaves open."""
    for name, wording in WORDINGS.items():
        if getattr(rules, name) is None and wording.arises(rules):
            yield wording.question


def _range(limit: Limit) -> str:
    if limit.highest == 0:
        return "none"
    if limit.lowest == limit.highest:
        return f"exactly {limit.lowest}"
    return f"{limit.lowest} {'or' if limit.highest == limit.lowest + 1 else 'to'} {limit.highest}"


CAPABILITIES: Mapping[Capability, str] = MappingProxyType(
    {
        Capability.VM_TYPE: "Of what type are its members?",
        Capability.SKUS: "May its members have any VM size?",
        Capability.ZONES: "Can it be put into availability zones?",
        Capability.FULL_CONTROL: "Does its owner control VMs, network interfaces and disks in full?",
        Capability.AUTOSCALE: "Can it have autoscale?",
        Capability.FD_ASSIGNMENT: "Can a VM be put into a fault domain of the caller's choice?",
        Capability.ARTIFACT_REMOVAL: "Are network interfaces and disks removed with the instance?",
        Capability.MODEL_UPDATES: "Can its model be changed?",
        Capability.UPGRADE_POLICY: "Can changes of its model be brought to its instances (upgrade policy)?",
        Capability.OS_UPGRADE: "Can it upgrade the operating system of its instances?",
        Capability.GUEST_PATCHING: "Can security patches be installed inside the guest?",
        Capability.TERMINATE_NOTIFICATION: "Can there be a notice before an instance is terminated?",
        Capability.INSTANCE_REPAIR: "Can unhealthy instances be repaired automatically?",
        Capability.ACCELERATED_NETWORKING: "Can its members have accelerated networking?",
        Capability.PRIORITY: "May its members be Spot VMs and regular ones?",
        Capability.MIXED_OS: "May Linux and Windows be mixed?",
        Capability.APPLICATION_HEALTH: "Can the health of the application be watched?",
        Capability.ULTRA_SSD: "Can its members have ultra SSD disks?",
        Capability.INFINIBAND: "Can its members have InfiniBand?",
        Capability.WRITE_ACCELERATOR: "Can its members have write accelerator?",
        Capability.PROXIMITY_PLACEMENT: "Can it be put into a proximity placement group?",
        Capability.DEDICATED_HOST: "Can it be put on dedicated hosts?",
        Capability.BASIC_LB: "Can it stand behind a Basic load balancer?",
        Capability.STANDARD_LB: "Can it stand behind a Standard load balancer?",
        Capability.APPLICATION_GATEWAY: "Can it stand behind an application gateway?",
        Capability.MAINTENANCE_CONTROL: "Can it have maintenance control?",
        Capability.LIST_VMS: "Can its VMs be listed?",
        Capability.ALERTS: "Can it have Azure alerts?",
        Capability.VM_INSIGHTS: "Can it have VM insights?",
        Capability.BACKUP: "Can its members have Azure Backup?",
        Capability.SITE_RECOVERY: "Can its members have Azure Site Recovery?",
        Capability.ATTACH_DETACH: "Can an existing VM be added or removed?",
        Capability.INSTANCE_PROTECTION: "Can single instances be protected from the group's own actions?",
        Capability.MIXED_SIZES: "May VM sizes be mixed?",
    }
)
"""What each capability asks."""

CONDITIONS: Mapping[str, str] = MappingProxyType(
    {
        "standard-vm": "standard VMs (Microsoft.Compute/virtualMachines)",
        "scale-set-vm": "scale-set VMs (Microsoft.Compute/virtualMachineScaleSets/virtualMachines)",
        "series-d-e-f-a-b": "only series D, E, F, A and B (Intel and AMD)",
        "one-zone": "only one zone, the same for all its VMs, or none",
        "one-to-three-zones": "one, two or three zones",
        "scale-set-vm-api-only": "only through the scale set's VM API",
        "through-group-only": "only through the group",
        "no-mixing": "only one of them for the whole group",
        "regular-only": "only regular ones",
        "extension-only": "only by the Application Health extension",
        "zonal-only": "only in a zonal deployment",
        "single-placement-group-only": "only in a single placement group",
        "powershell-only": "only through PowerShell",
    }
)
"""The conditions of the tables' cells, as answers."""


def cell_words(cell: Cell | None) -> str:
    """What a cell of a comparison table says; `None`: there is no such cell."""
    if cell is None:
        return "not answered"
    if cell.support is Support.CONDITIONAL:
        return CONDITIONS[cell.condition]
    if cell.support is Support.NOT_APPLICABLE:
        # A note says why there is no answer; a bare dash of the document says that there is none to give.
        return f"no answer ({cell.note})" if cell.note else "does not apply"
    return f"{cell.support.value} ({cell.note})" if cell.note else str(cell.support.value)
