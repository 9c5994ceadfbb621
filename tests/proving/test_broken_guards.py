"""Each guard, broken in small ways: the proof about it fails, with a counterexample that a person can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vmss_invariants.invariant import Place
from vmss_invariants.proving.prover import Result, prove
from vmss_invariants.proving.theorems import THEOREMS
from vmss_model import census, guards
from vmss_model.census import Census, Share
from vmss_model.rollout import Progress
from vmss_model.terms import all_of, every, floor_div, implies, maximum, minimum
from vmss_model.values import GroupKind, Stage

BY_ID = {one.id: one for one in THEOREMS}
FLEXIBLE, UNIFORM, VM = ("2021-07", GroupKind.FLEXIBLE), ("2021-07", GroupKind.UNIFORM), ("2019-10", GroupKind.VM)

BROKEN: list[tuple[str, str, Callable[..., Any], str, Place]] = [
    (
        "capacity_allowed",
        "shifted",
        lambda n, low, high: all_of(low <= n, n <= high + 1),
        "no-group-outgrows-its-kind",
        VM,
    ),
    ("capacity_allowed", "strict", lambda n, low, high: all_of(low <= n, n < high), "no-group-outgrows-its-kind", VM),
    (
        "capacity_allowed",
        "no bound",
        lambda n, low, _high: low <= n,
        "one-placement-group-never-holds-more-than-100",
        UNIFORM,
    ),
    (
        "fault_domain_count_allowed",
        "without the region",
        lambda n, low, high, _region: all_of(low <= n, n <= high),
        "fault-domain-counts-stay-within-kind-and-region",
        FLEXIBLE,
    ),
    (
        "fault_domain_count_allowed",
        "strict",
        lambda n, low, high, region: all_of(low < n, n <= high, n <= region),
        "fault-domain-counts-stay-within-kind-and-region",
        FLEXIBLE,
    ),
    (
        "within",
        "shifted",
        lambda n, low, high: all_of(low <= n, n <= high + 1),
        "zone-counts-stay-within-the-kind",
        UNIFORM,
    ),
    ("within", "strict", lambda n, low, high: all_of(low <= n, n < high), "zone-counts-stay-within-the-kind", UNIFORM),
    (
        "within",
        "shifted",
        lambda n, low, high: all_of(low <= n, n <= high + 1),
        "update-domain-counts-stay-within-the-kind",
        UNIFORM,
    ),
    (
        "is_fault_domain_of",
        "counted from 1",
        lambda n, count: all_of(n >= 1, n <= count),
        "members-add-up-over-domains-and-zones",
        FLEXIBLE,
    ),
    (
        "is_fault_domain_of",
        "non-strict",
        lambda n, count: all_of(n >= 0, n <= count),
        "automatic-placement-goes-where-fewest-are",
        FLEXIBLE,
    ),
    (
        "is_least_loaded",
        "shifted",
        lambda loads, n: every(loads, lambda load: n <= load + 1),
        "automatic-placement-never-raises-the-spread",
        FLEXIBLE,
    ),
    (
        "is_least_loaded",
        "shifted",
        lambda loads, n: every(loads, lambda load: n <= load + 1),
        "scale-out-levels-zones",
        UNIFORM,
    ),
    (
        "is_least_loaded",
        "strict",
        lambda loads, n: every(loads, lambda load: n < load),
        "automatic-placement-goes-where-fewest-are",
        FLEXIBLE,
    ),
    (
        "is_least_loaded",
        "most for least",
        lambda loads, n: every(loads, lambda load: n >= load),
        "automatic-placement-goes-where-fewest-are",
        FLEXIBLE,
    ),
    (
        "is_most_loaded",
        "shifted",
        lambda loads, n: every(loads, lambda load: load <= n + 1),
        "scale-in-levels-zones",
        UNIFORM,
    ),
    (
        "is_most_loaded",
        "strict",
        lambda loads, n: every(loads, lambda load: load < n),
        "scale-in-levels-zones",
        UNIFORM,
    ),
    ("is_fresh_id", "shifted", lambda n, lowest: n >= lowest - 1, "new-ids-are-above-all-before", UNIFORM),
    ("is_fresh_id", "strict", lambda n, lowest: n > lowest, "new-ids-are-above-all-before", UNIFORM),
    ("lowest_fresh_id", "shifted", maximum, "new-ids-are-above-all-before", UNIFORM),
    (
        "lowest_fresh_id",
        "wasteful",
        lambda lowest, used: maximum(lowest, used + 2),
        "new-ids-are-above-all-before",
        UNIFORM,
    ),
    (
        "autoscale_allowed",
        "shifted",
        lambda n, low, high: all_of(low - 1 <= n, n <= high),
        "autoscale-never-leaves-its-bounds",
        UNIFORM,
    ),
    (
        "autoscale_allowed",
        "strict",
        lambda n, low, high: all_of(low < n, n <= high),
        "autoscale-never-leaves-its-bounds",
        UNIFORM,
    ),
    (
        "may_delete_group",
        "shifted",
        lambda n, rejects: implies(rejects, n <= 1),
        "only-empty-groups-of-vms-are-deleted",
        FLEXIBLE,
    ),
    (
        "may_delete_group",
        "strict",
        lambda n, rejects: implies(rejects, n < 0),
        "only-empty-groups-of-vms-are-deleted",
        FLEXIBLE,
    ),
    (
        "registration_may_end",
        "shifted",
        lambda n, longest: all_of(n >= 0, n <= longest + 1),
        "registrations-never-outlast-15-minutes",
        FLEXIBLE,
    ),
    (
        "registration_may_end",
        "strict",
        lambda n, longest: all_of(n >= 0, n < longest),
        "registrations-never-outlast-15-minutes",
        FLEXIBLE,
    ),
    (
        "batch_cap",
        "rounded up",
        lambda n, percent: maximum(1, floor_div(n * percent + 99, 100)),
        "no-batch-exceeds-its-cap",
        UNIFORM,
    ),
    (
        "batch_cap",
        "shifted",
        lambda n, percent: maximum(1, floor_div(n * percent, 100) + 1),
        "the-batch-cap-is-exact",
        UNIFORM,
    ),
    (
        "batch_cap",
        "without a minimum",
        lambda n, percent: floor_div(n * percent, 100),
        "a-rollout-is-never-stuck",
        UNIFORM,
    ),
    (
        "batch_cap",
        "half as many",
        lambda n, percent: maximum(1, floor_div(n * percent, 200)),
        "the-batch-cap-is-exact",
        UNIFORM,
    ),
    (
        "batch_size_allowed",
        "shifted",
        lambda n, cap: all_of(n >= 1, n <= cap + 1),
        "no-automatic-batch-exceeds-a-fifth",
        UNIFORM,
    ),
    (
        "batch_size_allowed",
        "strict",
        lambda n, cap: all_of(n >= 1, n < cap),
        "a-rollout-is-never-stuck",
        UNIFORM,
    ),
    ("leaves_some", "strict", lambda n, of: implies(of > 1, n + 1 < of), "a-rollout-is-never-stuck", UNIFORM),
    ("leaves_some", "a group of one too", lambda n, of: n < of, "a-rollout-is-never-stuck", UNIFORM),
    (
        "may_begin",
        "strict",
        lambda ill, of, percent: ill * 100 < percent * of,
        "the-precheck-holds-up-to-exactly-its-percentage",
        UNIFORM,
    ),
    (
        "may_begin",
        "shifted",
        lambda ill, of, percent: (ill - 1) * 100 <= percent * of,
        "rollouts-begin-in-health",
        UNIFORM,
    ),
    (
        "overall_health_allows",
        "strict",
        lambda ill, of, percent: ill * 100 < percent * of,
        "the-overall-gate-holds-up-to-exactly-its-percentage",
        UNIFORM,
    ),
    (
        "overall_health_allows",
        "shifted",
        lambda ill, of, percent: (ill - 1) * 100 <= percent * of,
        "batches-start-in-health",
        UNIFORM,
    ),
    (
        "upgraded_health_allows",
        "strict",
        lambda ill, of, percent: ill * 100 < percent * of,
        "the-gate-of-the-upgraded-holds-up-to-exactly-its-percentage",
        UNIFORM,
    ),
    (
        "upgraded_health_allows",
        "shifted",
        lambda ill, of, percent: (ill - 1) * 100 <= percent * of,
        "batches-start-in-health",
        UNIFORM,
    ),
    ("batch_is_settled", "shifted", lambda n: n <= 1, "batches-wait-for-the-one-before", UNIFORM),
    ("batch_is_settled", "strict", lambda n: n < 0, "a-rollout-is-never-stuck", UNIFORM),
    ("batch_is_settled", "shifted", lambda n: n <= 1, "instances-in-flight-are-in-one-place", UNIFORM),
    ("pause_is_over", "shifted", lambda now, ready: now >= ready - 1, "batches-wait-for-the-one-before", UNIFORM),
    ("pause_is_over", "strict", lambda now, ready: now > ready, "a-rollout-is-never-stuck", UNIFORM),
    (
        "wait_is_over",
        "shifted",
        lambda waited, longest: waited >= longest - 1,
        "nothing-is-given-up-before-its-time",
        UNIFORM,
    ),
    ("wait_is_over", "strict", lambda waited, longest: waited > longest, "a-rollout-is-never-stuck", UNIFORM),
    (
        "all_upgraded",
        "shifted",
        lambda busy, left: all_of(busy == 0, left <= 1),
        "a-calm-rollout-ends-only-when-all-is-done",
        UNIFORM,
    ),
    (
        "all_upgraded",
        "one count for another",
        lambda busy, _left: busy == 0,
        "a-calm-rollout-ends-only-when-all-is-done",
        UNIFORM,
    ),
    (
        "progress_sums",
        "one count left out",
        lambda s, f, i, _p, scope: s + f + i == scope,
        "progress-sums-to-the-scope-at-every-event",
        UNIFORM,
    ),
    (
        "rollout_measure",
        "another weight",
        lambda busy, left: left + busy,
        "every-batch-and-settled-instance-lessens-the-measure",
        UNIFORM,
    ),
    ("attempts_kept", "shifted", lambda n, most: minimum(n, most + 1), "a-history-keeps-five", UNIFORM),
    ("attempts_kept", "one too few", lambda n, most: minimum(n, most - 1), "a-history-keeps-five", UNIFORM),
    (
        "keeps_some_running",
        "non-strict",
        lambda taken, running: implies(running > 0, taken <= running),
        "a-step-without-downtime-leaves-some-running",
        UNIFORM,
    ),
    (
        "keeps_some_running",
        "shifted",
        lambda taken, running: implies(running > 0, taken + 1 < running),
        "a-step-without-downtime-leaves-some-running",
        UNIFORM,
    ),
]
"""A guard, how it is broken, what stands in its place, and a theorem that this breaks."""

UNBROKEN = {
    "fault_domain_guarantee_holds": "it answers a question and lets nothing happen (see the witness of F1)",
    "may_still_show": "it bounds what a query may show of the past, not a count",
    "may_show_attempt": "it bounds what a history may show of the past, not a count",
    "trigger_is_open": "it bounds when a rollout begins, not a count (see the rules that decide it together)",
    "spread": "it says what is to be proved",
    "spread_kept": "it says what is to be proved",
    "within_percent": "the three gates are broken one by one",
    "history_holds": "it bounds what a history shows; `attempts_kept` bounds the history",
}
"""The guards that no theorem about counts stands on, and why."""


@pytest.mark.parametrize(
    ("guard", "how", "broken", "theorem", "place"), BROKEN, ids=[f"{one[0]} {one[1]}: {one[3]}" for one in BROKEN]
)
def test_a_broken_guard_is_refuted(
    guard: str, how: str, broken: Callable[..., Any], theorem: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The theorem holds, and no longer once the guard is broken; the counterexample gives numbers by their names."""
    assert prove(BY_ID[theorem], *place).result is Result.PROVED
    monkeypatch.setattr(guards, guard, broken)
    found = prove(BY_ID[theorem], *place)

    assert found.result is Result.REFUTED, how
    about, *values = found.counterexample
    assert about
    assert values
    for line in values:
        name, _, value = line.partition(" = ")
        assert name
        assert value in ("true", "false") or value.lstrip("-").isdigit() or value.startswith("["), line


def test_every_guard_is_broken_somewhere() -> None:
    """Or it is said why not: a new guard has to be broken here too."""
    there = {
        name
        for name, one in vars(guards).items()
        if callable(one) and getattr(one, "__module__", "") == guards.__name__ and not name.startswith("_")
    }
    broken = {name for name, *_ in BROKEN}

    assert broken | UNBROKEN.keys() == there
    assert not broken & UNBROKEN.keys()


def test_a_counterexample_reads_as_a_situation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group of VMs that takes one too many: which step, and the numbers."""
    monkeypatch.setattr(guards, "capacity_allowed", lambda n, low, high: all_of(low <= n, n <= high + 1))
    found = prove(BY_ID["no-group-outgrows-its-kind"], *VM)

    assert found.result is Result.REFUTED
    assert found.counterexample[0] == "exactly"
    assert "instances = 201" in found.counterexample


# -- the steps themselves --------------------------------------------------------------------------


def test_a_census_that_forgets_a_domain_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The members of all domains no longer add up."""
    whole = census._bumped
    monkeypatch.setattr(census, "_bumped", lambda counts, index, by: whole(counts, index, by - by))

    assert prove(BY_ID["members-add-up-over-domains-and-zones"], *FLEXIBLE).result is Result.REFUTED


@pytest.mark.parametrize(
    ("field", "theorem"),
    [
        ("members", "the-instance-count-is-the-number-of-members"),
        ("members", "no-group-outgrows-its-kind"),
        ("up", "a-batch-takes-down-no-more-than-itself"),
        ("running", "a-census-stays-possible"),
        ("unhealthy", "a-census-stays-possible"),
    ],
)
def test_a_census_that_counts_twice_is_refuted(field: str, theorem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One count goes by two where a member adds one."""
    whole = Census.with_share

    def doubled(self: Census, share: Share, by: Any) -> Census:
        found = whole(self, share, by)
        values = {one.name: getattr(found, one.name) for one in Census.__attrs_attrs__}
        return Census(**{**values, field: 2 * values[field] - getattr(self, field)})

    monkeypatch.setattr(Census, "with_share", doubled)

    assert prove(BY_ID[theorem], *UNIFORM).result is Result.REFUTED


def test_a_new_model_that_somebody_runs_already_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed model that left the count of those who run the newest one would be no recount."""
    monkeypatch.setattr(Census, "with_new_model", lambda self: self)

    assert prove(BY_ID["a-census-is-a-recount-in-any-order"], *UNIFORM).result is Result.REFUTED


@pytest.mark.parametrize(
    "theorem",
    [
        "progress-sums-to-the-scope-at-every-event",
        "progress-moves-as-its-instances-do",
        "every-batch-and-settled-instance-lessens-the-measure",
    ],
)
def test_a_progress_that_counts_nobody_off_is_refuted(theorem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An instance that is counted where it goes, and still where it was."""
    whole = Progress.moved

    def kept(self: Progress, _before: Stage, after: Stage, by: Any = 1) -> Progress:
        return whole(self, Stage.OUT_OF_SCOPE, after, by)

    monkeypatch.setattr(Progress, "moved", kept)

    assert prove(BY_ID[theorem], *UNIFORM).result is Result.REFUTED
