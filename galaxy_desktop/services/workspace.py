"""A workspace at work: what the window and `watch` hold on to.

It owns the store, the polling, the evaluation, the index and the model of one profile, and tells what
happens as typed events. Start order: store, last state, then (demo filled or) polling; the index and the
model follow behind, each on a thread of its own, so that neither stands between an event and its alert.
Stop order: polling, prose, index, model, store: what depends on a thing stops before it.

Listeners are called on the thread of the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from galaxy_desktop.domain.attention import DigestReport, Mute
from galaxy_desktop.domain.changes import ChangeState
from galaxy_desktop.domain.events import (
    AlertRaised,
    ChangeMoved,
    Event,
    FreshnessChanged,
    ProseArrived,
    SearchIndexMoved,
    SprintsReady,
    TaskFailed,
    WorkspaceAnalyzed,
)
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Alert, Analysis, RepositoryFreshness, UserVerdict, Verdict
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.domain.work_log import Execution, Job
from galaxy_desktop.errors import GalaxyError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import chosen_places, clock, demo, freshness, interpreter, schedule
from galaxy_desktop.services.asking import Asking
from galaxy_desktop.services.credentials import Credentials, TokenReport
from galaxy_desktop.services.desks import Desks, OpenDesks, open_desks
from galaxy_desktop.services.lanes import TaskOwner, log_error
from galaxy_desktop.services.notices import Notices
from galaxy_desktop.settings import BY_NAME, Settings, environment_token

if TYPE_CHECKING:
    from galaxy_desktop.collect.budget import Budget
    from galaxy_desktop.collect.planner import Allowance
    from galaxy_desktop.domain.flow import FlowReport
    from galaxy_desktop.services.background import Background
    from galaxy_desktop.services.egress import Egress
    from galaxy_desktop.services.flow_report import FlowReports
    from galaxy_desktop.services.sync import Syncer
    from galaxy_desktop.services.sync_outcome import SyncOutcome
    from galaxy_desktop.store.database import Store

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Listener = Callable[[Event], None]
USER = "user"
IDLE = timedelta(minutes=1)
"""How long to wait when nothing is tracked yet."""
LOOK_S = 30.0
"""How often a wait looks whether the computer slept meanwhile."""
THE_WAY_TO_GITHUB = ("api_url", "proxy", "ca_bundle")
"""Settings after whose change GitHub is connected anew."""
BUG_SENTENCE = "It stopped because of a fault of the program; the log has the details"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What ran, what waits, what failed: the Activity page."""

    executions: tuple[Execution, ...] = ()
    jobs: tuple[Job, ...] = ()
    dead: tuple[Job, ...] = ()
    alerts: tuple[Alert, ...] = ()
    syncs: tuple[RepositoryFreshness, ...] = ()
    digest: DigestReport | None = None
    mutes: tuple[Mute, ...] = ()


class Workspace(Notices, Asking, OpenDesks):
    """One profile, running. All methods are called on the event loop's thread."""

    def __init__(
        self,
        folder: DataFolder,
        *,
        demo_name: str | None = None,
        credentials: Credentials | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        """Nothing is opened yet; `demo_name` makes it a demo that never talks to GitHub."""
        self.folder = folder
        self.demo_name = demo_name
        self._given_credentials = credentials
        self._now = now
        self._listeners: list[Listener] = []
        self._tasks = TaskOwner(self._failed)
        self._thinking = ThreadPoolExecutor(1, thread_name_prefix="galaxy-thinking")
        self._store: Store | None = None
        self._syncer: Syncer | None = None
        self._background: Background | None = None
        self.typed: Callable[[], None] = lambda: None
        self._wake = asyncio.Event()
        self._stop = threading.Event()
        self._latest: Analysis | None = None
        self._being_read: frozenset[int] = frozenset()
        self._settings = Settings()
        self._desks: Desks | None = None
        self._budget: Budget | None = None
        self._signed_in: bool | None = None
        self._visible: frozenset[str] = frozenset()
        self._evaluated_on: object = None
        self._flow: FlowReports | None = None
        self._sent_lately = False
        self._taking_in: asyncio.Task[None] | None = None
        self.next_poll_at: datetime | None = None
        """When GitHub is asked next by itself, `None` before the first poll."""
        self.poll_pause: timedelta | None = None
        """The pause between polls, which grows while nothing moves."""

    # --- what is known

    @property
    def profile(self) -> str:
        """The name shown for this profile: "main", or "demo: slipping"."""
        return f"demo: {self.demo_name}" if self.demo_name else "main"

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._settings

    @property
    def store(self) -> Store:
        """The open store; a `GalaxyError` before `open` and after `stop`."""
        if self._store is None:
            raise GalaxyError("This workspace is not open.")
        return self._store

    @property
    def egress(self) -> Egress:
        """The door to the network; a `GalaxyError` before `open` and after `stop`."""
        if self._desks is None:
            raise GalaxyError("This workspace is not open.")
        return self._desks.egress

    @property
    def budget(self) -> Budget:
        """What may be asked of GitHub now; syncing and the outbox share it."""
        if self._budget is None:
            from galaxy_desktop.collect.budget import Budget  # noqa: PLC0415 - after the first paint

            self._budget = Budget(self._now)
        return self._budget

    def latest(self) -> Analysis | None:
        """The newest evaluation, from this session or the last one."""
        return self._latest

    def has_token(self) -> bool | None:
        """Whether a GitHub token is there; may ask the OS keyring, so not for a hot path.

        A demo needs none and opens no keyring, so `None`: nobody looked. Raises `CancelledByUserError` at the end.
        """
        if self.demo_name is not None and environment_token() is None:
            return None
        return self._signed_in if self._signed_in is not None else self.credentials().token() is not None

    def has_repositories(self) -> bool:
        """Whether anything is tracked or waits to be."""
        return bool(self.store.repositories() or self.store.wanted())

    def activity(self) -> Activity:
        """What ran lately, from the store."""
        store = self.store
        return Activity(
            executions=store.executions(200),
            jobs=store.jobs.recent(100),
            dead=store.jobs.dead(),
            alerts=store.alerts(),
            syncs=store.freshness(),
            digest=store.latest_digest(),
            mutes=store.mutes(self._now()),
        )

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` for every event from now on; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # --- start and stop

    async def open(self) -> None:
        """Open the store and show the last state; raises `StoreError` with what to do."""
        self._store = await self._think(self._open_store)
        interpreter.spare_what_lives()
        self._settings = Settings.from_text(self._store.settings())
        store, demo_name, tell = self._store, self.demo_name, self._publish_from_thread()
        self._desks = await self._think(
            lambda: open_desks(self, store, self._publish, self._now, demo=demo_name is not None, tell=tell)
        )
        self._latest = await self._think(self._store.latest_analysis)
        if self._latest is not None:
            self._publish(WorkspaceAnalyzed(self._latest, 0.0))

    async def start(self) -> None:
        """Open if needed, then fill the demo or begin to poll; returns when the first evaluation is under way."""
        if self._store is None:
            await self.open()
        from galaxy_desktop.services.background import Background  # noqa: PLC0415 - imported after the first paint

        engines = self._desks.providers.engines if self._desks is not None else None
        self._background = Background(self.folder, self.store, self._publish_from_thread(), self._now, engines)
        self._background.learned, self.typed = self._evaluate_with_the_past, self._background.typed
        if self._desks is not None:
            self._background.tell_of_the_model(self._desks.models)
        if self.demo_name:
            await self._evaluate(time.monotonic())
            return
        self._tasks.start(self._poll(), "polling")

    async def stop(self) -> None:
        """Cancel what runs, join every thread, close the store; safe to call twice."""
        self._stop.set()
        self._wake.set()
        await self._tasks.close()
        if self._desks is not None:
            await self._desks.close()
        if self._syncer is not None:
            await self._syncer.close()
        if self._background is not None:
            await self._background.close()
        await asyncio.to_thread(self._thinking.shutdown)
        if self._desks is not None:
            await asyncio.to_thread(self._desks.close_door)
            self._desks = None
        if self._store is not None:
            await asyncio.to_thread(self._store.close)
            self._store = None

    # --- what a person does

    async def refresh(self) -> None:
        """Sync now, whatever the schedule says, then evaluate; a demo is only evaluated."""
        await self._round(explicit=True)

    async def decide(
        self, recommendation_id: str, verdict: Verdict, reason: str = "", until: datetime | None = None
    ) -> None:
        """Keep the user's verdict on a recommendation and evaluate again."""
        given = UserVerdict(
            recommendation_id=recommendation_id, verdict=verdict, reason=reason, at=self._now(), until=until
        )
        await asyncio.wrap_future(self.store.give_verdict(given))
        await self._evaluate(time.monotonic())

    async def confirm_sprint(self, sprint_id: str) -> None:
        """The user agrees that these milestones are one sprint."""
        await asyncio.wrap_future(self.store.confirm_sprint(sprint_id, self._now()))
        await self._evaluate(time.monotonic())

    async def change_setting(self, name: str, text: str) -> None:
        """Change one setting; raises `WrongUseError` with what would be right."""
        if name not in BY_NAME:
            raise WrongUseError(f"There is no setting named {name!r}.")
        BY_NAME[name].parse(text)
        if name == "holidays":
            clock_day = self._now().date()
            from galaxy_desktop.services.holiday_calendar import holidays_of  # noqa: PLC0415 - rarely needed

            await self._think(lambda: holidays_of(text, clock_day))
        if name in chosen_places.LOOKED_AT:
            before = self._settings.text(name)
            await self._think(lambda: chosen_places.look_at(name, text, before))
        await asyncio.wrap_future(self.store.set_setting(name, text, USER, self._now()))
        self._settings = Settings.from_text(self.store.settings())
        if name in ("holidays", "days_off", *chosen_places.LOOKED_AT):
            await self._evaluate(time.monotonic())
        if name == "model" and self._background is not None:
            self._latest = self._background.use_model(self._settings, self._latest)
            self._evaluate_with_the_past()
        if name == "network":
            self.egress.switch(on=self._settings.flag("network"))
            self._wake.set()
        if name in THE_WAY_TO_GITHUB:
            self.egress.use_proxy(self._settings.proxy())
            await self.connect_anew(limits_hold=name != "api_url")

    async def add_repository(self, full_name: str) -> None:
        """Track one more repository and fetch it soon; raises `WrongUseError` for what is no "owner/name"."""
        from galaxy_desktop.services.names import repository_name  # noqa: PLC0415 - small, but only here

        if self.demo_name:
            raise WrongUseError("This is a demo. Connect GitHub first, then add repositories.")
        await asyncio.wrap_future(self.store.track(repository_name(full_name)))
        self._wake.set()

    async def test_token(self, token: str) -> TokenReport:
        """Ask GitHub whose token this is, before it is saved."""
        from galaxy_desktop.services.token_check import check_by_settings  # noqa: PLC0415 - brings the GitHub client

        return await asyncio.to_thread(check_by_settings, self._settings, self.egress, token, self._now)

    async def save_token(self, token: str) -> None:
        """Keep the token in the OS keyring and use it from now on; raises `KeyringError`."""
        await asyncio.to_thread(self.credentials().save, token)
        await self.connect_anew()

    async def connect_anew(self, *, limits_hold: bool = False) -> None:
        """Let the next poll, which is now, take the token and the way to GitHub as they are now.

        `limits_hold` says that it is the same token at the same GitHub: what GitHub said of its limits still holds.
        """
        if self._syncer is not None:
            await self._syncer.close()
            self._syncer = None
        self._signed_in = None
        if not limits_hold:
            self._budget = None
        if self.outbox is not None:
            self.outbox.token_changed()
        self._wake.set()

    def look_at(self, repositories: Sequence[str]) -> None:
        """These repositories are on the screen: they are read first."""
        self._visible = frozenset(repositories)
        if self._syncer is not None:
            self._syncer.visible = self._visible

    async def forget_vectors(self, prefixes: Sequence[str]) -> int:
        """Remove the texts of a repository from the index; returns how many that were."""
        return await self._background.forget(prefixes) if self._background is not None else 0

    async def evaluate_again(self, repository_id: int) -> None:
        """A repository is gone: what is said from now on is said without it, at once in short and then anew."""
        if self._latest is not None:
            left = tuple(r for r in self._latest.repositories if r.repository.id != repository_id)
            self._latest = replace(self._latest, repositories=left, sprints=(), dependencies=(), alerts=(), items=())
            self._publish(WorkspaceAnalyzed(self._latest, 0.0))
        await self._evaluate(time.monotonic())

    async def flow(self, sprint_id: str = "") -> FlowReport:
        """The flow of a sprint and its repositories, of the first sprint for ""; computed once per evaluation."""
        from galaxy_desktop.services.flow_report import FlowReports  # noqa: PLC0415 - when the page is first opened

        reports = self._flow = self._flow or FlowReports()
        country, now, store, latest = self._settings.text("holidays"), self._now(), self.store, self._latest
        return await self._think(lambda: reports.report(store, sprint_id, now, country, latest))

    async def requeue(self, job_id: int) -> None:
        """Give a dead job another try."""
        await asyncio.wrap_future(self.store.jobs.requeue(job_id, self._now()))
        if self._background is not None:
            self._background.wake()

    async def search(self, query: str) -> tuple[Evidence, ...]:
        """Evidence for words or meaning: the vector index when it is ready, the text index always."""
        if self._background is not None:
            return await self._background.search(query)
        return await self._think(lambda: self.store.search_text(query))

    # --- the loop

    async def _poll(self) -> None:
        """Poll when it is due until stopped; one failed round never ends the polling."""
        history = schedule.History()
        while not self._stop.is_set():
            self._wake.clear()
            due = self._now() + IDLE
            if await self._think(self.has_repositories):
                due, history = await self._due_after_round(history)
            await self._until(due)

    async def _due_after_round(self, history: schedule.History) -> tuple[datetime, schedule.History]:
        """Poll once; when to poll next, and the history with this poll in it. A failure is told, then backed off."""
        try:
            return self._plan(await self._round(explicit=False), history)
        except Exception as error:  # noqa: BLE001 - told and logged; the next poll may work again
            self._failed("polling", error)
            history = history.after(RepositoryState.FAILED, changed=False)
            return schedule.next_poll(history, RepositoryState.FAILED, self._now()), history

    async def sync(self, names: Sequence[str] | None = None, *, full: bool = False) -> SyncOutcome:
        """Sync these repositories, or all, whatever the schedule says, then evaluate; `full` reads them in full."""
        return await self._round(explicit=True, names=names, full=full)

    def cancel_sync(self) -> None:
        """End the sync that runs now, within a second; what was stored stays."""
        if self._syncer is not None:
            self._syncer.cancel()

    async def in_peace(self, work: Callable[[], Result]) -> Result:
        """End every sync, let an evaluation come to its end, then run blocking work while there is none of either."""
        if self._syncer is None:
            return await self._think(work)
        return await self._syncer.between_syncs(lambda: self._think(work))

    def allowance(self, resource: str) -> Allowance | None:
        """GitHub's last word on what is left of a quota ("core", "graphql"); `None` before it said anything."""
        return self._syncer.budget.allowances.get(resource) if self._syncer is not None else None

    async def _round(self, *, explicit: bool, names: Sequence[str] | None = None, full: bool = False) -> SyncOutcome:
        """One sync, and an evaluation when it brought something or the day changed; a demo asks nobody."""
        if self.demo_name is not None:
            from galaxy_desktop.services.sync_outcome import SyncOutcome  # noqa: PLC0415 - after the first paint

            await self._evaluate(time.monotonic())
            return SyncOutcome()
        await self._heed_the_switch()
        syncer = await self._get_syncer()
        outcome = await syncer.sync_once(names, explicit=explicit, again=explicit, full=full, stop=self._stop)
        if self.outbox is not None:
            (self.outbox.disconnected if outcome.offline else self.outbox.reconnected)()
        if self._evaluated_on != self._now().date():
            await asyncio.wrap_future(self.store.prune(self._now()))
        saw = time.monotonic()
        if outcome.changed or explicit or self._evaluated_on != self._now().date():
            await self._evaluate(saw)
        return outcome

    async def _heed_the_switch(self) -> None:
        """Another program with the same profile, such as the window beside `watch`, may have switched the network."""
        stored = Settings.from_text(await self._think(self.store.settings))
        if stored.flag("network") != self._settings.flag("network"):
            self._settings = stored
            self.egress.switch(on=stored.flag("network"))

    def _plan(self, outcome: SyncOutcome, history: schedule.History) -> tuple[datetime, schedule.History]:
        """When to poll next, and the history with this poll in it."""
        states = [result.state for result in outcome.results] or [RepositoryState.SYNCED]
        state = RepositoryState.SYNCED if RepositoryState.SYNCED in states else states[0]
        history = history.after(state, changed=outcome.changed)
        pace = schedule.Pace(
            fastest=timedelta(seconds=self._settings.number("poll_seconds")),
            slowest=timedelta(seconds=self._settings.number("poll_rest_seconds")),
            asked=outcome.poll_interval,
        )
        due = schedule.next_poll(history, state, self._now(), pace)
        self.poll_pause = due - self._now()
        waits = outcome.history_waits_until
        self.next_poll_at = min(due, waits) if waits is not None and waits > self._now() else due
        return self.next_poll_at, history

    async def _until(self, due: datetime) -> None:
        """Wait until then, until somebody wakes the polling, or until the computer wakes from sleep."""
        slept = False
        while not schedule.due_now(due, self._now(), slept=slept) and not self._wake.is_set():
            wall, steady = self._now(), time.monotonic()
            try:
                await asyncio.wait_for(self._wake.wait(), min(max((due - wall).total_seconds(), 0), LOOK_S))
            except TimeoutError:
                slept = schedule.woke(self._now() - wall, timedelta(seconds=time.monotonic() - steady))

    async def _get_syncer(self) -> Syncer:
        if self._syncer is None:
            from galaxy_desktop.services.sync import Syncer  # noqa: PLC0415 - brings the GitHub client

            token = await asyncio.to_thread(self.credentials().token)
            self._signed_in = token is not None
            self._syncer = Syncer(
                self.store,
                self._settings.api_url(),
                token,
                publish=self._publish,
                clock=self._now,
                gate=self.egress,
                proxy=self._settings.proxy(),
                ca_bundle=self._settings.ca_bundle(),
                budget=self.budget,
            )
            self._syncer.visible = self._visible
        return self._syncer

    async def _evaluate(self, saw: float) -> None:
        """Think, publish, alert; then let index and model follow behind."""
        from galaxy_desktop.services.prose import carry_over  # noqa: PLC0415 - after the first paint

        now = self._now()
        country = self._settings.text("holidays")
        if self._flow is not None:
            self._flow.clear()
        if not self.store.repositories():
            return
        embeddings = self._background.embeddings if self._background is not None else {}
        analysis, raised = await self._think(lambda: _evaluated(self.store, now, country, embeddings))
        if self._evaluated_on is None:
            interpreter.spare_what_lives()
        self._evaluated_on = now.date()
        analysis = freshness.still_syncing(carry_over(self._latest, analysis), self._being_read)
        self._latest = analysis
        seconds = time.monotonic() - saw
        logger.info(
            "Evaluated %d sprints, %.1f s after the poll; %d new alerts", len(analysis.sprints), seconds, len(raised)
        )
        self._publish(WorkspaceAnalyzed(analysis, seconds))
        for alert in raised:
            self._publish(AlertRaised(alert))
        if self._background is not None:
            self._background.follow(analysis, self._settings)

    # --- plumbing

    def credentials(self) -> Credentials:
        """The keyring entry of the GitHub in force."""
        return self._given_credentials or Credentials(self._settings.api_url(), stop=self._stop)

    def _open_store(self) -> Store:
        from galaxy_desktop.store.database import Store  # noqa: PLC0415 - SQLAlchemy, after the first paint

        if self.demo_name is None:
            return Store.open(self.folder.make())
        from galaxy_desktop.services.commands import fill_demo  # noqa: PLC0415 - only a demo needs it

        now = self._now()
        wanted = demo.prepare(self.folder, self.demo_name, now)
        store = Store.open(self.folder)
        if wanted:
            fill_demo(store, self.demo_name, now)
            demo.mark_filled(self.folder, self.demo_name, now)
        return store

    async def _think(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thinking, work)

    def _failed(self, name: str, error: BaseException) -> None:
        """Tell of a task that ended badly: foreseen failures in their own words, bugs through the log."""
        log_error(name, error)
        foreseen = isinstance(error, GalaxyError)
        self._publish(TaskFailed(name, str(error) if foreseen else f"{BUG_SENTENCE} ({type(error).__name__})."))

    def _publish(self, event: Event) -> None:
        if isinstance(event, FreshnessChanged):
            self._keep(event.freshness)
        if isinstance(event, SearchIndexMoved) and self._desks is not None:
            self._desks.search.moved(event.state)
        if isinstance(event, ProseArrived) and self._latest is not None:
            sprints = tuple(
                replace(s, explanation=event.explanation) if s.sprint.id == event.sprint_id else s
                for s in self._latest.sprints
            )
            self._latest = replace(self._latest, sprints=sprints)
        for listener in list(self._listeners):
            listener(event)
        if isinstance(event, SprintsReady):
            self._tasks.start(self._evaluate(time.monotonic()), "early evaluation")
        if isinstance(event, ChangeMoved) and event.change.state is ChangeState.SENT:
            self._take_in_what_was_sent()

    def _evaluate_with_the_past(self) -> None:
        self._tasks.start(self._evaluate(time.monotonic()), "evaluation with the past")

    def _take_in_what_was_sent(self) -> None:
        """GitHub's answer to a change is stored already: evaluate with it now, not with the next poll that finds news."""

        async def evaluate() -> None:
            while self._sent_lately:
                self._sent_lately = False
                await self._evaluate(time.monotonic())

        self._sent_lately = True
        if self._taking_in is None or self._taking_in.done():
            self._taking_in = self._tasks.start(evaluate(), "evaluation of what was sent")

    def _keep(self, fresh: RepositoryFreshness) -> None:
        one, reads = frozenset({fresh.repository.id}), fresh.state is RepositoryState.SYNCING
        self._being_read = self._being_read | one if reads else self._being_read - one
        if self._latest is not None:
            self._latest = replace(self._latest, repositories=freshness.with_one(self._latest.repositories, fresh))

    def _publish_from_thread(self) -> Listener:
        loop = asyncio.get_running_loop()

        def publish(event: Event) -> None:
            loop.call_soon_threadsafe(self._publish, event)

        return publish


def _evaluated(
    store: Store, now: datetime, country: str, embeddings: Mapping[str, Sequence[float]]
) -> tuple[Analysis, tuple[Alert, ...]]:
    """Evaluate what is stored; numpy and friends are imported on the thread that thinks, not on the window's."""
    from galaxy_desktop.services import pipeline  # noqa: PLC0415 - after the first paint
    from galaxy_desktop.services.holiday_calendar import holidays_of  # noqa: PLC0415 - same

    return pipeline.evaluate(store, now, holidays_of(country, now.date()), embeddings)
