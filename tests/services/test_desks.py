"""The desks of an open workspace: one door, one budget, and a repository that is forgotten on the screen too."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest

from galaxy_desktop.domain import change_making
from galaxy_desktop.domain.changes import ChangeState
from galaxy_desktop.domain.events import WorkspaceAnalyzed
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.commands import fill_demo
from galaxy_desktop.services.credentials import Credentials
from galaxy_desktop.services.workspace import Workspace
from galaxy_desktop.store.database import Store
from galaxy_desktop.ui.desks import KeepsChanges, ShowsSyncing, SignsIn
from tests.collect.web_server import serving
from tests.services.test_credentials import FakeKeyring
from tests.services.test_workspace import Ear, FakeBackground, FakeSyncer, _no_background, polled

__all__ = ["_no_background", "polled"]
pytestmark = pytest.mark.usefixtures("_no_background")


@pytest.fixture
def forgotten_vectors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The prefixes that the index was asked to forget."""
    heard: list[str] = []

    async def forget(_self: Any, prefixes: Any) -> int:
        heard.extend(prefixes)
        return len(heard)

    monkeypatch.setattr(FakeBackground, "forget", forget, raising=False)
    return heard


@pytest.fixture
def between_syncs_done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the fake syncer lacks of the real one's face; lists what was done between syncs."""
    between: list[str] = []

    async def between_syncs(_self: Any, work: Any) -> Any:
        between.append("begun")
        return await work()

    monkeypatch.setattr(FakeSyncer, "cancel", lambda _self: None, raising=False)
    monkeypatch.setattr(FakeSyncer, "between_syncs", between_syncs, raising=False)
    return between


async def test_an_open_workspace_has_every_desk_and_a_closed_one_none(polled: Workspace) -> None:
    assert (polled.sync_desk, polled.outbox, polled.sign_in) == (None, None, None)
    await polled.open()
    assert isinstance(polled, ShowsSyncing)
    assert isinstance(polled, KeepsChanges)
    assert isinstance(polled, SignsIn)
    assert None not in (polled.sync_desk, polled.outbox, polled.sign_in)
    await polled.stop()
    assert (polled.sync_desk, polled.outbox, polled.sign_in) == (None, None, None)


async def test_a_demo_shows_its_syncing_and_sends_nothing(folder: DataFolder, now: datetime) -> None:
    workspace = Workspace(DataFolder(folder.root / "demo"), demo_name="slipping", now=lambda: now)
    await workspace.open()
    try:
        assert workspace.outbox is None
        assert workspace.sign_in is None
        assert workspace.sync_desk is not None
        assert workspace.sync_desk.overview().hosts == ()
    finally:
        await workspace.stop()


async def test_a_demo_that_is_told_to_sync_asks_nobody(
    folder: DataFolder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALAXY_GITHUB_API", "http://127.0.0.1:9")
    workspace = Workspace(DataFolder(folder.root / "demo"), demo_name="slipping", now=lambda: now)
    await workspace.open()
    try:
        assert workspace.sync_desk is not None
        await workspace.sync_desk.sync_now()
        await workspace.sync_desk.reconcile("nova-demo/api")
        seen = workspace.sync_desk.overview()
        assert seen.hosts == ()
        assert {one.freshness.state for one in seen.repositories} == {RepositoryState.SYNCED}
    finally:
        await workspace.stop()


async def test_syncing_and_the_outbox_share_one_budget_until_the_token_changes(polled: Workspace) -> None:
    await polled.open()
    try:
        before = polled.budget
        await polled.refresh()
        assert FakeSyncer.way["budget"] is before
        await polled.save_token("ghp_other")
        assert polled.budget is not before
    finally:
        await polled.stop()


async def test_the_switch_of_the_sync_page_is_the_setting(polled: Workspace) -> None:
    await polled.open()
    try:
        assert polled.sync_desk is not None
        await polled.sync_desk.set_network(False)
        assert not polled.settings.flag("network")
        assert not polled.egress.on
        await polled.change_setting("network", "true")
        assert polled.sync_desk.overview().network_on
    finally:
        await polled.stop()


async def test_a_switch_that_another_program_turned_holds_from_the_next_poll(
    polled: Workspace, folder: DataFolder, now: datetime
) -> None:
    await polled.open()
    try:
        with Store.open(folder) as beside:
            for said in ("false", "true"):
                await asyncio.wrap_future(beside.set_setting("network", said, "user", now))
                await polled.refresh()
                assert polled.egress.on is (said == "true")
    finally:
        await polled.stop()


async def test_a_forgotten_repository_leaves_screen_store_and_index(
    polled: Workspace, forgotten_vectors: list[str], between_syncs_done: list[str]
) -> None:
    ear = Ear(polled)
    await polled.open()
    await asyncio.wrap_future(polled.store.track("acme/shop-api"))
    await polled.start()
    await ear.until(WorkspaceAnalyzed)
    try:
        assert polled.sync_desk is not None
        names = [r.full_name for r in polled.store.repositories()]
        for name in names:
            said = await polled.sync_desk.forget(name)
            assert said.startswith(f"Removed {name}: ")
            latest = polled.latest()
            assert latest is not None
            assert name not in [r.repository.full_name for r in latest.repositories]
            assert name not in str(latest.sprints)
        assert polled.store.repositories() == ()
        assert len(between_syncs_done) == len(names)
        assert any(prefix.startswith(f"issue:{names[0]}#") for prefix in forgotten_vectors)
        assert ear.of(WorkspaceAnalyzed)[-1].analysis.repositories == ()
    finally:
        await polled.stop()


async def test_a_draft_made_offline_waits_in_the_store_and_is_there_after_a_restart(
    polled: Workspace, folder: DataFolder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    await polled.open()
    await polled.refresh()
    assert polled.outbox is not None
    item = next(i for i in polled.store.snapshot().items if i.is_open)
    await polled.outbox.draft(change_making.close(item, now))
    await polled.stop()
    again = Workspace(folder, credentials=Credentials("http://127.0.0.1:9", FakeKeyring()), now=lambda: now)
    await again.open()
    try:
        assert again.outbox is not None
        (kept,) = again.outbox.changes()
        assert (kept.state, kept.target) == (ChangeState.DRAFT, item.reference)
    finally:
        await again.stop()


async def test_what_is_on_the_screen_is_told_to_the_sync(polled: Workspace) -> None:
    await polled.open()
    try:
        polled.look_at(["o/r"])
        await polled.refresh()
        syncer = polled._syncer
        assert syncer is not None
        assert syncer.visible == {"o/r"}
        polled.look_at(["o/s"])
        assert syncer.visible == {"o/s"}
    finally:
        await polled.stop()


async def test_a_sync_that_reached_github_sends_what_waits(polled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    await polled.open()
    calls: list[str] = []
    assert polled.outbox is not None
    monkeypatch.setattr(polled.outbox, "reconnected", lambda: calls.append("reconnected"))
    try:
        await polled.refresh()
        assert calls == ["reconnected"]
    finally:
        await polled.stop()


async def test_old_logs_are_pruned_once_a_day(polled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    await polled.open()
    pruned: list[datetime] = []
    prune = polled.store.prune

    def noted(now: datetime) -> Any:
        pruned.append(now)
        return prune(now)

    monkeypatch.setattr(polled.store, "prune", noted)
    try:
        await polled.refresh()
        await polled.refresh()
        assert len(pruned) == 1
    finally:
        await polled.stop()


async def test_syncing_and_the_outbox_take_the_same_door_budget_log_and_proxy(
    folder: DataFolder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GALAXY_GITHUB_TOKEN", "GALAXY_GITHUB_API", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving({}) as proxy:
        with Store.open(folder.make()) as store:
            fill_demo(store, "slipping", now)
            for name, text in (("api_url", "http://127.0.0.1:9"), ("proxy", proxy.url)):
                store.set_setting(name, text, "user", now).result()
        workspace = Workspace(folder, credentials=Credentials("http://127.0.0.1:9", FakeKeyring()), now=lambda: now)
        await workspace.open()

        def counts() -> tuple[int, ...]:
            hosts = sum(row.connections for row in workspace.egress.hosts())
            return len(proxy.asked), workspace.budget.sent, hosts, len(workspace.store.exchanges())

        try:
            assert workspace.outbox is not None
            item = next(i for i in workspace.store.snapshot().items if i.is_open)
            change = await workspace.outbox.draft(change_making.close(item, now))
            await workspace.refresh()
            synced = counts()
            await workspace.outbox.compare([change.id])
            compared = counts()
            await workspace.change_setting("network", "false")
            await workspace.refresh()
            await workspace.outbox.compare([change.id])
        finally:
            await workspace.stop()
    assert [len(set(each)) for each in (synced, compared)] == [1, 1]
    assert 0 < synced[0] < compared[0] == len(proxy.asked)
    assert all(one.path.startswith("http://127.0.0.1:9/rep") for one in proxy.asked)


async def test_limits_hold_when_only_the_way_to_github_changes(polled: Workspace) -> None:
    await polled.open()
    try:
        before = polled.budget
        await polled.change_setting("proxy", "http://proxy.example:3128")
        assert polled.budget is before
        await polled.change_setting("api_url", "https://github.example/api/v3")
        assert polled.budget is not before
    finally:
        await polled.stop()
