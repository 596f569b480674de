"""Signing in from Settings: a code shown and copied, permissions in words, signing out."""

from __future__ import annotations

import asyncio
import logging

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.sign_in import Ability, PermissionResult
from galaxy_desktop.errors import OfflineError
from galaxy_desktop.ui.code_dialog import CodeDialog
from galaxy_desktop.ui.pages.settings import SettingsPage
from galaxy_desktop.ui.pages.sign_in_part import SignInPart, advice, tone_of
from galaxy_desktop.ui.theme import Look, Tone
from galaxy_desktop.ui.wishes import SetUp
from galaxy_desktop.ui.wizard import REPOSITORIES, Wizard
from tests.ui.conftest import Stage
from tests.ui.fake_sign_in import CODE, RESULTS, FakeSignIn
from tests.ui.fakes import FakeWorkspace
from tests.ui.samples import analysis


@pytest.fixture
def desk(stage: Stage) -> FakeSignIn:
    stage.workspace.sign_in = FakeSignIn()
    return stage.workspace.sign_in


@pytest.fixture
async def part(stage: Stage, desk: FakeSignIn) -> SignInPart:
    stage.window.open_page("settings")
    await stage.rest()
    page = stage.window.page("settings")
    assert isinstance(page, SettingsPage)
    return page.github.sign_in


async def shown(stage: Stage) -> CodeDialog:
    for _ in range(4000):
        found = [d for d in stage.window.findChildren(CodeDialog) if d.isVisible()]
        if found:
            return found[-1]
        await asyncio.sleep(0.001)
    raise AssertionError("no code was shown")


async def test_the_welcome_steps_offer_codes_once_the_workspace_they_lead_to_is_open(stage: Stage) -> None:
    stage.window.show()
    stage.conductor.carry_out(SetUp())
    (wizard,) = stage.window.findChildren(Wizard)
    wizard.next.click()
    assert wizard.token.sign_in.with_code.isHidden(), "a demo signs in nowhere"
    own = FakeWorkspace(analysis())
    own.sign_in = FakeSignIn()
    stage.conductor.let_go()
    stage.conductor.conduct(own)
    wizard.token.sign_in.with_code.click()
    await shown(stage)
    own.sign_in.typed.set()
    await stage.rest()
    assert wizard.step == REPOSITORIES
    wizard.close()


async def test_a_typed_code_closes_the_dialog_and_says_whose_account_it_is(
    stage: Stage, part: SignInPart, desk: FakeSignIn
) -> None:
    part.with_code.click()
    await shown(stage)
    desk.typed.set()
    await stage.rest()
    assert desk.calls == ["begin", "finished"]
    assert part.note == "Signed in as ada."
    assert part.check.isEnabled()


async def test_cancelling_the_code_ends_the_waiting_silently(stage: Stage, part: SignInPart, desk: FakeSignIn) -> None:
    part.with_code.click()
    (await shown(stage)).reject()
    await stage.rest()
    assert desk.calls == ["begin", "stopped"]
    assert part.note == ""
    assert part.with_code.isEnabled()


async def test_the_code_can_be_copied(stage: Stage, part: SignInPart, desk: FakeSignIn) -> None:
    part.with_code.click()
    dialog = await shown(stage)
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == "WDJB-MJHT"
    dialog.reject()
    await stage.rest()


async def test_a_refusal_is_said_under_the_buttons(stage: Stage, part: SignInPart, desk: FakeSignIn) -> None:
    desk.problem = OfflineError("GitHub cannot be reached at github.com.")
    part.with_code.click()
    await stage.rest()
    assert part.note == "GitHub cannot be reached at github.com."
    assert part.with_code.isEnabled()


async def test_without_a_client_id_no_code_is_offered(stage: Stage, desk: FakeSignIn) -> None:
    desk.ready = False
    stage.window.open_page("settings")
    page = stage.window.page("settings")
    assert isinstance(page, SettingsPage)
    assert not page.github.sign_in.with_code.isVisibleTo(page)


async def test_permissions_are_shown_a_line_each(stage: Stage, part: SignInPart, desk: FakeSignIn) -> None:
    part.check.click()
    await stage.rest()
    texts = [part._results.itemAtPosition(row, 1).widget().text() for row in range(2)]  # type: ignore[union-attr]
    assert texts == ["Reads issues", "Reads boards"]
    assert part.note == ""


@pytest.mark.parametrize(
    ("ability", "sentence", "said"),
    [
        (Ability.YES, "Reads boards: yes.", ""),
        (Ability.NO, "Reads boards: no, add Projects: read.", "Add Projects: read."),
        (Ability.NO, "Reads boards: yes in a/b; no in c/d, add it.", "Yes in a/b; no in c/d, add it."),
        (Ability.UNKNOWN, "GitHub did not answer.", "GitHub did not answer."),
    ],
)
def test_a_permission_does_not_say_its_feature_twice(ability: Ability, sentence: str, said: str) -> None:
    result = PermissionResult(feature="Reads boards", permission="Projects: read", ability=ability, sentence=sentence)
    assert advice(result) == said


def test_without_a_token_there_is_nothing_to_try(look: Look, qtbot: QtBot) -> None:
    part = SignInPart(look)
    qtbot.addWidget(part)
    shown = []
    for known in (False, True):
        part.show_token(known)
        shown.append(part.check.isVisibleTo(part))
    assert shown == [False, True]


def test_what_is_missing_weighs_by_whether_it_is_needed() -> None:
    assert [tone_of(one) for one in RESULTS] == [Tone.GOOD, Tone.WATCH]


async def test_signing_out_is_done_and_said(stage: Stage, part: SignInPart, desk: FakeSignIn) -> None:
    part.sign_out.click()
    await stage.rest()
    assert desk.calls == ["sign_out"]
    assert stage.window.message.sentence.startswith("The token was removed")


async def test_the_device_code_is_never_logged(
    stage: Stage, part: SignInPart, desk: FakeSignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    part.with_code.click()
    (await shown(stage)).reject()
    await stage.rest()
    assert CODE.device_code not in caplog.text
    assert CODE.device_code not in repr(CODE)
