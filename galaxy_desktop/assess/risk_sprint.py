"""Risks of the sprint as a whole: its end, its builds, what holds it up, how it grows."""

from __future__ import annotations

from collections.abc import Iterator

from galaxy_desktop.assess.health_parts import broken_branches
from galaxy_desktop.assess.risk_rules import (
    CHAIN_CRITICAL_ITEMS,
    GROWTH_HIGH_SHARE,
    GROWTH_ITEMS,
    GROWTH_SHARE,
    OVERDUE_CRITICAL_DAYS,
)
from galaxy_desktop.assess.risk_sources import Scene, counted, listed, reference
from galaxy_desktop.domain.evidence import Evidence, of_item, of_number, of_run
from galaxy_desktop.domain.findings import Risk, Severity


def of_end(scene: Scene) -> Iterator[Risk]:
    """Overdue, or without an end."""
    left, due = scene.days_left, scene.sprint.due_on
    count = counted(len(scene.open), "item")
    items = [of_item(item, f"open, created {item.created_at.date()}") for item in scene.open]
    ids = [item.evidence_id for item in scene.open]
    if left is None or due is None:
        summary = f"{scene.sprint.name} has no due date; {count} {_are(len(ids))} open."
        yield scene.risk("no_end", Severity.MEDIUM, 0.5, summary, scene.anchors(), item_ids=ids)
    elif left < 0:
        severity = Severity.CRITICAL if -left >= OVERDUE_CRITICAL_DAYS else Severity.HIGH
        summary = f"{scene.sprint.name} was due {due} ({counted(-left, 'day')} ago) and {count} {_are(len(ids))} open."
        yield scene.risk("overdue", severity, 1.0, summary, [*scene.anchors(), *items], item_ids=ids)


def of_builds(scene: Scene) -> Iterator[Risk]:
    """Red default branches, then red pull requests of the sprint."""
    for run in broken_branches(scene.sprint, scene.snapshot):
        summary = f"{run.name} is red on {run.head_branch} of {run.repository}."
        about = f"check:{run.repository}@{run.head_branch}/{run.name}"
        yield scene.risk("red_build", Severity.CRITICAL, 0.9, summary, [of_run(run)], about=about)
    for item, fact in scene.with_facts():
        if fact.red_run is not None:
            summary = f"The newest commit of {item.reference} fails: {fact.red_run.quote}."
            yield scene.risk(
                "red_build",
                Severity.HIGH,
                max(0.5, scene.lateness(fact)),
                summary,
                [fact.red_run, of_item(item)],
                about=item.evidence_id,
                item_ids=[item.evidence_id],
            )


def of_blockers(scene: Scene) -> Iterator[Risk]:
    """Each open item that waits for nothing but holds up others, and each ring of items."""
    waits = {item.evidence_id: fact.blocked_by for item, fact in scene.with_facts() if fact.blocked_by}
    rings = [tuple(ring) for ring in scene.features.cycles if any(member in waits for member in ring)]
    for ring in rings:
        found = [e for member in ring for e in scene.cite(member, f"waits for {listed(waits.get(member, ()))}")]
        summary = f"{counted(len(ring), 'item')} wait for each other: {listed(ring)}."
        evidence = found or scene.anchors()
        yield scene.risk("blocked_chain", Severity.HIGH, 0.9, summary, evidence, about=min(ring), item_ids=sorted(ring))
    in_rings = {member for ring in rings for member in ring}
    roots = sorted({b for blocked in waits.values() for b in blocked if b not in waits and b not in in_rings})
    for root in roots:
        yield _chain(scene, root, _held_up(root, waits))


def _held_up(root: str, waits: dict[str, tuple[str, ...]]) -> list[str]:
    """Items of the sprint that wait for `root`, directly or through others."""
    held: set[str] = set()
    grown = True
    while grown:
        more = {item for item, blocked in waits.items() if item not in held and (held | {root}) & set(blocked)}
        held |= more
        grown = bool(more)
    return sorted(held - {root})


def _chain(scene: Scene, root: str, held: list[str]) -> Risk:
    waiting_in = {_repository(item) for item in held}
    across = {_repository(root), *waiting_in}
    severity = Severity.HIGH if len(held) >= 2 or len(across) > 1 else Severity.MEDIUM
    if len(held) >= CHAIN_CRITICAL_ITEMS:
        severity = Severity.CRITICAL
    elsewhere = " in another repository" if len(across) > 1 else ""
    where = f" in {len(waiting_in)} repositories" if len(waiting_in) > 1 else elsewhere
    summary = f"{reference(root)} holds up {counted(len(held), 'item')}{where}: {listed(held)}."
    edges: list[Evidence] = [
        e for edge in scene.features.edges if edge.source_id == root and edge.target_id in held for e in edge.evidence
    ]
    waiting = [e for item in held for e in scene.cite(item, f"blocked by {reference(root)}")]
    probability = max(0.3, scene.lateness(scene.facts.get(root)))
    evidence = [*scene.cite(root), *waiting, *edges]
    return scene.risk("blocked_chain", severity, probability, summary, evidence, about=root, item_ids=[root, *held])


def _repository(item_id: str) -> str:
    return reference(item_id).partition("#")[0]


def of_growth(scene: Scene) -> Iterator[Risk]:
    """Items that came in after the start, against the scope at the start."""
    added = scene.features.added_since_start
    start = len(scene.sprint.items) - len(added) + len(scene.features.removed_since_start)
    share = len(added) / max(start, 1)
    if scene.days_left is None or len(added) < GROWTH_ITEMS or share < GROWTH_SHARE:
        return
    severity = Severity.HIGH if share >= GROWTH_HIGH_SHARE else Severity.MEDIUM
    summary = (
        f"{counted(len(added), 'item')} came in after the start, on top of {start} ({share:.0%}): {listed(added)}."
    )
    found = [of_item(item) for item in scene.snapshot.pick(added)]
    own = of_number(scene.sprint, scene.snapshot, "scope_added", f"{len(added)} items added to {start}", scene.now)
    chance = round(min(0.3 + share, 0.9), 2)
    yield scene.risk("scope_growth", severity, chance, summary, [*found[:9], own], item_ids=added)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
