"""What can be searched: texts of one kind each, from items, comments, commits and past sprints, with stable ids.

A text holds prose, one listing of code, one stack trace or one quote, never two of these (`parts`): prose is found by
meaning and by words, the others by words alone. What a person quotes is a text of its own and not said by them. What a
template hides is no text at all.

Texts come in groups: an item with all that is said on it, a commit, a past sprint. A group has a stamp that is cheap to
compute and changes when any of its texts does, so bringing an index up to date looks into the groups that changed. New
sources of texts add a function that yields groups, and a line in `groups_of`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby

from galaxy_desktop.domain.evidence import of_anchors
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import Comment, Commit, State, WorkItem
from galaxy_desktop.retrieve.parts import Kind, Piece, pieces_within, split
from galaxy_desktop.retrieve.words import words

CHUNK = 1_000
"""Characters in a text: about what MiniLM reads (256 tokens) before it cuts off."""

LONGEST_LISTING = 4_000
"""Characters of a listing or a stack trace that are searched: the rest of a log repeats its beginning."""

FEWEST_WORDS = 2
"""A comment with fewer words to search by, such as "ACK 1f3a" or "+1", is no text of its own."""

FORMAT = "2"
"""Part of every digest and stamp: a change of how texts are made renews the whole index."""


@dataclass(frozen=True, slots=True)
class Part:
    """From this character of the body on, the text belongs to this evidence."""

    start: int
    evidence_id: str
    url: str
    observed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One searchable text; `parts` are there when several pieces of evidence share it.

    `item` is the evidence id of the whole that it belongs to: the item of a comment, the commit of a message. `said_at`
    is when it was said, `changed_at` when it was last changed as far as is known: GitHub tells that of comments only.
    """

    id: str
    item: str
    evidence_id: str
    kind: str
    repository: str
    title: str
    body: str
    url: str
    said_at: datetime
    changed_at: datetime
    observed_at: datetime
    part: str = Kind.PROSE
    parts: tuple[Part, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        """Compute the digest of what is searched and shown; when it was seen is not part of it."""
        places = [f"{part.start} {part.evidence_id}" for part in self.parts]
        told = [FORMAT, self.evidence_id, self.part, self.title, self.body, self.url, self.said_at.isoformat(), *places]
        object.__setattr__(self, "digest", _digest(told))

    @property
    def whole(self) -> str:
        """Title and body, as they are embedded."""
        return f"{self.title}\n{self.body}" if self.body else self.title

    @property
    def has_meaning(self) -> bool:
        """Whether it is embedded: a model of sentences makes nothing of listings, and quotes are somebody else's."""
        return self.part == Kind.PROSE


@dataclass(frozen=True, slots=True)
class Group:
    """Texts that change together; `texts` makes them."""

    key: str
    stamp: str
    texts: Callable[[], tuple[Text, ...]]


def texts_of(snapshot: Snapshot, sprints: Iterable[Sprint]) -> tuple[Text, ...]:
    """All texts of a workspace, in a fixed order; every id once."""
    found = (text for group in groups_of(snapshot, sprints) for text in group.texts())
    return tuple({text.id: text for text in found}.values())


def groups_of(snapshot: Snapshot, sprints: Iterable[Sprint]) -> Iterator[Group]:
    """All texts of a workspace in groups, in a fixed order; every key once."""
    yield from of_items(snapshot.items, snapshot.comments)
    for commit in {commit.evidence_id: commit for commit in snapshot.commits}.values():
        yield Group(commit.evidence_id, _digest([FORMAT, commit.message]), partial(_of_commit, commit))
    for sprint in {sprint.id: sprint for sprint in sprints if sprint.state is State.CLOSED}.values():
        texts = tuple(_of_sprint(sprint, snapshot))
        yield Group(f"sprint:{sprint.id}", _digest([text.digest for text in texts]), partial(tuple[Text, ...], texts))


def of_items(items: Iterable[WorkItem], comments: Iterable[Comment]) -> Iterator[Group]:
    """One group an item: title, body and every comment."""
    threads = {
        key: tuple(some)
        for key, some in groupby(
            sorted(comments, key=lambda c: (c.repository, c.item_number, c.created_at, c.id)),
            key=lambda c: (c.repository, c.item_number),
        )
    }
    for item in {item.evidence_id: item for item in items}.values():
        thread = threads.get((item.repository, item.number), ())
        told = [FORMAT, item.title, item.body, item.url, *(f"{c.id} {c.body}" for c in thread)]
        yield Group(item.evidence_id, _digest(told), partial(_of_thread, item, thread))


def prose_chunks(body: str) -> tuple[str, ...]:
    """The prose of a text in chunks of at most `CHUNK` characters; one empty chunk where there is none."""
    return tuple(_chunks([piece for piece in split(body) if piece.kind is Kind.PROSE]))


def _of_thread(item: WorkItem, comments: tuple[Comment, ...]) -> tuple[Text, ...]:
    make = partial(
        Text,
        item=item.evidence_id,
        repository=item.repository,
        title=item.title,
    )
    found = list(
        _of_body(
            partial(
                make,
                evidence_id=item.evidence_id,
                kind=str(item.kind),
                url=item.url,
                said_at=item.created_at,
                changed_at=item.created_at,
                observed_at=item.observed_at,
            ),
            item.evidence_id,
            item.body,
        )
    )
    for comment in comments:
        said = partial(
            make,
            evidence_id=comment.evidence_id,
            kind="comment",
            url=comment.url,
            said_at=comment.created_at,
            changed_at=comment.updated_at,
            observed_at=comment.observed_at,
        )
        found += [text for text in _of_body(said, comment.evidence_id, comment.body) if _worth_it(text)]
    return tuple({text.id: text for text in found}.values())


def _worth_it(text: Text) -> bool:
    return text.part != Kind.PROSE or len(words(text.body)) >= FEWEST_WORDS


def _of_body(make: Callable[..., Text], evidence_id: str, body: str) -> Iterator[Text]:
    """The prose first, its first text under the evidence's own id, also when there is none; then what is set apart."""
    pieces = split(body)
    for n, prose in enumerate(_chunks([piece for piece in pieces if piece.kind is Kind.PROSE])):
        yield make(id=evidence_id if n == 0 else f"{evidence_id}/{n}", body=prose)
    for n, piece in enumerate(piece for piece in pieces if piece.kind in (Kind.CODE, Kind.TRACE, Kind.QUOTE)):
        shown = next(pieces_within(piece, LONGEST_LISTING)).text.strip("\r\n")
        yield make(id=f"{evidence_id}/{piece.kind}{n}", body=shown, part=str(piece.kind))


def _of_commit(commit: Commit) -> tuple[Text, ...]:
    title, _, body = commit.message.partition("\n")
    return (
        Text(
            id=commit.evidence_id,
            item=commit.evidence_id,
            evidence_id=commit.evidence_id,
            kind="commit",
            repository=commit.repository,
            title=title.strip() or commit.sha[:12],
            body=body.strip()[:CHUNK],
            url=commit.url,
            said_at=commit.committed_at,
            changed_at=commit.committed_at,
            observed_at=commit.observed_at,
        ),
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
        item=f"sprint:{sprint.id}",
        evidence_id=anchor.id,
        kind=anchor.kind,
        repository=sprint.repositories[0],
        title=sprint.title,
        body=f"Past sprint {sprint.title} of {', '.join(sprint.repositories)}: {due}, {closed}, {done} of {len(items)} items done.",
        url=anchor.url,
        said_at=sprint.closed_at or anchor.observed_at,
        changed_at=sprint.closed_at or anchor.observed_at,
        observed_at=anchor.observed_at,
    )


def _chunks(prose: list[Piece]) -> Iterator[str]:
    """Prose in chunks of at most `CHUNK` characters, as it was written; one empty chunk for none.

    What stood between two pieces, such as a listing, is left out; whole pieces share a chunk as long as they fit.
    """
    chunk = ""
    for piece in (one for one in prose if one.text.strip()):
        for small in pieces_within(Piece(piece.kind, piece.start, piece.text.strip()), CHUNK):
            if chunk and len(chunk) + len(small.text) + 2 > CHUNK:
                yield chunk.strip()
                chunk = ""
            chunk = f"{chunk}\n\n{small.text}" if chunk else small.text
    yield chunk.strip()


def _digest(told: Iterable[str]) -> str:
    return hashlib.blake2b("\0".join(told).encode("utf-8", "replace"), digest_size=16).hexdigest()
