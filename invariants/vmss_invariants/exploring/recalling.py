"""What was found out of a step is recalled wherever a step like it is made.

A step is made once on stand-ins for the members and the counts (`sight`), and examined there by every invariant; what
it looked at tells where it would go the same way. There it costs a look into the memory, and no step of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import Any

from attrs import frozen

from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.changes import Changes
from vmss_invariants.exploring.columns import Anywhere
from vmss_invariants.exploring.examining import Examiner, Found
from vmss_invariants.exploring.goals import say_goals
from vmss_invariants.exploring.graph import Links
from vmss_invariants.exploring.memory import Follow, Leaf, Memory, Root, together
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.sight import Sight
from vmss_invariants.exploring.slots import EVERYONE, OUTLINES, OfAll, Slot
from vmss_invariants.exploring.stepping import Stepper, step_of
from vmss_invariants.exploring.subjects import about, names_some, subject_of
from vmss_invariants.exploring.untold import LookedFurtherError
from vmss_invariants.exploring.views import View
from vmss_invariants.exploring.within import Within
from vmss_invariants.proving.refinement import is_tied
from vmss_invariants.steps import Step
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.decide import decide
from vmss_model.decisions import Picks
from vmss_model.world import Group, World


@frozen
class Asking:
    """A request of the menu, as it is recalled."""

    request: rq.Request
    """The request; where it is about a member, about any."""
    number: int
    """Its number, whichever member it is about."""

    def names_some(self, group: Group) -> bool:
        """Whether it names members, and not just all of them: then it is not known of all who are such."""
        return names_some(self.request, group)

    def of(self, name: str | None) -> rq.Request:
        """The request about the member of this name, or as it is."""
        return self.request if name is None else about(self.request, name)


@frozen
class Remark:
    """Something that is said of a world, as it is recalled."""

    say: Callable[[World, Found], object]
    """Says it."""
    number: int
    """Its number."""
    of_goals: bool = False
    """Whether what is said is which goal is reached."""

    def names_some(self, _group: Group) -> bool:
        """As of a request: it names nobody."""
        return False


@frozen
class Menu:
    """What is asked and said of worlds with the same head."""

    of_group: tuple[Asking | Remark, ...]
    """What is about no member."""
    of_member: tuple[Asking, ...]
    """What is asked about each member."""


class Recaller:
    """Gives what is known of the steps of worlds of one group, and finds it out where it is not."""

    def __init__(self, canon: Canon, stepper: Stepper, within: Within, examiner: Examiner, links: Links) -> None:
        self._number = canon.codebook.number
        self._stepper = stepper
        self._within = within
        self._examiner = examiner
        self._links = links
        self._menus: dict[int, Menu | None] = {}
        self._looks_closer: set[int] = set()
        self._remarks = tuple(
            Remark(partial(examiner.examine_world_by, number), self._number(("invariant", number)))
            for number in examiner.of_worlds
        )
        self.goals = (Remark(say_goals, self._number(("goals",)), of_goals=True),)
        self.memory = Memory()
        self.changes = Changes(canon)

    # -- what is asked -----------------------------------------------------------------------------

    def menu(self, view: View) -> Menu | None:
        """What is asked in a world, the same wherever the heads are; None where members are not all asked the same."""
        try:
            return self._menus[view.head]
        except KeyError:
            found = self._menus[view.head] = self._menu(view)
            return found

    def _menu(self, view: View) -> Menu | None:
        sight = view.sight(-1)
        scene = evolve(self._stepper.scene(sight.world), alike={sight.key: view.names})
        try:
            asked = self._askings(view, requests_in(scene))
        except LookedFurtherError:
            return None
        finally:
            looks = sight.close()
        of_each = [tuple(one for one, place in asked if place == at) for at in range(len(view.names))]
        if looks or any(askings != of_each[0] for askings in of_each):
            return None
        of_group = (one for one, place in asked if place < 0)
        return Menu((*self._remarks, *of_group), of_each[0] if of_each else ())

    def askings(self, view: View) -> tuple[tuple[Asking, int], ...]:
        """What is asked in a world, with the place of the member that it is about, or -1."""
        return self._askings(view, requests_in(self._stepper.scene(view.world)))

    def _askings(self, view: View, requests: Iterable[rq.Request]) -> tuple[tuple[Asking, int], ...]:
        return tuple(self._asking(request, subject_of(request, view.group), view.names) for request in requests)

    def _asking(self, request: rq.Request, name: str | None, names: tuple[str, ...]) -> tuple[Asking, int]:
        anyone = request if name is None else about(request, "")
        return Asking(anyone, self._number(("request", anyone))), names.index(name) if name is not None else -1

    # -- what follows ------------------------------------------------------------------------------

    def leaf(self, asking: Asking | Remark, view: View, place: int) -> Leaf | None:
        """What follows of a request about the member at a place, or none (-1); None: it looks at other members."""
        root = (asking.number, view.head, view.numbers[place] if place >= 0 else -1)
        known, leaf = self.memory.recall(root, view)
        return leaf if known else self.find_out(root, asking, view, place)

    def find_out(self, root: Root, asking: Asking | Remark, view: View, place: int) -> Leaf | None:
        """Find out what follows, and remember it: in sight of the own member, or, without one, of all but for places.

        Who names some members is shown none of them.
        """
        if place >= 0 or asking.names_some(view.group):
            leaf, looks = self._found_out(asking, view, place)
        else:
            leaf, looks = self._found_out_of_all(asking, view)
        self.memory.keep(root, looks, leaf)
        return leaf

    def _found_out_of_all(self, asking: Asking | Remark, view: View) -> tuple[Leaf | None, Mapping[Slot, Any]]:
        """What follows of what is about no member: by the outlines of all if they are enough."""
        if asking.number not in self._looks_closer:
            leaf, looks = self._found_out(asking, view, -1, OUTLINES)
            if leaf is not None:
                return leaf, looks
            # Once they were not enough they seldom are.
            self._looks_closer.add(asking.number)
        leaf, looks = self._found_out(asking, view, -1, EVERYONE)
        if leaf is None:
            # Of what takes a look at more, nothing is kept, whoever all the others are.
            looks = dict(takewhile(lambda look: look[0] is not EVERYONE, looks.items()))
        return leaf, looks

    def _found_out(
        self, asking: Asking | Remark, view: View, place: int, of_all: OfAll | None = None
    ) -> tuple[Leaf | None, Mapping[Slot, Any]]:
        """What follows in sight of that much, or None where it has to look further; and what it looked at."""
        sight = view.sight(place, of_all=of_all, asked=asking.number)
        if isinstance(asking, Remark):
            return _in_sight(sight, partial(self._said, asking, sight))
        return _in_sight(sight, lambda: together(tuple(self._steps(asking, view, place, sight))))

    def _said(self, remark: Remark, sight: Sight) -> Leaf:
        said: dict[str, str] = {}
        with self._examiner.counting_apart() as counts:
            remark.say(sight.world, said.setdefault)
        names = tuple(said)
        return Leaf((), _examined(counts), () if remark.of_goals else names, names if remark.of_goals else ())

    def _steps(self, asking: Asking, view: View, place: int, sight: Sight) -> Iterator[Leaf]:
        """What follows of each step of a request, for itself."""
        request = asking.of(view.name_at(place))
        decision = decide(sight.world, request)
        state_of = None if sight.of_all is None else partial(_state_in, sight, view)
        for picks in self._stepper.ways_of(sight.world, request, decision, state_of=state_of):
            leaf = self._picked(asking, view, sight, picks) if sight.of_all is EVERYONE else None
            yield leaf or self._step(sight, step_of(sight.world, request, decision, picks), view, place)

    def _picked(self, asking: Asking, view: View, sight: Sight, picks: Picks) -> Leaf | None:
        """What follows of a request with some members that are picked, who alone are in sight, besides outlines.

        Where it is the same members that are picked it is known already, whoever the others are.
        """
        names = [name for value in picks.values() if isinstance(value, tuple) for name in value]
        if not names or any(name not in view.group.members for name in names):
            return None
        asked = asking.number, *sorted(map(view.anywhere, names))
        root = asked, view.head, -1
        known, leaf = self.memory.recall(root, sight.through())
        if not known:
            closer = view.sight(-1, of_all=OUTLINES, picked=names, asked=asked)
            found, looks = _in_sight(closer, partial(self._step_with, asking, view, closer, picks))
            self.memory.keep(root, looks, found)
            # What that looked at is noted in this sight, too.
            _, leaf = self.memory.recall(root, sight.through())
        return leaf

    def _step_with(self, asking: Asking, view: View, sight: Sight, picks: Picks) -> Leaf:
        decision = decide(sight.world, asking.request)
        return self._step(sight, step_of(sight.world, asking.request, decision, picks), view, -1)

    def _step(self, sight: Sight, step: Step, view: View, place: int) -> Leaf:
        """What follows of a step."""
        broken: dict[str, str] = {}
        with self._examiner.counting_apart() as counts:
            follow = self._follow(sight, step, view, view.name_at(place), broken.setdefault)
        return Leaf((follow,), _examined(counts), tuple(broken))

    def _follow(self, sight: Sight, step: Step, view: View, name: str | None, found: Found) -> Follow:
        if step.error:
            # What raises is looked at in the world itself: a stand-in may know less than what it stands for.
            raise LookedFurtherError
        self._examiner.examine_step(step, found)
        label = self._links.label(step.request)
        if step.after is sight.world:
            return Follow(label, None, bool(step.events), is_tied(step))
        if not self._within(step.after):
            raise LookedFurtherError
        return Follow(label, self.changes.of(sight, step, view, name), True, True)


def _in_sight(sight: Sight, find: Callable[[], Leaf]) -> tuple[Leaf | None, Mapping[Slot, Any]]:
    """What is found in a sight, or None where that has to look further; and what it looked at. The sight is closed."""
    try:
        leaf = find()
    except (LookedFurtherError, Exception):
        # What raises is looked at in the world itself: a stand-in may know less than what it stands for.
        return None, sight.close()
    return leaf, sight.close()


def _state_in(sight: Sight, view: View, name: str) -> Anywhere:
    """By what members are told apart of whom some are picked."""
    sight.look_at_everyone()
    return view.anywhere(name)


def _examined(counts: Sequence[int]) -> tuple[tuple[int, int], ...]:
    return tuple((number, count) for number, count in enumerate(counts) if count)
