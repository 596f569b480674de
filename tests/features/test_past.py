"""Looking back: what happened later is not there, and two steps back end where one does."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.projects import Board, BoardItem
from galaxy_desktop.domain.repository_facts import (
    Branch,
    BranchList,
    Deployment,
    ItemRef,
    LinkKind,
    PullCommit,
    PullCommits,
    Release,
)
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import ItemEvent, ItemKind, Milestone, Person, State, WorkflowRun, WorkItem
from galaxy_desktop.features.past import as_of, blind_spots
from galaxy_desktop.features.sprints import group_sprints

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
ANN, BEN = Person(1, "Ann"), Person(2, "ben")


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def snapshot_of(space: Any, **more: Any) -> Snapshot:
    names = ("items", "milestones", "comments", "reviews", "commits", "runs", "events", "checks", "links", "boards")
    told = {name: tuple(getattr(space, name)) for name in names}
    return Snapshot(**{**told, "milestone_versions": tuple(space.versions), **more})


@pytest.fixture
def back(space: Any) -> Any:
    """Looks `days` back at what `space` holds."""
    return lambda days, **more: as_of(snapshot_of(space, **more), ago(days))


def only(snapshot: Snapshot) -> WorkItem:
    (item,) = snapshot.items
    return item


# --- items


def test_what_was_created_later_vanishes(space: Any, back: Any) -> None:
    space.issue(1, created_at=ago(5))
    assert [i.number for i in back(4).items] == [1]
    assert back(6).items == ()


def test_an_item_closed_later_was_open_without_an_event(space: Any, back: Any) -> None:
    space.issue(1, closed=ago(2), state_reason="completed")
    assert (only(back(3)).state, only(back(3)).closed_at, only(back(3)).state_reason) == (State.OPEN, None, None)
    assert only(back(1)).closed_at == ago(2)


def test_a_pull_request_merged_later_was_neither_merged_nor_closed(space: Any, back: Any) -> None:
    space.pull(1, closed=ago(2), merged_at=ago(2))
    then = only(back(3))
    assert then.is_open
    assert then.merged_at is None


def test_an_item_that_was_closed_and_reopened_was_closed_in_between(space: Any, back: Any) -> None:
    item = space.issue(1, state_reason="reopened")
    space.event(item, "closed", 5)
    space.event(item, "reopened", 3)
    assert [only(back(days)).state for days in (6, 4, 2)] == [State.OPEN, State.CLOSED, State.OPEN]
    assert only(back(4)).closed_at == ago(5)
    assert only(back(6)).state_reason is None


def test_an_item_reopened_and_closed_again_was_open_for_that_second_time(space: Any, back: Any) -> None:
    item = space.issue(1, closed=ago(1))
    for kind, days in (("closed", 5), ("reopened", 3), ("closed", 1)):
        space.event(item, kind, days)
    assert (only(back(2)).state, only(back(2)).state_reason) == (State.OPEN, "reopened")


def test_an_item_moved_between_milestones_was_in_the_old_one(space: Any, back: Any) -> None:
    space.milestone("1.0")
    space.milestone("2.0")
    item = space.issue(1, milestone_number=2)
    space.event(item, "milestoned", 8, "1.0")
    space.event(item, "milestoned", 3, "2.0")
    space.event(item, "demilestoned", 3, "1.0")
    assert [only(back(days)).milestone_number for days in (8.5, 4, 2)] == [None, 1, 2]


def test_a_title_in_an_event_is_that_of_its_time(space: Any, back: Any) -> None:
    """The milestone "next" became "1.0"; a second "next" was made since."""
    first = space.milestone("1.0", updated_at=ago(4))
    space.versions += [replace(first, title="next", updated_at=ago(9)), first]
    space.milestone("next", created_at=ago(3), updated_at=ago(3))
    item = space.issue(1, milestone_number=None)
    space.event(item, "milestoned", 8, "next")
    space.event(item, "demilestoned", 6, "next")
    assert only(back(7)).milestone_number == 1


def test_membership_without_an_event_is_that_of_now_but_never_older_than_the_milestone(space: Any, back: Any) -> None:
    space.milestone("1.0", created_at=ago(4))
    space.issue(1)
    assert [only(back(days)).milestone_number for days in (5, 3)] == [None, 1]


def test_labels_and_assignees_follow_their_events(space: Any, back: Any) -> None:
    item = space.issue(1, labels=("bug",), assignees=(BEN,))
    for kind, days, what in (
        ("labeled", 5, "bug"), ("unlabeled", 5, "idea"), ("assigned", 4, "Ann"), ("unassigned", 2, "Ann"),
        ("assigned", 2, "ben"),
    ):  # fmt: skip
        space.event(item, kind, days, what)
    assert [only(back(days)).labels for days in (6, 4)] == [("idea",), ("bug",)]
    assert [[p.login for p in only(back(days)).assignees] for days in (5, 3, 1)] == [[], ["ann"], ["ben"]]


def test_who_was_asked_for_a_review_was_asked_until_the_review(space: Any, back: Any) -> None:
    item = space.pull(1)
    space.event(item, "review_requested", 5, "ben")
    space.review(item, 2)
    assert [[p.id for p in only(back(days)).requested_reviewers] for days in (6, 3, 1)] == [[], [2], []]


def test_a_review_that_nobody_asked_for_leaves_no_request_behind(space: Any, back: Any) -> None:
    space.review(space.pull(1), 2)
    assert only(back(3)).requested_reviewers == ()


def test_drafts_and_titles_follow_their_events(space: Any, back: Any) -> None:
    item = space.pull(1, title="Good")
    space.event(item, "ready_for_review", 3)
    space.event(item, "renamed", 3, "WIP: good → Good")
    assert (only(back(4)).draft, only(back(4)).title) == (True, "WIP: good")
    assert (only(back(2)).draft, only(back(2)).title) == (False, "Good")


def test_the_head_is_the_last_commit_of_that_time_and_its_size_is_unknown(space: Any) -> None:
    pull = space.pull(1, head_sha="b", additions=9, files=("a.py",))
    made = [
        PullCommit(sha=sha, message="", author=None, authored_at=ago(d), committed_at=ago(d))
        for sha, d in (("a", 5), ("b", 2))
    ]
    listed = PullCommits(
        repository_id=1, repository="o/r", item_number=1, commits=tuple(made), total=3, observed_at=NOW
    )
    then = as_of(Snapshot(items=(pull,), pull_commits=(listed,)), ago(3))
    assert (then.items[0].head_sha, then.items[0].additions, then.items[0].files) == ("a", None, None)
    assert (len(then.pull_commits[0].commits), then.pull_commits[0].total) == (1, 2)


def test_stored_versions_tell_title_and_text(space: Any) -> None:
    item = space.issue(1, "new text", updated_at=ago(1))
    versions = {item.evidence_id: [replace(item, body="old text", updated_at=ago(6)), item]}
    texts = [as_of(Snapshot(items=(item,)), ago(days), versions).items[0].body for days in (8, 3, 0)]
    assert texts == ["old text", "old text", "new text"]


def test_an_item_was_last_touched_when_last_anything_was_heard_of_it(space: Any, back: Any) -> None:
    item = space.issue(1, updated_at=ago(0.5))
    space.comment(item, "Hm.", 4)
    space.event(item, "labeled", 6, "bug")
    assert [only(back(days)).updated_at for days in (8, 5, 3)] == [item.created_at, ago(6), ago(4)]


# --- milestones


def test_due_day_title_and_state_come_from_the_version_of_that_time(space: Any, back: Any) -> None:
    new = space.milestone("1.0", date(2026, 5, 20), updated_at=ago(2), state=State.CLOSED, closed_at=ago(2))
    old = replace(new, title="next", due_on=date(2026, 5, 10), updated_at=ago(8), state=State.OPEN, closed_at=None)
    space.versions += [old, new]
    then = back(3)
    assert then.milestones == then.milestone_versions == (old,)
    assert back(1).milestones == (new,)


def test_before_the_first_version_the_oldest_one_is_taken_open_and_said_so(space: Any) -> None:
    space.milestone("1.0", updated_at=ago(2), state=State.CLOSED, closed_at=ago(2))
    snapshot = snapshot_of(space)
    (then,) = as_of(snapshot, ago(3)).milestones
    assert (then.state, then.closed_at, then.updated_at) == (State.OPEN, None, then.created_at)
    assert blind_spots(snapshot, ago(3))[0].startswith("1 milestone: the title and end")
    assert blind_spots(snapshot, ago(1)) == ()


def test_what_was_taken_from_today_is_said_in_a_sentence(space: Any) -> None:
    space.issue(1, created_at=ago(9), updated_at=ago(1))
    assert blind_spots(snapshot_of(space), ago(3)) == ("1 item changed since; the text shown is that of now.",)


def test_a_closing_before_the_next_version_was_seen_is_known(space: Any, back: Any) -> None:
    new = space.milestone("1.0", updated_at=ago(1), state=State.CLOSED, closed_at=ago(4))
    space.versions += [replace(new, updated_at=ago(9), state=State.OPEN, closed_at=None), new]
    assert [back(days).milestones[0].state for days in (5, 3)] == [State.OPEN, State.CLOSED]


def test_sprints_are_grouped_as_they_would_have_been(space: Any) -> None:
    """The second repository gave its milestone the same end only later."""
    space.milestone("1.0", due=date(2026, 5, 15))
    other = space.milestone("spring", due=date(2026, 5, 15), repository="o/s", updated_at=ago(2))
    space.versions += [replace(other, due_on=date(2026, 6, 1), updated_at=ago(9)), other]
    snapshot = snapshot_of(space)
    assert len(group_sprints(snapshot, NOW)) == 1
    assert len(group_sprints(as_of(snapshot, ago(3)), ago(3))) == 2


# --- the rest


def test_a_run_that_finished_later_was_running(space: Any, back: Any) -> None:
    run = WorkflowRun(
        repository_id=1, repository="o/r", id=1, name="tests", head_sha="a", head_branch="main", event="push",
        status="completed", conclusion="failure", started_at=ago(3), finished_at=ago(2), url="", observed_at=NOW,
    )  # fmt: skip
    space.runs.append(run)
    space.check("a", "failure", 3, finished_at=ago(2))
    then = back(2.5)
    assert [(r.status, r.conclusion, r.red) for r in then.runs] == [("in_progress", None, False)]
    assert [(c.status, c.conclusion) for c in then.checks] == [("in_progress", None)]
    assert back(1).runs == (run,)
    assert back(4).runs == back(4).checks == ()


def test_releases_deployments_and_branches_of_later_are_not_there() -> None:
    base: dict[str, Any] = {"repository_id": 1, "repository": "o/r", "url": "", "observed_at": NOW}
    release = Release(
        id=1, tag="v1", name="", draft=False, prerelease=False, author=None, created_at=ago(9), published_at=ago(2),
        **base,
    )  # fmt: skip
    deployed = Deployment(
        id=1, sha="a", ref="main", environment="live", state="success", created_at=ago(5), updated_at=ago(2), **base
    )
    branches = BranchList(repository_id=1, repository="o/r", branches=(Branch("main", "a"),), observed_at=NOW)
    snapshot = Snapshot(releases=(release,), deployments=(deployed,), branches=(branches,))
    then = as_of(snapshot, ago(3))
    assert (then.releases, then.branches) == ((), ())
    assert [(d.state, d.updated_at) for d in then.deployments] == [("", ago(5))]
    assert as_of(snapshot, NOW) == snapshot


def test_links_follow_their_events_and_lead_nowhere_that_was_not_there(space: Any, back: Any) -> None:
    item, blocker = space.issue(1), space.issue(2)
    space.issue(3, created_at=ago(2))
    space.link(item, LinkKind.BLOCKED_BY, ItemRef("o/r", 2), ItemRef("o/r", 3))
    assert [[t.number for t in link.targets] for link in back(4).links] == [[2]]
    space.event(item, "blocked_by_added", 3, f"o/r#{blocker.number}")
    assert back(4).links == ()


def test_who_came_into_an_iteration_later_was_in_none(space: Any, back: Any) -> None:
    space.iteration("Iteration 1", date(2026, 5, 1), space.issue(1), since=ago(2))
    (board,) = back(3).boards
    assert board.items[0].iteration_id is None
    assert back(1).boards[0].items[0].iteration_id is not None


# --- properties


def moments() -> st.SearchStrategy[datetime]:
    return st.integers(0, 40).map(lambda hour: START + timedelta(hours=hour))


KINDS = (
    "closed", "reopened", "merged", "milestoned", "demilestoned", "labeled", "unlabeled", "assigned", "unassigned",
    "review_requested", "review_request_removed", "ready_for_review", "convert_to_draft", "renamed",
)  # fmt: skip
SUBJECTS = {"milestoned": ("a", "b"), "demilestoned": ("a", "b"), "renamed": ("x → y", "y → x")}


@st.composite
def items(draw: st.DrawFn, number: int) -> WorkItem:
    created, closed = draw(moments()), draw(st.none() | moments())
    kind = draw(st.sampled_from(ItemKind))
    return WorkItem(
        repository_id=1, repository="o/r", number=number, kind=kind, title=draw(st.sampled_from("xy")), body="",
        state=State.CLOSED if closed else State.OPEN, state_reason=None, author=ANN,
        assignees=draw(st.sampled_from([(), (ANN,), (BEN, ANN)])), labels=draw(st.sampled_from([(), ("l", "k")])),
        milestone_number=draw(st.sampled_from([None, 1, 2])), created_at=created, updated_at=draw(moments()),
        closed_at=closed, url="", observed_at=NOW, merged_at=closed if kind is ItemKind.PULL_REQUEST else None,
        requested_reviewers=draw(st.sampled_from([(), (BEN,)])) if kind is ItemKind.PULL_REQUEST else (),
    )  # fmt: skip


@st.composite
def events(draw: st.DrawFn, number: int) -> ItemEvent:
    kind = draw(st.sampled_from(KINDS))
    subject = draw(st.sampled_from(SUBJECTS.get(kind, ("ann", "ben", "l"))))
    return ItemEvent(
        repository_id=1, repository="o/r", id=number, item_number=draw(st.integers(1, 3)), kind=kind, actor=BEN,
        subject=subject, created_at=draw(moments()), observed_at=NOW,
    )  # fmt: skip


@st.composite
def milestones(draw: st.DrawFn, number: int) -> list[Milestone]:
    """All versions of one milestone, the newest last; what is closed says so from then on or not at all."""
    created = draw(st.integers(0, 20))
    stamps = sorted(draw(st.sets(st.integers(created, 40), min_size=1, max_size=3)))
    made = []
    for stamp in stamps:
        closed = draw(st.none() | st.integers(created, stamp))
        made.append(
            Milestone(
                repository_id=1, repository="o/r", id=number, number=number, title=draw(st.sampled_from("ab")),
                description="", state=State.OPEN if closed is None else State.CLOSED,
                due_on=draw(st.none() | st.just(date(2026, 1, 2)) | st.just(date(2026, 1, 3))),
                created_at=START + timedelta(hours=created), updated_at=START + timedelta(hours=stamp),
                closed_at=None if closed is None else START + timedelta(hours=closed), url="", observed_at=NOW,
            )
        )  # fmt: skip
    return made


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    versions = [draw(milestones(number)) for number in (1, 2)]
    board_items = tuple(
        BoardItem(
            id=str(n), repository_id=1, item_number=n, iteration_id="i", status="Done", points=None,
            updated_at=draw(moments()), since=draw(st.none() | moments()),
        )
        for n in (1, 2)
    )  # fmt: skip
    board = Board(
        id="b", number=1, owner="o", title="", url="", closed=False, updated_at=draw(moments()), iterations=(),
        items=board_items, observed_at=NOW,
    )  # fmt: skip
    return Snapshot(
        items=tuple(draw(items(number)) for number in (1, 2, 3)),
        events=tuple(draw(events(number)) for number in range(draw(st.integers(0, 8)))),
        milestones=tuple(one[-1] for one in versions),
        milestone_versions=tuple(version for one in versions for version in one[draw(st.integers(0, 1)) :]),
        boards=(board,),
    )


@given(snapshots(), moments(), moments())
@settings(max_examples=150)
def test_two_steps_back_end_where_one_does(snapshot: Snapshot, one: datetime, two: datetime) -> None:
    earlier, later = sorted((one, two))
    known = everybody(snapshot)
    assert as_of(as_of(known, later), earlier) == as_of(known, earlier)
    assert as_of(as_of(known, earlier), later) == as_of(known, earlier)


@given(snapshots(), moments())
def test_nothing_of_later_is_in_what_was(snapshot: Snapshot, moment: datetime) -> None:
    assert all(at <= moment for at in stamps(as_of(snapshot, moment)))


@given(snapshots())
def test_now_is_as_it_is(snapshot: Snapshot) -> None:
    assert as_of(snapshot, START + timedelta(days=9)) == snapshot


def everybody(snapshot: Snapshot) -> Snapshot:
    """With an old item that names everybody, because whom a login belongs to is no news."""
    first = replace(
        snapshot.items[0], number=9, created_at=START - timedelta(days=1), updated_at=START - timedelta(days=1),
        assignees=(ANN, BEN), closed_at=None, merged_at=None, state=State.OPEN, milestone_number=None,
    )  # fmt: skip
    return replace(snapshot, items=(*snapshot.items, first))


def stamps(record: Any) -> Iterator[datetime]:
    """Every moment in a record, apart from when the program read it."""
    if isinstance(record, datetime):
        yield record
    elif is_dataclass(record):
        for field in fields(record):
            if field.name not in ("observed_at", "items_by_id"):
                yield from stamps(getattr(record, field.name))
    elif isinstance(record, Iterable) and not isinstance(record, str):
        for one in record:
            yield from stamps(one)


def test_ten_thousand_items_are_looked_back_at_one_by_one(space: Any) -> None:
    """Processor time, of which 0.1 s is needed: going over all items for each item would take minutes."""
    item = space.issue(1, updated_at=ago(1), closed=ago(1))
    kinds = ("milestoned", "labeled", "closed")
    made = [replace(item, number=n, created_at=ago(9)) for n in range(1, 10_001)]
    event = space.event(item, "closed", 1, "1.0")
    happened = [
        replace(event, id=n * 3 + k, item_number=n, kind=kind, created_at=ago(3 - k))
        for n in range(1, 10_001)
        for k, kind in enumerate(kinds)
    ]
    snapshot = Snapshot(items=tuple(made), events=tuple(happened))
    begun = time.process_time()
    assert sum(i.is_open for i in as_of(snapshot, ago(2)).items) == 10_000
    assert time.process_time() - begun < 5.0
