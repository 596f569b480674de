"""A workspace at work: demo and polling, facts before prose, news once, and an end that leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.attention import Balloon
from galaxy_desktop.domain.changes import Change, ChangeKind, ChangeState
from galaxy_desktop.domain.events import (
    AlertRaised,
    ChangeMoved,
    Event,
    FreshnessChanged,
    SprintsReady,
    TaskFailed,
    WorkspaceAnalyzed,
)
from galaxy_desktop.domain.findings import Progress, Verdict
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.errors import GalaxyError, NetworkOffError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo
from galaxy_desktop.services.credentials import Credentials
from galaxy_desktop.services.outbox import Outbox
from galaxy_desktop.services.sync_outcome import Ending, RepositoryResult, SyncOutcome
from galaxy_desktop.services.workspace import Workspace
from galaxy_desktop.store.database import Store
from tests.services.test_credentials import FakeKeyring

pytestmark = pytest.mark.usefixtures("_no_background")


@pytest.fixture
def _no_background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Index and model have tests of their own; here they only note what they were asked to follow."""
    monkeypatch.setattr("galaxy_desktop.services.background.Background", FakeBackground)


class FakeBackground:
    """Follows evaluations by counting them."""

    def __init__(self, *_: object) -> None:
        self.followed: list[object] = []
        self.embeddings: dict[str, tuple[float, ...]] = {}

    def follow(self, analysis: object, _: object) -> None:
        self.followed.append(analysis)

    def typed(self) -> None:
        """No model has to wait."""

    def tell_of_the_model(self, desk: object) -> None:
        """There is no model."""

    async def close(self) -> None:
        """Nothing runs."""


class FakeSyncer:
    """Brings a demo workspace with the first sync and nothing after it."""

    fails: Exception | None = None
    early: asyncio.Event | None = None
    """Set by the test when a sync may end that has told of its sprints before."""
    syncs = 0
    way: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed

    def __init__(
        self, store: Store, _api: str, _token: str | None, *, publish: Callable[[Event], None], clock: Any, **way: Any
    ) -> None:
        type(self).way = way
        self._store, self._clock, self._publish = store, clock, publish
        self.news = asyncio.Event()

    async def sync_once(
        self, _names: object, *, explicit: bool, stop: Any, full: bool = False, again: bool = False
    ) -> SyncOutcome:
        assert not stop.is_set()
        assert not full or explicit
        type(self).syncs += 1
        if self.fails is not None and not explicit:
            raise self.fails
        first = not self._store.repositories()
        if first:
            for page in demo.DemoWorkspace(demo.scenario_named("slipping"), self._clock()).pages():
                self._store.apply(page).result()
            for repository in self._store.repositories():
                self._store.track(repository.full_name).result()
        if self.early is not None:
            for fresh in self._store.freshness():
                self._publish(FreshnessChanged(replace(fresh, state=RepositoryState.SYNCING, sentence="")))
            self._publish(SprintsReady(("o/r",)))
            await self.early.wait()
        result = RepositoryResult(full_name="o/r", ending=Ending.OK, state=RepositoryState.SYNCED, records=int(first))
        return SyncOutcome(results=(result,))

    async def close(self) -> None:
        """Nothing to close."""


class Ear:
    """Collects events and lets a test wait for one."""

    def __init__(self, workspace: Workspace) -> None:
        self.heard: list[Event] = []
        self._news = asyncio.Event()
        workspace.subscribe(self._hear)

    def _hear(self, event: Event) -> None:
        self.heard.append(event)
        self._news.set()

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.heard if isinstance(event, kind)]

    async def until(self, kind: type) -> Any:
        async with asyncio.timeout(60):
            while not self.of(kind):
                self._news.clear()
                await self._news.wait()
        return self.of(kind)[0]


@pytest.fixture
def polled(folder: DataFolder, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace whose GitHub is the fake syncer."""
    monkeypatch.delenv("GALAXY_GITHUB_TOKEN", raising=False)
    monkeypatch.setattr("galaxy_desktop.services.sync.Syncer", FakeSyncer)
    monkeypatch.setattr(FakeSyncer, "syncs", 0)
    monkeypatch.setattr(FakeSyncer, "fails", None)
    return Workspace(folder, credentials=Credentials("http://127.0.0.1:9", FakeKeyring()), now=lambda: now)


async def test_a_demo_is_filled_and_evaluated_when_it_starts(folder: DataFolder, now: datetime) -> None:
    workspace = Workspace(DataFolder(folder.root / "demo"), demo_name="slipping", now=lambda: now)
    ear = Ear(workspace)
    await workspace.start()
    await workspace.stop()
    assert ear.of(WorkspaceAnalyzed)[-1].analysis.sprints
    assert ear.of(AlertRaised)


async def test_the_last_state_shows_at_once_after_a_restart(folder: DataFolder, now: datetime) -> None:
    place = DataFolder(folder.root / "demo")
    first = Workspace(place, demo_name="slipping", now=lambda: now)
    await first.start()
    shown = first.latest()
    await first.stop()
    second = Workspace(place, demo_name="slipping", now=lambda: now)
    await second.open()
    assert second.latest() == shown
    await second.stop()


async def test_alerts_are_not_raised_again_after_a_restart(folder: DataFolder, now: datetime) -> None:
    place = DataFolder(folder.root / "demo")
    for expected in (True, False):
        workspace = Workspace(place, demo_name="slipping", now=lambda: now)
        ear = Ear(workspace)
        await workspace.start()
        await workspace.stop()
        assert bool(ear.of(AlertRaised)) is expected


async def test_adding_a_repository_wakes_the_polling(polled: Workspace) -> None:
    ear = Ear(polled)
    await polled.start()
    assert not polled.has_repositories()
    await polled.add_repository("https://github.com/o/r")
    news = await ear.until(WorkspaceAnalyzed)
    assert news.seconds < 5
    assert FakeSyncer.syncs == 1
    await polled.stop()


async def test_the_sprints_of_a_long_first_sync_are_evaluated_while_it_runs(
    polled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSyncer, "early", asyncio.Event())
    ear = Ear(polled)
    await polled.start()
    await polled.add_repository("o/r")
    analysis = (await ear.until(WorkspaceAnalyzed)).analysis
    assert analysis.sprints
    assert {one.state for one in analysis.repositories} == {RepositoryState.SYNCING}, "it is still being read"
    assert polled.next_poll_at is None, "the sync has not ended"
    assert FakeSyncer.early is not None
    FakeSyncer.early.set()
    await polled.stop()


async def test_a_quiet_poll_causes_no_evaluation(polled: Workspace) -> None:
    ear = Ear(polled)
    await polled.start()
    await polled.add_repository("o/r")
    await ear.until(WorkspaceAnalyzed)
    count = len(ear.of(WorkspaceAnalyzed))
    await polled._round(explicit=False)
    assert len(ear.of(WorkspaceAnalyzed)) == count
    await polled.refresh()
    assert len(ear.of(WorkspaceAnalyzed)) == count + 1
    await polled.stop()


async def test_what_was_sent_is_evaluated_before_the_next_poll(polled: Workspace) -> None:
    ear = Ear(polled)
    await polled.start()
    await polled.add_repository("o/r")
    await ear.until(WorkspaceAnalyzed)
    ear.heard.clear()
    for state in (ChangeState.APPROVED, ChangeState.SENT, ChangeState.SENT):
        polled._publish(ChangeMoved(a_change(state)))
    await ear.until(WorkspaceAnalyzed)
    await polled.refresh()
    assert len(ear.of(WorkspaceAnalyzed)) == 2, "one for both that were sent, one that was asked for"
    await polled.stop()


@pytest.mark.parametrize("ending", [Ending.OK, Ending.OFFLINE])
async def test_the_outbox_is_told_whether_github_can_be_reached(
    polled: Workspace, ending: Ending, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    for name in ("reconnected", "disconnected"):
        monkeypatch.setattr(Outbox, name, lambda _self, name=name: told.append(name))
    result = RepositoryResult(full_name="o/r", ending=ending, state=RepositoryState.SYNCED)

    async def sync_once(*_: object, **__: object) -> SyncOutcome:
        return SyncOutcome(results=(result,))

    monkeypatch.setattr(FakeSyncer, "sync_once", sync_once)
    await polled.open()
    await polled._round(explicit=False)
    assert told == ["reconnected" if ending is Ending.OK else "disconnected"]
    await polled.stop()


def a_change(state: ChangeState) -> Change:
    """A change that stands there."""
    return Change(
        id="c", kind=ChangeKind.STATE, repository_id=1, repository="o/r", item_number=7, base="open", mine="closed",
        who="user", created_at=datetime(2026, 5, 1, tzinfo=UTC), state=state,
    )  # fmt: skip


async def test_a_failing_poll_is_told_in_a_sentence_and_polling_goes_on(
    polled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeSyncer, "fails", GalaxyError("The disk is full."))
    ear = Ear(polled)
    await polled.start()
    await polled.add_repository("o/r")
    assert (await ear.until(TaskFailed)).sentence == "The disk is full."
    monkeypatch.setattr(FakeSyncer, "fails", None)
    await polled.add_repository("o/r")
    await ear.until(WorkspaceAnalyzed)
    await polled.stop()


async def test_a_dismissed_recommendation_is_gone_from_the_next_evaluation(folder: DataFolder, now: datetime) -> None:
    workspace = Workspace(DataFolder(folder.root / "demo"), demo_name="slipping", now=lambda: now)
    await workspace.start()
    before = workspace.latest()
    assert before is not None
    action = before.sprints[0].recommendations[0]
    await workspace.decide(action.id, Verdict.DISMISSED, "Not ours to move.")
    after = workspace.latest()
    assert after is not None
    assert action.id not in {r.id for r in after.sprints[0].recommendations}
    await workspace.stop()


async def test_a_setting_is_checked_kept_and_in_force(polled: Workspace) -> None:
    await polled.open()
    await polled.change_setting("theme", "dark")
    assert polled.settings.text("theme") == "dark"
    with pytest.raises(WrongUseError, match="one of system, light, dark"):
        await polled.change_setting("theme", "pink")
    with pytest.raises(WrongUseError, match="XX"):
        await polled.change_setting("holidays", "XX")
    assert polled.settings.text("holidays") == ""
    await polled.stop()


async def test_a_pause_of_alerts_is_a_setting_that_ends(polled: Workspace, now: datetime) -> None:
    await polled.open()
    await polled.pause_alerts(now + timedelta(hours=1))
    assert datetime.fromisoformat(polled.settings.text("alerts_paused_until")) > now
    await polled.pause_alerts(None)
    assert polled.settings.text("alerts_paused_until") == ""
    await polled.stop()


async def test_a_demo_takes_no_repositories(folder: DataFolder, now: datetime) -> None:
    workspace = Workspace(DataFolder(folder.root / "demo"), demo_name="healthy", now=lambda: now)
    await workspace.open()
    with pytest.raises(WrongUseError, match="demo"):
        await workspace.add_repository("o/r")
    await workspace.stop()


async def test_a_shown_alert_stays_shown(folder: DataFolder, now: datetime) -> None:
    workspace = Workspace(DataFolder(folder.root / "demo"), demo_name="slipping", now=lambda: now)
    await workspace.start()
    await workspace.change_setting("alerts_on_weekends", "true")
    await workspace.change_setting("quiet_from", "")
    await workspace.change_setting("digest_at", "off")
    notice = await workspace.next_notice()
    assert isinstance(notice, Balloon)
    assert workspace.alerts_unshown() == ()
    assert await workspace.next_notice() is None
    await workspace.stop()


async def test_an_accepted_action_is_followed_up_and_can_be_taken_back(folder: DataFolder, now: datetime) -> None:
    workspace = Workspace(DataFolder(folder.root / "demo"), demo_name="slipping", now=lambda: now)
    await workspace.start()
    first = workspace.latest().sprints[0].recommendations[0]
    await workspace.decide(first.id, Verdict.ACCEPTED)
    (followed,) = workspace.latest().follow_ups
    assert (followed.intervention.promised, followed.progress) == (first.delta_probability, Progress.UNDER_WAY)
    assert first.id not in {r.id for s in workspace.latest().sprints for r in s.recommendations}
    await workspace.undo_verdict(first.id)
    assert workspace.latest().follow_ups[0].progress is Progress.WITHDRAWN
    assert first.id in {r.id for s in workspace.latest().sprints for r in s.recommendations}
    await workspace.stop()


async def test_dismissing_weighs_on_the_kind_until_it_is_forgotten(folder: DataFolder, now: datetime) -> None:
    workspace = Workspace(DataFolder(folder.root / "demo"), demo_name="slipping", now=lambda: now)
    await workspace.start()
    first = workspace.latest().sprints[0].recommendations[0]
    await workspace.decide(first.id, Verdict.DISMISSED, "not our way")
    (weight,) = workspace.latest().learned
    assert (weight.kind, weight.dismissed) == (first.kind, 1)
    assert weight.weight < 1.0
    await workspace.forget_learning(first.kind)
    assert workspace.latest().learned == ()
    await workspace.stop()


async def test_a_clock_set_back_by_days_does_not_stop_the_polling(polled: Workspace, now: datetime) -> None:
    await asyncio.wait_for(polled._until(now + timedelta(days=3)), 5)


async def test_stopping_twice_and_stopping_before_the_start_are_fine(polled: Workspace) -> None:
    await polled.stop()
    await polled.stop()
    with pytest.raises(GalaxyError, match="not open"):
        _ = polled.store


async def test_switching_the_network_off_closes_the_door_at_once_and_stays(
    polled: Workspace, folder: DataFolder
) -> None:
    await polled.open()
    await polled.change_setting("network", "false")
    with pytest.raises(NetworkOffError):
        polled.egress.pass_out("api.github.com", 443, "GitHub API")
    await polled.stop()
    again = Workspace(folder)
    await again.open()
    assert (again.egress.on, [row.denied for row in again.egress.hosts()]) == (False, [1])
    await again.stop()


async def test_another_github_address_has_another_token_and_a_new_connection(
    folder: DataFolder, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GALAXY_GITHUB_TOKEN", "GALAXY_GITHUB_API"):
        monkeypatch.delenv(name, raising=False)
    keyring = FakeKeyring()
    monkeypatch.setattr("galaxy_desktop.services.keyring_thread._os_keyring", lambda: keyring)
    workspace = Workspace(folder, now=lambda: now)
    await workspace.open()
    await workspace.save_token("public")
    await workspace.change_setting("api_url", "https://github.example/api/v3")
    assert not workspace.has_token()
    await workspace.save_token("enterprise")
    assert sorted(keyring.kept.values()) == ["enterprise", "public"]
    assert workspace.sign_in is not None
    await workspace.sign_in.sign_out()
    assert list(keyring.kept.values()) == ["public"]
    await workspace.stop()
    assert workspace.sign_in is None


async def test_the_way_that_was_set_is_the_one_that_is_synced_by(polled: Workspace, tmp_path: Path) -> None:
    certificates = tmp_path / "company.pem"
    certificates.write_text("")
    await polled.open()
    await polled.change_setting("proxy", "http://proxy.example:3128")
    await polled.change_setting("ca_bundle", str(certificates))
    await polled.refresh()
    assert FakeSyncer.way == {
        "gate": polled.egress, "proxy": "http://proxy.example:3128", "ca_bundle": str(certificates),
        "budget": polled.budget,
    }  # fmt: skip
    await polled.stop()
