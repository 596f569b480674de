"""The charts of one sprint on the Flow page: what each draws, what one can point at, and the numbers behind it.

Nothing is computed here but places in a picture: every number comes from the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from galaxy_desktop.domain.flow import (
    AgingWork,
    Burn,
    BurnDay,
    FlowReport,
    ScopeKind,
    Unit,
    WorkState,
)  # fmt: skip
from galaxy_desktop.ui import words
from galaxy_desktop.ui.flow_axes import (
    LEVEL_LOOK,
    SHORTEST,
    bare,
    count_axis,
    iso,
    number,
    place,
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

SCOPE_LOOK = (
    ("planned", "Planned", Ink.BLUE, Fill.PLAIN),
    ("added", "Added", Ink.ORANGE, Fill.LINES),
    ("carried", "Carried over", Ink.PURPLE, Fill.DOTS),
    ("carried_twice", "Carried over twice or more", Ink.RED, Fill.DASHES),
)
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
        return bare("Burnup", burn.head, str(burn.unit).capitalize())
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
        x=_day_axis(days, today), y=count_axis(most, burn.unit), layers=tuple(layers), moments=_today(days, today),
        tips=tuple(Tip(x=place(day.day), text=_burn_words(day, burn.unit, today), y=day.done) for day in days),
    )  # fmt: skip
    return Figure(
        name="Burnup",
        unit=str(burn.unit),
        choice=str(burn.unit).capitalize(),
        finding=burn.head.finding,
        plots=(plot,),
        sheet=_burn_sheet(burn),
    )


def _burndown(burn: Burn, today: date) -> Figure:
    days = burn.days
    if not burn.head.known or not days:
        return bare("Burndown", burn.head, str(burn.unit).capitalize())
    left = _stairs(days, [day.left for day in days])
    layers: list[Layer] = [
        Area(name="Left", lower=_stairs(days, [0.0] * len(days)), upper=left, ink=Ink.BLUE, fill=Fill.PLAIN)
    ]
    last = days[-1].day
    if burn.guide:
        guide = tuple((place(day), value) for day, value in burn.guide)
        layers.append(Curve(name="Even pace to the due day", points=guide, ink=Ink.QUIET, stroke=Stroke.DASH))
        last = max(last, burn.guide[-1][0])
    finding = f"{number(days[-1].left)} {burn.unit} left" if days[-1].left else "Nothing is left"
    even = next((value for day, value in burn.guide if day == days[-1].day), None)
    if even is not None and days[-1].left:
        apart = days[-1].left - even
        side = "more than" if apart > 0 else "fewer than"
        finding += f", {number(abs(apart))} {side} at an even pace" if round(abs(apart), 1) else ", as at an even pace"
    moments = _today(days, today)
    if burn.guide:
        moments += (Moment(place=place(burn.guide[-1][0]), text="due", ink=Ink.RED, stroke=Stroke.DASH),)
    plot = Plot(
        x=Axis(scale=Scale.DAYS, low=place(days[0].day) - 0.5, high=place(last) + 0.5),
        y=count_axis(max(day.left for day in days), burn.unit), layers=tuple(layers), moments=moments,
        tips=tuple(Tip(x=place(day.day), text=_burn_words(day, burn.unit, today), y=day.left) for day in days),
    )  # fmt: skip
    return Figure(
        name="Burndown",
        unit=str(burn.unit),
        choice=str(burn.unit).capitalize(),
        finding=finding,
        plots=(plot,),
        sheet=_burn_sheet(burn),
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
        return bare("Scope by how it came", report.burn.head, sheet=sheet)
    names = {ScopeKind.CARRIED: "carried", ScopeKind.CARRIED_TWICE: "twice"}
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
        y=count_axis(max(value for _, value in totals), Unit.ITEMS), layers=layers,
        tips=tuple(Tip(x=float(n), y=value, text=f"{number(value)} {kind}") for n, (kind, value) in enumerate(totals)),
    )  # fmt: skip
    return Figure(name="Scope by how it came", unit="items", choice="", finding=finding, plots=(plot,), sheet=sheet)


def _scope_sheet(report: FlowReport) -> Sheet:
    """Every item of the sprint with how it came: what “carried over” rests on."""
    order = list(ScopeKind)
    found = sorted(report.scope, key=lambda one: (-order.index(one.kind), one.entered_on, one.item_id))
    return Sheet(
        columns=("Item", "Title", "How it came", "Entered", "Left", "Done", "Points", "Unfinished in"),
        rows=tuple(
            (
                words.reference(one.item_id), one.title, str(one.kind), one.entered_on.isoformat(), iso(one.left_on),
                iso(one.done_on), one.points, ", ".join(one.earlier),
            )
            for one in found
        ),
        keys=tuple(one.item_id for one in found),
        urls=tuple(one.url for one in found),
    )  # fmt: skip


def aging(work: AgingWork, today: date) -> Figure:
    """Open items by state, with the percentiles of past items in the same state."""
    sheet = Sheet(
        columns=("Item", "Title", "State", "Since", "Days", "Against the past"),
        rows=tuple(
            (words.reference(i.item_id), i.title, str(i.state), i.since.isoformat(), i.days, AGE_WORDS[i.above])
            for i in work.items
        ),
        keys=tuple(i.item_id for i in work.items),
        urls=tuple(i.url for i in work.items),
    )
    if not work.head.known:
        return bare("Aging work in progress", work.head, sheet=sheet)
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
        y=span_axis(ages),
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
        name="Aging work in progress",
        unit="days in the present state",
        choice="",
        finding=work.head.finding,
        plots=(plot,),
        sheet=sheet,
        legend=legend,
    )


def _stairs(days: Sequence[BurnDay], values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    return steps([(place(day.day), value) for day, value in zip(days, values, strict=True)])


def _day_axis(days: Sequence[BurnDay], today: date) -> Axis:
    return Axis(scale=Scale.DAYS, low=place(days[0].day) - 0.5, high=place(days[-1].day) + 0.5)


def _today(days: Sequence[BurnDay], today: date) -> tuple[Moment, ...]:
    return (Moment(place=place(today), text="today", ink=Ink.QUIET),) if days[-1].day == today else ()


def _drawn_before(work: AgingWork, place: int) -> bool:
    return any(state.percentiles for state in work.states[:place])


def _beside(work: AgingWork) -> dict[str, float]:
    """Where each item stands in its column: spread out evenly, so that items of one age lie side by side."""
    found: dict[str, float] = {}
    for column, state in enumerate(WorkState(one.state) for one in work.states):
        there = sorted((i for i in work.items if i.state is state), key=lambda i: (i.days, i.item_id))
        for number_of, item in enumerate(there):
            found[item.item_id] = column - 0.36 + 0.72 * (number_of + 0.5) / len(there)
    return found
