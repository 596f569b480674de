"""The four demos through the whole pipeline onto every page: no Qt warning, and what each one teaches is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.work import State
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo, pipeline
from galaxy_desktop.store.database import Store
from galaxy_desktop.ui.graph.picture import links_of
from galaxy_desktop.ui.main_window import PAGES, MainWindow
from galaxy_desktop.ui.pages.dependencies import DependenciesPage
from galaxy_desktop.ui.pages.recommendations import RecommendationsPage
from galaxy_desktop.ui.pages.sprint import SprintPage
from galaxy_desktop.ui.rows.sprints import row_of
from galaxy_desktop.ui.tray import TrayState, state_of
from galaxy_desktop.ui.view import View

NOW = datetime(2026, 5, 6, 12, tzinfo=ZoneInfo("Europe/Berlin"))


@lru_cache(maxsize=4)
def evaluated(name: str) -> Analysis:
    """The evaluation of a demo, made once."""
    with TemporaryDirectory() as place:
        store = Store.open(DataFolder(Path(place)))
        try:
            for page in demo.DemoWorkspace(demo.scenario_named(name), NOW).pages():
                store.apply(page).result()
            return pipeline.evaluate(store, NOW)[0]
        finally:
            store.close()


@pytest.fixture
def demo_view() -> Callable[[str], View]:
    """A view of a demo by name."""
    return lambda name: View(now=NOW, analysis=evaluated(name), profile=f"demo: {name}")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", demo.SCENARIOS)
def test_every_page_shows_every_demo(
    window: MainWindow, name: str, page: str, demo_view: Callable[[str], View], qtbot: QtBot
) -> None:
    window.show_view(demo_view(name))
    window.open_page(page)
    shown = window.page(page)
    if isinstance(shown, SprintPage):
        shown.chart.prepare()
    with qtbot.waitExposed(window):
        window.show()
    assert not window.grab().isNull()


def running(view: View) -> str:
    """The chance on the card of the sprint under way."""
    return row_of(next(s for s in view.sprints if s.sprint.state is State.OPEN), view).chance


def test_the_first_week_shows_no_number(demo_view: Callable[[str], View]) -> None:
    assert running(demo_view("first-week")) == "Too early"


@pytest.mark.parametrize("name", ["healthy", "slipping", "blocked"])
def test_with_history_there_is_a_number(name: str, demo_view: Callable[[str], View]) -> None:
    assert "%" in running(demo_view(name))


def test_the_blocked_demo_shows_its_chain_across_repositories(demo_view: Callable[[str], View]) -> None:
    view = demo_view("blocked")
    page_links = links_of(view, frozenset({e.kind for e in view.dependencies}), only_open=True)
    assert any(k.holding and k.edge.crosses_repositories for k in page_links)


def test_the_tray_tells_a_healthy_sprint_from_a_slipping_one(demo_view: Callable[[str], View]) -> None:
    assert state_of(demo_view("healthy"), None)[0] is TrayState.OK
    assert state_of(demo_view("slipping"), None)[0] in (TrayState.ACT, TrayState.OBSERVE)


def test_every_chip_of_every_demo_opens_something(window: MainWindow, demo_view: Callable[[str], View]) -> None:
    for name in demo.SCENARIOS:
        view = demo_view(name)
        for one in view.sprints:
            for sentence in one.explanation.sentences:
                quotes = [e.quote for e in view.claim(sentence.text, sentence.evidence).evidence]
                assert quotes
                assert not any("not part of the evaluation" in q for q in quotes), sentence


def test_a_slipping_sprint_gets_actions_with_a_gain(window: MainWindow, demo_view: Callable[[str], View]) -> None:
    window.show_view(demo_view("slipping"))
    page = window.page("recommendations")
    assert isinstance(page, RecommendationsPage)
    page.show_view(demo_view("slipping"))
    gains = [c.action.delta_probability for c in page.cards]
    assert gains
    assert gains[0] is not None
    assert gains[0] > 0


def test_titles_stand_in_the_graph_not_bare_numbers(window: MainWindow, demo_view: Callable[[str], View]) -> None:
    view = demo_view("blocked")
    window.show_view(view)
    page = window.page("dependencies")
    assert isinstance(page, DependenciesPage)
    page.show_view(view)
    ends = [page.table.index(r, 0).data() for r in range(page.table.rowCount())]
    assert ends
    assert all("  " in end for end in ends)
