"""The flow report as figures: what each chart draws, what one can point at, and the numbers behind it.

Nothing is computed here but places in a picture: every number comes from the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from galaxy_desktop.domain.flow import (
    AgingWork,
    Bin,
    Burn,
    BurnDay,
    CumulativeFlow,
    CycleScatter,
    DoraKey,
    FlowReport,
    Head,
    ProcessChart,
    ScopeKind,
    Spread,
    Throughput,
    Unit,
    Velocity,
    WorkState,
)  # fmt: skip
from galaxy_desktop.ui import words
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
    Moment,
    Plot,
    Scale,
    Shape,
    Sheet,
    Stroke,
    Tip,
    steps,
)  # fmt: skip

HEADROOM = 1.08
SHORTEST, LONGEST = 1 / 48, 4000.0
SCOPE_LOOK = (
    ("planned", "Planned", Ink.BLUE, Fill.PLAIN),
    ("added", "Added", Ink.ORANGE, Fill.LINES),
    ("carried", "Carried over", Ink.PURPLE, Fill.DOTS),
    ("carried_twice", "Carried over twice or more", Ink.RED, Fill.DASHES),
)
FLOW_LOOK = (
    ("done", "Done", Ink.GREEN, Fill.PLAIN),
    ("reviewing", "In review", Ink.PURPLE, Fill.LINES),
    ("started", "In progress", Ink.BLUE, Fill.DOTS),
    ("arrived", "To do", Ink.QUIET, Fill.EMPTY),
)
LEVEL_LOOK = {
    50: (Ink.QUIET, Stroke.SOLID),
    70: (Ink.QUIET, Stroke.DOT),
    85: (Ink.ORANGE, Stroke.DASH),
    95: (Ink.RED, Stroke.DASH_DOT),
}
AGE_WORDS = {
    None: "too few past items to compare with",
    0: "younger than half of past items",
    50: "older than 50 % of past items",
    70: "older than 70 % of past items",
    85: "older than 85 % of past items",
    95: "older than 95 % of past items",
}
AGE_LOOK = (
    ((None,), "Nothing to compare with", Ink.QUIET, Shape.RING),
    ((0, 50, 70), "Up to the 85th percentile", Ink.BLUE, Shape.DISC),
    ((85,), "Above 85 % of past items", Ink.ORANGE, Shape.DIAMOND),
    ((95,), "Above 95 % of past items", Ink.RED, Shape.TRIANGLE),
)


def span(days: float) -> str:
    """A duration for a table or a tip: "3 h", "2.4 d"."""
    if days < 1:
        return f"{max(1, round(days * 24 * 60))}{words.SPACE}min" if days < 1 / 24 else f"{days * 24:.0f}{words.SPACE}h"
    return f"{days:.1f}{words.SPACE}d" if days < 10 else f"{days:,.0f}{words.SPACE}d"


def number(value: float) -> str:
    """A number with at most one digit after the point."""
    return f"{value:,.1f}".removesuffix(".0")


def burnups(report: FlowReport, today: date) -> tuple[Figure, ...]:
    """Burnup in items, and in points where they exist."""
    return tuple(_burnup(one, today) for one in _burns(report))


def burndowns(report: FlowReport, today: date) -> tuple[Figure, ...]:
    """Burndown in items, and in points where they exist."""
    return tuple(_burndown(one, today) for one in _burns(report))


def _burns(report: FlowReport) -> tuple[Burn, ...]:
    return (report.burn, report.burn_points) if report.burn_points.head.known else (report.burn,)


def _burnup(burn: Burn, today: date) -> Figure:
    days = burn.days
    if not burn.head.known or not days:
        return _bare("Burnup", burn.head, str(burn.unit).capitalize())
    layers: list[Layer] = []
    below = [0.0] * len(days)
    for field, name, ink, fill in SCOPE_LOOK:
        above = [low + getattr(day, field) for low, day in zip(below, days, strict=True)]
        if above != below:
            layers.append(Area(name=name, lower=_stairs(days, below), upper=_stairs(days, above), ink=ink, fill=fill))
        below = above
    done = _stairs(days, [day.done for day in days])
    layers.append(Curve(name="Done", points=done, ink=Ink.GREEN, width=3.0))
    if any(day.removed for day in days):
        gone = _stairs(days, [day.scope + day.removed for day in days])
        layers.append(Curve(name="With what was removed", points=gone, ink=Ink.QUIET, stroke=Stroke.DOT))
    most = max(day.scope + day.removed for day in days)
    plot = Plot(
        x=_day_axis(days, today), y=_count_axis(most, burn.unit), layers=tuple(layers), moments=_today(days, today),
        tips=tuple(Tip(x=_place(day.day), text=_burn_words(day, burn.unit, today), y=day.done) for day in days),
    )  # fmt: skip
    return Figure(
        name="Burnup",
        choice=str(burn.unit).capitalize(),
        finding=burn.head.finding,
        plots=(plot,),
        sheet=_burn_sheet(burn),
    )


def _burndown(burn: Burn, today: date) -> Figure:
    days = burn.days
    if not burn.head.known or not days:
        return _bare("Burndown", burn.head, str(burn.unit).capitalize())
    left = _stairs(days, [day.left for day in days])
    layers: list[Layer] = [
        Area(name="Left", lower=_stairs(days, [0.0] * len(days)), upper=left, ink=Ink.BLUE, fill=Fill.PLAIN)
    ]
    last = days[-1].day
    if burn.guide:
        guide = tuple((_place(day), value) for day, value in burn.guide)
        layers.append(Curve(name="Even pace to the due day", points=guide, ink=Ink.QUIET, stroke=Stroke.DASH))
        last = max(last, burn.guide[-1][0])
    finding = f"{number(days[-1].left)} {burn.unit} left"
    even = next((value for day, value in burn.guide if day == days[-1].day), None)
    if even is not None:
        apart = days[-1].left - even
        side = "more than" if apart > 0 else "fewer than"
        finding += f", {number(abs(apart))} {side} at an even pace" if round(abs(apart), 1) else ", as at an even pace"
    moments = _today(days, today)
    if burn.guide:
        moments += (Moment(place=_place(burn.guide[-1][0]), text="due", ink=Ink.RED, stroke=Stroke.DASH),)
    plot = Plot(
        x=Axis(scale=Scale.DAYS, low=_place(days[0].day) - 0.5, high=_place(last) + 0.5),
        y=_count_axis(max(day.left for day in days), burn.unit), layers=tuple(layers), moments=moments,
        tips=tuple(Tip(x=_place(day.day), text=_burn_words(day, burn.unit, today), y=day.left) for day in days),
    )  # fmt: skip
    return Figure(
        name="Burndown", choice=str(burn.unit).capitalize(), finding=finding, plots=(plot,), sheet=_burn_sheet(burn)
    )


def _burn_words(day: BurnDay, unit: Unit, today: date) -> str:
    parts = [f"{number(getattr(day, field))} {name.lower()}" for field, name, _, _ in SCOPE_LOOK if getattr(day, field)]
    parts += [f"{number(day.removed)} removed"] if day.removed else []
    return f"{words.day(day.day, today)}: {number(day.done)} of {number(day.scope)} {unit} done; {', '.join(parts)}"


def _burn_sheet(burn: Burn) -> Sheet:
    return Sheet(
        columns=("Day", "In scope", "Planned", "Added", "Carried over", "Carried over twice", "Removed so far", "Done", "Left"),
        rows=tuple(
            (d.day.isoformat(), d.scope, d.planned, d.added, d.carried, d.carried_twice, d.removed, d.done, d.left)
            for d in burn.days
        ),
    )  # fmt: skip


def scope(report: FlowReport) -> Figure:
    """How many items came how, as bars, with every item behind them."""
    totals = report.burn.totals
    sheet = _scope_sheet(report)
    if not report.burn.head.known or not totals:
        return _bare("Scope by how it came", report.burn.head, sheet=sheet)
    names = {ScopeKind.CARRIED_TWICE: "twice or more"}
    looks = {kind: look[2:] for kind, look in zip(ScopeKind, SCOPE_LOOK, strict=False)}
    layers = tuple(
        Bars(name="", points=((float(n), value),), ink=looks.get(kind, (Ink.QUIET, Fill.EMPTY))[0],
             fill=looks.get(kind, (Ink.QUIET, Fill.EMPTY))[1], width=0.5)
        for n, (kind, value) in enumerate(totals)
    )  # fmt: skip
    labels = tuple(f"{names.get(kind, str(kind)).capitalize()}: {number(value)}" for kind, value in totals)
    late = [f"{number(value)} {kind}" for kind, value in totals if value and kind is not ScopeKind.PLANNED]
    finding = words.listed([f"{words.count(round(totals[0][1]), 'item')} planned", *late]) + (
        "" if late else ", nothing else"
    )
    plot = Plot(
        x=Axis(scale=Scale.NAMES, low=-0.5, high=len(totals) - 0.5, names=labels),
        y=_count_axis(max(value for _, value in totals), Unit.ITEMS), layers=layers,
        tips=tuple(Tip(x=float(n), y=value, text=f"{number(value)} {kind}") for n, (kind, value) in enumerate(totals)),
    )  # fmt: skip
    return Figure(name="Scope by how it came", choice="", finding=finding, plots=(plot,), sheet=sheet)


def _scope_sheet(report: FlowReport) -> Sheet:
    """Every item of the sprint with how it came: what “carried over” rests on."""
    order = list(ScopeKind)
    found = sorted(report.scope, key=lambda one: (-order.index(one.kind), one.entered_on, one.item_id))
    return Sheet(
        columns=("Item", "Title", "How it came", "Entered", "Left", "Done", "Points", "Unfinished in"),
        rows=tuple(
            (
                words.reference(one.item_id), one.title, str(one.kind), one.entered_on.isoformat(), _iso(one.left_on),
                _iso(one.done_on), one.points, ", ".join(one.earlier),
            )
            for one in found
        ),
        keys=tuple(one.item_id for one in found),
    )  # fmt: skip


def cumulative(flow: CumulativeFlow, today: date) -> Figure:
    """The bands of work over the last 90 days."""
    if not flow.head.known:
        return _bare("Cumulative flow", flow.head)
    days = flow.days
    layers: list[Layer] = []
    below = tuple((_place(day.day), 0.0) for day in days)
    for field, name, ink, fill in FLOW_LOOK:
        above = tuple((_place(day.day), float(getattr(day, field))) for day in days)
        layers.append(Area(name=name, lower=below, upper=above, ink=ink, fill=fill))
        below = above
    tips = tuple(
        Tip(
            x=_place(d.day), y=float(d.started),
            text=f"{words.day(d.day, today)}: {d.arrived - d.started} to do, {d.started - d.reviewing} in progress, "
            f"{d.reviewing - d.done} in review, {d.done} done",
        )
        for d in days
    )  # fmt: skip
    plot = Plot(
        x=Axis(scale=Scale.DAYS, low=_place(days[0].day), high=max(_place(days[-1].day), _place(days[0].day) + 1)),
        y=_count_axis(max(day.arrived for day in days), Unit.ITEMS),
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
    return Figure(name="Cumulative flow", choice="", finding=flow.head.finding, plots=(plot,), sheet=sheet)


def cycle(scatter: CycleScatter, today: date) -> Figure:
    """Every delivered item as a dot, with the percentiles as lines."""
    sheet = Sheet(
        columns=("Item", "Title", "Done", "Days"),
        rows=tuple((words.reference(d.item_id), d.title, d.done_on.isoformat(), d.days) for d in scatter.dots),
        keys=tuple(d.item_id for d in scatter.dots),
    )
    if not scatter.head.known:
        return _bare("Cycle time", scatter.head, sheet=sheet)
    dots = tuple((_place(dot.done_on), dot.days) for dot in scatter.dots)
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
            x=_place(d.done_on), y=max(d.days, SHORTEST), key=d.item_id,
            text=f"{words.reference(d.item_id)} {d.title}\n{span(d.days)}, done {words.day(d.done_on, today)}",
        )
        for d in scatter.dots
    )  # fmt: skip
    plot = Plot(
        x=Axis(scale=Scale.DAYS, low=dots[0][0] - 1, high=max(dots[-1][0], float(today.toordinal())) + 1),
        y=_span_axis([days for _, days in dots]),
        layers=(Marks(name="", points=dots, ink=Ink.BLUE, shape=Shape.DISC),),
        levels=levels,
        tips=tips,
    )
    legend = "One dot is one delivered item. The scale is logarithmic: each step up is several times longer."
    return Figure(name="Cycle time", choice="", finding=scatter.head.finding, plots=(plot,), sheet=sheet, legend=legend)


def aging(work: AgingWork, today: date) -> Figure:
    """Open items by state, with the percentiles of past items in the same state."""
    sheet = Sheet(
        columns=("Item", "Title", "State", "Since", "Days", "Against the past"),
        rows=tuple(
            (words.reference(i.item_id), i.title, str(i.state), i.since.isoformat(), i.days, AGE_WORDS[i.above])
            for i in work.items
        ),
        keys=tuple(i.item_id for i in work.items),
    )
    if not work.head.known:
        return _bare("Aging work in progress", work.head, sheet=sheet)
    places = _beside(work)
    layers: list[Layer] = []
    for number_of, state in enumerate(work.states):
        for one in state.percentiles:
            line = ((number_of - 0.42, one.days), (number_of + 0.42, one.days))
            named = f"{one.rank} % of past items" if not _drawn_before(work, number_of) else ""
            layers.append(
                Curve(name=named, points=line, ink=LEVEL_LOOK[one.rank][0], stroke=LEVEL_LOOK[one.rank][1], width=1.6)
            )
    for above, name, ink, shape in AGE_LOOK:
        chosen = tuple((places[i.item_id], max(i.days, SHORTEST)) for i in work.items if i.above in above)
        if chosen:
            layers.append(Marks(name=name, points=chosen, ink=ink, shape=shape, size=9.0))
    names = tuple(
        f"{str(state.state).capitalize()} ({sum(i.state is state.state for i in work.items)})" for state in work.states
    )
    ages = [i.days for i in work.items] + [p.days for state in work.states for p in state.percentiles]
    plot = Plot(
        x=Axis(scale=Scale.NAMES, low=-0.5, high=len(names) - 0.5, names=names),
        y=_span_axis(ages),
        layers=tuple(layers),
        tips=tuple(
            Tip(
                x=places[i.item_id],
                y=max(i.days, SHORTEST),
                key=i.item_id,
                text=f"{words.reference(i.item_id)} {i.title}\n{i.state} for {span(i.days)}, {AGE_WORDS[i.above]}",
            )
            for i in sorted(work.items, key=lambda i: (places[i.item_id], i.days))
        ),
    )
    legend = "Lines: how long past items stayed in that state. The scale is logarithmic."
    return Figure(
        name="Aging work in progress", choice="", finding=work.head.finding, plots=(plot,), sheet=sheet, legend=legend
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
        return _bare("Throughput", head, choice, sheet)
    bars = tuple((float(one.done), float(one.periods)) for one in bins)
    whole = sum(one.periods for one in bins)
    most = max(bins, key=lambda one: (one.periods, one.done))
    finding = head.finding if noun == "week" else _day_finding(bins, whole)
    plot = Plot(
        x=Axis(scale=Scale.COUNTS, low=-0.6, high=max(bars[-1][0], 5.0) + 0.6, title=f"items a {noun}"),
        y=_count_axis(most.periods, Unit.ITEMS),
        layers=(Bars(name=f"{choice} with that many delivered items", points=bars, ink=Ink.BLUE, fill=Fill.LINES),),
        tips=tuple(
            Tip(x=x, y=y, text=f"{words.count(int(y), noun)} with {words.count(int(x), 'delivered item')}")
            for x, y in bars
        ),
    )
    return Figure(name="Throughput", choice=choice, finding=finding, plots=(plot,), sheet=sheet)


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
        return _bare(chart.name, chart.head, sheet=sheet)
    values = tuple((_place(p.day), p.value) for p in chart.points)
    flagged = tuple((_place(p.day), p.value) for p in chart.points if p.signals)
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
            x=_place(p.day), y=p.value,
            text=f"Week from {words.day(p.day, today)}: {number(p.value)} {chart.unit}"
            + "".join(f"\n{rule}" for rule in p.signals),
        )
        for p in chart.points
    )  # fmt: skip
    top = Plot(
        x=axis, y=_process_axis(chart), layers=tuple(layers), levels=tuple(levels), tips=tips, share=1.9
    )  # fmt: skip
    return Figure(
        name=chart.name, choice="", finding=chart.head.finding, plots=(top, _ranges(chart, axis)), sheet=sheet
    )


def _ranges(chart: ProcessChart, axis: Axis) -> Plot:
    moving = tuple((_place(p.day), p.moving_range) for p in chart.points if p.moving_range is not None)
    mean, upper = chart.range_mean or 0.0, chart.range_upper or 0.0
    return Plot(
        x=axis,
        y=_axis_to(max([upper, *(v for _, v in moving)])),
        layers=(
            Curve(name="", points=moving, ink=Ink.PURPLE, width=1.6),
            Marks(name="Moving range", points=moving, ink=Ink.PURPLE, shape=Shape.SQUARE, size=6.0),
        ),
        levels=(
            Level(value=upper, text=f"upper {number(upper)}", ink=Ink.ORANGE),
            Level(value=mean, text=f"mean {number(mean)}", ink=Ink.QUIET, stroke=Stroke.SOLID),
        ),
    )


def dora(key: DoraKey, today: date) -> Figure:
    """One key: its trend in blocks of 30 days."""
    sheet = Sheet(
        columns=("From", "To", f"{key.name} ({key.unit})", "Rests on"),
        rows=tuple((t.first.isoformat(), t.last.isoformat(), t.value, t.n) for t in key.trend),
    )
    known = tuple((float(n), t.value) for n, t in enumerate(key.trend) if t.value is not None)
    if not known:
        return _bare(key.name, key.head, sheet=sheet)
    scale = Scale.SHARES if key.unit == "share" else Scale.NUMBERS
    shown = {"share": words.percent, "days": span}.get(key.unit, number)
    plot = Plot(
        x=Axis(scale=Scale.NAMES, low=-0.6, high=len(key.trend) - 0.4, names=tuple(_short(t.last) for t in key.trend)),
        y=Axis(scale=scale, low=0.0, high=max(max(v for _, v in known) * 1.15, 0.1)),
        layers=(Bars(name="", points=known, ink=Ink.BLUE, fill=Fill.PLAIN, width=0.55),),
        tips=tuple(
            Tip(
                x=float(n),
                y=t.value,
                text=f"{words.day(t.first, today)} to {words.day(t.last, today)}: "
                + ("nothing to measure" if t.value is None else f"{shown(t.value)} (n = {t.n})"),
            )
            for n, t in enumerate(key.trend)
        ),
    )
    return Figure(
        name=key.name,
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
        return _bare("Velocity", velocity.head, choice, sheet)
    plans = tuple(
        (float(n), float(v)) for n, s in enumerate(velocity.sprints) if (v := getattr(s, planned)) is not None
    )
    ends = tuple((float(n), float(v)) for n, s in enumerate(velocity.sprints) if (v := getattr(s, done)) is not None)
    names = tuple(s.title for s in velocity.sprints)
    plot = Plot(
        x=Axis(scale=Scale.NAMES, low=-0.6, high=len(names) - 0.4, names=names),
        y=_count_axis(max(v for _, v in (*plans, *ends)), Unit.ITEMS),
        layers=(
            Bars(name="Planned", points=plans, ink=Ink.QUIET, fill=Fill.EMPTY, width=0.34, shift=-0.18),
            Bars(name="Delivered", points=ends, ink=Ink.GREEN, fill=Fill.LINES, width=0.34, shift=0.18),
        ),
        levels=tuple(
            Level(value=value, text=f"{name} {number(value)}", ink=ink, stroke=stroke)
            for name, value, ink, stroke in (
                ("most", spread.high, Ink.QUIET, Stroke.DOT),
                ("median", spread.median, Ink.RED, Stroke.SOLID),
                ("least", spread.low, Ink.QUIET, Stroke.DOT),
            )
        ),
        tips=tuple(
            Tip(
                x=float(n),
                y=y,
                text=f"{names[n]}: {number(dict(plans).get(float(n), 0))} planned, {number(y)} delivered",
            )
            for n, y in ((int(x), y) for x, y in ends)
        ),
    )
    return Figure(name="Velocity", choice=choice, finding=velocity.head.finding, plots=(plot,), sheet=sheet)


def _bare(name: str, head: Head, choice: str = "", sheet: Sheet | None = None) -> Figure:
    return Figure(
        name=name,
        choice=choice,
        finding=head.why_none or head.finding,
        plots=(),
        sheet=sheet or Sheet(columns=(), rows=()),
    )


def _place(day: date) -> float:
    return float(day.toordinal())


def _iso(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _short(day: date) -> str:
    return f"{day.day} {words.MONTHS[day.month - 1]}"


def _stairs(days: Sequence[BurnDay], values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    return steps([(_place(day.day), value) for day, value in zip(days, values, strict=True)])


def _day_axis(days: Sequence[BurnDay], today: date) -> Axis:
    return Axis(scale=Scale.DAYS, low=_place(days[0].day) - 0.5, high=_place(days[-1].day) + 0.5)


def _today(days: Sequence[BurnDay], today: date) -> tuple[Moment, ...]:
    return (Moment(place=_place(today), text="today", ink=Ink.QUIET),) if days[-1].day == today else ()


def _count_axis(most: float, unit: Unit) -> Axis:
    return Axis(scale=Scale.COUNTS, low=0.0, high=max(most * HEADROOM, 4.0), title=str(unit))


def _axis_to(most: float) -> Axis:
    return Axis(scale=Scale.NUMBERS, low=0.0, high=max(most * HEADROOM, 1.0))


def _process_axis(chart: ProcessChart) -> Axis:
    """Room around the limits; it begins at zero only where there is no lower limit."""
    values = [p.value for p in chart.points]
    top, low = max([chart.upper or 0.0, *values]), 0.0
    if chart.lower is not None:
        lowest = min([chart.lower, *values])
        low = max(0.0, lowest - 0.25 * (top - lowest))
    return Axis(scale=Scale.NUMBERS, low=low, high=max(top + 0.08 * (top - low), low + 1.0))


def _span_axis(days: Sequence[float]) -> Axis:
    low, high = max(min(days) * 0.7, SHORTEST), min(max(days) * 1.5, LONGEST * 4)
    return Axis(scale=Scale.SPANS, low=min(low, 0.5), high=max(high, 2.0))


def _drawn_before(work: AgingWork, place: int) -> bool:
    return any(state.percentiles for state in work.states[:place])


def _beside(work: AgingWork) -> dict[str, float]:
    """Where each item stands in its column: spread out evenly, so that items of one age lie side by side."""
    found: dict[str, float] = {}
    for place, state in enumerate(WorkState(one.state) for one in work.states):
        there = sorted((i for i in work.items if i.state is state), key=lambda i: (i.days, i.item_id))
        for number_of, item in enumerate(there):
            found[item.item_id] = place - 0.36 + 0.72 * (number_of + 0.5) / len(there)
    return found
