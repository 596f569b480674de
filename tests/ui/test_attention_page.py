"""The Activity page: the digest in full, and muting what an alert is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.attention import DigestReport, Mute, SprintMove
from galaxy_desktop.ui import words
from galaxy_desktop.ui.advice_wishes import MuteSubject, Unmute
from galaxy_desktop.ui.pages.activity import ActivityPage
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import Wish
from tests.ui.fakes import report
from tests.ui.samples import API, NOW, alerts

DIGEST = DigestReport(
    at=NOW.replace(hour=9),
    since=NOW.replace(hour=9) - timedelta(days=1),
    sprints=(SprintMove(sprint_id="sprint-1", title="Checkout 2.0", now=0.58, before=0.71),),
    risks=("web#41 is due 2026-05-08.",),
    held=alerts(),
)


@pytest.fixture
def activity(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> ActivityPage:
    page = ActivityPage(look)
    qtbot.addWidget(page)
    page.show_view(view)
    page.wished.connect(wishes.append)
    return page


def read(page: ActivityPage) -> str:
    """What stands in the digest, with ordinary spaces."""
    labels = page.digest.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if not label.isHidden()).replace(words.SPACE, " ")


def test_the_digest_is_there_in_full(activity: ActivityPage) -> None:
    activity.show_report(replace(report(), digest=DIGEST))
    said = read(activity)
    assert "Checkout 2.0: 58 %, was 71 %" in said
    assert "web#41 is due Fri 8 May." in said
    assert "Release 1.9 fell below 50 %" in said


def test_without_a_digest_it_is_said_when_there_is_one(activity: ActivityPage) -> None:
    activity.show_report(report())
    assert "No digest so far" in read(activity)


def test_what_the_alert_is_about_can_be_muted(activity: ActivityPage, wishes: list[Wish]) -> None:
    activity.show_report(replace(report(), alerts=(replace(alerts()[0], target=f"issue:{API}#17"),)))
    activity._menu.aboutToShow.emit()
    title, *ways = activity._menu.actions()
    assert (title.text(), title.isEnabled()) == ("api#17", False)
    ways[2].trigger()
    assert wishes == [MuteSubject(f"issue:{API}#17", None, "api#17, until something happens on it")]


def test_an_alert_about_a_sprint_can_be_muted_until_its_end(activity: ActivityPage, wishes: list[Wish]) -> None:
    activity.show_report(replace(report(), alerts=alerts()[:1]))
    activity._menu.aboutToShow.emit()
    activity._menu.actions()[-1].trigger()
    (wish,) = wishes
    assert isinstance(wish, MuteSubject)
    assert (wish.subject, wish.until) == ("sprint-1", NOW.replace(day=15, hour=23, minute=59))


def test_what_is_muted_is_said_and_can_be_heard_again(activity: ActivityPage, wishes: list[Wish]) -> None:
    muted = (Mute(subject="sprint-1", at=NOW, until=NOW + timedelta(hours=1)),)
    activity.show_report(replace(report(), alerts=alerts()[:1], mutes=muted))
    assert activity.muted.text() == "Muted: Checkout 2.0 until 13:00"
    activity._menu.aboutToShow.emit()
    activity._menu.actions()[-1].trigger()
    assert wishes == [Unmute("sprint-1")]
