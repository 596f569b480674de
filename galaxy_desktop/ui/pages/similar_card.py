"""The card of similar past sprints: what happened in those that looked like this one, and whether that tells anything."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout

from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.domain.past_sprints import SimilarSprint
from galaxy_desktop.ui import words
from galaxy_desktop.ui.pages.sprint_parts import Opener, link_button
from galaxy_desktop.ui.theme import Role, text_label
from galaxy_desktop.ui.view import Claim, View
from galaxy_desktop.ui.widgets.surface import Card, empty_out


class SimilarCard(Card):
    """Hidden where no past sprint can be compared."""

    def __init__(self, opener: Opener) -> None:
        super().__init__("Similar past sprints")
        self._opener = opener
        self._sentence = text_label("", wrap=True)
        self.body.addWidget(self._sentence)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(4)
        self.body.addLayout(self._lines)

    @property
    def sentence(self) -> str:
        """Whether similar sprints tell more than the average."""
        return self._sentence.text()

    def show_sprint(self, one: SprintAnalysis, view: View) -> None:
        """Show the sprints that were most like this one."""
        found = one.similar
        self.setVisible(found is not None)
        empty_out(self._lines)
        if found is None:
            return
        self._sentence.setText(found.sentence)
        for sprint in found.sprints:
            title = sprint.title or sprint.sprint_id
            button = link_button(title, partial(self._open, sprint))
            button.setAccessibleName(f"{title}: {_ending(sprint)}. Opens its evidence.")
            self._lines.addWidget(button)
            said = f"Ended {words.day(sprint.ended_on, view.today)}: {_ending(sprint)}"
            self._lines.addWidget(text_label(said, Role.SMALL, muted=True, wrap=True))

    def _open(self, sprint: SimilarSprint) -> None:
        note = f"{_ending(sprint).capitalize()}. It lay {sprint.distance:.1f} standard deviations from this sprint."
        self._opener(Claim(f"Similar: {sprint.title}", note, sprint.evidence))


def _ending(sprint: SimilarSprint) -> str:
    """How a past sprint ended and what was done about it."""
    late = f" {words.count(sprint.days_late, 'day')} late" if sprint.days_late else ""
    parts = [f"landed{late}" if sprint.landed else f"did not land{f', done{late}' if late else ''}"]
    parts.append(f"{words.percent(sprint.delivered_share)} delivered")
    if sprint.removed:
        parts.append(f"{words.count(sprint.removed, 'item')} taken out after this point")
    if sprint.end_moved:
        parts.append(f"its end was moved by {words.count(sprint.end_moved, 'day')}")
    if sprint.accepted:
        parts.append(f"{words.count(sprint.accepted, 'recommendation')} accepted")
    return ", ".join(parts)
