"""Window, tray and workspace together: news in, wishes out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QDialog, QPushButton
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain import events
from galaxy_desktop.domain.attention import DigestReport, SprintMove
from galaxy_desktop.domain.findings import Verdict
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.errors import OfflineError
from galaxy_desktop.ui import words
from galaxy_desktop.ui.advice_wishes import ForgetLearning, MuteSubject, UndoVerdict
from galaxy_desktop.ui.conductor import profile_words
from galaxy_desktop.ui.dialogs import ReasonDialog, ShortcutSheet
from galaxy_desktop.ui.pages.activity import ActivityPage
from galaxy_desktop.ui.pages.overview import OverviewPage
from galaxy_desktop.ui.pages.sprint import SprintPage
from galaxy_desktop.ui.tray import TrayState
from galaxy_desktop.ui.view import Filters, Situation
from galaxy_desktop.ui.wishes import (
    AddRepository,
    ChangeSetting,
    ClearFilters,
    ConfirmSprint,
    Decide,
    OpenAlert,
    OpenSprint,
    PauseAlerts,
    Quit,
    Requeue,
    SaveToken,
    Search,
    SetUp,
    ShowShortcuts,
    SwitchProfile,
    SyncNow,
)
from galaxy_desktop.ui.wizard import Wizard
from tests.ui.conftest import Stage
from tests.ui.fakes import FakeWorkspace
from tests.ui.samples import NOW, alerts, analysis, recommendations


def overview(stage: Stage) -> OverviewPage:
    """The first page."""
    page = stage.window.page("overview")
    assert isinstance(page, OverviewPage)
    return page


async def test_the_last_state_is_shown_as_soon_as_there_is_a_workspace(stage: Stage) -> None:
    assert [r.title for r in overview(stage).rows.rows][:2] == ["Release 1.9", "Checkout 2.0"]


async def test_a_new_evaluation_reaches_the_screen(stage: Stage, qtbot: QtBot) -> None:
    fewer = replace(analysis(), sprints=analysis().sprints[:1])
    stage.workspace.publish(events.WorkspaceAnalyzed(fewer, 0.4))
    qtbot.waitUntil(lambda: [r.title for r in overview(stage).rows.rows] == ["Checkout 2.0"], timeout=5000)


async def test_the_last_news_of_a_burst_lands(stage: Stage, qtbot: QtBot) -> None:
    for number in range(1, 6):
        shorter = replace(analysis(), sprints=analysis().sprints[:number])
        stage.workspace.publish(events.WorkspaceAnalyzed(shorter, 0.1))
    qtbot.waitUntil(lambda: len(overview(stage).rows.rows) == 5, timeout=5000)


async def test_freshness_is_told_in_words_below(stage: Stage) -> None:
    stage.conductor._paint(stage.conductor.view)
    waiting = replace(
        analysis().repositories[0], state=RepositoryState.WAITING, next_try_at=NOW + timedelta(minutes=32)
    )
    known = analysis()
    stage.workspace.analysis = replace(known, repositories=(waiting, *known.repositories[1:]))
    stage.workspace.publish(events.FreshnessChanged(waiting))
    assert "api: waiting for GitHub until 12:32" in stage.window.freshness.sentences


async def test_a_failed_task_is_said_above_the_page(stage: Stage) -> None:
    stage.workspace.publish(events.TaskFailed("polling", "GitHub cannot be reached."))
    assert stage.window.message.sentence == "Polling: GitHub cannot be reached."


async def test_prose_replaces_the_templates(stage: Stage) -> None:
    stage.window.open_page("sprint")
    page = stage.window.page("sprint")
    assert isinstance(page, SprintPage)
    stage.workspace.publish(events.ProsePending("sprint-3", "writing"))
    assert "writing" in page.explanation.source


async def test_after_a_switch_the_old_workspace_is_not_heard(stage: Stage) -> None:
    other = FakeWorkspace(analysis(), profile="demo: blocked")
    stage.conductor.conduct(other)
    stage.workspace.publish(events.TaskFailed("old", "This is not shown."))
    assert stage.window.message.sentence == ""
    assert "demo data" in stage.window.banner.sentence


async def test_the_own_workspace_has_no_banner(stage: Stage) -> None:
    assert stage.window.banner.sentence == ""


async def test_a_workspace_that_was_let_go_leaves_words(stage: Stage) -> None:
    stage.conductor.let_go()
    assert stage.conductor.view.situation is Situation.LOADING
    stage.conductor.carry_out(SyncNow())
    assert "not open yet" in stage.window.message.sentence


async def test_a_failure_to_open_is_said(stage: Stage) -> None:
    stage.conductor.say_failure("The database is newer than this program.")
    assert stage.conductor.view.situation is Situation.FAILED


# --- alerts


async def test_an_alert_becomes_one_balloon_with_the_reason_first(stage: Stage) -> None:
    stage.workspace.unshown = [alerts()[0]]
    stage.workspace.publish(events.AlertRaised(alerts()[0]))
    await stage.rest()
    ((title, text, _),) = stage.tray.balloons
    assert title == "api#17 holds up 2 items of Checkout 2.0"
    assert text == "Critical · Checkout 2.0"


async def test_the_same_alert_is_never_shown_twice(stage: Stage) -> None:
    stage.workspace.unshown = [alerts()[0]]
    for _ in range(3):
        stage.workspace.publish(events.AlertRaised(alerts()[0]))
        await stage.rest()
    assert len(stage.tray.balloons) == 1
    assert stage.workspace.calls.count(("next_notice", "alert-1")) == 1


async def test_an_alert_is_remembered_before_it_is_shown(stage: Stage) -> None:
    stage.workspace.unshown = [alerts()[0]]
    stage.workspace.problem = OfflineError("disk full")
    stage.workspace.publish(events.AlertRaised(alerts()[0]))
    await stage.rest()
    assert stage.tray.balloons == []


async def test_a_click_on_the_balloon_opens_the_exact_item(stage: Stage) -> None:
    stage.workspace.unshown = [alerts()[1]]
    stage.workspace.publish(events.AlertRaised(alerts()[1]))
    await stage.rest()
    stage.tray.balloons[0][2]()
    page = stage.window.page("sprint")
    assert isinstance(page, SprintPage)
    assert stage.window.isVisible()
    assert stage.window.current == "sprint"
    assert page.sprint_id == "sprint-3"
    assert stage.window.panel.title == "Release 1.9 fell below 50 %"


async def test_filters_do_not_hide_what_a_balloon_opens(stage: Stage) -> None:
    stage.window.filters.sprint.setCurrentIndex(stage.window.filters.sprint.findData("sprint-1"))
    stage.conductor._filter(Filters(sprint_id="sprint-1"))
    stage.conductor.carry_out(OpenAlert(alerts()[1]))
    page = stage.window.page("sprint")
    assert isinstance(page, SprintPage)
    assert page.sprint_id == "sprint-3"


async def test_without_a_tray_the_alert_is_said_in_the_window(stage: Stage) -> None:
    stage.tray.available = False
    stage.workspace.unshown = [alerts()[0]]
    stage.workspace.publish(events.AlertRaised(alerts()[0]))
    await stage.rest()
    assert stage.window.message.sentence == "api#17 holds up 2 items of Checkout 2.0"


async def test_the_tray_shows_the_worst_open_sprint(stage: Stage) -> None:
    stage.conductor._paint(stage.conductor.view)
    assert stage.tray.state is TrayState.ACT
    assert stage.tray.sentence.startswith("Act: Release 1.9")


async def test_a_pause_shows_in_the_tray_at_once(stage: Stage) -> None:
    await stage.wish(PauseAlerts(NOW + timedelta(hours=1)))
    stage.conductor._paint(stage.conductor.view)
    assert stage.tray.state is TrayState.PAUSED
    assert stage.tray.sentence == "Alerts paused until 13:00"


async def test_a_click_on_the_digest_opens_it(stage: Stage) -> None:
    move = SprintMove(sprint_id="sprint-1", title="Checkout 2.0", now=0.58, before=0.71)
    stage.workspace.digest = DigestReport(at=NOW, since=NOW - timedelta(days=1), sprints=(move,))
    stage.conductor._present_alerts()
    await stage.rest()
    ((title, _, clicked),) = stage.tray.balloons
    assert title.replace(words.SPACE, " ") == "This morning: Checkout 2.0: 58 %, was 71 %"
    clicked()
    page = stage.window.page("activity")
    assert isinstance(page, ActivityPage)
    assert (stage.window.current, page.tabs.currentWidget()) == ("activity", page.digest)


async def test_the_tray_counts_what_goes_there_alone(stage: Stage) -> None:
    stage.workspace.alerts_in_tray = 2
    stage.conductor._paint(stage.conductor.view)
    assert stage.tray.sentence.replace(words.SPACE, " ").startswith("2 alerts to see · Act:")


# --- wishes


async def test_a_verdict_is_taken_back(stage: Stage) -> None:
    await stage.wish(UndoVerdict("rec:unblock", "Finish api#17 first"))
    assert stage.workspace.calls == [("undo_verdict", "rec:unblock")]
    assert stage.window.message.sentence == "Taken back: Finish api#17 first"


async def test_what_was_learned_is_forgotten(stage: Stage) -> None:
    await stage.wish(ForgetLearning("unblock"))
    assert stage.workspace.calls == [("forget_learning", "unblock")]


async def test_a_mute_can_be_undone_at_once(stage: Stage) -> None:
    await stage.wish(MuteSubject("issue:acme/api#17", None, "api#17, until something happens on it"))
    assert stage.window.message.sentence == "api#17, until something happens on it: no alert about it."
    stage.window.message._pressed()
    await stage.rest()
    assert [c[0] for c in stage.workspace.calls] == ["mute", "unmute"]


async def test_wishes_become_calls_of_the_workspace(stage: Stage) -> None:
    for wish in (SyncNow(), ConfirmSprint("sprint-1"), Requeue(7), AddRepository("acme/api"), SaveToken("ghp_x")):
        await stage.wish(wish)
    assert [c[0] for c in stage.workspace.calls] == [
        "refresh",
        "confirm_sprint",
        "requeue",
        "add_repository",
        "save_token",
    ]


async def test_the_sync_button_says_that_it_works(stage: Stage) -> None:
    stage.conductor.carry_out(SyncNow())
    await asyncio.sleep(0)
    await stage.rest()
    assert stage.window.sync.text() == " Sync now"
    assert stage.window.sync.isEnabled()


async def test_a_foreseen_failure_of_a_sync_is_said(stage: Stage) -> None:
    stage.workspace.problem = OfflineError("GitHub cannot be reached. Check the network.")
    await stage.wish(SyncNow())
    assert stage.window.message.sentence == "GitHub cannot be reached. Check the network."
    assert stage.window.sync.isEnabled()


async def test_a_search_opens_what_was_found(stage: Stage) -> None:
    await stage.wish(Search("payment"))
    assert stage.window.panel.title.replace(words.SPACE, " ") == "1 place for “payment”"


async def test_an_empty_search_asks_nothing(stage: Stage) -> None:
    await stage.wish(Search(""))
    assert stage.workspace.calls == []


async def test_accepting_is_stored_and_confirmed(stage: Stage) -> None:
    action = recommendations()[0]
    await stage.wish(Decide(action, Verdict.ACCEPTED))
    assert stage.workspace.calls == [("decide", action.id, Verdict.ACCEPTED, "", None)]
    assert stage.window.message.sentence.startswith("Accepted.")


async def opened_dialog(stage: Stage) -> ReasonDialog:
    """The dialog that a coroutine waits for."""
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return stage.window.findChildren(ReasonDialog)[-1]


async def test_dismissing_asks_for_a_reason(stage: Stage) -> None:
    action = recommendations()[1]
    stage.conductor.carry_out(Decide(action, Verdict.DISMISSED))
    dialog = await opened_dialog(stage)
    assert not dialog.go.isEnabled()
    dialog.write("done elsewhere")
    dialog.accept()
    await stage.rest()
    assert stage.workspace.calls == [("decide", action.id, Verdict.DISMISSED, "done elsewhere", None)]


async def test_a_dismissal_can_be_called_off(stage: Stage) -> None:
    stage.conductor.carry_out(Decide(recommendations()[1], Verdict.DISMISSED))
    (await opened_dialog(stage)).reject()
    await stage.rest()
    assert stage.workspace.calls == []


async def test_a_dialog_that_waits_does_not_hold_up_other_tasks(stage: Stage) -> None:
    stage.conductor.carry_out(Decide(recommendations()[1], Verdict.DISMISSED))
    dialog = await opened_dialog(stage)
    stage.conductor.carry_out(SyncNow())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert ("refresh",) in stage.workspace.calls
    dialog.reject()
    await stage.rest()


async def test_stopping_closes_a_dialog_that_waits(stage: Stage) -> None:
    stage.conductor.carry_out(Decide(recommendations()[1], Verdict.DISMISSED))
    dialog = await opened_dialog(stage)
    await stage.conductor.stop()
    assert not dialog.isVisible()


async def test_a_setting_that_makes_no_sense_is_told_to_its_field(stage: Stage) -> None:
    told: list[str] = []
    await stage.wish(ChangeSetting("poll_seconds", "5", told.append))
    assert told == ["Fastest polling: between 30 and 3600, not 5."]
    assert stage.window.message.sentence == ""


async def test_without_a_field_the_message_bar_says_it(stage: Stage) -> None:
    await stage.wish(AddRepository("nonsense"))
    assert stage.window.message.sentence == "Write it as owner/name."


async def test_another_theme_shows_at_once_and_at_the_next_start(stage: Stage) -> None:
    await stage.wish(ChangeSetting("theme", "dark"))
    assert stage.window.look.dark
    assert stage.memory.values.theme == "dark"


async def test_filters_act_on_what_is_shown(stage: Stage) -> None:
    stage.window.filters.sprint.setCurrentIndex(stage.window.filters.sprint.findData("sprint-1"))
    stage.window.filters.changed.emit(stage.window.filters.filters)
    stage.conductor._painting.flush()
    assert [s.sprint.id for s in stage.conductor.view.sprints] == ["sprint-1"]
    stage.conductor.carry_out(ClearFilters())
    assert len(stage.conductor.view.sprints) == 5


async def test_some_wishes_are_for_the_program(stage: Stage) -> None:
    profiles: list[str] = []
    quits: list[bool] = []
    stage.conductor.profile_wanted.connect(profiles.append)
    stage.conductor.quit_wanted.connect(lambda: quits.append(True))
    stage.conductor.carry_out(SwitchProfile("demo: healthy"))
    stage.conductor.carry_out(Quit())
    assert (profiles, quits) == (["demo: healthy"], [True])


@pytest.mark.parametrize(("wish", "kind"), [(ShowShortcuts(), ShortcutSheet), (SetUp(), Wizard)])
async def test_dialogs_open_without_blocking(stage: Stage, wish: SetUp, kind: type[QDialog]) -> None:
    stage.window.show()
    stage.conductor.carry_out(wish)
    (dialog,) = stage.window.findChildren(kind)
    assert dialog.isVisible()
    dialog.close()


async def test_the_banner_leads_to_the_welcome_steps(stage: Stage) -> None:
    stage.conductor.conduct(FakeWorkspace(analysis(), profile="demo: slipping"))
    stage.window.show()
    button = next(b for b in stage.window.banner.findChildren(QPushButton) if b.text() == "Connect GitHub")
    button.click()
    (wizard,) = stage.window.findChildren(Wizard)
    wizard.close()


async def test_a_sprint_opens_on_its_page(stage: Stage) -> None:
    stage.conductor.carry_out(OpenSprint("sprint-4"))
    page = stage.window.page("sprint")
    assert isinstance(page, SprintPage)
    assert (stage.window.current, page.sprint_id) == ("sprint", "sprint-4")


def test_profiles_have_names_for_people() -> None:
    assert profile_words("main") == "Your workspace"
    assert profile_words("demo: slipping") == "Demo: slipping"


async def test_the_repositories_on_the_screen_are_read_first(stage: Stage, qtbot: QtBot) -> None:
    stage.window.open_page("sprint")
    stage.conductor.carry_out(OpenSprint(stage.conductor.view.all_sprints[1].sprint.id))
    stage.conductor._filter(Filters())
    wanted = stage.conductor.view.all_sprints[1].sprint.repositories
    qtbot.waitUntil(lambda: stage.workspace.looked_at == wanted, timeout=5000)
    stage.conductor._filter(Filters(repository="acme/web"))
    qtbot.waitUntil(lambda: stage.workspace.looked_at == ("acme/web",), timeout=5000)
