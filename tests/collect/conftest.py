"""A repository being read from a fake GitHub into a store of dicts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.collect.sync import RepositoryReader
from galaxy_desktop.domain.work import Repository
from tests.collect.fakes import NOW, FakeGitHub, MemoryStore

STAND_IN = Path(__file__).resolve().parents[2].parent / "shared" / "stand_in" / "github_replay.py"


@pytest.fixture
def github() -> FakeGitHub:
    """A GitHub with one repository and pages of three rows."""
    return FakeGitHub(page_size=3)


@pytest.fixture
def store() -> MemoryStore:
    """Nothing stored yet."""
    return MemoryStore()


@pytest.fixture
def repository() -> Repository:
    """The repository o/r as first heard of."""
    return Repository(id=1, full_name="o/r", url="https://github.com/o/r")


@pytest.fixture
def reading(github: FakeGitHub, store: MemoryStore, repository: Repository) -> Reading:
    """What every reader gets."""
    return Reading(github, store, repository, lambda: NOW)


@pytest.fixture
def read_all(github: FakeGitHub, store: MemoryStore, repository: Repository) -> Callable[[], RepositoryReader]:
    """Read the whole repository once, storing page by page."""

    def run() -> RepositoryReader:
        known = store.repositories()
        reader = RepositoryReader(github, store, known[0] if known else repository, lambda: NOW)
        for step in reader.steps():
            for page in step.pages():
                store.apply(page)
        return reader

    return run
