"""What stands above every page, and when."""

from __future__ import annotations

from dataclasses import replace

from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.ui.banner import banner_of
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import OpenPage, SetUp, SyncNow
from tests.ui.conftest import Stage
from tests.ui.samples import NOW


def view_of(analysis: Analysis, *states: RepositoryState) -> View:
    """The evaluation with these states of its repositories."""
    pairs = zip(analysis.repositories, states, strict=False)
    return View(now=NOW, analysis=replace(analysis, repositories=tuple(replace(r, state=s) for r, s in pairs)))


def test_good_news_goes_with_the_page_and_trouble_stays(window: MainWindow) -> None:
    kept = []
    for tone in (Tone.GOOD, Tone.BAD):
        window.open_page("overview")
        window.message.say("Said", tone)
        window.open_page("overview")
        assert window.message.sentence == "Said", "the same page again"
        window.open_page("outbox")
        kept.append(window.message.sentence)
    assert kept == ["", "Said"]


def test_when_all_is_well_nothing_stands_there(analysis: Analysis) -> None:
    assert banner_of(view_of(analysis, RepositoryState.SYNCED, RepositoryState.OFFLINE)) is None


def test_demo_data_is_called_so_and_offers_to_connect(view: View) -> None:
    banner = banner_of(replace(view, profile="demo: slipping"))
    assert banner is not None
    assert "demo data" in banner.sentence
    assert banner.wish == SetUp()


def test_offline_says_how_old_the_data_is(analysis: Analysis) -> None:
    banner = banner_of(view_of(analysis, RepositoryState.OFFLINE, RepositoryState.OFFLINE))
    assert banner is not None
    assert "What is shown is from 11:51." in banner.sentence
    assert banner.wish == SyncNow()


def test_a_refused_token_leads_to_settings(analysis: Analysis) -> None:
    banner = banner_of(view_of(analysis, RepositoryState.TOKEN_REJECTED, RepositoryState.OFFLINE))
    assert banner is not None
    assert (banner.tone, banner.wish) == (Tone.BAD, OpenPage("settings"))


def test_without_repositories_there_is_no_banner() -> None:
    assert banner_of(View(now=NOW)) is None


async def test_the_banner_goes_when_its_cause_is_gone(stage: Stage, analysis: Analysis) -> None:
    stage.conductor._paint(view_of(analysis, RepositoryState.OFFLINE))
    assert "cannot be reached" in stage.window.banner.sentence
    stage.conductor._paint(view_of(analysis, RepositoryState.SYNCED))
    assert stage.window.banner.sentence == ""


async def test_the_banner_of_a_refused_token_opens_settings(stage: Stage) -> None:
    stage.conductor.carry_out(OpenPage("settings"))
    assert stage.window.current == "settings"
