"""Tray states, balloons, and what the window remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.attention import Balloon, DigestReport, SprintMove
from galaxy_desktop.domain.findings import Alert, Analysis, Severity
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.ui import words
from galaxy_desktop.ui.alert_desk import mute_choices, subject_of, worded
from galaxy_desktop.ui.memory import FILE, Remembered, WindowMemory
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.tray import NoTray, Tray, TrayState, paused_until, state_of, tomorrow_morning
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import PauseAlerts, Quit, SyncNow, Wish
from tests.ui.samples import NOW, alerts

NAMES = {"sprint-1": "Checkout 2.0"}


def said(*covers: Alert) -> tuple[str, str]:
    """Title and text of a balloon for these alerts."""
    return worded(Balloon(covers=covers), NAMES, NOW)


def test_what_waited_comes_together_with_the_worst_on_top() -> None:
    title, text = said(*alerts())
    assert title == "api#17 holds up 2 items of Checkout 2.0"
    assert "• Release 1.9 fell below 50 %" in text


def test_the_title_is_the_first_line_of_the_reason() -> None:
    long = replace(alerts()[0], reason="9 % likely to land\nThe newest commit fails.")
    assert said(long) == ("9 % likely to land", "The newest commit fails.\nCritical · Checkout 2.0")


def test_days_are_written_as_in_the_window() -> None:
    late = replace(alerts()[0], reason="Checkout 2.0 is overdue since 2026-04-30: 2 open\nIt was due 2026-04-24.")
    title, text = said(late, replace(alerts()[1], reason="Below 50 % by 2026-11-26"))
    assert title == "Checkout 2.0 is overdue since Thu 30 Apr: 2 open"
    assert "It was due Fri 24 Apr." in text
    assert "• Below 50 % by Thu 26 Nov" in text


def test_a_hundred_alerts_still_fit_in_a_balloon() -> None:
    _, text = said(*(replace(alerts()[0], id=f"a-{n}", severity=Severity.LOW) for n in range(100)))
    assert len(text.splitlines()) <= 6


def test_a_digest_says_what_it_brings_and_how_sprints_moved() -> None:
    moves = tuple(
        SprintMove(sprint_id=name, title=name, now=now, before=before)
        for name, now, before in (("Calm", 0.8, 0.8), ("Fell", 0.3, 0.6), ("New", 0.5, None))
    )
    report = DigestReport(at=NOW, since=NOW, sprints=moves, risks=("web#41 is stuck.",), held=alerts())
    title, text = worded(report, NAMES, NOW)
    assert title.replace(words.SPACE, " ") == "This morning: 2 alerts held back and 1 new risk"
    assert text.replace(words.SPACE, " ").splitlines()[0] == "Fell: 30 %, was 60 %"


@pytest.mark.parametrize(("hours", "choices"), [(48, 4), (-1, 3)])
def test_what_an_alert_is_about_can_be_muted_for_a_while(hours: int, choices: int) -> None:
    found = mute_choices(alerts()[0], NOW + timedelta(hours=hours), NOW)
    assert [until for _, until in found][:3] == [NOW + timedelta(hours=1), tomorrow_morning(NOW), None]
    assert len(found) == choices


def test_an_alert_is_about_its_item_or_else_its_sprint() -> None:
    one = replace(alerts()[0], target="issue:acme/api#17")
    assert [subject_of(a) for a in (one, alerts()[0])] == ["issue:acme/api#17", "sprint-1"]


# --- state


def with_states(analysis: Analysis, state: RepositoryState) -> View:
    """The evaluation with every repository in that state."""
    all_so = tuple(replace(r, state=state) for r in analysis.repositories)
    return View(now=NOW, analysis=replace(analysis, repositories=all_so))


@pytest.mark.parametrize(
    ("words", "state"), [(("Act",), TrayState.ACT), (("Observe",), TrayState.OBSERVE), (("Sustain",), TrayState.OK)]
)
def test_the_state_is_that_of_the_worst_open_sprint(
    analysis: Analysis, words: tuple[str, ...], state: TrayState
) -> None:
    kept = tuple(s for s in analysis.sprints if s.health.word in words)
    assert state_of(View(now=NOW, analysis=replace(analysis, sprints=kept)), None)[0] is state


def test_a_closed_sprint_moves_no_icon(analysis: Analysis) -> None:
    closed = replace(analysis.sprints[-1], health=replace(analysis.sprints[-1].health, word="Act"))
    assert state_of(View(now=NOW, analysis=replace(analysis, sprints=(closed,))), None)[0] is TrayState.OK


def test_offline_is_shown_when_nothing_can_be_reached(analysis: Analysis) -> None:
    state, sentence = state_of(with_states(analysis, RepositoryState.OFFLINE), None)
    assert state is TrayState.OFFLINE
    assert sentence.startswith("Offline")


def test_a_pause_is_shown_before_anything_else(analysis: Analysis) -> None:
    until = NOW + timedelta(hours=1)
    assert state_of(View(now=NOW, analysis=analysis), until) == (TrayState.PAUSED, "Alerts paused until 13:00")


def test_without_repositories_nothing_is_watched() -> None:
    assert state_of(View(now=NOW), None)[1] == "Nothing is watched yet"


@pytest.mark.parametrize("text", ["", "nonsense", (NOW - timedelta(hours=1)).isoformat()])
def test_a_pause_that_is_over_or_unreadable_is_none(text: str) -> None:
    assert paused_until(text, NOW) is None


def test_a_pause_without_a_zone_is_meant_locally() -> None:
    assert paused_until("2026-05-06T13:00:00", NOW) == NOW + timedelta(hours=1)


def test_tomorrow_begins_at_nine() -> None:
    assert tomorrow_morning(NOW).isoformat() == "2026-05-07T09:00:00+00:00"


# --- the real adapter, as far as it goes without a desktop


@pytest.fixture
def tray(look: Look, qtbot: QtBot) -> Tray:
    return Tray(look.icons, lambda: NOW)


def texts(tray: Tray) -> list[str]:
    """The entries of the menu."""
    return [a.text() for a in tray.menu.actions() if not a.isSeparator() and a.isVisible()]


def test_the_menu_has_status_open_sync_pause_and_quit(tray: Tray) -> None:
    tray.show_state(TrayState.ACT, "Act: Release 1.9")
    assert texts(tray) == ["Act: Release 1.9", "Open Galaxy Desktop", "Sync now", "Pause alerts", "Quit"]
    assert not tray.status.isEnabled()


def test_a_paused_tray_offers_to_resume(tray: Tray) -> None:
    tray.show_state(TrayState.PAUSED, "Alerts paused until 13:00")
    assert "Resume alerts" in texts(tray)
    assert "Pause alerts" not in texts(tray)


def test_the_menu_wishes(tray: Tray, wishes: list[Wish]) -> None:
    tray.wished.connect(wishes.append)
    for action in tray.menu.actions():
        if action.text() in ("Sync now", "Quit"):
            action.trigger()
    for action in tray.pause.actions():
        action.trigger()
    assert wishes == [
        SyncNow(),
        Quit(),
        PauseAlerts(NOW + timedelta(hours=1)),
        PauseAlerts(tomorrow_morning(NOW)),
    ]


def test_a_click_on_the_icon_opens_the_window(tray: Tray, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tray.opened):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    with qtbot.assertNotEmitted(tray.opened):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)


def test_a_click_on_the_balloon_calls_back_its_own(tray: Tray) -> None:
    clicked: list[str] = []
    tray.balloon("one", "text", lambda: clicked.append("one"))
    tray.balloon("two", "text", lambda: clicked.append("two"))
    tray.icon.messageClicked.emit()
    assert clicked == ["two"]


def test_the_null_tray_does_nothing_at_all() -> None:
    nothing = NoTray()
    nothing.show_state(TrayState.ACT, "Act")
    nothing.balloon("title", "text", lambda: None)
    nothing.remove()
    assert not nothing.available


# --- memory


def test_the_window_remembers_between_starts(tmp_path: Path) -> None:
    WindowMemory(tmp_path).change(theme="dark", geometry="QUJD")
    assert WindowMemory(tmp_path).values == Remembered(theme="dark", geometry="QUJD")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"theme": 3, "balloons": "many"}', '{"unknown": 1}'])
def test_a_damaged_memory_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    assert WindowMemory(tmp_path).values == Remembered()


def test_a_place_that_cannot_be_written_costs_nothing_but_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    memory = WindowMemory(tmp_path / "file" / "below")
    memory.change(theme="dark")
    assert memory.values.theme == "dark"
