"""Which action is worth most: each candidate simulated with the same random numbers, ranked by its gain.

A gain is the change of the probability that the user sees, so nothing is claimed beyond its clamp of 5 to 95 %. An action
whose gain rounds to no point is not shown, nor one whose gain may well be nothing: less than half of its own give or take,
or, where it could also do harm, not above zero in the whole interval. It would only be work. Actions without a probability
to change come last, the ones that matter most in general first. At most eight are shown, never two that do the same thing,
and never two of which one contains the other (`distinct`).

The user's word counts: a dismissed action stays away until something it cites has changed since, a snoozed one until
its time is up, an accepted one for as long as it is followed up. What was said of a kind of action weighs in the order
of those that are shown (`learning`), never in which are shown nor in the gain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from galaxy_desktop.domain.facts import FeatureSet
from galaxy_desktop.domain.findings import (
    Forecast,
    ForecastInputs,
    LearnedWeight,
    NoForecast,
    Recommendation,
    Risk,
    UserVerdict,
    Verdict,
)
from galaxy_desktop.domain.scenarios import ending, without
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.recommend.candidates import (
    Candidate,
    Workbench,
    close_overdue,
    drop,
    move_date,
    obstacles,
    set_end,
)
from galaxy_desktop.recommend.distinct import Weighed, folded, without_doubles
from galaxy_desktop.recommend.interval import OtherPasts

Simulate = Callable[[ForecastInputs], Forecast]

MOST_SHOWN = 8
GOOD_ENOUGH = 0.80
"""From this probability on nobody is told to give up scope or time."""
MOST_DROPS_TRIED = 6
MOST_DROPS_SHOWN = 2
MOST_DATES_TRIED = 3
LATEST_END_DAYS = 180
"""An end more than half a year away is no plan: then only less work helps."""
ORDER_WITHOUT_GAIN = (
    "close_overdue",
    "set_end",
    "fix_build",
    "unblock",
    "review_pull_request",
    "reassign",
    "split",
)
MOST_LOOKED_AT = 2 * MOST_SHOWN
"""Of so many, the best first, the interval is asked for: each takes sixteen short forecasts."""
MOST_INSIDE = 2
LEAST_SURE = 0.5
"""A gain of half its give or take is above zero in five of six pasts that could have been."""


def recommend(  # noqa: PLR0917 - one argument for each step of the pipeline that comes before
    sprint: Sprint,
    features: FeatureSet,
    risks: Sequence[Risk],
    inputs: ForecastInputs,
    simulate: Simulate,
    snapshot: Snapshot,
    now: datetime,
    verdicts: Mapping[str, UserVerdict],
    learned: Mapping[str, LearnedWeight] | None = None,
    followed: Collection[str] = (),
) -> tuple[Recommendation, ...]:
    """What to do now, the most valuable first; nothing for a closed or finished sprint.

    `learned` are the weights of kinds; `followed` the ids of accepted actions that are under way: those are left out.
    """
    base = simulate(inputs)
    if not inputs.open or base.why_none in (NoForecast.CLOSED, NoForecast.ALL_DONE):
        return ()
    bench = Workbench(sprint, features, tuple(risks), inputs, snapshot, now)
    candidates = [c for c in _candidates(bench, base, simulate) if c.evidence]
    wanted = [c for c in candidates if c.id_in(sprint) not in followed and _wanted(c, bench, verdicts)]
    weighed = _worth_showing([_weigh(c, inputs, base, simulate) for c in wanted], inputs, simulate)
    weights = learned or {}
    shown = folded(sorted(without_doubles(weighed, inputs, simulate), key=_order))[:MOST_SHOWN]
    shown.sort(key=lambda w: _learned_order(w, weights))
    return tuple(_with_weight(_recommendation(w, sprint), weights.get(w.candidate.kind)) for w in shown)


def _candidates(bench: Workbench, base: Forecast, simulate: Simulate) -> list[Candidate]:
    out = obstacles(bench)
    late = base.completion.p85 if base.completion else None
    if late is not None and (late - bench.inputs.today).days > LATEST_END_DAYS:
        late = None
    if base.why_none is NoForecast.END_PASSED:
        out.append(close_overdue(bench, late))
    elif base.why_none is NoForecast.NO_END:
        out.append(set_end(bench, late))
    elif base.probability is not None and base.probability < GOOD_ENOUGH:
        out += _drops(bench, base, simulate)
        out += _later_end(bench, late, simulate)
    return out


def _later_end(bench: Workbench, late: date | None, simulate: Simulate) -> list[Candidate]:
    """An end that would hold: the 85 % day, and again from there, because scope grows until the end."""
    due = bench.inputs.due_on
    if late is None or due is None or late <= due:
        return []
    for _ in range(MOST_DATES_TRIED):
        then = simulate(ending(bench.inputs, late))
        if then.completion is None or (then.raw_share or 0.0) >= GOOD_ENOUGH or then.completion.p85 <= late:
            break
        late = then.completion.p85
    return [move_date(bench, late)]


def _drops(bench: Workbench, base: Forecast, simulate: Simulate) -> list[Candidate]:
    """The best single items to take out, and the smallest cut that makes the sprint likely."""
    order = _least_regret(bench)
    if not order:
        return []
    single = [(simulate(without(bench.inputs, [i])), i) for i in order[:MOST_DROPS_TRIED] if len(bench.inputs.open) > 1]
    single.sort(key=lambda pair: (-(pair[0].probability or 0.0), -(pair[0].raw_share or 0.0), order.index(pair[1])))
    out = [drop(bench, [item]) for _, item in single[:MOST_DROPS_SHOWN]]
    best = single[0][0].probability if single else base.probability
    cut = _smallest_cut(bench, order, simulate) if (best or 0.0) < GOOD_ENOUGH else None
    if cut is not None and len(cut) > 1:
        out.append(drop(bench, cut))
    return out


def _least_regret(bench: Workbench) -> list[str]:
    """Items nobody else waits for: late additions first, then what nobody started, then the oldest in work."""
    needed = {blocker for work in bench.inputs.open for blocker in work.blocked_by}
    late = set(bench.features.added_since_start)
    free = [work for work in bench.inputs.open if work.item_id not in needed]
    free.sort(key=lambda w: (w.age_days is not None, w.item_id not in late, -(w.age_days or 0.0), w.item_id))
    oldest = sorted((w for w in free if w.age_days is not None), key=lambda w: (-(w.age_days or 0.0), w.item_id))
    first = [w.item_id for w in free[: MOST_DROPS_TRIED // 2]] + [w.item_id for w in oldest[: MOST_DROPS_TRIED // 2]]
    return list(dict.fromkeys([*first, *(w.item_id for w in free)]))


def _smallest_cut(bench: Workbench, order: Sequence[str], simulate: Simulate) -> list[str] | None:
    """The shortest beginning of `order` whose removal makes the sprint likely; fewer items never lower P."""
    low, high = 1, min(len(order), len(bench.inputs.open) - 1)
    if high < 2 or (simulate(without(bench.inputs, order[:high])).probability or 0.0) < GOOD_ENOUGH:
        return None
    while low < high:
        middle = (low + high) // 2
        if (simulate(without(bench.inputs, order[:middle])).probability or 0.0) >= GOOD_ENOUGH:
            high = middle
        else:
            low = middle + 1
    return list(order[:high])


def _weigh(candidate: Candidate, inputs: ForecastInputs, base: Forecast, simulate: Simulate) -> Weighed:
    if candidate.change is None or base.probability is None:
        return Weighed(candidate, None, 0.0)
    after = simulate(candidate.change(inputs))
    if after.probability is None:
        return Weighed(candidate, None, 0.0)
    gain = round(after.probability - base.probability, 4)
    return Weighed(candidate, gain, (after.raw_share or 0.0) - (base.raw_share or 0.0))


def _worth_showing(weighed: Sequence[Weighed], inputs: ForecastInputs, simulate: Simulate) -> list[Weighed]:
    """Those without a number, and those whose gain is a point or more and not next to nothing within its interval."""
    numbered = sorted((w for w in weighed if w.gain is not None and round(100 * w.gain) >= 1), key=_order)
    pasts = OtherPasts.of(inputs, simulate) if numbered else OtherPasts(())
    sure = [_with_interval(w, pasts, simulate) for w in numbered[:MOST_LOOKED_AT]]
    sure = [w for w in sure if _is_something(w)]
    return [*sure, *(w for w in weighed if w.gain is None)]


def _is_something(weighed: Weighed) -> bool:
    if weighed.interval is None or weighed.gain is None:
        return False
    low, high = weighed.interval
    return low > 0.0 or (weighed.candidate.certain and weighed.gain >= LEAST_SURE * (high - weighed.gain))


def _with_interval(weighed: Weighed, pasts: OtherPasts, simulate: Simulate) -> Weighed:
    change = weighed.candidate.change
    if change is None or weighed.gain is None:
        return weighed
    certain = weighed.candidate.certain
    return replace(weighed, interval=pasts.interval(change, weighed.gain, simulate, certain=certain))


def _order(weighed: Weighed) -> tuple[bool, float, float, int, str]:
    candidate = weighed.candidate
    known = ORDER_WITHOUT_GAIN.index(candidate.kind) if candidate.kind in ORDER_WITHOUT_GAIN else 99
    return weighed.gain is None, -(weighed.gain or 0.0), -weighed.raw_gain, known, candidate.about


def _learned_order(weighed: Weighed, weights: Mapping[str, LearnedWeight]) -> tuple[bool, float]:
    """By gain times weight; a stable sort keeps the rest of the order."""
    known = weights.get(weighed.candidate.kind)
    return weighed.gain is None, -(weighed.gain or 0.0) * (known.weight if known else 1.0)


def _with_weight(found: Recommendation, known: LearnedWeight | None) -> Recommendation:
    return found if known is None else replace(found, weight=known.weight, why_weight=known.sentence)


def _recommendation(weighed: Weighed, sprint: Sprint) -> Recommendation:
    candidate = weighed.candidate
    return Recommendation(
        id=candidate.id_in(sprint),
        kind=candidate.kind,
        summary=candidate.summary,
        item_ids=candidate.item_ids,
        delta_probability=weighed.gain,
        interval=weighed.interval,
        effort=candidate.effort,
        evidence=candidate.evidence,
        instead=_instead(weighed),
    )


def _instead(weighed: Weighed) -> str:
    """What stands inside an action in a sentence, such as "On its own, dropping o/r#7 adds 8 points.", or ""."""
    told = []
    for one in weighed.inside[:MOST_INSIDE]:
        points = round(100 * (one.gain or 0.0))
        told.append(f"{one.candidate.short} adds {points} {'point' if points == 1 else 'points'}")
    if not told:
        return ""
    alone = len(weighed.inside[0].candidate.item_ids) < len(weighed.candidate.item_ids)
    said = f"{'On its own' if alone else 'Instead'}, {', '.join(told)}"
    return f"{said}."


def _wanted(candidate: Candidate, bench: Workbench, verdicts: Mapping[str, UserVerdict]) -> bool:
    """Whether the user's verdict lets it be shown."""
    verdict = verdicts.get(candidate.id_in(bench.sprint))
    if verdict is None or verdict.verdict is Verdict.ACCEPTED:
        return True
    if verdict.verdict is Verdict.SNOOZED:
        return verdict.until is not None and bench.now >= verdict.until
    return any(item.updated_at > verdict.at for item in bench.snapshot.pick(candidate.item_ids))
