"""What came of an accepted action: was it done, how is that known, and what did it move."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.assess import forecast, risks
from galaxy_desktop.domain.calendar import worked_days
from galaxy_desktop.domain.findings import FollowUp, Intervention, Progress
from galaxy_desktop.domain.work import Person, Review, State
from galaxy_desktop.recommend.done import DONE_WHEN, Scene
from galaxy_desktop.recommend.follow_up import WORKING_DAYS, Outlook, begin, check, evidence_of, undone
from galaxy_desktop.recommend.rank import ORDER_WITHOUT_GAIN

ONE, TWO, THREE = (f"issue:o/r#{n}" for n in (1, 2, 3))
WAITING = {"age_days": 6.0, "waiting_for_review_days": 6.0}


def outlook_of(bench: Any) -> Outlook:
    inputs = bench.inputs()
    return Outlook(bench.simulate(inputs).probability, inputs, bench.simulate)


def accepted(bench: Any, kind: str, which: int = 0) -> Intervention:
    """The recommendation of that kind, accepted at once."""
    advice = bench.of_kind(kind)[which]
    return begin(advice, bench.sprint, outlook_of(bench), bench.now, now=bench.now)


def later(bench: Any, days: float = 1.0) -> Any:
    """The same bench some days on; nothing else has changed but its hour."""
    return replace(bench, now=bench.now + timedelta(days=days))


def came_of(one: Intervention, bench: Any, *, gone: bool = False) -> FollowUp:
    found = risks.find(bench.sprint, bench.features, forecast.simulate(bench.inputs()), bench.snapshot, bench.now)
    scene = Scene(
        sprint=None if gone else bench.sprint, features=bench.features, risks=tuple(found), snapshot=bench.snapshot,
        now=bench.now,
    )  # fmt: skip
    return check(one, scene, outlook_of(bench))


def review(make: Any, hours: float, by: int = 9) -> Review:
    return Review(
        repository_id=1, repository="o/r", id=7, item_number=1, author=Person(by, "x"), verdict="changes_requested",
        body="", submitted_at=make.now + timedelta(hours=hours), url="https://x/7", observed_at=make.now,
    )  # fmt: skip


# --- done


def test_a_review_that_came_after_the_word_makes_it_done(make: Any) -> None:
    one = accepted(make.bench({1: WAITING}, pace=3), "review_pull_request")
    bench = later(make.bench({1: {"age_days": 7.0}}, pace=3))
    bench = replace(bench, snapshot=replace(bench.snapshot, reviews=(review(make, 5),)))
    found = came_of(one, bench)
    assert (found.progress, found.done_at) == (Progress.DONE, make.now + timedelta(hours=5))
    assert [e.id for e in found.evidence] == ["review:o/r#7", ONE]
    assert "done Wed 6 May (reviewed: changes requested)" in found.sentence
    assert {e.id for e in evidence_of(found)} >= {"review:o/r#7", ONE}


@pytest.mark.parametrize(("hours", "by"), [(-5, 9), (5, 1)])
def test_an_earlier_review_or_one_by_the_author_does_not(make: Any, hours: float, by: int) -> None:
    bench = make.bench({1: WAITING}, pace=3)
    one = accepted(bench, "review_pull_request")
    bench = replace(bench, snapshot=replace(bench.snapshot, reviews=(review(make, hours, by),)))
    assert came_of(one, later(bench, 0.1)).progress is Progress.UNDER_WAY


def test_a_closed_blocker_makes_it_done(make: Any) -> None:
    facts = {2: {"blocked_by": (ONE,)}, 1: {"age_days": 4.0}}
    one = accepted(make.bench(facts, pace=2), "unblock")
    items = (make.item(1, done=True), *(make.item(n, done=n > 6) for n in range(2, 11)))
    found = came_of(one, later(make.bench({}, items=items, pace=3)))
    assert (found.progress, [e.id for e in found.evidence]) == (Progress.DONE, [ONE])
    assert found.helped is not None


def test_a_blocker_that_was_cut_loose_makes_it_done(make: Any) -> None:
    one = accepted(make.bench({2: {"blocked_by": (ONE,)}}, pace=3), "unblock")
    assert "nothing waits for it any more" in came_of(one, later(make.bench({}, pace=3))).sentence


def test_a_green_build_makes_it_done(make: Any) -> None:
    one = accepted(make.bench({1: {"age_days": 8.0, "red_run": make.red}}, pace=3), "fix_build")
    assert came_of(one, later(make.bench({1: {"age_days": 4.0}}))).progress is Progress.DONE
    assert came_of(one, later(make.bench({1: {"age_days": 9.0, "red_run": make.red}}))).progress is Progress.UNDER_WAY


def test_half_a_checklist_makes_a_split_done(make: Any) -> None:
    one = accepted(make.bench({1: {"boxes": 9, "ticked": 1, "age_days": 5.9}}, pace=4), "split")
    less = came_of(one, later(make.bench({1: {"boxes": 5, "ticked": 1, "age_days": 6.9}}, pace=4)))
    same = came_of(one, later(make.bench({1: {"boxes": 9, "ticked": 2, "age_days": 6.9}}, pace=4)))
    assert (less.progress, same.progress) == (Progress.DONE, Progress.UNDER_WAY)
    assert "(5 boxes in its checklist instead of 9)" in less.sentence
    assert less.seen is not None
    assert less.seen > 0.0


def test_items_that_left_the_sprint_make_it_done(make: Any) -> None:
    bench = make.bench(pace=1)
    one = accepted(bench, "drop_or_move")
    left = replace(bench.sprint, items=tuple(i for i in bench.sprint.items if i not in one.item_ids))
    assert came_of(one, replace(later(bench), sprint=left)).progress is Progress.DONE
    assert came_of(one, later(bench)).progress is Progress.UNDER_WAY


def test_a_later_end_makes_it_done_and_says_what_it_moved(make: Any) -> None:
    bench = make.bench()
    one = accepted(bench, "move_date")
    found = came_of(one, later(make.bench(left=25)))
    assert found.progress is Progress.DONE
    assert found.seen is not None
    assert found.seen > 0.2
    assert found.helped


def test_an_owner_for_all_makes_it_done(make: Any) -> None:
    bare = tuple(make.item(n, assignees=()) for n in range(1, 7))
    one = accepted(make.bench(items=bare), "reassign")
    found = came_of(one, later(make.bench()))
    assert (found.progress, found.helped) == (Progress.DONE, None)
    assert found.sentence.endswith("no gain was promised.")


def test_a_sprint_that_got_an_end_or_was_decided_about_is_done(make: Any) -> None:
    one = accepted(make.bench(left=None, pace=3), "set_end")
    assert came_of(one, later(make.bench(left=9, pace=3))).progress is Progress.DONE
    other = accepted(make.bench(left=-3, pace=3), "close_overdue")
    assert came_of(other, later(make.bench(left=-3, pace=3, state=State.CLOSED))).progress is Progress.DONE


def test_every_kind_says_what_done_means() -> None:
    assert {*ORDER_WITHOUT_GAIN, "drop_or_move", "move_date"} == set(DONE_WHEN)


# --- not done


@pytest.mark.parametrize(
    ("days", "progress"),
    [(0, Progress.UNDER_WAY), (1, Progress.UNDER_WAY), (2, Progress.OVERDUE), (3, Progress.OVERDUE)],
)
def test_minutes_of_work_are_overdue_after_one_working_day(make: Any, days: int, progress: Progress) -> None:
    bench = make.bench({1: WAITING}, pace=3, left=30)
    assert came_of(accepted(bench, "review_pull_request"), later(bench, days)).progress is progress


def test_weekends_do_not_make_it_overdue(make: Any) -> None:
    bench = make.bench({1: WAITING}, pace=3, left=30)
    one = accepted(later(bench, 2), "review_pull_request")
    assert one.done_by == date(2026, 5, 11)
    found = came_of(one, later(bench, 7))
    assert "not done yet, overdue by 2 working days" in came_of(one, later(bench, 7)).sentence
    assert found.sentence.startswith("Accepted on Fri 8 May")


def test_the_time_depends_on_the_effort() -> None:
    assert list(WORKING_DAYS.values()) == [1, 3, 5]


def test_what_was_not_done_when_its_sprint_ended_has_lapsed(make: Any) -> None:
    bench = make.bench({1: WAITING}, pace=3)
    one = accepted(bench, "review_pull_request")
    closed = replace(bench, sprint=replace(bench.sprint, state=State.CLOSED))
    assert came_of(one, later(closed)).progress is Progress.LAPSED
    assert came_of(one, later(bench), gone=True).progress is Progress.LAPSED


# --- promised and seen


def test_done_at_once_it_moves_what_was_promised(make: Any) -> None:
    """With nothing else changed the forecast without the action is the one it was accepted at."""
    bench = make.bench({1: WAITING}, pace=3)
    one = accepted(bench, "review_pull_request")
    after = make.bench({1: {"age_days": 6.0}}, pace=3)
    after = replace(after, snapshot=replace(after.snapshot, reviews=(review(make, 0.001),)))
    found = came_of(one, after)
    assert found.seen == pytest.approx(one.promised, abs=0.002)
    assert found.without == pytest.approx(one.probability, abs=0.002)
    assert found.helped


def test_what_moved_nothing_did_not_help(make: Any) -> None:
    """The item was so young when it was reviewed that the wait did not matter any more: others decide."""
    bench = make.bench({1: WAITING}, pace=3)
    one = replace(accepted(bench, "review_pull_request"), promised=0.3)
    old = {n: {"age_days": 300.0} for n in range(2, 7)}
    after = make.bench({1: {"age_days": 6.0}, **old}, pace=3)
    after = replace(after, snapshot=replace(after.snapshot, reviews=(review(make, 1),)))
    found = came_of(one, later(after))
    assert not found.helped
    assert found.sentence.endswith(": it did not help.")


@given(days=st.floats(0, 30), kind=st.sampled_from(["review_pull_request", "drop_or_move", "split", "fix_build"]))
def test_the_forecast_without_it_holds_the_work_again(make: Any, days: float, kind: str) -> None:
    facts = {1: {**WAITING, "red_run": make.red}, 2: {"boxes": 9, "age_days": 3.0}}
    bench = _bench(make, facts)
    one = _intervention(make, bench, kind)
    items = tuple(make.item(n, done=n > 6 or n in (1, 2)) for n in range(1, 11))
    then = make.bench({}, items=items)
    back = undone(one, replace(then.inputs(), done_ids=(ONE, TWO)), bench.now + timedelta(days=days))
    assert back is not None
    works = {w.item_id: w for w in back.open}
    assert set(one.item_ids) <= set(works)
    assert len(works) == len(back.open)
    worked = worked_days(one.accepted_at, bench.now + timedelta(days=days), bench.now)
    for old in one.before:
        assert works[old.item_id].age_days == (None if old.age_days is None else pytest.approx(old.age_days + worked))
    assert len(back.open) + back.done == len(then.inputs().open) + then.inputs().done


_BENCHES: dict[str, Any] = {}


def _bench(make: Any, facts: dict[int, dict[str, Any]]) -> Any:
    return _BENCHES.setdefault("one", make.bench(facts, pace=2))


def _intervention(make: Any, bench: Any, kind: str) -> Intervention:
    found = _BENCHES.get(kind)
    if found is None:
        advice = next((r for r in bench.recommend() if r.kind == kind), bench.recommend()[0])
        found = _BENCHES[kind] = begin(
            replace(advice, item_ids=(ONE,)), bench.sprint, outlook_of(bench), bench.now, now=bench.now
        )
    return replace(found, kind=kind)


def test_without_the_action_the_blocker_is_back_where_it_was(make: Any) -> None:
    one = accepted(make.bench({2: {"blocked_by": (ONE,)}, 1: {"age_days": 4.0}}, pace=2), "unblock")
    items = (make.item(1, done=True), *(make.item(n, done=n > 6) for n in range(2, 11)))
    then = make.bench({}, items=items, pace=3)
    back = undone(one, replace(then.inputs(), done_ids=(ONE,)), make.now + timedelta(days=2))
    assert back is not None
    works = {w.item_id: w for w in back.open}
    assert works[TWO].blocked_by == (ONE,)
    assert works[ONE].age_days == pytest.approx(4.5)


def test_a_blocker_elsewhere_is_back_outside(make: Any) -> None:
    far = "external:issue:x/y#4"
    one = accepted(make.bench({2: {"blocked_by": (far,)}}, pace=3), "unblock")
    back = undone(one, make.bench({}, pace=3).inputs(), make.now)
    assert back is not None
    assert [w.item_id for w in back.outside] == [far]
    assert next(w for w in back.open if w.item_id == TWO).blocked_by == (far,)
