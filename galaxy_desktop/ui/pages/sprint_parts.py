"""The cards of the Sprint page: forecast, health, explanation, risks, due dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.findings import Explanation, HealthPart, NoForecast, SprintAnalysis
from galaxy_desktop.domain.recorded import age_in_words
from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.sprints import state_of
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.view import Claim, View
from galaxy_desktop.ui.widgets.bars import Bar
from galaxy_desktop.ui.widgets.chips import EvidenceChips
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.removed import RemovedSentences
from galaxy_desktop.ui.widgets.surface import Card, empty_out
from galaxy_desktop.ui.widgets.text import Sign

Opener = Callable[[Claim], None]
LEVELS = (("50 %", "p50"), ("70 %", "p70"), ("85 %", "p85"), ("95 %", "p95"))
BASELINES = {"base_rate": "Past sprints that ended in time", "linear_burn": "Plain burn-down at the present pace"}
PART_NAMES = {"ci": "Builds", "ci_cd": "Builds", "wip": "Work in progress"}


def link_button(text: str, pressed: Callable[[], None]) -> QPushButton:
    """A button that reads like a link."""
    button = QPushButton(text)
    button.setProperty("link", True)
    button.clicked.connect(lambda _checked: pressed())
    return button


class ForecastCard(Card):
    """Will it land: the number with its odds, or why there is none; dates; the two baselines."""

    def __init__(self, look: Look, opener: Opener) -> None:
        super().__init__("Will it land?")
        self._opener = opener
        self._figure = text_label("", Role.FIGURE)
        self._odds = text_label("", Role.HEADING, muted=True)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(self._figure)
        line.addWidget(self._odds, 1, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(line)
        self._basis = text_label("", muted=True, wrap=True)
        self.body.addWidget(self._basis)
        self._dates_title = text_label("Everything done by, with this certainty", Role.SMALL, muted=True)
        self._dates = FlowLayout(gap=20)
        self.body.addSpacing(6)
        self.body.addWidget(self._dates_title)
        self.body.addLayout(self._dates)
        self.body.addSpacing(6)
        self._baselines = QVBoxLayout()
        self._baselines.setSpacing(2)
        self.body.addLayout(self._baselines)
        self._how = link_button("How this was computed", self._explain)
        self.body.addWidget(self._how, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch()
        self._shown: SprintAnalysis | None = None
        self._view: View | None = None

    @property
    def words(self) -> str:
        """The number or the reason, with what stands under it."""
        return " ".join(t for t in (self._figure.text(), self._odds.text(), self._basis.text()) if t)

    def show_sprint(self, one: SprintAnalysis, view: View) -> None:
        """Show the forecast of this sprint."""
        self._shown, self._view = one, view
        forecast = one.forecast
        chance, odds = words.chance(forecast)
        self._figure.setText(chance)
        self._odds.setText(odds if forecast.completion is None or forecast.probability is not None else "")
        self._basis.setText(_basis(one, view))
        self._fill_dates(one, view)
        empty_out(self._baselines)
        if forecast.probability is not None:
            self._fill_baselines(forecast.baselines)

    def _fill_dates(self, one: SprintAnalysis, view: View) -> None:
        empty_out(self._dates)
        completion = one.forecast.completion if one.open else None
        self._dates_title.setVisible(completion is not None)
        for level, name in LEVELS if completion is not None else ():
            self._dates.addWidget(_date_block(level, getattr(completion, name), one, view))

    def _fill_baselines(self, baselines: dict[str, float | None]) -> None:
        self._baselines.addWidget(text_label("For comparison", Role.SMALL, muted=True))
        for name, share in baselines.items():
            value = "no data" if share is None else words.percent(share)
            label = BASELINES.get(name, words.rule(name))
            self._baselines.addWidget(text_label(f"{label}: {value}", Role.SMALL, wrap=True))

    def _explain(self) -> None:
        if self._shown is not None:
            forecast = self._shown.forecast
            note = f"{words.in_lines(forecast.formula)}\n\n{forecast.runs:,} runs, seed {forecast.seed}, engine {forecast.engine}."
            cited = self._view.claim("", self._shown.sprint.anchors).evidence if self._view else ()
            self._opener(Claim("How the forecast was computed", note, cited))


def _date_block(level: str, day: date, one: SprintAnalysis, view: View) -> QWidget:
    due = one.sprint.due_on
    fate = "" if due is None else "after the end" if day > due else "in time"
    block = QWidget()
    column = QVBoxLayout(block)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(1)
    column.addWidget(text_label(level.replace(" ", words.SPACE), Role.SMALL, muted=True))
    column.addWidget(text_label(words.completion_day(day, view.today), Role.STRONG))
    column.addWidget(text_label(fate, Role.SMALL, muted=True))
    return block


def _basis(one: SprintAnalysis, view: View) -> str:
    forecast = one.forecast
    if forecast.why_none is NoForecast.TOO_LITTLE_HISTORY:
        missing = forecast.missing or "There is too little history for an honest number."
        return words.with_days(missing, view.today)
    reasons = {
        NoForecast.NO_END: "Without an end there is no chance of meeting it, but there are likely dates.",
        NoForecast.END_PASSED: "An end in the past cannot be met any more, but there are likely dates.",
        NoForecast.ALL_DONE: "Nothing is left to do.",
        NoForecast.CLOSED: "A sprint that is over gets no forecast.",
    }
    based = (
        f"{words.count(forecast.n_active_days, 'active day')}, "
        f"{words.count(forecast.n_completed, 'item')} done in the last 60 days, "
        f"as of {words.clock(forecast.as_of, view.now)}"
    )
    return f"Based on {based}" if forecast.why_none is None else reasons[forecast.why_none]


class HealthCard(Card):
    """Health: the score with its word, and each part as a bar that opens its formula and evidence."""

    def __init__(self, look: Look, opener: Opener) -> None:
        super().__init__("Health")
        self._look = look
        self._opener = opener
        self._figure = text_label("", Role.FIGURE)
        self._sign = Sign(look, Role.HEADING)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._figure)
        self._of = text_label("of 100", Role.HEADING, muted=True)
        line.addWidget(self._of, 0, Qt.AlignmentFlag.AlignBottom)
        line.addSpacing(14)
        line.addWidget(self._sign, 1, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(line)
        self._parts = QGridLayout()
        self._parts.setHorizontalSpacing(12)
        self._parts.setVerticalSpacing(4)
        self._parts.setColumnStretch(1, 1)
        self.body.addLayout(self._parts)
        self.body.addStretch()

    def show_sprint(self, one: SprintAnalysis, view: View) -> None:
        """Show the health of this sprint."""
        state = state_of(one)
        running = state.word == one.health.word
        self._figure.setText(str(one.health.whole) if running else state.word)
        self._of.setText("of 100" if running else "")
        self._sign.say(state.word if running else state.below, state.tone)
        empty_out(self._parts)
        if not running and state.word != "Missed":
            return
        for row, part in enumerate(one.health.parts):
            self._add_part(row, part)

    def _add_part(self, row: int, part: HealthPart) -> None:
        name = PART_NAMES.get(part.name, words.rule(part.name))
        button = link_button(name, partial(self._open, name, part))
        button.setToolTip(part.formula)
        button.setAccessibleName(f"{name}: {_score_words(part)}. Opens its evidence.")
        known = part.weight > 0
        score = text_label(str(round(part.score)) if known else "", Role.STRONG)
        score.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        said = f"weighs {words.percent(part.weight)}" if known else "no data"
        weight = text_label(said, Role.SMALL, muted=True)
        weight.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column, widget in enumerate((button, Bar(self._look, part.score / 100.0 if known else 0.0), score, weight)):
            self._parts.addWidget(widget, row, column)

    def _open(self, name: str, part: HealthPart) -> None:
        self._opener(Claim(f"{name}: {_score_words(part)}", part.formula, part.evidence))


def _score_words(part: HealthPart) -> str:
    if part.weight <= 0:
        return "no data, so it does not count"
    return f"{round(part.score)} of 100, weighs {words.percent(part.weight)} of health"


class ExplanationCard(Card):
    """What we know: each sentence with the chips of what it rests on, and who worded it."""

    def __init__(self, look: Look, opener: Opener) -> None:
        super().__init__("What we know")
        self._opener = opener
        self._lines = QVBoxLayout()
        self._lines.setSpacing(12)
        self.body.addLayout(self._lines)
        self._source = text_label("", Role.SMALL, muted=True, wrap=True)
        self.body.addWidget(self._source)
        self.removed = RemovedSentences()
        self.body.addWidget(self.removed)

    @property
    def source(self) -> str:
        """Who worded the sentences, and how many were removed."""
        return self._source.text()

    def show_sprint(self, one: SprintAnalysis, view: View) -> None:
        """Show the explanation of this sprint."""
        empty_out(self._lines)
        for sentence in one.explanation.sentences:
            block = QVBoxLayout()
            block.setSpacing(4)
            said = words.with_days(sentence.text, view.today, one.sprint.title)
            words_of_it = text_label(said, wrap=True)
            words_of_it.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            block.addWidget(words_of_it)
            block.addWidget(EvidenceChips(view, sentence.evidence, partial(self._open, view, said)))
            self._lines.addLayout(block)
        self.say_source(source_of(one.explanation, view.now))
        self.removed.show_removed(one.explanation.unsupported)

    def say_source(self, text: str) -> None:
        """Say who words, or is wording, the sentences."""
        self._source.setText(text)

    def _open(self, view: View, title: str, ids: tuple[str, ...]) -> None:
        self._opener(view.claim(title, ids))


def source_of(explanation: Explanation, now: datetime) -> str:
    """Who worded an explanation and how long ago, and how much of it did not check out."""
    if explanation.mode == "facts":
        return "Worded by templates from stored facts."
    removed = explanation.removed
    age = f" {age_in_words(explanation.worded_at, now)}" if explanation.worded_at is not None else ""
    checked = f"Worded{age} by the local language model; every sentence was checked against stored facts."
    return f"{checked} {words.count(removed, 'sentence')} did not check out and {'was' if removed == 1 else 'were'} removed."


class DueDatesCard(Card):
    """Every due day seen, in order: a moved date is history, never rewritten."""

    def __init__(self) -> None:
        super().__init__("Due date")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self.body.addLayout(self._lines)

    def show_sprint(self, one: SprintAnalysis, view: View) -> None:
        """Show the due days of this sprint."""
        empty_out(self._lines)
        sprint = one.sprint
        days = sprint.due_history
        if not days:
            self._lines.addWidget(text_label("No due date was ever set.", muted=True))
        for number, day in enumerate(days):
            last = number == len(days) - 1
            moved = "" if number == 0 else f", moved by {words.count((day - days[number - 1]).days, 'day')}"
            first = "first set" if number == 0 else "then"
            said = f"{first}: {words.day(day, view.today)}{moved}"
            self._lines.addWidget(text_label(said[0].upper() + said[1:], Role.STRONG if last else Role.BODY))
        if sprint.due_on is None and days:
            self._lines.addWidget(text_label("The due date was removed.", muted=True))
        if sprint.starts_at is not None:
            began = f"Started {words.day(sprint.starts_at.astimezone(view.now.tzinfo).date(), view.today)}"
            self._lines.addWidget(text_label(began, muted=True))


def headline(one: SprintAnalysis, view: View) -> str:
    """The sentence on top of the page: number, odds, basis, freshness."""
    forecast = one.forecast
    if forecast.probability is None:
        return _headline_without_number(one, view)
    chance, odds = words.chance(forecast)
    fresh = [r.synced_at for r in view.analysis.repositories if r.synced_at] if view.analysis else []
    synced = f", synced {words.clock(min(fresh), view.now)}" if fresh else ""
    return f"{chance} — {odds} — {words.count(forecast.n_active_days, 'active day')}{synced}"


def _headline_without_number(one: SprintAnalysis, view: View) -> str:
    left = words.count(one.open, "item")
    completion = one.forecast.completion
    half = ""
    if completion is not None and one.open:
        when = words.completion_day(completion.p50, view.today)
        half = f" Half of the runs finish {when if when.startswith('after') else f'by {when}'}."
    return {
        NoForecast.NO_END: f"No end date is set, and {left} {'is' if one.open == 1 else 'are'} open.{half}",
        NoForecast.END_PASSED: f"The end has passed with {left} left.{half}",
        NoForecast.TOO_LITTLE_HISTORY: "There is too little history for an honest number.",
        NoForecast.ALL_DONE: "Everything is done.",
        NoForecast.CLOSED: f"This sprint is closed: {one.done} of {words.count(one.done + one.open, 'item')} were done.",
    }[one.forecast.why_none or NoForecast.TOO_LITTLE_HISTORY]
