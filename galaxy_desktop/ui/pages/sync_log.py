"""The log of requests: the last 500, a filter over them, and a way to take rows along.

Rows arrive newest first while a sync runs; what is selected stays selected, and widths are fixed, so that a
page of 500 rows costs no more than what is visible of it.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.sync_log import as_text, kept, key_of, log_table
from galaxy_desktop.ui.rows.table import Table
from galaxy_desktop.ui.theme import Look, text_label
from galaxy_desktop.ui.widgets.fitted_table import FittedTable
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import PAGE_MARGIN

LEAST_REQUEST = 260


class LogView(FittedTable[Exchange]):
    """A table of which several rows can be selected and copied."""

    copy_wanted = Signal()

    def __init__(self, table: Table[Exchange]) -> None:
        super().__init__(table, "Requests, newest first", elastic=("Repository", "For"), wide_least=LEAST_REQUEST)
        self._table = table
        self._kept: frozenset[str] = frozenset()
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # pages of one list differ in their last letters
        table.modelAboutToBeReset.connect(self._note_selection)
        table.modelReset.connect(self._select_again)

    @property
    def selected(self) -> tuple[Exchange, ...]:
        """The selected rows in the order shown."""
        return tuple(self._table.rows[i.row()] for i in sorted(self.selectionModel().selectedRows()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy is ours: Qt's own would take one cell."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
            return
        super().keyPressEvent(event)

    def _note_selection(self) -> None:
        self._kept = frozenset(key_of(one) for one in self.selected)

    def _select_again(self) -> None:
        if not self._kept:
            return
        last = len(self._table.columns) - 1
        chosen = QItemSelection()
        for number, row in enumerate(self._table.rows):
            if key_of(row) in self._kept:
                chosen.select(self._table.index(number, 0), self._table.index(number, last))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)


class LogSheet(QWidget):
    """Filter, table and copy."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._now: datetime | None = None
        self._all: tuple[Exchange, ...] = ()
        self._repository = ""
        self.table = log_table(look, self._moment)
        self.rows = LogView(self.table)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by repository, list, path or result")
        self.filter.setAccessibleName("Filter the requests")
        self.filter.setClearButtonEnabled(True)
        self.failures = QCheckBox("Only failures")
        self._count: QLabel = text_label("", muted=True)
        self.copy = QPushButton("Copy selected rows")
        self.copy.setToolTip("As text with tabs, for a sheet or a report (Ctrl+C)")
        self.copy.setEnabled(False)
        self.nothing = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.rows)
        self._stack.addWidget(self.nothing)
        self._lay_out()
        self.filter.textChanged.connect(self._show)
        self.failures.toggled.connect(self._show)
        self.copy.clicked.connect(lambda _checked: self.copy_selected())
        self.rows.copy_wanted.connect(self.copy_selected)
        self.rows.selectionModel().selectionChanged.connect(self._selection_changed)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.filter, 1)
        row.addWidget(self.failures)
        row.addWidget(self._count)
        row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAGE_MARGIN, 14, PAGE_MARGIN, PAGE_MARGIN)
        column.setSpacing(10)
        column.addLayout(row)
        column.addWidget(self._stack, 1)
        self.setTabOrder(self.filter, self.failures)
        self.setTabOrder(self.failures, self.rows)
        self.setTabOrder(self.rows, self.copy)

    @property
    def said(self) -> str:
        """What is said of the number of rows."""
        return self._count.text()

    def show_requests(self, requests: tuple[Exchange, ...], now: datetime, repository: str = "") -> None:
        """Show these requests, newest first; `repository` keeps those of one."""
        self._all, self._now, self._repository = requests, now, repository
        self._show()

    def copy_selected(self) -> None:
        """Put the selected rows on the clipboard."""
        chosen = self.rows.selected
        if chosen:
            QApplication.clipboard().setText(as_text(chosen))
            self._count.setText(f"Copied {words.count(len(chosen), 'row')}")

    def _show(self) -> None:
        if self._now is None:
            return
        only = self.failures.isChecked()
        found = kept(self._all, self.filter.text(), only_failures=only, repository=self._repository)
        self.table.replace(found)
        self._stack.setCurrentIndex(0 if found else 1)
        if not self._all:
            self.nothing.say("No request yet", "Every request to GitHub is listed here, without tokens and contents.")
        elif not found and only and not self.filter.text():
            self.nothing.say("No failure", f"None of the last {len(self._all):,} requests failed.")
        elif not found:
            self.nothing.say("Nothing fits the filter", "Use fewer words, or clear the filter.")
        everything = words.count(len(self._all), "request")
        self._count.setText(everything if len(found) == len(self._all) else f"{len(found):,} of {everything}")

    def _selection_changed(self) -> None:
        self.copy.setEnabled(self.rows.selectionModel().hasSelection())

    def _moment(self) -> datetime:
        if self._now is None:
            raise RuntimeError("the log was never filled")
        return self._now
