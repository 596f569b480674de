"""Recommendations: what to do now, ranked by how much each action raises the probability."""

from __future__ import annotations

from datetime import datetime, time

from PySide6.QtWidgets import QHBoxLayout, QLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.findings import Recommendation, SprintAnalysis, Verdict
from galaxy_desktop.ui import words
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.tray import tomorrow_morning
from galaxy_desktop.ui.view import Claim, View
from galaxy_desktop.ui.widgets.chips import EvidenceChips
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import Card, Columns, ScrollPage, empty_out
from galaxy_desktop.ui.widgets.text import ElidedLabel
from galaxy_desktop.ui.wishes import Decide

MOST_SHOWN = 40
GAIN_LETTERS = 8
NARROW = 560
NOTHING_TO_DO = ("Nothing to recommend", "No action was found that would help the sprints you are looking at.")


class ActionCard(Card):
    """One recommendation: its worth, what to do, what it rests on, and the three answers."""

    def __init__(self, one: SprintAnalysis, action: Recommendation, view: View, page: RecommendationsPage) -> None:
        super().__init__()
        self.action = action
        self._one = one
        self._view = view
        self._page = page
        self.setAccessibleName(f"{words.gain(action)}: {action.summary}")
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addLayout(self._gain())
        answer = Columns(NARROW)
        answer.add(_holding(self._text()))
        answer.add(_holding(self._buttons()), 0)
        row.addWidget(answer, 1)
        self.body.addLayout(row)

    def _gain(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        delta, interval = self.action.delta_probability, self.action.interval
        figure = text_label(words.points(delta) if delta is not None else "—", Role.TITLE)
        note = "no number" if delta is None else ""
        if interval is not None:
            note = f"give or take {words.half_width(interval)}"
        small = text_label(note, Role.SMALL, muted=True)
        small.setToolTip("Change in the probability that the sprint ends in time, with its 90 % interval")
        figure.setToolTip(small.toolTip())
        width = figure.fontMetrics().averageCharWidth() * GAIN_LETTERS
        figure.setMinimumWidth(width)
        column.addWidget(figure)
        column.addWidget(small)
        column.addStretch()
        return column

    def _text(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(text_label(self.action.summary, Role.STRONG, wrap=True))
        where = f"{self._one.sprint.title}  ·  {words.EFFORT[self.action.effort]}"
        column.addWidget(ElidedLabel(where, Role.SMALL, muted=True))
        ids = tuple(e.id for e in self.action.evidence)
        column.addWidget(EvidenceChips(self._view, ids, self._open))
        column.addStretch()
        return column

    def _buttons(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.accept = QPushButton("Accept")
        self.accept.setProperty("primary", True)
        self.accept.clicked.connect(lambda _checked: self._decide(Verdict.ACCEPTED))
        self.dismiss = QPushButton("Dismiss…")
        self.dismiss.clicked.connect(lambda _checked: self._decide(Verdict.DISMISSED))
        self.snooze = QPushButton("Snooze…")
        self.snooze.setMenu(self._snooze_menu())
        for button in (self.accept, self.dismiss, self.snooze):
            button.setMinimumWidth(60)
            row.addWidget(button)
        row.addStretch()
        column.addLayout(row)
        column.addStretch()
        return column

    def _snooze_menu(self) -> QMenu:
        menu = QMenu(self)
        now = self._view.now
        menu.addAction("Until tomorrow 9:00").triggered.connect(
            lambda _checked: self._decide(Verdict.SNOOZED, tomorrow_morning(now))
        )
        due = self._one.sprint.due_on
        if due is not None and due > now.date():
            end = datetime.combine(due, time(23, 59), now.tzinfo)
            text = f"Until the sprint ends, {words.day(due, now.date())}"
            menu.addAction(text).triggered.connect(lambda _checked: self._decide(Verdict.SNOOZED, end))
        return menu

    def _decide(self, verdict: Verdict, until: datetime | None = None) -> None:
        self._page.wished.emit(Decide(self.action, verdict, until))

    def _open(self, ids: tuple[str, ...]) -> None:
        cited = tuple(e for e in self.action.evidence if e.id in ids)
        self._page.open_claim(Claim(self.action.summary, words.rule(self.action.kind), cited))


def _holding(layout: QLayout) -> QWidget:
    widget = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    widget.setLayout(layout)
    return widget


class RecommendationsPage(Page):
    """The ranked list over all sprints that the filters keep."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Recommendations")
        self._shown: tuple[tuple[SprintAnalysis, Recommendation], ...] = ()
        page = ScrollPage()
        page.body.addWidget(text_label("Recommendations", Role.TITLE))
        self._summary = text_label("", muted=True, wrap=True)
        page.body.addWidget(self._summary)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        page.body.addLayout(self._list)
        self._none = EmptyState(*NOTHING_TO_DO)
        page.body.addWidget(self._none, 1)
        page.body.addStretch()
        self.set_content(page)

    @property
    def cards(self) -> list[ActionCard]:
        """The cards in the order shown."""
        widgets = [item.widget() for i in range(self._list.count()) if (item := self._list.itemAt(i)) is not None]
        return [w for w in widgets if isinstance(w, ActionCard)]

    def fill(self, view: View, before: View | None) -> None:
        """Show the actions, the most valuable first; an unchanged list is left alone."""
        found = view.recommendations
        if found == self._shown and before is not None and before.today == view.today:
            return
        self._shown = found
        empty_out(self._list)
        for one, action in found[:MOST_SHOWN]:
            self._list.addWidget(ActionCard(one, action, view, self))
        hidden = len(found) - MOST_SHOWN
        if hidden > 0:
            self._list.addWidget(text_label(f"{hidden} of less worth are not shown.", muted=True))
        self._none.setVisible(not found)
        counted = f"{words.count(len(found), 'action')}, ranked by the change in the chance to end in time. "
        self._summary.setText(counted + "Every number comes from simulating the sprint again with the action done.")
        self._summary.setVisible(bool(found))
