"""Independent explorations side by side, on any `concurrent.futures.Executor`.

A configuration names its edition and rules, so it can be sent to another process or another machine. Dask's
`Client(...).get_executor()` and the executors that come with Ray are such executors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, as_completed

from vmss_invariants.exploring.bounds import Configuration, check_limits
from vmss_invariants.exploring.explorer import explore
from vmss_invariants.exploring.graph import Exploration


def explore_all(
    configurations: Iterable[Configuration],
    executor: Executor | None = None,
    limit_worlds: int | None = None,
    limit_seconds: float | None = None,
    finished: Callable[[Exploration], None] | None = None,
    stopped: Callable[[], bool] = bool,
) -> tuple[Exploration, ...]:
    """The exploration of each configuration, in their order; the limits are those of each.

    Without an executor they are made one after the other. `finished` is told of each as soon as it is there. `stopped`
    is asked where the explorations are made whether somebody interrupts them: then those that had begun are given.
    """
    check_limits(limit_worlds, limit_seconds)
    ordered = tuple(configurations)
    if executor is None:
        found = []
        for one in ordered:
            found.append(explore(one, limit_worlds, limit_seconds, stopped=stopped))
            if finished is not None:
                finished(found[-1])
        return _begun(found)
    futures = [executor.submit(explore, one, limit_worlds, limit_seconds, stopped=stopped) for one in ordered]
    try:
        for future in as_completed(futures):
            if finished is not None:
                finished(future.result())
        return _begun(future.result() for future in futures)
    finally:
        for future in futures:
            future.cancel()


def _begun(found: Iterable[Exploration]) -> tuple[Exploration, ...]:
    return tuple(one for one in found if one.done or not one.interrupted)
