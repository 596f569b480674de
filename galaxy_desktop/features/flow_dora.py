"""The four DORA keys of a team's repositories: trends, not targets, and never about people.

Over the last 90 days, beside the 90 days before, and in blocks of 30 days:

- **deployment frequency** = deliveries / weeks;
- **lead time for changes** = median days from the merge of a pull request into the default branch to the first
  delivery of that repository after it; what has not been delivered yet is told and not counted;
- **change failure rate** = failed deliveries / all deliveries, failed deployments included;
- **time to restore** = median days from a failed delivery to what put it right.

What counts as a delivery and as a failure is in `flow_delivery`. A window begins with the first delivery that is
stored, because weeks before are no data. Without deliveries a key has no value and says why: it is not zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from galaxy_desktop.domain.calendar import days_between, local_day
from galaxy_desktop.domain.evidence import Evidence, of_item, unique
from galaxy_desktop.domain.flow import DoraKey, Head, TrendPoint
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.features.catalog import MOST_EVIDENCE
from galaxy_desktop.features.flow_delivery import Deliveries, Delivery, changes, deliveries
from galaxy_desktop.features.flow_words import amount, counted, median, span, verb
from galaxy_desktop.features.view import SprintView

WINDOW = timedelta(days=90)
BLOCK = timedelta(days=30)
BLOCKS = 6
FREQUENCY, LEAD, FAILURES, RESTORE = (
    "Deployment frequency",
    "Lead time for changes",
    "Change failure rate",
    "Time to restore",
)
NO_DELIVERY = "n/a: no deployments to production and no releases are stored."


@dataclass(frozen=True, slots=True)
class _Fact:
    """One observation of a key: when it belongs to, its number, and what says so."""

    at: datetime
    number: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Window:
    """A span of time, its end included; `weeks` counts only what lies after the first stored delivery."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.start < at <= self.end


def dora_keys(snapshot: Snapshot, view: SprintView) -> tuple[DoraKey, ...]:
    """The four keys over the view's repositories."""
    made = deliveries(snapshot, view.index, view.sprint.repositories, view.now)
    return (_frequency(made, view), _lead(made, view), _failures(made, view), _restore(made, view))


def _frequency(made: Deliveries, view: SprintView) -> DoraKey:
    rule = f"Counted: {_counted_as(made)}."
    if not made.succeeded:
        return _missing(FREQUENCY, "a week", rule, NO_DELIVERY)
    begin = made.succeeded[0].at

    def rate(window: _Window) -> tuple[float | None, int]:
        start = max(window.start, begin)
        weeks = days_between(start, window.end) / 7
        n = sum(window.holds(one.at) for one in made.succeeded)
        return (n / max(weeks, 1.0), n) if window.end > begin else (None, 0)

    window = _last(view)
    value, n = rate(window)
    before, _ = rate(_before(view))
    if value is None:
        return _missing(FREQUENCY, "a week", rule, NO_DELIVERY)
    weeks = max(days_between(max(window.start, begin), window.end) / 7, 1.0)
    finding = f"{amount(value)} {verb(round(value, 1) == 1.0, 'delivery', 'deliveries')} a week"
    return DoraKey(
        name=FREQUENCY,
        unit="a week",
        rule=rule,
        head=Head(
            finding=finding + _compared(before, amount),
            formula=f"{counted(n, 'delivery', 'deliveries')} / {weeks:.1f} weeks = {value:.2f} a week",
            evidence=_cite([one for one in made.succeeded if window.holds(one.at)]),
        ),
        value=value,
        before=before,
        n=n,
        trend=_trend(view, rate),
    )


def _lead(made: Deliveries, view: SprintView) -> DoraKey:
    rule = f"From the merge of a pull request to the next delivery of its repository: {_counted_as(made)}."
    if not made.succeeded:
        return _missing(LEAD, "days", rule, NO_DELIVERY)
    facts: list[_Fact] = []
    waiting = 0
    for name in view.sprint.repositories:
        moments = [one.at for one in made.succeeded if one.repository == name]
        for change in changes(view.index, name, view.now) if moments else ():
            merged = change.merged_at or view.now
            out = next((at for at in moments if at >= merged), None)
            waiting += out is None
            if out is not None and merged >= moments[0] - WINDOW:
                days = days_between(merged, out)
                facts.append(_Fact(out, days, of_item(change, f"reached users {span(days)} after its merge")))
    why = f"n/a: no merged pull request was delivered in the last {WINDOW.days} days."
    more = (
        f"; {counted(waiting, 'merged change')} {verb(waiting, 'waits', 'wait')} for the next delivery"
        if waiting
        else ""
    )
    return _median_key(LEAD, rule, facts, view, why=why, noun="change", more=more)


def _failures(made: Deliveries, view: SprintView) -> DoraKey:
    rule = (
        "Failed are deployments that failed, deliveries with a change that was reverted later, and releases that a hotfix "
        f"followed. Counted: {_counted_as(made)}."
    )
    if not made.succeeded:
        return _missing(FAILURES, "share", rule, NO_DELIVERY)

    def share(window: _Window) -> tuple[float | None, int]:
        inside = [one for one in made.all if window.holds(one.at)]
        return (sum(bool(one.failed) for one in inside) / len(inside), len(inside)) if inside else (None, 0)

    window = _last(view)
    value, n = share(window)
    if value is None:
        return _missing(FAILURES, "share", rule, f"n/a: nothing was delivered in the last {WINDOW.days} days.")
    failed = [one for one in made.all if window.holds(one.at) and one.failed]
    before, _ = share(_before(view))
    reasons = ", ".join(sorted({one.failed for one in failed}))
    return DoraKey(
        name=FAILURES,
        unit="share",
        rule=rule,
        head=Head(
            finding=f"{len(failed)} of {counted(n, 'delivery', 'deliveries')} failed" + _compared(before, _percent),
            formula=f"{len(failed)} failed / {counted(n, 'delivery', 'deliveries')} = {_percent(value)}"
            + (f" ({reasons})" if reasons else ""),
            evidence=_cite(failed or [one for one in made.all if window.holds(one.at)]),
        ),
        value=value,
        before=before,
        n=n,
        trend=_trend(view, share),
    )


def _restore(made: Deliveries, view: SprintView) -> DoraKey:
    rule = "From a failed delivery to the next success in its place, the delivery after the revert, or the hotfix."
    if not made.succeeded:
        return _missing(RESTORE, "days", rule, NO_DELIVERY)
    failed = [one for one in made.all if one.failed]
    facts = [
        _Fact(one.at, days_between(one.at, one.restored_at), one.evidence)
        for one in failed
        if one.restored_at is not None
    ]
    window = _last(view)
    open_ones = sum(one.restored_at is None and window.holds(one.at) for one in failed)
    if open_ones and not any(window.holds(fact.at) for fact in facts):
        why = f"n/a: {counted(open_ones, 'failed delivery', 'failed deliveries')}, none put right yet."
    else:
        why = f"n/a: nothing failed in the last {WINDOW.days} days, so nothing had to be restored."
    more = f"; {open_ones} not put right yet" if open_ones else ""
    return _median_key(RESTORE, rule, facts, view, why=why, noun="failure", more=more)


def _median_key(
    name: str, rule: str, facts: Sequence[_Fact], view: SprintView, *, why: str, noun: str, more: str
) -> DoraKey:
    def middle(window: _Window) -> tuple[float | None, int]:
        numbers = [fact.number for fact in facts if window.holds(fact.at)]
        return (median(numbers) if numbers else None, len(numbers))

    window = _last(view)
    value, n = middle(window)
    before, _ = middle(_before(view))
    if value is None:
        return _missing(name, "days", rule, why, trend=_trend(view, middle), before=before)
    inside = [fact for fact in facts if window.holds(fact.at)]
    shown = sorted(inside, key=lambda fact: (-fact.number, fact.evidence.id))
    verb_word = "delivered" if noun == "change" else "put right"
    return DoraKey(
        name=name,
        unit="days",
        rule=rule,
        head=Head(
            finding=f"Half of the {noun}s are {verb_word} within {span(value)}" + _compared(before, span),
            formula=f"median of {counted(n, noun)} = {span(value)} ({value:.2f} days){more}",
            evidence=unique(fact.evidence for fact in shown)[:MOST_EVIDENCE],
        ),
        value=value,
        before=before,
        n=n,
        trend=_trend(view, middle),
    )


def _missing(
    name: str, unit: str, rule: str, why: str, *, trend: tuple[TrendPoint, ...] = (), before: float | None = None
) -> DoraKey:
    return DoraKey(
        name=name, unit=unit, rule=rule, head=Head(finding=why, formula="", why_none=why), before=before, trend=trend
    )


def _counted_as(made: Deliveries) -> str:
    return made.rule if made.succeeded else "deployments to production, else published releases"


def _trend(view: SprintView, measured: Callable[[_Window], tuple[float | None, int]]) -> tuple[TrendPoint, ...]:
    found = []
    for number in reversed(range(BLOCKS)):
        window = _Window(view.now - BLOCK * (number + 1), view.now - BLOCK * number)
        value, n = measured(window)
        first, last = (local_day(at, view.now) for at in (window.start, window.end))
        found.append(TrendPoint(first=first + timedelta(days=1), last=last, value=value, n=n))
    return tuple(found)


def _last(view: SprintView) -> _Window:
    return _Window(view.now - WINDOW, view.now)


def _before(view: SprintView) -> _Window:
    return _Window(view.now - 2 * WINDOW, view.now - WINDOW)


def _compared(before: float | None, shown: Callable[[float], str]) -> str:
    return f" ({shown(before)} in the {WINDOW.days} days before)" if before is not None else ""


def _percent(share: float) -> str:
    return f"{round(share * 100)} %"


def _cite(found: Sequence[Delivery]) -> tuple[Evidence, ...]:
    return unique(one.evidence for one in reversed(found))[:MOST_EVIDENCE]
