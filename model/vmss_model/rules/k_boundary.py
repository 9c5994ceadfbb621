"""The ARM boundary: what any client of the public REST API relies on."""

from __future__ import annotations

from vmss_model.rules._vocabulary import ALL_EDITIONS, documented, inferred, recorded
from vmss_model.rules.base import BOTH, GRANTS, REFUSES, Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "ARM-READ-BACK",
        "K",
        "A read after a completed change shows every property that the change set. Properties that the "
        "service fills in are learnt at the first read and stay until a change or an event explains "
        "another value.",
        ("API",),
        ALL_EDITIONS,
        (
            inferred(
                "A convention of resource providers that every client relies on.",
            ),
            recorded(
                "Reads after completed creations and updates show what was set.",
                "2015-11-01..2024-08-26",
                "2015-06-15..2024-07-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "ARM-LRO",
        "K",
        "An answer 201 or 202 with a status link opens an operation, whose status ends once, as Succeeded, "
        "Failed or Canceled, and stays so. Its effect is there by the time it succeeded and possibly "
        "before; a failed operation names an error.",
        ("API",),
        ALL_EDITIONS,
        (
            documented(
                "The public API's contract for asynchronous operations.",
            ),
            recorded(
                "Reads of operations show InProgress, and in the end Succeeded (some 900 reads) or Failed (five).",
                "2015-11-01..2024-08-26",
                "2015-06-15..2024-07-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "ARM-ABSENT",
        "K",
        "To read or change what does not exist is answered 404, to delete it 204 or 404. After a completed "
        "deletion the thing appears in no read and no list.",
        ("API",),
        ALL_EDITIONS,
        (
            documented(
                "The public REST API's answers for resources that do not exist.",
            ),
            recorded(
                "Reads of what was deleted or evicted answer 404.",
                "2017-07-15..2024-08-26",
                "2017-03-30..2024-07-01",
            ),
            recorded(
                "Deletions answer 204 where nothing is left to delete.",
                "2015-11-01..2017-06-08",
                "2015-06-15..2017-03-30",
            ),
        ),
        BOTH,
    ),
    Rule(
        "ARM-CAPACITY",
        "K",
        "After a change of capacity succeeded, a Uniform group lists that many instances, or more while "
        "overprovisioning is under way. Instance ids grow and are never used again in the group's life.",
        ("API",),
        ALL_EDITIONS,
        (
            inferred(
                "The API gives the capacity as the number of instances; that ids are not used again is "
                "said by neighbouring pages only.",
            ),
            recorded(
                "Without overprovisioning the ids are exactly 0 to n - 1; with it, capacities 1, 2, 3 and "
                "5 leave ids up to 1, 3, 6 and 9.",
                "2015-11-01..2024-08-26",
                "2015-06-15..2024-07-01",
            ),
            recorded(
                "A scale-in from 5 to 4 with the default policy leaves 4, taking a most loaded fault "
                "domain in 77 of 77 cases, and the highest id in 13 of 13 where all were even.",
                "2015-01-01..2024-12-31",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "ARM-LIST",
        "K",
        "A list shows exactly the members, each once, when all its pages are followed.",
        ("API",),
        ALL_EDITIONS,
        (
            documented(
                "The public API's contract for paged lists.",
            ),
            recorded(
                "A set of capacity 180 is listed in pages of 60 and 120.",
                "2015-01-01..2024-12-31",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "ARM-POWER",
        "K",
        "Once a start, stop, deallocation or restart succeeded, the power state in the instance view shows it.",
        ("API",),
        ALL_EDITIONS,
        (
            documented(
                "The public REST API's operations and the power states of its instance view.",
            ),
            recorded(
                "Power operations on sets and on single instances are accepted and followed by instance views.",
                "2016-05-11..2024-08-26",
                "2015-06-15..2024-07-01",
            ),
        ),
        GRANTS,
    ),
    Rule(
        "ARM-IMMUTABLE",
        "K",
        "Properties that only a creation can set (zones, fault-domain count, orchestration mode, placement "
        "of the OS disk, priority) never change afterwards; a request to change one is refused.",
        ("API",),
        ALL_EDITIONS,
        (
            documented(
                "The public API's update type has no zones, fault-domain count, zone balance, mode or host group.",
            ),
            recorded(
                "A change of priority is refused with 409 PropertyChangeNotAllowed.",
                "2015-01-01..2024-12-31",
            ),
            inferred(
                "Error texts in public issues refuse changes of fault-domain count and zones; a change of "
                "mode was never recorded.",
            ),
        ),
        REFUSES,
    ),
)
