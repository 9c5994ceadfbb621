"""Pictures: well formed, complete, escaped, and telling states apart without colour."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from vmss_invariants.rollouts import heatmap, timeline
from vmss_invariants.rollouts.drawing import LOOKS, safe
from vmss_invariants.rollouts.scenario import Kind, Scenario
from vmss_invariants.rollouts.simulation import scenario_of, simulate
from vmss_invariants.rollouts.wording import clock, name_list
from vmss_model.answers import HeatCell, HeatMapShown

from .given import PATIENT, group_of, scenarios

SVG = "{http://www.w3.org/2000/svg}"


@st.composite
def heat_maps(draw: st.DrawFn) -> HeatMapShown:
    """Heat maps of any states and names, also names with signs that HTML reads otherwise."""
    name = st.text(min_size=1, max_size=6)
    state = st.sampled_from(list(LOOKS))
    row = st.lists(st.builds(HeatCell, name, state), min_size=1, max_size=50)
    domains = draw(st.lists(st.none() | st.integers(0, 9), min_size=1, max_size=4, unique=True))
    return HeatMapShown(
        draw(st.sampled_from(["update domain", "fault domain"])),
        tuple((domain, tuple(draw(row))) for domain in domains),
    )


@PATIENT
@given(heat_maps(), st.integers(30, 200))
def test_the_terminal_shows_every_cell_once(shown: HeatMapShown, width: int) -> None:
    """With its sign, in lines that fit."""
    spans = [span for line in heatmap.lines(shown, width) for span in line]
    cells = list(heatmap.cells(shown))
    named = all(len(row) <= heatmap.MOST_NAMED for _, row in shown.rows)
    for state, look in LOOKS.items():
        text = "".join(part for part, of in spans if of == state)
        assert text.count(look.sign) >= sum(cell.state == state for cell in cells)
    if not named:
        assert all(sum(len(part) for part, _ in line) <= width for line in heatmap.lines(shown, width))
    assert sum(heatmap.counts(shown).values()) == len(cells)


@PATIENT
@given(heat_maps())
def test_a_heat_map_is_a_picture_of_every_cell(shown: HeatMapShown) -> None:
    """Well-formed SVG with a box for each cell that says in words what it is."""
    root = ElementTree.fromstring(heatmap.as_svg([("before", shown)], "a <group> & more"))
    tips = [tip.text or "" for tip in root.iter(f"{SVG}title")]
    for cell in heatmap.cells(shown):
        assert any(tip.endswith(f": {cell.state}") for tip in tips)
    boxes = [box for box in root.iter(f"{SVG}rect") if (box.get("class") or "").startswith("s-")]
    legend = len(heatmap.counts(shown))
    assert len(boxes) == len(list(heatmap.cells(shown))) + legend


class _Page(HTMLParser):
    """Collects what a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note links and what is still open."""
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]
        if tag not in ("meta", "rect", "path", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """What is closed was opened last."""
        if tag not in ("rect", "path", "line"):
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.text.append(data)


@PATIENT
@given(heat_maps(), st.text(max_size=10))
def test_a_page_needs_nothing_else_and_escapes_everything(shown: HeatMapShown, text: str) -> None:
    """No address leads out of it, and what is a name stays text."""
    said = f"<script>{text}</script>"
    drawn = heatmap.as_html([(said, shown)], said, ("step",), [(said,)], [said])
    page = _Page()
    page.feed(drawn)
    assert page.open == []
    assert page.addresses == []
    assert "<script" not in drawn
    assert "".join(page.text).count("<script>") >= 4
    assert "prefers-color-scheme:dark" in drawn


def test_states_are_told_apart_without_colour() -> None:
    """Each has a sign of its own, and the colours differ too."""
    assert len({look.sign for look in LOOKS.values()}) == len(LOOKS)
    assert len({look.colour for look in LOOKS.values()}) == len(LOOKS)


def test_black_text_is_readable_on_every_colour() -> None:
    """Contrast of at least 7 to 1, as WCAG asks for at its highest level."""
    for look in LOOKS.values():
        parts = [int(look.colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert (luminance + 0.05) / 0.05 >= 7


@settings(max_examples=40, deadline=None)
@given(scenarios())
def test_a_timeline_is_a_picture_of_every_instance(scenario: Scenario) -> None:
    """Well-formed SVG; each instance has stretches that touch one another from the beginning to the end."""
    shown = simulate(scenario)
    root = ElementTree.fromstring(timeline.as_svg(shown, "a <group>"))
    boxes: dict[str, list[tuple[float, float]]] = {}
    for box in root.iter(f"{SVG}rect"):
        tip = box.findtext(f"{SVG}title") or ""
        if tip.startswith("instance "):
            left = float(box.get("x") or 0)
            boxes.setdefault(tip.split(":")[0], []).append((left, left + float(box.get("width") or 0)))
    assert len(boxes) == len(shown.rows)
    for stretches in boxes.values():
        ordered = sorted(stretches)
        assert abs(ordered[0][0] - 170) < 0.2
        assert abs(max(end for _, end in ordered) - 976) < 1
        assert all(after[0] - before[1] < 0.2 for before, after in pairwise(ordered))
    paths = [path for path in root.iter(f"{SVG}path") if path.findtext(f"{SVG}title")]
    assert len(paths) == len(shown.batches) + 1


def test_many_instances_are_drawn_by_their_places() -> None:
    """A row for each zone and update domain, in which all of its instances are counted."""
    scenario, _ = scenario_of(group_of(1000, zones=["1", "2", "3"]), Kind.AUTOMATIC)
    drawn = timeline.as_svg(simulate(evolve(scenario, failing=frozenset({"3"}))), "many")
    root = ElementTree.fromstring(drawn)
    tips = [tip.text or "" for tip in root.iter(f"{SVG}title")]
    assert sum(tip.startswith("67 of 67 outdated") for tip in tips) >= 9
    assert any(tip.startswith("1 of 67 failed") for tip in tips)
    assert len(drawn) < 100_000


@PATIENT
@given(st.text())
def test_any_text_can_stand_in_a_picture(text: str) -> None:
    """Characters that XML does not know are replaced."""
    ElementTree.fromstring(f'<a b="{safe(text)}">{safe(text)}</a>')


@PATIENT
@given(st.integers(-100_000, 1_000_000))
def test_a_moment_can_be_read_back(seconds: int) -> None:
    """`h:mm:ss`, with a minus sign before the beginning."""
    sign = -1 if clock(seconds).startswith("-") else 1
    hours, minutes, rest = (int(part) for part in clock(seconds).lstrip("-").split(":"))
    assert sign * (hours * 3600 + minutes * 60 + rest) == seconds


def test_names_are_listed_by_number() -> None:
    """Three or more in a row as a range; other names after the numbers."""
    assert name_list(["10", "9", "2", "1", "0", "web"]) == "0-2, 9, 10, web"
    assert name_list([str(2 * number) for number in range(9)]) == "0, 2, 4, 6, 8, 10 and 3 more"
