"""How every table looks and behaves: whole rows, keyboard first, selection that survives news."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView

from galaxy_desktop.ui.rows.table import Table

R = TypeVar("R")
MOST_ROWS_IN_PAGE = 12


class TableView(QTableView, Generic[R]):
    """A table over a `Table`; `opened` carries the row that was clicked, or chosen with Enter."""

    opened = Signal(object)

    def __init__(
        self, model: Table[R], name: str, *, in_page: bool = False, most_rows: int = MOST_ROWS_IN_PAGE
    ) -> None:
        """`in_page`: as high as its rows need up to `most_rows`, because the page around it scrolls."""
        super().__init__()
        self._table = model
        self._in_page = in_page
        self._most_rows = most_rows
        self._chosen = ""
        self.setModel(model)
        self.setAccessibleName(name)
        self._dress()
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        self.clicked.connect(self._open)

    def _dress(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(round(self.fontMetrics().height() * 2.1))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(56)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        for number, column in enumerate(self._table.columns):
            fit = QHeaderView.ResizeMode.Stretch if column.wide else QHeaderView.ResizeMode.ResizeToContents
            header.setSectionResizeMode(number, fit)
        if self._in_page:
            self.setProperty("inpage", True)
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._table.modelReset.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """In a page: as high as the rows need, up to twelve of them unless another number was given."""
        if not self._in_page:
            return super().sizeHint()
        rows = max(1, min(self._table.rowCount(), self._most_rows))
        height = self.horizontalHeader().sizeHint().height() + rows * self.verticalHeader().defaultSectionSize() + 4
        return QSize(super().sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        """Never lower than it wants to be in a page."""
        return QSize(200, self.sizeHint().height()) if self._in_page else super().minimumSizeHint()

    def chosen(self) -> Any:
        """The row that is selected, or `None`."""
        index = self.currentIndex()
        return index.data(Qt.ItemDataRole.UserRole) if index.isValid() else None

    def choose(self, key: str) -> bool:
        """Select the row of that name; says whether there is one."""
        row = self._table.row_named(key)
        if row is not None:
            self.setCurrentIndex(self._table.index(row, 0))
        return row is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        row = index.data(Qt.ItemDataRole.UserRole)
        if row is not None:
            self.opened.emit(row)

    def _remember(self) -> None:
        index = self.currentIndex()
        self._chosen = self._table.key_of(index.row()) if index.isValid() else ""

    def _restore(self) -> None:
        if self._chosen:
            self.choose(self._chosen)
