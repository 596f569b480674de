"""One sync of several repositories: ask the planner what is next, do one turn of it, ask again.

There is one driver for all repositories, so there is one request in flight and the order across repositories is the
planner's. A turn reads a few pages of one list; each page is stored while the next is fetched. Whoever waits before a
retry is left out of the plan until the wait is over, and the others go on; a repository that fails is ended with a
state, a sentence and a next try, and leaves the others alone.

A long history takes many rounds: after two minutes a round ends, and the next one begins with what is current.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from galaxy_desktop.collect import planner
from galaxy_desktop.collect.answers import UnstatedLimitError, clock_words
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.history import history_of
from galaxy_desktop.collect.reading import Pages
from galaxy_desktop.collect.sync import RepositoryReader, resolve
from galaxy_desktop.domain.events import Event, FreshnessChanged, SprintsReady, SyncProgressed
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.sync import Page, SyncStatus
from galaxy_desktop.domain.work import Repository, RepositoryState
from galaxy_desktop.domain.work_log import AuditEntry
from galaxy_desktop.errors import (
    BrokenAnswerError,
    CancelledByUserError,
    GalaxyError,
    LimitError,
    NetworkOffError,
    NoAccessError,
    OfflineError,
    RefusedError,
)
from galaxy_desktop.services import schedule
from galaxy_desktop.services.lanes import CallThread, TaskOwner, log_error, raise_if_stopped
from galaxy_desktop.services.sync_ledger import SyncLedger
from galaxy_desktop.services.sync_outcome import Ending, Patience, RepositoryResult, verdict
from galaxy_desktop.services.sync_run import Rate, Run
from galaxy_desktop.services.sync_storage import Client, Storage

logger = logging.getLogger(__name__)

READ_S = 60.0
CALL_S = 90.0
"""The longest that one page may take."""
LIMIT_MARGIN_S = 0.5
"""Clocks are read to the second."""
MOST_LIMITS = 5
"""How often one step waits for a limit before it gives up."""
LONGEST = timedelta(minutes=2)
"""How long a round reads history before it ends, so that what is current is looked at again."""
FEWEST_TURNS = 4
"""How many turns history has in a round whatever the time: else a slow network would never get through."""
GOES_ON = "Work goes on with what is stored."
NEVER_SEEN = "Nothing of it is stored. If the name is mistyped, remove it on the Sync page or with: galaxy-desktop untrack {name}"
FULL_READ_EVERY = timedelta(days=7)
WHO = "sync"

T = TypeVar("T")
Sleep = Callable[[float, StopFlag | None], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Tools:
    """What a round works with; `failures`, `refused` and `rate` outlive it."""

    store: Storage
    client: Callable[[], Client]
    budget: Budget
    clock: Callable[[], datetime]
    publish: Callable[[Event], None]
    sleep: Sleep
    calls: CallThread
    reads: CallThread
    tasks: TaskOwner
    ledger: SyncLedger
    visible: Callable[[], frozenset[str]]
    failures: dict[str, int] = field(default_factory=dict)
    refused: dict[str, datetime] = field(default_factory=dict)
    """When GitHub last refused a name (in lower case) of which nothing is known."""
    rate: Rate = field(default_factory=Rate)


class Round:
    """Drives the runs of one sync to their ends."""

    def __init__(self, tools: Tools, runs: list[Run], patience: Patience, stop: StopFlag | None) -> None:
        """Nothing happens before `drive`."""
        self._tools = tools
        self._runs = runs
        self._patience = patience
        self._stop = stop
        self._rests: dict[asyncio.Task[None], Run] = {}
        self._bugs: list[Exception] = []
        self._news = 0
        self._began = tools.clock()
        self._turns = 0
        self._told = False
        self._syncing: set[int] = set()
        """Repositories of which it was told that they are being read, and not yet how that ended."""

    def next_runs(self) -> list[Run]:
        """What the next round reads: everything that went well, when history is left and this one took long enough."""
        endings = {run.result.ending for run in self._runs if run.result is not None}
        if Ending.STOPPED in endings or not any(run.unfinished for run in self._runs):
            return []
        well = [run for run in self._runs if run.result is not None and run.result.ending is Ending.OK]
        return [run.again() for run in well]

    def results(self) -> tuple[RepositoryResult, ...]:
        """How every repository fared; those that were not ended were stopped."""
        for run in self._runs:
            if run.result is None:
                run.ended(Ending.STOPPED, RepositoryState.WAITING, "Stopped.")
        return tuple(run.result for run in self._runs if run.result is not None)

    async def drive(self) -> None:
        """Do turns until nothing is left; a bug in one repository is raised after the others have ended."""
        while await self._turn():
            await self._tools.ledger.write_when_due()
        await self._tell_as_stored(frozenset(self._syncing))
        if self._bugs:
            raise self._bugs[0]

    # --- one turn

    async def _turn(self) -> bool:
        self._wake()
        ready = [run for run in self._runs if run.ready]
        beginner = next((run for run in ready if run.reader is None), None)
        if beginner is not None:
            await self._attempt(beginner, self._begin)
            return True
        now, tools = self._tools.clock(), self._tools
        plan = planner.plan([run.state() for run in ready], tools.budget.allowances, tools.visible(), now)
        for run in ready:
            if run.known.id not in plan.pending:
                await self._attempt(run, self._succeed)
        if plan.steps:
            turn = plan.steps[0]
            if turn.tier is planner.Tier.HISTORY and self._long_enough(now):
                for run in [one for one in ready if one.ready]:
                    run.unfinished = True
                    await self._attempt(run, self._succeed)
            else:
                await self._take(turn)
            return True
        if plan.waiting is not None:
            for run in ready:
                if run.ready:
                    await self._attempt(run, partial(self._wait_for_quota, plan.waiting))
            return True
        return await self._rest_is_over()

    def _long_enough(self, now: datetime) -> bool:
        """Whether what is current should be looked at again before more history; some history is read in any round."""
        return now - self._began >= LONGEST and self._turns >= FEWEST_TURNS

    async def _take(self, turn: planner.Turn) -> None:
        run = next(one for one in self._runs if one.repository and one.repository.id == turn.repository_id)
        self._tell_what_is_ready(turn.tier)
        await self._attempt(run, partial(self._read, turn))

    def _tell_what_is_ready(self, tier: planner.Tier) -> None:
        """Say when the sprints are in for the first time, and when all that is current is and history follows."""
        sprints_in = tier > planner.Tier.SPRINT and not self._told and any(run.first for run in self._runs)
        self._told = self._told or tier > planner.Tier.SPRINT
        if self._news and (sprints_in or tier is planner.Tier.HISTORY):
            self._news = 0
            self._tools.publish(SprintsReady(tuple(one.known.full_name for one in self._runs if one.repository)))

    async def _attempt(self, run: Run, work: Callable[[Run], Awaitable[None]]) -> None:
        """Do something for a repository; a failure is its own."""
        try:
            await work(run)
        except CancelledByUserError as error:
            await self._end_all(str(error))
        except (LimitError, BrokenAnswerError, OfflineError) as error:
            wait = self._wait_after(run, error)
            if wait is None:
                await self._fail(run, error)
            else:
                logger.info("%s: %s Trying again in %.0f s.", run.name, error, wait)
                self._rest(run, wait)
        except RefusedError as error:
            await self._fail(run, error)
        except Exception as error:  # noqa: BLE001 - told at once, raised when the others have ended
            log_error(f"sync {run.name}", error)
            self._bugs.append(error)
            run.ended(Ending.BROKEN, RepositoryState.FAILED, "")

    async def _read(self, turn: planner.Turn, run: Run) -> None:
        """A few pages of one list; the list stays open for its next turn."""
        entity = turn.entity
        pages = run.open.get(entity) or _reader(run).pages(entity)
        run.open[entity] = pages
        self._tools.ledger.entity = entity
        began, before = time.monotonic(), run.records
        try:
            read, finished = await self._read_pages(run, turn, pages)
        except LimitError as error:
            run.open.pop(entity, None)
            if error.resource != planner.GRAPHQL:
                raise
            # REST has a quota of its own: only this list waits, until a later sync.
            logger.info("%s: %s waits. %s", run.name, turn.stage, error)
            run.read.add(entity)
            return
        except BaseException:
            run.open.pop(entity, None)
            raise
        run.waits.clear()
        if turn.tier is planner.Tier.HISTORY:
            run.turns, self._turns = run.turns + 1, self._turns + 1
            self._tools.rate.pages, self._tools.rate.seconds = (
                self._tools.rate.pages + read,
                self._tools.rate.seconds + time.monotonic() - began,
            )
        else:
            self._news += run.records - before
        if finished:
            await self._finished(run, entity)

    async def _read_pages(self, run: Run, turn: planner.Turn, pages: Pages) -> tuple[int, bool]:
        """Read and store; how many pages came, and whether the list ended."""
        tools, writing = self._tools, None
        sent, read = tools.budget.sent, 0
        try:
            while max(read, tools.budget.sent - sent) < turn.pages:
                page: Page | None = await self._call(lambda: next(pages, None))
                if page is None:
                    return read, True
                if writing is not None:
                    await writing
                writing = asyncio.wrap_future(tools.store.apply(page))
                read += 1
                self._progress(run, turn, page)
        finally:
            if writing is not None:
                await writing
        return read, False

    def _progress(self, run: Run, turn: planner.Turn, page: Page) -> None:
        rows, total = run.take(page, turn.entity)
        name = _reader(run).repository.full_name
        left = self._tools.rate.left(self._runs) if turn.tier is planner.Tier.HISTORY else None
        self._tools.publish(SyncProgressed(name, turn.stage, rows, total, left))

    async def _finished(self, run: Run, entity: str) -> None:
        """A list was read to its end: note it, and what follows from it."""
        tools, now = self._tools, self._tools.clock()
        run.open.pop(entity, None)
        run.read.add(entity)
        tools.ledger.mark(run.known.id, entity, now)
        reader = _reader(run)
        if entity == "milestones":
            run.cursors = await self._look(reader.cursors)
        elif entity == "repository":
            await self._renamed(run, reader.repository)
        elif entity == planner.RECONCILE and not reader.issues_disabled:
            await self._read_in_full(run, reader)

    async def _renamed(self, run: Run, found: Repository) -> None:
        before, run.repository = run.known, found
        if found.full_name != before.full_name:
            await self._audit("repository renamed", f"repository {found.id}", before.full_name, found.full_name)

    async def _read_in_full(self, run: Run, reader: RepositoryReader) -> None:
        await asyncio.wrap_future(self._tools.store.reconciled(run.known.id, self._tools.clock()))
        for one, where in sorted(reader.findings.moved.items()):
            await self._audit("item moved", one, one, where)
        run.full_read_said = reader.findings.sentence(run.known.full_name)
        logger.info("%s", run.full_read_said)

    async def _audit(self, what: str, target: str, before: str, after: str) -> None:
        logger.info("%s: %s is now %s", what.capitalize(), before, after)
        entry = AuditEntry(who=WHO, what=what, target=target, before=before, after=after, at=self._tools.clock())
        await asyncio.wrap_future(self._tools.store.audit(entry))

    # --- begin

    async def _begin(self, run: Run) -> None:
        """Find the repository behind a wish, and see where its lists stand."""
        if run.repository is None and not await self._find(run):
            self._runs.remove(run)
            return
        tools, repository = self._tools, run.known
        await self._tell_syncing(repository.id)
        reader = await self._call(
            lambda: RepositoryReader(tools.client(), tools.store, repository, tools.clock, asked=run.asked)
        )
        run.cursors = await self._look(reader.cursors)
        run.first = not _complete(run)
        run.full_read = run.full_read or (not run.first and await self._full_read_due(repository.id))
        run.reader = reader
        run.waits.clear()

    async def _full_read_due(self, repository_id: int) -> bool:
        last = await self._look(lambda: self._tools.store.reconciled_at(repository_id))
        return last is None or self._tools.clock() - last >= FULL_READ_EVERY

    async def _find(self, run: Run) -> bool:
        """Find the repository behind a name; false when it is one that is read already."""
        tools, store = self._tools, self._tools.store
        tools.ledger.entity = "repository"
        found: Repository = await self._call(lambda: resolve(tools.client(), run.name))
        tracked = await self._look(store.repositories)
        if found.id not in {repository.id for repository in tracked}:
            await self._write(Page(repository_id=found.id, records=(found,), observed_at=tools.clock()))
            await asyncio.wrap_future(store.track(found.full_name))
        await asyncio.wrap_future(store.forget_wish(run.name))
        if found.id in {one.repository.id for one in self._runs if one.repository is not None}:
            return False
        run.repository = next((one for one in tracked if one.id == found.id), found)
        if run.repository == found:
            run.read.add("repository")
        return True

    # --- waits

    def _rest(self, run: Run, seconds: float) -> None:
        run.resting = True
        task = self._tools.tasks.start(self._tools.sleep(seconds, self._stop), f"rest {run.name}")
        self._rests[task] = run

    def _wake(self) -> None:
        """Let those go on whose wait is over."""
        for task in [task for task in self._rests if task.done()]:
            self._rests.pop(task).resting = False

    async def _rest_is_over(self) -> bool:
        """Wait until one of the waits ends; false when nobody waits."""
        if not self._rests:
            return any(run.ready for run in self._runs)
        done, _ = await asyncio.wait(self._rests, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            error = task.exception()
            if isinstance(error, CancelledByUserError):
                await self._end_all(str(error))
        return True

    def _wait_after(self, run: Run, error: GalaxyError) -> float | None:
        """Seconds to wait before the next try, or `None` to give up for now."""
        patience = self._patience
        if isinstance(error, UnstatedLimitError):
            wait = run.next_wait("unstated", patience.unstated)
            if wait is None:
                self._tools.budget.block(error.until)
            return wait
        if isinstance(error, LimitError):
            left = (error.until - self._tools.clock()).total_seconds()
            again = run.next_wait("limit", (LIMIT_MARGIN_S,) * MOST_LIMITS)
            return max(0.0, left) + again if again and left <= patience.longest_wait_s else None
        if isinstance(error, NetworkOffError):
            return None
        if isinstance(error, OfflineError):
            return run.next_wait("offline", patience.offline)
        return run.next_wait("broken", patience.broken)

    # --- ends

    async def _succeed(self, run: Run, waiting: planner.Waiting | None = None) -> None:
        """Everything that is due was read; with `waiting`, everything but history."""
        tools, now, repository = self._tools, self._tools.clock(), run.known
        disabled = _reader(run).issues_disabled
        state = RepositoryState.ISSUES_DISABLED if disabled else RepositoryState.SYNCED
        until = waiting.until if waiting else None
        sentence = disabled or (waiting.sentence(clock_words(until, now) if until else "") if waiting else "")
        tools.failures.pop(repository.full_name, None)
        if run.first and _complete(run):
            await asyncio.wrap_future(tools.store.reconciled(repository.id, now))
        await self._set_status(
            SyncStatus(repository_id=repository.id, state=state, sentence=sentence, synced_at=now, next_try_at=until)
        )
        run.ended(Ending.OK, state, sentence, until)

    async def _wait_for_quota(self, waiting: planner.Waiting, run: Run) -> None:
        """What is left must wait: for history that is no failure, for anything else it is the limit."""
        if waiting.what == planner.HISTORY:
            await self._succeed(run, waiting)
            return
        until = waiting.until or self._tools.clock()
        words = clock_words(until, self._tools.clock())
        raise LimitError(f"GitHub's rate limit is used up until {words}.", until)

    async def _fail(self, run: Run, error: GalaxyError) -> None:
        """Store why it ended; what was collected stays as it is."""
        ending, state = verdict(error)
        now, store = self._tools.clock(), self._tools.store
        sentence = schedule.NETWORK_OFF if isinstance(error, NetworkOffError) else str(error)
        if run.repository is None:
            if isinstance(error, NoAccessError):
                sentence = f"{sentence} {NEVER_SEEN.format(name=run.name)}"
            if ending is Ending.REFUSED and not isinstance(error, LimitError):
                self._tools.refused[run.name.lower()] = now
            await asyncio.wrap_future(store.refuse_wish(run.name, sentence, now))
            run.ended(ending, state, sentence)
            return
        repository_id = run.repository.id
        before = await self._look(lambda: store.status(repository_id))
        since = (before.offline_since if before and before.state is state else None) or now
        if isinstance(error, NoAccessError):
            sentence = f"No access since {moment_words(since, now)}. {sentence} What was collected before is kept."
        elif isinstance(error, OfflineError) and not isinstance(error, NetworkOffError):
            sentence = f"{sentence} {GOES_ON}"
        await self._set_status(
            SyncStatus(
                repository_id=repository_id,
                state=state,
                sentence=sentence,
                synced_at=before.synced_at if before else None,
                next_try_at=self._next_try(run, error, state, now),
                offline_since=since if state in _SINCE else None,
            )
        )
        run.ended(ending, state, sentence)

    async def _end_all(self, sentence: str) -> None:
        """Somebody wants to stop: what was stored stays, and so does the stored state."""
        for run in self._runs:
            if run.result is None:
                number = run.repository.id if run.repository else None
                status = await self._look(partial(self._tools.store.status, number)) if number is not None else None
                run.ended(Ending.STOPPED, status.state if status else RepositoryState.WAITING, sentence)

    def _next_try(self, run: Run, error: GalaxyError, state: RepositoryState, now: datetime) -> datetime:
        failures = self._tools.failures.get(run.name, 0) + 1
        self._tools.failures[run.name] = failures
        told = error.until if isinstance(error, LimitError) else None
        if told is not None and not isinstance(error, UnstatedLimitError):
            return told
        return schedule.next_poll(schedule.History(failures=failures), state, now, told=told)

    async def _set_status(self, status: SyncStatus) -> None:
        await self._write(Page(repository_id=status.repository_id, status=status))
        await self._tell_as_stored(frozenset({status.repository_id}))

    async def _tell_as_stored(self, repository_ids: frozenset[int]) -> None:
        """Tell how repositories stand by what is stored: nobody is left believing that they are still being read."""
        self._syncing -= repository_ids
        for fresh in await self._look(self._tools.store.freshness) if repository_ids else ():
            if fresh.repository.id in repository_ids:
                self._tools.publish(FreshnessChanged(fresh))

    async def _tell_syncing(self, repository_id: int) -> None:
        self._syncing.add(repository_id)
        for fresh in await self._look(self._tools.store.freshness):
            if fresh.repository.id == repository_id:
                self._tools.publish(FreshnessChanged(replace(fresh, state=RepositoryState.SYNCING, sentence="")))

    # --- plumbing

    async def _call(self, call: Callable[[], T]) -> T:
        raise_if_stopped(self._stop)
        sentence = "GitHub took too long to answer. The next sync asks again."
        return await self._tools.calls.run(call, within=CALL_S, stop=self._stop, sentence=sentence)

    async def _look(self, read: Callable[[], T]) -> T:
        """A read of the store, off the loop: counting rows takes its time."""
        return await self._tools.reads.run(read, within=READ_S)

    async def _write(self, page: Page) -> None:
        await asyncio.wrap_future(self._tools.store.apply(page))


_SINCE = (RepositoryState.OFFLINE, RepositoryState.NO_ACCESS)
"""States whose beginning is worth telling."""


def moment_words(moment: datetime, now: datetime) -> str:
    """A moment as people say it: "09:14" today, "30 Apr 09:14" on another day."""
    return clock_words(moment, now)


def _reader(run: Run) -> RepositoryReader:
    if run.reader is None:
        raise AssertionError(f"{run.name} is read before it was begun")
    return run.reader


def _complete(run: Run) -> bool:
    """Whether every item of a repository is known."""
    issues, past = run.cursors.get("issues"), run.cursors.get(history_of("issues"))
    return issues is not None and issues.complete and (past is None or past.complete)
