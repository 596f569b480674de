"""The flow report: everything that the Flow page shows, from a snapshot and a moment.

    index, edges -> view of the sprint -> journeys -> burn, bands, scatter, ages, throughput, XmR, DORA, velocity

Pure: equal records give an equal report. The parts that belong to one sprint are burnup and burndown and the age of
open work; all others look at the sprint's repositories. Where there is no sprint, they look at every repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from galaxy_desktop.domain.facts import Dependency
from galaxy_desktop.domain.flow import FlowReport, SprintName, Unit
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.flow_dora import dora_keys
from galaxy_desktop.features.flow_pace import cycle_dots, cycle_scatter, throughput
from galaxy_desktop.features.flow_points import RULE, board_points
from galaxy_desktop.features.flow_scope import burn, scope_items, sprints_by_title
from galaxy_desktop.features.flow_states import aging_work, cumulative_flow, journeys
from galaxy_desktop.features.flow_velocity import velocity
from galaxy_desktop.features.flow_xmr import process_charts, stability
from galaxy_desktop.features.index import WorkspaceIndex, index_of
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.features.view import SprintView


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlowScene:
    """What the reports of all sprints of one snapshot share; made once with `scene_of`."""

    snapshot: Snapshot
    index: WorkspaceIndex
    edges: tuple[Dependency, ...]
    sprints: tuple[Sprint, ...]
    now: datetime
    holidays: frozenset[date]


def scene_of(
    snapshot: Snapshot,
    now: datetime,
    *,
    holidays: frozenset[date] = frozenset(),
    edges: tuple[Dependency, ...] | None = None,
    index: WorkspaceIndex | None = None,
) -> FlowScene:
    """Index a snapshot; `now` is an aware moment in the user's zone."""
    lookup = index or index_of(snapshot)
    return FlowScene(
        snapshot=snapshot,
        index=lookup,
        edges=dependency_edges(snapshot, index=lookup) if edges is None else edges,
        sprints=group_sprints(snapshot, now, index=lookup),
        now=now,
        holidays=holidays,
    )


def flow_report(scene: FlowScene, sprint_id: str = "") -> FlowReport:
    """The report of one sprint; of the first one when there is none of that id, of all repositories without any."""
    chosen = next((one for one in scene.sprints if one.id == sprint_id), None)
    sprint = chosen or next(iter(scene.sprints), None) or _everything(scene.snapshot)
    view = SprintView(scene.index, sprint, scene.now, scene.edges, scene.holidays)
    items = view.repository_items()
    ways = journeys(view, items)
    boards = board_points(scene.snapshot)
    named = sprints_by_title(scene.sprints, scene.index)
    scope = scope_items(view, named, boards)
    pace = throughput(view, items)
    processes = process_charts(pace.weeks, cycle_dots(view, ways))
    return FlowReport(
        as_of=scene.now,
        sprint_id=sprint.id,
        sprint_title=sprint.title,
        sprints=tuple(SprintName(sprint_id=s.id, title=s.title, open=s.state is State.OPEN) for s in scene.sprints),
        repositories=sprint.repositories,
        history_complete=scene.snapshot.history_complete,
        points_rule=RULE,
        scope=scope,
        burn=burn(view, scope, Unit.ITEMS),
        burn_points=burn(view, scope, Unit.POINTS),
        cumulative=cumulative_flow(view, ways),
        cycle=cycle_scatter(view, ways),
        aging=aging_work(view, ways),
        throughput=pace,
        processes=processes,
        stability=stability(processes),
        dora=dora_keys(scene.snapshot, view),
        velocity=velocity(view, scene.sprints, named, boards),
    )


def _everything(snapshot: Snapshot) -> Sprint:
    """All repositories as if they were one sprint without items, for workspaces that have no sprint yet."""
    return Sprint(
        id="", title="All repositories", repositories=tuple(sorted(r.full_name for r in snapshot.repositories)),
        milestones=(), items=(), starts_at=None, due_on=None, due_history=(), state=State.OPEN,
    )  # fmt: skip
