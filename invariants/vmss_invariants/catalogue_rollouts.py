"""The invariants about rollouts: their counts, batches, gates, waits and ends."""

from __future__ import annotations

from vmss_invariants import predicates_batches as pb
from vmss_invariants import predicates_rollout as pr
from vmss_invariants import predicates_rollout_world as pw
from vmss_invariants import predicates_waiting as pt
from vmss_invariants.invariant import EVERYWHERE, AnyInvariant, Design, GroupInvariant, StepInvariant, places
from vmss_invariants.predicates_world import has_history
from vmss_model.values import GroupKind
from vmss_model.world import Group

_ROLLING = places(GroupKind.UNIFORM, editions=("2017-05", "2021-02", "2021-07"))
_AUTOMATIC = places(GroupKind.UNIFORM, editions=("2021-07",))

_SILENT = Design("Where an edition does not say how a rollout goes, no request that begins one is granted.", (3,))
_ONE_MACHINE = Design(
    "Rolling updates and automatic upgrades are one machine with one set of counts, whichever edition speaks of them.",
    (10,),
)


def _rollout(group: Group) -> tuple[object, ...]:
    return (group.rollout,)


def _rollout_and_members(group: Group) -> tuple[object, ...]:
    return (group.rollout, group.members)


_WORLD_INVARIANTS: tuple[GroupInvariant, ...] = (
    GroupInvariant(
        id="only-uniform-groups-have-rollouts",
        statement="Groups other than Uniform ones, and Uniform ones on Azure Stack, never have a rollout.",
        rules=("UPGRADE-ROLLING", "CAPS-OS-UPGRADE"),
        design=_SILENT,
        where=EVERYWHERE - _ROLLING,
        check_group=pw.no_rollout,
    ),
    GroupInvariant(
        id="progress-equals-a-recount",
        statement=(
            "A rollout's pending and in-progress counts, and what is left in each place, are those of the group's "
            "members; of successful and failed ones, members that were deleted stay counted."
        ),
        rules=("OSU-PROGRESS",),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check_group=pw.counts_equal_a_recount,
        concerns=pw.has_rollout,
        part=_rollout_and_members,
    ),
    GroupInvariant(
        id="one-update-works-in-one-zone-and-update-domain",
        statement="One update never works in two update domains of a group, nor in two zones of a region, at a time.",
        rules=("OSU-ZONES", "OSU-BATCH", "OSU-SF"),
        where=_AUTOMATIC,
        check_group=pw.works_in_one_place,
        concerns=pw.rolls_over_several_places,
        part=_rollout,
    ),
    GroupInvariant(
        id="one-region-of-a-geo-pair-is-updated-at-a-time",
        statement="The platform never brings one update to both regions of a geo pair at a time.",
        rules=("OSU-REGIONS",),
        where=_AUTOMATIC,
        check_group=pw.spares_the_geo_pair,
        concerns=pw.gets_a_platform_image,
        part=_rollout,
    ),
    GroupInvariant(
        id="a-failed-instance-is-restored-or-counted",
        statement=(
            "Each failed instance of an automatic upgrade was restored or counts as one that could not be, unless "
            "credentials expired; an upgrade by hand restores none."
        ),
        rules=("OSU-RESTORE", "OSU-MANUAL-NO-RESTORE", "OSU-PROGRESS"),
        where=_AUTOMATIC,
        check_group=pw.failed_are_restored_or_not,
        concerns=pw.has_rollout,
        part=_rollout,
    ),
    GroupInvariant(
        id="no-rollout-is-ever-stuck",
        statement="Of every rollout under way something can happen, now or after a wait.",
        rules=("OSU-DONE", "OSU-WAIT", "UPGRADE-ROLLING"),
        where=_ROLLING,
        check_group=pw.can_go_on,
        concerns=pw.has_rollout,
        part=_rollout,
    ),
    GroupInvariant(
        id="the-history-holds-five-at-most",
        statement="The history holds at most five attempts, the newest first, and none that has not ended.",
        rules=("OSU-HISTORY",),
        where=_AUTOMATIC,
        check_group=pw.history_is_short,
        concerns=has_history,
        part=lambda group: (group.history,),
    ),
)

_STEP_INVARIANTS: tuple[StepInvariant, ...] = (
    StepInvariant(
        id="no-rollout-begins-above-the-health-threshold",
        statement="A rollout begins exactly where no more instances are unhealthy than allowed: 20 % if automatic.",
        rules=("OSU-PRECHECK", "UPGRADE-ROLLING"),
        where=_ROLLING,
        check=pr.precheck_is_exact,
        concerns=pr.concerns_checked_beginnings,
    ),
    StepInvariant(
        id="a-rollout-begins-with-all-that-is-due",
        statement="A rollout begins with every instance that is due pending and nothing done, and touches none yet.",
        rules=("OSU-PROGRESS", "OSU-DONE", "OSU-START-MANUAL"),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pr.begins_from_nothing,
        concerns=pr.concerns_beginnings,
    ),
    StepInvariant(
        id="a-rollout-brings-the-newest-image-of-the-model",
        statement=(
            "A rollout of an image brings the newest version that is available in the region, of the model's own "
            "publisher, offer and SKU."
        ),
        rules=("OSU-SKU", "OSU-GALLERY", "OSU-SWAP"),
        where=_AUTOMATIC,
        check=pr.target_is_the_models,
        concerns=pr.concerns_image_beginnings,
    ),
    StepInvariant(
        id="the-platform-begins-only-within-its-window",
        statement="The platform begins a rollout only where that is switched on, and not before its window opens.",
        rules=("OSU-TRIGGER-FIRST", "OSU-TRIGGER-LATER", "OSU-OPT-OUT"),
        where=_AUTOMATIC,
        check=pr.switched_on_and_in_its_window,
        concerns=pr.concerns_platform_beginnings,
    ),
    StepInvariant(
        id="a-batch-stays-within-its-cap",
        statement=(
            "A batch has at least one instance and, where a percentage is set, at most "
            "max(1, floor(n * percent / 100)) of the n instances; 20 percent if automatic. Before 2021-07 a policy "
            "without percentages bounds nothing."
        ),
        rules=("OSU-BATCH", "UPGRADE-ROLLING"),
        where=_ROLLING,
        check=pb.batch_within_its_cap,
        concerns=pb.concerns_batches,
    ),
    StepInvariant(
        id="a-batch-touches-only-who-is-due",
        statement="A batch upgrades instances that are left to upgrade, and touches no other.",
        rules=("UPGRADE-ROLLING", "OSU-DONE", "OSU-BATCH"),
        where=_ROLLING,
        check=pb.batch_touches_no_other,
        concerns=pb.concerns_batches,
    ),
    StepInvariant(
        id="the-platform-never-takes-a-whole-group",
        statement="The platform never upgrades all instances of a group of two or more at the same time.",
        rules=("OSU-GROUP",),
        where=_AUTOMATIC,
        check=pb.batch_spares_some,
        concerns=pb.concerns_platform_batches,
    ),
    StepInvariant(
        id="a-batch-brings-the-target",
        statement="Each instance of a batch has the target's OS disk or model, and is to get its extensions anew.",
        rules=("OSU-SWAP", "OSU-CREDENTIALS"),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pb.batch_brings_the_target,
        concerns=pb.concerns_batches,
    ),
    StepInvariant(
        id="a-batch-waits-for-the-last-one",
        statement="No batch starts before every instance of the last is healthy or failed, and its pause is over.",
        rules=("OSU-WAIT", "UPGRADE-ROLLING"),
        where=_ROLLING,
        check=pb.batch_waits_for_the_last,
        concerns=pb.concerns_batches,
    ),
    StepInvariant(
        id="a-pause-begins-when-a-batch-is-settled",
        statement="When every instance of a batch is healthy or failed the pause begins, and by nothing else.",
        rules=("UPGRADE-ROLLING",),
        where=_ROLLING,
        check=pt.pause_begins_with_the_end,
        concerns=pt.concerns_pauses,
    ),
    StepInvariant(
        id="no-batch-starts-above-the-health-thresholds",
        statement="A gate stops a rollout exactly above its percentage, of all instances or of those upgraded.",
        rules=("OSU-STOP-OVERALL", "OSU-STOP-UPGRADED"),
        where=_AUTOMATIC,
        check=pb.gates_are_exact,
        concerns=pb.concerns_gated_batches,
    ),
    StepInvariant(
        id="only-who-takes-part-is-touched-by-the-platform",
        statement="The platform upgrades nobody whose group is switched off, or who has not been opted in.",
        rules=("OSU-OPT-OUT", "OSU-MANUAL-POLICY"),
        where=_AUTOMATIC,
        check=pb.only_those_who_take_part,
        concerns=pb.concerns_platform_batches,
    ),
    StepInvariant(
        id="no-batch-starts-once-a-rollout-is-cancelled",
        statement="No batch starts once its rollout is cancelled or has failed.",
        rules=("OSU-OPT-OUT", "OSU-CREDENTIALS"),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pb.no_batch_once_cancelled,
        concerns=pb.concerns_batches,
    ),
    StepInvariant(
        id="service-fabric-finishes-an-update-domain-first",
        statement="A Service Fabric group finishes an update domain before it begins the next.",
        rules=("OSU-SF",),
        where=_AUTOMATIC,
        check=pb.one_update_domain_after_another,
        concerns=pb.concerns_fabric_batches,
    ),
    StepInvariant(
        id="those-outside-the-batch-keep-running",
        statement="A batch takes down no more running instances than it holds.",
        rules=("UPGRADE-ROLLING", "OSU-BATCH"),
        where=_ROLLING,
        check=pb.running_falls_by_the_batch,
        concerns=pb.concerns_batches,
    ),
    StepInvariant(
        id="expired-credentials-fail-the-batch",
        statement="A batch fails at once exactly if the model refers to what has expired or is gone.",
        rules=("OSU-CREDENTIALS", "OSU-EXTERNAL"),
        where=_AUTOMATIC,
        check=pb.expired_credentials_fail_the_batch,
        concerns=pb.concerns_batches_with_references,
    ),
    StepInvariant(
        id="what-is-done-is-never-undone",
        statement="Within an attempt neither the successful nor the failed instances ever become fewer.",
        rules=("OSU-PROGRESS",),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pt.done_never_undone,
        concerns=pt.concerns_rolling_groups,
    ),
    StepInvariant(
        id="progress-moves-with-the-members",
        statement="The four counts change by what happened to members, and by nothing else.",
        rules=("OSU-PROGRESS",),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pt.progress_moves_with_the_members,
        concerns=pt.concerns_rolling_groups,
    ),
    StepInvariant(
        id="an-instance-settles-by-health-or-after-the-wait",
        statement=(
            "An instance of a batch succeeds by being healthy, and fails only when it is given up: where the edition "
            "has a wait (2021-07), 300 seconds after its upgrade or later."
        ),
        rules=("OSU-WAIT", "UPGRADE-ROLLING"),
        where=_ROLLING,
        check=pt.settled_in_the_right_way,
        concerns=pt.concerns_settling,
    ),
    StepInvariant(
        id="the-platform-restores-and-a-manual-upgrade-does-not",
        statement=(
            "An instance that is given up gets its previous OS disk back, or counts as one that could not be restored, "
            "in an automatic upgrade and in no other."
        ),
        rules=("OSU-RESTORE", "OSU-MANUAL-NO-RESTORE"),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pt.restored_exactly_if_automatic,
        concerns=pt.concerns_giving_up,
    ),
    StepInvariant(
        id="every-step-brings-a-rollout-nearer-to-its-end",
        statement="Every batch and every settled instance lessens 2 * pending + in progress.",
        rules=("OSU-DONE",),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pt.measure_lessens,
        concerns=pt.concerns_platforms_steps,
    ),
    StepInvariant(
        id="a-rollout-leaves-the-model-alone",
        statement="A rollout leaves the group's model alone, its image and SKU included, and its other properties.",
        rules=("OSU-SKU", "PUBLISHER-OFFER-FIXED"),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pt.model_is_left_alone,
        concerns=pt.concerns_rollout_steps,
    ),
    StepInvariant(
        id="a-rollout-ends-for-a-reason",
        statement="A rollout ends with its batch: nothing is left, or a gate, a failure or a cancellation stops it.",
        rules=("OSU-DONE", "OSU-STOP-OVERALL", "OSU-STOP-UPGRADED", "OSU-CREDENTIALS", "OSU-HISTORY"),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pr.ends_for_a_reason,
        concerns=pr.concerns_endings,
    ),
    StepInvariant(
        id="progress-shows-what-is",
        statement=(
            "What is told of a rollout's progress are the counts of the group's members; of successful and failed "
            "ones, members that were deleted stay counted."
        ),
        rules=("OSU-PROGRESS",),
        design=_ONE_MACHINE,
        where=_ROLLING,
        check=pr.progress_shows_what_is,
        concerns=pr.concerns_progress,
    ),
    StepInvariant(
        id="the-history-shows-two-months",
        statement="The history shows at most five attempts of the last two months, the newest first, none left out.",
        rules=("OSU-HISTORY",),
        where=_AUTOMATIC,
        check=pr.history_shows_the_last,
        concerns=pr.concerns_histories,
    ),
)

ROLLOUT_INVARIANTS: tuple[AnyInvariant, ...] = (*_WORLD_INVARIANTS, *_STEP_INVARIANTS)
"""The invariants about rollouts."""
