"""The facts of single items: age, silence, blockers, reviews, builds, mood, description."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from galaxy_desktop.domain.calendar import days_between
from galaxy_desktop.domain.facts import ItemFacts
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.features import ci, code, sentiment, team, temporal, text
from galaxy_desktop.features.activity import started_at, waiting_since
from galaxy_desktop.features.view import SprintView

Names = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What the families found out about all items at once."""

    waits_for: Names
    holds_up: Names
    conflicts: code.Conflicts
    duplicates: text.Pairs
    remarks: Mapping[str, list[sentiment.Remark]]
    parts: Names = field(default_factory=dict)


def facts_of(item: WorkItem, view: SprintView, around: Surroundings) -> ItemFacts:
    """Everything known about one item of the sprint."""
    one = item.evidence_id
    waiting = waiting_since(item, view.index)
    red = ci.red_run(item, view)
    mood = sentiment.mood_of(around.remarks.get(one, []), view)
    conflicts = around.conflicts.get(one, {})
    all_boxes, ticked = text.boxes(item.body)
    return ItemFacts(
        item_id=one,
        started_at=started_at(item, view.index, view.closers),
        age_days=temporal.age_days(item, view),
        idle_days=temporal.idle_days(item, view),
        blocked_by=around.waits_for.get(one, ()),
        blocks=around.holds_up.get(one, ()),
        waiting_for_review_days=max(0.0, days_between(waiting, view.now)) if waiting else None,
        red_run=red.evidence if red else None,
        mood=mood.recent,
        mood_trend=mood.trend,
        mood_words=mood.words,
        mood_evidence=mood.evidence,
        has_criteria=text.has_criteria(item.body),
        boxes=all_boxes,
        ticked=ticked,
        description_words=text.word_count(item.body),
        size_lines=code.size_lines(item),
        conflicts_with=tuple(conflicts),
        conflict_files=tuple(sorted({path for paths in conflicts.values() for path in paths})),
        near_duplicates=around.duplicates.get(one, ()),
        owners=team.owners_of(item, view),
        part_of=around.parts.get(one, ()),
    )
