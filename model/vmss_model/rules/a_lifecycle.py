"""Group lifecycle and modes: what kinds of group there are, and how members come and go."""

from __future__ import annotations

from vmss_model.rules._vocabulary import (
    FROM_2019,
    IN_2019,
    IN_2021,
    STACK_AND_2021,
    contradicted,
    documented,
    inferred,
    recorded,
)
from vmss_model.rules.base import BOTH, GRANTS, REFUSES, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "MODE-IMMUTABLE",
        "A",
        "A group's orchestration mode is chosen once, when the group is created. A request that would "
        "change it is refused and leaves the group as it was.",
        ("S19", "S21F"),
        FROM_2019,
        (
            documented(
                "S19 and S21F both say, in a box of their own, that the mode is defined at creation and "
                "can be neither changed nor updated.",
            ),
            inferred(
                "The public API's update type (PATCH) has no orchestrationMode property; no recording "
                "tries to change it.",
            ),
        ),
        REFUSES,
    ),
    Rule(
        "MODE-2019",
        "A",
        "The preview knows exactly two modes: VM (VirtualMachine) and ScaleSetVM (VirtualMachineScaleSetVM).",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19 lists the two modes and gives one column of its table to each.",
            ),
            contradicted(
                "A group created in the shape of VM mode reads back with no orchestrationMode at all (API "
                "up to 2019-07-01) or with 'VirtualMachines', never 'VM'.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
            contradicted(
                "A set created with nothing but a fault-domain count of 1 answers 201 with the mode "
                "'VirtualMachines'; seen in a public recording outside the project's own selection.",
                "2020-08-21",
                "2020-06-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "MODE-2021",
        "A",
        "From 2021 there are exactly two modes, Flexible and Uniform; an availability set is a kind of "
        "group beside them and has no mode.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F describes the two modes and compares them with availability sets.",
            ),
            recorded(
                "Sets read back with orchestrationMode 'Flexible', and later with 'Uniform', and with no other word.",
                "2021-03-05..2024-08-26",
                "2020-12-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "PROFILE-VM-NONE",
        "A",
        "A group in VM mode carries no VM configuration model; a request that gives it one is refused.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on the VM configuration model: none.",
            ),
            recorded(
                "Sets created without virtualMachineProfile and with a fault-domain count are accepted, "
                "and read back without a profile.",
                "2019-10-24..2020-02-07",
                "2019-03-01..2019-12-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "PROFILE-SSVM-REQUIRED",
        "A",
        "A group in ScaleSetVM mode cannot be created without a VM configuration model, because its "
        "instances are made from it.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on the VM configuration model: required.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "UNIFORM-IDENTICAL",
        "A",
        "Every instance of a Uniform group is made from the group's single profile. Two instances may "
        "differ in the model version they run and in nothing else that the profile decides.",
        ("S18", "S21F"),
        STACK_AND_2021,
        (
            documented(
                "S18 speaks of a set of identical VMs that are all configured alike; S21F says that "
                "Uniform uses identical instances from one profile.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "ADD-EXPLICIT",
        "A",
        "A VM becomes a member of a VM-mode or Flexible group only through its own creation request, which "
        "names the group. A VM that exists already cannot join afterwards.",
        ("S19", "S21F"),
        FROM_2019,
        (
            documented(
                "S19, table row on adding a VM: explicitly, when the VM is created. S21F: the "
                "virtualMachineScaleSet property must be given at VM creation.",
            ),
            recorded(
                "VMs created with a reference to a set without profile become its members.",
                "2019-10-24..2021-05-28",
                "2019-03-01..2021-03-01",
            ),
            contradicted(
                "Flexible sets created with a profile and a capacity of 2 make their members themselves; a "
                "development after the document.",
                "2021-09-29..2024-08-26",
                "2021-04-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ADD-IMPLICIT",
        "A",
        "A ScaleSetVM or Uniform group makes its own instances, from its model, its instance count and its "
        "autoscale rules. No request from outside can create a VM into it.",
        ("S19",),
        FROM_2019,
        (
            documented(
                "S19, table row on adding a VM: implicitly, from the configuration model, the instance "
                "count and the autoscale rules.",
            ),
            inferred(
                "Holds for Uniform in 2021 as ScaleSetVM's later name; S21F's introduction says the same "
                "of scale sets as they were before Flexible.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ATTACH-DETACH-NEVER",
        "A",
        "No kind of group takes in a VM that exists already or releases a member that lives on; both "
        "requests are refused.",
        ("S19", "S21F"),
        FROM_2019,
        (
            documented(
                "S19, table row on attaching and detaching, and S21F, table row on adding or removing an "
                "existing VM: not supported in any column.",
            ),
            inferred(
                "A neighbouring document of 2024-06-18 allows both for Flexible groups with one fault "
                "domain; it is later than every edition.",
            ),
        ),
        REFUSES,
    ),
    Rule(
        "DELETE-NONEMPTY-REJECTED",
        "A",
        "Deleting a VM-mode or Flexible group is granted only when the group has no member. With one "
        "member or more it fails with OperationNotAllowed and nothing changes.",
        ("S19", "S21F"),
        FROM_2019,
        (
            documented(
                "S19, table row on deleting, and S21F, third troubleshooting entry, which gives the code "
                "and the message; no recording has tried it.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "DELETE-CASCADES",
        "A",
        "Deleting a ScaleSetVM or Uniform group deletes each of its instances together with the group.",
        ("S19",),
        FROM_2019,
        (
            documented(
                "S19, table row on deleting, ScaleSetVM column: all VM instances are deleted.",
            ),
            inferred(
                "Holds for Uniform in 2021 as ScaleSetVM's later name.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "DELETE-ONE",
        "A",
        "A single member can be deleted in every mode. In VM mode and in Flexible this is the only way: "
        "members are deleted one request at a time.",
        ("S19",),
        FROM_2019,
        (
            documented(
                "S19, table row on deleting: VMs must be deleted individually in VM mode, and can be in "
                "ScaleSetVM mode.",
            ),
            inferred(
                "Carried to the 2021 kinds: S21F sends deletions to the VM commands.",
            ),
            recorded(
                "A POST delete naming '*' removes all instances; the list is empty afterwards.",
                "2020-11-01..2024-08-26",
            ),
            contradicted(
                "Deleting the only instance that was left answered 400 'cannot be deleted because it is "
                "the last remaining instance', some years before these editions.",
                "2015-09-01..2016-02-29",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ARTIFACTS-FOLLOW",
        "A",
        "When a ScaleSetVM or Uniform instance is deleted, its network interfaces and disks are deleted with it.",
        ("S19", "S21F"),
        FROM_2019,
        (
            documented(
                "S19, table row on the instance lifecycle: artifacts are implicit to the instance. S21F, "
                "table row on removing NICs and disks: yes for Uniform.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "ARTIFACTS-REMAIN",
        "A",
        "When a member of a VM-mode group, a Flexible group or an availability set is deleted, its network "
        "interfaces and disks stay as resources of their own.",
        ("S19", "S21F"),
        FROM_2019,
        (
            documented(
                "S19, table row on the instance lifecycle: managed independently. S21F, table row on "
                "removing NICs and disks: no for Flexible and availability sets.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "EMPTY-GROUP",
        "A",
        "A VM-mode or Flexible group starts with 0 members. A ScaleSetVM or Uniform group may be created with "
        "any instance count from 0 upwards.",
        ("S19", "S21F"),
        FROM_2019,
        (
            documented(
                "S19, table row on capacity: an empty set can be created; instance count from 0. S21F, "
                "first REST step: create an empty scale set.",
            ),
            inferred(
                "Holds for Uniform in 2021 as ScaleSetVM's later name.",
            ),
            recorded(
                "Sets without profile are accepted and have no members.",
                "2019-10-24..2024-08-26",
                "2019-03-01..2024-07-01",
            ),
            recorded(
                "The set's SKU list gives 0 as the minimum capacity.",
                "2016-09-22..2024-08-26",
                "2016-03-30..2023-09-01",
            ),
            contradicted(
                "The set's SKU list gives 1 as the minimum capacity, years before these editions.",
                "2015-11-01",
                "2015-06-15",
            ),
            contradicted(
                "Flexible sets are created with a profile and a capacity of 2; a development after the document.",
                "2021-09-29..2024-08-26",
                "2021-04-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "MOVE",
        "A",
        "A group of either 2019 mode can be moved to another resource group.",
        ("S19",),
        IN_2019,
        (
            documented(
                "S19, table row on moving: supported in both columns.",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "AUTOSCALE",
        "A",
        "Where the group's kind has autoscale and it is configured, the platform may change the instance "
        "count without a request, and stays within the configured bounds. In every other case only a "
        "request changes the count.",
        ("S19", "S21F"),
        FROM_2019,
        (
            documented(
                "S19 and S21F, table rows on autoscale: ScaleSetVM and Uniform have it, VM, Flexible and "
                "availability sets do not.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "SAME-PLACE",
        "A",
        "A VM can join a Flexible group only if its region, its zone (or having none) and its resource "
        "group are those of the group.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, portal steps: a VM can be added to a set in the same region, zone and resource group.",
            ),
        ),
        BOTH,
    ),
    Rule(
        "INSTANCE-TYPE",
        "A",
        "Members of VM-mode groups, Flexible groups and availability sets are "
        "Microsoft.Compute/virtualMachines and fully under their owner's control. Members of ScaleSetVM "
        "and Uniform groups are Microsoft.Compute/virtualMachineScaleSets/virtualMachines and are managed "
        "through the group alone.",
        ("S19", "S21F"),
        FROM_2019,
        (
            documented(
                "S19, table rows on the instance model and on instance control; S21F, table rows on the VM "
                "type and on full control.",
            ),
            recorded(
                "Members of sets without Uniform orchestration read as Microsoft.Compute/virtualMachines "
                "that refer to their set.",
                "2019-10-24..2024-08-26",
                "2019-03-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "LIST-IDS",
        "A",
        "Listing the VMs of a Flexible group gives their ids, and their details are read VM by VM. Listing "
        "a Uniform group gives the instances themselves.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on changes to the list API.",
            ),
            recorded(
                "In the instance list of a Flexible set the instanceId is the VM's name and zones is a "
                "list with one null.",
                "2021-01-01..2024-12-31",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "NAMING",
        "A",
        "The caller names each VM of a Flexible group within Azure's naming rules, and a name is used once "
        "in a resource group. A name made by the platform is the given prefix followed by a unique number "
        "of the platform's choice.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on instance naming.",
            ),
            recorded(
                "Members that the platform made are named after the set, an underscore and eight "
                "hexadecimal digits, such as vmss000002_10146a44: a number only when read as hexadecimal.",
                "2023-12-20",
                "2023-09-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "BATCH-OPS",
        "A",
        "Operations on all members at once (start all, stop all, reimage all and their like) are refused "
        "on a Flexible group and change nothing; a Uniform group has them. On Flexible, start, stop, restart "
        "and delete are asked of each VM.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on batch operations.",
            ),
            inferred(
                "That a Uniform group has them is the contrast that the section draws.",
            ),
            recorded(
                "manualupgrade on a Flexible set is answered 409 OperationNotAllowed.",
                "2023-10-19",
                "2023-07-01",
            ),
            contradicted(
                "manualupgrade on a Flexible set is accepted with 202 and succeeds; a development after the document.",
                "2023-12-19..2024-08-26",
                "2023-09-01..2024-07-01",
            ),
        ),
        BOTH,
    ),
    Rule(
        "BOOTDIAG-API",
        "A",
        "The scale set's own boot-diagnostics calls are refused for members of a Flexible group; the VM's "
        "calls are used instead. Instances of a Uniform group have them.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on boot diagnostics.",
            ),
            inferred(
                "That Uniform instances have these calls is the contrast that the section draws.",
            ),
        ),
        REFUSES,
    ),
    Rule(
        "EXTENSION-KIND",
        "A",
        "A member of a Flexible group takes extensions written for standard VMs. An extension written for "
        "Uniform instances is refused there, and taken by instances of a Uniform group.",
        ("S21F",),
        IN_2021,
        (
            documented(
                "S21F, section on VM extensions.",
            ),
            inferred(
                "That Uniform instances take the extensions made for them is the contrast that the section draws.",
            ),
        ),
        BOTH,
    ),
)
