"""Will this sprint land? Ten thousand runs, a prior where history is short, and an honest "nobody can say".

`simulate` is the whole forecast: the same inputs give the same record. The order of its refusals:

1. closed: there is nothing to forecast;
2. all done: there is no work left;
3. end passed, or no end: dates, but no probability;
4. too little history (fewer than 5 active days or 10 completions in the last 60 days): neither, and what is missing.

Where there is no probability to show anyway (3), dates may rest on the whole history of 90 days instead of 60.

The formulas are explained with examples in docs/forecast.md.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from galaxy_desktop.assess.history import Recent, completions, focus_mean, pool_of, recent, what_is_missing, whole
from galaxy_desktop.assess.inputs import inputs_of
from galaxy_desktop.assess.prior import PUBLIC_SPRINTS, OutcomePrior, blend_weight, prior_probability
from galaxy_desktop.assess.simulation import HORIZON_DAYS, Runs, simulate_runs
from galaxy_desktop.domain.findings import Completion, FanPoint, Forecast, ForecastInputs, NoForecast

__all__ = ["ENGINE", "elapsed_share", "inputs_of", "linear_burn", "simulate"]

ENGINE = "galaxy-forecast/1"
"""Changes whenever the same inputs may give another number."""

LOWEST, HIGHEST = 0.05, 0.95
FAN_POINTS = 120
FAN_LEVELS = (0.15, 0.50, 0.85)


def simulate(inputs: ForecastInputs, prior: OutcomePrior = PUBLIC_SPRINTS) -> Forecast:
    """The forecast of one sprint."""
    have = recent(inputs.days, inputs.today)
    why = _why_none(inputs, have)
    if why in (NoForecast.CLOSED, NoForecast.ALL_DONE):
        return _record(inputs, have, why=why, formula=_nothing_left(inputs, why))
    if not _enough(inputs, have, why):
        missing = what_is_missing(have, inputs.days, inputs.today, len(inputs.open) + inputs.done)
        return _record(inputs, have, why=why, formula=missing, missing=missing)
    runs = simulate_runs(inputs)
    if why is not None:
        return _record(inputs, have, why=why, runs=runs, formula=_dates_formula(inputs))
    return _with_probability(inputs, have, runs, prior)


def _with_probability(inputs: ForecastInputs, have: Recent, runs: Runs, prior: OutcomePrior) -> Forecast:
    share = runs.share_by(_days_left(inputs))
    course = prior_probability(
        len(inputs.open),
        len(inputs.open) + inputs.done,
        elapsed_share(inputs),
        (inputs.past_sprints_on_time, inputs.past_sprints),
        prior,
    )
    weight = blend_weight(have.completed, prior)
    blended = weight * share + (1.0 - weight) * course
    shown = round(min(max(blended, LOWEST), HIGHEST), 4)
    formula = (
        f"P = {weight:.2f} x {share:.4f} ({round(share * inputs.runs)} of {inputs.runs} runs land by "
        f"{inputs.due_on}) + {1.0 - weight:.2f} x {course:.4f} (prior of public sprints) = {blended:.4f}"
        f"{'' if abs(shown - blended) < 1e-4 else f', shown as {shown:.2f}'}; "
        f"weight = {have.completed} / ({have.completed} + {prior.blend_completions:g}) completions. {_flow(inputs)}"
    )
    return _record(inputs, have, why=None, runs=runs, probability=shown, formula=formula)


def _enough(inputs: ForecastInputs, have: Recent, why: NoForecast | None) -> bool:
    if not inputs.open:
        return False
    undated = why in (NoForecast.END_PASSED, NoForecast.NO_END)
    return have.enough or (undated and whole(inputs.days, inputs.today).enough)


def _why_none(inputs: ForecastInputs, have: Recent) -> NoForecast | None:
    if inputs.closed:
        return NoForecast.CLOSED
    if not inputs.open:
        return NoForecast.ALL_DONE if inputs.done else NoForecast.TOO_LITTLE_HISTORY
    if inputs.due_on is None:
        return NoForecast.NO_END
    if inputs.today > inputs.due_on:
        return NoForecast.END_PASSED
    return None if have.enough else NoForecast.TOO_LITTLE_HISTORY


def _record(
    inputs: ForecastInputs,
    have: Recent,
    *,
    why: NoForecast | None,
    formula: str,
    runs: Runs | None = None,
    probability: float | None = None,
    missing: str = "",
) -> Forecast:
    dated = runs is not None and inputs.due_on is not None and inputs.today <= inputs.due_on
    return Forecast(
        probability=probability,
        why_none=why,
        raw_share=runs.share_by(_days_left(inputs)) if runs is not None and dated else None,
        n_active_days=have.active_days,
        n_completed=have.completed,
        runs=inputs.runs,
        seed=inputs.seed,
        as_of=inputs.as_of,
        engine=ENGINE,
        completion=_completion(inputs, runs) if runs else None,
        done_by_end=_levels(inputs, runs, _days_left(inputs)) if runs and dated else None,
        fan=_fan(inputs, runs) if runs else (),
        baselines={"base_rate": _base_rate(inputs), "linear_burn": linear_burn(inputs)},
        formula=formula,
        missing=missing,
    )


def _days_left(inputs: ForecastInputs) -> int:
    """Days from today to the last one that counts; the due day itself does."""
    return (inputs.due_on - inputs.today).days if inputs.due_on else -1


def elapsed_share(inputs: ForecastInputs) -> float | None:
    """How much of the planned time is gone at the beginning of today, 0 to 1; `None` without a start or an end."""
    if inputs.due_on is None or not inputs.planned_days:
        return None
    return min(max(1.0 - (_days_left(inputs) + 1) / inputs.planned_days, 0.0), 1.0)


def linear_burn(inputs: ForecastInputs) -> float | None:
    """A baseline to beat: done / (all * elapsed share), at most 1; on the first day nothing is due yet, so 1."""
    elapsed = elapsed_share(inputs)
    total = len(inputs.open) + inputs.done
    if elapsed is None or not total:
        return None
    return round(min(inputs.done / (total * elapsed), 1.0), 4) if elapsed > 0.0 else 1.0


def _base_rate(inputs: ForecastInputs) -> float | None:
    """A baseline to beat: the share of past sprints that closed by their end."""
    return round(inputs.past_sprints_on_time / inputs.past_sprints, 4) if inputs.past_sprints else None


def _completion(inputs: ForecastInputs, runs: Runs) -> Completion:
    days = [inputs.today + timedelta(days=runs.day_at(share)) for share in (0.50, 0.70, 0.85, 0.95)]
    return Completion(p50=days[0], p70=days[1], p85=days[2], p95=days[3])


def _levels(inputs: ForecastInputs, runs: Runs, offset: int) -> tuple[float, float, float]:
    done = np.sort(inputs.done + (runs.done <= offset).sum(axis=0))
    low, middle, high = (float(done[int(level * (len(done) - 1))]) for level in FAN_LEVELS)
    return low, middle, high


def _fan(inputs: ForecastInputs, runs: Runs) -> tuple[FanPoint, ...]:
    """Items done by the end of each day up to the end or the 85 % date, whichever is later."""
    last = min(max(_days_left(inputs), runs.day_at(0.85), 1), HORIZON_DAYS)
    step = -(-last // (FAN_POINTS - 2))
    offsets = sorted({*range(0, last + 1, step), last, *((_days_left(inputs),) if _days_left(inputs) >= 0 else ())})
    points = []
    for offset in offsets:
        low, middle, high = _levels(inputs, runs, offset)
        points.append(FanPoint(day=inputs.today + timedelta(days=offset), low=low, middle=middle, high=high))
    return tuple(points)


def _flow(inputs: ForecastInputs) -> str:
    in_sprints, every = completions(inputs)
    return (
        f"Each run draws past working days ({pool_of(inputs).mean_done:.2f} items done a day on average), of which "
        f"{focus_mean(in_sprints, every):.0%} go to sprints ({in_sprints} of {every} completions"
        f"{f', shared by {inputs.open_sprints} open sprints' if inputs.open_sprints > 1 else ''}); "
        f"{len(inputs.open)} items are open."
    )


def _dates_formula(inputs: ForecastInputs) -> str:
    return f"Dates by which 50, 70, 85 and 95 % of {inputs.runs} runs land. {_flow(inputs)}"


def _nothing_left(inputs: ForecastInputs, why: NoForecast) -> str:
    total = len(inputs.open) + inputs.done
    return f"{inputs.done} of {total} items are done: {why}."
