"""How long items take and how many get done: the scatter of cycle times, and throughput a working week and day.

Delivered means merged, or closed other than "not planned": an item that was given up is no output. What is delivered
on a day off counts for the next working day, as in the forecast. Days before the first stored item are no data, and
so are weeks without a working day; a week in which nothing was delivered is a true zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from galaxy_desktop.domain.calendar import days_between, each_day, is_working, local_day, working_days
from galaxy_desktop.domain.evidence import Evidence, of_item
from galaxy_desktop.domain.flow import Bin, CycleDot, CycleScatter, Head, Period, Throughput
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.features.activity import finished_at
from galaxy_desktop.features.catalog import MOST_EVIDENCE
from galaxy_desktop.features.flow import CYCLE_WINDOW_DAYS, FEWEST_CYCLES, WINDOW_DAYS
from galaxy_desktop.features.flow_states import Journey, percentiles
from galaxy_desktop.features.flow_words import amount, counted, median, span
from galaxy_desktop.features.view import SprintView

WEEKS = 26
FEWEST_WEEKS = 2


def cycle_scatter(view: SprintView, ways: Sequence[Journey]) -> CycleScatter:
    """Days from first sign of work to delivery, of items delivered in the last 365 days, oldest first."""
    dots = cycle_dots(view, ways)
    if len(dots) < FEWEST_CYCLES:
        delivered = sum(way.item.delivered and way.done_at is not None for way in ways)
        why = f"Need {counted(FEWEST_CYCLES, 'finished item')} that show when work began, have {len(dots)}"
        why += f" (of {delivered:,} finished)." if delivered > len(dots) else "."
        return CycleScatter(head=Head(finding=why, formula="", why_none=why), dots=dots)
    ranks = percentiles([dot.days for dot in dots])
    middle, sure = ranks[0], ranks[2]
    listed = "; ".join(f"{one.rank} % took {span(one.days)} or less" for one in ranks)
    slow = sorted(dots, key=lambda dot: (-dot.days, dot.item_id))[:MOST_EVIDENCE]
    return CycleScatter(
        head=Head(
            finding=f"Half of the items take {span(middle.days)} or less, {sure.rank} % take {span(sure.days)} or less",
            formula=(
                f"Cycle time = done - first sign of work, of {counted(len(dots), 'item')} delivered in the last "
                f"{CYCLE_WINDOW_DAYS} days; percentiles are interpolated between the ordered times. {listed}."
            ),
            evidence=tuple(of_item(view.index.items_by_id[dot.item_id], f"took {span(dot.days)}") for dot in slow),
        ),
        dots=dots,
        percentiles=ranks,
    )


def cycle_dots(view: SprintView, ways: Sequence[Journey]) -> tuple[CycleDot, ...]:
    """The delivered items that show when work on them began, by the moment they were done."""
    oldest = view.since(CYCLE_WINDOW_DAYS)
    found = [
        (way.done_at, way.item, way.started_at)
        for way in ways
        if way.item.delivered and way.done_at is not None and way.started_at is not None and way.done_at >= oldest
    ]
    found.sort(key=lambda row: (row[0], row[1].evidence_id))
    return tuple(
        CycleDot(
            item_id=item.evidence_id,
            title=item.title,
            done_on=local_day(done, view.now),
            days=max(0.0, days_between(started, done)),
            url=item.url,
        )
        for done, item, started in found
    )


def throughput(view: SprintView, items: Sequence[WorkItem]) -> Throughput:
    """Deliveries in each of the last 26 working weeks, and each working day of the last 90 days."""
    first = _first_day(view, items)
    if first is None:
        why = "Nothing is stored of these repositories yet."
        return Throughput(head=Head(finding=why, formula="", why_none=why))
    delivered = _delivered(view, items)
    weeks = working_weeks(view, items)
    days = _working_days(view, max(first, view.today - timedelta(days=WINDOW_DAYS - 1)), [day for day, _ in delivered])
    whole = [week for week in weeks if week.whole]
    if len(whole) < FEWEST_WEEKS:
        why = f"Need {FEWEST_WEEKS} whole working weeks, have {len(whole)}."
        return Throughput(head=Head(finding=why, formula="", why_none=why), weeks=weeks, days=days)
    return Throughput(
        head=_head(whole, delivered),
        weeks=weeks,
        days=days,
        week_bins=bins(weeks),
        day_bins=bins(days),
    )


def working_weeks(view: SprintView, items: Sequence[WorkItem]) -> tuple[Period, ...]:
    """Weeks from Monday to Sunday with at least one working day, up to 26 whole ones and the present one."""
    first = _first_day(view, items)
    if first is None:
        return ()
    monday = view.today - timedelta(days=view.today.weekday())
    start = max(_monday_after(first), monday - timedelta(weeks=WEEKS))
    counts: Counter[date] = Counter()
    for day, _ in _delivered(view, items):
        counts[_counted_on(day, view.holidays)] += 1
    found = []
    while start <= view.today:
        end = start + timedelta(days=6)
        open_days = working_days(start, end, view.holidays)
        if open_days:
            done = sum(counts[day] for day in each_day(start, end))
            found.append(Period(first=start, last=end, done=done, working_days=open_days, whole=end < view.today))
        start += timedelta(weeks=1)
    return tuple(found)


def bins(periods: Iterable[Period]) -> tuple[Bin, ...]:
    """In how many whole periods exactly 0, 1, 2, ... items were delivered, without gaps."""
    counts = Counter(period.done for period in periods if period.whole)
    return tuple(Bin(n, counts[n]) for n in range(max(counts) + 1)) if counts else ()


def _working_days(view: SprintView, first: date, done: Iterable[date]) -> tuple[Period, ...]:
    counts = Counter(_counted_on(day, view.holidays) for day in done if day >= first)
    return tuple(
        Period(first=day, last=day, done=counts[day], working_days=1, whole=day < view.today)
        for day in each_day(first, view.today)
        if is_working(day, view.holidays)
    )


def _counted_on(day: date, holidays: frozenset[date]) -> date:
    """The day itself when it is a working day, else the next one."""
    while not is_working(day, holidays):
        day += timedelta(days=1)
    return day


def _delivered(view: SprintView, items: Iterable[WorkItem]) -> list[tuple[date, WorkItem]]:
    ends = ((finished_at(item), item) for item in items if item.delivered)
    return [(local_day(end, view.now), item) for end, item in ends if end is not None and end <= view.now]


def _first_day(view: SprintView, items: Iterable[WorkItem]) -> date | None:
    earliest = min((item.created_at for item in items if item.created_at <= view.now), default=None)
    return local_day(earliest, view.now) if earliest is not None else None


def _monday_after(day: date) -> date:
    """That day when it is a Monday, else the next Monday: a week that began before the data is not whole."""
    return day + timedelta(days=-day.weekday() % 7)


def _head(whole: Sequence[Period], delivered: Sequence[tuple[date, WorkItem]]) -> Head:
    counts = [week.done for week in whole]
    middle = median(counts)
    newest = sorted(delivered, key=lambda pair: (pair[0], pair[1].evidence_id), reverse=True)[:MOST_EVIDENCE]
    cited: list[Evidence] = [of_item(item, f"done {day.isoformat()}") for day, item in newest]
    return Head(
        finding=(
            f"Half of the weeks bring {amount(middle)} {'item' if middle == 1 else 'items'} or more; {counted(len(whole), 'week')} brought between "
            f"{min(counts):,} and {max(counts):,}"
        ),
        formula=(
            f"Median of {counted(len(whole), 'whole working week')} since {whole[0].first.isoformat()}: "
            f"{', '.join(str(n) for n in sorted(counts))}; middle = {amount(middle)}. Delivered items only; what is "
            "delivered on a day off counts for the next working day."
        ),
        evidence=tuple(cited),
    )
