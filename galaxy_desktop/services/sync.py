"""Repositories synced side by side: one lane each, one request in flight for all, pages into the store.

A lane runs the steps of `collect.sync` in order. Every call to GitHub is made in one thread of its own, so
requests go out one at a time whatever the number of repositories; pages are handed to the store as they
come, and the next page is fetched while the last one is written. Waits (a Retry-After, the pause before a
retry) happen here in asyncio and end at once when somebody cancels or sets the stop flag.

A repository that fails leaves the others alone. What happened becomes its stored status: a state, a sentence
and when to try again. "Syncing" is told to listeners and never stored: after a kill it would be a lie.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

from galaxy_desktop.collect.answers import GitHubLike, UnstatedLimitError
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.sync import RepositoryReader, Step, resolve
from galaxy_desktop.domain.events import Event, FreshnessChanged, SyncProgressed
from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.sync import Cursor, Page, SyncStatus, Validator
from galaxy_desktop.domain.work import Repository, RepositoryState
from galaxy_desktop.errors import (
    BrokenAnswerError,
    CancelledByUserError,
    GalaxyError,
    LegalBlockError,
    LimitError,
    NoAccessError,
    OfflineError,
    RefusedError,
    TokenRejectedError,
)
from galaxy_desktop.services import clock as wall
from galaxy_desktop.services import schedule
from galaxy_desktop.services.lanes import CallThread, Lane, TaskOwner, log_error, pause, raise_if_stopped
from galaxy_desktop.services.sync_outcome import BACKGROUND, EXPLICIT, Ending, Patience, RepositoryResult, SyncOutcome

__all__ = ["Ending", "RepositoryResult", "SyncOutcome", "Syncer"]

logger = logging.getLogger(__name__)

READ_S = 60.0
CALL_S = 90.0
"""The longest that one page may take, queueing behind other repositories included."""

LIMIT_MARGIN_S = 0.5
"""Clocks are read to the second."""
MOST_LIMITS = 5
"""How often one step waits for a limit before it gives up."""

T = TypeVar("T")
Publish = Callable[[Event], None]
Sleep = Callable[[float, StopFlag | None], Coroutine[Any, Any, None]]


class Storage(Protocol):
    """What a sync needs of the store."""

    def apply(self, page: Page) -> Future[None]:
        """Store a page whole."""
        ...

    def cursor(self, repository_id: int, entity: str) -> Cursor | None:
        """Where reading a list stands."""
        ...

    def validator(self, repository_id: int, url: str) -> Validator | None:
        """The ETag last given for a URL."""
        ...

    def repositories(self) -> tuple[Repository, ...]:
        """The tracked repositories."""
        ...

    def wanted(self) -> tuple[str, ...]:
        """Names to be tracked whose repository is not known yet."""
        ...

    def track(self, full_name: str) -> Future[None]:
        """Wish to track a repository."""
        ...

    def forget_wish(self, full_name: str) -> Future[None]:
        """Drop a wish that was fulfilled."""
        ...

    def status(self, repository_id: int) -> SyncStatus | None:
        """The stored state of a repository's sync."""
        ...

    def freshness(self) -> tuple[RepositoryFreshness, ...]:
        """How many rows are held and how fresh they are."""
        ...


class Client(GitHubLike, Protocol):
    """GitHub with a connection that can be closed."""

    def close(self) -> None:
        """Close the connection."""
        ...


Connect = Callable[[str, str | None, Budget, Callable[[], datetime]], Client]


def connect_github(api_url: str, token: str | None, budget: Budget, clock: Callable[[], datetime]) -> Client:
    """The real GitHub."""
    from galaxy_desktop.collect.github_client import GitHub  # noqa: PLC0415 - PyGithub is not needed to show a window

    return GitHub(api_url, token, budget, clock)


@dataclass(slots=True)
class _Run:
    """One sync of one repository while it runs."""

    name: str
    patience: Patience
    stop: StopFlag | None
    repository: Repository | None = None
    records: int = 0
    disabled: str = ""
    waits: dict[str, Iterator[float]] = field(default_factory=dict)

    def next_wait(self, kind: str, seconds: tuple[float, ...]) -> float | None:
        """The pause before the next retry of this kind, or `None` when there were enough."""
        return next(self.waits.setdefault(kind, iter(seconds)), None)


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
        connect: Connect = connect_github,
        sleep: Sleep = pause,
    ) -> None:
        """Connects to nothing yet; `connect` and `sleep` are for tests."""
        self._store = store
        self._api_url = api_url
        self._token = token
        self._publish = publish
        self._clock = clock
        self._connect = connect
        self._sleep = sleep
        self._budget = Budget(clock)
        self._github: Client | None = None
        self._lane = Lane("sync")
        self._calls = CallThread("github")
        self._reads = CallThread("sync-reads")
        self._tasks = TaskOwner(log_error)
        self._failures: dict[str, int] = {}
        self._claimed: set[int] = set()

    async def sync_once(
        self, names: Sequence[str] | None = None, *, explicit: bool = False, stop: StopFlag | None = None
    ) -> SyncOutcome:
        """Sync these repositories, or all; a second call waits for the first.

        Args:
            names: "owner/name", known or new; `None` means everything tracked.
            explicit: somebody waits: retry broken answers and wait for limits that end soon.
            stop: ends the sync early when set; what was stored stays.
        """
        return await self._lane.run(lambda: self._sync(names, EXPLICIT if explicit else BACKGROUND, stop))

    async def close(self) -> None:
        """Cancel what runs, end the thread and the connection."""
        await self._tasks.close()
        self._end_threads()
        if self._github is not None:
            self._github.close()
            self._github = None

    def _end_threads(self) -> None:
        self._calls.close()
        self._reads.close()

    async def _sync(self, names: Sequence[str] | None, patience: Patience, stop: StopFlag | None) -> SyncOutcome:
        sent = self._budget.sent
        try:
            runs = await self._targets(names, patience, stop)
            results = await self._side_by_side(runs)
        finally:
            self._end_threads()
            if self._github is not None:
                self._github.close()
        return SyncOutcome(results=results, asked=self._budget.sent - sent, poll_interval=self._budget.poll_interval)

    async def _side_by_side(self, runs: list[_Run]) -> tuple[RepositoryResult, ...]:
        """One task a repository; a bug in one lets the others finish and is raised then."""
        tasks = [self._tasks.start(self._lane_of(run), f"sync {run.name}") for run in runs]
        try:
            done = await asyncio.gather(*tasks, return_exceptions=True)
        except asyncio.CancelledError:
            await self._tasks.close()
            raise
        bugs = [one for one in done if isinstance(one, Exception)]
        if bugs:
            raise bugs[0]
        return tuple(
            self._result(run, Ending.STOPPED, RepositoryState.WAITING, "Stopped.")
            if isinstance(one, BaseException)
            else one
            for run, one in zip(runs, done, strict=True)
            if one is not None
        )

    async def _targets(self, names: Sequence[str] | None, patience: Patience, stop: StopFlag | None) -> list[_Run]:
        """Known repositories and wishes among the names; new names become wishes."""
        known = {repository.full_name.lower(): repository for repository in await self._look(self._store.repositories)}
        asked = None if names is None else {name.lower() for name in names}
        for name in names or ():
            if name.lower() not in known:
                await asyncio.wrap_future(self._store.track(name))
        runs = [_Run(r.full_name, patience, stop, r) for key, r in known.items() if asked is None or key in asked]
        wishes = [name for name in await self._look(self._store.wanted) if asked is None or name.lower() in asked]
        self._claimed = {run.repository.id for run in runs if run.repository}
        return runs + [_Run(name, patience, stop) for name in wishes]

    async def _lane_of(self, run: _Run) -> RepositoryResult | None:
        """One repository from start to stored status; `None` when another lane has it under its other name."""
        try:
            if run.repository is None and not await self._fulfil(run):
                return None
            await self._read(run)
        except CancelledByUserError as error:
            return self._result(run, Ending.STOPPED, await self._stored_state(run), str(error))
        except _REFUSALS as error:
            return await self._ended(run, error)
        return await self._succeeded(run)

    async def _fulfil(self, run: _Run) -> bool:
        """Find the repository behind a name; false when it is one that another lane reads already."""
        found: Repository = await self._retried(run, lambda: self._call(run, lambda: resolve(self._client(), run.name)))
        tracked = await self._look(self._store.repositories)
        if found.id not in {repository.id for repository in tracked}:
            await self._write(Page(repository_id=found.id, records=(found,)))
            await asyncio.wrap_future(self._store.track(found.full_name))
        await asyncio.wrap_future(self._store.forget_wish(run.name))
        if found.id in self._claimed:
            return False
        self._claimed.add(found.id)
        run.repository = next((repository for repository in tracked if repository.id == found.id), found)
        return True

    async def _read(self, run: _Run) -> None:
        """All steps of one repository."""
        repository = _known(run)
        await self._tell_syncing(repository.id)
        reader = await self._call(run, lambda: RepositoryReader(self._client(), self._store, repository, self._clock))
        steps = reader.steps()
        while (step := await self._look(lambda: next(steps, None))) is not None:
            await self._retried(run, partial(self._step, run, reader, step))
            run.waits.clear()
            run.repository = reader.repository
        run.disabled = reader.issues_disabled

    async def _step(self, run: _Run, reader: RepositoryReader, step: Step) -> None:
        """One step: each page is stored while the next is fetched."""
        pages = step.pages()
        writing: asyncio.Future[None] | None = None
        rows = 0
        while (page := await self._call(run, lambda: next(pages, None))) is not None:
            if writing is not None:
                await writing
            writing = asyncio.wrap_future(self._store.apply(page))
            rows += len(page.records)
            run.records += len(page.records) + len(page.gone)
            total = rows + reader.rows_to_come
            self._publish(SyncProgressed(reader.repository.full_name, step.stage, rows, total))
        if writing is not None:
            await writing

    async def _call(self, run: _Run, call: Callable[[], T]) -> T:
        raise_if_stopped(run.stop)
        sentence = "GitHub took too long to answer. The next sync asks again."
        return await self._calls.run(call, within=CALL_S, stop=run.stop, sentence=sentence)

    async def _retried(self, run: _Run, work: Callable[[], Awaitable[T]]) -> T:
        """The result of some work, tried again as patiently as this sync is."""
        while True:
            try:
                return await work()
            except (LimitError, BrokenAnswerError, OfflineError) as error:
                wait = self._wait_after(run, error)
                if wait is None:
                    raise
                logger.info("%s: %s Trying again in %.0f s.", run.name, error, wait)
            await self._sleep(wait, run.stop)

    def _wait_after(self, run: _Run, error: GalaxyError) -> float | None:
        """Seconds to wait before the next try, or `None` to give up for now."""
        if isinstance(error, UnstatedLimitError):
            wait = run.next_wait("unstated", run.patience.unstated)
            if wait is None:
                self._budget.block(error.until)
            return wait
        if isinstance(error, LimitError):
            left = (error.until - self._clock()).total_seconds()
            again = run.next_wait("limit", (LIMIT_MARGIN_S,) * MOST_LIMITS)
            return max(0.0, left) + again if again and left <= run.patience.longest_wait_s else None
        if isinstance(error, OfflineError):
            return run.next_wait("offline", run.patience.offline)
        return run.next_wait("broken", run.patience.broken)

    async def _succeeded(self, run: _Run) -> RepositoryResult:
        state = RepositoryState.ISSUES_DISABLED if run.disabled else RepositoryState.SYNCED
        now = self._clock()
        repository = _known(run)
        self._failures.pop(repository.full_name, None)
        await self._set_status(
            SyncStatus(repository_id=repository.id, state=state, sentence=run.disabled, synced_at=now)
        )
        return self._result(run, Ending.OK, state, run.disabled)

    async def _ended(self, run: _Run, error: GalaxyError) -> RepositoryResult:
        """Store why it ended; what was collected stays as it is."""
        ending, state = _verdict(error)
        now = self._clock()
        if run.repository is not None:
            repository_id = run.repository.id
            before = await self._look(lambda: self._store.status(repository_id))
            offline = state is RepositoryState.OFFLINE
            await self._set_status(
                SyncStatus(
                    repository_id=run.repository.id,
                    state=state,
                    sentence=str(error),
                    synced_at=before.synced_at if before else None,
                    next_try_at=self._next_try(run, error, state, now),
                    offline_since=((before.offline_since if before else None) or now) if offline else None,
                )
            )
        return self._result(run, ending, state, str(error))

    def _next_try(self, run: _Run, error: GalaxyError, state: RepositoryState, now: datetime) -> datetime:
        failures = self._failures.get(run.name, 0) + 1
        self._failures[run.name] = failures
        told = error.until if isinstance(error, LimitError) else None
        if told is not None and not isinstance(error, UnstatedLimitError):
            return told
        return schedule.next_poll(schedule.History(failures=failures), state, now, told=told)

    async def _set_status(self, status: SyncStatus) -> None:
        await self._write(Page(repository_id=status.repository_id, status=status))
        for fresh in await self._look(self._store.freshness):
            if fresh.repository.id == status.repository_id:
                self._publish(FreshnessChanged(fresh))

    async def _write(self, page: Page) -> None:
        await asyncio.wrap_future(self._store.apply(page))

    async def _look(self, read: Callable[[], T]) -> T:
        """A read of the store, off the loop: counting rows takes its time."""
        return await self._reads.run(read, within=READ_S)

    async def _tell_syncing(self, repository_id: int) -> None:
        for fresh in await self._look(self._store.freshness):
            if fresh.repository.id == repository_id:
                self._publish(FreshnessChanged(replace(fresh, state=RepositoryState.SYNCING, sentence="")))

    async def _stored_state(self, run: _Run) -> RepositoryState:
        repository = run.repository
        status = await self._look(lambda: self._store.status(repository.id)) if repository else None
        return status.state if status else RepositoryState.WAITING

    def _result(self, run: _Run, ending: Ending, state: RepositoryState, sentence: str) -> RepositoryResult:
        return RepositoryResult(
            full_name=run.repository.full_name if run.repository else run.name,
            ending=ending,
            state=state,
            sentence=sentence,
            repository_id=run.repository.id if run.repository else None,
            records=run.records,
        )

    def _client(self) -> Client:
        if self._github is None:
            self._github = self._connect(self._api_url, self._token, self._budget, self._clock)
        return self._github


def _known(run: _Run) -> Repository:
    if run.repository is None:
        raise AssertionError(f"{run.name} is read before it was found")
    return run.repository


def _verdict(error: GalaxyError) -> tuple[Ending, RepositoryState]:
    """How a failure ends the sync of a repository, and the state that it leaves."""
    for kind, ending, state in _VERDICTS:
        if isinstance(error, kind):
            return ending, state
    return Ending.REFUSED, RepositoryState.FAILED


_VERDICTS: tuple[tuple[type[GalaxyError], Ending, RepositoryState], ...] = (
    (TokenRejectedError, Ending.REFUSED, RepositoryState.TOKEN_REJECTED),
    (NoAccessError, Ending.REFUSED, RepositoryState.NO_ACCESS),
    (LegalBlockError, Ending.REFUSED, RepositoryState.LEGAL_BLOCK),
    (LimitError, Ending.REFUSED, RepositoryState.WAITING),
    (OfflineError, Ending.OFFLINE, RepositoryState.OFFLINE),
    (BrokenAnswerError, Ending.BROKEN, RepositoryState.FAILED),
)
_REFUSALS = (RefusedError, OfflineError, BrokenAnswerError)
