"""The panel beside the page: what a claim rests on, word for word, and the way on to GitHub."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.ui import words
from galaxy_desktop.ui.outbox_wishes import ChangeItem
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.time_wishes import OpenWhatIf
from galaxy_desktop.ui.view import IN_THE_PAST, OPENABLE, Claim
from galaxy_desktop.ui.widgets.surface import Card, ScrollPage, empty_out
from galaxy_desktop.ui.widgets.text import ElidedLabel, tinted

KINDS = {
    "issue": "Issue",
    "pr": "Pull request",
    "commit": "Commit",
    "check": "Check",
    "comment": "Comment",
    "review": "Review",
    "milestone": "Milestone",
    "iteration": "Iteration",
    "status": "Commit status",
    "release": "Release",
    "deployment": "Deployment",
    "event": "Event",
    "feature": "Computed number",
    "bug": "Bug and what resolved it",
    "intervention": "Accepted action",
    "code": "Code",
    "docs": "Documentation",
    "test": "Test",
}
OURS = frozenset({"feature"})
CHANGEABLE = ("issue:", "pr:")
WIDTH = 330
MOST_SHOWN = 60


class EvidencePanel(QFrame):
    """Shows one claim at a time."""

    closed = Signal()
    wished = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setMinimumWidth(260)
        self._look = look
        self._title = text_label("", Role.HEADING, wrap=True)
        self._note = text_label("", muted=True, wrap=True)
        self._note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setToolTip("Close (Esc)")
        self._close.setAccessibleName("Close the evidence panel")
        self._close.clicked.connect(self.closed)
        top = QHBoxLayout()
        top.addWidget(text_label("Evidence", Role.SMALL, muted=True), 1)
        top.addWidget(self._close)
        self._page = ScrollPage()
        self._page.body.setContentsMargins(16, 4, 16, 16)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        for widget in (self._title, self._note):
            self._page.body.addWidget(widget)
        self._page.body.addLayout(self._list)
        self._page.body.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(0)
        top.setContentsMargins(16, 0, 8, 0)
        column.addLayout(top)
        column.addWidget(self._page, 1)
        look.changed.connect(self._tint)
        self._tint()

    def sizeHint(self) -> QSize:
        """Wide enough for a quote, narrow enough to leave the page its room."""
        return QSize(WIDTH, 400)

    @property
    def title(self) -> str:
        """The claim that is shown."""
        return self._title.text()

    def open_claim(self, claim: Claim, now: datetime, past: datetime | None = None) -> None:
        """Show a claim with its formula and every piece of evidence; of the past nothing can be changed."""
        empty_out(self._list)
        self._title.setText(claim.title)
        self._note.setText(words.with_days(claim.note, now.date()))
        self._note.setVisible(bool(claim.note))
        for one in claim.evidence[:MOST_SHOWN]:
            card = EvidenceCard(one, now, self._look)
            card.wished.connect(self.wished)
            for button in card.changers if past is not None else ():
                button.setEnabled(False)
                button.setToolTip(IN_THE_PAST)
            self._list.addWidget(card)
        left = len(claim.evidence) - MOST_SHOWN
        if left > 0:
            self._list.addWidget(text_label(f"{left} more are not shown here.", Role.SMALL, muted=True))
        if not claim.evidence:
            self._list.addWidget(text_label("Nothing was found.", muted=True))
        self._page.verticalScrollBar().setValue(0)
        self.show()
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tint(self) -> None:
        self._close.setIcon(tinted(self._look, "close"))


class EvidenceCard(Card):
    """One piece of evidence: what it is, the words or value as stored, when it was seen."""

    wished = Signal(object)

    def __init__(self, evidence: Evidence, now: datetime, look: Look) -> None:
        super().__init__()
        self.body.setContentsMargins(12, 10, 12, 10)
        self.body.setSpacing(4)
        self.evidence = evidence
        self.changers: tuple[QPushButton, ...] = ()
        self.body.addWidget(ElidedLabel(_heading(evidence), Role.STRONG))
        # What people wrote stays as they wrote it; our own words name days as everywhere.
        said = words.with_days(evidence.quote, now.date()) if evidence.kind in OURS else evidence.quote
        said = words.breakable(said)
        quote = text_label(f"“{said}”" if evidence.kind != "feature" else said, wrap=True)
        quote.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(quote)
        self.body.addWidget(ElidedLabel(f"seen {words.clock(evidence.observed_at, now)}", Role.SMALL, muted=True))
        self.body.addWidget(ElidedLabel(evidence.id, Role.SMALL, muted=True))
        if evidence.url.startswith(OPENABLE):
            self.body.addWidget(_link(evidence.url, look), 0, Qt.AlignmentFlag.AlignLeft)
        if evidence.id.startswith(CHANGEABLE):
            change = QPushButton("Change…")
            change.setProperty("link", True)
            change.setAccessibleName(f"Change {words.reference(evidence.id)}")
            change.clicked.connect(lambda _checked: self.wished.emit(ChangeItem(evidence.id)))
            what_if = QPushButton("What if…")
            what_if.setProperty("link", True)
            what_if.setAccessibleName(f"What if {words.reference(evidence.id)} slips or leaves")
            what_if.clicked.connect(lambda _checked: self.wished.emit(OpenWhatIf("", evidence.id)))
            row = QHBoxLayout()
            row.setSpacing(16)
            row.addWidget(change)
            row.addWidget(what_if)
            row.addStretch()
            self.body.addLayout(row)
            self.changers = (change, what_if)


def _heading(evidence: Evidence) -> str:
    kind = KINDS.get(evidence.kind, evidence.kind.capitalize())
    name = words.reference(evidence.id).removeprefix(f"{evidence.kind} ")
    outside = " (not tracked)" if evidence.id.startswith("external:") else ""
    return f"{kind} {name}{outside}"


def _link(url: str, look: Look) -> QWidget:
    button = QPushButton("Open on GitHub")
    button.setProperty("link", True)
    button.setIcon(look.icons.icon("open", look.colors.accent, 16))
    button.setToolTip(url)
    button.clicked.connect(lambda: open_address(url))
    return button


def open_address(url: str) -> bool:
    """Open a web address in the user's browser; anything else is refused: the text came from outside."""
    return url.startswith(OPENABLE) and QDesktopServices.openUrl(QUrl(url))
