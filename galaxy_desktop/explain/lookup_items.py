"""Fact functions about items: what waits for a review, what is red, what does not move, how many, which, and one item.

Names of persons appear where GitHub shows them on the item itself (who opened it, who is assigned, who was asked for a
review). Nothing is counted by person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from galaxy_desktop.domain.asking import FactCall, Finding, Scope
from galaxy_desktop.domain.calendar import days_between
from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import ItemKind, Person, State, WorkflowRun, WorkItem
from galaxy_desktop.explain.lookup_scene import (
    MOST_CITED,
    MOST_LISTED,
    Scene,
    kind_words,
    named,
    quoted,
    reference,
    rest_of,
    told,
)
from galaxy_desktop.explain.lookup_sprints import decides
from galaxy_desktop.explain.words import counted, day_in_words, joined, percent

STUCK_DAYS = 5.0
"""An open item of a sprint on which nothing happened for so long is told as one that does not move."""
MOST_RELEASES = 3


def reviews(scene: Scene, call: FactCall) -> Finding:
    """Open pull requests that wait for a review: the longest wait first, with who opened them and who was asked."""
    waiting = [(item, _waiting_days(scene, item)) for item in scene.items(_open_pulls(call.scope))]
    found = [(item, days) for item, days in waiting if days is not None and _asked_about(scene, item, call.scope)]
    found.sort(key=lambda one: (-one[1], one[0].evidence_id))
    sentences = []
    if len(found) > 1:
        text = f"{len(found)} open pull requests wait for a review, the longest wait first."
        sentences.append(Sentence(text, tuple(item.evidence_id for item, _ in found[:MOST_CITED])))
    for item, days in found[:MOST_LISTED]:
        long = f"for {counted(int(days), 'day')}" if days >= 1 else "for less than a day"
        asked = (
            f"; asked: {joined(_logins(item.requested_reviewers))}"
            if item.requested_reviewers
            else "; nobody was asked"
        )
        by = f" by {item.author.login}" if item.author else ""
        text = f"{named(scene, item.evidence_id)}{by} waits for a review {long}{asked}."
        sentences.append(Sentence(text, (item.evidence_id,)))
    sentences += rest_of(len(found), MOST_LISTED, [item.evidence_id for item, _ in found[MOST_LISTED:]])
    if not found and scene.anchor(call.scope):
        sentences.append(Sentence("No open pull request is known to wait for a review.", scene.anchor(call.scope)))
    return told(call, sentences, nothing="No pull request is stored.")


def _open_pulls(scope: Scope) -> Scope:
    return Scope(
        item_ids=scope.item_ids,
        repositories=scope.repositories,
        labels=scope.labels,
        kind=ItemKind.PULL_REQUEST,
        state=State.OPEN,
    )


def _asked_about(scene: Scene, item: WorkItem, scope: Scope) -> bool:
    """Whether a pull request belongs to the sprints asked about; one that closes an item of a sprint does."""
    if not scope.sprint_ids:
        return True
    known = scene.facts.get(item.evidence_id)
    ids = {item.evidence_id, *(known[1].part_of if known else ())}
    return any(ids & set(one.sprint.items) for one in scene.sprints(scope))


def _waiting_days(scene: Scene, item: WorkItem) -> float | None:
    """How long it has been waiting: as the sprint's facts say, else since the last review was asked for."""
    known = scene.facts.get(item.evidence_id)
    if known is not None:
        return known[1].waiting_for_review_days
    if item.draft or not item.requested_reviewers:
        return None
    asked = _last_event(scene.snapshot, item, "review_requested") or item.created_at
    return max(0.0, days_between(asked, scene.now))


def _last_event(snapshot: Snapshot, item: WorkItem, kind: str) -> datetime | None:
    moments = [
        event.created_at
        for event in snapshot.events
        if event.item_number == item.number and event.repository == item.repository and event.kind == kind
    ]
    return max(moments, default=None)


def builds(scene: Scene, call: FactCall) -> Finding:
    """What is red: builds of open pull requests of sprints, and the newest run of each workflow on a default branch."""
    sentences: list[Sentence] = []
    for item_id, (one, facts) in scene.facts.items():
        fits = not call.scope.sprint_ids or one.sprint.id in call.scope.sprint_ids
        if facts.red_run is not None and fits and scene.is_open(item_id) and _in(scene, item_id, call.scope):
            text = f"The build of {named(scene, item_id)} is red: {facts.red_run.quote}."
            sentences.append(Sentence(text, (facts.red_run.id, item_id)))
    if not call.scope.item_ids:
        sentences += [
            Sentence(
                f"The newest run of {quoted(run.name)} on {run.head_branch} of {run.repository} is red, "
                f"since {scene.day(run.started_at)}.",
                (run.evidence_id,),
            )
            for run in _newest_on_default(scene.snapshot)
            if run.red and (not call.scope.repositories or run.repository in call.scope.repositories)
        ]
    found = len(sentences)
    sentences = sentences[:MOST_LISTED] + list(
        rest_of(found, MOST_LISTED, [i for s in sentences[MOST_LISTED:] for i in s.evidence])
    )
    if not found and scene.anchor(call.scope) and (scene.snapshot.runs or scene.snapshot.checks):
        sentences.append(Sentence("No build that is stored is red.", scene.anchor(call.scope)))
    return told(call, sentences, nothing="No builds are stored: nothing is known of them.")


def _in(scene: Scene, item_id: str, scope: Scope) -> bool:
    item = scene.item(item_id)
    named_here = not scope.item_ids or item_id in scope.item_ids
    return named_here and (not scope.repositories or (item is not None and item.repository in scope.repositories))


def _newest_on_default(snapshot: Snapshot) -> list[WorkflowRun]:
    """The newest finished run of each workflow on the default branch of its repository."""
    branch = {one.full_name: one.default_branch for one in snapshot.repositories}
    newest: dict[tuple[str, str], WorkflowRun] = {}
    for run in sorted(snapshot.runs, key=lambda one: (one.started_at, one.id)):
        if run.head_branch == branch.get(run.repository) and run.conclusion is not None:
            newest[run.repository, run.name] = run
    return [newest[key] for key in sorted(newest)]


def stuck(scene: Scene, call: FactCall) -> Finding:
    """Open items on which nothing happened for days, the quietest first: those of sprints, or all of a kind."""
    if call.scope.kind is not None:
        return _quiet(scene, call)
    found = [
        (facts.idle_days, item_id)
        for item_id, (one, facts) in scene.facts.items()
        if facts.idle_days >= STUCK_DAYS
        and scene.is_open(item_id)
        and (not call.scope.sprint_ids or one.sprint.id in call.scope.sprint_ids)
        and _in(scene, item_id, call.scope)
    ]
    found.sort(key=lambda one: (-one[0], one[1]))
    sentences = [
        Sentence(f"Nothing has happened on {named(scene, item_id)} for {counted(int(days), 'day')}.", (item_id,))
        for days, item_id in found[:MOST_LISTED]
    ]
    sentences += rest_of(len(found), MOST_LISTED, [item_id for _, item_id in found[MOST_LISTED:]])
    if not found and scene.facts and scene.anchor(call.scope):
        text = f"On every open item of a sprint something happened within the last {int(STUCK_DAYS)} days."
        sentences.append(Sentence(text, scene.anchor(call.scope)))
    return told(call, sentences, nothing="No sprint is open, so there is no work in one that could stand still.")


def _quiet(scene: Scene, call: FactCall) -> Finding:
    """All open items of a kind on which nothing happened, in a sprint or not."""
    wanted = replace(call.scope, state=State.OPEN)
    idle = [(days_between(item.updated_at, scene.now), item) for item in scene.items(wanted)]
    found = sorted((one for one in idle if one[0] >= STUCK_DAYS), key=lambda one: (-one[0], one[1].evidence_id))
    what = kind_words(call.scope.kind, len(found)).partition(" ")[2]
    ids = [item.evidence_id for _, item in found]
    sentences = []
    if found:
        text = (
            f"On {len(found)} open {what} nothing has happened for {int(STUCK_DAYS)} days or more, the quietest first."
        )
        sentences.append(Sentence(text, tuple(ids[:MOST_CITED])))
    sentences += [
        Sentence(
            f"Nothing has happened on {named(scene, item.evidence_id)} for {counted(int(days), 'day')}.",
            (item.evidence_id,),
        )
        for days, item in found[:MOST_LISTED]
    ]
    sentences += rest_of(len(found), MOST_LISTED, ids[MOST_LISTED:])
    anchor = scene.anchor(call.scope)
    if not found and idle and anchor:
        what = kind_words(call.scope.kind, 1).partition(" ")[2]
        sentences.append(
            Sentence(f"On every open {what} something happened within the last {int(STUCK_DAYS)} days.", anchor)
        )
    return told(call, sentences, nothing="No such item is open.")


def count(scene: Scene, call: FactCall) -> Finding:
    """How many items fit, with what was counted."""
    found = _selected(scene, call.scope)
    cited = tuple(item.evidence_id for item in found[:MOST_CITED]) or scene.anchor(call.scope)
    what = _what(scene, call.scope, len(found))
    verb = "is" if len(found) == 1 else "are"
    text = f"There {verb} {what}." if found else f"There are no such items: {_what(scene, call.scope, 0)}."
    formula = f"counted over {counted(len(scene.snapshot.items), 'stored item')} as of {scene.day(scene.now)}"
    sentences = [Sentence(text, cited)] if cited else []
    sentences += _by_repository(call.scope, found)
    sentences += _of_them_in_sprints(scene, call.scope, found)
    return told(call, sentences, formula, "No items are stored.")


def _by_repository(scope: Scope, found: Sequence[WorkItem]) -> Iterator[Sentence]:
    """How the items that were counted spread over the repositories, where it is not said which."""
    numbers = Counter(item.repository for item in found)
    if len(numbers) > 1 and not scope.repositories:
        parts = [f"{numbers[name]} in {name}" for name in sorted(numbers)]
        first = {item.repository: item.evidence_id for item in reversed(found)}
        yield Sentence(f"By repository: {joined(parts)}.", tuple(first[name] for name in sorted(first))[:MOST_CITED])


def _of_them_in_sprints(scene: Scene, scope: Scope, found: Sequence[WorkItem]) -> Iterator[Sentence]:
    """How many of the open items that were counted belong to a running sprint, where that is not all of them."""
    if scope.state is not State.OPEN or scope.sprint_ids or scope.unplanned:
        return
    for one in scene.focus(scope):
        ids = [item.evidence_id for item in found if item.evidence_id in set(one.sprint.items)]
        if ids and len(ids) < len(found):
            verb = "is" if len(ids) == 1 else "are"
            yield Sentence(f"{len(ids)} of them {verb} in {one.sprint.name}.", tuple(ids[:MOST_CITED]))


def listing(scene: Scene, call: FactCall) -> Finding:
    """Which items fit: their number and the first of them, those that moved last on top."""
    found = sorted(_selected(scene, call.scope), key=lambda item: (item.updated_at, item.evidence_id), reverse=True)
    if call.scope.oldest:
        found.sort(key=lambda item: (item.created_at, item.evidence_id))
    counting = count(scene, call)
    sentences = list(counting.sentences[:1])
    sentences += [_line(scene, item, oldest=call.scope.oldest) for item in found[:MOST_LISTED]]
    sentences += rest_of(len(found), MOST_LISTED, [item.evidence_id for item in found[MOST_LISTED:]])
    return told(call, sentences, counting.formula, "No items are stored.")


def _line(scene: Scene, item: WorkItem, *, oldest: bool = False) -> Sentence:
    held = f", assigned to {joined(_logins(item.assignees))}" if item.assignees else ""
    opened = f", opened on {scene.day(item.created_at)}" if oldest else ""
    return Sentence(f"{named(scene, item.evidence_id)}: {_state(scene, item)}{opened}{held}.", (item.evidence_id,))


def _selected(scene: Scene, scope: Scope) -> list[WorkItem]:
    """The items that fit, by the moment that the asked state has: closed ones when they closed, open ones when they opened."""
    found = scene.items(scope)
    if scope.since is None and scope.until is None:
        return found
    return [item for item in found if _within(_moment(item, scope), scope)]


def _moment(item: WorkItem, scope: Scope) -> datetime | None:
    if scope.merged:
        return item.merged_at
    return item.closed_at if scope.state is State.CLOSED else item.created_at


def _within(moment: datetime | None, scope: Scope) -> bool:
    return (
        moment is not None
        and (scope.since is None or moment >= scope.since)
        and (scope.until is None or moment < scope.until)
    )


def _what(scene: Scene, scope: Scope, number: int) -> str:
    """What was counted in words: "3 open issues labeled bug in Sprint 1.2 without an owner"."""
    state = "merged " if scope.merged else f"{scope.state} " if scope.state else ""
    head, _, noun = kind_words(scope.kind, number).partition(" ")
    words = [f"{head} {state}{noun}"]
    if scope.labels:
        words.append(f"labeled {joined(list(scope.labels))}")
    if scope.words:
        words.append(f"with {joined([f'“{word}”' for word in scope.words])} in the title")
    if scope.unowned:
        words.append("without an assignee")
    if scope.unlabeled:
        words.append("without a label")
    if scope.started:
        words.append("in work")
    if scope.bugs:
        words.append("labeled or titled as a bug" if number == 1 else "labeled or titled as bugs")
    if scope.unasked:
        words.append("without a stored review, and with nobody asked for one")
    if scope.unplanned:
        words.append("outside of every sprint")
    if scope.sprint_ids:
        words.append(f"in {joined([one.sprint.name for one in scene.sprints(scope)])}")
    if scope.milestones:
        titles = [one.title for one in scene.snapshot.milestones if one.evidence_id in scope.milestones]
        words.append(f"in milestone {joined(titles)}")
    if scope.repositories:
        words.append(f"in {joined(list(scope.repositories))}")
    words += _times(scene, scope)
    if scope.oldest:
        words.append("(the oldest first)")
    return " ".join(words)


def _times(scene: Scene, scope: Scope) -> Iterator[str]:
    verb = "merged" if scope.merged else "closed" if scope.state is State.CLOSED else "opened"
    if scope.since is not None and scope.until is not None:
        yield f"({verb} from {scene.day(scope.since)} on, before {scene.day(scope.until)})"
    elif scope.since is not None:
        yield f"({verb} since {scene.day(scope.since)})"
    elif scope.until is not None:
        yield f"({verb} before {scene.day(scope.until)})"


def about(scene: Scene, call: FactCall) -> Finding:
    """Everything that matters of single items: state, people on it, sprint, what it waits for and what waits for it."""
    sentences = [line for item in scene.items(Scope(item_ids=call.scope.item_ids)) for line in _about(scene, item)]
    return told(call, sentences, nothing="No such item is stored.")


def _about(scene: Scene, item: WorkItem) -> Iterator[Sentence]:
    one, name = item.evidence_id, named(scene, item.evidence_id)
    what = "pull request" if item.kind is ItemKind.PULL_REQUEST else "issue"
    by = f" by {item.author.login}" if item.author else ""
    yield Sentence(f"{name} is {_a(_state(scene, item))} {what}, opened on {scene.day(item.created_at)}{by}.", (one,))
    if item.assignees:
        yield Sentence(f"{reference(one)} is assigned to {joined(_logins(item.assignees))}.", (one,))
    elif item.is_open:
        yield Sentence(f"{reference(one)} is assigned to nobody.", (one,))
    if item.labels:
        yield Sentence(
            f"{reference(one)} is labeled {joined([quoted(label) for label in item.labels[:MOST_LISTED]])}.", (one,)
        )
    for sprint in scene.sprints_of.get(one, ()):
        end = f", which ends on {day_in_words(sprint.sprint.due_on, scene.today)}" if sprint.sprint.due_on else ""
        yield Sentence(f"{reference(one)} is in {sprint.sprint.name}{end}.", (one, *sprint.sprint.anchors[:1]))
    if item.is_open:
        yield from _standing(scene, one)


def _standing(scene: Scene, one: str) -> Iterator[Sentence]:
    """How an open item stands: what it waits for, what waits for it, its review, build and chance."""
    for edge in scene.blocking.get(one, ())[:MOST_LISTED]:
        yield Sentence(f"{reference(one)} waits for {named(scene, edge.source_id)}.", (one, edge.source_id))
    held = [t for t, edges in scene.blocking.items() if any(e.source_id == one for e in edges) and scene.is_open(t)]
    if held:
        yield Sentence(
            f"{joined([named(scene, i) for i in held[:MOST_LISTED]])} {'waits' if len(held) == 1 else 'wait'} for {reference(one)}.",
            (one, *held[: MOST_CITED - 1]),
        )
    known = scene.facts.get(one)
    if known is not None:
        facts = known[1]
        if facts.waiting_for_review_days is not None:
            days = counted(int(facts.waiting_for_review_days), "day")
            yield Sentence(f"{reference(one)} has been waiting for a review for {days}.", (one,))
        if facts.red_run is not None:
            yield Sentence(f"The build of {reference(one)} is red: {facts.red_run.quote}.", (facts.red_run.id, one))
        if facts.idle_days >= 1:
            yield Sentence(
                f"Nothing has happened on {reference(one)} for {counted(int(facts.idle_days), 'day')}.", (one,)
            )
    delay = scene.delays.get(one)
    if delay is not None:
        text = f"{reference(one)} is {percent(delay[1].probability)} likely to miss the end of {delay[0].sprint.name}."
        yield Sentence(text, (one,))
    often = decides(scene, one)
    if often:
        yield Sentence(f"{often}.", (one,))


def _state(scene: Scene, item: WorkItem) -> str:
    if item.merged_at is not None:
        return f"merged ({scene.day(item.merged_at)})"
    if item.is_open:
        return "open draft" if item.draft else "open"
    how = " as not planned" if item.state_reason == "not_planned" else ""
    return f"closed ({scene.day(item.closed_at)}{how})" if item.closed_at else "closed"


def _a(words: str) -> str:
    return f"an {words}" if words[:1] in "aeiou" else f"a {words}"


def _logins(people: Sequence[Person]) -> list[str]:
    return [person.login for person in people]


def shipped(scene: Scene, call: FactCall) -> Finding:
    """The newest releases of each repository and what was deployed, within the time asked for."""
    wanted = [
        r.full_name
        for r in scene.snapshot.repositories
        if not call.scope.repositories or r.full_name in call.scope.repositories
    ]
    sentences: list[Sentence] = []
    for repository in wanted:
        sentences += _releases(scene, repository, call.scope)
        sentences += _deployments(scene, repository, call.scope)
    when = " in that time" if call.scope.since or call.scope.until else ""
    return told(call, sentences, nothing=f"No release and no deployment is stored{when}.")


def _releases(scene: Scene, repository: str, scope: Scope) -> Iterator[Sentence]:
    found = [
        release
        for release in scene.snapshot.releases
        if release.repository == repository and not release.draft and _within(release.published_at, scope)
    ]
    found.sort(key=lambda one: (one.published_at or one.created_at, one.id), reverse=True)
    for release in found[:MOST_RELEASES]:
        early = " (a pre-release)" if release.prerelease else ""
        day = scene.day(release.published_at or release.created_at)
        text = f"{repository} released {quoted(release.tag)}{early} on {day}."
        yield Sentence(text, (release.evidence_id,))
    yield from rest_of(len(found), MOST_RELEASES, [release.evidence_id for release in found[MOST_RELEASES:]])


def _deployments(scene: Scene, repository: str, scope: Scope) -> Iterator[Sentence]:
    found = [d for d in scene.snapshot.deployments if d.repository == repository and _within(d.created_at, scope)]
    newest = {one.environment: one for one in sorted(found, key=lambda one: (one.created_at, one.id))}
    for environment in sorted(newest):
        one = newest[environment]
        ended = f": {one.state}" if one.state else ", without a result yet"
        text = f"{repository} was last deployed to {quoted(environment)} on {scene.day(one.created_at)}{ended}."
        yield Sentence(text, (one.evidence_id,))
