"""The clones in Settings: a row a tracked repository, a folder chosen in a dialog, and what is wrong said under it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from galaxy_desktop.settings import Settings
from galaxy_desktop.ui.pages.clones_card import ClonesCard
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import ChangeSetting, Wish
from tests.ui.samples import API


@pytest.fixture
def card(qtbot: QtBot, wishes: list[Wish], view: View) -> ClonesCard:
    made = ClonesCard()
    qtbot.addWidget(made)
    made.wished.connect(wishes.append)
    made.show_view(view)
    made.show()
    return made


def told(view: View, text: str) -> View:
    return replace(view, settings=Settings({"code_folders": text}))


def test_every_tracked_repository_has_a_row(card: ClonesCard, view: View) -> None:
    assert view.analysis is not None
    assert list(card.rows) == [one.repository.full_name for one in view.analysis.repositories]
    assert card.rows[API].folder.text == "No folder chosen"
    assert not card.rows[API].remove.isVisible()


def test_a_chosen_folder_is_wished_for_beside_the_others(card: ClonesCard, view: View, wishes: list[Wish]) -> None:
    card.show_view(told(view, "o/else = /b"))
    card.rows[API].chosen.emit("/a")
    (wish,) = wishes
    assert isinstance(wish, ChangeSetting)
    assert (wish.name, wish.text) == ("code_folders", f"o/else = /b; {API} = /a")


def test_a_folder_is_shown_and_can_be_removed(card: ClonesCard, view: View, wishes: list[Wish]) -> None:
    card.show_view(told(view, f"{API.upper()} = /a"))
    assert card.rows[API].folder.text == "/a"
    card.rows[API].remove.click()
    assert [one.text for one in wishes if isinstance(one, ChangeSetting)] == [""]


def test_what_is_wrong_with_a_folder_is_said_under_its_row(card: ClonesCard, wishes: list[Wish]) -> None:
    card.rows[API].chosen.emit("/a")
    (wish,) = wishes
    assert isinstance(wish, ChangeSetting)
    assert wish.answered is not None
    wish.answered("/a is not a clone of it.")
    assert card.rows[API].note.isVisible()
    assert card.rows[API].note.text() == "/a is not a clone of it."


def test_the_dialog_asks_for_a_folder_and_answers_later(card: ClonesCard, wishes: list[Wish]) -> None:
    row = card.rows[API]
    row.choose.click()
    row.dialog.fileSelected.emit("/a")
    row.dialog.close()
    assert len(wishes) == 1


def test_without_a_repository_the_card_says_what_to_do_first(card: ClonesCard, view: View) -> None:
    card.show_view(replace(view, analysis=None))
    assert card.rows == {}
