"""The invariants about models and images: how models change, who takes part, releases, and Azure Stack."""

from __future__ import annotations

from vmss_invariants import predicates_images as pi
from vmss_invariants import predicates_models as pm
from vmss_invariants import predicates_world as pw
from vmss_invariants.invariant import AnyInvariant, Design, GroupInvariant, StepInvariant, WorldInvariant, places
from vmss_invariants.steps import EXPLICIT_KINDS
from vmss_model.values import GroupKind

_2017, _2021_02, _2021_07 = "2017-05", "2021-02", "2021-07"
_UPGRADED = places(GroupKind.UNIFORM, editions=(_2017, _2021_02, _2021_07))
_IN_2017 = places(GroupKind.UNIFORM, editions=(_2017,))
_AUTOMATIC = places(GroupKind.UNIFORM, editions=(_2021_07,))
_STACK = places(editions=("2018-06-stack",))
_MAKING = places() - places(*EXPLICIT_KINDS)
_VERSIONED = Design(
    "An instance is made from the model that its group has at that time, and the versions of a model are counted on.",
    (1,),
)
_DISKS = Design("No event but the creation of an instance sets its data disks.", (1,))
_PLANNED = Design("A plan and a heat map are made by the same code in every edition that speaks of upgrades.", (3,))

MODEL_INVARIANTS: tuple[AnyInvariant, ...] = (
    GroupInvariant(
        id="members-run-a-version-of-the-model-that-there-is",
        statement="Every member that its group made runs one of the versions that the group's model has had.",
        rules=("MODEL-VERSION",),
        design=_VERSIONED,
        where=_MAKING,
        check_group=pm.model_versions_in_range,
        part=lambda group: (group.members, group.model_version),
        concerns=pw.has_members,
    ),
    GroupInvariant(
        id="automatic-upgrades-are-on-only-where-they-may-be",
        statement=(
            "Automatic OS upgrades are on only for the newest version of a supported platform image or gallery image, "
            "with health reported, and for Service Fabric as it asks."
        ),
        rules=("OSU-LATEST", "OSU-IMAGES", "OSU-HEALTH", "OSU-PROBE-LB", "OSU-SF", "OSU-SWAP"),
        where=_AUTOMATIC,
        check_group=pm.eligible,
        concerns=pw.is_upgraded_automatically,
        part=lambda group: (group.os_upgrade, group.profile, group.health_source, group.single_placement_group),
    ),
    StepInvariant(
        id="a-changed-model-is-the-next-version",
        statement="A change of a group's model makes the next version of it.",
        rules=("MODEL-VERSION", "UPGRADE-KIND"),
        where=_UPGRADED,
        check=pm.change_makes_a_version,
        concerns=pm.concerns_model_changes,
    ),
    StepInvariant(
        id="a-changed-model-touches-no-instance-by-itself",
        statement="By policy Manual or Rolling, or none, a change of the model touches no instance.",
        rules=("UPGRADE-MANUAL", "UPGRADE-ROLLING", "MODEL-VERSION"),
        where=_UPGRADED,
        check=pm.change_touches_nobody,
        concerns=pm.concerns_changes_for_later,
    ),
    StepInvariant(
        id="by-policy-automatic-everybody-is-upgraded-at-once",
        statement="By policy Automatic a change of the model brings every instance to it in one step.",
        rules=("UPGRADE-AUTOMATIC",),
        where=_UPGRADED,
        check=pm.change_reaches_everybody,
        concerns=pm.concerns_changes_at_once,
    ),
    StepInvariant(
        id="publisher-and-offer-never-change",
        statement="A group whose model names a platform image keeps its publisher and offer.",
        rules=("PUBLISHER-OFFER-FIXED",),
        where=_AUTOMATIC,
        check=pm.publisher_and_offer_kept,
        concerns=pm.concerns_image_changes,
    ),
    StepInvariant(
        id="with-policy-manual-nobody-takes-part-at-first",
        statement="Where automatic upgrades are switched on with policy Manual, no instance takes part yet.",
        rules=("OSU-MANUAL-POLICY",),
        where=_AUTOMATIC,
        check=pm.nobody_takes_part_yet,
        concerns=pm.concerns_switching_on,
    ),
    StepInvariant(
        id="data-disks-are-never-lost",
        statement="Whatever happens to an instance that stays, its data disks stay too.",
        rules=("OSU-SWAP",),
        where=_MAKING,
        design=_DISKS,
        check=pm.data_disks_kept,
        concerns=pm.concerns_members_with_disks,
    ),
    StepInvariant(
        id="an-upgrade-call-reaches-exactly-the-named",
        statement="An upgrade call brings each instance that it names to the newest model, and touches no other.",
        rules=("UPGRADE-MANUAL",),
        where=_UPGRADED,
        check=pm.upgrade_calls_reach_the_named,
        concerns=pm.concerns_upgrade_calls,
    ),
    StepInvariant(
        id="a-patch-inside-changes-nothing",
        statement="Patching inside an instance changes nothing that the group knows of.",
        rules=("UPGRADE-KIND",),
        where=_IN_2017,
        check=pm.patches_are_not_seen,
        concerns=pm.concerns_patches,
    ),
    StepInvariant(
        id="extensions-run-in-their-sequence",
        statement="An instance gets its extensions each after those it comes after, up to one that fails.",
        rules=("OSU-SWAP",),
        where=_AUTOMATIC,
        check=pm.extensions_in_sequence,
        concerns=pm.concerns_provisioning,
    ),
    StepInvariant(
        id="a-plan-names-each-outdated-instance-once",
        statement="A plan for a rollout names every instance of its scope that is out of date exactly once.",
        rules=("ROLLOUT-PLAN",),
        design=_PLANNED,
        where=_UPGRADED,
        check=pm.plans_name_each_once,
        concerns=pm.concerns_plans,
    ),
    StepInvariant(
        id="a-plan-tells-of-downtime",
        statement="A plan is called free of downtime exactly if none of its steps takes every running instance.",
        rules=("UPGRADE-NO-DOWNTIME",),
        design=_PLANNED,
        where=_UPGRADED,
        check=pm.plans_tell_of_downtime,
        concerns=pm.concerns_plans,
    ),
    StepInvariant(
        id="a-heat-map-shows-each-instance-once",
        statement="A heat map has one cell for each instance, in the row of its domain.",
        rules=("HEATMAP",),
        design=_PLANNED,
        where=_UPGRADED,
        check=pm.heat_maps_show_each_once,
        concerns=pm.concerns_heat_maps,
    ),
    StepInvariant(
        id="windows-are-as-documented",
        statement="A group's first rollout begins within 3 hours, every other one 30 to 60 minutes after its image.",
        rules=("OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER"),
        where=_AUTOMATIC,
        check=pi.windows_are_as_documented,
        concerns=pi.concerns_new_windows,
    ),
    GroupInvariant(
        id="the-first-window-comes-once",
        statement="Once the platform has upgraded a group, no rollout of it has the window of a first one again.",
        rules=("OSU-TRIGGER-FIRST",),
        where=_AUTOMATIC,
        check_group=pi.first_window_comes_once,
        part=lambda group: (group.trigger, group.history, group.rollout),
        concerns=pw.has_window,
    ),
    StepInvariant(
        id="a-newer-image-is-about-to-be-rolled-out",
        statement="A newer image that becomes available to a group that follows it opens a window for a rollout.",
        rules=("OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER", "OSU-GALLERY"),
        where=_AUTOMATIC,
        check=pi.newer_images_are_rolled_out,
        concerns=pi.concerns_newer_images,
    ),
    StepInvariant(
        id="the-clock-passes-no-deadline",
        statement=(
            "Time never passes the end of a wait nor, while the rollout can begin, that of a window, before what is "
            "due has happened."
        ),
        rules=("OSU-WAIT", "OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER"),
        where=_AUTOMATIC,
        check=pi.clock_passes_no_deadline,
        concerns=pi.concerns_time,
    ),
    WorldInvariant(
        id="no-phase-holds-both-of-a-geo-pair",
        statement="A version is released to each region once, and never to both regions of a geo pair in one phase.",
        rules=("OSU-REGIONS",),
        where=_AUTOMATIC,
        check_world=pi.phases_part_geo_pairs,
        part=lambda world: world.releases,
    ),
    StepInvariant(
        id="a-phase-waits-for-the-one-before",
        statement="A release goes on only once the upgrade of every eligible instance in its regions so far succeeded.",
        rules=("OSU-REGIONS",),
        where=_AUTOMATIC,
        check=pi.phases_wait_for_the_last,
        concerns=pi.concerns_releases,
    ),
    StepInvariant(
        id="on-a-stack-new-instances-run-an-image-that-is-there",
        statement="On Azure Stack a new instance runs the newest image there is, or the named one if that is there.",
        rules=("STACK-LATEST", "STACK-PINNED", "STACK-IDENTICAL"),
        where=_STACK,
        check=pi.new_instances_run_what_is_there,
        concerns=pi.concerns_stack_arrivals,
    ),
    StepInvariant(
        id="on-a-stack-nothing-grows-without-its-image",
        statement="On Azure Stack no group is scaled out while the image that its model names is not there.",
        rules=("STACK-REPLACE", "STACK-PINNED"),
        where=_STACK,
        check=pi.no_growth_without_the_image,
        concerns=pi.concerns_stack_growth,
    ),
    StepInvariant(
        id="on-a-stack-older-instances-stay",
        statement="On Azure Stack instances stay as they are when images are downloaded or deleted.",
        rules=("STACK-LATEST", "STACK-REPLACE"),
        where=_STACK,
        check=pi.older_instances_stay,
        concerns=pi.concerns_operators_images,
    ),
)
"""The invariants about models and images."""
