"""What past sprints planned and delivered: by items always, by points where they exist, and always as a range.

Planned is what was in scope at the end of planning, carried-over items and later removals included. Delivered is what
was merged or closed as done, in the sprint, by its closing. A single number is never shown without its range, and
none below three sprints.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence, of_iteration, of_milestone, unique
from galaxy_desktop.domain.flow import Head, ScopeItem, ScopeKind, Spread, SprintPace, Velocity
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.features.activity import finished_at
from galaxy_desktop.features.catalog import MOST_EVIDENCE
from galaxy_desktop.features.flow_points import Points, usable
from galaxy_desktop.features.flow_scope import Named, scope_items
from galaxy_desktop.features.flow_words import amount, counted, median
from galaxy_desktop.features.scope import PLANNING_DAYS
from galaxy_desktop.features.view import SprintView

MOST_SPRINTS = 8
FEWEST_SPRINTS = 3


def velocity(view: SprintView, sprints: Iterable[Sprint], named: Named, boards: Points) -> Velocity:
    """The last eight closed sprints that share a repository with this one, the oldest first."""
    past = [one for one in sprints if _counts(one, view)]
    past.sort(key=lambda one: (_ended(one, view), one.id))
    chosen = past[-MOST_SPRINTS:]
    paces = tuple(_pace(one, view, named, boards) for one in chosen)
    if len(paces) < FEWEST_SPRINTS:
        why = f"Need {counted(FEWEST_SPRINTS, 'finished sprint')}, have {len(paces)}."
        return Velocity(head=Head(finding=why, formula="", why_none=why), sprints=paces, why_no_points=why)
    items = _spread([pace.done for pace in paces])
    estimated = [pace.done_points for pace in paces if pace.done_points is not None]
    points = _spread(estimated) if len(estimated) >= FEWEST_SPRINTS else None
    why = "" if points else f"Need {FEWEST_SPRINTS} finished sprints whose items carry points, have {len(estimated)}."
    return Velocity(
        head=Head(
            finding=_finding(items, points), formula=_formula(paces, items, points), evidence=_cite(chosen, view)
        ),
        sprints=paces,
        items=items,
        points=points,
        why_no_points=why,
    )


def _counts(sprint: Sprint, view: SprintView) -> bool:
    shares = bool(set(sprint.repositories) & set(view.sprint.repositories))
    closed = sprint.state is State.CLOSED and sprint.closed_at is not None and sprint.closed_at <= view.now
    return shares and closed and bool(sprint.items)


def _ended(sprint: Sprint, view: SprintView) -> date:
    """The last day of a closed sprint: that of its closing, or its due day when it was closed later."""
    closed = local_day(sprint.closed_at or view.now, view.now)
    return min(closed, sprint.due_on) if sprint.due_on else closed


def _pace(sprint: Sprint, view: SprintView, named: Named, boards: Points) -> SprintPace:
    seen = SprintView(view.index, sprint, view.now, view.edges, view.holidays)
    scope = scope_items(seen, named, boards)
    done = {
        item.evidence_id
        for item in seen.items
        if item.delivered and (end := finished_at(item)) is not None and end <= seen.until
    }
    planned = [one for one in scope if _at_planning(one, sprint, view)]
    delivered = [one for one in scope if one.item_id in done]
    estimated = usable([one.points for one in scope if one.kind is not ScopeKind.REMOVED])[0]
    return SprintPace(
        sprint_id=sprint.id,
        title=sprint.title,
        ended_on=_ended(sprint, view),
        planned=len(planned),
        done=len(delivered),
        planned_points=sum(one.points or 0.0 for one in planned) if estimated else None,
        done_points=sum(one.points or 0.0 for one in delivered) if estimated else None,
    )


def _at_planning(one: ScopeItem, sprint: Sprint, view: SprintView) -> bool:
    """Whether an item was in scope at the end of planning; without a start everything was."""
    if sprint.starts_at is None:
        return True
    return one.entered_on <= local_day(sprint.starts_at + timedelta(days=PLANNING_DAYS), view.now)


def _spread(values: Sequence[float]) -> Spread:
    return Spread(low=min(values), median=median(values), high=max(values), n=len(values))


def _finding(items: Spread, points: Spread | None) -> str:
    text = f"Between {amount(items.low)} and {amount(items.high)} items a sprint, half of them {amount(items.median)} or more"
    if points is not None:
        text += f"; {amount(points.low)} to {amount(points.high)} points"
    return text


def _formula(paces: Sequence[SprintPace], items: Spread, points: Spread | None) -> str:
    listed = ", ".join(f"{pace.title}: {pace.done}" for pace in paces)
    text = (
        f"Delivered by the closing of the last {len(paces)} sprints: {listed}. Range {amount(items.low)} to "
        f"{amount(items.high)}, median {amount(items.median)}. Planned is what was in scope after {PLANNING_DAYS:g} days."
    )
    if points is not None:
        text += f" In points: {amount(points.low)} to {amount(points.high)}, median {amount(points.median)}, n = {points.n}."
    return text


def _cite(chosen: Sequence[Sprint], view: SprintView) -> tuple[Evidence, ...]:
    """The milestones and iterations of these sprints, the newest first."""
    found: list[Evidence] = []
    for sprint in reversed(chosen):
        found += map(of_milestone, view.index.milestones_of(sprint))
        known = (view.index.iterations_by_id.get(one) for one in sprint.iterations)
        found += [of_iteration(one) for one in known if one is not None]
    return unique(found)[:MOST_EVIDENCE]
