"""Questions as somebody would type them, made from what people wrote around a mention, and how the search answers them.

"The crash with the tray icon is #12 again" describes #12 in somebody's own words: the sentence without the mention is the
question, and #12 what it should find. So do titles of items that mention others. Each is asked of what had been said by
then, of all texts with their comments, as the app would.

What people mention is mostly what was said lately, and what they look for need not be. So questions are weighed by how
old the wanted item was, in five ages that count the same: then the weight of recency is learned like all others.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_desktop.domain.work import Comment
from galaxy_desktop.retrieve import fusion
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.embed import Embedder
from galaxy_desktop.retrieve.parts import Kind, split
from galaxy_desktop.retrieve.question import CANDIDATES, Found, Question, answers, signs_of
from galaxy_desktop.retrieve.stacks import Stacks
from galaxy_desktop.retrieve.texts import of_items
from galaxy_desktop.retrieve.words import without_references, words
from galaxy_desktop.services.evaluation_retrieval_corpus import MENTION, Corpus

logger = logging.getLogger(__name__)
Array = np.ndarray[Any, Any]
QUESTION = ("words", "names", "meaning", "rrf", "recency")
"""Signs that a single text has for words that somebody types."""
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
FEWEST_WORDS = 4
LONGEST = 300
AGES_D = (7.0, 30.0, 120.0, 480.0)
"""Days that part the five ages of what is looked for."""
DAY_S = 86_400.0
TOP = 10
SLAB = 500


@dataclass(frozen=True, slots=True)
class Typed:
    """A question, which item it was made from, when, and what it should find."""

    corpus: str
    query: str
    source: str
    at: datetime
    relevant: frozenset[str]
    age: int
    """Which of the five ages the newest of these is of."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One question: its items with the signs of the best text of each, and what the search showed."""

    typed: Typed
    items: tuple[str, ...]
    signs: Array
    shown: tuple[Found, ...]


def typed_questions(corpus: Corpus) -> list[Typed]:
    """Every sentence with a mention of an older item, and the titles of items that mention some, in order."""
    found: list[Typed] = []
    for item in corpus.items.values():
        found += _of_text(corpus, item.number, item.created_at, item.body)
    for number, thread in corpus.comments.items():
        for comment in thread:
            found += _of_text(corpus, number, comment.created_at, comment.body)
    for number, targets in corpus.relevant.items():
        item = corpus.items[number]
        found += _made(corpus, number, item.created_at, without_references(item.title).strip(), targets)
    return found


def answer_all(corpus: Corpus, model: Embedder) -> Iterator[Answered]:
    """Every question of a corpus with what the search answers, each with what was known at its moment."""
    asked = typed_questions(corpus)
    comments: list[Comment] = [comment for thread in corpus.comments.values() for comment in thread]
    texts = [(group.key, text) for group in of_items(corpus.items.values(), comments) for text in group.texts()]
    wanted = list(
        dict.fromkeys([*(text.whole for _, text in texts if text.has_meaning), *(one.query for one in asked)])
    )
    logger.info("embedding %d texts of %s", len(wanted), corpus.name)
    vectors = dict(zip(wanted, np.asarray(model.encode(wanted), dtype=np.float32), strict=True))
    with tempfile.TemporaryDirectory(prefix="galaxy-questions-") as folder:
        stacks = Stacks(Path(folder))
        try:
            for start in range(0, len(texts), SLAB):
                some = texts[start : start + SLAB]
                rows = stacks.put(some)
                embedded = [text for _, text in some if text.has_meaning]
                stacks.put_vectors([rows[text.id] for text in embedded], [vectors[text.whole] for text in embedded])
            for one in asked:
                yield _answered(stacks, one, vectors[one.query])
        finally:
            stacks.close()


def scores(answered: Sequence[Answered]) -> dict[str, float]:
    """How well the shown answers do, in means over the questions.

    `mrr` and `hit_at_10` ask for the item or a comment on it, `own_mrr` and `own_hit_at_10` for the item itself; `even_mrr`
    counts the five ages of what is looked for the same. `items_of_ten` is how many items share the ten answers, and
    `comment_first` in how many of those cases a comment stands before its own item where both are shown.
    """
    ranks = [_ranks(one) for one in answered]
    by_age = [[1 / r if r else 0.0 for one, (r, _) in zip(answered, ranks, strict=True) if one.typed.age == age]
              for age in range(len(AGES_D) + 1)]  # fmt: skip
    first, both = 0, 0
    for one in answered:
        for item in {found.text.item for found in one.shown}:
            kinds = [found.text.kind == "comment" for found in one.shown if found.text.item == item]
            both += any(kinds) and not all(kinds)
            first += kinds[0] and not all(kinds)
    told = {
        "questions": float(len(answered)),
        "mrr": float(np.mean([1 / r if r else 0.0 for r, _ in ranks])),
        "hit_at_10": float(np.mean([bool(r) for r, _ in ranks])),
        "own_mrr": float(np.mean([1 / r if r else 0.0 for _, r in ranks])),
        "own_hit_at_10": float(np.mean([bool(r) for _, r in ranks])),
        "even_mrr": float(np.mean([np.mean(some) for some in by_age if some])),
        "items_of_ten": float(np.mean([len({found.text.item for found in one.shown}) for one in answered])),
        "comment_first": first / both if both else 0.0,
    }
    return {name: round(value, 4) for name, value in told.items()}


def evenly(ages: Sequence[int]) -> Array:
    """What each question counts so that all ages count the same, 1 in all."""
    counts = np.bincount(ages, minlength=len(AGES_D) + 1)
    counted = np.array([1.0 / counts[age] for age in ages])
    even: Array = counted / counted.sum()
    return even


def _of_text(corpus: Corpus, number: int, at: datetime, body: str) -> Iterator[Typed]:
    for piece in split(body):
        for sentence in SENTENCE.split(piece.text) if piece.kind is Kind.PROSE else ():
            named = {int(match[1]) for match in MENTION.finditer(sentence)} - {number}
            yield from _made(corpus, number, at, without_references(sentence).strip(" -*()[]:,."), named)


def _made(
    corpus: Corpus, number: int, at: datetime, query: str, named: Sequence[int] | set[int] | frozenset[int]
) -> Iterator[Typed]:
    """The question, where it says enough and names something older."""
    older = [corpus.items[one] for one in named if one in corpus.items and corpus.items[one].created_at < at]
    if not older or len(words(query)) < FEWEST_WORDS:
        return
    days = min((at - one.created_at).total_seconds() for one in older) / DAY_S
    yield Typed(
        corpus=corpus.name,
        query=query[:LONGEST],
        source=corpus.items[number].evidence_id if number in corpus.items else "",
        at=at,
        relevant=frozenset(one.evidence_id for one in older),
        age=int(np.searchsorted(AGES_D, days)),
    )


def _answered(stacks: Stacks, one: Typed, vector: Array) -> Answered:
    wanted = Wanted(as_of=one.at, without_item=one.source)
    asked = Question(one.query, vector, wanted, TOP, one.at)
    mask = stacks.columns.mask(wanted)
    terms = list(dict.fromkeys(words(without_references(one.query))))
    rows = set(stacks.holding(terms, mask, wanted, CANDIDATES))
    rows.update(stacks.nearest(vector, mask, CANDIDATES))
    named = sorted(rows)
    weights = fusion.weights("question")
    if not named:
        return Answered(one, (), np.zeros((0, len(QUESTION))), ())
    signs = signs_of(stacks, named, terms, asked)
    worth = weights.score(signs)
    best: dict[str, int] = {}
    for n, row in enumerate(named):
        item = stacks.columns.items.name(int(stacks.columns.item[row]))
        if item not in best or worth[n] > worth[best[item]]:
            best[item] = n
    matrix = np.stack([signs[name] for name in QUESTION], axis=1)
    return Answered(one, tuple(best), matrix[list(best.values())], answers(stacks, asked))


def _ranks(one: Answered) -> tuple[int, int]:
    """The place of the first wanted item or comment on it among those shown, and of the item itself; 0 for none."""
    places = [found.text.item in one.typed.relevant for found in one.shown]
    own = [here and found.text.kind != "comment" for here, found in zip(places, one.shown, strict=True)]
    return tuple(some.index(True) + 1 if True in some else 0 for some in (places, own))  # type: ignore[return-value]
