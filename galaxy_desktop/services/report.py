"""An analysis in lines of text, for a terminal; the window has its own words for the same facts."""

from __future__ import annotations

from datetime import datetime

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.findings import Analysis, Forecast, Recommendation, RepositoryFreshness, SprintAnalysis
from galaxy_desktop.explain.advice import nothing_helps
from galaxy_desktop.explain.words import bounded, day_in_words, days_in_words
from galaxy_desktop.services.freshness import words

RISKS_SHOWN = 5
ACTIONS_SHOWN = 3


def freshness_line(fresh: RepositoryFreshness, now: datetime) -> str:
    """One repository: its name, how fresh the copy is in words, and how much it holds."""
    counts = f"{fresh.open_items} open of {fresh.items} items, {fresh.comments} comments"
    line = f"{fresh.repository.full_name}: {words(fresh, now)} ({counts})"
    return f"{line} {fresh.sentence}" if fresh.sentence else line


def sprint_lines(analysis: SprintAnalysis, whole: Analysis | None = None) -> list[str]:
    """One sprint: what it is, the chance, health, explanation, worst risks and best actions.

    `whole` is the evaluation it belongs to: with it, the record of the forecast stands under the chance.
    """
    sprint = analysis.sprint
    today = local_day(analysis.features.as_of, analysis.features.as_of)
    due = f"due {day_in_words(sprint.due_on, today)}" if sprint.due_on else "no due date"
    head = f"{sprint.title} ({', '.join(sprint.repositories)}; {due}; {analysis.done} of {analysis.done + analysis.open} done)"
    lines = [
        head,
        f"  Health {analysis.health.whole} of 100: {analysis.health.word}. {days_in_words(chance(analysis.forecast), today)}",
    ]
    if whole is not None and whole.record is not None and analysis.forecast.probability is not None:
        lines.append(f"  {whole.record.words}.")
    lines += [
        f"  {days_in_words(sentence.text, today, sprint.title)} [{', '.join(sentence.evidence)}]"
        for sentence in analysis.explanation.sentences
    ]
    lines += [
        f"  Risk ({risk.severity.value}): {days_in_words(risk.summary, today, sprint.title)} [{risk.evidence[0].id}]"
        for risk in analysis.risks[:RISKS_SHOWN]
    ]
    for action in analysis.recommendations[:ACTIONS_SHOWN]:
        lines += [" ".join(filter(None, (f"  Do: {action.summary}", gain(action), action.instead)))]
    nothing = nothing_helps(analysis, whole.follow_ups if whole else (), whole.decided if whole else ())
    return [*lines, f"  {nothing}"] if nothing else lines


def chance(forecast: Forecast) -> str:
    """The probability in words, or why there is none."""
    if forecast.probability is not None:
        return f"{bounded(forecast.probability)} likely to land in time."
    why = forecast.why_none.value if forecast.why_none else "unknown"
    return f"No probability: {why}. {forecast.missing}".strip()


def gain(action: Recommendation) -> str:
    """What an action is worth, in points of probability with its interval."""
    if action.delta_probability is None or action.interval is None:
        return ""
    low, high = action.interval
    return f"({action.delta_probability * 100:+.0f} points, {low * 100:+.0f} to {high * 100:+.0f})"
