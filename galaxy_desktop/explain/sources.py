"""From evidence ids to evidence: what an answer cites, ready to be opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from galaxy_desktop.domain.evidence import (
    Evidence,
    excerpt,
    of_check,
    of_comment,
    of_item,
    of_iteration,
    of_milestone,
    of_run,
)
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.sprints import Snapshot


def sources_of(analysis: Analysis, snapshot: Snapshot, ids: Sequence[str]) -> tuple[Evidence, ...]:
    """The evidence behind some ids, in their order; an id that nothing is stored for any more is left out."""
    wanted = dict.fromkeys(ids)
    found: dict[str, Evidence] = {}
    for one in (*_stored(snapshot, set(wanted)), *_told(analysis)):
        if one.id in wanted:
            found.setdefault(one.id, one)
    return tuple(found[one] for one in wanted if one in found)


def _stored(snapshot: Snapshot, wanted: set[str]) -> Iterator[Evidence]:
    for item_id in wanted & snapshot.items_by_id.keys():
        yield of_item(snapshot.items_by_id[item_id])
    yield from (of_milestone(m) for m in snapshot.milestones if m.evidence_id in wanted)
    yield from (of_iteration(i) for board in snapshot.boards for i in board.iterations if i.evidence_id in wanted)
    yield from (of_comment(c) for c in snapshot.comments if c.evidence_id in wanted)
    yield from (of_run(run) for run in snapshot.runs if run.evidence_id in wanted)
    yield from (of_check(check) for check in snapshot.checks if check.evidence_id in wanted)
    for release in snapshot.releases:
        if release.evidence_id in wanted:
            day = release.published_at or release.created_at
            quote = f"{excerpt(release.tag, 80)}, {day.date().isoformat()}"
            yield Evidence(release.evidence_id, "release", release.url, quote, release.observed_at)
    for one in snapshot.deployments:
        if one.evidence_id in wanted:
            quote = f"{excerpt(one.environment, 80)}: {one.state or 'no result yet'}"
            yield Evidence(one.evidence_id, "deployment", one.url, quote, one.observed_at)
    for review in snapshot.reviews:
        if review.evidence_id in wanted:
            quote = excerpt(review.body) if review.body.strip() else review.verdict.replace("_", " ")
            yield Evidence(review.evidence_id, "review", review.url, quote, review.observed_at)
    for commit in snapshot.commits:
        if commit.evidence_id in wanted:
            yield Evidence(commit.evidence_id, "commit", commit.url, excerpt(commit.message), commit.observed_at)


def _told(analysis: Analysis) -> Iterator[Evidence]:
    """What the evaluation itself cites: numbers of ours, and words that dependencies and risks were found in."""
    for sprint in analysis.sprints:
        groups: list[Iterable[Evidence]] = [part.evidence for part in sprint.health.parts]
        groups += [risk.evidence for risk in sprint.risks]
        groups += [action.evidence for action in sprint.recommendations]
        groups += [feature.evidence for feature in sprint.features.features]
        groups += [(facts.red_run,) for facts in sprint.features.items if facts.red_run is not None]
        groups += [past.evidence for past in sprint.similar.sprints] if sprint.similar else []
        for group in groups:
            yield from group
    for followed in analysis.follow_ups:
        yield from followed.evidence
        yield from followed.intervention.evidence
    for edge in analysis.dependencies:
        yield from edge.evidence
