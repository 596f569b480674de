"""Between records and rows, as in `rows`, for checks, releases, deployments, branch lists, links and commits of pulls."""

from __future__ import annotations

import json
from datetime import datetime

from galaxy_desktop.domain.repository_facts import BranchList, Check, Deployment, ItemLinks, PullCommits, Release
from galaxy_desktop.store.merge import Row
from galaxy_desktop.store.rows import clean, utc


def _maybe(moment: datetime | None) -> datetime | None:
    return None if moment is None else utc(moment)


def compact(values: object) -> str:
    """The JSON text of a list that is read whole."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def of_check(record: Check) -> Row:
    """The row of a check."""
    return {
        "repository_id": record.repository_id,
        "source": str(record.source),
        "id": record.id,
        "sha": record.sha,
        "name": clean(record.name),
        "status": record.status,
        "conclusion": record.conclusion,
        "started_at": _maybe(record.started_at),
        "finished_at": _maybe(record.finished_at),
        "url": record.url,
        "observed_at": utc(record.observed_at),
    }


def of_release(record: Release) -> Row:
    """The row of a release."""
    return {
        "repository_id": record.repository_id,
        "id": record.id,
        "tag": clean(record.tag),
        "name": clean(record.name),
        "draft": record.draft,
        "prerelease": record.prerelease,
        "author_id": record.author.id if record.author else None,
        "created_at": utc(record.created_at),
        "published_at": _maybe(record.published_at),
        "url": record.url,
        "observed_at": utc(record.observed_at),
    }


def of_deployment(record: Deployment) -> Row:
    """The row of a deployment."""
    return {
        "repository_id": record.repository_id,
        "id": record.id,
        "sha": record.sha,
        "ref": clean(record.ref),
        "environment": clean(record.environment),
        "state": record.state,
        "created_at": utc(record.created_at),
        "updated_at": utc(record.updated_at),
        "url": record.url,
        "observed_at": utc(record.observed_at),
    }


def of_branches(record: BranchList) -> Row:
    """The row of a repository's branches, by name: in which order GitHub listed them means nothing."""
    listed = sorted([clean(branch.name), branch.sha, branch.protected] for branch in record.branches)
    return {
        "repository_id": record.repository_id,
        "branches": compact(listed),
        "observed_at": utc(record.observed_at),
    }


def of_links(record: ItemLinks) -> Row:
    """The row of an item's links of one kind, in GitHub's order: sub-issues are ordered by people."""
    targets = [[clean(t.repository), t.number, clean(t.title), t.url] for t in record.targets]
    return {
        "repository_id": record.repository_id,
        "item_number": record.item_number,
        "kind": str(record.kind),
        "targets": compact(targets),
        "observed_at": utc(record.observed_at),
    }


def of_pull_commits(record: PullCommits) -> Row:
    """The row of a pull request's commits, in GitHub's order; authors by id, moments as texts in UTC."""
    commits = [
        [
            one.sha,
            clean(one.message),
            one.author.id if one.author else None,
            _text(one.authored_at),
            _text(one.committed_at),
        ]
        for one in record.commits
    ]
    return {
        "repository_id": record.repository_id,
        "item_number": record.item_number,
        "commits": compact(commits),
        "total": record.total,
        "observed_at": utc(record.observed_at),
    }


def _text(moment: datetime) -> str:
    return utc(moment).isoformat()
