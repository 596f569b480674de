"""Evidence: an id that can be opened, and words that were really there."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.evidence import QUOTE_LENGTH, Evidence, excerpt, of_item, of_milestone, unique
from galaxy_desktop.domain.facts import Dependency, EdgeKind
from galaxy_desktop.domain.work import ItemKind, Milestone, State, WorkItem

SEEN = datetime(2026, 5, 6, tzinfo=UTC)


def _item(**changes: object) -> WorkItem:
    fields: dict[str, object] = {
        "repository_id": 1, "repository": "o/r", "number": 7, "kind": ItemKind.ISSUE, "title": "Save drafts", "body": "",
        "state": State.CLOSED, "state_reason": "completed", "author": None, "assignees": (), "labels": (),
        "milestone_number": None, "created_at": SEEN, "updated_at": SEEN, "closed_at": SEEN,
        "url": "https://github.example/o/r/issues/7", "observed_at": SEEN, **changes,
    }  # fmt: skip
    return WorkItem(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", ["", "issue", "person:ann", "issue: o/r#1", "external:feature"])
def test_an_id_that_nobody_could_open_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not an evidence id"):
        Evidence(bad, "issue", "", "words", SEEN)


def test_evidence_without_a_quote_is_refused() -> None:
    with pytest.raises(ValueError, match="without a quote"):
        Evidence("issue:o/r#1", "issue", "", "", SEEN)


@given(text=st.text())
def test_an_excerpt_is_one_short_line_that_is_never_empty(text: str) -> None:
    line = excerpt(text)
    assert 0 < len(line) <= QUOTE_LENGTH
    assert "\n" not in line


@given(text=st.text(alphabet="abc \n", max_size=QUOTE_LENGTH))
def test_a_short_text_is_quoted_whole(text: str) -> None:
    assert excerpt(text) in (" ".join(text.split()), "(empty)")


def test_an_item_is_cited_by_kind_repository_and_number() -> None:
    assert of_item(_item()).id == "issue:o/r#7"
    assert of_item(_item(kind=ItemKind.PULL_REQUEST)).id == "pr:o/r#7"


def test_a_milestone_quotes_its_due_day() -> None:
    milestone = Milestone(
        repository_id=1, repository="o/r", id=11, number=3, title="1.0", description="", state=State.OPEN,
        due_on=date(2026, 5, 8), created_at=SEEN, updated_at=SEEN, closed_at=None, url="", observed_at=SEEN,
    )  # fmt: skip
    assert of_milestone(milestone).quote == "1.0, due 2026-05-08"


def test_the_same_evidence_is_listed_once_in_the_order_given() -> None:
    one, two = of_item(_item()), of_item(_item(number=8))
    assert unique([two, one, two]) == (two, one)


@pytest.mark.parametrize(
    ("changes", "delivered"),
    [
        ({}, True),
        ({"state": State.OPEN}, False),
        ({"state_reason": "not_planned"}, False),
        ({"kind": ItemKind.PULL_REQUEST, "merged_at": SEEN}, True),
        ({"kind": ItemKind.PULL_REQUEST}, False),
    ],
)
def test_delivered_means_merged_or_closed_as_done(changes: dict[str, object], delivered: bool) -> None:
    assert _item(**changes).delivered is delivered


@pytest.mark.parametrize(
    ("target", "crosses"), [("pr:o/r#2", False), ("issue:o/s#2", True), ("external:issue:o/x#2", True)]
)
def test_an_edge_crosses_when_its_ends_lie_in_two_repositories(target: str, crosses: bool) -> None:
    edge = Dependency(source_id="issue:o/r#1", target_id=target, kind=EdgeKind.BLOCKS, source="text", confidence=0.9)
    assert edge.crosses_repositories is crosses
