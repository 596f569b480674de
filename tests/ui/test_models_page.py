"""The Models page: what it says of every model, what can be done, and that nothing is downloaded unasked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.events import ModelStood, ProseArrived, ProsePending, TransferMoved
from galaxy_desktop.domain.findings import Explanation
from galaxy_desktop.domain.models import EngineState, Fit, ModelFacts, Presence, Standing, TransferKind, TransferState
from galaxy_desktop.errors import ModelError, RefusedError
from galaxy_desktop.ui import models_words
from galaxy_desktop.ui.models_dialogs import AddressDialog, Question
from galaxy_desktop.ui.models_wishes import Download, ReadModels
from galaxy_desktop.ui.pages.models import ModelsPage
from galaxy_desktop.ui.pages.models_card import possible
from galaxy_desktop.ui.search_wishes import ReadSearchModels
from galaxy_desktop.ui.theme import Look, Tone
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import OpenPage, Wish
from galaxy_desktop.ui.wizard import Wizard
from tests.ui.conftest import Stage
from tests.ui.fake_models import GB, USED, VECTORS, FakeModels, a_fit, a_model, a_transfer

D = TypeVar("D", bound=QDialog)
PART, HERE = Presence.PART, Presence.HERE
RUNNING, PAUSED, FAILED = TransferState.RUNNING, TransferState.PAUSED, TransferState.FAILED
SPACE = "\u00a0"
BROKEN = "The model file large.gguf cannot be loaded: it is damaged or incomplete. Fetch it again."


@pytest.fixture
def desk(stage: Stage) -> FakeModels:
    stage.workspace.models = FakeModels()  # type: ignore[attr-defined]
    return stage.workspace.models  # type: ignore[attr-defined,no-any-return]


@pytest.fixture
async def page(stage: Stage, desk: FakeModels) -> ModelsPage:
    stage.window.open_page("models")
    await stage.rest()
    made = stage.window.page("models")
    assert isinstance(made, ModelsPage)
    return made


async def _opened(stage: Stage, kind: type[D]) -> D:
    for _ in range(4000):
        found = [one for one in stage.window.findChildren(kind) if one.isVisible()]
        if found:
            return found[-1]
        await asyncio.sleep(0.005)
    raise AssertionError(f"no {kind.__name__} was opened")


async def _show(page: ModelsPage, stage: Stage, desk: FakeModels, *models: ModelFacts) -> None:
    desk.models = models
    page.read()
    await stage.rest()
    page.table.choose(models[-1].name)


async def _painted(stage: Stage) -> None:
    """Let a change of settings reach the page while the event loop runs: its timer would do so after the test."""
    await stage.rest()
    stage.conductor._painting.flush()
    await stage.rest()


def _buttons(page: ModelsPage) -> list[str]:
    return [button.text() for button in page.card.buttons.values() if not button.isHidden()]


def _standing(state: EngineState, **more: object) -> Standing:
    return Standing(name="small", state=state, **more)  # type: ignore[arg-type]


# --- the model in use


async def test_loading_shows_how_far_it_is_and_can_be_stopped(page: ModelsPage, stage: Stage, desk: FakeModels) -> None:
    page.table.choose("small")
    page.hear(ModelStood(_standing(EngineState.LOADING)))
    assert page.card.line.words == "Loading it into memory"
    page.hear(ModelStood(_standing(EngineState.LOADING, share=0.42)))
    assert page.card.line.words == f"Loading it into memory, 42{SPACE}%"
    assert not page.card.line.isHidden()
    assert _buttons(page)[0] == "Stop loading"
    page.card.buttons["stop"].click()
    await stage.rest()
    assert ("stop loading",) in desk.asked
    page.hear(ModelStood(_standing(EngineState.STOPPED)))
    assert page.card.standing.text().startswith("Its loading was stopped.")
    assert (page.card.line.isHidden(), _buttons(page)[0]) == (True, "Load")


async def test_a_model_that_cannot_be_loaded_says_why_on_its_card_and_what_to_do(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    page.table.choose("small")
    page.hear(ModelStood(_standing(EngineState.FAILED, sentence=BROKEN)))
    assert page.card.standing.text() == f"{BROKEN} {models_words.WHAT_NOW}"
    assert page.card.standing.property("tone") == "bad"
    assert _buttons(page) == ["Try again", "Verify", "Remove…"]
    page.card.buttons["use"].click()
    await _painted(stage)
    assert ("change_setting", "model", "small") in stage.workspace.calls


async def test_a_page_that_is_opened_later_shows_the_failure_too(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    desk.now("small", standing=_standing(EngineState.FAILED, sentence=BROKEN))
    page.read()
    await stage.rest()
    page.table.choose("small")
    assert BROKEN in page.card.standing.text()
    page.table.choose("large")
    assert page.card.standing.isHidden()


async def test_the_page_begins_with_the_model_that_writes(page: ModelsPage, stage: Stage, desk: FakeModels) -> None:
    desk.models = (VECTORS, a_model(), USED)
    page.overview = None
    page.model.replace(())
    page.read()
    await stage.rest()
    assert page.card.facts is not None
    assert page.card.facts.name == "small"


async def test_what_another_model_did_is_gone_when_the_next_one_loads(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    await _show(page, stage, desk, USED, a_model(presence=HERE))
    page.hear(ModelStood(_standing(EngineState.FAILED, sentence=BROKEN)))
    page.hear(ModelStood(Standing(name="large", state=EngineState.LOADING)))
    assert page.overview is not None
    assert [one.standing for one in page.overview.models if one.name == "small"] == [None]


@pytest.mark.parametrize(
    ("standing", "said", "tone", "sentence"),
    [
        (_standing(EngineState.LOADING, share=0.5), f"In use, loading 50{SPACE}%", Tone.ACCENT, ""),
        (_standing(EngineState.FAILED, sentence="No."), "In use, cannot be loaded", Tone.BAD, "No. Until it loads"),
        (_standing(EngineState.STOPPED), "In use, loading stopped", Tone.WATCH, "Its loading was stopped."),
        (_standing(EngineState.FREED), "On disk, in use", Tone.GOOD, "Not in memory just now"),
        (
            _standing(EngineState.READY, place="the processor", sentence="The card could not."),
            "On disk, in use", Tone.GOOD, "Loaded, on the processor. The card could not.",
        ),
        (_standing(EngineState.READY, place="the processor"), "On disk, in use", Tone.GOOD, "Loaded, on the processor."),
    ],
)  # fmt: skip
def test_how_the_model_in_use_stands_is_said_in_words(standing: Standing, said: str, tone: Tone, sentence: str) -> None:
    facts = replace(USED, standing=standing)
    assert models_words.state(facts) == (said, tone)
    assert models_words.standing(facts)[0].startswith(sentence)
    assert models_words.standing(replace(facts, in_use=False)) == ("", None)


# --- what can be done


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (a_model(), ["Download…"]),
        (a_model(host=""), []),
        (a_model(own=True), ["Download…", "Remove…"]),
        (a_model(presence=PART, transfer=a_transfer(PAUSED)), ["Resume", "Cancel and delete"]),
        (a_model(presence=PART, transfer=a_transfer()), ["Pause", "Cancel"]),
        (a_model(transfer=a_transfer(TransferState.QUEUED)), ["Pause", "Cancel"]),
        (a_model(presence=HERE), ["Use", "Verify", "Remove…"]),
        (a_model(presence=HERE, in_use=True), ["Verify", "Remove…"]),
        (a_model(presence=HERE, transfer=a_transfer(kind=TransferKind.VERIFY)), ["Cancel"]),
        (a_model(presence=Presence.DAMAGED), ["Download again…", "Remove…"]),
        (VECTORS, ["Verify", "Remove…"]),
    ],
)
def test_each_state_offers_what_can_be_done_and_nothing_else(facts: ModelFacts, words: list[str]) -> None:
    assert list(possible(facts).values()) == words


async def test_every_model_has_a_row_with_badge_size_and_state(page: ModelsPage) -> None:
    rows = [[page.model.index(row, column).data() for column in range(5)] for row in range(page.model.rowCount())]
    assert rows == [
        ["Small model", "Writes", "4.00 GB", "Fits", "On disk, in use"],
        ["Vectors model", "Finds texts", "4.00 GB", "Fits", "On disk, in use"],
        ["Large model", "Writes", "4.00 GB", "Fits", "Not here"],
    ]
    tip = page.model.index(2, 3).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.splitlines()[1:] == ["weights 4.00 GB: the file", "= 5.00 GB needed"]


async def test_the_model_in_use_is_selected_first_and_shown_below(page: ModelsPage) -> None:
    assert page.card.facts is not None
    assert page.card.facts.name == "small"
    assert (page.card.badge.word, _buttons(page)) == ("Fits", ["Verify", "Remove…"])
    assert page.gauges.memory.words == "9.00 GB of 16.0 GB free 500 MB used by Galaxy Desktop"
    assert page.gauges.disk.words == "4.00 GB used by models, 100.0 GB free /models"


async def test_a_model_that_is_being_fetched_is_selected_first(stage: Stage, desk: FakeModels) -> None:
    desk.now("large", transfer=a_transfer())
    stage.window.open_page("models")
    await stage.rest()
    page = stage.window.page("models")
    assert isinstance(page, ModelsPage)
    assert page.card.facts is not None
    assert page.card.facts.name == "large"


async def test_the_arithmetic_unfolds_for_those_who_do_not_hover(page: ModelsPage) -> None:
    assert page.card.arithmetic.isHidden()
    page.card.why.click()
    assert not page.card.arithmetic.isHidden()
    assert "weights 4.00 GB" in page.card.arithmetic.text()


async def test_arrow_keys_choose_and_buttons_name_their_model(page: ModelsPage, qtbot: QtBot) -> None:
    page.table.choose("vectors")
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.card.facts is not None
    assert page.card.facts.name == "large"
    assert page.card.buttons["download"].accessibleName() == "Download Large model"
    assert page.card.accessibleName() == "Large model"


# --- downloads


async def test_nothing_is_downloaded_before_a_person_agreed_to_host_and_size(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    page.table.choose("large")
    page.card.buttons["download"].click()
    question = await _opened(stage, Question)
    assert "From: models.example" in question.said
    assert "Size: 4.00 GB" in question.said
    assert "License: MIT" in question.said
    assert ("download", "large") not in desk.asked
    question.reject()
    await stage.rest()
    assert ("download", "large") not in desk.asked
    page.card.buttons["download"].click()
    (await _opened(stage, Question)).accept()
    await stage.rest()
    assert desk.asked[-1] == ("download", "large")


async def test_a_paused_download_goes_on_without_being_asked_again(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    await _show(page, stage, desk, a_model(presence=PART, transfer=a_transfer(PAUSED)))
    page.card.buttons["download"].click()
    await stage.rest()
    assert desk.asked[-1] == ("download", "large")


async def test_a_file_that_nobody_published_a_hash_of_is_told_as_that(page: ModelsPage, stage: Stage) -> None:
    stage.conductor.carry_out(Download(a_model(sha256="", bytes=0, fit=None), lambda problem: None))
    question = await _opened(stage, Question)
    assert "Nobody published a SHA-256" in question.said
    assert "The size is told by the server" in question.said
    question.reject()
    await stage.rest()


async def test_progress_shows_while_it_runs_and_its_end_is_read(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    page.table.choose("large")
    stage.workspace.publish(TransferMoved(a_transfer()))
    assert f"Downloading 50{SPACE}%" in page.model.index(2, 4).data()
    assert not page.card.line.isHidden()
    assert "10 MB/s" in page.card.line.words
    assert _buttons(page) == ["Pause", "Cancel"]
    desk.now("large", presence=HERE, bytes_here=4 * GB)
    stage.workspace.publish(TransferMoved(a_transfer(TransferState.DONE, sentence="Large model is here, checked.")))
    await stage.rest()
    assert page.card.line.isHidden()
    assert _buttons(page) == ["Use", "Verify", "Remove…"]


async def test_a_burst_of_news_paints_seldom_and_the_last_one_lands(
    page: ModelsPage, stage: Stage, qtbot: QtBot
) -> None:
    page.table.choose("large")
    for done in range(0, 4 * GB, GB // 100):
        page.hear(TransferMoved(a_transfer(done=done)))
    page.hear(TransferMoved(a_transfer(done=4 * GB)))
    page._pace.flush()
    assert f"100{SPACE}%" in page.model.index(2, 4).data()


async def test_why_a_download_stopped_stands_beside_its_buttons(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    stopped = a_transfer(FAILED, sentence="models.example does not have it (status 404).")
    await _show(page, stage, desk, a_model(presence=PART, transfer=stopped))
    assert page.card.outcome.text() == "models.example does not have it (status 404)."
    assert page.card.outcome.property("tone") == "bad"
    assert _buttons(page) == ["Resume", "Cancel and delete"]


async def test_much_that_came_is_deleted_only_after_asking(page: ModelsPage, stage: Stage, desk: FakeModels) -> None:
    await _show(page, stage, desk, a_model(presence=PART, transfer=a_transfer()))
    page.card.buttons["cancel"].click()
    question = await _opened(stage, Question)
    assert "2.00 GB that came are deleted" in question.said
    assert question.no.isDefault()
    question.accept()
    await stage.rest()
    assert desk.asked[-1] == ("cancel", "large")


async def test_little_that_came_and_a_pause_need_no_question(page: ModelsPage, stage: Stage, desk: FakeModels) -> None:
    await _show(page, stage, desk, a_model(presence=PART, bytes_here=1000, transfer=a_transfer()))
    page.card.buttons["cancel"].click()
    await stage.rest()
    page.card.buttons["pause"].click()
    await stage.rest()
    assert desk.asked[-2:] == [("cancel", "large"), ("pause", "large")]


async def test_the_keyboard_stays_in_the_card_when_its_button_goes(
    page: ModelsPage, stage: Stage, desk: FakeModels, qtbot: QtBot
) -> None:
    with qtbot.waitExposed(stage.window):
        stage.window.show()
    await _show(page, stage, desk, a_model(presence=PART, transfer=a_transfer()))
    page.card.buttons["pause"].setFocus()
    await _show(page, stage, desk, a_model(presence=PART, transfer=a_transfer(PAUSED)))
    assert page.card.buttons["download"].hasFocus()


# --- use, verify, remove


async def test_using_a_model_changes_the_setting(page: ModelsPage, stage: Stage, desk: FakeModels) -> None:
    await _show(page, stage, desk, a_model(presence=HERE))
    page.card.buttons["use"].click()
    await _painted(stage)
    assert ("use", "large", False) in desk.asked
    assert stage.workspace.settings.text("model") == "large"
    assert stage.window.message.sentence == "Large model is being loaded, and words the explanations from now on."


async def test_a_model_that_does_not_fit_is_used_only_by_who_insists(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    await _show(page, stage, desk, a_model(presence=HERE, fit=a_fit(Fit.TOO_LARGE, "It needs 40 GB.")))
    page.card.buttons["use"].click()
    question = await _opened(stage, Question)
    assert "It needs 40 GB." in question.said
    assert "= 5.00 GB needed" in question.said
    question.reject()
    await stage.rest()
    assert ("use", "large", True) not in desk.asked
    page.card.buttons["use"].click()
    (await _opened(stage, Question)).accept()
    await _painted(stage)
    assert ("use", "large", True) in desk.asked


async def test_what_went_wrong_is_said_on_the_card(page: ModelsPage, stage: Stage, desk: FakeModels) -> None:
    await _show(page, stage, desk, a_model(presence=HERE))
    desk.wrong = ModelError("It is damaged. Fetch it again.")
    page.card.buttons["use"].click()
    await stage.rest()
    assert page.card.outcome.text() == "It is damaged. Fetch it again."
    assert stage.workspace.settings.text("model") != "large"


async def test_removing_asks_first_and_says_what_is_lost(page: ModelsPage, stage: Stage, desk: FakeModels) -> None:
    page.table.choose("small")
    page.card.buttons["remove"].click()
    question = await _opened(stage, Question)
    for said in ("frees 4.00 GB", "explanations are facts only", "python3 installer setup"):
        assert said in question.said
    assert question.no.isDefault()
    question.accept()
    await stage.rest()
    assert desk.asked[-1] == ("remove", "small", True)
    assert stage.window.message.sentence == "It was removed."


async def test_verifying_is_asked_and_its_word_is_shown(page: ModelsPage, stage: Stage, desk: FakeModels) -> None:
    await _show(page, stage, desk, a_model(presence=HERE))
    page.card.buttons["verify"].click()
    await stage.rest()
    assert desk.asked[-1] == ("verify", "large")
    done = a_transfer(TransferState.DONE, kind=TransferKind.VERIFY, sentence="It is undamaged.")
    stage.workspace.publish(TransferMoved(done))
    assert (page.card.outcome.text(), page.card.outcome.property("tone")) == ("It is undamaged.", "good")


# --- files and addresses


async def test_an_address_is_listed_and_selected_but_not_downloaded(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    page.add_address.click()
    dialog = await _opened(stage, AddressDialog)
    assert not dialog.add.isEnabled()
    dialog.address.setText("https://models.example/x.gguf")
    assert dialog.add.isEnabled()
    dialog.accept()
    await stage.rest()
    assert desk.asked[-1] == ("add", "https://models.example/x.gguf", "")
    assert page.card.facts is not None
    assert page.card.facts.name == "added"


async def test_an_address_that_will_not_do_is_said_above_the_table(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    desk.wrong = RefusedError("Use https.")
    page.add_address.click()
    dialog = await _opened(stage, AddressDialog)
    dialog.address.setText("http://models.example/x.gguf")
    dialog.accept()
    await stage.rest()
    assert (page.note.text(), page.note.isHidden()) == ("Use https.", False)


async def test_an_import_shows_its_progress_and_what_it_became(
    page: ModelsPage, stage: Stage, desk: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chosen(_window: object) -> Path:
        return Path("/stick/m.gguf")

    monkeypatch.setattr("galaxy_desktop.ui.models_dialogs.ask_which_file", chosen)
    page.import_file.click()
    await stage.rest()
    assert desk.asked[-1] == ("import", Path("/stick/m.gguf"))
    copying = a_transfer(name="m.gguf", kind=TransferKind.IMPORT, stage="copying", host="")
    stage.workspace.publish(TransferMoved(copying))
    assert not page.importing.isHidden()
    assert page.importing.line.words.startswith("Copying: 2.00 GB of 4.00 GB")
    page.importing.cancel.click()
    await stage.rest()
    assert desk.asked[-1] == ("cancel", "m.gguf")
    stage.workspace.publish(TransferMoved(replace(copying, state=TransferState.DONE, sentence="It is here now.")))
    await stage.rest()
    assert (page.importing.isHidden(), page.note.text()) == (True, "It is here now.")


# --- states of the page


async def test_a_switched_off_network_is_said_and_files_can_still_be_imported(
    page: ModelsPage, stage: Stage, desk: FakeModels
) -> None:
    assert page.offline.isHidden()
    desk.network_on = False
    page.read()
    await stage.rest()
    assert not page.offline.isHidden()
    assert "downloads wait until it is on again" in page.offline.text()
    assert page.import_file.isEnabled()


async def test_a_catalog_that_cannot_be_read_is_said_in_place_of_the_table(stage: Stage, desk: FakeModels) -> None:
    desk.unreadable = ModelError("The list of models cannot be read. Reinstall the program.")
    stage.window.open_page("models")
    await stage.rest()
    page = stage.window.page("models")
    assert isinstance(page, ModelsPage)
    assert page.nothing.words == "The models cannot be read. The list of models cannot be read. Reinstall the program."
    assert page.table.isHidden() or not page.table.isVisibleTo(page)


async def test_a_workspace_without_a_desk_says_so(stage: Stage) -> None:
    stage.window.open_page("models")
    await stage.rest()
    page = stage.window.page("models")
    assert isinstance(page, ModelsPage)
    assert "cannot show its models yet" in page.nothing.words


def test_the_page_reads_while_it_is_on_the_screen_and_not_for_every_tick(
    look: Look, view: View, wishes: list[Wish], qtbot: QtBot
) -> None:
    page = ModelsPage(look)
    qtbot.addWidget(page)
    page.wished.connect(wishes.append)
    page.show_view(view)
    page.show_view(replace(view, now=view.now.replace(minute=59)))
    assert [type(one) for one in wishes] == [ReadModels, ReadSearchModels]
    page.show()
    assert page._timer.isActive()
    page.hide()
    assert not page._timer.isActive()


async def test_a_download_that_ends_while_another_page_is_open_is_told_there(stage: Stage, desk: FakeModels) -> None:
    stage.workspace.publish(TransferMoved(a_transfer()))
    assert stage.window.message.sentence == ""
    stage.workspace.publish(TransferMoved(a_transfer(TransferState.DONE, sentence="Large model is here, checked.")))
    assert stage.window.message.sentence == "Large model is here, checked."


async def test_downloads_of_the_last_start_go_on_with_this_one(stage: Stage, desk: FakeModels) -> None:
    stage.conductor.conduct(stage.workspace)
    await stage.rest()
    assert desk.asked == [("recall",)]


async def test_settings_and_welcome_steps_lead_to_the_page(stage: Stage, desk: FakeModels, page: ModelsPage) -> None:
    assert [one.name for one in stage.conductor.view.models] == ["small", "large"]
    stage.window.open_page("settings")
    stage.window.page("settings").models.click()  # type: ignore[attr-defined]
    assert stage.window.current == "models"


@pytest.mark.parametrize("name", ["small", "large"])
async def test_finishing_with_a_model_that_is_not_here_opens_the_page(
    look: Look, page: ModelsPage, stage: Stage, qtbot: QtBot, name: str
) -> None:
    wished: list[object] = []
    wizard = Wizard(None, look, stage.conductor.view.models)
    qtbot.addWidget(wizard)
    wizard.wished.connect(wished.append)
    wizard.model.model.setCurrentIndex(wizard.model.model.findData(name))
    wizard._finish()
    assert (OpenPage("models") in wished) is (name == "large")


def test_labels_take_long_names_without_growing(look: Look, qtbot: QtBot) -> None:
    page = ModelsPage(look)
    qtbot.addWidget(page)
    page.card.show_model(a_model("x" * 400, source="https://a.example/" + "y" * 500, own=True))
    assert page.card.minimumSizeHint().width() < 500
    assert all(
        label.textFormat() is Qt.TextFormat.PlainText for label in page.card.findChildren(QLabel) if label.text()
    )


async def test_what_the_model_in_use_is_doing_stands_on_its_card(page: ModelsPage, stage: Stage) -> None:
    stage.workspace.publish(ProsePending("sprint-1", "loading the model, 40 %"))
    assert page.card.doing.text() == "Just now: loading the model, 40 %"
    page.table.choose("large")
    assert page.card.doing.isHidden()
    page.table.choose("small")
    stage.workspace.publish(ProseArrived("sprint-1", Explanation(mode="facts", sentences=())))
    assert page.card.doing.isHidden()
