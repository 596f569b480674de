"""The table of risks: what each kind means, when it fires, how bad it is, and what it can cost.

docs/risks.md shows the same table and a test keeps the two equal. The thresholds are plain numbers in one
place, so that a sentence shown to a user can name them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STALE_REVIEW_DAYS: Final = 2.0
STALE_REVIEW_HIGH_DAYS: Final = 5.0
SILENT_DAYS: Final = 7.0
SILENT_MEDIUM_DAYS: Final = 14.0
LEAST_CYCLES: Final = 10
GROWTH_ITEMS: Final = 2
GROWTH_SHARE: Final = 0.10
GROWTH_HIGH_SHARE: Final = 0.25
OVERLOAD_ITEMS: Final = 5
OVERLOAD_SHARE: Final = 0.5
OVERLOAD_HIGH_SHARE: Final = 0.75
OVERDUE_CRITICAL_DAYS: Final = 14
CHAIN_CRITICAL_ITEMS: Final = 3
SOON_DAYS: Final = 5
MOST_OF_A_KIND: Final = 3
"""Of one kind at most this many risks are shown one by one; more become one risk that lists them."""
MOST_RISKS: Final = 12


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    kind: str
    means: str
    fires: str
    severity: str
    impact: str


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "overdue",
        "The end has passed and work is left.",
        "today is after the due day and an item is open",
        "high; critical from 14 days on",
        "The sprint has not landed; whoever counts on it waits.",
    ),
    Rule(
        "red_build",
        "A build is broken.",
        "the newest run of a workflow on a default branch failed, or a run on the newest commit of an open pull request",
        "critical on a default branch; high on a pull request",
        "Nothing that is red can be merged.",
    ),
    Rule(
        "blocked_chain",
        "One unfinished item holds up others.",
        "an open item of the sprint waits, directly or through others, for this one; or items wait for each other in a ring",
        "medium; high from 2 held-up items, across repositories or in a ring; critical from 3 held-up items",
        "The held-up items cannot start before it is done.",
    ),
    Rule(
        "stale_review",
        "A pull request waits for a review.",
        "waiting for 2 days or longer",
        "medium; high from 5 days on",
        "Finished work is not delivered, and conflicts grow.",
    ),
    Rule(
        "stuck_item",
        "An item has been in work for unusually long.",
        "in work longer than 85 % of past items took (with 10 past items or more)",
        "medium; high beyond 95 %",
        "The older an item, the less likely it is finished soon.",
    ),
    Rule(
        "conflicting_pull_requests",
        "Open pull requests change the same files.",
        "two open pull requests of which one is in the sprint touch the same file",
        "medium",
        "Whoever merges second has to rework.",
    ),
    Rule(
        "scope_growth",
        "Items were added after the start.",
        "the sprint has an end, and 2 items or more and at least 10 % of the scope at the start were added",
        "medium; high from 25 % on",
        "The work grows while the end stays.",
    ),
    Rule(
        "no_end",
        "The sprint has no due date.",
        "an open sprint with open items has no due day",
        "medium",
        "Without an end nobody can say whether it will land in time.",
    ),
    Rule(
        "overloaded_owner",
        "One person owns most of what is left.",
        "one person owns 5 open items or more and at least half of the open items that have an owner",
        "medium; high from 75 % on",
        "Items wait for one pair of hands, and for that person's holidays.",
    ),
    Rule(
        "no_owner",
        "Nobody is assigned.",
        "an open issue without an assignee",
        "low; medium from 5 days before the end on",
        "What belongs to nobody is started late.",
    ),
    Rule(
        "silent_item",
        "Nothing has happened on an item.",
        "no activity by anybody for 7 days on an item in work, for 14 days on one that nobody started; not where it is already shown as stuck or waiting for a review",
        "low; medium from 14 days on",
        "It may be forgotten, or done without anybody saying so.",
    ),
    Rule(
        "no_acceptance_criteria",
        "An issue does not say when it is done.",
        "an open issue without acceptance criteria or a checklist",
        "low",
        "It is built twice, or argued about at the end.",
    ),
)

KINDS: Final = tuple(rule.kind for rule in RULES)
IMPACT: Final = {rule.kind: rule.impact for rule in RULES}
