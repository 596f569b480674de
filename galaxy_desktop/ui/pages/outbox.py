"""Outbox: changes that wait to be sent to GitHub, and those that were. Nothing leaves from here unseen."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.changes import Change, ChangeState
from galaxy_desktop.paths import MAIN
from galaxy_desktop.ui import outbox_words, words
from galaxy_desktop.ui.outbox_wishes import Discard, LookAndSend, OpenIssue, ReadOutbox, Reword, SendAgain, Settle
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.view import OPENABLE, Situation, View
from galaxy_desktop.ui.widgets.diff import DiffView
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import Card, ScrollPage, empty_out
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign

NOTHING = (
    "Nothing waits to be sent",
    "Close, label, assign or comment from the Sprint page, or write a new issue. Each change is kept here as a draft, "
    "also offline, and is sent only after you looked at it.",
)
DEMO = ("A demo sends nothing", "Its repositories are made up. Open your own workspace to change things on GitHub.")
MOST_SENT = 30
EDITABLE = (ChangeState.DRAFT, ChangeState.PARKED, ChangeState.CONFLICT)
DISCARDABLE = (*EDITABLE, ChangeState.APPROVED)


class ChangeCard(Card):
    """One change: what it does, where it stands, and what can be done about it."""

    def __init__(self, look: Look, change: Change, view: View, page: OutboxPage) -> None:
        super().__init__()
        self.change = change
        self._page = page
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(ElidedLabel(self._title(view), Role.STRONG), 1)
        sign = Sign(look, Role.BODY)
        sign.say(*outbox_words.STANDING[change.state])
        head.addWidget(sign)
        self.body.addLayout(head)
        told = outbox_words.standing(change, view.now)
        said = outbox_words.origin(change, view.now)
        if told != outbox_words.STANDING[change.state][0]:
            said += f"  ·  {told}"
        self.body.addWidget(text_label(said, Role.SMALL, muted=True, wrap=True))
        if change.error:
            self.body.addWidget(text_label(change.error, wrap=True))
        self.setAccessibleName(f"{outbox_words.deed(change)}. {told}. {change.error}".strip())
        if change.state is ChangeState.SENT:
            self.body.addWidget(ElidedLabel(outbox_words.in_short(change, _milestones(view)), Role.SMALL))
        else:
            name = f"What changes: {outbox_words.deed(change)}"
            self.body.addWidget(DiffView(look, outbox_words.lines(change, _milestones(view)), name))
        self.buttons: dict[str, QPushButton] = {}
        self.body.addLayout(self._actions())

    def _title(self, view: View) -> str:
        change = self.change
        title = outbox_words.title(change, view.title)
        return f"{outbox_words.deed(change)}: {title}" if title else outbox_words.deed(change)

    def _actions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        change, wish = self.change, self._page.wished.emit
        if outbox_words.contradicted(change):
            self._add(row, "Keep mine", lambda: wish(Settle(change, keep_mine=True)))
            self._add(row, "Keep GitHub's", lambda: wish(Settle(change, keep_mine=False)))
        elif change.state is ChangeState.CONFLICT:
            self._add(row, "Try again", lambda: wish(Settle(change, keep_mine=True)))
        if change.state is ChangeState.PARKED:
            self._add(row, "Try again", lambda: wish(SendAgain(change)))
        if change.state is ChangeState.DRAFT:
            self._add(row, "Look and send…", lambda: wish(LookAndSend((change.id,))))
        if change.state in EDITABLE and change.kind in outbox_words.TEXTS:
            self._add(row, "Edit…", lambda: wish(Reword(change)))
        if change.state in DISCARDABLE and not outbox_words.contradicted(change):
            self._add(row, "Discard", lambda: wish(Discard(change)))
        if change.state is ChangeState.SENT and change.url.startswith(OPENABLE):
            self._add(row, "Open on GitHub", lambda: QDesktopServices.openUrl(QUrl(change.url)))
        row.addStretch()
        return row

    def _add(self, row: QHBoxLayout, text: str, pressed: object) -> None:
        button = QPushButton(text)
        button.setAccessibleName(f"{text}: {outbox_words.deed(self.change)}")
        button.clicked.connect(lambda _checked: pressed() if callable(pressed) else None)
        row.addWidget(button)
        self.buttons[text] = button


class OutboxPage(Page):
    """Waiting changes first, each with its difference; below them what was sent in the last 30 days."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Outbox")
        self.changes: tuple[Change, ...] = ()
        self._shown: tuple[object, ...] = ()
        page = ScrollPage()
        top = QHBoxLayout()
        top.addWidget(text_label("Outbox", Role.TITLE), 1)
        self.new_issue = QPushButton("New issue…")
        self.new_issue.clicked.connect(lambda _checked: self.wished.emit(OpenIssue()))
        self.send_all = QPushButton("Look at all and send…")
        self.send_all.setProperty("primary", True)
        self.send_all.clicked.connect(lambda _checked: self.wished.emit(LookAndSend(self._drafts())))
        top.addWidget(self.new_issue)
        top.addWidget(self.send_all)
        page.body.addLayout(top)
        self._summary = text_label("", muted=True, wrap=True)
        page.body.addWidget(self._summary)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        page.body.addLayout(self._list)
        self._none = EmptyState(*NOTHING)
        page.body.addWidget(self._none, 1)
        page.body.addStretch()
        self.set_content(page)

    @property
    def cards(self) -> list[ChangeCard]:
        """The cards in the order shown."""
        widgets = [item.widget() for i in range(self._list.count()) if (item := self._list.itemAt(i)) is not None]
        return [w for w in widgets if isinstance(w, ChangeCard)]

    @property
    def summary(self) -> str:
        """The sentence under the title."""
        return self._summary.text()

    def situation(self, view: View) -> Situation:
        """The outbox can be read as soon as a workspace is open."""
        return view.situation if view.failure or view.loading else Situation.READY

    def fill(self, view: View, before: View | None) -> None:
        """Ask for the changes; a demo has none."""
        demo = view.profile != MAIN
        self.new_issue.setVisible(not demo)
        if demo:
            self._none.say(*DEMO)
            self.show_changes(())
        else:
            self._none.say(*NOTHING)
            self.read()

    def read(self) -> None:
        """Read the outbox again."""
        self.wished.emit(ReadOutbox(self.show_changes, self._say))

    def show_changes(self, changes: tuple[Change, ...]) -> None:
        """Show these; an unchanged list is left alone."""
        view = self.view
        if view is None:
            return
        self.changes = changes
        shown = (changes, view.today, view.profile)
        if shown == self._shown:
            return
        self._shown = shown
        self._keep_place()
        self.send_all.setVisible(len(self._drafts()) > 1)
        waiting = [c for c in changes if c.state in outbox_words.WAITING]
        sent = [c for c in changes if c.state is ChangeState.SENT][:MOST_SENT]
        empty_out(self._list)
        self._add_all("", waiting, view)
        self._add_all("Sent in the last 30 days", sent, view)
        self._none.setVisible(not changes)
        self._summary.setVisible(bool(changes))
        self._summary.setText(_summary(waiting))

    def _keep_place(self) -> None:
        """Cards are about to be made anew: a button that goes away must not take keyboard and page with it."""
        focused = QApplication.focusWidget()
        if focused is None:
            return
        goes = focused is self.send_all and len(self._drafts()) <= 1
        if goes or any(card.isAncestorOf(focused) for card in self.cards):
            self.setFocus()

    def _add_all(self, heading: str, changes: list[Change], view: View) -> None:
        if heading and changes:
            self._list.addWidget(_heading(heading))
        for change in changes:
            self._list.addWidget(ChangeCard(self.look, change, view, self))

    def _drafts(self) -> tuple[str, ...]:
        """Drafts in the order in which they were made: what was wanted first is sent first."""
        drafts = [c for c in self.changes if c.state is ChangeState.DRAFT]
        return tuple(c.id for c in sorted(drafts, key=lambda c: (c.created_at, c.id)))

    def _say(self, sentence: str) -> None:
        self._summary.setText(sentence)
        self._summary.setVisible(bool(sentence))


def _milestones(view: View) -> dict[str, str]:
    """The titles of milestones by their evidence ids, as far as sprints were made from them."""
    sprints = view.analysis.sprints if view.analysis is not None else ()
    return {milestone: one.sprint.title for one in sprints for milestone in one.sprint.milestones}


def _heading(text: str) -> QWidget:
    label = text_label(text, Role.HEADING)
    label.setContentsMargins(0, 12, 0, 0)
    return label


def _summary(waiting: list[Change]) -> str:
    if not waiting:
        return "Nothing waits to be sent."
    trouble = sum(c.state in (ChangeState.CONFLICT, ChangeState.PARKED) for c in waiting)
    text = f"{words.count(len(waiting), 'change')} waiting."
    if trouble == len(waiting):
        text += " It needs you to decide." if trouble == 1 else " All of them need you to decide."
    elif trouble:
        text += f" {words.count(trouble, 'of them needs', 'of them need')} you to decide."
    return f"{text} Nothing is sent before you looked at it."
