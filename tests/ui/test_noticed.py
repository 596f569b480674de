"""What the model noticed: named as the model's, with evidence, judged by people, and never in the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.noticed import Noticed, NoticedKind, Opinion
from galaxy_desktop.ui import words
from galaxy_desktop.ui.ask_errands import AskErrands
from galaxy_desktop.ui.ask_wishes import ReadNoticed, SayOfNoticed
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.pages.noticed_card import ABOUT, NoticedCard
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import Wish
from tests.ui.fakes import FakeWorkspace
from tests.ui.samples import API, NOW
from tests.ui.time_fakes import THEN

ONE = Noticed(
    sprint_id="", kind=NoticedKind.RISK, text="Both wait for a review.", evidence=(f"issue:{API}#17", f"issue:{API}#18"),
    model="small", noticed_at=NOW,
)  # fmt: skip


@pytest.fixture
def card(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> NoticedCard:
    made = NoticedCard(look, wishes.append, lambda _title, _ids: None)
    qtbot.addWidget(made)
    made.show_sprint(view.sprints[0], view)
    return made


def _answer(wishes: list[Wish], *found: Noticed) -> None:
    asked = [wish for wish in wishes if isinstance(wish, ReadNoticed)][-1]
    asked.answered(found)


def _said(card: NoticedCard) -> str:
    return "\n".join(label.text() for label in card.findChildren(QLabel)).replace(words.BREAK, "")


def _button(card: NoticedCard, text: str) -> QPushButton:
    return next(button for button in card.findChildren(QPushButton) if button.text() == text)


def test_without_anything_noticed_there_is_no_card(card: NoticedCard, wishes: list[Wish]) -> None:
    _answer(wishes)
    assert card.isHidden()


def test_a_pattern_is_named_as_the_models_and_says_that_it_moves_no_number(
    card: NoticedCard, wishes: list[Wish]
) -> None:
    _answer(wishes, ONE)
    assert not card.isHidden()
    assert card.accessibleName() == "Noticed by the model"
    said = _said(card)
    assert "Both wait for a review." in said
    assert "May go wrong" in said
    assert ABOUT in said


def test_a_verdict_is_kept_and_read_again(card: NoticedCard, wishes: list[Wish]) -> None:
    _answer(wishes, ONE)
    _button(card, "Of no use").click()
    said = wishes[-1]
    assert isinstance(said, SayOfNoticed)
    assert (said.noticed_id, said.opinion) == (ONE.id, Opinion.NOT_USEFUL)
    said.done()
    assert isinstance(wishes[-1], ReadNoticed)


def test_what_was_of_no_use_is_folded_away_and_can_be_seen(card: NoticedCard, wishes: list[Wish]) -> None:
    _answer(wishes, replace(ONE, opinion=Opinion.NOT_USEFUL))
    assert card.shown == []
    _button(card, "Show 1 that you found of no use").click()
    assert len(card.shown) == 1
    _button(card, "Undo").click()
    assert isinstance(wishes[-1], SayOfNoticed)


def test_in_the_past_nothing_of_later_is_shown_and_nothing_can_be_said(
    card: NoticedCard, wishes: list[Wish], view: View
) -> None:
    card.show_sprint(view.sprints[0], replace(view, past=THEN, now=THEN))
    _answer(wishes, ONE)
    assert card.shown == []
    _answer(wishes, replace(ONE, noticed_at=THEN))
    assert not _button(card, "Useful").isEnabled()


class Noticing(FakeWorkspace):
    """A workspace in which something was noticed."""

    said: Any = None

    async def noticed(self, sprint_id: str) -> tuple[Noticed, ...]:
        """One pattern."""
        await asyncio.sleep(0)
        return (replace(ONE, sprint_id=sprint_id),)

    async def say_of_noticed(self, noticed_id: str, opinion: Opinion | None) -> None:
        """Remember it."""
        self.said = (noticed_id, opinion)


async def test_errands_read_and_keep_verdicts(window: MainWindow, view: View) -> None:
    tasks, workspace, found = TaskOwner(lambda _sentence: None), Noticing(view.analysis), list[Any]()
    errands = AskErrands(window, tasks, lambda _wish: None)
    errands.run(workspace, ReadNoticed("s", found.extend), view)
    errands.run(workspace, SayOfNoticed("n", Opinion.USEFUL, lambda: found.append("kept")), view)
    await tasks.rest()
    assert workspace.said == ("n", Opinion.USEFUL)
    assert "kept" in found
    assert len(found) == 2
