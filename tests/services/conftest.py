"""A demo workspace as a snapshot, without a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo
from galaxy_desktop.store.database import Store

DemoSnapshot = Callable[[str, datetime], Snapshot]


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
