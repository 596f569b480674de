"""Demo workspaces: deterministic, apart from the user's data, and each with what it teaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.ledger import Origin
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import ItemEvent, ItemKind, Milestone, Review, State, WorkflowRun, WorkItem
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo
from galaxy_desktop.services.backtest import Backtest
from galaxy_desktop.services.ledger import trust
from galaxy_desktop.store.database import Store

PASTS = {"healthy": "LmLLL", "slipping": "LmLmL", "blocked": "LLmL"}
"""Which past sprints landed, the oldest first."""
MOMENTS = st.integers(8, 24 * 700).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours))


def _pages(name: str, now: datetime) -> tuple[Page, ...]:
    return demo.DemoWorkspace(demo.scenario_named(name), now).pages()


def _items(pages: tuple[Page, ...]) -> list[WorkItem]:
    return [r for page in pages for r in page.records if isinstance(r, WorkItem)]


@pytest.mark.parametrize("name", demo.SCENARIOS)
def test_the_same_day_gives_the_same_workspace(name: str, now: datetime) -> None:
    assert _pages(name, now) == _pages(name, now)


@settings(deadline=None, max_examples=25)
@given(now=MOMENTS, name=st.sampled_from(sorted(demo.SCENARIOS)))
def test_nothing_in_a_demo_lies_in_the_future(now: datetime, name: str) -> None:
    for item in _items(_pages(name, now)):
        assert item.created_at <= item.updated_at <= now
        assert item.closed_at is None or item.created_at < item.closed_at <= now


@settings(deadline=None, max_examples=25)
@given(now=MOMENTS)
def test_the_running_sprint_ends_in_the_future_on_any_day(now: datetime) -> None:
    pages = _pages("slipping", now)
    running = [r for p in pages for r in p.records if isinstance(r, Milestone) and r.state is State.OPEN]
    assert len(running) == 3
    assert all(m.due_on is not None and m.due_on > now.date() for m in running)


def test_dates_move_with_today(now: datetime) -> None:
    later = _items(_pages("healthy", now + timedelta(days=7)))
    assert max(i.updated_at for i in later) > now


def test_the_blocked_demo_blocks_across_repositories(now: datetime) -> None:
    blocked = [i for i in _items(_pages("blocked", now)) if i.body.startswith("Blocked by ")]
    assert len(blocked) == 2
    assert all(i.repository not in i.body.split("#")[0] for i in blocked)


def test_the_slipping_demo_has_red_builds(now: datetime) -> None:
    pages = _pages("slipping", now)
    heads = {item.head_sha for item in _items(pages) if item.is_open}
    runs = [run for run in _facts(pages, WorkflowRun) if run.head_sha in heads]
    assert sum(run.red for run in runs) == demo.SCENARIOS["slipping"].red


def test_a_folder_with_data_of_the_user_is_refused(tmp_path: Path, now: datetime) -> None:
    folder = DataFolder(tmp_path)
    folder.database.write_bytes(b"mine")
    with pytest.raises(WrongUseError, match="data of your own"):
        demo.prepare(folder, "healthy", now)
    assert folder.database.read_bytes() == b"mine"


def test_a_filled_demo_is_kept_for_the_day_and_made_anew_on_the_next(tmp_path: Path, now: datetime) -> None:
    folder = DataFolder(tmp_path / "demo")
    assert demo.prepare(folder, "healthy", now)
    folder.database.write_bytes(b"demo")
    demo.mark_filled(folder, "healthy", now)
    assert not demo.prepare(folder, "healthy", now)
    assert demo.prepare(folder, "healthy", now + timedelta(days=1))
    assert not folder.database.exists()


def test_an_interrupted_filling_starts_over(tmp_path: Path, now: datetime) -> None:
    folder = DataFolder(tmp_path / "demo")
    demo.prepare(folder, "healthy", now)
    folder.database.write_bytes(b"half")
    assert demo.prepare(folder, "healthy", now)


def test_an_unknown_demo_names_those_there_are() -> None:
    with pytest.raises(WrongUseError, match="healthy, slipping, blocked, first-week"):
        demo.scenario_named("perfect")


def _facts(pages: tuple[Page, ...], kind: type[Any]) -> list[Any]:
    return [record for page in pages for record in page.records if isinstance(record, kind)]


@pytest.mark.parametrize("name", ["healthy", "slipping", "blocked"])
def test_past_work_is_assigned_before_it_is_done_and_reviewed_before_it_is_merged(name: str, now: datetime) -> None:
    pages = _pages(name, now)
    items = {(i.repository_id, i.number): i for i in _items(pages) if i.closed_at is not None}
    begun = {(e.repository_id, e.item_number): e.created_at for e in _facts(pages, ItemEvent) if e.kind == "assigned"}
    for key, item in items.items():
        if item.kind is ItemKind.ISSUE:
            assert item.created_at <= begun[key] < item.closed_at
    reviews = [r for r in _facts(pages, Review) if (r.repository_id, r.item_number) in items]
    assert len(reviews) > 10
    for review in reviews:
        pull = items[review.repository_id, review.item_number]
        assert pull.created_at < review.submitted_at <= pull.closed_at


def test_a_pull_request_of_the_past_closes_an_issue_of_its_repository_at_its_merge(now: datetime) -> None:
    items = {(i.repository_id, i.number): i for i in _items(_pages("healthy", now))}
    pulls = [i for i in items.values() if i.body.startswith("Closes #")]
    assert len(pulls) > 5
    for pull in pulls:
        issue = items[pull.repository_id, int(pull.body.partition("#")[2].partition(".")[0])]
        assert (issue.kind, issue.closed_at) == (ItemKind.ISSUE, pull.merged_at)


@pytest.mark.parametrize("name", ["healthy", "slipping", "blocked"])
def test_what_was_left_of_a_sprint_was_moved_into_the_next_before_it_was_closed(name: str, now: datetime) -> None:
    pages = _pages(name, now)
    ends = {m.title: m for m in _facts(pages, Milestone)}
    moved = [e for e in _facts(pages, ItemEvent) if e.kind == "demilestoned"]
    assert moved
    for event in moved:
        end = ends[event.subject]
        assert end.due_on < event.created_at.date()
        assert event.created_at < end.closed_at


@settings(deadline=None, max_examples=15)
@given(now=MOMENTS, name=st.sampled_from(["healthy", "slipping", "blocked"]))
def test_on_every_day_the_same_past_sprints_were_late_and_nobody_worked_on_weekends(now: datetime, name: str) -> None:
    pages = _pages(name, now)
    past = [m for m in _facts(pages, Milestone) if m.closed_at and m.repository_id == pages[0].repository_id]
    late = "".join("m" if m.closed_at.date() > m.due_on else "L" for m in sorted(past, key=lambda m: m.number))
    assert late == PASTS[name]
    assert all(i.closed_at.weekday() < 5 for i in _items(pages) if i.closed_at)


@pytest.mark.parametrize(("name", "days"), [("healthy", 0), ("slipping", 3), ("blocked", 1)])
def test_what_would_have_been_said_of_the_past_was_worth_saying(
    folder: DataFolder, now: datetime, name: str, days: int
) -> None:
    """Better than the base rate; and the last word on a sprint that landed was higher than on one that did not."""
    now += timedelta(days=days)
    with Store.open(folder) as store:
        for page in _pages(name, now):
            store.apply(page).result()
        walk = Backtest(store, now)
        walk.prepare()
        while walk.step():
            pass
        outcomes, told, said = store.ledger_outcomes(), trust(store, now), store.ledger(origin=Origin.REPLAY)
    against_base = next(s for s in told.replay.skills if s.against == "base_rate")
    assert against_base.value is not None
    assert against_base.value > 0.2
    numbers = sorted((e.said_at, e.sprint_id, e.probability) for e in said if e.probability is not None)
    last = {sprint_id: probability for _, sprint_id, probability in numbers}
    landed, missed = ([p for i, p in last.items() if outcomes[i].landed is which] for which in (True, False))
    assert mean(landed) > mean(missed) + 0.05
