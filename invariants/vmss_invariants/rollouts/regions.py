"""A schedule of phases for releasing an image across regions (OSU-REGIONS).

Regions that must not be in the same phase are neighbours in a graph; a colouring of the graph is a
schedule, a colour a phase. Whether it is one is then asked of the model, phase by phase.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import networkx as nx

from vmss_invariants.rollouts.scenario import Kind, Scenario
from vmss_invariants.rollouts.simulation import rolled_out
from vmss_model import requests as rq
from vmss_model.decide import decide
from vmss_model.decisions import Refusal
from vmss_model.evolve import evolve_all
from vmss_model.os_images import PlatformImage
from vmss_model.world import World


class PhaseRefusedError(Exception):
    """A phase that the model refuses, with its refusals."""

    def __init__(self, number: int, refusals: tuple[Refusal, ...], silent: str) -> None:
        """Keep which one it was (from 1) and why."""
        self.number = number
        self.refusals = refusals
        reasons = "; ".join(refusal.message for refusal in refusals) or silent
        super().__init__(f"phase {number}: {reasons}")


def conflicts(regions: Collection[str], geo_pairs: Mapping[str, str]) -> nx.Graph[str]:
    """The regions, with an edge between two that are a geo pair."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(sorted(set(regions)))
    graph.add_edges_from(
        (one, other) for one, other in sorted(geo_pairs.items()) if one != other and one in graph and other in graph
    )
    return graph


def schedule_regions(
    regions: Collection[str], geo_pairs: Mapping[str, str], per_phase: int | None = None
) -> tuple[frozenset[str], ...]:
    """Phases that release to every region once, never to both regions of a geo pair in the same one.

    `per_phase` bounds the regions of a phase; then the phases are as even as can be. Without it there are
    as few phases as the geo pairs allow. `geo_pairs` gives the other region of each region that has one.
    """
    graph = conflicts(regions, geo_pairs)
    if not graph:
        return ()
    if per_phase is None:
        return _phases(nx.greedy_color(graph, strategy="DSATUR"))
    if per_phase < 1:
        raise ValueError("a phase has at least one region")
    degrees: list[int] = [degree for _, degree in graph.degree()]
    # Hajnal and Szemerédi: one colour more than any region has neighbours is enough for even phases.
    fewest = max(max(degrees) + 1, -(-len(graph) // per_phase))
    return _phases(nx.equitable_color(graph, num_colors=fewest))


def _phases(colours: Mapping[str, int]) -> tuple[frozenset[str], ...]:
    """The regions of each colour; the smallest phase first, so that what goes wrong goes wrong in few regions."""
    phases: dict[int, set[str]] = {}
    for region, colour in colours.items():
        phases.setdefault(colour, set()).add(region)
    return tuple(frozenset(phase) for phase in sorted(phases.values(), key=lambda one: (len(one), sorted(one))))


def release(world: World, line: PlatformImage, version: str, phases: Sequence[frozenset[str]]) -> tuple[World, ...]:
    """The world after each phase: the version is released to it, and every group there that wants it has it.

    Raises `PhaseRefusedError` where the model refuses a phase. Each group is brought to the version by its
    own automatic rollout, in which every instance becomes healthy.
    """
    worlds: list[World] = []
    for number, phase in enumerate(phases, 1):
        decision = decide(world, rq.ReleaseImage(line, version, phase))
        if decision.grant is None:
            raise PhaseRefusedError(number, decision.refusals, decision.silent)
        world = _upgraded(evolve_all(world, decision.grant.events({})), phase)
        worlds.append(world)
    return tuple(worlds)


def _upgraded(world: World, regions: Iterable[str]) -> World:
    for key, group in sorted(world.groups.items()):
        if group.region in regions and group.trigger is not None:
            world, _ = rolled_out(Scenario(world=world, key=key, kind=Kind.AUTOMATIC, healthy_after=0))
    return world
