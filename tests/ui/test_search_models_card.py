"""The card of search models: the cost is told before anything begins, and while an index is prepared, how far it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QPushButton

from galaxy_desktop.domain.events import SearchFellBack, SearchIndexMoved
from galaxy_desktop.domain.search_models import SearchState
from galaxy_desktop.errors import ModelError
from galaxy_desktop.ui.models_dialogs import Question
from galaxy_desktop.ui.pages.models import ModelsPage
from galaxy_desktop.ui.pages.models_search_card import SearchModelsCard, about, standing, state_words
from galaxy_desktop.ui.theme import Tone
from tests.ui.conftest import Stage
from tests.ui.fake_models import FakeModels
from tests.ui.fake_search_models import LARGE, MINE, USUAL, FakeSearchModels

HALF = SearchState(model="bge-large", done=2_700, total=5_400, seconds_left=930.0)


@pytest.fixture
def desk(stage: Stage) -> FakeSearchModels:
    stage.workspace.models = FakeModels()  # type: ignore[attr-defined]
    made = FakeSearchModels(stage.workspace)
    stage.workspace.search_models = made  # type: ignore[attr-defined]
    return made


@pytest.fixture
async def card(stage: Stage, desk: FakeSearchModels) -> SearchModelsCard:
    stage.window.open_page("models")
    await stage.rest()
    page = stage.window.page("models")
    assert isinstance(page, ModelsPage)
    return page.search


async def asked(stage: Stage) -> Question:
    for _ in range(4000):
        found = [one for one in stage.window.findChildren(Question) if one.isVisible()]
        if found:
            return found[-1]
        await asyncio.sleep(0)
        await asyncio.sleep(0.002)
    raise AssertionError("nothing was asked")


async def done(stage: Stage) -> None:
    """Everything that was asked for has happened; another page is shown, so that nothing is read after the test."""
    await stage.rest()
    stage.conductor._painting.flush()
    stage.window.open_page("overview")
    await stage.rest()


def chosen(stage: Stage) -> str:
    return stage.workspace.settings.text("search_model")


async def press(button: QPushButton, stage: Stage) -> Question:
    button.click()
    return await asked(stage)


def test_what_a_model_does_now_is_said_in_words() -> None:
    assert standing(USUAL) == ("In use", Tone.GOOD)
    assert standing(replace(USUAL, used=False))[0] == "Answers until the other is done"
    assert standing(replace(LARGE, used=True)) == ("Being prepared", Tone.ACCENT)
    assert standing(LARGE)[0] == ""
    assert about(LARGE) == "in the models folder  ·  1,024 numbers a text  ·  1,340 MB"
    assert about(MINE) == "localhost:11434, on this computer  ·  off"


def test_how_far_an_index_is_is_said_with_what_is_left_and_who_answers_meanwhile() -> None:
    assert state_words(HALF) == (
        "bge-large: 2,700 of 5,400 texts, about 16 min of work left. The old index (the usual search model) answers until "
        "it is done."
    )
    assert "reading what there is to index" in state_words(SearchState(model="bge-large", answers="tiny"))
    assert "(tiny)" in state_words(SearchState(model="bge-large", answers="tiny"))
    assert state_words(replace(HALF, problem="It rests.")) == "It rests."
    assert state_words(SearchState(model="bge-large", ready=True)) == ""


async def test_every_model_has_a_row_and_only_what_can_be_done_a_button(card: SearchModelsCard) -> None:
    assert list(card.buttons) == ["Use bge-large", "Remove bge-large", "Use provider:mine"]
    assert card.signs["all-minilm-l6-v2"].word == "In use"
    assert "/models" in card.more.text()
    assert card.progress.isHidden()


async def test_the_cost_is_told_and_nothing_begins_before_a_person_says_so(
    stage: Stage, desk: FakeSearchModels, card: SearchModelsCard
) -> None:
    dialog = await press(card.buttons["Use bge-large"], stage)
    for word in (
        "5,400 texts",
        "30 min of work at 3 texts a second",
        "Disk: about 60 MB (71.0 GB are free)",
        "Memory: about 1.5 GB",
    ):
        assert word in dialog.said
    assert "answered with the old index until it is done" in dialog.said
    assert chosen(stage) == "all-minilm-l6-v2"
    dialog.reject()
    await stage.rest()
    assert chosen(stage) == "all-minilm-l6-v2"
    (await press(card.buttons["Use bge-large"], stage)).yes.click()
    await stage.rest()
    assert chosen(stage) == "bge-large"
    assert "The old index answers until it is done" in stage.window.message.sentence
    await done(stage)


async def test_a_provider_is_agreed_to_in_the_same_dialog_and_not_by_enter(
    stage: Stage, desk: FakeSearchModels, card: SearchModelsCard
) -> None:
    desk.line = "localhost:11434 is sent the whole text of everything."
    dialog = await press(card.buttons["Use provider:mine"], stage)
    assert desk.line in dialog.said
    assert (dialog.yes.text(), dialog.no.isDefault()) == ("Agree and index", True)
    assert ("agree", "provider:mine") not in desk.asked
    dialog.yes.click()
    await stage.rest()
    assert ("agree", "provider:mine") in desk.asked
    assert chosen(stage) == "provider:mine#mark"
    card.buttons["Withdraw from provider:mine"].click()
    await stage.rest()
    assert ("withdraw", "provider:mine") in desk.asked
    assert chosen(stage) == "all-minilm-l6-v2"
    await done(stage)


async def test_a_model_that_cannot_be_measured_says_why(
    stage: Stage, desk: FakeSearchModels, card: SearchModelsCard
) -> None:
    desk.wrong = ModelError("The weights cannot be read.")
    card.buttons["Use bge-large"].click()
    assert not card.measuring.isHidden()
    assert "bge-large" in card.trial.text()
    await stage.rest()
    assert card.measuring.isHidden()
    assert card.note.text() == "The weights cannot be read."
    await done(stage)


async def test_news_of_the_index_move_the_bar_and_cancel_goes_back_after_asking(
    stage: Stage, desk: FakeSearchModels, card: SearchModelsCard
) -> None:
    await stage.workspace.change_setting("search_model", "bge-large")
    desk.state = HALF
    stage.workspace.publish(SearchIndexMoved(HALF))
    assert card.state.text() == state_words(HALF)
    assert not card.bar.isHidden()
    card.read()
    await stage.rest()
    dialog = await press(card.cancel, stage)
    assert "2,700 texts that were indexed are given up" in dialog.said
    dialog.yes.click()
    await stage.rest()
    assert chosen(stage) == "all-minilm-l6-v2"
    await done(stage)


async def test_an_index_that_is_whole_shows_no_bar_and_a_problem_shows_itself(
    stage: Stage, card: SearchModelsCard
) -> None:
    stage.workspace.publish(SearchIndexMoved(replace(HALF, ready=True)))
    assert card.progress.isHidden()
    stage.workspace.publish(SearchIndexMoved(replace(HALF, problem="mine rests until 12:03.")))
    assert card.state.text() == "mine rests until 12:03."
    assert not card.cancel.isHidden()


async def test_files_are_removed_only_after_asking(
    stage: Stage, desk: FakeSearchModels, card: SearchModelsCard
) -> None:
    dialog = await press(card.buttons["Remove bge-large"], stage)
    assert "frees 1,340 MB" in dialog.said
    dialog.reject()
    await stage.rest()
    (await press(card.buttons["Remove bge-large"], stage)).yes.click()
    await stage.rest()
    assert [one for one in desk.asked if one[0] == "remove"] == [("remove", "bge-large")]
    await done(stage)


async def test_reading_again_leaves_the_keyboard_where_it_is(
    stage: Stage, desk: FakeSearchModels, card: SearchModelsCard
) -> None:
    button = card.buttons["Use bge-large"]
    card.read()
    await stage.rest()
    assert card.buttons["Use bge-large"] is button
    desk.models = (*desk.models, replace(LARGE, name="e5", title="e5"))
    card.read()
    await stage.rest()
    assert "Use e5" in card.buttons
    await done(stage)


async def test_a_search_that_fell_back_is_said_above_the_page(stage: Stage) -> None:
    stage.workspace.publish(SearchFellBack("Nothing answers at localhost."))
    assert stage.window.message.sentence == "Nothing answers at localhost."


async def test_without_a_desk_there_is_no_card(stage: Stage) -> None:
    stage.workspace.models = FakeModels()  # type: ignore[attr-defined]
    stage.window.open_page("models")
    await stage.rest()
    page = stage.window.page("models")
    assert isinstance(page, ModelsPage)
    assert page.search.isHidden()
    await done(stage)
