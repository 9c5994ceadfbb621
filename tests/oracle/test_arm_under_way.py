"""Operations at the ARM boundary that overlap, are polled late, are read in the middle of, or tell no status."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from itertools import permutations
from typing import Any

import pytest
from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st
from tests.oracle.service import (
    COMPUTE,
    CONFORMS,
    GONE,
    GROUP,
    MEMBERS,
    VIOLATES,
    Service,
    begun,
    created,
    flexible,
    instance,
    joined,
    listed,
    machine,
    uniform,
)

from vmss_model.oracle.finding import Finding, Verdict

POWER_AFTER = {"start": "running", "poweroff": "stopped", "deallocate": "deallocated", "restart": "running"}


def ended(service: Service, *names: str) -> None:
    """Operations are seen to have succeeded, in this order."""
    for name in names:
        finding = service.get(f"locations/westus/operations/{name}", {"status": "Succeeded"})
        assert finding.rules == ("ARM-LRO",), finding


def sized(capacity: int) -> dict[str, Any]:
    """What asks for another instance count."""
    return {"sku": {"capacity": capacity}}


def view(service: Service, state: str) -> Finding:
    """The instance view of instance 0."""
    return service.get(f"{MEMBERS}/0/instanceView", {"statuses": [{"code": f"PowerState/{state}"}]})


# -- a service that does what it should ----------------------------------------------------------------


@define
class Group:
    """A Uniform scale set as it is, or as it will be."""

    members: dict[int, str] = field(factory=dict)
    """The instances with their power states."""
    there: bool = True
    """Whether it exists."""
    next: int = 0
    """The id of the next instance."""

    def create(self, capacity: int) -> None:
        """It is created with so many instances."""
        self.members, self.there, self.next = {}, True, 0
        self.resize(capacity, True)

    def resize(self, capacity: int, first: bool) -> None:
        """It scales to so many instances; of too many the first go, or the last."""
        while len(self.members) < capacity:
            self.members[self.next] = "running"
            self.next += 1
        while len(self.members) > capacity:
            del self.members[min(self.members) if first else max(self.members)]

    def remove(self, ids: list[int]) -> None:
        """Instances are deleted."""
        for one in ids:
            self.members.pop(one, None)

    def power(self, state: str, ids: list[int] | None) -> None:
        """Instances get into a power state; None are all."""
        for one in self.members if ids is None else set(ids) & set(self.members):
            self.members[one] = state

    def leave(self) -> None:
        """It is deleted."""
        self.members, self.there = {}, False


Change = Callable[[Group], None]


@define
class Faithful:
    """A service that does what it was asked for, in that order, at some time before it says so."""

    watched: Service = field(factory=Service)
    """What the oracle saw of it."""
    now: Group = field(factory=Group)
    """The scale set as it is."""
    then: Group = field(factory=Group)
    """The scale set once everything is done."""
    waiting: list[tuple[str, Change]] = field(factory=list)
    """What is not done yet."""
    untold: list[str] = field(factory=list)
    """The operations that were not yet seen to have ended."""
    findings: list[Finding] = field(factory=list)
    """What the oracle found."""

    def ask(self, change: Change, method: str, path: str, asked: object, at_once: bool) -> None:
        """Something is asked for, and done at once or later."""
        name = f"op-{len(self.findings)}"
        creates = method == "PUT"
        change(self.then)
        self.waiting.append((name, change))
        if at_once:
            self.run(len(self.waiting))
            status, link = (201 if creates else 200), ""
        else:
            status, link = (201 if creates else 202), f"{COMPUTE}/locations/westus/operations/{name}"
            self.untold.append(name)
        self.findings.append(self.watched.call(method, path, status, asked=asked, link=link))

    def run(self, count: int) -> None:
        """The next things are done."""
        for _, change in self.waiting[:count]:
            change(self.now)
        del self.waiting[:count]

    def poll(self, number: int) -> None:
        """An operation is polled, in whatever order."""
        if self.untold:
            name = self.untold[number % len(self.untold)]
            runs = name in [waits for waits, _ in self.waiting]
            if not runs:
                self.untold.remove(name)
            status = "InProgress" if runs else "Succeeded"
            self.findings.append(self.watched.get(f"locations/westus/operations/{name}", {"status": status}))

    def read(self, path: str, shown: object) -> None:
        """A read of the scale set, or of something in it."""
        answer, status = (shown, 200) if self.now.there else (GONE, 404)
        self.findings.append(self.watched.get(path, answer, status))

    def view(self, number: int) -> None:
        """A read of an instance, by its view or with its model."""
        if self.now.members:
            one = list(self.now.members)[number % len(self.now.members)]
            shown = {"statuses": [{"code": f"PowerState/{self.now.members[one]}"}]}
            whole = instance(str(one), vmId=f"id-{one}", instanceView=shown)
            self.read(*((f"{MEMBERS}/{one}/instanceView", shown) if number % 2 else (f"{MEMBERS}/{one}", whole)))

    def list(self, first: bool) -> None:
        """A listing, with power states or without, in any order."""
        shown = [
            instance(str(one), vmId=f"id-{one}", instanceView={"statuses": [{"code": f"PowerState/{state}"}]})
            for one, state in self.now.members.items()
        ]
        for one in shown if first else []:
            del one["properties"]["instanceView"]
        self.read(MEMBERS, {"value": shown if first else shown[::-1]})

    def step(self, what: str, number: int, flag: bool) -> None:
        """One thing happens that means something as it stands."""
        ids = [one for index, one in enumerate(self.then.members) if number >> index & 1]
        named = {"instanceIds": [str(one) for one in ids]}
        if what == "create" and not self.then.there and not self.now.there:
            self.ask(lambda group: group.create(number % 4), "PUT", GROUP, uniform(number % 4), flag)
        elif what == "leave" and self.then.there:
            self.ask(Group.leave, "DELETE", GROUP, None, flag)
        elif what == "resize" and self.then.there:
            self.ask(lambda group: group.resize(number % 5, flag), "PATCH", GROUP, sized(number % 5), number > 9)
        elif what == "remove" and ids:
            self.ask(lambda group: group.remove(ids), "POST", f"{GROUP}/delete", named, flag)
        elif what in POWER_AFTER and self.then.there and (ids or number > 9):
            whom = None if number > 9 else ids
            asked = {} if whom is None else named
            self.ask(lambda group: group.power(POWER_AFTER[what], whom), "POST", f"{GROUP}/{what}", asked, flag)
        elif what == "read":
            self.read(GROUP, uniform(len(self.now.members)))
        else:
            quiet = {"run": lambda: self.run(1), "poll": lambda: self.poll(number), "view": lambda: self.view(number)}
            quiet.get(what, lambda: self.list(flag))()


STEPS = ["create", "leave", "resize", "resize", "remove", *POWER_AFTER, "run", "run", "poll", "poll", "poll"]
READS = ["read", "view", "view", "list", "list"]


@given(
    st.integers(0, 4),
    st.lists(st.tuples(st.sampled_from(STEPS + READS), st.integers(0, 15), st.booleans()), max_size=40),
)
def test_a_service_that_does_what_it_should_is_never_objected_to(
    capacity: int, steps: list[tuple[str, int, bool]]
) -> None:
    """Whatever is asked for while other things are under way, and whenever and in whatever order it is polled."""
    service = Faithful()
    service.then.there = service.now.there = False
    service.step("create", capacity, True)
    for what, number, flag in steps:
        service.step(what, number, flag)
        assert service.findings[-1].verdict is not VIOLATES, service.findings[-1]


# -- polled in another order, or late --------------------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(["a", "b", "c"])))
def test_changes_may_be_polled_in_any_order(order: tuple[str, ...]) -> None:
    """What was asked for last may be there; what nobody asked for may not, nor what came before all of it."""
    for capacity in (2, 7):
        service = created(uniform(2))
        for name, asked in (("a", 5), ("b", 3), ("c", 1)):
            begun(service, name, "PATCH", GROUP, sized(asked), 200)
        ended(service, *order)
        assert copy(service).get(GROUP, uniform(1)).verdict is CONFORMS
        assert service.get(GROUP, uniform(capacity)).rules == ("ARM-CAPACITY",)


def test_the_power_that_was_asked_for_last_may_be_there() -> None:
    """Whichever poll came last; a state that nobody asked for may not."""
    for order in ("ab", "ba"):
        for state, verdict in (("stopped", CONFORMS), ("deallocated", VIOLATES)):
            service = created(uniform(1))
            listed(service, 0)
            begun(service, "a", "POST", f"{GROUP}/start")
            begun(service, "b", "POST", f"{GROUP}/poweroff")
            ended(service, *order)
            assert view(service, state).verdict is verdict


def test_what_ended_before_a_deletion_is_polled_after_it() -> None:
    """The scale set stays deleted."""
    service = Service()
    begun(service, "a", "PUT", GROUP, uniform(2), 201)
    begun(service, "b", "DELETE", GROUP)
    ended(service, "b", "a")
    assert service.get(GROUP, GONE, 404).verdict is CONFORMS
    assert service.get(GROUP, uniform(2)).rules == ("ARM-ABSENT",)


def test_what_was_done_to_a_scale_set_is_not_done_to_the_next_of_its_name() -> None:
    """Not the deletion of an instance, nor that of the scale set itself."""
    for path, asked in ((f"{GROUP}/delete", {"instanceIds": ["0"]}), (GROUP, None)):
        service = created(uniform(2))
        begun(service, "a", "POST" if asked else "DELETE", path, asked)
        service.call("DELETE", GROUP, 200)
        service.call("PUT", GROUP, 201, uniform(2), asked=uniform(2))
        ended(service, "a")
        assert listed(service, 0, 1).verdict is CONFORMS
        assert service.get(GROUP, GONE, 404).rules == ("ARM-ABSENT",)


def test_a_vm_that_is_deleted_and_created_again_is_there() -> None:
    """Whichever of the two is polled first; after the deletion alone it is not."""
    for order, there in (("ab", True), ("ba", True), ("a", False)):
        service = created(flexible())
        joined(service, "vm")
        begun(service, "a", "DELETE", "virtualMachines/vm")
        if there:
            begun(service, "b", "PUT", "virtualMachines/vm", machine("vm"), 201)
        ended(service, *order)
        assert copy(service).get("virtualMachines/vm", machine("vm")).verdict is (CONFORMS if there else VIOLATES)
        assert service.get("virtualMachines/vm", GONE, 404).verdict is (VIOLATES if there else CONFORMS)


def test_a_deletion_that_finds_nothing_is_no_end_of_a_creation_under_way() -> None:
    """The scale set is there once its creation has succeeded."""
    service = Service()
    begun(service, "a", "PUT", GROUP, uniform(1), 201)
    service.call("DELETE", GROUP, 404, GONE)
    ended(service, "a")
    assert service.get(GROUP, uniform(1)).verdict is CONFORMS


def test_a_change_of_what_was_never_seen_may_show_the_old_value_while_it_runs() -> None:
    """And the new one; afterwards the new one only."""
    service = Service()
    begun(service, "a", "PATCH", GROUP, sized(5), 200)
    for capacity in (3, 5, 3):
        assert service.get(GROUP, uniform(capacity)).verdict is not VIOLATES
    ended(service, "a")
    assert service.get(GROUP, uniform(3)).rules == ("ARM-CAPACITY",)


# -- power -----------------------------------------------------------------------------------------------


def test_an_operation_on_all_acts_on_those_that_were_only_read() -> None:
    """Though they were never listed."""
    for state, verdict in (("deallocated", CONFORMS), ("running", VIOLATES)):
        service = created(uniform(1))
        view(service, "running")
        service.done("POST", f"{GROUP}/deallocate", 202)
        assert view(service, state).verdict is verdict


@pytest.mark.parametrize("what", ["redeploy", "performMaintenance", "reimage", "restart"])
def test_a_state_in_the_middle_of_an_operation_need_not_stay(what: str) -> None:
    """An instance is down for a while, and up again; what it is afterwards it stays."""
    service = created(uniform(1))
    view(service, "running")
    begun(service, "a", "POST", f"{MEMBERS}/0/{what}")
    view(service, "stopped")
    ended(service, "a")
    assert view(service, "running").verdict is CONFORMS
    assert view(service, "stopped").rules == ("ARM-POWER",)


def test_a_state_in_the_middle_of_the_creation_need_not_stay() -> None:
    """The instance is still starting."""
    service = Service()
    begun(service, "a", "PUT", GROUP, uniform(1), 201)
    view(service, "stopped")
    ended(service, "a")
    assert view(service, "running").verdict is CONFORMS
    assert view(service, "stopped").rules == ("ARM-POWER",)


def test_a_stopped_instance_may_run_after_a_restart() -> None:
    """One that ran does."""
    for before, after, verdict in (
        ("poweroff", "running", CONFORMS),
        ("poweroff", "stopped", CONFORMS),
        ("start", "stopped", VIOLATES),
    ):
        service = created(uniform(1))
        listed(service, 0)
        service.done("POST", f"{GROUP}/{before}", 202)
        service.done("POST", f"{GROUP}/restart", 202)
        assert view(service, after).verdict is verdict


# -- without a status link -------------------------------------------------------------------------------


def stating(state: str, capacity: int = 3) -> dict[str, Any]:
    """The scale set with its provisioning state."""
    return uniform(capacity, provisioningState=state)


@pytest.mark.parametrize(("state", "verdict"), [("Updating", CONFORMS), ("Succeeded", VIOLATES)])
def test_a_change_that_says_it_is_not_done_is_under_way(state: str, verdict: Verdict) -> None:
    """Though its answer links to no status; it ends as a read shows that it is done."""
    service = created(uniform(1))
    listed(service, 0)
    service.call("PUT", GROUP, 200, stating(state), asked=uniform(3))
    assert copy(service).get(GROUP, stating("Updating")).verdict is CONFORMS
    assert listed(service, 0).verdict is verdict
    service = created(uniform(1))
    listed(service, 0)
    service.call("PUT", GROUP, 200, stating("Updating"), asked=uniform(3))
    service.get(GROUP, stating("Succeeded"))
    assert listed(service, 0).rules == ("ARM-CAPACITY",)


def test_a_deletion_that_says_it_is_not_done_is_under_way() -> None:
    """While the scale set shows that it is being deleted; one that shows nothing of it should not be there."""
    service = created(uniform(1))
    service.call("DELETE", GROUP, 202)
    assert service.get(GROUP, stating("Deleting", 1)).verdict is CONFORMS
    assert copy(service).get(GROUP, stating("Succeeded", 1)).rules == ("ARM-ABSENT",)
    assert service.get(GROUP, GONE, 404).verdict is CONFORMS
    assert service.get(GROUP, stating("Deleting", 1)).rules == ("ARM-ABSENT",)


# -- VMs that turn out to be members ----------------------------------------------------------------

VM = "virtualMachines/a"


def found(body: dict[str, Any]) -> Service:
    """A service with a scale set that was there before it was watched."""
    service = Service()
    service.get(GROUP, body)
    return service


def shown(state: str) -> dict[str, Any]:
    """The VM as a member, in a power state."""
    body = machine("a")
    body["properties"]["instanceView"] = {"statuses": [{"code": f"PowerState/{state}"}]}
    return body


@pytest.mark.parametrize("told_by", ["read", "listing"])
def test_what_is_under_way_on_a_vm_that_turns_out_to_be_a_member_is_followed(told_by: str) -> None:
    """It is shown as it was before, while it is being deallocated; once that is done it is deallocated."""
    for after, verdict in (("deallocated", CONFORMS), ("running", VIOLATES)):
        service = found(flexible())
        begun(service, "op-9", "POST", f"{VM}/deallocate")
        if told_by == "read":
            assert service.get(VM, shown("running")).verdict is not VIOLATES
        else:
            assert service.get(MEMBERS, {"value": [shown("running")]}).verdict is not VIOLATES
        assert service.poll(9, "Succeeded").verdict is not VIOLATES
        assert service.get(VM, shown(after)).verdict is verdict


def test_a_vm_that_turns_out_to_be_a_member_while_it_is_deleted_is_gone_then() -> None:
    """Meanwhile it is listed or not; afterwards it is not."""
    service = found(flexible())
    begun(service, "op-9", "DELETE", VM)
    assert service.get(VM, machine("a")).verdict is not VIOLATES
    for listing in ([machine("a")], [], [machine("a")]):
        assert service.get(MEMBERS, {"value": listing}).verdict is not VIOLATES
    service.poll(9, "Succeeded")
    assert service.get(MEMBERS, {"value": []}).verdict is CONFORMS
    assert service.get(MEMBERS, {"value": [machine("a")]}).verdict is VIOLATES


def test_what_nobody_can_have_created_is_no_member_whatever_is_done_to_it() -> None:
    """All members of a scale set that was created meanwhile are known."""
    for asked in (("DELETE", VM), ("POST", f"{VM}/deallocate")):
        service = created(flexible())
        begun(service, "op-9", *asked)
        assert service.get(VM, machine("a")).verdict is VIOLATES


def test_what_had_ended_before_a_vm_turned_out_to_be_a_member_is_seen_of_it() -> None:
    """What it is shown to be then, it stays."""
    service = found(flexible())
    begun(service, "op-9", "POST", f"{VM}/deallocate")
    service.poll(9, "Failed", error={"code": "X", "message": ""})
    assert service.get(VM, shown("stopped")).verdict is not VIOLATES
    assert service.get(VM, shown("stopped")).verdict is CONFORMS
    assert service.get(VM, shown("running")).verdict is VIOLATES


def test_a_change_under_way_of_a_vm_that_turns_out_to_be_a_member_may_restart_it() -> None:
    """What becomes of its power state is open until it is seen again."""
    service = found(flexible())
    begun(service, "op-9", "PATCH", VM, {"properties": {}})
    for state in ("running", "stopped"):
        assert service.get(VM, shown(state)).verdict is not VIOLATES
    service.poll(9, "Succeeded")
    for state, verdict in (("running", False), ("stopped", True)):
        assert (service.get(VM, shown(state)).verdict is VIOLATES) is verdict
