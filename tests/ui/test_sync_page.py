"""The Sync page, read as a user would read it, over readings of a hand-written desk."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.events import FreshnessChanged, SyncProgressed
from galaxy_desktop.domain.sync_report import SyncOverview
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.ui import sync_words, words
from galaxy_desktop.ui.pages.sync import NETWORK, REPOSITORIES, REQUESTS, SyncPage
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
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import Filters, View
from galaxy_desktop.ui.wishes import SetUp, Wish
from tests.ui.fake_sync_desk import overview, repository_sync, requests, status
from tests.ui.samples import API, APP, NOW, WEB, repositories

SYNCING = replace(repositories()[1], state=RepositoryState.SYNCING, sentence="")
SYNCED = replace(repositories()[1], state=RepositoryState.SYNCED, synced_at=NOW)


@pytest.fixture
def page(look: Look, view: View, wishes: list[Wish], qtbot: QtBot) -> SyncPage:
    """The page on the screen, as it looks after its first reading."""
    made = SyncPage(look)
    qtbot.addWidget(made)
    made.resize(1000, 800)
    made.wished.connect(wishes.append)
    made.show()
    made.show_view(view)
    show(made, overview())
    wishes.clear()
    return made


def show(page: SyncPage, report: SyncOverview) -> None:
    """Let the desk answer with this."""
    page.show_reading(SyncReading(overview=report, requests=requests()))


def read(widget: QWidget) -> str:
    """Everything that stands in labels, with ordinary spaces."""
    labels = (label for label in widget.findChildren(QLabel) if not label.isHidden())
    return "\n".join(label.text() for label in labels).replace(words.SPACE, " ")


def last(wishes: list[Wish], kind: type) -> Wish:
    """The newest wish of a kind."""
    return next(w for w in reversed(wishes) if isinstance(w, kind))


# --- what is shown


def test_opening_the_page_asks_the_desk(look: Look, view: View, wishes: list[Wish], qtbot: QtBot) -> None:
    page = SyncPage(look)
    qtbot.addWidget(page)
    page.wished.connect(wishes.append)
    page.show_view(view)
    assert [type(w) for w in wishes] == [ReadSync]
    assert page.nothing.words == "Reading how far everything is. This takes a moment."


def test_a_card_says_how_it_stands_what_is_next_and_what_it_cost(page: SyncPage) -> None:
    said = read(page.cards[API])
    for words_ in ("Synced 11:51", "12:32", "nothing moved lately", "Sun 3 May 12:00", "137 requests"):
        assert words_ in said
    assert "12 of the quota, 401 kB" in said


def test_what_to_do_is_said_unless_all_is_well(page: SyncPage) -> None:
    fresh = replace(repositories()[2], sentence="Check the connection of this computer.")
    show(page, replace(overview(), repositories=(repository_sync(fresh),)))
    assert "Check the connection of this computer." in read(page.cards[APP])
    show(page, replace(overview(), repositories=(repository_sync(replace(fresh, state=RepositoryState.SYNCED)),)))
    assert "Check the connection" not in read(page.cards[APP])


def test_the_lists_of_several_repositories_are_folded_and_open_with_a_press(page: SyncPage, qtbot: QtBot) -> None:
    card = page.cards[API]
    assert card.rows.isHidden()
    card.more.setFocus()
    qtbot.keyClick(card.more, Qt.Key.Key_Space)
    assert card.rows.isVisible()
    assert len(card.lists.rows) == 14


def test_the_lists_of_a_single_repository_are_open(page: SyncPage) -> None:
    show(page, replace(overview(), repositories=()))
    show(page, replace(overview(), repositories=overview().repositories[:1]))
    assert not page.cards[API].rows.isHidden()


def test_an_open_list_stays_open_when_a_reading_comes(page: SyncPage) -> None:
    page.cards[API].unfold(True)
    card = page.cards[API]
    show(page, overview())
    assert page.cards[API] is card
    assert card.rows.isVisible()


def test_the_repository_filter_keeps_one_card(page: SyncPage, view: View) -> None:
    page.show_view(replace(view, filters=Filters(repository=WEB)))
    assert list(page.cards) == [WEB]


def test_without_a_repository_the_page_offers_to_set_up(page: SyncPage, wishes: list[Wish]) -> None:
    show(page, replace(overview(), repositories=(), waiting=()))
    assert page.nothing.words.startswith("No repository yet.")
    page.nothing.findChild(QPushButton).click()
    assert wishes == [SetUp()]


def test_a_desk_that_cannot_be_read_says_why(look: Look, view: View, wishes: list[Wish], qtbot: QtBot) -> None:
    page = SyncPage(look)
    qtbot.addWidget(page)
    page.wished.connect(wishes.append)
    page.show_view(view)
    wish = last(wishes, ReadSync)
    assert isinstance(wish, ReadSync)
    wish.failed("The database is damaged.")
    assert "The database is damaged." in page.nothing.words


def test_a_demo_shows_that_it_talked_to_nobody_and_offers_nothing(page: SyncPage, view: View) -> None:
    page.show_view(replace(view, profile="demo: slipping"))
    show(page, replace(overview(), hosts=()))
    assert "counts 0 hosts, 0 connections." in page.demo.words.replace(words.SPACE, " ")
    buttons = page.cards[API].sync, page.cards[API].read, page.cards[API].forget, page.network.switch
    assert all(button.isHidden() for button in buttons)
    assert page.quota.isHidden()


def test_the_answer_of_a_workspace_that_was_left_is_not_shown(page: SyncPage, view: View, wishes: list[Wish]) -> None:
    page.show_view(view)
    late = last(wishes, ReadSync)
    assert isinstance(late, ReadSync)
    page.show_view(replace(view, profile="demo: slipping"))
    late.answered(SyncReading(overview=overview()))
    assert page.report is None
    assert page.cards == {}


def test_a_bar_is_drawn_only_of_a_quota_whose_size_is_known(page: SyncPage) -> None:
    assert not page.quota._bar.isHidden()
    show(page, replace(overview(), quota_limit=None))
    assert page.quota._bar.isHidden()
    assert "4,812 left" in page.quota.words


# --- what is asked for


def test_sync_now_is_asked_once_and_comes_back_with_the_outcome(page: SyncPage, wishes: list[Wish]) -> None:
    card = page.cards[API]
    card.sync.click()
    card.sync.click()
    asked = [w for w in wishes if isinstance(w, SyncRepository)]
    assert [w.full_name for w in asked] == [API]
    assert card.sync.text() == "Syncing …"
    asked[0].answered("")
    show(page, overview())
    assert card.sync.isEnabled()
    assert card.note.text() == "Done: synced 11:51."


def test_a_sync_that_was_cancelled_does_not_say_that_it_is_done(page: SyncPage, wishes: list[Wish]) -> None:
    page.cards[API].sync.click()
    page.cancel.click()
    wish = last(wishes, SyncRepository)
    assert isinstance(wish, SyncRepository)
    wish.answered("")
    show(page, overview())
    assert page.cards[API].note.text() == sync_words.CANCELLED


def test_a_poll_that_was_cancelled_says_so_until_the_next_one_begins(page: SyncPage) -> None:
    name = SYNCING.repository.full_name
    page.hear(FreshnessChanged(SYNCING))
    page.cancel.click()
    page.hear(FreshnessChanged(SYNCED))
    show(page, overview())
    assert page.cards[name].note.text() == sync_words.CANCELLED
    page.hear(FreshnessChanged(SYNCING))
    assert page.cards[name].note.text() == ""


def test_a_sync_that_failed_says_why_on_its_card(page: SyncPage, wishes: list[Wish]) -> None:
    page.cards[API].sync.click()
    wish = last(wishes, SyncRepository)
    assert isinstance(wish, SyncRepository)
    wish.answered("GitHub cannot be reached.")
    show(page, overview())
    assert page.cards[API].note.text() == "GitHub cannot be reached."
    assert page.cards[API].sync.text() == "Sync now"


def test_a_full_read_says_what_it_found(page: SyncPage, wishes: list[Wish]) -> None:
    card = page.cards[WEB]
    card.read.click()
    assert card.read.text() == "Reading everything …"
    wish = last(wishes, ReadInFull)
    assert isinstance(wish, ReadInFull)
    wish.found("2 issues were deleted on GitHub.")
    wish.answered("")
    assert card.note.text() == "2 issues were deleted on GitHub."
    assert card.read.isEnabled()


def test_forget_hands_over_what_is_to_be_removed(page: SyncPage, wishes: list[Wish]) -> None:
    page.cards[APP].forget.click()
    wish = last(wishes, Forget)
    assert isinstance(wish, Forget)
    assert wish.sync == overview().repositories[2]
    wish.begun()
    assert page.cards[APP].forget.text() == "Forgetting …"


def test_a_forgotten_repository_leaves_the_page(page: SyncPage) -> None:
    show(page, replace(overview(), repositories=overview().repositories[:2]))
    assert list(page.cards) == [API, WEB]


def test_a_name_that_waits_says_why_and_can_be_removed(page: SyncPage, wishes: list[Wish]) -> None:
    row = page.waiting.rows[0]
    assert "GitHub shows no repository of this name to your token (404)." in read(row)
    row.remove.click()
    wish = last(wishes, StopWaiting)
    assert isinstance(wish, StopWaiting)
    assert wish.full_name == "acme/new-billing"
    wish.answered("The disk is full.")
    assert "The disk is full." in read(page.waiting)
    assert page.waiting.rows[0].remove.isEnabled()


# --- following a sync


def test_a_sync_is_followed_with_count_and_time_left(page: SyncPage) -> None:
    page.hear(FreshnessChanged(SYNCING))
    page.hear(SyncProgressed(WEB, "issues", 430, 10_000, 240))
    said = page.cards[WEB].progress.sentence.replace(words.SPACE, " ")
    assert said == "Reading issues: 430 of 10,000 rows, about 4 min left"
    assert page.cards[WEB].progress.isVisible()


def test_what_github_gave_no_total_for_is_counted_without_one(page: SyncPage) -> None:
    page.hear(SyncProgressed(WEB, "events", 90))
    assert page.cards[WEB].progress.sentence.replace(words.SPACE, " ") == "Reading events: 90 rows"


def test_the_last_count_of_a_burst_lands(page: SyncPage) -> None:
    for rows in range(1, 50):
        page.hear(SyncProgressed(WEB, "issues", rows, 50))
    page.cards[WEB]._pace.flush()
    assert "49 of 50" in page.cards[WEB].progress.sentence


def test_history_is_told_in_percent_while_it_is_read(page: SyncPage) -> None:
    page.hear(SyncProgressed(WEB, "reviews", 43, 100))
    show(page, overview())
    row = next(r for r in page.cards[WEB].lists.rows if r.status.entity == "details")
    assert sync_words.completeness(row.status, row.share).replace(words.SPACE, " ") == "History 43 %"


def test_history_that_an_earlier_run_began_is_told_in_percent_too(page: SyncPage) -> None:
    begun = replace(status(2, "issues:history", "2025-02-01T00:00:00Z", complete=False), share=0.5)
    show(page, replace(overview(), repositories=(repository_sync(repositories()[1], entities=(begun,)),)))
    assert [row.share for row in page.cards[WEB].lists.rows] == [0.5]


def test_a_reading_does_not_end_a_sync_that_runs(page: SyncPage) -> None:
    page.hear(FreshnessChanged(SYNCING))
    show(page, overview())
    assert page.cards[WEB].state.word == "Syncing"
    assert not page.cards[WEB].sync.isEnabled()


def test_a_sync_that_ran_before_the_page_was_opened_is_known(
    look: Look, view: View, wishes: list[Wish], qtbot: QtBot
) -> None:
    assert view.analysis is not None
    running = replace(view.analysis, repositories=(SYNCING,))
    page = SyncPage(look)
    qtbot.addWidget(page)
    page.show_view(replace(view, analysis=running))
    show(page, overview())
    assert page.cards[WEB].state.word == "Syncing"


def test_the_end_of_a_sync_takes_its_progress_away(page: SyncPage) -> None:
    page.hear(FreshnessChanged(SYNCING))
    page.hear(SyncProgressed(WEB, "issues", 430, 10_000))
    page.hear(FreshnessChanged(SYNCED))
    assert page.cards[WEB].progress.isHidden()
    assert page.cards[WEB].state.word == "Synced 12:00"


def test_a_repository_that_is_new_gets_its_card_with_the_news(page: SyncPage) -> None:
    show(page, replace(overview(), repositories=overview().repositories[:1]))
    page.hear(FreshnessChanged(SYNCING))
    assert list(page.cards) == [API, WEB]


def test_nothing_moves_when_a_sync_begins(page: SyncPage) -> None:
    assert page.cancel.isHidden()
    assert page.cancel.sizePolicy().retainSizeWhenHidden()


def test_cancel_is_offered_while_something_runs_and_asked_once(page: SyncPage, wishes: list[Wish]) -> None:
    assert page.cancel.isHidden()
    page.hear(FreshnessChanged(SYNCING))
    page.cancel.click()
    page.cancel.click()
    assert [w for w in wishes if isinstance(w, CancelSync)] == [CancelSync()]
    page.hear(FreshnessChanged(SYNCED))
    assert page.cancel.isHidden()


def test_a_burst_of_news_asks_the_desk_once(page: SyncPage, wishes: list[Wish]) -> None:
    for rows in range(100):
        page.hear(SyncProgressed(WEB, "issues", rows))
    assert sum(isinstance(w, ReadSync) for w in wishes) == 1


def test_a_page_that_nobody_sees_does_not_ask_the_desk(page: SyncPage, wishes: list[Wish]) -> None:
    page.hide()
    page.hear(FreshnessChanged(SYNCING))
    assert wishes == []
    assert page.cards[WEB].state.word == "Syncing"


# --- the other sheets


def test_the_log_is_read_only_when_it_is_looked_at(page: SyncPage, wishes: list[Wish]) -> None:
    page.tabs.setCurrentIndex(REQUESTS)
    page.tabs.setCurrentIndex(REPOSITORIES)
    asked = [w.log for w in wishes if isinstance(w, ReadSync)]
    assert asked == [True, False]


def test_the_ledger_counts_hosts_and_what_was_refused(page: SyncPage) -> None:
    page.tabs.setCurrentIndex(NETWORK)
    assert page.network.counted.replace(words.SPACE, " ") == "2 hosts, 1,207 connections, 2 refused"
    assert len(page.network.table.rows) == 2


def test_the_switch_denies_everything_and_says_so_when_it_did(page: SyncPage, wishes: list[Wish]) -> None:
    page.tabs.setCurrentIndex(NETWORK)
    page.network.switch.click()
    wish = last(wishes, SetNetwork)
    assert isinstance(wish, SetNetwork)
    assert not wish.on
    assert page.network.switch.text() == "Switching off …"
    assert wish.answered is not None
    wish.answered("")
    show(page, replace(overview(), network_on=False))
    assert page.network.switch.text() == "Network off"
    assert "Nothing leaves this computer." in page.network.words.text()


def test_a_switch_that_did_not_work_goes_back_and_says_why(page: SyncPage, wishes: list[Wish]) -> None:
    page.network.switch.click()
    wish = last(wishes, SetNetwork)
    assert isinstance(wish, SetNetwork)
    assert wish.answered is not None
    wish.answered("The disk is full.")
    assert page.network.switch.isChecked()
    assert page.network.note.text() == "The disk is full."


def test_the_ledger_can_be_taken_along_when_there_is_something_in_it(page: SyncPage, wishes: list[Wish]) -> None:
    page.network.export.click()
    assert ExportHosts() in wishes
    show(page, replace(overview(), hosts=()))
    assert not page.network.export.isEnabled()


# --- reach


def test_every_button_of_a_card_names_its_repository(page: SyncPage) -> None:
    names = [b.accessibleName() for b in page.cards[APP].findChildren(QPushButton)]
    assert all(APP in name for name in names)


def test_tab_goes_through_a_card_from_left_to_right(page: SyncPage, qtbot: QtBot) -> None:
    card = page.cards[API]
    page.activateWindow()
    card.sync.setFocus()
    order = []
    for _ in range(4):
        order.append(page.focusWidget())
        qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
    assert order == [card.sync, card.read, card.forget, card.more]


def test_the_parts_of_the_page_are_reached_with_the_arrow_keys(page: SyncPage, qtbot: QtBot) -> None:
    page.tabs.setFocus()
    qtbot.keyClick(page.tabs, Qt.Key.Key_Right)
    assert page.log.isVisible()


def test_a_long_name_does_not_widen_the_page(page: SyncPage, view: View) -> None:
    long = replace(repositories()[0].repository, full_name="acme/" + "very-" * 40 + "long")
    fresh = replace(repositories()[0], repository=long)
    show(page, replace(overview(), repositories=(repository_sync(fresh),)))
    assert page.minimumSizeHint().width() <= 800
