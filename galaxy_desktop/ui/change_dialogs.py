"""Dialogs in which changes are worded: of an item, of a new issue, of a draft. Nothing is sent from here.

Each dialog gives back changes as records; what was not touched makes no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.domain import change_making
from galaxy_desktop.domain.changes import Change, ChangeKind
from galaxy_desktop.domain.work import ItemKind, Label, Milestone, Person, Repository, WorkItem
from galaxy_desktop.ui import words
from galaxy_desktop.ui.outbox_words import STATES, contradicted, deed
from galaxy_desktop.ui.theme import Role, text_label
from galaxy_desktop.ui.widgets.calm import CalmComboBox
from galaxy_desktop.ui.widgets.text import ElidedLabel

LATER = "Kept as drafts. Nothing is sent before you look at it in the Outbox and press Send."
LIST_HEIGHT = 132
TEXT_HEIGHT = 150
TITLE_HEIGHT = 60


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from in a repository."""

    labels: tuple[Label, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    people: tuple[Person, ...] = ()


class CheckList(QListWidget):
    """Names to tick; those ticked before stay in the list even when they are offered no more."""

    def __init__(self, name: str, offered: Iterable[str], ticked: Iterable[str]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setMaximumHeight(LIST_HEIGHT)
        chosen = {one.casefold() for one in ticked}
        names = {one.casefold(): one for one in (*offered, *ticked)}
        for key in sorted(names, key=lambda k: (k not in chosen, k)):
            row = QListWidgetItem(names[key])
            row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            row.setCheckState(Qt.CheckState.Checked if key in chosen else Qt.CheckState.Unchecked)
            self.addItem(row)
        if not names:
            self.setEnabled(False)
            self.addItem("None in this repository yet")

    def showEvent(self, event: QShowEvent) -> None:
        """Measure the rows again: the style sheet reaches them only now."""
        super().showEvent(event)
        self.scheduleDelayedItemsLayout()

    @property
    def ticked(self) -> tuple[str, ...]:
        """The names that are ticked, sorted."""
        rows = [self.item(i) for i in range(self.count())] if self.isEnabled() else []
        return tuple(sorted(row.text() for row in rows if row.checkState() is Qt.CheckState.Checked))

    def tick(self, name: str, *, on: bool = True) -> None:
        """Tick a name, or take its tick away."""
        for row in self.findItems(name, Qt.MatchFlag.MatchFixedString):
            row.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def milestone_box(milestones: Sequence[Milestone], current: int | None) -> QComboBox:
    """The open milestones, "none" first; a closed one stays while it is the current one."""
    box = CalmComboBox()
    box.setAccessibleName("Milestone")
    box.addItem("No milestone", None)
    for milestone in milestones:
        box.addItem(milestone.title, milestone.number)
    if current is not None and box.findData(current) < 0:
        box.addItem(f"Milestone {current} (closed)", current)
    box.setCurrentIndex(max(0, box.findData(current)))
    return box


def _text(name: str, text: str = "", hint: str = "") -> QPlainTextEdit:
    field = QPlainTextEdit(text)
    field.setAccessibleName(name)
    field.setPlaceholderText(hint)
    field.setTabChangesFocus(True)
    field.setMinimumHeight(TEXT_HEIGHT)
    return field


class _Keeps(QDialog):
    """A dialog whose button keeps drafts; it stays off while there is nothing to keep."""

    def __init__(self, parent: QWidget, title: str, about: str, button: str = "Keep as draft") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(560)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 18)
        self.column.setSpacing(10)
        self.column.addWidget(ElidedLabel(about, Role.HEADING))
        self._buttons = QDialogButtonBox()
        self._buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        self.keep: QPushButton = self._buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.keep.setProperty("primary", True)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def close_off(self) -> None:
        """Add the words and buttons at the bottom."""
        self.column.addWidget(text_label(LATER, Role.SMALL, muted=True, wrap=True))
        self.column.addWidget(self._buttons)
        self.arrange()

    def arrange(self) -> None:
        """Switch the button by what there is to keep."""
        raise NotImplementedError


class ItemDialog(_Keeps):
    """Everything that can be changed about one issue or pull request."""

    def __init__(self, parent: QWidget, item: WorkItem, choices: Choices, now: datetime) -> None:
        kind = "issue" if item.kind is ItemKind.ISSUE else "pull request"
        about = f"{words.repository(item.repository)}#{item.number}  {item.title}"
        super().__init__(parent, f"Change this {kind}", about, "Keep as drafts")
        self._item, self._now = item, now
        self.state = CalmComboBox()
        self.state.setAccessibleName("State")
        for value in self._states():
            self.state.addItem(STATES.get(value, value), value)
        self.state.setCurrentIndex(max(0, self.state.findData(change_making.state_of(item))))
        self.title = QLineEdit(item.title)
        self.title.setAccessibleName("Title")
        self.labels = CheckList("Labels", (one.name for one in choices.labels), item.labels)
        logins = [person.login for person in choices.people]
        self.people = CheckList("Assignees", logins, (person.login for person in item.assignees))
        self.milestone = milestone_box(choices.milestones, item.milestone_number)
        self.body = _text("Text", item.body)
        self.comment = _text("Comment", hint="A comment that everybody who follows this will get by mail")
        self._lay_out()
        for signal in (
            self.state.currentIndexChanged, self.title.textChanged, self.labels.itemChanged, self.people.itemChanged,
            self.milestone.currentIndexChanged, self.body.textChanged, self.comment.textChanged,
        ):  # fmt: skip
            signal.connect(self.arrange)

    def _states(self) -> list[str]:
        known = ["open", "closed", *(["closed:not_planned"] if self._item.kind is ItemKind.ISSUE else [])]
        current = change_making.state_of(self._item)
        return known if current in known else [*known, current]

    def _lay_out(self) -> None:
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        fields = QWidget()
        form = QFormLayout(fields)
        form.setContentsMargins(0, 12, 0, 0)
        form.setVerticalSpacing(10)
        for name, field in (
            ("Title", self.title), ("State", self.state), ("Milestone", self.milestone), ("Labels", self.labels),
            ("Assignees", self.people),
        ):  # fmt: skip
            form.addRow(name, field)
        tabs.addTab(fields, "Fields")
        for name, text in (("Text", self.body), ("Comment", self.comment)):
            holder = QWidget()
            column = QVBoxLayout(holder)
            column.setContentsMargins(0, 12, 0, 0)
            column.addWidget(text)
            tabs.addTab(holder, name)
        self.tabs = tabs
        self.column.addWidget(tabs)
        self.close_off()

    @property
    def changes(self) -> tuple[Change, ...]:
        """One change for each field that was touched."""
        item, now = self._item, self._now
        state = self.state.currentData()
        wanted: list[Change] = []
        if state != change_making.state_of(item):
            reason = str(state).partition(":")[2]
            closing = state != "open"
            wanted.append(change_making.close(item, now, reason=reason) if closing else change_making.reopen(item, now))
        if self.title.text().strip() and self.title.text().strip() != item.title:
            wanted.append(change_making.retitle(item, self.title.text(), now))
        if self.body.toPlainText() != item.body.replace("\r\n", "\n"):
            wanted.append(change_making.rewrite(item, self.body.toPlainText(), now))
        add, remove = _difference(item.labels, self.labels.ticked)
        if add or remove:
            wanted.append(change_making.relabel(item, now, add=add, remove=remove))
        add, remove = _difference((p.login for p in item.assignees), self.people.ticked)
        if add or remove:
            wanted.append(change_making.reassign(item, now, add=add, remove=remove))
        if self.milestone.currentData() != item.milestone_number:
            wanted.append(change_making.plan(item, self.milestone.currentData(), now))
        if self.comment.toPlainText().strip():
            wanted.append(change_making.comment(item, self.comment.toPlainText(), now))
        return tuple(wanted)

    def arrange(self) -> None:
        """Say how many drafts it will be."""
        number = len(self.changes)
        self.keep.setEnabled(number > 0)
        self.keep.setText(f"Keep {words.count(number, 'draft')}" if number else "Keep as drafts")


class IssueDialog(_Keeps):
    """A new issue."""

    def __init__(
        self, parent: QWidget, repositories: Sequence[Repository], choices: dict[str, Choices], now: datetime
    ) -> None:
        super().__init__(parent, "New issue", "New issue")
        self._now, self._choices = now, choices
        self._known = {repository.full_name: repository for repository in repositories}
        self.repository = CalmComboBox()
        self.repository.setAccessibleName("Repository")
        self.repository.addItems(list(self._known))
        self.title = QLineEdit()
        self.title.setAccessibleName("Title")
        self.body = _text("Text", hint="What is wrong or wanted, and how one sees that it is done")
        self._form = QFormLayout()
        self._form.setVerticalSpacing(10)
        for name, field in (("Repository", self.repository), ("Title", self.title), ("Text", self.body)):
            self._form.addRow(name, field)
        self._offer()
        self.column.addLayout(self._form)
        self.title.textChanged.connect(self.arrange)
        self.repository.currentIndexChanged.connect(self._offer_anew)
        self.title.setFocus()
        self.close_off()

    def _offer(self) -> None:
        there = self._choices.get(self.repository.currentText(), Choices())
        self.labels = CheckList("Labels", (one.name for one in there.labels), ())
        self.people = CheckList("Assignees", (one.login for one in there.people), ())
        self.milestone = milestone_box(there.milestones, None)
        for name, field in (("Milestone", self.milestone), ("Labels", self.labels), ("Assignees", self.people)):
            self._form.addRow(name, field)

    def _offer_anew(self) -> None:
        """Labels, people and milestones belong to one repository: choose again in another one."""
        for field in (self.milestone, self.labels, self.people):
            self._form.removeRow(field)
        self._offer()

    @property
    def changes(self) -> tuple[Change, ...]:
        """The new issue, once it has a title."""
        if not self.title.text().strip():
            return ()
        return (
            change_making.new_issue(
                self._known[self.repository.currentText()],
                self.title.text(),
                self.body.toPlainText(),
                self._now,
                labels=self.labels.ticked,
                assignees=self.people.ticked,
                milestone=self.milestone.currentData(),
            ),
        )

    def arrange(self) -> None:
        """An issue needs a title."""
        self.keep.setEnabled(bool(self.changes))


class WordingDialog(_Keeps):
    """The text of a draft, worded anew; of a new issue its labels, assignees and milestone, too."""

    def __init__(self, parent: QWidget, change: Change, choices: Choices | None = None) -> None:
        super().__init__(parent, "Edit this draft", deed(change))
        self._change = change
        self.title = QLineEdit(change.title if change.kind is ChangeKind.NEW_ISSUE else str(change.mine or ""))
        self.title.setAccessibleName("Title")
        self.body = _text("Text", str(change.mine or ""))
        self.title.setVisible(change.kind in (ChangeKind.NEW_ISSUE, ChangeKind.TITLE))
        self.body.setVisible(change.kind is not ChangeKind.TITLE)
        self.theirs = _text("What GitHub has now", str(change.theirs or ""))
        self.theirs.setReadOnly(True)
        if change.kind is ChangeKind.TITLE:
            self.theirs.setFixedHeight(TITLE_HEIGHT)
        beside = contradicted(change)
        for text in (text_label("GitHub has now", Role.STRONG), self.theirs, text_label("Yours", Role.STRONG)):
            self.column.addWidget(text)
            text.setVisible(beside)
        self.column.addWidget(self.title)
        self.column.addWidget(self.body)
        self._add_fields(change, choices or Choices())
        self.title.textChanged.connect(self.arrange)
        self.body.textChanged.connect(self.arrange)
        for signal in (self.labels.itemChanged, self.people.itemChanged, self.milestone.currentIndexChanged):
            signal.connect(self.arrange)
        (self.title if change.kind in (ChangeKind.NEW_ISSUE, ChangeKind.TITLE) else self.body).setFocus()
        self.close_off()

    def _add_fields(self, change: Change, choices: Choices) -> None:
        """What else a new issue says; what its repository no longer has is named, for that keeps it from being made."""
        self.labels = CheckList("Labels", (one.name for one in choices.labels), change.labels)
        self.people = CheckList("Assignees", (one.login for one in choices.people), change.assignees)
        self.milestone = milestone_box(choices.milestones, change.milestone)
        fields = QWidget()
        form = QFormLayout(fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(10)
        for name, field in (("Milestone", self.milestone), ("Labels", self.labels), ("Assignees", self.people)):
            form.addRow(name, field)
        known = {one.name.casefold() for one in choices.labels}
        gone = [name for name in change.labels if name.casefold() not in known]
        self.gone = text_label("", Role.SMALL, wrap=True)
        self.gone.setText(
            f"{words.repository(change.repository)} has no label {words.listed(gone)}: take the tick away."
        )
        form.addRow(self.gone)
        self.gone.setVisible(bool(gone))
        fields.setVisible(change.kind is ChangeKind.NEW_ISSUE)
        self.column.addWidget(fields)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The draft with its new words, when they differ."""
        change, title, body = self._change, self.title.text().strip(), self.body.toPlainText()
        if change.kind is ChangeKind.TITLE:
            new = replace(change, mine=title)
        elif change.kind is ChangeKind.NEW_ISSUE:
            new = replace(
                change,
                title=title,
                mine=body,
                labels=self.labels.ticked,
                assignees=self.people.ticked,
                milestone=self.milestone.currentData(),
            )
        else:
            new = replace(change, mine=body)
        empty = not title if change.kind in (ChangeKind.TITLE, ChangeKind.NEW_ISSUE) else not body.strip()
        blank = empty and change.kind is not ChangeKind.BODY
        return () if blank or new.digest == change.digest else (new,)

    def arrange(self) -> None:
        """There is something to keep once the words differ."""
        self.keep.setEnabled(bool(self.changes))


def _difference(before: Iterable[str], after: Iterable[str]) -> tuple[list[str], list[str]]:
    """What was added and what was taken away; case does not count."""
    old, new = {one.casefold(): one for one in before}, {one.casefold(): one for one in after}
    return [new[k] for k in new if k not in old], [old[k] for k in old if k not in new]
