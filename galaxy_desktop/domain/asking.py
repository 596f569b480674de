"""Questions that people ask in their own words, and answers that can be checked.

A question is understood as calls of a small set of fact functions (`FactCall`). What a call returns was written by code
and cites its evidence (`Finding`); numbers of an answer come from there and from nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.domain.work import ItemKind, State


class FactName(StrEnum):
    """The fact functions, by the question that each of them answers."""

    CHANCE = "will it land"
    DUE = "when does it end"
    BLOCKERS = "what is in the way"
    REVIEWS = "what waits for a review"
    BUILDS = "what is red"
    LATE = "what will be late"
    STUCK = "what does not move"
    SCOPE = "what came in or left"
    CHANGED = "what changed"
    RISKS = "what is at risk"
    ADVICE = "what to do"
    COUNT = "how many"
    LIST = "which items"
    ITEM = "about an item"
    SHIPPED = "what was released"
    SIMILAR = "how it went before"
    FIXED = "how it was fixed before"
    DEPLOYED = "how deployments went"
    HELPED = "what came of it"
    CODE = "what code does it"
    OVERVIEW = "how it stands"
    PROGRESS = "how much is done"
    COMPUTED = "how the chance is computed"
    HEALTH = "how healthy it is"
    PACE = "how fast work gets done"
    ENDED = "how sprints ended"
    WHAT_IF = "what a change would do"


class Wish(StrEnum):
    """A change that somebody supposes: what happens then is simulated."""

    DROP = "leaves the sprint"
    REVIEW = "has its review"
    UNBLOCK = "blocks nothing any more"
    GREEN = "has a green build"
    SPLIT = "is halved"
    SLIP = "is later"
    MOVE_END = "the end moves"


@dataclass(frozen=True, slots=True)
class Supposed:
    """A supposed change; `days` are working days of a slip, or days by which the end moves, `to` the day to which it does."""

    wish: Wish
    days: float = 0.0
    to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a question is about; an empty field leaves that open.

    `sprint_ids` and `item_ids` are ids of stored things, `milestones` evidence ids of milestones that are of no sprint any
    more: they ended too long ago. `bugs` asks for issues that are labeled or titled as bugs. `since` and `until` bound the time, both aware. `unowned` asks
    for items that nobody is assigned to, `unplanned` for items of no sprint. `merged` asks for pull requests that were
    merged rather than closed, `unlabeled` for items without a label, `started` for
    items of open sprints that are in work, `unasked` for pull requests that nobody reviewed or
    was asked to review. `words` must all stand in the title. `oldest` puts the oldest first, `across` asks for what
    crosses from one repository to another. `supposed` is a change that
    did not happen.
    """

    sprint_ids: tuple[str, ...] = ()
    milestones: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    kind: ItemKind | None = None
    state: State | None = None
    since: datetime | None = None
    until: datetime | None = None
    unowned: bool = False
    unplanned: bool = False
    merged: bool = False
    unlabeled: bool = False
    bugs: bool = False
    unasked: bool = False
    started: bool = False
    words: tuple[str, ...] = ()
    oldest: bool = False
    across: bool = False
    supposed: Supposed | None = None


@dataclass(frozen=True, slots=True)
class FactCall:
    """One fact function with what it is asked about."""

    name: FactName
    scope: Scope = Scope()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a fact function found: sentences that cite evidence ids, and what it counted in words (`formula`).

    No sentence means that there is nothing to say: `nothing` then says what was looked at. `note` says how the sentences
    fall short of what was asked.
    """

    call: FactCall
    sentences: tuple[Sentence, ...] = ()
    formula: str = ""
    nothing: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A question as code reads it.

    `calls` are what it asks for, at most a few, the first is what it asks for first. `limits` are sentences about what
    could not be found or had to be chosen: an unknown number, one that two repositories have, a moment in the future.
    `refused` is set where nothing will be told, whatever is stored.
    `topic` is the question without the words that every question has: what a search looks for. `hint` says what may be
    done where nothing was understood; a model that is large enough may still be asked then.
    """

    calls: tuple[FactCall, ...] = ()
    limits: tuple[str, ...] = ()
    topic: str = ""
    hint: str = ""
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is shown for a question.

    `mode` is "facts" (code wrote every sentence), "model" (checked sentences of a model stand behind those of code) or
    "nothing" (it cannot be told from what is stored; `limits` say why). `sources` hold what the sentences cite, `found`
    what a search brought besides. `removed` are sentences of the model that did not pass the check, with why.
    `made_at` is when it was worked out, `as_of` the moment of the data; `cached` whether it was kept from then.
    `model` names who wrote the sentences of the model; `passed_over` says who was asked before and could not answer, and
    why no model has a part in it where one was wanted.
    """

    question: str
    understood: Understood
    mode: str
    sentences: tuple[Sentence, ...]
    sources: tuple[Evidence, ...]
    found: tuple[Evidence, ...] = ()
    limits: tuple[str, ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    formulas: tuple[str, ...] = ()
    made_at: datetime
    as_of: datetime
    cached: bool = False
    model: str = ""
    passed_over: tuple[str, ...] = ()
