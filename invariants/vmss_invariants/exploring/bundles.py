"""What is known to follow of several requests, put together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import define, frozen

from vmss_invariants.exploring.changes import Change
from vmss_invariants.exploring.memory import Leaf, Root
from vmss_invariants.exploring.recalling import Asking, Remark


@frozen
class Asked:
    """A request about a member of a column, or about none; or something that is said of a world."""

    asking: Asking | Remark
    """What is asked or said."""
    root: Root
    """Where it is remembered what follows."""

    @property
    def about_none(self) -> bool:
        """Whether it is about no member."""
        return self.root[2] < 0


@frozen
class Way:
    """A step to another world that leaves all columns but one alone."""

    change: Change
    """What it changes: the context, and the member's own column, or none."""
    label: int
    """The number of its request's name."""


@frozen
class Whole:
    """What is known to follow of a request, but it takes the whole world to say where that leads."""

    asking: Asking
    """The request."""
    leaf: Leaf
    """What was found out of it."""
    swaps: bool
    """Whether it is about no member, and changes members in any columns where they stand, if any."""


Move = tuple[Change, int, bytes, int]
"""A step to another world that changes a member of a column, of all worlds with that column: what it changes, the
column there, as a number and packed, and the number of its request's name. There are more of them than of anything else
that is kept."""


@define(eq=False)
class Bundle:
    """All that follows of several requests."""

    asked: tuple[Asked, ...]
    """The requests of which it is known."""
    leaves: tuple[Leaf, ...]
    """What was found out of each."""
    steps: int
    """How many steps they are."""
    tied: int
    """How many of them the proofs say something of."""
    broken: tuple[str, ...]
    """The invariants that a step breaks."""
    said: tuple[str, ...]
    """The invariants that do not hold of the world."""
    reached: tuple[str, ...]
    """The goals that are reached."""
    stays: tuple[int, ...]
    """The numbers of the names of those requests with which something happens, and the world is the same."""
    ways: tuple[Way, ...]
    """The steps to other worlds."""
    whole: tuple[Whole, ...]
    """The requests of which it is known what follows, but it takes the whole world to say where that leads."""
    loose: tuple[Asked, ...]
    """Of what it takes more to say what follows."""
    used: int = 0
    """How often it was used."""

    @property
    def plain(self) -> bool:
        """Whether its steps are all that there is to follow, and it is known of each where it leads."""
        return not (self.broken or self.said or self.whole or self.loose)

    def all_tied(self) -> Iterator[tuple[Asked, Leaf]]:
        """The requests with steps that the proofs say something of."""
        return ((asked, leaf) for asked, leaf in zip(self.asked, self.leaves, strict=True) if leaf.tied)


@define(eq=False)
class InColumn:
    """All that follows of requests about the members of a column."""

    of_members: tuple[tuple[int, Bundle], ...]
    """What follows of those about each member that is like no other, with its place in the column."""
    moves: tuple[Move, ...]
    """The steps to other worlds."""
    plain: bool
    """Whether they are all that there is to follow, but for what stays the same: then it is used at once."""
    leaves: int
    """How many requests they are."""
    steps: int
    """How many steps those are."""
    tied: int
    """How many of them the proofs say something of."""
    stays: frozenset[int]
    """The numbers of the names of those requests with which something happens, and the world is the same."""
    used: int = 0
    """How often it was used at once."""

    def settle(self) -> None:
        """Count its uses as those of what follows about each member."""
        for _, one in self.of_members:
            one.used += self.used
        self.used = 0


def in_column(of_members: tuple[tuple[int, Bundle], ...], moves: Iterable[Move]) -> InColumn:
    """What follows of requests about the members of a column, of what follows of those about each."""
    plain, leaves, steps, tied, stays = True, 0, 0, 0, set[int]()
    for _, one in of_members:
        plain = plain and one.plain
        leaves += len(one.leaves)
        steps += one.steps
        tied += one.tied
        stays.update(one.stays)
    return InColumn(
        of_members=of_members,
        moves=tuple(moves),
        plain=plain,
        leaves=leaves,
        steps=steps,
        tied=tied,
        stays=frozenset(stays),
    )


def bundle(
    known: Iterable[tuple[Asked, Leaf, tuple[Way, ...]]],
    whole: Iterable[Whole],
    loose: Iterable[Asked],
) -> Bundle:
    """What follows of several requests.

    Of those that are known, with their steps to other worlds; of those for which that takes the whole world; and
    those of which it is not known.
    """
    all_known = tuple(known)
    leaves = tuple(leaf for _, leaf, _ in all_known)
    follows = [step for leaf in leaves for step in leaf.follows]
    return Bundle(
        asked=tuple(asked for asked, _, _ in all_known),
        leaves=leaves,
        steps=len(follows),
        tied=sum(leaf.tied for leaf in leaves),
        broken=_broken(leaf for asked, leaf, _ in all_known if isinstance(asked.asking, Asking)),
        said=_broken(leaf for asked, leaf, _ in all_known if isinstance(asked.asking, Remark)),
        reached=tuple(name for leaf in leaves for name in leaf.reached),
        stays=tuple({step.label: None for step in follows if step.happened and step.change is None}),
        ways=tuple(way for _, _, ways in all_known for way in ways),
        whole=tuple(whole),
        loose=tuple(loose),
    )


def _broken(leaves: Iterable[Leaf]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for leaf in leaves for name in leaf.broken))
