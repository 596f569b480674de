"""The Flow page: findings as titles, data, formula and file for each chart, and words where there is nothing to draw."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.dom import minidom

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.flow import FlowReport
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.features.flow_report import flow_report, scene_of
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.commands import fill_demo
from galaxy_desktop.store.database import Store
from galaxy_desktop.ui import flow_errands
from galaxy_desktop.ui.flow_plot import Area, Bars, Curve, Figure, Marks
from galaxy_desktop.ui.flow_wishes import ReadFlow, SaveFlow
from galaxy_desktop.ui.pages.flow import COMPUTING, INCOMPLETE, FlowPage
from galaxy_desktop.ui.pages.flow_card import FlowCard
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import OpenClaim
from tests.ui.conftest import Stage
from tests.ui.fakes import FakeWorkspace
from tests.ui.samples import NOW


def _report(folder: Path, name: str) -> FlowReport:
    with Store.open(DataFolder(folder).make()) as store:
        fill_demo(store, name, NOW)
        return flow_report(scene_of(store.snapshot(), NOW))


@pytest.fixture(scope="session")
def slipping(tmp_path_factory: pytest.TempPathFactory) -> FlowReport:
    return _report(tmp_path_factory.mktemp("slipping"), "slipping")


@pytest.fixture(scope="session")
def early(tmp_path_factory: pytest.TempPathFactory) -> FlowReport:
    return _report(tmp_path_factory.mktemp("early"), "first-week")


@pytest.fixture
def page(look: Look, view: View, qtbot: QtBot, wishes: list[Any]) -> Iterator[FlowPage]:
    made = FlowPage(look)
    qtbot.addWidget(made)
    made.wished.connect(wishes.append)
    made.resize(1000, 800)
    made.show_view(view)
    made.show()
    yield made
    made.hide()


def asked(wishes: list[Any]) -> ReadFlow:
    """The newest wish for a report."""
    return next(wish for wish in reversed(wishes) if isinstance(wish, ReadFlow))


@pytest.fixture
def filled(page: FlowPage, slipping: FlowReport, wishes: list[Any]) -> FlowPage:
    asked(wishes).answered(slipping)
    wishes.clear()
    return page


def figures(page: FlowPage) -> list[Figure]:
    """Every variant of every card."""
    return [figure for card in page.cards.values() for figure in card._figures]


def test_the_page_asks_once_when_it_is_looked_at(page: FlowPage, view: View, wishes: list[Any]) -> None:
    page.show_view(view)
    page.show_view(replace(view, now=view.now + timedelta(minutes=1)))
    assert [type(wish) for wish in wishes] == [ReadFlow]
    assert page.state.text() == COMPUTING
    assert page.cards == {}


def test_a_hidden_page_waits_until_it_is_looked_at(
    filled: FlowPage, view: View, analysis: Analysis, wishes: list[Any]
) -> None:
    filled.hide()
    filled.show_view(replace(view, analysis=replace(analysis, as_of=NOW + timedelta(hours=1))))
    assert wishes == []
    filled.show()
    assert asked(wishes).sprint_id == filled.report.sprint_id if filled.report else False


def test_every_card_has_its_finding_as_title(filled: FlowPage, slipping: FlowReport) -> None:
    said = {name: card.finding for name, card in filled.cards.items()}
    assert said["burnup"] == slipping.burn.head.finding
    assert said["cycle"] == slipping.cycle.head.finding
    assert said["process 0"] == slipping.processes[0].head.finding
    assert said["dora 0"] == slipping.dora[0].head.finding
    assert len(said) == 14


def test_a_block_without_data_says_so_and_a_true_zero_says_zero(filled: FlowPage, slipping: FlowReport) -> None:
    rate = slipping.dora[1 + 1]
    trend = tuple(
        replace(point, value=value, n=0)
        for point, value in zip(rate.trend, (None, 0.0, 0.2, 0.2, 0.2, 0.2), strict=True)
    )
    filled._answered(replace(slipping, dora=(*slipping.dora[:2], replace(rate, trend=trend), slipping.dora[3])))
    figure = filled.cards["dora 2"].figure
    assert figure is not None
    assert [note.text for note in figure.plots[0].notes] == ["no data", "0\u00a0%"]


def test_stability_is_said_in_a_word_beside_its_shape(filled: FlowPage, slipping: FlowReport) -> None:
    assert filled.stability.word == "Process stable"
    filled._answered(replace(slipping, stability=replace(slipping.stability, stable=False)))
    assert filled.stability.word == "Process unstable"


def test_too_little_data_is_said_in_words_without_a_chart(page: FlowPage, early: FlowReport, wishes: list[Any]) -> None:
    asked(wishes).answered(early)
    card = page.cards["cycle"]
    assert card.finding.startswith("Need 5 finished items")
    assert card.chart.isHidden()
    assert card.formula.isHidden()
    assert not page.cards["burnup"].chart.isHidden()
    assert all(page.cards[f"dora {number}"].finding.startswith("n/a: ") for number in range(4))


def test_another_sprint_is_asked_for_and_stays_chosen(
    filled: FlowPage, slipping: FlowReport, wishes: list[Any]
) -> None:
    filled.chooser.setCurrentIndex(2)
    filled.chooser.activated.emit(2)
    wanted = slipping.sprints[2].sprint_id
    assert asked(wishes).sprint_id == wanted
    asked(wishes).answered(replace(slipping, sprint_id=wanted, sprint_title="Sprint 25"))
    assert filled.chooser.currentData() == wanted
    assert filled.chooser.currentText() == "Sprint 25 (closed)"


def test_another_workspace_shows_nothing_of_the_one_before(
    filled: FlowPage, view: View, slipping: FlowReport, wishes: list[Any]
) -> None:
    filled.show_view(View(now=view.now, loading=True))
    filled.show_view(replace(view, profile="demo: healthy"))
    assert all(card.isHidden() for card in filled.cards.values())
    assert (filled.state.text(), filled.state.isHidden(), filled.chooser.isHidden()) == (COMPUTING, False, True)
    asked(wishes).answered(slipping)
    assert not any(card.isHidden() for card in filled.cards.values())


def test_a_finished_sprint_has_nothing_left(filled: FlowPage, slipping: FlowReport) -> None:
    last = slipping.burn.days[-1]
    days = (*slipping.burn.days[:-1], replace(last, done=last.scope))
    filled._answered(replace(slipping, burn=replace(slipping.burn, days=days)))
    assert filled.cards["burndown"].finding == "Nothing is left"


def test_a_failure_is_said_and_can_be_tried_again(page: FlowPage, wishes: list[Any]) -> None:
    asked(wishes).failed("The disk is full.")
    assert page.state.text() == "The disk is full."
    page.again.click()
    assert [type(wish) for wish in wishes] == [ReadFlow, ReadFlow]


def test_history_that_is_still_read_is_told(page: FlowPage, slipping: FlowReport, wishes: list[Any]) -> None:
    asked(wishes).answered(replace(slipping, history_complete=False))
    assert (page.state.text(), page.state.isHidden()) == (INCOMPLETE, False)


def test_view_data_shows_every_number_and_enter_opens_the_item(
    filled: FlowPage, slipping: FlowReport, qtbot: QtBot, wishes: list[Any]
) -> None:
    card = filled.cards["cycle"]
    card.turn.click()
    assert card.numbers is not None
    assert card.numbers.model().rowCount() == len(slipping.cycle.dots)
    assert (card.chart.isHidden(), card.turn.text()) == (True, "View chart")
    card.numbers.setCurrentIndex(card.numbers.model().index(0, 0))
    qtbot.keyClick(card.numbers, Qt.Key.Key_Return)
    (wish,) = wishes
    assert isinstance(wish, OpenClaim)
    (cited,) = wish.claim.evidence
    first = slipping.cycle.dots[0]
    assert (cited.id, cited.url, cited.quote) == (first.item_id, first.url, first.title)
    card.turn.click()
    assert (card.chart.isHidden(), card.numbers.isHidden()) == (False, True)


def test_the_formula_opens_with_its_numbers_and_its_evidence(
    filled: FlowPage, slipping: FlowReport, wishes: list[Any]
) -> None:
    filled.cards["burnup"].formula.click()
    claim = wishes[-1].claim
    assert claim.note == slipping.burn.head.formula
    assert claim.evidence == slipping.burn.head.evidence


def test_a_card_with_variants_shows_the_one_that_is_chosen(filled: FlowPage) -> None:
    card = filled.cards["throughput"]
    weeks = card.finding
    card.choose(1)
    assert card.finding != weeks
    assert card.figure is not None
    assert card.figure.choice == "Working days"


@pytest.mark.parametrize("kind", ["CSV", "PNG", "SVG"])
def test_a_chart_is_saved_as_numbers_picture_or_drawing(
    filled: FlowPage, wishes: list[Any], tmp_path: Path, kind: str
) -> None:
    filled.cards["burnup"].save_as(kind)
    wish = wishes[-1]
    assert isinstance(wish, SaveFlow)
    assert wish.name == f"burnup-items-{NOW.date()}.{kind.lower()}"
    path = tmp_path / wish.name
    wish.write(path)
    if kind == "CSV":
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        assert lines[0].startswith("Day,In scope,Planned")
        assert len(lines) == 1 + len(filled.report.burn.days if filled.report else ())
    elif kind == "PNG":
        assert QImage(str(path)).width() == 2200
    else:
        assert "items done" in minidom.parse(str(path)).getElementsByTagName("title")[0].firstChild.data  # noqa: S318


def test_the_arrow_keys_read_the_values_and_enter_opens_the_item(
    filled: FlowPage, slipping: FlowReport, qtbot: QtBot, wishes: list[Any]
) -> None:
    chart = filled.cards["cycle"].chart
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert chart.tip is not None
    assert chart.accessibleDescription() == chart.tip.text
    qtbot.keyClick(chart, Qt.Key.Key_Return)
    assert wishes[-1].claim.evidence[0].id == slipping.cycle.dots[1].item_id
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert chart.tip.key == slipping.cycle.dots[0].item_id


def test_pointing_near_an_item_means_it_and_far_away_nothing(filled: FlowPage) -> None:
    chart = filled.cards["cycle"].chart
    QApplication.processEvents()
    chart.grab()
    (frame,) = chart._frames
    tip = frame.plot.tips[0]
    at = QPointF(frame.x(tip.x) + 2, frame.y(tip.y or 0.0) + 2)
    assert chart._nearest(at) is not None
    assert chart._nearest(QPointF(-500, -500)) is None


def test_series_of_a_chart_never_differ_by_color_alone(filled: FlowPage) -> None:
    for figure in figures(filled):
        for plot in figure.plots:
            named = [layer for layer in plot.layers if layer.name]
            for one, other in combinations(named, 2):
                assert _without_color(one) != _without_color(other), (figure.name, one.name, other.name)


def _without_color(layer: object) -> tuple[object, ...]:
    match layer:
        case Curve(stroke=stroke, width=width):
            return "curve", stroke, width
        case Area(fill=fill) | Bars(fill=fill):
            return "surface", fill
        case Marks(shape=shape):
            return "marks", shape
    raise AssertionError(layer)


def test_every_card_can_be_painted_in_both_appearances_and_narrow(filled: FlowPage, look: Look) -> None:
    for choice, width in (("light", 1000), ("dark", 640)):
        look.choose(choice)
        filled.resize(width, 700)
        QApplication.processEvents()
        for card in filled.cards.values():
            assert not card.grab().isNull()
            assert card.minimumSizeHint().width() <= 600


def test_everything_on_a_card_can_be_reached_by_the_keyboard(filled: FlowPage) -> None:
    card = filled.cards["cycle"]
    for widget in (card.chart, card.turn, card.formula, card.save):
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_no_chart_is_loaded_before_the_page_is_opened() -> None:
    asked_for = (
        "import sys, galaxy_desktop.app, galaxy_desktop.ui.conductor, galaxy_desktop.services.workspace;"
        "print([m for m in sys.modules if m.startswith('galaxy_desktop') and 'flow' in m.rpartition('.')[2]])"
    )
    done = subprocess.run([sys.executable, "-c", asked_for], capture_output=True, text=True, check=True)
    loaded = set(eval(done.stdout))  # noqa: S307
    assert loaded <= {
        "galaxy_desktop.ui.flow_wishes",
        "galaxy_desktop.ui.flow_errands",
        "galaxy_desktop.ui.widgets.flow",
    }


class Flowing(FakeWorkspace):
    """A fake workspace that answers with one report, or fails."""

    report: FlowReport | None = None
    asked_for: tuple[str, ...] = ()

    async def flow(self, sprint_id: str = "") -> FlowReport:
        self.asked_for += (sprint_id,)
        await asyncio.sleep(0)
        if self.report is None:
            raise GalaxyError("The database is busy.")
        return self.report


async def _opened(stage: Stage, report: FlowReport | None) -> tuple[FlowPage, Flowing]:
    workspace = Flowing(stage.workspace.analysis)
    workspace.report = report
    stage.conductor.conduct(workspace)
    stage.window.show()
    stage.window.open_page("flow")
    await stage.rest()
    made = stage.window.page("flow")
    assert isinstance(made, FlowPage)
    return made, workspace


async def test_the_window_shows_what_the_workspace_computed(stage: Stage, slipping: FlowReport) -> None:
    made, workspace = await _opened(stage, slipping)
    assert len(workspace.asked_for) == 1
    assert made.report is slipping


async def test_of_several_wishes_the_newest_is_answered(stage: Stage, slipping: FlowReport) -> None:
    _, workspace = await _opened(stage, slipping)
    answers: list[str] = []
    for name in ("one", "two", "three"):
        stage.conductor.carry_out(ReadFlow(name, lambda _, name=name: answers.append(name), answers.append))
    await stage.rest()
    assert answers == ["three"]
    assert workspace.asked_for[1:] == ("three",)


async def test_a_foreseen_failure_is_said_on_the_page(stage: Stage) -> None:
    made, _ = await _opened(stage, None)
    assert made.state.text() == "The database is busy."


async def test_a_file_that_cannot_be_written_is_said_with_what_to_do(
    stage: Stage, slipping: FlowReport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await _opened(stage, slipping)

    async def nowhere(*_: object) -> Path:
        return tmp_path / "missing" / "file.csv"

    monkeypatch.setattr(flow_errands, "ask_where_to_save", nowhere)
    await stage.wish(SaveFlow("Save", "a.csv", "CSV (*.csv)", lambda path: path.write_text("x") and None))
    assert "could not be written" in stage.window.message.sentence
    assert "Choose another place" in stage.window.message.sentence


async def test_nothing_is_written_when_the_person_changes_their_mind(
    stage: Stage, slipping: FlowReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _opened(stage, slipping)
    written: list[Path] = []

    async def nobody(*_: object) -> None:
        return None

    monkeypatch.setattr(flow_errands, "ask_where_to_save", nobody)
    await stage.wish(SaveFlow("Save", "a.csv", "CSV (*.csv)", written.append))
    assert written == []


def test_cards_say_their_name_to_a_screen_reader(filled: FlowPage) -> None:
    names = [card.accessibleName() for card in filled.cards.values() if isinstance(card, FlowCard)]
    assert names[0] == "Burnup"
    assert len(set(names)) == len(names)
