"""What moved it: why the chance of a sprint is not what it was, on the Sprint page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout

from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.domain.since import Moved
from galaxy_desktop.domain.work import State
from galaxy_desktop.explain.since import WORTH_EXPLAINING, change_in_words
from galaxy_desktop.ui import words
from galaxy_desktop.ui.since_when import SinceChooser
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.time_wishes import ReadMoved
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.movement_bars import MovementBars
from galaxy_desktop.ui.widgets.surface import Card

COMPUTING = "Comparing…"
LITTLE = "A change of less than 5 points is not explained: it is mostly the day going on."


class MovementCard(Card):
    """Shown for running sprints with a number; asks when its page is looked at."""

    def __init__(
        self, look: Look, ask: Callable[[ReadMoved], None], opened: Callable[[str, tuple[str, ...]], None]
    ) -> None:
        """`ask` carries the question away, `opened` shows the items behind a part."""
        super().__init__("What moved it")
        self._ask = ask
        self._asked: tuple[object, ...] | None = None
        self._shown: tuple[SprintAnalysis, View] | None = None
        self._headline = text_label("", wrap=True)
        self._note = text_label("", Role.SMALL, muted=True, wrap=True)
        self.since = SinceChooser()
        self.since.activated.connect(lambda _index: self.read())
        self.bars = MovementBars(look, opened)
        self.bars.hide()
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._headline, 1)
        row.addWidget(self.since)
        self.body.addLayout(row)
        self.body.addWidget(self.bars)
        self.body.addWidget(self._note)

    @property
    def headline(self) -> str:
        """What is said of the change."""
        return self._headline.text()

    def show_sprint(self, one: SprintAnalysis, view: View) -> None:
        """Be about this sprint; sprints without a number have nothing to compare."""
        self._shown = (one, view)
        fits = one.sprint.state is State.OPEN and one.forecast.probability is not None
        self.setVisible(fits)
        if fits:
            self.since.offer(view)
            if self.isVisible():
                self.read()

    def showEvent(self, event: QShowEvent) -> None:
        """What moved while the page was hidden is asked when it is looked at."""
        super().showEvent(event)
        self.read()

    def read(self) -> None:
        """Ask why, unless that was asked already."""
        if self._shown is None or self.isHidden() or self.since.chosen is None:
            return
        one, view = self._shown
        choice = self.since.chosen
        asked = (one.sprint.id, one.forecast.as_of, one.forecast.probability, choice.key, view.today, view.past)
        if asked == self._asked:
            return
        same = self._asked is not None and (self._asked[0], self._asked[-1]) == (asked[0], asked[-1])
        self._asked = asked
        if not same:
            self.bars.hide()
        self._headline.setText(COMPUTING)
        self._note.hide()
        self._ask(ReadMoved(one.sprint.id, choice.moment, self._answered, self._failed, view.past))

    def _failed(self, sentence: str) -> None:
        self.bars.hide()
        self._headline.setText(sentence)

    def _answered(self, moved: Moved) -> None:
        change, choice = moved.change, self.since.chosen
        name = choice.name if choice else "then"
        if change is None or moved.before is None or moved.after is None:
            self.bars.hide()
            self._headline.setText(f"There was no number {name}, so there is nothing to compare.")
            return
        large = abs(change) >= WORTH_EXPLAINING - 1e-9
        shown = moved if large else Moved(before=moved.before, after=moved.after)
        by = change_in_words(shown).replace("-", words.MINUS)
        self._headline.setText(
            f"The chance went from {words.percent(moved.before)} to {words.percent(moved.after)} since {name}, {by}."
            if by
            else f"The chance is {words.percent(moved.after)}, as {name}."
        )
        self.bars.show_moved(shown)
        self._note.setText(LITTLE)
        self._note.setVisible(not large)
