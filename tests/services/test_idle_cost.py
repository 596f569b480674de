"""Nothing happened, nothing is spent: polls of quiet repositories, counted as GitHub counts, with every list there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from galaxy_desktop.domain.work import ItemKind
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.sync import Syncer
from galaxy_desktop.store.database import Store
from tests.benchmarks.long_github import IN_SPRINT, Counted, serving

MOST_REQUESTS = 16
"""Conditional requests a poll makes of one quiet repository, at most."""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """An empty profile."""
    return DataFolder(tmp_path)


async def test_a_poll_of_three_quiet_repositories_spends_nothing(folder: DataFolder) -> None:
    sizes = {"o/a": 130, "o/b": 120, "o/c": 12}
    with serving(sizes) as github, Store.open(folder) as store:
        syncer = Syncer(store, github.base, "token")
        await syncer.sync_once(list(sizes))
        await syncer.sync_once()
        for _ in range(2):
            github.counted = Counted()
            outcome = await syncer.sync_once()
            assert (github.counted.quota, outcome.changed) == (0, False)
            assert github.counted.requests <= len(sizes) * MOST_REQUESTS
        await syncer.close()
        items = store.snapshot().items
        logged = [one.cost for one in store.exchanges(limit=github.counted.requests)]
    assert len(items) == sum(sizes.values())
    assert sum(item.milestone_number is not None for item in items) == 2 * IN_SPRINT + 12
    assert sum(item.kind is ItemKind.PULL_REQUEST for item in items) == 43 + 40 + 4
    assert sum(logged) == 0, "the log counts as GitHub does"
