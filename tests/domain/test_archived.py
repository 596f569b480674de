"""Archived events beside listed ones: no happening counts twice, and a pull request's later end is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from galaxy_desktop.domain.archived import FIRST_NUMBER, with_later_ends, without_repetitions
from galaxy_desktop.domain.work import ItemEvent, ItemKind, State, WorkItem

START = datetime(2026, 5, 1, 9, tzinfo=UTC)


def _event(number: int, kind: str = "closed", after: float = 0, **more: Any) -> ItemEvent:
    at = START + timedelta(seconds=after)
    plain = {"repository_id": 1, "repository": "o/r", "item_number": 7, "actor": None, "subject": "", "observed_at": at}
    return ItemEvent(**{**plain, "id": number, "kind": kind, "created_at": at, **more})


def _pull(**more: Any) -> WorkItem:
    plain: dict[str, Any] = {
        "repository_id": 1, "repository": "o/r", "number": 7, "kind": ItemKind.PULL_REQUEST, "title": "T", "body": "",
        "state": State.OPEN, "state_reason": None, "author": None, "assignees": (), "labels": (),
        "milestone_number": None, "created_at": START, "updated_at": START, "closed_at": None, "url": "u",
        "observed_at": START,
    }  # fmt: skip
    return WorkItem(**{**plain, **more})


def _archived(place: int, kind: str = "closed", after: float = 0, **more: Any) -> ItemEvent:
    return _event(FIRST_NUMBER + place, kind, after, **more)


def test_an_archived_event_gives_way_to_the_listed_one() -> None:
    listed = _event(5)
    assert without_repetitions((listed, _archived(1, after=2))) == (listed,)


def test_the_listed_end_names_a_commit_and_is_the_same_end() -> None:
    listed = _event(5, "merged", subject="c0ffee")
    assert without_repetitions((listed, _archived(1, "merged"))) == (listed,)


def test_an_end_that_is_known_already_moves_no_time() -> None:
    done = _pull(state=State.CLOSED, closed_at=START, merged_at=START)
    assert with_later_ends((done,), [_archived(1, "merged", 1), _archived(2, "closed", 1)]) == (done,)


def test_another_moment_subject_kind_or_item_is_another_happening() -> None:
    others = (
        _archived(1, after=90),
        _archived(2, "reopened"),
        _archived(3, "labeled", subject="x"),
        _archived(4, item_number=8),
    )
    assert without_repetitions((_event(5), *others)) == (_event(5), *others)


def test_listed_events_never_give_way() -> None:
    events = (_event(5), _event(6))
    assert without_repetitions(events) is events


def test_a_pull_request_that_was_merged_after_it_was_seen_is_done() -> None:
    (found,) = with_later_ends((_pull(),), [_archived(1, "merged", 60), _archived(2, "closed", 60)])
    assert found.delivered
    assert found.closed_at == found.merged_at == found.updated_at == START + timedelta(seconds=60)


def test_the_last_end_counts() -> None:
    (found,) = with_later_ends((_pull(),), [_archived(2, "reopened", 90), _archived(1, "closed", 60)])
    assert (found.state, found.closed_at) == (State.OPEN, None)


def test_what_was_seen_later_is_not_overruled() -> None:
    seen = _pull(updated_at=START + timedelta(hours=1))
    assert with_later_ends((seen,), [_archived(1, "closed", 60)]) == (seen,)


def test_issues_and_listed_events_are_left_as_they_are() -> None:
    issue = _pull(kind=ItemKind.ISSUE)
    assert with_later_ends((issue,), [_archived(1, "closed", 60)]) == (issue,)
    assert with_later_ends((_pull(),), [_event(1, "closed", 60)]) == (_pull(),)
