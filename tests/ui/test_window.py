"""The window around the pages: shortcuts, filters, evidence, freshness, widgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QDate, QRect, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.events import SyncProgressed
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.ui import single
from galaxy_desktop.ui.dialogs import ShortcutSheet, tell
from galaxy_desktop.ui.evidence_panel import EvidenceCard, EvidencePanel, open_address
from galaxy_desktop.ui.filter_bar import CHOSEN, NEXT_14, FilterBar
from galaxy_desktop.ui.freshness_bar import FreshnessBar
from galaxy_desktop.ui.main_window import COMPACT_BELOW, MainWindow
from galaxy_desktop.ui.sidebar import PLACES
from galaxy_desktop.ui.single import ProfileLock
from galaxy_desktop.ui.theme import Look, Tone
from galaxy_desktop.ui.view import Claim, Filters, View
from galaxy_desktop.ui.widgets.chips import EvidenceChips, shortened
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.notices import MessageBar
from galaxy_desktop.ui.widgets.surface import Columns, ScrollPage
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign
from galaxy_desktop.ui.wishes import Search, ShowShortcuts, SyncNow, Wish
from tests.ui.samples import API, LONG_TITLE, NOW, WEB, cite

KEYS = {place.letter: place.name for place in PLACES}


@pytest.fixture
def shown(window: MainWindow, view: View, wishes: list[Wish], qtbot: QtBot) -> MainWindow:
    window.wished.connect(wishes.append)
    window.show_view(view)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    return window


@pytest.mark.parametrize("letter", KEYS)
def test_every_page_has_its_letter(shown: MainWindow, letter: str, qtbot: QtBot) -> None:
    qtbot.keyClick(shown, letter.lower())
    assert shown.current == KEYS[letter]


def test_letters_are_letters_while_typing(shown: MainWindow, qtbot: QtBot) -> None:
    shown.start_search()
    qtbot.keyClicks(shown.search, "dora")
    assert shown.search.text() == "dora"
    assert shown.current == "overview"


def test_the_question_mark_shows_every_key(shown: MainWindow, wishes: list[Wish], qtbot: QtBot) -> None:
    qtbot.keyClick(shown, "?")
    assert wishes == [ShowShortcuts()]
    sheet = ShortcutSheet(shown)
    said = [w.text() for w in sheet.findChildren(QLabel)]
    assert all(p.letter in said and p.word in said for p in PLACES)
    assert "F6" in said


def test_search_starts_with_a_slash_and_ends_with_enter(shown: MainWindow, wishes: list[Wish], qtbot: QtBot) -> None:
    qtbot.keyClick(shown, "/")
    assert shown.search.hasFocus()
    qtbot.keyClicks(shown.search, " payment ")
    qtbot.keyClick(shown.search, Qt.Key.Key_Return)
    assert wishes == [Search("payment")]


def test_f5_syncs(shown: MainWindow, wishes: list[Wish], qtbot: QtBot) -> None:
    qtbot.keyClick(shown, Qt.Key.Key_F5)
    assert wishes == [SyncNow()]


def _part(shown: MainWindow) -> str:
    """The part of the window that has the keyboard."""
    parts = {"pages": shown.sidebar, "head": shown._header, "page": shown.page(shown.current), "evidence": shown.panel}
    at = shown.focusWidget()
    return next((name for name, part in parts.items() if at is part or part.isAncestorOf(at)), "")


def test_f6_leads_round_the_parts_of_the_window_and_shift_f6_back(shown: MainWindow, qtbot: QtBot) -> None:
    shown.open_page("settings")
    shown.page("settings").setFocus()
    shown.open_claim(Claim("A claim", "", (cite(f"issue:{API}#12"),)))
    forth: list[str] = []
    for _ in range(4):
        qtbot.keyClick(shown, Qt.Key.Key_F6)
        forth.append(_part(shown))
    assert forth == ["pages", "head", "page", "evidence"]  # what was opened last has the keyboard
    assert shown.sidebar.buttons["settings"].isChecked()
    back: list[str] = []
    for _ in range(4):
        qtbot.keyClick(shown, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
        back.append(_part(shown))
    assert back == ["page", "head", "pages", "evidence"]


def test_the_page_says_by_a_ring_that_the_keyboard_stands_on_it_and_scrolls(shown: MainWindow, qtbot: QtBot) -> None:
    shown.open_page("settings")
    page = shown.page("settings")
    page.setFocus(Qt.FocusReason.MouseFocusReason)
    scrolls = page.focusProxy()
    assert isinstance(scrolls, ScrollPage)
    assert not scrolls.property("ringed")
    qtbot.keyClick(shown, Qt.Key.Key_F6)
    assert not page.hasFocus()
    qtbot.keyClick(shown, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert page.hasFocus()
    assert scrolls.property("ringed")
    before = scrolls.verticalScrollBar().value()
    qtbot.keyClick(scrolls, Qt.Key.Key_PageDown)
    assert scrolls.verticalScrollBar().value() > before


def test_a_page_that_is_filled_keeps_the_keyboard_it_had_while_it_was_empty(
    window: MainWindow, view: View, qtbot: QtBot
) -> None:
    window.show()
    qtbot.waitUntil(window.isVisible)
    page = window.page("overview")
    assert window.focusWidget() is page
    window.show_view(view)
    assert window.focusWidget() is page


def test_escape_leaves_a_field_so_that_letters_are_keys_again(shown: MainWindow, qtbot: QtBot) -> None:
    shown.start_search()
    qtbot.keyClick(shown.search, Qt.Key.Key_Escape)
    assert not shown.search.hasFocus()
    qtbot.keyClick(shown.focusWidget(), "T")
    assert shown.current == "settings"


def test_the_window_is_no_larger_than_the_screen(window: MainWindow) -> None:
    window.fit(QRect(10, 20, 1024, 640))
    assert (window.width(), window.height()) == (1020, 604)
    assert (window.x(), window.y()) == (10, 20)
    window.fit(QRect(0, 0, 1920, 1080))
    assert (window.width(), window.height()) == (1020, 604)


def test_escape_closes_the_evidence(shown: MainWindow, qtbot: QtBot) -> None:
    shown.open_claim(Claim("A claim", "", (cite(f"issue:{API}#12"),)))
    assert shown.panel.isVisible()
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.panel.isVisible()


def test_the_first_paint_is_told_once(window: MainWindow, qtbot: QtBot) -> None:
    told: list[bool] = []
    window.painted.connect(lambda: told.append(True))
    with qtbot.waitSignal(window.painted):
        window.show()
    window.repaint()
    assert told == [True]


def test_pages_are_made_when_they_are_first_opened(window: MainWindow) -> None:
    assert list(window.pages) == ["overview"]
    window.open_page("settings")
    assert list(window.pages) == ["overview", "settings"]


def test_a_narrow_window_keeps_its_icons(shown: MainWindow) -> None:
    shown.resize(COMPACT_BELOW + 100, 700)
    wide = shown.sidebar.sizeHint().width()
    shown.resize(COMPACT_BELOW - 100, 700)
    assert shown.sidebar.sizeHint().width() < wide
    assert shown.sidebar.buttons["overview"].accessibleName() == "Overview"


def test_a_second_look_at_the_same_page_keeps_it(shown: MainWindow) -> None:
    page = shown.page("overview")
    shown.open_page("activity")
    shown.open_page("overview")
    assert shown.page("overview") is page


def test_every_button_has_words_for_a_screen_reader(shown: MainWindow) -> None:
    for name in KEYS.values():
        shown.open_page(name)
    silent = [b for b in shown.findChildren(QPushButton) if not (b.text() or b.accessibleName())]
    assert [b for b in silent if b.isVisible()] == []


# --- filters


@pytest.fixture
def bar(qtbot: QtBot, view: View, look: Look) -> FilterBar:
    made = FilterBar()
    qtbot.addWidget(made)
    made.offer(view)
    return made


def test_filters_begin_with_everything(bar: FilterBar) -> None:
    assert bar.filters == Filters()


def test_a_choice_is_told_at_once(bar: FilterBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.changed) as told:
        bar.repository.setCurrentIndex(2)
        bar.repository.activated.emit(2)
    assert told.args == [Filters(repository=WEB)]


def test_dates_can_be_near_or_chosen(bar: FilterBar) -> None:
    bar.dates.setCurrentIndex(NEXT_14)
    assert bar.filters == Filters(date(2026, 5, 6), date(2026, 5, 20))
    bar.dates.setCurrentIndex(CHOSEN)
    bar.first.setDate(QDate(2026, 4, 1))
    assert bar.filters.first == date(2026, 4, 1)


def test_a_choice_survives_news_while_it_exists(bar: FilterBar, view: View, analysis: Analysis) -> None:
    bar.sprint.setCurrentIndex(bar.sprint.findData("sprint-4"))
    bar.offer(view)
    assert bar.filters.sprint_id == "sprint-4"
    bar.offer(replace(view, analysis=replace(analysis, sprints=analysis.sprints[:1])))
    assert bar.filters.sprint_id == ""


def test_clearing_shows_everything_again(bar: FilterBar, qtbot: QtBot) -> None:
    bar.repository.setCurrentIndex(1)
    with qtbot.waitSignal(bar.changed) as told:
        bar.clear()
    assert told.args == [Filters()]


# --- evidence


@pytest.fixture
def panel(look: Look, qtbot: QtBot) -> EvidencePanel:
    made = EvidencePanel(look)
    qtbot.addWidget(made)
    return made


def said(widget: QWidget) -> str:
    """Labels and elided labels of a widget."""
    plain = [w.text() for w in widget.findChildren(QLabel) if not w.isHidden()]
    return "\n".join(plain + [w.text for w in widget.findChildren(ElidedLabel)])


def test_evidence_shows_quote_id_and_when_it_was_seen(panel: EvidencePanel) -> None:
    panel.open_claim(Claim("Blocked", "2 of 7 wait", (cite(f"issue:{API}#17"),)), NOW)
    text = said(panel)
    for part in (
        "Blocked",
        "2 of 7 wait",
        "“Idempotency keys for retries of a payment”",
        "seen 11:51",
        "issue:acme/api#17",
    ):
        assert part in text


def test_a_quote_without_spaces_makes_the_panel_no_wider(panel: EvidencePanel) -> None:
    endless = replace(cite(f"issue:{API}#17"), quote="x/" * 200)
    panel.open_claim(Claim("Endless", "", (endless,)), NOW)
    (card,) = panel.findChildren(EvidenceCard)
    assert card.minimumSizeHint().width() <= panel.minimumWidth()


def test_evidence_leads_on_to_github(panel: EvidencePanel, monkeypatch: pytest.MonkeyPatch) -> None:
    visited: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: visited.append(url.toString()) or True)
    panel.open_claim(Claim("Blocked", "", (cite(f"issue:{API}#17"),)), NOW)
    next(b for b in panel.findChildren(QPushButton) if b.text() == "Open on GitHub").click()
    assert visited == ["https://github.com/acme/api/issues/17"]


def test_only_web_addresses_are_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    visited: list[object] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", visited.append)
    for address in ("file:///etc/passwd", "javascript:alert(1)", ""):
        assert not open_address(address)
    assert visited == []


def test_a_computed_number_has_nowhere_to_go(look: Look, qtbot: QtBot) -> None:
    card = EvidenceCard(cite("feature:sprint-1/flow", "1.4"), NOW, look)
    qtbot.addWidget(card)
    assert card.findChildren(QPushButton) == []


def test_text_from_outside_is_never_read_as_markup(panel: EvidencePanel) -> None:
    panel.open_claim(Claim("<b>bold</b>", "", (cite(f"issue:{API}#12", "<img src=x>"),)), NOW)
    assert "<b>bold</b>" in said(panel)
    assert all(w.textFormat() is Qt.TextFormat.PlainText for w in panel.findChildren(QLabel) if w.text())


def test_much_evidence_is_cut_and_counted(panel: EvidencePanel) -> None:
    many = tuple(cite(f"issue:{API}#{n}", "seen") for n in range(70))
    panel.open_claim(Claim("Many", "", many), NOW)
    assert "10 more are not shown here." in said(panel)


# --- freshness and small widgets


def test_many_repositories_are_counted(look: Look, qtbot: QtBot, analysis: Analysis) -> None:
    bar = FreshnessBar(look)
    qtbot.addWidget(bar)
    first = analysis.repositories[0]
    many = tuple(replace(first, repository=replace(first.repository, full_name=f"acme/r{n}")) for n in range(9))
    bar.resize(1600, 30)
    bar.show_all(many, NOW)
    assert any(w.text == "and 5 more" for w in bar.findChildren(ElidedLabel))
    assert len(bar.sentences) == 9


def test_progress_names_stage_and_count(look: Look, qtbot: QtBot) -> None:
    bar = FreshnessBar(look)
    qtbot.addWidget(bar)
    bar.progress(SyncProgressed("acme/api", "reading comments", 1200, 4000))
    assert any(w.text == "api: reading comments, 1,200 of 4,000 rows" for w in bar.findChildren(ElidedLabel))


def test_a_long_name_is_cut_and_whole_on_hover(look: Look, qtbot: QtBot) -> None:
    label = ElidedLabel(LONG_TITLE)
    qtbot.addWidget(label)
    label.resize(120, 20)
    label.grab()
    assert label.toolTip() == LONG_TITLE
    label.resize(3000, 20)
    label.grab()
    assert label.toolTip() == ""


def test_a_sign_has_a_shape_and_a_word(look: Look, qtbot: QtBot) -> None:
    sign = Sign(look)
    qtbot.addWidget(sign)
    sign.say("Act", Tone.BAD)
    shape = sign.findChildren(QLabel)[0]
    assert sign.word == sign.accessibleName() == "Act"
    assert not shape.pixmap().isNull()


@pytest.mark.parametrize("text", ["api#12", "a" * 30, "mobile-application-for-field-engineers#10"])
def test_a_shortened_name_fits_and_keeps_its_end(text: str) -> None:
    short = shortened(text)
    assert len(short) <= 30
    assert short.endswith(text[-4:])


def test_many_chips_end_in_one_for_all(look: Look, view: View, qtbot: QtBot) -> None:
    opened: list[tuple[str, ...]] = []
    ids = [f"issue:{API}#{n}" for n in range(12)]
    chips = EvidenceChips(view, ids, opened.append)
    qtbot.addWidget(chips)
    buttons = chips.findChildren(QPushButton)
    buttons[-1].click()
    assert len(buttons) == 9
    assert opened == [tuple(ids)]


def test_chips_flow_into_the_next_line(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder)
    for _ in range(6):
        button = QPushButton("a chip")
        flow.addWidget(button)
    one_line = flow.heightForWidth(5000)
    assert flow.heightForWidth(150) >= 3 * one_line
    flow.setGeometry(QRect(0, 0, 150, 400))
    places = {(b.x(), b.y()) for b in holder.findChildren(QPushButton)}
    assert len(places) == 6


def test_what_is_hidden_leaves_no_gap_in_the_flow(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder)
    hidden, shown = QPushButton("hidden"), QPushButton("shown")
    flow.addWidget(hidden)
    flow.addWidget(shown)
    hidden.hide()
    flow.setGeometry(QRect(0, 0, 400, 100))
    assert shown.x() == 0


def test_columns_stack_when_there_is_too_little_room(qtbot: QtBot) -> None:
    columns = Columns(700)
    qtbot.addWidget(columns)
    columns.add(QLabel("one"))
    columns.add(QLabel("two"))
    columns.show()
    columns.resize(900, 200)
    assert not columns.stacked
    columns.resize(500, 200)
    assert columns.stacked


def test_a_message_can_be_acted_on_and_closed(look: Look, qtbot: QtBot) -> None:
    bar = MessageBar(look)
    qtbot.addWidget(bar)
    acted: list[bool] = []
    bar.say("The network is gone.", Tone.BAD, "Try again", lambda: acted.append(True))
    assert bar.sentence == "The network is gone."
    next(b for b in bar.findChildren(QPushButton) if b.text() == "Try again").click()
    bar.hide()
    assert acted == [True]
    assert bar.sentence == ""


def test_a_fault_is_told_without_waiting(qtbot: QtBot, look: Look) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.show()
    box = tell(holder, "A fault", "It was written to the log.")
    assert box.isVisible()
    box.close()


def test_a_second_copy_calls_the_first_one_forward(tmp_path: Path, qtbot: QtBot) -> None:
    first = ProfileLock(tmp_path)
    second = ProfileLock(tmp_path)
    assert (first.taken, second.taken) == (True, False)
    first.listen()
    with qtbot.waitSignal(first.called):
        assert second.ask_to_come_forward()
    first.release()
    third = ProfileLock(tmp_path)
    assert third.taken
    third.release()


def test_a_copy_that_does_not_answer_is_noticed(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "PATIENCE_S", 0.1)
    first = ProfileLock(tmp_path)
    assert not ProfileLock(tmp_path).ask_to_come_forward()
    first.release()
