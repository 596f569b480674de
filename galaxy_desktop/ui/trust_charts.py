"""The reliability plot: what was said against what happened, with how sure that is; and the rows behind it."""

from __future__ import annotations

from galaxy_desktop.domain.flow import Head
from galaxy_desktop.domain.ledger import ReliabilityBin, Score, TrustReport
from galaxy_desktop.explain.trust import fits, wilson
from galaxy_desktop.ui import words
from galaxy_desktop.ui.flow_plot import Axis, Curve, Figure, Ink, Layer, Marks, Plot, Scale, Shape, Sheet, Stroke, Tip

NAME = "Reliability"
LIVE, REPLAYED = "Said live", "Replayed"
CAP = 0.012
SMALLEST_MARK, LARGEST_MARK = 7.0, 15.0
HEAD = Head(
    finding="What was said against what happened",
    formula=(
        "What was said is grouped into fifths: below 20 %, 20 to 40 %, and so on. A point stands at the mean of what was "
        "said in a group and at the share of its sprints that landed in time. A sprint counts once in each group it was "
        "in. The bar through a point is the 90 % interval of that share (Wilson). Points on the dashed line are what "
        "honest numbers give; a bar that does not reach it means that more was promised, or less, than happened."
    ),
)


def reliability(report: TrustReport) -> tuple[Figure, ...]:
    """One figure for what was said live and one for the replay, each where there is something to draw."""
    drawn = [
        _figure(score, choice, shape, ink)
        for score, choice, shape, ink in (
            (report.live, LIVE, Shape.DISC, Ink.BLUE),
            (report.replay, REPLAYED, Shape.DIAMOND, Ink.ORANGE),
        )
        if score.bins
    ]
    return tuple(drawn)


def _figure(score: Score, choice: str, shape: Shape, ink: Ink) -> Figure:
    most = max(one.sprints for one in score.bins)
    layers: list[Layer] = [
        Curve(name="said = happened", points=((0.0, 0.0), (1.0, 1.0)), ink=Ink.QUIET, stroke=Stroke.DASH, width=1.5)
    ]
    for number, one in enumerate(score.bins):
        layers += _interval(one, ink, "90 % interval" if number == 0 else "")
    for number, one in enumerate(score.bins):
        size = SMALLEST_MARK + (LARGEST_MARK - SMALLEST_MARK) * one.sprints / most
        name = f"{choice}, larger where more sprints stand behind it" if number == 0 else ""
        layers.append(Marks(name=name, points=((one.said, _share(one)),), ink=ink, shape=shape, size=size))
    plot = Plot(
        x=Axis(scale=Scale.SHARES, low=0.0, high=1.0),
        y=Axis(scale=Scale.SHARES, low=-0.02, high=1.02),
        layers=tuple(layers),
        tips=tuple(Tip(x=one.said, y=_share(one), text=_tip(one)) for one in score.bins),
    )
    return Figure(
        name=NAME,
        choice=choice,
        finding=finding(score),
        plots=(plot,),
        sheet=sheet(score),
        legend="Across: what was said. Up: how often it happened. Sprints behind each point, from the left: "
        + ", ".join(str(one.sprints) for one in score.bins)
        + ".",
    )


def finding(score: Score) -> str:
    """What the plot says, in a sentence: whether any point lies off the line beyond its interval."""
    off = [one for one in score.bins if not fits(one)]
    if not off:
        return "What was said agrees with what happened, as far as so few sprints can tell."
    worst = max(off, key=lambda one: abs(one.said - _share(one)))
    more = "too sure" if worst.said > _share(worst) else "too careful"
    return f"We were {more}. {worst.words}"


def sheet(score: Score) -> Sheet:
    """The numbers behind the plot."""
    return Sheet(
        columns=("Said about", "Sprints", "Landed", "Happened", "At least", "At most"),
        rows=tuple(
            (
                words.percent(one.said),
                one.sprints,
                one.landed,
                words.percent(_share(one)),
                words.percent(wilson(one.landed, one.sprints)[0]),
                words.percent(wilson(one.landed, one.sprints)[1]),
            )
            for one in score.bins
        ),
    )


def _share(one: ReliabilityBin) -> float:
    return one.landed / one.sprints


def _tip(one: ReliabilityBin) -> str:
    low, high = wilson(one.landed, one.sprints)
    return f"{one.words}\n90 % interval: {words.percent(low)} to {words.percent(high)}"


def _interval(one: ReliabilityBin, ink: Ink, name: str) -> list[Layer]:
    """A bar with caps: the words "larger" and "smaller" need no color."""
    low, high = wilson(one.landed, one.sprints)
    bar = Curve(name=name, points=((one.said, low), (one.said, high)), ink=ink, width=1.4)
    caps = [
        Curve(name="", points=((one.said - CAP, end), (one.said + CAP, end)), ink=ink, width=1.4) for end in (low, high)
    ]
    return [bar, *caps]
