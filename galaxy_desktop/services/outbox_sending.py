"""Sending what was approved: compared again first, one write at a time, exactly once.

Before a request goes out it is on the disk that it is about to: the state SENDING with the moment by GitHub's clock.
Whatever happens then (an answer that breaks off, a kill), the next try begins with a look: is it there already?
A field is there when GitHub has the value wanted; a comment or an issue when the token's owner made one with this very
text since then, that no other change of the outbox made. Only what is not there is sent again.

Three fates: what may pass (a broken answer) is tried again after 1, 4 and 16 s, then parked; what GitHub wants to
wait for (a limit) or cannot be reached (offline, a rejected token) waits and uses up no attempt; a final no is parked
at once, with the sentence that says what to change.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from galaxy_desktop.collect.write_answers import MovedError
from galaxy_desktop.collect.writing import Place, Step, Writing, WritingGitHub
from galaxy_desktop.domain.change_making import value_of
from galaxy_desktop.domain.changes import Change, ChangeKind, ChangeState
from galaxy_desktop.domain.permits import Permit
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.work import Comment, WorkItem
from galaxy_desktop.domain.work_log import RETRY_DELAYS_S
from galaxy_desktop.errors import (
    BrokenAnswerError,
    GalaxyError,
    LimitError,
    OfflineError,
    RefusedError,
    TokenRejectedError,
)
from galaxy_desktop.services import comparing, three_way
from galaxy_desktop.services.comparing import Sight
from galaxy_desktop.services.gate import Gate, GateRefusedError
from galaxy_desktop.services.lanes import CallThread, raise_if_stopped
from galaxy_desktop.services.outbox_books import UNAPPROVED, Books, OvertakenError

logger = logging.getLogger(__name__)

T = TypeVar("T")
Sleep = Callable[[float, StopFlag | None], Coroutine[Any, Any, None]]
CALL_S = 240.0
"""Longer than the longest exchange may take: a call that is given up must not write later."""
BETWEEN_WRITES = timedelta(seconds=1)
"""GitHub's own advice."""
LOOK_S = 2.0
"""How often the outbox looks whether something else may be sent while one change waits."""
AGAIN = " The next sync asks again."
ALREADY = "It was so already: nothing had to be sent."


class Line:
    """GitHub on a thread of its own; connected with the first call."""

    def __init__(
        self, connect: Callable[[], WritingGitHub], spend: Callable[[Permit, str], None], clock: Callable[[], datetime]
    ) -> None:
        """`connect` runs on the thread: it may ask the keyring for the token."""
        self._connect = connect
        self._spend = spend
        self._clock = clock
        self._calls = CallThread("outbox")
        self._writing: Writing | None = None
        self._anew = False

    async def ask(self, call: Callable[[Writing], T]) -> T:
        """The result of a blocking call."""
        return await self._calls.run(lambda: call(self._connected()), within=CALL_S)

    def connect_anew(self) -> None:
        """Make the next call on a new connection, with the token of then."""
        self._anew = True

    def hang_up(self) -> None:
        """End connection and thread; a later call starts new ones."""
        self._calls.close()
        if self._writing is not None:
            self._writing.close()
            self._writing = None

    def _connected(self) -> Writing:
        if self._anew and self._writing is not None:
            self._writing.close()
            self._writing = None
        self._anew = False
        if self._writing is None:
            self._writing = Writing(self._connect(), self._spend, self._clock)
        return self._writing


@dataclass(slots=True)
class _Run:
    """One try to send one change. `touched`: something of it was done, or may have been."""

    before: Change
    change: Change = field(init=False)
    touched: bool = field(init=False)

    def __post_init__(self) -> None:
        self.change = self.before
        self.touched = self.before.sending_since is not None


class Sender:
    """Sends what waits, in order; `drain` runs once at a time."""

    def __init__(
        self, books: Books, gate: Gate, line: Line, clock: Callable[[], datetime], *, sleep: Sleep, stop: StopFlag
    ) -> None:
        """`sleep` waits between tries and between writes."""
        self._books = books
        self._gate = gate
        self._line = line
        self._clock = clock
        self._sleep = sleep
        self._stop = stop
        self._written_at: datetime | None = None

    async def drain(self) -> None:
        """Send until nothing waits any more, or until GitHub cannot be reached."""
        while waiting := await self._books.waiting():
            raise_if_stopped(self._stop)
            due = next_due(waiting, self._clock())
            if due is None:
                await self._sleep(LOOK_S, self._stop)
            elif not await self._send(due):
                return

    async def _send(self, change: Change) -> bool:
        """One try at one change; `False` when there is no use in going on with the others."""
        run = _Run(change)
        try:
            await self._try(run)
        except OvertakenError:
            logger.info("%s was changed by somebody else meanwhile", change.target)
        except LimitError as limit:
            await self._put_back(run, next_try_at=limit.until + timedelta(seconds=1), error=str(limit))
        except (OfflineError, TokenRejectedError) as error:
            await self._put_back(run, error=str(error))
            return False
        except BrokenAnswerError as error:
            await self._broken(run, error)
        except GateRefusedError as error:
            await self._conflict(run, str(error), run.change.theirs)
        except RefusedError as error:
            await self._park(run, str(error))
        return True

    async def _try(self, run: _Run) -> None:
        change, now = run.change, self._clock()
        lore = await self._books.lore(change)
        sight = await self._line.ask(lambda w: comparing.live_sight(w, change, now, lore))
        if sight.place is not None and sight.place.repository.full_name != change.repository:
            change = run.change = await self._books.move(change, repository=sight.place.repository.full_name)
        if await self._is_there(run, sight):
            return
        if sight.blocked:
            await self._conflict(run, sight.blocked, sight.theirs)
            return
        if change.kind not in three_way.ADDING and not self._stands(run, sight):
            await self._conflict(run, moved_sentence(change, sight), sight.theirs)
            return
        await self._do(run, sight)

    async def _is_there(self, run: _Run, sight: Sight) -> bool:
        """Whether what is wanted is there already, by us or by somebody else; then it is done."""
        change = run.change
        if change.kind in three_way.ADDING:
            made = await self._made_before(change, sight) if run.touched else None
            if made is not None:
                await self._done(run, made)
            return made is not None
        wanted = three_way.merge(change.kind, change.base, change.mine, change.theirs).merged
        there = three_way.merge(change.kind, change.base, change.mine, sight.theirs).already
        if sight.item is None or not (there or three_way.same(change.kind, sight.theirs, wanted)):
            return False
        await self._done(run, sight.item, "" if run.touched else ALREADY)
        return True

    def _stands(self, run: _Run, sight: Sight) -> bool:
        """Whether the approval still holds: theirs is what it was then, but for what we did since."""
        change = run.change
        if three_way.same(change.kind, sight.theirs, change.theirs):
            return True
        return run.touched and comparing.partly_done(change, sight.theirs)

    async def _made_before(self, change: Change, sight: Sight) -> Comment | WorkItem | None:
        """The comment or issue that an earlier try made after all."""
        place, since, number = sight.place, change.sending_since, change.item_number
        if place is None or since is None:
            return None
        if number is None:
            issues = await self._line.ask(lambda w: w.issues_made(place, change.title, str(change.mine), since))
            made: Sequence[Comment | WorkItem] = issues
        else:
            made = await self._line.ask(lambda w: w.comments_made(place, number, str(change.mine), since))
        claimed = await self._books.claimed()
        return next((one for one in made if one.url not in claimed), None)

    async def _do(self, run: _Run, sight: Sight) -> None:
        """Do the steps that are left, each with a permit of its own."""
        place, approval = sight.place, comparing.approval_of(run.change)
        if place is None or approval is None:
            raise GateRefusedError(f"Nobody approved this for {run.change.target}. Look at it again.")
        plan = comparing.proposal(run.change, run.change.theirs, (), pull=sight.pull)
        made: WorkItem | Comment | None = None
        for step in comparing.left_to_do(run.change, sight):
            await self._spaced()
            permit = self._gate.permit(plan, approval, step.act(place.repository.id))
            run.change = await self._books.move(
                run.change,
                state=ChangeState.SENDING,
                sending_since=run.before.sending_since or self._clock() + place.ahead,
                attempts=run.before.attempts + 1,
                next_try_at=None,
            )
            made = await self._perform(run, place, step, permit) or made
        await self._finish(run, sight, made)

    async def _perform(self, run: _Run, place: Place, step: Step, permit: Permit) -> WorkItem | Comment | None:
        """One write, and the record that came back."""
        kind = run.change.kind

        def write(writing: Writing) -> WorkItem | Comment | None:
            row = writing.perform(place, step, permit)
            if row is None:
                return None
            return writing.made_comment(place, row) if kind is ChangeKind.COMMENT else writing.made_item(place, row)

        self._written_at = self._clock()
        try:
            made = await self._line.ask(write)
        except BrokenAnswerError as error:
            run.touched = run.touched or not isinstance(error, MovedError)
            raise
        finally:
            self._gate.revoke(permit)
        run.touched = True
        return made

    async def _finish(self, run: _Run, sight: Sight, made: WorkItem | Comment | None) -> None:
        """Keep what came back; what GitHub left out without a word is said."""
        place, number = sight.place, run.change.item_number
        if made is None and place is not None and number is not None:
            try:
                made = (await self._line.ask(lambda w: w.standing(place, number))).item
            except GalaxyError as error:
                logger.info("%s was sent; how it looks now comes with the next sync: %s", run.change.target, error)
        left_out = ignored(run.change, made)
        if left_out and run.change.kind is not ChangeKind.NEW_ISSUE:
            await self._park(run, left_out)
            return
        await self._done(run, made or sight.item, left_out)

    async def _done(self, run: _Run, made: WorkItem | Comment | None, remark: str = "") -> None:
        if made is not None:
            await self._books.told(run.change, made)
        number = made.number if isinstance(made, WorkItem) else run.change.item_number
        run.change = await self._books.move(
            run.change,
            state=ChangeState.SENT,
            sent_at=self._clock(),
            url=made.url if made else "",
            item_number=number,
            sending_since=None,
            next_try_at=None,
            error=remark,
        )

    # --- what did not work

    async def _broken(self, run: _Run, error: BrokenAnswerError) -> None:
        attempts = run.before.attempts + 1
        sentence = str(error).removesuffix(AGAIN)
        if attempts > len(RETRY_DELAYS_S):
            await self._park(run, f"Tried {attempts} times without success. {sentence}", attempts=attempts)
            return
        wait = timedelta(seconds=RETRY_DELAYS_S[attempts - 1])
        await self._put_back(run, next_try_at=self._clock() + wait, attempts=attempts, error=sentence)

    async def _put_back(self, run: _Run, **parts: Any) -> None:
        """Let it wait for another try; the attempt counts only if told so."""
        known = {"state": ChangeState.APPROVED, "attempts": run.before.attempts, "next_try_at": None}
        await self._settle(run, **{**known, **parts})

    async def _park(self, run: _Run, sentence: str, **parts: Any) -> None:
        """Nothing more happens until a person does something."""
        await self._settle(run, state=ChangeState.PARKED, error=sentence, next_try_at=None, **parts)

    async def _settle(self, run: _Run, **parts: Any) -> None:
        """Whether something of it may have been done is kept: the next try looks first."""
        since = run.change.sending_since if run.touched else None
        try:
            run.change = await self._books.move(run.change, **{"sending_since": since, **parts})
        except OvertakenError:
            logger.info("%s was changed by somebody else meanwhile", run.change.target)

    async def _conflict(self, run: _Run, sentence: str, theirs: Any) -> None:
        """The approval no longer holds; a person looks at it again."""
        change = run.change
        plan = comparing.proposal(change, change.theirs, (), pull=False)
        await self._gate.expire(plan, sentence)
        await self._settle(run, state=ChangeState.CONFLICT, error=sentence, theirs=theirs, **UNAPPROVED)

    async def _spaced(self) -> None:
        """Wait until the last write is a second ago; a clock that was set back makes nobody wait longer."""
        if self._written_at is not None:
            left = BETWEEN_WRITES - (self._clock() - self._written_at)
            if timedelta(0) < left <= BETWEEN_WRITES:
                await self._sleep(left.total_seconds(), self._stop)
        raise_if_stopped(self._stop)


def next_due(waiting: Sequence[Change], now: datetime) -> Change | None:
    """The first that may be sent now: of several of one item only the oldest, so that they arrive in order."""
    seen = set()
    for one in waiting:
        where = (one.repository_id, one.item_number) if one.item_number else one.id
        if where not in seen and (one.next_try_at is None or one.next_try_at <= now):
            return one
        seen.add(where)
    return None


def moved_sentence(change: Change, sight: Sight) -> str:
    """That the field is not what it was when the change was approved."""
    if change.kind is ChangeKind.BODY:
        return f"The text of {change.target} changed after you approved this. Look at it again."
    now = three_way.in_words(change.kind, sight.theirs, sight.milestones) or "empty"
    return f"{change.target} changed after you approved this: it is now “{now}”. Look at it again."


def ignored(change: Change, made: WorkItem | Comment | None) -> str:
    """What GitHub took and did not do: it drops what the token's owner may not set, without a word."""
    if not isinstance(made, WorkItem):
        return ""
    labels, people, milestone = comparing.wanted_names(change)
    lost = []
    if change.kind is ChangeKind.NEW_ISSUE and {name.casefold() for name in labels} - _keys(made, ChangeKind.LABELS):
        lost.append("labels")
    if {login.casefold() for login in people} - _keys(made, ChangeKind.ASSIGNEES):
        lost.append("assignees")
    planned = change.kind is ChangeKind.MILESTONE or milestone is not None
    if planned and made.milestone_number != milestone:
        lost.append("milestone")
    if change.kind is ChangeKind.STATE and made.is_open != (change.mine == "open"):
        lost.append("state")
    if not lost:
        return ""
    return f"GitHub left out: {', '.join(lost)}. The token's owner may not set that in {change.repository}."


def _keys(item: WorkItem, kind: ChangeKind) -> set[str]:
    found = value_of(item, kind)
    return {name.casefold() for name in found} if isinstance(found, tuple) else set()
