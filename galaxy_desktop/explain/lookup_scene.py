"""What the fact functions look at: one evaluation of a workspace with the records behind it, and names for what is in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from galaxy_desktop.domain.asking import FactCall, Finding, Scope
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.code_found import CodeFound
from galaxy_desktop.domain.evidence import excerpt
from galaxy_desktop.domain.facts import Dependency, EdgeKind, ItemFacts
from galaxy_desktop.domain.findings import Analysis, ItemOutlook, Sentence, SprintAnalysis
from galaxy_desktop.domain.history import is_bug
from galaxy_desktop.domain.past_sprints import ItemDelay
from galaxy_desktop.domain.since import Since
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import ItemKind, State, WorkItem
from galaxy_desktop.explain.words import counted, day_in_words

_WORD = re.compile(r"[^\W_][\w.+-]*[^\W_]|[^\W_]")
_PARTS = re.compile(r"[^\W\d_]+")
MOST_LISTED = 8
MOST_SPRINTS = 3
"""So many open sprints are told of where none was named; the rest is counted."""
MOST_CITED = 6
TITLE_LENGTH = 80


@dataclass(frozen=True)
class Scene:
    """Everything that is known at `analysis.as_of`; `since` holds the comparisons that were made, by both moments.

    The second moment of a comparison is `None` for now. `supposed` holds what supposed changes would do, as code worded it,
    and `declined` why it cannot be told, both by the call that asks for it. `code` holds what a search of local clones brought, which is as of now. `snapshot` must be of the same moment: the
    scene is as old as its data, never younger.
    """

    analysis: Analysis
    snapshot: Snapshot
    since: Mapping[tuple[datetime, datetime | None], Since] = field(default_factory=dict)
    supposed: Mapping[FactCall, Sentence] = field(default_factory=dict)
    declined: Mapping[FactCall, str] = field(default_factory=dict)
    code: tuple[CodeFound, ...] = ()

    @property
    def now(self) -> datetime:
        """The moment of evaluation, in the user's zone."""
        return self.analysis.as_of

    @property
    def today(self) -> date:
        """Its local day."""
        return local_day(self.now, self.now)

    def day(self, moment: datetime) -> str:
        """The local day of a moment in words."""
        return day_in_words(local_day(moment, self.now), self.today)

    def sprints(self, scope: Scope, *, running: bool = True) -> list[SprintAnalysis]:
        """The sprints that were named; without a name the open ones with something in them, or all of them."""
        if scope.sprint_ids:
            return [one for one in self.analysis.sprints if one.sprint.id in scope.sprint_ids]
        found = [one for one in self.analysis.sprints if one.sprint.state is State.OPEN or not running]
        if scope.repositories:
            found = [one for one in found if set(one.sprint.repositories) & set(scope.repositories)]
        return sorted(found, key=lambda one: (one.open == 0, one.sprint.due_on or date.max, one.sprint.id))

    def focus(self, scope: Scope) -> list[SprintAnalysis]:
        """The sprints that a question without a name is about: those with work left, the nearest end first, a few of them."""
        found = self.sprints(scope)
        if scope.sprint_ids:
            return found
        return [one for one in found if one.open][:MOST_SPRINTS] or found[:MOST_SPRINTS]

    def unfocused(self, scope: Scope) -> Iterator[Sentence]:
        """The sentence about open sprints that are not told of, where there are some."""
        told = {one.sprint.id for one in self.focus(scope)}
        rest = [one for one in self.sprints(scope) if one.sprint.id not in told]
        done = [one for one in rest if not one.open]
        left = [one for one in rest if one.open]
        for some, words in (
            (left, "not told of here: name one to ask about it"),
            (done, "open with nothing left to do"),
        ):
            if some:
                cited = tuple(i for one in some for i in anchor_of(one)[:1])[:MOST_CITED]
                yield Sentence(
                    f"{counted(len(some), 'more sprint')} {'is' if len(some) == 1 else 'are'} {words}.", cited
                )

    def item(self, item_id: str) -> WorkItem | None:
        """A stored item, `None` for one that is not."""
        return self.snapshot.items_by_id.get(item_id)

    def is_open(self, item_id: str) -> bool:
        """Whether it is open as far as is known; an item of a repository that is not followed counts as open."""
        found = self.item(item_id)
        return found is None or found.is_open

    @cached_property
    def facts(self) -> Mapping[str, tuple[SprintAnalysis, ItemFacts]]:
        """What is known of items of open sprints, by id, with the sprint; the sprint that ends first wins."""
        found: dict[str, tuple[SprintAnalysis, ItemFacts]] = {}
        for one in self.sprints(Scope()):
            for facts in one.features.items:
                found.setdefault(facts.item_id, (one, facts))
        return found

    @cached_property
    def delays(self) -> Mapping[str, tuple[SprintAnalysis, ItemDelay]]:
        """The chance that an item misses its sprint's end, by id."""
        found: dict[str, tuple[SprintAnalysis, ItemDelay]] = {}
        for one in self.sprints(Scope()):
            for delay in one.delays:
                found.setdefault(delay.item_id, (one, delay))
        return found

    @cached_property
    def blocking(self) -> Mapping[str, tuple[Dependency, ...]]:
        """Dependencies whose source is open, by the item that waits for it."""
        found: dict[str, list[Dependency]] = {}
        for edge in self.analysis.dependencies:
            if edge.kind is EdgeKind.BLOCKS and self.is_open(edge.source_id):
                found.setdefault(edge.target_id, []).append(edge)
        return {target: tuple(edges) for target, edges in found.items()}

    @cached_property
    def known_words(self) -> frozenset[str]:
        """Every word that names something stored: of titles, labels, sprints, repositories and logins, in lower case."""
        names: list[str] = [label for item in self.snapshot.items for label in item.labels]
        names += [item.title for item in self.snapshot.items]
        names += [one.sprint.title for one in self.analysis.sprints]
        names += [one.full_name for one in self.snapshot.repositories]
        names += [release.tag for release in self.snapshot.releases]
        names += [one.environment for one in self.snapshot.deployments]
        return (
            frozenset(part for name in names for word in words_of(name) for part in (word, *_PARTS.findall(word)))
            | self.logins
        )

    @cached_property
    def logins(self) -> frozenset[str]:
        """The logins of everybody on an item, in lower case."""
        people = {
            person.login.casefold()
            for item in self.snapshot.items
            for person in (item.author, *item.assignees, *item.requested_reviewers)
            if person
        }
        return frozenset(people)

    @cached_property
    def sprints_of(self) -> Mapping[str, tuple[SprintAnalysis, ...]]:
        """The sprints that hold an item, by id."""
        found: dict[str, list[SprintAnalysis]] = {}
        for one in self.analysis.sprints:
            for item_id in one.sprint.items:
                found.setdefault(item_id, []).append(one)
        return {item_id: tuple(sprints) for item_id, sprints in found.items()}

    def items(self, scope: Scope) -> list[WorkItem]:
        """The stored items that fit a scope, the snapshot's order; the time is applied by whoever knows what it means."""
        return [item for item in self.snapshot.items if self._fits(item, scope)]

    def anchor(self, scope: Scope) -> tuple[str, ...]:
        """Ids that stand for what a question is about, where no single item can be cited."""
        named = [i for one in self.sprints(scope) for i in (one.sprint.anchors or _own(one))]
        wide = Scope(repositories=scope.repositories)
        return tuple(named[:MOST_CITED]) or tuple(item.evidence_id for item in self.items(wide)[:1])

    def _fits(self, item: WorkItem, scope: Scope) -> bool:
        labels = {label.casefold() for label in item.labels}
        one = item.evidence_id
        return not (
            (scope.item_ids and one not in scope.item_ids)
            or (scope.repositories and item.repository not in scope.repositories)
            or (scope.kind is not None and item.kind is not scope.kind)
            or (scope.state is not None and item.state is not scope.state)
            or (scope.labels and not labels.issuperset(label.casefold() for label in scope.labels))
            or (scope.unowned and item.assignees)
            or (scope.unlabeled and item.labels)
            or (scope.started and not self._started(one))
            or (scope.bugs and not is_bug(item))
            or (scope.milestones and (item.repository, item.milestone_number) not in self._numbers(scope.milestones))
            or (scope.unasked and (item.requested_reviewers or one in self._reviewed))
            or (scope.unplanned and one in self.sprints_of)
            or (scope.merged and item.merged_at is None)
            or (scope.words and not in_title(scope.words, item.title))
            or (scope.sprint_ids and not self._in_sprints(one, scope.sprint_ids))
        )

    def _started(self, item_id: str) -> bool:
        """Whether an item of an open sprint is in work."""
        known = self.facts.get(item_id)
        return known is not None and known[1].started_at is not None

    def _numbers(self, milestones: Sequence[str]) -> frozenset[tuple[str, int | None]]:
        """Repository and number of milestones, by which items name theirs."""
        return frozenset(
            (one.repository, one.number) for one in self.snapshot.milestones if one.evidence_id in milestones
        )

    @cached_property
    def _reviewed(self) -> frozenset[str]:
        """The pull requests that have a review, by evidence id."""
        numbers = {(one.repository, one.item_number) for one in self.snapshot.reviews}
        return frozenset(item.evidence_id for item in self.snapshot.items if (item.repository, item.number) in numbers)

    def _in_sprints(self, item_id: str, sprint_ids: Sequence[str]) -> bool:
        return any(one.sprint.id in sprint_ids for one in self.sprints_of.get(item_id, ()))


def _own(one: SprintAnalysis) -> tuple[str, ...]:
    """Evidence of a sprint that nobody made a milestone for: that of its health."""
    return tuple(e.id for part in one.health.parts for e in part.evidence)[:MOST_CITED]


def anchor_of(one: SprintAnalysis) -> tuple[str, ...]:
    """Ids that stand for a sprint as a whole."""
    return one.sprint.anchors or _own(one)


def named(scene: Scene, item_id: str) -> str:
    """An item with its title: 'o/r#12 "Login fails"'; what is not stored by its reference alone."""
    item = scene.item(item_id)
    bare = item_id.removeprefix("external:").partition(":")[2] or item_id
    return f"{bare} {quoted(item.title)}" if item else bare


def quoted(text: str) -> str:
    """Somebody's words on one line in quotation marks that they cannot end."""
    bare = text.translate({ord(mark): "'" for mark in "“”„‟"})
    return f"“{excerpt(bare, TITLE_LENGTH)}”"


def reference(item_id: str) -> str:
    """An item by its reference alone: "o/r#12"."""
    return item_id.removeprefix("external:").partition(":")[2] or item_id


def kind_words(kind: ItemKind | None, count: int) -> str:
    """A number of items in words: "3 open issues" without the "open"."""
    word = {ItemKind.ISSUE: "issue", ItemKind.PULL_REQUEST: "pull request", None: "item"}[kind]
    return counted(count, word)


def rest_of(found: int, shown: int, cited: Sequence[str]) -> Iterator[Sentence]:
    """The sentence about those that are not listed, where there are some."""
    if found > shown and cited:
        rest = found - shown
        yield Sentence(f"{rest} more {'is' if rest == 1 else 'are'} not listed here.", tuple(cited[:MOST_CITED]))


def told(
    call: FactCall, sentences: Sequence[Sentence], formula: str = "", nothing: str = "", note: str = ""
) -> Finding:
    """A finding of these sentences; `nothing` is said only where there is none, `note` only where there are some."""
    said = tuple(sentences)
    return Finding(
        call=call, sentences=said, formula=formula, nothing="" if said else nothing, note=note if said else ""
    )


def outlook_of(one: SprintAnalysis, item_id: str) -> ItemOutlook | None:
    """What the runs say of an item of this sprint."""
    return next((found for found in one.forecast.outlooks if found.item_id == item_id), None)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, in their order; a version or a file name is one word."""
    return [found.casefold() for found in _WORD.findall(text)]


def in_title(words: Sequence[str], title: str) -> bool:
    """Whether all words stand in a title, in any form; two that follow each other may be written as one there."""
    had = stems(words_of(title))
    wanted = [stem(word) for word in words]
    n = 0
    while n < len(wanted):
        pair = f"{words[n]}{words[n + 1]}" if n + 1 < len(words) else ""
        if wanted[n] in had:
            n += 1
        elif pair and stem(pair) in had:
            n += 2
        else:
            return False
    return True


def stems(words: Iterable[str]) -> frozenset[str]:
    """Words without the endings of plural and tense, so that "logins" finds "login"."""
    return frozenset(stem(word.casefold()) for word in words)


def stem(word: str) -> str:
    """A word in lower case without the ending of plural or tense."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word
