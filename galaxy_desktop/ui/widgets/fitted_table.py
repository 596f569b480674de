"""A table whose columns always fit its width: nothing is cut off at the right, and long names give way first.

Qt's own "resize to contents" keeps room for a sort arrow in every column and lets the last columns fall off a narrow
window. Here each column is measured over its first rows, the wide column takes what is left, and where nothing is
left the elastic columns become narrower. Widths only grow while the table stands, so that news does not make it jump.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHeaderView

from galaxy_desktop.ui.rows.table import Table
from galaxy_desktop.ui.theme import Role, font
from galaxy_desktop.ui.widgets.table_view import MOST_ROWS_IN_PAGE, TableView

R = TypeVar("R")
MEASURED = 60
PADDING = 24
SIGN = 24
LEAST = 88
SMALLEST = 64


class FittedTable(TableView[R], Generic[R]):
    """A `TableView` that lays out its own columns; one column of the table is `wide`."""

    def __init__(
        self,
        model: Table[R],
        name: str,
        *,
        elastic: Sequence[str],
        wide_least: int,
        in_page: bool = False,
        most_rows: int = MOST_ROWS_IN_PAGE,
    ) -> None:
        """`elastic` names the columns that give way before the wide one gets less than `wide_least`."""
        super().__init__(model, name, in_page=in_page, most_rows=most_rows)
        self._model = model
        names = [column.name for column in model.columns]
        self._elastic = tuple(names.index(one) for one in elastic)
        self._wide = next(i for i, column in enumerate(model.columns) if column.wide)
        self.setFont(font(Role.SMALL))
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(30)
        head = QFontMetrics(font(Role.STRONG))
        self._least = [head.horizontalAdvance(name) + PADDING for name in names]
        self._natural = list(self._least)
        for number in self._elastic:
            self._least[number] = max(LEAST, self._least[number])
        self._least[self._wide] = wide_least
        model.modelReset.connect(self.fit)
        model.dataChanged.connect(self.fit)

    def fit(self) -> None:
        """Lay the columns out anew."""
        self._measure()
        widths = fitted(self._natural, self._least, self.viewport().width(), self._wide, self._elastic)
        for number, width in enumerate(widths):
            if self.columnWidth(number) != width:
                self.setColumnWidth(number, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the new width."""
        super().resizeEvent(event)
        self.fit()

    def _measure(self) -> None:
        body = self.fontMetrics()
        rows = self._model.rows[:MEASURED]
        for number, column in enumerate(self._model.columns):
            sign = SIGN if column.tone is not None or column.icon is not None else 0
            texts = {column.text(row) for row in rows}
            widest = max((body.horizontalAdvance(text) for text in texts), default=0) + sign
            self._natural[number] = max(self._natural[number], widest + PADDING)


def fitted(natural: Sequence[int], least: Sequence[int], room: int, wide: int, elastic: Sequence[int]) -> list[int]:
    """Widths that fill `room` exactly where that can be.

    The wide column takes what is left. Where the others leave it less than its `least`, the elastic columns give way,
    the one with most to give first and none below its own `least`; only then the wide one does.
    """
    widths = list(natural)
    widths[wide] = max(SMALLEST, min(natural[wide], least[wide]))
    missing = sum(widths) - room
    while missing > 0:
        giver = max(elastic, key=lambda number: widths[number] - least[number])
        if widths[giver] <= least[giver]:
            break
        widths[giver] -= 1
        missing -= 1
    widths[wide] = max(SMALLEST, widths[wide] - missing)
    return widths
