"""Whether an accepted action was done, from stored facts: one rule for each kind of action.

A rule answers with the moment, a few words on how it was done, and the evidence; or with nothing while it is not done.
An item that was finished or left the sprint needs no review, split or build any more, so that counts as done as well;
the words say which it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from galaxy_desktop.domain.calendar import day_in_words, local_day
from galaxy_desktop.domain.evidence import Evidence, of_anchors, of_item, unique
from galaxy_desktop.domain.facts import FeatureSet
from galaxy_desktop.domain.findings import Intervention, Risk
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import Review, State, WorkItem

DONE_WHEN: Mapping[str, str] = MappingProxyType(
    {
        "review_pull_request": "somebody reviews it, or it is merged or closed",
        "unblock": "the blocker is closed, or nothing waits for it any more",
        "fix_build": "the build is green",
        "split": "a good part of it is elsewhere, or it is finished",
        "drop_or_move": "the items have left the sprint",
        "move_date": "the sprint's end is later",
        "set_end": "the sprint has an end",
        "close_overdue": "the sprint is closed, has a new end, or nothing is open",
        "reassign": "the work has other owners",
    }
)
"""What done means, by kind; said when an action is accepted."""

SMALLER = 0.7
"""An item was split when at most this share of its size is left; boxes that were ticked are still its own."""
MOST_EVIDENCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What there is to read: the sprint as it is now (`None` when it is gone), its facts, its risks."""

    sprint: Sprint | None
    features: FeatureSet | None
    risks: tuple[Risk, ...]
    snapshot: Snapshot
    now: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """It was done: when, how, and what shows it."""

    at: datetime
    how: str
    evidence: tuple[Evidence, ...]


def was_done(one: Intervention, scene: Scene) -> Done | None:
    """Whether the action was done since it was accepted."""
    rule = _RULES.get(one.kind)
    return rule(one, scene) if rule is not None else None


# --- one rule a kind


def _reviewed(one: Intervention, scene: Scene) -> Done | None:
    item = _first(one, scene)
    if item is None:
        return None
    came = [r for r in scene.snapshot.reviews if _counts(r, item) and r.submitted_at > one.accepted_at]
    if came:
        first = min(came, key=lambda r: (r.submitted_at, r.id))
        words = first.verdict.replace("_", " ")
        return Done(first.submitted_at, f"reviewed: {words}", (_of_review(first, words), of_item(item)))
    return _finished(item, one, scene)


def _unblocked(one: Intervention, scene: Scene) -> Done | None:
    root, *held = one.item_ids
    blocker = scene.snapshot.items_by_id.get(root)
    if blocker is not None and blocker.closed_at is not None and not blocker.is_open:
        return Done(max(blocker.closed_at, one.accepted_at), "the blocker was closed", (of_item(blocker, "closed"),))
    if scene.features is None:
        return None
    waiting = {f.item_id for f in scene.features.items if root in f.blocked_by}
    if waiting & set(held):
        return None
    items = scene.snapshot.pick(held)
    return Done(scene.now, "nothing waits for it any more", tuple(of_item(i) for i in items)[:MOST_EVIDENCE])


def _green(one: Intervention, scene: Scene) -> Done | None:
    if not one.item_ids:
        about = one.recommendation_id.partition(":fix_build:")[2]
        red = any(r.kind == "red_build" and r.id.partition(":red_build:")[2] == about for r in scene.risks)
        runs = [r for r in scene.snapshot.runs if r.evidence_id in {e.id for e in one.evidence}]
        newest = _newest_run(runs[0].name, runs[0].repository, runs[0].head_branch, scene) if runs else None
        return None if red or scene.features is None else Done(scene.now, "green again", newest or one.evidence)
    item = _first(one, scene)
    if item is None or scene.features is None:
        return None
    fact = next((f for f in scene.features.items if f.item_id == item.evidence_id), None)
    if item.is_open and fact is not None and fact.red_run is None:
        return Done(scene.now, "green again", (of_item(item, "no failed run on its newest commit"),))
    return _finished(item, one, scene)


def _split(one: Intervention, scene: Scene) -> Done | None:
    item = _first(one, scene)
    if item is None or not one.before:
        return None
    fact = next((f for f in scene.features.items if f.item_id == item.evidence_id), None) if scene.features else None
    before = next((w for w in one.before if w.item_id == item.evidence_id), None)
    if item.is_open and fact is not None and before is not None:
        if before.boxes and fact.boxes <= SMALLER * before.boxes:
            boxes = f"{fact.boxes} boxes in its checklist"
            return Done(scene.now, f"{boxes} instead of {before.boxes}", (of_item(item, boxes),))
        if before.lines and fact.size_lines is not None and fact.size_lines <= SMALLER * before.lines:
            lines = f"{fact.size_lines} changed lines"
            return Done(scene.now, f"{lines} instead of {before.lines}", (of_item(item, lines),))
    return _finished(item, one, scene)


def _dropped(one: Intervention, scene: Scene) -> Done | None:
    if scene.sprint is None or scene.sprint.state is State.CLOSED:
        return None
    items = scene.snapshot.pick(one.item_ids)
    inside = set(scene.sprint.items)
    if any(item.evidence_id in inside and item.is_open for item in items):
        return None
    left = [item for item in items if item.evidence_id not in inside]
    how = "they left the sprint" if len(left) > 1 else "it left the sprint" if left else "finished instead"
    return Done(scene.now, how, tuple(of_item(item) for item in items)[:MOST_EVIDENCE])


def _moved(one: Intervention, scene: Scene) -> Done | None:
    end = scene.sprint.due_on if scene.sprint is not None else None
    if scene.sprint is None or end is None or one.due_on is None or end <= one.due_on:
        return None
    return Done(scene.now, f"the end is {_said(end, scene)} now", of_anchors(scene.sprint, scene.snapshot))


def _ended(one: Intervention, scene: Scene) -> Done | None:
    if scene.sprint is None or scene.sprint.due_on is None:
        return None
    return Done(scene.now, f"the end is {_said(scene.sprint.due_on, scene)}", of_anchors(scene.sprint, scene.snapshot))


def _decided(one: Intervention, scene: Scene) -> Done | None:
    sprint = scene.sprint
    if sprint is None:
        return None
    anchors = of_anchors(sprint, scene.snapshot)
    if sprint.state is State.CLOSED:
        return Done(sprint.closed_at or scene.now, "the sprint was closed", anchors)
    if not any(item.is_open for item in scene.snapshot.of_sprint(sprint)):
        return Done(scene.now, "nothing is open any more", anchors)
    return _moved(one, scene)


def _reassigned(one: Intervention, scene: Scene) -> Done | None:
    if scene.features is None:
        return None
    items = [item for item in scene.snapshot.pick(one.item_ids) if item.is_open]
    if one.recommendation_id.endswith(":overloaded_owner"):
        if any(risk.kind == "overloaded_owner" for risk in scene.risks):
            return None
    elif any(not item.assignees for item in items):
        return None
    shown = items or scene.snapshot.pick(one.item_ids)
    return Done(scene.now, "the work has other owners", tuple(of_item(item) for item in shown)[:MOST_EVIDENCE])


_RULES: Mapping[str, Callable[[Intervention, Scene], Done | None]] = MappingProxyType(
    {
        "review_pull_request": _reviewed,
        "unblock": _unblocked,
        "fix_build": _green,
        "split": _split,
        "drop_or_move": _dropped,
        "move_date": _moved,
        "set_end": _ended,
        "close_overdue": _decided,
        "reassign": _reassigned,
    }
)


# --- what the rules share


def _said(day: date, scene: Scene) -> str:
    return day_in_words(day, local_day(scene.now, scene.now))


def _first(one: Intervention, scene: Scene) -> WorkItem | None:
    return next(iter(scene.snapshot.pick(one.item_ids)), None)


def _finished(item: WorkItem, one: Intervention, scene: Scene) -> Done | None:
    """The item needs no more: it was finished, or left a sprint that goes on."""
    if not item.is_open:
        how = "merged" if item.merged_at is not None else "closed"
        at = max(item.merged_at or item.closed_at or scene.now, one.accepted_at)
        return Done(at, how, (of_item(item, how),))
    sprint = scene.sprint
    if sprint is not None and sprint.state is State.OPEN and item.evidence_id not in sprint.items:
        return Done(scene.now, "it left the sprint", (of_item(item),))
    return None


def _counts(review: Review, item: WorkItem) -> bool:
    """A review of this item by somebody else than its author."""
    if (review.repository_id, review.item_number) != (item.repository_id, item.number):
        return False
    return review.author is None or item.author is None or review.author.id != item.author.id


def _of_review(review: Review, words: str) -> Evidence:
    return Evidence(review.evidence_id, "review", review.url, words, review.observed_at)


def _newest_run(name: str, repository: str, branch: str, scene: Scene) -> tuple[Evidence, ...]:
    runs = [r for r in scene.snapshot.runs if (r.name, r.repository, r.head_branch) == (name, repository, branch)]
    newest = max(runs, key=lambda r: (r.started_at, r.id), default=None)
    if newest is None:
        return ()
    words = f"{newest.name}: {newest.conclusion or newest.status}"
    return unique([Evidence(newest.evidence_id, "check", newest.url, words, newest.observed_at)])
