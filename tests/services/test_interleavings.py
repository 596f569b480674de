"""Whatever happens in whatever order, in the end the local copy is what one clean full read would have made.

Changes of the world, faults, kills after any page and wrong clocks are interleaved with syncs, also in the middle of
them. Then comes one quiet sync with a full reconcile, and the snapshot must be that of an empty store that read once.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.collect.sync import RepositoryReader
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Repository
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from tests.services.model_client import FAULTS, REPOSITORY_ID, ModelGitHub, fault
from tests.services.model_github import CHANGES, World

EXAMPLES = 400 if os.environ.get("GALAXY_SEARCH") else 30
MEMORY = Path("/dev") / "shm"
KNOWN_LATER = frozenset({"observed_at", "url"})
"""When a row was fetched is not part of the state; GitHub redirects the addresses that a rename left behind."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something happens on GitHub."""

    name: str
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Clock:
    """Somebody sets our clock."""

    hours: int


@dataclass(frozen=True, slots=True)
class Sync:
    """A sync, cut off after so many pages; meanwhile, before some of its requests, the world changes or answers fail."""

    pages: int | None
    meanwhile: Mapping[int, Change | str]
    full: bool = False


numbers = st.integers(0, 11)
changes = st.builds(Change, st.sampled_from(sorted(CHANGES)), numbers, numbers)
syncs = st.builds(
    Sync,
    st.none() | st.integers(0, 15),
    st.dictionaries(st.integers(0, 24), changes | st.sampled_from(FAULTS), max_size=4),
    st.sampled_from((False, False, False, True)),
)
clocks = st.builds(Clock, st.integers(-26, 26))
rounds = st.builds(lambda happened, sync: [*happened, sync], st.lists(changes | clocks, max_size=8), syncs)
histories = st.lists(rounds, min_size=1, max_size=6).map(lambda found: [step for one in found for step in one])


class Desk:
    """One world, one store, and whoever reads the one into the other."""

    def __init__(self, world: World, store: Store) -> None:
        self.github = ModelGitHub(world)
        self.store = store
        found = Repository(id=REPOSITORY_ID, full_name=world.name, url=f"https://github.com/{world.name}")
        store.apply(Page(repository_id=found.id, records=(found,))).result()

    def take(self, step: Change | Clock | Sync) -> None:
        """One step of a history."""
        match step:
            case Change(name, a, b):
                self.github.world.change(name, a, b)
            case Clock(hours):
                self.github.skew = timedelta(hours=hours)
            case Sync(pages, meanwhile, full):
                self.read(pages, meanwhile, full=full)

    def read(
        self, pages: int | None = None, meanwhile: Mapping[int, Change | str] | None = None, *, full: bool = False
    ) -> None:
        """Read once, cut off after so many pages or at the first fault; what was read before is stored."""
        before = len(self.github.asked)

        def watch(_path: str) -> None:
            event = (meanwhile or {}).get(len(self.github.asked) - before)
            if isinstance(event, Change):
                self.take(event)
            elif event is not None:
                raise fault(event, self.github.clock())

        self.github.before = watch
        try:
            for count, page in enumerate(self.pages(full=full)):
                if count == pages:
                    return
                self.store.apply(page).result()
        except GalaxyError:
            assert any(isinstance(event, str) for event in (meanwhile or {}).values()), "a quiet read must not fail"

    def pages(self, *, full: bool) -> Iterator[Page]:
        """Every page of a read, in the order in which they are stored."""
        (known,) = self.store.repositories()
        for step in RepositoryReader(self.github, self.store, known, self.github.clock).steps(full=full):
            yield from step.pages()

    def state(self) -> dict[str, Any]:
        """What is stored of the repository, without what legitimately depends on when it was read."""
        snapshot = self.store.snapshot()
        items = {item.number for item in snapshot.items}
        open_pulls = {item.number for item in snapshot.items if item.head_sha and item.is_open}
        return {
            "repositories": _plain(snapshot.repositories),
            "milestones": _plain(snapshot.milestones),
            "labels": _plain(self.store.labels(REPOSITORY_ID)),
            "items": [
                row if row["number"] in open_pulls else {**row, "files": None, "additions": None, "deletions": None}
                for row in _plain(snapshot.items)
            ],
            "comments": self._said(snapshot.comments),
            "reviews": [row for row in self._said(snapshot.reviews) if row["item_number"] in open_pulls],
            "events": [row for row in self._said(snapshot.events) if row["item_number"] in items],
            "pull_commits": [row for row in _plain(snapshot.pull_commits) if row["item_number"] in open_pulls],
        }

    def _said(self, records: tuple[Any, ...]) -> list[dict[str, Any]]:
        """Comments, reviews and events: whose account was deleted since then may still be known, others go by id."""
        users = self.github.world.users
        out = []
        for row in _plain(records):
            who = "actor" if "actor" in row else "author"
            number = row[who]["id"] if row[who] else None
            out.append({**row, who: number if number and users[number] else None})
        return out


def _plain(records: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [{k: v for k, v in asdict(record).items() if k not in KNOWN_LATER} for record in records]


@contextmanager
def fresh_store() -> Iterator[Store]:
    """An empty store, in memory where the system offers that."""
    with (
        tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder,
        Store.open(DataFolder(Path(folder))) as store,
    ):
        yield store


def check(history: list[Change | Clock | Sync]) -> None:
    """Live through a history, then settle, and compare with a clean read."""
    world = World()
    with fresh_store() as store, fresh_store() as empty:
        desk, clean = Desk(world, store), Desk(world, empty)
        for step in history:
            desk.take(step)
        settle(desk, clean)
        assert desk.state() == clean.state()


def settle(desk: Desk, clean: Desk) -> None:
    """A while later, with our clock right again: one quiet sync with a full read here, one read there."""
    desk.github.world.now += timedelta(days=8)
    desk.github.skew = timedelta(0)
    desk.read(full=True)
    clean.read()


@pytest.mark.timeout(900)  # making a failing history short takes its time
@given(history=histories)
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_any_interleaving_ends_as_one_clean_read(history: list[Change | Clock | Sync]) -> None:
    check(history)


ONCE = Sync(None, {})
IN_FULL = Sync(None, {}, full=True)
FOUND: dict[str, list[Change | Clock | Sync]] = {
    "a second change of an issue within one second": [Change("new issue", 0, 1), ONCE, Change("edit", 0, 0)],
    "a second change of a comment within one second": [
        Change("new issue", 0, 0), Change("comment", 0, 0), ONCE, Change("edit comment", 0, 0),
    ],
    "a review within the second in which the reviews were asked": [
        Change("new pull request", 0, 0), ONCE, Change("review", 0, 0),
    ],
    "a push within the second in which the files were asked": [
        Change("new pull request", 0, 1), ONCE, Change("push", 0, 0),
    ],
    "the newest item deleted": [Change("new issue", 0, 0), ONCE, Change("delete item", 0, 0)],
    "the newest item transferred in the middle of a sync": [
        Change("new issue", 0, 0), Sync(None, {10: Change("transfer item", 0, 0)}),
    ],
    "the newest milestone deleted": [ONCE, Change("delete milestone", 0, 0)],
    "a label deleted": [ONCE, Change("delete label", 0, 0)],
    "a comment deleted after a full read that was cut off": [
        Change("new pull request", 4, 2), Sync(18, {}, full=True), Change("comment", 0, 0), ONCE,
        Change("delete comment", 0, 0),
    ],
    "an item deleted after a full read that was cut off": [
        Change("new issue", 0, 0), IN_FULL, Sync(2, {}, full=True), Sync(None, {6: Change("delete item", 0, 0)}),
    ],
    "our clock set back before a second change within one second": [
        Change("new issue", 0, 1), ONCE, Clock(-18), Change("edit", 0, 0), IN_FULL,
    ],
    "our clock set ahead and a milestone that moved": [IN_FULL, Clock(5), Change("move milestone", 0, 11), ONCE],
}  # fmt: skip
"""Histories that once ended otherwise."""


@pytest.mark.parametrize("history", FOUND.values(), ids=FOUND.keys())
def test_what_once_ended_otherwise_ends_as_one_clean_read(history: list[Change | Clock | Sync]) -> None:
    check(history)
