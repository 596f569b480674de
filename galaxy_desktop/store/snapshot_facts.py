"""Reading checks, releases, deployments, branches, links and commits of pull requests, as the snapshot holds them.

Most workspaces hold few of these, and a snapshot is taken after every poll: each question is first asked cheaply
whether there is anything at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, func, or_, select
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.repository_facts import (
    Branch,
    BranchList,
    Check,
    CheckSource,
    Deployment,
    ItemLinks,
    ItemRef,
    LinkKind,
    PullCommit,
    PullCommits,
    Release,
)
from galaxy_desktop.domain.work import ItemKind, Person, State
from galaxy_desktop.store.present import ITEMS, of_present_item, present
from galaxy_desktop.store.tables import CommitRow, table
from galaxy_desktop.store.tables_facts import (
    BranchListRow,
    CheckRow,
    DeploymentRow,
    ItemLinksRow,
    PullCommitsRow,
    ReleaseRow,
)

CHECKS = table(CheckRow)
COMMITS = table(CommitRow)
RELEASES = table(ReleaseRow)
DEPLOYMENTS = table(DeploymentRow)
BRANCHES = table(BranchListRow)
LINKS = table(ItemLinksRow)
PULL_COMMITS = table(PullCommitsRow)

NEWEST_COMMITS = 100
"""Of so many commits of the default branch the checks are part of a snapshot."""


def asked_for(since: datetime | None) -> ColumnElement[bool]:
    """Which items something asks details of: open ones and those with a milestone; and those closed after `since`."""
    now = or_(ITEMS.c.state == str(State.OPEN), ITEMS.c.milestone_number.is_not(None))
    return now if since is None else or_(now, ITEMS.c.closed_at > since)


class FactsReader:
    """Turns rows into records with the present names; `names` are those of the tracked repositories, in their order."""

    def __init__(self, connection: Connection, names: Mapping[int, str], people: Mapping[int, Person]) -> None:
        self._connection = connection
        self._names = names
        self._people = people

    def _rows(self, query: Select[Any], target: Table, *order: str) -> Iterator[tuple[str, Any]]:
        ordered = query.order_by(*(target.c[name] for name in order))
        for number, name in self._names.items():
            if self._any(target, number):
                for row in self._connection.execute(ordered.where(target.c.repository_id == number)):
                    yield name, row

    def _any(self, target: Table, number: int) -> bool:
        one = select(target.c.repository_id).where(target.c.repository_id == number).limit(1)
        return self._connection.scalar(one) is not None

    def checks(self) -> Iterator[Check]:
        """The checks of the heads of open pull requests and of the newest commits; of a name those seen last.

        A check that runs again gets a new id and the old one is listed no more: of the checks that share a commit and
        a name, those count that were seen together last.
        """
        for number, name in self._names.items():
            if self._any(CHECKS, number):
                for row in self._connection.execute(_checks_of(number)):
                    yield _check(name, row)

    def releases(self) -> Iterator[Release]:
        """The releases that are not gone."""
        query = select(RELEASES).where(present(RELEASES, "release", "id"))
        for name, row in self._rows(query, RELEASES, "id"):
            yield Release(
                repository_id=row.repository_id,
                repository=name,
                id=row.id,
                tag=row.tag,
                name=row.name,
                draft=row.draft,
                prerelease=row.prerelease,
                author=self._people.get(row.author_id),
                created_at=row.created_at,
                published_at=row.published_at,
                url=row.url,
                observed_at=row.observed_at,
            )

    def deployments(self) -> Iterator[Deployment]:
        """The deployments that are not gone."""
        query = select(DEPLOYMENTS).where(present(DEPLOYMENTS, "deployment", "id"))
        for name, row in self._rows(query, DEPLOYMENTS, "id"):
            yield Deployment(
                repository_id=row.repository_id,
                repository=name,
                id=row.id,
                sha=row.sha,
                ref=row.ref,
                environment=row.environment,
                state=row.state,
                created_at=row.created_at,
                updated_at=row.updated_at,
                url=row.url,
                observed_at=row.observed_at,
            )

    def branches(self) -> Iterator[BranchList]:
        """The branches of each repository."""
        for name, row in self._rows(select(BRANCHES), BRANCHES, "repository_id"):
            yield BranchList(
                repository_id=row.repository_id,
                repository=name,
                branches=tuple(Branch(*told) for told in json.loads(row.branches)),
                observed_at=row.observed_at,
            )

    def links(self) -> Iterator[ItemLinks]:
        """The links from present items; of those without any nothing is said."""
        query = select(LINKS).where(LINKS.c.targets != "[]", of_present_item(LINKS))
        for name, row in self._rows(query, LINKS, "item_number", "kind"):
            yield ItemLinks(
                repository_id=row.repository_id,
                repository=name,
                item_number=row.item_number,
                kind=LinkKind(row.kind),
                targets=tuple(ItemRef(*told) for told in json.loads(row.targets)),
                observed_at=row.observed_at,
            )

    def pull_commits(self, since: datetime | None = None) -> Iterator[PullCommits]:
        """The commits of present pull requests that are open or have a milestone: of those that something asks for."""
        of_interest = exists().where(
            ITEMS.c.repository_id == PULL_COMMITS.c.repository_id,
            ITEMS.c.number == PULL_COMMITS.c.item_number,
            asked_for(since),
            present(ITEMS, "item", "number"),
        )
        for name, row in self._rows(select(PULL_COMMITS).where(of_interest), PULL_COMMITS, "item_number"):
            yield PullCommits(
                repository_id=row.repository_id,
                repository=name,
                item_number=row.item_number,
                commits=tuple(self._pull_commit(*told) for told in json.loads(row.commits)),
                total=row.total,
                observed_at=row.observed_at,
            )

    def _pull_commit(self, sha: str, message: str, author: int | None, authored: str, committed: str) -> PullCommit:
        return PullCommit(
            sha=sha,
            message=message,
            author=None if author is None else self._people.get(author),
            authored_at=datetime.fromisoformat(authored).astimezone(UTC),
            committed_at=datetime.fromisoformat(committed).astimezone(UTC),
        )


def _checks_of(repository_id: int) -> Select[Any]:
    heads = select(ITEMS.c.head_sha).where(
        ITEMS.c.repository_id == repository_id,
        ITEMS.c.kind == str(ItemKind.PULL_REQUEST),
        ITEMS.c.state == str(State.OPEN),
        ITEMS.c.head_sha.is_not(None),
        present(ITEMS, "item", "number"),
    )
    newest = (
        select(COMMITS.c.sha)
        .where(COMMITS.c.repository_id == repository_id)
        .order_by(COMMITS.c.committed_at.desc(), COMMITS.c.sha)
        .limit(NEWEST_COMMITS)
    )
    wanted = and_(CHECKS.c.repository_id == repository_id, or_(CHECKS.c.sha.in_(heads), CHECKS.c.sha.in_(newest)))
    together = func.max(CHECKS.c.observed_at).over(partition_by=(CHECKS.c.sha, CHECKS.c.source, CHECKS.c.name))
    ranked = select(CHECKS, together.label("last_at")).where(wanted).subquery()
    return select(ranked).where(ranked.c.observed_at == ranked.c.last_at).order_by(ranked.c.id, ranked.c.source)


def _check(name: str, row: Any) -> Check:
    return Check(
        repository_id=row.repository_id,
        repository=name,
        source=CheckSource(row.source),
        id=row.id,
        sha=row.sha,
        name=row.name,
        status=row.status,
        conclusion=row.conclusion,
        started_at=row.started_at,
        finished_at=row.finished_at,
        url=row.url,
        observed_at=row.observed_at,
    )
