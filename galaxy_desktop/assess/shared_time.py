"""What items of one person, one review desk and one build cost each other in time.

    own time of an item       W, in the hands of somebody who has n of them and usually works on w at once:
                              max(W, sum over their items j of min(W, W_j) * weight_j / w)
    an item of several people each of them counts it with weight 1/k, and the least busy of them decides
    days off                  the time of an item stands still on the days on which all its owners are away
    waiting for a review      not before the reviews of all that waited longer are done, at the rate of a busy week
    red build                 as long as this team's builds took to become green, see `GREEN_DAYS`

The first line is what people do who change between their items in turn: with as many in hand as usual nothing is added,
with three times as many everything takes three times as long. It depends on no order, so no item ever gains by another
one that is there. And it uses only what age adds to an item (see `chains`), because the throughput that the runs draw
already holds how people usually share their time.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from galaxy_desktop.assess.draws import Draws, Floats, Ints
from galaxy_desktop.domain.findings import OpenWork

GREEN_DAYS = (0.2, 0.5, 1.0, 1.5, 2.0)
"""Standing values beside the team's own, so that one quick repair is not taken for the rule."""


class Timed(NamedTuple):
    """Days of one item, (run,), with what they depend on: equal keys mean equal days."""

    key: Hashable
    days: Floats


def shared(
    works: Sequence[OpenWork], times: Mapping[str, Timed], at_once: float | None, draws: Draws
) -> dict[str, Floats]:
    """Times of items when each person's items share that person's time; ids that are not in `times` are at zero."""
    alone = {item_id: timed.days for item_id, timed in times.items()}
    if at_once is None:
        return alone
    hands: dict[str, list[tuple[str, float]]] = {}
    for work in sorted(works, key=lambda w: w.item_id):
        for owner in work.owners if work.item_id in times else ():
            hands.setdefault(owner, []).append((work.item_id, 1.0 / len(work.owners)))
    turns: dict[str, list[Floats]] = {}
    for held in hands.values():
        if sum(weight for _, weight in held) > at_once:
            key = ("shared", at_once, tuple((weight, times[item_id].key) for item_id, weight in held))
            made = draws.kept_all(key, partial(_in_turn, held, alone, at_once))
            for (item_id, _), days in zip(held, made, strict=True):
                turns.setdefault(item_id, []).append(days)
    owners = {work.item_id: len(work.owners) for work in works}
    return {i: _least(days, turns.get(i, ()), owners[i]) for i, days in alone.items()}


def _least(alone: Floats, turns: Sequence[Floats], owners: int) -> Floats:
    """The least busy owner decides; one without a queue takes the item's own time."""
    if not turns or len(turns) < owners:
        return alone
    least: Floats = np.minimum.reduce(turns)
    return least


def _in_turn(held: Sequence[tuple[str, float]], times: Mapping[str, Floats], at_once: float) -> tuple[Floats, ...]:
    alone = [times[item_id] for item_id, _ in held]
    sums = [time * (weight / at_once) for time, (_, weight) in zip(alone, held, strict=True)]
    for one in range(len(held)):
        for other in range(one):
            both = np.minimum(alone[one], alone[other]) / at_once
            sums[one] += both * held[other][1]
            sums[other] += both * held[one][1]
    return tuple(np.maximum(time, total) for time, total in zip(alone, sums, strict=True))


def around_days_off(time: Floats, here: Sequence[Ints]) -> Floats:
    """An item's days when they are counted only while somebody who owns it is there.

    `here` holds for each owner the places of the working days from today on which that person is there, ascending.
    """
    whole = time.astype(np.int64)
    part = time - whole
    least: Floats = np.minimum.reduce([days[np.minimum(whole, len(days) - 1)] + part for days in here])
    return least


def review_turns(works: Sequence[OpenWork], reviews_a_day: float | None) -> dict[str, float]:
    """For each item that waits for a review, the working days from today before which nobody gets to it."""
    waiting = [w for w in works if w.waiting_for_review_days is not None and w.waiting_for_review_days > 0.0]
    if reviews_a_day is None:
        return {}
    waiting.sort(key=lambda w: (-(w.waiting_for_review_days or 0.0), w.item_id))
    turns = {}
    for ahead, work in enumerate(waiting):
        turns[work.item_id] = float(int(ahead / reviews_a_day))
    return turns


def days_to_green(green_days: Sequence[float], chance: Floats) -> Floats:
    """Days until a red build is green; `chance` holds uniform numbers."""
    levels = np.array(sorted((*green_days, *GREEN_DAYS)))
    days: Floats = levels[np.minimum((chance * len(levels)).astype(np.int64), len(levels) - 1)]
    return days
