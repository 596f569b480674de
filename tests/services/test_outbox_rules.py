"""What makes no sense is refused before it is kept, in words that say what to do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from galaxy_desktop.domain import change_making as wish
from galaxy_desktop.domain.changes import Change, ChangeKind
from galaxy_desktop.domain.work import ItemKind, Label, Milestone, Repository, State
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.outbox_rules import Known, sensible
from tests.services.outbox_world import NOW, Clock, WritableGitHub

REPOSITORY = Repository(id=1, full_name="o/r", url="https://github.com/o/r")
ITEM = WritableGitHub(Clock()).record()
PULL = replace(ITEM, kind=ItemKind.PULL_REQUEST)
CLOSED = replace(ITEM, state=State.CLOSED)


def milestone(number: int, state: State) -> Milestone:
    return Milestone(
        repository_id=1, repository="o/r", id=number, number=number, title=f"Sprint {number}", description="",
        state=state, due_on=None, created_at=NOW, updated_at=NOW, closed_at=None, url="", observed_at=NOW,
    )  # fmt: skip


KNOWN = Known(
    repository=REPOSITORY,
    item=ITEM,
    labels=(Label(repository_id=1, id=1, name="Bug"),),
    milestones={1: milestone(1, State.OPEN), 2: milestone(2, State.CLOSED)},
)
RIGHT = (
    wish.close(ITEM, NOW),
    wish.close(ITEM, NOW, reason="not_planned"),
    wish.retitle(ITEM, "x" * 256, NOW),
    wish.rewrite(ITEM, "", NOW),
    wish.rewrite(ITEM, "ä" * 65_536, NOW),
    wish.relabel(ITEM, NOW, add=["bug"]),
    wish.reassign(ITEM, NOW, add=["ada", "dependabot[bot]"]),
    wish.plan(ITEM, 1, NOW),
    wish.comment(ITEM, "hello", NOW),
    wish.new_issue(REPOSITORY, "New", "", NOW, labels=["Bug"], milestone=1),
)


@pytest.mark.parametrize("change", RIGHT, ids=lambda change: f"{change.kind}")
def test_what_makes_sense_is_kept_as_it_is(change: Change) -> None:
    assert sensible(change, KNOWN) == change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (wish.comment(ITEM, " \n ", NOW), "The comment is empty"),
        (wish.comment(ITEM, "x" * 65_537, NOW), "The text has 65,537 characters; GitHub takes 65,536. Shorten it."),
        (wish.rewrite(ITEM, "x" * 65_537, NOW), "Shorten it"),
        (wish.rewrite(ITEM, ITEM.body + "\r\n", NOW), "changes nothing in o/r#7"),
        (wish.retitle(ITEM, "  ", NOW), "The title is empty"),
        (wish.retitle(ITEM, "x" * 257, NOW), "has 257 characters"),
        (wish.retitle(ITEM, "a\nb", NOW), "A title is one line"),
        (wish.retitle(ITEM, ITEM.title, NOW), "changes nothing"),
        (wish.reopen(ITEM, NOW), "changes nothing"),
        (wish.relabel(ITEM, NOW, add=["nope"]), "o/r has no label “nope”"),
        (wish.relabel(ITEM, NOW, remove=["Bug"]), "changes nothing"),
        (wish.reassign(ITEM, NOW, add=["not a login"]), "“not a login” is not a name"),
        (wish.reassign(ITEM, NOW, add=[f"dev{n}" for n in range(11)]), "takes 10 assignees; these are 11"),
        (wish.plan(ITEM, 2, NOW), "The milestone “Sprint 2” is closed. Choose an open one."),
        (wish.plan(ITEM, 9, NOW), "o/r has no milestone 9"),
        (wish.plan(ITEM, None, NOW), "changes nothing"),
        (wish.close(ITEM, NOW, reason="bored"), "“closed:bored” is not a state"),
        (wish.new_issue(REPOSITORY, "", "text", NOW), "The title is empty"),
        (wish.new_issue(REPOSITORY, "New", "", NOW, labels=["nope"]), "no label “nope”"),
        (replace(RIGHT[0], mine=("a",)), "Write a text"),
        (replace(RIGHT[5], mine="bug"), "one by one"),
        (replace(RIGHT[7], mine="1"), "by its number"),
    ],
)
def test_what_makes_no_sense_is_refused(change: Change, words: str) -> None:
    with pytest.raises(WrongUseError) as raised:
        sensible(change, KNOWN)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"repository": None}, "o/r is not tracked"),
        ({"repository": replace(REPOSITORY, archived=True)}, "archived and read-only"),
        ({"item": None}, "o/r#7 is not stored. Sync o/r first."),
    ],
)
def test_what_is_not_known_cannot_be_changed(known: dict[str, Any], words: str) -> None:
    with pytest.raises(WrongUseError, match=words):
        sensible(wish.close(ITEM, NOW), replace(KNOWN, **known))


def test_no_issue_where_issues_are_off() -> None:
    off = replace(KNOWN, repository=replace(REPOSITORY, has_issues=False))
    with pytest.raises(WrongUseError, match="switched off"):
        sensible(wish.new_issue(REPOSITORY, "New", "", NOW), off)


def test_a_pull_request_is_closed_without_a_reason_and_stays_merged() -> None:
    known = replace(KNOWN, item=PULL)
    assert sensible(wish.close(PULL, NOW), known)
    with pytest.raises(WrongUseError, match="closed without a reason"):
        sensible(wish.close(PULL, NOW, reason="not_planned"), known)
    merged = replace(PULL, state=State.CLOSED, merged_at=NOW)
    with pytest.raises(WrongUseError, match="was merged"):
        sensible(wish.reopen(merged, NOW), replace(KNOWN, item=merged))


def test_the_reason_of_what_is_closed_cannot_be_changed() -> None:
    with pytest.raises(WrongUseError, match="only after reopening"):
        sensible(wish.close(CLOSED, NOW, reason="not_planned"), replace(KNOWN, item=CLOSED))


def test_it_is_kept_under_the_present_name_and_without_what_no_file_holds() -> None:
    renamed = replace(KNOWN, repository=replace(REPOSITORY, full_name="o/new"))
    kept = sensible(wish.comment(ITEM, "a\x00b\ud800c", NOW), renamed)
    assert (kept.repository, kept.mine) == ("o/new", "ab?c")


def test_every_kind_of_change_is_tried_here() -> None:
    assert {change.kind for change in RIGHT} == set(ChangeKind)
