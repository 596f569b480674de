"""Since yesterday, what moved it, what if and the retro: what is asked, what is shown, what opens."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from galaxy_desktop.assess.what_if import Drop, MoveEnd, Reviewed, Slip, Unblock
from galaxy_desktop.domain.findings import EdgeCriticality, ItemOutlook, SprintAnalysis
from galaxy_desktop.domain.since import Moved, MovedBy
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.explain.since import tenths
from galaxy_desktop.ui import retro_charts, since_when, words
from galaxy_desktop.ui.graph.picture import cycles_in_words, links_of, node_of
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.pages.dependencies import TABLE, DependenciesPage
from galaxy_desktop.ui.pages.retro import RetroPage
from galaxy_desktop.ui.pages.sprint import SprintPage
from galaxy_desktop.ui.pages.standup import StandupPage
from galaxy_desktop.ui.question_errands import BUG, NO_SPRINT, NOT_YET, QuestionErrands
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.time_wishes import AskWhatIf, OpenWhatIf, ReadMoved, ReadRetro, ReadSince, ReadTrust
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.what_if import WhatIfDialog, choices_for, sprint_for
from galaxy_desktop.ui.wishes import OpenClaim, Wish
from tests.ui import samples
from tests.ui.fakes import FakeWorkspace
from tests.ui.samples import API, APP, NOW, WEB
from tests.ui.time_fakes import THEN, PastWorkspace, closed_first, moved, retro, since, what_if

ITEM, BLOCKED = f"issue:{API}#17", f"issue:{WEB}#41"


def _texts(widget: object) -> str:
    labels = widget.findChildren(QLabel)  # type: ignore[attr-defined]
    return "\n".join(label.text() for label in labels if not label.isHidden()).replace(words.SPACE, " ")


def _last(wishes: list[Wish], kind: type) -> Wish:
    return [wish for wish in wishes if isinstance(wish, kind)][-1]


def past_of(view: View) -> View:
    """The view of a moment of the past."""
    assert view.analysis is not None
    return replace(view, analysis=replace(view.analysis, as_of=THEN), now=THEN, past=THEN)


# --- since yesterday


@pytest.fixture
def standup(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> StandupPage:
    page = StandupPage(look)
    qtbot.addWidget(page)
    page.wished.connect(wishes.append)
    page.show_view(view)
    page.show()
    asked = _last(wishes, ReadSince)
    assert isinstance(asked, ReadSince)
    asked.answered(since(asked.moment))
    return page


def test_the_standup_asks_for_the_morning_of_the_last_working_day(standup: StandupPage, wishes: list[Wish]) -> None:
    assert [w.moment for w in wishes if isinstance(w, ReadSince)] == [NOW.replace(day=5, hour=9)]


def test_the_standup_tells_the_chance_why_and_what_changed(standup: StandupPage) -> None:
    said = _texts(standup)
    assert "The chance to land in time went from 55 % to 62 %, +7 points; 7 of 14 items done." in said
    assert "Done (1)" in said
    assert "it waits for acme/api#23" in said
    assert "No item changed." in said


def test_a_long_list_is_cut_and_opens_whole(standup: StandupPage, wishes: list[Wish], qtbot: QtBot) -> None:
    card = standup.cards[0]
    more = next(b for b in card.findChildren(type(standup.as_text)) if b.text() == "and 3 more")
    more.click()
    opened = _last(wishes, OpenClaim)
    assert isinstance(opened, OpenClaim)
    assert len({e.id for e in opened.claim.evidence}) == 13


def test_a_chip_opens_what_the_change_rests_on(standup: StandupPage, wishes: list[Wish]) -> None:
    button = next(b for b in standup.cards[0].findChildren(type(standup.as_text)) if b.text() == "web#44")
    button.click()
    opened = _last(wishes, OpenClaim)
    assert isinstance(opened, OpenClaim)
    assert opened.claim.title.startswith("Newly blocked")


@pytest.mark.parametrize(("which", "start"), [("as_text", "Since"), ("as_markdown", "## Since")])
def test_the_standup_is_copied(standup: StandupPage, which: str, start: str) -> None:
    getattr(standup, which).click()
    copied = QApplication.clipboard().text()
    assert copied.startswith(start)
    assert "acme/api#12" in copied


def test_another_since_when_asks_again(standup: StandupPage, wishes: list[Wish]) -> None:
    standup.since.setCurrentIndex(standup.since.count() - 1)
    standup.since.activated.emit(standup.since.count() - 1)
    asked = _last(wishes, ReadSince)
    assert isinstance(asked, ReadSince)
    assert asked.moment == NOW - timedelta(days=14)


def test_a_minute_later_the_same_is_not_asked_again(standup: StandupPage, wishes: list[Wish], view: View) -> None:
    standup.show_view(replace(view, now=NOW + timedelta(minutes=1)))
    assert len([w for w in wishes if isinstance(w, ReadSince)]) == 1


def test_the_standup_of_the_past_ends_at_the_moment_looked_at(
    standup: StandupPage, wishes: list[Wish], view: View
) -> None:
    standup.show_view(past_of(view))
    asked = _last(wishes, ReadSince)
    assert isinstance(asked, ReadSince)
    assert (asked.past, asked.moment) == (THEN, datetime(2026, 5, 1, 9, tzinfo=NOW.tzinfo))
    assert standup.since.currentText().startswith("Since the working day before, ")


def test_nothing_of_now_stays_while_the_past_is_read(standup: StandupPage, view: View) -> None:
    assert standup.cards
    standup.show_view(past_of(view))
    assert not standup.cards
    assert not standup.as_text.isEnabled()


def test_what_is_copied_from_the_past_says_when_it_is_of(standup: StandupPage, wishes: list[Wish], view: View) -> None:
    standup.show_view(past_of(view))
    asked = _last(wishes, ReadSince)
    assert isinstance(asked, ReadSince)
    asked.answered(replace(since(asked.moment), as_of=THEN))
    standup.as_text.click()
    assert QApplication.clipboard().text().startswith("As of Sunday 3 May 12:00\n\nSince ")


def test_the_last_visit_can_be_chosen_when_it_was_not_just_now(view: View) -> None:
    named = [c.name for c in since_when.choices(replace(view, visited=NOW - timedelta(hours=5)))]
    assert "your last visit" in named
    assert "your last visit" not in [c.name for c in since_when.choices(replace(view, visited=NOW))]


def test_on_a_monday_one_compares_with_friday(view: View) -> None:
    monday = NOW.replace(day=4)
    first = since_when.choices(replace(view, now=monday))[0]
    assert (first.name, first.moment.date()) == ("the last working day", date(2026, 5, 1))


# --- what moved it


@pytest.fixture
def sprint(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> SprintPage:
    page = SprintPage(look)
    qtbot.addWidget(page)
    page.wished.connect(wishes.append)
    page.resize(1000, 900)
    page.show_view(view)
    page.choose("sprint-1")
    page.show()
    return page


def _moved_it(wishes: list[Wish], found: Moved) -> None:
    asked = _last(wishes, ReadMoved)
    assert isinstance(asked, ReadMoved)
    asked.answered(found)


def test_what_moved_it_adds_up_and_opens_its_items(sprint: SprintPage, wishes: list[Wish]) -> None:
    _moved_it(wishes, moved())
    shown = [number for _, number, _ in sprint.movement.bars.lines]
    assert shown == ["+12.4", "−5.3", "−0.1", "+7.0"]
    sprint.movement.bars.findChildren(type(sprint.ask))[0].click()
    opened = _last(wishes, OpenClaim)
    assert isinstance(opened, OpenClaim)
    assert {e.id for e in opened.claim.evidence} == {f"issue:{API}#12"}
    sprint.chart.prepare()


def test_a_small_change_is_told_without_bars(sprint: SprintPage, wishes: list[Wish]) -> None:
    _moved_it(wishes, replace(moved(), before=0.6))
    assert not sprint.movement.bars.isVisible()
    assert "went from 60 % to 62 %" in sprint.movement.headline.replace(words.SPACE, " ")
    sprint.chart.prepare()


def test_without_a_number_then_there_is_nothing_to_compare(sprint: SprintPage, wishes: list[Wish]) -> None:
    _moved_it(wishes, Moved(before=None, after=0.62))
    assert "nothing to compare" in sprint.movement.headline
    sprint.chart.prepare()


def test_in_the_past_one_compares_with_the_time_before_it(sprint: SprintPage, view: View, wishes: list[Wish]) -> None:
    sprint.show_view(past_of(view))
    asked = _last(wishes, ReadMoved)
    assert isinstance(asked, ReadMoved)
    assert asked.past == THEN
    assert asked.moment < THEN
    assert not sprint.ask.isEnabled()
    sprint.chart.prepare()


@given(st.lists(st.integers(-3000, 3000), max_size=7))
def test_tenths_add_up_to_the_change_whatever_the_parts(parts: list[int]) -> None:
    total = sum(parts) / 10_000
    found = Moved(
        before=0.0, after=total, parts=tuple(MovedBy(cause="done", points=p / 10_000, words="") for p in parts)
    )
    shown = tenths(found)
    if parts:
        assert abs(sum(shown) - 1000 * total) <= 0.5 + 1e-6
    assert all(abs(one - p / 10) < 1 + 1e-9 for one, p in zip(shown, parts, strict=True))


# --- what if


@pytest.fixture
def one(view: View) -> SprintAnalysis:
    return view.all_sprints[1]


@pytest.fixture
def dialog(window: MainWindow, one: SprintAnalysis, view: View, wishes: list[Wish]) -> WhatIfDialog:
    made = WhatIfDialog(window, window.look, one, view, ITEM)
    made.wished.connect(wishes.append)
    return made


def test_a_slip_of_two_days_is_asked_at_once(dialog: WhatIfDialog, wishes: list[Wish], qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(wishes), timeout=5000)
    asked = wishes[-1]
    assert isinstance(asked, AskWhatIf)
    assert asked.question == Slip(ITEM, 2)


def test_the_answer_is_before_after_and_the_sentence(dialog: WhatIfDialog, wishes: list[Wish]) -> None:
    dialog.ask()
    asked = _last(wishes, AskWhatIf)
    assert isinstance(asked, AskWhatIf)
    asked.answered(what_if())
    assert [f.text().replace(words.SPACE, " ") for f in dialog.answer.figures] == ["62 %", "53 %"]
    assert dialog.answer.change.replace(words.SPACE, " ") == "−9 pts"
    assert "9 points less than now" in dialog.answer.sentence


def test_a_question_that_fails_says_why(dialog: WhatIfDialog, wishes: list[Wish]) -> None:
    dialog.ask()
    asked = _last(wishes, AskWhatIf)
    assert isinstance(asked, AskWhatIf)
    asked.failed("It is not an open item of this sprint.")
    assert dialog.answer.sentence == "It is not an open item of this sprint."


def test_a_dialog_that_was_closed_hears_no_answer(dialog: WhatIfDialog, wishes: list[Wish]) -> None:
    dialog.ask()
    asked = _last(wishes, AskWhatIf)
    assert isinstance(asked, AskWhatIf)
    dialog.reject()
    asked.answered(what_if())
    assert dialog.answer.change == ""


def test_what_can_be_asked_fits_the_item(one: SprintAnalysis) -> None:
    day = date(2026, 5, 20)
    asked = [choice.ask(3, day) for choice in choices_for(one, BLOCKED)]
    assert Slip(BLOCKED, 3) in asked
    assert Drop((BLOCKED,)) in asked
    assert Unblock(ITEM, BLOCKED) in asked
    assert not any(isinstance(question, Reviewed) for question in asked)
    assert [choice.ask(3, day) for choice in choices_for(one, "")] == [MoveEnd(day)]


def test_a_question_is_about_the_running_sprint_that_holds_the_item(view: View) -> None:
    found = sprint_for(view, "", ITEM)
    assert found is not None
    assert found.open > 0
    assert sprint_for(view, closed_first(), ITEM) is None
    assert sprint_for(view, "", "issue:no/such#1") is None


# --- retro


@pytest.fixture
def retro_page(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> RetroPage:
    page = RetroPage(look)
    qtbot.addWidget(page)
    page.wished.connect(wishes.append)
    page.show_view(view)
    page.show()
    asked = _last(wishes, ReadRetro)
    assert isinstance(asked, ReadRetro)
    asked.answered(retro(asked.sprint_id))
    return page


def test_a_retro_begins_with_the_sprint_that_is_over(retro_page: RetroPage, wishes: list[Wish]) -> None:
    assert [w.sprint_id for w in wishes if isinstance(w, ReadRetro)] == [closed_first()]
    assert retro_page.outcome.word == "It missed its end"


def test_a_retro_shows_course_steps_largest_jump_and_facts(retro_page: RetroPage) -> None:
    assert "It began at 70 % and ended at 40 %; it missed its end." in retro_page.chart.finding.replace(
        words.SPACE, " "
    )
    assert retro_page.biggest.isVisible()
    assert retro_page.biggest.bars.lines[-1][1] == "−24.0"
    assert len(retro_page.steps.said) == 2
    assert retro_page.facts.said[-1] == "The end was moved 1 time."
    assert "No recommendation of this sprint was accepted." in _texts(retro_page.advice)


def test_a_retro_of_the_past_is_read_as_of_then(retro_page: RetroPage, wishes: list[Wish], view: View) -> None:
    retro_page.show_view(past_of(view))
    asked = _last(wishes, ReadRetro)
    assert isinstance(asked, ReadRetro)
    assert asked.past == THEN
    assert not retro_page.facts.isVisible()
    asked.answered(replace(retro(asked.sprint_id), outcome=None))
    assert retro_page.outcome.word == "Not over then: this is how it went so far"
    assert retro_page.facts.isVisible()


def test_marks_on_the_course_are_words_on_lines() -> None:
    figure = retro_charts.course(retro("sprint-5"), NOW)
    assert [moment.text for moment in figure.plots[0].moments] == ["end moved"]
    assert len(figure.sheet.rows) == 3


def test_a_sprint_nobody_forecast_says_so(retro_page: RetroPage) -> None:
    retro_page._answered(replace(retro(closed_first()), points=(), steps=(), biggest=None, outcome=None))
    assert "No number was ever said" in retro_page.state.text()
    assert not retro_page.chart.isVisible()
    assert retro_page.outcome.word.startswith("Not over yet")


# --- what decides


@pytest.fixture
def simulated(view: View) -> View:
    """The view, with what the runs say of items and dependencies."""
    assert view.analysis is not None
    first = view.analysis.sprints[0]
    outlooks = (ItemOutlook(item_id=ITEM, late=0.61, critical=0.23, p50=date(2026, 5, 12), p85=date(2026, 5, 15)),)
    forecast = replace(
        first.forecast,
        outlooks=outlooks,
        critical_edges=(EdgeCriticality(source_id=ITEM, target_id=BLOCKED, share=0.17),),
        cycles=("web#44 and api#23 wait for each other",),
    )
    sprints = (replace(first, forecast=forecast), *view.analysis.sprints[1:])
    return View(now=view.now, analysis=replace(view.analysis, sprints=sprints))


def test_items_and_dependencies_say_how_often_they_decide(simulated: View) -> None:
    node = node_of(simulated, ITEM)
    assert node.numbers.replace(words.SPACE, " ") == "decides 23 % of the runs, late in 61 %"
    links = links_of(simulated, frozenset({samples.EdgeKind.BLOCKS}), only_open=True)
    deciding = {(k.edge.source_id, k.edge.target_id): k.deciding for k in links}
    assert deciding[ITEM, BLOCKED] == 0.17
    assert deciding[BLOCKED, f"issue:{APP}#9"] is None


def test_the_table_has_the_share_as_a_number_and_cycles_are_words(look: Look, qtbot: QtBot, simulated: View) -> None:
    page = DependenciesPage(look)
    qtbot.addWidget(page)
    page.show_view(simulated)
    page.show()
    page._as.button(TABLE).click()
    column = next(n for n, c in enumerate(page.table.columns) if c.name == "Decides")
    shown = [page.table.columns[column].text(row) for row in page.table.rows]
    assert words.percent(0.17) in shown
    assert cycles_in_words(simulated) == ("web#44 and api#23 wait for each other",)
    assert page.cycles.sentence == "web#44 and api#23 wait for each other"


# --- errands


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def errands(window: MainWindow, complaints: list[str]) -> tuple[QuestionErrands, TaskOwner]:
    tasks = TaskOwner(complaints.append)
    return QuestionErrands(window, tasks, lambda _wish: None), tasks


def _trust(said: list[object]) -> ReadTrust:
    return ReadTrust(said.append, said.append)


async def test_of_two_questions_the_newer_is_answered(errands: tuple[QuestionErrands, TaskOwner], view: View) -> None:
    asked, tasks = errands
    workspace = PastWorkspace(gate=asyncio.Event())
    first, second = list[object](), list[object]()
    asked.run(workspace, _trust(first), view)
    await asyncio.sleep(0)
    asked.run(workspace, _trust(second), view)
    assert workspace.gate is not None
    workspace.gate.set()
    await tasks.rest()
    assert (len(first), len(second)) == (0, 1)


@pytest.mark.parametrize(("wrong", "said"), [(GalaxyError("Nobody knows."), "Nobody knows."), (KeyError("x"), BUG)])
async def test_what_goes_wrong_is_told_where_it_was_asked(
    errands: tuple[QuestionErrands, TaskOwner],
    view: View,
    wrong: Exception,
    said: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked, tasks = errands
    told: list[object] = []
    asked.run(PastWorkspace(wrong=wrong), _trust(told), view)
    await tasks.rest()
    assert told == [said]
    caplog.clear()


async def test_a_workspace_that_is_gone_answers_nobody(errands: tuple[QuestionErrands, TaskOwner], view: View) -> None:
    asked, tasks = errands
    told: list[object] = []
    workspace = PastWorkspace(gate=asyncio.Event())
    asked.run(workspace, _trust(told), view)
    await asyncio.sleep(0)
    asked.let_go()
    await tasks.rest()
    assert told == []


async def test_without_answers_the_page_is_told(errands: tuple[QuestionErrands, TaskOwner], view: View) -> None:
    told: list[object] = []
    errands[0].run(FakeWorkspace(), _trust(told), view)
    assert told == [NOT_YET]


def test_what_if_about_finished_work_is_refused_in_words(
    errands: tuple[QuestionErrands, TaskOwner], window: MainWindow, view: View
) -> None:
    errands[0].run(PastWorkspace(), OpenWhatIf("", "issue:no/such#1"), view)
    assert window.message.sentence == NO_SPRINT
