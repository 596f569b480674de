"""Item models over typed rows, checked by Qt's own tester."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.facts import EdgeKind, Ending
from galaxy_desktop.domain.findings import Risk, SprintAnalysis
from galaxy_desktop.domain.work import State
from galaxy_desktop.ui import words
from galaxy_desktop.ui.graph.picture import links_of
from galaxy_desktop.ui.rows.activity import alert_table, execution_table, job_table, sync_table
from galaxy_desktop.ui.rows.burnup import burnup_table, day_rows
from galaxy_desktop.ui.rows.dependencies import dependency_table
from galaxy_desktop.ui.rows.risks import risk_table
from galaxy_desktop.ui.rows.sprints import SprintRows, SprintState, row_of, state_of, without_risk
from galaxy_desktop.ui.rows.table import Table
from galaxy_desktop.ui.theme import Look, Tone
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.table_view import TableView
from tests.ui.fakes import report
from tests.ui.samples import NOW, risks

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
Filled = tuple[Table[Any], tuple[Any, ...]]


def texts(model: QAbstractItemModel, column: int) -> list[str]:
    """The texts of a column from top to bottom."""
    return [str(model.index(row, column).data()) for row in range(model.rowCount())]


def filled(look: Look, view: View) -> dict[str, Filled]:
    """Every table of the program with its rows."""
    first = view.all_sprints[1]
    kinds = frozenset(EdgeKind)
    return {
        "risks": (risk_table(look), first.risks),
        "burnup": (burnup_table(look), day_rows(first, view.today)),
        "dependencies": (dependency_table(look, view.title), links_of(view, kinds, only_open=False)),
        "executions": (execution_table(look, lambda: NOW), report().executions),
        "jobs": (job_table(look, lambda: NOW), report().dead),
        "alerts": (alert_table(look, lambda: NOW, lambda _id: "Checkout 2.0"), report().alerts),
        "syncs": (sync_table(look, lambda: NOW), report().syncs),
    }


NAMES = ("risks", "burnup", "dependencies", "executions", "jobs", "alerts", "syncs")


@pytest.mark.parametrize("name", NAMES)
def test_every_table_keeps_the_rules_of_item_models(name: str, look: Look, view: View) -> None:
    model, rows = filled(look, view)[name]
    tester = QAbstractItemModelTester(model, FATAL)
    model.replace(rows)
    model.replace(rows[:1])
    model.sort(0, Qt.SortOrder.DescendingOrder)
    model.replace(())
    assert tester.model() is model


@pytest.mark.parametrize("name", NAMES)
def test_every_cell_says_something_to_a_screen_reader_and_on_hover(name: str, look: Look, view: View) -> None:
    model, rows = filled(look, view)[name]
    model.replace(rows)
    for column in range(model.columnCount()):
        index = model.index(0, column)
        assert index.data(Qt.ItemDataRole.AccessibleTextRole) == index.data()
        assert isinstance(index.data(Qt.ItemDataRole.ToolTipRole), str)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_name_of_its_own(name: str, look: Look, view: View) -> None:
    model, rows = filled(look, view)[name]
    model.replace(rows)
    assert len({model.key_of(i) for i in range(model.rowCount())}) == len(rows)


def test_severity_is_told_by_word_and_shape(look: Look) -> None:
    model = risk_table(look)
    model.replace(risks())
    assert texts(model, 0) == ["Critical", "High", "Medium", "Low"]
    assert not model.index(0, 0).data(Qt.ItemDataRole.DecorationRole).isNull()


def test_severities_sort_by_gravity_not_by_letter(look: Look) -> None:
    model = risk_table(look)
    model.replace(tuple(reversed(risks())))
    model.sort(0)
    assert texts(model, 0) == ["Critical", "High", "Medium", "Low"]


def test_an_order_that_was_chosen_survives_news(look: Look) -> None:
    model = risk_table(look)
    model.replace(risks())
    model.sort(0, Qt.SortOrder.DescendingOrder)
    model.replace(risks())
    assert texts(model, 0)[0] == "Low"


def test_changed_values_do_not_reset_the_table(look: Look, qtbot: QtBot) -> None:
    model = risk_table(look)
    model.replace(risks())
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged):
        model.replace((replace(risks()[0], probability=0.99), *risks()[1:]))


def test_equal_news_touches_nothing(look: Look, qtbot: QtBot) -> None:
    model = risk_table(look)
    model.replace(risks())
    with qtbot.assertNotEmitted(model.modelReset), qtbot.assertNotEmitted(model.dataChanged):
        model.replace(risks())


def test_a_selection_stays_on_its_row_when_rows_come_and_go(look: Look, qtbot: QtBot) -> None:
    model = risk_table(look)
    shown: TableView[Risk] = TableView(model, "Risks")
    qtbot.addWidget(shown)
    model.replace(risks())
    assert shown.choose("risk:no_owner")
    model.replace(risks()[1:])
    assert shown.chosen().id == "risk:no_owner"


def test_enter_opens_the_selected_row(look: Look, qtbot: QtBot) -> None:
    model = risk_table(look)
    shown: TableView[Risk] = TableView(model, "Risks")
    qtbot.addWidget(shown)
    model.replace(risks())
    shown.choose("risk:stale_review")
    with qtbot.waitSignal(shown.opened) as opened:
        qtbot.keyClick(shown, Qt.Key.Key_Return)
    assert opened.args[0].kind == "stale_review"


def test_a_table_in_a_page_is_as_high_as_its_rows(look: Look, qtbot: QtBot) -> None:
    model = risk_table(look)
    shown: TableView[Risk] = TableView(model, "Risks", in_page=True)
    qtbot.addWidget(shown)
    model.replace(risks()[:1])
    low = shown.sizeHint().height()
    model.replace(risks())
    assert shown.sizeHint().height() == low + 3 * shown.verticalHeader().defaultSectionSize()


def test_the_cards_keep_the_rules_of_item_models(view: View) -> None:
    model = SprintRows()
    tester = QAbstractItemModelTester(model, FATAL)
    rows = [row_of(s, view) for s in view.sprints]
    model.replace(rows)
    model.replace(rows[::-1])
    model.replace([])
    assert tester.model() is model


def test_only_the_card_that_changed_is_painted_anew(view: View, qtbot: QtBot) -> None:
    model = SprintRows()
    rows = [row_of(s, view) for s in view.sprints]
    model.replace(rows)
    with qtbot.assertNotEmitted(model.dataChanged):
        model.replace(list(rows))
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.replace([rows[0], replace(rows[1], title="Another"), *rows[2:]])
    assert [index.row() for index in changed.args[:2]] == [1, 1]


def card(view: View, title: str) -> Callable[[str], Any]:
    """A reader of the fields of the card with that title."""
    found = next(row_of(s, view) for s in view.sprints if s.sprint.title == title)
    return lambda name: getattr(found, name)


def test_a_card_tells_chance_health_progress_and_its_worst_risk(view: View) -> None:
    read = card(view, "Checkout 2.0")
    assert (read("odds"), read("state")) == ("about 5 in 8", SprintState("Observe", "health 58 of 100", Tone.WATCH))
    assert (read("done"), read("total"), read("risk_word")) == (7, 14, "Critical")
    assert read("place") == "api, web and mobile-application-for-field-engineers"


def over(view: View, left: int, still_open: int, state: State = State.CLOSED) -> SprintAnalysis:
    """A sprint of 14 that is over, of which so many were open at its end and are open now."""
    one = next(s for s in view.all_sprints if s.sprint.title == "Release 1.9")
    assert one.sprint.due_on is not None
    ending = Ending(due_on=one.sprint.due_on, total=14, left=left)
    sprint = replace(one.sprint, state=state, closed_at=NOW if state is State.CLOSED else None)
    features = replace(one.features, ended=ending)
    return replace(one, sprint=sprint, features=features, risks=(), done=14 - still_open, open=still_open)


def test_a_sprint_that_ended_late_never_looks_healthy_although_all_of_it_is_done(view: View) -> None:
    one = over(view, left=3, still_open=0)
    assert state_of(one) == SprintState("Missed", "3 of 14 left over", Tone.BAD)
    assert row_of(one, view).risk == f"Closed Wed 6 May, after it missed its end with {words.count(3, 'item')} open"
    still_there = over(view, left=3, still_open=0, state=State.OPEN)
    assert without_risk(still_there, view).startswith("Missed its end with 3")


def test_a_sprint_that_landed_says_so(view: View) -> None:
    one = over(view, left=0, still_open=0)
    assert state_of(one) == SprintState("Landed", "14 of 14 in time", Tone.GOOD)
    assert row_of(one, view).risk == "Closed Wed 6 May"


def test_an_empty_sprint_has_no_health_to_show(view: View) -> None:
    one = over(view, left=0, still_open=0, state=State.OPEN)
    empty = replace(one, features=replace(one.features, ended=None), done=0, open=0)
    assert state_of(empty).word == "Empty"
    assert row_of(empty, view).risk == "Nothing is in it yet, so there is nothing to judge"


def test_a_closed_sprint_that_had_no_end_is_neither_landed_nor_missed(view: View) -> None:
    one = over(view, left=0, still_open=2)
    endless = replace(one, features=replace(one.features, ended=None))
    assert state_of(endless) == SprintState("Over", "2 left open", Tone.QUIET)
    assert row_of(endless, view).risk == f"Closed Wed 6 May with {words.count(2, 'item')} open"


def test_a_card_without_a_number_says_why(view: View) -> None:
    assert card(view, "Release 1.9")("chance") == "End passed"
    assert card(view, "Field trial")("chance") == "Too early"


def test_a_card_is_one_sentence_for_a_screen_reader(view: View) -> None:
    spoken = card(view, "Release 1.9")("spoken")
    assert "End passed" in spoken
    assert "Act, health 22 of 100" in spoken
    assert "7 of 14 done" in spoken


def test_the_chart_has_its_numbers_as_rows(view: View) -> None:
    rows = day_rows(view.all_sprints[1], view.today)
    assert [r.done for r in rows[:3]] == [0, 0, 1]
    assert rows[-1].done is None
    assert rows[-1].high == 14.0
