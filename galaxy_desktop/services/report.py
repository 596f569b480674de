"""An analysis in lines of text, for a terminal; the window has its own words for the same facts."""

from __future__ import annotations

from datetime import datetime

from galaxy_desktop.domain.findings import Forecast, Recommendation, RepositoryFreshness, SprintAnalysis
from galaxy_desktop.explain.words import bounded
from galaxy_desktop.services.freshness import words

RISKS_SHOWN = 5
ACTIONS_SHOWN = 3


def freshness_line(fresh: RepositoryFreshness, now: datetime) -> str:
    """One repository: its name, how fresh the copy is in words, and how much it holds."""
    counts = f"{fresh.open_items} open of {fresh.items} items, {fresh.comments} comments"
    line = f"{fresh.repository.full_name}: {words(fresh, now)} ({counts})"
    return f"{line} {fresh.sentence}" if fresh.sentence else line


def sprint_lines(analysis: SprintAnalysis) -> list[str]:
    """One sprint: what it is, the chance, health, explanation, worst risks and best actions."""
    sprint = analysis.sprint
    due = f"due {sprint.due_on.isoformat()}" if sprint.due_on else "no due date"
    head = f"{sprint.title} ({', '.join(sprint.repositories)}; {due}; {analysis.done} of {analysis.done + analysis.open} done)"
    lines = [head, f"  Health {analysis.health.whole} of 100: {analysis.health.word}. {chance(analysis.forecast)}"]
    lines += [f"  {sentence.text} [{', '.join(sentence.evidence)}]" for sentence in analysis.explanation.sentences]
    for risk in analysis.risks[:RISKS_SHOWN]:
        lines.append(f"  Risk ({risk.severity.value}): {risk.summary} [{risk.evidence[0].id}]")
    lines += [f"  Do: {action.summary} {gain(action)}" for action in analysis.recommendations[:ACTIONS_SHOWN]]
    return lines


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
