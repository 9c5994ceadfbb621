"""Automatic OS image upgrades of Uniform groups: what they require and how they roll out."""

from __future__ import annotations

from vmss_model.rules._vocabulary import IN_2021_07, contradicted, documented, inferred, recorded
from vmss_model.rules.base import BOTH, GRANTS, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "OSU-LATEST",
        "F",
        "Automatic OS upgrade can be switched on only if the image reference's version is latest.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, requirements, first item.",
            ),
            recorded(
                "osRollingUpgrade is refused with 409 unless some instance's image reference has version latest.",
                "2017-01-01..2017-12-31",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-HEALTH",
        "F",
        "Automatic OS upgrade needs a source of health: a load-balancer health probe or the Application "
        "Health extension. Service Fabric groups of durability Silver or Gold need neither.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, requirements, second item, and section on health probes.",
            ),
            recorded(
                "A set with policy Rolling and no probe is refused with 400; every Rolling or "
                "automatic-upgrade set that was accepted has a probe or the extension.",
                "2017-01-01..2017-12-31",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-API",
        "F",
        "The request that switches automatic OS upgrade on must use compute API version 2018-10-01 or a later one.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, requirements, third item.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-EXTERNAL",
        "F",
        "Every external resource that the model refers to must exist and be current when automatic OS "
        "upgrade is switched on.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, requirements, fourth item: payloads, SAS URIs, references to secrets.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-WINDOWS",
        "F",
        "A Windows group configured with API version 2019-03-01 or later must have enableAutomaticUpdates "
        "set to false.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, requirements, fifth item.",
            ),
            inferred(
                "The public API text says that the service sets the property to false by itself; finding "
                "F10 keeps both readings.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-PROBE-LB",
        "F",
        "A group with several placement groups that reports health through a probe must use a Standard load balancer.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, end of the section on health probes.",
            ),
            recorded(
                "A set with several placement groups is refused a Basic load balancer altogether "
                "(MultiPlacementGroupVMScaleSetCannotReferenceBasicLoadbalancer).",
                "2015-01-01..2024-12-31",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-OPT-OUT",
        "F",
        "Automatic OS upgrade can be switched off at any time, whatever the state of the group. No rollout begins "
        "by itself then, and no further batch of one that was cancelled or switched off.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, list of characteristics.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-PROBE-INTERVAL",
        "F",
        "Advice, not a condition: a probe used for health should sample at intervals of less than 2 minutes.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, section on configuring a load-balancer probe.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "OSU-ANY-SIZE",
        "F",
        "Automatic OS upgrade can be switched on for a group of any size; there is neither a minimum nor a maximum.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, list of characteristics and step 2 of the upgrade.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "OSU-MANUAL-POLICY",
        "F",
        "With upgrade policy Manual, switching automatic OS upgrade on reaches an instance only when that "
        "instance is brought to the newest model.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, note after the configuration examples.",
            ),
            recorded(
                "Uniform sets are accepted with policy Manual and enableAutomaticOSUpgrade true.",
                "2024-07-24..2024-08-26",
                "2024-03-01..2024-07-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "OSU-IMAGES",
        "F",
        "The group's image must be one of the 13 supported platform SKUs, or a custom image from a compute "
        "gallery. Any other custom image is refused.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, table of supported images and section on custom images.",
            ),
            contradicted(
                "Images of later years (Ubuntu 22.04, Windows Server 2022) are accepted; the document says itself that "
                "its list grows.",
                "2024-03-08..2024-08-26",
                "2023-09-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-SF",
        "F",
        "A Service Fabric group needs durability Silver or Gold (Bronze only for stateless node types, "
        "which then need a health probe), the same durability in cluster and extension, extension "
        "TypeHandlerVersion 1.1 or later and enableAutomaticUpdates false, and cannot use load-balancer "
        "application probes. Its upgrade takes one update domain at a time.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, Service Fabric requirements and notes.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-GALLERY",
        "F",
        "A gallery image version rolls out to a group only after it was replicated to the group's region, "
        "and never while it is excluded from latest.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, additional requirements for custom images.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-TRIGGER-FIRST",
        "F",
        "After automatic OS upgrade is switched on, a group's first rollout starts within 3 hours; this "
        "longer delay happens once for each group. The moment is the platform's choice.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, note on trigger times.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "OSU-TRIGGER-LATER",
        "F",
        "Every rollout but the first starts 30 to 60 minutes after the image became available to the "
        "group, and not before. The moment is the platform's choice.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, note on trigger times.",
            ),
            inferred(
                "The English page of 2023 no longer has the 30 to 60 minutes.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-PRECHECK",
        "F",
        "A rollout begins only if at most 20 % of all the group's instances are unhealthy, whatever the reason.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, step 1 of the upgrade.",
            ),
            inferred(
                "A neighbouring document names the service error "
                "MaxUnhealthyInstancePercentExceededBeforeRollingUpgrade.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-BATCH",
        "F",
        "A batch has at most max(1, floor(n * 20 / 100)) of the group's n instances and does not cross "
        "update-domain boundaries.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, step 2 of the upgrade and its part on updates within a group; finding F4 is about "
                "the small sizes.",
            ),
            inferred(
                "A neighbouring document's example makes batches of 2 out of 10 instances.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-SWAP",
        "F",
        "Each instance of a batch gets a new OS disk from the newest image and keeps its data disks. The "
        "group model's configuration is applied, and extensions and custom data run again in their "
        "sequenced order; any other order, and a sequence that cannot be run, is refused.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, list of characteristics and step 3 of the upgrade.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-WAIT",
        "F",
        "With health monitoring, the next batch waits up to 5 minutes for each upgraded instance to become "
        "healthy. Without it, an instance counts as healthy when it runs and all its extensions are "
        "provisioned.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, step 4 of the upgrade and section on health probes.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-RESTORE",
        "F",
        "In an automatic upgrade, an instance that is not healthy 5 minutes after its upgrade gets its "
        "previous OS disk back; it is not left as it is.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, step 4 of the upgrade.",
            ),
            inferred(
                "The public API has a switch for it, disableAutomaticRollback, which is false by default.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-MANUAL-NO-RESTORE",
        "F",
        "In an upgrade that was started by hand no instance gets its previous OS disk back, however unhealthy it is.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, note on triggering upgrades manually.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-STOP-UPGRADED",
        "F",
        "The rollout stops when more than 20 % of the instances upgraded so far become unhealthy after their upgrade.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, step 5 of the upgrade; what the 20 % are taken of is finding F9.",
            ),
            inferred(
                "The public API text and a service error quoted in a public issue count the instances that "
                "were upgraded.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-STOP-OVERALL",
        "F",
        "Overall health is looked at before each batch. If more than 20 % of all instances are unhealthy "
        "for other reasons, such as maintenance, the rollout stops when the current batch ends.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, paragraph after the steps of the upgrade.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-DONE",
        "F",
        "A rollout that nothing stops goes on until every instance is upgraded, and neither ends before nor "
        "goes on after. Instances that run the newest version already are left alone.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, step 6 of the upgrade and section on triggering manually.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-SKU",
        "F",
        "An automatic OS upgrade moves a group to another version of its image and never to another SKU.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, note after the description of the upgrade.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "OSU-PROGRESS",
        "F",
        "Progress is reported as four counts, successful, failed, in progress and pending, that sum to the "
        "instances in scope, with who started the upgrade, the target image, and how many instances were "
        "restored or failed to be.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, example of the upgrade history.",
            ),
            inferred(
                "That the four counts sum to the instances in scope is read out of the example, where 16 + "
                "0 + 4 + 0 = 20.",
            ),
            recorded(
                "A completed rolling upgrade of two instances reports successfulInstanceCount 2.",
                "2017-10-01..2023-12-06",
                "2017-03-30..2022-11-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "OSU-HISTORY",
        "F",
        "The history shows the newest attempt first and holds at most the last 5 attempts of the last 2 months.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, section on the upgrade history.",
            ),
            inferred(
                "The order, newest first, is not spelled out.",
            ),
            recorded(
                "Every history that was recorded is empty: in line with the bounds, and no test of them.",
                "2024-04-24..2024-08-26",
                "2023-09-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "OSU-CREDENTIALS",
        "F",
        "If credentials for an external resource have expired, the upgrade fails, the instances of its "
        "first batch end failed, and no other batch starts. After the credentials are renewed in the model and "
        "the model is deployed again, all instances are upgraded, the failed ones included.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, section on keeping credentials up to date.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-REGIONS",
        "F",
        "An update reaches regions in phases of one or more regions, and a phase begins only after the "
        "eligible VMs of the one before were upgraded successfully. The two regions of a geo pair are "
        "never in the same phase nor updated at the same time.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, part on updates across regions.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-ZONES",
        "F",
        "The same update never works on VMs of two different availability zones at the same time.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, part on updates within a region.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-GROUP",
        "F",
        "No update works on all VMs of a group at the same time; a group of one instance is the exception "
        "that the smallest batch forces (finding F8).",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, part on updates within a group.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "OSU-START-MANUAL",
        "F",
        "A rollout of the newest image can be started by hand at any time; it passes over instances that "
        "run the newest version already.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, section on triggering manually.",
            ),
            recorded(
                "osRollingUpgrade is answered 202 and its upgrade reads Completed.",
                "2017-10-01..2023-12-06",
                "2017-03-30..2022-11-01",
            ),
            recorded(
                "It is refused with 409 unless the upgrade policy is Rolling: a condition that the "
                "document does not name.",
                "2017-01-01..2017-12-31",
            ),
        ),
        GRANTS,
    ),
)
