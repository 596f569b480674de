"""The desk for models is there while a workspace is open, talks through its door, and its news are the workspace's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from galaxy_desktop.domain.events import Event, TransferMoved
from galaxy_desktop.domain.models import TransferState
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.models import ModelsDesk
from galaxy_desktop.services.workspace import Workspace
from tests.services.model_server import ModelServer
from tests.services.models_world import CONTENT
from tests.services.test_workspace import FakeSyncer, _no_background, polled

__all__ = ["FakeSyncer", "_no_background", "polled"]
pytestmark = pytest.mark.usefixtures("_no_background")


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    made = ModelServer({"/m.gguf": CONTENT})
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALAXY_MODELS_DIR", str(tmp_path / "models"))


async def _ended(heard: list[Event], state: TransferState) -> TransferMoved:
    for _ in range(500):
        found = [one for one in heard if isinstance(one, TransferMoved) and one.transfer.state is state]
        if found:
            return found[-1]
        await asyncio.sleep(0.01)
    raise AssertionError(f"no transfer came to be {state}")


def _desk(workspace: Workspace) -> ModelsDesk:
    assert workspace.models is not None
    return workspace.models


async def test_a_download_goes_through_the_door_and_is_in_its_ledger(polled: Workspace, server: ModelServer) -> None:
    assert polled.models is None
    await polled.open()
    heard: list[Event] = []
    polled.subscribe(heard.append)
    try:
        name = _desk(polled).add_address(f"{server.url}/m.gguf")
        _desk(polled).download(name)
        await _ended(heard, TransferState.DONE)
        rows = await asyncio.to_thread(polled.egress.hosts)
        found = [(one.host, one.purpose, one.bytes_in) for one in rows]
        assert found == [("127.0.0.1", "model download", len(CONTENT))]
    finally:
        await polled.stop()
    assert polled.models is None


async def test_a_download_waits_while_the_network_is_off_and_goes_on_by_itself(
    polled: Workspace, server: ModelServer
) -> None:
    await polled.open()
    heard: list[Event] = []
    polled.subscribe(heard.append)
    try:
        await polled.change_setting("network", "false")
        name = _desk(polled).add_address(f"{server.url}/m.gguf")
        _desk(polled).download(name)
        await _ended(heard, TransferState.WAITING)
        assert server.asked == []
        await polled.change_setting("network", "true")
        await _ended(heard, TransferState.DONE)
    finally:
        await polled.stop()


async def test_a_demo_has_models_too(folder: DataFolder) -> None:
    workspace = Workspace(DataFolder(folder.root / "demo"), demo_name="slipping")
    await workspace.open()
    try:
        assert len((await asyncio.to_thread(_desk(workspace).overview)).models) == 4
    finally:
        await workspace.stop()
