"""Items like an item: what somebody who reads one would want to know of, among those that were there before it.

An item asks in several forms: its title, each chunk of its prose, and the words of its code. Every text that answers one
of them brings its item among the candidates; then items are compared as wholes: the best of their texts for each form,
how lately anything was said on them, how much, how often others name them, and whether they are linked to what is near.

What the item says in so many words is not used: mentions and addresses in it are left out, since they are known without
a search. Nobody's name plays a part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from galaxy_desktop.retrieve import fusion
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.fusion import Weights
from galaxy_desktop.retrieve.links import place
from galaxy_desktop.retrieve.parts import Kind, split
from galaxy_desktop.retrieve.stacks import Stacks
from galaxy_desktop.retrieve.texts import prose_chunks
from galaxy_desktop.retrieve.words import without_references, words

Array = np.ndarray[Any, Any]
FORMS = 7
"""The title and so many less one chunks of prose."""
TERMS = 160
"""So many different words of an item are weighed, those it uses most before others."""
ASKED_TERMS = 40
CANDIDATES = 200
"""Texts that each form brings."""
NEWEST = 100
"""Texts that are looked at for having been said last."""
ITEMS = 400
TITLE_TIMES = 2
REPEATED = 2.2
LINKED_NEAR = 10.0
"""How steeply links to less similar items count less."""


@dataclass(frozen=True, slots=True)
class Like:
    """An item as a question: what it is, what it says, and when."""

    id: str
    kind: str
    title: str
    body: str
    at: datetime

    def forms(self) -> list[str]:
        """The texts to embed: the title, and each chunk of prose under it."""
        title = without_references(self.title).strip()
        chunks = [chunk for chunk in prose_chunks(without_references(self.body)) if chunk]
        return [title, *(f"{title}\n{chunk}" for chunk in chunks[: FORMS - 1])]

    def terms(self) -> dict[str, float]:
        """The words of title, prose and code, with how much it says them."""
        counted: Counter[str] = Counter()
        for word in words(without_references(self.title)):
            counted[word] += TITLE_TIMES
        for piece in split(self.body):
            if piece.kind in (Kind.PROSE, Kind.CODE, Kind.TRACE):
                counted.update(words(without_references(piece.text)))
        return {word: times * REPEATED / (times + 1.2) for word, times in counted.most_common(TERMS)}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Items with their signs, each an array with one entry an item."""

    items: list[str]
    signs: dict[str, Array]

    def ordered(self, weights: Weights, limit: int | None = None) -> list[tuple[str, float]]:
        """The items with their scores, best first."""
        if not self.items:
            return []
        scores = weights.score(self.signs)
        return [(self.items[n], float(scores[n])) for n in fusion.best_first(scores, self.items)[:limit]]


def candidates(stacks: Stacks, like: Like, vectors: Array, wanted: Wanted) -> Candidates:
    """The items that may be like an item; `vectors` are those of its forms, of shape (forms, width)."""
    mask = stacks.columns.mask(replace(wanted, without_item=like.id))
    terms = like.terms()
    rarities = stacks.rarities(terms)
    asked = sorted(rarities, key=lambda term: (-rarities[term] * terms[term], term))[:ASKED_TERMS]
    rows: dict[int, None] = dict.fromkeys(stacks.holding(asked, mask, wanted, CANDIDATES * 2))
    for vector in vectors:
        rows.update(dict.fromkeys(stacks.nearest(vector, mask, CANDIDATES)))
    rows.update(dict.fromkeys(_newest(stacks, mask)))
    items = list(dict.fromkeys(int(stacks.columns.item[row]) for row in rows))[:ITEMS]
    if not items:
        return Candidates([], {})
    names = [stacks.columns.items.name(item) for item in items]
    texts = [[row for row in stacks.columns.rows_of(item) if mask[row]] for item in items]
    signs = _by_words(stacks, texts, rarities, terms)
    signs |= _by_meaning(stacks, texts, np.asarray(vectors, dtype=np.float32))
    signs["rrf"] = fusion.reciprocal(signs["words"], signs["meaning"])
    signs |= _by_time(stacks, texts, like)
    near = np.exp(LINKED_NEAR * (signs["meaning"] - signs["meaning"].max()))
    signs |= _by_links(stacks, names, near, like)
    return Candidates(names, signs)


def _newest(stacks: Stacks, mask: Array) -> list[int]:
    """The rows that were said last: what a team talks about now is often what a new item is about."""
    rows = np.flatnonzero(mask)
    said: Array = stacks.columns.said_at[rows]
    return [int(row) for row in rows[np.lexsort((rows, -said))][:NEWEST]]


def _own(stacks: Stacks, rows: Sequence[int]) -> list[int]:
    """The rows of what an item itself says, without its comments."""
    comment = stacks.columns.kinds.find("comment")
    return [row for row in rows if stacks.columns.kind[row] != comment]


def _by_words(
    stacks: Stacks, texts: Sequence[Sequence[int]], rarities: Mapping[str, float], times: Mapping[str, float]
) -> dict[str, Array]:
    """How well an item's own texts, as one, answer in words, and the rarest words that are shared."""
    worth, rarest = stacks.worth([_own(stacks, rows) for rows in texts], rarities, times)
    return {"words": fusion.share(worth), "names": rarest / 30.0}


def _by_meaning(stacks: Stacks, texts: Sequence[Sequence[int]], vectors: Array) -> dict[str, Array]:
    """Likeness to each form of the best of an item's own texts: the mean, the highest, and to the title."""
    found = {name: np.zeros(len(texts)) for name in ("meaning", "closest", "title")}
    for n, rows in enumerate(texts):
        embedded = [row for row in _own(stacks, rows) if stacks.columns.embedded[row]]
        if embedded:
            likeness = stacks.matrix.rows(np.asarray(embedded)) @ vectors.T
            found["meaning"][n] = likeness.max(axis=0).mean()
            found["closest"][n] = likeness.max()
            found["title"][n] = likeness[:, 0].max()
    return found


def _by_time(stacks: Stacks, texts: Sequence[Sequence[int]], like: Like) -> dict[str, Array]:
    """How lately anything was said, how much, and whether an issue is answered by a pull request or the other way."""
    at, columns = like.at.timestamp(), stacks.columns
    comment, same = columns.kinds.find("comment"), columns.kinds.find(like.kind)
    last = np.array([max(columns.said_at[row] for row in rows) for rows in texts])
    talk = np.array([sum(columns.kind[row] == comment for row in rows) for rows in texts], dtype=float)
    other = [all(columns.kind[row] != same for row in rows) for rows in texts]
    return {"recency": fusion.recency(at - last), "talk": np.log1p(talk), "other_kind": np.array(other, dtype=float)}


def _by_links(stacks: Stacks, names: Sequence[str], near: Array, like: Like) -> dict[str, Array]:
    """How often an item is named by others, and the nearest of the items that it names or is named by."""
    places = {place(name): n for n, name in enumerate(names)}
    itself, until = place(like.id), like.at.timestamp()
    named: dict[int, set[str]] = {}
    linked = np.zeros(len(names))
    pairs = stacks.shelf.links_to(list(places), until) + stacks.shelf.links_from(list(names), until)
    for source, target in pairs:
        begin, end = places.get(place(source)), places.get(target)
        if itself in (place(source), target) or begin == end:
            continue
        if end is not None:
            named.setdefault(end, set()).add(source)
        if begin is not None and end is not None:
            linked[end], linked[begin] = max(linked[end], near[begin]), max(linked[begin], near[end])
    cited = np.log1p([len(named.get(n, ())) for n in range(len(names))])
    return {"cited": cited, "linked": linked}
