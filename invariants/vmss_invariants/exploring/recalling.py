"""What was found out of a step is recalled wherever a step like it is made.

A step is made once on stand-ins for the members and the counts (`sight`), and examined there by every invariant; what
it looked at tells where it would go the same way. There it costs a look into the memory, and no step of the model.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from attrs import evolve, frozen

from vmss_invariants.exploring.bounds import Configuration
from vmss_invariants.exploring.canonical import Canon
from vmss_invariants.exploring.examining import Examiner, Found
from vmss_invariants.exploring.graph import Links
from vmss_invariants.exploring.memory import Follow, Leaf, Memory
from vmss_invariants.exploring.menu import requests_in
from vmss_invariants.exploring.sight import LookedFurtherError, Sight
from vmss_invariants.exploring.stepping import Stepper
from vmss_invariants.exploring.views import View, Views
from vmss_invariants.exploring.within import Within
from vmss_invariants.steps import Step
from vmss_model import requests as rq


@frozen
class Asking:
    """A request of the menu, as it is recalled."""

    request: rq.Request
    """The request."""
    number: int
    """Its number, whichever member it is about."""
    place: int
    """The place of the member that it is about; -1: of none."""


class Recaller:
    """Gives what is known of the steps of worlds of one group, and finds it out where it is not."""

    def __init__(
        self,
        configuration: Configuration,
        canon: Canon,
        stepper: Stepper,
        within: Within,
        examiner: Examiner,
        links: Links,
    ) -> None:
        self._keys = configuration.bounds.keys
        self._number = canon.codebook.number
        self._stepper = stepper
        self._within = within
        self._examiner = examiner
        self._links = links
        self._menus: dict[Hashable, tuple[Asking, ...]] = {}
        self.memory = Memory()
        self.views = Views(canon)

    def leaves(self, view: View) -> Iterator[tuple[Asking, Leaf | None]]:
        """Each request that is made in a world, with its steps; None: they look at other members."""
        members = [self._number(one) for one in view.members]
        recall = self.memory.recall
        for asking in self._menu(view):
            at = (asking.number, view.head, members[asking.place] if asking.place >= 0 else -1)
            known, leaf = recall(at, view)
            if not known:
                leaf, looks = self._find_out(asking, view)
                self.memory.keep(at, looks, leaf)
            yield asking, leaf

    def _menu(self, view: View) -> tuple[Asking, ...]:
        """What is asked in a world; the same wherever the heads are the same, and the same members are alike."""
        at = (view.head, view.alike)
        known = self._menus.get(at)
        if known is not None:
            return known
        sight = Sight(view.world, None)
        scene = evolve(
            self._stepper.scene(sight.world), alike={sight.key: tuple(view.names[one] for one in view.alike)}
        )
        try:
            found = tuple(self._asking(one, view.names) for one in requests_in(scene))
        except LookedFurtherError:
            return tuple(self._asking(one, view.names) for one in requests_in(self._stepper.scene(view.world)))
        finally:
            sight.close()
        if not sight.looks:
            self._menus[at] = found
        return found

    def _asking(self, request: rq.Request, names: tuple[str, ...]) -> Asking:
        about: Any = request
        name = getattr(about, "name", None)
        if name not in names or getattr(about, "key", None) not in self._keys:
            return Asking(request, self._number(("request", request)), -1)
        return Asking(request, self._number(("request", evolve(about, name=""))), names.index(name))

    def _find_out(self, asking: Asking, view: View) -> tuple[Leaf | None, dict[Any, Any]]:
        """Make the steps of a request in sight of its own member alone; None if they look further. And the looks."""
        name = view.name_at(asking.place)
        sight = Sight(view.world, name)
        broken: dict[str, str] = {}
        with self._examiner.counting_apart() as counts:
            try:
                steps = self._stepper.steps_of(sight.world, asking.request)
                follows = tuple(self._follow(sight, step, view, name, broken.setdefault) for step in steps)
            except LookedFurtherError:
                return None, sight.looks
            finally:
                sight.close()
        examined = tuple((number, count) for number, count in enumerate(counts) if count)
        return Leaf(follows, examined, tuple(broken)), sight.looks

    def _follow(self, sight: Sight, step: Step, view: View, name: str | None, found: Found) -> Follow:
        if step.error:
            # What raises is looked at in the world itself: a stand-in may know less than what it stands for.
            raise LookedFurtherError
        self._examiner.examine_step(step, found)
        label = self._links.label(step.request)
        if step.after is sight.world:
            return Follow(label, None, bool(step.events))
        if not self._within(step.after):
            raise LookedFurtherError
        return Follow(label, self.views.change(sight, step, view.world.groups[sight.key], name), True)
