"""Every page is painted in light and dark, at two scales, without a Qt warning and without being blank."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QScrollArea
from pytestqt.qtbot import QtBot

from galaxy_desktop.ui.main_window import PAGES, MainWindow
from galaxy_desktop.ui.pages.activity import ActivityPage
from galaxy_desktop.ui.pages.sprint import SprintPage
from galaxy_desktop.ui.theme import DARK, LIGHT
from galaxy_desktop.ui.view import Claim, Filters, View
from tests.ui.fakes import report
from tests.ui.samples import API, cite

FEWEST_COLORS = 40


def colors(picture: QImage) -> set[int]:
    """The colors of a picture, from every third point."""
    return {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}


@dataclass
class Studio:
    """The window, and a folder for its pictures."""

    window: MainWindow
    qtbot: QtBot
    folder: Path

    def paint(self, name: str, view: View) -> QImage:
        """A picture of the window with that page."""
        window = self.window
        window.resize(1240, 820)
        window.show_view(view)
        window.open_page(name)
        page = window.page(name)
        if isinstance(page, SprintPage):
            page.chart.prepare()
        if isinstance(page, ActivityPage) and not view.failure and not view.loading:
            page.show_report(report())
        with self.qtbot.waitExposed(window):
            window.show()
        picture = window.grab().toImage()
        picture.save(str(self.folder / f"{name}.png"))
        return picture


@pytest.fixture
def studio(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> Studio:
    return Studio(window, qtbot, tmp_path)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_painted(studio: Studio, name: str, theme: str, view: View) -> None:
    studio.window.look.choose(theme)
    picture = studio.paint(name, view)
    assert len(colors(picture)) > FEWEST_COLORS
    margin = picture.pixelColor(studio.window.sidebar.width() + 6, picture.height() // 2).name()
    assert margin == {"light": LIGHT, "dark": DARK}[theme].window


@pytest.mark.parametrize("name", PAGES)
def test_light_and_dark_differ_while_the_window_stands(studio: Studio, name: str, view: View) -> None:
    light = studio.paint(name, view)
    studio.window.look.choose("dark")
    dark = studio.window.grab().toImage()
    assert light != dark
    assert dark.pixelColor(6, dark.height() // 2).name() == DARK.side


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("state", ["ready", "loading", "nothing", "filtered", "failed"])
def test_every_state_of_every_page_says_something(studio: Studio, name: str, state: str, view: View) -> None:
    states = {
        "ready": view,
        "loading": replace(view, analysis=None, loading=True),
        "nothing": replace(view, analysis=None),
        "filtered": replace(view, filters=Filters(sprint_id="none")),
        "failed": replace(view, failure="The database is newer than this program."),
    }
    picture = studio.paint(name, states[state])
    middle = picture.copy(250, 60, picture.width() - 260, picture.height() - 100)
    assert len(colors(middle)) > 8


def test_the_evidence_beside_the_page_is_painted(studio: Studio, view: View) -> None:
    before = studio.paint("overview", view)
    studio.window.open_claim(Claim("Blocked", "2 of 7 wait", (cite(f"issue:{API}#17"),)))
    after = studio.window.grab().toImage()
    assert before.copy(1000, 100, 200, 300) != after.copy(1000, 100, 200, 300)


@pytest.mark.parametrize("width", [900, 1000, 1366])
def test_no_page_is_wider_than_its_window(window: MainWindow, width: int, view: View, qtbot: QtBot) -> None:
    window.show_view(view)
    for name in PAGES:
        window.open_page(name)
    window.resize(width, 700)
    window.open_claim(Claim("Blocked", "2 of 7 wait", (cite(f"issue:{API}#17"),)))
    with qtbot.waitExposed(window):
        window.show()
    assert window.width() == width
    for name in PAGES:
        window.open_page(name)
        for area in window.page(name).findChildren(QScrollArea):
            assert area.widget().width() <= area.viewport().width(), name


SCALED = """
import sys
from PySide6.QtWidgets import QApplication
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from tests.ui.samples import NOW, analysis

app = QApplication([])
window = MainWindow(Look(app, "light"))
window.resize(1093, 614)
window.show_view(View(now=NOW, analysis=analysis()))
window.show()
picture = window.grab()
picture.save(sys.argv[1])
print(picture.devicePixelRatio(), picture.width(), window.width())
"""


def test_a_screen_at_125_percent_is_drawn_sharp_and_whole(tmp_path: Path) -> None:
    file = tmp_path / "scaled.png"
    done = subprocess.run(
        [sys.executable, "-c", SCALED, str(file)],
        env={**os.environ, "QT_SCALE_FACTOR": "1.25", "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    ratio, pixels, width = done.stdout.split()
    assert (ratio, width) == ("1.25", "1093")
    assert int(pixels) == round(1093 * 1.25)
    assert len(colors(QImage(str(file)))) > FEWEST_COLORS
