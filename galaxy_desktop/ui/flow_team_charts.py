"""The charts of a sprint's repositories on the Flow page: what each draws, what one can point at, and the numbers behind it.

Nothing is computed here but places in a picture: every number comes from the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from galaxy_desktop.domain.flow import (
    Bin,
    CumulativeFlow,
    CycleScatter,
    DoraKey,
    Head,
    ProcessChart,
    Spread,
    Throughput,
    Unit,
    Velocity,
)  # fmt: skip
from galaxy_desktop.ui import words
from galaxy_desktop.ui.flow_axes import (
    LEVEL_LOOK,
    SHORTEST,
    axis_to,
    bare,
    count_axis,
    number,
    place,
    short,
    span,
    span_axis,
)
from galaxy_desktop.ui.flow_plot import (
    Area,
    Axis,
    Bars,
    Curve,
    Figure,
    Fill,
    Ink,
    Layer,
    Level,
    Marks,
    Note,
    Plot,
    Scale,
    Shape,
    Sheet,
    Stroke,
    Tip,
)  # fmt: skip

DORA_UNITS = {"a week": "deliveries a week", "days": "days", "share": "share of deliveries"}
NO_DATA = "no data"
FLOW_LOOK = (
    ("done", "Done", Ink.GREEN, Fill.PLAIN),
    ("reviewing", "In review", Ink.PURPLE, Fill.LINES),
    ("started", "In progress", Ink.BLUE, Fill.DOTS),
    ("arrived", "To do", Ink.QUIET, Fill.EMPTY),
)


def cumulative(flow: CumulativeFlow, today: date) -> Figure:
    """The bands of work over the last 90 days."""
    if not flow.head.known:
        return bare("Cumulative flow", flow.head)
    days = flow.days
    layers: list[Layer] = []
    below = tuple((place(day.day), 0.0) for day in days)
    for field, name, ink, fill in FLOW_LOOK:
        above = tuple((place(day.day), float(getattr(day, field))) for day in days)
        layers.append(Area(name=name, lower=below, upper=above, ink=ink, fill=fill))
        below = above
    tips = tuple(
        Tip(
            x=place(d.day), y=float(d.started),
            text=f"{words.day(d.day, today)}: {d.arrived - d.started} to do, {d.started - d.reviewing} in progress, "
            f"{d.reviewing - d.done} in review, {d.done} done",
        )
        for d in days
    )  # fmt: skip
    plot = Plot(
        x=Axis(scale=Scale.DAYS, low=place(days[0].day), high=max(place(days[-1].day), place(days[0].day) + 1)),
        y=count_axis(max(day.arrived for day in days), Unit.ITEMS),
        layers=tuple(layers),
        tips=tips,
    )
    sheet = Sheet(
        columns=("Day", "To do", "In progress", "In review", "Done"),
        rows=tuple(
            (d.day.isoformat(), d.arrived - d.started, d.started - d.reviewing, d.reviewing - d.done, d.done)
            for d in days
        ),
    )
    return Figure(
        name="Cumulative flow", unit="items", choice="", finding=flow.head.finding, plots=(plot,), sheet=sheet
    )


def cycle(scatter: CycleScatter, today: date) -> Figure:
    """Every delivered item as a dot, with the percentiles as lines."""
    sheet = Sheet(
        columns=("Item", "Title", "Done", "Days"),
        rows=tuple((words.reference(d.item_id), d.title, d.done_on.isoformat(), d.days) for d in scatter.dots),
        keys=tuple(d.item_id for d in scatter.dots),
        urls=tuple(d.url for d in scatter.dots),
    )
    if not scatter.head.known:
        return bare("Cycle time", scatter.head, sheet=sheet)
    dots = tuple((place(dot.done_on), dot.days) for dot in scatter.dots)
    levels = tuple(
        Level(
            value=one.days,
            text=f"{one.rank}{words.SPACE}%: {span(one.days)}",
            ink=LEVEL_LOOK[one.rank][0],
            stroke=LEVEL_LOOK[one.rank][1],
        )
        for one in scatter.percentiles
    )
    tips = tuple(
        Tip(
            x=place(d.done_on), y=max(d.days, SHORTEST), key=d.item_id,
            text=f"{words.reference(d.item_id)} {d.title}\n{span(d.days)}, done {words.day(d.done_on, today)}",
        )
        for d in scatter.dots
    )  # fmt: skip
    plot = Plot(
        x=Axis(scale=Scale.DAYS, low=dots[0][0] - 1, high=max(dots[-1][0], float(today.toordinal())) + 1),
        y=span_axis([days for _, days in dots]),
        layers=(Marks(name="", points=dots, ink=Ink.BLUE, shape=Shape.DISC),),
        levels=levels,
        tips=tips,
    )
    legend = "One dot is one delivered item. The scale is logarithmic: each step up is several times longer."
    return Figure(
        name="Cycle time",
        unit="days from the first sign of work to done",
        choice="",
        finding=scatter.head.finding,
        plots=(plot,),
        sheet=sheet,
        legend=legend,
    )


def throughputs(pace: Throughput) -> tuple[Figure, ...]:
    """How often a week or a working day brings how many items."""
    return (
        _histogram("Weeks", "week", pace.week_bins, pace.head, tuple((p.first, p.last, p.done, p.whole) for p in pace.weeks)),
        _histogram("Working days", "day", pace.day_bins, pace.head, tuple((p.first, p.last, p.done, p.whole) for p in pace.days)),
    )  # fmt: skip


def _histogram(
    choice: str, noun: str, bins: Sequence[Bin], head: Head, periods: Sequence[tuple[date, date, int, bool]]
) -> Figure:
    sheet = Sheet(
        columns=("First day", "Last day", "Delivered", "Over"),
        rows=tuple((a.isoformat(), b.isoformat(), n, "yes" if whole else "not yet") for a, b, n, whole in periods),
    )
    if not head.known or not bins:
        return bare("Throughput", head, choice, sheet)
    bars = tuple((float(one.done), float(one.periods)) for one in bins)
    whole = sum(one.periods for one in bins)
    most = max(bins, key=lambda one: (one.periods, one.done))
    finding = head.finding if noun == "week" else _day_finding(bins, whole)
    plot = Plot(
        x=Axis(scale=Scale.COUNTS, low=-0.6, high=max(bars[-1][0], 5.0) + 0.6),
        y=count_axis(most.periods, Unit.ITEMS),
        layers=(Bars(name=f"{choice} with that many delivered items", points=bars, ink=Ink.BLUE, fill=Fill.LINES),),
        tips=tuple(
            Tip(x=x, y=y, text=f"{words.count(int(y), noun)} with {words.count(int(x), 'delivered item')}")
            for x, y in bars
        ),
    )
    return Figure(
        name="Throughput",
        unit=f"{choice.lower()} by how many items they brought",
        choice=choice,
        finding=finding,
        plots=(plot,),
        sheet=sheet,
    )


def _day_finding(bins: Sequence[Bin], whole: int) -> str:
    none = next((one.periods for one in bins if one.done == 0), 0)
    return f"{none} of {words.count(whole, 'working day')} brought nothing; the best brought {bins[-1].done}"


def process(chart: ProcessChart, today: date) -> Figure:
    """An XmR chart: the values above, their moving ranges below."""
    sheet = Sheet(
        columns=("Week from", chart.unit.capitalize(), "Moving range", "Special cause"),
        rows=tuple((p.day.isoformat(), p.value, p.moving_range, "; ".join(p.signals)) for p in chart.points),
    )
    if chart.mean is None or chart.upper is None or chart.range_mean is None or chart.range_upper is None:
        return bare(chart.name, chart.head, sheet=sheet)
    values = tuple((place(p.day), p.value) for p in chart.points)
    flagged = tuple((place(p.day), p.value) for p in chart.points if p.signals)
    levels = [
        Level(value=chart.upper, text=f"upper {number(chart.upper)}", ink=Ink.ORANGE),
        Level(value=chart.mean, text=f"mean {number(chart.mean)}", ink=Ink.QUIET, stroke=Stroke.SOLID),
    ]
    if chart.lower is not None:
        levels.append(Level(value=chart.lower, text=f"lower {number(chart.lower)}", ink=Ink.ORANGE))
    layers: list[Layer] = [
        Curve(name="", points=values, ink=Ink.BLUE, width=1.6),
        Marks(
            name="Items a week" if chart.unit == "items" else "Median days of each week",
            points=values,
            ink=Ink.BLUE,
            shape=Shape.DISC,
        ),
    ]
    if flagged:
        layers.append(Marks(name="Special cause", points=flagged, ink=Ink.RED, shape=Shape.DIAMOND, size=12.0))
    axis = Axis(scale=Scale.DAYS, low=values[0][0] - 4, high=values[-1][0] + 4)
    tips = tuple(
        Tip(
            x=place(p.day), y=p.value,
            text=f"Week from {words.day(p.day, today)}: {number(p.value)} {chart.unit}"
            + "".join(f"\n{rule}" for rule in p.signals),
        )
        for p in chart.points
    )  # fmt: skip
    top = Plot(
        x=axis, y=_process_axis(chart), layers=tuple(layers), levels=tuple(levels), tips=tips, share=1.9
    )  # fmt: skip
    return Figure(
        name=chart.name,
        unit=chart.unit,
        choice="",
        finding=chart.head.finding,
        plots=(top, _ranges(chart, axis)),
        sheet=sheet,
    )


def _ranges(chart: ProcessChart, axis: Axis) -> Plot:
    moving = tuple((place(p.day), p.moving_range) for p in chart.points if p.moving_range is not None)
    mean, upper = chart.range_mean or 0.0, chart.range_upper or 0.0
    return Plot(
        x=axis,
        y=axis_to(max([upper, *(v for _, v in moving)])),
        layers=(
            Curve(name="", points=moving, ink=Ink.PURPLE, width=1.6),
            Marks(name="Moving range", points=moving, ink=Ink.PURPLE, shape=Shape.SQUARE, size=6.0),
        ),
        levels=(
            Level(value=upper, text=f"upper {number(upper)}", ink=Ink.ORANGE),
            Level(value=mean, text=f"mean {number(mean)}", ink=Ink.QUIET, stroke=Stroke.SOLID),
        ),
    )


def _process_axis(chart: ProcessChart) -> Axis:
    """Room around the limits; it begins at zero only where there is no lower limit."""
    values = [p.value for p in chart.points]
    top, low = max([chart.upper or 0.0, *values]), 0.0
    if chart.lower is not None:
        lowest = min([chart.lower, *values])
        low = max(0.0, lowest - 0.25 * (top - lowest))
    return Axis(scale=Scale.NUMBERS, low=low, high=max(top + 0.08 * (top - low), low + 1.0))


def dora(key: DoraKey, today: date) -> Figure:
    """One key: its trend in blocks of 30 days."""
    sheet = Sheet(
        columns=("From", "To", f"{key.name} ({key.unit})", "Rests on"),
        rows=tuple((t.first.isoformat(), t.last.isoformat(), t.value, t.n) for t in key.trend),
    )
    known = tuple((float(n), t.value) for n, t in enumerate(key.trend) if t.value is not None)
    if not known:
        return bare(key.name, key.head, sheet=sheet)
    scale = Scale.SHARES if key.unit == "share" else Scale.NUMBERS
    shown = {"share": words.percent, "days": span}.get(key.unit, number)
    plot = Plot(
        x=Axis(scale=Scale.NAMES, low=-0.6, high=len(key.trend) - 0.4, names=tuple(short(t.last) for t in key.trend)),
        y=Axis(scale=scale, low=0.0, high=max(max(v for _, v in known) * 1.15, 0.1)),
        layers=(Bars(name="", points=known, ink=Ink.BLUE, fill=Fill.PLAIN, width=0.55),),
        notes=tuple(
            Note(place=float(n), text=NO_DATA if t.value is None else shown(0.0))
            for n, t in enumerate(key.trend)
            if not t.value
        ),
        tips=tuple(
            Tip(
                x=float(n),
                y=t.value,
                text=f"{words.day(t.first, today)} to {words.day(t.last, today)}: "
                + (NO_DATA if t.value is None else f"{shown(t.value)} (n = {t.n})"),
            )
            for n, t in enumerate(key.trend)
        ),
    )
    return Figure(
        name=key.name,
        unit=DORA_UNITS[key.unit],
        choice="",
        finding=key.head.finding,
        plots=(plot,),
        sheet=sheet,
        legend="Blocks of 30 days, named by their last day.",
    )


def velocities(velocity: Velocity) -> tuple[Figure, ...]:
    """What past sprints planned and delivered, in items, and in points where they exist."""
    found = [_velocity(velocity, velocity.items, "Items", "planned", "done")]
    if velocity.points is not None:
        found.append(_velocity(velocity, velocity.points, "Points", "planned_points", "done_points"))
    return tuple(found)


def _velocity(velocity: Velocity, spread: Spread | None, choice: str, planned: str, done: str) -> Figure:
    sheet = Sheet(
        columns=("Sprint", "Ended", "Planned items", "Delivered items", "Planned points", "Delivered points"),
        rows=tuple(
            (s.title, s.ended_on.isoformat(), s.planned, s.done, s.planned_points, s.done_points)
            for s in velocity.sprints
        ),
    )
    if not velocity.head.known or spread is None:
        return bare("Velocity", velocity.head, choice, sheet)
    plans = tuple(
        (float(n), float(v)) for n, s in enumerate(velocity.sprints) if (v := getattr(s, planned)) is not None
    )
    ends = tuple((float(n), float(v)) for n, s in enumerate(velocity.sprints) if (v := getattr(s, done)) is not None)
    names = tuple(s.title for s in velocity.sprints)
    plot = Plot(
        x=Axis(scale=Scale.NAMES, low=-0.6, high=len(names) - 0.4, names=names),
        y=count_axis(max(v for _, v in (*plans, *ends)), Unit.ITEMS),
        layers=(
            Bars(name="Planned", points=plans, ink=Ink.QUIET, fill=Fill.EMPTY, width=0.34, shift=-0.18),
            Bars(name="Delivered", points=ends, ink=Ink.GREEN, fill=Fill.LINES, width=0.34, shift=0.18),
        ),
        levels=_spread_levels(spread),
        tips=tuple(
            Tip(
                x=float(n),
                y=y,
                text=f"{names[n]}: {number(dict(plans).get(float(n), 0))} planned, {number(y)} delivered",
            )
            for n, y in ((int(x), y) for x, y in ends)
        ),
    )
    return Figure(
        name="Velocity", unit=choice.lower(), choice=choice, finding=velocity.head.finding, plots=(plot,), sheet=sheet
    )


def _spread_levels(spread: Spread) -> tuple[Level, ...]:
    """Most, median and least as lines; where they are equal one line has both words."""
    if spread.low == spread.high:
        return (Level(value=spread.median, text=f"always {number(spread.median)}", ink=Ink.RED, stroke=Stroke.SOLID),)
    ends = (("most", spread.high), ("least", spread.low))
    same = "".join(f"{name} and " for name, value in ends if value == spread.median)
    middle = Level(value=spread.median, text=f"{same}median {number(spread.median)}", ink=Ink.RED, stroke=Stroke.SOLID)
    others = tuple(
        Level(value=value, text=f"{name} {number(value)}", ink=Ink.QUIET, stroke=Stroke.DOT)
        for name, value in ends
        if value != spread.median
    )
    return (middle, *others)
