"""Independent explorations side by side, on any `concurrent.futures.Executor`.

A configuration names its edition and rules, so it can be sent to another process or another machine. Dask's
`Client(...).get_executor()` and the executors that come with Ray are such executors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed

from vmss_invariants.checking import check_made
from vmss_invariants.exploring.bounds import Configuration, check_limits
from vmss_invariants.exploring.explorer import explore
from vmss_invariants.exploring.graph import Exploration
from vmss_invariants.interrupts import interrupts_held

Finished = Callable[[Exploration], None]
"""Is told of each exploration as soon as it is there."""


class BrokenOffError(RuntimeError):
    """A process ended before its exploration did: somebody killed it, as a system does that is out of memory."""

    def __init__(self, found: tuple[Exploration, ...], asked: int) -> None:
        super().__init__(
            "a process ended before its work was done, perhaps for want of memory: "
            f"{len(found)} of {asked} explorations are there"
        )
        self.found = found
        """The explorations that were finished."""


def explore_all(
    configurations: Iterable[Configuration],
    executor: Executor | None = None,
    limit_worlds: int | None = None,
    limit_seconds: float | None = None,
    finished: Finished | None = None,
    stopped: Callable[[], bool] = bool,
) -> tuple[Exploration, ...]:
    """The exploration of each configuration, in their order; the limits are those of each.

    Without an executor they are made one after the other. `finished` is told of each as soon as it is there. `stopped`
    is asked where the explorations are made whether somebody interrupts them: then those that had begun are given.
    Raises BrokenOffError, with those that are finished, where the executor lost a process.
    """
    check_limits(limit_worlds, limit_seconds)
    ordered = tuple(configurations)
    for one in ordered:
        check_made("what is to be explored", one, Configuration)
    if executor is not None and not callable(getattr(executor, "submit", None)):
        raise ValueError(f"the executor is {executor!r}: it is a concurrent.futures.Executor, or None")
    if executor is None:
        found = []
        for one in ordered:
            found.append(explore(one, limit_worlds, limit_seconds, stopped=stopped))
            if finished is not None:
                finished(found[-1])
        return _begun(found)
    futures: list[Future[Exploration]] = []
    try:
        with interrupts_held():
            for one in ordered:
                futures.append(executor.submit(explore, one, limit_worlds, limit_seconds, stopped=stopped))
        return _begun(collected(futures, finished))
    except BrokenExecutor:
        raise BrokenOffError(_whole(futures), len(ordered)) from None
    finally:
        for future in futures:
            future.cancel()


def collected(futures: Sequence[Future[Exploration]], finished: Finished | None = None) -> tuple[Exploration, ...]:
    """The explorations that are under way, in their order, as soon as all are there.

    Raises BrokenOffError, with those that are finished, where the executor lost a process.
    """
    try:
        for future in as_completed(futures):
            one = future.result()
            if finished is not None:
                finished(one)
        return tuple(future.result() for future in futures)
    except BrokenExecutor:
        raise BrokenOffError(_whole(futures), len(futures)) from None


def _whole(futures: Iterable[Future[Exploration]]) -> tuple[Exploration, ...]:
    """The explorations that came to an end."""
    ended = (future for future in futures if future.done() and not future.cancelled())
    return tuple(future.result() for future in ended if future.exception() is None)


def _begun(found: Iterable[Exploration]) -> tuple[Exploration, ...]:
    return tuple(one for one in found if one.done or not one.interrupted)
