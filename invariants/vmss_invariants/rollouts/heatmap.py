"""The model's heat map as lines for a terminal, as SVG, and as a page of HTML (HEATMAP)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from vmss_invariants.rollouts.drawing import LOOKS, Span, Svg, safe, states_in, style_sheet
from vmss_model.answers import HeatCell, HeatMapShown

MOST_NAMED = 40
"""Rows with more cells than this show signs without names."""
_WIDTH = 900
_LABEL = 130


def cells(shown: HeatMapShown) -> Iterator[HeatCell]:
    """Every cell, row by row."""
    return (cell for _, row in shown.rows for cell in row)


def counts(shown: HeatMapShown) -> dict[str, int]:
    """How many cells there are of each state, in the order of the legend."""
    counted = Counter(cell.state for cell in cells(shown))
    return {state: counted[state] for state in states_in(counted)}


def row_name(shown: HeatMapShown, domain: int | None) -> str:
    """What a row is."""
    return f"{shown.by} {domain}" if domain is not None else f"no {shown.by}"


def in_words(shown: HeatMapShown) -> str:
    """A heat map for those who cannot see it."""
    rows = (
        f"{row_name(shown, domain)}: "
        + ", ".join(f"{count} {state}" for state, count in counts(HeatMapShown(shown.by, ((domain, row),))).items())
        for domain, row in shown.rows
    )
    return "; ".join(rows)


# -- for the terminal ----------------------------------------------------------------------------------


def lines(shown: HeatMapShown, width: int) -> Iterator[tuple[Span, ...]]:
    """The rows as lines no wider than so many characters, each cell with its sign, coloured by its state."""
    label = max((len(row_name(shown, domain)) for domain, _ in shown.rows), default=0) + 2
    named = all(len(row) <= MOST_NAMED for _, row in shown.rows)
    widest = max((len(cell.name) for cell in cells(shown)), default=0) + 1 if named else 1
    across = max(1, (width - label + 1) // (widest + 1) if named else width - label)
    for domain, row in shown.rows:
        for start in range(0, len(row), across):
            spans: list[Span] = [((row_name(shown, domain) if not start else "").ljust(label), "")]
            part = row[start : start + across]
            if named:
                for cell in part:
                    spans += [(f"{LOOKS[cell.state].sign}{cell.name}".ljust(widest), cell.state), (" ", "")]
            else:
                alike = groupby(part, key=lambda cell: cell.state)
                spans += [(LOOKS[state].sign * len(list(several)), state) for state, several in alike]
            yield tuple(spans)


def legend(shown: HeatMapShown) -> tuple[Span, ...]:
    """The states that occur, each with its sign and how many there are."""
    spans: list[Span] = []
    for state, count in counts(shown).items():
        spans += [(f" {LOOKS[state].sign} ", state), (f" {state} {count:,}   ", "")]
    return tuple(spans)


# -- as a picture --------------------------------------------------------------------------------------


def as_svg(maps: Sequence[tuple[str, HeatMapShown]], title: str) -> str:
    """Heat maps one below the other, each under its caption."""
    svg = Svg(_WIDTH, title, "; ".join(f"{caption}: {in_words(shown)}" for caption, shown in maps[:3]))
    svg.write(16, 28, title, size=16)
    y = 44.0
    for caption, shown in maps:
        svg.write(16, y + 18, caption, size=13)
        y = _draw(svg, shown, y + 28)
    states = states_in(cell.state for _, shown in maps for cell in cells(shown))
    svg.legend(16, y + 24, states)
    return svg.drawn(y + 40)


def _draw(svg: Svg, shown: HeatMapShown, y: float) -> float:
    """Draw one heat map; give where it ends."""
    named = all(len(row) <= MOST_NAMED for _, row in shown.rows)
    longest = max((len(cell.name) for cell in cells(shown)), default=1)
    wide, high = (max(34, 18 + 7 * longest), 24) if named else (15, 15)
    across = max(1, int((_WIDTH - _LABEL - 16) // (wide + 2)))
    for domain, row in shown.rows:
        svg.write(16, y + high / 2 + 4, row_name(shown, domain), "soft")
        for place, cell in enumerate(row):
            across_at, down_at = place % across, place // across
            left, top = _LABEL + across_at * (wide + 2), y + down_at * (high + 2)
            look = LOOKS[cell.state]
            svg.box(left, top, wide, high, f"s-{look.key}", f"instance {cell.name}: {cell.state}")
            text = f"{look.sign} {cell.name}" if named else look.sign
            svg.write(left + wide / 2, top + high / 2 + 4, text, "on", 12 if named else 10, "middle")
        y += -(-len(row) // across) * (high + 2) + 4
    return y


# -- as a page -----------------------------------------------------------------------------------------

_PAGE_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .75rem;text-align:left;vertical-align:top;"
    "border-bottom:1px solid #c4c4c4}td.n{text-align:right}svg{max-width:100%;height:auto;display:block}"
    "h2{font-size:1.05rem;margin:1.5rem 0 .25rem}"
    "@media (prefers-color-scheme:dark){body{color:#ededed;background:#161616}th,td{border-color:#4a4a4a}}"
)


def as_html(
    maps: Sequence[tuple[str, HeatMapShown]],
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    remarks: Iterable[str] = (),
) -> str:
    """A page that needs nothing else: a table, remarks, and the heat maps."""
    head = "".join(f"<th>{safe(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(_data(value) for value in row)}</tr>" for row in rows)
    said = "".join(f"<p>{safe(remark)}</p>" for remark in remarks)
    drawn = "".join(f"<h2>{safe(caption)}</h2>{_inside(caption, shown)}" for caption, shown in maps)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{safe(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{style_sheet()}{_PAGE_STYLE}</style></head><body><h1>{safe(title)}</h1>{said}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{drawn}</body></html>\n"
    )


def _data(value: str) -> str:
    kind = ' class="n"' if value.isdecimal() else ""
    return f"<td{kind}>{safe(value)}</td>"


def _inside(caption: str, shown: HeatMapShown) -> str:
    svg = Svg(_WIDTH, caption, in_words(shown))
    y = _draw(svg, shown, 8)
    svg.legend(16, y + 20, states_in(cell.state for cell in cells(shown)))
    return svg.drawn(y + 32, standing_alone=False)
