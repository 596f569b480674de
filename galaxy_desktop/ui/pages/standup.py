"""Since yesterday: what changed in the sprints, for a standup about the work. Items are named, persons are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout

from galaxy_desktop.domain.since import ChangeKind, ItemChange, Since, SprintSince
from galaxy_desktop.explain.since import headline, lines_of, markdown_of, moment_in_words
from galaxy_desktop.ui import words
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.pages.sprint_parts import link_button
from galaxy_desktop.ui.since_when import SinceChooser
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.time_wishes import ReadSince
from galaxy_desktop.ui.view import Claim, View
from galaxy_desktop.ui.widgets.chips import chip
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.movement_bars import MovementBars
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import Card, ScrollPage, empty_out
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign
from galaxy_desktop.ui.wishes import OpenSprint

READING = "Comparing with how things stood…"
MOST_OF_A_KIND = 10
LOOKS: dict[ChangeKind, tuple[Tone, str]] = {
    ChangeKind.END: (Tone.WATCH, "observe"),
    ChangeKind.DONE: (Tone.GOOD, "sustain"),
    ChangeKind.REOPENED: (Tone.WATCH, "observe"),
    ChangeKind.STARTED: (Tone.ACCENT, "info"),
    ChangeKind.BLOCKED: (Tone.BAD, "act"),
    ChangeKind.FREED: (Tone.GOOD, "sustain"),
    ChangeKind.RED: (Tone.BAD, "act"),
    ChangeKind.REVIEW: (Tone.WATCH, "observe"),
    ChangeKind.ADDED: (Tone.QUIET, "unfold"),
    ChangeKind.REMOVED: (Tone.QUIET, "fold"),
}


class StandupPage(Page):
    """One card for each sprint that is or was open."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Since yesterday")
        self.found: Since | None = None
        self._asked: object = None
        self._moment: datetime | None = None
        self.since = SinceChooser()
        self.since.activated.connect(lambda _index: self._read())
        self.as_text = QPushButton("Copy as text")
        self.as_text.clicked.connect(lambda _checked: self._copy(lambda since: "\n".join(lines_of(since))))
        self.as_markdown = QPushButton("Copy as Markdown")
        self.as_markdown.clicked.connect(lambda _checked: self._copy(markdown_of))
        self.state = text_label(READING, muted=True, wrap=True)
        self._blind = text_label("", Role.SMALL, muted=True, wrap=True)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(14)
        self._none = EmptyState("No sprint is open", "A standup is about sprints that run, or ran since then.")
        self._none.hide()
        self.set_content(self._lay_out())

    def _lay_out(self) -> ScrollPage:
        page = ScrollPage()
        page.body.addWidget(ElidedLabel("What changed", Role.TITLE))
        choices = FlowLayout(gap=10)
        for widget in (self.since, self.as_text, self.as_markdown):
            widget.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            choices.addWidget(widget)
        page.body.addLayout(choices)
        page.body.addWidget(self.state)
        page.body.addLayout(self._cards)
        page.body.addWidget(self._none, 1)
        page.body.addWidget(self._blind)
        page.body.addStretch()
        return page

    @property
    def cards(self) -> list[SinceCard]:
        """The cards in the order shown."""
        widgets = [item.widget() for n in range(self._cards.count()) if (item := self._cards.itemAt(n)) is not None]
        return [widget for widget in widgets if isinstance(widget, SinceCard)]

    def fill(self, view: View, before: View | None) -> None:
        """Ask again when there is a newer evaluation, or another moment is looked at."""
        self.since.offer(view)
        if self.isVisible():
            self._read()
        if before is not None and before.filters != view.filters and self.found is not None:
            self._answered(self.found)

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while the page was hidden is read when it is looked at."""
        super().showEvent(event)
        self._read()

    def _read(self) -> None:
        choice, view = self.since.chosen, self.view
        if view is None or view.analysis is None or choice is None:
            return
        asked = (view.analysis.as_of, choice.key, view.today, view.past)
        if asked == self._asked:
            return
        self._asked = asked
        if view.past != self._moment:
            self._forget(view.past)
        self.state.setText(READING)
        self.state.show()
        self.wished.emit(ReadSince(choice.moment, self._answered, self._failed, view.past))

    def _forget(self, moment: datetime | None) -> None:
        """Show nothing of one moment while another one is looked at."""
        self._moment = moment
        self.found = None
        empty_out(self._cards)
        self._none.hide()
        self._blind.hide()
        for button in (self.as_text, self.as_markdown):
            button.setEnabled(False)

    def _failed(self, sentence: str) -> None:
        self._asked = None
        self.state.setText(sentence)
        self.state.show()

    def _answered(self, found: Since) -> None:
        view = self.view
        if view is None:
            return
        self.found = found
        self.state.hide()
        empty_out(self._cards)
        kept = {one.sprint.id for one in view.sprints}
        shown = [one for one in found.sprints if one.sprint_id in kept]
        for one in shown:
            self._cards.addWidget(SinceCard(one, view, self))
        self._none.setVisible(not shown)
        for button in (self.as_text, self.as_markdown):
            button.setEnabled(bool(shown))
        self._blind.setText("\n".join(found.blind))
        self._blind.setVisible(bool(found.blind))

    def _copy(self, written: Callable[[Since], str]) -> None:
        if self.found is None:
            return
        kept = {card.one.sprint_id for card in self.cards}
        shown = replace(self.found, sprints=tuple(one for one in self.found.sprints if one.sprint_id in kept))
        then = f"As of {moment_in_words(shown.as_of, shown.as_of)}\n\n" if self._moment is not None else ""
        QGuiApplication.clipboard().setText(then + written(shown))
        self.state.setText("Copied.")
        self.state.show()


class SinceCard(Card):
    """One sprint: the chance then and now, why, and what happened by kind."""

    def __init__(self, one: SprintSince, view: View, page: StandupPage) -> None:
        super().__init__()
        self.one = one
        self._view = view
        self._page = page
        self.setAccessibleName(one.title)
        top = QHBoxLayout()
        top.addWidget(ElidedLabel(one.title, Role.HEADING), 1)
        top.addWidget(link_button("Open the sprint", lambda: page.wished.emit(OpenSprint(one.sprint_id))))
        self.body.addLayout(top)
        done = f"{one.done} of {words.count(one.done + one.open, 'item')} done"
        self.headline = f"{headline(one)}; {done}.".replace(", -", f", {words.MINUS}")
        self.body.addWidget(text_label(self.headline, wrap=True))
        self.bars = MovementBars(page.look, page.open_ids)
        self.bars.show_moved(one.moved)
        self.body.addWidget(self.bars)
        if one.is_new:
            self.body.addWidget(text_label("This sprint is new since then.", muted=True))
        elif not one.changes:
            self.body.addWidget(text_label("No item changed.", muted=True))
        for kind in ChangeKind:
            found = one.of_kind(kind)
            if found:
                self._add_kind(kind, found)

    def _add_kind(self, kind: ChangeKind, found: tuple[ItemChange, ...]) -> None:
        sign = Sign(self._page.look)
        word = f"{kind[:1].upper()}{kind[1:]}"
        sign.say(f"{word} ({len(found)})" if kind is not ChangeKind.END else word, *LOOKS[kind])
        self.body.addSpacing(4)
        self.body.addWidget(sign)
        grid = QGridLayout()
        grid.setContentsMargins(26, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, change in enumerate(found[:MOST_OF_A_KIND]):
            self._add_change(grid, row, change)
        self.body.addLayout(grid)
        if len(found) > MOST_OF_A_KIND:
            rest = link_button(
                f"and {len(found) - MOST_OF_A_KIND} more",
                partial(self._page.open_ids, word, tuple(change.item_id for change in found)),
            )
            self.body.addWidget(rest, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_change(self, grid: QGridLayout, row: int, change: ItemChange) -> None:
        name = words.reference(change.item_id or change.evidence[0])
        grid.addWidget(chip(name, change.title, partial(self._open, change)), row, 0, Qt.AlignmentFlag.AlignTop)
        said = f"{change.title}  ·  {change.words}" if change.words and change.item_id else change.words or change.title
        grid.addWidget(text_label(words.breakable(said), wrap=True), row, 1)

    def _open(self, change: ItemChange) -> None:
        cited = self._view.claim("", change.evidence).evidence
        what = f"{change.kind[:1].upper()}{change.kind[1:]}"
        self._page.open_claim(Claim(f"{what}: {change.title}", change.words, cited))
