"""The four DORA keys against numbers worked out by hand, with the rule that found them, and "n/a" instead of zero."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.flow import DoraKey
from galaxy_desktop.domain.repository_facts import Deployment, Release
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.features.flow_delivery import DEPLOYMENTS, NONE, RELEASES, Deliveries, deliveries
from galaxy_desktop.features.flow_dora import dora_keys
from galaxy_desktop.features.index import index_of
from galaxy_desktop.features.view import SprintView
from tests.features.conftest import BEN, NOW, ago


def released(number: int, days: float, tag: str, repository: str = "o/r", **given: Any) -> Release:
    made = Release(
        repository_id=1, repository=repository, id=number, tag=tag, name="", draft=False, prerelease=False, author=BEN,
        created_at=ago(days), published_at=ago(days), url="https://github.com/o/r/releases/1", observed_at=NOW,
    )  # fmt: skip
    return replace(made, **given)


def deployed(
    number: int, days: float, state: str, environment: str = "production", repository: str = "o/r"
) -> Deployment:
    return Deployment(
        repository_id=1, repository=repository, id=number, sha=f"{number:040x}", ref="main", environment=environment,
        state=state, created_at=ago(days), updated_at=ago(days), url="https://github.com/o/r/deployments", observed_at=NOW,
    )  # fmt: skip


def merged(space: Any, number: int, days: float, title: str = "Change", body: str = "") -> Any:
    """A pull request merged then."""
    end = ago(days)
    return space.pull(number, body, title=title, created_at=ago(days + 1), closed=end, merged_at=end)


def shot(space: Any, *records: Release | Deployment) -> Snapshot:
    return replace(
        space.snapshot(),
        releases=tuple(r for r in records if isinstance(r, Release)),
        deployments=tuple(r for r in records if isinstance(r, Deployment)),
    )


def made(space: Any, *records: Release | Deployment, repositories: tuple[str, ...] = ("o/r",)) -> Deliveries:
    snapshot = shot(space, *records)
    return deliveries(snapshot, index_of(snapshot), repositories, NOW)


def keys(space: Any, *records: Release | Deployment) -> dict[str, DoraKey]:
    space.milestones or space.milestone()
    snapshot = shot(space, *records)
    view = SprintView(index_of(snapshot), space.sprint(), NOW, ())
    return {key.name: key for key in dora_keys(snapshot, view)}


def test_deployments_to_production_come_before_releases(space: Any) -> None:
    found = made(space, released(1, 5, "1.0.0"), deployed(2, 4, "success"), deployed(3, 3, "success", "staging"))
    assert [one.evidence.id for one in found.all] == ["deployment:o/r#2"]
    assert found.rule == DEPLOYMENTS


@pytest.mark.parametrize(
    ("environment", "live"),
    [("production", True), ("Prod-EU", True), ("live", True), ("pre-production", False), ("staging", False),
     ("preview", False), ("product-tests", False), ("github-pages", False), ("production/test", False)],
)  # fmt: skip
def test_which_environments_are_production(space: Any, environment: str, live: bool) -> None:
    assert bool(made(space, deployed(1, 1, "success", environment)).all) is live


def test_drafts_and_pre_releases_reach_nobody(space: Any) -> None:
    found = made(
        space, released(1, 3, "1.0.0", draft=True, published_at=None), released(2, 2, "1.1.0", prerelease=True)
    )
    assert (found.all, found.rule) == ((), NONE)


def test_a_replaced_deployment_is_a_success_and_one_under_way_is_neither(space: Any) -> None:
    found = made(space, deployed(1, 3, "inactive"), deployed(2, 2, "in_progress"), deployed(3, 1, "failure"))
    assert [(one.succeeded, one.failed) for one in found.all] == [(True, ""), (False, "failed deployment")]


def test_each_repository_has_the_rule_that_fits_it(space: Any) -> None:
    found = made(space, deployed(1, 3, "success"), released(2, 2, "1.0.0", "o/s"), repositories=("o/r", "o/s"))
    assert found.rules == (("o/r", DEPLOYMENTS), ("o/s", RELEASES))
    assert found.rule == f"{DEPLOYMENTS} of o/r; {RELEASES} of o/s"


def test_frequency_is_deliveries_a_week_since_the_first_one(space: Any) -> None:
    key = keys(space, *(released(n, days, f"1.{n}.0") for n, days in enumerate((28, 21, 14, 7))))[
        "Deployment frequency"
    ]
    assert (key.value, key.n, key.before) == (1.0, 4, None)  # the first is at the window's very beginning: 4 / 4 weeks
    assert key.head.formula == "4 deliveries / 4.0 weeks = 1.00 a week"
    assert key.rule == f"Counted: {RELEASES}."


def test_frequency_is_compared_with_the_ninety_days_before(space: Any) -> None:
    days = (200, 170, 150, 120, 60, 30)
    key = keys(space, *(released(n, d, f"1.{n}.0") for n, d in enumerate(days)))["Deployment frequency"]
    assert key.value == pytest.approx(2 / (90 / 7))
    assert key.before == pytest.approx(3 / (90 / 7))
    assert [point.n for point in key.trend] == [2, 1, 0, 1, 1, 0]


def test_lead_time_is_the_median_from_merge_to_the_next_delivery(space: Any) -> None:
    for number, days in enumerate((20, 16, 12, 3), start=1):
        merged(space, number, days)
    key = keys(space, released(9, 15, "1.0.0"), released(10, 10, "1.1.0"))["Lead time for changes"]
    assert (key.value, key.n) == (2.0, 3)  # 5, 1 and 2 days; the last change waits
    assert key.head.formula == "median of 3 changes = 2 days (2.00 days); 1 merged change waits for the next delivery"
    assert key.head.evidence[0].id == "pr:o/r#1"


def test_changes_to_other_branches_are_not_counted(space: Any) -> None:
    merged(space, 1, 20)
    space.items[0] = replace(space.items[0], base_ref="release-1")
    key = keys(space, released(9, 15, "1.0.0"))["Lead time for changes"]
    assert (key.value, key.head.why_none[:4]) == (None, "n/a:")


def test_failed_deployments_count_and_are_restored_by_the_next_success(space: Any) -> None:
    found = keys(
        space,
        deployed(1, 9, "success"),
        deployed(2, 6, "failure"),
        deployed(3, 5.5, "error"),
        deployed(4, 4, "success"),
    )
    assert (found["Change failure rate"].value, found["Change failure rate"].n) == (0.5, 4)
    assert found["Time to restore"].value == 1.75  # 2 days and 1.5 days
    assert "2 failed / 4 deliveries = 50 % (failed deployment)" in found["Change failure rate"].head.formula


def test_a_reverted_change_makes_the_delivery_that_carried_it_fail(space: Any) -> None:
    merged(space, 1, 12)
    merged(space, 2, 7, 'Revert "Change"', "Reverts o/r#1")
    found = made(
        space, released(8, 14, "1.0.0"), released(9, 10, "1.1.0"), released(10, 8, "1.2.0"), released(11, 5, "1.3.0")
    )
    assert [one.failed for one in found.all] == ["", "reverted change", "", ""]
    assert found.all[1].restored_at == ago(5)


def test_a_change_that_was_reverted_before_it_went_out_harmed_nobody(space: Any) -> None:
    merged(space, 1, 9)
    merged(space, 2, 8, 'Revert "Change"', "Reverts #1")
    assert not any(one.failed for one in made(space, released(9, 10, "1.1.0"), released(10, 5, "1.2.0")).all)


def test_a_revert_by_commit_names_what_it_takes_back(space: Any) -> None:
    bad = space.commit(12, sha="a" * 40)
    back = space.commit(7, sha="b" * 40)
    space.commits[-1] = replace(back, message=f'Revert "Change"\n\nThis reverts commit {bad.sha}.')
    found = made(space, released(9, 10, "1.1.0"), released(10, 8, "1.2.0"), released(11, 5, "1.3.0"))
    assert [one.failed for one in found.all] == ["reverted change", "", ""]


@pytest.mark.parametrize(
    ("second", "after", "failed"),
    [
        ("1.4.1", 1.0, True),
        ("1.4.1", 3.0, False),
        ("1.5.0", 1.0, False),
        ("1.4.2", 1.0, False),
        ("1.4.0-hotfix", 9.0, True),
    ],
)
def test_a_hotfix_is_named_so_or_the_next_patch_within_two_days(
    space: Any, second: str, after: float, failed: bool
) -> None:
    found = made(space, released(1, 20, "v1.4.0"), released(2, 20 - after, f"v{second}"))
    assert bool(found.all[0].failed) is failed
    assert (found.all[0].restored_at == ago(20 - after)) is failed


def test_without_deliveries_every_key_says_na_and_none_is_zero(space: Any) -> None:
    found = keys(space)
    assert [key.value for key in found.values()] == [None] * 4
    assert all(
        key.head.why_none == "n/a: no deployments to production and no releases are stored." for key in found.values()
    )


def test_nothing_failed_is_a_rate_of_zero_and_no_time_to_restore(space: Any) -> None:
    found = keys(space, released(1, 5, "1.0.0"))
    assert found["Change failure rate"].value == 0.0
    assert found["Time to restore"].value is None
    assert "nothing failed" in found["Time to restore"].head.why_none


def test_a_failure_that_is_not_put_right_yet_is_told(space: Any) -> None:
    key = keys(space, deployed(1, 9, "success"), deployed(2, 1, "failure"))["Time to restore"]
    assert key.head.why_none == "n/a: 1 failed delivery, none put right yet."


STATES = st.sampled_from(["success", "failure", "inactive", "in_progress", ""])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(rows=st.lists(st.tuples(st.floats(0, 400), STATES), max_size=15))
def test_rates_are_shares_and_nothing_is_restored_before_it_failed(space: Any, rows: list[tuple[float, str]]) -> None:
    records = [deployed(n, days, state) for n, (days, state) in enumerate(rows)]
    found = keys(space, *records)
    for one in made(space, *records).all:
        assert one.restored_at is None or one.restored_at >= one.at
    rate = found["Change failure rate"].value
    assert rate is None or 0 <= rate <= 1
    assert all((key.value is None) == bool(key.head.why_none) for key in found.values())
