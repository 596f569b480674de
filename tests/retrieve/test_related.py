"""Items like an item, without its own mentions, other people's quotes, or anybody's name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.retrieve import related
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.links import MOST, mentioned, place
from galaxy_desktop.retrieve.related import Candidates, Like, candidates
from galaxy_desktop.retrieve.stacks import Stacks
from galaxy_desktop.retrieve.texts import groups_of


@pytest.fixture
def stacks(tmp_path: Path) -> Iterator[Stacks]:
    made = Stacks(tmp_path / "stacks")
    yield made
    made.close()


def _fill(stacks: Stacks, embedder: Any, items: list[WorkItem], *comments: Any) -> None:
    keyed = [(g.key, one) for g in groups_of(Snapshot(items=tuple(items), comments=comments), ()) for one in g.texts()]
    rows = stacks.put(keyed)
    embedded = [one for _, one in keyed if one.has_meaning]
    stacks.put_vectors([rows[one.id] for one in embedded], embedder.encode([one.whole for one in embedded]))


def _ask(stacks: Stacks, embedder: Any, item: WorkItem, wanted: Wanted | None = None) -> Candidates:
    like = Like(item.evidence_id, str(item.kind), item.title, item.body, item.created_at + timedelta(days=1))
    return candidates(stacks, like, np.asarray(embedder.encode(like.forms())), wanted or Wanted())


def _best(found: Candidates) -> str:
    return found.ordered(related.fusion.weights("related"))[0][0]


def test_an_item_on_the_same_thing_comes_first(stacks: Stacks, embedder: Any, make: SimpleNamespace) -> None:
    items = [make.item(n, f"The {topic} is slow") for n, topic in enumerate(("parser", "dialog", "wallet"), 1)]
    _fill(stacks, embedder, items)
    assert _best(_ask(stacks, embedder, make.item(9, "Speed up the dialog"))) == "issue:o/r#2"


def test_the_item_itself_is_no_answer(stacks: Stacks, embedder: Any, make: SimpleNamespace) -> None:
    items = [make.item(1, "The parser is slow"), make.item(2, "The parser is fast")]
    _fill(stacks, embedder, items, make.comment(5, 1, "The parser is slow indeed."))
    assert _ask(stacks, embedder, items[0]).items == ["issue:o/r#2"]


def test_mentions_and_addresses_in_the_question_change_nothing(
    stacks: Stacks, embedder: Any, make: SimpleNamespace
) -> None:
    _fill(stacks, embedder, [make.item(1, "The parser is slow"), make.item(2, "The dialog is slow")])
    plain = _ask(stacks, embedder, make.item(9, "Slow parser", "It waits."))
    told = make.item(9, "Slow parser #2", "It waits. o/r#2 https://github.com/o/r/issues/2")
    found = _ask(stacks, embedder, told)
    assert found.items == plain.items
    assert all(np.allclose(found.signs[name], plain.signs[name]) for name in plain.signs)


def test_a_link_that_the_item_itself_made_or_got_counts_nothing(
    stacks: Stacks, embedder: Any, make: SimpleNamespace
) -> None:
    items = [make.item(1, "Parser", "See #9 for more words."), make.item(2, "Parser", "More words.")]
    itself = make.item(9, "Parser", "Words.")
    _fill(stacks, embedder, [*items, itself], make.comment(5, 9, "This mends #1 for good."))
    assert _ask(stacks, embedder, itself).signs["cited"].tolist() == [0.0, 0.0]


def test_an_item_that_others_name_counts_more(stacks: Stacks, embedder: Any, make: SimpleNamespace) -> None:
    items = [make.item(1, "Parser"), make.item(2, "Parser"), make.item(3, "Colors", "Seen in #1, again.")]
    _fill(stacks, embedder, items)
    found = _ask(stacks, embedder, make.item(9, "Parser"))
    cited = dict(zip(found.items, found.signs["cited"].tolist(), strict=True))
    assert cited["issue:o/r#1"] > cited["issue:o/r#2"] == 0


def test_who_is_linked_to_what_is_near_is_nearer(stacks: Stacks, embedder: Any, make: SimpleNamespace) -> None:
    items = [make.item(1, "Parser slow"), make.item(2, "Colors", "Came up in #1 too."), make.item(3, "Colors")]
    _fill(stacks, embedder, items)
    found = _ask(stacks, embedder, make.item(9, "Parser slow"))
    linked = dict(zip(found.items, found.signs["linked"].tolist(), strict=True))
    assert linked["issue:o/r#2"] > linked["issue:o/r#3"] == 0


def test_only_what_was_known_then_is_compared(stacks: Stacks, embedder: Any, make: SimpleNamespace) -> None:
    early, late = make.item(1, "Parser"), replace(make.item(2, "Parser"), created_at=make.seen + timedelta(days=5))
    _fill(stacks, embedder, [early, late])
    found = _ask(stacks, embedder, make.item(9, "Parser"), Wanted(as_of=make.seen + timedelta(days=1)))
    assert found.items == ["issue:o/r#1"]


def test_the_forms_of_a_long_item_are_few(make: SimpleNamespace) -> None:
    like = Like("issue:o/r#1", "issue", "Title", "\n\n".join("word " * 150 for _ in range(20)), make.seen)
    assert len(like.forms()) == related.FORMS
    assert like.forms()[0] == "Title"


def test_an_empty_shelf_has_no_candidates(stacks: Stacks, embedder: Any, make: SimpleNamespace) -> None:
    found = _ask(stacks, embedder, make.item(9, "Parser"))
    assert found.ordered(related.fusion.weights("related")) == []


@pytest.mark.parametrize(
    ("prose", "items"),
    [
        ("Fixes #12 and other/repo#3.", ("o/r#12", "other/repo#3")),
        ("https://github.com/O/R/pull/4#discussion", ("o/r#4",)),
        ("#12 and #12", ("o/r#12",)),
        ("color #123-4, &#160; and #0", ()),
    ],
)
def test_mentions_are_read_as_people_write_them(prose: str, items: tuple[str, ...]) -> None:
    assert mentioned(prose, "o/r") == items


def test_a_list_of_everything_mentions_nothing() -> None:
    assert mentioned(" ".join(f"#{n}" for n in range(1, MOST + 2)), "o/r") == ()


def test_an_issue_and_a_pull_request_have_one_place() -> None:
    assert place("issue:O/r#12") == place("pr:o/R#12") == "o/r#12"
