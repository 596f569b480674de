"""The card with the burnup chart; the chart library is imported when the card is first seen, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget

from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.ui.pages.sprint_parts import link_button
from galaxy_desktop.ui.rows.burnup import DayRow, burnup_table, day_rows
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.surface import Card
from galaxy_desktop.ui.widgets.table_view import TableView

if TYPE_CHECKING:
    from galaxy_desktop.ui.charts import BurnupChart

HEIGHT = 300
LEGEND = (
    "Dashed gray: items in scope. Solid: items done. Shaded from today on: where 70 % of the simulated runs lie, "
    "with the middle one dashed."
)


class ChartCard(Card):
    """Burnup and forecast as a chart, or as the table of its numbers."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._shown: tuple[SprintAnalysis, View] | None = None
        self.chart: BurnupChart | None = None
        self._as_table = False
        self._table = burnup_table(look)
        self._switch: QPushButton = link_button("Show as table", self._turn)
        line = QHBoxLayout()
        line.addWidget(text_label("How it went, and how it may go on", Role.HEADING), 1)
        line.addWidget(self._switch)
        self.body.addLayout(line)
        self._stack = QStackedWidget()
        self._stack.setFixedHeight(HEIGHT)
        self._waiting = text_label("The chart is being prepared.", muted=True)
        self._stack.addWidget(self._waiting)
        self._numbers: TableView[DayRow] = TableView(self._table, "Numbers of the chart")
        self._numbers.setProperty("inpage", True)
        self._stack.addWidget(self._numbers)
        self.body.addWidget(self._stack)
        self._legend = text_label(LEGEND, Role.SMALL, muted=True, wrap=True)
        self.body.addWidget(self._legend)

    @property
    def as_table(self) -> bool:
        """Whether the numbers are shown instead of the chart."""
        return self._as_table

    def show_sprint(self, one: SprintAnalysis, view: View) -> None:
        """Show the days of this sprint."""
        self._shown = (one, view)
        self._table.replace(day_rows(one, view.today))
        if self.chart is not None:
            self.chart.show_sprint(one, view.today)

    def showEvent(self, event: QShowEvent) -> None:
        """Prepare the chart once the page around it has been painted."""
        super().showEvent(event)
        if self.chart is None:
            QTimer.singleShot(0, self, self.prepare)

    def prepare(self) -> None:
        """Import the chart library and draw; done once."""
        if self.chart is not None:
            return
        from galaxy_desktop.ui.charts import BurnupChart  # noqa: PLC0415 - pyqtgraph may take a second

        self.chart = BurnupChart(self._look)
        self.chart.setAccessibleName("Burnup chart; “Show as table” has its numbers")
        self._stack.addWidget(self.chart)
        self._arrange()
        if self._shown is not None:
            one, view = self._shown
            self.chart.show_sprint(one, view.today)

    def _turn(self) -> None:
        self._as_table = not self._as_table
        self._arrange()

    def _arrange(self) -> None:
        self._stack.setCurrentWidget(self._numbers if self._as_table else self.chart or self._waiting)
        self._switch.setText("Show as chart" if self._as_table else "Show as table")
        self._legend.setVisible(not self._as_table)
