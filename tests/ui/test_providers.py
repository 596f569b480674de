"""Providers in Settings: nothing is agreed to without the dialog, taking back needs none, and a test says what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from PySide6.QtWidgets import QDialog, QPushButton

from galaxy_desktop.domain.providers import (
    ORDERED,
    Consent,
    Provider,
    ProviderFacts,
    ProviderKind,
    ProvidersOverview,
    ProviderUse,
    Purpose,
    TrialReport,
    order_of,
)
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.ui.pages.providers_card import ProvidersCard, used
from galaxy_desktop.ui.pages.settings import SettingsPage
from galaxy_desktop.ui.providers_dialogs import ConsentDialog, ProviderDialog, RemoveDialog
from galaxy_desktop.ui.providers_wishes import TryProvider
from tests.ui.conftest import Stage
from tests.ui.fakes import FakeWorkspace
from tests.ui.samples import NOW

OLLAMA = Provider(name="ollama", kind=ProviderKind.OPENAI, address="http://localhost:11434", model="llama")
Dialog = TypeVar("Dialog", bound=QDialog)


class FakeProviders:
    """A desk in memory over the settings of a fake workspace."""

    def __init__(self, workspace: FakeWorkspace) -> None:
        self._workspace = workspace
        self.kept: dict[str, Provider] = {}
        self.words: list[Consent] = []
        self.keys: list[str] = []
        self.tried: list[str] = []

    def overview(self) -> ProvidersOverview:
        settings = self._workspace.settings
        names = {"local", *self.kept}
        texts = (settings.text("prose_providers"), settings.text("question_providers"))
        orders = tuple(tuple(n for n in order_of(t) if n in names) for t in texts)
        facts = tuple(
            ProviderFacts(provider=p, consents=tuple(w for w in self.words if w.provider == n), today=None)
            for n, p in self.kept.items()
        )
        pairs = tuple(zip(ORDERED, orders, strict=True))
        return ProvidersOverview(providers=facts, orders=pairs, local_model="small", network_on=True)

    def add(self, provider: Provider, key: str = "") -> bool:
        if provider.address.startswith("http://api"):
            raise WrongUseError("Use https.")
        self.kept[provider.name] = provider
        self.keys.append(key)
        return True

    def try_out(self, provider: Provider, key: str, stop: object) -> TrialReport:
        self.tried.append(key)
        return TrialReport(True, f"{provider.name} answers.")

    def consent_line(self, name: str, purpose: Purpose) -> str:
        return f"{name} is sent the facts of {purpose}."

    def last_prompt(self, purpose: Purpose) -> str:
        return "You word facts."

    def agree(self, name: str, purpose: Purpose) -> None:
        self.words.append(Consent(provider=name, address=self.kept[name].address, purpose=purpose, at=NOW))

    def withdraw(self, name: str, purpose: Purpose) -> bool:
        self.words = [w for w in self.words if (w.provider, w.purpose) != (name, purpose)]
        return True

    def remove(self, name: str) -> None:
        del self.kept[name]


@pytest.fixture
def desk(stage: Stage) -> FakeProviders:
    made = FakeProviders(stage.workspace)
    made.kept["ollama"] = OLLAMA
    stage.workspace.providers = made  # type: ignore[attr-defined]
    return made


@pytest.fixture
async def card(stage: Stage, desk: FakeProviders) -> ProvidersCard:
    stage.window.open_page("settings")
    await stage.rest()
    page = stage.window.page("settings")
    assert isinstance(page, SettingsPage)
    return page.providers


async def shown(stage: Stage, kind: type[Dialog]) -> Dialog:
    for _ in range(4000):
        found = [d for d in stage.window.findChildren(kind) if d.isVisible()]
        if found:
            return found[-1]
        await asyncio.sleep(0.001)
    raise AssertionError(f"no {kind.__name__} was shown")


async def done(stage: Stage) -> None:
    """Everything that was asked for has happened; another page is shown, so that nothing is read after the test."""
    await stage.rest()
    stage.window.open_page("overview")


def prose(stage: Stage) -> str:
    return stage.workspace.settings.text("prose_providers")


async def test_a_provider_is_used_only_after_its_consent_was_read(
    stage: Stage, desk: FakeProviders, card: ProvidersCard
) -> None:
    card.buttons["Ask ollama first… prose"].click()
    dialog = await shown(stage, ConsentDialog)
    assert dialog.text.isHidden()
    dialog.show_text.click()
    assert dialog.text.toPlainText() == "You word facts."
    assert (desk.words, prose(stage)) == ([], "local")
    dialog.agree.click()
    await done(stage)
    assert [word.purpose for word in desk.words] == [Purpose.PROSE]
    assert prose(stage) == "ollama, local"


async def test_saying_not_now_changes_nothing(stage: Stage, desk: FakeProviders, card: ProvidersCard) -> None:
    card.buttons["Ask ollama first… questions"].click()
    (await shown(stage, ConsentDialog)).reject()
    await done(stage)
    assert (desk.words, stage.workspace.settings.text("question_providers")) == ([], "local")


async def test_withdrawing_is_one_click(stage: Stage, desk: FakeProviders, card: ProvidersCard) -> None:
    desk.agree("ollama", Purpose.PROSE)
    await stage.workspace.change_setting("prose_providers", "ollama, local")
    card.read()
    await done(stage)
    card.buttons["Withdraw: ollama for explanations of sprints"].click()
    await done(stage)
    assert (desk.words, prose(stage)) == ([], "local")


async def test_the_order_is_changed_by_hand(stage: Stage, desk: FakeProviders, card: ProvidersCard) -> None:
    await stage.workspace.change_setting("prose_providers", "ollama, local")
    card.read()
    await done(stage)
    assert "Agree: ollama for explanations of sprints" in card.buttons
    card.buttons["Earlier: This computer for explanations of sprints"].click()
    await done(stage)
    assert prose(stage) == "local, ollama"


async def test_a_test_says_what_came_of_it(stage: Stage, desk: FakeProviders, card: ProvidersCard) -> None:
    wishes: list[object] = []
    card.wished.connect(wishes.append)
    for _ in range(2):
        card.buttons["Test ollama"].click()  # a second press while one is asked is none
    assert [type(wish) for wish in wishes] == [TryProvider]
    assert card.buttons["Test ollama"].isEnabled()  # one that is switched off would hand the keyboard on
    await done(stage)
    assert card.note.text() == "ollama answers."
    card.buttons["Test ollama"].click()
    assert len(wishes) == 2
    await done(stage)


async def test_the_keyboard_stays_beside_what_was_done(stage: Stage, desk: FakeProviders, card: ProvidersCard) -> None:
    card.buttons["Ask ollama first… prose"].setFocus()
    card.buttons["Ask ollama first… prose"].click()
    (await shown(stage, ConsentDialog)).agree.click()
    await stage.rest()
    focused = stage.window.focusWidget()
    assert isinstance(focused, QPushButton)
    assert "ollama" in focused.accessibleName()
    await done(stage)


async def test_testing_in_the_dialog_leaves_the_keyboard_on_the_button(stage: Stage, card: ProvidersCard) -> None:
    card.add.click()
    dialog = await shown(stage, ProviderDialog)
    for line, text in ((dialog.name, "mine"), (dialog.address, "http://localhost:1"), (dialog.model, "m")):
        line.setText(text)
        line.textEdited.emit(text)
    dialog.test.setFocus()
    dialog.test.click()
    assert dialog.focusWidget() is dialog.test
    assert all(line.toolTip() for line in dialog.numbers.values())
    dialog.reject()
    await done(stage)


async def test_what_cannot_be_kept_is_said_in_the_dialog_which_stays(
    stage: Stage, desk: FakeProviders, card: ProvidersCard
) -> None:
    card.add.click()
    dialog = await shown(stage, ProviderDialog)
    assert not dialog.keep.isEnabled()
    for line, text in ((dialog.name, "cloud"), (dialog.address, "http://api.example.com"), (dialog.model, "m")):
        line.setText(text)
        line.textEdited.emit(text)
    assert dialog.numbers["tokens_a_day"].text() == "200000"
    dialog.key.setText("sk-1")
    dialog.keep.click()
    for _ in range(4000):
        if dialog.note.text() == "Use https.":
            break
        await asyncio.sleep(0.001)
    assert (dialog.note.text(), dialog.isVisible()) == ("Use https.", True)
    dialog.address.setText("https://api.example.com")
    dialog.keep.click()
    await done(stage)
    assert (desk.kept["cloud"].tokens_a_day, desk.keys) == (200_000, ["sk-1"])


async def test_what_is_said_in_the_dialog_presses_no_field_together(stage: Stage, card: ProvidersCard) -> None:
    card.add.click()
    dialog = await shown(stage, ProviderDialog)
    heights = [line.height() for line in dialog.numbers.values()]
    gap = dialog.model.y() - dialog.address.y()
    dialog.say("This computer has no keyring, and a key is kept nowhere else. " * 4)
    assert [line.height() for line in dialog.numbers.values()] == heights
    assert dialog.model.y() - dialog.address.y() == gap
    dialog.reject()
    await done(stage)


async def test_removing_asks_first(stage: Stage, desk: FakeProviders, card: ProvidersCard) -> None:
    card.buttons["Remove ollama"].click()
    (await shown(stage, RemoveDialog)).go.click()
    await done(stage)
    assert desk.kept == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "Today: about 30 tokens."),
        ({"tokens_a_day": 500}, "Today: about 30 of 500 tokens."),
        ({"price_in": 1e5, "price_out": 1e5, "money_a_day": 9.0}, "Today: about 30 tokens, which cost 3.00 of 9.00."),
        ({"address": "https://a.example.com"}, "What they cost is not known"),
    ],
)
def test_the_meter_says_what_was_used_beside_what_may_be(change: dict[str, Any], said: str) -> None:
    use = ProviderUse(day=NOW.date(), provider="o", purpose=Purpose.PROSE, estimated=1, tokens_in=20, tokens_out=10)
    assert said in used(ProviderFacts(provider=replace(OLLAMA, **change), consents=(), today=use))
