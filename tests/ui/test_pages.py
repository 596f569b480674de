"""Overview, Sprint, Dependencies and Recommendations, read as a user would read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.findings import (
    Analysis,
    Decided,
    Effort,
    Explanation,
    FollowUp,
    Intervention,
    LearnedWeight,
    Progress,
    Recommendation,
    Sentence,
    UserVerdict,
    Verdict,
)
from galaxy_desktop.domain.work import State
from galaxy_desktop.ui import words
from galaxy_desktop.ui.advice_wishes import ForgetLearning, UndoVerdict
from galaxy_desktop.ui.pages.dependencies import TABLE, DependenciesPage
from galaxy_desktop.ui.pages.follow_up_parts import DecidedRow, FollowUpCard
from galaxy_desktop.ui.pages.overview import OverviewPage
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.pages.recommendations import RecommendationsPage
from galaxy_desktop.ui.pages.sprint import SprintPage
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import Filters, View
from galaxy_desktop.ui.wishes import ClearFilters, ConfirmSprint, Decide, OpenClaim, OpenSprint, SetUp, Wish
from tests.ui import samples
from tests.ui.samples import API, NOW, cite


def shown(page: Page, qtbot: QtBot, wishes: list[Wish]) -> Page:
    """The page on the screen, its wishes collected."""
    qtbot.addWidget(page)
    page.resize(1000, 800)
    page.wished.connect(wishes.append)
    page.show()
    return page


def read(page: QWidget) -> str:
    """Everything that stands on a page in labels, with ordinary spaces."""
    labels = page.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if not label.isHidden()).replace(words.SPACE, " ")


def button(page: QWidget, text: str) -> QPushButton:
    """The button with that text."""
    return next(b for b in page.findChildren(QPushButton) if b.text() == text)


@pytest.fixture
def overview(look: Look, qtbot: QtBot, wishes: list[Wish]) -> OverviewPage:
    page = OverviewPage(look)
    shown(page, qtbot, wishes)
    return page


@pytest.fixture
def sprint(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> Iterator[SprintPage]:
    page = SprintPage(look)
    shown(page, qtbot, wishes)
    page.show_view(view)
    page.choose("sprint-1")
    wishes.clear()  # what moved it is asked by looking
    yield page
    page.chart.prepare()


@pytest.fixture
def dependencies(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> DependenciesPage:
    page = DependenciesPage(look)
    shown(page, qtbot, wishes)
    page.show_view(view)
    return page


@pytest.fixture
def recommendations(look: Look, qtbot: QtBot, wishes: list[Wish], view: View) -> RecommendationsPage:
    page = RecommendationsPage(look)
    shown(page, qtbot, wishes)
    page.show_view(view)
    return page


def test_the_overview_counts_what_needs_a_person(overview: OverviewPage, view: View) -> None:
    overview.show_view(view)
    assert overview.summary.replace(words.SPACE, " ") == "4 sprints under way  ·  1 needs you to act  ·  as of 12:00"


def test_an_empty_sprint_is_not_done(overview: OverviewPage, view: View, analysis: Analysis) -> None:
    emptied = tuple(replace(one, open=0, done=number) for number, one in enumerate(analysis.sprints))
    overview.show_view(replace(view, analysis=replace(analysis, sprints=emptied)))
    there = sum(one.sprint.state is State.OPEN for one in emptied[1:])
    assert f"{there} done but not closed" in overview.summary


def test_a_click_on_a_card_opens_its_sprint(
    overview: OverviewPage, view: View, wishes: list[Wish], qtbot: QtBot
) -> None:
    overview.show_view(view)
    place = overview.cards.visualRect(overview.rows.index(1))
    qtbot.mouseClick(overview.cards.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
    assert wishes == [OpenSprint("sprint-1")]


def test_the_keyboard_opens_a_card_too(overview: OverviewPage, view: View, wishes: list[Wish], qtbot: QtBot) -> None:
    overview.show_view(view)
    overview.cards.setCurrentIndex(overview.rows.index(0))
    qtbot.keyClick(overview.cards, Qt.Key.Key_Return)
    assert wishes == [OpenSprint("sprint-3")]


def test_without_repositories_the_overview_offers_to_set_up(
    overview: OverviewPage, view: View, wishes: list[Wish]
) -> None:
    overview.show_view(replace(view, analysis=None))
    assert overview.empty.words.startswith("No repository yet.")
    button(overview.empty, "Set up").click()
    assert wishes == [SetUp()]


def test_filters_that_leave_nothing_can_be_cleared(overview: OverviewPage, view: View, wishes: list[Wish]) -> None:
    overview.show_view(replace(view, filters=Filters(sprint_id="none")))
    button(overview.empty, "Clear filters").click()
    assert wishes == [ClearFilters()]


def test_a_workspace_that_cannot_be_opened_says_why(overview: OverviewPage, view: View) -> None:
    overview.show_view(replace(view, failure="The database is newer than this program."))
    assert "The database is newer" in overview.empty.words


def test_the_headline_is_number_odds_basis_and_freshness(sprint: SprintPage) -> None:
    said = sprint.headline.replace(words.SPACE, " ")
    assert said == "62 % — about 5 in 8 — 34 active days, synced 09:01"


def test_a_late_sprint_says_so_instead_of_a_number(sprint: SprintPage) -> None:
    sprint.choose("sprint-3")
    assert "The end has passed with 7 items left." in sprint.headline.replace(words.SPACE, " ")
    assert "%" not in sprint.forecast.words


def test_too_little_history_says_what_is_missing(sprint: SprintPage) -> None:
    sprint.choose("sprint-4")
    assert "3 of 5 active days" in sprint.forecast.words


def test_the_dates_of_four_levels_are_set_against_the_end(sprint: SprintPage) -> None:
    said = read(sprint.forecast)
    for day in ("Tue 12 May", "Wed 13 May", "Fri 15 May", "Wed 20 May"):
        assert day in said
    assert said.count("in time") == 3 + 1  # three dates, and the name of a baseline
    assert said.count("after the end") == 1


def test_the_baselines_stand_beside_the_forecast(sprint: SprintPage) -> None:
    assert "Past sprints that ended in time: 40 %" in read(sprint.forecast)


def test_how_the_forecast_was_computed_is_one_click_away(sprint: SprintPage, wishes: list[Wish]) -> None:
    button(sprint, "How this was computed").click()
    (wish,) = wishes
    assert isinstance(wish, OpenClaim)
    assert "6,210 of 10,000 runs" in wish.claim.note
    assert "seed 7" in wish.claim.note


def test_each_part_of_health_opens_its_formula_and_evidence(sprint: SprintPage, wishes: list[Wish]) -> None:
    button(sprint.health, "Blockers").click()
    (wish,) = wishes
    assert isinstance(wish, OpenClaim)
    assert wish.claim.note == "2 of 7 open items wait for another one"
    assert wish.claim.evidence


def test_a_chip_opens_what_a_sentence_rests_on(sprint: SprintPage, wishes: list[Wish]) -> None:
    button(sprint.explanation, "api#17").click()
    (wish,) = wishes
    assert isinstance(wish, OpenClaim)
    assert wish.claim.title.startswith("Two items wait for api#17")
    assert {e.id for e in wish.claim.evidence} == {f"issue:{API}#17"}


def test_a_long_name_keeps_its_number_on_the_chip(sprint: SprintPage) -> None:
    chips = [b.text() for b in sprint.explanation.findChildren(QPushButton)]
    assert any("…" in c and c.endswith("#9") for c in chips)


def test_every_due_day_seen_is_told_in_order(sprint: SprintPage) -> None:
    said = read(sprint.due_dates)
    assert "First set: Fri 8 May" in said
    assert "Then: Fri 15 May, moved by 3 days" in said


def test_grouped_milestones_are_shown_for_confirmation(sprint: SprintPage, wishes: list[Wish]) -> None:
    assert "have the same title" in read(sprint)
    button(sprint, "That is right").click()
    assert wishes == [ConfirmSprint("sprint-1")]


def test_a_risk_opens_its_evidence(sprint: SprintPage, wishes: list[Wish], qtbot: QtBot) -> None:
    sprint.risk_view.choose("risk:stale_review")
    qtbot.keyClick(sprint.risk_view, Qt.Key.Key_Return)
    (wish,) = wishes
    assert isinstance(wish, OpenClaim)
    assert wish.claim.title == "High: web#88 has waited 6 days for a first review"


def test_news_does_not_move_the_user_to_another_sprint(sprint: SprintPage, view: View) -> None:
    sprint.choose("sprint-4")
    sprint.show_view(replace(view, now=NOW.replace(minute=5)))
    assert sprint.sprint_id == "sprint-4"


def test_removed_sentences_are_counted(sprint: SprintPage, view: View) -> None:
    assert view.analysis is not None
    prose = Explanation(mode="model", sentences=(Sentence("Fine.", (f"issue:{API}#12",)),), removed=2)
    first = replace(view.analysis.sprints[0], explanation=prose)
    sprint.show_view(replace(view, analysis=replace(view.analysis, sprints=(first,))))
    assert "2 sentences did not check out and were removed" in sprint.explanation.source.replace(words.SPACE, " ")


def test_the_models_work_is_announced_on_its_sprint_only(sprint: SprintPage) -> None:
    sprint.prose_pending("sprint-4", "writing")
    assert "at work" not in sprint.explanation.source
    sprint.choose("sprint-4")
    assert sprint.explanation.source.endswith("The model is at work: writing.")


def test_the_chart_comes_with_its_numbers(sprint: SprintPage) -> None:
    sprint.chart.prepare()
    button(sprint.chart, "Show as table").click()
    assert sprint.chart.as_table
    button(sprint.chart, "Show as chart").click()
    assert not sprint.chart.as_table


def test_the_edges_are_counted_in_words(dependencies: DependenciesPage) -> None:
    said = dependencies.summary.replace(words.SPACE, " ")
    assert said == "7 edges  ·  5 across repositories  ·  2 hold up open work now"


def test_a_cycle_is_named_above_the_graph(dependencies: DependenciesPage) -> None:
    assert "web#44 → api#23 → web#44" in dependencies.cycles.sentence


def test_the_table_has_the_edges_of_the_graph(dependencies: DependenciesPage) -> None:
    dependencies._as.button(TABLE).click()
    assert dependencies.table.rowCount() == 7
    assert dependencies.table.index(0, 3).data() == "Critical"


def test_switching_kinds_off_leaves_words(dependencies: DependenciesPage) -> None:
    for box in dependencies.kinds.values():
        box.setChecked(False)
    assert "No dependency to show" in read(dependencies)


def test_actions_are_ranked_with_their_gain(recommendations: RecommendationsPage) -> None:
    first = recommendations.cards[0]
    said = read(first)
    assert "+9 pts" in said
    assert "give or take 2" in said
    assert "Hours of work" in first.findChildren(QWidget)[0].accessibleName() or "Finish api#17 first" in said


def test_accept_is_one_click(recommendations: RecommendationsPage, wishes: list[Wish]) -> None:
    card = recommendations.cards[0]
    card.accept.click()
    assert wishes == [Decide(card.action, Verdict.ACCEPTED)]


def test_snooze_offers_tomorrow_and_the_sprints_end(recommendations: RecommendationsPage, wishes: list[Wish]) -> None:
    card = next(c for c in recommendations.cards if "Checkout" in read_title(c))
    tomorrow, end = card.snooze.menu().actions()
    tomorrow.trigger()
    end.trigger()
    untils = [w.until for w in wishes if isinstance(w, Decide)]
    assert untils == [
        datetime(2026, 5, 7, 9, 0, tzinfo=NOW.tzinfo),
        datetime(2026, 5, 15, 23, 59, tzinfo=NOW.tzinfo),
    ]


def read_title(card: QWidget) -> str:
    """The names of everything in a card: elided labels say their whole text there."""
    return "\n".join(w.accessibleName() for w in card.findChildren(QWidget))


def test_a_sprint_without_an_end_cannot_be_snoozed_until_it(recommendations: RecommendationsPage) -> None:
    card = next(c for c in recommendations.cards if "Release 1.9" in read_title(c))
    assert len(card.snooze.menu().actions()) == 1


def test_unchanged_news_keeps_the_cards(recommendations: RecommendationsPage, view: View) -> None:
    before = recommendations.cards
    recommendations.show_view(replace(view, now=NOW.replace(minute=1)))
    assert recommendations.cards == before


def test_nothing_to_recommend_is_said(recommendations: RecommendationsPage, view: View) -> None:
    recommendations.show_view(replace(view, filters=Filters(sprint_id="sprint-5")))
    assert "Nothing to recommend" in read(recommendations)


# --- what became of advice


def _followed(progress: Progress, sentence: str, **more: Any) -> FollowUp:
    act = Intervention(
        id="a@1", recommendation_id="rec:unblock", sprint_id="sprint-1", sprint_title="Checkout 2.0", kind="unblock",
        summary="Finish api#17 first", item_ids=(f"issue:{API}#17",), effort=Effort.MEDIUM, accepted_at=NOW,
        done_by=NOW.date(), done_when="it is closed", probability=0.6, promised=0.09, due_on=None, planned_days=None,
        before=(), evidence=(cite(f"issue:{API}#17"),),
    )  # fmt: skip
    return FollowUp(intervention=act, progress=progress, sentence=sentence, **more)


def _with(view: View, **more: Any) -> View:
    assert view.analysis is not None
    return replace(view, analysis=replace(view.analysis, **more))


def _advised(view: View, *actions: Recommendation) -> View:
    """The same with these actions for every sprint."""
    assert view.analysis is not None
    sprints = tuple(replace(one, recommendations=actions) for one in view.analysis.sprints)
    return replace(view, analysis=replace(view.analysis, sprints=sprints))


def test_what_stands_inside_an_action_is_named_in_it(recommendations: RecommendationsPage, view: View) -> None:
    action = replace(samples.recommendations()[0], instead="On its own, dropping o/r#7 adds 8 points.")
    recommendations.show_view(_advised(view, action))
    assert action.instead in read(recommendations.cards[0]).replace(words.BREAK, "")


def test_that_nothing_changes_the_odds_is_said_in_words(recommendations: RecommendationsPage, view: View) -> None:
    bare = replace(samples.recommendations()[0], delta_probability=None, interval=None)
    recommendations.show_view(_advised(view, bare))
    assert "Nothing we know of changes the odds by a point." in recommendations.nothing.text()
    assert recommendations.cards
    recommendations.show_view(_advised(view))
    assert "Nothing we know of changes the odds by a point." in read(recommendations)
    assert not recommendations.nothing.isVisible()


def test_of_several_sprints_it_is_said_which_one_nothing_moves(
    recommendations: RecommendationsPage, view: View
) -> None:
    assert view.analysis is not None
    first, *rest = view.analysis.sprints
    again = replace(first, sprint=replace(first.sprint, id="other", title="Checkout 3.0"), recommendations=())
    recommendations.show_view(replace(view, analysis=replace(view.analysis, sprints=(first, again, *rest))))
    assert "Checkout 3.0: nothing we know of changes the odds by a point." in recommendations.nothing.text()
    assert "Checkout 2.0:" not in recommendations.nothing.text()


def test_in_the_past_nothing_is_taken_back(recommendations: RecommendationsPage, view: View) -> None:
    overdue = _followed(Progress.OVERDUE, "not done yet, overdue by 2 days")
    recommendations.show_view(replace(_with(view, follow_ups=(overdue,)), past=NOW))
    (card,) = recommendations.followed.findChildren(FollowUpCard)
    assert not card.undo.isEnabled()


def test_what_came_of_an_accepted_action_is_said(recommendations: RecommendationsPage, view: View) -> None:
    done = _followed(Progress.DONE, "Accepted on Tue 5 May, done Wed 6 May; promised +9, P moved +7.", helped=True)
    recommendations.show_view(_with(view, follow_ups=(done,)))
    said = read(recommendations.followed)
    assert "Helped" in said
    assert "promised +9, P moved +7" in said
    assert not [b for b in recommendations.followed.findChildren(QPushButton) if b.text() == "Take back"]


def test_what_is_under_way_can_be_taken_back(
    recommendations: RecommendationsPage, view: View, wishes: list[Wish]
) -> None:
    recommendations.show_view(_with(view, follow_ups=(_followed(Progress.OVERDUE, "not done yet, overdue by 2 days"),)))
    (card,) = recommendations.followed.findChildren(FollowUpCard)
    card.undo.click()
    assert wishes == [UndoVerdict("rec:unblock", "Finish api#17 first")]
    assert "Overdue" in read(card)


def test_a_dismissal_can_be_undone(recommendations: RecommendationsPage, view: View, wishes: list[Wish]) -> None:
    assert view.analysis is not None
    action = view.analysis.sprints[0].recommendations[0]
    given = UserVerdict(recommendation_id=action.id, verdict=Verdict.DISMISSED, reason="not now", at=NOW)
    recommendations.show_view(_with(view, decided=(Decided(recommendation=action, sprint_title="", verdict=given),)))
    (row,) = recommendations.decided.findChildren(DecidedRow)
    assert "Dismissed 12:00: “not now”" in read(row)
    row.undo.click()
    assert wishes == [UndoVerdict(action.id, action.summary)]


def test_a_learned_weight_is_visible_and_can_be_forgotten(
    recommendations: RecommendationsPage, view: View, wishes: list[Wish]
) -> None:
    why = "Ranked lower: you dismissed 4 of 5 like this."
    weight = LearnedWeight(
        kind="unblock", weight=0.87, accepted=1, dismissed=4, snoozed=0, helped=0, not_helped=0, sentence=why
    )
    recommendations.show_view(_with(view, learned=(weight,)))
    said = read(recommendations.learned)
    assert "Unblock: weight 0.87" in said
    assert "(1 accepted, 4 dismissed)" in said
    recommendations.learned.findChildren(QPushButton)[0].click()
    assert wishes == [ForgetLearning("unblock")]


def test_a_weighed_action_says_why_it_stands_there(recommendations: RecommendationsPage, view: View) -> None:
    assert view.analysis is not None
    first, *rest = view.analysis.sprints
    low = replace(first.recommendations[0], weight=0.5, why_weight="Ranked lower: you dismissed 9 of 9 like this.")
    changed = replace(first, recommendations=(low, *first.recommendations[1:]))
    recommendations.show_view(_with(view, sprints=(changed, *rest)))
    places = [card.action for card in recommendations.cards]
    assert places.index(low) > places.index(first.recommendations[1])
    assert "Ranked lower: you dismissed 9 of 9 like this." in read(recommendations)
