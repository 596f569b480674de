"""The palette (Ctrl+K): one field in which pages, sprints, items and actions are called by their names, or a question is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.ui import words
from galaxy_desktop.ui.ask_wishes import OpenAsk
from galaxy_desktop.ui.sidebar import PLACES
from galaxy_desktop.ui.theme import Look, Role, font, text_label
from galaxy_desktop.ui.time_wishes import BackToNow
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import ClearFilters, OpenClaim, OpenPage, OpenSprint, ShowShortcuts, SyncNow, Wish

WIDTH, MOST_SHOWN, ROW = 560, 9, 34
MOST_ITEMS = 40
QUESTION_WORDS = (
    "what",
    "who",
    "when",
    "which",
    "why",
    "how",
    "will",
    "is",
    "are",
    "did",
    "does",
    "do",
    "was",
    "were",
    "can",
    "should",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be called: its words, what kind of thing it is, and what then happens."""

    text: str
    kind: str
    wish: Wish


class Palette(QDialog):
    """Type, choose with the arrows, Enter; Esc closes it."""

    wished = Signal(object)

    def __init__(self, parent: QWidget, look: Look, view: View) -> None:
        super().__init__(parent)
        self.setWindowTitle("Go to or ask")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entries = tuple(entries(view))
        self._look = look
        self.field = QLineEdit()
        self.field.setPlaceholderText("A page, a sprint, #12, or a question")
        self.field.setAccessibleName("Go to, or ask")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._show)
        self.field.returnPressed.connect(self._take)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("What can be called")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.itemClicked.connect(lambda _item: self._take())
        self.list.setItemDelegate(_Rows(self.list))
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 12)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(
            text_label("Enter opens, Esc closes. A question is answered from what is stored.", Role.SMALL, muted=True)
        )
        self.setMinimumWidth(min(WIDTH, parent.width() - 40))
        self._show("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move in the list while the keyboard stays in the field."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            step = steps.get(Qt.Key(event.key()))
            if step is not None and self.list.count():
                row = self.list.currentRow() + step
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, row)))
                return True
        return super().eventFilter(watched, event)

    @property
    def shown(self) -> list[Entry]:
        """What is offered for what was typed, best first."""
        return [self.list.item(row).data(Qt.ItemDataRole.UserRole) for row in range(self.list.count())]

    def _show(self, typed: str) -> None:
        self.list.clear()
        for one in matches(self._entries, typed):
            item = QListWidgetItem(one.text)
            item.setData(Qt.ItemDataRole.UserRole, one)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{one.text}, {one.kind}")
            item.setToolTip(one.text)
            item.setSizeHint(QSize(0, ROW))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(min(self.list.count(), MOST_SHOWN) * ROW + 6)
        self.adjustSize()

    def _take(self) -> None:
        row, shown = self.list.currentRow(), self.shown
        if 0 <= row < len(shown):
            self.accept()
            self.wished.emit(shown[row].wish)


class _Rows(QStyledItemDelegate):
    """A row: the words at the left, what kind of thing it is at the right."""

    def __init__(self, rows: QListWidget) -> None:
        super().__init__(rows)
        self._list = rows

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Long words end before the kind begins."""
        super().initStyleOption(option, index)
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)
        room = QFontMetrics(font(Role.SMALL)).horizontalAdvance(entry.kind) + 36
        style: Any = option
        end = Qt.TextElideMode.ElideRight
        style.text = QFontMetrics(style.font).elidedText(entry.text, end, style.rect.width() - room)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The row as the style draws it, with the kind in smaller and paler letters."""
        super().paint(painter, option, index)
        entry: Entry = index.data(Qt.ItemDataRole.UserRole)
        style: Any = option
        painter.save()
        painter.setFont(font(Role.SMALL))
        painter.setPen(self._list.palette().placeholderText().color())
        where = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(style.rect.adjusted(0, 0, -12, 0), where, entry.kind)
        painter.restore()


def entries(view: View) -> Iterator[Entry]:
    """Everything that can be called by a name."""
    for place in PLACES:
        yield Entry(place.word, f"page, {place.letter}", OpenPage(place.name))
    yield Entry("Sync now", "action, F5", SyncNow())
    if view.past is not None:
        yield Entry("Back to now", "action", BackToNow())
    if view.filters.active:
        yield Entry("Clear the filters", "action", ClearFilters())
    yield Entry("Shortcuts", "action, ?", ShowShortcuts())
    for one in view.all_sprints:
        yield Entry(one.sprint.name, "sprint", OpenSprint(one.sprint.id))
    for item_id, brief in view.briefs.items():
        state = "open" if brief.open else "closed"
        yield Entry(
            f"{words.reference(item_id)} {brief.title}",
            f"item, {state}",
            OpenClaim(view.claim(brief.title, (item_id,))),
        )


def matches(known: tuple[Entry, ...], typed: str) -> list[Entry]:
    """What fits what was typed: every word of it begins or stands in the entry; a question comes first when it reads like one."""
    text = " ".join(typed.split())
    if not text:
        return [one for one in known if not one.kind.startswith("item")]
    parts = text.casefold().split()
    fitting = [(rank, n, one) for n, one in enumerate(known) if (rank := _rank(one, parts)) is not None]
    found = [one for _, _, one in sorted(fitting, key=lambda one: one[:2])][:MOST_ITEMS]
    question = Entry(f"Ask: {text}", "question", OpenAsk(text))
    return [question, *found] if _reads_like_a_question(text) else [*found, question]


def _rank(one: Entry, parts: list[str]) -> int | None:
    """0 where the entry begins with the first word, 1 where its words do, 2 where they only contain them; `None` else."""
    text = one.text.casefold()
    if not all(part in text for part in parts):
        return None
    if text.startswith(parts[0]):
        return 0
    starts = text.replace("#", " #").split()
    return 1 if all(any(word.startswith(part) for word in starts) for part in parts) else 2


def _reads_like_a_question(text: str) -> bool:
    return text.endswith("?") or (text.split(maxsplit=1)[0].casefold().rstrip(",") in QUESTION_WORDS and " " in text)
