"""The seven parts of health, one function each: score, formula with its numbers, evidence.

Every function takes a `Situation` and answers with a `Draft`; a score of `None` means "no data" and the formula then
says why. The formulas are listed in docs/forecast.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from galaxy_desktop.domain.calendar import days_between
from galaxy_desktop.domain.evidence import Evidence, of_anchors, of_item, of_number, of_run, unique
from galaxy_desktop.domain.facts import DayCount, FeatureSet, ItemFacts
from galaxy_desktop.domain.findings import Forecast, NoForecast
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import WorkflowRun, WorkItem

MOST_EVIDENCE = 8
RECENT_WORKING_DAYS = 10
LEAST_WORKING_DAYS = 15
REVIEW_PATIENCE_DAYS = 1.0
HEATED = -0.3


@dataclass(frozen=True, slots=True)
class Draft:
    """A part before weights are settled."""

    name: str
    score: float | None
    formula: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Situation:
    """What the parts are computed from; `open` pairs each open item with its facts."""

    sprint: Sprint
    features: FeatureSet
    forecast: Forecast
    snapshot: Snapshot
    items: tuple[WorkItem, ...]
    open: tuple[tuple[WorkItem, ItemFacts], ...]
    now: datetime

    @classmethod
    def of(cls, sprint: Sprint, features: FeatureSet, forecast: Forecast, snapshot: Snapshot) -> Situation:
        """Pair items with their facts, in the snapshot's order."""
        facts = {fact.item_id: fact for fact in features.items}
        items = snapshot.of_sprint(sprint)
        opened = tuple((i, facts[i.evidence_id]) for i in items if i.is_open and i.evidence_id in facts)
        return cls(sprint, features, forecast, snapshot, items, opened, features.as_of)

    @property
    def finished(self) -> bool:
        """Whether no work is left."""
        return not any(item.is_open for item in self.items)

    def cite(self, name: str, value: str, found: Sequence[Evidence] = ()) -> tuple[Evidence, ...]:
        """Evidence that is never empty: what was found, then our own number, which opens the milestone."""
        own = of_number(self.sprint, self.snapshot, name, value, self.now)
        return unique([*found[:MOST_EVIDENCE], own])


def trouble_score(trouble: float, half: float) -> float:
    """100 without trouble, 50 at `half`, towards 0 with more: less trouble never scores lower."""
    return 100.0 * half / (half + trouble)


def progress(s: Situation) -> Draft:
    """Progress against time: the probability where there is one, else done against planned time."""
    anchors = list(of_anchors(s.sprint, s.snapshot))
    total = len(s.items)
    done = sum(not item.is_open for item in s.items)
    state = f"{done} of {total} items done"
    ended = s.features.ended
    if ended is not None and ended.missed:
        score = 0.0
        formula = (
            f"0: it missed its end ({ended.due_on}), {ended.left} of {ended.total} items were open then ({state} now)"
        )
    elif s.forecast.probability is not None:
        score = 100.0 * s.forecast.probability
        formula = f"100 x P = 100 x {s.forecast.probability:.2f} ({state})"
    elif s.finished and total:
        score, formula = 100.0, f"100: {state}"
    elif s.forecast.why_none is NoForecast.END_PASSED:
        score, formula = 0.0, f"0: the end ({s.sprint.due_on}) has passed with {total - done} items open"
    elif s.forecast.why_none is NoForecast.CLOSED:
        score, formula = 0.0, f"0: it was closed with {total - done} items open"
    else:
        burn = s.forecast.baselines.get("linear_burn")
        if burn is None:
            return Draft(
                "progress", None, f"without a probability or an end, {state}", s.cite("progress", state, anchors)
            )
        score, formula = 100.0 * burn, f"100 x done / (all x elapsed share) = {100.0 * burn:.0f} ({state})"
    return Draft("progress", score, formula, s.cite("progress", state, anchors))


def flow(s: Situation) -> Draft:
    """Flow: completions of the last ten working days against the usual pace, less what is stuck."""
    if s.finished and s.items:
        return Draft("flow", 100.0, "100: nothing is left to flow", s.cite("flow", "no open items"))
    past = _working(s.features.history.days)
    if len(past) < LEAST_WORKING_DAYS or not any(past):
        why = f"{len(past)} working days of history, {LEAST_WORKING_DAYS} with a completion are needed"
        return Draft("flow", None, why, s.cite("flow", f"{len(past)} working days of history"))
    recent = past[-RECENT_WORKING_DAYS:]
    pace, usual = float(np.mean(recent)), float(np.mean(past))
    stuck = _stuck(s)
    score = min(pace / usual, 1.0) * trouble_score(len(stuck), 4.0)
    formula = (
        f"100 x min(1, {pace:.2f} / {usual:.2f} items a working day, last {len(recent)} against all {len(past)} days) "
        f"x 4 / (4 + {len(stuck)} stuck items) = {score:.0f}"
    )
    found = [of_item(i, f"in work for {f.age_days or 0.0:.0f} days") for i, f in stuck]
    return Draft("flow", score, formula, s.cite("flow", f"{pace:.2f} items a working day, usual {usual:.2f}", found))


def blockers(s: Situation) -> Draft:
    """Blockers: open items that wait for another open item."""
    blocked = [(i, f) for i, f in s.open if f.blocked_by]
    score = trouble_score(len(blocked), 3.0)
    found = [of_item(i, f"blocked by {', '.join(f.blocked_by)}") for i, f in blocked]
    formula = f"100 x 3 / (3 + {len(blocked)} blocked items) = {score:.0f}"
    return Draft("blockers", score, formula, s.cite("blocked_items", f"{len(blocked)} blocked items", found))


def reviews(s: Situation) -> Draft:
    """Reviews: days that open pull requests wait for one, beyond the first day each."""
    if not any(item.kind == "pr" for item in s.snapshot.items if item.repository in s.sprint.repositories):
        return Draft("reviews", None, "the repositories have no pull requests", s.cite("reviews", "no pull requests"))
    waiting = [(i, f, f.waiting_for_review_days or 0.0) for i, f in s.open]
    waiting = [(i, f, d) for i, f, d in waiting if d > REVIEW_PATIENCE_DAYS]
    days = sum(min(d - REVIEW_PATIENCE_DAYS, 10.0) for _, _, d in waiting)
    score = trouble_score(days, 8.0)
    found = [of_item(i, f"waits for a review since {d:.0f} days") for i, _, d in waiting]
    formula = f"100 x 8 / (8 + {days:.1f} days of waiting beyond the first, at most 10 each) = {score:.0f}"
    return Draft("reviews", score, formula, s.cite("reviews", f"{len(waiting)} pull requests wait", found))


def builds(s: Situation) -> Draft:
    """Builds: red pull requests, and workflows that are red on a default branch (each counts as two)."""
    runs = [run for run in s.snapshot.runs if run.repository in s.sprint.repositories]
    if not runs:
        return Draft("ci", None, "the repositories have no workflow runs", s.cite("ci", "no workflow runs"))
    red = [f.red_run for _, f in s.open if f.red_run is not None]
    broken = [] if s.finished else broken_branches(s.sprint, s.snapshot)
    score = trouble_score(len(red) + 2.0 * len(broken), 2.0)
    formula = (
        f"100 x 2 / (2 + {len(red)} red pull requests + 2 x {len(broken)} red default-branch workflows) = {score:.0f}"
    )
    found = [*(of_run(run) for run in broken), *red]
    return Draft(
        "ci", score, formula, s.cite("ci", f"{len(red)} red pull requests, {len(broken)} red workflows", found)
    )


def scope(s: Situation) -> Draft:
    """Scope: items added since the start against what gets done in that time at the usual pace."""
    started = s.sprint.starts_at
    if s.finished and s.items:
        return Draft("scope", 100.0, "100: all that came in is done", s.cite("scope_added", "no open items"))
    if started is None:
        return Draft("scope", None, "the sprint has no start", s.cite("scope", "no start"))
    added = s.snapshot.pick(s.features.added_since_start)
    past = _working(s.features.history.sprint_days)
    pace = float(np.mean(past)) if past else 0.0
    weeks = max(days_between(started, s.now) / 7.0, 0.0)
    room = max(pace * 5.0 * weeks, 4.0)
    score = trouble_score(len(added), room)
    formula = (
        f"100 x r / (r + {len(added)} items added since the start) = {score:.0f}, with r = {room:.1f} items: what sprints "
        f"complete in that time ({pace:.2f} a working day), at least 4"
    )
    found = [of_item(i) for i in added]
    return Draft("scope", score, formula, s.cite("scope_added", f"{len(added)} items added", found))


def mood(s: Situation) -> Draft:
    """Mood: how negative the recent comments of open items are, summed; friendly words buy nothing."""
    if not any(c.repository in s.sprint.repositories for c in s.snapshot.comments):
        return Draft("mood", None, "the repositories have no comments", s.cite("mood", "no comments"))
    heated = [(i, f) for i, f in s.open if f.mood is not None and f.mood < HEATED]
    total = sum(-(f.mood or 0.0) for _, f in heated)
    score = trouble_score(total, 2.0)
    found = [e for _, f in heated for e in f.mood_evidence] or [of_item(i) for i, _ in heated]
    formula = f"100 x 2 / (2 + {total:.2f}: polarity of {len(heated)} items below {HEATED}) = {score:.0f}"
    return Draft("mood", score, formula, s.cite("mood", f"{len(heated)} items with heated comments", found))


def broken_branches(sprint: Sprint, snapshot: Snapshot) -> list[WorkflowRun]:
    """The newest finished run of each workflow on a default branch of the sprint, where it is red."""
    branches = {r.full_name: r.default_branch for r in snapshot.repositories}
    newest: dict[tuple[str, str], WorkflowRun] = {}
    for run in sorted(snapshot.runs, key=lambda r: (r.started_at, r.id)):
        ours = run.repository in sprint.repositories and run.head_branch == branches.get(run.repository)
        if ours and run.event != "pull_request" and (run.red or run.conclusion == "success"):
            newest[run.repository, run.name] = run
    return [newest[key] for key in sorted(newest) if newest[key].red]


def _stuck(s: Situation) -> list[tuple[WorkItem, ItemFacts]]:
    cycles = s.features.history.cycle_days
    if len(cycles) < 5:
        return []
    usual = float(np.quantile(cycles, 0.85, method="higher"))
    return [(i, f) for i, f in s.open if f.age_days is not None and f.age_days > usual]


def _working(days: Sequence[DayCount]) -> list[int]:
    """Completions of each working day since the first event; those of days off count for the next one."""
    first = next((n for n, d in enumerate(days) if d.done or d.added), len(days))
    out: list[int] = []
    carried = 0
    for day in days[first:]:
        carried += day.done
        if day.working:
            out.append(carried)
            carried = 0
    return out


PARTS: tuple[tuple[float, Callable[[Situation], Draft]], ...] = (
    (0.25, progress),
    (0.15, flow),
    (0.15, blockers),
    (0.10, reviews),
    (0.10, builds),
    (0.15, scope),
    (0.10, mood),
)
"""The parts with their weights, in the order shown."""

__all__ = ["HEATED", "PARTS", "Draft", "Situation", "broken_branches", "trouble_score"]
