"""The Trust page: words first, live and replayed apart, a loud warning, and honest empty states."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.ledger import Skill, TrustReport
from galaxy_desktop.explain.trust import MOMENTS, corrections, nothing_yet, records, skill_words, wilson
from galaxy_desktop.ui import trust_charts
from galaxy_desktop.ui.flow_plot import Marks
from galaxy_desktop.ui.flow_wishes import SaveFlow
from galaxy_desktop.ui.pages.trust import TrustPage
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.time_wishes import ReadTrust
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import OpenClaim, Wish
from tests.ui.time_fakes import THEN, report


@pytest.fixture
def page(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> TrustPage:
    made = TrustPage(look)
    qtbot.addWidget(made)
    made.wished.connect(wishes.append)
    made.resize(1000, 900)
    made.show_view(view)
    made.show()
    return made


def _answered(page: TrustPage, wishes: list[Wish], found: TrustReport) -> None:
    [asked] = wishes
    assert isinstance(asked, ReadTrust)
    wishes.clear()
    asked.answered(found)


def test_the_record_is_told_in_words_first(page: TrustPage, wishes: list[Wish]) -> None:
    _answered(page, wishes, report())
    assert "When we said about 70%, it happened 9 times in 13." in page.sentences.said
    assert page.sentences.y() < page.plot.y()


def test_the_record_of_the_past_is_asked_for_and_named(page: TrustPage, wishes: list[Wish], view: View) -> None:
    _answered(page, wishes, report())
    assert view.analysis is not None
    page.show_view(replace(view, analysis=replace(view.analysis, as_of=THEN), now=THEN, past=THEN))
    assert not page.verdict.isVisible()
    [asked] = wishes
    assert isinstance(asked, ReadTrust)
    assert asked.past == THEN
    asked.answered(replace(report(), as_of=THEN))
    assert page.verdict.isVisible()
    assert page.about.endswith("as known on Sun 3 May, 12:00.")


def test_a_forecast_that_beats_nothing_is_a_loud_warning(page: TrustPage, wishes: list[Wish]) -> None:
    _answered(page, wishes, report(trusted=False))
    assert page.verdict.sign.word == "Do not rely on it alone"
    assert page.verdict.sentence == "This forecast is not beating a simple average."
    assert page.verdict.y() < page.sentences.y()


def test_live_and_replayed_are_kept_apart_and_named(page: TrustPage, wishes: list[Wish]) -> None:
    _answered(page, wishes, report())
    assert page.live.isVisible()
    assert page.replay.isVisible()
    assert page.live.lines != page.replay.lines
    assert [figure.choice for figure in trust_charts.reliability(report())] == ["Said live", "Replayed"]


def test_each_skill_is_shown_with_interval_and_sprints(page: TrustPage, wishes: list[Wish]) -> None:
    _answered(page, wishes, report())
    assert page.live.lines[1][1] == "+0.21 (\u22120.05 to +0.40), 13 sprints"


def test_before_anything_ended_the_page_says_what_is_missing(page: TrustPage, wishes: list[Wish]) -> None:
    _answered(page, wishes, report(live=0, replayed=0))
    assert page.state.text().startswith("No sprint has ended yet since you began. 2 sprints with a forecast still run.")
    assert "needs a sprint that ended" in page.state.text()
    assert not any(card.isVisible() for card in (page.verdict, page.sentences, page.plot, page.correction))


def test_a_replay_stands_in_and_is_named(page: TrustPage, wishes: list[Wish]) -> None:
    _answered(page, wishes, report(live=0))
    assert "5 past sprints were replayed instead." in nothing_yet(report(live=0))
    assert not page.live.isVisible()
    assert {row.replayed for row in page.rows.rows} == {True}


def test_a_row_opens_what_was_said_when_and_from_which_inputs(page: TrustPage, wishes: list[Wish]) -> None:
    _answered(page, wishes, report())
    page.table.opened.emit(page.rows.rows[0])
    [wish] = wishes
    assert isinstance(wish, OpenClaim)
    assert "At 50 % of its time" in wish.claim.note
    assert all(one.id.startswith("feature:a/forecast_") for one in wish.claim.evidence)


def test_the_correction_in_use_is_shown_as_before_and_after(page: TrustPage, wishes: list[Wish]) -> None:
    _answered(page, wishes, report())
    assert len(page.correction.pairs) == len(corrections(report().recalibration))
    assert all("→" in pair for pair in page.correction.pairs)


def test_the_record_is_saved_as_csv(page: TrustPage, wishes: list[Wish], tmp_path: Path) -> None:
    _answered(page, wishes, report())
    page.save.click()
    [wish] = wishes
    assert isinstance(wish, SaveFlow)
    wish.write(tmp_path / wish.name)
    assert "At 0" in (tmp_path / wish.name).read_text(encoding="utf-8-sig")


def test_a_failure_can_be_tried_again(page: TrustPage, wishes: list[Wish]) -> None:
    [asked] = wishes
    assert isinstance(asked, ReadTrust)
    asked.failed("The disk went away.")
    assert page.state.text() == "The disk went away."
    page.again.click()
    assert len(wishes) == 2


def test_points_are_told_by_size_number_and_shape_not_by_color_alone() -> None:
    live, replayed = trust_charts.reliability(report())
    marks = [layer for layer in live.plots[0].layers if isinstance(layer, Marks)]
    assert len({mark.size for mark in marks}) == 3
    assert "4, 3, 13" in live.legend
    assert marks[0].shape is not next(m.shape for m in replayed.plots[0].layers if isinstance(m, Marks))


def test_the_plot_says_when_more_was_promised_than_happened() -> None:
    assert "agrees" in trust_charts.finding(report().live)


def test_a_number_far_from_a_moment_does_not_stand_for_it() -> None:
    [row] = records(report().entries, replayed=False)
    assert [entry is not None for entry in row.said] == [True, False, True, True]
    assert len(row.said) == len(MOMENTS)


def test_no_skill_is_no_zero() -> None:
    assert skill_words(report(live=0).live.skills[0]) == "no number yet"


def test_a_skill_that_means_only_that_the_alternative_made_no_mistakes_is_told_as_below_minus_one() -> None:
    skill = Skill(against="base_rate", value=-15.13, low=-39.09, high=0.21, sprints=4)
    assert skill_words(skill) == "below -1 (below -1 to +0.21), 4 sprints"


@given(st.integers(0, 40), st.integers(1, 40))
def test_an_interval_holds_the_share_and_narrows_with_more(happened: int, tries: int) -> None:
    happened = min(happened, tries)
    low, high = wilson(happened, tries)
    wider = wilson(happened, tries)[1] - wilson(happened, tries)[0]
    more = wilson(happened * 4, tries * 4)
    assert 0.0 <= low <= happened / tries <= high <= 1.0
    assert more[1] - more[0] < wider
