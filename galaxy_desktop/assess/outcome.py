"""P(a sprint is missed), learned from public sprints: the voice that speaks before a team has a history of its own.

    log-odds = curve of this moment (see `outcome_curve`) + course, where earlier looks are known (see `outcome_course`)
               + what the team's own past says

`resources/outcome_model.json` holds the parameters, docs/outcome-model.md is the model card. Two rules stand above
that: a sprint that committed to nothing cannot be missed, and one with nothing left is close to safe, the closer the
later. A team's history shifts the level as if its past sprints had been added to `HISTORY_WEIGHT` public ones; the
shift fades until 80 % of the time, when the sprint itself says more than the team's past.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess import outcome_file
from galaxy_desktop.assess.outcome_course import Course, Looks, course_columns, look_before
from galaxy_desktop.assess.outcome_curve import BLOCKS, LEVELS, MOMENTS, Curve, columns, under_way
from galaxy_desktop.assess.outcome_moment import SprintMoment
from galaxy_desktop.assess.outcome_reasons import Reason, in_words
from galaxy_desktop.assess.outcome_terms import FINISHED, FREE, NAMES

__all__ = ["Looks", "OutcomeModel", "Reason", "SprintMoment"]

Floats = NDArray[np.float64]

FORMAT = outcome_file.FORMAT
NOTHING_COMMITTED = 0.01
NOTHING_LEFT = (0.12, 0.05)
"""At most this chance of missing with nothing left, at the start and at the end of the time."""
HISTORY_WEIGHT = 10.0
HISTORY_FADES = 0.8
LEAST = 0.005


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutcomeModel:
    """The parameters: a curve for sprints at their start, one for sprints under way, and what their course adds.

    `team` names the team whose deviations count, where any were learned.
    """

    center: Floats
    spread: Floats
    start: Curve
    under_way: Curve
    course: Course
    base_rate: float
    median_ratio: float
    team: str | None = None

    @staticmethod
    def from_json(text: str) -> OutcomeModel:
        """The model in a parameter file; raises `ValueError` when it is not one that this program understands."""
        return OutcomeModel(**outcome_file.read(text))

    def to_json(self) -> str:
        """The general part as a parameter file; deviations of single teams stay out."""
        return outcome_file.written(
            {
                "center": self.center,
                "spread": self.spread,
                "start": self.start,
                "under_way": self.under_way,
                "course": self.course,
                "base_rate": self.base_rate,
                "median_ratio": self.median_ratio,
            }
        )

    def for_team(self, name: str) -> OutcomeModel:
        """The same with the deviation that was learned for this team; unchanged where none was."""
        return replace(self, team=name)

    def p_missed(
        self, moments: Sequence[SprintMoment], history: Sequence[float] = (), earlier: Sequence[Looks] | None = None
    ) -> Floats:
        """P(delivers less than is committed now) for each moment, from 0.005 to 0.995.

        Args:
            moments: sprints at moments; any finite numbers are allowed, negative amounts count as zero.
            history: what the team's past sprints did, oldest first: delivered/committed as numbers, or whether
                they were missed as bools. Empty means a cold start.
            earlier: for each moment the earlier looks at the same sprint, oldest first; what lies less than 15 or more
                than 40 % of the planned time back is not used. Without them the moment speaks alone.

        Raises:
            ValueError: `earlier` is not as long as `moments`.
        """
        if not moments:
            return np.zeros(0)
        score = self._score(moments, "missed", earlier)
        score += self._shift(history) * np.array([_fading(one.elapsed) for one in moments])
        chance = np.clip(1.0 / (1.0 + np.exp(-np.clip(score, -30, 30))), LEAST, 1.0 - LEAST)
        return np.array([_bounded(one, float(p)) for one, p in zip(moments, chance, strict=True)])

    def delivered_ratio(
        self, moments: Sequence[SprintMoment], history: Sequence[float] = (), earlier: Sequence[Looks] | None = None
    ) -> Floats:
        """The median of delivered/committed for each moment, 1 where nothing is committed.

        `history` and `earlier` are as in `p_missed`; bools say nothing here.
        """
        if not moments:
            return np.zeros(0)
        score = self._score(moments, "ratio", earlier)
        past = [float(one) for one in history if not isinstance(one, bool | np.bool_)]
        if past:
            own = float(np.median(past)) - self.median_ratio
            score += own * len(past) / (len(past) + HISTORY_WEIGHT) * np.array([_fading(m.elapsed) for m in moments])
        committed = np.array([one.committed for one in moments])
        return np.where(committed > 0, np.clip(score, 0.0, 3.0), 1.0)

    def reasons(self, moment: SprintMoment, earlier: Looks = ()) -> tuple[Reason, ...]:
        """What moves this sprint's log-odds of being missed away from the usual at this moment, heaviest first.

        With the level of an average sprint they add up to the log-odds of `p_missed` without history, before its two
        rules. Empty where nothing is committed.
        """
        if moment.committed <= 0:
            return ()
        moved, board = dict.fromkeys(NAMES, 0.0), 0.0
        share = float(under_way([moment])[0])
        for curve, part in ((self.start, 1.0 - share), (self.under_way, share)):
            if part > 0:
                board += part * self._moved(moment, curve, part, moved)
        course = course_columns([moment], [earlier], self.course.center, self.course.spread)[0] @ self.course.missed
        return in_words(moment, moved, board, float(course), look_before(moment, earlier))

    def _moved(self, moment: SprintMoment, curve: Curve, part: float, moved: dict[str, float]) -> float:
        """Add what each term of a curve moves to `moved`, times `part`; what an untouched board adds by itself."""
        general, own = columns([moment], self.center, self.spread)
        weighed = general[0] * curve.missed
        size = len(FREE)
        for i, name in enumerate(FREE):
            moved[name] += part * float(weighed[LEVELS + i : LEVELS + len(BLOCKS) * size : size].sum())
        for i, name in enumerate(FINISHED):
            moved[name] += part * float(weighed[LEVELS + len(BLOCKS) * size + i :: len(FINISHED)].sum())
        team = curve.team_missed.get(self.team or "")
        if team is not None:
            for i, name in enumerate(NAMES):
                moved[name] += part * float(own[0][2 + i] * team[2 + i])
        return float(weighed[1 + len(MOMENTS) : LEVELS].sum())

    def _score(self, moments: Sequence[SprintMoment], outcome: str, earlier: Sequence[Looks] | None) -> Floats:
        general, own = columns(moments, self.center, self.spread)
        share = under_way(moments)
        score = np.zeros(len(moments))
        for curve, part in ((self.start, 1.0 - share), (self.under_way, share)):
            said = general @ getattr(curve, outcome)
            team = getattr(curve, f"team_{outcome}").get(self.team or "")
            score += part * (said if team is None else said + own @ team)
        if earlier is not None:
            weights = getattr(self.course, outcome)
            score += course_columns(moments, earlier, self.course.center, self.course.spread) @ weights
        return score

    def _shift(self, history: Sequence[float]) -> float:
        if not len(history):
            return 0.0
        missed = sum(bool(one) if isinstance(one, bool | np.bool_) else one < 1.0 for one in history)
        own = (HISTORY_WEIGHT * self.base_rate + missed) / (HISTORY_WEIGHT + len(history))
        return _logit(own) - _logit(self.base_rate)


def untouched(moment: SprintMoment) -> bool:
    """Whether nothing has moved on the board of a sprint that holds items: then the outcome model knows little."""
    held = max(0.0, moment.items_at_start + moment.items_added - moment.items_removed)
    return held > 0 and moment.items_in_progress <= 0 and moment.items_todo >= held


def _fading(elapsed: float) -> float:
    return max(0.0, 1.0 - max(0.0, elapsed) / HISTORY_FADES)


def _bounded(moment: SprintMoment, chance: float) -> float:
    if moment.committed <= 0:
        return NOTHING_COMMITTED
    if moment.todo <= 0 and moment.in_progress <= 0 and moment.items_todo <= 0 and moment.items_in_progress <= 0:
        start, end = NOTHING_LEFT
        return min(chance, start + (end - start) * min(max(moment.elapsed, 0.0), 1.0))
    return chance


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))
