"""What tests of the window share; a Qt warning fails the test that caused it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.ui.conductor import Conductor
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.memory import WindowMemory
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import Wish
from tests.ui import samples
from tests.ui.fakes import FakeTray, FakeWorkspace

HARMLESS = (
    "This plugin does not support",
    "QObject::connect: No such signal QPlatformNativeInterface::systemTrayWindowChanged",
)
"""What the offscreen platform says about itself."""


@pytest.fixture(autouse=True)
def _no_qt_warnings(qtlog: Any) -> Iterator[None]:
    yield
    said = [r.message for r in qtlog.records if not (r.message or "").startswith(HARMLESS)]
    assert said == []


@pytest.fixture(scope="session")
def _look(qapp: QApplication) -> Look:
    return Look(qapp, "light")


@pytest.fixture
def look(_look: Look) -> Iterator[Look]:
    """Light colors, whatever the system has; widgets that a test left behind are deleted after it."""
    yield _look
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    _look.choose("light")


@pytest.fixture
def analysis() -> Analysis:
    """The hand-made evaluation."""
    return samples.analysis()


@pytest.fixture
def view(analysis: Analysis) -> View:
    """The evaluation as seen at its own moment, without filters."""
    return View(now=samples.NOW, analysis=analysis)


@pytest.fixture
def window(look: Look, qtbot: QtBot) -> MainWindow:
    """The window, not yet shown."""
    made = MainWindow(look)
    qtbot.addWidget(made)
    return made


@dataclass
class Stage:
    """A conductor with everything it conducts."""

    conductor: Conductor
    window: MainWindow
    workspace: FakeWorkspace
    tray: FakeTray
    memory: WindowMemory

    async def rest(self) -> None:
        """Wait until every task that was started has ended."""
        await self.conductor.tasks.rest()

    async def wish(self, wish: Wish) -> None:
        """Carry out a wish to its end."""
        self.conductor.carry_out(wish)
        await self.rest()


@pytest.fixture
async def stage(window: MainWindow, analysis: Analysis, tmp_path: Path) -> AsyncIterator[Stage]:
    """The window conducted over a fake workspace that has the hand-made evaluation."""
    memory = WindowMemory(tmp_path)
    tray = FakeTray()
    conductor = Conductor(window, memory, lambda: samples.NOW, tray)
    workspace = FakeWorkspace(analysis)
    conductor.conduct(workspace)
    yield Stage(conductor, window, workspace, tray, memory)
    await conductor.stop()


@pytest.fixture
def wishes() -> list[Wish]:
    """Where a test collects what a page asked for."""
    return []
