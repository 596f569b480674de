"""Looking back: every page shows a moment of the past, nothing can be changed there, and now is one key away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain import events
from galaxy_desktop.domain.findings import Verdict
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.ui.conductor import Conductor
from galaxy_desktop.ui.flow_wishes import ReadFlow
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.memory import WindowMemory
from galaxy_desktop.ui.outbox_wishes import ChangeItem
from galaxy_desktop.ui.pages.recommendations import RecommendationsPage
from galaxy_desktop.ui.pages.sprint import SprintPage
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.time_bar import TimeBar
from galaxy_desktop.ui.time_wishes import BackToNow, LookBack, OpenTimeBar, OpenWhatIf
from galaxy_desktop.ui.view import IN_THE_PAST
from galaxy_desktop.ui.wishes import ConfirmSprint, Decide, OpenSprint
from tests.ui import samples
from tests.ui.conftest import Stage
from tests.ui.fakes import FakeTray
from tests.ui.samples import API, NOW
from tests.ui.time_fakes import THEN, PastWorkspace


@pytest.fixture
def workspace() -> PastWorkspace:
    return PastWorkspace(samples.analysis())


@pytest.fixture
async def stage(window: MainWindow, workspace: PastWorkspace, tmp_path: Path) -> AsyncIterator[Stage]:
    memory, tray = WindowMemory(tmp_path), FakeTray()
    conductor = Conductor(window, memory, lambda: NOW, tray)
    conductor.conduct(workspace)
    window.show()
    yield Stage(conductor, window, workspace, tray, memory)
    await conductor.stop()


def _sprint(stage: Stage) -> SprintPage:
    page = stage.window.page("sprint")
    assert isinstance(page, SprintPage)
    return page


async def _back(stage: Stage, qtbot: QtBot) -> None:
    """Look at THEN, and wait until it is painted."""
    await stage.wish(LookBack(THEN))
    qtbot.waitUntil(lambda: bool(stage.window.time.bar and "You look at" in stage.window.time.bar.sentence))
    stage.conductor._painting.flush()


async def test_the_sprint_page_shows_what_was_known_then(stage: Stage, qtbot: QtBot) -> None:
    stage.conductor.carry_out(OpenSprint("sprint-1"))
    assert _sprint(stage).headline.startswith("62")
    await _back(stage, qtbot)
    assert _sprint(stage).headline.startswith("31")


async def test_returning_shows_now_at_once_with_the_news_of_meanwhile(stage: Stage, qtbot: QtBot) -> None:
    stage.conductor.carry_out(OpenSprint("sprint-1"))
    await _back(stage, qtbot)
    stage.workspace.publish(events.WorkspaceAnalyzed(samples.analysis(), 0.1))
    stage.conductor._painting.flush()
    assert _sprint(stage).headline.startswith("31")
    stage.conductor.carry_out(BackToNow())
    stage.conductor._painting.flush()
    assert _sprint(stage).headline.startswith("62")
    assert stage.window.time.button.text().strip() == "Now"


async def test_the_bar_says_which_moment_and_what_it_could_not_know(stage: Stage, qtbot: QtBot) -> None:
    await _back(stage, qtbot)
    bar = stage.window.time.bar
    assert bar is not None
    assert bar.sentence.startswith("You look at Sun 3 May 12:00. Nothing can be changed there. 2 items")
    stage.window.open_page("settings")
    assert "This page shows now." in bar.sentence
    assert stage.window.time.button.accessibleName() == "Looking at Sun 3 May"


@pytest.mark.parametrize(
    "wish",
    [
        Decide(samples.recommendations()[0], Verdict.ACCEPTED),
        ConfirmSprint("sprint-1"),
        ChangeItem(f"issue:{API}#12"),
        OpenWhatIf("sprint-1"),
    ],
)
async def test_what_would_write_is_refused_with_the_reason(stage: Stage, qtbot: QtBot, wish: object) -> None:
    await _back(stage, qtbot)
    await stage.wish(wish)  # type: ignore[arg-type]
    assert stage.workspace.calls == []
    assert "now" in stage.window.message.sentence or "Nothing can be changed" in stage.window.message.sentence


async def test_buttons_that_write_are_off_and_say_why(stage: Stage, qtbot: QtBot) -> None:
    stage.window.open_page("recommendations")
    await _back(stage, qtbot)
    page = stage.window.page("recommendations")
    assert isinstance(page, RecommendationsPage)
    buttons = [b for card in page.cards for b in (card.accept, card.dismiss, card.snooze)]
    assert buttons
    assert not any(b.isEnabled() for b in buttons)
    assert {b.toolTip() for b in buttons} == {IN_THE_PAST}
    stage.conductor.carry_out(BackToNow())
    stage.conductor._painting.flush()
    assert all(card.accept.isEnabled() for card in page.cards)


async def test_a_late_answer_is_dropped(stage: Stage, workspace: PastWorkspace) -> None:
    workspace.gate = asyncio.Event()
    stage.conductor.carry_out(LookBack(THEN))
    await asyncio.sleep(0)
    stage.conductor.carry_out(BackToNow())
    workspace.gate.set()
    await stage.rest()
    assert stage.conductor.time.moment is None


async def test_of_two_moments_the_later_wish_wins(stage: Stage, workspace: PastWorkspace) -> None:
    workspace.gate = asyncio.Event()
    stage.conductor.carry_out(LookBack(THEN))
    await asyncio.sleep(0)
    other = THEN - timedelta(days=2)
    stage.conductor.carry_out(LookBack(other))
    workspace.gate.set()
    await stage.rest()
    assert stage.conductor.time.moment == other


async def test_a_message_about_now_is_not_shown_beside_the_past(stage: Stage) -> None:
    stage.window.message.say("Sprint 27: 5 % likely to land")
    await stage.wish(LookBack(THEN))
    assert stage.window.message.sentence == ""


async def test_a_past_that_cannot_be_read_leads_back_with_a_sentence(stage: Stage, workspace: PastWorkspace) -> None:
    workspace.wrong = GalaxyError("The disk went away.")
    await stage.wish(LookBack(THEN))
    assert stage.window.message.sentence == "The disk went away."
    assert not stage.window.time.looking_back


async def test_the_first_paint_has_no_bar_and_a_key_opens_it(stage: Stage, qtbot: QtBot) -> None:
    assert stage.window.time.bar is None
    stage.window.activateWindow()
    qtbot.keyClick(stage.window, "b")
    await stage.rest()
    bar = stage.window.time.bar
    assert bar is not None
    assert stage.window.time.isVisible()
    assert bar.reach == 30
    qtbot.keyClick(bar.slider, Qt.Key.Key_Left)
    with qtbot.waitSignal(bar.wanted, timeout=5000) as wanted:
        pass
    assert wanted.args == [(NOW - timedelta(days=1)).replace(hour=18)]


async def test_another_workspace_begins_with_now(stage: Stage, qtbot: QtBot) -> None:
    await _back(stage, qtbot)
    stage.conductor.let_go()
    assert stage.conductor.time.moment is None
    assert stage.window.time.isHidden()


async def test_closing_the_bar_returns_to_now(stage: Stage, qtbot: QtBot) -> None:
    await _back(stage, qtbot)
    stage.window.time.open(on=False)
    assert stage.conductor.time.moment is None


async def test_when_the_program_was_left_is_remembered(window: MainWindow, tmp_path: Path) -> None:
    memory = WindowMemory(tmp_path)
    await Conductor(window, memory, lambda: NOW, FakeTray()).stop()
    assert WindowMemory(tmp_path).values.last_visit == NOW


async def test_the_flow_page_asks_for_the_moment_that_is_looked_at(
    stage: Stage, workspace: PastWorkspace, qtbot: QtBot
) -> None:
    stage.window.open_page("flow")
    asked: list[object] = []
    stage.window.page("flow").wished.connect(asked.append)
    await _back(stage, qtbot)
    assert [wish.past for wish in asked if isinstance(wish, ReadFlow)] == [THEN]


# --- the bar alone


@pytest.fixture
def bar(look: Look, qtbot: QtBot) -> TimeBar:
    made = TimeBar(look)
    qtbot.addWidget(made)
    made.show()
    made.offer(NOW - timedelta(days=10), NOW)
    return made


def test_a_day_back_is_that_evening_and_then_the_time_that_is_looked_at(bar: TimeBar) -> None:
    assert bar._at(9) == (NOW - timedelta(days=1)).replace(hour=18)
    bar.say_past(THEN, ())
    assert bar._at(9) == NOW - timedelta(days=1)
    assert bar._at(10) is None


def test_a_slider_that_moves_on_asks_once(bar: TimeBar, qtbot: QtBot) -> None:
    asked: list[object] = []
    bar.wanted.connect(asked.append)
    bar.step(-1)
    bar.step(-1)
    with qtbot.waitSignal(bar.wanted, timeout=5000):
        bar.step(-1)
    assert len(asked) == 1


def test_the_last_day_forward_leads_back_to_now(bar: TimeBar, qtbot: QtBot) -> None:
    bar.say_past(NOW - timedelta(days=1), ())
    with qtbot.waitSignal(bar.left, timeout=5000):
        bar.step(1)


def test_a_typed_day_is_asked_for(bar: TimeBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.wanted, timeout=5000) as wanted:
        bar.day.setDateTime(bar.day.dateTime().addDays(-3))
    assert wanted.args == [THEN]


def test_without_a_past_the_bar_says_so(bar: TimeBar) -> None:
    bar.offer(None, NOW)
    assert "no past to look at" in bar.sentence
    assert not bar.slider.isEnabled()


def test_who_opens_the_bar_asks_how_far_one_can_go(window: MainWindow) -> None:
    asked: list[object] = []
    window.time.wished.connect(asked.append)
    window.time.open()
    assert isinstance(asked[0], OpenTimeBar)
