"""The scope of a sprint by how it came, and its burnup and burndown in items and in points.

Each item of a sprint is of exactly one kind, by its membership events:

- **carried over**: it left one earlier sprint unfinished. It was in that sprint after its planning days and was still
  open when it left (or is in it, unfinished and over, now). A sprint is earlier when it has an end before this one's;
  a milestone without an end is a list, and nothing is carried over from a list.
- **carried over twice**: that happened in two or more earlier sprints.
- **added**: it entered after the planning days (`scope.PLANNING_DAYS`) and is not carried over.
- **planned**: everything else that is in it.
- **removed**: it was taken out after the planning days and is not in it now.

GitHub tells milestones by events that carry a title; iterations of a board are known as they are now, and an earlier
one is known only where the item still stands in it on some board. So carried over is a lower bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from galaxy_desktop.domain.calendar import each_day, is_working, local_day
from galaxy_desktop.domain.evidence import Evidence, of_item, unique
from galaxy_desktop.domain.flow import Burn, BurnDay, Head, ScopeItem, ScopeKind, Unit
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import ItemEvent, WorkItem
from galaxy_desktop.features.activity import finished_at
from galaxy_desktop.features.catalog import MOST_EVIDENCE
from galaxy_desktop.features.flow_points import Points, points_of, usable
from galaxy_desktop.features.flow_words import amount, counted
from galaxy_desktop.features.index import WorkspaceIndex, key_of
from galaxy_desktop.features.scope import PLANNING_DAYS, added, entered_at, removed, sprint_titles, titles_of
from galaxy_desktop.features.temporal import end_of
from galaxy_desktop.features.view import SprintView

MOST_DAYS = 400
IN_SCOPE = (ScopeKind.PLANNED, ScopeKind.ADDED, ScopeKind.CARRIED, ScopeKind.CARRIED_TWICE)
_MEMBERSHIP = ("milestoned", "demilestoned")

Amounts = defaultdict[date, float]
"""What a day brings, in items or points; nothing on other days."""

Named = Mapping[tuple[int, str], tuple[tuple[datetime, Sprint], ...]]
"""Sprints by repository id and folded milestone title, each with when that milestone was made."""


@dataclass(frozen=True, slots=True)
class _Stay:
    """An item was in a sprint until then."""

    sprint: Sprint
    left_at: datetime


def sprints_by_title(sprints: Iterable[Sprint], index: WorkspaceIndex) -> Named:
    """Which sprint an event means; make it once for all sprints of a workspace."""
    found: dict[tuple[int, str], list[tuple[datetime, Sprint]]] = {}
    for sprint in sprints:
        for milestone in index.milestones_of(sprint):
            for title in titles_of(milestone, index):
                found.setdefault((milestone.repository_id, title), []).append((milestone.created_at, sprint))
    return {key: tuple(sorted(rows, key=lambda row: (row[0], row[1].id))) for key, rows in found.items()}


def scope_items(view: SprintView, named: Named, boards: Points) -> tuple[ScopeItem, ...]:
    """Every item that is in the sprint, or was taken out of it after planning, with how it came."""
    late = {change.item.evidence_id: change.evidence for change in added(view)}
    gone = {change.item.evidence_id: change for change in removed(view)}
    titles = sprint_titles(view)
    found = []
    for item in (*view.items, *(change.item for change in gone.values())):
        out = gone.get(item.evidence_id)
        earlier = _left_unfinished(item, view, named) if out is None else ()
        kind, cited = _kind(item, late, earlier)
        names = titles.get(item.repository_id, frozenset())
        entry = local_day(entered_at(item, view.index, names, view.sprint.iterations), view.now)
        end = finished_at(item)
        found.append(
            ScopeItem(
                item_id=item.evidence_id,
                title=item.title,
                kind=ScopeKind.REMOVED if out else kind,
                entered_on=entry,
                left_on=local_day(out.at, view.now) if out else None,
                done_on=max(entry, local_day(end, view.now)) if end and not out else None,
                points=points_of(item, boards),
                earlier=tuple(stay.sprint.title for stay in earlier),
                url=item.url,
                evidence=(out.evidence if out else cited,),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.entered_on, one.item_id)))


def burn(view: SprintView, scope: Sequence[ScopeItem], unit: Unit) -> Burn:
    """Burnup and burndown in one unit, from the sprint's start until now or its closing."""
    inside = [one for one in scope if one.kind is not ScopeKind.REMOVED]
    why = _why_not(view, inside, unit)
    if why:
        return Burn(head=Head(finding=why, formula="", why_none=why, evidence=view.anchor), unit=unit)
    weigh = _weight(unit)
    days = _days(view, scope, weigh)
    if not days:
        why = "The sprint has not begun yet."
        return Burn(head=Head(finding=why, formula="", why_none=why, evidence=view.anchor), unit=unit)
    totals = tuple(
        (kind, sum((weigh(one) for one in scope if one.kind is kind), 0.0)) for kind in (*IN_SCOPE, ScopeKind.REMOVED)
    )
    head = Head(
        finding=_finding(days[-1], unit),
        formula=_formula(days[-1], inside, unit),
        evidence=_evidence(view, scope),
    )
    return Burn(head=head, unit=unit, days=days, guide=_guide(view, days), totals=totals)


def _kind(item: WorkItem, late: Mapping[str, Evidence], earlier: Sequence[_Stay]) -> tuple[ScopeKind, Evidence]:
    if earlier:
        names = ", ".join(stay.sprint.title for stay in earlier)
        said = of_item(item, f"left unfinished in {names}")
        return ScopeKind.CARRIED if len(earlier) == 1 else ScopeKind.CARRIED_TWICE, said
    if item.evidence_id in late:
        return ScopeKind.ADDED, late[item.evidence_id]
    return ScopeKind.PLANNED, of_item(item)


def _left_unfinished(item: WorkItem, view: SprintView, named: Named) -> tuple[_Stay, ...]:
    """The earlier sprints in which this item was when they ran, and which it left unfinished, oldest first."""
    done = finished_at(item)
    last: dict[str, _Stay] = {}
    for stay in (*_stays(item, view, named), *_old_iterations(item, view)):
        starts = stay.sprint.starts_at
        was_there = starts is None or stay.left_at > starts + timedelta(days=PLANNING_DAYS)
        if _earlier(stay.sprint, view.sprint) and was_there and (done is None or done > stay.left_at):
            last[stay.sprint.id] = stay
    return tuple(sorted(last.values(), key=lambda stay: (stay.sprint.due_on or date.min, stay.sprint.id)))


def _stays(item: WorkItem, view: SprintView, named: Named) -> list[_Stay]:
    """When an item left which sprint, by its events: taken out, or given another milestone."""
    events = [e for e in view.index.events_of.get(key_of(item), ()) if e.kind in _MEMBERSHIP]
    found: list[_Stay] = []
    inside: Sprint | None = None
    for event in events:
        meant = _meant(event, named)
        if inside is not None and (event.kind == "milestoned" or meant is inside):
            found.append(_Stay(inside, event.created_at))
        elif event.kind == "demilestoned" and meant is not None:
            found.append(_Stay(meant, event.created_at))
        inside = meant if event.kind == "milestoned" else None
    return found


def _meant(event: ItemEvent, named: Named) -> Sprint | None:
    """The sprint of the newest milestone of that title that was there at the time of the event."""
    rows = named.get((event.repository_id, event.subject.casefold().strip()), ())
    there = [sprint for made, sprint in rows if made <= event.created_at]
    return there[-1] if there else rows[0][1] if rows else None


def _old_iterations(item: WorkItem, view: SprintView) -> list[_Stay]:
    """Iterations that are over and in which the item still stands on some board."""
    found = []
    for evidence_id in view.index.iterations_of.get(key_of(item), {}):
        iteration = view.index.iterations_by_id[evidence_id]
        over = end_of(iteration.last_day, view.now)
        if evidence_id not in view.sprint.iterations and over <= view.now:
            start = datetime.combine(iteration.starts_on, datetime.min.time(), view.now.tzinfo)
            past = Sprint(
                id=evidence_id, title=iteration.title, repositories=(), milestones=(), items=(), starts_at=start,
                due_on=iteration.last_day, due_history=(), state=view.sprint.state, iterations=(evidence_id,),
            )  # fmt: skip
            found.append(_Stay(past, over))
    return found


def _earlier(other: Sprint, sprint: Sprint) -> bool:
    if other.id == sprint.id or other.due_on is None:
        return False
    if sprint.due_on is not None:
        return other.due_on < sprint.due_on
    return other.starts_at is not None and sprint.starts_at is not None and other.starts_at < sprint.starts_at


def _why_not(view: SprintView, inside: Sequence[ScopeItem], unit: Unit) -> str:
    if not view.sprint.id:
        return "There is no sprint yet: give a milestone a due date, or use iterations of a Projects board."
    if view.sprint.starts_at is None:
        return "The sprint has no start, so there is no first day to draw."
    if not inside:
        return "The sprint has no items yet."
    return usable([one.points for one in inside])[1] if unit is Unit.POINTS else ""


def _weight(unit: Unit) -> Callable[[ScopeItem], float]:
    return (lambda one: one.points or 0.0) if unit is Unit.POINTS else (lambda one: 1.0)


def _days(view: SprintView, scope: Sequence[ScopeItem], weigh: Callable[[ScopeItem], float]) -> tuple[BurnDay, ...]:
    if view.sprint.starts_at is None:
        return ()
    first, last = local_day(view.sprint.starts_at, view.now), local_day(view.until, view.now)
    first = max(first, last - timedelta(days=MOST_DAYS - 1))
    planned_until = local_day(view.sprint.starts_at + timedelta(days=PLANNING_DAYS), view.now)
    came: dict[ScopeKind, Amounts] = {kind: defaultdict(float) for kind in IN_SCOPE}
    done: Amounts = defaultdict(float)
    out: Amounts = defaultdict(float)
    for one in scope:
        weight, entry = weigh(one), max(one.entered_on, first)
        if one.kind is ScopeKind.REMOVED and one.left_on is not None:
            kind = ScopeKind.ADDED if one.entered_on > planned_until else ScopeKind.PLANNED
            left = max(one.left_on, entry)
            came[kind][entry] += weight
            came[kind][left] -= weight
            out[left] += weight
        else:
            came[one.kind][entry] += weight
        if one.done_on is not None:
            done[max(one.done_on, entry)] += weight
    return _summed(first, last, came, done, out)


def _summed(
    first: date, last: date, came: Mapping[ScopeKind, Amounts], done: Amounts, out: Amounts
) -> tuple[BurnDay, ...]:
    totals = dict.fromkeys(IN_SCOPE, 0.0)
    finished = gone = 0.0
    found = []
    for day in each_day(first, last):
        for kind in IN_SCOPE:
            totals[kind] += came[kind][day]
        finished += done[day]
        gone += out[day]
        found.append(
            BurnDay(
                day=day,
                planned=totals[ScopeKind.PLANNED],
                added=totals[ScopeKind.ADDED],
                carried=totals[ScopeKind.CARRIED],
                carried_twice=totals[ScopeKind.CARRIED_TWICE],
                done=finished,
                removed=gone,
            )
        )
    return tuple(found)


def _guide(view: SprintView, days: Sequence[BurnDay]) -> tuple[tuple[date, float], ...]:
    """An even burndown from the first day after planning to the due day; flat on days off."""
    due = view.sprint.due_on
    begin = days[0].day + timedelta(days=int(PLANNING_DAYS) - 1)
    if due is None or due <= begin or (due - begin).days > MOST_DAYS:
        return ()
    start = next((one.left for one in days if one.day >= begin), days[-1].left)
    working = [day for day in each_day(begin + timedelta(days=1), due) if is_working(day, view.holidays)]
    if not working:
        return ()
    step = start / len(working)
    line, left = [(begin, start)], start
    for day in each_day(begin + timedelta(days=1), due):
        left -= step if is_working(day, view.holidays) else 0.0
        line.append((day, max(0.0, round(left, 6))))
    return tuple(line)


def _finding(last: BurnDay, unit: Unit) -> str:
    parts = [f"{amount(last.done)} of {amount(last.scope)} {unit} done"]
    over = last.carried + last.carried_twice
    changes = [
        f"{amount(value)} {word}"
        for value, word in ((last.added, "added"), (over, "carried over"), (last.removed, "removed"))
        if value
    ]
    parts.append(", ".join(changes) if changes else "scope as planned")
    return "; ".join(parts)


def _formula(last: BurnDay, inside: Sequence[ScopeItem], unit: Unit) -> str:
    text = (
        f"In scope = planned {amount(last.planned)} + added {amount(last.added)} + carried over {amount(last.carried)} "
        f"+ carried over twice {amount(last.carried_twice)} = {amount(last.scope)} {unit}. "
        f"Left = in scope {amount(last.scope)} - done {amount(last.done)} = {amount(last.left)}. "
        f"Removed {amount(last.removed)} are no longer in scope. Planning is the first {PLANNING_DAYS:g} days; "
        "carried over means left unfinished in one earlier sprint, twice in two or more; done means closed."
    )
    if unit is Unit.POINTS:
        bare = sum(one.points is None for one in inside)
        text += f" {counted(bare, 'item')} without points {'is' if bare == 1 else 'are'} not counted."
    return text


def _evidence(view: SprintView, scope: Sequence[ScopeItem]) -> tuple[Evidence, ...]:
    """The sprint itself, then what changed its scope, the newest first."""
    changed = [one for one in scope if one.kind is not ScopeKind.PLANNED]
    changed.sort(key=lambda one: (one.left_on or one.entered_on, one.item_id), reverse=True)
    return unique((*view.anchor, *(cited for one in changed for cited in one.evidence)))[:MOST_EVIDENCE]
