"""Findings: where the source documents are unclear or contradict each other, and how the model reads them."""

from __future__ import annotations

from attrs import frozen

from vmss_model.rules.base import Rule


@frozen
class DocumentFinding:
    """A place where the documents leave two readings; neither is dropped silently."""

    id: str
    """The finding's name, `F1` to `F14`."""
    documents: tuple[str, ...]
    """Short names of the documents concerned; `API` is the public API's own text."""
    rules: tuple[str, ...]
    """The ids of the rules that the finding bears on."""
    statement: str
    """What is unclear or contradictory."""
    readings: tuple[str, ...]
    """The two readings, each a short sentence."""
    chosen: str
    """Which reading the model takes, and why."""


RULES: tuple[Rule, ...] = ()
"""Findings are no rules: the section has none."""

FINDINGS: tuple[DocumentFinding, ...] = (
    DocumentFinding(
        id="F1",
        documents=("S21F",),
        rules=("FD-HA-SCOPE",),
        statement=(
            "The running text promises fault-domain availability to Uniform groups of fewer than 100 "
            "instances, the FAQ table to groups of up to 100."
        ),
        readings=(
            "A Uniform group of exactly 100 instances has the promise.",
            "A Uniform group has the promise only below 100 instances.",
        ),
        chosen=(
            "The first: the table is where the three kinds are compared, and 100 is also the bound of a "
            "single placement group."
        ),
    ),
    DocumentFinding(
        id="F2",
        documents=("S21F",),
        rules=("AUTOSCALE", "NAMING", "CAPS-AUTOSCALE"),
        statement=(
            "The section on naming speaks of VMs that autoscale adds to a Flexible group; the table says "
            "that Flexible has no autoscale."
        ),
        readings=(
            "Flexible has no autoscale, and the sentence on names looks ahead.",
            "Autoscale adds VMs to a Flexible group and the platform names them.",
        ),
        chosen=(
            "The first: the table answers the question itself. What is said of a platform-made name stays "
            "as the rule for any such name."
        ),
    ),
    DocumentFinding(
        id="F3",
        documents=("S21F",),
        rules=("CAPS-BACKUP", "CAPS-SITE-RECOVERY"),
        statement=(
            "The running text says that single Uniform instances are not compatible with Azure Backup and "
            "Azure Site Recovery; the table says yes to both for Uniform."
        ),
        readings=(
            "Uniform groups have Azure Backup and Azure Site Recovery.",
            "Uniform groups have neither.",
        ),
        chosen=(
            "The first: each cell of the table is a rule. Later revisions of the page moved towards the "
            "second, so a caller who needs either should switch the variant on."
        ),
    ),
    DocumentFinding(
        id="F4",
        documents=("S21U",),
        rules=("OSU-BATCH",),
        statement=(
            "The text names groups of 5 or fewer instances as those with one VM a batch (its translation "
            "says at least 5); 20 % rounded down, with a minimum of one, gives one VM for 1 to 9 "
            "instances."
        ),
        readings=(
            "A batch has max(1, floor(20 % of n)) VMs, so 1 to 9 instances give batches of one.",
            "Only 1 to 5 instances give batches of one; 6 to 9 may have batches of two, rounding up.",
        ),
        chosen=(
            "The first: a batch of two out of nine would be more than the 20 % that the same step sets as "
            "the maximum. The sentence on 5 instances is true under it, only not exhaustive."
        ),
    ),
    DocumentFinding(
        id="F5",
        documents=("S17",),
        rules=("UPGRADE-KIND",),
        statement=(
            "The third kind of update, patching inside the guest, is first called supported but not "
            "treated, and then said to need a new scale set."
        ),
        readings=(
            "Patching inside the guest can be done and is no concern of the group's model.",
            "A patched guest needs a new scale set.",
        ),
        chosen=(
            "The first: what happens inside a guest is outside the model, which neither forbids nor "
            "follows it. The second has no operation of its own to forbid."
        ),
    ),
    DocumentFinding(
        id="F6",
        documents=("S19", "S21F"),
        rules=(
            "CAP-VM-2019",
            "CAP-FLEX",
            "FDCOUNT-VM-2019",
            "FDCOUNT-FLEX-ZONAL",
            "SPG-VM-2019",
            "SPG-FLEX",
            "UD-MAPPED-2019",
            "UD-2021",
        ),
        statement=(
            "The preview of 2019 and that of 2021 disagree: 200 or 1000 VMs, 5 or 1 fault domains in a "
            "zone, singlePlacementGroup to be true or false, update domains mapped or none."
        ),
        readings=(
            "The system changed, and each document is right at its date.",
            "The documents describe one system, and the later one corrects the earlier.",
        ),
        chosen=(
            "The first: every value belongs to its edition, and recordings of 2019 and of 2021 bear out "
            "both sides for fault domains and placement groups."
        ),
    ),
    DocumentFinding(
        id="F7",
        documents=("S21F",),
        rules=("FDCOUNT-FLEX-REGIONAL", "E2"),
        statement=(
            "The example error names the range 1 to 1 and the cause speaks of region or zone; whether a "
            "regional message names the region's own maximum is not shown."
        ),
        readings=(
            "The message names the range that holds for the request: 1 to the region's maximum, or 1 to 1 in a zone.",
            "The message names 1 to 1 whatever the region.",
        ),
        chosen=(
            "The first: a region with a single fault domain gives the example as it stands, and the cause "
            "says that the maximum depends on the region."
        ),
    ),
    DocumentFinding(
        id="F8",
        documents=("S21U",),
        rules=("OSU-GROUP", "OSU-BATCH"),
        statement=(
            "Never all VMs of a group are to be upgraded at the same time, yet a group of one instance has "
            "a batch of one."
        ),
        readings=(
            "The minimum batch of one wins: a group of one instance is upgraded, all of it at once.",
            "A group of one instance is never upgraded.",
        ),
        chosen=(
            "The first: the same document supports groups of any size and has the upgrade go on until "
            "every instance is upgraded."
        ),
    ),
    DocumentFinding(
        id="F9",
        documents=("S21U",),
        rules=("OSU-STOP-UPGRADED",),
        statement=("More than 20 % of the upgraded instances: of those upgraded so far, or of the whole group."),
        readings=(
            "The share is taken of the instances upgraded so far.",
            "The share is taken of all instances of the group.",
        ),
        chosen=(
            "The first: so the words read, and so do the public API text and service errors. An example in "
            "a later document uses the second."
        ),
    ),
    DocumentFinding(
        id="F10",
        documents=("S21U",),
        rules=("OSU-WINDOWS",),
        statement=(
            "The document demands that enableAutomaticUpdates be set to false; the public API text says "
            "that the service sets it to false by itself."
        ),
        readings=(
            "A Windows group without false is refused.",
            "A Windows group without false is accepted and reads back false.",
        ),
        chosen=(
            "The first: the document is the norm. The boundary accepts the second from a service as a "
            "value that the service filled in."
        ),
    ),
    DocumentFinding(
        id="F11",
        documents=("S21F",),
        rules=("E3", "ATTACH-DETACH-NEVER"),
        statement=(
            "The error on deleting a group with members offers to detach them, which no kind of group supports."
        ),
        readings=(
            "The message is given word for word and detaching stays refused.",
            "The message is right and a member of a Flexible group can be detached.",
        ),
        chosen=("The first: the table says no for every kind. Detaching came years later, with limits of its own."),
    ),
    DocumentFinding(
        id="F12",
        documents=("S21U",),
        rules=("OSU-HISTORY", "OSU-PROGRESS"),
        statement=(
            "The example of the upgrade history completes three months before it starts, and calls the "
            "field completedTime where the public API has endTime."
        ),
        readings=(
            "The dates of the example are a slip, and endTime is the field's name.",
            "The example is literal: completedTime is a field, and may lie before startTime.",
        ),
        chosen=(
            "The first: the model's histories never end before they start. A reader of recordings takes either name."
        ),
    ),
    DocumentFinding(
        id="F13",
        documents=("S17", "S21F"),
        rules=("HEATMAP", "ROLLOUT-PLAN", "UD-2021"),
        statement=(
            "Fault domain and update domain are used for one another in places, such as fault domains "
            "being picked and the VMs of that update domain being upgraded."
        ),
        readings=(
            "Rollouts go by update domain where the group has them, and by fault domain where it has none.",
            "The two words mean one thing, and either number may be used.",
        ),
        chosen=(
            "The first: recorded instances show both numbers, equal in regional groups, so that the "
            "readings differ only where the numbers do; Flexible has no update domains."
        ),
    ),
    DocumentFinding(
        id="F14",
        documents=("S19", "API"),
        rules=("MODE-2019", "SPG-VM-2019", "API-MIN-FLEX"),
        statement=(
            "The public API never had the mode words VM and ScaleSetVM: recordings of 2019 and 2020 lack "
            "the property or show VirtualMachines, and singlePlacementGroup false became required with API "
            "version 2019-12-01."
        ),
        readings=(
            "The mode is told by the shape of the request: no profile and a fault-domain count given means VM.",
            "The mode is told by the words VM and ScaleSetVM alone.",
        ),
        chosen=(
            "The first at the boundary, where no recording could be read otherwise; inside, the edition of "
            "2019 keeps the document's two words."
        ),
    ),
)
