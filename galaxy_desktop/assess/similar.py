"""Past sprints that looked like this one after the same share of their time, and whether that tells anything.

A sprint is compared by numbers that do not know how big it is, standardized over the past ones. Whether the nearest
say more than the average is not taken for granted: each past sprint is left out in turn and predicted both ways, and
only when the nearest are better beyond what drawing the sprints anew can explain is that said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess.scoring import draw_groups, drawn_means, interval
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import FeatureSet
from galaxy_desktop.domain.landing import last_moment
from galaxy_desktop.domain.past_sprints import CoursePoint, SimilarSprint, SimilarSprints, Stretch
from galaxy_desktop.domain.sprints import Snapshot, Sprint

Floats = NDArray[np.float64]

NAMES: Final = (
    "done_share", "started_share", "added_share", "blocked_share", "waiting_share", "pace_needed", "planned_days",
)  # fmt: skip
NEAREST: Final = 3
FEWEST: Final = 6
"""Below so many past sprints nothing is compared: leaving one out leaves too few."""
SAME_SHARE: Final = 0.15
"""A past look counts as the same share of the time when it lies so near."""
LEAST_TIME_LEFT: Final = 0.05
RESAMPLES, SEED = 1_000, 5

Description = tuple[str, int, tuple[Evidence, ...]]
"""Of a past sprint its title, how many recommendations were accepted in it, and evidence."""
Described = Callable[[Stretch], Description]


def point_of(sprint: Sprint, features: FeatureSet, snapshot: Snapshot, now: datetime) -> CoursePoint | None:
    """Where a sprint stands; `None` without a start, an end, items, or when the end has passed."""
    items = snapshot.of_sprint(sprint)
    share = elapsed(sprint, now)
    if share is None or share >= 1.0 or not items or sprint.starts_at is None or sprint.due_on is None:
        return None
    facts = {fact.item_id: fact for fact in features.items}
    opened = [facts[i.evidence_id] for i in items if i.is_open and i.evidence_id in facts]
    left = sum(i.is_open for i in items) / len(items)
    days = (last_moment(sprint.due_on, now) - sprint.starts_at).total_seconds() / 86_400
    values = (
        1.0 - left,
        sum(fact.age_days is not None for fact in opened) / len(items),
        len(features.added_since_start) / len(items),
        sum(bool(fact.blocked_by) for fact in opened) / len(items),
        sum(fact.waiting_for_review_days is not None for fact in opened) / len(items),
        math.log(left / max(1.0 - share, LEAST_TIME_LEFT) + 0.05),
        math.log1p(days),
    )
    return CoursePoint(elapsed=round(share, 3), values=tuple(round(value, 4) for value in values))


def elapsed(sprint: Sprint, now: datetime) -> float | None:
    """The share of the planned time that is gone, from 0; `None` without a start or an end."""
    if sprint.starts_at is None or sprint.due_on is None:
        return None
    length = (last_moment(sprint.due_on, now) - sprint.starts_at).total_seconds()
    return max(0.0, (now - sprint.starts_at).total_seconds() / length) if length > 0 else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    stretch: Stretch
    point: CoursePoint

    @property
    def ratio(self) -> float:
        """Delivered / committed."""
        return self.stretch.delivered / self.stretch.committed


def similar(now_at: CoursePoint, past: Sequence[Stretch], today: date, described: Described) -> SimilarSprints | None:
    """The nearest past sprints and whether they add anything; `None` without any past sprint to compare with."""
    # One order whatever the order of the past: among equally near ones the key decides.
    over = sorted((s for s in past if s.ended_on < today), key=lambda s: s.key)
    candidates = [c for s in over if (c := _candidate(s, now_at.elapsed)) is not None]
    if not candidates:
        return None
    table = np.array([c.point.values for c in candidates])
    spread = _spread(table)
    distances = _distances(np.array(now_at.values), table, spread)
    order = sorted(range(len(candidates)), key=lambda n: (distances[n], candidates[n].stretch.key))[:NEAREST]
    shown = tuple(_shown(candidates[n], float(distances[n]), described) for n in order)
    if len(candidates) < FEWEST:
        words = f"{_counted(len(candidates))} can be compared, too few to say whether that tells anything."
        return SimilarSprints(sprints=shown, compared=len(candidates), adds=False, sentence=words)
    return _tested(shown, candidates, table)


def _candidate(stretch: Stretch, share: float) -> _Candidate | None:
    if not stretch.is_sprint or stretch.landed is None or stretch.committed <= 0 or not stretch.course:
        return None
    point = min(stretch.course, key=lambda p: (abs(p.elapsed - share), p.elapsed))
    return _Candidate(stretch, point) if abs(point.elapsed - share) <= SAME_SHARE else None


def _tested(shown: tuple[SimilarSprint, ...], candidates: Sequence[_Candidate], table: Floats) -> SimilarSprints:
    near, plain = leave_one_out(
        table, np.array([float(bool(c.stretch.landed)) for c in candidates]), np.array([c.ratio for c in candidates])
    )
    gain = plain[0] - near[0]
    drawn = interval(drawn_means(gain, draw_groups(range(len(candidates)), RESAMPLES, SEED)))
    adds = drawn is not None and drawn[0] > 0
    count = len(candidates)
    landed = sum(one.landed for one in shown)
    sentence = f"Similar sprints tell nothing more than the average here (n = {count})."
    if adds:
        sentence = (
            f"{landed} of the {len(shown)} past sprints most like this one landed; on {count} past sprints the most similar "
            "ones foretold the end better than the average."
        )
    brier, base_brier, error, base_error = (round(float(v.mean()), 3) for v in (near[0], plain[0], near[1], plain[1]))
    return SimilarSprints(
        sprints=shown, compared=count, adds=adds, sentence=sentence,
        brier=brier, base_brier=base_brier, error=error, base_error=base_error,
    )  # fmt: skip


def leave_one_out(table: Floats, landed: Floats, ratio: Floats) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """((squared error, absolute error) of the nearest, the same of the average and median), each per sprint left out.

    Args:
        table: a row of values for every sprint, shape (sprints, values).
        landed: 1 or 0 for each.
        ratio: delivered / committed of each.
    """
    count = len(landed)
    found = np.zeros((4, count))
    for n in range(count):
        rest = np.arange(count) != n
        distances = _distances(table[n], table[rest], _spread(table[rest]))
        near = np.argsort(distances, kind="stable")[:NEAREST]
        # The same prior pulls both to one half, so that neither is punished for being sure on three sprints.
        said = (landed[rest][near].sum() + 1.0) / (len(near) + 2.0)
        plain = (landed[rest].sum() + 1.0) / (count + 1.0)
        found[0, n], found[2, n] = (said - landed[n]) ** 2, (plain - landed[n]) ** 2
        found[1, n] = abs(float(np.median(ratio[rest][near])) - ratio[n])
        found[3, n] = abs(float(np.median(ratio[rest])) - ratio[n])
    return (found[0], found[1]), (found[2], found[3])


def _shown(one: _Candidate, distance: float, described: Described) -> SimilarSprint:
    stretch = one.stretch
    title, accepted, evidence = described(stretch)
    return SimilarSprint(
        sprint_id=stretch.key,
        title=title,
        ended_on=stretch.ended_on,
        distance=round(distance, 2),
        landed=bool(stretch.landed),
        delivered_share=round(one.ratio, 2),
        days_late=stretch.days_late,
        removed=one.point.removed_later,
        end_moved=stretch.end_moved,
        accepted=accepted,
        evidence=evidence,
    )


def _spread(table: Floats) -> Floats:
    spread = np.asarray(table.std(axis=0), dtype=np.float64)
    spread[spread <= 1e-9] = 1.0
    return spread


def _distances(one: Floats, table: Floats, spread: Floats) -> Floats:
    """Root of the mean squared difference, in standard deviations; rounded so that platforms order alike."""
    return np.asarray(np.round(np.sqrt((((table - one) / spread) ** 2).mean(axis=1)), 9))


def _counted(count: int) -> str:
    return f"{count} past sprint" if count == 1 else f"{count} past sprints"
