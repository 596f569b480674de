"""Rows of the Sync page, and the table that always fits its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.sync import ListRow, host_table, list_table
from galaxy_desktop.ui.rows.sync_log import as_text, kept, log_table
from galaxy_desktop.ui.rows.table import Table
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.widgets.fitted_table import SMALLEST, FittedTable, fitted
from tests.ui.fake_sync_desk import exchange, hosts, repository_sync, requests, status
from tests.ui.samples import API, APP, NOW, WEB, repositories


def texts(table: Table[object], row: int) -> list[str]:
    """What a row shows, with ordinary spaces."""
    cells = (table.data(table.index(row, c), Qt.ItemDataRole.DisplayRole) for c in range(table.columnCount()))
    return [str(cell).replace(words.SPACE, " ") for cell in cells]


@pytest.fixture
def lists(look: Look) -> Table[ListRow]:
    table = list_table(look, lambda: NOW)
    table.replace([ListRow(status=one) for one in repository_sync(repositories()[0]).entities])
    return table


def test_a_list_shows_everything_that_is_known_of_it(lists: Table[object]) -> None:
    assert texts(lists, 2) == ["Issues", "11:50", "Complete", "9,214", "11:51", "24", "3", "48 kB"]


def test_rows_that_are_not_counted_are_no_zero(lists: Table[object]) -> None:
    row = lists.row_named("checks")
    assert row is not None
    assert texts(lists, row)[3] == "–"


def test_a_list_that_is_not_offered_says_so(lists: Table[object]) -> None:
    row = lists.row_named("boards")
    assert row is not None
    assert texts(lists, row)[2] == "Not offered by this server or token"


def test_lists_sort_by_number_and_not_by_letter(look: Look) -> None:
    table = list_table(look, lambda: NOW)
    table.replace([ListRow(status=status(1, name, rows=rows)) for name, rows in (("a", 9), ("b", 100), ("c", None))])
    table.sort(3)
    assert [row.status.entity for row in table.rows] == ["c", "a", "b"]


def test_the_name_in_the_database_is_in_the_tool_tip(lists: Table[object]) -> None:
    tip = lists.data(lists.index(6, 0), Qt.ItemDataRole.ToolTipRole)
    assert tip == "Pull request details\nin the database: details"


def test_a_host_shows_its_whole_ledger(look: Look) -> None:
    table: Table[object] = host_table(look, lambda: NOW)  # type: ignore[assignment]
    table.replace(hosts())
    assert texts(table, 1) == [
        "data.gharchive.org", "GH Archive", "3", "2", "512 MB", "900 B", "Fri 24 Apr 12:00", "Mon 4 May 12:00",
    ]  # fmt: skip


def test_a_request_shows_everything_but_secrets(look: Look) -> None:
    table: Table[object] = log_table(look, lambda: NOW)  # type: ignore[assignment]
    table.replace([exchange(path=f"/repos/{API}/issues?page=2")])
    assert texts(table, 0) == ["12:00:00", "api", "Issues", "GET /issues?page=2", "OK (200)", "1", "48 kB", "213"]


def test_every_word_of_the_filter_must_be_found_in_any_order_and_case() -> None:
    found = kept(requests(80), "REVIEWS web", only_failures=False)
    assert {one.repository for one in found} == {WEB}
    assert len(found) == 10


def test_only_failures_leaves_out_what_was_not_modified() -> None:
    found = kept(requests(80), "", only_failures=True)
    assert {one.outcome for one in found} == {"no answer", "limit", "broken"}


def test_the_result_in_words_can_be_filtered_for() -> None:
    assert {one.status for one in kept(requests(80), "not modified", only_failures=False)} == {304}
    assert {one.status for one in kept(requests(80), "502", only_failures=False)} == {502}


def test_one_repository_is_kept_by_its_whole_name() -> None:
    assert {one.repository for one in kept(requests(80), "", only_failures=False, repository=APP)} == {APP}


def test_copied_rows_have_a_header_and_tabs() -> None:
    header, line = as_text([exchange(path="/graphql", status=None, outcome="no answer")]).splitlines()
    assert header.split("\t")[:2] == ["time", "repository"]
    assert line.split("\t") == [
        "2026-05-06T12:00:00+00:00", API, "issues", "GET", "/graphql", "no answer", "", "1", "48213", "0", "213",
    ]  # fmt: skip


WIDTHS = st.lists(st.integers(40, 300), min_size=4, max_size=8)


@given(natural=WIDTHS, room=st.integers(200, 2000), data=st.data())
def test_columns_fill_their_place_or_have_given_all_they_can(
    natural: list[int], room: int, data: st.DataObject
) -> None:
    least = [data.draw(st.integers(30, width)) for width in natural]
    widths = fitted(natural, least, room, 2, (0, 1))
    spent = widths[2] == SMALLEST and widths[:2] == least[:2]
    assert sum(widths) == room or (sum(widths) > room and spent)
    assert widths[3:] == natural[3:]


def test_names_give_way_before_the_wide_column_does() -> None:
    assert fitted([200, 80, 300], [90, 60, 150], 360, 2, (0, 1)) == [130, 80, 150]


@pytest.mark.parametrize("width", [700, 860, 1200])
def test_no_column_falls_off_the_table(lists: Table[ListRow], width: int, qtbot: QtBot) -> None:
    view: FittedTable[ListRow] = FittedTable(lists, "Lists", elastic=("List",), wide_least=126)
    qtbot.addWidget(view)
    view.resize(width, 400)
    with qtbot.waitExposed(view):
        view.show()
    assert sum(view.columnWidth(c) for c in range(lists.columnCount())) <= view.viewport().width()


def test_news_does_not_make_columns_narrower(lists: Table[ListRow], qtbot: QtBot) -> None:
    view: FittedTable[ListRow] = FittedTable(lists, "Lists", elastic=("List",), wide_least=126)
    qtbot.addWidget(view)
    view.resize(1400, 400)
    view.fit()
    before = view.columnWidth(0)
    lists.replace([ListRow(status=status(1, "runs"))])
    view.fit()
    assert view.columnWidth(0) == before
