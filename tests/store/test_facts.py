"""Checks, releases, deployments, branches and links: newest wins, whole lists are replaced, no more than asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.repository_facts import CheckSource, ItemRef, LinkKind
from galaxy_desktop.domain.work import Person, State
from galaxy_desktop.store import snapshot_facts
from galaxy_desktop.store.database import Store

OTHER = ItemRef("x/y", 9, "Elsewhere", "https://x/9")


def put(store: Store, make: Any, *records: Any, **more: Any) -> None:
    store.apply(make.page(*records, **more)).result()


def test_every_kind_of_fact_comes_back_as_it_was(filled: Store, make: Any) -> None:
    records = (
        make.check(),
        make.check(2, source=CheckSource.STATUS, name="ci/old", status="pending", conclusion=None, finished_at=None),
        make.release(),
        make.deployment(),
        make.branches("dev", "main"),
        make.links(1, OTHER, ItemRef("o/r", 2)),
    )
    put(filled, make, make.commit(), *records)
    seen = filled.snapshot()
    found = (seen.checks, seen.releases, seen.deployments, seen.branches, seen.links)
    assert tuple(one for group in found for one in group) == records


def test_commits_of_a_pull_request_come_back_as_they_were_and_are_not_the_branchs(filled: Store, make: Any) -> None:
    commits = (
        make.pull_commit("b", 2, message="\ud83d\n\nFixes #1", author=Person(9, "zoe")),
        make.pull_commit("a", 1, author=None),
    )
    record = make.pull_commits(3, *commits, total=300)
    put(filled, make, make.pull(3), record)
    seen = filled.snapshot()
    assert seen.pull_commits == (replace(record, commits=(replace(commits[0], message="?\n\nFixes #1"), commits[1])),)
    assert seen.commits == ()


def test_a_commit_that_a_force_push_dropped_is_gone(filled: Store, make: Any) -> None:
    put(filled, make, make.pull(3), make.pull_commits(3, make.pull_commit("a"), make.pull_commit("b"), seen=1))
    put(filled, make, make.pull_commits(3, make.pull_commit("c"), seen=2))
    put(filled, make, make.pull_commits(3, make.pull_commit("a"), seen=0))
    (found,) = filled.snapshot().pull_commits
    assert [one.sha for one in found.commits] == ["c"]


def test_commits_are_those_of_pull_requests_that_something_asks_for(filled: Store, make: Any) -> None:
    closed = {"state": State.CLOSED, "closed_at": make.hour(1)}
    put(filled, make, make.pull(1), make.pull(2, **closed), make.pull(3, milestone_number=1, **closed), make.pull(4))
    put(filled, make, *(make.pull_commits(n, make.pull_commit()) for n in range(1, 6)), gone=("pr:o/r#4",))
    assert [one.item_number for one in filled.snapshot().pull_commits] == [1, 3]


def test_a_newer_whole_list_replaces_an_older_one_and_never_the_other_way(filled: Store, make: Any) -> None:
    put(filled, make, make.branches("main", "gone", seen=1), make.links(1, OTHER, seen=1))
    put(filled, make, make.branches("main", seen=2), make.links(1, seen=2))
    put(filled, make, make.branches("older", seen=0), make.links(1, OTHER, seen=0))
    seen = filled.snapshot()
    assert [branch.name for branch in seen.branches[0].branches] == ["main"]
    assert seen.links == ()


def test_both_kinds_of_links_of_an_item_stand_side_by_side(filled: Store, make: Any) -> None:
    put(filled, make, make.links(1, OTHER), make.links(1, ItemRef("o/r", 2), kind=LinkKind.SUB_ISSUE))
    assert [one.kind for one in filled.snapshot().links] == [LinkKind.BLOCKED_BY, LinkKind.SUB_ISSUE]


def test_links_of_an_item_that_is_gone_are_gone(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1), make.links(1, OTHER))
    put(filled, make, gone=("issue:o/r#1",), observed_at=make.hour(1))
    assert filled.snapshot().links == ()


@pytest.mark.parametrize("made", ["release", "deployment"])
def test_what_was_deleted_counts_no_more_until_it_is_seen_again(filled: Store, make: Any, made: str) -> None:
    put(filled, make, getattr(make, made)(5))
    put(filled, make, gone=(f"{made}:o/r#5",), observed_at=make.hour(1))
    assert getattr(filled.snapshot(), f"{made}s") == ()
    put(filled, make, getattr(make, made)(5, seen=2))
    assert len(getattr(filled.snapshot(), f"{made}s")) == 1


def test_checks_are_those_of_open_pull_requests_and_of_the_newest_commits(
    filled: Store, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_facts, "NEWEST_COMMITS", 2)
    commits = [make.commit(f"sha{n}", committed_at=make.hour(n)) for n in range(4)]
    pulls = (make.pull(1, head_sha="open"), make.pull(2, head_sha="closed", state=State.CLOSED))
    shas = ("open", "closed", "sha0", "sha1", "sha2", "sha3", "unknown")
    checks = [make.check(n, sha=sha) for n, sha in enumerate(shas)]
    put(filled, make, *commits, *pulls, *checks)
    assert [one.sha for one in filled.snapshot().checks] == ["open", "sha2", "sha3"]


def test_a_check_that_ran_again_counts_once_with_its_last_result(filled: Store, make: Any) -> None:
    put(filled, make, make.commit(), make.check(1, seen=1, conclusion="failure"))
    put(filled, make, make.check(2, seen=2))
    assert [one.conclusion for one in filled.snapshot().checks] == ["success"]


def test_checks_of_one_name_that_are_listed_together_all_count(filled: Store, make: Any) -> None:
    """Two workflows may name a job alike: a failure of one must not hide behind the other."""
    put(filled, make, make.commit(), make.check(1, seen=1, conclusion="failure"), make.check(2, seen=1))
    assert [one.red for one in filled.snapshot().checks] == [True, False]


def test_facts_of_an_untracked_repository_are_shown_nowhere(filled: Store, make: Any) -> None:
    put(filled, make, make.commit(), make.check(), make.release(), make.branches("main"), make.board({1: "A"}))
    filled.untrack("o/r").result()
    seen = filled.snapshot()
    assert (seen.checks, seen.releases, seen.branches, seen.boards) == ((),) * 4


def test_facts_are_sorted_by_repository_then_by_their_number(store: Store, make: Any) -> None:
    for repository_id, name in ((42, "z/z"), (7, "a/a")):
        rows = [replace(make.release(n), repository_id=repository_id) for n in (3, 1, 2)]
        repo = replace(make.repo(name), id=repository_id)
        put(store, make, repo, *rows, repository_id=repository_id)
    assert [f"{r.repository}#{r.id}" for r in store.snapshot().releases] == [
        f"{name}#{n}" for name in ("a/a", "z/z") for n in (1, 2, 3)
    ]


def test_a_release_without_an_author_or_date_is_a_draft_of_nobody(filled: Store, make: Any) -> None:
    draft = make.release(draft=True, author=None, published_at=None)
    put(filled, make, draft)
    assert filled.snapshot().releases == (draft,)


def test_every_login_of_a_person_is_kept_with_its_time(filled: Store, make: Any) -> None:
    for seen, login in ((2, "lovelace"), (0, "ada"), (1, "ada"), (3, "lovelace")):
        put(filled, make, make.item(1, seen=seen, author=Person(1, login)))
    assert filled.person_names(1) == (
        ("ada", make.hour(0), make.hour(1)),
        ("lovelace", make.hour(2), make.hour(3)),
    )
    assert filled.person_names(99) == ()


def test_both_names_in_one_page_are_kept(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1, author=Person(1, "ada")), make.item(2, seen=1, author=Person(1, "lovelace")))
    assert [name for name, _, _ in filled.person_names(1)] == ["ada", "lovelace"]


def test_history_is_complete_when_what_lies_behind_the_newest_part_was_read_too(filled: Store, make: Any) -> None:
    put(filled, make, cursor=make.cursor(complete=True))
    put(filled, make, cursor=make.cursor(complete=False, entity="issues:history"))
    assert not filled.snapshot().history_complete
    put(filled, make, cursor=make.cursor(complete=True, entity="issues:history"))
    assert filled.snapshot().history_complete


def test_moments_of_facts_come_back_in_utc(filled: Store, make: Any) -> None:
    put(filled, make, make.release())
    assert filled.snapshot().releases[0].created_at.utcoffset() == timedelta(0)
