"""Every number on the screen as a claim: what is said, the formula with its numbers, and what it rests on.

The window asks here when somebody clicks a number. A claim is made from the same records that are shown, so the two
cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from galaxy_desktop.domain.evidence import Evidence, of_anchors, unique
from galaxy_desktop.domain.findings import Forecast, Health, Recommendation, Risk, SprintAnalysis
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.explain.words import percent


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing said; `topic` is "forecast", "baseline", "health", "risk", "recommendation" or "feature"."""

    topic: str
    text: str
    formula: str
    evidence: tuple[Evidence, ...]


def claims_of(analysis: SprintAnalysis, snapshot: Snapshot) -> tuple[Claim, ...]:
    """All claims of one sprint's analysis, in the order of the page."""
    anchor = of_anchors(analysis.sprint, snapshot) or analysis.health.parts[0].evidence
    return (
        *_of_forecast(analysis.forecast, anchor),
        *_of_health(analysis.health),
        *(of_risk(risk) for risk in analysis.risks),
        *(of_recommendation(action) for action in analysis.recommendations),
        *(
            Claim("feature", f"{f.name} = {f.value:g} {f.unit} ({f.window})", f.formula, f.evidence or anchor)
            for f in analysis.features.features
            if f.value is not None
        ),
    )


def of_risk(risk: Risk) -> Claim:
    """The claim that a risk makes."""
    formula = f"severity {risk.severity}, probability {percent(risk.probability)}: {risk.impact}"
    return Claim("risk", risk.summary, formula, risk.evidence)


def of_recommendation(action: Recommendation) -> Claim:
    """The claim that a recommendation makes."""
    formula = "not simulated: there is no probability to change, or the forecast does not model it"
    if action.delta_probability is not None:
        formula = f"change in P = {action.delta_probability:+.4f}, simulated with the same random numbers"
        if action.interval is not None:
            formula += f"; 90 % interval {action.interval[0]:+.4f} to {action.interval[1]:+.4f} over redrawn histories"
    return Claim("recommendation", action.summary, formula, action.evidence)


def _of_forecast(forecast: Forecast, anchor: tuple[Evidence, ...]) -> Iterator[Claim]:
    if forecast.probability is not None:
        yield Claim("forecast", f"{percent(forecast.probability)} likely to land in time", forecast.formula, anchor)
    elif forecast.why_none is not None:
        yield Claim("forecast", f"no probability: {forecast.why_none}", forecast.formula, anchor)
    if forecast.completion is not None:
        days = forecast.completion
        text = f"done by {days.p50} (50 %), {days.p70} (70 %), {days.p85} (85 %), {days.p95} (95 %)"
        yield Claim(
            "forecast", text, f"quantiles of {forecast.runs} runs, seed {forecast.seed}, {forecast.engine}", anchor
        )
    names = {
        "base_rate": "past sprints closed by their end with nothing done after it / past sprints",
        "linear_burn": "done / (all x elapsed share), at most 1",
    }
    for name, formula in names.items():
        value = forecast.baselines.get(name)
        if value is not None:
            yield Claim("baseline", f"{name.replace('_', ' ')} {percent(value)}", formula, anchor)


def _of_health(health: Health) -> Iterator[Claim]:
    shown = [part for part in health.parts if part.weight > 0.0]
    whole = " + ".join(f"{part.weight:.2f} x {part.score:g} ({part.name})" for part in shown)
    every = unique(e for part in shown for e in part.evidence)
    yield Claim(
        "health", f"health {health.score:g} of 100 ({health.word})", f"{whole}, at most the forecast's cap", every
    )
    for part in health.parts:
        yield Claim("health", f"{part.name} {part.score:g}", part.formula, part.evidence)
