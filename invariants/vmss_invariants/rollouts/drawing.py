"""What every picture shares: the states with a sign and a colour each, and a small writer of SVG.

The colours are those of Okabe and Ito, which colour-blind people tell apart; every state has a sign beside
its colour. Pictures follow the reader's light or dark setting. All text is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from attrs import frozen


@frozen
class Look:
    """How a state is shown."""

    sign: str
    """One character of ASCII."""
    colour: str
    """The colour behind black text, as `#rrggbb`."""
    key: str
    """A word for style sheets."""


LOOKS: Mapping[str, Look] = {
    "up to date": Look("=", "#26b98b", "current"),
    "upgrading": Look(">", "#f0b429", "upgrading"),
    "outdated": Look("o", "#8cc9f0", "outdated"),
    "unhealthy": Look("!", "#dd8fbd", "unhealthy"),
    "failed": Look("x", "#f08a52", "failed"),
    "down": Look("-", "#b5b5b5", "down"),
}
"""The states of the heat map in the order of a legend."""

Span = tuple[str, str]
"""A piece of a line for the terminal: its text, and the state that colours it (empty: none)."""

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def safe(text: str) -> str:
    """Text as it may stand in XML and HTML, in attributes too."""
    return escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text))


_FILLS = {
    "ink": "#1a1a1a",
    "soft": "#5b5b5b",
    "on": "#000000",
    "page": "#ffffff",
    "stop": "#c2410c",
    **{f"s-{look.key}": look.colour for look in LOOKS.values()},
}
_STROKES = {"line": "#c4c4c4", "batch": "#5b5b5b"}
"""The colours in the light, also written beside each shape for readers that know no style sheets."""


def style_sheet() -> str:
    """The styles of pictures and pages, in the dark; in the light every shape has its own."""
    return (
        "@media (prefers-color-scheme:dark){"
        ".ink{fill:#ededed}.soft{fill:#b0b0b0}.page{fill:#161616}.line{stroke:#4a4a4a}.batch{stroke:#b0b0b0}"
        ".stop{fill:#ff8a50}}"
    )


class Svg:
    """A picture being drawn; sizes are in pixels."""

    def __init__(self, width: float, title: str, description: str = "") -> None:
        """Begin a picture of a width, with a title and a description for those who cannot see it."""
        self._width = width
        self._title = title
        self._description = description
        self._parts: list[str] = []

    def box(self, x: float, y: float, width: float, height: float, kind: str, tip: str = "") -> None:
        """Draw a filled rectangle; the tip is shown where the pointer rests on it."""
        inside = f"<title>{safe(tip)}</title>" if tip else ""
        sizes = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{height:.1f}"'
        self._parts.append(f'<rect class="{kind}" fill="{_FILLS[kind]}" {sizes}>{inside}</rect>')

    def write(self, x: float, y: float, text: str, kind: str = "ink", size: int = 12, anchor: str = "start") -> None:
        """Write a line of text from a point on its base line."""
        where = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
        self._parts.append(f'<text class="{kind}" fill="{_FILLS[kind]}" {where}>{safe(text)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, kind: str = "line", dashed: bool = False) -> None:
        """Draw a thin line."""
        dashes = ' stroke-dasharray="3 3"' if dashed else ""
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self._parts.append(f'<line class="{kind}" stroke="{_STROKES[kind]}" {ends} stroke-width="1"{dashes}/>')

    def path(self, data: str, kind: str, tip: str = "") -> None:
        """Draw a filled shape."""
        inside = f"<title>{safe(tip)}</title>" if tip else ""
        self._parts.append(f'<path class="{kind}" fill="{_FILLS[kind]}" d="{data}">{inside}</path>')

    def legend(self, x: float, y: float, states: Iterable[str]) -> float:
        """Draw a legend of states in one line; give where it ends."""
        for state in states:
            look = LOOKS[state]
            self.box(x, y - 11, 16, 14, f"s-{look.key}")
            self.write(x + 8, y, look.sign, "on", 11, "middle")
            self.write(x + 21, y, state)
            x += 34 + 6.6 * len(state)
        return x

    def drawn(self, height: float, standing_alone: bool = True) -> str:
        """Give the picture; within a page the page's style sheet is used."""
        style = f"<style>{style_sheet()}</style>" if standing_alone else ""
        name = ' xmlns="http://www.w3.org/2000/svg"'
        size = f'viewBox="0 0 {self._width:.0f} {height:.0f}" width="{self._width:.0f}" height="{height:.0f}"'
        return (
            f'<svg{name} {size} role="img" font-family="system-ui, sans-serif">'
            f"<title>{safe(self._title)}</title><desc>{safe(self._description)}</desc>{style}"
            f'<rect class="page" fill="#ffffff" width="100%" height="100%"/>{"".join(self._parts)}</svg>\n'
        )


def states_in(states: Iterable[str]) -> Iterator[str]:
    """The states that occur, in the order of the legend."""
    found = set(states)
    return (state for state in LOOKS if state in found)
