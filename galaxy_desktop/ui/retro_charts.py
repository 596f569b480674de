"""The course of a sprint's chance over its time, with a mark where the end moved or scope changed."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from galaxy_desktop.domain.flow import Head
from galaxy_desktop.domain.retro import Retro, RetroStep, StepKind
from galaxy_desktop.ui import words
from galaxy_desktop.ui.flow_plot import Axis, Curve, Figure, Ink, Marks, Moment, Plot, Scale, Shape, Sheet, Stroke, Tip

NAME = "Chance to land in time"
MOST_MARKS = 6
HEAD = Head(
    finding="What was said over the sprint's time",
    formula=(
        "Each point is an entry of the forecast ledger: the number as it was said, never computed anew. Between two points "
        "the last one holds. Marks say where the end was moved and where scope changed by itself. Where nothing was said "
        "while the sprint ran, the points are those of a replay, made with what was known then."
    ),
)


def course(retro: Retro, now: datetime) -> Figure:
    """The chance over time; without points the finding says what is missing."""
    if not retro.points:
        return Figure(name=NAME, choice="", finding="No number was said of this sprint.", plots=(), sheet=_sheet(retro))
    zone = now.tzinfo
    points = tuple((_place(p.at, zone), p.probability) for p in retro.points)
    first, last = points[0][0], points[-1][0]
    room = max((last - first) * 0.04, 0.5)
    marked = [s for s in retro.steps if s.kind is not StepKind.JUMP][:MOST_MARKS]
    plot = Plot(
        x=Axis(scale=Scale.DAYS, low=first - room, high=last + room),
        y=Axis(scale=Scale.SHARES, low=0.0, high=1.02),
        layers=(
            Curve(name="", points=_stairs(points), ink=Ink.BLUE, stroke=Stroke.DOT if retro.replayed else Stroke.SOLID),
            Marks(
                name="replayed" if retro.replayed else "said live",
                points=points,
                ink=Ink.BLUE,
                shape=Shape.DIAMOND if retro.replayed else Shape.DISC,
            ),
        ),
        moments=tuple(Moment(place=_place(s.at, zone), text=_mark(s), ink=Ink.ORANGE) for s in marked),
        tips=tuple(
            Tip(
                x=x, y=y, text=f"{words.clock(p.at, now)}: {words.percent(y)}\n{p.done} of {p.done + p.open} items done"
            )
            for (x, y), p in zip(points, retro.points, strict=True)
        ),
    )
    return Figure(name=NAME, choice="", finding=_finding(retro), plots=(plot,), sheet=_sheet(retro))


def _finding(retro: Retro) -> str:
    first, last = retro.points[0].probability, retro.points[-1].probability
    how = "A replay would have said" if retro.replayed else "It began at"
    between = " at first and" if retro.replayed else " and ended at"
    end = " at last" if retro.replayed else ""
    happened = "" if retro.outcome is None else "; it landed" if retro.outcome.landed else "; it missed its end"
    return f"{how} {words.percent(first)}{between} {words.percent(last)}{end}{happened}."


def _mark(step: RetroStep) -> str:
    return "end moved" if step.kind is StepKind.END else step.words


def _stairs(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """A line that stays at what was said until something else was."""
    found = [points[0]]
    for x, y in points[1:]:
        found += [(x, found[-1][1]), (x, y)]
    return tuple(found)


def _place(moment: datetime, zone: tzinfo | None) -> float:
    local = moment.astimezone(zone)
    since_midnight = timedelta(hours=local.hour, minutes=local.minute)
    return local.date().toordinal() + since_midnight / timedelta(days=1) - 0.5


def _sheet(retro: Retro) -> Sheet:
    return Sheet(
        columns=("Said", "Chance", "Open", "Done", "How"),
        rows=tuple(
            (p.at.isoformat(timespec="minutes"), words.percent(p.probability), p.open, p.done, str(p.origin))
            for p in retro.points
        ),
    )
