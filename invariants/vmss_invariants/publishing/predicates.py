"""The predicate that an invariant is checked by, as it stands in the code: tests, explorations and pages have one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from textwrap import dedent

from vmss_invariants.invariant import AnyInvariant, GroupInvariant, WorldInvariant, every_group


def predicate_of(one: AnyInvariant) -> Callable[..., str | None]:
    """The function that says what is broken of a group, of a world or of a step, or None."""
    if isinstance(one, GroupInvariant):
        return one.check_group
    return one.check_world if isinstance(one, WorldInvariant) else one.check


def source_of(function: Callable[..., object]) -> str:
    """The text of a function."""
    return dedent(inspect.getsource(function))


def concern_of(one: AnyInvariant) -> Callable[..., bool] | None:
    """The function that says which groups or steps the invariant speaks of; None where it speaks of all."""
    if isinstance(one, WorldInvariant) or one.concerns is every_group:
        return None
    return one.concerns
