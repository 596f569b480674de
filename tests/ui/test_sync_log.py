"""The log of requests: filter, selection, copy."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from galaxy_desktop.ui import words
from galaxy_desktop.ui.pages.sync_log import LogSheet
from galaxy_desktop.ui.rows.sync_log import key_of
from galaxy_desktop.ui.theme import Look
from tests.ui.fake_sync_desk import exchange, requests
from tests.ui.samples import NOW, WEB


@pytest.fixture
def log(look: Look, qtbot: QtBot) -> LogSheet:
    sheet = LogSheet(look)
    qtbot.addWidget(sheet)
    sheet.resize(1000, 600)
    sheet.show_requests(requests(), NOW)
    with qtbot.waitExposed(sheet):
        sheet.show()
    return sheet


def said(log: LogSheet) -> str:
    """What is said of the number of rows."""
    return log.said.replace(words.SPACE, " ")


def test_the_newest_request_is_on_top(log: LogSheet) -> None:
    assert len(log.table.rows) == 500
    assert log.table.rows[0].at > log.table.rows[-1].at
    assert said(log) == "500 requests"


def test_typing_filters_and_counts(log: LogSheet, qtbot: QtBot) -> None:
    qtbot.keyClicks(log.filter, "web reviews")
    assert {one.repository for one in log.table.rows} == {WEB}
    assert said(log) == "63 of 500 requests"


def test_no_failure_is_good_news(log: LogSheet) -> None:
    log.show_requests((exchange(),), NOW)
    log.failures.click()
    assert log.nothing.words == "No failure. None of the last 1 requests failed."


def test_a_filter_that_leaves_nothing_says_so(log: LogSheet) -> None:
    log.filter.setText("no such thing")
    assert log.nothing.words.startswith("Nothing fits the filter.")


def test_an_empty_log_says_what_will_be_in_it(log: LogSheet) -> None:
    log.show_requests((), NOW)
    assert log.nothing.words == "No request yet. Every request to GitHub is listed here, without tokens and contents."


def test_selected_rows_are_copied_with_the_keys_of_the_system(log: LogSheet, qtbot: QtBot) -> None:
    assert not log.copy.isEnabled()
    log.rows.setFocus()
    log.rows.selectRow(0)
    qtbot.keyClick(log.rows, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(log.rows, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert len(QApplication.clipboard().text().splitlines()) == 3
    assert said(log) == "Copied 2 rows"


def test_what_is_selected_stays_selected_when_requests_arrive(log: LogSheet) -> None:
    log.rows.selectAll()
    wanted = [key_of(one) for one in log.rows.selected][:499]
    log.show_requests((exchange(-1), *requests(499)), NOW)
    assert [key_of(one) for one in log.rows.selected] == wanted
    assert log.table.rows[0] == exchange(-1)


def test_the_log_sorts_by_duration_as_a_number(log: LogSheet) -> None:
    log.table.sort(7, Qt.SortOrder.DescendingOrder)
    assert log.table.rows[0].seconds == 20.0
