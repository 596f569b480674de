"""Every feature by name, with its unit, its window and what it says: docs and tests read this table.

A feature is made through `known` or `missing` below, so that no number can leave this folder without the unit and
window that are written here, and none can be missing without a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from galaxy_desktop.domain.evidence import Evidence, unique
from galaxy_desktop.domain.facts import Family, Feature

MOST_EVIDENCE = 8
"""Pieces of evidence kept with one number: enough to check it, few enough to read."""

SPRINT = "sprint"
NOW = "now"
LAST_14 = "last 14 days"
LAST_30 = "last 30 days"
LAST_60 = "last 60 days"
LAST_90 = "last 90 days"
LAST_365 = "last 365 days"


@dataclass(frozen=True, slots=True)
class FeatureKind:
    """One row of the catalog; `help` is shown to the user."""

    name: str
    family: Family
    unit: str
    window: str
    help: str


_CODE = (
    ("commits_in_sprint", "commits", SPRINT, "Commits to the sprint's repositories since it started."),
    ("churn_in_sprint", "lines", SPRINT, "Lines added and deleted by those commits."),
    ("pull_request_size_median", "lines", NOW, "Median size of the sprint's pull requests, added plus deleted lines."),
    ("pull_request_commits_median", "commits", NOW, "Median number of commits of the sprint's pull requests."),
    ("conflicting_pull_requests", "pairs", NOW, "Pairs of open pull requests that change the same file."),
)
_TEXT = (
    ("description_words_median", "words", NOW, "Median length of the descriptions of the sprint's items."),
    ("readability", "points", NOW, "Median Flesch reading ease of descriptions of 20 words or more; higher is easier."),
    ("criteria_share", "share", NOW, "Open issues that say when they are done: acceptance criteria or a checklist."),
    ("boxes_ticked_share", "share", NOW, "Ticked boxes in all checklists of the sprint's items."),
    ("near_duplicate_pairs", "pairs", NOW, "Pairs of open items that say nearly the same."),
)
_TEMPORAL = (
    (
        "throughput_per_working_day",
        "items a day",
        LAST_60,
        "Items closed a working day in the sprint's repositories, as GitHub counts them.",
    ),
    ("cycle_days_p50", "days", LAST_365, "Half of the delivered items took this long from first sign of work to done."),
    ("cycle_days_p85", "days", LAST_365, "85 % of the delivered items took no longer than this from start to done."),
    ("lead_days_p50", "days", LAST_365, "Half of the delivered items took this long from creation to done."),
    ("lead_days_p85", "days", LAST_365, "85 % of the delivered items took no longer than this from creation to done."),
    ("items_older_than_p85", "items", NOW, "Open items in work for longer than 85 % of past items took."),
    ("time_to_first_review_days_p50", "days", LAST_90, "Half of the reviewed pull requests waited this long."),
    ("days_without_activity", "days", NOW, "Days since anybody did anything on an item of the sprint."),
    ("scope_added", "items", SPRINT, "Items that entered after the planning days at the start."),
    ("scope_removed", "items", SPRINT, "Items that were taken out after the planning days at the start."),
    ("elapsed_share", "share", NOW, "How much of the sprint's time has passed; 1 when its end has passed."),
    ("done_share", "share", NOW, "Closed items of all items, as GitHub counts them."),
)
_GRAPH = (
    ("blocked_items", "items", NOW, "Open items that wait for another open item."),
    ("blocking_edges", "edges", NOW, "Dependencies that hold an open item of the sprint back right now."),
    ("cross_repository_edges", "edges", NOW, "Dependencies of the sprint's items that lead to another repository."),
    ("dependency_depth", "items", NOW, "Longest chain of open items that must be finished one after the other."),
    ("cycles", "cycles", NOW, "Rings of items that wait for each other."),
)
_SENTIMENT = (
    ("mood_mean", "polarity", LAST_14, "Mean polarity of comments on the sprint's items, from -1 to 1."),
    ("mood_trend", "polarity", LAST_14, "Mean polarity of the last 14 days less that of the 14 days before."),
    ("heated_items", "items", LAST_14, "Items whose recent comments are clearly negative."),
)
_CI = (
    ("ci_failure_rate", "share", LAST_14, "Failed runs of all runs that ended in success or failure."),
    ("ci_longest_red_streak", "runs", LAST_30, "Most failed runs in a row of one workflow on one branch."),
    ("ci_time_to_green_hours_p50", "hours", LAST_30, "Half of the broken builds were green again after this time."),
    ("red_pull_requests", "items", NOW, "Open pull requests of the sprint whose newest commit has a failed run."),
)


def _rows() -> tuple[FeatureKind, ...]:
    families = (
        (Family.CODE, _CODE),
        (Family.TEXT, _TEXT),
        (Family.TEMPORAL, _TEMPORAL),
        (Family.GRAPH, _GRAPH),
        (Family.SENTIMENT, _SENTIMENT),
        (Family.CI, _CI),
    )
    return tuple(FeatureKind(row[0], family, *row[1:]) for family, rows in families for row in rows)


CATALOG: tuple[FeatureKind, ...] = _rows()
"""All features, family by family, in the order in which they are computed and shown."""

BY_NAME: Mapping[str, FeatureKind] = MappingProxyType({kind.name: kind for kind in CATALOG})


def known(name: str, value: float, formula: str, evidence: Iterable[Evidence] = ()) -> Feature:
    """A feature with data; `formula` shows how the value came about with its numbers put in."""
    kind = BY_NAME[name]
    shown = unique(evidence)[:MOST_EVIDENCE]
    return Feature(
        name=name,
        family=kind.family,
        value=float(value),
        unit=kind.unit,
        window=kind.window,
        formula=f"{formula} = {number(value)}",
        evidence=shown,
    )


def missing(name: str, why: str, evidence: Iterable[Evidence] = ()) -> Feature:
    """A feature without data, which is not zero: `why` says what is missing."""
    kind = BY_NAME[name]
    return Feature(
        name=name,
        family=kind.family,
        value=None,
        unit=kind.unit,
        window=kind.window,
        formula=f"no data: {why}",
        why_none=why,
        evidence=unique(evidence)[:MOST_EVIDENCE],
    )


def number(value: float) -> str:
    """A number as formulas show it: whole ones plain, others with at most three digits after the point."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
