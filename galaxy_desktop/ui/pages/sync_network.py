"""Who was talked to: one switch for the whole network, and the ledger of hosts."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from galaxy_desktop.domain.sync_report import SyncOverview
from galaxy_desktop.domain.traffic import HostTraffic
from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.sync import host_table
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.widgets.fitted_table import FittedTable
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import PAGE_MARGIN, Card, restyle

ON = "The program talks to the hosts below and to no other: every connection passes one gate, which writes it down."
OFF = "Nothing leaves this computer. What is stored can be read; nothing is fetched or sent until it is on again."
DEMO = "A demo never talks to GitHub. Everything it shows was made on this computer."


class NetworkSheet(QWidget):
    """The switch, the ledger, and its export."""

    switched = Signal(bool)
    export_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._now: datetime | None = None
        self.switch = QCheckBox("Network")
        self.switch.setAccessibleDescription("Let the program talk to the network, or deny all of it")
        self.words = text_label("", muted=True, wrap=True)
        self.note = text_label("", wrap=True)
        self.note.hide()
        card = Card()
        card.setAccessibleName("Network")
        card.body.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        card.body.addWidget(self.words)
        card.body.addWidget(self.note)
        self.table = host_table(look, self._moment)
        self.rows: FittedTable[HostTraffic] = FittedTable(
            self.table, "Hosts that were talked to", elastic=("For", "First time"), wide_least=170
        )
        self._counted = text_label("", Role.HEADING)
        self.export = QPushButton("Export as CSV…")
        self.export.setToolTip("Write the ledger to a file")
        row = QHBoxLayout()
        row.addWidget(self._counted, 1)
        row.addWidget(self.export)
        self.nothing = EmptyState()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.rows)
        self._stack.addWidget(self.nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAGE_MARGIN, 14, PAGE_MARGIN, PAGE_MARGIN)
        column.setSpacing(12)
        column.addWidget(card)
        column.addLayout(row)
        column.addWidget(self._stack, 1)
        self.switch.clicked.connect(self._switched)
        self.export.clicked.connect(lambda _checked: self.export_wanted.emit())

    @property
    def counted(self) -> str:
        """What is said of the number of hosts."""
        return self._counted.text()

    def show_overview(self, report: SyncOverview, now: datetime, *, demo: bool) -> None:
        """Show the switch and the ledger."""
        self._now = now
        self.switch.setVisible(not demo)
        self.words.setText(DEMO if demo else ON if report.network_on else OFF)
        if self.switch.isEnabled():
            self.switch.setChecked(report.network_on)
            self.switch.setText("Network on" if report.network_on else "Network off")
        self.table.replace(report.hosts)
        self._counted.setText(hosts_words(report.hosts))
        self.export.setEnabled(bool(report.hosts))
        self._stack.setCurrentIndex(0 if report.hosts else 1)
        said = "This demo has talked to 0 hosts." if demo else "The first connection will be listed here."
        self.nothing.say("Nobody was talked to", said)

    def switched_over(self, problem: str) -> None:
        """The switch was thrown, or it could not be."""
        self.switch.setEnabled(True)
        self.note.setText(problem)
        self.note.setVisible(bool(problem))
        self.note.setProperty("tone", str(Tone.BAD))
        restyle(self.note)

    def _switched(self, on: bool) -> None:
        self.switch.setEnabled(False)
        self.switch.setText("Switching on …" if on else "Switching off …")
        self.switched.emit(on)

    def _moment(self) -> datetime:
        if self._now is None:
            raise RuntimeError("the ledger was never filled")
        return self._now


def hosts_words(hosts: tuple[HostTraffic, ...]) -> str:
    """How many hosts were talked to: "2 hosts, 31 connections, 4 refused"."""
    names = {one.host for one in hosts}
    made, refused = sum(one.connections for one in hosts), sum(one.denied for one in hosts)
    said = f"{words.count(len(names), 'host')}, {words.count(made, 'connection')}"
    return f"{said}, {refused:,} refused" if refused else said
