"""Repositories synced side by side, one request in flight for all, pages into the store.

A `Syncer` holds what outlives a sync: the client with its budget, the threads, what failed how often. Each sync is a
`Round` (see there) which is driven by the planner. Every call to GitHub is made in one thread of its own. Waits (a
Retry-After, the pause before a retry) happen in asyncio and end at once when somebody cancels or sets the stop flag.

What happened to a repository becomes its stored status: a state, a sentence and when to try again. "Syncing" is told
to listeners and never stored: after a kill it would be a lie.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.domain.events import Event
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.traffic import EgressGate, Exchange
from galaxy_desktop.services import clock as wall
from galaxy_desktop.services.lanes import CallThread, Lane, TaskOwner, log_error, pause
from galaxy_desktop.services.sync_ledger import SyncLedger
from galaxy_desktop.services.sync_outcome import BACKGROUND, EXPLICIT, Ending, Patience, RepositoryResult, SyncOutcome
from galaxy_desktop.services.sync_round import READ_S, Round, Sleep, Tools
from galaxy_desktop.services.sync_run import EitherStop, Rate, Run
from galaxy_desktop.services.sync_storage import Client, Connect, Storage

__all__ = ["Client", "Connect", "Ending", "RepositoryResult", "Storage", "SyncOutcome", "Syncer", "connect_github"]

T = TypeVar("T")
REFUSED_AGAIN = timedelta(hours=1)
"""How long the schedule leaves a name alone that GitHub did not show."""
Publish = Callable[[Event], None]


def connect_github(
    api_url: str,
    token: str | None,
    budget: Budget,
    clock: Callable[[], datetime],
    *,
    gate: EgressGate | None = None,
    observe: Callable[[Exchange], None] = lambda exchange: None,
    proxy: str | None = None,
    ca_bundle: str | None = None,
) -> Client:
    """The real GitHub."""
    from galaxy_desktop.collect.github_client import GitHub  # noqa: PLC0415 - PyGithub is not needed to show a window

    return GitHub(api_url, token, budget, clock, gate=gate, observe=observe, proxy=proxy, ca_bundle=ca_bundle)


class Syncer:
    """Syncs the repositories of one store with one GitHub."""

    def __init__(
        self,
        store: Storage,
        api_url: str,
        token: str | None,
        publish: Publish = lambda event: None,
        clock: Callable[[], datetime] = wall.now,
        *,
        gate: EgressGate | None = None,
        proxy: str | None = None,
        ca_bundle: str | None = None,
        budget: Budget | None = None,
        connect: Connect | None = None,
        sleep: Sleep = pause,
    ) -> None:
        """Connects to nothing yet; every request passes `gate`, by the proxy and certificates given. `connect` and `sleep` are for tests."""
        self._store = store
        self._api_url = api_url
        self._token = token
        self._clock = clock
        self._gate = gate
        self._proxy, self._ca_bundle = proxy, ca_bundle
        self._connect = connect or self._connect_github
        self.budget = budget or Budget(clock)
        """What may be asked now, by GitHub's last word."""
        self.visible: frozenset[str] = frozenset()
        """Full names of the repositories on screen: read first."""
        self._github: Client | None = None
        self._lane = Lane("sync")
        self._cancel = threading.Event()
        self._unwanted = 0
        self._ledger = SyncLedger(store)
        self._tools = Tools(
            store=store,
            client=self._client,
            budget=self.budget,
            clock=self._now,
            publish=publish,
            sleep=sleep,
            calls=CallThread("github"),
            reads=CallThread("sync-reads"),
            tasks=TaskOwner(log_error),
            ledger=self._ledger,
            visible=lambda: self.visible,
        )

    @property
    def _tasks(self) -> TaskOwner:
        return self._tools.tasks

    async def sync_once(
        self,
        names: Sequence[str] | None = None,
        *,
        explicit: bool = False,
        full: bool = False,
        again: bool = False,
        stop: StopFlag | None = None,
    ) -> SyncOutcome:
        """Sync these repositories, or all; a second call waits for the first.

        Args:
            names: "owner/name", known or new; `None` means everything tracked.
            explicit: somebody waits: retry broken answers and wait for limits that end soon.
            full: read in full to find what was deleted or moved; otherwise that happens once a week.
            again: ask once more for the lists that GitHub refused lately; a full read does so too.
            stop: ends the sync early when set; what was stored stays.
        """
        patience = EXPLICIT if explicit else BACKGROUND
        return await self._lane.run(lambda: self._sync(names, patience, stop, full=full, again=again or full))

    def cancel(self) -> None:
        """End the sync that runs now, within a second; what was stored stays."""
        self._cancel.set()

    async def between_syncs(self, work: Callable[[], Awaitable[T]]) -> T:
        """End the sync that runs and those that wait for their turn, then do something while none runs."""
        self._unwanted += 1
        self._cancel.set()
        try:
            return await self._lane.run(work)
        finally:
            self._unwanted -= 1

    async def close(self) -> None:
        """Cancel what runs, end the thread and the connection."""
        await self._tasks.close()
        self._end_threads()
        self._end_connection()
        self._github = None

    def _end_threads(self) -> None:
        self._tools.calls.close()
        self._tools.reads.close()

    def _end_connection(self) -> None:
        if self._github is not None:
            self._github.close()

    async def _sync(
        self, names: Sequence[str] | None, patience: Patience, stop: StopFlag | None, *, full: bool, again: bool
    ) -> SyncOutcome:
        sent, budget = self.budget.sent, self.budget
        self._cancel = cancel = threading.Event()
        if self._unwanted:
            cancel.set()
        either = EitherStop(stop.is_set if stop is not None else cancel.is_set, cancel.is_set)
        self._tools.rate = Rate()
        results: dict[int | str, RepositoryResult] = {}
        try:
            runs = await self._targets(names, full=full, explicit=patience is EXPLICIT)
            for run in runs:
                run.asked = again
            while runs:
                running = Round(self._tools, runs, patience, either)
                await self._drive(running)
                for one in running.results():
                    known = one.repository_id or one.full_name
                    results[known] = one.after(results.get(known))
                runs = running.next_runs()
        finally:
            self._end_threads()
            self._end_connection()
        return SyncOutcome(
            results=tuple(results.values()), asked=budget.sent - sent, poll_interval=budget.poll_interval
        )

    async def _drive(self, running: Round) -> None:
        """Let a round run as a task of ours: `close` ends it without cancelling whoever waits for the outcome."""
        task = self._tasks.start(running.drive(), "sync")
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            await self._tasks.close()
            raise
        finally:
            await self._ledger.write()
        if not task.cancelled():
            task.result()

    async def _targets(self, names: Sequence[str] | None, *, full: bool, explicit: bool) -> list[Run]:
        """Known repositories and wishes among the names; new names become wishes.

        A wish that GitHub refused is asked again when somebody asks (`explicit`), else once an hour.
        """
        reads = self._tools.reads
        known = {one.full_name.lower(): one for one in await reads.run(self._store.repositories, within=READ_S)}
        asked = None if names is None else {name.lower() for name in names}

        def named(name: str) -> bool:
            return name.lower() in asked if asked is not None else explicit

        for name in names or ():
            if name.lower() not in known:
                await asyncio.wrap_future(self._store.track(name))
        runs = [Run(one.full_name, one, full) for key, one in known.items() if asked is None or key in asked]
        wishes = await reads.run(self._store.wishes, within=READ_S)
        wanted = [name for name, why in wishes if named(name) or (asked is None and not (why and self._too_soon(name)))]
        return runs + [Run(name, None, full) for name in wanted]

    def _too_soon(self, name: str) -> bool:
        """Whether the schedule leaves a name alone that GitHub refused: asking every minute would cost and tell nothing."""
        at = self._tools.refused.get(name.lower())
        return at is not None and self._now() - at < REFUSED_AGAIN

    def _now(self) -> datetime:
        return self._clock()

    def _client(self) -> Client:
        if self._github is None:
            self._github = self._connect(self._api_url, self._token, self.budget, self._tools.clock)
        return self._github

    def _connect_github(self, api_url: str, token: str | None, budget: Budget, clock: Callable[[], datetime]) -> Client:
        return connect_github(
            api_url, token, budget, clock,
            gate=self._gate, observe=self._ledger.observe, proxy=self._proxy, ca_bundle=self._ca_bundle,
        )  # fmt: skip
