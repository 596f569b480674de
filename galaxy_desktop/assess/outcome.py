"""P(a sprint is missed), learned from public sprints: the voice that speaks before a team has a history of its own.

    log-odds = level(elapsed) + what each term adds (see `outcome_curve`) + what the team's own past says

`resources/outcome_model.json` holds the parameters, docs/outcome-model.md is the model card. Two rules stand above the
curve: a sprint that committed to nothing cannot be missed, and one with nothing left is close to safe, the closer the
later. A team's history shifts the level as if its past sprints had been added to `HISTORY_WEIGHT` public ones; the
shift fades until 80 % of the time, when the sprint itself says more than the team's past.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess.outcome_curve import BLOCK_SCALES, BLOCKS, LEVELS, MOMENTS, WIDTH, columns
from galaxy_desktop.assess.outcome_moment import SprintMoment
from galaxy_desktop.assess.outcome_reasons import Reason, in_words
from galaxy_desktop.assess.outcome_terms import FINISHED, FREE

__all__ = ["OutcomeModel", "Reason", "SprintMoment"]

Floats = NDArray[np.float64]

FORMAT = "galaxy-outcome/1"
NOTHING_COMMITTED = 0.01
NOTHING_LEFT = (0.12, 0.05)
"""At most this chance of missing with nothing left, at the start and at the end of the time."""
HISTORY_WEIGHT = 10.0
HISTORY_FADES = 0.8
LEAST = 0.005
NAMES = (*FREE, *FINISHED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutcomeModel:
    """The parameters. `missed` and `ratio` have `outcome_curve.WIDTH` weights, those of a team `TEAM_WIDTH`."""

    center: Floats
    spread: Floats
    missed: Floats
    ratio: Floats
    base_rate: float
    median_ratio: float
    team_missed: Mapping[str, Floats] = field(default_factory=dict)
    team_ratio: Mapping[str, Floats] = field(default_factory=dict)
    own_missed: Floats | None = None
    own_ratio: Floats | None = None

    @staticmethod
    def from_json(text: str) -> OutcomeModel:
        """The model in a parameter file; raises `ValueError` when it is not one that this program understands."""
        return _read(text)

    def to_json(self) -> str:
        """The general part as a parameter file; deviations of single teams stay out."""
        return _written(self)

    def for_team(self, name: str) -> OutcomeModel:
        """The same with the deviation that was learned for this team; unchanged where none was."""
        return replace(self, own_missed=self.team_missed.get(name), own_ratio=self.team_ratio.get(name))

    def p_missed(self, moments: Sequence[SprintMoment], history: Sequence[float] = ()) -> Floats:
        """P(delivers less than is committed now) for each moment, from 0.005 to 0.995.

        Args:
            moments: sprints at moments; any finite numbers are allowed, negative amounts count as zero.
            history: what the team's past sprints did, oldest first: delivered/committed as numbers, or whether
                they were missed as bools. Empty means a cold start.
        """
        if not moments:
            return np.zeros(0)
        score = self._score(moments, self.missed, self.own_missed)
        score += self._shift(history) * np.array([_fading(one.elapsed) for one in moments])
        chance = np.clip(1.0 / (1.0 + np.exp(-np.clip(score, -30, 30))), LEAST, 1.0 - LEAST)
        return np.array([_bounded(one, float(p)) for one, p in zip(moments, chance, strict=True)])

    def delivered_ratio(self, moments: Sequence[SprintMoment], history: Sequence[float] = ()) -> Floats:
        """The median of delivered/committed for each moment, 1 where nothing is committed.

        `history` is as in `p_missed`; bools say nothing here.
        """
        if not moments:
            return np.zeros(0)
        score = self._score(moments, self.ratio, self.own_ratio)
        past = [float(one) for one in history if not isinstance(one, bool | np.bool_)]
        if past:
            own = float(np.median(past)) - self.median_ratio
            score += own * len(past) / (len(past) + HISTORY_WEIGHT) * np.array([_fading(m.elapsed) for m in moments])
        committed = np.array([one.committed for one in moments])
        return np.where(committed > 0, np.clip(score, 0.0, 3.0), 1.0)

    def reasons(self, moment: SprintMoment) -> tuple[Reason, ...]:
        """What moves this sprint's log-odds of being missed away from the usual at this moment, heaviest first.

        With the level of an average sprint they add up to the log-odds of `p_missed` without history, before its two
        rules. Empty where nothing is committed.
        """
        if moment.committed <= 0:
            return ()
        general, own = columns([moment], self.center, self.spread)
        weighed = general[0] * self.missed
        moved = dict.fromkeys(NAMES, 0.0)
        size = len(FREE)
        for block in range(len(BLOCKS)):
            for i, name in enumerate(FREE):
                moved[name] += float(weighed[LEVELS + block * size + i])
        for i, name in enumerate(FINISHED):
            moved[name] += float(weighed[LEVELS + len(BLOCKS) * size + i])
            moved[name] += float(weighed[LEVELS + len(BLOCKS) * size + len(FINISHED) + i])
        if self.own_missed is not None:
            for i, name in enumerate(NAMES):
                moved[name] += float(own[0][2 + i] * self.own_missed[2 + i])
        board = float(weighed[1 + len(MOMENTS) : LEVELS].sum())
        return in_words(moment, moved, board)

    def _score(self, moments: Sequence[SprintMoment], weights: Floats, team: Floats | None) -> Floats:
        general, own = columns(moments, self.center, self.spread)
        score = np.asarray(general @ weights, dtype=np.float64)
        return score if team is None else score + own @ team

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


def _written(model: OutcomeModel) -> str:
    scales = np.array(BLOCK_SCALES)
    curves = {
        "missed": model.missed,
        "delivered_ratio": model.ratio,
    }
    parts = [
        f'  "format": {json.dumps(FORMAT)}',
        '  "what": "P(a sprint is missed) and the median of delivered/committed, at a moment; see docs/outcome-model.md"',
        f'  "base_rate": {model.base_rate}',
        f'  "median_ratio": {model.median_ratio}',
        f'  "moments": {json.dumps(list(MOMENTS))}',
        f'  "block_scales": {json.dumps(dict(zip(BLOCKS, scales.tolist(), strict=True)))}',
        '  "standard": ' + _table({n: [model.center[i], model.spread[i]] for i, n in enumerate(NAMES)}),
    ]
    for name, weights in curves.items():
        body = {
            "level": weights[:1],
            "at": weights[1 : 1 + len(MOMENTS)],
            "at_untouched": weights[1 + len(MOMENTS) : LEVELS],
        }
        blocks = weights[LEVELS : LEVELS + len(BLOCKS) * len(FREE)].reshape(len(BLOCKS), len(FREE))
        ends = weights[LEVELS + len(BLOCKS) * len(FREE) :].reshape(2, len(FINISHED))
        rows = body | dict(zip(FREE, blocks.T, strict=True)) | dict(zip(FINISHED, ends.T, strict=True))
        parts.append(f'  "{name}": ' + _table({key: list(row) for key, row in rows.items()}))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _table(rows: Mapping[str, Sequence[float]]) -> str:
    lines = [f"    {json.dumps(name)}: {json.dumps([float(one) for one in row])}" for name, row in rows.items()]
    return "{\n" + ",\n".join(lines) + "\n  }"


def _read(text: str) -> OutcomeModel:
    try:
        said = json.loads(text)
        if said["format"] != FORMAT or tuple(said["moments"]) != MOMENTS:
            raise ValueError("the parameters of the outcome model are of another version")
        standard = np.array([said["standard"][name] for name in NAMES], dtype=np.float64)
        model = OutcomeModel(
            center=standard[:, 0],
            spread=standard[:, 1],
            missed=_weights(said["missed"]),
            ratio=_weights(said["delivered_ratio"]),
            base_rate=float(said["base_rate"]),
            median_ratio=float(said["median_ratio"]),
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"the parameters of the outcome model are incomplete: {error}") from error
    everything = np.concatenate([standard.ravel(), model.missed, model.ratio])
    if not np.isfinite(everything).all() or not 0 < model.base_rate < 1 or (model.spread <= 0).any():
        raise ValueError("the parameters of the outcome model are out of range")
    return model


def _weights(rows: Mapping[str, Sequence[float]]) -> Floats:
    blocks = np.array([rows[name] for name in FREE], dtype=np.float64).T
    ends = np.array([rows[name] for name in FINISHED], dtype=np.float64).T
    level = [*rows["level"], *rows["at"], *rows["at_untouched"]]
    weights = np.concatenate([np.array(level, dtype=np.float64), blocks.ravel(), ends.ravel()])
    if len(weights) != WIDTH:
        raise ValueError("the parameters of the outcome model have the wrong shape")
    return weights
