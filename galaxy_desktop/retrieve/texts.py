"""What can be searched: one text per item, per stretch of a comment thread, per commit and per past sprint.

Ids are stable and content has a digest, so an index can be brought up to date by comparing the two. A thread is cut
between comments, oldest first: a new comment changes the last stretch only. A stretch knows where each of its
comments begins, so that a found passage cites the comment that holds it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from galaxy_desktop.domain.evidence import of_anchors
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import Comment, Commit, State, WorkItem

CHUNK = 1_000
"""Characters in a text: about what MiniLM reads (256 tokens) before it cuts off."""

FORMAT = "1"
"""Part of every digest: a change of how texts are made renews the whole index."""


@dataclass(frozen=True, slots=True)
class Part:
    """From this character of the body on, the text belongs to this evidence."""

    start: int
    evidence_id: str
    url: str
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One searchable text; `parts` are there when several pieces of evidence share it."""

    id: str
    evidence_id: str
    kind: str
    repository: str
    title: str
    body: str
    url: str
    updated_at: datetime
    observed_at: datetime
    parts: tuple[Part, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        """Compute the digest of what is searched and shown; when it was seen is not part of it."""
        places = [f"{part.start} {part.evidence_id}" for part in self.parts]
        content = "\0".join([FORMAT, self.evidence_id, self.title, self.body, self.url, *places])
        object.__setattr__(self, "digest", hashlib.sha256(content.encode()).hexdigest())

    @property
    def whole(self) -> str:
        """Title and body, as they are embedded."""
        return f"{self.title}\n{self.body}" if self.body else self.title


def texts_of(snapshot: Snapshot, sprints: Iterable[Sprint]) -> tuple[Text, ...]:
    """All texts of a workspace, in a fixed order; every id once."""
    threads = {
        key: tuple(comments)
        for key, comments in groupby(
            sorted(snapshot.comments, key=lambda c: (c.repository, c.item_number, c.created_at, c.id)),
            key=lambda c: (c.repository, c.item_number),
        )
    }
    found: list[Text] = []
    for item in snapshot.items:
        found += _of_item(item)
        found += _of_thread(item, threads.get((item.repository, item.number), ()))
    found += [_of_commit(commit) for commit in snapshot.commits]
    found += [text for sprint in sprints if sprint.state is State.CLOSED for text in _of_sprint(sprint, snapshot)]
    return tuple({text.id: text for text in found}.values())


def _of_item(item: WorkItem) -> Iterator[Text]:
    for n, body in enumerate(_chunks(item.body)):
        yield Text(
            id=item.evidence_id if n == 0 else f"{item.evidence_id}/{n}",
            evidence_id=item.evidence_id,
            kind=str(item.kind),
            repository=item.repository,
            title=item.title,
            body=body,
            url=item.url,
            updated_at=item.updated_at,
            observed_at=item.observed_at,
        )


def _of_thread(item: WorkItem, comments: tuple[Comment, ...]) -> Iterator[Text]:
    """Stretches of a thread; each is named after its first comment, so that earlier ones never change."""
    stretch: list[Comment] = []
    size = 0
    for comment in comments:
        if stretch and size + len(comment.body) > CHUNK:
            yield from _of_stretch(item, stretch)
            stretch, size = [], 0
        stretch.append(comment)
        size += len(comment.body)
    if stretch:
        yield from _of_stretch(item, stretch)


def _of_stretch(item: WorkItem, comments: list[Comment]) -> Iterator[Text]:
    if len(comments) == 1:
        for n, body in enumerate(_chunks(comments[0].body)):
            yield _stretch_text(item, comments, body, (), n)
        return
    body, parts = "", []
    for comment in comments:
        parts.append(Part(len(body), comment.evidence_id, comment.url, comment.observed_at))
        body += f"{comment.body.strip()}\n\n"
    yield _stretch_text(item, comments, body.rstrip(), tuple(parts), 0)


def _stretch_text(item: WorkItem, comments: list[Comment], body: str, parts: tuple[Part, ...], n: int) -> Text:
    first = comments[0]
    return Text(
        id=first.evidence_id if n == 0 else f"{first.evidence_id}/{n}",
        evidence_id=first.evidence_id,
        kind="comment",
        repository=item.repository,
        title=item.title,
        body=body,
        url=first.url,
        updated_at=max(comment.updated_at for comment in comments),
        observed_at=first.observed_at,
        parts=parts,
    )


def _of_commit(commit: Commit) -> Text:
    title, _, body = commit.message.partition("\n")
    return Text(
        id=commit.evidence_id,
        evidence_id=commit.evidence_id,
        kind="commit",
        repository=commit.repository,
        title=title.strip() or commit.sha[:12],
        body=body.strip()[:CHUNK],
        url=commit.url,
        updated_at=commit.committed_at,
        observed_at=commit.observed_at,
    )


def _of_sprint(sprint: Sprint, snapshot: Snapshot) -> Iterator[Text]:
    """One sentence about how a past sprint ended, on the evidence of its first stored milestone or iteration."""
    anchor = next(iter(of_anchors(sprint, snapshot)), None)
    if anchor is None:
        return
    items = snapshot.of_sprint(sprint)
    done = sum(not item.is_open for item in items)
    due = f"due {sprint.due_on.isoformat()}" if sprint.due_on else "without a due date"
    closed = f"closed {sprint.closed_at.date().isoformat()}" if sprint.closed_at else "closed"
    yield Text(
        id=f"sprint:{sprint.id}",
        evidence_id=anchor.id,
        kind=anchor.kind,
        repository=sprint.repositories[0],
        title=sprint.title,
        body=f"Past sprint {sprint.title} of {', '.join(sprint.repositories)}: {due}, {closed}, {done} of {len(items)} items done.",
        url=anchor.url,
        updated_at=sprint.closed_at or anchor.observed_at,
        observed_at=anchor.observed_at,
    )


def _chunks(body: str) -> Iterator[str]:
    """A body in pieces of at most `CHUNK` characters, cut at the end of a line or a word; one empty piece for none."""
    rest = body.strip()
    while len(rest) > CHUNK:
        cut = max(rest.rfind("\n", CHUNK // 2, CHUNK), 0) or max(rest.rfind(" ", CHUNK // 2, CHUNK), 0) or CHUNK
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    yield rest
