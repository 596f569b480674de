"""Dependency edges between items, each with where it was learned, how sure it is, and the words that say so.

Five sources, from sure to weak: native dependencies of GitHub, closing keywords of pull requests and their commits, task
lists of issues, sentences ("blocked by #12"), and plain references. Of messages of commits only what they claim counts:
plain references in them ("Merge pull request #5", "(#12)") are mostly the traces of tools. References to items that a tracked repository does not have are
dropped; items of repositories that are not tracked are named `external:issue:o/r#n`, because nothing but their number
is known. For two items and one kind only the surest edge stays, and a plain mention is left out where anything
stronger connects the same two.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.evidence import QUOTE_LENGTH, Evidence, excerpt, of_pull_commit
from galaxy_desktop.domain.facts import Dependency, EdgeKind
from galaxy_desktop.domain.repository_facts import ItemLinks, LinkKind
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import ItemKind, WorkItem
from galaxy_desktop.features.index import WorkspaceIndex, index_of, key_of
from galaxy_desktop.features.phrases import (
    REF,
    Claim,
    Relation,
    closing_claims,
    coded,
    dependency_claims,
    indices,
)
from galaxy_desktop.features.prose import Block, blocks, masked
from galaxy_desktop.features.references import Reference, may_refer, references

NATIVE, CLOSING, TEXT, TASK_LIST, REFERENCE = "native", "closing keyword", "text", "task list", "cross-reference"
MENTION_CONFIDENCE = 0.3
COMMENT_DISCOUNT = 0.05
"""A comment can be older than the description that answers it: what it says is worth a little less."""

WORDS_BEFORE = 100
"""Characters quoted before a reference at most, so that the reference itself stays in the quote."""
COMMIT_DISCOUNT = 0.05
"""What a message says may have been changed by a later commit, and is lost where commits are squashed."""
LONGEST_TITLE = 80
TITLE_DISCOUNT = 0.15
"""GitHub itself does not read titles for its keywords."""

_LAST_STOP = re.compile(r"(?s:.*)(?:\n|[.!?]\s)")

_FORWARD = {
    Relation.HOLDS_UP: EdgeKind.BLOCKS,
    Relation.CLOSES: EdgeKind.CLOSES,
    Relation.CONTAINS: EdgeKind.PARENT,
}
"""Relations whose edge runs from the subject to the item named; the others run back as "blocks"."""

_Pair = tuple[str, str, EdgeKind]

_NO_PART = r"(?!(?:i|we|please|see|related|relates|cf|refs?|reviewed|review|read|check|example|like|fixes|closes|resolves|duplicate)\b)"
_TASK = re.compile(
    rf"^\s*(?:[-*+]|\d{{1,3}}[.)])\s+\[[ xX]\]\s+(?:(?:issue|pr)\s+|{_NO_PART}[\w *`/-]{{1,60}}:\s+(?={REF}\s*$))?({REF})",
    re.IGNORECASE,
)
"""A box with an item, also after a few words with a colon: "- [ ] Parser: #12"."""
_ENTRY = re.compile(rf"^\s*(?:[-*+]|\d{{1,3}}[.)])\s+(?:\[[ xX]\]\s+)?(?:(?:issue|pr)\s+)?({REF})", re.IGNORECASE)
_LIST_TITLE = re.compile(
    r"^[\s#*_]*(?:(?:this|it|(?:this\s+)?(?:pr|issue))\s+(?:is\s+)?)?(?:currently\s+|still\s+)?"
    r"(?:(?P<waits>blocked\s+(?:by|on)|depends\s+on|depend\s+on|dependencies|prerequisites?|requires|waiting\s+(?:for|on)"
    r"|blockers)|(?P<holds>blocks|blocking|required\s+(?:by|for)|needed\s+(?:by|for)))[\s*_]*:?[\s*_]*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Text:
    """One text of an item, with the evidence that cites it."""

    item: WorkItem
    text: str
    is_comment: bool
    is_title: bool
    said_at: datetime
    cite_id: str
    cite_kind: str
    url: str
    observed_at: datetime

    @property
    def is_commit(self) -> bool:
        """Whether it is the message of a commit."""
        return self.cite_kind == "commit"

    def quote(self, reference: Reference) -> Evidence:
        """Evidence with the line that holds a reference, from the beginning of its sentence."""
        begin = max(0, reference.start - WORDS_BEFORE)
        before = self.text[begin : reference.start]
        after = self.text[reference.end : reference.end + QUOTE_LENGTH].partition("\n")[0]
        said = _LAST_STOP.search(before)
        if said:
            before = before[said.end() :]
        elif begin:
            before = before.partition(" ")[2]
        words = before + self.text[reference.start : reference.end] + after
        return Evidence(self.cite_id, self.cite_kind, self.url, excerpt(words), self.observed_at)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text with what was found in it: its masked form, the references, and the ids they mean."""

    text: _Text
    plain: str
    refs: Sequence[Reference]
    ids: Sequence[str | None]


def dependency_edges(snapshot: Snapshot, *, index: WorkspaceIndex | None = None) -> tuple[Dependency, ...]:
    """All edges of the workspace, sorted."""
    lookup = index or index_of(snapshot)
    found: list[Dependency] = list(_native(snapshot.links, lookup))
    for item in lookup.items:
        found += _edges_of(item, lookup)
    return _surest(found)


def _native(links: Iterable[ItemLinks], lookup: WorkspaceIndex) -> Iterator[Dependency]:
    """What GitHub itself knows: "blocked by" and sub-issues."""
    for link in links:
        item = lookup.items_by_key.get((link.repository_id, link.item_number))
        if item is None:
            continue
        for target in link.targets:
            other = _id_of(target.repository, target.number, lookup)
            if other is None or other == item.evidence_id:
                continue
            blocked = link.kind is LinkKind.BLOCKED_BY
            words = "is blocked by" if blocked else "has the sub-issue"
            title = f": {target.title}" if target.title else ""
            quote = excerpt(f"{item.reference} {words} {target.repository}#{target.number}{title}")
            evidence = Evidence(item.evidence_id, str(item.kind), item.url, quote, link.observed_at)
            ends = (other, item.evidence_id) if blocked else (item.evidence_id, other)
            yield _edge(*ends, EdgeKind.BLOCKS if blocked else EdgeKind.PARENT, NATIVE, 1.0, evidence=evidence)


def edges_of_talk(item: WorkItem, lookup: WorkspaceIndex) -> list[Dependency]:
    """Edges from what is dated: the commits and comments of one item, without comments that were edited since."""
    texts = (one for one in _texts(item, lookup) if one.is_commit or one.is_comment)
    return _told(item, (one for one in texts if one.cite_id not in lookup.guessed), lookup)


def _edges_of(item: WorkItem, lookup: WorkspaceIndex) -> list[Dependency]:
    """Edges from the title, commits, description, comments and events of one item."""
    found = _told(item, _texts(item, lookup), lookup)
    for event in lookup.events_of.get(key_of(item), ()):
        if event.kind == "cross-referenced":
            source = next((_resolve(r, item, lookup) for r in references(event.subject)), None)
            if source and source != item.evidence_id:
                words = Evidence(event.evidence_id, "event", event.url or item.url, event.subject, event.observed_at)
                found.append(_edge(source, item.evidence_id, EdgeKind.MENTIONS, evidence=words))
    return found


def _told(item: WorkItem, texts: Iterable[_Text], lookup: WorkspaceIndex) -> list[Dependency]:
    """Edges from texts of one item, in their order; a later denial takes back a claim."""
    found: list[Dependency] = []
    for text in texts:
        if not may_refer(text.text):
            continue
        plain = masked(text.text)
        refs = list(references(plain))
        if refs:
            ids = [_resolve(reference, item, lookup) for reference in refs]
            said, denied = _edges_in(_Reading(text, plain, refs, ids))
            found = [edge for edge in found if _pair(edge) not in denied] + said
    return found


def _texts(item: WorkItem, lookup: WorkspaceIndex) -> Iterator[_Text]:
    own = (item.created_at, item.evidence_id, str(item.kind), item.url, item.observed_at)
    yield _Text(item, item.title, False, True, *own)
    yield from _messages(item, lookup)
    yield _Text(item, item.body, False, False, *own)
    for comment in lookup.comments_of.get(key_of(item), ()):
        cite = (comment.created_at, comment.evidence_id, "comment", comment.url, comment.observed_at)
        yield _Text(item, comment.body, True, False, *cite)


def _messages(item: WorkItem, lookup: WorkspaceIndex) -> Iterator[_Text]:
    """The messages of a pull request's commits, but for merges and reverts: those speak of other work."""
    listed = lookup.pull_commits_of.get(key_of(item))
    for commit in listed.commits if listed else ():
        if listed and not commit.message.startswith(("Merge ", "Revert ")):
            cite = of_pull_commit(item, listed, commit)
            own = (commit.committed_at, cite.id, cite.kind, cite.url, cite.observed_at)
            yield _Text(item, commit.message, False, False, *own)


def _edges_in(reading: _Reading) -> tuple[list[Dependency], set[_Pair]]:
    """What one text says, and which edges it denies."""
    item = reading.text.item
    said: list[Dependency] = []
    denied: set[_Pair] = set()
    used: set[int] = set()
    for claim, source in _claims(reading):
        edge = _edge_of_claim(claim, source, reading)
        if edge is None:
            continue
        used.add(claim.target)
        if claim.denied:
            denied.add(_pair(edge))
        else:
            said.append(edge)
    for number, target in enumerate(() if reading.text.is_commit else reading.ids):
        if target and number not in used and target != item.evidence_id:
            words = reading.text.quote(reading.refs[number])
            said.append(_edge(item.evidence_id, target, EdgeKind.MENTIONS, evidence=words))
    return [edge for edge in said if _pair(edge) not in denied], denied


def _claims(reading: _Reading) -> Iterator[tuple[Claim, str]]:
    """Every claim in one text with its source; a titled list ("Depends on:") is read entry by entry."""
    is_pull = reading.text.item.kind is ItemKind.PULL_REQUEST
    is_comment = reading.text.is_comment
    listed: Relation | None = None
    for block in blocks(reading.plain):
        words = _coded(block, reading.refs)
        if block.kind != "list":
            listed = _list_title(words)
        if is_pull and not is_comment:
            yield from ((claim, CLOSING) for claim in closing_claims(words))
        yield from ((claim, TEXT) for claim in dependency_claims(words))
        entry = _ENTRY.match(words) if listed else None
        task = _TASK.match(words) if not (is_pull or is_comment) else None
        if entry and listed:
            yield Claim(listed, None, indices(entry[1])[0], 0.9), TEXT
        elif task:
            yield Claim(Relation.CONTAINS, None, indices(task[1])[0], 0.9), TASK_LIST


def _coded(block: Block, refs: Sequence[Reference]) -> str:
    first = bisect_left(refs, block.start, key=lambda r: r.start)
    last = bisect_left(refs, block.start + len(block.text), key=lambda r: r.start)
    return coded(block.text, [(n, refs[n]) for n in range(first, last)], block.start)


def _list_title(words: str) -> Relation | None:
    title = _LIST_TITLE.match(words) if len(words) <= LONGEST_TITLE else None
    if title is None:
        return None
    return Relation.WAITS_FOR if title["waits"] else Relation.HOLDS_UP


def _edge_of_claim(claim: Claim, source: str, reading: _Reading) -> Dependency | None:
    subject = reading.text.item.evidence_id if claim.subject is None else reading.ids[claim.subject]
    target = reading.ids[claim.target]
    if not subject or not target or subject == target or reading.refs[claim.target].to_remark:
        return None
    if claim.relation is Relation.CLOSES and target.startswith("pr:"):
        return None
    if claim.relation is Relation.STACKED_ON and not _both_pulls(subject, target):
        return None
    confidence = claim.confidence - (COMMENT_DISCOUNT if reading.text.is_comment else 0.0)
    confidence -= TITLE_DISCOUNT if reading.text.is_title else 0.0
    confidence -= COMMIT_DISCOUNT if reading.text.is_commit else 0.0
    ends = (subject, target) if claim.relation in _FORWARD else (target, subject)
    words = reading.text.quote(reading.refs[claim.target])
    return _edge(*ends, _FORWARD.get(claim.relation, EdgeKind.BLOCKS), source, confidence, evidence=words)


def _both_pulls(*ids: str) -> bool:
    return all(i.startswith(("pr:", "external:")) for i in ids)


def _resolve(reference: Reference, item: WorkItem, lookup: WorkspaceIndex) -> str | None:
    """The evidence id that a reference means; `None` when a tracked repository has no such item."""
    name = (reference.repository or item.repository).removesuffix(".git")
    return _id_of(name, reference.number, lookup, here=not reference.repository)


def _id_of(name: str, number: int, lookup: WorkspaceIndex, *, here: bool = False) -> str | None:
    """The evidence id of an item by name; `here` says that it can only be in a tracked repository."""
    found = lookup.items_by_name.get((name.casefold(), number))
    if found is not None:
        return found.evidence_id
    if name.casefold() in lookup.repositories_by_name or here:
        return None
    return f"external:issue:{name.lower()}#{number}"


def _edge(
    source_id: str,
    target_id: str,
    kind: EdgeKind,
    source: str = REFERENCE,
    confidence: float = MENTION_CONFIDENCE,
    *,
    evidence: Evidence,
) -> Dependency:
    return Dependency(
        source_id=source_id,
        target_id=target_id,
        kind=kind,
        source=source,
        confidence=round(confidence, 2),
        evidence=(evidence,),
    )


def _pair(edge: Dependency) -> _Pair:
    return edge.source_id, edge.target_id, edge.kind


def _surest(found: Iterable[Dependency]) -> tuple[Dependency, ...]:
    best: dict[tuple[str, str, EdgeKind], Dependency] = {}
    for edge in found:
        key = _pair(edge)
        if key not in best or edge.confidence > best[key].confidence:
            best[key] = edge
    strong = {frozenset((s, t)) for s, t, kind in best if kind is not EdgeKind.MENTIONS}
    kept = (e for (s, t, k), e in best.items() if k is not EdgeKind.MENTIONS or frozenset((s, t)) not in strong)
    return tuple(sorted(kept, key=lambda e: (e.source_id, e.target_id, str(e.kind))))
