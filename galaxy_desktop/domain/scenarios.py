"""What could be changed about a sprint, as changes to the inputs of its forecast.

Each is a pure function: the same inputs with one thing else. Recommendations and questions ("what if #17 slips two days")
are made from them, so that both mean the same by the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date

from galaxy_desktop.domain.findings import ForecastInputs, OpenWork


def without(inputs: ForecastInputs, ids: Collection[str]) -> ForecastInputs:
    """The inputs when these items leave the sprint; if they hold up others they still do, from outside."""
    gone = [replace(work, blocked_by=()) for work in inputs.open if work.item_id in ids]
    left = tuple(work for work in inputs.open if work.item_id not in ids)
    needed = {blocker for work in left for blocker in work.blocked_by}
    still = tuple(work for work in gone if work.item_id in needed)
    return replace(inputs, open=left, outside=inputs.outside + still)


def ending(inputs: ForecastInputs, to: date) -> ForecastInputs:
    """The inputs with another end; the planned time grows with it."""
    if inputs.due_on is None or inputs.planned_days is None:
        return replace(inputs, due_on=to)
    return replace(inputs, due_on=to, planned_days=inputs.planned_days + (to - inputs.due_on).days)


def changed(inputs: ForecastInputs, item_id: str, change: Callable[[OpenWork], OpenWork]) -> ForecastInputs:
    """The inputs with one item changed, in the sprint or outside it."""

    def among(works: tuple[OpenWork, ...]) -> tuple[OpenWork, ...]:
        return tuple(change(work) if work.item_id == item_id else work for work in works)

    return replace(inputs, open=among(inputs.open), outside=among(inputs.outside))


def freed(inputs: ForecastInputs, blocker: str, blocked: str | None = None) -> ForecastInputs:
    """The inputs when nothing, or just `blocked`, waits for `blocker` any more."""
    works = tuple(
        replace(work, blocked_by=tuple(b for b in work.blocked_by if b != blocker))
        if blocked in (None, work.item_id)
        else work
        for work in inputs.open
    )
    return replace(inputs, open=works)


def shared_out(inputs: ForecastInputs, ids: Collection[str]) -> ForecastInputs:
    """The inputs when every second of these items goes to whoever has hands free; what nobody began goes first."""
    mine = sorted((w for w in inputs.open if w.item_id in ids), key=lambda w: (w.age_days is not None, w.item_id))
    given = {work.item_id for work in mine[: len(mine) // 2]}
    works = tuple(replace(work, owners=()) if work.item_id in given else work for work in inputs.open)
    return replace(inputs, open=works)


def reviewed(work: OpenWork) -> OpenWork:
    """Nobody has to wait for its review any more."""
    return replace(work, waiting_for_review_days=None)


def green(work: OpenWork) -> OpenWork:
    """Its build passes."""
    return replace(work, red=False)


def halved(work: OpenWork) -> OpenWork:
    """Half of what is left of it goes elsewhere."""
    return replace(work, remaining_share=work.remaining_share / 2)


def slipped(work: OpenWork, days: float) -> OpenWork:
    """It finishes so many working days later than it otherwise would."""
    return replace(work, slip_days=work.slip_days + days)
