"""Wishes become changes: based on what is stored, the same wish twice is one change."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from galaxy_desktop.domain import change_making as wish
from galaxy_desktop.domain.changes import ChangeKind
from galaxy_desktop.domain.work import Person, Repository, State, WorkItem
from tests.services.outbox_world import NOW, Clock, WritableGitHub

ITEM: WorkItem = replace(
    WritableGitHub(Clock()).record(), labels=("ui", "Bug"), assignees=(Person(1, "grace"), Person(2, "ada"))
)


@pytest.mark.parametrize(
    ("state", "reason", "named"),
    [
        (State.OPEN, None, "open"),
        (State.OPEN, "reopened", "open"),
        (State.CLOSED, None, "closed"),
        (State.CLOSED, "completed", "closed"),
        (State.CLOSED, "not_planned", "closed:not_planned"),
        (State.CLOSED, "duplicate", "closed:duplicate"),
    ],
)
def test_a_state_has_one_name(state: State, reason: str | None, named: str) -> None:
    assert wish.state_of(replace(ITEM, state=state, state_reason=reason)) == named


def test_a_change_is_based_on_what_is_stored() -> None:
    made = [
        wish.close(ITEM, NOW),
        wish.retitle(ITEM, " New ", NOW),
        wish.rewrite(ITEM, "text", NOW),
        wish.relabel(ITEM, NOW, add=["new"], remove=["bug"]),
        wish.reassign(ITEM, NOW, add=["zoe"], remove=["ADA"]),
        wish.plan(ITEM, 3, NOW),
        wish.comment(ITEM, "hello", NOW),
    ]
    assert [(one.base, one.mine) for one in made] == [
        ("open", "closed"),
        ("Item 7", "New"),
        (ITEM.body, "text"),
        (("Bug", "ui"), ("new", "ui")),
        (("ada", "grace"), ("grace", "zoe")),
        (None, 3),
        ("", "hello"),
    ]
    assert {(one.repository_id, one.item_number, one.who, one.state) for one in made} == {(1, 7, "user", "draft")}


def test_a_label_that_is_there_in_another_case_is_not_added_twice() -> None:
    assert wish.relabel(ITEM, NOW, add=["bug"]).mine == ("Bug", "ui")


def test_a_new_issue_has_no_number_yet() -> None:
    repository = Repository(id=1, full_name="o/r", url="")
    made = wish.new_issue(repository, " New ", "text", NOW, labels=["b", "a", "b"], milestone=1, who="pm")
    assert (made.item_number, made.title, made.mine, made.labels) == (None, "New", "text", ("a", "b"))
    assert (made.target, made.who) == ("o/r", "pm")


def test_the_same_wish_at_the_same_moment_is_one_change_and_a_moment_later_another() -> None:
    once = wish.comment(ITEM, "hello", NOW)
    assert wish.comment(ITEM, "hello", NOW) == once
    others = [
        wish.comment(ITEM, "hello", NOW + timedelta(microseconds=1)),
        wish.comment(ITEM, "hallo", NOW),
        wish.comment(replace(ITEM, number=8), "hello", NOW),
        wish.comment(ITEM, "hello", NOW, who="pm"),
    ]
    assert len({once.id, *(one.id for one in others)}) == 5


def test_what_was_mailed_to_everybody_cannot_be_undone() -> None:
    assert set(ChangeKind) - wish.REVERSIBLE == {ChangeKind.COMMENT, ChangeKind.NEW_ISSUE}
