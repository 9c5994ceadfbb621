"""Placement: capacity, fault domains, update domains, zones and placement groups."""

from __future__ import annotations

from vmss_model.rules._vocabulary import IN_2019, IN_2021, contradicted, documented, inferred, recorded
from vmss_model.rules.base import BOTH, GRANTS, REFUSES, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "CAP-VM-2019",
        "C",
        "A VM-mode group holds 0 to 200 VMs.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on capacity, VM column.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAP-SSVM-2019",
        "C",
        "A ScaleSetVM group's instance count lies between 0 and 1000.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on capacity, ScaleSetVM column.",
            ),
            recorded(
                "The SKU list of a set with several placement groups gives the capacity as 0 to 1000.",
                "2020-07-20",
                "2020-06-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAP-FLEX",
        "C",
        "A Flexible group holds at most 1000 VMs.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, first question of its FAQ; no recording comes near the bound.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAP-UNIFORM",
        "C",
        "In the 2021 editions a Uniform group's instance count lies between 0 and 1000, and between 0 and "
        "100 when the group is confined to a single placement group.",
        ("S19", "API"),
        IN_2021,
        (
            inferred(
                "0 to 1000 is S19's bound for ScaleSetVM, which is Uniform under its later name; no document "
                "bounds a single placement group, which is recorded only.",
            ),
            recorded(
                "The SKU list of a set with one placement group gives the capacity as 0 to 100.",
                "2016-09-22..2024-08-26",
                "2016-03-30..2023-09-01",
            ),
            recorded(
                "The SKU list of a set with several placement groups gives the capacity as 0 to 1000; a "
                "capacity of 180 was accepted for one in another recording.",
                "2020-07-20",
                "2020-06-01",
            ),
            recorded(
                "The SKU list of a set with unmanaged disks gives the capacity as 0 to 40: a narrower "
                "bound for a case the rule leaves aside.",
                "2017-06-08",
                "2017-03-30",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAP-AVSET",
        "C",
        "An availability set holds at most 200 VMs.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, FAQ table on fault-domain guarantees: up to 200 instances.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "FDCOUNT-VM-2019",
        "C",
        "A regional VM-mode group has 2 or 3 fault domains, whichever its region supports. One in an "
        "availability zone has 5.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on fault domains, VM column.",
            ),
            recorded(
                "A regional set with 2 fault domains is accepted in five runs.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
            recorded(
                "A set in zone 3 with 5 fault domains is accepted.",
                "2019-11-14",
                "2019-07-01",
            ),
            inferred(
                "Error texts in public issues allow only '5' in a zone and '2 to 3' in a region.",
            ),
            contradicted(
                "A set that asks for 1 fault domain and nothing else is accepted; seen in a public "
                "recording outside the project's own selection.",
                "2020-08-21",
                "2020-06-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "FDCOUNT-SSVM-2019",
        "C",
        "A ScaleSetVM group has from 1 to 5 fault domains.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on fault domains, ScaleSetVM column.",
            ),
            recorded(
                "Counts of 1 and 5 are accepted; 2, 3 and 4 were never asked for.",
                "2018-03-01..2020-10-12",
                "2017-12-01..2020-12-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "FDCOUNT-UNIFORM",
        "C",
        "In the 2021 editions a Uniform group keeps the range of 1 to 5 fault domains.",
        ("S19",),
        IN_2021,
        (
            inferred(
                "Inherited from S19's ScaleSetVM; S21F gives no range for Uniform.",
            ),
            recorded(
                "Counts of 1 and 5 are accepted; 2, 3, 4, 0 and more than 5 were never asked for.",
                "2018-03-01..2024-08-26",
                "2017-12-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "FDCOUNT-FLEX-REGIONAL",
        "C",
        "A Flexible group outside zones has 1, 2 or 3 fault domains, and never more than its region "
        "offers. Any other count is answered with error E2.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, Terraform parameters and second troubleshooting entry.",
            ),
            recorded(
                "Counts of 1, 2 and 3 are accepted in regional sets: 1 in ten regions, 2 in westus and "
                "eastus2euap, 3 in westus.",
                "2021-03-05..2024-08-26",
                "2020-12-01..2024-07-01",
            ),
            recorded(
                "With neither a count nor a profile the creation fails with InvalidParameter: the "
                "parameter platformFaultDomainCount is missing.",
                "2023-11-06..2024-08-26",
            ),
        ),
        BOTH,
    ),
    Rule(
        "FDCOUNT-FLEX-ZONAL",
        "C",
        "A Flexible group in a zone has exactly 1 fault domain. Any other count is answered with error E2.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, Terraform parameters and second troubleshooting entry: the maximum is 1 for zonal deployments.",
            ),
            inferred(
                "An error text in a public issue says the same; no recording has a Flexible set with zones.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "FD-SPREAD",
        "C",
        "A VM that joins without a fault domain of its own choice is put into one that holds the fewest "
        "members at that moment; among equals the platform chooses. Automatic placement therefore never "
        "lets the difference between fullest and emptiest exceed max(1, what it was).",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on fault domains: instances are spread evenly when VMs are added.",
            ),
            recorded(
                "Instance k of a regional Uniform set sits in fault domain k mod 5: 440 observations in "
                "all, every exception dated 2015-09 to 2016-05 or a Spot set.",
                "2017-01-23..2024-08-26",
                "2016-03-30..2024-07-01",
            ),
            recorded(
                "All 77 removals of scale-ins from 5 to 4 with the default policy leave a most loaded "
                "fault domain: the spread is kept on the way down too.",
                "2015-01-01..2024-12-31",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "FD-EXPLICIT",
        "C",
        "A VM that joins a Flexible group may name its fault domain, which must be one of the group's. "
        "Uniform groups and availability sets take no such wish.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on fault domains and table row on assigning one.",
            ),
            recorded(
                "A VM that names fault domain 0 in a set of three reads back 0 as its property and in its "
                "instance view.",
                "2021-03-05..2024-08-26",
                "2020-12-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "FD-HA-SCOPE",
        "C",
        "Availability across fault domains is promised up to a size: 1000 instances over at most 3 fault "
        "domains for Flexible, 100 for Uniform and 200 for availability sets.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, FAQ table on fault-domain guarantees; its running text says 'fewer than 100' for "
                "Uniform, which is finding F1.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "UD-MAPPED-2019",
        "C",
        "Update domains are not chosen: the platform maps them to fault domains by itself, in both 2019 modes.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on update domains, the same in both columns.",
            ),
            recorded(
                "A VM in a VM-mode set shows update domain 0 with fault domain 0.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
            recorded(
                "Instances of regional sets with a profile show the same number for update domain and fault domain.",
                "2017-01-23..2024-08-26",
                "2016-03-30..2024-07-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "UD-2021",
        "C",
        "A Flexible group has no update domains: maintenance and host updates take one fault domain after "
        "the other. A Uniform group has at most 5 update domains, an availability set at most 20.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, FAQ table, row on update domains.",
            ),
            inferred(
                "The table gives the most alone; that an availability set has one at least is the model's reading.",
            ),
            recorded(
                "VMs of Flexible sets show a fault domain and no update domain.",
                "2021-03-05..2024-08-26",
                "2020-12-01..2024-07-01",
            ),
            recorded(
                "Instance k of a regional Uniform set shows update domain k mod 5; Spot instances show 0.",
                "2017-01-23..2024-08-26",
                "2016-03-30..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ZONES-VM-2019",
        "C",
        "A VM-mode group is regional, or lies entirely in one availability zone; two zones or more are refused.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on availability zones, VM column.",
            ),
            recorded(
                "A set in zone 3 alone is accepted, and so are regional ones.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ZONES-SSVM-2019",
        "C",
        "A ScaleSetVM group is regional or spans several availability zones, and its caller can set how "
        "strictly the zones are kept in balance.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on availability zones, ScaleSetVM column.",
            ),
            inferred(
                "S19 says several zones without a number; one zone alone, and three as the most, are what "
                "recordings show.",
            ),
            recorded(
                "Sets with one, two and three zones are accepted; zoneBalance false appears by itself from "
                "two zones on.",
                "2018-05-21..2020-10-12",
                "2017-12-01..2020-12-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ZONES-FLEX",
        "C",
        "A Flexible group is regional, or has all its VMs in one and the same zone; it never spans zones.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, table row on availability zones and FAQ row on deploying across zones; no recording "
                "has a Flexible set with zones.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ZONES-UNIFORM",
        "C",
        "A Uniform group that uses availability zones is given one, two or three of them.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, table row on availability zones, Uniform column.",
            ),
            recorded(
                "Sets with one, two and three zones are accepted.",
                "2017-09-18..2024-04-24",
                "2017-03-30..2023-09-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ZONES-AVSET",
        "C",
        "An availability set cannot be given an availability zone.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, table row on availability zones, last column: not supported.",
            ),
        ),
        REFUSES,
    ),
    Rule(
        "SPG-VM-2019",
        "C",
        "A VM-mode group lives in one placement group: singlePlacementGroup false is refused.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, last table row, VM column: not supported.",
            ),
            recorded(
                "Sets in the shape of VM mode are accepted with singlePlacementGroup true.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
            contradicted(
                "A set that reads back as 'VirtualMachines' has singlePlacementGroup false; seen in a "
                "public recording outside the project's own selection.",
                "2020-08-21",
                "2020-06-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "SPG-SSVM-2019",
        "C",
        "A ScaleSetVM group may be asked to use several placement groups (singlePlacementGroup false).",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, last table row, ScaleSetVM column: supported.",
            ),
            recorded(
                "Sets with a profile are accepted with singlePlacementGroup false.",
                "2018-04-02..2020-10-12",
                "2017-12-01..2020-12-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "SPG-FLEX",
        "C",
        "A Flexible group always uses several placement groups, so singlePlacementGroup must be false; "
        "true is answered with error E4.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, Terraform and REST parameters, FAQ row on placement groups and fourth troubleshooting entry.",
            ),
            recorded(
                "Left out of the request, the property reads back as false.",
                "2021-03-05..2024-08-26",
                "2020-12-01..2024-07-01",
            ),
            contradicted(
                "True is accepted with 2 fault domains and size Standard_M8ms in eastus2euap, in nine "
                "runs: the value is a default, not a must.",
                "2022-05-06..2024-08-26",
            ),
        ),
        BOTH,
    ),
    Rule(
        "SPG-UNIFORM",
        "C",
        "A Uniform group may use one placement group or several, as its creator chooses.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, FAQ row on placement groups, Uniform column.",
            ),
            recorded(
                "Both values are accepted and read back.",
                "2017-01-26..2024-08-26",
                "2016-04-30..2024-07-01",
            ),
        ),
        GRANTS,
    ),
)
