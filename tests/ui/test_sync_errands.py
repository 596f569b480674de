"""What the Sync page asks for, through the conductor to a hand-written desk and back to the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.events import SyncProgressed
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.errors import CancelledByUserError, NetworkOffError, StoreError
from galaxy_desktop.settings import Settings
from galaxy_desktop.ui.banner import banner_of
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.pages.sync import SyncPage
from galaxy_desktop.ui.sync_dialogs import ForgetDialog
from galaxy_desktop.ui.sync_errands import BUG, NO_DESK
from galaxy_desktop.ui.sync_wishes import (
    CancelSync,
    ExportHosts,
    Forget,
    ReadInFull,
    ReadSync,
    SetNetwork,
    StopWaiting,
    SyncReading,
    SyncRepository,
)
from galaxy_desktop.ui.sync_words import CANCELLED, UNDER_WAY
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import SyncNow
from tests.ui.conftest import Stage
from tests.ui.fake_sync_desk import FakeSyncDesk, repository_sync
from tests.ui.samples import API, NOW, WEB, analysis, repositories


@pytest.fixture
def desk(stage: Stage) -> FakeSyncDesk:
    """The desk of the workspace on the stage; forgetting and switching reach the workspace as they really do."""
    made = FakeSyncDesk()
    stage.workspace.sync_desk = made

    def forgotten(name: str) -> None:
        known = analysis().repositories
        left = tuple(r for r in known if r.repository.full_name != name)
        stage.workspace.analysis = replace(analysis(), repositories=left)

    made.forgotten = forgotten
    made.switched = lambda on: stage.workspace.stored.update(network=str(on).lower())
    return made


async def opened(stage: Stage) -> SyncPage:
    """The page with what the desk says on it."""
    stage.window.open_page("sync")
    stage.conductor._painting.flush()
    await stage.rest()
    page = stage.window.page("sync")
    assert isinstance(page, SyncPage)
    return page


async def until(there: Callable[[], bool]) -> None:
    """Let tasks go on until something is so."""
    while not there():  # noqa: ASYNC110 - there is nothing to wait for but the turns of the loop
        await asyncio.sleep(0)


async def test_the_page_is_filled_from_the_desk(stage: Stage, desk: FakeSyncDesk) -> None:
    page = await opened(stage)
    assert list(page.cards) == [r.repository.full_name for r in repositories()]


async def test_without_a_desk_the_page_says_so(stage: Stage) -> None:
    page = await opened(stage)
    assert NO_DESK in page.nothing.words


async def test_a_desk_that_cannot_be_read_is_told(stage: Stage, desk: FakeSyncDesk) -> None:
    desk.unreadable = StoreError("The database is damaged.")
    said: list[str] = []
    await stage.wish(ReadSync(lambda _reading: None, said.append))
    assert said == ["The database is damaged."]


async def test_of_many_readings_asked_for_at_once_the_last_one_lands(stage: Stage, desk: FakeSyncDesk) -> None:
    answers: list[tuple[int, SyncReading]] = []
    for number in range(5):
        wish = ReadSync(lambda reading, n=number: answers.append((n, reading)), lambda _sentence: None)
        stage.conductor.carry_out(wish)
    await stage.rest()
    assert [number for number, _ in answers] == [4]


async def test_a_sync_is_never_started_twice(stage: Stage, desk: FakeSyncDesk) -> None:
    desk.gate = asyncio.Event()
    said: list[str] = []
    for _ in range(2):
        stage.conductor.carry_out(SyncRepository(API, said.append))
        await asyncio.sleep(0)
    assert said == [UNDER_WAY]
    desk.gate.set()
    await stage.rest()
    assert desk.calls == [("sync_now", API)]
    assert said == [UNDER_WAY, ""]


async def test_a_full_read_and_a_sync_of_one_repository_exclude_each_other(stage: Stage, desk: FakeSyncDesk) -> None:
    desk.gate = asyncio.Event()
    said: list[str] = []
    stage.conductor.carry_out(ReadInFull(API, said.append, said.append))
    stage.conductor.carry_out(SyncRepository(API, said.append))
    desk.gate.set()
    await stage.rest()
    assert desk.calls == [("reconcile", API)]
    assert said == [UNDER_WAY, "Read 12,345 rows; 2 issues were deleted on GitHub.", ""]


async def test_two_repositories_are_synced_side_by_side(stage: Stage, desk: FakeSyncDesk) -> None:
    for name in (API, WEB):
        stage.conductor.carry_out(SyncRepository(name, lambda _said: None))
    await stage.rest()
    assert desk.calls == [("sync_now", API), ("sync_now", WEB)]


async def test_while_everything_is_synced_no_repository_is_synced_again(stage: Stage, desk: FakeSyncDesk) -> None:
    said: list[str] = []
    stage.conductor.carry_out(SyncNow())
    stage.conductor.carry_out(SyncRepository(API, said.append))
    await stage.rest()
    assert (desk.calls, said) == ([], [UNDER_WAY])


@pytest.mark.parametrize(
    ("problem", "told"),
    [
        (NetworkOffError("The network is switched off."), "The network is switched off."),
        (CancelledByUserError(), CANCELLED),
    ],
)
async def test_how_a_sync_failed_is_told_where_it_was_asked_for(
    stage: Stage, desk: FakeSyncDesk, problem: Exception, told: str
) -> None:
    desk.problem = problem
    said: list[str] = []
    await stage.wish(SyncRepository(API, said.append))
    assert said == [told]
    assert stage.window.message.sentence == ""


async def test_a_bug_lets_the_button_work_again(
    stage: Stage, desk: FakeSyncDesk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.problem = ValueError("a bug")
    said: list[str] = []
    await stage.wish(SyncRepository(API, said.append))
    assert said == [BUG]
    assert "Something went wrong" in stage.window.message.sentence
    assert [r.levelname for r in caplog.records] == ["ERROR"]
    caplog.clear()


async def test_cancel_reaches_the_desk_while_a_sync_runs(stage: Stage, desk: FakeSyncDesk) -> None:
    desk.gate = asyncio.Event()
    stage.conductor.carry_out(SyncRepository(API, lambda _said: None))
    await stage.wish(CancelSync())
    assert desk.calls == [("sync_now", API), ("cancel_sync",)]
    assert not stage.conductor.tasks.names


# --- forgetting


def asked(stage: Stage) -> ForgetDialog | None:
    """The question, if it is on the screen."""
    return next((d for d in stage.window.findChildren(ForgetDialog) if d.isVisible()), None)


async def answer(stage: Stage, press: Callable[[ForgetDialog], object]) -> ForgetDialog:
    """Wait for the question and answer it."""
    stage.window.show()
    await until(lambda: asked(stage) is not None)
    dialog = asked(stage)
    assert dialog is not None
    press(dialog)
    await stage.rest()
    return dialog


async def test_forgetting_says_exactly_what_goes_and_that_github_is_not_touched(
    stage: Stage, desk: FakeSyncDesk
) -> None:
    page = await opened(stage)
    page.cards[API].forget.click()
    said: list[str] = []
    await answer(stage, lambda dialog: (said.append(dialog.said), dialog.reject()))
    for words in (
        "140 issues and pull requests",
        "610\u00a0comments",
        "132,564 rows",
        "vectors",
        "GitHub itself is not",
    ):
        assert words.replace("\u00a0", " ") in said[0].replace("\u00a0", " ")


def test_removing_is_never_what_enter_does(window: MainWindow) -> None:
    dialog = ForgetDialog(window, repository_sync(repositories()[0]))
    assert not dialog.go.isDefault()
    assert not dialog.go.autoDefault()
    assert dialog.keep.isDefault()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
async def test_enter_and_escape_keep_the_repository(
    stage: Stage, desk: FakeSyncDesk, key: Qt.Key, qtbot: QtBot
) -> None:
    page = await opened(stage)
    page.cards[API].forget.click()
    await answer(stage, lambda dialog: qtbot.keyClick(dialog, key))
    assert desk.calls == []
    assert page.cards[API].forget.text() == "Forget…"


async def test_a_forgotten_repository_is_nowhere_any_more(stage: Stage, desk: FakeSyncDesk) -> None:
    page = await opened(stage)
    choice = stage.window.filters.repository
    choice.setCurrentIndex(choice.findData(API))
    stage.window.filters._tell()
    stage.conductor._painting.flush()
    page.cards[API].forget.click()
    await answer(stage, lambda dialog: dialog.go.click())
    stage.conductor._painting.flush()
    await stage.rest()
    assert desk.calls == [("forget", API)]
    assert API not in page.cards
    assert choice.findData(API) == -1
    assert stage.conductor.view.filters.repository == ""
    assert not any("api:" in said for said in stage.window.freshness.sentences)
    assert "12,345 rows and 810 index entries were removed" in stage.window.message.sentence


async def test_what_could_not_be_forgotten_is_still_there_and_says_why(stage: Stage, desk: FakeSyncDesk) -> None:
    desk.problem = StoreError("The disk is full.")
    page = await opened(stage)
    page.cards[API].forget.click()
    await answer(stage, lambda dialog: dialog.go.click())
    assert page.cards[API].note.text() == "The disk is full."


async def test_a_question_that_is_open_at_the_end_does_not_hold_the_program(stage: Stage, desk: FakeSyncDesk) -> None:
    stage.conductor.carry_out(Forget(repository_sync(repositories()[0]), lambda: None, lambda _said: None))
    await until(lambda: bool(stage.window.findChildren(ForgetDialog)))
    await stage.conductor.stop()
    assert desk.calls == []


async def test_a_name_that_waits_is_let_go_without_a_question(stage: Stage, desk: FakeSyncDesk) -> None:
    said: list[str] = []
    await stage.wish(StopWaiting("acme/new-billing", said.append))
    assert (desk.calls, said) == ([("forget", "acme/new-billing")], [""])
    assert desk.report.waiting == ()


# --- the network


async def test_with_the_network_off_every_page_says_so_and_has_a_way_back(stage: Stage, desk: FakeSyncDesk) -> None:
    await stage.wish(SetNetwork(on=False))
    stage.conductor._painting.flush()
    chip = stage.window.freshness.off
    for name in ("overview", "settings", "sync"):
        stage.window.open_page(name)
        assert not chip.isHidden()
    button = chip.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    button.click()
    await stage.rest()
    stage.conductor._painting.flush()
    assert desk.calls == [("set_network", False), ("set_network", True)]
    assert chip.isHidden()


def test_the_banner_says_that_the_network_is_off_and_not_that_github_is(view: View) -> None:
    offline = tuple(replace(r, state=RepositoryState.OFFLINE) for r in repositories())
    off = replace(
        view, analysis=replace(analysis(), repositories=offline), settings=Settings.from_text({"network": "false"})
    )
    banner = banner_of(off)
    assert banner is not None
    assert banner.sentence.startswith("The network is switched off. What is shown is from 09:01.")
    assert banner.wish == SetNetwork(on=True)


async def test_the_ledger_is_written_where_the_person_says(stage: Stage, desk: FakeSyncDesk, tmp_path: Path) -> None:
    stage.conductor.carry_out(ExportHosts())
    await until(lambda: bool(stage.window.findChildren(QFileDialog)))
    dialog = stage.window.findChildren(QFileDialog)[0]
    assert dialog.selectedFiles()[0].endswith(f"galaxy-desktop-hosts-{NOW.date().isoformat()}.csv")
    dialog.fileSelected.emit(str(tmp_path / "hosts.csv"))
    dialog.done(QDialog.DialogCode.Accepted)
    await stage.rest()
    assert desk.calls == [("export_hosts", tmp_path / "hosts.csv")]
    assert "2\u00a0lines to " in stage.window.message.sentence


async def test_an_export_that_was_thought_better_of_writes_nothing(stage: Stage, desk: FakeSyncDesk) -> None:
    stage.conductor.carry_out(ExportHosts())
    await until(lambda: bool(stage.window.findChildren(QFileDialog)))
    stage.window.findChildren(QFileDialog)[0].reject()
    await stage.rest()
    assert desk.calls == []


# --- news


async def test_news_of_a_sync_reach_the_page(stage: Stage, desk: FakeSyncDesk) -> None:
    page = await opened(stage)
    stage.workspace.publish(SyncProgressed(WEB, "issues", 43, 100, 240))
    assert "43 of 100" in page.cards[WEB].progress.sentence
    await stage.rest()


async def test_news_do_not_make_a_page_that_was_never_opened(stage: Stage, desk: FakeSyncDesk) -> None:
    stage.workspace.publish(SyncProgressed(WEB, "issues", 43, 100))
    assert "sync" not in stage.window.pages


async def test_what_is_read_of_a_workspace_that_was_left_is_dropped(stage: Stage, desk: FakeSyncDesk) -> None:
    answers: list[SyncReading] = []
    stage.conductor.carry_out(ReadSync(answers.append, lambda _said: None))
    stage.conductor.let_go()
    await stage.rest()
    assert answers == []
