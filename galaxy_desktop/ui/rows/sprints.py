"""Rows of the Overview: a sprint in the words of its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.domain.work import State
from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import HEALTH_TONE, SEVERITY_TONE, Tone
from galaxy_desktop.ui.view import View

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class SprintState:
    """How a sprint stands: its health while it runs, how it came out when it is over."""

    word: str
    below: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintRow:
    """What the card of one sprint says."""

    id: str
    title: str
    place: str
    due: str
    chance: str
    odds: str
    state: SprintState
    done: int
    total: int
    risk: str
    risk_tone: Tone
    risk_word: str
    closed: bool

    @property
    def spoken(self) -> str:
        """The whole card as one sentence, for screen readers and tool tips."""
        chance = f"{self.chance}, {self.odds}" if self.odds else self.chance
        return (
            f"{self.title}. {self.place}. {self.due.capitalize()}. {chance}. {self.state.word}, {self.state.below}. "
            f"{self.done} of {self.total} done. {self.risk_word + ': ' if self.risk_word else ''}{self.risk}."
        )


def row_of(one: SprintAnalysis, view: View) -> SprintRow:
    """The words of a sprint's card."""
    sprint = one.sprint
    chance, odds = words.chance(one.forecast)
    worst = max(one.risks, key=lambda r: (r.severity.rank, r.probability), default=None)
    closed = sprint.state is State.CLOSED
    return SprintRow(
        id=sprint.id,
        title=sprint.title,
        place=words.listed([words.repository(name) for name in sprint.repositories]),
        due=words.due(sprint.due_on, view.today, closed=closed),
        chance=chance,
        odds=odds,
        state=state_of(one),
        done=one.done,
        total=one.done + one.open,
        risk=words.with_days(worst.summary, view.today, sprint.title) if worst else without_risk(one, view),
        risk_tone=SEVERITY_TONE[worst.severity] if worst else Tone.QUIET,
        risk_word=words.SEVERITY[worst.severity] if worst else "",
        closed=closed,
    )


def state_of(one: SprintAnalysis) -> SprintState:
    """How a sprint stands; one that is over has no health to look after, and an empty one none yet."""
    ended = one.features.ended
    if ended is not None and ended.missed:
        return SprintState("Missed", f"{ended.left} of {ended.total} left over", Tone.BAD)
    if not one.done + one.open:
        return SprintState("Empty", "no items yet", Tone.QUIET)
    if ended is not None:
        return SprintState("Landed", f"{ended.total} of {ended.total} in time", Tone.GOOD)
    if one.sprint.state is State.CLOSED:
        return SprintState("Over", f"{one.open} left open" if one.open else "all done", Tone.QUIET)
    tone = HEALTH_TONE.get(one.health.word, Tone.QUIET)
    return SprintState(one.health.word, f"health {one.health.whole} of 100", tone)


def without_risk(one: SprintAnalysis, view: View) -> str:
    """What stands where a risk would: how a sprint came out, or that there is nothing to find."""
    ended, closed = one.features.ended, one.sprint.closed_at
    if one.sprint.state is State.CLOSED:
        when = f"Closed {words.day(local_day(closed, view.now), view.today)}" if closed is not None else "Closed"
        if ended is not None and ended.missed:
            return f"{when}, after it missed its end with {words.count(ended.left, 'item')} open"
        return f"{when} with {words.count(one.open, 'item')} open" if one.open else when
    if ended is not None and ended.missed:
        return f"Missed its end with {words.count(ended.left, 'item')} open; all is done now, it can be closed"
    return "No risk found" if one.done + one.open else "Nothing is in it yet, so there is nothing to judge"


class SprintRows(QAbstractListModel):
    """The cards of the Overview, in the order of the view."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[SprintRow] = []

    @property
    def rows(self) -> tuple[SprintRow, ...]:
        """The rows in the order shown."""
        return tuple(self._rows)

    def replace(self, rows: Sequence[SprintRow]) -> None:
        """Show other rows; of the same sprints in the same order only those that changed are painted anew."""
        if [r.id for r in rows] == [r.id for r in self._rows]:
            before, self._rows = self._rows, list(rows)
            for number, (old, new) in enumerate(zip(before, rows, strict=True)):
                if old != new:
                    self.dataChanged.emit(self.index(number), self.index(number))
            return
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many cards there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = 0) -> Any:
        """The row itself for the painter, its sentence for everybody else."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.spoken
        return row if role == Qt.ItemDataRole.UserRole else None
