"""Whatever the order and repetition of pages, the store ends in the same snapshot."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.repository_facts import ItemRef, LinkKind
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Person, State
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store

HOURS = st.integers(0, 3)
LOGINS = st.sampled_from(["ada", "lovelace"])
TARGETS = st.lists(st.sampled_from([ItemRef("o/r", 2), ItemRef("x/y", 9, "Other", "https://x/9")]), max_size=2)
KINDS = (
    "issue", "pull", "listed", "milestone", "comment", "review", "commit", "run", "event",
    "check", "release", "deployment", "branches", "links", "pull_commits", "board",
)  # fmt: skip
PLACED = st.dictionaries(st.integers(1, 2), st.sampled_from([None, "A", "B"]), min_size=1)


@st.composite
def records(draw: st.DrawFn, make: Any) -> Any:
    """One record of any kind; few keys, few moments and few values, so that they meet."""
    at, seen, number = draw(HOURS), draw(HOURS), draw(st.integers(1, 2))
    text, who = draw(st.sampled_from(["a", "b"])), Person(1, draw(LOGINS))
    state = draw(st.sampled_from(list(State)))
    churn = draw(st.sampled_from([None, 1, 2]))
    files = draw(st.sampled_from([None, (), ("a.py",), ("b.py",)]))
    kind = draw(st.sampled_from(KINDS))
    whole = {"title": text, "state": state, "author": who, "milestone_number": draw(st.sampled_from([None, 1]))}
    if kind == "issue":
        return make.item(number, at, seen, state_reason=draw(st.sampled_from([None, "completed"])), **whole)
    if kind == "pull":
        known = {"draft": draw(st.booleans()), "additions": churn, "files": files, "requested_reviewers": (who,)}
        return make.pull(number + 2, at, seen, head_sha=text, **known, **whole)
    if kind == "listed":
        merged = draw(st.sampled_from([None, make.hour(1)]))
        return make.pull_as_issue(number + 2, at, seen, merged_at=merged, **whole)
    if kind == "milestone":
        due = draw(st.sampled_from([None, make.hour(24).date(), make.hour(48).date()]))
        return make.milestone(number, at, seen, title=text, state=state, due_on=due)
    return {
        "comment": lambda: make.comment(number, at, seen, body=text, author=who, item_number=draw(st.integers(1, 5))),
        "review": lambda: make.review(number, seen, verdict=text, author=who, item_number=number + 2),
        "commit": lambda: make.commit(text, seen, author=who, additions=churn, deletions=churn),
        "run": lambda: make.run(number, seen, status=text, finished_at=draw(st.sampled_from([None, make.hour(2)]))),
        "event": lambda: make.event(number, seen, actor=who, subject=text, item_number=number),
        "check": lambda: make.check(number, seen, sha="a", name=text, conclusion=draw(st.sampled_from([None, text]))),
        "release": lambda: make.release(number, seen, name=text, author=who),
        "deployment": lambda: make.deployment(number, at, seen, state=text),
        "branches": lambda: make.branches("main", text, seen=seen),
        "links": lambda: make.links(number, *draw(TARGETS), seen=seen, kind=draw(st.sampled_from(LinkKind))),
        "pull_commits": lambda: make.pull_commits(
            number + 2, *(make.pull_commit(one, author=who) for one in draw(st.permutations([text, "c"]))), seen=seen
        ),
        "board": lambda: make.board(draw(PLACED), seen, title=text),
    }[kind]()


@st.composite
def workspaces(draw: st.DrawFn, make: Any) -> list[Page]:
    """Pages with the moment of their answer, among them renames, deletions and the end of the list."""
    pages = []
    for _ in range(draw(st.integers(1, 6))):
        found = tuple(draw(st.lists(records(make), max_size=4)))
        if draw(st.booleans()):
            found += (make.repo(draw(st.sampled_from(["o/r", "o/new"]))),)
        gone = tuple(draw(st.lists(st.sampled_from(["issue:o/r#1", "pr:o/r#3", "milestone:o/r#1"]), max_size=1)))
        cursor = make.cursor(complete=draw(st.booleans()))
        pages.append(make.page(*found, gone=gone, cursor=cursor, observed_at=make.hour(draw(HOURS))))
    return [make.page(make.repo(), observed_at=make.hour(0)), *pages]


@cache
def empty_database() -> bytes:
    """A migrated file with nothing in it: making one takes longer than filling it."""
    with tempfile.TemporaryDirectory() as made:
        folder = DataFolder(Path(made))
        Store.open(folder).close()
        return folder.database.read_bytes()


def result(pages: list[Page]) -> tuple[Snapshot, object]:
    """What is shown of these pages, and the names ada was seen under."""
    with tempfile.TemporaryDirectory() as made:
        folder = DataFolder(Path(made))
        folder.database.write_bytes(empty_database())
        with Store.open(folder) as store:
            for done in [store.apply(page) for page in pages]:
                done.result()
            return store.snapshot(), store.person_names(1)


@pytest.mark.timeout(600)
@settings(deadline=None, max_examples=50, derandomize=True)
@given(data=st.data())
def test_any_order_and_repetition_of_pages_ends_in_the_same_snapshot(make: Any, data: st.DataObject) -> None:
    pages = data.draw(workspaces(make))
    again = data.draw(st.lists(st.sampled_from(pages), max_size=4))
    shuffled = data.draw(st.permutations(pages + again))
    assert result(shuffled) == result(pages)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(data=st.data())
def test_how_records_are_cut_into_pages_does_not_matter(make: Any, data: st.DataObject) -> None:
    found = data.draw(st.lists(records(make), min_size=2, max_size=10))
    whole = [make.page(make.repo(), *found)]
    pieces = [make.page(record) for record in reversed(found)]
    assert result([*pieces, make.page(make.repo())]) == result(whole)


def test_the_snapshot_is_in_a_fixed_order(store: Store, make: Any) -> None:
    for repository_id, name in ((42, "z/z"), (7, "a/a")):
        repo = replace(make.repo(name), id=repository_id)
        rows = [replace(r, repository_id=repository_id) for n in (3, 1, 2) for r in (make.item(n), make.comment(n))]
        store.apply(make.page(repo, *rows, repository_id=repository_id)).result()
    seen = store.snapshot()
    expected = [f"{name}#{n}" for name in ("a/a", "z/z") for n in (1, 2, 3)]
    assert [item.reference for item in seen.items] == expected
    assert [f"{c.repository}#{c.id}" for c in seen.comments] == expected
