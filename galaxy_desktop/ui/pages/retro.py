"""Retro: how one sprint went. What was said when, what moved it most, what was advised and done, and facts at the end."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout

from galaxy_desktop.domain.findings import FollowUp, SprintAnalysis
from galaxy_desktop.domain.retro import Retro, StepKind
from galaxy_desktop.domain.work import State
from galaxy_desktop.explain.since import WORTH_EXPLAINING
from galaxy_desktop.ui import retro_charts, words
from galaxy_desktop.ui.pages.flow_card import FlowCard
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.time_wishes import ReadRetro
from galaxy_desktop.ui.view import Claim, View
from galaxy_desktop.ui.widgets.calm import CalmComboBox
from galaxy_desktop.ui.widgets.chips import chip
from galaxy_desktop.ui.widgets.movement_bars import MovementBars
from galaxy_desktop.ui.widgets.surface import Card, ScrollPage, empty_out
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign

READING = "Reading how it went…"
NO_ACTION = "No recommendation of this sprint was accepted."
NO_STEP = "The end was never moved and scope did not change between two numbers."
MOST_STEPS = 12
STEP_LOOKS = {
    StepKind.END: ("End moved", Tone.WATCH, "observe"),
    StepKind.SCOPE: ("Scope", Tone.QUIET, "unfold"),
    StepKind.JUMP: ("Chance", Tone.ACCENT, "info"),
}


class RetroPage(Page):
    """One sprint at a time: closed ones first, and those that run, so far."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Retro")
        self.found: Retro | None = None
        self._sprint_id = ""
        self._asked: object = None
        self._moment: datetime | None = None
        self._title = ElidedLabel("Retro", Role.TITLE)
        self.chooser = CalmComboBox()
        self.chooser.setAccessibleName("Which sprint to look back at")
        self.chooser.setMaximumWidth(300)
        self.chooser.activated.connect(lambda index: self.choose(str(self.chooser.itemData(index))))
        self.state = text_label(READING, muted=True, wrap=True)
        self.again = QPushButton("Try again")
        self.again.clicked.connect(lambda _checked: self._read(anew=True))
        self.again.hide()
        self.outcome = Sign(look, Role.HEADING)
        self.outcome.hide()
        self.chart = FlowCard(
            look,
            opener=self.open_claim,
            open_item=lambda title, key, _address: self.open_ids(title, (key,)),
            saver=self.wished.emit,
            height=260,
        )
        self.biggest = BiggestCard(self)
        self.steps = ListCard("Marked steps")
        self.advice = ActionsCard(self)
        self.facts = ListCard("The facts")
        self._cards = (self.chart, self.biggest, self.steps, self.advice, self.facts)
        self.set_content(self._lay_out())

    def _lay_out(self) -> ScrollPage:
        page = ScrollPage()
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self._title, 1)
        top.addWidget(self.chooser)
        page.body.addLayout(top)
        page.body.addWidget(self.outcome)
        page.body.addWidget(self.state)
        page.body.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        for card in self._cards:
            card.hide()
            page.body.addWidget(card)
        page.body.addStretch()
        return page

    def choose(self, sprint_id: str) -> None:
        """Show another sprint."""
        self._sprint_id = sprint_id
        self._read()

    def fill(self, view: View, before: View | None) -> None:
        """Offer the sprints that the filters keep, and read the chosen one when it is looked at."""
        ordered = sorted(view.sprints, key=lambda one: one.sprint.state is State.OPEN)
        ids = [one.sprint.id for one in ordered]
        if ids != [self.chooser.itemData(n) for n in range(self.chooser.count())]:
            self.chooser.clear()
            for one in ordered:
                self.chooser.addItem(_name(one), one.sprint.id)
        if self._sprint_id not in ids:
            self._sprint_id = ids[0] if ids else ""
        if self._sprint_id:
            self.chooser.setCurrentIndex(ids.index(self._sprint_id))
        self.chooser.setVisible(len(ids) > 1)
        if self.isVisible():
            self._read()

    def showEvent(self, event: QShowEvent) -> None:
        """What was said while the page was hidden is read when it is looked at."""
        super().showEvent(event)
        self._read()

    def _read(self, *, anew: bool = False) -> None:
        view = self.view
        if view is None or view.analysis is None or not self._sprint_id:
            return
        asked = (view.analysis.as_of, view.past, self._sprint_id)
        if asked == self._asked and not anew:
            return
        self._asked = asked
        if view.past != self._moment:
            self._forget(view.past)
        self.again.hide()
        self.state.setText(READING)
        self.state.setVisible(self.found is None)
        self.wished.emit(ReadRetro(self._sprint_id, self._answered, self._failed, view.past))

    def _forget(self, moment: datetime | None) -> None:
        """Show nothing of one moment while another one is looked at."""
        self._moment = moment
        self.found = None
        for part in (*self._cards, self.outcome):
            part.hide()

    def _failed(self, sentence: str) -> None:
        self._asked = None
        self.state.setText(sentence)
        self.state.show()
        self.again.show()

    def _answered(self, found: Retro) -> None:
        view = self.view
        if view is None or found.sprint_id != self._sprint_id:
            return
        self.found = found
        self._title.set_text(f"Retro of {found.title}")
        self.state.setText("" if found.points else "No number was ever said of it, live or in a replay.")
        self.state.setVisible(not found.points)
        self._say_outcome(found)
        self.chart.setVisible(bool(found.points))
        self.chart.show_figures((retro_charts.course(found, view.now),), (retro_charts.HEAD,), view.today)
        self.biggest.show_retro(found, view)
        self.steps.show_lines(
            [
                (*STEP_LOOKS[s.kind], f"{words.clock(s.at, view.now)}: {s.words}{_moved(s.change)}")
                for s in found.steps[:MOST_STEPS]
            ],
            self.look,
            NO_STEP,
        )
        self.steps.setVisible(len(found.points) > 1)
        self.advice.show_retro(found, view)
        self.advice.show()
        self.facts.show_lines([("", Tone.QUIET, "", fact) for fact in found.facts], self.look, "Nothing is known yet.")
        self.facts.show()

    def _say_outcome(self, found: Retro) -> None:
        if found.outcome is None:
            then = "then" if self._moment is not None else "yet"
            self.outcome.say(f"Not over {then}: this is how it went so far", Tone.QUIET, "none")
        elif found.outcome.landed:
            self.outcome.say("It landed", Tone.GOOD)
        else:
            self.outcome.say("It missed its end", Tone.BAD)
        self.outcome.show()


class BiggestCard(Card):
    """What moved it most: the largest jump between two numbers, with its causes."""

    def __init__(self, page: RetroPage) -> None:
        super().__init__("What moved it most")
        self._said = text_label("", wrap=True)
        self.bars = MovementBars(page.look, page.open_ids)
        self.body.addWidget(self._said)
        self.body.addWidget(self.bars)

    def show_retro(self, found: Retro, view: View) -> None:
        """Show the largest jump of this sprint; nothing when it never moved by 5 points."""
        moved = found.biggest
        change = moved.change if moved is not None else None
        large = change is not None and abs(change) >= WORTH_EXPLAINING - 1e-9
        self.setVisible(large)
        if moved is None or not large or found.biggest_from is None or found.biggest_to is None:
            return
        when = f"{words.clock(found.biggest_from, view.now)} and {words.clock(found.biggest_to, view.now)}"
        self._said.setText(f"Between {when} the chance moved by {words.points(change or 0.0)}.")
        self.bars.show_moved(moved)


class ListCard(Card):
    """Lines with a sign each, or a sentence that there are none."""

    def __init__(self, heading: str) -> None:
        super().__init__(heading)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self.said: tuple[str, ...] = ()

    def show_lines(self, lines: list[tuple[str, Tone, str, str]], look: Look, nothing: str) -> None:
        """Show lines of word, tone, icon and text; a line without a word has no sign."""
        empty_out(self._grid)
        self.said = tuple(text for *_, text in lines)
        for row, (word, tone, icon, text) in enumerate(lines):
            if word:
                sign = Sign(look, Role.SMALL)
                sign.say(word, tone, icon)
                self._grid.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text_label(text, wrap=True), row, 1 if word else 0, 1, 1 if word else 2)
        if not lines:
            self._grid.addWidget(text_label(nothing, muted=True, wrap=True), 0, 0, 1, 2)


class ActionsCard(Card):
    """What was recommended and accepted, and whether it helped."""

    def __init__(self, page: RetroPage) -> None:
        super().__init__("What was advised and done")
        self._page = page
        self._lines = QVBoxLayout()
        self._lines.setSpacing(10)
        self.body.addLayout(self._lines)

    def show_retro(self, found: Retro, view: View) -> None:
        """Show what came of the advice in this sprint."""
        empty_out(self._lines)
        for one in found.actions:
            self._lines.addLayout(self._line(one, view))
        if not found.actions:
            self._lines.addWidget(text_label(NO_ACTION, muted=True))

    def _line(self, one: FollowUp, view: View) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(3)
        head = QHBoxLayout()
        head.setSpacing(10)
        sign = Sign(self._page.look)
        sign.say(*_helped(one))
        head.addWidget(sign)
        head.addWidget(text_label(one.intervention.summary, wrap=True), 1)
        opened = chip("evidence", "What shows that it was done", lambda: self._open(one))
        head.addWidget(opened, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        accepted = f"Accepted {words.clock(one.intervention.accepted_at, view.now)}. {one.sentence}"
        column.addWidget(text_label(accepted, Role.SMALL, muted=True, wrap=True))
        return column

    def _open(self, one: FollowUp) -> None:
        evidence = one.evidence or one.intervention.evidence
        self._page.open_claim(Claim(one.intervention.summary, one.sentence, evidence))


def _helped(one: FollowUp) -> tuple[str, Tone, str]:
    if one.helped is None:
        return (one.progress.capitalize(), Tone.QUIET, "none")
    return ("Helped", Tone.GOOD, "sustain") if one.helped else ("Did not help", Tone.WATCH, "observe")


def _moved(change: float | None) -> str:
    return f" ({words.points(change)})" if change is not None and round(100 * change) else ""


def _name(one: SprintAnalysis) -> str:
    return one.sprint.title if one.sprint.state is State.CLOSED else f"{one.sprint.title} (so far)"
