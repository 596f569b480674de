"""What is in the way: rules over facts, each risk with the stored values that made it fire.

A risk's id is made from sprint, kind and item, so the same fact keeps its id from one evaluation to the next.
Its probability is the chance that it costs the sprint something: where one item is concerned, the chance that it
is not finished by the end (see `delay`, and `survival` without it), else a figure fixed with the rule. Severities come
from the table in `risk_rules`.

Nobody is flooded: of one kind at most three risks are shown one by one, more become one risk that lists them; in all
at most twelve, the worst first. Nobody is ranked: a risk speaks of work, and never names a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby

from galaxy_desktop.assess.risk_people import of_owners
from galaxy_desktop.assess.risk_rules import IMPACT, KINDS, MOST_OF_A_KIND, MOST_RISKS, RULES, Rule
from galaxy_desktop.assess.risk_sources import MOST_EVIDENCE, Scene, listed
from galaxy_desktop.assess.risk_sprint import of_blockers, of_builds, of_end, of_growth
from galaxy_desktop.assess.risk_work import of_conflicts, of_criteria, of_reviews, of_silence, of_stuck
from galaxy_desktop.domain.evidence import unique
from galaxy_desktop.domain.facts import FeatureSet
from galaxy_desktop.domain.findings import Forecast, Risk
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State

__all__ = ["KINDS", "RULES", "Rule", "find", "fired"]

TOGETHER = {
    "stale_review": "{n} pull requests wait for a review: {list}.",
    "stuck_item": "{n} items have been in work for unusually long: {list}.",
    "red_build": "{n} builds are broken: {list}.",
    "blocked_chain": "{n} unfinished items hold up others: {list}.",
    "conflicting_pull_requests": "{n} pairs of pull requests change the same files: {list}.",
    "no_owner": "{n} open issues have no owner: {list}.",
    "silent_item": "Nothing has happened on {n} items for 7 days or longer: {list}.",
    "no_acceptance_criteria": "{n} open issues do not say when they are done: {list}.",
}
"""How several risks of one kind are told in one sentence."""


def find(
    sprint: Sprint,
    features: FeatureSet,
    forecast: Forecast,
    snapshot: Snapshot,
    now: datetime,
    *,
    delays: Mapping[str, float] | None = None,
) -> tuple[Risk, ...]:
    """The risks of an open sprint with work left, the worst first; a finished or closed sprint has none.

    `delays` holds, by item, the chance that it misses the end (see `delay`).
    """
    ordered = sorted(_gathered(sprint, fired(sprint, features, forecast, snapshot, now, delays=delays)), key=_order)
    return tuple(ordered[:MOST_RISKS])


def fired(
    sprint: Sprint,
    features: FeatureSet,
    forecast: Forecast | None,
    snapshot: Snapshot,
    now: datetime,
    *,
    delays: Mapping[str, float] | None = None,
) -> list[Risk]:
    """Every single firing of every rule, in the order of the rules: nothing is gathered or left out."""
    scene = Scene.of(sprint, features, forecast, snapshot, now, delays=delays)
    if sprint.state is State.CLOSED or not scene.open:
        return []
    found = [
        *of_end(scene),
        *of_builds(scene),
        *of_blockers(scene),
        *of_reviews(scene),
        *of_stuck(scene),
        *of_conflicts(scene),
        *of_growth(scene),
        *of_owners(scene),
    ]
    spoken_of = {i for risk in found if risk.kind in ("stale_review", "stuck_item") for i in risk.item_ids}
    return [*found, *of_silence(scene, spoken_of), *of_criteria(scene)]


def _order(risk: Risk) -> tuple[int, float, list[str]]:
    """The worst first; among equals by id, with #9 before #10."""
    return -risk.severity.rank, -risk.probability, [part.zfill(9) for part in re.split(r"(\d+)", risk.id)]


def _gathered(sprint: Sprint, risks: Iterable[Risk]) -> list[Risk]:
    """Turn more than three risks of one kind into one that lists them."""
    out: list[Risk] = []
    for kind, group in groupby(sorted(risks, key=lambda r: (KINDS.index(r.kind), _order(r))), key=lambda r: r.kind):
        same = list(group)
        if len(same) <= MOST_OF_A_KIND or kind not in TOGETHER:
            out += same
            continue
        items = tuple(dict.fromkeys(i for risk in same for i in risk.item_ids))
        named = list(dict.fromkeys(risk.item_ids[0] if risk.item_ids else risk.evidence[0].id for risk in same))
        out.append(
            Risk(
                id=f"risk:{sprint.id}:{kind}:",
                kind=kind,
                severity=same[0].severity,
                probability=max(risk.probability for risk in same),
                impact=IMPACT[kind],
                summary=TOGETHER[kind].format(n=len(same), list=listed(named)),
                item_ids=items,
                evidence=unique(risk.evidence[0] for risk in same)[:MOST_EVIDENCE],
            )
        )
    return out
