"""Sprints out of iterations of GitHub Projects boards: an iteration crosses repositories by itself.

Iterations of several boards with the same title and the same days are one sprint. An iteration whose title is that of
one open milestone sprint joins it, because a name is what people agree on; the same days alone do not join, since
a release may end on the day on which an iteration does. Iterations without items are shown only while they run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.projects import Iteration
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State, WorkItem
from galaxy_desktop.features.index import WorkspaceIndex


def with_iterations(
    sprints: Sequence[Sprint], snapshot: Snapshot, lookup: WorkspaceIndex, now: datetime, confirmed: frozenset[str]
) -> list[Sprint]:
    """The sprints made of milestones, joined by those made of iterations; days are those of the zone of `now`."""
    found = list(sprints)
    for group in _groups(snapshot):
        items = _items(group, snapshot, lookup)
        running = group[0].starts_on <= local_day(now, now) <= group[0].last_day
        if not items and not running:
            continue
        made = _sprint(group, items, snapshot, now, confirmed)
        hosts = [s for s in found if _joins(s, made)]
        if len(hosts) == 1 and made.state is State.OPEN:
            found[found.index(hosts[0])] = _joined(hosts[0], made, confirmed)
        else:
            found.append(made)
    return found


def _groups(snapshot: Snapshot) -> list[tuple[Iteration, ...]]:
    """Iterations of the same title and days, in a fixed order."""
    groups: defaultdict[tuple[object, ...], list[Iteration]] = defaultdict(list)
    for board in sorted(snapshot.boards, key=lambda b: b.id):
        for iteration in board.iterations:
            name = " ".join(iteration.title.casefold().split())
            groups[iteration.starts_on, iteration.days, name].append(iteration)
    return [tuple(groups[key]) for key in sorted(groups, key=str)]


def _items(group: Sequence[Iteration], snapshot: Snapshot, lookup: WorkspaceIndex) -> list[WorkItem]:
    wanted = {(i.project_id, i.id) for i in group}
    keys = {
        (item.repository_id, item.item_number)
        for board in snapshot.boards
        for item in board.items
        if (board.id, item.iteration_id) in wanted
    }
    stored = [lookup.items_by_key[key] for key in keys if key in lookup.items_by_key]
    return sorted(stored, key=lambda i: (i.repository, i.number))


def _sprint(
    group: Sequence[Iteration], items: Sequence[WorkItem], snapshot: Snapshot, now: datetime, confirmed: frozenset[str]
) -> Sprint:
    first = group[0]
    sprint_id = f"sprint-iteration-{first.id}"
    over = first.last_day < local_day(now, now)
    repositories = {i.repository for i in items} or {r.full_name for r in snapshot.repositories}
    midnight = datetime.combine(first.starts_on, time(), now.tzinfo)
    after = datetime.combine(first.last_day + timedelta(days=1), time(), now.tzinfo)
    return Sprint(
        id=sprint_id,
        title=first.title.strip() or f"{first.project_title}, {first.starts_on.isoformat()}",
        repositories=tuple(sorted(repositories)),
        milestones=(),
        items=tuple(i.evidence_id for i in items),
        starts_at=midnight,
        due_on=first.last_day,
        due_history=(first.last_day,),
        state=State.CLOSED if over else State.OPEN,
        closed_at=after if over else None,
        why_grouped=f"same title and days on {len(group)} boards" if len(group) > 1 else "",
        confirmed=len(group) == 1 or sprint_id in confirmed,
        iterations=tuple(i.evidence_id for i in group),
    )


def _joins(milestones: Sprint, made: Sprint) -> bool:
    same = " ".join(milestones.title.casefold().split()) == " ".join(made.title.casefold().split())
    return same and milestones.state is State.OPEN and bool(milestones.milestones) and not milestones.iterations


def _joined(milestones: Sprint, made: Sprint, confirmed: frozenset[str]) -> Sprint:
    """A milestone sprint with the items of an iteration of the same name; a due day that people set counts more."""
    why = f'same title as the iteration "{made.title}"'
    return replace(
        milestones,
        repositories=tuple(sorted({*milestones.repositories, *made.repositories})),
        items=tuple(sorted({*milestones.items, *made.items}, key=_by_place)),
        starts_at=made.starts_at,
        due_on=milestones.due_on or made.due_on,
        due_history=milestones.due_history or made.due_history,
        why_grouped="; ".join(filter(None, (milestones.why_grouped, why))),
        confirmed=milestones.id in confirmed,
        iterations=made.iterations,
    )


def _by_place(evidence_id: str) -> tuple[str, int]:
    place, _, number = evidence_id.partition(":")[2].partition("#")
    return place, int(number)
