"""The Outbox page and its dialogs: drafts on screen, nothing sent that was not looked at."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.changes import ChangeKind, ChangeState
from galaxy_desktop.domain.events import ChangeMoved, DraftsCompared
from galaxy_desktop.domain.work import ItemKind
from galaxy_desktop.ui import outbox_words
from galaxy_desktop.ui.change_dialogs import Choices, IssueDialog, ItemDialog, WordingDialog
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.outbox_wishes import (
    ChangeItem,
    Discard,
    LookAndSend,
    OpenIssue,
    ReadOutbox,
    Reword,
    SendAgain,
    Settle,
)
from galaxy_desktop.ui.outbox_words import FOR_GOOD, UNDONE
from galaxy_desktop.ui.pages.outbox import OutboxPage
from galaxy_desktop.ui.pages.sprint import SprintPage
from galaxy_desktop.ui.review_dialog import OFFLINE, ReviewDialog
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.diff import DiffView
from galaxy_desktop.ui.wishes import Wish
from tests.ui.conftest import Stage
from tests.ui.fake_outbox import PLACE, FakeOutbox, a_change, comparison, stored_item
from tests.ui.samples import NOW

D = TypeVar("D", bound=QDialog)
BOX = 18
"""Pixels of a box to tick with its border."""
STATES = (ChangeState.DRAFT, ChangeState.CONFLICT, ChangeState.PARKED, ChangeState.APPROVED, ChangeState.SENDING)


@pytest.fixture
def page(look: Look, view: View, wishes: list[Wish]) -> OutboxPage:
    made = OutboxPage(look)
    made.wished.connect(wishes.append)
    made.show_view(view)
    return made


@pytest.fixture
def outbox(stage: Stage) -> FakeOutbox:
    stage.workspace.outbox = FakeOutbox()
    return stage.workspace.outbox


@pytest.fixture
def choices() -> Choices:
    return Choices(*FakeOutbox().choices("acme/api"))


async def opened(stage: Stage, kind: type[D]) -> D:
    """The dialog that a coroutine waits for."""
    for _ in range(4000):
        found = [d for d in stage.window.findChildren(kind) if d.isVisible()]
        if found:
            return found[-1]
        await asyncio.sleep(0.005)
    raise AssertionError(f"no {kind.__name__} was opened")


# --- words


@pytest.mark.parametrize(
    ("more", "heading", "lines"),
    [
        ({}, "Labels of api#12", ("+ urgent", "  bug")),
        ({"kind": ChangeKind.STATE, "base": "open", "mine": "closed"}, "Close api#12", ("- Open", "+ Closed as done")),
        ({"kind": ChangeKind.STATE, "base": "closed", "mine": "open"}, "Reopen api#12", ("- Closed as done", "+ Open")),
        ({"kind": ChangeKind.TITLE, "base": "Old", "mine": "New"}, "Title of api#12", ("- Old", "+ New")),
        ({"kind": ChangeKind.MILESTONE, "base": None, "mine": 4}, "Milestone of api#12", ("- no milestone", "+ number 4")),
        ({"kind": ChangeKind.COMMENT, "base": "", "mine": "a\nb"}, "Comment on api#12", ("+ a", "+ b")),
        (
            {"kind": ChangeKind.NEW_ISSUE, "item_number": None, "title": "T", "mine": "body", "labels": ("bug", "ui"),
             "milestone": 4},
            "New issue in api",
            ("+ T", "+ Labels: bug, ui", "+ Milestone: number 4", "+ body"),
        ),
    ],
)  # fmt: skip
def test_a_change_is_said_with_what_it_adds_and_takes_away(
    more: dict[str, object], heading: str, lines: tuple[str, ...]
) -> None:
    change = a_change(**more)  # type: ignore[arg-type]
    assert outbox_words.deed(change) == heading
    assert outbox_words.lines(change) == lines


def test_a_milestone_is_called_by_its_title_where_that_is_known() -> None:
    change = a_change(kind=ChangeKind.MILESTONE, base=3, mine=4)
    titles = {"milestone:acme/api#3": "Sprint 3", "milestone:acme/api#4": "Sprint 4"}
    assert outbox_words.lines(change, titles) == ("- Sprint 3", "+ Sprint 4")


def test_a_conflict_is_shown_against_what_github_has_now() -> None:
    change = a_change(ChangeState.CONFLICT, kind=ChangeKind.TITLE, base="Old", mine="Mine", theirs="Theirs")
    assert outbox_words.lines(change) == ("- Theirs", "+ Mine")


def test_every_state_has_a_word_and_a_parked_change_its_reason() -> None:
    assert set(outbox_words.STANDING) == set(ChangeState)
    parked = a_change(ChangeState.PARKED, error="The token may not write issues.")
    assert outbox_words.standing(parked, NOW) == "Not sent"


def test_a_draft_of_a_text_is_shown_with_its_difference() -> None:
    draft = a_change(kind=ChangeKind.BODY, base="one\ntwo", mine="one\nTWO")
    assert outbox_words.lines(draft) == ("  one", "- two", "+ TWO")


def test_a_text_in_conflict_is_shown_where_both_changed_it() -> None:
    clash = a_change(ChangeState.CONFLICT, kind=ChangeKind.BODY, base="one\ntwo", mine="one\nTWO", theirs="one\n2")
    assert {"- 2", "+ TWO"} <= set(outbox_words.lines(clash))


def test_what_was_sent_is_said_in_one_line() -> None:
    assert outbox_words.in_short(a_change(ChangeState.SENT)) == "+ urgent"
    moved = a_change(ChangeState.SENT, kind=ChangeKind.STATE, base="open", mine="closed")
    assert outbox_words.in_short(moved) == "- Open   + Closed as done"


def test_a_new_issue_that_was_sent_goes_by_its_number() -> None:
    assert outbox_words.deed(a_change(ChangeState.SENT, kind=ChangeKind.NEW_ISSUE)) == "New issue api#12"


# --- the page


def test_the_page_asks_for_the_changes_when_it_is_shown(page: OutboxPage, wishes: list[Wish]) -> None:
    assert [type(w) for w in wishes] == [ReadOutbox]


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        (ChangeState.DRAFT, {"Look and send…", "Edit…", "Discard"}),
        (ChangeState.CONFLICT, {"Try again", "Edit…", "Discard"}),
        (ChangeState.PARKED, {"Try again", "Edit…", "Discard"}),
        (ChangeState.APPROVED, {"Discard"}),
        (ChangeState.SENDING, set()),
    ],
)
def test_a_change_offers_what_can_be_done_about_it(page: OutboxPage, state: ChangeState, buttons: set[str]) -> None:
    page.show_changes((a_change(state, kind=ChangeKind.COMMENT, base="", mine="Hello"),))
    (card,) = page.cards
    assert set(card.buttons) == buttons


@pytest.mark.parametrize(
    ("kind", "theirs", "buttons"),
    [
        (ChangeKind.TITLE, "Theirs", {"Keep mine", "Keep GitHub's", "Edit…"}),
        (ChangeKind.MILESTONE, None, {"Keep mine", "Keep GitHub's"}),
        (ChangeKind.MILESTONE, 3, {"Try again", "Discard"}),
    ],
)
def test_a_conflict_offers_a_choice_only_where_there_are_two_values(
    page: OutboxPage, kind: ChangeKind, theirs: object, buttons: set[str]
) -> None:
    page.show_changes((a_change(ChangeState.CONFLICT, kind=kind, base=3, mine=4, theirs=theirs),))
    assert set(page.cards[0].buttons) == buttons


def test_the_reason_of_trouble_is_said_once_and_not_in_small_print(page: OutboxPage) -> None:
    page.show_changes((a_change(ChangeState.PARKED, error="The token may not write issues."),))
    said = [label for label in page.cards[0].findChildren(QLabel) if "may not write" in label.text()]
    assert [label.text() for label in said] == ["The token may not write issues."]
    assert not said[0].property("muted")


def test_when_everything_waits_for_a_decision_that_is_said(page: OutboxPage) -> None:
    page.show_changes((a_change(ChangeState.PARKED, 1), a_change(ChangeState.CONFLICT, 2)))
    assert "All of them need you to decide." in page.summary


def test_the_button_for_all_leaves_the_keyboard_on_the_page_when_it_goes(page: OutboxPage, qtbot: QtBot) -> None:
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    page.show_changes((a_change(number=1), a_change(number=2)))
    page.send_all.setFocus()
    qtbot.waitUntil(page.send_all.hasFocus)
    page.show_changes((a_change(ChangeState.SENT, 1, sent_at=NOW), a_change(ChangeState.SENT, 2, sent_at=NOW)))
    assert page.hasFocus()


def test_only_texts_can_be_worded_anew(page: OutboxPage) -> None:
    page.show_changes((a_change(),))
    assert "Edit…" not in page.cards[0].buttons


def test_a_card_that_goes_away_leaves_the_keyboard_on_the_page(page: OutboxPage, qtbot: QtBot) -> None:
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    page.show_changes((a_change(),))
    page.cards[0].buttons["Discard"].setFocus()
    qtbot.waitUntil(page.cards[0].buttons["Discard"].hasFocus)
    page.show_changes((a_change(ChangeState.SENT, 1, sent_at=NOW, url="https://github.com/acme/api/issues/12"),))
    assert page.hasFocus()


def test_what_waits_stands_before_what_was_sent(page: OutboxPage) -> None:
    sent = a_change(ChangeState.SENT, 1, sent_at=NOW, url="https://github.com/acme/api/issues/12")
    page.show_changes((sent, a_change(ChangeState.PARKED, 2), a_change(ChangeState.DRAFT, 3)))
    assert [c.change.id for c in page.cards] == ["c2", "c3", "c1"]
    assert (
        page.summary
        == "2\u00a0changes waiting. 1\u00a0of them needs you to decide. Nothing is sent before you looked at it."
    )


def test_a_single_change_in_trouble_is_not_counted_among_others(page: OutboxPage) -> None:
    page.show_changes((a_change(ChangeState.PARKED, 1),))
    assert page.summary.startswith("1\u00a0change waiting. It needs you to decide.")
    page.show_changes((a_change(ChangeState.PARKED, 1), a_change(ChangeState.DRAFT, 2)))
    assert "1\u00a0of them needs you to decide." in page.summary


def test_all_drafts_are_sent_in_the_order_they_were_made(page: OutboxPage, wishes: list[Wish]) -> None:
    page.show_changes((a_change(number=1), a_change(number=2), a_change(ChangeState.PARKED, 3)))
    page.send_all.click()
    assert wishes[-1] == LookAndSend(("c2", "c1"))


def test_an_empty_outbox_says_how_it_is_filled(page: OutboxPage) -> None:
    page.show_changes(())
    assert "also offline" in page._none.words
    assert page._none.isVisibleTo(page)


def test_a_demo_sends_nothing_and_says_so(look: Look, view: View, wishes: list[Wish]) -> None:
    made = OutboxPage(look)
    made.wished.connect(wishes.append)
    made.show_view(replace(view, profile="demo: slipping"))
    assert "A demo sends nothing" in made._none.words
    assert not made.new_issue.isVisibleTo(made)
    assert wishes == []


# --- dialogs


def test_untouched_fields_make_no_change(window: MainWindow, choices: Choices) -> None:
    dialog = ItemDialog(window, stored_item(), choices, NOW)
    assert dialog.changes == ()
    assert not dialog.keep.isEnabled()


def test_each_touched_field_is_one_change(window: MainWindow, choices: Choices) -> None:
    dialog = ItemDialog(window, stored_item(), choices, NOW)
    dialog.state.setCurrentIndex(dialog.state.findData("closed:not_planned"))
    dialog.title.setText("Sign in with a passkey")
    dialog.labels.tick("urgent")
    dialog.labels.tick("bug", on=False)
    dialog.people.tick("ben")
    dialog.milestone.setCurrentIndex(dialog.milestone.findData(4))
    dialog.body.setPlainText("Other words")
    dialog.comment.setPlainText("On it")
    made = {c.kind: c.mine for c in dialog.changes}
    assert made == {
        ChangeKind.STATE: "closed:not_planned", ChangeKind.TITLE: "Sign in with a passkey", ChangeKind.LABELS: ("urgent",),
        ChangeKind.ASSIGNEES: ("ada", "ben"), ChangeKind.MILESTONE: 4, ChangeKind.BODY: "Other words",
        ChangeKind.COMMENT: "On it",
    }  # fmt: skip
    assert dialog.keep.text() == "Keep 7\u00a0drafts"


def test_a_pull_request_is_not_closed_as_not_planned(window: MainWindow, choices: Choices) -> None:
    dialog = ItemDialog(window, stored_item(kind=ItemKind.PULL_REQUEST), choices, NOW)
    assert dialog.state.findData("closed:not_planned") < 0


def test_a_closed_milestone_stays_the_items_own(window: MainWindow, choices: Choices) -> None:
    dialog = ItemDialog(window, stored_item(milestone_number=99), choices, NOW)
    assert dialog.milestone.currentText() == "Milestone 99 (closed)"
    assert dialog.changes == ()


def test_a_body_with_windows_line_ends_is_not_a_change(window: MainWindow, choices: Choices) -> None:
    assert ItemDialog(window, stored_item(body="a\r\nb"), choices, NOW).changes == ()


def test_a_new_issue_needs_a_title(window: MainWindow, choices: Choices) -> None:
    dialog = IssueDialog(window, (PLACE,), {"acme/api": choices}, NOW)
    assert not dialog.keep.isEnabled()
    dialog.title.setText("Export as CSV")
    dialog.labels.tick("docs")
    (change,) = dialog.changes
    assert (change.title, change.labels, change.repository_id, change.item_number) == (
        "Export as CSV",
        ("docs",),
        1,
        None,
    )


def test_rows_to_tick_have_room_for_their_boxes(window: MainWindow, choices: Choices, qtbot: QtBot) -> None:
    dialog = IssueDialog(window, (PLACE,), {"acme/api": choices}, NOW)
    with qtbot.waitExposed(dialog):
        dialog.show()
    rows = [dialog.labels.item(number) for number in range(dialog.labels.count())]
    qtbot.waitUntil(lambda: dialog.labels.visualItemRect(rows[0]).height() >= BOX)
    dialog.reject()


def test_another_repository_offers_its_own_labels(window: MainWindow, choices: Choices) -> None:
    web = replace(PLACE, id=2, full_name="acme/web")
    dialog = IssueDialog(window, (PLACE, web), {"acme/api": choices}, NOW)
    dialog.labels.tick("docs")
    dialog.repository.setCurrentText("acme/web")
    dialog.title.setText("T")
    (change,) = dialog.changes
    assert (change.repository, change.labels) == ("acme/web", ())


def test_a_draft_is_worded_anew_only_when_its_words_differ(window: MainWindow) -> None:
    draft = a_change(kind=ChangeKind.COMMENT, base="", mine="Hello")
    dialog = WordingDialog(window, draft)
    assert dialog.changes == ()
    dialog.body.setPlainText("  ")
    assert dialog.changes == ()
    dialog.body.setPlainText("Hello there")
    assert [c.mine for c in dialog.changes] == ["Hello there"]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"conflict": "The title was changed meanwhile."}, "The title was changed meanwhile."),
        ({"already": True}, "GitHub has it like this already"),
        ({"seen_at": None}, OFFLINE),
    ],
)
def test_what_cannot_be_sent_cannot_be_ticked_and_says_why(
    window: MainWindow, look: Look, more: dict[str, object], word: str
) -> None:
    dialog = ReviewDialog(window, look, [comparison(a_change(), **more)])
    assert not dialog.cards[0].box.isEnabled()
    assert word in dialog.cards[0].why_not
    assert not dialog.send.isEnabled()
    assert dialog.agreed == ()


def test_only_what_is_ticked_is_agreed_to(window: MainWindow, look: Look) -> None:
    dialog = ReviewDialog(window, look, [comparison(a_change(number=n)) for n in (1, 2)])
    assert dialog.send.text() == "Send 2\u00a0changes"
    dialog.cards[0].box.setChecked(False)
    assert [c.change.id for c in dialog.agreed] == ["c2"]


def test_the_review_names_the_whole_target_and_whether_it_can_be_undone(window: MainWindow, look: Look) -> None:
    said = []
    for kind in (ChangeKind.TITLE, ChangeKind.COMMENT):
        (card,) = ReviewDialog(window, look, [comparison(a_change(kind=kind, base="", mine="x"))]).cards
        said.append(" ".join(label.text() for label in card.findChildren(QLabel)))
    assert all("acme/api#12" in one for one in said)
    assert UNDONE in said[0]
    assert FOR_GOOD in said[1]


def test_the_review_is_no_larger_than_the_screen(window: MainWindow, look: Look) -> None:
    size, screen = ReviewDialog(window, look, [comparison(a_change())]).size(), window.screen().availableSize()
    assert size.width() < screen.width()
    assert size.height() < screen.height()


def test_enter_in_the_review_sends_nothing(window: MainWindow, look: Look) -> None:
    dialog = ReviewDialog(window, look, [comparison(a_change())])
    assert isinstance(dialog.back, QPushButton)
    assert dialog.back.isDefault()
    assert not dialog.send.autoDefault()


def test_the_diff_shows_every_line_with_its_sign(window: MainWindow, look: Look) -> None:
    dialog = ReviewDialog(window, look, [comparison(a_change())])
    assert dialog.cards[0].diff.toPlainText() == "  bug\n+ urgent"


# --- errands


async def test_changing_an_item_keeps_drafts_and_sends_nothing(stage: Stage, outbox: FakeOutbox) -> None:
    stage.conductor.carry_out(ChangeItem("issue:acme/api#12"))
    dialog = await opened(stage, ItemDialog)
    dialog.title.setText("Sign in with a passkey")
    dialog.comment.setPlainText("On it")
    dialog.accept()
    await stage.rest()
    assert [c.kind for c in outbox.kept] == [ChangeKind.TITLE, ChangeKind.COMMENT]
    assert stage.window.message.sentence == "2\u00a0drafts kept in the Outbox. Nothing was sent."
    assert not [call for call in outbox.calls if call[0] in ("compare", "approve")]


async def test_the_way_to_the_outbox_is_not_offered_on_the_outbox(stage: Stage, outbox: FakeOutbox) -> None:
    offered = []
    for page in ("overview", "outbox"):
        stage.window.open_page(page)
        stage.conductor.carry_out(ChangeItem("issue:acme/api#12"))
        dialog = await opened(stage, ItemDialog)
        dialog.title.setText("Sign in with a passkey")
        dialog.accept()
        await stage.rest()
        shown = [b.text() for b in stage.window.message.findChildren(QPushButton) if not b.isHidden()]
        offered.append("Open the Outbox" in shown)
    assert offered == [True, False]


async def test_a_draft_that_makes_no_sense_leaves_the_others(stage: Stage, outbox: FakeOutbox) -> None:
    stage.conductor.carry_out(ChangeItem("issue:acme/api#12"))
    dialog = await opened(stage, ItemDialog)
    dialog.title.setText("Sign in with a passkey")
    dialog.comment.setPlainText("empty")
    dialog.accept()
    await stage.rest()
    assert [c.kind for c in outbox.kept] == [ChangeKind.TITLE]
    assert stage.window.message.sentence == "There is nothing to say in this comment."


async def test_an_item_that_is_not_stored_is_said(stage: Stage, outbox: FakeOutbox) -> None:
    outbox.stored = None
    await stage.wish(ChangeItem("external:issue:x/y#1"))
    assert "repositories you track" in stage.window.message.sentence


async def test_a_cancelled_dialog_keeps_nothing(stage: Stage, outbox: FakeOutbox) -> None:
    stage.conductor.carry_out(OpenIssue())
    dialog = await opened(stage, IssueDialog)
    dialog.title.setText("Export")
    dialog.reject()
    await stage.rest()
    assert outbox.kept == []


async def test_exactly_what_was_shown_and_ticked_is_approved(stage: Stage, outbox: FakeOutbox) -> None:
    outbox.kept = [a_change(number=1), a_change(number=2)]
    stage.conductor.carry_out(LookAndSend(("c1", "c2")))
    dialog = await opened(stage, ReviewDialog)
    dialog.cards[1].box.setChecked(False)
    dialog.accept()
    await stage.rest()
    assert outbox.calls == [("compare", "c1", "c2"), ("approve", "c1")]


async def test_closing_the_review_approves_nothing(stage: Stage, outbox: FakeOutbox) -> None:
    outbox.kept = [a_change()]
    stage.conductor.carry_out(LookAndSend(("c1",)))
    (await opened(stage, ReviewDialog)).reject()
    await stage.rest()
    assert outbox.calls == [("compare", "c1")]


async def test_conflicts_retries_and_discards_reach_the_outbox(stage: Stage, outbox: FakeOutbox) -> None:
    change = a_change(ChangeState.CONFLICT)
    for wish in (Settle(change, keep_mine=True), Settle(change, keep_mine=False), SendAgain(change), Discard(change)):
        await stage.wish(wish)
    assert outbox.calls == [("resolve", "c1", True), ("resolve", "c1", False), ("retry", "c1"), ("discard", "c1")]


async def test_a_reworded_draft_is_edited(stage: Stage, outbox: FakeOutbox) -> None:
    stage.conductor.carry_out(Reword(a_change(kind=ChangeKind.COMMENT, base="", mine="Hello")))
    dialog = await opened(stage, WordingDialog)
    dialog.body.setPlainText("Hello there")
    dialog.accept()
    await stage.rest()
    assert outbox.calls == [("edit", "c1", "Hello there")]


async def test_what_was_approved_and_not_sent_is_told_wherever_one_is(stage: Stage, outbox: FakeOutbox) -> None:
    stage.window.open_page("overview")
    for state in (ChangeState.APPROVED, ChangeState.SENDING, ChangeState.PARKED):
        stage.workspace.publish(ChangeMoved(a_change(state)))
    await stage.rest()
    assert stage.window.message.sentence == "Not sent: Labels of api#12. The Outbox says why, and what can be done."


async def test_a_conflict_found_while_looking_is_not_told_as_a_failure(stage: Stage, outbox: FakeOutbox) -> None:
    stage.workspace.publish(ChangeMoved(a_change(ChangeState.CONFLICT)))
    await stage.rest()
    assert stage.window.message.sentence == ""


async def test_drafts_that_met_github_again_are_announced(stage: Stage, outbox: FakeOutbox) -> None:
    stage.workspace.publish(DraftsCompared(3, 1))
    await stage.rest()
    said = stage.window.message.sentence.replace("\u00a0", " ")
    assert said == "GitHub answers again: 3 drafts wait to be looked at and sent. 1 is a conflict now."


def test_a_text_in_conflict_is_worded_anew_beside_what_github_has(window: MainWindow) -> None:
    clash = a_change(ChangeState.CONFLICT, kind=ChangeKind.BODY, base="a", mine="b", theirs="c")
    beside, alone = WordingDialog(window, clash), WordingDialog(window, replace(clash, state=ChangeState.DRAFT))
    assert beside.theirs.toPlainText() == "c"
    assert [d.theirs.isVisibleTo(d) for d in (beside, alone)] == [True, False]


@pytest.mark.parametrize("kind", [ChangeKind.TITLE, ChangeKind.BODY])
def test_what_is_typed_into_a_conflict_goes_into_ones_own_words(
    window: MainWindow, kind: ChangeKind, qtbot: QtBot
) -> None:
    dialog = WordingDialog(window, a_change(ChangeState.CONFLICT, kind=kind, base="a", mine="b", theirs="c"))
    with qtbot.waitExposed(dialog):
        dialog.show()
    assert dialog.focusWidget() is (dialog.title if kind is ChangeKind.TITLE else dialog.body)
    dialog.reject()


def test_the_review_names_the_item_by_its_title(window: MainWindow, look: Look) -> None:
    dialog = ReviewDialog(window, look, [comparison(a_change())], {"c1": "Log in with a passkey"})
    assert "Log in with a passkey" in [label.text() for label in dialog.cards[0].findChildren(QLabel)]


def test_a_difference_takes_the_room_of_its_lines_and_no_more(look: Look, qtbot: QtBot) -> None:
    shown = DiffView(look, ["+ one", "- two"], "What changes")
    qtbot.addWidget(shown)
    with qtbot.waitExposed(shown):
        shown.show()
    shown.resize(400, shown.sizeHint().height())
    room = shown.viewport().height() - 2 * shown.document().documentMargin()
    assert 0 <= room - 2 * shown.fontMetrics().lineSpacing() <= 4
    assert shown.verticalScrollBar().maximum() == 0


async def test_the_sidebar_counts_what_waits(stage: Stage, outbox: FakeOutbox) -> None:
    outbox.kept = [a_change(), a_change(ChangeState.SENT, 2)]
    stage.workspace.publish(ChangeMoved(outbox.kept[0]))
    for _ in range(100):
        await stage.rest()
        if "(1)" in stage.window.sidebar.buttons["outbox"].text():
            break
        await asyncio.sleep(0.005)
    assert stage.window.sidebar.buttons["outbox"].text() == "  Outbox (1)"


async def test_a_workspace_without_an_outbox_says_where_to_go(stage: Stage) -> None:
    await stage.wish(OpenIssue())
    assert "Open it in Settings" in stage.window.message.sentence


# --- where changes begin


def test_the_sprint_page_lists_its_items_open_ones_first(look: Look, view: View, wishes: list[Wish]) -> None:
    page = SprintPage(look)
    page.wished.connect(wishes.append)
    page.show_view(view)
    opened_first = [row.brief.open for row in page.items.rows]
    assert opened_first == sorted(opened_first, reverse=True)
    assert {row.brief.id for row in page.items.rows} <= set(view.sprint("").sprint.items)  # type: ignore[union-attr]


def test_the_selected_item_of_a_sprint_is_changed(look: Look, view: View, wishes: list[Wish]) -> None:
    page = SprintPage(look)
    page.wished.connect(wishes.append)
    page.show_view(view)
    assert not page.change.isEnabled(), "nothing is selected yet"
    row = page.items.rows[1]
    assert page.item_view.choose(row.brief.id)
    page.change.click()
    assert wishes[-1] == ChangeItem(row.brief.id)


def test_items_of_a_demo_are_not_offered_for_changing(look: Look, view: View) -> None:
    page = SprintPage(look)
    page.show_view(replace(view, profile="demo: slipping"))
    assert not page.change.isVisibleTo(page)


async def test_evidence_about_an_item_offers_to_change_it(stage: Stage, outbox: FakeOutbox) -> None:
    stage.window.show_view(stage.conductor.view)
    stage.window.open_claim(stage.conductor.view.claim("x", ("issue:acme/api#12",)))
    links = [b for b in stage.window.panel.findChildren(QPushButton) if b.text() == "Change…"]
    links[0].click()
    (await opened(stage, ItemDialog)).reject()
    await stage.rest()
    assert outbox.calls[0] == ("item", "issue:acme/api#12")
