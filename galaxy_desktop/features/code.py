"""Code: commits and churn, pull-request size, and pull requests that will collide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations

import numpy as np

from galaxy_desktop.domain.evidence import Evidence, excerpt, of_item
from galaxy_desktop.domain.facts import Feature
from galaxy_desktop.domain.work import Commit, ItemKind, WorkItem
from galaxy_desktop.features.catalog import known, missing
from galaxy_desktop.features.index import key_of
from galaxy_desktop.features.view import SprintView

MOST_SHARED = 40
"""A file that more open pull requests touch than this (a changelog, a lock file) tells nothing about a pair."""

Conflicts = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Item id -> id of the other pull request -> files that both change."""


def features(view: SprintView, conflicts: Conflicts) -> list[Feature]:
    """Commits, churn, size and conflicts of the sprint."""
    commits = _commits(view)
    return [
        _commit_count(view, commits),
        _churn(view, commits),
        _size(view),
        _commits_of_pulls(view),
        _conflicting(view, conflicts),
    ]


def size_lines(item: WorkItem) -> int | None:
    """Added plus deleted lines; `None` where they were not fetched."""
    if item.additions is None or item.deletions is None:
        return None
    return item.additions + item.deletions


def conflicts_of(view: SprintView) -> Conflicts:
    """Open pull requests of the sprint's repositories that change the same file, for each of the sprint's."""
    touching: defaultdict[tuple[int, str], list[WorkItem]] = defaultdict(list)
    for item in view.repository_items():
        if item.kind is ItemKind.PULL_REQUEST and item.is_open:
            for path in sorted(set(item.files or ())):
                touching[item.repository_id, path].append(item)
    inside = {item.evidence_id for item in view.items}
    found: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for (_, path), pulls in sorted(touching.items()):
        if len(pulls) > MOST_SHARED:
            continue
        for one, other in combinations(pulls, 2):
            if one.base_ref == other.base_ref and {one.evidence_id, other.evidence_id} & inside:
                found[one.evidence_id][other.evidence_id].append(path)
                found[other.evidence_id][one.evidence_id].append(path)
    return {i: {o: tuple(paths) for o, paths in sorted(others.items())} for i, others in sorted(found.items())}


def _commits(view: SprintView) -> list[Commit] | None:
    """Commits since the start; `None` when no commit of the sprint's repositories is stored at all."""
    stored = [c for name in view.sprint.repositories for c in view.index.commits_of_repository.get(name, ())]
    if not stored or view.sprint.starts_at is None:
        return None
    return [c for c in stored if view.sprint.starts_at <= c.committed_at <= view.until]


def _cite(commits: list[Commit]) -> list[Evidence]:
    latest = sorted(commits, key=lambda c: (c.committed_at, c.sha), reverse=True)[:8]
    return [Evidence(c.evidence_id, "commit", c.url, excerpt(c.message), c.observed_at) for c in latest]


def _why_no_commits(view: SprintView) -> str:
    return "the sprint has no start" if view.sprint.starts_at is None else "no commits are stored"


def _commit_count(view: SprintView, commits: list[Commit] | None) -> Feature:
    """Count of commits from the start of the sprint until now (or its closing)."""
    if commits is None or view.sprint.starts_at is None:
        return missing("commits_in_sprint", _why_no_commits(view), view.anchor)
    formula = f"commits since {view.sprint.starts_at:%Y-%m-%d}"
    return known("commits_in_sprint", len(commits), formula, _cite(commits) or view.anchor)


def _churn(view: SprintView, commits: list[Commit] | None) -> Feature:
    """Sum of added and deleted lines over the commits that carry them."""
    if commits is None:
        return missing("churn_in_sprint", _why_no_commits(view), view.anchor)
    sized = [c for c in commits if c.additions is not None and c.deletions is not None]
    if not sized:
        why = "the commit lists carry no line counts" if commits else "no commits since the start"
        return missing("churn_in_sprint", why, _cite(commits))
    plus, minus = sum(c.additions or 0 for c in sized), sum(c.deletions or 0 for c in sized)
    formula = f"{plus} added + {minus} deleted in {len(sized)} of {len(commits)} commits"
    return known("churn_in_sprint", plus + minus, formula, _cite(sized))


def _size(view: SprintView) -> Feature:
    """Median of added plus deleted lines over the sprint's pull requests."""
    pulls = [item for item in view.items if item.kind is ItemKind.PULL_REQUEST]
    sized = [(size, item) for item in pulls if (size := size_lines(item)) is not None]
    if not sized:
        why = "no line counts of pull requests are stored" if pulls else "the sprint has no pull requests"
        return missing("pull_request_size_median", why, view.anchor)
    sized.sort(key=lambda pair: (-pair[0], pair[1].evidence_id))
    value = float(np.median([size for size, _ in sized]))
    shown = [of_item(item, f"{size} lines") for size, item in sized]
    return known("pull_request_size_median", value, f"median of {len(sized)} pull requests", shown)


def _commits_of_pulls(view: SprintView) -> Feature:
    """Median of GitHub's count of commits over the sprint's pull requests."""
    pulls = [item for item in view.items if item.kind is ItemKind.PULL_REQUEST]
    stored = view.index.pull_commits_of
    counted = [(stored[key_of(item)].total, item) for item in pulls if key_of(item) in stored]
    if not counted:
        why = "no commits of pull requests are stored" if pulls else "the sprint has no pull requests"
        return missing("pull_request_commits_median", why, view.anchor)
    counted.sort(key=lambda pair: (-pair[0], pair[1].evidence_id))
    value = float(np.median([count for count, _ in counted]))
    shown = [of_item(item, f"{count} commit{'s' * (count != 1)}") for count, item in counted]
    return known("pull_request_commits_median", value, f"median of {len(counted)} pull requests", shown)


def _conflicting(view: SprintView, conflicts: Conflicts) -> Feature:
    """Count of pairs of open pull requests, at least one of the sprint, that change the same file for the same base."""
    pulls = [item for item in view.open_items if item.kind is ItemKind.PULL_REQUEST]
    if pulls and all(item.files is None for item in pulls):
        return missing("conflicting_pull_requests", "the files of pull requests are not stored", view.anchor)
    pairs = sorted({(min(i, o), max(i, o)) for i, others in conflicts.items() for o in others})
    shown = []
    for one, other in pairs:
        paths = ", ".join(conflicts[one][other][:3])
        shown += [of_item(view.index.items_by_id[i], f"changes {paths}") for i in (one, other)]
    formula = f"pairs with a shared file among {len(pulls)} open pull requests of the sprint and the others"
    return known("conflicting_pull_requests", len(pairs), formula, shown or view.anchor)
