"""Explorations are written to files that other tools read, and run side by side."""

from __future__ import annotations

import json
import os
import pickle
import re
import signal
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from attrs import evolve

from vmss_invariants.exploring import (
    Bounds,
    BrokenOffError,
    Configuration,
    Exploration,
    explore,
    explore_all,
    replay,
    write,
)
from vmss_invariants.exploring.export import itf_value
from vmss_model.values import GroupKind

ONE = Configuration(edition="2021-02", kind=GroupKind.UNIFORM, bounds=Bounds(instances=2))


@pytest.fixture(scope="module")
def found() -> Exploration:
    """A small exploration."""
    return explore(ONE)


@pytest.fixture(scope="module")
def broken() -> Exploration:
    """One with a counterexample."""
    return explore(evolve(ONE, without=("FDCOUNT-UNIFORM",)))


def test_graphml_is_read_back(found: Exploration, tmp_path: Path) -> None:
    """The same worlds and links, with their attributes."""
    file = tmp_path / "g.graphml"
    write(found, file)
    read = nx.read_graphml(file, node_type=int, force_multigraph=True)

    assert read.number_of_nodes() == found.worlds
    assert sorted((a, b, data["request"]) for a, b, data in read.edges(data=True)) == sorted(found.links)
    assert {world: data["depth"] for world, data in read.nodes(data=True)} == dict(enumerate(found.depths))
    assert {data["world"] for _, data in read.nodes(data=True)} == set(map(found.describe, range(found.worlds)))


def test_every_edge_of_graphml_has_an_id_of_its_own(found: Exploration, tmp_path: Path) -> None:
    """Readers drop an edge whose id they know already; the request is an attribute."""
    file = tmp_path / "g.graphml"
    write(found, file)
    edges = [one for one in ElementTree.parse(file).iter() if one.tag.endswith("}edge")]

    assert len(edges) == len(found.links)
    assert len({one.attrib["id"] for one in edges}) == len(edges)
    assert all(len(one) == 1 for one in edges)


def test_the_graph_has_what_the_exploration_counts(found: Exploration) -> None:
    """Nodes, edges, and the exploration's counts as attributes of the graph."""
    graph = found.graph()

    assert graph.number_of_nodes() == found.worlds
    assert graph.number_of_edges() == len(found.links)
    assert nx.single_source_shortest_path_length(graph, 0) == dict(enumerate(found.depths))
    assert graph.graph["exhausted"] is True


def test_dot_has_a_line_for_each_world_and_each_pair_that_is_linked(found: Exploration, tmp_path: Path) -> None:
    """Requests between the same two worlds share a line."""
    file = tmp_path / "g.dot"
    write(found, file)
    text = file.read_text(encoding="utf-8")
    edges = re.findall(r"^  (\d+) -> (\d+) \[label=", text, re.MULTILINE)

    assert len(re.findall(r"^  \d+ \[label=", text, re.MULTILINE)) == found.worlds
    assert {(int(a), int(b)) for a, b in edges} == {(a, b) for a, b, _ in found.links}
    assert len(edges) == len(set(edges))


def test_itf_of_a_counterexample_has_its_states_and_requests(broken: Exploration, tmp_path: Path) -> None:
    """The first state is the empty world; every state has every variable; the last request is the one that breaks."""
    file = tmp_path / "t.itf.json"
    write(broken, file)
    read = json.loads(file.read_text(encoding="utf-8"))
    first = broken.violations[0]

    assert read["#meta"]["format"] == "ITF"
    assert first.invariant in read["#meta"]["description"]
    assert len(read["states"]) == len(first.lines) + 1
    assert read["states"][0]["groups"] == {"#map": []}
    assert [state["#meta"]["index"] for state in read["states"]] == list(range(len(read["states"])))
    assert all(set(state) == {"#meta", *read["vars"]} for state in read["states"])
    assert [state["request"] for state in read["states"][1:]] == [line.rpartition(" -> ")[0] for line in first.lines]


def test_itf_without_a_counterexample_goes_as_far_as_any_world(found: Exploration, tmp_path: Path) -> None:
    """Then the trace is a shortest way to a deepest world."""
    file = tmp_path / "t.itf.json"
    write(found, file)

    assert len(json.loads(file.read_text(encoding="utf-8"))["states"]) == found.depth + 1


def test_values_are_as_the_format_has_them() -> None:
    """Whole numbers are big integers, truth values are not; sets, tuples and maps have their marks."""
    assert itf_value(3) == {"#bigint": "3"}
    assert itf_value(True) is True
    assert itf_value((1, "a")) == {"#tup": [{"#bigint": "1"}, "a"]}
    assert itf_value(frozenset({"b", "a"})) == {"#set": ["a", "b"]}
    assert itf_value({"a": GroupKind.FLEXIBLE}) == {"#map": [["a", "Flexible"]]}
    assert itf_value(None) == {"tag": "None", "value": {"#tup": []}}


def test_a_file_can_be_named_by_a_text(found: Exploration, tmp_path: Path) -> None:
    """As well as by a path: the same is written."""
    write(found, tmp_path / "path.dot")
    write(found, str(tmp_path / "text.dot"))

    assert (tmp_path / "text.dot").read_bytes() == (tmp_path / "path.dot").read_bytes()


def test_an_unknown_ending_is_refused(found: Exploration, tmp_path: Path) -> None:
    """With those that there are."""
    with pytest.raises(ValueError, match=re.escape(".graphml, .dot, .itf.json")):
        write(found, tmp_path / "g.svg")


def counted(found: Exploration) -> dict[str, object]:
    """All that an exploration counted, but for its time."""
    return {name: value for name, value in found.summary().items() if name != "seconds"}


def test_processes_find_what_one_process_finds() -> None:
    """Explorations come back in their order, with graph and counterexamples, a broken edition among them."""
    chosen = (ONE, evolve(ONE, kind=GroupKind.AVAILABILITY_SET), evolve(ONE, without=("FDCOUNT-UNIFORM",)))
    finished: list[str] = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        side_by_side = explore_all(chosen, executor, finished=lambda one: finished.append(one.configuration.describe()))
    alone = explore_all(chosen)

    assert [one.configuration for one in side_by_side] == list(chosen)
    assert list(map(counted, side_by_side)) == list(map(counted, alone))
    assert sorted(finished) == sorted(one.describe() for one in chosen)
    assert [list(one.links) for one in side_by_side] == [list(one.links) for one in alone]
    assert side_by_side[0].describe(3) == alone[0].describe(3)
    assert side_by_side[2].violations


_asked = 0


def dies_when_asked(times: int) -> bool:
    """Kill this process once it was asked so often whether it is to stop."""
    global _asked  # noqa: PLW0603 - a process counts for itself
    _asked += 1
    if _asked > times:
        os.kill(os.getpid(), signal.SIGKILL)
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="processes are killed otherwise there")
def test_what_was_finished_is_kept_where_a_process_is_lost(found: Exploration) -> None:
    """As where the system kills it for want of memory: the error has what there is, and says how much is missing."""
    dies = partial(dies_when_asked, found.worlds * 3 // 2)
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor,
        pytest.raises(BrokenOffError, match="1 of 3 explorations are there") as lost,
    ):
        explore_all((ONE, ONE, ONE), executor, stopped=dies)

    assert list(map(counted, lost.value.found)) == [counted(found)]


def test_any_executor_will_do() -> None:
    """Threads too; limits are those of each exploration."""
    with ThreadPoolExecutor(2) as executor:
        found = explore_all((ONE, ONE), executor, limit_worlds=3)

    assert [one.exhausted for one in found] == [False, False]
    assert counted(found[0]) == counted(explore(ONE, limit_worlds=3))


def test_an_exploration_can_be_pickled(found: Exploration) -> None:
    """And its worlds can still be reached again."""
    copy = pickle.loads(pickle.dumps(found))

    assert counted(copy) == counted(found)
    assert len(replay(copy, copy.worlds - 1)) == copy.depths[copy.worlds - 1]
