"""Trust: how far to believe the forecast, by what it said and what happened. In words first, then in numbers.

What was said live and what a replay of the past would have said are never mixed. Without a sprint that ended, the page
says what is missing instead of showing empty charts.
"""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout

from galaxy_desktop.domain.ledger import Score, TrustReport
from galaxy_desktop.explain.families import family_lines
from galaxy_desktop.explain.trust import (
    AGAINST,
    MOMENTS,
    SprintRecord,
    corrections,
    evidence_of,
    nothing_yet,
    records,
    said_words,
    score_words,
    skill_words,
)
from galaxy_desktop.ui import trust_charts, words
from galaxy_desktop.ui.flow_plot import Sheet
from galaxy_desktop.ui.flow_wishes import SaveFlow
from galaxy_desktop.ui.pages.flow_card import FlowCard, write_csv
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.pages.sprint_parts import link_button
from galaxy_desktop.ui.rows.records import record_table, title_of
from galaxy_desktop.ui.rows.table import Column
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.time_wishes import ReadTrust
from galaxy_desktop.ui.view import Claim, Situation, View
from galaxy_desktop.ui.widgets.fitted_table import FittedTable
from galaxy_desktop.ui.widgets.surface import Card, Columns, ScrollPage, empty_out
from galaxy_desktop.ui.widgets.text import Sign

NARROW = 760
READING = "Reading the record…"
LIVE, REPLAYED = "Said live", "Replayed from your past"
ABOUT = {
    LIVE: "What this program showed before anybody knew how it would end.",
    REPLAYED: "What it would have said, made with what was known then. It was never a promise.",
}
SKILL = "Skill against {name}"
SKILL_TIP = "1 is perfect, 0 is as good as the alternative, below 0 is worse. In brackets: 90 % of resamples by sprint."
BRIER_TIP = "Mean squared error of what was said: 0 is perfect, 0.25 is what always saying 50 % gets."


class TrustPage(Page):
    """The record of the forecasts."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Trust")
        self.report: TrustReport | None = None
        self._asked: object = None
        self._moment: datetime | None = None
        self._about = text_label("", muted=True, wrap=True)
        self.state = text_label(READING, muted=True, wrap=True)
        self.again = QPushButton("Try again")
        self.again.clicked.connect(lambda _checked: self._read(anew=True))
        self.again.hide()
        self.verdict = VerdictCard(look)
        self.sentences = SentencesCard()
        self._scores = Columns(NARROW)
        self.live, self.replay = ScoreCard(LIVE), ScoreCard(REPLAYED)
        self._scores.add(self.live)
        self._scores.add(self.replay)
        self.plot = FlowCard(
            look,
            opener=self.open_claim,
            open_item=lambda title, key, _address: self.open_ids(title, (key,)),
            saver=self.wished.emit,
            height=330,
        )
        self.correction = CorrectionCard()
        self.rows = record_table(look)
        self.table: FittedTable[SprintRecord] = FittedTable(
            self.rows, "Ended sprints", elastic=("Ended",), wide_least=150, in_page=True
        )
        self.table.opened.connect(self._open_record)
        self._past = self._past_card()
        self._cards = (self.verdict, self.sentences, self._scores, self.plot, self.correction, self._past)
        self.set_content(self._lay_out())

    def _lay_out(self) -> ScrollPage:
        page = ScrollPage()
        page.body.addWidget(text_label("Trust", Role.TITLE))
        page.body.addWidget(self._about)
        page.body.addWidget(self.state)
        page.body.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        for card in self._cards:
            card.hide()
            page.body.addWidget(card)
        page.body.addStretch()
        return page

    def _past_card(self) -> Card:
        card = Card("The last sprints: what was said, and what happened")
        self._past_note = text_label("", Role.SMALL, muted=True, wrap=True)
        card.body.addWidget(self._past_note)
        card.body.addWidget(self.table)
        self.save = link_button("Save as CSV…", self._save)
        card.body.addWidget(self.save, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    @property
    def about(self) -> str:
        """The sentence under the title."""
        return self._about.text()

    def situation(self, view: View) -> Situation:
        """The record is about all sprints, whatever the filters keep."""
        plain = view.situation
        return Situation.READY if plain in (Situation.NO_SPRINTS, Situation.FILTERED_AWAY) else plain

    def fill(self, view: View, before: View | None) -> None:
        """Ask for the record when there is a newer evaluation."""
        if self.isVisible():
            self._read()

    def showEvent(self, event: QShowEvent) -> None:
        """What was judged while the page was hidden is read when it is looked at."""
        super().showEvent(event)
        self._read()

    def _read(self, *, anew: bool = False) -> None:
        view = self.view
        if view is None or self.situation(view) is not Situation.READY:
            return
        asked = (view.analysis.as_of if view.analysis else None, view.today, view.past)
        if asked == self._asked and not anew:
            return
        self._asked = asked
        if view.past != self._moment:
            self._forget(view.past)
        self.again.hide()
        self.state.setText(READING)
        self.state.setVisible(self.report is None)
        self.wished.emit(ReadTrust(self._answered, self._failed, view.past))

    def _forget(self, moment: datetime | None) -> None:
        """Show nothing of one moment while another one is looked at."""
        self._moment = moment
        self.report = None
        self._about.setText("")
        for card in self._cards:
            card.hide()

    def _failed(self, sentence: str) -> None:
        self.state.setText(sentence)
        self.state.show()
        self.again.show()

    def _answered(self, report: TrustReport) -> None:
        self.report = report
        now = self.view.now if self.view is not None else report.as_of
        when = f"as of {words.clock(report.as_of, now)}"
        if self._moment is not None:
            when = f"as known on {words.day(report.as_of.date(), now.date())}, {words.clock(report.as_of, now)}"
        self._about.setText(
            f"How far to believe the numbers: every forecast is kept as it was said, and judged when its sprint ends. "
            f"Engine {report.engine}, {when}."
        )
        missing = nothing_yet(report, then=self._moment is not None)
        self.state.setText(missing)
        self.state.setVisible(bool(missing))
        self.verdict.show_report(report)
        self.sentences.show_report(report)
        self.live.show_score(report.live)
        self.replay.show_score(report.replay)
        self._fill_plot(report)
        self.correction.show_report(report)
        self._fill_past(report)
        self._arrange(report)

    def _arrange(self, report: TrustReport) -> None:
        """Show what there is something to show in."""
        ended = bool(report.live.sprints or report.replay.sprints)
        self.verdict.setVisible(ended)
        self.sentences.setVisible(bool(report.live.bins or report.replay.bins))
        self._scores.setVisible(ended)
        self.live.setVisible(bool(report.live.sprints))
        self.replay.setVisible(bool(report.replay.sprints))
        self.plot.setVisible(bool(report.live.bins or report.replay.bins))
        self.correction.setVisible(ended)
        self._past.setVisible(bool(self.rows.rows))

    def _fill_plot(self, report: TrustReport) -> None:
        figures = trust_charts.reliability(report)
        if figures:
            self.plot.show_figures(figures, (trust_charts.HEAD,) * len(figures), report.as_of.date())

    def _fill_past(self, report: TrustReport) -> None:
        live = records(report.entries, replayed=False) if report.live.sprints else ()
        known = {one.sprint_id for one in live}
        replayed = tuple(one for one in records(report.replayed, replayed=True) if one.sprint_id not in known)
        self.rows.replace(live + replayed)
        moments = words.listed([words.percent(moment) for moment in MOMENTS])
        self._past_note.setText(
            f"The number nearest to {moments} of the planned time. A row opens what stands behind it."
        )

    def _open_record(self, record: SprintRecord) -> None:
        happened = "landed" if record.outcome.landed else "missed its end"
        self.open_claim(Claim(f"{title_of(record)} {happened}", said_words(record), evidence_of(record)))

    def _save(self) -> None:
        sheet = Sheet(
            columns=tuple(column.name for column in self.rows.columns),
            rows=tuple(tuple(_cell(column, row) for column in self.rows.columns) for row in self.rows.rows),
        )
        day = self.report.as_of.date().isoformat() if self.report else ""
        name = f"forecast-record-{day}.csv"
        self.wished.emit(SaveFlow("Save the record as CSV", name, "CSV (*.csv)", lambda path: write_csv(path, sheet)))


def _cell(column: Column[SprintRecord], row: SprintRecord) -> str:
    """A cell of the saved file; a day is written so that every program sorts it."""
    value = column.order(row) if column.order is not None else None
    return value.isoformat() if isinstance(value, date) else column.text(row)


class VerdictCard(Card):
    """Whether to believe the number: one sentence with a sign, loud when it warns."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.sign = Sign(look, Role.HEADING)
        self._sentence = text_label("", Role.HEADING, wrap=True)
        self.body.addWidget(self.sign)
        self.body.addWidget(self._sentence)

    @property
    def sentence(self) -> str:
        """The verdict."""
        return self._sentence.text()

    def show_report(self, report: TrustReport) -> None:
        """Show the verdict of this report."""
        judged = [s for score in (report.live, report.replay) for s in score.skills if s.value is not None]
        if not report.trusted:
            self.sign.say("Do not rely on it alone", Tone.BAD, "act")
        elif judged and not report.verdict.startswith("Nobody"):
            self.sign.say("Better than plain alternatives", Tone.GOOD, "sustain")
        else:
            self.sign.say("Not known yet", Tone.QUIET, "none")
        self._sentence.setText(report.verdict.replace(" -", f" {words.MINUS}"))
        self.setAccessibleName(f"{self.sign.word}. {report.verdict}")


class SentencesCard(Card):
    """The record as one would tell it: how often it happened when we said about so much."""

    def __init__(self) -> None:
        super().__init__("In words")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self.body.addLayout(self._lines)
        self.said: tuple[str, ...] = ()

    def show_report(self, report: TrustReport) -> None:
        """Tell what was said live, and the replay after it."""
        empty_out(self._lines)
        said: list[str] = []
        both = bool(report.live.bins and report.replay.bins)
        for name, score in ((LIVE, report.live), (REPLAYED, report.replay)):
            if score.bins and (both or name == REPLAYED):
                self._lines.addWidget(text_label(name, Role.SMALL, muted=True))
            for one in score.bins:
                said.append(one.words)
                self._lines.addWidget(text_label(one.words, wrap=True))
        self.said = tuple(said)


class ScoreCard(Card):
    """The scores of one origin, each with what it means and how many sprints stand behind it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._about = text_label(ABOUT[name], Role.SMALL, muted=True, wrap=True)
        self._basis = text_label("", Role.SMALL, muted=True, wrap=True)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(0, 1)
        self.body.addWidget(self._about)
        self.body.addLayout(self._grid)
        self.body.addWidget(self._basis)
        self.body.addStretch()
        self.lines: tuple[tuple[str, str], ...] = ()

    def show_score(self, score: Score) -> None:
        """Show this score."""
        lines = [
            ("Brier score", "no data" if score.brier is None else f"{score.brier:.3f}", BRIER_TIP),
            *(
                (
                    SKILL.format(name=AGAINST.get(skill.against, skill.against)),
                    skill_words(skill).replace("-", words.MINUS),
                    SKILL_TIP,
                )
                for skill in score.skills
            ),
        ]
        self.lines = tuple((name, value) for name, value, _ in lines)
        empty_out(self._grid)
        for row, (name, value, tip) in enumerate(lines):
            label, figure = text_label(name, wrap=True), text_label(value, Role.STRONG)
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, widget in enumerate((label, figure)):
                widget.setToolTip(tip)
                self._grid.addWidget(widget, row, column)
        self._basis.setText(score_words(score))


class CorrectionCard(Card):
    """What the record does to the next number: before -> after, and the formula."""

    def __init__(self) -> None:
        super().__init__("What the record does to the next number")
        self._said = text_label("", wrap=True)
        self._row = QHBoxLayout()
        self._row.setSpacing(22)
        self._formula = text_label("", Role.SMALL, muted=True, wrap=True)
        self._formula.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for part in (self._said,):
            self.body.addWidget(part)
        self.body.addLayout(self._row)
        self.body.addWidget(self._formula)
        self.pairs: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """What the record does, in a sentence."""
        return self._said.text()

    @property
    def formula(self) -> str:
        """How it does that: the formula, and a line for the gate of the families and each of them."""
        return self._formula.text()

    def show_report(self, report: TrustReport) -> None:
        """Show the correction in use, or why there is none."""
        empty_out(self._row)
        record = report.recalibration
        found = corrections(record)
        self.pairs = tuple(f"{words.percent(a)} → {words.percent(b)}" for a, b in found)
        for pair in self.pairs:
            self._row.addWidget(text_label(pair, Role.STRONG))
        self._row.addStretch()
        self._said.setText(
            f"Every number shown is corrected by what {words.count(record.sprints, 'ended sprint')} taught. "
            "What simulation and model say, and what is shown:"
            if found
            else "Every number shown is moved by what the six families said of this team's own ended sprints."
            if record.families.used
            else "Nothing: the numbers are shown as simulation and model say them."
        )
        formula = record.formula if record.formula.endswith(".") else f"{record.formula}."
        self._formula.setText("\n".join((formula, *family_lines(record.families))))
