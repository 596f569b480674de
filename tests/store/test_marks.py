"""How far collection is: marks, lists with their costs and counts, and names that GitHub did not show."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from galaxy_desktop.domain.repository_facts import ItemRef
from galaxy_desktop.domain.sync import EntityStatus
from galaxy_desktop.store.database import Store

REFUSED = "GitHub does not show x/y to this token."


def put(store: Store, make: Any, *records: Any, **more: Any) -> None:
    store.apply(make.page(*records, **more)).result()


def statuses(store: Store, make: Any) -> dict[str, EntityStatus]:
    return {one.entity: one for one in store.entity_statuses(make.repo_id, make.hour(0).date())}


def test_a_mark_moves_forward_only(filled: Store, make: Any) -> None:
    filled.mark_read(make.repo_id, {"issues": make.hour(2), "labels": make.hour(1)}).result()
    filled.mark_read(make.repo_id, {"issues": make.hour(1)}).result()
    filled.mark_read(make.repo_id, {}).result()
    found = {name: one.last_success_at for name, one in statuses(filled, make).items()}
    assert found == {"issues": make.hour(2), "labels": make.hour(1)}


def test_a_list_tells_its_cursor_and_what_it_cost_today(filled: Store, make: Any) -> None:
    put(filled, make, cursor=make.cursor("2026", complete=True))
    filled.log_exchanges([make.exchange(0), make.exchange(1, cost=2), make.exchange(48, cost=9)]).result()
    (one,) = statuses(filled, make).values()
    assert (one.position, one.complete, one.absent) == ("2026", True, False)
    assert (one.requests_today, one.quota_today, one.bytes_today) == (2, 3, 220)


def test_costs_under_an_earlier_name_count_too(filled: Store, make: Any) -> None:
    put(filled, make, make.repo("o/new"), cursor=make.cursor(), observed_at=make.hour(1))
    filled.log_exchanges(
        [make.exchange(), make.exchange(repository="O/New"), make.exchange(repository="o/r2")]
    ).result()
    assert statuses(filled, make)["issues"].requests_today == 2


def test_the_rows_of_each_list_are_counted(filled: Store, make: Any) -> None:
    records = (
        *(make.item(1), make.item(2), make.pull(3), make.comment(1), make.comment(1, review=True), make.milestone()),
        *(make.review(), make.commit(), make.run(), make.event(), make.check(), make.release(), make.deployment()),
        *(make.branches("a", "b"), make.links(1, ItemRef("x/y", 1), ItemRef("x/y", 2)), make.board({1: "A"})),
        make.pull_commits(3, make.pull_commit("a"), make.pull_commit("b")),
    )
    expected = {
        "issues": 3, "pulls": 1, "comments": 1, "review_comments": 1, "milestones": 1, "labels": 0, "reviews": 1,
        "commits": 1, "runs": 1, "events": 1, "checks": 1, "releases": 1, "deployments": 1, "branches": 2,
        "links": 2, "dependencies": 2, "sub_issues": 0, "projects": 1, "details": None,
        "pull_commits": 2,
    }  # fmt: skip
    put(filled, make, *records)
    filled.mark_read(make.repo_id, dict.fromkeys(expected, make.hour(0))).result()
    assert {name: one.rows for name, one in statuses(filled, make).items()} == expected


def test_what_is_gone_is_not_counted(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1), make.item(2), make.comment(1), cursor=make.cursor())
    put(filled, make, cursor=make.cursor(entity="comments"), gone=("issue:o/r#1",), observed_at=make.hour(1))
    assert {name: one.rows for name, one in statuses(filled, make).items()} == {"comments": 0, "issues": 1}


def test_a_list_that_is_not_offered_says_so(filled: Store, make: Any) -> None:
    for entity, note in (("a", '{"absent":"2026-05-01T09:00:00Z"}'), ("b", '{"absent":[]}'), ("c", "{"), ("d", "")):
        put(filled, make, cursor=replace(make.cursor(entity=entity), note=note))
    assert {name: one.absent for name, one in statuses(filled, make).items()} == {
        "a": True, "b": False, "c": False, "d": False,
    }  # fmt: skip


def test_a_list_that_is_refused_in_every_way_of_asking_is_not_offered(filled: Store, make: Any) -> None:
    refused = '{"absent":"2026-05-01T09:00:00Z"}'
    for entity, note in (("a", f'{{"graphql":{refused},"rest":{refused}}}'), ("b", f'{{"graphql":{refused}}}')):
        put(filled, make, cursor=replace(make.cursor(entity=entity), note=note))
    assert {name: one.absent for name, one in statuses(filled, make).items()} == {"a": True, "b": False}


def test_a_list_that_was_read_to_its_end_is_complete_also_without_a_position(filled: Store, make: Any) -> None:
    put(filled, make, cursor=make.cursor(entity="details", complete=False))
    filled.mark_read(make.repo_id, dict.fromkeys(("repository", "details"), make.hour(0))).result()
    assert {name: one.complete for name, one in statuses(filled, make).items()} == {
        "details": False, "repository": True,
    }  # fmt: skip


def test_why_a_list_or_a_part_of_it_is_not_offered_is_told(filled: Store, make: Any) -> None:
    refused = '{"absent":"2026-05-01T09:00:00Z","why":"Add Projects: read."}'
    for entity, note in (("a", refused), ("b", f'{{"commits":{{}},"status":{refused}}}'), ("c", '{"why":"old"}')):
        put(filled, make, cursor=replace(make.cursor(entity=entity), note=note))
    assert {name: (one.absent, one.why) for name, one in statuses(filled, make).items()} == {
        "a": (True, "Add Projects: read."), "b": (False, "Add Projects: read."), "c": (False, ""),
    }  # fmt: skip


def test_a_repository_nobody_knows_has_no_lists(store: Store, make: Any) -> None:
    store.mark_read(7, {"issues": make.hour(0)}).result()
    store.reconciled(7, make.hour(0)).result()
    assert store.entity_statuses(7, make.hour(0).date()) == ()
    assert store.reconciled_at(7) is None


def test_the_last_full_read_is_remembered(filled: Store, make: Any) -> None:
    assert filled.reconciled_at(make.repo_id) is None
    for hour in (1, 3, 2):
        filled.reconciled(make.repo_id, make.hour(hour)).result()
    assert filled.reconciled_at(make.repo_id) == make.hour(3)


def test_known_numbers_are_those_held_and_not_gone(filled: Store, make: Any) -> None:
    put(filled, make, make.item(1), make.pull(2), make.item(3))
    put(filled, make, gone=("issue:o/r#3",), observed_at=make.hour(1))
    assert filled.known_numbers(make.repo_id) == frozenset({1, 2})


def test_a_refused_name_stays_wanted_and_says_why(store: Store, make: Any) -> None:
    store.track("a/b").result()
    store.refuse_wish("X/Y", REFUSED, make.hour(0)).result()
    assert store.wishes() == (("a/b", ""), ("X/Y", REFUSED))
    assert store.wanted() == ("a/b", "X/Y")
    store.refuse_wish("x/y", "Try again.", make.hour(1)).result()
    assert store.wishes()[1] == ("X/Y", "Try again.")


def test_wishing_again_asks_again(store: Store, make: Any) -> None:
    store.refuse_wish("x/y", REFUSED, make.hour(0)).result()
    store.track("X/Y").result()
    assert store.wishes() == (("x/y", ""),)


def test_a_refusal_ends_with_the_wish(store: Store, make: Any) -> None:
    for name in ("o/r", "x/y"):
        store.refuse_wish(name, REFUSED, make.hour(0)).result()
    put(store, make, make.repo("o/r"))
    store.forget_wish("X/y").result()
    assert store.wishes() == ()
    store.track("x/y").result()
    assert store.wishes() == (("x/y", ""),)
