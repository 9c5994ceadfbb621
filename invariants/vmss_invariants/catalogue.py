"""The catalogue of invariants: what always holds, in one sentence each, and the rules it follows from.

Those about models, images and rollouts stand in `catalogue_models` and `catalogue_rollouts`; those that hold what is
refused against a second statement of the documents in `catalogue_documented`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from vmss_invariants import predicates_members as pm
from vmss_invariants import predicates_placement as pp
from vmss_invariants import predicates_reading as pa
from vmss_invariants import predicates_registration as pr
from vmss_invariants import predicates_step as ps
from vmss_invariants import predicates_world as pw
from vmss_invariants.catalogue_documented import DOCUMENTED_INVARIANTS
from vmss_invariants.catalogue_models import MODEL_INVARIANTS
from vmss_invariants.catalogue_rollouts import ROLLOUT_INVARIANTS
from vmss_invariants.invariant import (
    EVERYWHERE,
    AnyInvariant,
    Design,
    GroupInvariant,
    Invariant,
    InvariantKind,
    Place,
    StepInvariant,
    WorldInvariant,
    places,
)
from vmss_invariants.steps import EXPLICIT_KINDS
from vmss_model.values import GroupKind
from vmss_model.world import Group

__all__ = [
    "EVERYWHERE",
    "INVARIANTS",
    "AnyInvariant",
    "GroupInvariant",
    "Invariant",
    "InvariantKind",
    "Place",
    "StepInvariant",
    "WorldInvariant",
    "places",
]

_2021 = ("2021-02", "2021-07")
_FROM_2019 = ("2019-10", *_2021)
_FLEXIBLE, _UNIFORM, _AVAILABILITY_SET = GroupKind.FLEXIBLE, GroupKind.UNIFORM, GroupKind.AVAILABILITY_SET
_VM, _SCALE_SET_VM = GroupKind.VM, GroupKind.SCALE_SET_VM
_IN_2021 = places(editions=_2021)
_SPOKEN_OF = places(editions=_FROM_2019)
_EXPLICIT = places(*EXPLICIT_KINDS)
_MAKING = EVERYWHERE - _EXPLICIT
_MODES = _SPOKEN_OF - places(_AVAILABILITY_SET)
_UNIFORM_2021 = places(_UNIFORM, editions=_2021)
_FOLLOWING = places(_SCALE_SET_VM) | _UNIFORM_2021
_BALANCING = places(_SCALE_SET_VM)
_FLEXIBLE_ONLY = places(_FLEXIBLE)
_EMPTY_FIRST = places(_VM, _FLEXIBLE)

_PLACED = Design(
    "Where a member stands is a part of the member, and the model places none but in what its group has.", (1, 5)
)
_ATTACHED = Design(
    "A member is made together with its NIC and its disk, and only events that take it away touch them.", (1,)
)
_ONLY_GRANTS = Design("Only a grant has events, and only events change a world.", (1,))
_REFUSALS = Design(
    "A refusal is a value that is made of its rules, its values and its words, in every edition alike.", (1, 8)
)
_WORDS = Design(
    "What is refused for the same reason is refused in the same words, those of the 2021 documents, in 2019 too.",
    (3, 8),
)
_CLOCK = Design("The clock is a part of the world, and one event moves it; it stops where something is due.", (1, 10))
_MADE = Design("A member joins by an event of its own creation or of its group's; no other event adds one.", (1,))
_TOTAL = Design("Refusals are values, and a request that no rule speaks of is answered as well.", (1, 3))
_PURE = Design(
    "`decide` and `evolve` read nothing but what they are given, and what is left to chance is a choice, which the "
    "caller settles.",
    (1, 2),
)


def _about_members(group: Group) -> tuple[object, ...]:
    """What a predicate over the members looks at."""
    counts = (group.fault_domain_count, group.update_domain_count, group.capacity, group.next_instance_id)
    return (group.members, group.census, group.zones, group.profile, *counts)


_WORLD_INVARIANTS: tuple[GroupInvariant | WorldInvariant, ...] = (
    GroupInvariant(
        id="capacity-stays-within-the-kinds-bounds",
        statement="No group holds fewer or more members than its kind may in its edition.",
        rules=("CAP-VM-2019", "CAP-SSVM-2019", "CAP-FLEX", "CAP-UNIFORM", "CAP-AVSET"),
        where=_SPOKEN_OF,
        check_group=pw.capacity_within_bounds,
    ),
    GroupInvariant(
        id="one-placement-group-holds-at-most-100",
        statement="A Uniform group with a single placement group holds at most 100 members.",
        rules=("CAP-UNIFORM", "SPG-UNIFORM"),
        where=_UNIFORM_2021,
        check_group=pw.one_placement_group_bounds,
        concerns=pw.keeps_to_one_placement_group,
    ),
    GroupInvariant(
        id="fault-domain-count-stays-within-bounds",
        statement="A group's fault-domain count is one that its kind has and, where it varies by region, the region.",
        rules=(
            "FDCOUNT-VM-2019",
            "FDCOUNT-SSVM-2019",
            "FDCOUNT-UNIFORM",
            "FDCOUNT-FLEX-REGIONAL",
            "FDCOUNT-FLEX-ZONAL",
        ),
        where=_MODES,
        check_group=pw.fault_domain_count_within_bounds,
        concerns=pw.counts_domains,
    ),
    GroupInvariant(
        id="members-stand-in-the-groups-fault-domains",
        statement=(
            "Every member is in one of its group's fault domains; where their number is not known, in one that there "
            "can be, or in none."
        ),
        rules=("FD-EXPLICIT", "FD-SPREAD"),
        design=_PLACED,
        check_group=pw.members_stand_in_fault_domains,
        part=_about_members,
        concerns=pw.has_members,
    ),
    GroupInvariant(
        id="members-stand-in-the-groups-zones",
        statement="Every member is in one of its group's zones, or in none where the group is regional.",
        rules=("ZONES-VM-2019", "ZONES-SSVM-2019", "ZONES-FLEX", "ZONES-UNIFORM", "ZONES-AVSET"),
        design=_PLACED,
        check_group=pw.members_stand_in_zones,
        part=_about_members,
        concerns=pw.has_members,
    ),
    GroupInvariant(
        id="groups-of-vms-never-span-zones",
        statement="A Flexible or VM group has at most one zone, and its VMs are all in that one, or all in none.",
        rules=("ZONES-FLEX", "ZONES-VM-2019", "SAME-PLACE"),
        where=_EMPTY_FIRST,
        check_group=pw.never_spans_zones,
        part=_about_members,
        concerns=pw.has_members,
    ),
    GroupInvariant(
        id="zone-count-stays-within-bounds",
        statement="A group spans as many distinct zones as its kind may: an availability set none.",
        rules=("ZONES-VM-2019", "ZONES-SSVM-2019", "ZONES-FLEX", "ZONES-UNIFORM", "ZONES-AVSET"),
        where=_SPOKEN_OF,
        check_group=pw.zone_count_within_bounds,
    ),
    GroupInvariant(
        id="the-census-equals-a-recount",
        statement="The counts that the guards read are those of the members.",
        rules=("ARM-LIST",),
        check_group=pw.census_equals_recount,
        part=_about_members,
    ),
    GroupInvariant(
        id="uniform-members-are-identical",
        statement="Every Uniform member has the size, operating system and priority of the group's profile.",
        rules=("UNIFORM-IDENTICAL",),
        where=places(_UNIFORM, editions=("2018-06-stack", *_2021)),
        check_group=pw.members_match_profile,
        part=_about_members,
        concerns=pw.has_members,
    ),
    GroupInvariant(
        id="capacity-is-the-number-of-members",
        statement="The instance count of a group that makes its members is the number of its members.",
        rules=("ARM-CAPACITY", "ADD-IMPLICIT"),
        where=_MAKING,
        check_group=pw.capacity_is_member_count,
        part=_about_members,
    ),
    GroupInvariant(
        id="groups-of-vms-have-no-instance-count",
        statement="A group whose members are made one by one has no instance count.",
        rules=("ADD-EXPLICIT", "EMPTY-GROUP"),
        where=_EXPLICIT,
        check_group=pw.no_instance_count,
    ),
    GroupInvariant(
        id="instance-ids-stay-below-the-next-one",
        statement="The members of a group that makes them carry numbers below the next id it will use.",
        rules=("ARM-CAPACITY",),
        where=_MAKING,
        check_group=pw.ids_below_next,
        part=_about_members,
        concerns=pw.has_members,
    ),
    GroupInvariant(
        id="update-domains-follow-fault-domains",
        statement="In 2019 a member's update domain has the number of its fault domain.",
        rules=("UD-MAPPED-2019",),
        where=places(editions=("2019-10",)),
        check_group=pw.update_domains_mapped,
        part=_about_members,
        concerns=pw.has_members,
    ),
    GroupInvariant(
        id="update-domain-count-stays-within-bounds",
        statement="Flexible has no update domains, Uniform up to 5, an availability set 1 to 20; members are in them.",
        rules=("UD-2021",),
        where=_IN_2021,
        check_group=pw.update_domain_count_within_bounds,
        part=_about_members,
    ),
    GroupInvariant(
        id="profile-is-as-the-mode-asks",
        statement="A VM group has no VM configuration model, a ScaleSetVM group has one.",
        rules=("PROFILE-VM-NONE", "PROFILE-SSVM-REQUIRED"),
        where=places(editions=("2019-10",)),
        check_group=pw.profile_as_mode_asks,
    ),
    GroupInvariant(
        id="placement-groups-are-as-the-kind-allows",
        statement="A Flexible group always uses several placement groups, a VM group of 2019 never does.",
        rules=("SPG-FLEX", "SPG-VM-2019"),
        where=_EMPTY_FIRST,
        check_group=pw.placement_groups_as_kind_allows,
    ),
    GroupInvariant(
        id="capabilities-in-use-are-in-the-table",
        statement="No group uses a capability that the table refuses its kind, or whose condition does not hold.",
        rules=("CAPS-INFINIBAND", "CAPS-ULTRA-SSD", "CAPS-OS-UPGRADE", "CAPS-BASIC-LB", "CAPS-2019-OS-UPGRADE"),
        where=_SPOKEN_OF,
        check_group=pw.capabilities_in_table,
        concerns=pw.uses_capabilities,
    ),
    GroupInvariant(
        id="kinds-without-autoscale-have-no-bounds",
        statement="Flexible, availability sets, VM groups and scale sets on Azure Stack have no autoscale.",
        rules=("AUTOSCALE", "STACK-NO-AUTOSCALE", "CAPS-AUTOSCALE", "CAPS-2019-AUTOSCALE"),
        where=_EXPLICIT | places(editions=("2018-06-stack",)),
        check_group=pw.no_autoscale,
    ),
    GroupInvariant(
        id="flexible-has-no-instance-repair",
        statement="A Flexible group never has instance repair.",
        rules=("CAPS-INSTANCE-REPAIR",),
        where=_FLEXIBLE_ONLY,
        check_group=pw.no_repairs,
    ),
    GroupInvariant(
        id="health-of-vms-comes-from-the-extension",
        statement="Health of a Flexible group's or availability set's VMs never comes from a load-balancer probe.",
        rules=("HEALTH-SOURCE", "CAPS-APPLICATION-HEALTH"),
        where=places(_FLEXIBLE, _AVAILABILITY_SET),
        check_group=pw.health_by_extension,
    ),
    GroupInvariant(
        id="members-have-their-own-nic-and-disk",
        statement="Every member's NIC and disk exist and belong to it.",
        rules=("ARTIFACTS-FOLLOW", "ARTIFACTS-REMAIN"),
        design=_ATTACHED,
        check_group=pw.members_have_artifacts,
        concerns=pw.has_members,
    ),
    GroupInvariant(
        id="members-of-vm-groups-are-vms",
        statement="Every member of a group of standard VMs is a VM of the group's resource group that names the group.",
        rules=("INSTANCE-TYPE", "SAME-PLACE"),
        where=_EXPLICIT,
        check_group=pw.members_are_machines,
        concerns=pw.has_members,
    ),
    WorldInvariant(
        id="vms-are-members-or-stand-alone",
        statement="Every VM that names a group is a member of that group.",
        rules=("ADD-EXPLICIT", "ATTACH-DETACH-NEVER"),
        where=_EXPLICIT,
        check_world=pw.machines_are_members,
        part=lambda world: world.machines,
    ),
    WorldInvariant(
        id="vm-names-are-unique-in-the-resource-group",
        statement="No two VMs of a resource group have one name, whichever groups they are in.",
        rules=("NAMING",),
        where=places(*EXPLICIT_KINDS, editions=_2021),
        check_world=pw.vm_names_unique,
        part=lambda world: world.machines,
    ),
    WorldInvariant(
        id="used-artifacts-belong-to-members",
        statement="A NIC or disk that is in use belongs to a member that exists.",
        rules=("ARTIFACTS-FOLLOW", "ARTIFACTS-REMAIN"),
        design=_ATTACHED,
        check_world=pw.owners_are_members,
        part=lambda world: world.artifacts,
    ),
    WorldInvariant(
        id="registrations-end-within-15-minutes",
        statement="A feature registration ends at the latest 15 minutes after it was asked for.",
        rules=("REG-DELAY",),
        where=_FLEXIBLE_ONLY,
        check_world=pw.registrations_end_in_time,
        part=lambda world: world.subscription,
    ),
    WorldInvariant(
        id="superseded-states-are-in-order",
        statement="What is kept of a VM for Resource Graph was superseded in order, and not in the future.",
        rules=("ARG-STALE",),
        where=places(*EXPLICIT_KINDS, editions=_2021),
        check_world=pw.graph_remembers_no_longer_than_needed,
        part=lambda world: world.recent,
    ),
)

_STEP_INVARIANTS: tuple[StepInvariant, ...] = (
    StepInvariant(
        id="a-change-sets-what-it-asks-for",
        statement="After a granted change a group has every property that the change asked for.",
        rules=("ARM-READ-BACK",),
        check=pa.changes_set_what_they_ask_for,
        concerns=pa.concerns_changes,
    ),
    StepInvariant(
        id="a-listing-shows-the-groups",
        statement="A listing of groups shows exactly those of its resource group.",
        rules=("ARM-LIST",),
        check=pa.group_list_shows_the_groups,
        concerns=pa.concerns_group_lists,
    ),
    StepInvariant(
        id="a-registration-takes-from-no-time-to-15-minutes",
        statement="A feature registration may end at any moment of the 15 minutes after it was asked for.",
        rules=("REG-DELAY",),
        where=_IN_2021,
        check=pr.registration_window_is_whole,
        concerns=pr.concerns_registrations,
    ),
    StepInvariant(
        id="mode-never-changes",
        statement="A group keeps the orchestration mode it was created with.",
        rules=("MODE-IMMUTABLE", "ARM-IMMUTABLE"),
        check=ps.mode_kept,
        concerns=ps.concerns_survivors,
    ),
    StepInvariant(
        id="zones-and-region-never-change",
        statement="A group keeps its region and zones, and a member its zone.",
        rules=("ARM-IMMUTABLE",),
        check=ps.zones_kept,
        concerns=ps.concerns_survivors,
    ),
    StepInvariant(
        id="fault-domains-never-change",
        statement="A group keeps its fault-domain count, and a member its fault domain.",
        rules=("ARM-IMMUTABLE",),
        check=ps.fault_domains_kept,
        concerns=ps.concerns_survivors,
    ),
    StepInvariant(
        id="priority-never-changes",
        statement="A profile keeps its priority, and a member its own.",
        rules=("ARM-IMMUTABLE",),
        check=ps.priority_kept,
        concerns=ps.concerns_survivors,
    ),
    StepInvariant(
        id="a-request-touches-one-group",
        statement=(
            "A request changes or removes no group but the one it names; a newer image opens or ends windows of the "
            "groups that follow it, and changes nothing else."
        ),
        rules=("ARM-READ-BACK",),
        check=ps.other_groups_untouched,
        concerns=ps.concerns_events,
    ),
    StepInvariant(
        id="no-request-raises",
        statement="The model decides every request, however bad: it never raises.",
        rules=(),
        design=_TOTAL,
        check=ps.nothing_raised,
        concerns=ps.concerns_all,
    ),
    StepInvariant(
        id="what-is-not-granted-changes-nothing",
        statement="A request that is refused, or of which the documents are silent, leaves the world as it was.",
        rules=("DELETE-NONEMPTY-REJECTED", "MODE-IMMUTABLE", "BATCH-OPS"),
        design=_ONLY_GRANTS,
        check=ps.refusal_changes_nothing,
        concerns=ps.concerns_not_granted,
    ),
    StepInvariant(
        id="reads-change-nothing",
        statement="A query leaves the world as it was.",
        rules=("GET-FRESH", "ARG-STALE", "ARM-LIST"),
        check=ps.reads_change_nothing,
        concerns=ps.concerns_reads,
    ),
    StepInvariant(
        id="refusals-name-their-rules",
        statement="Every refusal names rules of the catalogue, and has a code and a message.",
        rules=("E1", "E2", "E3", "E4"),
        design=_REFUSALS,
        check=ps.refusals_name_rules,
        concerns=ps.concerns_refusals,
    ),
    StepInvariant(
        id="refusals-carry-the-offending-values",
        statement="Every refusal carries the values that it is about.",
        rules=("E1", "E2", "E3", "E4"),
        design=_REFUSALS,
        check=ps.refusals_carry_values,
        concerns=ps.concerns_refusals,
    ),
    StepInvariant(
        id="refusals-follow-from-the-edition",
        statement="Every refusal names a rule that belongs to the edition it is made in.",
        rules=("E1", "E2", "E3", "E4"),
        design=_REFUSALS,
        check=ps.refusals_belong_to_edition,
        concerns=ps.concerns_refusals,
    ),
    StepInvariant(
        id="documented-errors-are-word-for-word",
        statement="E1 to E4 have exactly the documented code and text, with the request's numbers in it.",
        rules=("E1", "E2", "E3", "E4"),
        design=_WORDS,
        where=_MODES,
        check=ps.documented_errors_word_for_word,
        concerns=ps.concerns_documented_errors,
    ),
    StepInvariant(
        id="evolve-is-deterministic",
        statement="The same events lead from the same world to the same world.",
        rules=(),
        design=_PURE,
        check=ps.evolve_is_deterministic,
        concerns=ps.concerns_few_events,
    ),
    StepInvariant(
        id="decide-is-repeatable",
        statement="The same request in the same world is decided in the same way.",
        rules=(),
        design=_PURE,
        check=ps.decide_is_repeatable,
        concerns=ps.concerns_all,
        of_decision=True,
    ),
    StepInvariant(
        id="only-advancing-moves-the-clock",
        statement=(
            "The clock moves forward by what a request to advance it says, less only where something is due "
            "before, and by nothing else."
        ),
        rules=("REG-DELAY", "ARG-STALE", "OSU-WAIT"),
        design=_CLOCK,
        check=pr.clock_moves_by_request,
        concerns=ps.concerns_all,
    ),
    StepInvariant(
        id="features-show-as-registered-in-time",
        statement="A feature shows as registered 15 minutes after it was asked for, and never without being asked for.",
        rules=("REG-DELAY",),
        where=_FLEXIBLE_ONLY,
        check=pr.features_shown_in_time,
        concerns=pr.concerns_shown_features,
    ),
    StepInvariant(
        id="flexible-needs-registration",
        statement="A Flexible group is created only after both features were registered and then the provider.",
        rules=("REG-REQUIRED", "REG-PROPAGATE", "E1"),
        where=_FLEXIBLE_ONLY,
        check=pr.flexible_needs_registration,
        concerns=pr.concerns_new_groups,
    ),
    StepInvariant(
        id="flexible-needs-a-recent-api",
        statement="A Flexible group is never created through an API version before 2019-12-01.",
        rules=("API-MIN-FLEX",),
        where=_FLEXIBLE_ONLY,
        check=pr.flexible_needs_api_version,
        concerns=pr.concerns_new_groups,
    ),
    StepInvariant(
        id="stack-scale-sets-need-the-marketplace",
        statement="On Azure Stack a scale set is created only with registration, OS image and marketplace item there.",
        rules=("STACK-MARKETPLACE",),
        where=places(editions=("2018-06-stack",)),
        check=pr.stack_needs_marketplace,
        concerns=pr.concerns_new_groups,
    ),
    StepInvariant(
        id="only-a-removed-item-may-linger",
        statement="An item that is there is shown, one that never was is not; only a removed one may be either.",
        rules=("STACK-MARKETPLACE",),
        where=places(editions=("2018-06-stack",)),
        check=pr.removed_items_alone_are_open,
        concerns=pr.concerns_shown_items,
    ),
    StepInvariant(
        id="vms-join-only-by-their-creation",
        statement="In a group of standard VMs members come one at a time, by their own creation.",
        rules=("ADD-EXPLICIT",),
        where=_EXPLICIT,
        check=pm.joins_by_own_creation,
        concerns=pm.concerns_arrivals,
    ),
    StepInvariant(
        id="vms-leave-only-by-deletion",
        statement="In a group of standard VMs members go only by deletion.",
        rules=("ATTACH-DETACH-NEVER", "DELETE-ONE"),
        where=_EXPLICIT,
        check=pm.leaves_by_deletion,
        concerns=pm.concerns_departures,
    ),
    StepInvariant(
        id="instances-come-only-from-their-group",
        statement="Members of a group that makes them come from its model and instance count, never from outside.",
        rules=("ADD-IMPLICIT",),
        design=_MADE,
        where=_MAKING,
        check=pm.joins_by_the_group,
        concerns=pm.concerns_arrivals,
    ),
    StepInvariant(
        id="existing-vms-never-change-groups",
        statement="An existing VM is never attached to a group nor detached from one.",
        rules=("ATTACH-DETACH-NEVER",),
        where=_SPOKEN_OF,
        check=pm.machines_keep_their_group,
        concerns=pm.concerns_attach,
    ),
    StepInvariant(
        id="a-group-that-holds-vms-is-never-deleted",
        statement="A Flexible or VM group with members is still there after a request to delete it, just as it was.",
        rules=("DELETE-NONEMPTY-REJECTED",),
        where=_EMPTY_FIRST,
        check=pm.nonempty_group_stays,
        concerns=pm.concerns_nonempty_deletions,
    ),
    StepInvariant(
        id="deleting-a-group-that-holds-vms-answers-e3",
        statement="The deletion of a Flexible group with members is refused with E3.",
        rules=("DELETE-NONEMPTY-REJECTED", "E3"),
        where=_FLEXIBLE_ONLY,
        check=pm.nonempty_deletion_answers_e3,
        concerns=pm.concerns_nonempty_deletions,
    ),
    StepInvariant(
        id="a-deleted-group-leaves-nothing-behind",
        statement="Deleting a ScaleSetVM or Uniform group takes all its members along, with their NICs and disks.",
        rules=("DELETE-CASCADES", "ARTIFACTS-FOLLOW"),
        where=_FOLLOWING,
        check=pm.deletion_leaves_nothing,
        concerns=pm.concerns_deletion_requests,
    ),
    StepInvariant(
        id="artifacts-follow-instances",
        statement="NICs and disks of a deleted ScaleSetVM or Uniform instance are gone.",
        rules=("ARTIFACTS-FOLLOW", "CAPS-ARTIFACT-REMOVAL"),
        where=_FOLLOWING,
        check=pm.artifacts_follow,
        concerns=pm.concerns_deleted_members,
    ),
    StepInvariant(
        id="artifacts-outlive-vms",
        statement="NICs and disks of a deleted VM of a VM or Flexible group or an availability set remain.",
        rules=("ARTIFACTS-REMAIN", "CAPS-ARTIFACT-REMOVAL"),
        where=_EXPLICIT,
        check=pm.artifacts_remain,
        concerns=pm.concerns_deleted_members,
    ),
    StepInvariant(
        id="instance-ids-grow",
        statement="A new instance id is above every id that its group ever had.",
        rules=("ARM-CAPACITY",),
        where=_MAKING,
        check=pm.ids_grow,
        concerns=pm.concerns_new_ids,
    ),
    StepInvariant(
        id="autoscale-stays-within-its-bounds",
        statement="The platform sets an instance count only where autoscale is configured, and within its bounds.",
        rules=("AUTOSCALE",),
        where=_FOLLOWING,
        check=pm.autoscale_within_bounds,
        concerns=pm.concerns_autoscale,
    ),
    StepInvariant(
        id="kinds-without-autoscale-are-never-scaled",
        statement="The platform never sets an instance count by itself where the kind has no autoscale.",
        rules=("AUTOSCALE", "STACK-NO-AUTOSCALE"),
        where=_EXPLICIT | places(editions=("2018-06-stack",)),
        check=pm.never_autoscales,
        concerns=pm.concerns_autoscale,
    ),
    StepInvariant(
        id="a-granted-capacity-is-reached",
        statement="After a granted change of the instance count the group has that many members.",
        rules=("ARM-CAPACITY",),
        where=_MAKING,
        check=pm.capacity_reached,
        concerns=pm.concerns_capacity_changes,
    ),
    StepInvariant(
        id="a-repair-replaces-one-unhealthy-member",
        statement="A repair replaces exactly one unhealthy member, and only where it is configured.",
        rules=("HEALTH-SOURCE", "CAPS-INSTANCE-REPAIR"),
        where=_UNIFORM_2021,
        check=pm.repair_replaces_one,
        concerns=pm.concerns_repairs,
    ),
    StepInvariant(
        id="platform-made-names-are-prefix-and-number",
        statement="A name that the platform makes is the given prefix with a number, and was not in use.",
        rules=("NAMING",),
        where=places(*EXPLICIT_KINDS, editions=_2021),
        check=pm.platform_names_are_prefix_and_number,
        concerns=pm.concerns_platform_names,
    ),
    StepInvariant(
        id="placement-takes-a-least-loaded-domain",
        statement="A VM that names no fault domain goes into one that holds fewest members.",
        rules=("FD-SPREAD",),
        where=_FLEXIBLE_ONLY,
        check=pp.placed_in_least_loaded_domain,
        concerns=pp.concerns_automatic_placement,
    ),
    StepInvariant(
        id="placement-never-widens-the-spread",
        statement="Automatic placement never makes max - min over fault domains larger than max(1, what it was).",
        rules=("FD-SPREAD",),
        where=_FLEXIBLE_ONLY,
        check=pp.placement_keeps_spread,
        concerns=pp.concerns_automatic_placement,
    ),
    StepInvariant(
        id="a-named-fault-domain-is-taken",
        statement="A VM stands in the fault domain that its caller named.",
        rules=("FD-EXPLICIT", "CAPS-FD-ASSIGNMENT"),
        where=_FLEXIBLE_ONLY,
        check=pp.named_domain_is_taken,
        concerns=pp.concerns_named_domains,
    ),
    StepInvariant(
        id="vms-join-in-the-groups-place",
        statement="A VM joins a Flexible group only in the group's region, zone and resource group.",
        rules=("SAME-PLACE",),
        where=_FLEXIBLE_ONLY,
        check=pp.joins_at_the_same_place,
        concerns=pp.concerns_created_vms,
    ),
    StepInvariant(
        id="scaling-out-keeps-zones-balanced",
        statement="With strict zone balance a scale-out fills the emptiest zones and never unbalances them.",
        rules=("ZONES-SSVM-2019",),
        where=_BALANCING,
        check=pp.growth_keeps_balance,
        concerns=pp.concerns_balanced_growth,
    ),
    StepInvariant(
        id="scaling-in-keeps-zones-balanced",
        statement="With strict zone balance a scale-in empties the fullest zones and never unbalances them.",
        rules=("ZONES-SSVM-2019",),
        where=_BALANCING,
        check=pp.shrinking_keeps_balance,
        concerns=pp.concerns_balanced_shrinking,
    ),
    StepInvariant(
        id="flexible-has-no-batch-operations",
        statement="No batch operation on a Flexible group is ever granted.",
        rules=("BATCH-OPS",),
        where=_FLEXIBLE_ONLY,
        check=pm.no_batch_operations,
        concerns=pm.concerns_batches,
    ),
    StepInvariant(
        id="instances-are-managed-through-their-group",
        statement="An instance of ScaleSetVM or Uniform is never managed as a standard VM.",
        rules=("INSTANCE-TYPE", "CAPS-FULL-CONTROL", "CAPS-2019-INSTANCE-CONTROL"),
        where=_FOLLOWING,
        check=pm.managed_through_the_group,
        concerns=pm.concerns_vm_calls,
    ),
    StepInvariant(
        id="power-shows-what-was-done",
        statement="A started member runs and a deallocated one is deallocated.",
        rules=("ARM-POWER",),
        check=pm.power_shows,
        concerns=pm.concerns_power,
    ),
    StepInvariant(
        id="flexible-has-no-boot-diagnostics-calls",
        statement="The scale set's boot-diagnostics calls are never granted on Flexible.",
        rules=("BOOTDIAG-API",),
        where=_FLEXIBLE_ONLY,
        check=pm.no_boot_diagnostics,
        concerns=pm.concerns_boot_diagnostics,
    ),
    StepInvariant(
        id="extensions-are-of-the-right-make",
        statement="Flexible takes extensions made for standard VMs, and none that is made for Uniform instances.",
        rules=("EXTENSION-KIND",),
        where=_FLEXIBLE_ONLY,
        check=pm.extensions_of_the_right_make,
        concerns=pm.concerns_extensions,
    ),
    StepInvariant(
        id="a-listing-shows-the-members",
        statement="A listing shows exactly the members, each once and as it is.",
        rules=("ARM-LIST", "CAPS-LIST-VMS"),
        check=pa.listing_shows_the_members,
        concerns=pa.concerns_listings,
    ),
    StepInvariant(
        id="flexible-lists-ids-and-uniform-instances",
        statement="A listing of Flexible gives ids, one of Uniform the instances themselves.",
        rules=("LIST-IDS",),
        where=_UNIFORM_2021 | _FLEXIBLE_ONLY,
        check=pa.listing_is_of_the_kind,
        concerns=pa.concerns_listings,
    ),
    StepInvariant(
        id="reads-are-fresh",
        statement="A read of a group or of one member shows it as it is.",
        rules=("GET-FRESH", "ARM-READ-BACK"),
        check=pa.reads_are_fresh,
        concerns=pa.concerns_fresh_reads,
    ),
    StepInvariant(
        id="resource-graph-is-never-older-than-60-seconds",
        statement="Resource Graph shows each VM in a state it had at some moment of the last 60 seconds.",
        rules=("ARG-STALE",),
        where=places(*EXPLICIT_KINDS, editions=_2021),
        check=pa.graph_answers_are_recent,
        concerns=pa.concerns_graph_answers,
    ),
    StepInvariant(
        id="resource-graph-may-show-every-recent-state",
        statement="Every state a VM had in the last 60 seconds is one that Resource Graph may show.",
        rules=("ARG-STALE",),
        where=places(*EXPLICIT_KINDS, editions=_2021),
        check=pa.graph_may_show_all_recent_states,
        concerns=pa.concerns_graph_choices,
    ),
)

INVARIANTS: Mapping[str, AnyInvariant] = MappingProxyType(
    {
        one.id: one
        for one in (
            *_WORLD_INVARIANTS,
            *_STEP_INVARIANTS,
            *MODEL_INVARIANTS,
            *ROLLOUT_INVARIANTS,
            *DOCUMENTED_INVARIANTS,
        )
    }
)
"""Every invariant by its id."""
