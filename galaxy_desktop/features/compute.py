"""The six families put together: a sprint at a moment becomes a feature set.

    index -> edges -> code, text, temporal, graph, sentiment, ci -> facts of items -> history and burnup

Pure: equal snapshot, sprint and `now` give an equal feature set, whatever order the records came in. Evaluating
several sprints of one snapshot, make the index, the edges and `shared` once and hand them in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from galaxy_desktop.domain.facts import Dependency, FeatureSet
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.features import ci, code, flow, graph, scope, sentiment, team, temporal, text
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.index import WorkspaceIndex, index_of
from galaxy_desktop.features.item_facts import Surroundings, facts_of
from galaxy_desktop.features.looks import earlier_looks
from galaxy_desktop.features.sentiment_model import SentimentModel
from galaxy_desktop.features.shared import Shared
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.features.troubles import troubles
from galaxy_desktop.features.view import SprintView


def compute(
    snapshot: Snapshot,
    sprint: Sprint,
    now: datetime,
    *,
    holidays: frozenset[date] = frozenset(),
    embeddings: Mapping[str, Sequence[float]] | None = None,
    edges: tuple[Dependency, ...] | None = None,
    index: WorkspaceIndex | None = None,
    sentiment_model: SentimentModel | None = None,
    shared: Shared | None = None,
) -> FeatureSet:
    """All features of a sprint; `embeddings` maps evidence ids to vectors, without them duplicates are not known.

    Comments and reviews with a vector there (the mean of their sentences', see `sentiment_text.sentences`) are read by
    the `sentiment_model`, the others by the word list.
    """
    lookup = index or index_of(snapshot)
    all_edges = dependency_edges(snapshot, index=lookup) if edges is None else edges
    view = SprintView(lookup, sprint, now, all_edges, holidays, embeddings, sentiment_model, shared)
    every = view.shared.once("sprints", None, lambda: group_sprints(snapshot, now, index=lookup))
    history = flow.history(view, every)
    active = graph.active_edges(view)
    ids = {item.evidence_id for item in view.items}
    rings = tuple(ring for ring in graph.cycles(active) if ids.intersection(ring))
    waits_for, holds_up = graph.neighbors(active)
    conflicts = code.conflicts_of(view)
    duplicates = text.near_duplicates(view)
    talk = {item.evidence_id: sentiment.remarks(item, view) for item in view.items}
    streak = ci.longest_streak(view)
    came, went = scope.added(view), scope.removed(view)
    around = Surroundings(waits_for, holds_up, conflicts, duplicates, talk, team.closed_by_pulls(view))
    return FeatureSet(
        sprint_id=sprint.id,
        as_of=now,
        features=(
            *code.features(view, conflicts),
            *text.features(view, duplicates),
            *flow.features(view, history),
            *temporal.features(view, history, came, went),
            *graph.features(view, active, rings),
            *sentiment.features(view, [(item, talk[item.evidence_id]) for item in view.items]),
            *ci.features(view, streak),
        ),
        items=tuple(facts_of(item, view, around) for item in view.items),
        edges=tuple(graph.touching(all_edges, ids)),
        cycles=rings,
        history=history,
        burnup=scope.burnup(view, went),
        added_since_start=tuple(change.item.evidence_id for change in came),
        removed_since_start=tuple(change.item.evidence_id for change in went),
        longest_red=tuple(run.evidence for run in streak),
        earlier=earlier_looks(view, came, went, around.parts),
        troubles=troubles(view, came, went),
        ended=flow.ending(view),
    )
