"""The terms of the outcome model: what a sprint looks like at a moment, free of its scale.

Shares carry over from team to team better than counts, so nearly every amount appears as a share of what is committed;
sizes appear as logarithms. Everything that describes progress is made of what is still to do, what is in progress and
what is committed, and only `FINISHED` of what is done, so the fit can hold those two to one direction.

A board on which nothing has moved is a state of its own (`untouched`): on public boards it often means that nobody
kept the board, and says little about the work. The model learns each term once for such boards and once for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from galaxy_desktop.assess.outcome_moment import SprintMoment

Floats = NDArray[np.float64]

LARGEST = 1e9
LEAST_TIME_LEFT = 0.05
UNITS = ("amount", "items")

_OF_A_UNIT = (
    "todo_share",
    "left_share",
    "started_share",
    "added_share",
    "removed_share",
    "net_share",
    "size",
    "todo",
    "started",
    "left",
    "finished",
    "at_start",
    "added",
    "removed",
    "growth",
    "per_day",
    "per_person",
    "pace_needed",
    "finished_odds",
)
_OF_BOTH = (
    "days",
    "people",
    "amount_per_item",
    "left_per_item",
    "estimated",
    "began_empty",
    "churn",
    "any_added",
    "any_removed",
    "none_finished",
    "none_started",
    "none_waiting",
    "nothing_left",
)
FREE: tuple[str, ...] = (*(f"{unit}_{name}" for unit in UNITS for name in _OF_A_UNIT), *_OF_BOTH)
"""Terms whose weight may have either sign."""
FINISHED: tuple[str, ...] = tuple(f"{unit}_done_share" for unit in UNITS)
"""Terms that rise with what is done; their weights are held at or below zero."""
NAMES = (*FREE, *FINISHED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Amounts:
    """Moments as columns; `units` holds by unit what was there at the start, added, removed, to do, started, done."""

    days: Floats
    elapsed: Floats
    people: Floats
    units: dict[str, Floats]


_numbers = attrgetter(*(field.name for field in fields(SprintMoment)))
"""The numbers of a moment in their order: a tenth of the time of `astuple`, and a forecast asks about thousands."""


def amounts_of(moments: Sequence[SprintMoment]) -> Amounts:
    """The numbers of these moments: negative ones count as zero, amounts above `LARGEST` as that, elapsed as 1."""
    table = np.array([_numbers(one) for one in moments], dtype=np.float64).reshape(len(moments), 15)
    table = np.clip(table, 0.0, LARGEST)
    return Amounts(
        days=table[:, 0],
        elapsed=np.minimum(table[:, 1], 1.0),
        people=table[:, 14],
        units={"amount": table[:, 2:8], "items": table[:, 8:14]},
    )


def terms(moments: Sequence[SprintMoment]) -> tuple[Floats, Floats, Floats, Floats]:
    """(free terms, finished terms, elapsed 0 to 1, untouched 0 or 1), a row each for every moment; always defined."""
    numbers = amounts_of(moments)
    days, elapsed, people, amounts = numbers.days, numbers.elapsed, numbers.people, numbers.units
    columns: dict[str, Floats] = {}
    for unit in UNITS:
        columns |= {f"{unit}_{name}": v for name, v in _unit_terms(amounts[unit], days, elapsed, people).items()}
    columns |= _shared_terms(amounts["amount"], amounts["items"], columns)
    columns |= {"days": np.log1p(days), "people": np.log1p(people)}
    free = np.column_stack([columns[name] for name in FREE])
    finished = np.column_stack([columns[name] for name in FINISHED])
    return free, finished, elapsed, _untouched(amounts["items"])


def _untouched(items: Floats) -> Floats:
    at_start, added, removed, todo, started, _ = items.T
    committed = np.maximum(at_start + added - removed, 0.0)
    return np.where((started == 0) & (todo >= committed) & (committed > 0), 1.0, 0.0)


def _unit_terms(amounts: Floats, days: Floats, elapsed: Floats, people: Floats) -> dict[str, Floats]:
    at_start, added, removed, todo, started, done = amounts.T
    committed = np.maximum(at_start + added - removed, 0.0)
    left = todo + started
    whole = np.maximum(np.maximum(committed, left), 1e-9)
    seen = np.maximum(at_start + added, 1e-9)
    finished = np.maximum(committed - left, 0.0)
    time_left = np.maximum(1.0 - elapsed, LEAST_TIME_LEFT)
    log = np.log1p
    return {
        "todo_share": todo / whole,
        "left_share": left / whole,
        "started_share": started / whole,
        "added_share": added / seen,
        "removed_share": removed / seen,
        "net_share": (added - removed) / seen,
        "size": log(committed),
        "todo": log(todo),
        "started": log(started),
        "left": log(left),
        "finished": log(finished),
        "at_start": log(at_start),
        "added": log(added),
        "removed": log(removed),
        "growth": log(added) - log(at_start),
        "per_day": log(committed) - log(days),
        "per_person": log(committed) - log(people),
        "pace_needed": np.log(left / whole / time_left + 0.05),
        "finished_odds": np.log((finished + 0.5) / (committed + 1.0)),
        "done_share": done / np.maximum(done + left, 1e-9),
    }


def _shared_terms(amount: Floats, items: Floats, columns: dict[str, Floats]) -> dict[str, Floats]:
    at_start, added, removed, todo, started, _ = items.T
    committed = np.maximum(at_start + added - removed, 0.0)
    left = todo + started
    amount_left = amount[:, 3] + amount[:, 4]
    flags = {
        "estimated": np.where(left > 0, (amount_left > 0).astype(np.float64), 0.5),
        "began_empty": amount[:, 0] == 0,
        "any_added": added > 0,
        "any_removed": removed > 0,
        "none_finished": (left >= committed) & (committed > 0),
        "none_started": started == 0,
        "none_waiting": todo == 0,
        "nothing_left": left == 0,
    }
    return {name: np.asarray(flag, dtype=np.float64) for name, flag in flags.items()} | {
        "amount_per_item": columns["amount_size"] - columns["items_size"],
        "left_per_item": columns["amount_left"] - columns["items_left"],
        "churn": columns["amount_added_share"] * columns["amount_removed_share"],
    }
