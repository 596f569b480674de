"""The Ask page and the palette: what is asked, what is shown for it, what opens, and what a question can not do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.asking import Answer, Understood
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.domain.recorded import PassedOver
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.ui import words
from galaxy_desktop.ui.ask_errands import BUG, NOT_YET, READING, AskErrands
from galaxy_desktop.ui.ask_wishes import AskQuestion, OpenAsk, OpenPalette, ReadPassedOver, StopAsking
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.pages.ask import LOOKING, AnswerCard, AskPage, examples
from galaxy_desktop.ui.palette import Palette, entries, matches
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import OpenClaim, OpenPage, OpenSprint, SyncNow, Wish
from tests.ui.fakes import FakeWorkspace
from tests.ui.samples import API, NOW
from tests.ui.time_fakes import THEN

CITED = Evidence(f"issue:{API}#17", "issue", "https://example.com/17", "Work", NOW)
COMMENT = Evidence(f"comment:{API}#5", "comment", "https://example.com/5", "we wait for the invoices", NOW)


def answer(question: str = "what blocks us?", **more: Any) -> Answer:
    """An answer of one sentence."""
    return replace(
        Answer(
            question=question, understood=Understood(), mode="facts", sentences=(Sentence("It waits.", (CITED.id,)),),
            sources=(CITED,), found=(COMMENT,), formulas=("2 of 5",), made_at=NOW, as_of=NOW,
        ),
        **more,
    )  # fmt: skip


def _said(widget: object) -> str:
    labels = widget.findChildren(QLabel)  # type: ignore[attr-defined]
    return (
        "\n".join(label.text() for label in labels if not label.isHidden())
        .replace(words.SPACE, " ")
        .replace(words.BREAK, "")
    )


def _press(widget: object, text: str) -> None:
    buttons = widget.findChildren(QPushButton)  # type: ignore[attr-defined]
    next(button for button in buttons if button.text().replace(words.SPACE, " ").startswith(text)).click()


@pytest.fixture
def page(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> AskPage:
    made = AskPage(look)
    qtbot.addWidget(made)
    made.wished.connect(wishes.append)
    made.resize(900, 800)
    made.show_view(view)
    made.show()
    assert [type(wish) for wish in wishes] == [ReadPassedOver]
    wishes.clear()
    return made


def _ask(page: AskPage, wishes: list[Wish], question: str = "what blocks us?") -> AskQuestion:
    page.ask(question)
    asked = wishes[-1]
    assert isinstance(asked, AskQuestion)
    return asked


def test_the_button_asks_what_was_typed_and_needs_something_typed(
    page: AskPage, wishes: list[Wish], qtbot: QtBot
) -> None:
    assert not page.go.isEnabled()
    QTest.keyClicks(page.field, "what  blocks us?")
    page.go.click()
    [asked] = wishes
    assert isinstance(asked, AskQuestion)
    assert asked.question == "what blocks us?"
    assert asked.past is None
    assert page.state.text() == LOOKING


def test_enter_asks_too(page: AskPage, wishes: list[Wish], qtbot: QtBot) -> None:
    QTest.keyClicks(page.field, "what is late?")
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    assert [type(wish) for wish in wishes] == [AskQuestion]


def test_an_answer_shows_sentences_sources_and_what_was_found(page: AskPage, wishes: list[Wish]) -> None:
    _ask(page, wishes).answered(answer())
    said = _said(page)
    assert "It waits." in said
    assert "Worded by code from stored facts, as of" in said
    assert "Also found" in said
    assert "“we wait for the invoices”" in said


def test_every_sentence_opens_what_it_rests_on(page: AskPage, wishes: list[Wish]) -> None:
    _ask(page, wishes).answered(answer())
    _press(page.findChild(AnswerCard), words.reference(CITED.id))
    opened = wishes[-1]
    assert isinstance(opened, OpenClaim)
    assert opened.claim.evidence == (CITED,)


def test_what_cannot_be_told_is_said_with_what_comes_closest(page: AskPage, wishes: list[Wish]) -> None:
    _ask(page, wishes).answered(
        answer(mode="nothing", sentences=(), sources=(), limits=("I can't tell from what I have.",), formulas=())
    )
    said = _said(page)
    assert "I can't tell from what I have." in said
    assert "What comes closest" in said
    assert "Nothing that is stored answers this" in said


def test_sentences_that_did_not_check_out_are_shown_on_request(page: AskPage, wishes: list[Wish]) -> None:
    _ask(page, wishes).answered(answer(mode="model", removed=(("All is fine.", "no fact says so"),)))
    assert "All is fine." not in _said(page)
    _press(page, "Show 1 sentence that")
    opened = wishes[-1]
    assert isinstance(opened, OpenClaim)
    assert "All is fine." in opened.claim.note


def test_an_answer_that_was_kept_names_its_age(page: AskPage, wishes: list[Wish]) -> None:
    _ask(page, wishes).answered(answer(cached=True, made_at=THEN))
    assert f"Answered {words.clock(THEN, NOW)}; nothing changed since." in _said(page)


def test_who_could_not_answer_is_told_with_the_answer_and_listed_afterwards(
    page: AskPage, wishes: list[Wish], view: View
) -> None:
    who = "ollama is not reachable. This computer is asked instead."
    _ask(page, wishes).answered(answer(mode="model", model="tiny", passed_over=(who,)))
    said = _said(page.findChild(AnswerCard))
    assert who in said
    assert "Worded by code and by tiny; every sentence was checked" in said
    asked = wishes[-1]
    assert isinstance(asked, ReadPassedOver)
    asked.answered((PassedOver(run_id="answer/1", at=THEN, model="tiny", sentences=(who,)),))
    assert page.lately.isVisible()
    assert f"{words.clock(THEN, NOW)}: {who}" in _said(page.lately)
    asked.answered(())
    assert not page.lately.isVisible()


def test_before_anything_was_evaluated_nobody_is_asked_who_could_not_answer(look: Look, qtbot: QtBot) -> None:
    made, wished = AskPage(look), list[Wish]()
    qtbot.addWidget(made)
    made.wished.connect(wished.append)
    made.show_view(View(now=NOW))
    made.show()
    assert wished == []


def test_copying_gives_sentences_and_links(page: AskPage, wishes: list[Wish]) -> None:
    _ask(page, wishes).answered(answer())
    _press(page, "Copy with links")
    copied = QApplication.clipboard().text()
    assert "It waits." in copied
    assert "https://example.com/17" in copied


def test_an_answer_to_an_earlier_question_is_not_shown(page: AskPage, wishes: list[Wish]) -> None:
    first = _ask(page, wishes, "first?")
    _ask(page, wishes, "second?")
    first.answered(answer("first?"))
    assert page.answer is None


def test_a_failure_is_said_in_place_of_the_answer(page: AskPage, wishes: list[Wish]) -> None:
    _ask(page, wishes).failed("There is no evaluation yet.")
    assert page.state.text() == "There is no evaluation yet."
    assert not page.stop.isVisible()


def test_a_question_that_came_too_early_is_asked_again_with_the_next_evaluation(
    page: AskPage, wishes: list[Wish], view: View
) -> None:
    _ask(page, wishes).failed("There is no evaluation yet.")
    wishes.clear()
    page.show_view(replace(view, now=THEN))
    assert [wish.question for wish in wishes if isinstance(wish, AskQuestion)] == ["what blocks us?"]
    wishes[0].failed("There is no evaluation yet.")  # type: ignore[union-attr]
    page.field.setText("something else")
    wishes.clear()
    page.show_view(view)
    assert wishes == []


def test_sentences_that_rest_on_the_same_share_their_chips(page: AskPage, wishes: list[Wish]) -> None:
    both = (
        Sentence("It waits.", (CITED.id,)),
        Sentence("It is idle.", (CITED.id,)),
        Sentence("A word.", (COMMENT.id,)),
    )
    _ask(page, wishes).answered(answer(sentences=both, sources=(CITED, COMMENT), found=()))
    card = page.findChild(AnswerCard)
    assert "It waits. It is idle." in _said(card)
    chips = [button for button in card.findChildren(QPushButton) if words.reference(CITED.id) in button.text()]
    assert len(chips) == 1


def test_a_refusal_is_no_search_that_found_nothing(page: AskPage, wishes: list[Wish]) -> None:
    refused = Understood(limits=("People are not compared here.",), refused=True)
    _ask(page, wishes).answered(
        answer(
            understood=refused, mode="nothing", sentences=(), sources=(), found=(), limits=refused.limits, formulas=()
        )
    )
    said = _said(page)
    assert "Nothing was looked up for this." in said
    assert "Nothing that is stored answers this" not in said


def test_stopping_says_so(page: AskPage, wishes: list[Wish]) -> None:
    _ask(page, wishes)
    page.stop.click()
    assert isinstance(wishes[-1], StopAsking)
    assert page.state.text().startswith("Stopped.")


def test_examples_ask_about_the_sprint_that_ends_first_and_later_questions_come_first(
    page: AskPage, wishes: list[Wish], view: View
) -> None:
    assert examples(view)[0].startswith("Will Sprint")
    page.ask("my own?")
    page.ask("another?")
    names = [b.accessibleName() for b in page.findChildren(QPushButton)]
    assert next(name for name in names if name.startswith("Ask: ")) == "Ask: my own?"


def test_asking_in_the_past_asks_of_then(page: AskPage, wishes: list[Wish], view: View) -> None:
    _ask(page, wishes).answered(answer())
    page.show_view(replace(view, past=THEN, now=THEN))
    assert page.answer is None
    assert _ask(page, wishes).past == THEN


def test_markup_in_words_of_others_is_shown_as_it_is(page: AskPage, wishes: list[Wish]) -> None:
    nasty = replace(COMMENT, quote="<b>bold</b><img src=x>")
    _ask(page, wishes).answered(answer(found=(nasty,)))
    assert "<b>bold</b><img src=x>" in _said(page)


# --- the palette


def test_everything_that_has_a_name_can_be_called(view: View) -> None:
    known = tuple(entries(view))
    assert matches(known, "trust")[0].wish == OpenPage("trust")
    assert any(isinstance(one.wish, OpenSprint) for one in matches(known, "sprint"))
    assert matches(known, "sync now")[0].wish == SyncNow()
    assert isinstance(matches(known, "#17")[0].wish, OpenClaim)


def test_what_reads_like_a_question_is_asked_first_and_all_else_can_be(view: View) -> None:
    known = tuple(entries(view))
    assert matches(known, "what blocks us")[0].wish == OpenAsk("what blocks us")
    assert matches(known, "trust")[-1].wish == OpenAsk("trust")


def test_without_typing_items_are_not_listed(view: View) -> None:
    assert not any(one.kind.startswith("item") for one in matches(tuple(entries(view)), " "))


def test_arrows_choose_and_enter_takes(
    look: Look, qtbot: QtBot, window: MainWindow, view: View, wishes: list[Wish]
) -> None:
    palette = Palette(window, look, view)
    palette.wished.connect(wishes.append)
    palette.open()
    QTest.keyClicks(palette.field, "s")
    second = palette.shown[1].wish
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert wishes == [second]


# --- carrying it out


class Asked(FakeWorkspace):
    """A workspace that answers, or fails as told."""

    error: Exception | None = None

    async def ask(self, question: str, moment: datetime | None = None) -> Answer:
        """The answer, after a turn of the loop."""
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return answer(question)


@pytest.fixture
def tasks() -> TaskOwner:
    return TaskOwner(lambda _sentence: None)


async def test_the_newest_question_wins(window: MainWindow, tasks: TaskOwner, analysis: Any, view: View) -> None:
    errands, told = AskErrands(window, tasks, lambda _wish: None), list[str]()
    workspace = Asked(analysis)
    for question in ("first?", "second?"):
        errands.run(workspace, AskQuestion(question, lambda found: told.append(found.question), told.append), view)
    await tasks.rest()
    assert told == ["second?"]


@pytest.mark.usefixtures("caplog")
@pytest.mark.parametrize(
    ("error", "said"), [(GalaxyError("Nothing is stored yet."), "Nothing is stored yet."), (RuntimeError("bug"), BUG)]
)
async def test_what_fails_is_told_in_words(window: MainWindow, view: View, error: Exception, said: str) -> None:
    complaints: list[str] = []
    tasks = TaskOwner(complaints.append)
    workspace, told = Asked(view.analysis), list[str]()
    workspace.error = error
    AskErrands(window, tasks, lambda _wish: None).run(
        workspace, AskQuestion("x?", lambda _found: None, told.append), view
    )
    await tasks.rest()
    assert told == [said]


def test_a_workspace_that_cannot_answer_says_so(
    window: MainWindow, tasks: TaskOwner, analysis: Any, view: View
) -> None:
    told: list[str] = []
    AskErrands(window, tasks, lambda _wish: None).run(
        FakeWorkspace(analysis), AskQuestion("x?", lambda _found: None, told.append), view
    )
    assert told == [NOT_YET]


def test_the_palette_opens_the_page_and_asks(
    window: MainWindow, tasks: TaskOwner, analysis: Any, view: View, wishes: list[Wish]
) -> None:
    window.show_view(view)
    window.wished.connect(wishes.append)
    AskErrands(window, tasks, lambda _wish: None).run(FakeWorkspace(analysis), OpenAsk("what blocks us?"), view)
    assert window.current == "ask"
    assert [wish.question for wish in wishes if isinstance(wish, AskQuestion)] == ["what blocks us?"]


def test_the_palette_is_opened_by_its_wish(window: MainWindow, tasks: TaskOwner, analysis: Any, view: View) -> None:
    AskErrands(window, tasks, lambda _wish: None).run(FakeWorkspace(analysis), OpenPalette(), view)
    assert window.findChild(Palette) is not None


class Worded(Asked):
    """A workspace whose model has something to add, after a while."""

    def __init__(self, analysis: Any) -> None:
        super().__init__(analysis)
        self.gate, self.began, self.flags = asyncio.Event(), asyncio.Event(), list[Any]()

    async def ask_further(self, found: Answer, stop: Any) -> Answer:
        """The answer with one more sentence."""
        self.flags.append(stop)
        self.began.set()
        await self.gate.wait()
        return replace(found, mode="model", sentences=(*found.sentences, Sentence("More.", (CITED.id,))))


async def test_the_facts_are_shown_before_the_model_has_its_say(
    window: MainWindow, tasks: TaskOwner, view: View
) -> None:
    workspace, told, states = Worded(view.analysis), list[Answer](), list[str]()
    errands = AskErrands(window, tasks, lambda _wish: None)
    errands.run(workspace, AskQuestion("x?", told.append, lambda _said: None, working=states.append), view)
    await workspace.began.wait()
    assert ([found.mode for found in told], states) == (["facts"], [READING])
    workspace.gate.set()
    await tasks.rest()
    assert ([found.mode for found in told], states) == (["facts", "model"], [READING, ""])


async def test_stopping_stops_the_model_and_keeps_the_answer_of_the_facts(
    window: MainWindow, tasks: TaskOwner, view: View
) -> None:
    workspace, told = Worded(view.analysis), list[Answer]()
    errands = AskErrands(window, tasks, lambda _wish: None)
    errands.run(workspace, AskQuestion("x?", told.append, lambda _said: None), view)
    await workspace.began.wait()
    errands.run(workspace, StopAsking(), view)
    await tasks.rest()
    assert workspace.flags[0].is_set()
    assert [found.mode for found in told] == ["facts"]


def test_the_palette_is_as_high_as_what_it_offers(look: Look, qtbot: QtBot, view: View, window: MainWindow) -> None:
    palette = Palette(window, look, view)
    qtbot.addWidget(palette)
    whole = palette.list.height()
    palette.field.setText("what is red?")
    assert len(palette.shown) == 1
    assert palette.list.height() < whole
