"""A question about the past is answered with the bug and its resolution, from facts and from the search alike."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import ItemKind, State, WorkItem
from galaxy_desktop.explain.lookup_scene import Scene
from galaxy_desktop.explain.lookups import look_up
from galaxy_desktop.explain.questions import understand
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.asking import Worked, speaks_of, told
from galaxy_desktop.services.indexing import Library

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
QUESTION = "How did we fix login timeouts before?"


class Buckets:
    """Counts words into buckets, as vectors of length 1."""

    name = "buckets"

    def encode(self, texts: list[str]) -> list[list[float]]:
        return [_vector(text) for text in texts]

    def rest(self) -> bool:
        return False

    def close(self) -> None: ...


def _vector(text: str) -> list[float]:
    row = [0.0] * 64
    for word in re.findall(r"[a-z]+", text.casefold()):
        row[zlib.crc32(word.encode()) % 64] += 1.0
    length = math.sqrt(sum(x * x for x in row)) or 1.0
    return [x / length for x in row]


def item(number: int, kind: ItemKind, title: str, body: str, labels: tuple[str, ...] = ()) -> WorkItem:
    at = NOW - timedelta(days=5)
    place = "pull" if kind is ItemKind.PULL_REQUEST else "issues"
    return WorkItem(
        repository_id=1, repository="o/r", number=number, kind=kind, title=title, body=body, state=State.CLOSED,
        state_reason=None, author=None, assignees=(), labels=labels, milestone_number=None, created_at=at, updated_at=at,
        closed_at=at, url=f"https://github.com/o/r/{place}/{number}", observed_at=NOW,
        merged_at=at if kind is ItemKind.PULL_REQUEST else None,
    )  # fmt: skip


@pytest.fixture
def snapshot() -> Snapshot:
    return Snapshot(
        items=(
            item(12, ItemKind.ISSUE, "Login times out on slow phones", "Nothing is shown.", ("bug",)),
            item(15, ItemKind.PULL_REQUEST, "Wait ten seconds for a session", "Fixes #12"),
            item(20, ItemKind.ISSUE, "Translate the settings", "Spanish is missing."),
        )
    )


@pytest.fixture
def library(tmp_path: Path, snapshot: Snapshot) -> Iterator[Library]:
    made = Library(DataFolder(tmp_path), Buckets())
    made.update(snapshot, ())
    yield made
    made.close()


def test_the_answer_cites_the_bug_and_what_fixed_it(library: Library, snapshot: Snapshot) -> None:
    scene = Scene(Analysis(as_of=NOW, engine="e", repositories=(), sprints=(), dependencies=(), alerts=()), snapshot)
    understood = understand(QUESTION, scene)
    found = tuple(one for one in library.search(understood.topic, 6) if speaks_of(understood.topic, one))
    worked = Worked(QUESTION, understood, look_up(scene, understood.calls), found, scene.analysis, snapshot)
    answer = told(worked, NOW)
    assert {one.id for one in answer.sources} == {"issue:o/r#12", "pr:o/r#15"}
    assert answer.sentences[0].text.startswith("o/r#12 “Login times out on slow phones” was fixed by o/r#15")
    assert all(one.url for one in answer.sources)


def test_a_search_brings_the_story_and_what_was_not_known_then_is_not_brought(library: Library) -> None:
    found = library.search("login fixed", 6, kinds=["bug"])
    assert [one.quote for one in found] == [
        "Bug “Login times out on slow phones” was fixed by “Wait ten seconds for a session”"
    ]
    assert library.search("login fixed", 6, kinds=["bug"], as_of=NOW - timedelta(days=9)) == ()
