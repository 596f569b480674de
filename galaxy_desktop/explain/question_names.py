"""Everything in a question that has a name: items, sprints, repositories, times, kinds, labels, people; and what is left over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from galaxy_desktop.domain.asking import Scope
from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.domain.work import ItemKind, State
from galaxy_desktop.explain.lookup_scene import Scene, words_of
from galaxy_desktop.explain.question_times import span_in
from galaxy_desktop.explain.question_words import COMMON, WORDS_OF_KINDS
from galaxy_desktop.explain.since import yesterday

SHORTEST_TITLE = 2
"""A title of so many words is found where it stands in a question as a whole, also when its words are common ones."""
_REFERENCE = re.compile(
    r"(?<![\w/#])(?:(?P<kind>issues?|pull requests?|prs?|items?)\s+(?:number\s+|no\.?\s*)?)?"
    r"(?P<repository>(?:[\w.-]+/)?[\w.-]+(?=#))?(?:(?:#|gh-)(?P<number>\d{1,9})|(?<=\s)(?P<bare>\d{1,9}))(?![\w.])"
)
_EITHER_WAY = re.compile(r"\bwait(s|ing)? (for|on)\b|\bdepend(s|ing)? on\b|\bblocked by\b|\bdoes\b.*\bblock\b")
_ACROSS = re.compile(
    r"\b(between|across|other|another|cross|both|each other)\b.*\b(repo\w*|projects?)\b|\b(repo\w*)\b.*\b(another|other)\b|\bcross[ -]?repo\w*"
)
_NONE_OF = r"\b(no|without( an?| any)?|lack(s|ing)?( an?| any)?|missing( an?)?|not have( an?| any| got)?|not (got|been given)( an?| any)?)"
_UNOWNED = re.compile(
    rf"\bunassigned\b|\b(nobody|no one)\b(?! (has |have |is |was )?(touch\w*|mov\w*|look\w*|review\w*|updat\w*|asked))|{_NONE_OF} (owners?|assignees?)\b|\bunowned\b|\bnot assigned\b"
)
_UNPLANNED = re.compile(
    r"\b(without|no|outside( of)?|not in)( an?| any| the| every)? (milestones?|sprints?)\b|\bunplanned\b"
)
_UNLABELED = re.compile(rf"{_NONE_OF} labels?\b|\bunlabell?ed\b|\bnot labell?ed\b")
_UNASKED = re.compile(
    rf"{_NONE_OF} (code )?(reviews?|reviewers?)\b|\bunreviewed\b|\bnobody (is )?(asked|review\w*)\b|\bnot (been |yet )*reviewed\b"
    r"|\bnobody (was|has been) asked\b"
)
_DONE = re.compile(r"\b(closed?|done|finish(ed)?|completed?|delivered?|fixed|resolved)\b")
_STILL = re.compile(
    r"\b(open|left|remain(s|ing)?|unfinished|to do|todo|still|not (yet )?(done|closed|finished|merged))\b"
)
_TWO_SPRINTS = re.compile(r"\b(?:sprints?|milestones?) (\d+)\s*(?:and|vs\.?|versus|,|to|with|or|&)\s*(?=\d)")
_SPRINT_NUMBER = re.compile(r"(?<!last )(?<!past )\b(sprint|milestone|iteration) v?\d[\w.]*(?<!\.)")
_LEFT = re.compile(r"\bwhat is (still )?left\b|\bleft to do\b|\b(remaining|unfinished) (work|items?|issues?)\b")
_STARTED = re.compile(r"\b(in progress|in work|being worked on|under way|started already|already started|in flight)\b")
_BUGS = re.compile(r"\b(bugs|bug reports?)\b")
_OLDEST = re.compile(r"\b(oldest|longest|earliest)\b")


@dataclass
class Reading:
    """A question while it is read: what is left of its text, and what was found in it."""

    text: str
    scene: Scene
    scope: Scope = field(default_factory=Scope)
    limits: list[str] = field(default_factory=list)
    span_named: bool = False
    filters: bool = False
    unknown: bool = False
    people: bool = False
    named_in_full: bool = False
    _rest: str | None = None

    @property
    def either_way(self) -> bool:
        """Whether what an item waits for and what waits for it are both asked: what is known of the item tells both."""
        return bool(_EITHER_WAY.search(self.text))

    @property
    def left_to_do(self) -> bool:
        """Whether it is asked for what is left in the running sprints, rather than for everything that is open."""
        return bool(_LEFT.search(self.text))

    def take_out_names(self) -> None:
        """Find everything that has a name; what was found is blanked in the text that is searched for leftover words."""
        self._rest = _TWO_SPRINTS.sub(r"sprint \1 and sprint ", self.text)
        self._items()
        self._since_something()
        self._sprints()
        self._titles()
        self._repositories()
        self._times()
        self._kinds_and_states()
        self._labels()
        self._people()

    def leftover(self, telling: Collection[str] = ()) -> list[str]:
        """Words that mean something and were not understood as a name; `telling` are common ones that mean something here."""
        rest = self.text if self._rest is None else self._rest
        every = dict.fromkeys(words_of(rest))
        return [word for word in every if (word not in COMMON or word in telling) and len(word) > 1]

    def since_or_yesterday(self) -> datetime:
        """The moment that was named; without one the morning of the working day before."""
        return self.scope.since or yesterday(self.scene.now)

    def _items(self) -> None:
        found: list[str] = []
        for match in _REFERENCE.finditer(self._left):
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

    def _since_something(self) -> None:
        """Since the start of a sprint, since a release, since a sprint was closed."""
        zone = self.scene.now.tzinfo
        found = re.search(r"\b(?:since|after|from) (?:the )?(?:last |previous )?(.+)", self._left)
        if found is None:
            return
        if re.match(r"(very )?(start|beginning|sprint (start|began|begun|started|start))\b", found[1]):
            starts = [one.sprint.starts_at for one in self.scene.focus(self.scope) if one.sprint.starts_at]
            if starts:
                self._since(min(starts).astimezone(zone), "")
            return
        for release in self.scene.snapshot.releases:
            if release.published_at and self._begins(found[1], release.tag.casefold()):
                self._since(release.published_at.astimezone(zone), f"since {found[1]}")
                self._has(release.tag.casefold())
                return
        for one in sorted(self.scene.analysis.sprints, key=lambda sprint: -len(sprint.sprint.title)):
            form = next((form for form in _titles(one) if self._begins(found[1], form)), None)
            if form is not None and one.sprint.closed_at is not None:
                self._since(one.sprint.closed_at.astimezone(zone), "")
                self.limits.append(
                    f"{one.sprint.name} was closed on {self.scene.day(one.sprint.closed_at)}: this tells what came after."
                )
                self._has(form)
                return

    def _since(self, moment: datetime, words: str) -> None:
        self.scope, self.span_named = replace(self.scope, since=moment), True
        self._blank(words)

    @staticmethod
    def _begins(text: str, name: str) -> bool:
        return re.match(rf"{re.escape(name)}(?![\w]|\.\d)", text) is not None

    def _sprints(self) -> None:
        longest_first = sorted(self.scene.analysis.sprints, key=lambda one: -len(one.sprint.title))
        named = [one for one in longest_first if any(self._has(form) for form in _titles(one))]
        named.sort(key=lambda one: (str(one.sprint.due_on), one.sprint.id))
        if not named and re.search(r"\b(last|previous|past) (sprint|milestone|iteration)\b(?!s)", self.text):
            ended = [one for one in self.scene.analysis.sprints if one.sprint.state is State.CLOSED]
            named = sorted(ended, key=lambda one: (str(one.sprint.closed_at or one.sprint.due_on), one.sprint.id))[-1:]
        if not named:
            self._old_milestones()
        unknown = _SPRINT_NUMBER.search(self._left)
        if unknown is not None and not self.span_named:
            self.unknown = self.unknown or not (named or self.scope.milestones)
            self.limits.append(f"No {unknown[0]} is stored.")
            self._blank(unknown[0])
        self.scope = replace(self.scope, sprint_ids=tuple(one.sprint.id for one in named))

    def _old_milestones(self) -> None:
        """Milestones that no sprint of the evaluation is made from any more."""
        told = {i for one in self.scene.analysis.sprints for i in one.sprint.milestones}
        rest = [one for one in self.scene.snapshot.milestones if one.evidence_id not in told]
        found = [
            one
            for one in sorted(rest, key=lambda m: -len(m.title))
            if any(self._has(form) for form in _forms(one.title))
        ]
        self.scope = replace(self.scope, milestones=tuple(one.evidence_id for one in found))

    def _titles(self) -> None:
        """Items whose whole title stands in the question."""
        if self.scope.item_ids:
            return
        said, found = f" {' '.join(words_of(self._left))} ", []
        for item in self.scene.snapshot.items:
            words = words_of(item.title)
            if len(words) >= SHORTEST_TITLE and f" {' '.join(words)} " in said:
                found.append((item.is_open, item.evidence_id, item.title.casefold()))
        ids = [one for opened, one, _ in found if opened] or [one for _, one, _ in found]
        if ids:
            self.named_in_full = True
            self.scope = replace(self.scope, item_ids=tuple(ids[:SHORTEST_TITLE]))
            for _, _, title in found:
                self._blank(" ".join(title.split()))

    def _repositories(self) -> None:
        found = []
        for one in self.scene.snapshot.repositories:
            name = one.full_name.casefold()
            if self._has(name) or (len(name.partition("/")[2]) > 1 and self._has(name.partition("/")[2])):
                found.append(one.full_name)
        self.scope = replace(self.scope, repositories=tuple(found), across=bool(_ACROSS.search(self.text)))

    def _times(self) -> None:
        if self.span_named:
            return
        now = self.scene.now
        span = span_in(self._left, now)
        if span is None:
            return
        self._blank(span.words)
        if span.since is not None and span.since > now:
            if span.words.split()[0] in ("since", "after", "from"):
                self.limits.append(
                    f"{span.words.strip().capitalize()} lies in the future, so nothing is known since then."
                )
            return
        self.scope, self.span_named = replace(self.scope, since=span.since, until=span.until), True

    def _kinds_and_states(self) -> None:
        text = self.text
        kind = (
            ItemKind.PULL_REQUEST
            if re.search(r"\b(pull requests?|prs?)\b", text)
            else ItemKind.ISSUE
            if re.search(r"\b(issues?|tickets?)\b", text)
            else None
        )
        merged = bool(re.search(r"\bmerged?\b(?! conflicts?)", text))
        done, still = merged or bool(_DONE.search(text)), bool(_STILL.search(text))
        state = State.CLOSED if done and not still else State.OPEN if still else None
        unasked = bool(_UNASKED.search(text))
        unowned, unplanned = bool(_UNOWNED.search(text)) and not unasked, bool(_UNPLANNED.search(text))
        unlabeled = bool(_UNLABELED.search(text))
        started, oldest = bool(_STARTED.search(text)), bool(_OLDEST.search(text))
        self.filters = unowned or unplanned or unlabeled or unasked or started
        self.scope = replace(
            self.scope, kind=ItemKind.PULL_REQUEST if unasked else kind,
            state=state or (State.OPEN if self.filters or oldest or self.left_to_do else None), merged=merged and not still,
            unowned=unowned, unplanned=unplanned, unlabeled=unlabeled, unasked=unasked,
            oldest=oldest, started=started,
        )  # fmt: skip

    def _labels(self) -> None:
        """Labels that are said to be labels, and those that stand where a noun would ("open bugs")."""
        found = []
        by_name = {label.casefold(): label for item in self.scene.snapshot.items for label in sorted(item.labels)}
        for label in sorted(by_name.values()):
            word = re.escape(label.casefold())
            said = rf"\blabell?(?:ed)?\s+(?:as\s+|with\s+)?[\"'“]?{word}[\"'”]?(?!\w)"
            as_noun = rf"\b(?:open|closed|which|many|all|new|unassigned|oldest)\s+{word}s?\b(?!\s+(?:by|from))"
            before_noun = rf"(?<!\w){word}\s+{WORDS_OF_KINDS}\b"
            if re.search(rf"{said}|{as_noun}|{before_noun}", self.text):
                found.append(label)
                self._blank(label.casefold())
        bugs = not found and bool(_BUGS.search(self.text))
        self.scope = replace(
            self.scope, labels=tuple(found), bugs=bugs, kind=ItemKind.ISSUE if bugs else self.scope.kind
        )

    def _people(self) -> None:
        """Whether somebody is named: by a login that is stored, written as one or standing alone as no other word does."""
        logins = self.scene.logins
        self.people = any(word in logins for word in self.leftover())

    @property
    def _left(self) -> str:
        return self.text if self._rest is None else self._rest

    def _has(self, name: str) -> bool:
        """Whether a name stands in the question as a whole; it is taken out then."""
        found = re.search(rf"(?<![\w#]){re.escape(name)}(?![\w]|\.\d)", self._left)
        if found is None:
            return False
        self._blank(found[0])
        return True

    def _blank(self, words: str) -> None:
        if words:
            self._rest = self._left.replace(words, " ", 1)


def _titles(one: SprintAnalysis) -> Iterator[str]:
    return _forms(one.sprint.title)


def _forms(called: str) -> Iterator[str]:
    """How people call a sprint: by its title, without "sprint" or "v" in front of a number, with "sprint" before it."""
    title = " ".join(called.casefold().split())
    yield title
    bare = re.sub(r"^(sprint|milestone|iteration|release)\s+", "", title)
    short = bare.removeprefix("v") if re.match(r"v\d", bare) else bare
    if "." in short and short[:1].isdigit():
        yield from (f"v{short}", short)
    elif bare != title:
        yield from (f"sprint {short}", f"milestone {short}")
    if short.isdigit():
        yield f"sprint {short}"
    unbracketed = re.sub(r"\s*\([^)]*\)\s*$", "", title)
    if unbracketed != title and len(unbracketed.split()) > 1:
        yield unbracketed


def _is_called(repository: str, name: str) -> bool:
    """Whether a repository is meant by its full name, by its last part, or by no name at all."""
    return name in ("", repository, repository.partition("/")[2])
