"""Milestones as they were: from the versions that were seen, and from the days that GitHub stamps on them.

GitHub keeps no history of a milestone. What it was is told by the newest version that GitHub had stamped by then. Of a
moment before the first version that was ever seen, only creation and closing are known for certain: its title and
its end are then those of that first version (`features.past.blind_spots` counts them).

Events name a milestone by the title that it had when they happened, so a title is looked up in the versions of that time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import Milestone, State

Key = tuple[int, int]


class PastMilestones:
    """The milestones of a snapshot, to be asked of any moment."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Sort the versions once."""
        versions: defaultdict[Key, list[tuple[tuple[object, ...], Milestone]]] = defaultdict(list)
        for version in snapshot.milestone_versions:
            versions[version.repository_id, version.number].append((_order(version, newest=False), version))
        self._milestones = snapshot.milestones
        self._candidates: dict[Key, list[Milestone]] = {}
        self._numbers: defaultdict[int, list[int]] = defaultdict(list)
        for milestone in snapshot.milestones:
            key = milestone.repository_id, milestone.number
            known = [*versions[key], (_order(milestone, newest=True), milestone)]
            self._candidates[key] = [found for _, found in sorted(known, key=lambda pair: pair[0])]
            self._numbers[milestone.repository_id].append(milestone.number)
        self._resolved: dict[tuple[int, str, datetime], int | None] = {}

    def at(self, moment: datetime) -> tuple[Milestone, ...]:
        """Every milestone that was there, as it was."""
        return tuple(
            milestone_at(self._candidates[m.repository_id, m.number], moment)
            for m in self._milestones
            if m.created_at <= moment
        )

    def existed(self, repository_id: int, number: int, moment: datetime) -> bool:
        """Whether a milestone was made by then; one that is not stored is not doubted."""
        found = self._candidates.get((repository_id, number))
        return found is None or found[-1].created_at <= moment

    def guessed(self, moment: datetime) -> int:
        """Of how many milestones no version of that time was ever seen."""
        made = [c for c in self._candidates.values() if c[-1].created_at <= moment]
        return sum(all(v.updated_at > moment for v in candidates) for candidates in made)

    def number_of(self, repository_id: int, title: str, moment: datetime) -> int | None:
        """The milestone that was called so at that moment, or had been by then; the last made where several were."""
        key = repository_id, title.casefold().strip(), moment
        if key not in self._resolved:
            self._resolved[key] = self._find(*key)
        return self._resolved[key]

    def _find(self, repository_id: int, title: str, moment: datetime) -> int | None:
        found: list[tuple[bool, datetime, int]] = []
        for number in self._numbers.get(repository_id, ()):
            candidates = self._candidates[repository_id, number]
            made = candidates[-1].created_at
            if made > moment:
                continue
            named = _title(milestone_at(candidates, moment)) == title
            if named or any(_title(v) == title for v in candidates if v.updated_at <= moment):
                found.append((named, made, number))
        return max(found)[2] if found else None


def milestone_at(candidates: Sequence[Milestone], moment: datetime) -> Milestone:
    """One milestone at a moment out of its versions, oldest first.

    A closing is stamped with its moment, so a later version that says "closed on the third" tells of the third.
    """
    known = [version for version in candidates if version.updated_at <= moment]
    later = next((version for version in candidates if version.updated_at > moment), None)
    if known:
        base = without_later_end(known[-1], moment)
    else:
        first = candidates[0]
        base = replace(first, state=State.OPEN, closed_at=None, updated_at=first.created_at)
    if later is None or base.state is State.CLOSED or later.closed_at is None or later.closed_at > moment:
        return base
    return replace(
        base, state=State.CLOSED, closed_at=later.closed_at, updated_at=max(base.updated_at, later.closed_at)
    )


def versions_at(versions: Iterable[Milestone], moment: datetime) -> tuple[Milestone, ...]:
    """The versions that GitHub had stamped by then."""
    return tuple(without_later_end(v, moment) for v in versions if v.created_at <= moment and v.updated_at <= moment)


def without_later_end(milestone: Milestone, moment: datetime) -> Milestone:
    """The milestone, open where it was closed only later."""
    if milestone.closed_at is None or milestone.closed_at <= moment:
        return milestone
    return replace(milestone, state=State.OPEN, closed_at=None)


def _title(milestone: Milestone) -> str:
    return milestone.title.casefold().strip()


def _order(version: Milestone, *, newest: bool) -> tuple[object, ...]:
    return version.updated_at, newest, version.observed_at, str(version.due_on), version.title
