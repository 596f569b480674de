"""An evaluation through filters, and the way from ids to quotes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.ui.view import Filters, Situation, View, last_days, next_days, repository_of
from tests.ui.samples import API, NOW, WEB, alerts


def titles(view: View) -> list[str]:
    """The titles of the sprints that are kept."""
    return [s.sprint.title for s in view.sprints]


def test_open_sprints_come_first_with_the_nearest_end_on_top(view: View) -> None:
    assert titles(view)[:3] == ["Release 1.9", "Checkout 2.0", "Field trial"]
    assert titles(view)[-1] == "Release 1.8"


def test_a_repository_keeps_the_sprints_that_touch_it(view: View) -> None:
    kept = replace(view, filters=Filters(repository=WEB))
    assert all(WEB in s.sprint.repositories for s in kept.sprints)
    assert "Release 1.9" not in titles(kept)


def test_a_milestone_keeps_its_sprint_alone(view: View) -> None:
    assert titles(replace(view, filters=Filters(sprint_id="sprint-1"))) == ["Checkout 2.0"]


def test_dates_keep_sprints_that_overlap_them(view: View) -> None:
    past = replace(view, filters=Filters(first=date(2026, 1, 1), last=date(2026, 4, 26)))
    assert titles(past) == []


def test_an_open_sprint_whose_end_has_passed_still_counts_as_running_today(view: View) -> None:
    first, last = next_days(NOW.date(), 14)
    assert "Release 1.9" in titles(replace(view, filters=Filters(first=first, last=last)))


def test_a_sprint_that_closed_before_the_dates_is_left_out(view: View) -> None:
    first, last = next_days(NOW.date(), 14)
    assert "Release 1.8" not in titles(replace(view, filters=Filters(first=first, last=last)))


def test_moments_are_kept_by_their_local_day() -> None:
    filters = Filters(*last_days(NOW.date(), 0))
    assert filters.keeps_moment(datetime(2026, 5, 6, 23, 59, tzinfo=UTC), NOW)
    assert not filters.keeps_moment(datetime(2026, 5, 5, 23, 59, tzinfo=UTC), NOW)


def test_the_worth_of_actions_orders_them_and_those_without_a_number_come_last(view: View) -> None:
    worth = [r.delta_probability for _, r in view.recommendations]
    numbers = [w for w in worth if w is not None]
    assert numbers == sorted(numbers, reverse=True)
    assert worth[len(numbers) :] == [None] * (len(worth) - len(numbers))


def test_a_closed_sprint_recommends_nothing(view: View) -> None:
    assert all(s.sprint.title != "Release 1.8" for s, _ in view.recommendations)


def test_edges_are_kept_when_one_end_lies_in_the_repository(view: View) -> None:
    kept = replace(view, filters=Filters(repository="payco/gateway")).dependencies
    assert [e.source_id for e in kept] == ["external:issue:payco/gateway#3"]


def test_the_same_id_keeps_all_its_quotes(view: View) -> None:
    quotes = [e.quote for e in view.cite(f"issue:{API}#17")]
    assert "Idempotency keys for retries of a payment" in quotes
    assert "updated 2026-04-30" in quotes


def test_a_computed_number_is_cited_with_its_formula(view: View) -> None:
    (one,) = view.cite("feature:sprint-1/throughput")
    assert one.quote == "1.4 items a working day, last 60 days: 51 items / 37 working days"


def test_an_unknown_id_says_that_nothing_is_at_hand(view: View) -> None:
    (one,) = view.cite("issue:acme/api#9999")
    assert "not part of the evaluation" in one.quote
    assert one.url == ""


def test_only_web_addresses_are_links(view: View, analysis: Analysis) -> None:
    wild = replace(analysis.items[0], url="file:///etc/passwd")
    assert replace(view, analysis=replace(analysis, items=(wild,), sprints=(), dependencies=())).link(wild.id) == ""


def test_each_emptiness_has_its_own_name(view: View, analysis: Analysis) -> None:
    assert replace(view, loading=True).situation is Situation.LOADING
    assert replace(view, analysis=None).situation is Situation.NOTHING_TRACKED
    assert replace(view, analysis=replace(analysis, sprints=())).situation is Situation.NO_SPRINTS
    assert replace(view, filters=Filters(sprint_id="none")).situation is Situation.FILTERED_AWAY
    assert replace(view, failure="The database is newer.").situation is Situation.FAILED


def test_alerts_follow_dates_and_sprint(view: View) -> None:
    assert len(view.alerts(alerts())) == 2
    today = replace(view, filters=Filters(first=NOW.date()))
    assert [a.id for a in today.alerts(alerts())] == ["alert-1"]
    other = replace(view, filters=Filters(sprint_id="sprint-3"))
    assert [a.id for a in other.alerts(alerts())] == ["alert-2"]


def test_the_repository_of_an_id_is_known_for_every_kind() -> None:
    assert repository_of("commit:o/r@abc") == repository_of("external:issue:o/r#1") == "o/r"


def test_the_view_of_another_day_keeps_the_evaluation(view: View) -> None:
    later = replace(view, now=NOW + timedelta(days=1))
    assert later.sprints == view.sprints
