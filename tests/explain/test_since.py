"""What changed between two evaluations: each kind of change is told once, with evidence, and names no person."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain import since as records
from galaxy_desktop.domain.calendar import is_working
from galaxy_desktop.domain.facts import ItemFacts
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.since import ChangeKind, Moved, MovedBy, Since
from galaxy_desktop.domain.work import State
from galaxy_desktop.explain.since import (
    change_in_words,
    compare,
    headline,
    in_points,
    lines_of,
    markdown_of,
    tenths,
    with_movement,
    yesterday,
)
from tests.ui import samples

ITEM, OTHER = f"issue:{samples.API}#17", f"issue:{samples.WEB}#44"
THEN = samples.NOW - timedelta(days=1)


def _at(analysis: Analysis, moment: datetime) -> Analysis:
    one = analysis.sprints[0]
    return replace(analysis, as_of=moment, sprints=(replace(one, features=replace(one.features, as_of=moment)),))


@pytest.fixture
def before() -> Analysis:
    return _at(samples.analysis(), THEN)


@pytest.fixture
def after() -> Analysis:
    return _at(samples.analysis(), samples.NOW)


def _closing(analysis: Analysis, item_id: str) -> Analysis:
    return replace(analysis, items=tuple(replace(i, open=i.open and i.id != item_id) for i in analysis.items))


def _with_facts(analysis: Analysis, item_id: str, **changes: object) -> Analysis:
    one = analysis.sprints[0]

    def changed(facts: ItemFacts) -> ItemFacts:
        return replace(facts, **changes) if facts.item_id == item_id else facts  # type: ignore[arg-type]

    features = replace(one.features, items=tuple(changed(f) for f in one.features.items))
    return replace(analysis, sprints=(replace(one, features=features),))


def _holding(analysis: Analysis, items: tuple[str, ...]) -> Analysis:
    one = analysis.sprints[0]
    return replace(analysis, sprints=(replace(one, sprint=replace(one.sprint, items=items)),))


def _kinds(since: Since, item_id: str) -> list[ChangeKind]:
    return [c.kind for one in since.sprints for c in one.changes if c.item_id == item_id]


def test_the_same_twice_is_quiet(before: Analysis, after: Analysis) -> None:
    assert all(one.quiet for one in compare(before, after).sprints)


def test_an_item_closed_meanwhile_is_done(before: Analysis, after: Analysis) -> None:
    assert _kinds(compare(before, _closing(after, ITEM)), ITEM) == [ChangeKind.DONE]
    assert _kinds(compare(_closing(before, ITEM), after), ITEM) == [ChangeKind.REOPENED]


def test_work_begun_since_then_is_started(before: Analysis, after: Analysis) -> None:
    begun = _with_facts(after, ITEM, started_at=THEN + timedelta(hours=3))
    assert _kinds(compare(before, begun), ITEM) == [ChangeKind.STARTED]
    assert ITEM not in {c.item_id for c in compare(before, after).sprints[0].changes}


def test_a_new_blocker_is_named_with_the_words_that_say_so(before: Analysis, after: Analysis) -> None:
    blocked = _with_facts(after, OTHER, blocked_by=(f"issue:{samples.API}#23",))
    change = compare(before, blocked).sprints[0].changes[0]
    assert (change.kind, change.item_id) == (ChangeKind.BLOCKED, OTHER)
    assert "acme/api#23" in change.words
    assert change.evidence[:2] == (OTHER, f"issue:{samples.API}#23")


def test_an_item_that_waits_for_nothing_any_more_is_free(before: Analysis, after: Analysis) -> None:
    waiting = _with_facts(before, OTHER, blocked_by=(ITEM,))
    change = compare(waiting, after).sprints[0].changes[0]
    assert (change.kind, change.evidence) == (ChangeKind.FREED, (OTHER, ITEM))


def test_a_review_that_is_waited_for_is_told_as_long_as_it_is(before: Analysis, after: Analysis) -> None:
    waits = {"waiting_for_review_days": 5.2}
    told = compare(_with_facts(before, ITEM, **waits), _with_facts(after, ITEM, **waits))
    assert [c.words for c in told.sprints[0].of_kind(ChangeKind.REVIEW)] == ["for 5 days"]


def test_a_build_that_was_red_before_is_no_news(before: Analysis, after: Analysis) -> None:
    red = {"red_run": samples.cite("check:acme/api#9")}
    assert _kinds(compare(before, _with_facts(after, ITEM, **red)), ITEM) == [ChangeKind.RED]
    assert not _kinds(compare(_with_facts(before, ITEM, **red), _with_facts(after, ITEM, **red)), ITEM)


def test_scope_that_came_and_went_is_told(before: Analysis, after: Analysis) -> None:
    told = compare(_holding(before, (ITEM,)), _holding(_closing(after, OTHER), (OTHER,)))
    assert _kinds(told, OTHER) == [ChangeKind.ADDED]
    assert _kinds(told, ITEM) == [ChangeKind.REMOVED]
    assert told.sprints[0].of_kind(ChangeKind.ADDED)[0].words == "and is done"


def test_a_moved_end_is_told_first_with_both_days(before: Analysis, after: Analysis) -> None:
    one = after.sprints[0]
    later = replace(after, sprints=(replace(one, sprint=replace(one.sprint, due_on=date(2026, 5, 20))),))
    change = compare(before, _closing(later, ITEM)).sprints[0].changes[0]
    assert change.kind is ChangeKind.END
    assert "20 May" in change.words
    assert "15 May" in change.words
    assert change.evidence


def test_a_new_sprint_does_not_list_everything_in_it(before: Analysis, after: Analysis) -> None:
    one = compare(replace(before, sprints=()), after).sprints[0]
    assert (one.is_new, one.changes, one.moved.change) == (True, (), None)


def test_a_sprint_closed_long_ago_is_not_told(before: Analysis, after: Analysis) -> None:
    closed = replace(after.sprints[0], sprint=replace(after.sprints[0].sprint, state=State.CLOSED))
    assert compare(replace(before, sprints=(closed,)), replace(after, sprints=(closed,))).sprints == ()
    assert len(compare(before, replace(after, sprints=(closed,))).sprints) == 1


def test_no_record_of_a_standup_has_room_for_a_person() -> None:
    made = [v for v in vars(records).values() if hasattr(v, "__dataclass_fields__")]
    names = {field.name for record in made for field in fields(record)}
    assert made
    assert not {n for n in names if any(w in n for w in ("login", "owner", "author", "user", "person", "who"))}


def test_the_breakdown_is_told_with_signs(before: Analysis, after: Analysis) -> None:
    one = before.sprints[0]
    lower = replace(before, sprints=(replace(one, forecast=samples.forecast(0.55)),))
    moved = Moved(before=0.55, after=0.62, parts=(MovedBy(cause="done", points=0.07, words="web#1 done"),))
    told = with_movement(compare(lower, after), {one.sprint.id: moved})
    assert headline(told.sprints[0]) == "The chance to land in time went from 55 % to 62 %, +7 points"
    assert "  +7 points done: web#1 done" in lines_of(told)


@given(st.floats(0.05, 0.95), st.lists(st.floats(-0.3, 0.3), min_size=1, max_size=7))
def test_the_parts_that_are_told_add_up_to_the_change_that_is_told(before: float, shares: list[float]) -> None:
    steps = [round(10_000 * share) / 10_000 for share in shares]
    parts = tuple(MovedBy(cause="age", points=step, words="") for step in steps)
    moved = Moved(before=before, after=before + sum(steps), parts=parts)
    told = [float(in_points(share).partition(" ")[0]) for share in tenths(moved)]
    whole = change_in_words(moved).partition(" ")[0] or "0"
    assert sum(told) == pytest.approx(float(whole), abs=1e-6)


def test_without_a_breakdown_the_change_is_the_difference_of_the_percentages_shown() -> None:
    assert change_in_words(Moved(before=0.492, after=0.448)) == "-4 points"
    assert change_in_words(Moved(before=0.4949, after=0.4951)) == "+1 point"
    assert not change_in_words(Moved(before=0.4951, after=0.5049))


def test_a_part_too_small_to_be_seen_is_not_told(before: Analysis, after: Analysis) -> None:
    parts = (
        MovedBy(cause="calendar", points=-0.244, words="2 days passed"),
        MovedBy(cause="pace", points=0.0002, words="x"),
    )
    moved = Moved(before=0.4893, after=0.2455, parts=parts)
    told = "\n".join(lines_of(with_movement(compare(before, after), {before.sprints[0].sprint.id: moved})))
    assert "-24.4 points calendar" in told
    assert "pace" not in told


def test_a_wait_is_told_in_whole_days_that_passed(before: Analysis, after: Analysis) -> None:
    one = after.sprints[0]
    waiting = tuple(replace(f, waiting_for_review_days=3.9) for f in one.features.items)
    later = replace(after, sprints=(replace(one, features=replace(one.features, items=waiting)),))
    assert {c.words for c in compare(before, later).sprints[0].of_kind(ChangeKind.REVIEW)} == {"for 3 days"}


def test_markdown_makes_text_from_outside_harmless(before: Analysis, after: Analysis) -> None:
    wild = tuple(replace(i, title="[click](http://x) @all *now*\n# head") if i.id == ITEM else i for i in after.items)
    text = markdown_of(compare(before, _closing(replace(after, items=wild), ITEM)))
    assert "\\[click\\](http://x) \\@all \\*now\\* \\# head" in text


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive
def test_yesterday_is_a_working_day_before_today(now: datetime) -> None:
    found = yesterday(now)
    assert is_working(found.date())
    assert timedelta(0) < now - found < timedelta(days=5)
