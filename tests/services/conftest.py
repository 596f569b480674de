"""A demo workspace as a snapshot, without a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo
from galaxy_desktop.store.database import Store
from tests.store.fresh import copied_databases

DemoSnapshot = Callable[[str, datetime], Snapshot]


@pytest.fixture(scope="session", autouse=True)
def _copied_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hundreds of stores are opened here; only the first is migrated."""
    with copied_databases(tmp_path_factory.mktemp("migrated")):
        yield


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """An empty profile."""
    return DataFolder(tmp_path / "profile").make()


@pytest.fixture
def demo_snapshot(tmp_path: Path) -> DemoSnapshot:
    """What the store makes of a demo workspace."""

    def take(name: str, now: datetime) -> Snapshot:
        root = DataFolder(tmp_path / f"{name}-{now:%Y%m%d%H%M}").make()
        with Store.open(root) as store:
            for page in demo.DemoWorkspace(demo.scenario_named(name), now).pages():
                store.apply(page).result()
            return store.snapshot()

    return take
