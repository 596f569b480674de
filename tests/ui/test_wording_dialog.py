"""A draft worded anew: of a new issue also its labels, people and milestone."""

from __future__ import annotations

import asyncio

import pytest

from galaxy_desktop.domain.changes import ChangeKind, ChangeState
from galaxy_desktop.ui.change_dialogs import WordingDialog
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.outbox_wishes import Reword
from tests.ui.conftest import Stage
from tests.ui.fake_outbox import FakeOutbox, a_change


@pytest.fixture
def outbox(stage: Stage) -> FakeOutbox:
    """An empty outbox behind the window."""
    stage.workspace.outbox = FakeOutbox()
    return stage.workspace.outbox


async def opened(stage: Stage) -> WordingDialog:
    """The dialog, as soon as it is open."""
    for _ in range(4000):
        found = [d for d in stage.window.findChildren(WordingDialog) if d.isVisible()]
        if found:
            return found[-1]
        await asyncio.sleep(0.001)
    raise AssertionError("nothing was opened")


async def test_a_new_issue_whose_label_is_gone_gets_other_labels(stage: Stage, outbox: FakeOutbox) -> None:
    draft = a_change(
        ChangeState.CONFLICT,
        kind=ChangeKind.NEW_ISSUE,
        item_number=None,
        base="",
        mine="x",
        title="New",
        labels=("old",),
    )
    stage.conductor.carry_out(Reword(draft))
    dialog = await opened(stage)
    assert dialog.gone.text() == "api has no label old: take the tick away."
    assert dialog.changes == ()
    dialog.labels.tick("old", on=False)
    dialog.labels.tick("bug")
    dialog.people.tick("ada")
    dialog.milestone.setCurrentIndex(1)
    (edited,) = dialog.changes
    assert (edited.labels, edited.assignees, edited.milestone, edited.mine) == (("bug",), ("ada",), 4, "x")
    dialog.accept()
    await stage.rest()
    assert outbox.calls[-1][0] == "edit"


def test_only_a_new_issue_has_fields_beside_its_text(window: MainWindow) -> None:
    dialog = WordingDialog(window, a_change(kind=ChangeKind.COMMENT, base="", mine="Hello"))
    assert not dialog.labels.isVisibleTo(dialog)
