"""A question in somebody's words, understood as calls of fact functions; by rules, so that it is understood alike everywhere.

A model is not asked: the built-in one cannot do it, and a larger one would take longer than the answer. First the question
is spelled out. Then everything that has a name is taken out of it (items, sprints, repositories, times, labels:
`question_names`), then words tell what is asked (`question_words`). Words that are left over and mean something
("payments") are looked for in titles. Whatever had to be assumed is said in `limits`: an answer about something else
than was asked is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from galaxy_desktop.domain.asking import FactCall, FactName, Scope, Understood
from galaxy_desktop.domain.code_found import code_question
from galaxy_desktop.domain.work import State
from galaxy_desktop.explain.lookup_scene import Scene, words_of
from galaxy_desktop.explain.question_names import Reading
from galaxy_desktop.explain.question_spelling import foreign_language, mended, spelled_out
from galaxy_desktop.explain.question_times import supposed_in
from galaxy_desktop.explain.question_words import (
    ALONE,
    COMPARES_PEOPLE,
    COUNTS,
    FUNCTION_WORDS,
    GIVES_WAY,
    IMPERATIVE,
    LISTS,
    NO_COMPARING,
    NO_DOING,
    NO_PERSON,
    OF_THE_PAST,
    STRONG_PATTERNS,
    TELLING,
    WEAK_PATTERNS,
    WORDS_OF_KINDS,
)
from galaxy_desktop.explain.words import joined

__all__ = ["NO_COMPARING", "NO_DOING", "NO_PERSON", "understand"]

MOST_CALLS = 3
MOST_BY_TITLE = 5
MOST_IN_FULL = 2
"""So many items that were found by their titles are told in full; more are listed."""
QUESTION_LENGTH = 500
"""Longer texts are cut: a question is short, and what follows is somebody's paste."""
IN_ENGLISH = "Questions are read in English, and this reads like {}. Ask it in English, such as “what blocks us?”."
UNKNOWN = "; this tells of the whole."
_FILTERED = frozenset({FactName.COUNT, FactName.LIST})
"""These take every filter; the others know what they look for."""
_COUNTED = re.compile(rf"\bhow many (?:\w+ )?{WORDS_OF_KINDS} (?:are |were )?(?:still )?(?:open|closed|merged|done)\b")
"""A count that stands beside another question: "how many issues are open, and what is blocked?"."""
_OF_ITEMS = frozenset({
    FactName.BLOCKERS, FactName.REVIEWS, FactName.BUILDS, FactName.STUCK, FactName.LATE, FactName.RISKS, *ALONE,
})  # fmt: skip
"""What can be asked of single items; everything else that an item is asked about is told by what is known of it."""
_OF_RUNNING = frozenset({
    FactName.CHANCE, FactName.OVERVIEW, FactName.DUE, FactName.PROGRESS, FactName.SIMILAR, FactName.SHIPPED,
    FactName.LATE, FactName.COMPUTED,
})  # fmt: skip
"""What is asked of sprints that run; of one that is over it asks how that ended."""
_WITHIN_TIME = frozenset({FactName.SHIPPED, FactName.PACE, FactName.ENDED})


def understand(question: str, scene: Scene) -> Understood:
    """The calls that answer a question, as far as rules can tell; no call means that only a search can help."""
    text = spelled_out(question[:QUESTION_LENGTH])
    if COMPARES_PEOPLE.search(text):
        return Understood(limits=(NO_COMPARING,), refused=True)
    if code_question(question[:QUESTION_LENGTH]) is not None:
        return Understood(calls=(FactCall(FactName.CODE),), topic=" ".join(Reading(text, scene).leftover()))
    asking = _without_orders(text, scene)
    ordered = (NO_DOING,) if asking != text else ()
    language = foreign_language(asking, scene.known_words)
    better, notes = mended(asking, scene.known_words) if not language else (asking, ())
    found = _read(asking, scene, language, ordered)
    if not notes or (found.calls and UNKNOWN not in " ".join(found.limits)):
        return found
    again = _read(better, scene, language, (*ordered, *notes))
    return again if again.calls else found


def _read(asking: str, scene: Scene, language: str, notes: Sequence[str]) -> Understood:
    """A question that was spelled out; `notes` say what was done to it."""
    reading = Reading(asking, scene, limits=list(notes))
    reading.take_out_names()
    if reading.people:
        return Understood(limits=(NO_PERSON,), refused=True)
    if reading.unknown and not reading.scope.item_ids:
        return Understood(limits=tuple(reading.limits), topic=" ".join(reading.leftover()))
    if language and not reading.scope.item_ids:
        return Understood(topic=" ".join(reading.leftover()), hint=IN_ENGLISH.format(language))
    return _understood(reading)


def _understood(reading: Reading) -> Understood:
    """What a question asks whose names were taken out."""
    asked = _settled(reading)
    scope = _with_titles(reading, asked)
    calls = tuple(_calls(asked, scope, reading))
    if not calls and reading.scope.words:
        calls = (FactCall(FactName.LIST, reading.scope),)
    topic = " ".join(reading.leftover())
    if not topic and not calls:
        topic = " ".join(word for word in dict.fromkeys(words_of(reading.text)) if word not in FUNCTION_WORDS)
    refused = NO_DOING in reading.limits and not calls and not topic
    return Understood(calls=calls[:MOST_CALLS], limits=tuple(reading.limits), topic=topic, refused=refused)


def _without_orders(text: str, scene: Scene) -> str:
    """The question without sentences that order something, unless such a sentence is the name of an item."""
    titles = {" ".join(item.title.split()).casefold() for item in scene.snapshot.items}
    return IMPERATIVE.sub(lambda found: found[0] if found[0].strip() in titles else " ", text)


def _asked(text: str) -> list[FactName]:
    """What the words of a question ask for, in the order in which they ask."""
    for patterns in (STRONG_PATTERNS, WEAK_PATTERNS):
        found = [(match.end(), name) for name, pattern in patterns if (match := pattern.search(text)) is not None]
        if found:
            return list(dict.fromkeys(name for _, name in sorted(found, key=lambda one: one[0])))
    return []


def _settled(reading: Reading) -> list[FactName]:
    """What is asked, without what a more precise reading has taken over already."""
    found = _asked(reading.text)
    alone = [name for name in ALONE if name in found]
    if alone:
        return alone[:1]
    for name, better in GIVES_WAY:
        if name in found and better & set(found):
            found.remove(name)
    if reading.scope.unasked and FactName.REVIEWS in found:
        found.remove(FactName.REVIEWS)
    if reading.scope.item_ids:
        return [name for name in found if name in _OF_ITEMS and not (name is FactName.BLOCKERS and reading.either_way)]
    found = list(dict.fromkeys(_of_its_time(found, reading)))
    counts, lists = bool(COUNTS.search(reading.text)), bool(LISTS.search(reading.text))
    if reading.filters:
        return [FactName.COUNT if counts else FactName.LIST, *found]
    if found and _COUNTED.search(reading.text):
        return [FactName.COUNT, *found]
    if found or not (counts or lists):
        return found
    return [FactName.COUNT if counts else FactName.LIST]


def _of_its_time(found: Iterable[FactName], reading: Reading) -> Iterator[FactName]:
    """The same, where a sprint that is over is asked how it ended rather than how it will."""
    named = reading.scene.sprints(reading.scope) if reading.scope.sprint_ids else []
    closed = all(one.sprint.state is State.CLOSED for one in named)
    over = (bool(named) and closed) or bool(reading.scope.milestones)
    for name in found:
        yield FactName.ENDED if over and name in _OF_RUNNING else name


def _with_titles(reading: Reading, asked: list[FactName]) -> Scope:
    """The scope with the items whose titles have the leftover words; says so when it is not clear which are meant."""
    scope = reading.scope
    if set(OF_THE_PAST) & set(asked):
        return replace(scope, words=tuple(reading.leftover(TELLING)))
    words = [word for word in reading.leftover() if word not in _said_by(asked, reading.text)]
    if not words or scope.item_ids:
        return scope
    if _FILTERED & set(asked):
        return replace(scope, words=tuple(words))
    within = Scope(repositories=scope.repositories, sprint_ids=scope.sprint_ids, words=tuple(words))
    every = reading.scene.items(within)
    fitting = [item for item in every if item.is_open] or ([] if asked else every)
    said = joined([f"“{word}”" for word in words])
    most = MOST_BY_TITLE if asked else MOST_IN_FULL
    if 0 < len(fitting) <= most:
        if not reading.named_in_full:
            reading.limits.append(f"Taken as a question about what has {said} in its title.")
        return replace(scope, item_ids=tuple(item.evidence_id for item in fitting))
    if not asked and fitting:
        reading.scope = replace(scope, words=tuple(words), merged=False, state=None)
        return reading.scope
    if fitting:
        reading.limits.append(f"{len(fitting)} items have {said} in their titles; this tells of the whole.")
    elif asked == [FactName.OVERVIEW]:
        reading.limits.append(f"No sprint, repository or item is called {said}.")
        asked.clear()
    elif asked:
        reading.limits.append(f"No sprint or open item is called {said}{UNKNOWN}")
    return scope


def _calls(asked: Sequence[FactName], scope: Scope, reading: Reading) -> Iterator[FactCall]:
    names = [name for name in asked if name in _OF_ITEMS or name in _FILTERED] if scope.item_ids else list(asked)
    if not names:
        yield from _without_a_word(scope, reading)
        return
    for name in names:
        yield _call(name, scope, reading)
    if scope.item_ids and not {*_FILTERED, *ALONE} & set(names):
        yield FactCall(FactName.ITEM, Scope(item_ids=scope.item_ids))


def _without_a_word(scope: Scope, reading: Reading) -> Iterator[FactCall]:
    """What is meant where nothing but names was said: "open PRs in web?", "#12?", "sprint 24?"."""
    if scope.item_ids:
        yield FactCall(FactName.ITEM, Scope(item_ids=scope.item_ids))
    elif scope.words or (
        scope.kind is not None
        or scope.labels
        or scope.bugs
        or (scope.state is not None and (scope.repositories or reading.span_named))
    ):
        yield FactCall(FactName.LIST, scope)
    elif scope.milestones:
        yield FactCall(FactName.ENDED, Scope(milestones=scope.milestones))
    elif scope.sprint_ids:
        over = all(one.sprint.state is State.CLOSED for one in reading.scene.sprints(scope))
        yield FactCall(FactName.ENDED if over else FactName.OVERVIEW, Scope(sprint_ids=scope.sprint_ids))
    elif reading.span_named:
        yield _call(FactName.CHANGED, scope, reading)
    elif scope.repositories and not reading.leftover():
        yield FactCall(FactName.OVERVIEW, Scope(repositories=scope.repositories))


def _call(name: FactName, scope: Scope, reading: Reading) -> FactCall:
    """The call of a function with the part of the scope that it understands."""
    plain = Scope(
        sprint_ids=scope.sprint_ids, milestones=scope.milestones, item_ids=scope.item_ids, repositories=scope.repositories,
        across=scope.across,
    )  # fmt: skip
    if name in _FILTERED:
        running = tuple(one.sprint.id for one in reading.scene.focus(scope)) if reading.left_to_do else ()
        return FactCall(name, replace(scope, sprint_ids=scope.sprint_ids or running))
    if name is FactName.CHANGED:
        return FactCall(name, replace(plain, since=reading.since_or_yesterday(), until=scope.until))
    if name in OF_THE_PAST:
        return FactCall(name, replace(plain, since=scope.since, until=scope.until, words=scope.words))
    if name is FactName.WHAT_IF:
        return FactCall(name, replace(plain, supposed=supposed_in(reading.text, reading.scene.today)))
    if name in _WITHIN_TIME:
        return FactCall(name, replace(plain, since=scope.since, until=scope.until))
    if name is FactName.STUCK:
        return FactCall(name, replace(plain, kind=scope.kind))
    return FactCall(name, plain)


def _said_by(asked: Iterable[FactName], text: str) -> frozenset[str]:
    """The words by which a question asks: they name nothing. Of a pattern with a gap only both of its ends do."""
    said: set[str] = set()
    for name, pattern in (*STRONG_PATTERNS, *WEAK_PATTERNS):
        for found in pattern.finditer(text) if name in asked else ():
            words = words_of(found[0])
            said.update((words[0], words[-1]) if ".*" in pattern.pattern and len(words) > 2 else words)
    return frozenset(said)
