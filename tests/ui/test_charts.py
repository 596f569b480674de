"""The chart of a sprint: axes in words, a horizon that stays readable, nothing drawn that is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pyqtgraph as pg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.facts import BurnupPoint
from galaxy_desktop.domain.findings import FanPoint, SprintAnalysis
from galaxy_desktop.ui.charts import LOOK_AHEAD, BurnupChart, CountAxis, DayAxis
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from tests.ui.samples import NOW

TODAY = NOW.date()


@pytest.fixture
def chart(look: Look, qtbot: QtBot) -> BurnupChart:
    made = BurnupChart(look)
    qtbot.addWidget(made)
    made.resize(900, 300)
    return made


@pytest.fixture
def one(view: View) -> SprintAnalysis:
    return next(s for s in view.sprints if s.sprint.id == "sprint-1")


def kinds(chart: BurnupChart) -> list[str]:
    """What is drawn, by kind."""
    return [type(item).__name__ for item in chart.getPlotItem().items]


def words_in(chart: BurnupChart) -> set[str]:
    """The words written into the chart."""
    items = chart.getPlotItem().items
    texts = {i.toPlainText() for i in items if isinstance(i, pg.TextItem)}
    return texts | {i.label.format for i in items if isinstance(i, pg.InfiniteLine)}


def seen_days(chart: BurnupChart) -> tuple[date, date]:
    """The first and last day in sight."""
    low, high = chart.getPlotItem().viewRange()[0]
    return date.fromordinal(int(low)), date.fromordinal(int(high))


def test_scope_done_today_and_due_are_named_in_the_chart(chart: BurnupChart, one: SprintAnalysis) -> None:
    chart.show_sprint(one, TODAY)
    assert words_in(chart) == {"in scope: 14", "done: 7", "today", "due"}


def test_without_a_due_day_no_line_is_drawn_for_it(chart: BurnupChart, one: SprintAnalysis) -> None:
    chart.show_sprint(replace(one, sprint=replace(one.sprint, due_on=None)), TODAY)
    assert "due" not in words_in(chart)


def test_without_a_forecast_no_fan_is_drawn(chart: BurnupChart, one: SprintAnalysis) -> None:
    chart.show_sprint(one, TODAY)
    assert "FillBetweenItem" in kinds(chart)
    chart.show_sprint(replace(one, forecast=replace(one.forecast, fan=())), TODAY)
    assert "FillBetweenItem" not in kinds(chart)


def test_a_sprint_without_any_day_is_an_empty_chart(chart: BurnupChart, one: SprintAnalysis) -> None:
    bare = replace(one, features=replace(one.features, burnup=()), forecast=replace(one.forecast, fan=()))
    chart.show_sprint(bare, TODAY)
    assert words_in(chart) == {"today", "due"}


def test_a_long_fan_does_not_squeeze_the_sprint(chart: BurnupChart, one: SprintAnalysis) -> None:
    far = tuple(FanPoint(day=TODAY + timedelta(days=n), low=7, middle=8, high=9) for n in range(900))
    chart.show_sprint(replace(one, forecast=replace(one.forecast, fan=far)), TODAY)
    assert seen_days(chart)[1] <= date(2026, 5, 15) + max(LOOK_AHEAD, timedelta(days=30))


def test_a_due_day_long_ago_stays_out_of_sight(chart: BurnupChart, one: SprintAnalysis) -> None:
    chart.show_sprint(replace(one, sprint=replace(one.sprint, due_on=TODAY - timedelta(days=900))), TODAY)
    assert seen_days(chart)[0] > TODAY - timedelta(days=60)


def test_the_names_of_lines_have_room_above_them(chart: BurnupChart, one: SprintAnalysis) -> None:
    chart.show_sprint(one, TODAY)
    assert chart.getPlotItem().viewRange()[1][1] > 14 * 1.2


def test_a_day_axis_names_days(look: Look) -> None:
    axis = DayAxis()
    assert axis.tickStrings([date(2026, 5, 8).toordinal()], 1.0, 1.0) == ["8 May"]


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 3000), st.integers(80, 2000))
def test_the_ticks_of_days_are_whole_and_not_too_many(days: int, width: int) -> None:
    axis = DayAxis()
    start = float(date(2026, 5, 1).toordinal())
    ((_, ticks),) = axis.tickValues(start, start + days, width)
    assert all(t == int(t) for t in ticks)
    assert len(ticks) <= width / 40 + 2


@settings(deadline=None, max_examples=40)
@given(st.floats(0.5, 20_000), st.integers(60, 1500))
def test_items_are_counted_in_whole_numbers(most: float, height: int) -> None:
    ((_, ticks),) = CountAxis().tickValues(0.0, most, height)
    assert all(t == int(t) for t in ticks)
    assert ticks[0] == 0.0


def test_another_theme_repaints_the_chart(chart: BurnupChart, one: SprintAnalysis, look: Look) -> None:
    chart.show_sprint(one, TODAY)
    light = chart.grab().toImage()
    look.choose("dark")
    assert chart.grab().toImage() != light


def test_the_wheel_is_left_to_the_page(chart: BurnupChart, one: SprintAnalysis) -> None:
    chart.show_sprint(one, TODAY)
    before = chart.getPlotItem().viewRange()
    at = QPointF(50, 50)
    turn = QWheelEvent(
        at,
        at,
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(chart.viewport(), turn)
    assert chart.getPlotItem().viewRange() == before


def test_scope_is_drawn_as_steps(chart: BurnupChart, one: SprintAnalysis) -> None:
    grown = tuple(BurnupPoint(day=TODAY - timedelta(days=3 - n), scope=s, done=0) for n, s in enumerate((5, 5, 8, 8)))
    chart.show_sprint(replace(one, features=replace(one.features, burnup=grown)), TODAY)
    curves = [i for i in chart.getPlotItem().items if isinstance(i, pg.PlotDataItem)]
    assert any(c.opts["stepMode"] == "left" for c in curves)
