"""What came of what was accepted: was it done, when, how is that known, and did the probability move as promised.

Whether an action was done is read from facts alone: a review that came after the word, a blocker that was closed, an
item that is no longer in the sprint. What it moved is told by the forecast, not by the calendar: when it is first seen
done, the sprint is simulated twice with the same random numbers, as it is and with the action undone. The difference is
what the action moved; everything else that happened meanwhile is on both sides. "Promised" is the gain named when it was
accepted. Both are numbers of the same model; what a team would have done without the advice nobody knows.

An action is overdue when its effort has passed twice over: after 1 working day for minutes of work, 3 for hours, 5 for
days. One that was not done when its sprint ended has lapsed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from galaxy_desktop.domain.calendar import is_working, local_day, worked_days, working_days
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import (
    Effort,
    FollowUp,
    Forecast,
    ForecastInputs,
    Intervention,
    OpenWork,
    Progress,
    Recommendation,
)
from galaxy_desktop.domain.scenarios import ending
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.recommend.done import DONE_WHEN, Done, Scene, was_done

WORKING_DAYS = {Effort.SMALL: 1, Effort.MEDIUM: 3, Effort.LARGE: 5}
LEAST_HELP = 0.01
"""What an action has to move at least to have helped: one point, and a third of what was promised."""
SHARE_OF_PROMISE = 1 / 3
_SEARCHED_DAYS = 60


@dataclass(frozen=True, slots=True)
class Outlook:
    """A sprint as it is forecast now; `inputs` are `None` where there is nothing to simulate any more."""

    probability: float | None
    inputs: ForecastInputs | None
    simulate: Callable[[ForecastInputs], Forecast]


def begin(
    advice: Recommendation,
    sprint: Sprint,
    outlook: Outlook,
    at: datetime,
    *,
    now: datetime,
    holidays: frozenset[date] = frozenset(),
) -> Intervention:
    """Follow up an action that was accepted at `at`; days are those of the zone of `now`."""
    inputs = outlook.inputs
    known = inputs.open + inputs.outside if inputs is not None else ()
    return Intervention(
        id=id_of(advice.id, at),
        recommendation_id=advice.id,
        sprint_id=sprint.id,
        sprint_title=sprint.title,
        kind=advice.kind,
        summary=advice.summary,
        item_ids=advice.item_ids,
        effort=advice.effort,
        accepted_at=at,
        done_by=_later(local_day(at, now), WORKING_DAYS[advice.effort], holidays),
        done_when=DONE_WHEN.get(advice.kind, "somebody says so"),
        probability=outlook.probability,
        promised=advice.delta_probability,
        due_on=sprint.due_on,
        planned_days=inputs.planned_days if inputs is not None else None,
        before=tuple(work for work in known if work.item_id in advice.item_ids),
        evidence=advice.evidence,
    )


def id_of(recommendation_id: str, at: datetime) -> str:
    """The id of what was accepted at a moment: the same acceptance is followed up once."""
    moment = at.astimezone(UTC).isoformat()
    return f"{recommendation_id}@{hashlib.sha256(moment.encode()).hexdigest()[:8]}"


def check(one: Intervention, scene: Scene, outlook: Outlook, holidays: frozenset[date] = frozenset()) -> FollowUp:
    """What came of it as of now."""
    done = was_done(one, scene)
    if done is not None:
        return _done(one, done, scene.now, outlook)
    if scene.sprint is None or scene.sprint.state is State.CLOSED:
        said = f"{_accepted(one, scene.now)}; the sprint ended before it was done."
        return FollowUp(intervention=one, progress=Progress.LAPSED, sentence=said)
    return _waiting(one, scene.now, holidays)


def as_it_was(one: FollowUp, moment: datetime, holidays: frozenset[date] = frozenset()) -> FollowUp | None:
    """What was known of an accepted action at a moment of the past; `None` when it had not been accepted.

    When an acceptance was taken back is not kept with it, so until then it counts as under way.
    """
    act = one.intervention
    if act.accepted_at > moment:
        return None
    if one.progress is Progress.DONE and one.done_at is not None and one.done_at <= moment:
        return one
    if one.progress is Progress.LAPSED and act.due_on is not None and act.due_on < local_day(moment, moment):
        return one
    return _waiting(act, moment, holidays)


def _waiting(one: Intervention, now: datetime, holidays: frozenset[date]) -> FollowUp:
    """It is not done yet, in time or overdue."""
    today = local_day(now, now)
    late = working_days(one.done_by + timedelta(days=1), today, holidays)
    if today <= one.done_by or not late:
        said = f"{_accepted(one, now)}, not done yet: done when {one.done_when}."
        return FollowUp(intervention=one, progress=Progress.UNDER_WAY, sentence=said)
    days = "1 working day" if late == 1 else f"{late} working days"
    said = f"{_accepted(one, now)}, not done yet, overdue by {days}: done when {one.done_when}."
    return FollowUp(intervention=one, progress=Progress.OVERDUE, sentence=said)


def undone(one: Intervention, inputs: ForecastInputs, now: datetime) -> ForecastInputs | None:
    """The inputs as they would be now had the action not been done; `None` where the forecast knows nothing of it."""
    if one.kind == "move_date":
        return ending(inputs, one.due_on) if one.due_on is not None and inputs.due_on is not None else None
    if not one.before:
        return None
    days = worked_days(one.accepted_at, now, now, inputs.holidays)
    old = {work.item_id: _aged(work, days) for work in one.before}
    if one.kind == "unblock":
        return _blocked_again(one, inputs, old)
    if one.kind == "split":
        old = {
            work.item_id: _whole_again(old[work.item_id], work) for work in inputs.open if work.item_id in old
        } or old
    return _put_back(inputs, old)


# --- how it would be without


def _aged(work: OpenWork, days: float) -> OpenWork:
    """The work as it would be so many working days later, had nobody touched it."""
    waiting = work.waiting_for_review_days
    return replace(
        work,
        age_days=None if work.age_days is None else work.age_days + days,
        waiting_for_review_days=None if waiting is None else waiting + days,
    )


def _whole_again(then: OpenWork, now: OpenWork) -> OpenWork:
    """The item with what is left of it as much larger as it was: what was promised was a smaller share of it."""
    sizes = ((then.boxes, now.boxes), (then.lines or 0, now.lines or 0))
    larger = max((before / after for before, after in sizes if before > after > 0), default=1.0)
    return replace(now, remaining_share=now.remaining_share * larger)


def _put_back(inputs: ForecastInputs, old: dict[str, OpenWork]) -> ForecastInputs:
    """The items as they were, among those that are open now; finished ones are unfinished again."""
    there = {work.item_id for work in inputs.open}
    kept = tuple(old.get(work.item_id, work) for work in inputs.open)
    back = tuple(work for item_id, work in old.items() if item_id not in there)
    finished = sum(work.item_id in inputs.done_ids for work in back)
    return replace(
        inputs,
        open=kept + back,
        done=inputs.done - finished,
        done_ids=tuple(i for i in inputs.done_ids if i not in old),
        outside=tuple(work for work in inputs.outside if work.item_id not in old),
    )


def _blocked_again(one: Intervention, inputs: ForecastInputs, old: dict[str, OpenWork]) -> ForecastInputs:
    """The held items wait for the blocker again, which is open again: in the sprint where it was, else outside."""
    root, *held = one.item_ids
    open_now = {work.item_id: work for work in inputs.open}
    again = {
        item_id: replace(open_now[item_id], blocked_by=tuple(dict.fromkeys((*open_now[item_id].blocked_by, root))))
        for item_id in held
        if item_id in open_now
    }
    finished = {item_id: old[item_id] for item_id in held if item_id in old and item_id in inputs.done_ids}
    blocker = old.get(root, OpenWork(item_id=root, age_days=None))
    in_sprint = root in open_now or root in inputs.done_ids
    if in_sprint:
        return _put_back(inputs, {**again, **finished, root: blocker})
    back = _put_back(inputs, {**again, **finished})
    if any(work.item_id == root for work in back.outside):
        return back
    return replace(back, outside=(*back.outside, blocker))


# --- what it moved, in words


def _done(one: Intervention, done: Done, now: datetime, outlook: Outlook) -> FollowUp:
    without, p = _without(one, now, outlook), outlook.probability
    seen = round(p - without, 4) if p is not None and without is not None else None
    helped = None
    if seen is not None and one.promised is not None:
        helped = seen >= max(LEAST_HELP, SHARE_OF_PROMISE * one.promised)
    return FollowUp(
        intervention=one,
        progress=Progress.DONE,
        sentence=_in_words(one, done, seen, helped, now),
        done_at=done.at,
        evidence=done.evidence,
        probability=p,
        without=without,
        seen=seen,
        helped=helped,
    )


def _without(one: Intervention, now: datetime, outlook: Outlook) -> float | None:
    if outlook.inputs is None or outlook.probability is None:
        return None
    before = undone(one, outlook.inputs, now)
    return outlook.simulate(before).probability if before is not None else None


def _in_words(one: Intervention, done: Done, seen: float | None, helped: bool | None, now: datetime) -> str:
    said = f"{_accepted(one, now)}, done {_day(done.at, now)} ({done.how})"
    if one.promised is None:
        return f"{said}; no gain was promised."
    if seen is None:
        return f"{said}; promised {_points(one.promised)}; what P moved cannot be said now."
    verdict = "" if helped else ": it did not help"
    return f"{said}; promised {_points(one.promised)}, P moved {_points(seen)}{verdict}."


def _accepted(one: Intervention, now: datetime) -> str:
    return f"Accepted on {_day(one.accepted_at, now)}"


def _day(moment: datetime, now: datetime) -> str:
    day = local_day(moment, now)
    return f"{day:%a} {day.day} {day:%b}"


def _points(change: float) -> str:
    return f"{round(100 * change):+d}".replace("-", "\N{MINUS SIGN}")


def _later(day: date, working: int, holidays: frozenset[date]) -> date:
    """The last of so many working days after a day."""
    later = day
    for _ in range(_SEARCHED_DAYS):
        if not working:
            break
        later += timedelta(days=1)
        working -= is_working(later, holidays)
    return later


def evidence_of(one: FollowUp) -> tuple[Evidence, ...]:
    """What shows that it was done, then what it was recommended for."""
    known = {e.id for e in one.evidence}
    return one.evidence + tuple(e for e in one.intervention.evidence if e.id not in known)
