"""The families put together: completeness, determinism, and facts of single items."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.facts import EdgeKind, Family, FeatureSet
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.features.catalog import BY_NAME, CATALOG, known, missing, number
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.index import index_of
from galaxy_desktop.features.sprints import group_sprints


def _fill(space: Any) -> None:
    """A sprint over two repositories with something of everything."""
    space.milestone()
    space.milestone(repository="o/s")
    for number_ in range(20, 32):
        done = space.issue(
            number_, created_at=space.ago(60 + number_), closed=space.ago(number_), milestone_number=None
        )
        space.event(done, "assigned", number_ + 4, "ann")
    first = space.issue(1, "Blocked by o/s#1. Acceptance criteria: it works.\n\n- [x] a\n- [ ] b")
    space.issue(1, "Waiting for #2", repository="o/s")
    pull = space.pull(2, "Fixes #1", repository="o/s", head_sha="abc", additions=5, deletions=3, files=("a.py",))
    space.pull(3, "See #1", head_sha="abc", additions=50, deletions=3, files=("a.py",), created_at=space.ago(3))
    space.issue(4, closed=space.ago(1))
    space.event(first, "assigned", 6, "ann")
    space.event(first, "milestoned", 5, "1.0")
    space.event(space.items[0], "demilestoned", 4, "1.0")
    space.comment(first, "This is awful, sorry", 2)
    space.comment(first, "Great!", 20)
    space.review(pull, 3)
    for days, conclusion in ((5, "failure"), (4, "success"), (3, "failure")):
        space.run(conclusion, days)
    space.commit(2, 10, 4)
    space.pushed(pull, "Start", "Finish")


def _compute(space: Any, now: Any, **given_: Any) -> FeatureSet:
    snapshot = space.snapshot()
    return compute(snapshot, group_sprints(snapshot, now)[0], now, **given_)


def _shuffled(snapshot: Snapshot, seed: int) -> Snapshot:
    order = random.Random(seed)
    names = ("milestones", "items", "comments", "reviews", "commits", "runs", "events")
    return replace(snapshot, **{n: tuple(order.sample(getattr(snapshot, n), len(getattr(snapshot, n)))) for n in names})


def test_every_feature_of_the_catalog_is_computed_in_its_order(space: Any, now: Any) -> None:
    space.milestone()
    assert [f.name for f in _compute(space, now).features] == [kind.name for kind in CATALOG]


def test_the_catalog_names_all_six_families_and_explains_each_feature() -> None:
    assert {kind.family for kind in CATALOG} == set(Family)
    assert len(BY_NAME) == len(CATALOG)
    assert all(kind.unit and kind.window and kind.help.endswith(".") for kind in CATALOG)


def test_an_empty_sprint_has_no_data_rather_than_zeros(space: Any, now: Any) -> None:
    space.milestone()
    found = _compute(space, now)
    counted = {"scope_added", "scope_removed", "elapsed_share", "conflicting_pull_requests"}
    assert {f.name for f in found.features if f.value is not None} <= counted
    assert all(f.why_none for f in found.features if f.value is None)


def test_a_full_sprint_has_data_in_every_family(space: Any, now: Any) -> None:
    _fill(space)
    vectors = {i.evidence_id: [1.0, i.number / 100] for i in space.items}
    found = _compute(space, now, embeddings=vectors)
    without = [f.name for f in found.features if f.value is None]
    assert without == ["readability"]
    assert found.value("blocked_items") == 2
    assert found.value("dependency_depth") == 3
    assert found.value("cross_repository_edges") == 1
    assert found.removed_since_start == ("issue:o/r#20",)
    assert found.added_since_start == ("issue:o/r#1", "pr:o/r#3")


def test_every_known_feature_shows_its_value_in_the_formula_and_brings_evidence(space: Any, now: Any) -> None:
    _fill(space)
    for feature in _compute(space, now).features:
        if feature.value is not None:
            assert feature.formula.endswith(f" = {number(feature.value)}")
        assert feature.evidence or feature.name.startswith("scope_"), feature.name


def test_edges_of_the_sprint_are_those_that_touch_it(space: Any, now: Any) -> None:
    _fill(space)
    space.issue(50, "See #51", milestone_number=None)
    space.issue(51, milestone_number=None)
    found = _compute(space, now)
    assert {e.kind for e in found.edges} == {EdgeKind.BLOCKS, EdgeKind.MENTIONS, EdgeKind.CLOSES}
    assert not any("#5" in e.source_id for e in found.edges)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_records_changes_nothing(space: Any, now: Any, seed: int) -> None:
    _fill(space)
    snapshot = space.snapshot()
    mixed = _shuffled(snapshot, seed)
    first, second = (group_sprints(s, now)[0] for s in (snapshot, mixed))
    assert first == second
    assert compute(snapshot, first, now) == compute(mixed, second, now)


def test_index_and_edges_handed_in_give_the_same_as_those_made_here(space: Any, now: Any) -> None:
    _fill(space)
    snapshot = space.snapshot()
    index = index_of(snapshot)
    sprint = group_sprints(snapshot, now, index=index)[0]
    edges = dependency_edges(snapshot, index=index)
    assert compute(snapshot, sprint, now, edges=edges, index=index) == compute(snapshot, sprint, now)


def test_the_facts_of_an_item_gather_what_the_families_found(space: Any, now: Any) -> None:
    _fill(space)
    facts = _compute(space, now).of_item("issue:o/r#1")
    assert facts is not None
    assert facts.started_at == space.ago(6)
    assert (facts.age_days, facts.idle_days) == (6, 2)
    assert facts.blocked_by == ("issue:o/s#1",)
    assert (facts.has_criteria, facts.boxes, facts.ticked) == (True, 2, 1)
    assert facts.mood is not None
    assert facts.mood < 0
    assert facts.mood_words == ("awful", "sorry")
    assert facts.waiting_for_review_days is None


def test_the_facts_of_a_pull_request(space: Any, now: Any) -> None:
    _fill(space)
    facts = _compute(space, now).of_item("pr:o/r#3")
    assert facts is not None
    assert facts.red_run is not None
    assert facts.red_run.quote == "tests: failure"
    assert facts.size_lines == 53
    assert facts.waiting_for_review_days == 3
    assert facts.mood is None


def test_closed_items_have_facts_but_wait_for_nothing(space: Any, now: Any) -> None:
    space.issue(1, "Blocked by #2", closed=space.ago(1))
    space.issue(2)
    space.milestone()
    found = _compute(space, now)
    facts = found.of_item("issue:o/r#1")
    assert facts is not None
    assert facts.blocked_by == ()
    assert [f.item_id for f in found.items] == ["issue:o/r#1", "issue:o/r#2"]


def test_a_missing_feature_is_never_zero_and_a_known_one_never_without_its_unit() -> None:
    assert missing("done_share", "no items").value is None
    assert known("done_share", 0.5, "1 of 2").unit == "share"
    with pytest.raises(KeyError):
        known("invented", 1, "")


@pytest.mark.parametrize(
    ("value", "shown"), [(3.0, "3"), (0.5, "0.5"), (1 / 3, "0.333"), (-0.0001, "0"), (12345678.0, "12345678")]
)
def test_numbers_in_formulas_are_short_and_plain(value: float, shown: str) -> None:
    assert number(value) == shown


_BODIES = st.sampled_from(["", "Blocked by #2", "Blocks #3", "Fixes #1", "needs o/s#1", "- [ ] #4", "See #5 and x/y#6"])


@given(rows=st.lists(st.tuples(st.booleans(), _BODIES, st.booleans()), max_size=6), seed=st.integers(0, 99))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_invariants_hold_for_any_small_workspace(space: Any, now: Any, rows: Any, seed: int) -> None:
    space.items.clear()
    space.milestones.clear()
    space.milestone()
    for place, (is_pull, body, closed) in enumerate(rows, 1):
        make = space.pull if is_pull else space.issue
        make(place, body, closed=space.ago(1) if closed else None)
    snapshot = space.snapshot()
    sprint = group_sprints(snapshot, now)[0]
    found = compute(snapshot, sprint, now)
    closed_ids = {i.evidence_id for i in space.items if not i.is_open}
    assert len(found.items) == len(sprint.items) == len(rows)
    assert found.value("done_share") == (len(closed_ids) / len(rows) if rows else None)
    assert all(e.source_id != e.target_id and e.evidence for e in found.edges)
    assert not any(closed_ids.intersection(f.blocked_by) or f.item_id in f.blocked_by for f in found.items)
    assert len({(e.source_id, e.target_id, e.kind) for e in found.edges}) == len(found.edges)
    mixed = _shuffled(snapshot, seed)
    assert compute(mixed, group_sprints(mixed, now)[0], now) == found


def test_importing_the_features_pulls_in_nothing_slow() -> None:
    code = (
        "import sys, galaxy_desktop.features.compute;"
        "print([m for m in ('networkx', 'scipy', 'pandas', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
