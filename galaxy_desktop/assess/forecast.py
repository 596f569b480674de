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

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import RLock

import numpy as np

from galaxy_desktop.assess import effort, network
from galaxy_desktop.assess.course import PUBLIC_VOICE, Recalibration, Voice, days_left, elapsed_share
from galaxy_desktop.assess.draws import Draws, Ints
from galaxy_desktop.assess.family_words import moved, moved_in_words
from galaxy_desktop.assess.history import (
    Recent,
    completions,
    focus_mean,
    pool_of,
    recent,
    rivals,
    what_is_missing,
    whole,
)
from galaxy_desktop.assess.inputs import inputs_of
from galaxy_desktop.assess.order import ItemRuns
from galaxy_desktop.assess.simulation import HORIZON_DAYS, Runs, simulate_runs
from galaxy_desktop.domain.families import FamilyOffset
from galaxy_desktop.domain.findings import (
    Completion,
    EdgeCriticality,
    FanPoint,
    Forecast,
    ForecastInputs,
    ItemOutlook,
    NoForecast,
)

__all__ = ["ENGINE", "Simulator", "elapsed_share", "inputs_of", "linear_burn", "simulate"]

ENGINE = "galaxy-forecast/5"
"""Changes whenever the same inputs may give another number."""

MOST_REMEMBERED = 4
"""Forecasts that a forecaster can say again without playing them again: questions compare with the same one."""
LOWEST, HIGHEST = 0.05, 0.95
FAN_POINTS = 120
FAN_LEVELS = (0.15, 0.50, 0.85)


class Simulator:
    """Forecasts that reuse each other's draws: the same numbers as `simulate`, sooner when little has changed.

    What it keeps is bounded and its own. It may be asked from several threads; they take turns.
    """

    def __init__(
        self,
        voice: Voice = PUBLIC_VOICE,
        recalibration: Recalibration | None = None,
        families: FamilyOffset | None = None,
    ) -> None:
        """Speak with this voice beside the simulation, corrected by the team's own record and what it says of families."""
        self.voice, self.recalibration, self.families = voice, recalibration, families
        self._draws = Draws()
        self._said: OrderedDict[ForecastInputs, Forecast] = OrderedDict()
        self._turn = RLock()

    def simulate(self, inputs: ForecastInputs) -> Forecast:
        """The whole forecast."""
        with self._turn:
            found = self._said.get(inputs)
            if found is None:
                found = self._said[inputs] = self._say(inputs, by_item=True)
                if len(self._said) > MOST_REMEMBERED:
                    self._said.popitem(last=False)
            return found

    def brief(self, inputs: ForecastInputs) -> Forecast:
        """The same probability and dates, without items, fan and levels: for comparing many changes."""
        return self._say(inputs, by_item=False)

    def _say(self, inputs: ForecastInputs, *, by_item: bool) -> Forecast:
        with self._turn:
            told = self.voice, self.recalibration, self.families
            return simulate(inputs, *told, draws=self._draws, by_item=by_item)


def simulate(
    inputs: ForecastInputs,
    voice: Voice = PUBLIC_VOICE,
    recalibration: Recalibration | None = None,
    families: FamilyOffset | None = None,
    *,
    draws: Draws | None = None,
    by_item: bool = True,
) -> Forecast:
    """The forecast of one sprint; `draws` only saves time, `by_item=False` leaves out items, fan and levels."""
    have = recent(inputs.days, inputs.today)
    why = _why_none(inputs, have)
    if why in (NoForecast.CLOSED, NoForecast.ALL_DONE):
        return _record(inputs, have, why=why, formula=_nothing_left(inputs, why))
    if not _enough(inputs, have, why):
        missing = what_is_missing(have, inputs.days, inputs.today, len(inputs.open) + inputs.done)
        return _record(inputs, have, why=why, formula=missing, missing=missing)
    runs = simulate_runs(inputs, draws, by_item=by_item)
    if why is not None:
        return _record(inputs, have, why=why, runs=runs, formula=_dates_formula(inputs))
    return _with_probability(inputs, have, runs, _Blend.of(inputs, have, runs, voice, (recalibration, families)))


@dataclass(frozen=True, slots=True)
class _Blend:
    """How two voices became the number shown, and the words for it."""

    course: float
    weight: float
    blended: float
    shown: float
    formula: str

    @classmethod
    def of(
        cls,
        inputs: ForecastInputs,
        have: Recent,
        runs: Runs,
        voice: Voice,
        record: tuple[Recalibration | None, FamilyOffset | None],
    ) -> _Blend:
        recalibration, families = record
        share = runs.share_by(days_left(inputs))
        course = voice.says(inputs)
        weight = voice.weight_of_simulation(have.completed)
        blended = weight * share + (1.0 - weight) * course
        corrected = blended if recalibration is None else recalibration.applied(blended)
        final = moved(corrected, inputs, families)
        shown = round(min(max(final, LOWEST), HIGHEST), 4)
        said = "" if families is None else moved_in_words(final, inputs, families)
        if recalibration is not None:
            said = f", {corrected:.4f} by this team's own record of {recalibration.sprints} sprints{said}"
        formula = (
            f"P = {weight:.2f} x {share:.4f} ({round(share * inputs.runs)} of {inputs.runs} runs land by "
            f"{inputs.due_on}) + {1.0 - weight:.2f} x {course:.4f} ({voice.name}) = {blended:.4f}{said}"
            f"{'' if abs(shown - final) < 1e-4 else f', shown as {shown:.2f}'}; "
            f"weight = {have.completed} / ({have.completed} + {voice.blend_completions:g}) completions."
            f"{f' {families.sentence}' if families is not None and families.sentence else ''}"
        )
        return cls(round(course, 6), round(weight, 6), round(blended, 6), shown, formula)


def _with_probability(inputs: ForecastInputs, have: Recent, runs: Runs, blend: _Blend) -> Forecast:
    return replace(
        _record(inputs, have, why=None, runs=runs, formula=f"{blend.formula} {_flow(inputs)}"),
        probability=blend.shown,
        course=blend.course,
        weight=blend.weight,
        before_recalibration=blend.blended,
    )


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
    missing: str = "",
) -> Forecast:
    dated = runs is not None and inputs.due_on is not None and inputs.today <= inputs.due_on
    items = runs.items if runs is not None else None
    rings = network.network_of(inputs.open, inputs.outside).cycles
    return Forecast(
        probability=None,
        why_none=why,
        raw_share=runs.share_by(days_left(inputs)) if runs is not None and dated else None,
        n_active_days=have.active_days,
        n_completed=have.completed,
        runs=inputs.runs,
        seed=inputs.seed,
        as_of=inputs.as_of,
        engine=ENGINE,
        completion=_completion(inputs, runs) if runs else None,
        done_by_end=_levels(inputs, runs.done, days_left(inputs)) if runs and items and dated else None,
        fan=_fan(inputs, runs) if runs and items else (),
        baselines={"base_rate": _base_rate(inputs), "linear_burn": linear_burn(inputs)},
        formula=formula,
        missing=missing,
        outlooks=_outlooks(inputs, items) if items else (),
        critical_edges=_edges(items) if items else (),
        cycles=tuple(network.in_words(ring) for ring in rings),
    )


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


def _outlooks(inputs: ForecastInputs, items: ItemRuns) -> tuple[ItemOutlook, ...]:
    left = days_left(inputs)
    ranks = [int(np.ceil(share * items.finish.shape[1])) - 1 for share in (0.50, 0.85)]
    ordered = np.partition(items.finish, ranks, axis=1)
    late = (items.finish > left).mean(axis=1)
    return tuple(
        ItemOutlook(
            item_id=item_id,
            late=round(float(late[n]), 4) if left >= 0 else None,
            critical=round(items.critical[item_id], 4),
            p50=inputs.today + timedelta(days=int(ordered[n, ranks[0]])),
            p85=inputs.today + timedelta(days=int(ordered[n, ranks[1]])),
        )
        for n, item_id in enumerate(items.ids)
    )


def _edges(items: ItemRuns) -> tuple[EdgeCriticality, ...]:
    return tuple(
        EdgeCriticality(source_id=source, target_id=target, share=round(share, 4))
        for (source, target), share in items.edges.items()
    )


def _levels(inputs: ForecastInputs, finish: Ints, offset: int) -> tuple[float, float, float]:
    done = np.sort(inputs.done + (finish <= offset).sum(axis=0))
    low, middle, high = (float(done[int(level * (len(done) - 1))]) for level in FAN_LEVELS)
    return low, middle, high


def _fan(inputs: ForecastInputs, runs: Runs) -> tuple[FanPoint, ...]:
    """Items done by the end of each day up to the end or the 85 % date, whichever is later."""
    last = min(max(days_left(inputs), runs.day_at(0.85), 1), HORIZON_DAYS)
    step = -(-last // (FAN_POINTS - 2))
    offsets = sorted({*range(0, last + 1, step), last, *((days_left(inputs),) if days_left(inputs) >= 0 else ())})
    points, finish = [], runs.done
    for offset in offsets:
        low, middle, high = _levels(inputs, finish, offset)
        points.append(FanPoint(day=inputs.today + timedelta(days=offset), low=low, middle=middle, high=high))
    return tuple(points)


def _flow(inputs: ForecastInputs) -> str:
    in_sprints, every = completions(inputs)
    pieces = len(network.network_of(inputs.open, inputs.outside).units)
    rhythm, told = inputs.rhythm, _counted(pieces, "piece")
    said = [
        f"Each run draws past working days ({pool_of(inputs).mean_done:.2f} items done a day on average), of which "
        f"{focus_mean(in_sprints, every):.0%} go to sprints ({in_sprints} of {every} completions"
        f"{f', shared by {rivals(inputs)} open sprints' if rivals(inputs) > 1 else ''}); "
        f"{_counted(len(inputs.open), 'item')} {'is' if len(inputs.open) == 1 else 'are'} open"
        f"{f', {told} of work: a pull request is part of the issue it closes' if pieces < len(inputs.open) else ''}.",
        effort.in_words(inputs.effort),
        f"One pair of hands does at most about 1 / {rhythm.hands:g} of the work." if rhythm.hands else "",
        f"The team has {_counted(rhythm.at_once, 'item')} in work for each pair of hands." if rhythm.at_once else "",
        f"A busy week brings {_counted(rhythm.reviews_a_day, 'review')} a working day." if rhythm.reviews_a_day else "",
        f"{len(inputs.away)} of {len(rhythm.team)} people have days off ahead." if inputs.away else "",
    ]
    return " ".join(filter(None, said))


def _counted(number: float, word: str) -> str:
    return f"{number:g} {word if number == 1 else word + 's'}"


def _dates_formula(inputs: ForecastInputs) -> str:
    return f"Dates by which 50, 70, 85 and 95 % of {inputs.runs} runs land. {_flow(inputs)}"


def _nothing_left(inputs: ForecastInputs, why: NoForecast) -> str:
    total = len(inputs.open) + inputs.done
    return f"{inputs.done} of {total} items are done: {why}."
