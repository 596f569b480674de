"""What a page does to the store: whole or nothing, newest wins, unknown never replaces known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta, timezone
from typing import Any

import pytest

from galaxy_desktop.domain.archived import FIRST_NUMBER
from galaxy_desktop.domain.sync import SyncStatus, Validator
from galaxy_desktop.domain.work import Label, Person, RepositoryState, State
from galaxy_desktop.store.database import Store


def put(store: Store, make: Any, *records: Any, **more: Any) -> None:
    store.apply(make.page(*records, **more)).result()


def test_every_kind_of_record_comes_back_as_it_was(filled: Store, make: Any) -> None:
    records = (
        make.milestone(),
        make.pull(1, files=("a.py", "b.py"), additions=3, deletions=0, draft=True, assignees=(Person(3, "eve"),)),
        make.comment(),
        make.review(),
        make.commit(additions=1, deletions=2),
        make.run(),
        make.event(),
    )
    put(filled, make, *records)
    seen = filled.snapshot()
    found = (seen.milestones, seen.items, seen.comments, seen.reviews, seen.commits, seen.runs, seen.events)
    assert tuple(one for group in found for one in group) == records
    assert seen.milestone_versions == seen.milestones


def test_a_page_that_fails_leaves_nothing(filled: Store, make: Any) -> None:
    page = make.page(make.item(1), cursor=make.cursor(), gone=("feature:x/y",))
    with pytest.raises(ValueError, match="nothing that can be gone"):
        filled.apply(page).result()
    assert filled.snapshot().items == ()
    assert filled.cursor(make.repo_id, "issues") is None


def test_a_page_that_fails_takes_no_other_with_it(filled: Store, make: Any) -> None:
    bad, good = filled.apply(make.page(gone=("nonsense",))), filled.apply(make.page(make.item(1)))
    assert good.result() is None
    assert bad.exception() is not None
    assert len(filled.snapshot().items) == 1


def test_cursor_validator_and_status_come_with_the_records(filled: Store, make: Any) -> None:
    status = SyncStatus(
        repository_id=make.repo_id,
        state=RepositoryState.WAITING,
        sentence="waiting for GitHub until 14:32",
        synced_at=make.hour(0),
        next_try_at=make.hour(1),
        offline_since=make.hour(2),
    )
    validator = Validator(repository_id=make.repo_id, url="/repos/o/r/issues", etag='"abc"')
    put(filled, make, cursor=make.cursor("2026"), validator=validator, status=status)
    assert filled.cursor(make.repo_id, "issues") == make.cursor("2026")
    assert filled.validator(make.repo_id, "/repos/o/r/issues") == validator
    assert filled.status(make.repo_id) == status


def test_what_is_not_stored_is_none(store: Store) -> None:
    assert store.cursor(1, "issues") is None
    assert store.validator(1, "/x") is None
    assert store.status(1) is None
    assert store.known_numbers(1) == frozenset()


def test_an_older_version_never_replaces_a_newer_one(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1, at=5, title="New"))
    put(filled, make, make.item(1, at=4, seen=9, title="Old"))
    assert filled.snapshot().items[0].title == "New"


def test_what_was_fetched_later_wins_between_versions_of_one_second(filled: Store, make: Any) -> None:
    """GitHub does not move `updated_at` for everything, such as a renamed label."""
    put(filled, make, make.item(1, seen=2, labels=("new",)))
    put(filled, make, make.item(1, seen=1, labels=("old",)))
    assert filled.snapshot().items[0].labels == ("new",)


def test_the_list_of_issues_never_blanks_what_the_list_of_pulls_told(filled: Store, make: Any) -> None:
    told = make.pull(7, at=1, seen=1, draft=True, requested_reviewers=(Person(3, "eve"),))
    put(filled, make, told)
    put(filled, make, make.pull_as_issue(7, at=2, seen=2, title="Renamed"))
    item = filled.snapshot().items[0]
    assert (item.title, item.head_sha, item.base_ref, item.draft) == ("Renamed", "c0ffee", "main", True)
    assert item.requested_reviewers == told.requested_reviewers


def test_a_size_is_kept_until_it_is_fetched_again(filled: Store, make: Any) -> None:
    put(filled, make, make.pull(7, at=1, additions=10, deletions=2, files=("a.py",)))
    put(filled, make, make.pull(7, at=2, head_sha="beef"))
    item = filled.snapshot().items[0]
    assert (item.head_sha, item.additions, item.deletions, item.files) == ("beef", 10, 2, ("a.py",))
    put(filled, make, make.pull(7, at=2, seen=3, head_sha="beef", additions=0, deletions=0, files=()))
    item = filled.snapshot().items[0]
    assert (item.additions, item.deletions, item.files) == (0, 0, ())


def test_a_draft_that_became_ready_is_ready(filled: Store, make: Any) -> None:
    put(filled, make, make.pull(7, at=1, draft=True))
    put(filled, make, make.pull(7, at=2, draft=False))
    assert filled.snapshot().items[0].draft is False


def test_a_merge_is_never_forgotten(filled: Store, make: Any) -> None:
    put(filled, make, make.pull(7, at=1, merged_at=make.hour(1), state=State.CLOSED))
    put(filled, make, make.pull_as_issue(7, at=2, state=State.CLOSED))
    assert filled.snapshot().items[0].delivered


def test_why_an_issue_was_closed_follows_its_newest_version(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1, at=1, state=State.CLOSED, state_reason="not_planned"))
    put(filled, make, make.item(1, at=2, state=State.OPEN, state_reason=None))
    assert filled.snapshot().items[0].state_reason is None


def test_a_rename_changes_the_name_of_everything(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1), make.milestone(1), make.comment(1), observed_at=make.hour(1))
    put(filled, make, make.repo("new/name"), observed_at=make.hour(2))
    seen = filled.snapshot()
    assert [r.full_name for r in filled.repositories()] == ["new/name"]
    assert seen.items[0].evidence_id == "issue:new/name#1"
    assert {seen.milestones[0].repository, seen.comments[0].repository} == {"new/name"}


def test_an_older_page_does_not_bring_an_older_name_back(filled: Store, make: Any) -> None:
    put(filled, make, make.repo("new/name"), observed_at=make.hour(2))
    put(filled, make, make.repo("o/r"), observed_at=make.hour(1))
    assert filled.repositories()[0].full_name == "new/name"


def test_a_name_given_to_a_new_repository_is_shown_once(filled: Store, make: Any) -> None:
    put(filled, make, replace(make.repo(), id=99), repository_id=99, observed_at=make.hour(2))
    assert [r.id for r in filled.repositories()] == [99]


def test_a_renamed_account_is_renamed_everywhere(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1, seen=1, author=Person(1, "ada")))
    put(filled, make, make.item(2, seen=2, author=Person(1, "lovelace")))
    put(filled, make, make.item(3, seen=0, author=Person(1, "adele")))
    assert {item.author for item in filled.snapshot().items} == {Person(1, "lovelace")}


def test_a_deleted_account_is_nobody(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1, author=None), make.event(1, actor=None))
    assert filled.snapshot().items[0].author is None
    assert filled.snapshot().events[0].actor is None


def test_every_version_of_a_milestone_is_kept_in_order(filled: Store, make: Any) -> None:
    days = (date(2026, 5, 10), date(2026, 5, 20), date(2026, 5, 15))
    for at in (2, 0, 1):
        put(filled, make, make.milestone(1, at=at, seen=at, due_on=days[at]))
    seen = filled.snapshot()
    assert tuple(v.due_on for v in seen.milestone_versions) == days
    assert [m.due_on for m in seen.milestones] == [days[2]]


def test_an_older_version_of_a_milestone_is_history_however_late_it_is_seen(filled: Store, make: Any) -> None:
    put(filled, make, make.milestone(1, at=2, seen=0, title="new"))
    put(filled, make, make.milestone(1, at=1, seen=9, title="old"))
    seen = filled.snapshot()
    assert [m.title for m in seen.milestones] == ["new"]
    assert [m.title for m in seen.milestone_versions] == ["old", "new"]


def test_polling_an_unchanged_milestone_adds_no_version(filled: Store, make: Any) -> None:
    for seen in range(3):
        put(filled, make, make.milestone(1, seen=seen))
    assert len(filled.snapshot().milestone_versions) == 1
    assert filled.snapshot().milestones[0].observed_at == make.hour(2)


def test_every_version_of_an_item_is_kept_in_order(filled: Store, make: Any) -> None:
    for at in (2, 0, 1):
        put(filled, make, make.item(1, at=at, seen=at, title=f"t{at}", labels=("x",), closed_at=make.hour(at)))
    put(filled, make, make.item(1, at=2, seen=5, title="t2", labels=("x",), closed_at=make.hour(2)))
    versions = filled.item_versions(make.repo_id, 1)
    assert [v.title for v in versions] == ["t0", "t1", "t2"]
    assert versions[2] == filled.snapshot().items[0]


def test_both_lists_tell_of_one_version_of_a_pull_request(filled: Store, make: Any) -> None:
    put(filled, make, make.pull(1), make.pull_as_issue(1, seen=1, state_reason="completed"))
    assert len(filled.item_versions(make.repo_id, 1)) == 1


def test_what_is_gone_is_kept_but_counts_nowhere(filled: Store, make: Any) -> None:
    hanging = (make.comment(1), make.review(1), make.event(1))
    put(filled, make, make.item(1), make.item(2), make.milestone(3), *hanging)
    put(filled, make, gone=("issue:o/r#1", "milestone:o/r#3"), observed_at=make.hour(1))
    seen = filled.snapshot()
    assert [item.number for item in seen.items] == [2]
    assert (seen.milestones, seen.milestone_versions, seen.comments, seen.reviews, seen.events) == ((),) * 5
    assert filled.known_numbers(make.repo_id) == {2}
    assert (filled.freshness()[0].items, filled.freshness()[0].comments) == (1, 0)


def test_what_is_seen_again_is_back(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1))
    put(filled, make, gone=("issue:o/r#1",), observed_at=make.hour(1))
    put(filled, make, make.item(1, seen=0.5))
    assert filled.snapshot().items == ()
    put(filled, make, make.item(1, seen=2))
    assert len(filled.snapshot().items) == 1


def test_a_label_that_is_gone_is_gone_for_good(filled: Store, make: Any) -> None:
    labels = tuple(Label(repository_id=make.repo_id, id=n, name=f"l{n}", color="", description="") for n in (1, 2))
    put(filled, make, *labels)
    put(filled, make, gone=("label:o/r#1",), observed_at=make.hour(1))
    put(filled, make, *labels)
    assert [label.id for label in filled.labels(make.repo_id)] == [2]


def test_gone_without_a_moment_counts_from_when_it_was_last_seen(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1, seen=1), gone=())
    put(filled, make, gone=("issue:o/r#1", "issue:o/r#2"))
    put(filled, make, make.item(1, seen=1))
    assert filled.snapshot().items == ()
    put(filled, make, make.item(1, seen=2))
    assert len(filled.snapshot().items) == 1


def test_records_may_come_before_their_repository(store: Store, make: Any) -> None:
    put(store, make, make.item(1), cursor=make.cursor())
    assert store.repositories() == ()
    assert store.snapshot().items == ()
    put(store, make, make.repo())
    assert store.snapshot().items[0].reference == "o/r#1"


def test_comments_of_finished_work_outside_sprints_are_left_out(filled: Store, make: Any) -> None:
    closed = {"state": State.CLOSED, "closed_at": make.hour(1)}
    put(filled, make, make.item(1), make.item(2, **closed), make.item(3, milestone_number=1, **closed))
    put(filled, make, *(make.comment(n, item_number=n) for n in (1, 2, 3, 4)))
    assert [c.item_number for c in filled.snapshot().comments] == [1, 3]
    assert filled.freshness()[0].comments == 4


def test_comments_on_diffs_count_their_ids_apart(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1), make.comment(5, body="talk"), make.comment(5, body="line", review=True))
    assert {(c.body, c.review) for c in filled.snapshot().comments} == {("talk", False), ("line", True)}


def test_moments_come_back_in_utc_and_equal(filled: Store, make: Any) -> None:
    local = make.hour(3).astimezone(timezone(timedelta(hours=5, minutes=30)))
    put(filled, make, make.item(1, updated_at=local))
    updated = filled.snapshot().items[0].updated_at
    assert updated == local
    assert updated.utcoffset() == timedelta(0)


def test_any_text_of_github_can_be_stored(filled: Store, make: Any) -> None:
    body = "crlf\r\n nul \x00 emoji 🚀 half \ud83d 'quote\" %s :x"
    put(filled, make, make.item(1, body=body), make.comment(1, body=body))
    assert filled.snapshot().items[0].body == body.replace("\ud83d", "?")


@pytest.mark.parametrize("ends", [("closed",), ("closed", "reopened"), ("merged", "closed")])
def test_what_is_open_is_counted_as_the_snapshot_shows_it(filled: Store, make: Any, ends: tuple[str, ...]) -> None:
    told = [
        make.event(FIRST_NUMBER + n, kind=kind, item_number=1, created_at=make.hour(1 + n))
        for n, kind in enumerate(ends)
    ]
    shut = make.pull(3, state=State.CLOSED, closed_at=make.hour(0))
    again = make.event(FIRST_NUMBER + 9, kind="reopened", item_number=3, created_at=make.hour(1))
    late = make.event(FIRST_NUMBER + 8, kind="closed", item_number=2, created_at=make.hour(1))
    filled.apply(make.page(make.pull(1), make.item(2), shut, *told, again, late)).result()
    assert filled.freshness()[0].open_items == sum(item.is_open for item in filled.snapshot().items)


def test_freshness_counts_in_words_what_is_there(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1), make.item(2, state=State.CLOSED), make.comment(1))
    fresh = filled.freshness()[0]
    assert (fresh.items, fresh.open_items, fresh.comments, fresh.sentence) == (2, 1, 1, "not synced yet")


def test_history_is_complete_once_every_list_of_issues_was_read_to_its_end(filled: Store, make: Any) -> None:
    assert not filled.snapshot().history_complete
    put(filled, make, cursor=make.cursor(complete=True))
    put(filled, make, cursor=make.cursor("again", complete=False))
    assert filled.snapshot().history_complete
    assert filled.cursor(make.repo_id, "issues").complete is False
    put(filled, make, replace(make.repo("o/wiki", has_issues=False), id=7), repository_id=7)
    assert filled.snapshot().history_complete


def test_labels_are_listed_by_name(filled: Store, make: Any) -> None:
    names = ("zeta", "alpha")
    put(filled, make, *(Label(repository_id=make.repo_id, id=i, name=n) for i, n in enumerate(names)))
    assert [label.name for label in filled.labels(make.repo_id)] == ["alpha", "zeta"]


def test_a_wish_is_fulfilled_by_its_repository_whatever_the_case(store: Store, make: Any) -> None:
    for name in ("O/R", "o/r", "x/y"):
        store.track(name).result()
    assert store.wanted() == ("O/R", "x/y")
    put(store, make, make.repo("o/r"))
    assert store.wanted() == ("x/y",)
    store.forget_wish("X/Y").result()
    assert store.wanted() == ()


def test_an_untracked_repository_is_shown_nowhere_and_can_come_back(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1))
    filled.untrack("O/R").result()
    put(filled, make, make.repo(), make.item(2))
    assert (filled.repositories(), filled.snapshot().items) == ((), ())
    filled.track("o/R").result()
    assert filled.wanted() == ()
    assert len(filled.snapshot().items) == 2
