"""Capabilities: one rule for each row of the two comparison tables."""

from __future__ import annotations

from vmss_model.rules._vocabulary import IN_2019, IN_2021, contradicted, documented, inferred, recorded
from vmss_model.rules.base import BOTH, GRANTS, REFUSES, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "CAPS-VM-TYPE",
        "D",
        "Members of Flexible groups and availability sets are standard VMs; members of Uniform groups are "
        "VMs of the scale set's own resource type.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on the VM type.",
            ),
            recorded(
                "VMs that refer to a Flexible set read as Microsoft.Compute/virtualMachines.",
                "2021-03-05..2024-08-26",
                "2020-12-01..2024-07-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "CAPS-SKUS",
        "D",
        "Flexible groups take VM sizes of the series D, E, F, A and B, Intel and AMD alike; any other size "
        "is refused there. Uniform groups and availability sets take every size.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on supported SKUs.",
            ),
            contradicted(
                "A Flexible set with size Standard_M8ms is accepted in nine runs in eastus2euap.",
                "2022-05-06..2024-08-26",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-ZONES",
        "D",
        "Asked for zones, Flexible grants one zone for the whole group, Uniform grants one, two or three, "
        "and availability sets refuse.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on availability zones.",
            ),
            recorded(
                "Uniform sets with one, two and three zones are accepted; no Flexible set with zones was recorded.",
                "2017-09-18..2024-04-24",
                "2017-03-30..2023-09-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-FULL-CONTROL",
        "D",
        "The owner controls VM, network interfaces and disks in full in Flexible groups and availability "
        "sets. In Uniform groups control is limited to what the scale set's VM API offers.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on full control of VM, NICs and disks.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-AUTOSCALE",
        "D",
        "Autoscale can be configured on Uniform groups; Flexible groups and availability sets refuse it.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on autoscale.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-FD-ASSIGNMENT",
        "D",
        "Only Flexible groups let a VM be assigned to a particular fault domain.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on assigning a VM to a fault domain.",
            ),
            recorded(
                "A VM in a Flexible set of three fault domains names domain 0 and gets it.",
                "2021-03-05..2024-08-26",
                "2020-12-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-ARTIFACT-REMOVAL",
        "D",
        "Network interfaces and disks go with the deleted instance on Uniform groups only.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on removing NICs and disks with the instance.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-UPGRADE-POLICY",
        "D",
        "A Uniform group's upgrade policy is Automatic, Rolling or Manual. A Flexible group has no upgrade "
        "policy, and for availability sets the question does not arise.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on upgrade policy.",
            ),
            recorded(
                "Flexible sets read back without an upgrade mode.",
                "2021-03-05..2024-08-26",
                "2020-12-01..2024-07-01",
            ),
            recorded(
                "Uniform sets are accepted with each of the three modes.",
                "2015-11-01..2024-08-26",
                "2015-06-15..2024-07-01",
            ),
            contradicted(
                "Flexible sets read back with the mode Manual by default, and accept Rolling (and, from "
                "API 2024-03-01, Automatic); a development after the document.",
                "2023-10-19..2024-08-26",
                "2023-07-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-OS-UPGRADE",
        "D",
        "Automatic OS image upgrades can be switched on for Uniform groups and are refused for Flexible "
        "ones; they do not apply to availability sets.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on automatic OS upgrades.",
            ),
            recorded(
                "Uniform sets are accepted with enableAutomaticOSUpgrade true.",
                "2024-07-24..2024-08-26",
                "2023-09-01..2024-07-01",
            ),
            contradicted(
                "Flexible sets are accepted with enableAutomaticOSUpgrade true and policy Manual; a "
                "development after the document.",
                "2024-07-24..2024-08-26",
                "2024-03-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-GUEST-PATCHING",
        "D",
        "Security patching inside the guest is offered to members of Flexible groups and availability "
        "sets, and not to Uniform instances.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on in-guest security patching.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-TERMINATE-NOTIFICATION",
        "D",
        "A notice before an instance is terminated can be configured on Uniform groups, not on Flexible "
        "ones; it does not apply to availability sets.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on terminate notification.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-INSTANCE-REPAIR",
        "D",
        "Automatic repair of unhealthy instances can be configured on Uniform groups, not on Flexible "
        "ones; it does not apply to availability sets.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on instance repair.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-ACCELERATED-NETWORKING",
        "D",
        "Accelerated networking is granted to members of all three kinds of group.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on accelerated networking.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "CAPS-PRIORITY",
        "D",
        "A Flexible group may hold Spot and regular VMs side by side. A Uniform group has one priority for "
        "all its instances, and an availability set takes regular priority only.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on Spot instances and pricing.",
            ),
            recorded(
                "Uniform sets are accepted with the priorities Regular, Low and Spot, one to a set.",
                "2019-09-12..2024-08-26",
                "2019-03-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-MIXED-OS",
        "D",
        "Linux and Windows may be mixed in a Flexible group and in an availability set. All instances of a "
        "Uniform group run the same operating system.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on mixed operating systems.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-APPLICATION-HEALTH",
        "D",
        "Application health is watched through the Application Health extension in all three kinds; only "
        "Uniform may use a load-balancer probe in its place.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on application health.",
            ),
            recorded(
                "Flexible sets with policy Rolling and the Linux Application Health extension are accepted.",
                "2024-07-24..2024-08-26",
                "2024-03-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-ULTRA-SSD",
        "D",
        "Ultra SSD disks are granted in Flexible groups, in Uniform groups only when they are zonal, and "
        "never in availability sets.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on ultra SSD.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-INFINIBAND",
        "D",
        "InfiniBand is granted in availability sets, in Uniform groups only with a single placement group, "
        "and never in Flexible groups.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on InfiniBand.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-WRITE-ACCELERATOR",
        "D",
        "Write accelerator is granted in Uniform groups and availability sets, and refused in Flexible groups.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on write accelerator.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-PROXIMITY-PLACEMENT",
        "D",
        "All three kinds of group can be put into a proximity placement group.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on proximity placement groups.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "CAPS-DEDICATED-HOST",
        "D",
        "Dedicated hosts can carry Uniform groups and availability sets, and not Flexible groups.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on dedicated hosts.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-BASIC-LB",
        "D",
        "Members of Uniform groups and availability sets can stand behind a Basic load balancer; members "
        "of Flexible groups cannot.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on the Basic load balancer.",
            ),
            contradicted(
                "A Uniform set with several placement groups is refused a Basic load balancer "
                "(MultiPlacementGroupVMScaleSetCannotReferenceBasicLoadbalancer): the unconditional yes is "
                "too wide.",
                "2015-01-01..2024-12-31",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-STANDARD-LB",
        "D",
        "Members of all three kinds of group can stand behind a Standard load balancer.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on the Standard load balancer.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "CAPS-APPLICATION-GATEWAY",
        "D",
        "Application gateways serve Uniform groups and availability sets, and not Flexible groups.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on application gateway.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-MAINTENANCE-CONTROL",
        "D",
        "Maintenance control is available to Uniform groups and availability sets, and not to Flexible groups.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on maintenance control.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-LIST-VMS",
        "D",
        "The members of a group of any of the three kinds can be listed.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on listing the VMs of a group.",
            ),
            recorded(
                "Uniform and Flexible sets both answer the listing of their VMs.",
                "2016-06-10..2024-08-26",
                "2016-03-30..2024-07-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "CAPS-ALERTS",
        "D",
        "Azure alerts can be set on Uniform groups and availability sets, and not on Flexible groups.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on Azure alerts.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-VM-INSIGHTS",
        "D",
        "VM insights covers Uniform groups and availability sets, and does not cover Flexible groups.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on VM insights.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-BACKUP",
        "D",
        "Azure Backup is granted for members of all three kinds of group.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on Azure Backup.",
            ),
            inferred(
                "S21F's running text says that Uniform instances are not compatible with Azure Backup; "
                "finding F3 keeps both readings.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "CAPS-SITE-RECOVERY",
        "D",
        "Azure Site Recovery is granted for members of all three kinds; for Flexible it can be set up "
        "through PowerShell only.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on Azure Site Recovery.",
            ),
            inferred(
                "S21F's running text says that Uniform instances are not compatible with Azure Site "
                "Recovery; finding F3 keeps both readings.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-ATTACH-DETACH",
        "D",
        "The table's row on adding or removing an existing VM reads no for Flexible, Uniform and "
        "availability sets alike.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, comparison table, row on adding or removing an existing VM.",
            ),
        ),
        REFUSES,
    ),
    Rule(
        "CAPS-INSTANCE-PROTECTION",
        "D",
        "Single instances can be protected from the group's own actions in Uniform groups, and in Flexible "
        "ones they cannot. It is a feature of scale sets, so that it is no question for availability sets.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on Uniform, names instance protection among its features; the table has no row for it.",
            ),
            inferred(
                "That Flexible groups do not have it is read from its being named for Uniform alone.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-MIXED-SIZES",
        "D",
        "VMs of different sizes may be members of one Flexible group. A Uniform group has one size for all "
        "its instances.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on Flexible: identical or several VM types, mixed VM types; section on "
                "Uniform: identical instances.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-CONFIGURATION-MODEL",
        "D",
        "The row on the VM configuration model reads none for VM mode and required for ScaleSetVM mode.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on the VM configuration model.",
            ),
            recorded(
                "Sets without profile are accepted when they give a fault-domain count.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-ADD",
        "D",
        "A VM is added by its own creation in VM mode, and by the group's model, instance count or "
        "autoscale rules in ScaleSetVM mode.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on adding a VM.",
            ),
            recorded(
                "VMs created with a reference to a set without profile become its members.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-DELETE",
        "D",
        "In VM mode VMs are deleted one by one and a group that still has any is not deleted. In "
        "ScaleSetVM mode instances can be deleted singly, and go with the group when it is deleted.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on deleting.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-ATTACH-DETACH",
        "D",
        "The row on attaching and detaching VMs reads not supported for both 2019 modes.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on attaching and detaching.",
            ),
        ),
        REFUSES,
    ),
    Rule(
        "CAPS-2019-ARTIFACTS",
        "D",
        "Disks and network interfaces have a life of their own in VM mode. In ScaleSetVM mode they belong "
        "to their instance and cannot be managed apart from it.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on the lifecycle of an instance.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-FAULT-DOMAINS",
        "D",
        "The number of fault domains can be given: 2 or 3 by region, or 5 in a zone, in VM mode; 1 to 5 in "
        "ScaleSetVM mode.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on fault domains.",
            ),
            recorded(
                "VM-mode sets are accepted with 2 regionally and with 5 in zone 3.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
            contradicted(
                "A VM-mode set with 1 fault domain is accepted; seen in a public recording outside the "
                "project's own selection.",
                "2020-08-21",
                "2020-06-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-UPDATE-DOMAINS",
        "D",
        "In neither 2019 mode can update domains be asked for; they follow the fault domains.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on update domains.",
            ),
            recorded(
                "A VM in a VM-mode set shows update domain 0 with fault domain 0.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "CAPS-2019-ZONES",
        "D",
        "VM mode grants no zone or one zone; ScaleSetVM mode grants no zone or several, with a zone-balance strategy.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on availability zones.",
            ),
            recorded(
                "A VM-mode set in zone 3 alone is accepted.",
                "2019-11-14",
                "2019-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-AUTOSCALE",
        "D",
        "Autoscale is refused in VM mode and granted in ScaleSetVM mode.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on autoscale.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-OS-UPGRADE",
        "D",
        "OS upgrades are refused in VM mode and granted in ScaleSetVM mode.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on OS upgrade.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-MODEL-UPDATES",
        "D",
        "Updates of the model are refused in VM mode, which has none, and granted in ScaleSetVM mode.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on model updates.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-INSTANCE-CONTROL",
        "D",
        "Members in VM mode are open to all of Azure's VM management, Azure Policy, Backup and Site "
        "Recovery included. Instances in ScaleSetVM mode are reached through the group alone.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on instance control.",
            ),
            inferred(
                "That instances in ScaleSetVM mode have neither Backup nor Site Recovery is read from their being "
                "reached through the group alone.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-INSTANCE-TYPE",
        "D",
        "A member follows the definition of Microsoft.Compute/virtualMachines in VM mode and of "
        "Microsoft.Compute/virtualMachineScaleSets/virtualMachines in ScaleSetVM mode.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on the instance model.",
            ),
            recorded(
                "Members of sets without profile read as Microsoft.Compute/virtualMachines.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "CAPS-2019-CAPACITY",
        "D",
        "The row on capacity allows up to 200 VMs in VM mode, starting from none, and an instance count of "
        "0 to 1000 in ScaleSetVM mode.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on capacity.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "CAPS-2019-MOVE",
        "D",
        "The row on moving reads supported for both 2019 modes.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on moving.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "CAPS-2019-SINGLE-PLACEMENT-GROUP",
        "D",
        "The row on singlePlacementGroup false reads not supported for VM mode and supported for ScaleSetVM mode.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, comparison table, row on singlePlacementGroup false.",
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
)
