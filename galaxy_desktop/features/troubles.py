"""One number of trouble for each of the six families, made so that a look back sees what was seen then.

The team's own past is to teach what these numbers are worth, so none of them may know what came later. GitHub does not
tell what a description said before it was edited. So only dated records count here: reviews, comments, commits, runs and
events. That is why these are not the features of the catalog, some of which read descriptions:

    code       pull requests sent back for changes / pull requests reviewed, last 14 days
    text       open issues that say neither what nor when (few words, no criteria) / open issues whose text is known
    temporal   open pull requests that have waited for a review for over two days / open pull requests, of the last 28 days
    graph      open items that are blocked, as events, labels, comments and commits say / items planned
    sentiment  items whose comments of the last 14 days are negative by the word list / items planned
    ci         failed runs / finished runs, last 14 days

Text is the exception: it is known of an item that nobody has touched since, and so of every item as long as a sprint
runs. Sprints that ended before the program watched them have none.

Items planned are those of the sprint without what came later and with what was taken out later. So dropping or
finishing an item never looks like more trouble.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from galaxy_desktop.domain.calendar import days_between
from galaxy_desktop.domain.facts import EdgeKind, Family
from galaxy_desktop.domain.families import Trouble
from galaxy_desktop.domain.work import ItemKind, State, WorkItem
from galaxy_desktop.features import ci, text
from galaxy_desktop.features.activity import waiting_since
from galaxy_desktop.features.edges import edges_of_talk
from galaxy_desktop.features.index import key_of
from galaxy_desktop.features.past_items import toggles
from galaxy_desktop.features.scope import ScopeChange
from galaxy_desktop.features.sentiment import RECENT_DAYS, spoken_on
from galaxy_desktop.features.sentiment_words import polarity
from galaxy_desktop.features.view import SprintView

REVIEW_DAYS = 14
FEWEST_REVIEWED = 3
STALE_DAYS = 2.0
YOUNG_DAYS = 28
"""Older open pull requests are nobody's work any more: they say nothing of this sprint."""
NEGATIVE = -0.1
FEWEST_RUNS = 5
FEWEST_WORDS = 20
_BLOCKED = re.compile(r"^(?:status|state)?[\s:/-]*blocked\b", re.IGNORECASE)
LEAST_KNOWN = 0.5
"""Where less than this share of the descriptions is known, the others may be different."""


def troubles(view: SprintView, came: Sequence[ScopeChange], went: Sequence[ScopeChange]) -> tuple[Trouble, ...]:
    """The trouble each family sees in a running sprint, in the order of `Family`; nothing where it has no course.

    Args:
        view: the sprint now.
        came: what entered after planning, see `scope.added`.
        went: what left after planning, see `scope.removed`.
    """
    sprint = view.sprint
    if sprint.starts_at is None or sprint.due_on is None or sprint.state is State.CLOSED or not view.items:
        return ()
    planned = max(len(view.items) - len(came) + len(went), 1)
    found = {
        Family.CODE: view.of_repositories("sent back", lambda: _sent_back(view)),
        Family.TEXT: _vague(view),
        Family.TEMPORAL: view.of_repositories("stale reviews", lambda: _stale(view)),
        Family.GRAPH: min(len(_waiting(view)) / planned, 1.0),
        Family.SENTIMENT: _negative(view, planned),
        Family.CI: view.of_repositories("failed runs", lambda: _failed(view)),
    }
    return tuple(
        Trouble(family=str(family), value=None if (value := found[family]) is None else round(value, 4))
        for family in Family
    )


def _sent_back(view: SprintView) -> float | None:
    """Of the pull requests reviewed lately, the share of which a reviewer asked for changes."""
    since = view.since(REVIEW_DAYS)
    reviewed, back = 0, 0
    for item in _pulls(view):
        verdicts = [
            r.verdict for r in view.index.reviews_of.get(key_of(item), ()) if since <= r.submitted_at <= view.now
        ]
        reviewed += bool(verdicts)
        back += "changes_requested" in verdicts
    return back / reviewed if reviewed >= FEWEST_REVIEWED else None


def _vague(view: SprintView) -> float | None:
    """Of the open issues whose text is known, the share that says neither much nor when they are done."""
    issues = [item for item in view.open_items if item.kind is ItemKind.ISSUE]
    known = [item for item in issues if item.evidence_id not in view.index.guessed]
    if not known or len(known) < LEAST_KNOWN * len(issues):
        return None
    vague = sum(text.word_count(i.body) < FEWEST_WORDS and not text.has_criteria(i.body) for i in known)
    return vague / len(known)


def _stale(view: SprintView) -> float | None:
    """Of the open pull requests of the last weeks that are no drafts, the share that waits for a review for long."""
    since = view.since(YOUNG_DAYS)
    opened = [item for item in _pulls(view) if item.is_open and not item.draft and item.created_at >= since]
    waits = [start for item in opened if (start := waiting_since(item, view.index)) is not None]
    stale = sum(days_between(start, view.now) > STALE_DAYS for start in waits)
    return stale / len(opened) if opened else None


def _waiting(view: SprintView) -> set[str]:
    """The open items of the sprint that are blocked, as events, comments and commits say."""
    inside = {item.evidence_id for item in view.open_items}
    stored = view.index.items_by_id
    said = {
        edge.target_id
        for item in view.open_items
        for edge in edges_of_talk(item, view.index)
        if edge.kind is EdgeKind.BLOCKS
        and edge.target_id in inside
        and (blocker := stored.get(edge.source_id)) is not None
        and blocker.is_open
    }
    return said | {item.evidence_id for item in view.open_items if _blocked_by_events(item, view)}


def _blocked_by_events(item: WorkItem, view: SprintView) -> bool:
    """Whether an item got a label such as "blocked", or a dependency on an item that is open, and still has it."""
    events = view.index.events_of.get(key_of(item), ())
    labels = {one.name: one.on for one in toggles(events, "labeled", "unlabeled")}
    if any(on and _BLOCKED.match(name.strip()) for name, on in labels.items()):
        return True
    blockers = {one.name: one.on for one in toggles(events, "blocked_by_added", "blocked_by_removed")}
    return any(on and _is_open(name, view) for name, on in blockers.items())


def _is_open(name: str, view: SprintView) -> bool:
    """Whether "owner/name#number" is stored and open."""
    repository, _, number = name.rpartition("#")
    found = view.index.items_by_name.get((repository.casefold(), int(number))) if number.isdigit() else None
    return found is not None and found.is_open


def _negative(view: SprintView, planned: int) -> float | None:
    """Items whose recent talk is negative, by the word list alone: the past is not embedded."""
    since = view.since(RECENT_DAYS)
    moods = [_mood(item, view, since) for item in view.items]
    known = [mood for mood in moods if mood is not None]
    return min(sum(mood < NEGATIVE for mood in known) / planned, 1.0) if known else None


def _mood(item: WorkItem, view: SprintView, since: datetime) -> float | None:
    """The mean polarity of what people wrote on an item lately and did not change since; `None` when they did not."""
    said = spoken_on(item, view.index, since, view.now)
    tones = [polarity(one.body).value for one in said if one.evidence_id not in view.index.guessed]
    return sum(tones) / len(tones) if tones else None


def _failed(view: SprintView) -> float | None:
    """Of the runs that ended in success or failure lately, the share that failed."""
    since = view.since(ci.RATE_DAYS)
    builds = [b for name in view.sprint.repositories for b in view.builds(name)]
    ended = [b for b in builds if since <= b.started_at <= view.now and b.conclusive]
    return sum(b.red for b in ended) / len(ended) if len(ended) >= FEWEST_RUNS else None


def _pulls(view: SprintView) -> list[WorkItem]:
    return [item for item in view.repository_items() if item.kind is ItemKind.PULL_REQUEST]
