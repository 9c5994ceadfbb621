"""A timeline as rows of a table, as SVG, and as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import asdict, frozen

from vmss_invariants.counting import counted
from vmss_invariants.rollouts.drawing import LOOKS, Svg, states_in
from vmss_invariants.rollouts.scenario import Row, Timeline, What
from vmss_invariants.rollouts.wording import clock, name_list, place_name
from vmss_model.rollout import Attempt, Place, Progress

MOST_ROWS = 60
"""Groups with more instances than this are drawn a row for each place instead of each instance."""
_WIDTH, _LEFT, _RIGHT = 1000.0, 170.0, 24.0
_TOP = 96.0
_HIGH, _FOLDED = 16.0, 34.0
_THINNEST = 0.12
"""The smallest share of a row that a state is drawn with."""


def counts_text(progress: Progress) -> str:
    """The four counts: successful, failed, in progress, pending."""
    return f"{progress.successful}/{progress.failed}/{progress.in_progress}/{progress.pending}"


def rows(timeline: Timeline) -> Iterator[tuple[str, str, str, str, str]]:
    """Clock, event, counts, instances up, and rules of each event."""
    for event in timeline.events:
        begun = event.what not in (What.PRELUDE, What.NOT_BEGUN)
        counts = counts_text(event.progress) if begun else ""
        yield clock(event.at), event.text, counts, str(event.up), ", ".join(event.rules)


def ending(timeline: Timeline) -> str:
    """How the rollout ended, in a sentence."""
    attempt = timeline.attempt
    if attempt is None:
        return (
            f"The rollout did not begin: {timeline.error or 'see above'}."
            if not timeline.batches
            else ("The rollout neither goes on nor ends.")
        )
    error = f" with {attempt.error}" if attempt.error else ""
    progress = attempt.progress
    return (
        f"{attempt.status.value}{error} after {clock(timeline.ended_at)}: "
        f"{progress.successful} successful, {progress.failed} failed, {progress.pending} pending."
    )


def history_entry(attempt: Attempt) -> dict[str, object]:
    """An entry of the upgrade history, by the names of the public API; times are seconds of the clock."""
    target = attempt.target
    return {
        "runningStatus": {
            "code": attempt.status.value,
            "startTime": attempt.started_at,
            "endTime": attempt.ended_at,
        },
        "progress": {
            "successfulInstanceCount": attempt.progress.successful,
            "failedInstanceCount": attempt.progress.failed,
            "inProgressInstanceCount": attempt.progress.in_progress,
            "pendingInstanceCount": attempt.progress.pending,
        },
        "error": {"code": attempt.error} if attempt.error else None,
        "startedBy": attempt.started_by.value,
        "targetImageReference": None if target is None else {"image": str(target.line), "version": target.version},
        "rollbackInfo": {
            "successfullyRolledbackInstanceCount": attempt.restored,
            "failedRolledbackInstanceCount": attempt.not_restored,
        },
    }


def as_data(timeline: Timeline) -> dict[str, object]:
    """Everything of a timeline, for JSON."""
    return {
        "kind": timeline.kind.value,
        "instances": [_instance(row) for row in timeline.rows],
        "events": [{**asdict(event), "what": event.what.value} for event in timeline.events],
        "states": [asdict(change) for change in timeline.changes],
        "batches": [
            {"number": batch.number, "at": batch.at, **_place(batch.place), "instances": list(batch.names)}
            for batch in timeline.batches
        ],
        "status": timeline.attempt.status.value if timeline.attempt is not None else None,
        "error": timeline.error,
        "history": history_entry(timeline.attempt) if timeline.attempt is not None else None,
        "notes": list(timeline.notes),
    }


def _instance(row: Row) -> dict[str, object]:
    return {"name": row.name, **_place(row.place), "state": row.state}


def _place(place: Place) -> dict[str, object]:
    return {"zone": place[0], "update_domain": place[1]}


# -- as a picture --------------------------------------------------------------------------------------


@frozen
class _Stretch:
    """A time in which nothing about some instances changes."""

    begin: int
    """When it begins (seconds)."""
    end: int
    """When it ends (seconds)."""
    states: Mapping[str, int]
    """How many of the instances are in each state."""


def _stretches(timeline: Timeline, names: Sequence[str], first: Mapping[str, str]) -> Iterator[_Stretch]:
    """The time of a rollout, cut wherever one of these instances changes."""
    wanted = set(names)
    changes = [change for change in timeline.changes if change.name in wanted]
    now = {name: first[name] for name in names}
    end = _horizon(timeline)
    begin, place = 0, 0
    while begin < end:
        while place < len(changes) and changes[place].at <= begin:
            now[changes[place].name] = changes[place].state
            place += 1
        until = min(changes[place].at, end) if place < len(changes) else end
        yield _Stretch(begin, until, Counter(now.values()))
        begin = until


def _horizon(timeline: Timeline) -> int:
    """Where the time axis ends: a little after the rollout, so that the last states are seen (seconds)."""
    return timeline.ended_at + max(1, timeline.ended_at // 25)


class _Scale:
    """Moments on the horizontal axis."""

    def __init__(self, timeline: Timeline) -> None:
        self.end = _horizon(timeline)

    def at(self, moment: float) -> float:
        """Where a moment is (pixels)."""
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * min(max(moment, 0), self.end) / self.end


def as_svg(timeline: Timeline, title: str) -> str:
    """A row for each instance, or for each place where there are many; time goes to the right."""
    svg = Svg(_WIDTH, title, f"{ending(timeline)} {counted(len(timeline.batches), 'batch')}.")
    svg.write(16, 28, title, size=16)
    svg.write(16, 48, ending(timeline), "soft")
    scale = _Scale(timeline)
    first = {row.name: row.state for row in timeline.rows}
    folded = len(timeline.rows) > MOST_ROWS
    bottom = _draw_places(svg, timeline, scale, first, folded)
    _draw_batches(svg, timeline, scale, bottom)
    _draw_axis(svg, scale, bottom)
    seen = [*first.values(), *(change.state for change in timeline.changes)]
    x = svg.legend(16, bottom + 58, states_in(seen))
    _draw_marks_legend(svg, x + 10, bottom + 58)
    return svg.drawn(bottom + 76)


def _draw_places(svg: Svg, timeline: Timeline, scale: _Scale, first: Mapping[str, str], folded: bool) -> float:
    places: dict[Place, list[str]] = {}
    for row in timeline.rows:
        places.setdefault(row.place, []).append(row.name)
    y = _TOP
    for place, names in places.items():
        label = _short(place)
        if folded:
            svg.write(16, y + _FOLDED / 2, label or "all instances")
            svg.write(16, y + _FOLDED / 2 + 13, counted(len(names), "instance"), "soft", 10)
            _draw_stacked(svg, scale, timeline, names, first, y)
            y += _FOLDED + 4
            continue
        svg.write(16, y + 12, label)
        for name in names:
            svg.write(_LEFT - 8, y + 12, name, "soft", 11, "end")
            for stretch in _stretches(timeline, (name,), first):
                (state,) = stretch.states
                _draw_stretch(svg, scale, stretch, state, y, _HIGH - 2, f"instance {name}: {state}")
            y += _HIGH
        y += 6
    return y


def _short(place: Place) -> str:
    zone, domain = place
    words = ([f"zone {zone}"] if zone is not None else []) + ([f"UD {domain}"] if domain is not None else [])
    return ", ".join(words)


def _draw_stretch(svg: Svg, scale: _Scale, stretch: _Stretch, state: str, y: float, high: float, tip: str) -> None:
    left, right = scale.at(stretch.begin), scale.at(stretch.end)
    look = LOOKS[state]
    time = f"{clock(stretch.begin)} to {clock(stretch.end)}"
    svg.box(left, y, right - left, high, f"s-{look.key}", f"{tip}, {time}")
    if right - left >= 12 and high >= 11:
        svg.write((left + right) / 2, y + high / 2 + 4, look.sign, "on", 10, "middle")


def _draw_stacked(
    svg: Svg, scale: _Scale, timeline: Timeline, names: Sequence[str], first: Mapping[str, str], y: float
) -> None:
    for stretch in _stretches(timeline, names, first):
        top = y
        # The few that are in trouble are what one looks for: none is drawn thinner than can be seen.
        shares = {state: max(_THINNEST, count / len(names)) for state, count in stretch.states.items() if count}
        for state in reversed(list(states_in(shares))):
            count = stretch.states[state]
            high = _FOLDED * shares[state] / sum(shares.values())
            _draw_stretch(svg, scale, stretch, state, top, high, f"{count} of {len(names)} {state}")
            top += high


def _draw_batches(svg: Svg, timeline: Timeline, scale: _Scale, bottom: float) -> None:
    """A line for each batch at the moment its gates let it pass, and the mark of the end."""
    last = -100.0
    for batch in timeline.batches:
        x = scale.at(batch.at)
        svg.line(x, _TOP - 12, x, bottom, "batch", dashed=True)
        where = place_name(batch.place)
        tip = f"batch {batch.number} at {clock(batch.at)}: {name_list(batch.names)}{f', {where}' if where else ''}"
        svg.path(_diamond(x, _TOP - 16), "s-current", tip)
        if x - last >= 18:
            svg.write(x, _TOP - 24, str(batch.number), "soft", 11, "middle")
            last = x
    x = scale.at(timeline.ended_at)
    attempt = timeline.attempt
    if attempt is None or attempt.error or attempt.progress.pending:
        svg.path(_cross(x, _TOP - 16), "stop", ending(timeline))
    else:
        svg.path(_diamond(x, _TOP - 16), "s-current", ending(timeline))


def _draw_marks_legend(svg: Svg, x: float, y: float) -> None:
    svg.path(_diamond(x + 6, y - 4), "s-current")
    svg.write(x + 16, y, "gates let a batch pass, or all is done")
    svg.path(_cross(x + 262, y - 4), "stop")
    svg.write(x + 272, y, "it stops")


def _diamond(x: float, y: float) -> str:
    return f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z"


def _cross(x: float, y: float) -> str:
    return f"M{x - 6:.1f} {y - 4:.1f}l2 -2l4 4l4 -4l2 2l-4 4l4 4l-2 2l-4 -4l-4 4l-2 -2l4 -4z"


def _draw_axis(svg: Svg, scale: _Scale, bottom: float) -> None:
    svg.line(_LEFT, bottom, _WIDTH - _RIGHT, bottom)
    step = next((one for one in _TICKS if scale.end / one <= 8), 24 * 3600)
    for moment in range(0, scale.end + 1, step):
        x = scale.at(moment)
        svg.line(x, bottom, x, bottom + 5)
        svg.write(x, bottom + 20, clock(moment), "soft", 11, "middle")


_TICKS = (1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 6 * 3600, 12 * 3600)
"""Distances between the marks of the axis that are easy to read (seconds)."""
