"""The outbox: changes that a person or an agent wants made on GitHub, drafted offline, seen, approved, then sent.

A draft is compared three ways (what it was based on, what it wants, what GitHub has), shown as a difference, and
approved in exactly that form through the gate. Without GitHub it can be looked at beside the local copy and not be
approved; once GitHub answers again every draft is compared with it, so that a conflict shows before anybody looks. What is approved is compared again when it is about to be sent; if
GitHub moved in between, it is a conflict and not sent. Sending itself is in `outbox_sending`.

There is one open change of a field of an item: wishing again rewords it, and an approval it had no longer holds.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from galaxy_desktop.collect.writing import WritingGitHub
from galaxy_desktop.domain.change_making import USER
from galaxy_desktop.domain.changes import Change, ChangeState, Comparison
from galaxy_desktop.domain.events import DraftsCompared, Event
from galaxy_desktop.domain.permits import Proposal
from galaxy_desktop.domain.work import Label, Milestone, Person, Repository, WorkItem
from galaxy_desktop.errors import (
    BrokenAnswerError,
    LimitError,
    OfflineError,
    TokenRejectedError,
    WrongUseError,
)
from galaxy_desktop.services import comparing, three_way
from galaxy_desktop.services.comparing import Sight
from galaxy_desktop.services.gate import Gate
from galaxy_desktop.services.lanes import TaskOwner, log_error, pause, raise_if_stopped
from galaxy_desktop.services.outbox_books import UNAPPROVED, Books, OvertakenError, Storage
from galaxy_desktop.services.outbox_rules import sensible
from galaxy_desktop.services.outbox_sending import ALREADY, Line, Sender, Sleep

logger = logging.getLogger(__name__)

UNREACHED = (OfflineError, LimitError, TokenRejectedError, BrokenAnswerError)
CLOSING_S = 3.0
IN_DOUBT = (
    "Nobody knows yet whether GitHub took a part of {target}. Try it again first: what is there is not sent twice."
)
NOT_COMPARED = "{target} was compared with the local copy only. Look at it again once GitHub answers, then send it."


class Outbox:
    """All methods but `changes` and `choices` are awaited on the event loop's thread."""

    def __init__(
        self,
        store: Storage,
        connect: Callable[[], WritingGitHub],
        clock: Callable[[], datetime],
        *,
        gate: Gate | None = None,
        publish: Callable[[Event], None] = lambda event: None,
        sleep: Sleep = pause,
    ) -> None:
        """Connects to nothing yet; `connect` runs on the outbox's thread and should share the budget of the sync."""
        self.gate = gate or Gate(store.audit, clock)
        self._clock = clock
        self._publish = publish
        self._books = Books(store, clock, publish)
        self._line = Line(connect, self.gate.spend, clock)
        self._stop = threading.Event()
        self._sender = Sender(self._books, self.gate, self._line, clock, sleep=sleep, stop=self._stop)
        self._tasks = TaskOwner(log_error)
        self._sending: asyncio.Task[None] | None = None
        self._again = False
        self._apart = True
        self._cut_off = False
        self._seen: dict[str, tuple[Comparison, Proposal, Sight]] = {}

    # --- what is there

    def changes(self) -> tuple[Change, ...]:
        """Every change that is not discarded, newest first; sent ones of the last 30 days. Blocking."""
        return self._books.shown()

    def choices(self, full_name: str) -> tuple[tuple[Label, ...], tuple[Milestone, ...], tuple[Person, ...]]:
        """Labels, open milestones and people of a repository, to choose from. Blocking."""
        return self._books.choices(full_name)

    def item(self, evidence_id: str) -> WorkItem | None:
        """The stored issue or pull request of that id, `None` when it is not of a tracked repository. Blocking."""
        return self._books.item(evidence_id)

    def repositories(self) -> tuple[Repository, ...]:
        """The repositories in which an issue may be opened, by name. Blocking."""
        return self._books.repositories()

    # --- wishes

    async def draft(self, change: Change) -> Change:
        """Keep a change as a draft; a second one of the same field rewords the first and goes by its id.

        Raises:
            WrongUseError: it makes no sense or changes nothing.
        """
        if (twice := await self._books.find(change.id)) is not None:
            return twice
        change = sensible(replace(change, state=ChangeState.DRAFT, **UNAPPROVED), await self._books.known(change))
        if change.kind not in three_way.ADDING:
            earlier = await self._books.same_field(change)
            if earlier is not None:
                return await self._reworded(earlier, change)
        return await self._books.keep(change)

    async def edit(self, change: Change) -> Change:
        """Replace a draft, a parked change or one in conflict by a new wording; an earlier approval no longer holds.

        The new wording of one in conflict is based on what GitHub has: it was written with a view of that.

        Raises:
            WrongUseError: it may not be edited now, makes no sense or changes nothing.
        """
        kept = await self._books.get(change.id)
        if kept.state not in (ChangeState.DRAFT, ChangeState.PARKED, ChangeState.CONFLICT):
            raise WrongUseError(f"{kept.target} cannot be edited now: it is {kept.state}.")
        if kept.state is ChangeState.CONFLICT and kept.kind not in three_way.ADDING:
            return await self._reword(kept, change, base=kept.theirs)
        return await self._reword(kept, change)

    async def discard(self, change_id: str, reason: str = "") -> None:
        """Do not send this one; a reason is kept for whoever proposed it.

        Raises:
            WrongUseError: it is being sent, or was.
        """
        kept = await self._books.get(change_id)
        if kept.state is ChangeState.SENDING:
            raise WrongUseError(f"{kept.target} is being sent at this moment. Wait until it is done.")
        if kept.state is ChangeState.SENT:
            raise WrongUseError(f"{kept.target} was sent already. Make another change to undo it.")
        await self._move(kept, state=ChangeState.DISCARDED)
        await self.gate.refuse(self._plan(kept), USER, reason)
        self._seen.pop(change_id, None)

    # --- looking and approving

    async def compare(self, change_ids: Sequence[str]) -> tuple[Comparison, ...]:
        """Each change beside what GitHub shows now; beside the local copy where GitHub cannot be asked.

        A draft that GitHub contradicts is a conflict from then on, to be settled with `resolve`; a conflict that
        GitHub no longer contradicts is a draft again, to be approved in its new form.
        """
        out = []
        unreached = ""
        for change_id in change_ids:
            change = await self._books.get(change_id)
            sight, unreached = await self._sight(change, unreached)
            found = comparing.compared(change, sight)
            if found.seen_at is not None:
                found = replace(found, change=await self._judged(found))
            out.append(self._show(found, sight))
        return tuple(out)

    async def approve(self, seen: Sequence[Comparison]) -> None:
        """Send these, exactly as they were shown, one by one; what stands in the way of one leaves the others.

        Raises:
            WrongUseError: some were not approved, each with why; the others were.
        """
        refusals = []
        for one in seen:
            try:
                await self._approve(one)
            except WrongUseError as refused:
                refusals.append(str(refused))
        self._go()
        if refusals:
            raise WrongUseError(" ".join(refusals))

    async def resolve(self, change_id: str, *, keep_mine: bool) -> None:
        """Settle a conflict: base the change on what GitHub shows now, to be seen and approved again, or let it go.

        Raises:
            WrongUseError: it is not a conflict, or cannot be done any more.
        """
        kept = await self._books.get(change_id)
        if kept.state is not ChangeState.CONFLICT:
            raise WrongUseError(f"{kept.target} is no conflict: it is {kept.state}.")
        if not keep_mine:
            await self.discard(change_id, "theirs holds")
            return
        sight, _ = await self._sight(kept, "")
        if sight.seen_at is None:
            sight = replace(sight, theirs=kept.theirs)  # seen on GitHub later than what is stored
        if sight.blocked:
            raise WrongUseError(sight.blocked)
        merged = three_way.merge(kept.kind, kept.base, kept.mine, sight.theirs).merged
        if kept.kind not in three_way.ADDING and three_way.same(kept.kind, merged, sight.theirs):
            await self._nothing_left(kept, sight)
            return
        anew = replace(kept, base=sight.theirs, mine=merged)
        sensible(anew, await self._books.known(anew))
        await self._move(
            kept, base=sight.theirs, mine=merged, state=ChangeState.DRAFT, error="", theirs=None, **UNAPPROVED
        )

    async def retry(self, change_id: str) -> None:
        """Try a parked change again; it was approved before and is sent as it was.

        Raises:
            WrongUseError: it is not parked.
        """
        kept = await self._books.get(change_id)
        if kept.state is not ChangeState.PARKED:
            raise WrongUseError(f"{kept.target} is not parked: it is {kept.state}.")
        await self._move(kept, state=ChangeState.APPROVED, attempts=0, next_try_at=None)
        self._go()

    # --- sending

    def disconnected(self) -> None:
        """GitHub cannot be reached: when it can, drafts are compared with it."""
        self._apart = self._cut_off = True

    def reconnected(self) -> None:
        """GitHub was reached: send what is approved. Returns at once; asking again while it sends does no harm."""
        self._go()

    async def settled(self) -> None:
        """Wait until sending has come to rest."""
        while self._sending is not None and not self._sending.done():
            await asyncio.wait((self._sending,))

    def token_changed(self) -> None:
        """Connect anew with the next call."""
        self._line.connect_anew()

    async def close(self) -> None:
        """Let a write that is on its way come to its end, as far as that is soon; then end thread and connection."""
        self._stop.set()
        if self._sending is not None and not self._sending.done():
            await asyncio.wait((self._sending,), timeout=CLOSING_S)
        await self._tasks.close()
        self._line.hang_up()
        self._books.close()

    # --- plumbing

    def _go(self) -> None:
        self._again = True
        if not self._stop.is_set() and (self._sending is None or self._sending.done()):
            self._sending = self._tasks.start(self._send(), "outbox")

    async def _send(self) -> None:
        while self._again:
            self._again = False
            if self._apart:
                await self._compare_drafts()
            await self._sender.drain()

    async def _compare_drafts(self) -> None:
        """Find out which drafts GitHub contradicts by now, as far as it answers; what is on screen stays as shown."""
        self._apart = False
        drafts = await self._books.drafts()
        conflicts = 0
        for change in drafts:
            raise_if_stopped(self._stop)
            sight, unreached = await self._sight(change, "")
            if unreached:
                self._apart = True
                return
            try:
                judged = await self._judged(comparing.compared(change, sight))
            except WrongUseError as overtaken:
                logger.info("Not compared: %s", overtaken)
                continue
            conflicts += judged.state is ChangeState.CONFLICT
        if self._cut_off and drafts:
            self._publish(DraftsCompared(len(drafts), conflicts))
        self._cut_off = False

    async def _sight(self, change: Change, unreached: str) -> tuple[Sight, str]:
        """What GitHub shows, or what is stored; and why GitHub could not be asked, which holds for the rest as well."""
        lore = await self._books.lore(change)
        if not unreached:
            try:
                now = self._clock()
                return await self._line.ask(lambda w: comparing.live_sight(w, change, now, lore)), ""
            except UNREACHED as error:
                unreached = str(error)
                logger.info("Compared with the local copy only: %s", error)
        return comparing.stored_sight(change, lore), unreached

    def _show(self, comparison: Comparison, sight: Sight) -> Comparison:
        change = comparison.change
        plan = comparing.proposal(change, sight.theirs, comparison.lines, pull=sight.pull)
        self.gate.show(plan)
        self._seen[change.id] = (comparison, plan, sight)
        return comparison

    async def _judged(self, found: Comparison) -> Change:
        """The change as a conflict or as a draft, whichever it is by what GitHub shows now."""
        change = found.change
        if found.conflict and change.state is ChangeState.DRAFT:
            return await self._move(change, state=ChangeState.CONFLICT, error=found.conflict, theirs=found.theirs)
        if not found.conflict and change.state is ChangeState.CONFLICT:
            return await self._move(change, state=ChangeState.DRAFT, error="", theirs=None)
        return change

    async def _approve(self, seen: Comparison) -> None:
        kept = await self._books.get(seen.change.id)
        shown = self._seen.get(kept.id)
        if kept.state is ChangeState.CONFLICT:
            raise WrongUseError(f"{kept.target} has a conflict: {kept.error}")
        if kept.state is not ChangeState.DRAFT:
            raise WrongUseError(f"{kept.target} cannot be approved: it is {kept.state}.")
        if shown is None or shown[0] != seen or kept != seen.change:
            raise WrongUseError(f"{kept.target} is not as it was shown any more. Look at it again.")
        _, plan, sight = shown
        if seen.conflict:
            raise WrongUseError(f"{kept.target} cannot be approved: {seen.conflict}")
        if seen.seen_at is None:
            raise WrongUseError(NOT_COMPARED.format(target=kept.target))
        if seen.already:
            await self._nothing_left(kept, sight)
        else:
            approval = await self.gate.approve(plan, USER)
            await self._move(
                kept,
                state=ChangeState.APPROVED,
                error="",
                theirs=seen.theirs,
                approved_by=approval.by,
                approved_digest=approval.digest,
                approved_at=approval.at,
            )
        self._seen.pop(kept.id, None)

    async def _nothing_left(self, change: Change, sight: Sight) -> None:
        """GitHub has it already: done without sending."""
        url = sight.item.url if sight.item else ""
        parts = {**UNAPPROVED, "state": ChangeState.SENT, "error": ALREADY, "sent_at": self._clock(), "url": url}
        await self._move(change, **parts)

    async def _reworded(self, earlier: Change, wish: Change) -> Change:
        """One change out of two wishes for one field: sets add up, of anything else the later wish holds."""
        if earlier.state is ChangeState.CONFLICT:
            raise WrongUseError(f"{earlier.target} has a conflict in this. Settle it first.")
        if wish.who not in (earlier.who, USER):
            raise WrongUseError(f"{earlier.target} has a draft of {earlier.who} for this already.")
        mine = wish.mine
        if wish.kind in three_way.SETS:
            mine = three_way.merge(wish.kind, earlier.base, earlier.mine, wish.mine).merged
        if three_way.same(wish.kind, wish.base, mine):
            await self.discard(earlier.id, "taken back")
            return await self._books.get(earlier.id)
        return await self._reword(earlier, replace(wish, mine=mine), base=wish.base, who=wish.who)

    async def _reword(self, kept: Change, wish: Change, **parts: Any) -> Change:
        if kept.state is ChangeState.SENDING or kept.sending_since is not None:
            raise WrongUseError(IN_DOUBT.format(target=kept.target))
        wording = {name: getattr(wish, name) for name in ("mine", "title", "labels", "assignees", "milestone")}
        anew = replace(kept, **wording, **parts)
        anew = sensible(anew, await self._books.known(anew))
        wording = {name: getattr(anew, name) for name in wording}
        plain = {**UNAPPROVED, "state": ChangeState.DRAFT, "error": "", "theirs": None}
        moved = await self._move(kept, **wording, **parts, **plain)
        await self.gate.edited(self._plan(moved), USER)
        self._seen.pop(kept.id, None)
        return moved

    async def _move(self, old: Change, **parts: Any) -> Change:
        try:
            return await self._books.move(old, **parts)
        except OvertakenError:
            raise WrongUseError(f"{old.target} changed at this very moment. Look at it again.") from None

    @staticmethod
    def _plan(change: Change) -> Proposal:
        """A change as a proposal, for the log of decisions."""
        return comparing.proposal(change, change.base, (), pull=False)
