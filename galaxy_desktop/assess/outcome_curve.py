"""The shape of the outcome model: how terms become columns of a linear score.

Each free term t, standardized to s = (t - center) / spread and kept within three spreads, enters four times:

    weight * s + with_time * s * c + untouched * s * u + bend * (s^2 - 1),   c = 2.5 * (elapsed - 0.4)

u is 1 on a board where nothing has moved. A finished term f enters with a weight at the start and one at the end,
both held at or below zero, and the level is a line through four moments, once for each kind of board. A team may
deviate from all of these; its deviations are drawn towards zero, so a team with few sprints stays near the others.

There are two such curves, one learned at the start of sprints and one from sprints under way: what a full list says of
a sprint that has not begun differs from what it says halfway. Before `STARTED` they are mixed by elapsed time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess.outcome_moment import SprintMoment
from galaxy_desktop.assess.outcome_terms import FINISHED, FREE, terms

Floats = NDArray[np.float64]

MOMENTS = (0.0, 0.3, 0.5, 0.8)
"""Shares of the planned time at which the level is free; it is a line between them and flat beyond."""
FAR = 3.0
OF_PEOPLE = [i for i, name in enumerate(FREE) if name == "people" or name.endswith("_per_person")]
"""Terms that take their usual value where nobody knows how many people there are."""
BLOCKS = ("weight", "with_time", "untouched", "bend")
BLOCK_SCALES = (1.0, 0.7, 0.7, 0.3)
"""How readily the fit uses each block: the ridge sees columns multiplied by these."""
LEVELS = 1 + 2 * len(MOMENTS)
WIDTH = LEVELS + len(BLOCKS) * len(FREE) + 2 * len(FINISHED)
"""Columns of the general part."""
STARTED = 0.3
"""From this share of the time on the curve of sprints under way speaks alone, at 0 that of sprints at their start."""
TEAM_SCALE = 0.5
TEAM_WIDTH = 2 + len(FREE) + len(FINISHED)
"""Columns of a team's deviation: offset, offset on untouched boards, free terms, finished terms."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """Weights of one curve: `WIDTH` for each outcome, and `TEAM_WIDTH` for the deviation of each team."""

    missed: Floats
    ratio: Floats
    team_missed: Mapping[str, Floats] = field(default_factory=dict)
    team_ratio: Mapping[str, Floats] = field(default_factory=dict)


def columns(moments: Sequence[SprintMoment], center: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """(columns of the general part, columns of a team's deviation), a row for every moment.

    Args:
        moments: at least one sprint at a moment.
        center: what is taken from each term of `FREE + FINISHED`.
        spread: what each is then divided by.
    """
    free, finished, elapsed, untouched = terms(moments)
    ends = len(FREE)
    scaled = np.clip((free - center[:ends]) / spread[:ends], -FAR, FAR)
    scaled[np.ix_([one.people <= 0 for one in moments], OF_PEOPLE)] = 0.0
    ready = (finished - center[ends:]) / spread[ends:]
    course, board = 2.5 * (elapsed - 0.4)[:, None], untouched[:, None]
    at = hats(elapsed)
    blocks = (scaled, scaled * course, scaled * board, scaled**2 - 1.0)
    general = np.column_stack(
        [
            np.ones(len(free)),
            at,
            at * board,
            *(block * scale for block, scale in zip(blocks, BLOCK_SCALES, strict=True)),
            ready * (1.0 - elapsed)[:, None],
            ready * elapsed[:, None],
        ]
    )
    own = np.column_stack([np.ones(len(free)), board, scaled, ready]) * TEAM_SCALE
    return general, own


def under_way(moments: Sequence[SprintMoment]) -> Floats:
    """How much the curve of sprints under way counts for each moment, 0 to 1; the rest is that of sprints at their start."""
    return np.array([min(max(one.elapsed, 0.0) / STARTED, 1.0) for one in moments])


def hats(elapsed: Floats) -> Floats:
    """How much each of `MOMENTS` counts at these elapsed shares; rows sum to 1."""
    corners = np.eye(len(MOMENTS))
    return np.column_stack([np.interp(elapsed, MOMENTS, corner) for corner in corners])


def measure(moments: Sequence[SprintMoment]) -> tuple[Floats, Floats]:
    """(center, spread) of every term of `FREE + FINISHED` over these moments."""
    free, finished, _, _ = terms(moments)
    both = np.column_stack([free, finished])
    spread = both.std(axis=0)
    return both.mean(axis=0), np.where(spread > 1e-6, spread, 1.0)
