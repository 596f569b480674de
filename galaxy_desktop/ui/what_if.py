"""What if: a question about a sprint or one of its items, answered as before and after. Nothing is kept of it.

Every change in the dialog asks anew; the newest answer wins. Both sides are simulated with the same random numbers, so
that nothing but the change makes the difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from PySide6.QtCore import QDate, QLocale, Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.assess.what_if import Drop, Green, MoveEnd, Question, Reviewed, Slip, Split, Unblock, WhatIf
from galaxy_desktop.domain.findings import Forecast, SprintAnalysis
from galaxy_desktop.domain.work import State
from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.time_wishes import AskWhatIf
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.bars import Bar
from galaxy_desktop.ui.widgets.calm import TEXT_MARGIN, CalmComboBox, CalmSpinBox
from galaxy_desktop.ui.widgets.surface import Card

SETTLE_MS = 120
WIDTH = 520
LONGEST_SLIP = 60
USUAL_SLIP = 2
FAR = timedelta(days=3 * 365)
NOTHING_KEPT = "Computed on this computer with the same random numbers on both sides. Nothing of it is stored."


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that could be different; `needs` says what else is to be filled in: "days", "day" or ""."""

    text: str
    ask: Callable[[int, date], Question]
    needs: str = ""


def sprint_for(view: View, sprint_id: str, item_id: str) -> SprintAnalysis | None:
    """The running sprint that a question is about: the one named, or the first that holds the item, still open."""
    for one in view.all_sprints:
        running = one.sprint.state is State.OPEN and one.open > 0
        named = not sprint_id or one.sprint.id == sprint_id
        if running and named and (not item_id or item_id in open_items(one, view)):
            return one
    return None


def open_items(one: SprintAnalysis, view: View) -> tuple[str, ...]:
    """The open items of a sprint; those on the path that decides come first."""
    critical = {outlook.item_id: outlook.critical for outlook in one.forecast.outlooks}
    found = [i for i in one.sprint.items if i in view.briefs and view.briefs[i].open]
    return tuple(sorted(found, key=lambda i: (-critical.get(i, 0.0), i)))


def choices_for(one: SprintAnalysis, item_id: str) -> tuple[Choice, ...]:
    """What can be asked about an item, about the sprint itself for ""."""
    if not item_id:
        return (Choice("the sprint ends on another day", lambda _days, day: MoveEnd(day), "day"),)
    facts = one.features.of_item(item_id)
    found = [
        Choice("it slips", lambda days, _day: Slip(item_id, days), "days"),
        Choice("it leaves the sprint", lambda _days, _day: Drop((item_id,))),
    ]
    for blocker in facts.blocked_by if facts else ():
        text = f"it no longer waits for {words.reference(blocker)}"
        found.append(Choice(text, lambda _days, _day, b=blocker: Unblock(b, item_id)))  # type: ignore[misc]
    if facts is not None and facts.blocks:
        waits = words.count(len(facts.blocks), "item")
        found.append(Choice(f"{waits} no longer waiting for it", lambda _days, _day: Unblock(item_id)))
    if facts is not None and facts.waiting_for_review_days is not None:
        found.append(Choice("it has its review", lambda _days, _day: Reviewed(item_id)))
    if facts is not None and facts.red_run is not None:
        found.append(Choice("its build is green", lambda _days, _day: Green(item_id)))
    found.append(Choice("half of it moves elsewhere", lambda _days, _day: Split(item_id)))
    return tuple(found)


class WhatIfDialog(QDialog):
    """Asks while it is filled in; `wished` carries the questions."""

    wished = Signal(object)

    def __init__(self, parent: QWidget, look: Look, one: SprintAnalysis, view: View, item_id: str = "") -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("What if")
        self.setMinimumWidth(WIDTH)
        self._one = one
        self._view = view
        self._choices: tuple[Choice, ...] = ()
        self._question: Question | None = None
        self.about = CalmComboBox()
        self.about.setAccessibleName("About")
        self.what = CalmComboBox()
        self.what.setAccessibleName("What if")
        self.days = CalmSpinBox()
        self.days.setAccessibleName("Working days")
        self.days.setRange(1, LONGEST_SLIP)
        self.days.setValue(USUAL_SLIP)
        self.day = QDateEdit()
        self.day.setAccessibleName("New end")
        self.day.setCalendarPopup(True)
        self.day.setLocale(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
        self.day.setDisplayFormat("ddd d MMM yyyy")
        self.day.lineEdit().setTextMargins(TEXT_MARGIN, 0, 0, 0)
        self.answer = AnswerCard(look)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.timeout.connect(self.ask)
        self._fill(item_id)
        self._lay_out()
        self._wire()
        self._about_changed()

    def _fill(self, item_id: str) -> None:
        self.about.addItem(f"The end of {self._one.sprint.title}", "")
        for item in open_items(self._one, self._view):
            self.about.addItem(f"{words.reference(item)}  {self._view.title(item)}", item)
        self.about.setCurrentIndex(max(self.about.findData(item_id), 0))
        today = self._view.today
        usual = max(self._one.sprint.due_on or today, today) + timedelta(days=7)
        self.day.setDateRange(_qt(today), _qt(today + FAR))
        self.day.setDate(_qt(usual))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for combo in (self.about, self.what):
            combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        grid.addWidget(text_label("About", muted=True), 0, 0)
        grid.addWidget(self.about, 0, 1)
        grid.addWidget(text_label("What if", muted=True), 1, 0)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.what, 1)
        self._by = text_label("by")
        self._unit = text_label("working days")
        for widget in (self._by, self.days, self._unit, self.day):
            row.addWidget(widget)
        grid.addLayout(row, 1, 1)
        column.addLayout(grid)
        column.addWidget(self.answer)
        column.addWidget(text_label(NOTHING_KEPT, Role.SMALL, muted=True, wrap=True))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)

    def _wire(self) -> None:
        self.about.activated.connect(lambda _index: self._about_changed())
        self.what.activated.connect(lambda _index: self._what_changed())
        self.days.valueChanged.connect(lambda _value: self._settling.start())
        self.day.dateChanged.connect(lambda _value: self._settling.start())

    def _about_changed(self) -> None:
        self._choices = choices_for(self._one, self.about.currentData() or "")
        self.what.clear()
        self.what.addItems([choice.text for choice in self._choices])
        self._what_changed()

    def _what_changed(self) -> None:
        needs = self._choices[self.what.currentIndex()].needs
        for widget in (self._by, self.days, self._unit):
            widget.setVisible(needs == "days")
        self.day.setVisible(needs == "day")
        self._settling.start()

    def ask(self) -> None:
        """Ask what is filled in."""
        chosen = self.day.date()
        choice = self._choices[self.what.currentIndex()]
        question = choice.ask(self.days.value(), date(chosen.year(), chosen.month(), chosen.day()))
        self._question = question
        self.answer.wait()
        self.wished.emit(AskWhatIf(self._one.sprint.id, question, self._answered, self._failed))

    def done(self, result: int) -> None:
        """Nobody waits for an answer any more."""
        self._settling.stop()
        self._question = None
        super().done(result)

    def _answered(self, found: WhatIf) -> None:
        if self._question is not None:
            self.answer.show_answer(found, self._view.today)

    def _failed(self, sentence: str) -> None:
        if self._question is not None:
            self.answer.fail(sentence)


class AnswerCard(Card):
    """Before and after, as numbers, bars and dates, and the sentence."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)
        self._rows: list[tuple[QWidget, ...]] = []
        self.figures = tuple(text_label("—", Role.HEADING) for _ in range(2))
        self._bars = (Bar(look, 0.0, Tone.QUIET), Bar(look, 0.0, Tone.ACCENT))
        self._dates = tuple(text_label("", Role.SMALL, muted=True) for _ in range(2))
        for row, name in enumerate(("Now", "Then")):
            self._grid.addWidget(text_label(name, muted=True), row, 0)
            for column, widget in enumerate((self.figures[row], self._bars[row], self._dates[row]), start=1):
                self._grid.addWidget(widget, row, column)
        self.body.addLayout(self._grid)
        self._change = text_label("", Role.TITLE)
        self._sentence = text_label("Computing…", wrap=True)
        self._sentence.setMinimumHeight(self._sentence.fontMetrics().height() * 2)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.body.addSpacing(4)
        self.body.addWidget(self._change)
        self.body.addWidget(self._sentence)

    @property
    def change(self) -> str:
        """The change in points, "" where there is none."""
        return self._change.text()

    @property
    def sentence(self) -> str:
        """The answer in words, or why there is none."""
        return self._sentence.text()

    def wait(self) -> None:
        """Another answer is on its way; the last one stays until it is there."""
        self._change.setEnabled(False)

    def fail(self, sentence: str) -> None:
        """Say why there is no answer."""
        self._change.setText("")
        for figure in self.figures:
            figure.setText("—")
        for bar in self._bars:
            bar.fill(0.0, Tone.QUIET)
        self._sentence.setText(sentence)

    def show_answer(self, found: WhatIf, today: date) -> None:
        """Show this answer."""
        self._change.setEnabled(True)
        for number, forecast in enumerate((found.before, found.after)):
            self.figures[number].setText(words.chance(forecast)[0])
            self._bars[number].fill(forecast.probability or 0.0, Tone.ACCENT if number else Tone.QUIET)
            self._dates[number].setText(_by(forecast, today))
        self._change.setText("" if found.change is None else words.points(found.change))
        self._change.setVisible(found.change is not None)
        self._sentence.setText(found.words)
        self.setAccessibleName(found.words)


def _by(forecast: Forecast, today: date) -> str:
    if forecast.completion is None:
        return ""
    return f"85{words.SPACE}% by {words.completion_day(forecast.completion.p85, today)}"


def _qt(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
