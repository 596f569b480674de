"""What the language model noticed in a sprint: named as the model's, with its evidence, and for people to judge.

It is no rule and no number: nothing here moves the chance or health, and the card says so. What somebody found of no use
is folded away, not deleted, so that the model does not bring it again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.domain.noticed import Noticed, NoticedKind, Opinion
from galaxy_desktop.ui import words
from galaxy_desktop.ui.ask_wishes import ReadNoticed, SayOfNoticed
from galaxy_desktop.ui.pages.sprint_parts import link_button
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.chips import EvidenceChips
from galaxy_desktop.ui.widgets.surface import Card, empty_out
from galaxy_desktop.ui.widgets.text import Sign
from galaxy_desktop.ui.wishes import Wish

ABOUT = "A pattern in stored facts, checked like every sentence of the model. It moves neither the chance nor health."
KINDS = {
    NoticedKind.RISK: ("May go wrong", Tone.WATCH, "observe"),
    NoticedKind.INTERVENTION: ("Was done before", Tone.ACCENT, "info"),
}


class NoticedCard(Card):
    """Hidden while there is nothing to show."""

    def __init__(
        self, look: Look, wished: Callable[[Wish], None], opened: Callable[[str, tuple[str, ...]], None]
    ) -> None:
        super().__init__("Noticed by the model")
        self._look = look
        self._wished = wished
        self._opened = opened
        self._view: View | None = None
        self._sprint_id = ""
        self._found: tuple[Noticed, ...] = ()
        self._unfolded = False
        self._rows = QVBoxLayout()
        self._rows.setSpacing(12)
        self.body.addLayout(self._rows)
        self.body.addWidget(text_label(ABOUT, Role.SMALL, muted=True, wrap=True))
        self.hide()

    def show_sprint(self, one: SprintAnalysis, view: View) -> None:
        """Show what was noticed in this sprint, as soon as it is read."""
        self._view = view
        if one.sprint.id != self._sprint_id:
            self._sprint_id, self._found, self._unfolded = one.sprint.id, (), False
            self._fill()
        self.read_again()

    def read_again(self) -> None:
        """Ask what there is now."""
        if self._sprint_id:
            self._wished(ReadNoticed(self._sprint_id, partial(self._answered, self._sprint_id)))

    def _answered(self, sprint_id: str, found: tuple[Noticed, ...]) -> None:
        if sprint_id == self._sprint_id and found != self._found:
            self._found = found
            self._fill()

    @property
    def shown(self) -> list[Noticed]:
        """What is shown: all that was noticed by the moment that is looked at, without what was found of no use."""
        past = self._view.past if self._view is not None else None
        known = [one for one in self._found if past is None or one.noticed_at <= past]
        return [one for one in known if self._unfolded or one.opinion is not Opinion.NOT_USEFUL]

    def _fill(self) -> None:
        empty_out(self._rows)
        folded = sum(one.opinion is Opinion.NOT_USEFUL for one in self._found)
        for one in self.shown:
            self._rows.addLayout(self._row(one))
        if folded and not self._unfolded:
            self._rows.addWidget(link_button(f"Show {folded} that you found of no use", self._unfold))
        self.setVisible(bool(self.shown) or bool(folded))

    def _row(self, one: Noticed) -> QVBoxLayout:
        block = QVBoxLayout()
        block.setSpacing(4)
        sign = Sign(self._look)
        sign.say(*KINDS[one.kind])
        block.addWidget(sign)
        block.addWidget(text_label(words.breakable(one.text), wrap=True))
        view = self._view
        if view is not None:
            block.addWidget(EvidenceChips(view, one.evidence, partial(self._opened, one.text)))
        block.addLayout(self._verdict(one))
        return block

    def _verdict(self, one: Noticed) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(16)
        if one.opinion is None:
            line.addWidget(self._button("Useful", one, Opinion.USEFUL))
            line.addWidget(self._button("Of no use", one, Opinion.NOT_USEFUL))
        else:
            said = "You found this useful." if one.opinion is Opinion.USEFUL else "You found this of no use."
            line.addWidget(text_label(said, Role.SMALL, muted=True))
            line.addWidget(self._button("Undo", one, None))
        now = self._view.now if self._view is not None else one.noticed_at
        line.addWidget(text_label(f"{one.model}, {words.clock(one.noticed_at, now)}", Role.SMALL, muted=True))
        line.addStretch()
        return line

    def _button(self, text: str, one: Noticed, opinion: Opinion | None) -> QPushButton:
        button = link_button(text, lambda: self._wished(SayOfNoticed(one.id, opinion, self.read_again)))
        button.setAccessibleName(f"{text}: {one.text}")
        button.setEnabled(self._view is None or self._view.past is None)
        return button

    def _unfold(self) -> None:
        self._unfolded = True
        self._fill()
