"""What charts are made of, and that they are painted alike on screen and in files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from galaxy_desktop.ui.flow_axes import span
from galaxy_desktop.ui.flow_painter import Brushwork, frames, paint, spread_out, ticks
from galaxy_desktop.ui.flow_plot import (
    Area,
    Axis,
    Bars,
    Curve,
    Figure,
    Fill,
    Ink,
    Marks,
    Plot,
    Scale,
    Shape,
    Sheet,
    csv_of,
    heading,
    steps,
    value_at,
)
from galaxy_desktop.ui.theme import Look, Role, font

NUMBERS = st.floats(0.01, 1e6)


def test_stairs_hold_each_value_for_its_whole_day() -> None:
    assert steps([(1, 5), (2, 7)]) == ((0.5, 5), (1.5, 5), (1.5, 7), (2.5, 7))


def test_a_line_is_read_between_its_points_and_flat_beyond_them() -> None:
    line = ((0.0, 0.0), (10.0, 5.0))
    assert [value_at(line, x) for x in (-1, 0, 4, 10, 99)] == [0, 0, 2, 5, 5]


def test_csv_quotes_what_must_be_quoted_and_leaves_no_data_empty() -> None:
    sheet = Sheet(columns=("A", "B"), rows=(('say "no", please', None), ("plain", 1.25), ("x\ny", 3)))
    assert csv_of(sheet) == 'A,B\r\n"say ""no"", please",\r\nplain,1.25\r\n"x\ny",3\r\n'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_title_never_becomes_a_formula_of_a_spreadsheet(text: str) -> None:
    assert csv_of(Sheet(columns=("A",), rows=((text,),))).splitlines()[1].lstrip('"').startswith("'")


@pytest.mark.parametrize(
    ("scale", "low", "high", "names"),
    [
        (Scale.COUNTS, 0, 4, ["0", "1", "2", "3", "4"]),
        (Scale.COUNTS, 0, 19, ["0", "5", "10", "15"]),
        (Scale.SHARES, 0, 1, ["0\u00a0%", "20\u00a0%", "40\u00a0%", "60\u00a0%", "80\u00a0%", "100\u00a0%"]),
        (Scale.SPANS, 0.1, 40, ["4 hours", "1 day", "3 days", "1 week", "1 month"]),
    ],
)
def test_axes_are_named_in_round_numbers(scale: Scale, low: float, high: float, names: list[str]) -> None:
    assert [name for _, name in ticks(Axis(scale=scale, low=low, high=high), 200, 36)] == names


def test_weeks_on_an_axis_of_days_begin_on_mondays() -> None:
    low = date(2026, 3, 1).toordinal()
    days = [date.fromordinal(round(x)) for x, _ in ticks(Axis(scale=Scale.DAYS, low=low, high=low + 90), 600, 60)]
    assert len(days) > 5
    assert {day.weekday() for day in days} == {0}


@given(low=st.floats(0, 1000), extent=NUMBERS, room=st.floats(20, 3000), scale=st.sampled_from(list(Scale)))
def test_ticks_lie_inside_their_axis_in_order(low: float, extent: float, room: float, scale: Scale) -> None:
    places = [x for x, _ in ticks(Axis(scale=scale, low=low + 0.01, high=low + 0.01 + extent), room, 40)]
    assert places == sorted(set(places))
    assert all(low - 1e-6 * extent <= x <= low + 0.02 + extent * 1.000001 for x in places)
    assert len(places) <= room / 40 * 1.5 + 3


@given(places=st.lists(st.floats(0, 500), max_size=8))
def test_words_at_the_right_never_touch_and_keep_their_order(places: list[float]) -> None:
    moved = sorted(spread_out(places, 14), reverse=True)
    assert all(a - b >= 14 - 1e-6 for a, b in pairwise(moved))


@pytest.mark.parametrize(
    ("days", "said"), [(0.01, "14\u00a0min"), (0.5, "12\u00a0h"), (2.25, "2.2\u00a0d"), (34.4, "34\u00a0d")]
)
def test_durations_are_said_shortly(days: float, said: str) -> None:
    assert span(days) == said


def plot(scale: Scale = Scale.NUMBERS) -> Plot:
    """One of every layer."""
    line = ((0.0, 1.0), (1.0, 3.0), (2.0, 2.0))
    return Plot(
        x=Axis(scale=Scale.NUMBERS, low=0, high=2), y=Axis(scale=scale, low=0.5, high=4),
        layers=(
            Area(name="area", lower=tuple((x, 0.5) for x, _ in line), upper=line, ink=Ink.BLUE, fill=Fill.LINES),
            Bars(name="bars", points=line, ink=Ink.GREEN, fill=Fill.DASHES),
            Curve(name="curve", points=line, ink=Ink.RED),
            *(Marks(name=str(shape), points=line, ink=Ink.PURPLE, shape=shape) for shape in Shape),
        ),
    )  # fmt: skip


def painted(look: Look, shown: Plot) -> QImage:
    """The picture of a plot."""
    picture = QImage(400, 300, QImage.Format.Format_ARGB32)
    picture.fill(0)
    painter = QPainter(picture)
    paint(painter, QRectF(0, 0, 400, 300), (shown,), Brushwork(look.colors, look.dark, font(Role.SMALL)))
    painter.end()
    return picture


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("scale", [Scale.NUMBERS, Scale.SPANS])
def test_every_layer_is_painted_in_both_appearances(look: Look, choice: str, scale: Scale) -> None:
    look.choose(choice)
    whole = plot(scale)
    bare = [replace(layer, name="") for layer in whole.layers]
    empty = painted(look, replace(whole, layers=()))
    pictures = [painted(look, replace(whole, layers=(layer,))) for layer in bare]
    assert all(picture != empty for picture in pictures)
    assert all(one != other for one, other in combinations(pictures, 2))


def test_values_become_places_and_longer_spans_lie_higher(look: Look) -> None:
    (frame,) = frames(QRectF(0, 0, 400, 300), (plot(Scale.SPANS),), QFontMetricsF(font(Role.SMALL)))
    assert frame.x(0) == frame.rect.left()
    assert frame.x(2) == pytest.approx(frame.rect.right())
    assert frame.y(1) - frame.y(2) == pytest.approx(frame.y(2) - frame.y(4))


def test_the_heading_names_what_the_height_means() -> None:
    figure = Figure(
        name="Cycle time", choice="", finding="", plots=(plot(),), sheet=Sheet(columns=(), rows=()), unit="days"
    )
    assert heading(figure) == "Cycle time  ·  days"


def test_every_ink_has_a_color_of_its_own_in_both_appearances(look: Look) -> None:
    for choice in ("light", "dark"):
        look.choose(choice)
        brushwork = Brushwork(look.colors, look.dark, font(Role.SMALL))
        for one, other in combinations(Ink, 2):
            assert brushwork.color(one).name() != brushwork.color(other).name()
