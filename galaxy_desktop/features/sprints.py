"""Sprints out of milestones (and iterations, see there): GitHub's milestones belong to one repository, a team works across several.

Milestones become one sprint when they carry the same title or end on the same day in *different*
repositories. Two rules keep that honest:

- Two milestones of one repository are never thrown together unless their titles are the same. Where a
  repository has two candidates that end on the same day, nobody can say which one is meant, so neither is
  joined by its day.
- Open goes with open and closed with closed, with one exception: a closed milestone stays in the sprint of
  an open one that has both its title and its end, so that a sprint does not fall apart (and lose its id) when
  one repository finishes first.

The id is made from the smallest GitHub id in the group: it survives renames of repositories and milestones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import Milestone, State
from galaxy_desktop.features.index import WorkspaceIndex, index_of
from galaxy_desktop.features.iterations import with_iterations

TITLES_SHOWN = 3

_VERSION_PREFIX = re.compile(r"^v(?:ersion)?[\s.]*(?=\d)")


def group_sprints(
    snapshot: Snapshot,
    now: datetime,
    confirmed: frozenset[str] = frozenset(),
    *,
    index: WorkspaceIndex | None = None,
) -> tuple[Sprint, ...]:
    """All sprints of the workspace: open ones by their end, then closed ones, the latest closed first.

    A due date is a day and needs no zone; `now` decides only whether an iteration is over.
    """
    lookup = index or index_of(snapshot)
    sprints = [_sprint(group, lookup, confirmed) for group in _groups(lookup.milestones)]
    sprints = with_iterations(sprints, snapshot, lookup, now, confirmed)
    return tuple(sorted(sprints, key=lambda sprint: _shown_order(sprint, now)))


def same_title(title: str) -> str:
    """What two titles have in common when people mean the same: "v1.2 " and "1.2", "Sprint 7" and "sprint  7"."""
    folded = " ".join(title.casefold().split())
    return _VERSION_PREFIX.sub("", folded)


def due_history(milestone: Milestone, versions: Sequence[Milestone]) -> tuple[date, ...]:
    """Every due day seen, oldest first, no day twice in a row; the present one is last when there is one."""
    days: list[date] = []
    for version in (*versions, milestone):
        if version.due_on is not None and (not days or days[-1] != version.due_on):
            days.append(version.due_on)
    return tuple(days)


def _groups(milestones: Iterable[Milestone]) -> list[tuple[Milestone, ...]]:
    ordered = sorted(milestones, key=lambda m: m.id)
    opened = _merge([m for m in ordered if m.state is State.OPEN])
    closed = _merge([m for m in ordered if m.state is State.CLOSED])
    for group in list(closed):
        host = next((o for o in opened if _finished_part(group, o)), None)
        if host is not None:
            closed.remove(group)
            opened[opened.index(host)] = sorted([*host, *group], key=lambda m: m.id)
    return [tuple(group) for group in (*opened, *closed)]


def _merge(milestones: Sequence[Milestone]) -> list[list[Milestone]]:
    """Groups by title first, because a title is a name; then by the day they end."""
    by_title: dict[str, list[Milestone]] = {}
    for milestone in milestones:
        by_title.setdefault(same_title(milestone.title), []).append(milestone)
    groups = list(by_title.values())
    for day in sorted({m.due_on for m in milestones if m.due_on is not None}):
        groups = _merge_by_day(groups, day)
    return groups


def _merge_by_day(groups: list[list[Milestone]], day: date) -> list[list[Milestone]]:
    ending = [g for g in groups if any(m.due_on == day for m in g)]
    seen: dict[int, int] = {}
    for group in ending:
        for repository in {m.repository_id for m in group}:
            seen[repository] = seen.get(repository, 0) + 1
    joined = [g for g in ending if all(seen[m.repository_id] == 1 for m in g)]
    if len(joined) < 2:
        return groups
    whole = sorted((m for g in joined for m in g), key=lambda m: m.id)
    return [g for g in groups if g not in joined] + [whole]


def _finished_part(closed: Sequence[Milestone], opened: Sequence[Milestone]) -> bool:
    """Whether the closed group is the part of an open sprint that one repository finished first."""
    names = {(same_title(m.title), m.due_on) for m in opened if m.due_on is not None}
    if not all((same_title(m.title), m.due_on) in names for m in closed):
        return False
    return not {m.repository_id for m in closed} & {m.repository_id for m in opened}


def _sprint(group: tuple[Milestone, ...], lookup: WorkspaceIndex, confirmed: frozenset[str]) -> Sprint:
    first = group[0]
    sprint_id = f"sprint-{first.id}"
    open_ones = [m for m in group if m.state is State.OPEN]
    last = max(group, key=lambda m: (m.due_on or date.min, -m.id))
    history = due_history(last, lookup.versions_of_milestone.get((last.repository_id, last.number), ()))
    items = sorted(
        (i for m in group for i in lookup.items_of_milestone.get((m.repository_id, m.number), ())),
        key=lambda i: (i.repository, i.number),
    )
    return Sprint(
        id=sprint_id,
        title=_title(group),
        repositories=tuple(sorted({m.repository for m in group})),
        milestones=tuple(m.evidence_id for m in sorted(group, key=lambda m: (m.repository, m.number))),
        items=tuple(i.evidence_id for i in items),
        starts_at=min(m.created_at for m in group),
        due_on=last.due_on,
        due_history=history,
        state=State.OPEN if open_ones else State.CLOSED,
        closed_at=None if open_ones else max((m.closed_at for m in group if m.closed_at), default=None),
        why_grouped=_why(group),
        confirmed=len(group) == 1 or sprint_id in confirmed,
    )


def _title(group: Sequence[Milestone]) -> str:
    titles: dict[str, str] = {}
    for milestone in group:
        titles.setdefault(same_title(milestone.title), milestone.title.strip())
    shown = list(titles.values())
    more = f" and {len(shown) - TITLES_SHOWN} more" if len(shown) > TITLES_SHOWN else ""
    return " / ".join(shown[:TITLES_SHOWN]) + more


def _why(group: Sequence[Milestone]) -> str:
    if len(group) == 1:
        return ""
    titles = {same_title(m.title) for m in group}
    if len(titles) == 1:
        return f"same title in {_repositories(group)}"
    reasons = []
    for title in sorted(titles):
        named = [m for m in group if same_title(m.title) == title]
        if len(named) > 1:
            reasons.append(f'same title "{named[0].title.strip()}" in {_repositories(named)}')
    for day in sorted({m.due_on for m in group if m.due_on is not None}):
        ending = [m for m in group if m.due_on == day]
        if len(ending) > 1:
            reasons.append(f"same end {day.isoformat()} in {_repositories(ending)}")
    return "; ".join(reasons)


def _repositories(group: Iterable[Milestone]) -> str:
    count = len({m.repository_id for m in group})
    return f"{count} repositories" if count != 1 else "1 repository"


def _shown_order(sprint: Sprint, now: datetime) -> tuple[int, date, float, str, str]:
    if sprint.state is State.OPEN:
        return 0, sprint.due_on or date.max, 0.0, sprint.title, sprint.id
    closed = sprint.closed_at or datetime.min.replace(tzinfo=UTC)
    return 1, date.max, (now - closed).total_seconds(), sprint.title, sprint.id
