"""An executable formal model of Azure VM scale sets, read from five documents of 2017 to 2021.

`decide(world, request)` says what the documents allow; `evolve(world, event)` is what then happens.
"""

from __future__ import annotations

from vmss_model.decide import decide
from vmss_model.decisions import Decision, Grant, Refusal
from vmss_model.editions import EDITIONS, Edition, edition
from vmss_model.evolve import evolve, evolve_all
from vmss_model.world import Group, GroupKey, Instance, VmKey, World

__all__ = [
    "EDITIONS",
    "Decision",
    "Edition",
    "Grant",
    "Group",
    "GroupKey",
    "Instance",
    "Refusal",
    "VmKey",
    "World",
    "decide",
    "edition",
    "evolve",
    "evolve_all",
]
