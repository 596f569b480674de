"""What moved a forecast: the change between two forecasts, shared out over its causes so that the parts add up.

Each cause is a part of the inputs, and taking it over means replacing that part of the earlier inputs by the later one:

    done         items that were open and are done, and such as were done and are open again
    scope        items that came in or went out without being done, and how fast scope grew
    age          time in work, size, owners and waiting for reviews of items that are still open
    dependency   who waits for whom, and blockers outside the sprint
    ci           red builds, and how fast builds become green
    calendar     the day itself, the end, the planned time, holidays and days off
    pace         the throughput of the past, cycle times, how the team works, and its record

How much a cause moved the number depends on which others were taken over before it. So every order counts the same
(Shapley's value): exactly, over all combinations of the causes that differ at all. Both ends and everything between are
computed with the same random numbers, with 1,000 runs each, because seven causes take 128 forecasts. By
how much the change of the whole forecasts differs from that of the small ones, about a point, is shared out over the causes in
proportion to their parts. The parts are rounded to hundredths of a point, and add up to the change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations

from galaxy_desktop.domain.facts import SprintFlow
from galaxy_desktop.domain.findings import Forecast, ForecastInputs, NoForecast, OpenWork

Simulate = Callable[[ForecastInputs], Forecast]
STEPS = 10_000
"""Parts are whole numbers of 1/10,000, as probabilities are."""
RUNS = 1_000
"""Runs of the forecasts between."""
MOST_NAMES = 3


class Cause(StrEnum):
    """Why a number moved."""

    DONE = "done"
    SCOPE = "scope"
    AGE = "age"
    DEPENDENCY = "dependency"
    CI = "ci"
    CALENDAR = "calendar"
    PACE = "pace"


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementPart:
    """One cause: `points` is its part of the change of P (-1 to 1), `item_ids` the items that changed in that way."""

    cause: Cause
    points: float
    words: str
    item_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """From one P to the next, and why; no parts where one of both has no probability."""

    before_p: float | None
    after_p: float | None
    parts: tuple[MovementPart, ...]

    @property
    def change(self) -> float | None:
        """After less before."""
        if self.before_p is None or self.after_p is None:
            return None
        return round(self.after_p - self.before_p, 4)


def movement(before: ForecastInputs, after: ForecastInputs, simulate: Simulate) -> Movement:
    """Why the forecast of `after` is not that of `before`, the largest part first."""
    one, other = simulate(before), simulate(after)
    if one.probability is None or other.probability is None:
        return Movement(before_p=one.probability, after_p=other.probability, parts=())
    alone = _mixed(before, after, frozenset())
    causes = [c for c in Cause if _mixed(before, after, frozenset({c})) != alone]
    if not causes and one.probability != other.probability:
        causes = [Cause.PACE]
    change = other.probability - one.probability
    points = _rounded(_shares(before, after, causes, simulate, change), round(change * STEPS))
    parts = [_part(cause, points[cause] / STEPS, before, after) for cause in causes]
    parts.sort(key=lambda part: (-abs(part.points), list(Cause).index(part.cause)))
    return Movement(before_p=one.probability, after_p=other.probability, parts=tuple(parts))


def _shares(
    before: ForecastInputs, after: ForecastInputs, causes: Sequence[Cause], simulate: Simulate, change: float
) -> dict[Cause, float]:
    """What each cause adds to the change, from forecasts of fewer runs, made to add up to the change of the whole ones."""
    old, new = (replace(one, runs=min(one.runs, RUNS)) for one in (before, after))
    first, last = (_chance(simulate(one), 0.0) for one in (old, new))
    values: dict[frozenset[Cause], float] = {frozenset(): first, frozenset(causes): last}

    def value(taken: frozenset[Cause]) -> float:
        if taken not in values:
            values[taken] = _chance(simulate(_mixed(old, new, taken)), first)
        return values[taken]

    shares = {cause: _shapley(cause, causes, value) for cause in causes}
    rest, whole = change - math.fsum(shares.values()), math.fsum(map(abs, shares.values()))
    if not causes or abs(rest) < 0.5 / STEPS:
        return shares
    return {c: share + rest * (abs(share) / whole if whole else 1.0 / len(causes)) for c, share in shares.items()}


def _shapley(cause: Cause, causes: Sequence[Cause], value: Callable[[frozenset[Cause]], float]) -> float:
    """The mean over all orders of what taking over this cause adds."""
    others = [c for c in causes if c is not cause]
    total = 0.0
    for size in range(len(others) + 1):
        weight = 1.0 / (len(causes) * math.comb(len(others), size))
        for taken in combinations(others, size):
            total += weight * (value(frozenset({*taken, cause})) - value(frozenset(taken)))
    return total


def _chance(forecast: Forecast, otherwise: float) -> float:
    """The probability of a state between both; where it has none, what that state means."""
    if forecast.probability is not None:
        return forecast.probability
    meaning = {NoForecast.ALL_DONE: 1.0, NoForecast.CLOSED: 0.0, NoForecast.END_PASSED: 0.0}
    return meaning.get(forecast.why_none, otherwise) if forecast.why_none else otherwise


def _rounded(shares: dict[Cause, float], total: int) -> dict[Cause, int]:
    """Whole steps that add up to the total; what is left over goes where rounding took most."""
    floors = {cause: math.floor(share * STEPS) for cause, share in shares.items()}
    rest = total - sum(floors.values())
    order = sorted(shares, key=lambda c: (floors[c] - shares[c] * STEPS, list(Cause).index(c)))
    for n in range(abs(rest)):
        floors[order[n % len(order)]] += 1 if rest > 0 else -1
    return floors


def _mixed(before: ForecastInputs, after: ForecastInputs, taken: frozenset[Cause]) -> ForecastInputs:
    """The earlier inputs with these parts of the later ones."""
    source = {cause: after if cause in taken else before for cause in Cause}
    pace, calendar, ci, scope = source[Cause.PACE], source[Cause.CALENDAR], source[Cause.CI], source[Cause.SCOPE]
    opened, done_ids, done = _work(before, after, taken)
    inside = {work.item_id for work in opened}
    then, now = {w.item_id: w for w in before.open}, {w.item_id: w for w in after.open}
    outside = _outsiders(before, after, taken, inside)
    return replace(
        pace,
        open=tuple(_item(then.get(i), now.get(i), taken) for i in sorted(inside)),
        outside=outside,
        done=done,
        done_ids=done_ids,
        as_of=calendar.as_of,
        today=calendar.today,
        due_on=calendar.due_on,
        closed=calendar.closed,
        planned_days=calendar.planned_days,
        holidays=calendar.holidays,
        away=calendar.away,
        added_days=calendar.added_days,
        added=scope.added,
        flow=_flow(pace.flow, scope.flow, calendar.flow),
        rhythm=replace(pace.rhythm, green_days=ci.rhythm.green_days, team=calendar.rhythm.team),
        seed=before.seed,
        runs=before.runs,
    )


def _flow(pace: SprintFlow | None, scope: SprintFlow | None, calendar: SprintFlow | None) -> SprintFlow | None:
    """What sprints usually get is pace; what this one got is scope, on the days that the calendar gave it."""
    if pace is None or scope is None or calendar is None:
        return pace
    return replace(pace, own_added=scope.own_added, own_days=calendar.own_days)


def _gone(before: ForecastInputs, after: ForecastInputs) -> tuple[set[str], set[str], set[str], set[str]]:
    """Ids that were done, reopened, taken in and taken out between the two."""
    was, now = {w.item_id for w in before.open}, {w.item_id for w in after.open}
    done_then, done_now = set(before.done_ids), set(after.done_ids)
    finished = (was - now) & done_now
    reopened = (now - was) & done_then
    return finished, reopened, now - was - done_then, was - now - done_now


def _work(
    before: ForecastInputs, after: ForecastInputs, taken: frozenset[Cause]
) -> tuple[list[OpenWork], tuple[str, ...], int]:
    """What is open, and what is done."""
    finished, reopened, came, went = _gone(before, after)
    ids = {w.item_id for w in before.open}
    done = set(before.done_ids)
    count = before.done
    if Cause.DONE in taken:
        ids = (ids - finished) | reopened
        done = (done - reopened) | finished
        count += len(finished) - len(reopened)
    if Cause.SCOPE in taken:
        ids = (ids - went) | came
        # Items that came in done or left when done change the scope, not the work.
        arrived = set(after.done_ids) - set(before.done_ids) - finished
        left = set(before.done_ids) - set(after.done_ids) - reopened
        done = (done | arrived) - left
        count += after.done - before.done - len(finished) + len(reopened)
    found = {w.item_id: w for w in (*after.open, *before.open)}
    return [found[i] for i in ids], tuple(i for i in _sequence(before, after) if i in done), count


def _sequence(before: ForecastInputs, after: ForecastInputs) -> list[str]:
    return list(dict.fromkeys((*after.done_ids, *before.done_ids)))


def _item(then: OpenWork | None, now: OpenWork | None, taken: frozenset[Cause]) -> OpenWork:
    """One open item; what is known of it from one side only is taken from there."""
    if then is None or now is None:
        found = then or now
        assert found is not None  # noqa: S101 - it is open on one of both sides
        return found
    aged = now if Cause.AGE in taken else then
    return replace(
        aged,
        blocked_by=(now if Cause.DEPENDENCY in taken else then).blocked_by,
        red=(now if Cause.CI in taken else then).red,
    )


def _outsiders(
    before: ForecastInputs, after: ForecastInputs, taken: frozenset[Cause], inside: set[str]
) -> tuple[OpenWork, ...]:
    """Blockers outside the sprint: which there are is a matter of dependencies, how old they are one of age."""
    chosen = after.outside if Cause.DEPENDENCY in taken else before.outside
    ages = {w.item_id: w for w in (after.outside if Cause.AGE in taken else before.outside)}
    return tuple(ages.get(w.item_id, w) for w in chosen if w.item_id not in inside)


def _part(cause: Cause, points: float, before: ForecastInputs, after: ForecastInputs) -> MovementPart:
    ids = _concerned(cause, before, after)
    return MovementPart(cause=cause, points=points, words=_words(cause, ids, before, after), item_ids=ids)


def _concerned(cause: Cause, before: ForecastInputs, after: ForecastInputs) -> tuple[str, ...]:
    finished, reopened, came, went = _gone(before, after)
    if cause is Cause.DONE:
        return tuple(sorted(finished | reopened))
    if cause is Cause.SCOPE:
        return tuple(sorted(came | went))
    then = {w.item_id: w for w in before.open}
    both = [(then[w.item_id], w) for w in after.open if w.item_id in then]
    if cause is Cause.AGE:
        return tuple(sorted(w.item_id for old, w in both if _aged(old) != _aged(w)))
    if cause is Cause.DEPENDENCY:
        return tuple(sorted(w.item_id for old, w in both if old.blocked_by != w.blocked_by))
    if cause is Cause.CI:
        return tuple(sorted(w.item_id for old, w in both if old.red != w.red))
    return ()


def _aged(work: OpenWork) -> OpenWork:
    return replace(work, blocked_by=(), red=False)


def _words(cause: Cause, ids: Sequence[str], before: ForecastInputs, after: ForecastInputs) -> str:
    finished, reopened, came, went = _gone(before, after)
    match cause:
        case Cause.DONE:
            return _both((finished, "done"), (reopened, "open again"))
        case Cause.SCOPE:
            return _both((came, "added"), (went, "taken out")) or "scope grew at another rate"
        case Cause.AGE:
            return f"{_count(len(ids))} grew older, waited or began" if ids else "items outside the sprint grew older"
        case Cause.DEPENDENCY:
            return f"other blockers of {_named(ids)}" if ids else "other blockers outside the sprint"
        case Cause.CI:
            return f"builds of {_named(ids)} changed color" if ids else "builds become green at another pace"
        case Cause.CALENDAR:
            if before.due_on != after.due_on:
                return f"the end moved from {before.due_on} to {after.due_on}"
            days = (after.today - before.today).days
            return f"{days} {'day' if days == 1 else 'days'} passed" if days else "the day went on"
        case Cause.PACE:
            return "the team's recent pace and record changed"


def _both(*groups: tuple[set[str], str]) -> str:
    return ", ".join(f"{_named(sorted(ids))} {what}" for ids, what in groups if ids)


def _count(number: int) -> str:
    return f"{number} {'item' if number == 1 else 'items'}"


def _named(ids: Sequence[str]) -> str:
    names = [i.removeprefix("external:").partition(":")[2] for i in ids[:MOST_NAMES]]
    rest = len(ids) - len(names)
    return ", ".join(names) + (f" and {rest} more" if rest > 0 else "")
