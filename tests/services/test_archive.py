"""Importing hours: the same rows whatever the order, the repetition and the polls between, and nothing lost by a kill."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import tempfile
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.collect import records
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Repository, State
from galaxy_desktop.errors import CancelledByUserError, OfflineError, RefusedError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import archive_ledger
from galaxy_desktop.services.archive import ArchiveResult, Days, Fetching, import_archive
from galaxy_desktop.store.database import Store
from tests.collect import archive_events as made
from tests.collect.archive_server import ArchiveServer, Mood

REPO = Repository(id=made.REPO_ID, full_name=made.REPO, url=f"https://github.com/{made.REPO}", default_branch="trunk")
LATER = datetime(2026, 5, 1, 18, tzinfo=UTC)
MERGED = "2026-05-01T15:30:00Z"


def _issue_event(action: str, at: str, id: int, **more: Any) -> dict[str, Any]:  # noqa: A002
    row = made.issue(12, updated_at=at, milestone=made.milestone(), **more)
    return made.event("IssuesEvent", {"action": action, "issue": row}, id=id, at=at)


HOURS: dict[str, list[Any]] = {
    "2026-05-01-14.json.gz": [
        _issue_event("opened", "2026-05-01T14:10:00Z", 31_000_000_010),
        made.event("IssueCommentEvent", {"action": "created", "issue": made.pull_as_issue(20, title="Old title", updated_at="2026-05-01T14:20:00Z"), "comment": made.comment(20)}, id=31_000_000_011, at="2026-05-01T14:20:00Z"),
        made.event("WatchEvent", {}, repo=(99, "some/body")),
    ],
    "2026-05-01-15.json": [
        made.event("PullRequestEvent", {"action": "merged", "number": 20, "pull_request": made.trimmed_pull(20)}, id=31_000_000_012, at=MERGED),
        made.event("PullRequestReviewEvent", {"action": "created", "review": made.review(20), "pull_request": made.trimmed_pull(20)}, id=31_000_000_013, at="2026-05-01T15:10:00Z"),
        b'{"cut',
    ],
    "2026-05-01-16.json.gz": [
        _issue_event("closed", "2026-05-01T16:00:00Z", 31_000_000_014, state="closed", closed_at="2026-05-01T16:00:00Z", state_reason="completed"),
        made.event("IssueCommentEvent", {"action": "created", "issue": made.pull_as_issue(20, title="New title", updated_at="2026-05-01T14:50:00Z"), "comment": made.comment(20, 5002)}, id=31_000_000_015, at="2026-05-01T14:50:01Z"),
    ],
}  # fmt: skip


def _poll(at: datetime) -> Page:
    """What a poll at that moment would bring: the issue closed, and the closing as the list of events tells it."""
    row = made.issue(12, state="closed", updated_at="2026-05-01T16:00:00Z", closed_at="2026-05-01T16:00:00Z")
    row |= {"title": "As polled", "state_reason": "completed"}
    closing = {
        "event": "closed",
        "id": 500,
        "commit_id": "c0ffee",
        "created_at": "2026-05-01T16:00:01Z",
        "actor": made.user(),
        "issue": row,
    }
    found = [records.item(row, REPO, at), records.event(closing, REPO, at), records.comment(made.comment(20), REPO, at)]
    return Page(repository_id=REPO.id, records=(REPO, *(one for one in found if one)), observed_at=at)


@pytest.fixture
def hours(tmp_path: Path) -> dict[str, Path]:
    folder = tmp_path / "hours"
    folder.mkdir()
    return {name: made.write_hour(folder / name, rows) for name, rows in HOURS.items()}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(DataFolder(tmp_path / "profile")) as opened:
        opened.track(made.REPO.upper()).result()
        yield opened


async def _import(store: Store, *files: Path, **more: Any) -> ArchiveResult:
    return await import_archive(store, files, **more)


async def test_hours_become_items_reviews_comments_milestones_and_events(store: Store, hours: dict[str, Path]) -> None:
    result = await _import(store, hours["2026-05-01-14.json.gz"].parent)
    found = store.snapshot()
    assert (result.files, result.events_read, result.events_kept, result.bad_lines) == (3, 7, 6, 1)
    assert str(result.bad[0]) == "2026-05-01-15.json:3: cut off"
    assert [(item.number, item.title, item.state) for item in found.items] == [
        (12, "Item 12", State.CLOSED), (20, "New title", State.CLOSED),
    ]  # fmt: skip
    assert [one.title for one in found.milestones] == ["Sprint 1"]
    assert (len(found.reviews), len(found.comments)) == (1, 2)
    assert sorted(event.kind for event in found.events) == ["closed", "closed", "merged"]
    assert result.known_in_part == 0


async def test_importing_again_reads_nothing_and_changes_nothing(store: Store, hours: dict[str, Path]) -> None:
    await _import(store, *hours.values())
    before = store.snapshot()
    again = await _import(store, *hours.values())
    assert (again.files, again.files_known, again.not_found) == (0, 3, ())
    assert store.snapshot() == before


def _rows(steps: Sequence[str | datetime]) -> tuple[Snapshot, Any]:
    """What a store holds after these imports and polls, in this order."""
    with tempfile.TemporaryDirectory() as name, Store.open(DataFolder(Path(name) / "p")) as store:
        store.apply(Page(repository_id=REPO.id, records=(REPO,), observed_at=datetime(2026, 4, 1, tzinfo=UTC))).result()
        for step in steps:
            if isinstance(step, datetime):
                store.apply(_poll(step)).result()
            else:
                path = made.write_hour(Path(name) / step, HOURS[step])
                asyncio.run(import_archive(store, [path]))
        return store.snapshot(), [store.item_versions(REPO.id, number) for number in (12, 20)]


POLLS = [datetime(2026, 5, 1, 16, 30, tzinfo=UTC), LATER]
EVERYTHING = _rows([*HOURS, *POLLS])
steps = st.permutations([*HOURS, *POLLS]).flatmap(
    lambda order: st.lists(st.sampled_from(order), max_size=2).map(lambda again: [*order, *again])
)


@settings(max_examples=20)
@given(steps)
def test_any_order_of_hours_and_polls_ends_in_the_same_rows(order: list[Any]) -> None:
    assert _rows(order) == EVERYTHING


def test_a_poll_is_never_overruled_by_an_older_event() -> None:
    found, _ = EVERYTHING
    assert found.items[0].title == "As polled"
    assert [event.id for event in found.events if event.item_number == 12] == [500]
    assert found.repositories[0].default_branch == "trunk"


async def test_an_event_forgets_nothing_that_a_poll_told_of_the_repository(
    store: Store, hours: dict[str, Path]
) -> None:
    polled = datetime(2026, 4, 1, tzinfo=UTC)
    store.apply(Page(repository_id=REPO.id, records=(REPO,), observed_at=polled)).result()
    await _import(store, *hours.values())
    assert store.repositories() == (REPO,)


async def test_an_older_name_is_found_once_the_id_is_known(tmp_path: Path, store: Store) -> None:
    old = made.event("IssuesEvent", {"action": "opened", "issue": made.issue(3)}, repo=(made.REPO_ID, "old/name"))
    new = made.event("IssuesEvent", {"action": "opened", "issue": made.issue(4)}, at="2026-05-01T15:00:00Z")
    files = [made.write_hour(tmp_path / f"2026-05-01-{hour}.json", [row]) for hour, row in ((1, old), (2, new))]
    result = await _import(store, *files)
    assert {item.number for item in store.snapshot().items} == {3, 4}
    assert (result.events_kept, result.files) == (2, 2)
    assert store.wanted() == ()
    assert store.repositories()[0].full_name == made.REPO


async def test_a_repository_tracked_later_gets_its_turn(tmp_path: Path, store: Store, hours: dict[str, Path]) -> None:
    await _import(store, *hours.values())
    result = await _import(store, *hours.values(), repositories=["some/body"])
    assert (result.events_kept, result.not_found) == (1, ())


async def test_a_file_that_was_replaced_is_read_again(store: Store, hours: dict[str, Path]) -> None:
    path = hours["2026-05-01-14.json.gz"]
    await _import(store, path)
    made.write_hour(path, [*HOURS[path.name], _issue_event("labeled", "2026-05-01T14:50:00Z", 31_000_000_050)])
    assert (await _import(store, path)).files == 1


async def test_two_files_of_one_name_are_both_read_and_the_import_ends(tmp_path: Path, store: Store) -> None:
    paths = []
    for folder, number in (("a", 1), ("b", 2)):
        (tmp_path / folder).mkdir()
        row = made.event("IssuesEvent", {"action": "opened", "issue": made.issue(number)})
        paths.append(made.write_hour(tmp_path / folder / "mine.json", [row]))
    assert (await _import(store, *paths)).files == 2
    assert len(store.snapshot().items) == 2


async def test_a_damaged_file_is_named_and_the_others_are_read(store: Store, hours: dict[str, Path]) -> None:
    path = hours["2026-05-01-14.json.gz"]
    path.write_bytes(path.read_bytes()[:-6] + b"wrong!")
    result = await _import(store, *hours.values())
    assert [name for name, _ in result.failed] == [path.name]
    assert {item.number for item in store.snapshot().items} == {12, 20}
    assert (await _import(store, *hours.values())).files_known == 2


async def test_of_a_file_that_is_cut_off_the_beginning_is_used_and_the_rest_awaited(
    store: Store, hours: dict[str, Path]
) -> None:
    path = hours["2026-05-01-16.json.gz"]
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    first = await _import(store, path)
    path.write_bytes(whole)
    second = await _import(store, path)
    assert "ends too early" in first.failed[0][1]
    assert (second.files, second.failed) == (1, ())


async def test_a_file_that_is_not_what_was_downloaded_is_not_read(store: Store, hours: dict[str, Path]) -> None:
    path = hours["2026-05-01-14.json.gz"]
    (path.parent / "SHA256SUMS").write_text(f"{'0' * 64}  {path.name}\n")
    result = await _import(store, path)
    assert "SHA-256" in result.failed[0][1]
    assert store.snapshot().items == ()


async def test_misshapen_events_are_bad_lines(tmp_path: Path, store: Store) -> None:
    path = made.write_hour(tmp_path / "x.json", [made.event("IssuesEvent", {"action": "opened"})])
    result = await _import(store, path)
    assert str(result.bad[0]) == "x.json:1: wrong shape of a IssuesEvent (KeyError: 'issue')"


async def test_items_of_which_too_little_is_told_are_counted(tmp_path: Path, store: Store) -> None:
    payload = {"action": "opened", "number": 20, "pull_request": made.trimmed_pull(20)}
    path = made.write_hour(tmp_path / "x.json", [made.event("PullRequestEvent", payload)])
    assert (await _import(store, path)).known_in_part == 1
    assert store.snapshot().items == ()


async def test_nothing_tracked_is_a_sentence(tmp_path: Path, hours: dict[str, Path]) -> None:
    with Store.open(DataFolder(tmp_path / "empty")) as store, pytest.raises(WrongUseError, match="--repo owner/name"):
        await _import(store, *hours.values())


async def test_a_name_without_any_event_is_said(store: Store, hours: dict[str, Path]) -> None:
    result = await _import(store, *hours.values(), repositories=["no/body"])
    assert result.not_found == ("no/body",)


async def test_cancel_keeps_whole_files_and_the_next_import_goes_on(
    store: Store, hours: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    with pytest.raises(CancelledByUserError):
        await _import(store, *hours.values(), stop=stop, progress=lambda step: stop.set())
    assert {item.number for item in store.snapshot().items} == {12, 20}
    again = await _import(store, *hours.values())
    assert again.files + again.files_known == 3
    assert store.snapshot().items[0].state is State.CLOSED


async def test_a_kill_between_records_and_cursor_costs_one_more_reading(
    store: Store, hours: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyError("killed")

    store.apply(Page(repository_id=REPO.id, records=(REPO,), observed_at=LATER)).result()
    with monkeypatch.context() as patch:
        patch.setattr(archive_ledger.Ledger, "_note", killed)
        with pytest.raises(KeyError):
            await _import(store, *hours.values())
    result = await _import(store, *hours.values())
    assert (result.files, result.files_known) == (3, 0)


# --- downloads


@pytest.fixture
def server() -> Iterator[ArchiveServer]:
    files = {
        name.removesuffix(".gz") + ".gz": gzip.compress(b"".join(_line(row) for row in rows))
        for name, rows in HOURS.items()
    }
    found = ArchiveServer(files)
    yield found
    found.close()


def _line(row: Any) -> bytes:
    return (row if isinstance(row, bytes) else made.line(row)) + b"\n"


async def _no_sleep(seconds: float, stop: StopFlag | None) -> None:
    assert seconds in (1, 4, 16)


DAY = Days(date(2026, 5, 1), date(2026, 5, 1))


async def _download(store: Store, url: str, folder: Path, **more: Any) -> ArchiveResult:
    fetching = Fetching(url=url, folder=folder)
    now = datetime(2026, 5, 1, 18, tzinfo=UTC)
    return await import_archive(store, DAY, fetching=fetching, clock=lambda: now, sleep=_no_sleep, **more)


async def test_days_are_fetched_and_read_and_what_is_missing_is_named(
    store: Store, server: ArchiveServer, tmp_path: Path
) -> None:
    result = await _download(store, server.url, tmp_path / "archive")
    assert (result.files, result.events_kept, len(result.hours_absent)) == (3, 6, 15)
    assert {item.number for item in store.snapshot().items} == {12, 20}
    asked = len(server.asked)
    again = await _download(store, server.url, tmp_path / "archive")
    assert (again.files, again.files_known) == (0, 3)
    assert len(server.asked) == asked + 15


async def test_a_download_that_breaks_is_gone_on_with(store: Store, server: ArchiveServer, tmp_path: Path) -> None:
    server.moods = [Mood()] * 14 + [Mood(cut_after=50)] * 6
    result = await _download(store, server.url, tmp_path / "archive")
    assert (result.failed, result.files) == ((), 3)


async def test_an_hour_that_cannot_be_had_leaves_the_others(
    store: Store, server: ArchiveServer, tmp_path: Path
) -> None:
    server.moods = [Mood()] * 14 + [Mood(status=500)] * 4
    result = await _download(store, server.url, tmp_path / "archive")
    assert [name for name, _ in result.failed] == ["2026-05-01-14"]
    assert result.files == 2


async def test_an_archive_that_cannot_be_reached_or_refuses_is_a_sentence(
    store: Store, server: ArchiveServer, tmp_path: Path
) -> None:
    with pytest.raises(OfflineError):
        await _download(store, "http://127.0.0.1:9", tmp_path / "archive")
    server.moods = [Mood(status=403)]
    with pytest.raises(RefusedError):
        await _download(store, server.url, tmp_path / "archive")


async def test_cancelling_the_task_ends_its_threads(store: Store, server: ArchiveServer, tmp_path: Path) -> None:
    task = asyncio.get_running_loop().create_task(_download(store, server.url, tmp_path / "archive"))
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
