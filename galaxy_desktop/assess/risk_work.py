"""Risks of single items: waiting for review, stuck, silent, unclear, in conflict."""

from __future__ import annotations

from collections.abc import Iterator, Set

import numpy as np

from galaxy_desktop.assess.risk_rules import (
    LEAST_CYCLES,
    SILENT_DAYS,
    SILENT_MEDIUM_DAYS,
    STALE_REVIEW_DAYS,
    STALE_REVIEW_HIGH_DAYS,
)
from galaxy_desktop.assess.risk_sources import Scene, counted, reference
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import of_item
from galaxy_desktop.domain.findings import Risk, Severity
from galaxy_desktop.domain.work import ItemKind


def of_reviews(scene: Scene) -> Iterator[Risk]:
    """Pull requests that wait for a review."""
    for item, fact in scene.with_facts():
        days = fact.waiting_for_review_days
        if days is None or days < STALE_REVIEW_DAYS:
            continue
        severity = Severity.HIGH if days >= STALE_REVIEW_HIGH_DAYS else Severity.MEDIUM
        whole = int(days)
        yield scene.risk(
            "stale_review",
            severity,
            scene.lateness(fact),
            f"{item.reference} has been waiting for a review for {counted(whole, 'day')}.",
            [of_item(item, f"waiting for a review for {counted(whole, 'day')}")],
            about=item.evidence_id,
            item_ids=[item.evidence_id],
        )


def of_stuck(scene: Scene) -> Iterator[Risk]:
    """Items in work for longer than 85 % of past items took."""
    cycles = scene.features.history.cycle_days
    if len(cycles) < LEAST_CYCLES:
        return
    usual, rare = (float(np.quantile(cycles, level, method="higher")) for level in (0.85, 0.95))
    for item, fact in scene.with_facts():
        age = fact.age_days
        if age is None or age <= usual:
            continue
        since = local_day(fact.started_at, scene.now) if fact.started_at else None
        quote = f"in work since {since}" if since else f"in work for {age:.0f} days"
        yield scene.risk(
            "stuck_item",
            Severity.HIGH if age > rare else Severity.MEDIUM,
            scene.lateness(fact),
            f"{item.reference} has been in work for {counted(int(age), 'day')}; 85 % of past items took {usual:.1f} or less.",
            [of_item(item, quote)],
            about=item.evidence_id,
            item_ids=[item.evidence_id],
        )


def of_conflicts(scene: Scene) -> Iterator[Risk]:
    """Pairs of open pull requests that change the same files, each pair once."""
    pairs: set[tuple[str, str]] = set()
    for item, fact in scene.with_facts():
        for other in fact.conflicts_with:
            pair = (min(item.evidence_id, other), max(item.evidence_id, other))
            if pair in pairs:
                continue
            pairs.add(pair)
            files = fact.conflict_files
            value = f"changes {', '.join(files[:3])}" if files else None
            where = f" ({files[0]}{f' and {len(files) - 1} more' if len(files) > 1 else ''})" if files else ""
            yield scene.risk(
                "conflicting_pull_requests",
                Severity.MEDIUM,
                0.4,
                f"{reference(pair[0])} and {reference(pair[1])} change the same files{where}.",
                [*scene.cite(item.evidence_id, value), *scene.cite(other)],
                about="+".join(pair),
                item_ids=pair,
            )


def of_silence(scene: Scene, spoken_of: Set[str]) -> Iterator[Risk]:
    """Items on which nobody did anything for long; not those that another risk already names."""
    for item, fact in scene.with_facts():
        patience = SILENT_DAYS if fact.started_at is not None else SILENT_MEDIUM_DAYS
        if fact.idle_days < patience or item.evidence_id in spoken_of:
            continue
        severity = Severity.MEDIUM if fact.idle_days >= SILENT_MEDIUM_DAYS else Severity.LOW
        yield scene.risk(
            "silent_item",
            severity,
            scene.lateness(fact),
            f"Nothing has happened on {item.reference} for {counted(int(fact.idle_days), 'day')}.",
            [of_item(item, f"updated {local_day(item.updated_at, scene.now)}")],
            about=item.evidence_id,
            item_ids=[item.evidence_id],
        )


def of_criteria(scene: Scene) -> Iterator[Risk]:
    """Issues that do not say when they are done."""
    for item, fact in scene.with_facts():
        if item.kind is not ItemKind.ISSUE or fact.has_criteria:
            continue
        yield scene.risk(
            "no_acceptance_criteria",
            Severity.LOW,
            0.2,
            f"{item.reference} does not say when it is done.",
            [of_item(item)],
            about=item.evidence_id,
            item_ids=[item.evidence_id],
        )
