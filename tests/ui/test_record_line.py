"""The record of the forecast stands beside every headline with a number, fits its place, and opens the Trust page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.findings import NoForecast
from galaxy_desktop.domain.ledger import TrackRecord
from galaxy_desktop.ui.pages.overview import OverviewPage
from galaxy_desktop.ui.pages.sprint import SprintPage
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.record_line import RecordLine
from galaxy_desktop.ui.wishes import OpenPage, Wish

WORDS = "Record: better than a simple average and a straight line in 10 sprints, replayed"
RECORD = TrackRecord(sprints=10, needed=5, better=True, replayed=True, words=WORDS, verdict="It beats both.")


@pytest.fixture
def told(view: View) -> View:
    assert view.analysis is not None
    return replace(view, analysis=replace(view.analysis, record=RECORD))


@pytest.mark.parametrize("made", [OverviewPage, SprintPage])
def test_a_click_opens_the_trust_page(
    made: type[OverviewPage | SprintPage], look: Look, qtbot: QtBot, wishes: list[Wish], told: View
) -> None:
    page = made(look)
    qtbot.addWidget(page)
    page.wished.connect(wishes.append)
    page.show_view(told)
    if isinstance(page, SprintPage):
        page.choose(next(one.sprint.id for one in told.sprints if one.forecast.probability is not None))
    assert page.record.words == WORDS
    page.record.click()
    assert wishes[-1] == OpenPage("trust")


def test_a_sprint_without_a_number_has_no_record_beside_it(look: Look, qtbot: QtBot, told: View) -> None:
    page = SprintPage(look)
    qtbot.addWidget(page)
    assert told.analysis is not None
    bare = tuple(
        replace(one, forecast=replace(one.forecast, probability=None, why_none=NoForecast.NO_END))
        for one in told.analysis.sprints
    )
    page.show_view(replace(told, analysis=replace(told.analysis, sprints=bare)))
    assert page.record.isHidden()


def test_a_record_that_is_not_known_is_not_there(look: Look, qtbot: QtBot, view: View, told: View) -> None:
    page = OverviewPage(look)
    qtbot.addWidget(page)
    page.show_view(told)
    page.show_view(view)
    assert page.record.isHidden()


def test_a_narrow_line_is_cut_and_says_all_on_hover(look: Look, qtbot: QtBot) -> None:
    line = RecordLine(look)
    qtbot.addWidget(line)
    line.show_record(RECORD)
    line.resize(line.sizeHint())
    assert line.text() == WORDS
    line.resize(160, line.height())
    assert line.text().endswith("…")
    assert line.accessibleName() == f"{WORDS}. Opens the Trust page."
    assert line.minimumSizeHint().width() < line.sizeHint().width()
