"""Model updates and upgrade policy: how instances come to run a new model."""

from __future__ import annotations

from vmss_model.rules._vocabulary import (
    IN_2017,
    IN_2021_07,
    UPGRADE_EDITIONS,
    contradicted,
    documented,
    inferred,
    recorded,
)
from vmss_model.rules.base import BOTH, GRANTS, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "MODEL-VERSION",
        "E",
        "Changing the version or SKU of the platform image, or the URI of the custom image, makes a new "
        "model version. Each instance keeps the version it runs until it is upgraded.",
        ("S17",),
        UPGRADE_EDITIONS,
        (
            documented(
                "S17, basic procedure: the model is changed first, and instances are upgraded in a step of their own.",
            ),
            inferred(
                "Carried to the 2021 editions: S21F lists the upgrade policies, S21U speaks of bringing "
                "VMs to the newest model.",
            ),
            recorded(
                "Instances read latestModelApplied true, and false in between; the property names exactly "
                "this difference.",
                "2016-06-10..2024-08-26",
                "2016-03-30..2024-07-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "UPGRADE-MANUAL",
        "E",
        "Under policy Manual a model change touches no instance. An instance moves to the newest model "
        "when an upgrade call names it.",
        ("S17",),
        UPGRADE_EDITIONS,
        (
            documented(
                "S17, step 4 of the basic procedure: the manualUpgrade call matters when the policy is Manual.",
            ),
            inferred(
                "Carried to the 2021 editions, whose table names the policy without describing it.",
            ),
            recorded(
                "Mode Manual is accepted, and manualupgrade calls are answered 202.",
                "2016-05-11..2024-08-26",
                "2015-06-15..2024-07-01",
            ),
            contradicted(
                "An instance reads latestModelApplied false right after a call for all instances succeeded, "
                "twice in one recording of a set whose disks are being encrypted.",
                "2022-05-19",
                "2021-11-01..2022-03-01",
            ),
            recorded(
                "A call whose instance ids hold '*' beside others is refused with 400: the star must stand alone.",
                "2016-05-11",
                "2015-06-15",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "UPGRADE-AUTOMATIC",
        "E",
        "Under policy Automatic a model change upgrades all instances at the same time, so the application "
        "is down meanwhile.",
        ("S17",),
        UPGRADE_EDITIONS,
        (
            documented(
                "S17, step 4 of the basic procedure: all VMs are upgraded at once, which causes downtime.",
            ),
            inferred(
                "Carried to the 2021 editions, whose table names the policy; a neighbouring document of "
                "2020-03-10 weakens it to 'may take down all VMs'.",
            ),
            recorded(
                "Mode Automatic is accepted; whether all instances went down together is not visible.",
                "2015-11-01..2024-08-19",
                "2015-06-15..2023-09-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "UPGRADE-ROLLING",
        "E",
        "Under policy Rolling instances are upgraded one batch after another, and those outside the "
        "current batch keep running. A batch is refused while the one before is not done, while the policy's "
        "pause lasts, and above its percentages.",
        ("S17", "S21F", "S21U"),
        UPGRADE_EDITIONS,
        (
            documented(
                "S17, vmsseditor: a rolling upgrade by batch size; S21F, table row on upgrade policy; "
                "S21U: batches in a rolling manner.",
            ),
            recorded(
                "Mode Rolling is accepted with the defaults 20 %, 20 %, 20 % and PT0S; a rolling upgrade "
                "of two instances ends as Completed with both successful. No single batch is visible.",
                "2017-10-01..2023-12-06",
                "2017-03-30..2022-11-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "UPGRADE-NO-DOWNTIME",
        "E",
        "A rollout is without downtime if none of its steps takes every running instance at once. Going "
        "instance by instance, group by group or update domain by update domain achieves it.",
        ("S17",),
        IN_2017,
        (
            documented(
                "S17, introduction, which defines an update without downtime.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "UPGRADE-KIND",
        "E",
        "Of the three kinds of OS update, a new platform image version or SKU and a new custom image URI "
        "are changes of the model. Patching inside the guest is not, and lies outside what a group knows.",
        ("S17",),
        IN_2017,
        (
            documented(
                "S17, list of three kinds of OS update; what it says of the third is finding F5.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "PUBLISHER-OFFER-FIXED",
        "E",
        "The image publisher and offer of an existing group cannot be changed. Its SKU can, by changing "
        "the model, and is never changed by the automatic OS upgrade.",
        ("S21U",),
        IN_2021_07,
        (
            documented(
                "S21U, note after the description of the upgrade.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ROLLOUT-PLAN",
        "E",
        "A rollout can be planned as chosen instances, as one update domain after another, or as batches "
        "of a size the caller chooses. A plan names every instance that is out of date exactly once.",
        ("S17",),
        IN_2017,
        (
            documented(
                "S17, descriptions of vmssupgrade and vmsseditor.",
            ),
            inferred(
                "That the plan covers every out-of-date instance exactly once is what a rollout means; S17 "
                "does not say it.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "HEATMAP",
        "E",
        "The state of a group is shown as a heat map: one row for each update (or fault) domain, one cell "
        "for each instance, coloured by the instance's state.",
        ("S17",),
        IN_2017,
        (
            documented(
                "S17, description of vmsseditor.",
            ),
        ),
        GRANTS,
    ),
)
