"""Risks of how work is spread: items without an owner, and one pair of hands for most of it.

These speak of items, never of people: no name, no order of persons, no measure of what anybody did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from galaxy_desktop.assess.risk_rules import OVERLOAD_HIGH_SHARE, OVERLOAD_ITEMS, OVERLOAD_SHARE, SOON_DAYS
from galaxy_desktop.assess.risk_sources import Scene
from galaxy_desktop.domain.evidence import of_item
from galaxy_desktop.domain.findings import Risk, Severity
from galaxy_desktop.domain.work import ItemKind, WorkItem


def of_owners(scene: Scene) -> Iterator[Risk]:
    """Issues nobody is assigned to, then a load that rests on one person."""
    left = scene.days_left
    severity = Severity.MEDIUM if left is not None and left <= SOON_DAYS else Severity.LOW
    for item in scene.open:
        if item.kind is ItemKind.ISSUE and not item.assignees:
            yield scene.risk(
                "no_owner",
                severity,
                scene.lateness(scene.facts.get(item.evidence_id)),
                f"Nobody is assigned to {item.reference}.",
                [of_item(item, "no assignee")],
                about=item.evidence_id,
                item_ids=[item.evidence_id],
            )
    yield from _overload(scene)


def _overload(scene: Scene) -> Iterator[Risk]:
    owned: defaultdict[int, list[WorkItem]] = defaultdict(list)
    with_owner = 0
    for item in scene.open:
        owners = {p.id for p in item.assignees} or ({item.author.id} if _own_work(item) and item.author else set())
        with_owner += bool(owners)
        for person in owners:
            owned[person].append(item)
    if len(_everybody(scene)) < 2 or not owned:
        return
    most = max(owned.values(), key=len)
    share = len(most) / with_owner
    if len(most) < OVERLOAD_ITEMS or share < OVERLOAD_SHARE:
        return
    yield scene.risk(
        "overloaded_owner",
        Severity.HIGH if share >= OVERLOAD_HIGH_SHARE else Severity.MEDIUM,
        round(min(share, 0.9), 2),
        f"One person owns {len(most)} of {with_owner} open items that have an owner.",
        [of_item(item, "same owner") for item in most],
        item_ids=[item.evidence_id for item in most],
    )


def _own_work(item: WorkItem) -> bool:
    """A pull request belongs to whoever wrote it."""
    return item.kind is ItemKind.PULL_REQUEST


def _everybody(scene: Scene) -> set[int]:
    """Who owns any item of the sprint, done ones too: alone, nobody can hand anything over."""
    items = scene.snapshot.of_sprint(scene.sprint)
    assigned = {p.id for item in items for p in item.assignees}
    return assigned | {item.author.id for item in items if _own_work(item) and item.author}
