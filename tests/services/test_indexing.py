"""What the app asks of the index, and what a look back may quote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import Comment, ItemKind, State, WorkItem
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.indexing import Library

SEEN = datetime(2026, 5, 1, tzinfo=UTC)
WORDS = ("login", "parser", "dialog", "wallet")


class Words:
    """Counts a few words."""

    name = "words"

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text."""
        rows = [[0.1, *(float(one.casefold().count(word)) for word in WORDS)] for one in texts]
        return [[x / sum(y * y for y in row) ** 0.5 for x in row] for row in rows]

    def rest(self) -> bool:
        """There is nothing to forget."""
        return False

    def close(self) -> None:
        """Nothing runs."""


def _item(number: int, title: str, body: str = "", **changed: object) -> WorkItem:
    made = WorkItem(
        repository_id=1,
        repository="o/r",
        number=number,
        kind=ItemKind.ISSUE,
        title=title,
        body=body,
        state=State.OPEN,
        state_reason=None,
        author=None,
        assignees=(),
        labels=(),
        milestone_number=None,
        created_at=SEEN,
        updated_at=SEEN,
        closed_at=None,
        url=f"https://github.example/o/r/issues/{number}",
        observed_at=SEEN,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def _comment(one: int, on: int, body: str, days: int) -> Comment:
    at = SEEN + timedelta(days=days)
    url = f"https://github.example/o/r/issues/{on}#c{one}"
    return Comment(
        repository_id=1, repository="o/r", id=one, item_number=on, author=None, body=body, created_at=at, updated_at=at,
        url=url, observed_at=at,
    )  # fmt: skip


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(DataFolder(tmp_path), Words())
    items = (
        _item(1, "Login", "The login hangs. Nobody knows why."),
        _item(2, "Parser", "The parser is slow.", repository="o/s", created_at=SEEN + timedelta(days=3)),
        _item(3, "Parser again", "The parser is slow on Mondays."),
    )
    made.update(Snapshot(items=items, comments=(_comment(11, 1, "The login hangs on phones.", 2),)), ())
    yield made
    made.close()


def _ids(found: Sequence[object]) -> list[str]:
    return [one.id for one in found]  # type: ignore[attr-defined]


def test_filters_are_handed_through(library: Library) -> None:
    assert _ids(library.search("parser", 5, repositories=["o/s"])) == ["issue:o/s#2"]
    assert _ids(library.search("login", 5, kinds=["comment"])) == ["comment:o/r#11"]
    later = library.search("parser login", 5, since=SEEN + timedelta(days=1), until=SEEN + timedelta(days=3))
    assert _ids(later) == ["comment:o/r#11"]


def test_a_look_back_finds_what_had_been_said(library: Library) -> None:
    found = library.search("parser slow", 5, as_of=SEEN + timedelta(days=1))
    assert _ids(found)[0] == "issue:o/r#3"
    assert not {"issue:o/s#2", "comment:o/r#11"} & set(_ids(found))


def test_a_look_back_quotes_an_item_as_it_was(library: Library) -> None:
    then = _item(1, "Login", "The login takes long. It was fine.", updated_at=SEEN - timedelta(days=2))
    moment = SEEN + timedelta(hours=1)
    (now,) = library.search("login hangs", 1, as_of=moment)
    (old,) = library.search("login hangs", 1, as_of=moment, versions={"issue:o/r#1": (then,)})
    assert (now.quote, old.quote) == ("The login hangs.", "Login")
    later = replace(then, body="The login hangs, really.", updated_at=SEEN + timedelta(days=9))
    (still,) = library.search("login hangs", 1, as_of=moment, versions={"issue:o/r#1": (then, later)})
    assert still == old


def test_an_item_that_said_nothing_of_it_then_is_left_out(library: Library) -> None:
    then = _item(1, "Colors", "Too bright.", updated_at=SEEN - timedelta(days=2))
    found = library.search("login hangs", 5, as_of=SEEN + timedelta(hours=1), versions={"issue:o/r#1": (then,)})
    assert "issue:o/r#1" not in _ids(found)


def test_a_version_that_says_the_same_is_quoted_as_it_stands(library: Library) -> None:
    then = _item(1, "Login", "The login hangs. Other words.", updated_at=SEEN - timedelta(days=2))
    found = library.search("login hangs", 1, as_of=SEEN + timedelta(hours=1), versions={"issue:o/r#1": (then,)})
    assert found[0].quote == "The login hangs."


def test_items_like_an_item_come_by_their_ids(library: Library) -> None:
    related = library.related(_item(9, "Speed up the parser"), 1)
    assert related[0][0] == "issue:o/r#3" or related[0][0] == "issue:o/s#2"


def test_what_was_found_tells_its_text_and_worth(library: Library) -> None:
    best, _ = library.find("login hangs on phones", 2)
    assert best.text.item == "issue:o/r#1"
    assert best.evidence.id == "issue:o/r#1"
    assert best.folded == ("comment:o/r#11",)
    assert best.score > 0


def test_forgotten_texts_are_gone(library: Library) -> None:
    assert library.forget(("issue:o/s#",)) == 1
    assert "issue:o/s#2" not in _ids(library.search("parser", 5))


def test_an_item_has_the_vector_of_its_first_text(library: Library) -> None:
    assert set(library.vectors(["issue:o/r#1", "issue:o/r#404"])) == {"issue:o/r#1"}
