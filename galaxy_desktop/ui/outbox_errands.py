"""What is done about changes: dialogs opened and awaited, drafts kept, and nothing sent that was not looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from galaxy_desktop.domain.changes import Change, ChangeKind, ChangeState
from galaxy_desktop.domain.events import ChangeMoved, DraftsCompared, Event
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.ui import words
from galaxy_desktop.ui.change_dialogs import Choices, IssueDialog, ItemDialog, WordingDialog
from galaxy_desktop.ui.desks import KeepsChanges, OutboxDesk
from galaxy_desktop.ui.dialogs import answer_of
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.outbox_wishes import (
    ChangeItem,
    Discard,
    LookAndSend,
    OpenIssue,
    OutboxWish,
    ReadOutbox,
    Reword,
    SendAgain,
    Settle,
)
from galaxy_desktop.ui.outbox_words import WAITING, deed, met_again, title
from galaxy_desktop.ui.review_dialog import ReviewDialog
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone

NO_DESK = "Only your own workspace can change things on GitHub. Open it in Settings."
NOT_STORED = "Only issues and pull requests of the repositories you track can be changed from here."
NO_REPOSITORY = "There is no repository to open an issue in yet. Name one in Settings."
READING = "read the outbox"
UNDER_WAY = (ChangeState.APPROVED, ChangeState.SENDING)


class OutboxErrands:
    """Runs the wishes about changes."""

    def __init__(self, window: MainWindow, tasks: TaskOwner, clock: Callable[[], datetime]) -> None:
        self._window = window
        self._tasks = tasks
        self._clock = clock
        self._wanted: ReadOutbox | None = None
        self._under_way: set[str] = set()

    def run(self, workspace: Facade, wish: OutboxWish) -> None:
        """Begin what was asked for."""
        desk = workspace.outbox if isinstance(workspace, KeepsChanges) else None
        if desk is None:
            self._no_desk(wish)
            return
        match wish:
            case ReadOutbox():
                self._wanted = wish
                self._tasks.start(READING, self._read(desk))
            case ChangeItem(evidence_id=evidence_id):
                self._start(f"change {evidence_id}", self._change_item(desk, evidence_id))
            case OpenIssue():
                self._start("new issue", self._open_issue(desk))
            case Reword(change=change):
                self._start(f"edit {change.id}", self._reword(desk, change))
            case LookAndSend(change_ids=ids):
                self._start("look and send", self._look_and_send(desk, ids))
            case Discard(change=change):
                self._start(f"discard {change.id}", self._then(desk.discard(change.id), f"Discarded: {deed(change)}."))
            case Settle(change=change, keep_mine=keep_mine):
                said = "It is a draft again: look at it and send it." if keep_mine else "GitHub's version stays."
                work = desk.resolve(change.id, keep_mine=keep_mine)
                self._start(f"settle {change.id}", self._then(work, said))
            case SendAgain(change=change):
                self._start(f"send {change.id} again", self._then(desk.retry(change.id), ""))

    def count(self, workspace: Facade) -> None:
        """Say in the sidebar how many changes wait."""
        self._window.sidebar.say_count("outbox", 0)
        self.run(workspace, ReadOutbox(lambda _changes: None, lambda _sentence: None))

    def hear(self, event: Event) -> None:
        """A change moved, or drafts met GitHub again: show it where changes are shown, and say what needs a person."""
        match event:
            case ChangeMoved(change=change):
                self._tell_trouble(change)
                self._refresh()
            case DraftsCompared():
                self._say_with_way(met_again(event), Tone.WATCH if event.conflicts else Tone.ACCENT)

    def _tell_trouble(self, change: Change) -> None:
        """An approved change that could not be sent is told once, wherever the person is now."""
        if change.state in UNDER_WAY:
            self._under_way.add(change.id)
            return
        if change.id in self._under_way and change.state in (ChangeState.PARKED, ChangeState.CONFLICT):
            self._say_with_way(f"Not sent: {deed(change)}. The Outbox says why, and what can be done.", Tone.BAD)
        self._under_way.discard(change.id)

    def _say_with_way(self, said: str, tone: Tone) -> None:
        """Say it, with the way to the Outbox where that is not open already."""
        if self._window.current == "outbox":
            self._window.message.say(said, tone)
        else:
            self._window.message.say(said, tone, "Open the Outbox", lambda: self._window.open_page("outbox"))

    def let_go(self) -> None:
        """The workspace is about to stop: what is read of it now will not be shown."""
        self._wanted = None
        self._tasks.cancel(READING)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if not self._tasks.start(name, work):
            self._window.message.say("That is under way already.", Tone.WATCH)

    def _no_desk(self, wish: OutboxWish) -> None:
        if isinstance(wish, ReadOutbox):
            wish.answered(())
        else:
            self._window.message.say(NO_DESK, Tone.WATCH)

    async def _read(self, desk: OutboxDesk) -> None:
        """Read until nobody wants it newer: the last wish always lands."""
        while self._wanted is not None:
            wish, self._wanted = self._wanted, None
            try:
                changes = await asyncio.to_thread(desk.changes)
            except GalaxyError as error:
                wish.failed(str(error))
                continue
            self._window.sidebar.say_count("outbox", sum(c.state in WAITING for c in changes))
            wish.answered(changes)

    async def _then(self, work: Coroutine[Any, Any, Any], said: str) -> None:
        await work
        if said:
            self._window.message.say(said, Tone.GOOD)
        self._refresh()

    async def _change_item(self, desk: OutboxDesk, evidence_id: str) -> None:
        item = await asyncio.to_thread(desk.item, evidence_id)
        if item is None:
            self._window.message.say(NOT_STORED, Tone.WATCH)
            return
        choices = Choices(*await asyncio.to_thread(desk.choices, item.repository))
        dialog = ItemDialog(self._window, item, choices, self._clock())
        wanted = dialog.changes if await answer_of(dialog) else ()
        await self._keep(desk, wanted)

    async def _open_issue(self, desk: OutboxDesk) -> None:
        repositories = await asyncio.to_thread(desk.repositories)
        if not repositories:
            self._window.message.say(NO_REPOSITORY, Tone.WATCH)
            return
        choices = {r.full_name: Choices(*await asyncio.to_thread(desk.choices, r.full_name)) for r in repositories}
        dialog = IssueDialog(self._window, repositories, choices, self._clock())
        wanted = dialog.changes if await answer_of(dialog) else ()
        await self._keep(desk, wanted)

    async def _keep(self, desk: OutboxDesk, wanted: tuple[Change, ...]) -> None:
        """Keep drafts; one that makes no sense is told and leaves the others."""
        kept, problems = 0, []
        for change in wanted:
            try:
                await desk.draft(change)
                kept += 1
            except GalaxyError as error:
                problems.append(str(error))
        if problems:
            self._window.message.say(" ".join(problems), Tone.BAD)
        elif kept:
            self._say_with_way(f"{words.count(kept, 'draft')} kept in the Outbox. Nothing was sent.", Tone.GOOD)
        self._refresh()

    async def _reword(self, desk: OutboxDesk, change: Change) -> None:
        issue = change.kind is ChangeKind.NEW_ISSUE
        choices = Choices(*await asyncio.to_thread(desk.choices, change.repository)) if issue else None
        dialog = WordingDialog(self._window, change, choices)
        if await answer_of(dialog):
            for new in dialog.changes:
                await desk.edit(new)
        self._refresh()

    async def _look_and_send(self, desk: OutboxDesk, change_ids: tuple[str, ...]) -> None:
        """Compare, show, and send exactly what was shown and agreed to."""
        comparisons = await desk.compare(change_ids)
        if not comparisons:
            return
        titles = {one.change.id: title(one.change, self._window.title_of) for one in comparisons}
        dialog = ReviewDialog(self._window, self._window.look, comparisons, titles)
        agreed = dialog.agreed if await answer_of(dialog) else ()
        if agreed:
            await desk.approve(agreed)
            said = f"{words.count(len(agreed), 'change')} approved. The Outbox shows how sending goes."
            self._window.message.say(said, Tone.GOOD)
        self._refresh()

    def _refresh(self) -> None:
        """Read again: the page shows it where it was opened, the sidebar counts either way."""
        page = self._window.pages.get("outbox")
        from galaxy_desktop.ui.pages.outbox import OutboxPage  # noqa: PLC0415 - a page is made when first opened

        if isinstance(page, OutboxPage):
            page.read()
        else:
            self._window.wished.emit(ReadOutbox(lambda _changes: None, lambda _sentence: None))
