"""The record of the forecast in a line that opens the Trust page: it stands beside every headline that gives a number."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from galaxy_desktop.domain.ledger import TrackRecord
from galaxy_desktop.ui.theme import Look, Tone
from galaxy_desktop.ui.widgets.text import tinted

LOOKS = {True: ("sustain", Tone.GOOD), False: ("observe", Tone.WATCH), None: ("none", Tone.QUIET)}
ICON = 16
AROUND = 12
"""Room for the border of the focus and the gap beside the icon."""


class RecordLine(QPushButton):
    """Hidden while nothing is known of a record; cut with an ellipsis where it does not fit, and whole on hover."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._record: TrackRecord | None = None
        self.setProperty("link", True)
        self.setIconSize(QSize(ICON, ICON))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        look.changed.connect(self._tint)

    @property
    def words(self) -> str:
        """The whole line, "" while it is hidden."""
        return self._record.words if self._record is not None else ""

    def show_record(self, record: TrackRecord | None) -> None:
        """Show this record, or nothing."""
        if record != self._record:
            self._record = record
            self.setToolTip(f"{record.verdict} Opens the Trust page." if record is not None else "")
            self.setAccessibleName(f"{record.words}. Opens the Trust page." if record is not None else "")
            self._fit()
            self._tint()
            self.updateGeometry()
        self.setVisible(record is not None)

    def sizeHint(self) -> QSize:
        """As wide as the whole line."""
        wide = self.fontMetrics().horizontalAdvance(self.words) + ICON + AROUND
        return QSize(wide, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for a few words is enough."""
        wide = self.fontMetrics().horizontalAdvance("m" * 12) + ICON + AROUND
        return QSize(min(wide, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the line to its place."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = max(self.width() - ICON - AROUND, 0)
        self.setText(self.fontMetrics().elidedText(self.words, Qt.TextElideMode.ElideRight, room + 1))

    def _tint(self) -> None:
        if self._record is not None:
            name, tone = LOOKS[self._record.better]
            self.setIcon(tinted(self._look, name, tone, ICON))
