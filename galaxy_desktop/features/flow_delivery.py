"""What reaches users: deliveries of a repository, those that failed, and how each was put right.

A repository's deliveries are, by the first rule that fits it,

1. its **deployments to production**: the environment is "production", "prod" or "live", alone or as a part of its
   name; a deployment succeeded when its newest status is "success", "active" or "inactive" (GitHub calls a success
   that a newer one replaced "inactive"), and failed when it is "failure" or "error";
2. else its **published releases**, drafts and pre-releases left out;
3. else nobody can say: there is no number, and the reason is told.

A delivery failed when it is a failed deployment; when what a later revert takes back went out with it; or when the
next release is a hotfix: its name or tag says so, or it is a patch of the same version within two days. It was put
right by the next success in the same environment, by the first delivery after the revert, or by the hotfix.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from galaxy_desktop.domain.evidence import Evidence, excerpt, of_item
from galaxy_desktop.domain.repository_facts import Deployment, Release
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import ItemKind, WorkItem
from galaxy_desktop.features.index import WorkspaceIndex

DEPLOYMENTS, RELEASES, NONE = "deployments to production", "published releases", "nothing is stored"
KINDS = (DEPLOYMENTS, RELEASES, NONE)
SUCCESS = ("success", "active", "inactive")
FAILURE = ("failure", "error")
HOTFIX_WITHIN = timedelta(days=2)

_PRODUCTION = re.compile(r"(?:^|[^a-z])(?:production|prod|live)(?:[^a-z]|$)", re.IGNORECASE)
_NOT_PRODUCTION = re.compile(r"(?:^|[^a-z])(?:pre|non|staging|preview|test)(?:[^a-z]|$)", re.IGNORECASE)
_HOTFIX = re.compile(r"hot[\s_-]?fix", re.IGNORECASE)
_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)$")
_REVERT_TITLE = re.compile(r"^revert\b", re.IGNORECASE)
_REVERTED_COMMIT = re.compile(r"this reverts commit ([0-9a-f]{7,40})", re.IGNORECASE)
_REVERTED_PULL = re.compile(r"\breverts\s+(?:[\w.-]+/[\w.-]+)?#(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One attempt to bring work to users; `failed` says why it failed, "" when it did not."""

    repository: str
    at: datetime
    name: str
    environment: str
    succeeded: bool
    evidence: Evidence
    failed: str = ""
    restored_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries:
    """The deliveries of some repositories, oldest first, and the rule by which each repository's were found."""

    all: tuple[Delivery, ...]
    rules: tuple[tuple[str, str], ...]

    @property
    def succeeded(self) -> tuple[Delivery, ...]:
        """Those that reached users."""
        return tuple(one for one in self.all if one.succeeded)

    @property
    def rule(self) -> str:
        """In words: what counted as a delivery here, and in which repositories where they differ."""
        kinds = {rule for _, rule in self.rules}
        if len(kinds) == 1:
            return kinds.pop()
        where = {kind: ", ".join(name for name, rule in self.rules if rule == kind) for kind in KINDS if kind in kinds}
        return "; ".join(f"{kind} of {names}" for kind, names in where.items())


@dataclass(frozen=True, slots=True)
class _Revert:
    """A merged pull request or a commit of the default branch that takes a change back."""

    at: datetime
    undone_at: datetime | None
    evidence: Evidence


def deliveries(snapshot: Snapshot, index: WorkspaceIndex, repositories: Sequence[str], now: datetime) -> Deliveries:
    """All deliveries of these repositories up to `now`, each judged by what came after it."""
    found: list[Delivery] = []
    rules = []
    for name in repositories:
        deployed = [d for d in snapshot.deployments if d.repository == name and d.created_at <= now and _is_live(d)]
        released = [r for r in snapshot.releases if r.repository == name and _is_out(r, now)]
        settled = [_of_deployment(d) for d in deployed if d.state in (*SUCCESS, *FAILURE)]
        if any(one.succeeded for one in settled):
            rules.append((name, DEPLOYMENTS))
            made = settled
        elif released:
            rules.append((name, RELEASES))
            made = _hotfixed([_of_release(r) for r in released])
        else:
            rules.append((name, NONE))
            continue
        made = _restored(sorted(made, key=_order))
        found += _reverted(made, _reverts(index, name, now))
    return Deliveries(all=tuple(sorted(found, key=_order)), rules=tuple(rules))


def changes(index: WorkspaceIndex, repository: str, now: datetime) -> list[WorkItem]:
    """Pull requests merged into the default branch, oldest first; where the base is not known it counts."""
    known = index.repositories_by_name.get(repository.casefold())
    branch = known.default_branch if known else "main"
    merged = [
        item
        for item in index.items_of_repository.get(repository, ())
        if item.kind is ItemKind.PULL_REQUEST
        and item.merged_at is not None
        and item.merged_at <= now
        and item.base_ref in (None, branch)
    ]
    return sorted(merged, key=lambda item: (item.merged_at or now, item.number))


def _order(one: Delivery) -> tuple[datetime, str]:
    return one.at, one.evidence.id


def _is_live(deployment: Deployment) -> bool:
    name = deployment.environment
    return bool(_PRODUCTION.search(name)) and not _NOT_PRODUCTION.search(name)


def _is_out(release: Release, now: datetime) -> bool:
    return (
        not (release.draft or release.prerelease) and release.published_at is not None and release.published_at <= now
    )


def _of_deployment(deployment: Deployment) -> Delivery:
    said = f"deployed {deployment.ref or deployment.sha[:7]} to {deployment.environment}: {deployment.state}"
    return Delivery(
        repository=deployment.repository,
        at=deployment.created_at,
        name=deployment.ref or deployment.sha[:7],
        environment=deployment.environment,
        succeeded=deployment.state in SUCCESS,
        failed="failed deployment" if deployment.state in FAILURE else "",
        evidence=Evidence(
            deployment.evidence_id, "deployment", deployment.url, excerpt(said), deployment.observed_at
        ),
    )  # fmt: skip


def _of_release(release: Release) -> Delivery:
    moment = release.published_at or release.created_at
    said = f"released {release.name or release.tag} on {moment:%Y-%m-%d}"
    return Delivery(
        repository=release.repository,
        at=moment,
        name=f"{release.tag} {release.name}".strip(),
        environment="",
        succeeded=True,
        evidence=Evidence(release.evidence_id, "release", release.url, excerpt(said), release.observed_at),
    )


def _hotfixed(releases: Sequence[Delivery]) -> list[Delivery]:
    """A release that a hotfix follows failed, and the hotfix put it right."""
    ordered = sorted(releases, key=_order)
    for number in range(len(ordered) - 1):
        one, following = ordered[number], ordered[number + 1]
        if _HOTFIX.search(following.name) or (
            following.at - one.at <= HOTFIX_WITHIN and _patches(one.name, following.name)
        ):
            ordered[number] = replace(one, failed="hotfix release", restored_at=following.at)
    return ordered


def _patches(old: str, new: str) -> bool:
    """Whether the second version is the next patch of the first: 1.4.0 and 1.4.1."""
    before, after = (_VERSION.search(name.partition(" ")[0]) for name in (old, new))
    if before is None or after is None:
        return False
    one, other = [int(part) for part in before.groups()], [int(part) for part in after.groups()]
    return one[:2] == other[:2] and other[2] == one[2] + 1


def _restored(ordered: Sequence[Delivery]) -> list[Delivery]:
    """A failed deployment is put right by the next success in the same environment."""
    found = []
    for number, one in enumerate(ordered):
        if one.failed and one.restored_at is None:
            later = (o.at for o in ordered[number + 1 :] if o.succeeded and o.environment == one.environment)
            found.append(replace(one, restored_at=next(later, None)))
        else:
            found.append(one)
    return found


def _reverted(ordered: Sequence[Delivery], reverts: Iterable[_Revert]) -> list[Delivery]:
    """The first delivery with a change that is reverted later failed; the first one after the revert put it right.

    A change that was reverted before it went out harmed nobody. Where a revert does not say what it takes back, the
    last delivery before it is the one that failed.
    """
    found = list(ordered)
    for revert in reverts:
        before = [n for n, one in enumerate(found) if one.succeeded and one.at <= revert.at]
        if revert.undone_at is not None:
            carried = [n for n in before if found[n].at >= revert.undone_at]
            hit = carried[0] if carried else None
        else:
            hit = before[-1] if before else None
        if hit is not None and not found[hit].failed:
            after = next((one.at for one in found if one.succeeded and one.at > revert.at), None)
            found[hit] = replace(found[hit], failed="reverted change", restored_at=after)
    return found


def _reverts(index: WorkspaceIndex, repository: str, now: datetime) -> list[_Revert]:
    """Merged pull requests and commits of the default branch that take a change back, each change once."""
    commits = index.commits_of_repository.get(repository, ())
    merged = changes(index, repository, now)
    found: dict[object, _Revert] = {}
    for item in merged:
        if _REVERT_TITLE.match(item.title) and item.merged_at is not None:
            undone = _undone(item.body, index, repository)
            shown = of_item(item)
            found[undone or item.evidence_id] = _Revert(item.merged_at, undone, shown)
    for commit in commits:
        names = _REVERTED_COMMIT.search(commit.message)
        if names and _REVERT_TITLE.match(commit.message) and commit.committed_at <= now:
            undone = next((c.committed_at for c in commits if c.sha.startswith(names[1].lower())), None)
            cited = Evidence(commit.evidence_id, "commit", commit.url, excerpt(commit.message), commit.observed_at)
            told_by_pull = any(abs(known.at - commit.committed_at) < timedelta(hours=1) for known in found.values())
            if not told_by_pull:
                found.setdefault(undone or commit.sha, _Revert(commit.committed_at, undone, cited))
    return sorted(found.values(), key=lambda revert: (revert.at, revert.evidence.id))


def _undone(body: str, index: WorkspaceIndex, repository: str) -> datetime | None:
    """When the change that a revert names was merged."""
    named = _REVERTED_PULL.search(body)
    if named is None:
        return None
    item = index.items_by_name.get((repository.casefold(), int(named[1])))
    return item.merged_at if item is not None else None
