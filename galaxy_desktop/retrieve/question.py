"""Texts that answer a question in words: found by their words and by their meaning, weighed, folded, cited.

Words bring candidates and meaning brings candidates; all of them are compared in both ways. Texts that say nearly the
same are shown once: the best one stands, the others are named beside it. So a template, a quoted log or a comment that
was posted twice takes one place.

An item stands before its comments, at the place that the best of its texts earned: who looks for something wants the
thing itself first. A comment stays beside it where it says a word of the question that the item does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.retrieve import fusion
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.passages import best_passage
from galaxy_desktop.retrieve.stacks import Stacks
from galaxy_desktop.retrieve.texts import Text
from galaxy_desktop.retrieve.words import without_references, words

Array = np.ndarray[Any, Any]
CANDIDATES = 80
"""Texts that words bring, and as many that meaning brings."""
SHOWN_TIMES = 4
"""So many times the texts that are asked for are looked at, since some say the same."""
NEARLY_SAME = 0.97
"""From this likeness on two texts say the same."""
SAME_WORDS = 0.9
PER_ITEM = 3
"""At most so many texts of one item are shown."""
Rerank = Callable[[str, Sequence[str]], Sequence[float]]
"""Something that reads a question with each of some texts and says how well they answer it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: its evidence, what it is worth, the text it is in, and the evidence that says nothing more."""

    evidence: Evidence
    score: float
    text: Text
    folded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: words, their vector (`None`: by words alone), which texts count, how many are wanted, and when."""

    query: str
    vector: Array | None
    wanted: Wanted
    limit: int
    now: datetime | None = None


def answers(stacks: Stacks, asked: Question, rerank: Rerank | None = None) -> tuple[Found, ...]:
    """The texts that answer best, best first; each piece of evidence once."""
    mask = stacks.columns.mask(asked.wanted)
    terms = list(dict.fromkeys(words(without_references(asked.query))))
    rows = set(stacks.holding(terms, mask, asked.wanted, CANDIDATES))
    if asked.vector is not None:
        rows.update(stacks.nearest(asked.vector, mask, CANDIDATES))
    if not rows or asked.limit < 1:
        return ()
    named = sorted(rows)
    scores = fusion.weights("question").score(signs_of(stacks, named, terms, asked))
    worth = dict(zip(named, scores.tolist(), strict=True))
    order = sorted(named, key=lambda row: (-worth[row], row))[: asked.limit * SHOWN_TIMES]
    texts = stacks.shelf.texts(order)
    if rerank is not None:
        read = rerank(asked.query, [texts[row].whole for row in order])
        worth = dict(zip(order, map(float, read), strict=True))
        order.sort(key=lambda row: (-worth[row], row))
    order, under = items_first(stacks, order, terms)
    best, scored = -math.inf, []
    for row in reversed(order):  # an item before its comment is worth what brought it there
        best = max(best, worth[row])
        scored.append((row, texts[row], best))
    found = _shown(stacks, scored[::-1], asked)
    return tuple(_with(one, [texts[row].evidence_id for row in under.get(row_of, ())]) for row_of, one in found.items())


def items_first(stacks: Stacks, order: Sequence[int], terms: Sequence[str]) -> tuple[list[int], dict[int, list[int]]]:
    """Rows in an order in which an item stands before what was said on it, at the place of the best of both.

    A comment that says no word of the question beyond those of its item's own texts is left out: the second answer names
    such rows by the first row of their item.
    """
    comment, columns = stacks.columns.kinds.find("comment"), stacks.columns
    own: dict[int, int] = {}
    held: dict[int, set[str]] = {}
    spoken = stacks.shelf.spoken(order)
    says = {row: {term for term in terms if any(f" {term} " in words for words in spoken[row])} for row in order}
    for row in order:
        if columns.kind[row] != comment:
            item = int(columns.item[row])
            own.setdefault(item, row)
            held[item] = held.get(item, set()) | says[row]
    placed: dict[int, None] = {}
    under: dict[int, list[int]] = {}
    for row in order:
        first = own.get(int(columns.item[row]))
        if columns.kind[row] != comment or first is None:
            placed[row] = None
            continue
        placed[first] = None
        if says[row] <= held[int(columns.item[row])]:
            under.setdefault(first, []).append(row)
        else:
            placed[row] = None
    return list(placed), under


def signs_of(stacks: Stacks, rows: Sequence[int], terms: Sequence[str], asked: Question) -> dict[str, Array]:
    """The signs of texts for a question: words, rare words, meaning, both ranks, and how lately it was said."""
    vector, now = asked.vector, asked.now
    rarities = stacks.rarities(terms)
    worth, rarest = stacks.worth([[row] for row in rows], rarities, dict.fromkeys(rarities, 1.0))
    meaning = np.zeros(len(rows))
    embedded = [n for n, row in enumerate(rows) if stacks.columns.embedded[row]]
    if vector is not None and embedded:
        meaning[embedded] = np.einsum(
            "ij,j->i", stacks.matrix.rows(np.asarray(rows)[embedded]), np.asarray(vector, dtype=np.float32)
        )
    said = stacks.columns.said_at[list(rows)]
    at = float(said.max()) if now is None else now.timestamp()
    return {
        "words": fusion.share(worth),
        "names": rarest / 30.0,
        "meaning": meaning,
        "rrf": fusion.reciprocal(worth, meaning),
        "recency": fusion.recency(at - said),
    }


def _shown(stacks: Stacks, order: Sequence[tuple[int, Text, float]], asked: Question) -> dict[int, Found]:
    """The first of these that are wanted, as evidence by row; what repeats one before it is folded into that."""
    shown: dict[int, Found] = {}
    for row, text, score in order:
        if len(shown) == asked.limit:
            break
        same = _says_the_same(stacks, row, text, {other: found.text for other, found in shown.items()})
        if same is not None:
            shown[same] = _folded(shown[same], text.evidence_id)
            continue
        evidence = evidence_of(text, asked.query)
        cited = {found.evidence.id for found in shown.values()}
        of_item = sum(found.text.item == text.item for found in shown.values())
        if evidence.id not in cited and of_item < PER_ITEM:
            shown[row] = Found(evidence, score, text)
    return shown


def _with(found: Found, others: Sequence[str]) -> Found:
    for other in others:
        found = _folded(found, other)
    return found


def _folded(found: Found, other: str) -> Found:
    if other in (found.evidence.id, *found.folded):
        return found
    return replace(found, folded=(*found.folded, other))


def _says_the_same(stacks: Stacks, row: int, text: Text, shown: Mapping[int, Text]) -> int | None:
    """The shown row that says nearly what this one says: by meaning, and by words where there is no vector."""
    embedded = stacks.columns.embedded
    like = [other for other in shown if embedded[other]] if embedded[row] else []
    if like:
        likeness = stacks.matrix.rows(np.asarray(like)) @ stacks.matrix.rows(np.asarray([row]))[0]
        best = int(likeness.argmax())
        if likeness[best] >= NEARLY_SAME:
            return like[best]
    own = set(text.body.split())
    for other in shown.keys() - set(like):
        theirs = set(shown[other].body.split())
        if own and len(own & theirs) >= SAME_WORDS * len(own | theirs):
            return other
    return None


def evidence_of(text: Text, query: str) -> Evidence:
    """The evidence of a text for a question: its best passage, cited to whoever said it where several share a text."""
    if text.kind == "comment" or text.part != "prose":
        shown, offset = text.body, 0
    else:
        shown, offset = text.whole, len(text.title) + 1
    quote, start = best_passage(shown, query)
    for part in reversed(text.parts):
        if part.start <= start - offset:
            return Evidence(part.evidence_id, text.kind, part.url, quote, part.observed_at)
    return Evidence(text.evidence_id, text.kind, text.url, quote, text.observed_at)
