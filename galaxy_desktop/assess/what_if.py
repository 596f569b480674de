"""Questions to a forecast: what if #17 slips two days, what if these two leave, what if the end moves?

An answer is the forecast before and after one change, under the same random numbers, so that nothing but the change makes
the difference. A forecaster that keeps its draws (`forecast.Simulator`) answers in a fraction of the time of a forecast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial

from galaxy_desktop.domain.calendar import day_in_words
from galaxy_desktop.domain.findings import Forecast, ForecastInputs
from galaxy_desktop.domain.scenarios import changed, ending, freed, green, halved, reviewed, slipped, without

Simulate = Callable[[ForecastInputs], Forecast]


@dataclass(frozen=True, slots=True)
class Slip:
    """An item is done so many working days later than it otherwise would be."""

    item_id: str
    days: float


@dataclass(frozen=True, slots=True)
class Drop:
    """Items leave the sprint."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoveEnd:
    """The sprint ends on another day."""

    to: date


@dataclass(frozen=True, slots=True)
class Unblock:
    """Nothing waits for `blocker` any more, or just `blocked` where it is named."""

    blocker: str
    blocked: str | None = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A pull request has its review."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Green:
    """A red build passes."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Split:
    """Half of what is left of an item goes elsewhere."""

    item_id: str


Question = Slip | Drop | MoveEnd | Unblock | Reviewed | Green | Split


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A forecast before and after a change.

    `change` is the change of P (-1 to 1), `None` where one of both has none; `p85` the day that holds in 85 % of the
    runs afterwards, `None` where there is no date; `words` say all that in a sentence.
    """

    before: Forecast
    after: Forecast
    change: float | None
    p85: date | None
    words: str


def applied(inputs: ForecastInputs, question: Question) -> ForecastInputs:
    """The inputs with the change made; raises `ValueError` for an item that is not in the sprint or a slip below zero."""
    _check(inputs, question)
    match question:
        case Slip(item_id, days):
            return changed(inputs, item_id, partial(slipped, days=days))
        case Drop(ids):
            return without(inputs, ids)
        case MoveEnd(to):
            return ending(inputs, to)
        case Unblock(blocker, blocked):
            return freed(inputs, blocker, blocked)
        case Reviewed(item_id):
            return changed(inputs, item_id, reviewed)
        case Green(item_id):
            return changed(inputs, item_id, green)
        case Split(item_id):
            return changed(inputs, item_id, halved)


def _check(inputs: ForecastInputs, question: Question) -> None:
    known = {work.item_id for work in inputs.open}
    match question:
        case Drop(ids):
            asked = ids
        case MoveEnd():
            asked = ()
        case Unblock(blocker, blocked):
            known |= {work.item_id for work in inputs.outside}
            asked = (blocker,) if blocked is None else (blocker, blocked)
        case Slip(item_id, days) if days < 0:
            raise ValueError(f"an item cannot slip by {days:g} days: say how many days later it is done")
        case _:
            asked = (question.item_id,)
    for item_id in asked:
        if item_id not in known:
            raise ValueError(f"{_name(item_id)} is not an open item of this sprint")


def what_if(inputs: ForecastInputs, question: Question, simulate: Simulate) -> WhatIf:
    """The answer to one question; raises `ValueError` as `applied` does."""
    after = simulate(applied(inputs, question))
    before = simulate(inputs)
    change = None
    if before.probability is not None and after.probability is not None:
        change = round(after.probability - before.probability, 4)
    p85 = after.completion.p85 if after.completion else None
    return WhatIf(
        before=before,
        after=after,
        change=change,
        p85=p85,
        words=f"{_asked(question, inputs.today)}{_answer(before, after, inputs.today)}",
    )


def _asked(question: Question, today: date) -> str:
    match question:
        case Slip(item_id, days):
            return f"If {_name(item_id)} slips {days:g} working {'day' if days == 1 else 'days'}, "
        case Drop(ids):
            return (
                f"Without {', '.join(_name(i) for i in ids[:3])}{f' and {len(ids) - 3} more' if len(ids) > 3 else ''}, "
            )
        case MoveEnd(to):
            return f"With the end on {day_in_words(to, today)}, "
        case Unblock(blocker, None):
            return f"If nothing waits for {_name(blocker)} any more, "
        case Unblock(blocker, blocked):
            return f"If {_name(blocked or '')} no longer waits for {_name(blocker)}, "
        case Reviewed(item_id):
            return f"With {_name(item_id)} reviewed, "
        case Green(item_id):
            return f"With the build of {_name(item_id)} green, "
        case Split(item_id):
            return f"With half of {_name(item_id)} moved elsewhere, "


def _answer(before: Forecast, after: Forecast, today: date) -> str:
    dates = ""
    if after.completion is not None:
        same = before.completion is not None and before.completion.p85 == after.completion.p85
        by = day_in_words(after.completion.p85, today)
        dates = f"; 85 % of the runs are done by {by}{', as now' if same else ''}"
    if after.probability is None:
        return f"there is no probability to give ({after.why_none}){dates}."
    now = round(100 * after.probability)
    if before.probability is None:
        return f"the sprint lands with {now} %{dates}."
    points = round(100 * (after.probability - before.probability))
    moved = (
        "as likely as now"
        if not points
        else f"{abs(points)} {'point' if abs(points) == 1 else 'points'} {'more' if points > 0 else 'less'} than now"
    )
    return f"the sprint lands with {now} %, {moved}{dates}."


def _name(item_id: str) -> str:
    return item_id.removeprefix("external:").partition(":")[2] or item_id
