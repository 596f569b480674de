"""Parts of the Recommendations page below the ranked list: what was accepted, what was decided, what was learned."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.findings import Decided, FollowUp, LearnedWeight, Progress, Verdict
from galaxy_desktop.ui import words
from galaxy_desktop.ui.advice_wishes import ForgetLearning, UndoVerdict
from galaxy_desktop.ui.theme import Role, Tone, text_label
from galaxy_desktop.ui.view import IN_THE_PAST, Claim, View
from galaxy_desktop.ui.widgets.chips import EvidenceChips
from galaxy_desktop.ui.widgets.surface import Card, restyle
from galaxy_desktop.ui.widgets.text import ElidedLabel
from galaxy_desktop.ui.wishes import Wish

PROGRESS = {
    Progress.UNDER_WAY: ("Under way", Tone.ACCENT),
    Progress.OVERDUE: ("Overdue", Tone.WATCH),
    Progress.DONE: ("Done", Tone.GOOD),
    Progress.LAPSED: ("Lapsed", Tone.QUIET),
    Progress.WITHDRAWN: ("Taken back", Tone.QUIET),
}
VERDICTS = {Verdict.DISMISSED: "Dismissed", Verdict.SNOOZED: "Snoozed", Verdict.ACCEPTED: "Accepted"}


class FollowUpCard(Card):
    """One accepted action: how far it is, what it was to bring, what it brought, and what shows it."""

    def __init__(
        self,
        one: FollowUp,
        view: View,
        wish: Callable[[Wish], None],
        open_claim: Callable[[Claim], None],
    ) -> None:
        super().__init__()
        self.one = one
        act = one.intervention
        word, tone = state_of(one)
        summary, sentence = (words.with_days(text, view.today) for text in (act.summary, one.sentence))
        self.setAccessibleName(f"{word}: {summary} {sentence}")
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(_toned(word, tone))
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(text_label(summary, Role.STRONG, wrap=True))
        column.addWidget(text_label(sentence, wrap=True))
        column.addWidget(ElidedLabel(act.sprint_title, Role.SMALL, muted=True))
        shown = {e.id: e for e in (*one.evidence, *act.evidence)}
        claim = Claim(summary, sentence, tuple(shown.values()))
        column.addWidget(EvidenceChips(view, tuple(shown), lambda _ids: open_claim(claim)))
        row.addLayout(column, 1)
        if not one.progress.final:
            self.undo = QPushButton("Take back")
            self.undo.setToolTip("As if it had never been accepted")
            self.undo.clicked.connect(lambda _checked: wish(UndoVerdict(act.recommendation_id, act.summary)))
            _not_in_the_past(self.undo, view)
            row.addWidget(self.undo)
        self.body.addLayout(row)


class DecidedRow(QWidget):
    """One verdict that hides an action, and the way to take it back."""

    def __init__(self, one: Decided, view: View, wish: Callable[[Wish], None]) -> None:
        super().__init__()
        verdict, advice = one.verdict, one.recommendation
        said = f"{VERDICTS[verdict.verdict]} {words.clock(verdict.at, view.now)}"
        if verdict.until is not None:
            said = f"Snoozed until {words.clock(verdict.until, view.now)}"
        if verdict.reason:
            said += f": “{verdict.reason}”"
        self.undo = QPushButton("Undo")
        self.undo.setAccessibleName(f"Undo: {advice.summary}")
        _not_in_the_past(self.undo, view)
        self.undo.clicked.connect(lambda _checked: wish(UndoVerdict(advice.id, advice.summary)))
        _line(self, words.with_days(advice.summary, view.today), said, self.undo)


class LearnedRow(QWidget):
    """The weight of a kind of action in the order, why, and the way to forget it."""

    def __init__(self, one: LearnedWeight, wish: Callable[[Wish], None]) -> None:
        super().__init__()
        counted = [
            f"{number} {word}"
            for number, word in (
                (one.accepted, "accepted"), (one.dismissed, "dismissed"), (one.snoozed, "snoozed"),
                (one.helped, "helped"), (one.not_helped, "did not help"),
            )
            if number
        ]  # fmt: skip
        self.forget = QPushButton("Forget this")
        self.forget.setAccessibleName(f"Forget what was said of {words.rule(one.kind)}")
        self.forget.clicked.connect(lambda _checked: wish(ForgetLearning(one.kind)))
        title = f"{words.rule(one.kind)}: weight {one.weight:.2f}"
        _line(
            self, title, f"{one.sentence} ({', '.join(counted)})" if one.sentence else ", ".join(counted), self.forget
        )


def state_of(one: FollowUp) -> tuple[str, Tone]:
    """How far it is in a word, and how to color it; what was done without helping says so."""
    word, tone = PROGRESS[one.progress]
    if one.progress is Progress.DONE and one.helped is not None:
        return ("Helped", Tone.GOOD) if one.helped else ("Did not help", Tone.WATCH)
    return word, tone


def _not_in_the_past(button: QPushButton, view: View) -> None:
    if view.past is not None:
        button.setEnabled(False)
        button.setToolTip(IN_THE_PAST)


def _toned(word: str, tone: Tone) -> QLabel:
    label = text_label(word, Role.STRONG)
    label.setProperty("tone", str(tone))
    label.setFixedWidth(label.fontMetrics().averageCharWidth() * 14)
    restyle(label)
    return label


def _line(holder: QWidget, title: str, below: str, button: QPushButton) -> None:
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 2, 0, 2)
    column = QVBoxLayout()
    column.setSpacing(1)
    column.addWidget(text_label(title, wrap=True))
    column.addWidget(text_label(below, Role.SMALL, muted=True, wrap=True))
    row.addLayout(column, 1)
    row.addWidget(button)
