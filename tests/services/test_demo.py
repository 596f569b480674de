"""Demo workspaces: deterministic, apart from the user's data, and each with what it teaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Milestone, State, WorkflowRun, WorkItem
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo

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
    runs = [r for p in _pages("slipping", now) for r in p.records if isinstance(r, WorkflowRun)]
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


def test_every_third_past_sprint_was_late_and_the_others_had_days_to_spare(now: datetime) -> None:
    pages = _pages("healthy", now)
    ends = {(m.repository, m.number): m for p in pages for m in p.records if isinstance(m, Milestone) and m.closed_at}
    after: dict[str, int] = {}
    for item in _items(pages):
        end = ends.get((item.repository, item.milestone_number or 0))
        if end is not None and end.due_on is not None and end.closed_at is not None and item.closed_at is not None:
            assert item.closed_at <= end.closed_at
            after[end.title] = max(after.get(end.title, -99), (item.closed_at.date() - end.due_on).days)
    assert [days > 0 for _title, days in sorted(after.items())] == [False, False, True, False, False]
    assert all(days <= -demo.SPARE_DAYS for days in after.values() if days <= 0)
