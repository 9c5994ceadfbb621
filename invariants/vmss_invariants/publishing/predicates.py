"""The predicate that an invariant is checked by, as it stands in the code: tests, explorations and pages have one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from textwrap import dedent

from vmss_invariants.invariant import AnyInvariant, GroupInvariant, WorldInvariant


def predicate_of(one: AnyInvariant) -> Callable[..., str | None]:
    """The function that says what is broken of a group, of a world or of a step, or None."""
    if isinstance(one, GroupInvariant):
        return one.check_group
    return one.check_world if isinstance(one, WorldInvariant) else one.check


def source_of(one: AnyInvariant) -> str:
    """The text of that function."""
    return dedent(inspect.getsource(predicate_of(one)))
