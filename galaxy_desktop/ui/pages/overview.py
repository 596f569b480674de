"""Overview: one card for each sprint across all repositories."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QVBoxLayout, QWidget

from galaxy_desktop.domain.work import State
from galaxy_desktop.ui import words
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.rows.sprints import SprintRows, row_of
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.record_line import RecordLine
from galaxy_desktop.ui.widgets.sprint_card import SprintCardPainter
from galaxy_desktop.ui.widgets.surface import PAGE_MARGIN
from galaxy_desktop.ui.wishes import OpenPage, OpenSprint


class CardList(QListView):
    """The list of cards: a click or Enter opens the sprint."""

    def __init__(self, look: Look, rows: SprintRows) -> None:
        super().__init__()
        self.setObjectName("cards")
        self.setAccessibleName("Sprints")
        self.setModel(rows)
        self.setItemDelegate(SprintCardPainter(look, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self.viewport().setAutoFillBackground(False)
        look.changed.connect(self.viewport().update)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the card that has the focus."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.clicked.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


class OverviewPage(Page):
    """Every sprint at a glance."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Overview")
        self.rows = SprintRows()
        self.cards = CardList(look, self.rows)
        self.cards.clicked.connect(self._open)
        self._summary = text_label("", muted=True, wrap=True)
        self.record = RecordLine(look)
        self.record.clicked.connect(lambda _checked: self.wished.emit(OpenPage("trust")))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(PAGE_MARGIN, 20, PAGE_MARGIN - 6, 0)
        column.setSpacing(4)
        column.addWidget(text_label("Overview", Role.TITLE))
        column.addWidget(self._summary)
        column.addWidget(self.record)
        column.addSpacing(12)
        column.addWidget(self.cards, 1)
        self.set_content(content)

    @property
    def summary(self) -> str:
        """The sentence under the title."""
        return self._summary.text()

    def fill(self, view: View, before: View | None) -> None:
        """Show the cards of the sprints that the filters keep."""
        self.rows.replace([row_of(one, view) for one in view.sprints])
        still_open = [s for s in view.sprints if s.sprint.state is State.OPEN]
        done = sum(s.open == 0 and s.done > 0 for s in still_open)
        act = sum(s.health.word == "Act" and s.open > 0 for s in still_open)
        parts = [f"{words.count(len(still_open) - done, 'sprint')} under way"]
        if act:
            parts.append(f"{act} {'needs' if act == 1 else 'need'} you to act")
        if done:
            parts.append(f"{done} done but not closed")
        parts.append(f"as of {words.clock(view.analysis.as_of, view.now)}" if view.analysis else "")
        self.record.show_record(view.analysis.record if view.analysis else None)
        self._summary.setText("  ·  ".join(p for p in parts if p))

    def _open(self, index: QModelIndex) -> None:
        self.wished.emit(OpenSprint(index.data(Qt.ItemDataRole.UserRole).id))
