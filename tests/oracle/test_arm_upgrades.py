"""Models, upgrades and rollouts at the ARM boundary, on flows built by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.oracle.service import (
    COMPUTE,
    CONFORMS,
    DAY_2019,
    DAY_2021,
    GROUP,
    UNKNOWN,
    VIOLATES,
    Service,
    begun,
    created,
    flexible,
    uniform,
)

from vmss_model.oracle.finding import Finding, Verdict

IMAGE = {"publisher": "Canonical", "offer": "UbuntuServer", "sku": "18.04-LTS", "version": "latest"}
HEALTH = {"name": "health", "properties": {"type": "ApplicationHealthLinux"}}
POLICY = {
    "maxBatchInstancePercent": 20,
    "maxUnhealthyInstancePercent": 20,
    "maxUnhealthyUpgradedInstancePercent": 20,
    "pauseTimeBetweenBatches": "PT0S",
}
DAY_2017, EARLY_2021 = "2017-10-01T10:00:00Z", "2021-05-03T10:00:00Z"


def body(capacity: int = 10, image: Mapping[str, str] = IMAGE, **policy: Any) -> dict[str, Any]:
    """A Uniform scale set with an image, a source of health and an upgrade policy (Manual unless told)."""
    model = {
        "osProfile": {},
        "storageProfile": {"imageReference": dict(image)},
        "extensionProfile": {"extensions": [HEALTH]},
    }
    settings = {"mode": "Manual", **policy}
    return uniform(capacity, virtualMachineProfile=model, upgradePolicy=settings)


def group(capacity: int = 10, date: str = DAY_2021, **policy: Any) -> Service:
    """A service with such a scale set, created and read."""
    asked = body(capacity, **policy)
    service = created(asked, date)
    service.get(GROUP, asked)
    return service


def members(capacity: int, *old: int) -> dict[str, Any]:
    """A listing of instances, of which some do not run the newest model."""
    return {
        "value": [
            {"instanceId": str(one), "properties": {"vmId": f"id-{one}", "latestModelApplied": one not in old}}
            for one in range(capacity)
        ]
    }


def rollout(code: str, *counts: int, start: str = "2021-08-02T09:00:00Z", **policy: object) -> dict[str, Any]:
    """A rollout as a read of the latest one shows it."""
    names = ("successfulInstanceCount", "failedInstanceCount", "inProgressInstanceCount", "pendingInstanceCount")
    return {
        "properties": {
            "policy": {**POLICY, **policy},
            "runningStatus": {"code": code, "startTime": start},
            "progress": dict(zip(names, counts, strict=True)),
        }
    }


def rolled(capacity: int = 10, date: str = DAY_2021) -> Service:
    """A service on which a rollout was started by hand and succeeded."""
    service = group(capacity, date, mode="Rolling", rollingUpgradePolicy=POLICY)
    service.get(f"{GROUP}/virtualMachines", members(capacity))
    service.done("POST", f"{GROUP}/osRollingUpgrade", 202)
    return service


def upgraded(service: Service, *ids: str) -> Finding:
    """An upgrade call for instances, seen to succeed."""
    return service.done("POST", f"{GROUP}/manualupgrade", 202, asked={"instanceIds": list(ids)})


def changed(service: Service, **image: str) -> Finding:
    """A change of the image, seen to succeed."""
    asked = body(image={**IMAGE, **image})
    return service.done("PUT", GROUP, 200, asked, asked=asked)


# -- instances and their models --------------------------------------------------------------------


def test_a_new_instance_runs_the_newest_model() -> None:
    """It is made from it: an older one right after the creation violates."""
    assert group().get(f"{GROUP}/virtualMachines", members(10)).verdict is CONFORMS
    wrong = group().get(f"{GROUP}/virtualMachines", members(10, 3))
    assert (wrong.verdict, wrong.rules) == (VIOLATES, ("MODEL-VERSION",))


def test_with_policy_manual_a_change_of_the_image_reaches_no_instance() -> None:
    """Until an upgrade call names it; then it runs the newest model."""
    service = group()
    service.get(f"{GROUP}/virtualMachines", members(10))
    assert changed(service, sku="20.04-LTS").verdict is CONFORMS
    early = service.get(f"{GROUP}/virtualMachines", members(10))
    assert (early.verdict, early.rules) == (VIOLATES, ("UPGRADE-MANUAL",))

    service = group()
    changed(service, sku="20.04-LTS")
    assert "UPGRADE-MANUAL" in service.get(f"{GROUP}/virtualMachines", members(10, *range(10))).rules
    assert "UPGRADE-MANUAL" in upgraded(service, "0", "1").rules
    assert service.get(f"{GROUP}/virtualMachines", members(10, *range(2, 10))).verdict is CONFORMS
    late = service.get(f"{GROUP}/virtualMachines", members(10, *range(1, 10)))
    assert (late.verdict, late.rules) == (VIOLATES, ("UPGRADE-MANUAL",))


def test_what_is_read_while_the_model_changes_is_not_held_to_be_it_afterwards() -> None:
    """An image of a publisher may be shown until another one, of nobody, has taken its place."""
    of_nobody = {"osDisk": {"image": {"uri": "https://images.example/web.vhd"}}}
    other = {
        "imageReference": {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2016-Datacenter"}
    }
    for changed, is_wrong in ((True, False), (False, True)):
        service = group()
        if changed:
            asked = {"properties": {"virtualMachineProfile": {"storageProfile": of_nobody}}}
            begun(service, "op-9", "PATCH", GROUP, asked, 200)
            assert service.get(GROUP, body()).verdict is CONFORMS
            assert service.poll(9, "Succeeded").verdict is CONFORMS
        anew = {"properties": {"virtualMachineProfile": {"storageProfile": other}}}
        assert (service.call("PATCH", GROUP, 200, asked=anew).verdict is VIOLATES) is is_wrong


def test_a_rollout_by_hand_brings_instances_to_the_newest_model_one_after_the_other() -> None:
    """Also with policy Manual: one that was not upgraded yet is, in a later batch, until the rollout has ended."""
    service = group()
    changed(service, sku="20.04-LTS")
    service.done("POST", f"{GROUP}/osRollingUpgrade", 202)
    for old in (range(10), range(2, 10), range(4, 10)):
        assert service.get(f"{GROUP}/virtualMachines", members(10, *old)).verdict is not VIOLATES
    assert latest(service, rollout("Faulted", 6, 1, 0, 3)).verdict is not VIOLATES
    assert service.get(f"{GROUP}/virtualMachines", members(10, 7, 8, 9)).verdict is not VIOLATES
    assert service.get(f"{GROUP}/virtualMachines", members(10, 8, 9)).verdict is VIOLATES


def test_an_upgrade_call_for_all_reaches_all() -> None:
    """Also those that were never listed."""
    service = group()
    changed(service, sku="20.04-LTS")
    upgraded(service, "*")
    wrong = service.get(f"{GROUP}/virtualMachines/7", members(10, 7)["value"][7])

    assert (wrong.verdict, wrong.rules) == (VIOLATES, ("UPGRADE-MANUAL",))


@pytest.mark.parametrize("policy", [{"mode": "Automatic"}, {"mode": "Rolling", "rollingUpgradePolicy": POLICY}])
def test_with_another_policy_instances_may_run_either_model_after_a_change(policy: dict[str, Any]) -> None:
    """The platform upgrades them by itself, and when each one's turn comes is not seen."""
    service = group(**policy)
    asked = body(image={**IMAGE, "sku": "20.04-LTS"}, **policy)
    service.done("PUT", GROUP, 200, asked, asked=asked)

    assert service.get(f"{GROUP}/virtualMachines", members(10, 1, 2)).verdict is CONFORMS
    assert service.get(f"{GROUP}/virtualMachines", members(10, 1)).verdict is CONFORMS
    back = service.get(f"{GROUP}/virtualMachines", members(10, 2))
    assert (back.verdict, back.rules) == (VIOLATES, ("MODEL-VERSION",))


def test_while_an_upgrade_runs_instances_may_run_either_model() -> None:
    """And afterwards the newest."""
    service = group()
    changed(service, sku="20.04-LTS")
    link = f"{COMPUTE}/locations/westus/operations/op-9"
    service.call("POST", f"{GROUP}/manualupgrade", 202, asked={"instanceIds": ["*"]}, link=link)
    for old in ((), (3,), tuple(range(10))):
        assert service.get(f"{GROUP}/virtualMachines", members(10, *old)).verdict is not VIOLATES
    service.poll(9, "Succeeded")
    assert service.get(f"{GROUP}/virtualMachines", members(10, 3)).verdict is VIOLATES


def test_an_upgrade_may_leave_an_instance_in_another_power_state() -> None:
    """One that was stopped may run afterwards; one that the call did not name stays stopped."""

    def view(state: str) -> dict[str, Any]:
        return {"statuses": [{"code": f"PowerState/{state}"}]}

    service = group(3)
    service.get(f"{GROUP}/virtualMachines", members(3))
    for name in ("0", "1"):
        service.done("POST", f"{GROUP}/virtualMachines/{name}/poweroff", 202)
        assert service.get(f"{GROUP}/virtualMachines/{name}/instanceView", view("stopped")).verdict is CONFORMS
    upgraded(service, "1")

    assert service.get(f"{GROUP}/virtualMachines/1/instanceView", view("running")).verdict is not VIOLATES
    assert service.get(f"{GROUP}/virtualMachines/0/instanceView", view("running")).rules == ("ARM-POWER",)


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", f"{GROUP}/extensions/e"), ("POST", f"{GROUP}/reimage"), ("PATCH", GROUP)]
)
def test_what_may_change_the_model_leaves_open_which_one_instances_run(method: str, path: str) -> None:
    """An extension of the scale set, a reimage, a change of anything but the instance count."""
    service = group(3)
    service.get(f"{GROUP}/virtualMachines", members(3))
    asked = {"properties": {"overprovision": False}}
    service.done(method, path, 202 if method == "POST" else 200, None, asked=None if method == "POST" else asked)
    assert service.get(f"{GROUP}/virtualMachines", members(3, 1)).verdict is CONFORMS

    scaled = group(3)
    scaled.get(f"{GROUP}/virtualMachines", members(3))
    scaled.done("PATCH", GROUP, 200, None, asked={"sku": {"capacity": 4}})
    assert scaled.get(f"{GROUP}/virtualMachines", members(4, 1)).rules == ("MODEL-VERSION",)


def test_no_document_of_2019_binds_the_model_that_an_instance_runs() -> None:
    """Between the documents of 2017 and 2021 either is allowed."""
    asked = body()
    del asked["properties"]["orchestrationMode"]
    service = created(asked, DAY_2019)
    service.get(GROUP, asked)

    assert service.get(f"{GROUP}/virtualMachines", members(10, 3)).verdict is CONFORMS


def test_an_upgrade_of_a_uniform_scale_set_is_not_refused() -> None:
    """Whatever its policy; but a conflict with another request is no document's matter."""
    refusal = ("POST", f"{GROUP}/manualupgrade", 409)
    wrong = group().refused(*refusal, "OperationNotAllowed", "No.", {"instanceIds": ["*"]})
    conflict = group().refused(*refusal, "Conflict", "Concurrent request.", {"instanceIds": ["*"]})

    assert (wrong.verdict, wrong.rules, conflict.verdict) == (VIOLATES, ("UPGRADE-MANUAL",), UNKNOWN)


def test_an_asterisk_beside_other_ids_is_no_documents_matter() -> None:
    """The service refuses it; no document says so."""
    asked = {"instanceIds": ["'", "*", "'"]}
    finding = group().refused("POST", f"{GROUP}/manualupgrade", 400, "InvalidParameter", "only element", asked)

    assert finding.verdict is UNKNOWN


def test_upgrades_of_flexible_scale_sets_are_no_documents_matter() -> None:
    """Refused in October 2023, accepted since: the documents of 2021 speak of Uniform ones."""
    for finding in (
        created(flexible()).refused("POST", f"{GROUP}/manualupgrade", 409, "OperationNotAllowed", "No."),
        created(flexible()).call("POST", f"{GROUP}/manualupgrade", 200),
    ):
        assert finding.verdict is UNKNOWN


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"version": "18.04.202107200"}, "OSU-LATEST"),
        ({"sku": "21.04"}, "OSU-IMAGES"),
    ],
)
def test_automatic_upgrades_need_a_fit_image(wrong: dict[str, str], rule: str) -> None:
    """One of the list, and its newest version."""
    switched: dict[str, Any] = {"automaticOSUpgradePolicy": {"enableAutomaticOSUpgrade": True}}
    for image, verdict in ((IMAGE, CONFORMS), ({**IMAGE, **wrong}, VIOLATES)):
        asked = body(image=image, **switched)
        finding = Service().done("PUT", GROUP, 201, asked, asked=asked)
        assert finding.verdict is verdict
        assert (rule in finding.rules) is (verdict is VIOLATES) or verdict is CONFORMS


def test_automatic_upgrades_need_a_source_of_health() -> None:
    """Switched on by a change as well."""
    asked = body()
    del asked["properties"]["virtualMachineProfile"]["extensionProfile"]
    service = created(asked)
    service.get(GROUP, asked)
    switch = {"properties": {"upgradePolicy": {"automaticOSUpgradePolicy": {"enableAutomaticOSUpgrade": True}}}}
    refused = service.refused("PATCH", GROUP, 400, "BadRequest", "no health probe", switch)
    accepted = service.done("PATCH", GROUP, 200, None, asked=switch)

    assert (refused.verdict, accepted.verdict, accepted.rules) == (CONFORMS, VIOLATES, ("OSU-HEALTH",))
    assert group().done("PATCH", GROUP, 200, None, asked=switch).verdict is CONFORMS


def test_the_publisher_of_an_existing_scale_set_stays() -> None:
    """Another SKU is taken, another publisher refused."""
    assert changed(group(), sku="16.04-LTS").verdict is CONFORMS
    wrong = changed(group(), publisher="OpenLogic")
    assert (wrong.verdict, wrong.rules) == (VIOLATES, ("PUBLISHER-OFFER-FIXED",))


@pytest.mark.parametrize("percent", [4, 101, -1])
def test_percentages_beyond_the_public_apis_bounds_are_open(percent: int) -> None:
    """No document of the five bounds them: refused or accepted, neither violates."""
    asked = body(mode="Rolling", rollingUpgradePolicy={**POLICY, "maxBatchInstancePercent": percent})
    assert Service().done("PUT", GROUP, 201, asked, asked=asked).verdict is CONFORMS
    assert Service().refused("PUT", GROUP, 400, "InvalidParameter", "out of range", asked).verdict is UNKNOWN


def test_an_upgrade_policy_reads_back() -> None:
    """Mode, percentages and pause, a pause also written otherwise."""
    policy: dict[str, Any] = {
        "mode": "Rolling",
        "rollingUpgradePolicy": {**POLICY, "pauseTimeBetweenBatches": "PT1M30S"},
    }
    service = group(**policy)
    same = body(mode="rolling", rollingUpgradePolicy={**POLICY, "pauseTimeBetweenBatches": "PT90S"})
    assert service.get(GROUP, same).verdict is CONFORMS
    others: list[dict[str, Any]] = [
        {"mode": "Manual"},
        {"rollingUpgradePolicy": {**POLICY, "pauseTimeBetweenBatches": "PT91S"}},
    ]
    for other in others:
        assert group(**policy).get(GROUP, body(**{**policy, **other})).rules == ("ARM-READ-BACK",)


def test_a_flexible_scale_set_has_no_upgrade_policy() -> None:
    """Asked for it is refused; that a read shows Manual for it is not a policy."""
    asked = flexible(upgradePolicy={"mode": "Manual"})
    assert Service().done("PUT", GROUP, 201, asked, asked=asked).rules == ("CAPS-UPGRADE-POLICY",)
    assert created(flexible()).get(GROUP, asked).verdict is CONFORMS
    shown = flexible(upgradePolicy={"mode": "Rolling"})
    assert created(flexible()).get(GROUP, shown).rules == ("CAPS-UPGRADE-POLICY",)


# -- rollouts --------------------------------------------------------------------------------------


def latest(service: Service, shown: dict[str, Any]) -> Finding:
    """A read of the latest rollout."""
    return service.get(f"{GROUP}/rollingUpgrades/latest", shown)


def view(service: Service, state: str) -> Finding:
    """The instance view of instance 0."""
    return service.get(f"{GROUP}/virtualMachines/0/instanceView", {"statuses": [{"code": f"PowerState/{state}"}]})


@pytest.mark.parametrize("automatic", [True, False])
def test_an_instance_may_be_down_during_a_rollout(automatic: bool) -> None:
    """And may have been stopped before it; afterwards, where the platform begins no other, it stays as it is."""
    service = group(automaticOSUpgradePolicy={"enableAutomaticOSUpgrade": automatic})
    for before in ("running", "stopped"):
        view(service, before)
        latest(service, rollout("RollingForward", 0, 0, 1, 9))
        assert view(service, "stopped").verdict is not VIOLATES
        latest(service, rollout("Completed", 10, 0, 0, 0))
        assert view(service, "running").verdict is not VIOLATES
        assert view(service, "stopped").rules == (("ARM-READ-BACK",) if automatic else ("ARM-POWER",))


def test_a_rollout_started_by_hand_is_followed_to_its_end() -> None:
    """Then nothing is left to cancel, and the policy is the scale set's."""
    service = rolled()
    assert latest(service, rollout("Completed", 9, 1, 0, 0)).rules == ("OSU-PROGRESS", "ARM-READ-BACK")
    message = "There is no ongoing Rolling Upgrade to cancel."
    cancel = service.refused("POST", f"{GROUP}/rollingUpgrades/cancel", 409, "OperationNotAllowed", message)
    assert (cancel.verdict, cancel.rules) == (CONFORMS, ("ARM-ABSENT",))
    accepted = service.call("POST", f"{GROUP}/rollingUpgrades/cancel", 202, link="https://h/operations/op-9")
    assert (accepted.verdict, accepted.rules) == (VIOLATES, ("ARM-ABSENT",))


@pytest.mark.parametrize(
    ("shown", "rule"),
    [
        (rollout("Completed", 11, 0, 0, 0), "OSU-PROGRESS"),
        (rollout("RollingForward", 4, 0, 2, 5), "OSU-PROGRESS"),
        (rollout("RollingForward", 4, -1, 2, 5), "OSU-PROGRESS"),
        (rollout("Paused", 4, 0, 2, 4), "OSU-PROGRESS"),
        (rollout("Completed", 8, 0, 0, 2), "OSU-DONE"),
        (rollout("Completed", 8, 0, 2, 0), "OSU-DONE"),
        (rollout("RollingForward", 4, 0, 3, 3), "OSU-BATCH"),
        (rollout("Completed", 10, 0, 0, 0, maxUnhealthyInstancePercent=50), "ARM-READ-BACK"),
    ],
)
def test_a_rollout_that_cannot_be_is_noticed(shown: dict[str, Any], rule: str) -> None:
    """Of ten instances, in batches of two at most."""
    finding = latest(rolled(), shown)

    assert finding.verdict is VIOLATES
    assert rule in finding.rules
    assert finding.nearest


def test_a_batch_is_held_against_the_policy_of_the_scale_set_where_none_is_shown() -> None:
    """That of its creation, as long as it was not changed."""

    def shown(in_progress: int) -> dict[str, Any]:
        one = rollout("RollingForward", 4, 0, in_progress, 6 - in_progress)
        del one["properties"]["policy"]
        return one

    settings: dict[str, Any] = {
        "rollingUpgradePolicy": POLICY,
        "automaticOSUpgradePolicy": {"enableAutomaticOSUpgrade": True},
    }
    assert latest(group(**settings), shown(2)).verdict is CONFORMS
    assert latest(group(**settings), shown(3)).rules == ("OSU-BATCH",)
    for mode in ({}, {"automaticOSUpgradePolicy": {"enableAutomaticOSUpgrade": False}}):
        service = group(**settings)
        wider = {"mode": "Manual", "rollingUpgradePolicy": {**POLICY, "maxBatchInstancePercent": 50}, **mode}
        service.done("PATCH", GROUP, 200, asked={"properties": {"upgradePolicy": wider}})
        assert latest(service, shown(3)).verdict is not VIOLATES


def test_before_the_document_of_july_2021_the_counts_are_open() -> None:
    """The settings of the rollout are the scale set's at any time."""
    odd = rollout("Completed", 8, 0, 0, 9)
    for date in (DAY_2017, EARLY_2021):
        assert latest(rolled(date=date), odd).rules == ("ARM-READ-BACK",)
        assert (
            latest(rolled(date=date), rollout("Completed", 1, 0, 0, 0, maxBatchInstancePercent=7)).verdict is VIOLATES
        )


@pytest.mark.parametrize(
    ("then", "verdict"),
    [
        (rollout("Completed", 10, 0, 0, 0), VIOLATES),
        (rollout("Faulted", 6, 4, 0, 0), CONFORMS),
        (rollout("RollingForward", 6, 4, 0, 0), VIOLATES),
    ],
)
def test_an_ended_rollout_stays_as_it_is(then: dict[str, Any], verdict: Verdict) -> None:
    """Faulted once, it is shown so ever after."""
    service = rolled()
    latest(service, rollout("Faulted", 6, 4, 0, 0))

    assert latest(service, then).verdict is verdict


def test_a_rollout_under_way_goes_forward() -> None:
    """Upgraded instances do not become fewer, and the counts keep their sum."""
    service = rolled()
    for counts in ((2, 0, 2, 6), (4, 0, 2, 4), (5, 1, 2, 2)):
        assert latest(service, rollout("RollingForward", *counts)).verdict is CONFORMS
    before = service.oracle
    for counts, rule in (((4, 1, 2, 3), "ARM-READ-BACK"), ((6, 1, 1, 1), "OSU-PROGRESS")):
        service.oracle = before
        finding = latest(service, rollout("RollingForward", *counts))
        assert (finding.verdict, finding.rules) == (VIOLATES, (rule,))


def test_where_no_rollout_can_have_begun_none_is_shown() -> None:
    """A scale set with policy Manual, just created: 404 is right and a rollout is not."""
    error = {"error": {"code": "NotFound", "message": "rollingUpgrades 'latest' was not found"}}
    path = f"{GROUP}/rollingUpgrades/latest"
    assert group().get(path, error, 404).rules == ("ARM-ABSENT",)
    assert latest(group(), rollout("Completed", 10, 0, 0, 0)).rules == ("ARM-ABSENT",)
    service = rolled()
    latest(service, rollout("Completed", 10, 0, 0, 0))
    gone = service.get(path, error, 404)
    assert (gone.verdict, gone.rules) == (VIOLATES, ("ARM-ABSENT",))


def test_whether_a_rollout_is_under_way_may_not_be_known() -> None:
    """With policy Rolling a change of the model begins one, which ends when nobody looks."""
    service = group(mode="Rolling", rollingUpgradePolicy=POLICY)
    asked = body(image={**IMAGE, "sku": "20.04-LTS"}, mode="Rolling", rollingUpgradePolicy=POLICY)
    service.done("PUT", GROUP, 200, asked, asked=asked)
    before = service.oracle
    message = "There is no ongoing Rolling Upgrade to cancel."
    refused = service.refused("POST", f"{GROUP}/rollingUpgrades/cancel", 409, "OperationNotAllowed", message)
    service.oracle = before
    accepted = service.done("POST", f"{GROUP}/rollingUpgrades/cancel", 202)

    assert (refused.verdict, accepted.verdict, accepted.rules) == (UNKNOWN, CONFORMS, ("ARM-LRO",))


def test_a_rollout_by_hand_may_be_refused_by_the_health_of_instances() -> None:
    """How many are unhealthy no exchange shows: neither answer violates."""
    message = "More than 20 percent of the instances are unhealthy."
    code = "MaxUnhealthyInstancePercentExceededBeforeRollingUpgrade"
    service = group(mode="Rolling", rollingUpgradePolicy=POLICY)
    assert service.refused("POST", f"{GROUP}/osRollingUpgrade", 409, code, message).verdict is UNKNOWN
    assert "OSU-START-MANUAL" in service.done("POST", f"{GROUP}/osRollingUpgrade", 202).rules


@pytest.mark.parametrize(
    "segment", ["extensionRollingUpgrade", "rollingUpgrades/cancel", "manualupgrade", "osRollingUpgrade"]
)
def test_an_upgrade_of_an_absent_scale_set_is_answered_404(segment: str) -> None:
    """As any other operation on it."""
    service = group()
    service.done("DELETE", GROUP, 202)
    before = service.oracle
    assert service.refused("POST", f"{GROUP}/{segment}", 404, "ResourceNotFound", "No.").verdict is CONFORMS
    service.oracle = before
    assert service.call("POST", f"{GROUP}/{segment}", 202).rules == ("ARM-ABSENT",)


# -- the history -----------------------------------------------------------------------------------


def attempt(day: str, code: str = "Completed", *counts: int) -> dict[str, Any]:
    """An attempt of a history that took twenty minutes of a day."""
    shown = rollout(code, *(counts or (10, 0, 0, 0)), start=f"{day}T03:00:00Z")
    shown["properties"]["runningStatus"]["endTime"] = f"{day}T03:20:00Z"
    return shown


RECENT = [attempt(day) for day in ("2021-08-01", "2021-07-20", "2021-07-10", "2021-07-01", "2021-06-20")]


def history(service: Service, attempts: list[dict[str, Any]]) -> Finding:
    """A read of the history."""
    return service.get(f"{GROUP}/osUpgradeHistory", {"value": attempts})


def test_a_history_within_its_bounds_conforms() -> None:
    """Empty, or five attempts of the last two months, the newest first, one of them under way."""
    for shown in ([], RECENT, RECENT[:2], [attempt("2021-08-02", "RollingForward", 2, 0, 2, 6), *RECENT[:4]]):
        assert history(group(), shown).rules == ("OSU-HISTORY",)


def test_the_documents_own_example_conforms() -> None:
    """It ends before it starts, and names its end otherwise (finding F12)."""
    shown = attempt("2021-07-24", "RollingForward", 16, 0, 4, 0)
    status = shown["properties"]["runningStatus"]
    status["completedTime"] = "2021-04-21T12:29:25.0511245+00:00"
    del status["endTime"]

    assert history(group(20), [shown]).verdict is CONFORMS


@pytest.mark.parametrize(
    "shown",
    [
        [*RECENT, attempt("2021-06-15")],
        [RECENT[0], attempt("2021-05-31")],
        list(reversed(RECENT)),
        [attempt("2021-08-02", "RollingForward", 2, 0, 2, 6), attempt("2021-08-01", "RollingForward", 2, 0, 2, 6)],
    ],
    ids=["six", "older than two months", "oldest first", "two under way"],
)
def test_a_history_beyond_its_bounds_violates(shown: list[dict[str, Any]]) -> None:
    """Of any number, age and order."""
    finding = history(group(), shown)

    assert (finding.verdict, finding.rules) == (VIOLATES, ("OSU-HISTORY",))


def test_an_attempt_of_sixty_days_may_be_shown_or_not() -> None:
    """Two months are 59 to 62 days."""
    assert history(group(), [attempt("2021-06-02")]).verdict is CONFORMS
    assert history(group(), []).verdict is CONFORMS


def test_a_rollout_that_was_seen_to_upgrade_is_in_the_history() -> None:
    """A history without attempts is then wrong."""
    service = rolled()
    latest(service, rollout("Completed", 10, 0, 0, 0))
    assert history(service, []).rules == ("OSU-HISTORY",)


@pytest.mark.parametrize("date", ["2021-09-25T10:00:00Z", "2021-11-10T10:00:00Z"])
def test_a_rollout_of_long_ago_is_in_no_history(date: str) -> None:
    """Within two months of its start it is, since it ended later than that."""
    service = rolled()
    latest(service, rollout("Completed", 10, 0, 0, 0))
    service.date = date
    assert (history(service, []).verdict is VIOLATES) is (date < "2021-10")


def test_a_rollout_of_extensions_need_not_be_in_the_history_of_os_upgrades() -> None:
    """Nor one of a changed model, nor one that began before anything was seen of the scale set."""
    service = group()
    service.done("POST", f"{GROUP}/extensionRollingUpgrade", 202)
    latest(service, rollout("Completed", 10, 0, 0, 0))
    assert history(service, []).verdict is CONFORMS
    service = group(mode="Rolling", rollingUpgradePolicy=POLICY)
    changed(service, sku="20_04-LTS")
    latest(service, rollout("Completed", 10, 0, 0, 0))
    assert history(service, []).verdict is CONFORMS
    service = Service()
    service.get(GROUP, body())
    latest(service, rollout("Completed", 10, 0, 0, 0))
    assert history(service, []).verdict is CONFORMS


def test_before_the_document_of_july_2021_no_history_is_bound() -> None:
    """No document speaks of it."""
    assert history(group(date=EARLY_2021), RECENT * 2).verdict is UNKNOWN
