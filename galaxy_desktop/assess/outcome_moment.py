"""A sprint as it stands at a moment: what the outcome model looks at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintMoment:
    """A sprint as it stands at a moment. Amounts are all in one unit: points, or items where nobody estimates.

    `planned_days` is the planned length, `elapsed` the share of it that has passed (0 to 1; beyond 1 counts as 1).
    The fields with `items_` count the same work in items. `people` is how many are on the team, 0 if unknown.
    """

    planned_days: float
    elapsed: float
    committed_at_start: float
    added: float
    removed: float
    todo: float
    in_progress: float
    done: float
    items_at_start: float
    items_added: float
    items_removed: float
    items_todo: float
    items_in_progress: float
    items_done: float
    people: int

    @property
    def committed(self) -> float:
        """What the sprint holds now by its scope: at the start, plus added, less removed, never below zero."""
        return max(0.0, self.committed_at_start + self.added - self.removed)
