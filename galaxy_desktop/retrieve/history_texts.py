"""What a team has been through, as texts to be found: bugs with their resolutions, deployments, accepted actions.

An item alone answers "what is this?". "How did we fix this before?" asks for two things at once, the trouble and what
ended it, and these stand in different places. So each such story is one text, made of sentences of ours around words of
others, and every line of it belongs to the evidence it was read from. The title is the story in one sentence, which is
what a search quotes. Texts are filtered by their kinds: "bug", "deployment", "intervention".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial

from galaxy_desktop.domain.evidence import Evidence, excerpt, of_comment, of_item, unique
from galaxy_desktop.domain.findings import FollowUp, Progress
from galaxy_desktop.domain.history import AFTERMATH, PastDeployment, ResolvedBug, past_deployments, resolved_bugs
from galaxy_desktop.domain.repository_facts import Deployment
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import Commit, WorkItem
from galaxy_desktop.retrieve.texts import FORMAT, Group, Part, Text

BUG, DEPLOYMENT, INTERVENTION = "bug", "deployment", "intervention"
KINDS = (BUG, DEPLOYMENT, INTERVENTION)
TITLE_LENGTH = 70
SAID_LENGTH = 240
MOST_LINES = 4
"""So many reviews, steps, carried items and followers are told of one story."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a story, with what it was read from."""

    words: str
    evidence_id: str
    url: str
    observed_at: datetime


def history_groups(snapshot: Snapshot, follow_ups: Iterable[FollowUp] = ()) -> Iterator[Group]:
    """One group a story, in a fixed order; every key once."""
    texts = [_of_bug(one) for one in resolved_bugs(snapshot)]
    texts += [_of_deployment(one) for one in past_deployments(snapshot)]
    texts += [text for one in follow_ups for text in _of_follow_up(one)]
    for text in {text.id: text for text in texts}.values():
        stamp = hashlib.blake2b(f"{FORMAT}\0{text.digest}".encode(), digest_size=16).hexdigest()
        yield Group(f"history:{text.id}", stamp, partial(tuple[Text, ...], (text,)))


def _quoted(words: str, length: int = TITLE_LENGTH) -> str:
    return f"“{excerpt(words, length)}”"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _body(lines: Sequence[Line]) -> tuple[str, tuple[Part, ...]]:
    """The lines one below the other, and where each piece of evidence begins."""
    parts, start = [], 0
    for line in lines:
        parts.append(Part(start, line.evidence_id, line.url, line.observed_at))
        start += len(line.words) + 1
    return "\n".join(line.words for line in lines), tuple(parts)


# --- bugs


def _of_bug(one: ResolvedBug) -> Text:
    issue = one.issue
    lines = list(_bug_lines(one))
    body, parts = _body(lines)
    closed = issue.closed_at or issue.updated_at
    merged = (pull.merged_at for pull in one.pulls if pull.merged_at)
    later = (*merged, *(review.submitted_at for review in one.said), *(words.updated_at for words in one.words))
    first = lines[0]
    return Text(
        id=f"{issue.evidence_id}/resolution",
        item=issue.evidence_id,
        evidence_id=first.evidence_id,
        kind=BUG,
        repository=issue.repository,
        title=f"Bug {_quoted(issue.title)} was {_resolved_by(one)}",
        body=body,
        url=first.url,
        said_at=closed,
        changed_at=max(closed, *later),
        observed_at=max(line.observed_at for line in lines),
        parts=parts,
    )


def _resolved_by(one: ResolvedBug) -> str:
    if one.pulls:
        return f"fixed by {_quoted(one.pulls[-1].title)}"
    if one.commits:
        return f"fixed by the commit {_quoted(one.commits[-1].message.partition(chr(10))[0])}"
    return f"closed with the words {_quoted(one.words[-1].body)}"


def _bug_lines(one: ResolvedBug) -> Iterator[Line]:
    """What resolved it first: the text as a whole is cited under that."""
    issue = one.issue
    for pull in reversed(one.pulls[-MOST_LINES:]):
        merged = f", merged on {_day(pull.merged_at)}" if pull.merged_at else ""
        said = f": {excerpt(pull.body, SAID_LENGTH)}" if pull.body.strip() else ""
        yield _of_record(pull, f"Fixed by {pull.reference} {_quoted(pull.title)}{merged}{said}")
    for commit in reversed(one.commits[-MOST_LINES:]):
        words = f"Fixed by the commit {commit.sha[:9]}: {excerpt(commit.message, SAID_LENGTH)}"
        yield Line(words, commit.evidence_id, commit.url, commit.observed_at)
    for comment in one.words:
        evidence = of_comment(comment)
        words = f"Said when it was closed: {excerpt(comment.body, SAID_LENGTH)}"
        yield Line(words, evidence.id, evidence.url, evidence.observed_at)
    opened = f"The bug {issue.reference} {_quoted(issue.title)} was reported on {_day(issue.created_at)}"
    closed = f" and closed on {_day(issue.closed_at)}" if issue.closed_at else ""
    said = f": {excerpt(issue.body, SAID_LENGTH)}" if issue.body.strip() else "."
    yield _of_record(issue, f"{opened}{closed}{said}")
    for review in one.said[:MOST_LINES]:
        words = f"A review said ({review.verdict.replace('_', ' ')}): {excerpt(review.body, SAID_LENGTH)}"
        yield Line(words, review.evidence_id, review.url, review.observed_at)
    pulls = {pull.evidence_id: pull for pull in one.pulls}
    for pull_id, step in one.steps[:MOST_LINES]:
        pull = pulls[pull_id]
        words = f"A commit of it: {excerpt(step.message, SAID_LENGTH)}"
        url = f"{pull.url}/commits/{step.sha}"
        yield Line(words, f"commit:{pull.repository}@{step.sha}", url, pull.observed_at)


def _of_record(item: WorkItem, words: str) -> Line:
    evidence = of_item(item)
    return Line(words, evidence.id, evidence.url, evidence.observed_at)


# --- deployments


def _of_deployment(one: PastDeployment) -> Text:
    told = one.deployment
    lines = list(_deployment_lines(one))
    body, parts = _body(lines)
    what = _quoted(told.ref or told.sha[:9])
    followed = one.undone or one.bugs or one.again
    return Text(
        id=told.evidence_id,
        item=told.evidence_id,
        evidence_id=told.evidence_id,
        kind=DEPLOYMENT,
        repository=told.repository,
        title=f"Deployment of {what} to {_quoted(told.environment)} on {_day(told.created_at)}: {_outcome(one)}",
        body=body,
        url=told.url,
        said_at=told.created_at,
        changed_at=max(told.updated_at, told.created_at + AFTERMATH) if followed else told.updated_at,
        observed_at=told.observed_at,
        parts=parts,
    )


def _outcome(one: PastDeployment) -> str:
    """How it ended, in a few words."""
    ended = f"it ended with {one.deployment.state}"
    if one.undone:
        return f"{ended}, and a revert or hotfix followed"
    if one.bugs:
        return f"{ended}, and {len(one.bugs)} bug{'s were' if len(one.bugs) > 1 else ' was'} reported soon after"
    return ended


def _deployment_lines(one: PastDeployment) -> Iterator[Line]:
    told = one.deployment
    yield _line_of(told, f"{told.repository} at {told.sha[:9]} was deployed to {told.environment}: {told.state}.")
    for pull in one.carried[-MOST_LINES:]:
        yield _of_record(pull, f"It carried {pull.reference} {_quoted(pull.title)}.")
    more = len(one.carried) - MOST_LINES
    if more > 0:
        yield _line_of(
            told, f"{more} more pull request{'s' if more > 1 else ''} had been merged since the one before it."
        )
    for later in one.undone[:MOST_LINES]:
        if isinstance(later, Commit):
            words = f"Within two days after it: the commit {later.sha[:9]} {_quoted(later.message)}."
            yield Line(words, later.evidence_id, later.url, later.observed_at)
        else:
            yield _of_record(later, f"Within two days after it: {later.reference} {_quoted(later.title)} was merged.")
    for bug in one.bugs[:MOST_LINES]:
        yield _of_record(bug, f"Within two days after it the bug {bug.reference} {_quoted(bug.title)} was reported.")
    if one.again is not None:
        ended = one.again.state or "no result yet"
        yield _line_of(
            one.again, f"The next one to {one.again.environment} followed on {_day(one.again.created_at)}: {ended}."
        )


def _line_of(one: Deployment, words: str) -> Line:
    return Line(words, one.evidence_id, one.url, one.observed_at)


# --- accepted actions


def _of_follow_up(one: FollowUp) -> Iterator[Text]:
    """The action with what came of it; nothing for one that was taken back or that nothing can be cited for."""
    act = one.intervention
    cited = unique((*one.evidence, *act.evidence))
    if one.progress is Progress.WITHDRAWN or not cited:
        return
    title = f"Accepted action “{act.summary.rstrip('.')}” in {act.sprint_title}: {_came_of(one)}"
    lines = [_of_evidence(cited[0], one.sentence or _came_of(one)), _of_evidence(cited[0], _before_and_after(one))]
    lines += [_of_evidence(evidence, f"Evidence: {evidence.quote}") for evidence in cited[: 2 * MOST_LINES]]
    body, parts = _body([line for line in lines if line.words])
    place = act.item_ids[0] if act.item_ids else cited[0].id
    at = one.done_at or _known_at(one)
    yield Text(
        id=f"{place}/action/{hashlib.blake2b(act.id.encode(), digest_size=8).hexdigest()}",
        item=place,
        evidence_id=cited[0].id,
        kind=INTERVENTION,
        repository=place.partition(":")[2].partition("#")[0],
        title=title,
        body=body,
        url=cited[0].url,
        said_at=act.accepted_at,
        changed_at=at,
        observed_at=max(at, *(evidence.observed_at for evidence in cited)),
        parts=parts,
    )


def _known_at(one: FollowUp) -> datetime:
    """When it was known that an action had not been done in time; the moment of the word while it may still be done."""
    act = one.intervention
    end = {Progress.OVERDUE: act.done_by, Progress.LAPSED: act.due_on}.get(one.progress)
    if end is None:
        return act.accepted_at
    return max(act.accepted_at, datetime.combine(end + timedelta(days=1), time.min, act.accepted_at.tzinfo))


def _of_evidence(evidence: Evidence, words: str) -> Line:
    return Line(words, evidence.id, evidence.url, evidence.observed_at)


def _came_of(one: FollowUp) -> str:
    if one.progress is Progress.DONE:
        return {True: "it was done and helped", False: "it was done and did not help", None: "it was done"}[one.helped]
    return {Progress.LAPSED: "the sprint ended before it was done", Progress.OVERDUE: "it is overdue"}.get(
        one.progress, "it is under way"
    )


def _before_and_after(one: FollowUp) -> str:
    """P when it was accepted, when it was done, and the same forecast without it; "" where none is known."""
    before = one.intervention.probability
    known = [
        f"P was {round(100 * before)} % when it was accepted" if before is not None else "",
        f"{round(100 * one.probability)} % when it was done" if one.probability is not None else "",
        f"{round(100 * one.without)} % without it at that moment" if one.without is not None else "",
    ]
    return f"{', '.join(part for part in known if part)}." if any(known) else ""
