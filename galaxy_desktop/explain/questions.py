"""A question in somebody's words, understood as calls of fact functions; by rules, so that it is understood alike everywhere.

A model is not asked: the built-in one cannot do it, and a larger one would take longer than the answer. First everything
that has a name is taken out of the question (items, sprints, repositories, times, labels), then words tell what is
asked. Words that are left over and mean something ("payments") are looked for in titles. Whatever had to be assumed is
said in `limits`: an answer about something else than was asked is worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from galaxy_desktop.domain.asking import FactCall, FactName, Scope, Understood
from galaxy_desktop.domain.code_found import code_question
from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.domain.work import ItemKind, State
from galaxy_desktop.explain.lookup_scene import Scene, words_of
from galaxy_desktop.explain.question_times import span_in
from galaxy_desktop.explain.since import yesterday
from galaxy_desktop.explain.words import joined

MOST_CALLS = 3
MOST_BY_TITLE = 5
QUESTION_LENGTH = 500
"""Longer texts are cut: a question is short, and what follows is somebody's paste."""

_REFERENCE = re.compile(
    r"(?<![\w/#])(?:(?P<kind>issues?|pull requests?|prs?|items?)\s+(?:number\s+|no\.?\s*)?)?"
    r"(?P<repository>(?:[\w.-]+/)?[\w.-]+(?=#))?(?:(?:#|gh-)(?P<number>\d{1,9})|(?<=\s)(?P<bare>\d{1,9}))(?![\w.])"
)
_ASKS: tuple[tuple[FactName, str], ...] = (
    (FactName.FIXED, r"\bhow (did|was|were|had|have|has)\b.*\b(fix|fixed|solve|solved|resolve|resolved|cure|cured)\b"
                     r"|\b(fix|fixed|solved?|resolved?)\b.*\b(before|last time|earlier|previously|in the past)\b"
                     r"|\bseen\b.*\bbefore\b|\b(similar|past|earlier|old) bugs?\b"),
    (FactName.DEPLOYED, r"\b(after|since|how did|how was|how were)\b.*\bdeploy(s|ed|ment|ments)?\b"
                        r"|\bdeploy(s|ment|ments)?\b.*\b(go|gone|went|end|ended|succeed|succeeded|happen|happened|carr(y|ied)|break|broke)\b"
                        r"|\b(last|latest|past|previous) deploy(s|ment|ments)?\b|\broll(ed)?[ -]?backs?\b|\brevert(s|ed)?\b|\bhot ?fix(es)?\b"),
    (FactName.HELPED, r"\b(did|has|have)\b.*\b(help|helped|worth it|pay off|paid off)\b|\bwhat came of\b|\bwhat helped\b"
                      r"|\b(accepted|past|earlier|previous) (actions?|recommendations?|advice|interventions?)\b|\binterventions?\b"),
    (FactName.DUE, r"\bwhen\b.*\b(due|ends?|over|deadline)\b|\bdue dates?\b|\bdeadlines?\b|\bdays? (are )?(left|remain)|\btime (is )?left\b"),
    (FactName.REVIEWS, r"\breview(s|ed|er|ers|ing)?\b"),
    (FactName.BUILDS, r"\b(builds?|ci|pipelines?|workflows?|red|broken)\b|\bfail(s|ed|ing|ures?)?\b"),
    (FactName.BLOCKERS, r"\bblock(s|ed|ing|er|ers)?\b|\bin (the|our|its) way\b|\bhold(s|ing)? (it |us |this )?(up|back)\b"
                        r"|\bwait(s|ing)? (for|on)\b(?! (a |the |an )?review)|\bdepend(s|ed|ing|ency|encies)?\b"),
    (FactName.STUCK, r"\bstuck\b|\bstale\b|\bidle\b|\bforgotten\b|\bstand(s|ing)? still\b|\b(not|nothing|isn't|aren't|doesn't|don't) mov(e|es|ing)\b"),
    (FactName.SCOPE, r"\bscope\b|\bcreep\b|\b(came|come|got|was|were|been) (in|into|added|removed)\b|\badded\b|\bremoved\b"),
    (FactName.LATE, r"\blate\b|\bmiss(es|ing)?\b|\bslip(s|ping)?\b|\bnot (make|be done|finish)\b|\bwon't (make|be done|finish)\b"),
    (FactName.RISKS, r"\brisk(s|y)?\b|\bworr(y|ied|ies|ying)\b|\bproblems?\b|\bdangers?\b|\bgo(es|ing)? wrong\b"),
    (FactName.ADVICE, r"\b(should|can|could|must) (we|i|one) (do|focus|start|tackle|work)|\bwhat to do\b|\brecommend\w*|\bhelps? (us )?most\b|\bnext steps?\b|\bpriorit\w+"),
    (FactName.CHANGED, r"\bchang(e|es|ed)\b|\bwhat('s| is| was) new\b|\bhappen(s|ed|ing)?\b|\bwhat did (we|i) miss\b|\bmoved? since\b"
                       r"|\b(probability|chances?|odds|forecast|health)\b.*\b(drop(ped)?|fell|fall(en)?|rose|rise[ns]?|moved?|went|down|up)\b"),
    (FactName.SHIPPED, r"\breleas(e|es|ed)\b|\bdeploy(s|ed|ment|ments)?\b|\bshipped\b"),
    (FactName.SIMILAR, r"\bsimilar\b|\blast time\b|\bpast sprints?\b|\bearlier sprints?\b|\bsprints? like\b"),
    (FactName.CHANCE, r"\bwill\b.*\b(land|make|finish|done|ship|(on|in) time)\b|\bon track\b|\bchances?\b|\bprobability\b|\bodds\b|\bforecast\b|\blikely\b"
                      r"|\bhow (is|are|does)\b.*\b(doing|going|look|looks|looking)\b|\bstatus\b|\bhealth(y)?\b|\bland(s|ing)?\b|\bmake it\b"),
    (FactName.COUNT, r"\bhow many\b|\bnumber of\b|\bcount\b"),
    (FactName.LIST, r"\b(which|list|show|what|find)\b.*\b(issues?|items?|pull requests?|prs?|tickets?|bugs?|cards?|work)\b"),
)  # fmt: skip
_EITHER_WAY = re.compile(r"\bwait(s|ing)? (for|on)\b|\bdepend(s|ing)? on\b|\bblocked by\b|\bdoes\b.*\bblock\b")
_COMPARES_PEOPLE = re.compile(
    r"\b(who|whose|which (developer|person|engineer|colleague|team ?mate)|(best|worst|slowest|fastest|laziest) (developer|person|engineer))\b"
    r".*\b(best|worst|slow(est|er)?|fast(est|er)?|lazy|laziest|productive|unproductive|most|least|fewest|to blame|fault|fired?|"
    r"developers?|performers?)\b|\brank (the )?(people|developers|team)|\b(blame|fault)\b"
)
NO_COMPARING = "People are not compared here, and nobody is blamed: ask about the work instead."
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _ASKS)
_FILTERED = frozenset({FactName.COUNT, FactName.LIST})
_OF_THE_PAST = (FactName.HELPED, FactName.FIXED, FactName.DEPLOYED)
"""A question about one of these is about nothing else: "did reviewing help?" does not ask what waits for a review."""
"""These take every filter; the others know what they look for."""
_COMMON_WORDS = """
grow grew growing grown drop dropped rise rose risen fall fell seen something green summarize summarise summary explain reason reasons
due compare against doing happening test tests
a about across actually again ago all already also am an and another any anybody anyone anything are aren't
around as assigned at back be because been before being between biggest both but by can can't closed
complete completed could count current currently day days did didn't do does doesn't doing don't done during
each end ends ever every everything find finish finished for from get gets give go going gone got had happen
happened has hasn't have haven't having help helps here high hold holding holds hour hours how i if in into is
isn't issue issues it it's item items its just know label label's labeled labelled land lands last left let like
list little long look looks lot low main make makes many may me merged might milestone moment month months more
most much must my need needs new next no nobody not nothing now number of off ok old on one only open opened or
other our out over owner owners past people please pr prs pull really remain remaining repo repository request
requests right running same see shall she should show since so some somebody someone soon sprint sprint's
sprints start started state status still stuff such take team tell than that that's the their them then there
these they thing things this those ticket tickets till time to today today's together too top track unassigned
until up us use very via wait waiting waits want was way we week week's weeks went were what what's when where
which while who who's whom whose why will with within without won't work working works would yesterday yet you
your
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def understand(question: str, scene: Scene) -> Understood:
    """The calls that answer a question, as far as rules can tell; no call means that only a search can help."""
    reading = _Reading(" ".join(question.split())[:QUESTION_LENGTH].casefold().replace("’", "'"), scene)
    if _COMPARES_PEOPLE.search(reading.text):
        return Understood(limits=(NO_COMPARING,))
    reading.take_out_names()
    if code_question(question) is not None:
        return Understood(calls=(FactCall(FactName.CODE),))
    if reading.unknown and not reading.scope.item_ids:
        return Understood(limits=tuple(reading.limits), topic=" ".join(reading.leftover()))
    asked = _settled([name for name, pattern in _PATTERNS if pattern.search(reading.text)], reading)
    scope = reading.with_titles(reading.scope, asked)
    calls = tuple(_calls(asked, scope, reading))
    limits = tuple(reading.limits) if calls else tuple(line for line in reading.limits if "“" not in line)
    return Understood(calls=calls[:MOST_CALLS], limits=limits, topic=" ".join(reading.leftover()) or reading.text)


def _settled(asked: list[FactName], reading: _Reading) -> list[FactName]:
    """Without what a more precise reading has taken over already."""
    past = [name for name in _OF_THE_PAST if name in asked]
    if past:
        return past[:1]
    found = [name for name in asked if name not in _FILTERED or not reading.scope.item_ids]
    precise = [name for name in found if name not in _FILTERED]
    if precise and not reading.filters:
        found = [name for name in found if name not in _FILTERED] if FactName.COUNT not in found else found
    if FactName.COUNT in found and FactName.LIST in found:
        found.remove(FactName.LIST)
    if FactName.COUNT in found and FactName.DUE in found:
        found.remove(FactName.COUNT)
    if FactName.COUNT in found and precise:
        found = [name for name in found if name is not FactName.COUNT]
    if FactName.CHANCE in found and {FactName.LATE, FactName.CHANGED} & set(found):
        found.remove(FactName.CHANCE)
    if FactName.LATE in found and re.search(r"\bdid (we|i) miss\b", reading.text):
        found.remove(FactName.LATE)
    if FactName.BLOCKERS in found and reading.scope.item_ids and _EITHER_WAY.search(reading.text):
        found.remove(FactName.BLOCKERS)  # what is known of the item tells both directions
    if FactName.LIST in found and len(found) > 1:
        found.remove(FactName.LIST)
    if reading.filters and not found:
        found.append(FactName.LIST)
    return found


def _calls(asked: Iterable[FactName], scope: Scope, reading: _Reading) -> Iterator[FactCall]:
    names = list(asked)
    if not names:
        if scope.item_ids:
            yield FactCall(FactName.ITEM, Scope(item_ids=scope.item_ids))
        elif scope.sprint_ids:
            yield FactCall(FactName.CHANCE, Scope(sprint_ids=scope.sprint_ids))
        elif reading.span_named:
            yield FactCall(FactName.CHANGED, _plain(scope, since=reading.since_or_yesterday()))
        return
    for name in names:
        if name in _FILTERED:
            yield FactCall(name, scope)
        elif name is FactName.CHANGED:
            yield FactCall(name, _plain(scope, since=reading.since_or_yesterday()))
        elif name in _OF_THE_PAST:
            yield FactCall(name, _of_the_past(scope))
        elif name is FactName.SHIPPED:
            yield FactCall(name, Scope(repositories=scope.repositories, since=scope.since, until=scope.until))
        else:
            yield FactCall(name, _plain(scope))
    if scope.item_ids and not {FactName.COUNT, FactName.LIST, *_OF_THE_PAST} & set(names):
        yield FactCall(FactName.ITEM, Scope(item_ids=scope.item_ids))


def _plain(scope: Scope, since: datetime | None = None) -> Scope:
    """The part of a scope that every function understands."""
    return Scope(sprint_ids=scope.sprint_ids, item_ids=scope.item_ids, repositories=scope.repositories, since=since)


def _of_the_past(scope: Scope) -> Scope:
    return Scope(
        sprint_ids=scope.sprint_ids, item_ids=scope.item_ids, repositories=scope.repositories, since=scope.since,
        until=scope.until, words=scope.words,
    )  # fmt: skip


@dataclass
class _Reading:
    """A question while it is read: what is left of its text, and what was found in it."""

    text: str
    scene: Scene
    scope: Scope = field(default_factory=Scope)
    limits: list[str] = field(default_factory=list)
    span_named: bool = False
    filters: bool = False
    unknown: bool = False
    _rest: str = ""

    def take_out_names(self) -> None:
        """Find everything that has a name; what was found is blanked in the text that is searched for leftover words."""
        self._rest = self.text
        self._items()
        self._sprints()
        self._repositories()
        self._times()
        self._kinds_and_states()
        self._labels()

    def _items(self) -> None:
        found: list[str] = []
        for match in _REFERENCE.finditer(self._rest):
            if match["bare"] and not match["kind"]:
                continue
            number, repository = int(match["number"] or match["bare"]), match["repository"] or ""
            ids = [
                item.evidence_id
                for item in self.scene.snapshot.items
                if item.number == number and _is_called(item.repository.casefold(), repository)
            ]
            if not ids:
                self.unknown = True
                self.limits.append(f"No item {match[0].strip()} is stored.")
            elif len(ids) > 1:
                self.limits.append(f"{len(ids)} repositories have a #{number}; this tells of all of them.")
            found += ids
            self._blank(match[0])
        self.scope = replace(self.scope, item_ids=tuple(dict.fromkeys(found)))

    def _sprints(self) -> None:
        longest_first = sorted(self.scene.analysis.sprints, key=lambda one: -len(one.sprint.title))
        named = [one for one in longest_first if any(self._has(form) for form in _titles(one))]
        if not named and re.search(r"\b(last|previous|past) sprint\b", self.text):
            ended = [
                one for one in self.scene.analysis.sprints if one.sprint.state is State.CLOSED and one.sprint.due_on
            ]
            named = sorted(ended, key=lambda one: (str(one.sprint.due_on), one.sprint.id))[-1:]
        self.scope = replace(self.scope, sprint_ids=tuple(one.sprint.id for one in named))

    def _repositories(self) -> None:
        found = []
        for one in self.scene.snapshot.repositories:
            name = one.full_name.casefold()
            if self._has(name) or (len(name.partition("/")[2]) > 1 and self._has(name.partition("/")[2])):
                found.append(one.full_name)
        self.scope = replace(self.scope, repositories=tuple(found))

    def _times(self) -> None:
        now = self.scene.now
        if re.search(r"\bsince (the )?(start|beginning)\b", self.text):
            starts = [one.sprint.starts_at for one in self.scene.sprints(self.scope) if one.sprint.starts_at]
            if starts:
                self.scope, self.span_named = replace(self.scope, since=min(starts).astimezone(now.tzinfo)), True
            return
        for release in self.scene.snapshot.releases:
            if release.published_at and self._has(f"since {release.tag.casefold()}"):
                self.scope, self.span_named = (
                    replace(self.scope, since=release.published_at.astimezone(now.tzinfo)),
                    True,
                )
                return
        span = span_in(self._rest, now)
        if span is None:
            return
        self._blank(span.words)
        if span.since is not None and span.since > now:
            self.limits.append(f"{span.words.strip().capitalize()} lies in the future, so nothing is known since then.")
            return
        self.scope, self.span_named = replace(self.scope, since=span.since, until=span.until), True

    def _kinds_and_states(self) -> None:
        text = self.text
        kind = (
            ItemKind.PULL_REQUEST
            if re.search(r"\b(pull requests?|prs?)\b", text)
            else ItemKind.ISSUE
            if re.search(r"\bissues?\b", text)
            else None
        )
        merged = bool(re.search(r"\bmerged?\b", text))
        done = merged or bool(re.search(r"\b(closed?|done|finish(ed)?|completed?|delivered?)\b", text))
        still = bool(re.search(r"\b(open|left|remain(s|ing)?|unfinished|to do|todo)\b", text))
        state = State.CLOSED if done and not still else State.OPEN if still else None
        unowned = bool(
            re.search(
                r"\bunassigned\b|\bnobody\b|\bno one\b|\b(no|without( an?)?) (owners?|assignees?)\b|\bunowned\b", text
            )
        )
        unplanned = bool(
            re.search(
                r"\b(without|no|outside( of)?|not in)( an?| any| the)? (milestones?|sprints?)\b|\bunplanned\b", text
            )
        )
        self.filters = unowned or unplanned
        self.scope = replace(
            self.scope, kind=kind, state=state or (State.OPEN if unowned or unplanned else None), merged=merged,
            unowned=unowned, unplanned=unplanned,
        )  # fmt: skip

    def _labels(self) -> None:
        """Labels that are said to be labels, and those that stand where a noun would ("open bugs")."""
        found = []
        for label in sorted({label for item in self.scene.snapshot.items for label in item.labels}):
            word = re.escape(label.casefold())
            said = rf"\blabell?(?:ed)?\s+(?:as\s+|with\s+)?[\"'“]?{word}[\"'”]?(?!\w)"
            as_noun = rf"\b(?:open|closed|which|many|the|all|new|unassigned)\s+{word}s?\b(?!\s+(?:by|from))"
            before_noun = rf"(?<!\w){word}\s+(?:issues?|items?|pull requests?|prs?|tickets?)\b"
            if re.search(rf"{said}|{as_noun}|{before_noun}", self.text):
                found.append(label)
                self._blank(label.casefold())
        self.scope = replace(self.scope, labels=tuple(found))

    def with_titles(self, scope: Scope, asked: list[FactName]) -> Scope:
        """The scope with the items whose titles have the leftover words; says so when it is not clear which are meant."""
        words = [word for word in self.leftover() if word not in _said_by(asked, self.text)]
        if not words or scope.item_ids:
            return scope
        if (_FILTERED | set(_OF_THE_PAST)) & set(asked):
            return replace(scope, words=tuple(words))
        within = Scope(repositories=scope.repositories, sprint_ids=scope.sprint_ids, words=tuple(words))
        fitting = [item for item in self.scene.items(within) if item.is_open]
        if not fitting and not asked:
            fitting = self.scene.items(within)
        if 0 < len(fitting) <= MOST_BY_TITLE:
            return replace(scope, item_ids=tuple(item.evidence_id for item in fitting))
        said = joined([f"“{word}”" for word in words])
        if fitting:
            self.limits.append(f"{len(fitting)} items have {said} in their titles; this tells of the whole.")
        else:
            self.limits.append(f"No sprint or open item is called {said}; this tells of the whole.")
        return scope

    def leftover(self) -> list[str]:
        """Words that mean something and were not understood as a name."""
        return [word for word in dict.fromkeys(words_of(self._rest)) if word not in _COMMON and len(word) > 1]

    def since_or_yesterday(self) -> datetime:
        """The moment that was named; without one the morning of the working day before."""
        return self.scope.since or yesterday(self.scene.now)

    def _has(self, name: str) -> bool:
        """Whether a name stands in the question as a whole; it is taken out then."""
        found = re.search(rf"(?<![\w#]){re.escape(name)}(?![\w]|\.\d)", self._rest)
        if found is None:
            return False
        self._blank(found[0])
        return True

    def _blank(self, words: str) -> None:
        self._rest = self._rest.replace(words, " ", 1)


def _titles(one: SprintAnalysis) -> Iterator[str]:
    """How people call a sprint: by its title, without "sprint" or "v" in front of a number, with "sprint" before it."""
    title = " ".join(one.sprint.title.casefold().split())
    yield title
    bare = re.sub(r"^(sprint|milestone|iteration|release)\s+", "", title)
    short = bare.removeprefix("v") if re.match(r"v\d", bare) else bare
    if "." in short and short[:1].isdigit():
        yield from (f"v{short}", short)
    elif bare != title:
        yield from (f"sprint {short}", f"milestone {short}")
    if short.isdigit():
        yield f"sprint {short}"


def _is_called(repository: str, name: str) -> bool:
    """Whether a repository is meant by its full name, by its last part, or by no name at all."""
    return name in ("", repository, repository.partition("/")[2])


def _said_by(asked: Iterable[FactName], text: str) -> frozenset[str]:
    """The words by which a question asks: they name nothing. Of a pattern with a gap only both of its ends do."""
    said: set[str] = set()
    for name, pattern in _PATTERNS:
        for found in pattern.finditer(text) if name in asked else ():
            words = words_of(found[0])
            said.update((words[0], words[-1]) if ".*" in pattern.pattern and len(words) > 2 else words)
    return frozenset(said)
