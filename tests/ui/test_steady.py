"""What was clicked stays under the mouse when the evidence opens beside it, and the window gets narrow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from galaxy_desktop.ui.freshness_bar import FreshnessBar
from galaxy_desktop.ui.main_window import PAGES, SMALLEST, MainWindow
from galaxy_desktop.ui.theme import Look, text_label
from galaxy_desktop.ui.view import Claim, View
from galaxy_desktop.ui.widgets.steady import held_in_place
from galaxy_desktop.ui.widgets.surface import ScrollPage
from galaxy_desktop.ui.widgets.table_view import TableView
from tests.ui.samples import API, NOW, cite

LONG = "A sentence that wraps when there is less room for it. " * 30


class LongPage(ScrollPage):
    """A page that scrolls: long texts, a button among them."""

    def __init__(self) -> None:
        super().__init__()
        self.button = QPushButton("Here")


@pytest.fixture
def page(qtbot: QtBot) -> LongPage:
    """The page on the screen, its button just pressed."""
    made = LongPage()
    qtbot.addWidget(made)
    for widget in (text_label(LONG, wrap=True), made.button, *(text_label(LONG, wrap=True) for _ in range(9))):
        made.body.addWidget(widget)
    made.resize(900, 600)
    with qtbot.waitExposed(made):
        made.show()
    made.button.setFocus()
    return made


def top_of(page: LongPage) -> int:
    """Where the button is, from the top of the page."""
    return int(page.button.mapTo(page, QPoint(0, 0)).y())


@pytest.mark.parametrize(("before", "after", "scrolled"), [(900, 500, 120), (500, 900, 400)])
def test_what_has_the_focus_stays_where_it_is_when_the_page_is_laid_out_anew(
    page: LongPage, qtbot: QtBot, before: int, after: int, scrolled: int
) -> None:
    page.resize(before, 600)
    qtbot.wait(0)
    page.verticalScrollBar().setValue(scrolled)
    place = top_of(page)
    with held_in_place(page):
        page.resize(after, 600)
    qtbot.wait(0)
    assert abs(top_of(page) - place) <= 1


def test_a_clicked_row_of_a_page_stays_under_the_mouse_when_the_evidence_opens(
    window: MainWindow, view: View, qtbot: QtBot
) -> None:
    window.resize(1180, 700)
    window.show_view(view)
    window.open_page("sprint")
    with qtbot.waitExposed(window):
        window.show()
    page = window.page("sprint")
    area = page.findChild(ScrollPage)
    tables = [t for t in page.findChildren(TableView) if t.isVisible() and t.model().rowCount() > 1]
    assert area is not None
    table = tables[-1]
    table.setCurrentIndex(table.model().index(1, 0))
    table.setFocus()
    area.ensureWidgetVisible(table)

    def place() -> int:
        return table.viewport().mapTo(window, QPoint(0, table.visualRect(table.currentIndex()).top())).y()

    before = place()
    window.open_claim(Claim("A claim", "", (cite(f"issue:{API}#12"),)))
    assert window.panel.isVisible()
    assert abs(place() - before) <= 1
    qtbot.wait(0)
    assert abs(place() - before) <= 1


def test_the_window_fits_a_small_screen_at_125_percent(window: MainWindow, view: View, qtbot: QtBot) -> None:
    assert (SMALLEST.width() * 1.25, SMALLEST.height() * 1.25) <= (1024, 700)
    many = replace_names(view, "a-repository-with-a-rather-long-name")
    window.show_view(many)
    for name in PAGES:
        window.open_page(name)
    window.open_claim(Claim("A claim", "", (cite(f"issue:{API}#12"),)))
    with qtbot.waitExposed(window):
        window.show()
    window.resize(SMALLEST)
    qtbot.waitUntil(lambda: window.centralWidget().minimumSizeHint().width() <= SMALLEST.width())
    assert window.statusBar().minimumSizeHint().width() <= SMALLEST.width()


def test_repositories_that_do_not_fit_are_counted(look: Look, view: View, qtbot: QtBot) -> None:
    bar = FreshnessBar(look)
    qtbot.addWidget(bar)
    assert view.analysis is not None
    bar.resize(1200, 30)
    bar.show()
    bar.show_all(view.analysis.repositories, NOW)
    said = [len([sign for sign in bar._signs if not sign.isHidden()])]
    bar.resize(300, 30)
    said.append(len([sign for sign in bar._signs if not sign.isHidden()]))
    assert said == [3, 1]
    assert bar._more.text == "and 2 more"


def replace_names(view: View, name: str) -> View:
    """The same view, whose repositories have long names."""
    assert view.analysis is not None
    renamed = tuple(
        replace(one, repository=replace(one.repository, full_name=f"acme/{name}-{n}"))
        for n, one in enumerate(view.analysis.repositories)
    )
    return replace(view, analysis=replace(view.analysis, repositories=renamed))
