"""Recommendations: what to do now, ranked by how much each action raises the probability, and what came of it.

Below the ranked list stand the actions that were accepted, with whether they were done and helped, the verdicts that
hide an action, and what was learned from verdicts; each verdict can be taken back, each weight forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from PySide6.QtWidgets import QHBoxLayout, QLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.findings import (
    Decided,
    FollowUp,
    LearnedWeight,
    Recommendation,
    SprintAnalysis,
    Verdict,
)
from galaxy_desktop.explain.advice import nothing_helps
from galaxy_desktop.ui import words
from galaxy_desktop.ui.advice_wishes import ForgetLearning
from galaxy_desktop.ui.pages.follow_up_parts import DecidedRow, FollowUpCard, LearnedRow
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.tray import tomorrow_morning
from galaxy_desktop.ui.view import IN_THE_PAST, Claim, View
from galaxy_desktop.ui.widgets.chips import EvidenceChips
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import Card, Columns, ScrollPage, empty_out
from galaxy_desktop.ui.widgets.text import ElidedLabel
from galaxy_desktop.ui.wishes import Decide

MOST_SHOWN = 40
MOST_FOLLOWED = 20
GAIN_LETTERS = 8
NARROW = 560
NOTHING_TO_DO = "Nothing to recommend"
NO_ACTION = "No action was found that would help the sprints you are looking at."


WORTH = "Change in the probability that the sprint ends in time, with its 90 % interval"
NOT_SIMULATED = "Who or what would come instead is not known, so there is nothing to simulate"
NO_ODDS = "The sprint has no probability that an action could change"


class ActionCard(Card):
    """One recommendation: its worth, what to do, what it rests on, and the three answers."""

    def __init__(self, one: SprintAnalysis, action: Recommendation, view: View, page: RecommendationsPage) -> None:
        super().__init__()
        self.action = action
        self._one = one
        self._view = view
        self._page = page
        self._summary = words.with_days(action.summary, view.today)
        self.setAccessibleName(f"{words.gain(action)}: {self._summary}")
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
        odds = self._one.forecast.probability is not None
        note = "" if delta is not None else "not simulated" if odds else "no number"
        if interval is not None:
            note = f"give or take {words.half_width(interval)}"
        small = text_label(note, Role.SMALL, muted=True)
        small.setToolTip(WORTH if delta is not None else NOT_SIMULATED if odds else NO_ODDS)
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
        column.addWidget(text_label(words.breakable(self._summary), Role.STRONG, wrap=True))
        if self.action.instead:
            column.addWidget(text_label(words.breakable(self.action.instead), wrap=True))
        where = f"{self._one.sprint.title}  ·  {words.EFFORT[self.action.effort]}"
        column.addWidget(ElidedLabel(where, Role.SMALL, muted=True))
        if self.action.why_weight:
            column.addWidget(self._why_weight())
        ids = tuple(e.id for e in self.action.evidence)
        column.addWidget(EvidenceChips(self._view, ids, self._open))
        column.addStretch()
        return column

    def _why_weight(self) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(text_label(self.action.why_weight, Role.SMALL, muted=True, wrap=True), 1)
        self.forget = QPushButton("Forget this")
        self.forget.setToolTip("Rank actions of this kind by their gain alone, until you say more")
        self.forget.clicked.connect(lambda _checked: self._page.wished.emit(ForgetLearning(self.action.kind)))
        row.addWidget(self.forget)
        return holder

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
            if self._view.past is not None:
                button.setEnabled(False)
                button.setToolTip(IN_THE_PAST)
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
        self._page.open_claim(Claim(self._summary, words.rule(self.action.kind), cited))


def _holding(layout: QLayout) -> QWidget:
    widget = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    widget.setLayout(layout)
    return widget


class _Section(QWidget):
    """A heading with rows below it; not there while it has none."""

    def __init__(self, title: str) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(8)
        column.addWidget(text_label(title, Role.HEADING))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        column.addLayout(self._rows)
        self.hide()

    def fill(self, rows: Sequence[QWidget]) -> None:
        """Show these rows."""
        empty_out(self._rows)
        for row in rows:
            self._rows.addWidget(row)
        self.setVisible(bool(rows))


class RecommendationsPage(Page):
    """The ranked list over all sprints that the filters keep."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Recommendations")
        self._shown: tuple[object, ...] = ()
        page = ScrollPage()
        page.body.addWidget(text_label("Recommendations", Role.TITLE))
        self._summary = text_label("", muted=True, wrap=True)
        self.nothing = text_label("", wrap=True)
        page.body.addWidget(self._summary)
        page.body.addWidget(self.nothing)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        page.body.addLayout(self._list)
        self._none = EmptyState(NOTHING_TO_DO, NO_ACTION)
        page.body.addWidget(self._none, 1)
        self.followed = _Section("Followed up")
        self.decided = _Section("Dismissed and snoozed")
        self.learned = _Section("Learned from what you said")
        for section in (self.followed, self.decided, self.learned):
            page.body.addWidget(section)
        page.body.addStretch()
        self.set_content(page)

    @property
    def cards(self) -> list[ActionCard]:
        """The cards in the order shown."""
        widgets = [item.widget() for i in range(self._list.count()) if (item := self._list.itemAt(i)) is not None]
        return [w for w in widgets if isinstance(w, ActionCard)]

    def fill(self, view: View, before: View | None) -> None:
        """Show the actions, the most valuable first; an unchanged list is left alone."""
        found, analysis = view.recommendations, view.analysis
        followed = analysis.follow_ups if analysis else ()
        decided = analysis.decided if analysis else ()
        learned = analysis.learned if analysis else ()
        unmoved = unmoved_words(view)
        shown = (found, followed, decided, learned, unmoved, view.past)
        if shown == self._shown and before is not None and before.today == view.today:
            return
        self._shown = shown
        self._show_past(followed, decided, learned, view)
        empty_out(self._list)
        for one, action in found[:MOST_SHOWN]:
            self._list.addWidget(ActionCard(one, action, view, self))
        hidden = len(found) - MOST_SHOWN
        if hidden > 0:
            self._list.addWidget(text_label(f"{hidden} of less worth are not shown.", muted=True))
        self._none.say(NOTHING_TO_DO, unmoved or NO_ACTION)
        self._none.setVisible(not found)
        self.nothing.setText(unmoved)
        self.nothing.setVisible(bool(found and unmoved))
        counted = f"{words.count(len(found), 'action')}, ranked by the change in the chance to end in time. "
        self._summary.setText(counted + "Every number comes from simulating the sprint again with the action done.")
        self._summary.setVisible(bool(found))

    def _show_past(
        self,
        followed: Sequence[FollowUp],
        decided: Sequence[Decided],
        learned: Sequence[LearnedWeight],
        view: View,
    ) -> None:
        """Show what became of earlier advice, as far as the filters keep it."""
        kept, narrow = {s.sprint.id for s in view.sprints}, view.filters.active
        mine = [f for f in followed if not narrow or f.intervention.sprint_id in kept][:MOST_FOLLOWED]
        self.followed.fill([FollowUpCard(f, view, self.wished.emit, self.open_claim) for f in mine])
        hiding = [d for d in decided if hides(d, view.now)]
        self.decided.fill([DecidedRow(d, view, self.wished.emit) for d in hiding[:MOST_FOLLOWED]])
        self.learned.fill([LearnedRow(one, self.wished.emit) for one in learned])


def unmoved_words(view: View) -> str:
    """Of which sprints nothing is known that would change their odds, in words; "" where there is always something."""
    analysis = view.analysis
    if analysis is None:
        return ""
    said = [(one, nothing_helps(one, analysis.follow_ups, analysis.decided)) for one in view.sprints]
    numbered = [one for one in view.sprints if one.forecast.probability is not None and one.open]
    if len(numbered) < 2:
        return next((text for _, text in said if text), "")
    return "\n".join(f"{one.sprint.title}: {text[:1].lower()}{text[1:]}" for one, text in said if text)


def hides(one: Decided, now: datetime) -> bool:
    """Whether a verdict keeps its action out of the list: an accepted one is followed up instead."""
    verdict = one.verdict
    if verdict.verdict is Verdict.SNOOZED:
        return verdict.until is not None and verdict.until > now
    return verdict.verdict is Verdict.DISMISSED
