"""Rows of public sprints: one sprint at one moment, and how it ended.

The columns are those of the reduced data of Choetkiertikul et al. (IEEE TSE 2018): counts and points as they stood
when a share of the planned time had passed, and, where it is known, the points delivered less the points committed.
Committed is what was there at the start, plus what was added, less what was removed, until that moment. A sprint is
missed when it delivers less than that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from galaxy_desktop.assess.outcome_moment import SprintMoment


@dataclass(frozen=True, slots=True, kw_only=True)
class SprintRow:
    """One sprint of one project at one moment; `order` is the order in which the project created its sprints.

    `difference` is points delivered less points committed at this moment, None where nobody knows yet.
    """

    project: str
    sprint: str
    order: int
    percent_elapsed: int
    moment: SprintMoment
    difference: float | None

    @property
    def committed(self) -> float:
        """Points promised at this moment; zero means that the sprint is trivially achieved."""
        return self.moment.committed

    @property
    def missed(self) -> bool:
        """Whether less was delivered than committed; raises `ValueError` where the outcome is not known."""
        if self.difference is None:
            raise ValueError(f"the outcome of sprint {self.sprint} of {self.project} is not known")
        return self.difference < 0

    @property
    def ratio(self) -> float:
        """Delivered/committed, 1 where nothing was committed; raises `ValueError` like `missed`."""
        if self.difference is None:
            raise ValueError(f"the outcome of sprint {self.sprint} of {self.project} is not known")
        return 1.0 if self.committed <= 0 else max(0.0, 1.0 + self.difference / self.committed)


def looks_before(known: Sequence[SprintRow], rows: Sequence[SprintRow]) -> list[tuple[SprintMoment, ...]]:
    """For each row the earlier looks at the same sprint among the known rows, oldest first.

    Only how the sprint stood is taken, never how it ended, and never a later look or another sprint.
    """
    looks: dict[tuple[str, str], list[SprintRow]] = {}
    for row in sorted(known, key=lambda one: one.percent_elapsed):
        looks.setdefault((row.project, row.sprint), []).append(row)
    return [
        tuple(
            one.moment for one in looks.get((row.project, row.sprint), ()) if one.percent_elapsed < row.percent_elapsed
        )
        for row in rows
    ]
