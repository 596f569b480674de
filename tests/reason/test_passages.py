"""Only the words that were current at the moment can be quoted, and a removal says when others were."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.domain.work import Comment, ItemKind, State, WorkItem
from galaxy_desktop.reason.ground import Grounded, check
from galaxy_desktop.reason.passages import wording

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
ITEM, COMMENT = "pr:o/r#7", "comment:o/r#5"
FACTS = {ITEM: ["o/r#7 has been idle for 4 days"], COMMENT: ["o/r#7 has been idle for 4 days"]}


def _item(title: str, hours: int, body: str = "") -> WorkItem:
    at = NOW + timedelta(hours=hours)
    fields: dict[str, Any] = dict.fromkeys(WorkItem.__dataclass_fields__, None)
    fields |= {"repository": "o/r", "number": 7, "kind": ItemKind.PULL_REQUEST, "title": title, "body": body}
    fields |= {"updated_at": at, "created_at": at, "observed_at": at, "state": State.OPEN}
    return WorkItem(**fields)


@pytest.fixture
def versions() -> dict[str, list[WorkItem]]:
    titles = [("Write a parser", -50), ("Add parser for 3 dialects", -2), ("Add parser for 4 dialects", 5)]
    return {ITEM: [_item(title, hours, "It reads *all* dialects.") for title, hours in titles]}


def _comment(body: str, created: int, updated: int) -> Comment:
    fields: dict[str, Any] = dict.fromkeys(Comment.__dataclass_fields__, None)
    fields |= {"repository": "o/r", "id": 5, "item_number": 7, "body": body, "review": False}
    fields |= {"created_at": NOW + timedelta(hours=created), "updated_at": NOW + timedelta(hours=updated)}
    return Comment(**fields)


def _judge(text: str, versions: dict[str, list[WorkItem]], moment: datetime, *comments: Comment) -> Grounded:
    said = wording([versions[ITEM][-1]], comments, moment, versions)
    cited = (ITEM, COMMENT) if comments else (ITEM,)
    return check([Sentence(text, cited)], FACTS, quotes=said.current, outdated=said.outdated)


@pytest.mark.parametrize(
    ("hours", "title"),
    [(-10, "Write a parser"), (0, "Add parser for 3 dialects"), (9, "Add parser for 4 dialects")],
)
def test_the_title_of_then_is_quotable_and_no_other(
    versions: dict[str, list[WorkItem]], hours: int, title: str
) -> None:
    moment = NOW + timedelta(hours=hours)
    for other in versions[ITEM]:
        judged = _judge(f'PR #7, "{other.title}", has been idle for 4 days.', versions, moment)
        assert bool(judged.kept) is (other.title == title)


def test_a_removed_quotation_of_another_version_says_so(versions: dict[str, list[WorkItem]]) -> None:
    judged = _judge('PR #7, "Add parser for 4 dialects", has been idle for 4 days.', versions, NOW)
    assert judged.removed[0].reason == "quotes words that were not current then"


def test_words_out_of_the_body_are_quotable_and_the_title_names_the_item(versions: dict[str, list[WorkItem]]) -> None:
    assert _judge('PR #7, "reads *all* dialects", has been idle for 4 days.', versions, NOW).kept
    assert _judge('"Add parser for 3 dialects" has been idle for 4 days.', versions, NOW).kept


def test_what_was_first_seen_later_is_not_quotable(versions: dict[str, list[WorkItem]]) -> None:
    early = NOW - timedelta(days=9)
    said = wording([versions[ITEM][-1]], [], early, versions)
    assert said.current == {}
    assert len(said.outdated[ITEM]) == 3


def test_without_versions_the_item_as_it_is_stands_for_itself() -> None:
    said = wording([_item("Add parser", -1, "Body")], [], NOW)
    assert (said.current, said.outdated) == ({ITEM: "Add parser\nBody"}, {})


@pytest.mark.parametrize(
    ("created", "updated", "quotable"), [(-2, -1, True), (-2, 3, False), (2, 3, False)], ids=["then", "edited", "later"]
)
def test_a_comment_is_quotable_while_it_was_not_edited_since(
    versions: dict[str, list[WorkItem]], created: int, updated: int, quotable: bool
) -> None:
    comment = _comment("We wait for the grammar team", created, updated)
    assert comment.evidence_id == COMMENT
    judged = _judge('#7, "wait for the grammar team", has been idle for 4 days.', versions, NOW, comment)
    said = wording([], [replace(comment)], NOW)
    assert (COMMENT in said.current) is quotable
    assert not judged.kept or quotable
