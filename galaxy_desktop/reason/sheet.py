"""The sheet of facts for one sprint: what a model may say, as short statements that code wrote.

Each piece of evidence gets the statements that stand on it, the sprint as a whole gets a table. Words that people
wrote (titles, comments, names of milestones) are kept apart as quotes and cut out of the statements: a milestone
called "99 % done" must not become the fact that 99 % are done.

A sheet is made of plain lists and texts, because it travels through the checkpoints of the graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypedDict

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import FeatureSet, ItemFacts
from galaxy_desktop.domain.findings import (
    Forecast,
    Health,
    NoForecast,
    Recommendation,
    Risk,
    Severity,
    SprintAnalysis,
)
from galaxy_desktop.domain.sprints import Sprint

_QUOTED = re.compile(r"\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u00ab[^\u00bb]*\u00bb")
_OUTSIDE = ("issue", "pr", "commit", "comment", "review", "milestone", "iteration", "event")
SHORTEST_CUT = 3


class Sheet(TypedDict):
    """Statements by evidence id, statements about the sprint, quotes by evidence id, and addresses that may be named."""

    context: dict[str, list[str]]
    table: list[str]
    quotes: dict[str, str]
    urls: list[str]


def empty() -> Sheet:
    """A sheet on which nothing is written yet."""
    return {"context": {}, "table": [], "quotes": {}, "urls": []}


def merged(one: Sheet, other: Sheet) -> Sheet:
    """Both sheets as one; statements keep their order, none stands there twice."""
    context = {
        i: _once([*one["context"].get(i, ()), *other["context"].get(i, ())])
        for i in [*one["context"], *other["context"]]
    }
    return {
        "context": context,
        "table": _once([*one["table"], *other["table"]]),
        "quotes": {**one["quotes"], **other["quotes"]},
        "urls": _once([*one["urls"], *other["urls"]]),
    }


def of_evidence(evidence: Iterable[Evidence], titles: Mapping[str, str]) -> Sheet:
    """The evidence itself: every id may be cited; what people wrote may be quoted.

    Where an item's title is known, it is the quote; a check's quote holds the name that people gave the workflow.
    """
    sheet = empty()
    for one in evidence:
        sheet["context"].setdefault(one.id, [])
        if one.kind in _OUTSIDE:
            sheet["quotes"].setdefault(one.id, titles.get(one.id, one.quote))
        elif one.kind == "check":
            sheet["quotes"].setdefault(one.id, one.quote.rpartition(": ")[0] or one.quote)
        if one.url:
            sheet["urls"].append(one.url)
    return sheet


def of_sprint(sprint: Sprint, done: int, left: int) -> Sheet:
    """How much is done, and when the sprint ends."""
    total = done + left
    table = [
        f"{done} of {total} items are done",
        f"{_count(left, 'item is', 'items are')} open",
        f"{_count(done, 'item is', 'items are')} done",
    ]
    table.append(f"the sprint has {_count(total, 'item', 'items')}")
    if total:
        table.append(f"{round(100 * done / total)} % of the items are done")
    moves = list(pairwise(sprint.due_history))[-1:]
    table += [f"the due date moved from {then.isoformat()} to {now.isoformat()}" for then, now in moves if then != now]
    if sprint.due_on:
        table.append(f"the sprint is due {sprint.due_on.isoformat()}")
    else:
        table.append("the sprint has no due date")
    return _on(sprint.anchors, table, table)


def of_features(features: FeatureSet) -> Sheet:
    """The numbers of the sprint and of its items."""
    sheet = _on(
        (),
        [],
        [
            f"{_count(len(features.added_since_start), 'item was', 'items were')} added since the start",
            f"{_count(len(features.removed_since_start), 'item was', 'items were')} removed since the start",
        ],
    )
    for feature in features.features:
        if feature.value is None:
            continue
        name = feature.name.replace("_", " ").removesuffix(" share")
        value = f"{round(100 * feature.value)} %" if feature.unit == "share" else f"{feature.value:.4g} {feature.unit}"
        sheet = merged(
            sheet,
            _on([e.id for e in feature.evidence if e.kind == "feature"], [f"{name}: {value}"], [f"{name}: {value}"]),
        )
    for item in features.items:
        joined = [f"{_reference(item.item_id)} came in after the start"] * (item.item_id in features.added_since_start)
        sheet["context"][item.item_id] = [*_of_item(item), *_since(item, features.as_of), *joined]
    return sheet


def of_forecast(forecast: Forecast) -> Sheet:
    """Whether and when the sprint will land."""
    table = [
        f"the forecast rests on {_count(forecast.n_active_days, 'active day', 'active days')}",
        f"the forecast rests on {_count(forecast.n_completed, 'completed item', 'completed items')}",
        f"the forecast is made from {forecast.runs} simulated runs",
    ]
    if forecast.probability is not None:
        chance = f"{round(100 * forecast.probability)} %"
        table += [
            f"the probability that the sprint will be done by its due date is {chance}",
            f"the probability that the sprint lands in time is {chance}",
            f"the probability for the sprint is {chance}",
            f"the forecast for the sprint is {chance}",
        ]
    elif forecast.why_none is not None:
        table.append(f"the forecast has no probability: {_WHY_NONE[forecast.why_none]}")
    if forecast.completion is not None:
        days = zip(
            (50, 70, 85, 95),
            (forecast.completion.p50, forecast.completion.p70, forecast.completion.p85, forecast.completion.p95),
            strict=True,
        )
        table += [
            f"the forecast has a probability of {level} % that the sprint will be done by {day.isoformat()}"
            for level, day in days
        ]
    return _on((), [], table)


def of_health(health: Health) -> Sheet:
    """The health of the sprint and of its parts."""
    table = [
        f"the health of the sprint is {health.score:.0f} of 100",
        f"the health score of the sprint is {health.score:.0f}",
    ]
    table += [f"the health of the sprint is {health.word}", f"the sprint stands at {health.word}"]
    sheet = _on((), [], table)
    for part in health.parts:
        statement = f"the health of {part.name} is {part.score:.0f} of 100"
        sheet = merged(sheet, _on([e.id for e in part.evidence], [statement], [statement]))
    return sheet


def of_risks(risks: Sequence[Risk], outside: Iterable[str], sprint: Iterable[str] = ()) -> Sheet:
    """What is in the way, and how bad it is; `sprint` is what the sprint is called."""
    cut = list(outside)
    counts = [(severity, sum(risk.severity is severity for risk in risks)) for severity in Severity]
    table = [f"{_count(len(risks), 'risk was', 'risks were')} found"]
    table += [f"{_count(number, 'risk is', 'risks are')} {severity}" for severity, number in counts if number]
    table += [f"0 risks are {severity}" for severity, number in counts if not number]
    sheet = _on((), [], table)
    worst = max((risk.severity.rank for risk in risks), default=0)
    alone = sum(risk.severity.rank == worst for risk in risks) == 1
    for risk in risks:
        kind = risk.kind.replace("_", " ")
        about = _about(risk)
        statements = [
            _without(_unnamed(risk.summary, sprint), cut),
            f"{about}the risk {kind} is {risk.severity}",
            f"{about}the severity of the risk {kind} is {risk.severity}",
        ]
        if alone and about and risk.severity.rank == worst:
            statements.append(
                f"the most severe risk is the risk {kind} of {about.removesuffix(': ')}, which is {risk.severity}"
            )
        sheet = merged(sheet, _on([*(e.id for e in risk.evidence), *risk.item_ids], statements, []))
    return sheet


def of_recommendations(recommendations: Sequence[Recommendation]) -> Sheet:
    """What would help, and by how much. Their own words are orders ("make it green"), so they are no facts."""
    sheet = empty()
    gains = sorted((one.delta_probability or 0.0 for one in recommendations), reverse=True)
    most = gains[0] if gains and gains[0] > 0 and gains[0] not in gains[1:] else None
    for one in recommendations:
        if one.delta_probability is None:
            continue
        points = round(100 * one.delta_probability)
        change = f"would {'raise' if points >= 0 else 'lower'} the probability by {_count(abs(points), 'percentage point', 'percentage points')}"
        if one.kind not in _DOING:
            continue
        # What is unblocked are those that wait; the first of the items is the one that they wait for.
        ids = one.item_ids[1:] or one.item_ids if one.kind == "unblock" else one.item_ids
        many = _count(len(ids), "item", "items") if ids else ""
        what = _reference(ids[0]) if len(ids) == 1 else many
        statements = [f"{_DOING[one.kind]} {what} {change}".replace("  ", " ")]
        if one.delta_probability == most:
            statements.append(statements[0].replace(" by ", " most, by "))
        sheet = merged(sheet, _on([*(e.id for e in one.evidence), *one.item_ids], statements, []))
    return sheet


def of_explanation(analysis: SprintAnalysis, outside: Iterable[str]) -> Sheet:
    """The sentences that templates wrote: facts as well, on the evidence that they cite; but not those that advise."""
    cut = list(outside)
    names = (analysis.sprint.title, analysis.sprint.name)
    advice = [one.summary.rstrip(".") for one in analysis.recommendations]
    sheet = empty()
    for sentence in analysis.explanation.sentences:
        if not any(words in sentence.text for words in advice):
            sheet = merged(sheet, _on(sentence.evidence, [_without(_unnamed(sentence.text, names), cut)], []))
    return sheet


_DOING = {
    "review_pull_request": "reviewing",
    "unblock": "unblocking",
    "split": "splitting",
    "drop_or_move": "dropping or moving",
    "fix_build": "fixing the build of",
    "move_date": "moving the end of the sprint",
}
"""How an action reads when somebody does it."""


def outside_words(title: str, quotes: Iterable[str]) -> tuple[str, ...]:
    """Everything that people wrote and that statements may contain: longest first, to be cut out of them."""
    found = {quote.removesuffix("…") for quote in quotes} | {title}
    found |= {quote.rpartition(", due ")[0] or quote for quote in found}
    return tuple(sorted((text for text in found if len(text) >= SHORTEST_CUT), key=lambda text: (-len(text), text)))


def evidence_of(analysis: SprintAnalysis) -> tuple[Evidence, ...]:
    """All evidence of an analysis, the most telling first: risks by severity, actions, health, numbers."""
    ranked = sorted(analysis.risks, key=lambda risk: -risk.severity.rank)
    found: dict[str, Evidence] = {}
    holders: list[Iterable[Evidence]] = [risk.evidence for risk in ranked]
    holders += [one.evidence for one in analysis.recommendations]
    holders += [part.evidence for part in analysis.health.parts]
    holders += [feature.evidence for feature in analysis.features.features]
    for holder in holders:
        for one in holder:
            found.setdefault(one.id, one)
    return tuple(found.values())


_WHY_NONE: Mapping[NoForecast, str] = {
    NoForecast.NO_END: "the sprint has no due date",
    NoForecast.END_PASSED: "the end has passed with work open, the sprint is overdue",
    NoForecast.TOO_LITTLE_HISTORY: "there is too little history",
    NoForecast.ALL_DONE: "all items are done",
    NoForecast.CLOSED: "the sprint is closed",
}


def _of_item(item: ItemFacts) -> Iterator[str]:
    name = _reference(item.item_id)
    for days, words in (
        (item.idle_days, "has been idle for {}"),
        (item.age_days, "has been in work for {}"),
        (item.waiting_for_review_days, "has been waiting for a review for {}"),
    ):
        if days is not None and days >= 1:
            yield f"{name} {words.format(_count(int(days), 'day', 'days'))}"
    if item.blocked_by:
        yield f"{name} is blocked by {', '.join(map(_reference, item.blocked_by))}"
        yield f"{name} is blocked by {_count(len(item.blocked_by), 'item', 'items')}"
    if item.blocks:
        yield f"{name} blocks {', '.join(map(_reference, item.blocks))}"
        yield f"{name} blocks {_count(len(item.blocks), 'item', 'items')}"
    if item.red_run is not None:
        yield f"the build of {name} is red"
        yield f"the build of {name} failed"
    if not item.has_criteria:
        yield f"{name} has no acceptance criteria"
    if item.conflicts_with:
        yield f"{name} conflicts with {', '.join(map(_reference, item.conflicts_with))}"


def _since(item: ItemFacts, as_of: datetime) -> Iterator[str]:
    """The days from which the item's times count, in the user's zone: "since Monday" is checked against them."""
    name = _reference(item.item_id)
    for days, words in (
        (item.idle_days, "has been idle since {}"),
        (item.waiting_for_review_days, "has been waiting for a review since {}"),
    ):
        if days is not None and days >= 1:
            yield f"{name} {words.format(local_day(as_of - timedelta(days=days), as_of).isoformat())}"
    if item.started_at is not None:
        yield f"{name} has been in work since {local_day(item.started_at, as_of).isoformat()}"


def _on(ids: Iterable[str], statements: Sequence[str], table: Sequence[str]) -> Sheet:
    return {"context": {i: list(statements) for i in ids}, "table": list(table), "quotes": {}, "urls": []}


def _without(statement: str, outside: Iterable[str]) -> str:
    """A statement without the words that came from outside."""
    for words in outside:
        statement = statement.replace(words, " ")
    return " ".join(_QUOTED.sub(" ", statement).split())


def _unnamed(statement: str, names: Iterable[str]) -> str:
    """A statement with "the sprint" for what people called it, so that it still says what it is about."""
    for name in sorted((name for name in names if len(name) >= SHORTEST_CUT), key=len, reverse=True):
        statement = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "the sprint", statement)
    return statement


def _about(risk: Risk) -> str:
    """The item that a risk is one of, with a colon: the only one, or the one that holds up the others."""
    named = [f"{_reference(i)}: " for i in risk.item_ids]
    if len(named) == 1:
        return named[0]
    return next((name for name in named if risk.summary.startswith(f"{name[:-2]} holds up ")), "")


def _reference(evidence_id: str) -> str:
    return evidence_id.removeprefix("external:").partition(":")[2] or evidence_id


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
