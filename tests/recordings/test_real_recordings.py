"""The recordings of the real service are read whole."""

from __future__ import annotations

import time

from tests.support import RECORDINGS, needs_recordings

from vmss_model.oracle.recordings import discover, load, parse_date


@needs_recordings
def test_all_8111_exchanges_of_the_250_recordings_are_read_in_time() -> None:
    """None is skipped, every date is known, and steps rise within a recording.

    It takes about a second; the bound leaves room for a busy machine.
    """
    started = time.perf_counter()
    recordings = [load(path) for path in discover([RECORDINGS])]
    assert time.perf_counter() - started < 6
    assert len(recordings) == 250
    exchanges = [exchange for recording in recordings for exchange in recording.exchanges]
    assert len(exchanges) == 8111
    assert not any(recording.skipped for recording in recordings)
    assert all(parse_date(exchange.date) for exchange in exchanges)
    assert sum(not exchange.request.body_recorded for exchange in exchanges) == 1543
    for recording in recordings:
        steps = [exchange.step for exchange in recording.exchanges]
        assert steps == sorted(set(steps))
