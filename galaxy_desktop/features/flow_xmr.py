"""Process-behavior charts (XmR: individuals and moving range), and whether the process is stable now.

With values x_1..x_n in order of time and moving ranges |x_i - x_(i-1)|:

    limits of the values       mean +- 2.66 x mean moving range
    upper limit of the ranges  3.268 x mean moving range

A special cause is named by three rules: a value outside the limits; 8 in a row on one side of the mean; 3 of 4 in a
row nearer to a limit than to the mean, on the same side. Counts and durations cannot be negative: where the lower
limit would be, the chart has one side only, and nothing below the mean can be outside or near a limit.

Two charts are drawn over whole working weeks: deliveries a week, and the median cycle time of what was delivered in
a week. A week with fewer than 3 deliveries has no middle, which is no data and not zero. The process counts as unstable
while a special cause touches one of the last 8 weeks of either chart. Nothing is widened here: who forecasts decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from galaxy_desktop.domain.flow import CycleDot, Head, Period, ProcessChart, ProcessPoint, SignalRule, Stability
from galaxy_desktop.features.flow_words import amount, counted, median, verb

VALUE_FACTOR = 2.66
RANGE_FACTOR = 3.268
RUN = 8
NEAR, NEAR_OF = 3, 4
FEWEST_A_WEEK = 3
"""Fewer cycle times in a week have no middle worth the name: one old item would speak for the whole week."""
FEWEST_POINTS = 8
"""Below this limits say nothing, and a run of 8 cannot be."""
RECENT = 8
"""Special causes that touch the last weeks, this many of them, make the process unstable now."""
THROUGHPUT, CYCLE = "Weekly throughput", "Weekly median cycle time"


@dataclass(frozen=True, slots=True)
class Limits:
    """What `limits_of` says of a row of values."""

    mean: float
    lower: float | None
    upper: float
    range_mean: float
    range_upper: float


def limits_of(values: Sequence[float], floor: float = 0.0) -> Limits:
    """Mean and natural limits; `lower` is `None` where it would lie below `floor`. Needs two values or more."""
    if len(values) < 2:
        raise ValueError("limits need two values")
    mean = sum(values) / len(values)
    ranges = [abs(b - a) for a, b in pairwise(values)]
    range_mean = sum(ranges) / len(ranges)
    lower = mean - VALUE_FACTOR * range_mean
    return Limits(
        mean=mean,
        lower=lower if lower >= floor else None,
        upper=mean + VALUE_FACTOR * range_mean,
        range_mean=range_mean,
        range_upper=RANGE_FACTOR * range_mean,
    )


def signals_of(values: Sequence[float], limits: Limits) -> tuple[tuple[SignalRule, ...], ...]:
    """For each value the rules that it breaks; every value of a run and of three near a limit is marked."""
    found: list[set[SignalRule]] = [set() for _ in values]
    for number, value in enumerate(values):
        if value > limits.upper or (limits.lower is not None and value < limits.lower):
            found[number].add(SignalRule.OUTSIDE)
    sides = [(value > limits.mean) - (value < limits.mean) for value in values]
    for end in range(RUN, len(values) + 1):
        window = sides[end - RUN : end]
        if window[0] != 0 and len(set(window)) == 1:
            for number in range(end - RUN, end):
                found[number].add(SignalRule.RUN)
    near = [_near(value, limits) for value in values]
    for end in range(NEAR_OF, len(values) + 1):
        for side in (1, -1):
            there = [number for number in range(end - NEAR_OF, end) if near[number] == side]
            if len(there) >= NEAR:
                for number in there:
                    found[number].add(SignalRule.NEAR_LIMIT)
    return tuple(tuple(rule for rule in SignalRule if rule in rules) for rules in found)


def xmr(
    name: str, unit: str, days: Sequence[date], values: Sequence[float], *, noun: str = "whole weeks"
) -> ProcessChart:
    """The chart of a row of values, one for each day (the Monday of its week); `noun` says what is counted."""
    if len(values) < FEWEST_POINTS:
        why = f"Need {FEWEST_POINTS} {noun}, have {len(values)}."
        points = tuple(
            ProcessPoint(day=day, value=value, moving_range=None) for day, value in zip(days, values, strict=True)
        )
        return ProcessChart(name=name, unit=unit, head=Head(finding=why, formula="", why_none=why), points=points)
    limits = limits_of(values)
    signals = signals_of(values, limits)
    ranges = [None, *(abs(b - a) for a, b in pairwise(values))]
    points = tuple(
        ProcessPoint(day=day, value=value, moving_range=apart, signals=rules)
        for day, value, apart, rules in zip(days, values, ranges, signals, strict=True)
    )
    return ProcessChart(
        name=name,
        unit=unit,
        head=Head(finding=_finding(points, limits, unit), formula=_formula(values, limits, unit)),
        points=points,
        mean=limits.mean,
        lower=limits.lower,
        upper=limits.upper,
        range_mean=limits.range_mean,
        range_upper=limits.range_upper,
    )


def process_charts(weeks: Sequence[Period], dots: Sequence[CycleDot]) -> tuple[ProcessChart, ProcessChart]:
    """Weekly throughput, and the weekly median cycle time, over the whole weeks."""
    whole = [week for week in weeks if week.whole]
    throughput = xmr(THROUGHPUT, "items", [week.first for week in whole], [float(week.done) for week in whole])
    by_week: defaultdict[date, list[float]] = defaultdict(list)
    for dot in dots:
        by_week[dot.done_on - timedelta(days=dot.done_on.weekday())].append(dot.days)
    known = [week.first for week in whole if len(by_week[week.first]) >= FEWEST_A_WEEK]
    medians = [median(by_week[first]) for first in known]
    return throughput, xmr(
        CYCLE, "days", known, medians, noun=f"whole weeks with {FEWEST_A_WEEK} or more delivered items"
    )


def stability(charts: Sequence[ProcessChart]) -> Stability:
    """Whether the last weeks of these charts are free of special causes; the first chart decides if one can tell."""
    if not charts or charts[0].mean is None:
        why = charts[0].head.why_none if charts else "Nothing is stored yet."
        return Stability(stable=None, sentence=why)
    begin = charts[0].points[-RECENT:][0].day
    recent = {chart.name: [p for p in chart.points if p.signals and p.day >= begin] for chart in charts}
    troubled = [name for name, points in recent.items() if points]
    if not troubled:
        return Stability(stable=True, sentence=f"No special cause in the last {RECENT} weeks.")
    marked = {point.day for points in recent.values() for point in points}
    since, count = min(marked), len(marked)
    names = " and ".join(name[:1].lower() + name[1:] for name in troubled)
    return Stability(
        stable=False,
        sentence=(
            f"{names[:1].upper()}{names[1:]} {verb(len(troubled), 'shows', 'show')} special causes in {count} of the last "
            f"{RECENT} weeks, first in that of {since.isoformat()}: past pace is a weaker guide than usual."
        ),
        signals=count,
        charts=tuple(troubled),
        since=since,
    )


def _near(value: float, limits: Limits) -> int:
    """1 when a value is nearer to the upper limit than to the mean, -1 for the lower one, else 0."""
    if limits.range_mean == 0:
        return 0
    if value > (limits.mean + limits.upper) / 2:
        return 1
    if limits.lower is not None and value < (limits.mean + limits.lower) / 2:
        return -1
    return 0


def _finding(points: Sequence[ProcessPoint], limits: Limits, unit: str) -> str:
    low = limits.lower if limits.lower is not None else 0.0
    marked = [point for point in points if point.signals]
    if not marked:
        return f"Predictable: between {amount(low)} and {amount(limits.upper)} {unit} in most weeks"
    outside = sum(SignalRule.OUTSIDE in point.signals for point in marked)
    parts = [f"{counted(outside, 'week')} outside the limits"] if outside else []
    parts += [str(rule) for rule in (SignalRule.RUN, SignalRule.NEAR_LIMIT) if any(rule in p.signals for p in marked)]
    said = "; ".join(parts)
    return f"{said[:1].upper()}{said[1:]}; last in the week of {marked[-1].day.isoformat()}"


def _formula(values: Sequence[float], limits: Limits, unit: str) -> str:
    mean, apart = f"{limits.mean:.2f}", f"{limits.range_mean:.2f}"
    lower = f"{limits.mean - VALUE_FACTOR * limits.range_mean:.2f}"
    return (
        f"n = {len(values)} weeks, mean = {mean} {unit}, mean moving range = {apart}. "
        f"Upper limit = {mean} + {VALUE_FACTOR} x {apart} = {limits.upper:.2f}. "
        f"Lower limit = {mean} - {VALUE_FACTOR} x {apart} = {lower}"
        f"{'' if limits.lower is not None else ', below zero: no lower limit'}. "
        f"Upper range limit = {RANGE_FACTOR} x {apart} = {limits.range_upper:.2f}. "
        f"Special causes: {'; '.join(SignalRule)}."
    )
