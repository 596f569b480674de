"""One item model for every table: typed rows, and columns that say how a row is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor

from galaxy_desktop.ui.theme import TONE_ICON, Look, Tone, ink
from galaxy_desktop.ui.widgets.text import tinted

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Generic[R]):
    """How one column reads a row; `order` is what it sorts by, the text where nothing is given."""

    name: str
    text: Callable[[R], str]
    tip: Callable[[R], str] | None = None
    tone: Callable[[R], Tone] | None = None
    icon: Callable[[R], str] | None = None
    order: Callable[[R], Any] | None = None
    wide: bool = False
    right: bool = False


class Table(QAbstractTableModel, Generic[R]):
    """Rows of one type; `key` names a row, so that a selection survives news."""

    def __init__(self, look: Look, columns: Sequence[Column[R]], key: Callable[[R], str]) -> None:
        super().__init__()
        self._look = look
        self.columns = tuple(columns)
        self._key = key
        self._rows: list[R] = []
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None
        look.changed.connect(self._recolor)

    @property
    def rows(self) -> tuple[R, ...]:
        """The rows in the order shown."""
        return tuple(self._rows)

    def key_of(self, row: int) -> str:
        """The name of a row."""
        return self._key(self._rows[row])

    def row_named(self, key: str) -> int | None:
        """Where the row of that name is, or `None`."""
        return next((i for i, row in enumerate(self._rows) if self._key(row) == key), None)

    def replace(self, rows: Sequence[R]) -> None:
        """Show other rows; where only values changed, only those cells are painted anew."""
        wanted = self._in_order(list(rows))
        same = [self._key(r) for r in wanted] == [self._key(r) for r in self._rows]
        if not same:
            self.beginResetModel()
            self._rows = wanted
            self.endResetModel()
            return
        changed = [i for i, (old, new) in enumerate(zip(self._rows, wanted, strict=True)) if old != new]
        self._rows = wanted
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self.columns) - 1))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many rows there are; a row has none below it."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """The names of the columns."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].name
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(self.columns[section])
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """What a cell shows, in the role that is asked for."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row, column = self._rows[index.row()], self.columns[index.column()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return column.text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return (column.tip or column.text)(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(column)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._decoration(row, column)
        if role == Qt.ItemDataRole.ForegroundRole and column.tone is not None:
            return QBrush(QColor(ink(self._look.colors, column.tone(row))))
        if role == Qt.ItemDataRole.UserRole:
            return row
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column, and keep that order when news arrives."""
        self._sorted_by = (column, order) if column >= 0 else None
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        kept = [(self._rows[i.row()], i.column()) for i in before]
        self._rows = self._in_order(self._rows)
        places = {id(row): i for i, row in enumerate(self._rows)}
        self.changePersistentIndexList(before, [self.index(places[id(row)], c) for row, c in kept])
        self.layoutChanged.emit()

    def _in_order(self, rows: list[R]) -> list[R]:
        if self._sorted_by is None:
            return rows
        column, order = self._sorted_by
        read = self.columns[column].order or self.columns[column].text
        return sorted(rows, key=read, reverse=order is Qt.SortOrder.DescendingOrder)

    @staticmethod
    def _alignment(column: Column[R]) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter

    def _decoration(self, row: R, column: Column[R]) -> Any:
        if column.icon is None and column.tone is None:
            return None
        tone = column.tone(row) if column.tone else Tone.QUIET
        return tinted(self._look, column.icon(row) if column.icon else TONE_ICON[tone], tone, 18)

    def _recolor(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self.columns) - 1))
