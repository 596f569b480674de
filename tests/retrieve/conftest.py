"""Records for texts, and an embedder that needs no weights."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from galaxy_desktop import paths
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import Comment, Commit, ItemKind, Milestone, State, WorkItem
from galaxy_desktop.retrieve.embed import MARK, NAME, MiniLM
from galaxy_desktop.retrieve.index import Index
from galaxy_desktop.retrieve.texts import Group, Text, texts_of

SEEN = datetime(2026, 5, 1, 8, tzinfo=UTC)
DIMENSIONS = 64


class HashingEmbedder:
    """Counts words into buckets: texts that share words are near each other; remembers what it was given."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    @property
    def name(self) -> str:
        return "hashing"

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        self.encoded += texts
        return [_vector(text) for text in texts]

    def rest(self) -> bool:
        """There is nothing to forget."""
        return False

    def close(self) -> None:
        """Nothing runs."""


def _vector(text: str) -> list[float]:
    row = [0.0] * DIMENSIONS
    for word in text.casefold().split():
        row[int(hashlib.sha256(word.encode()).hexdigest(), 16) % DIMENSIONS] += 1.0
    length = math.sqrt(sum(x * x for x in row)) or 1.0
    return [x / length for x in row]


def item(number: int, title: str = "Parser", body: str = "", repository: str = "o/r") -> WorkItem:
    return WorkItem(
        repository_id=1,
        repository=repository,
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
        url=f"https://github.example/{repository}/issues/{number}",
        observed_at=SEEN,
    )


def comment(one: int, on: int, body: str, after_hours: int = 0) -> Comment:
    at = SEEN + timedelta(hours=after_hours)
    return Comment(
        repository_id=1,
        repository="o/r",
        id=one,
        item_number=on,
        author=None,
        body=body,
        created_at=at,
        updated_at=at,
        url=f"https://github.example/o/r/issues/{on}#c{one}",
        observed_at=SEEN,
    )


def commit(sha: str, message: str) -> Commit:
    return Commit(
        repository_id=1,
        repository="o/r",
        sha=sha,
        message=message,
        author=None,
        committed_at=SEEN,
        url=f"https://github.example/o/r/commit/{sha}",
        observed_at=SEEN,
    )


def milestone(number: int, title: str) -> Milestone:
    return Milestone(
        repository_id=1,
        repository="o/r",
        id=number,
        number=number,
        title=title,
        description="",
        state=State.CLOSED,
        due_on=SEEN.date(),
        created_at=SEEN,
        updated_at=SEEN,
        closed_at=SEEN,
        url=f"https://github.example/o/r/milestone/{number}",
        observed_at=SEEN,
    )


def groups(texts: Iterable[Text]) -> list[Group]:
    """Each text as a group of its own, as if it were all that its item says."""
    return [Group(text.id, text.digest, partial(tuple, (text,))) for text in texts]


@pytest.fixture
def make() -> SimpleNamespace:
    """Builders of records."""
    return SimpleNamespace(item=item, comment=comment, commit=commit, milestone=milestone, seen=SEEN, groups=groups)


@pytest.fixture
def texts(make: SimpleNamespace) -> tuple[Text, ...]:
    """Three items of which one speaks of login, with a thread of two comments."""
    items = (
        make.item(1, "Login fails on slow phones", "The login times out. Nothing is shown."),
        make.item(2, "Speed up the parser", "It takes long for large files."),
        make.item(3, "Translate the settings", "Spanish is missing.", "o/other"),
    )
    thread = (
        make.comment(11, 2, "I measured large files."),
        make.comment(12, 2, "Most time goes into regular expressions.", 1),
    )
    return texts_of(Snapshot(items=items, comments=thread), ())


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture
def index(tmp_path: Path, embedder: HashingEmbedder) -> Iterator[Index]:
    made = Index(tmp_path / "vectors", embedder)
    yield made
    made.close()


@pytest.fixture(scope="session")
def minilm() -> Iterator[MiniLM]:
    if not (paths.models_folder() / NAME / MARK).is_file():
        pytest.skip("the MiniLM weights are not on this computer: run the set-up")
    made = MiniLM(paths.models_folder())
    made.encode(["the thread starts before a test counts threads"])
    yield made
    made.close()
