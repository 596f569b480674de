"""`galaxy-desktop evaluate retrieval`: whether the search finds what people link by hand.

Somebody who opens an item and writes "see #12" has named an item that is related. The search is asked for items like
the new one, without the mention, and should name #12 among those that were there before. The past is walked through in
order: each question is asked of an index that holds what had been said by then, and nothing later. It is the index of
the app, in a folder of its own that is thrown away.

A query counts once: the rank of the first of its items that is found. Beside the whole stand words alone, meaning
alone, and chance, which is computed, not drawn.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_desktop.domain.work import Comment, WorkItem
from galaxy_desktop.errors import ModelError, WrongUseError
from galaxy_desktop.paths import models_folder
from galaxy_desktop.retrieve import fusion
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.embed import Embedder, MiniLM
from galaxy_desktop.retrieve.related import Candidates, Like, candidates
from galaxy_desktop.retrieve.stacks import Stacks
from galaxy_desktop.retrieve.texts import Text, of_items
from galaxy_desktop.services.evaluation_retrieval_corpus import Corpus, read_corpus
from galaxy_desktop.services.evaluation_retrieval_questions import answer_all
from galaxy_desktop.services.evaluation_retrieval_questions import scores as typed_scores

logger = logging.getLogger(__name__)
Array = np.ndarray[Any, Any]
Emit = Callable[[str], None]
METHODS = ("bm25", "vectors", "hybrid", "random")
TOP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalRequest:
    """What was asked: folders of repositories, each with its file of pairs or `None` for mentions in bodies."""

    corpora: tuple[tuple[Path, Path | None], ...]
    fit: Path | None = None
    questions: bool = False
    """Whether questions as somebody would type them are asked too; they are for a fit."""
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """The mean of one over the rank of the first item found, and the share of queries with one among the first ten."""

    mrr: float
    hit_at_10: float

    def as_json(self) -> dict[str, float]:
        """Plain numbers with four digits."""
        return {"mrr": round(self.mrr, 4), "hit_at_10": round(self.hit_at_10, 4)}


@dataclass(frozen=True, slots=True)
class Asked:
    """One query: the candidates with their signs, which items should be found, and how many could have been."""

    corpus: str
    number: int
    candidates: Candidates
    relevant: frozenset[str]
    older: int

    def rank(self, order: Sequence[str]) -> int:
        """The rank of the first relevant item; behind all that were there when none is named."""
        return next((n for n, one in enumerate(order, 1) if one in self.relevant), self.older)


def evaluate_retrieval(request: RetrievalRequest, emit: Emit, embedder: Embedder | None = None) -> int:
    """Read, walk through the past, score, print, fit where asked; returns the exit code.

    Raises:
        WrongUseError: a file is missing or damaged, or no search model is installed, with what to do.
    """
    corpora = [read_corpus(folder, pairs) for folder, pairs in request.corpora]
    model = embedder or MiniLM(models_folder())
    typing = request.questions or request.fit is not None
    try:
        asked = [one for corpus in corpora for one in ask_all(corpus, model)]
        typed = [one for corpus in corpora for one in answer_all(corpus, model)] if typing else []
    except ModelError as error:
        raise WrongUseError(
            f"The search reads texts with the model {model.name}, which cannot be used here. Run the set-up again, or name "
            f"the folder that holds it in GALAXY_MODELS_DIR (now {models_folder()})."
        ) from error
    finally:
        if embedder is None:
            model.close()
    scores = score_all(asked)
    told = typed_scores(typed) if request.questions and typed else {}
    if request.as_json:
        more = {"questions": told} if told else {}
        emit(json.dumps({name: score.as_json() for name, score in scores.items()} | more))
    else:
        emit(_table(corpora, scores))
        if told:
            emit("\n".join(("", "questions as typed:", *(f"{name:14} {value:g}" for name, value in told.items()))))
    if request.fit is not None:
        from galaxy_desktop.services.evaluation_retrieval_fit import save  # noqa: PLC0415 - SciPy for this alone

        emit(save(request.fit, asked, typed))
    return 0


def ask_all(corpus: Corpus, model: Embedder) -> Iterator[Asked]:
    """Every query of a corpus, each asked of what had been said by then, in the order of time."""
    moments = sorted(corpus.relevant, key=lambda number: (corpus.items[number].created_at, number))
    likes = {number: _like(corpus.items[number]) for number in moments}
    last = corpus.items[moments[-1]]
    texts = sorted(_texts_before(corpus, last), key=lambda pair: (pair[1].said_at, pair[1].id))
    forms = [form for number in moments for form in likes[number].forms()]
    wanted = list(dict.fromkeys([*(text.whole for _, text in texts if _is_embedded(text)), *forms]))
    logger.info("embedding %d texts of %s", len(wanted), corpus.name)
    vectors = dict(zip(wanted, np.asarray(model.encode(wanted), dtype=np.float32), strict=True))
    with tempfile.TemporaryDirectory(prefix="galaxy-retrieval-") as folder:
        stacks = Stacks(Path(folder))
        try:
            begun = 0
            for number in moments:
                item = corpus.items[number]
                end = begun
                while end < len(texts) and _is_before(texts[end][1], item, corpus):
                    end += 1
                _index(stacks, texts[begun:end], vectors)
                begun = end
                yield _ask(stacks, corpus, likes[number], item, vectors)
        finally:
            stacks.close()


def score_all(asked: Sequence[Asked]) -> dict[str, Score]:
    """The scores of words alone, meaning alone, both with all signs, and chance."""
    orders: Mapping[str, Callable[[Asked], int]] = {
        "bm25": lambda one: one.rank(_by(one.candidates, "words")),
        "vectors": lambda one: one.rank(_by(one.candidates, "meaning")),
        "hybrid": lambda one: one.rank([i for i, _ in one.candidates.ordered(fusion.weights("related"))]),
    }
    scores = {name: score([rank(one) for one in asked]) for name, rank in orders.items()}
    chances = [chance(one.older, len(one.relevant)) for one in asked]
    mrr, hit = (float(np.mean([pair[n] for pair in chances])) for n in (0, 1))
    return {**scores, "random": Score(mrr, hit)}


def score(ranks: Sequence[int]) -> Score:
    """The score of ranks, each 1 or more."""
    return Score(float(np.mean([1 / rank for rank in ranks])), float(np.mean([rank <= TOP for rank in ranks])))


def chance(items: int, relevant: int) -> tuple[float, float]:
    """What a random order of items scores in the mean: one over the rank of the first relevant one, and its hits."""
    left, reciprocal = 1.0, 0.0
    for rank in range(1, items - relevant + 2):
        here = relevant / (items - rank + 1)
        reciprocal += left * here / rank
        left *= 1 - here
    return reciprocal, 1 - comb(items - relevant, min(TOP, items)) / comb(items, min(TOP, items))


def _like(item: WorkItem) -> Like:
    return Like(item.evidence_id, str(item.kind), item.title, item.body, item.created_at)


def _is_embedded(text: Text) -> bool:
    """Whether the vector of a text matters here: those of comments bring no sign, and are half of all."""
    return text.has_meaning and text.kind != "comment"


def _texts_before(corpus: Corpus, last: WorkItem) -> Iterator[tuple[str, Text]]:
    """Everything that was said before an item was opened, each text with the key of its group."""
    comments: list[Comment] = [comment for thread in corpus.comments.values() for comment in thread]
    for group in of_items(corpus.items.values(), comments):
        said = (text for text in group.texts() if text.said_at <= last.created_at)
        yield from ((group.key, text) for text in said if group.key != last.evidence_id)


def _is_before(text: Text, item: WorkItem, corpus: Corpus) -> bool:
    """Whether a text had been said when an item was opened; of two items opened in one second, the lower number."""
    if text.said_at != item.created_at:
        return text.said_at < item.created_at
    number = int(text.item.rpartition("#")[2])
    return text.kind != "comment" and number < item.number and number in corpus.items


def _index(stacks: Stacks, some: Sequence[tuple[str, Text]], vectors: Mapping[str, Array]) -> None:
    if not some:
        return
    rows = stacks.put(some)
    embedded = [text for _, text in some if text.whole in vectors and _is_embedded(text)]
    stacks.put_vectors([rows[text.id] for text in embedded], [vectors[text.whole] for text in embedded])


def _ask(stacks: Stacks, corpus: Corpus, like: Like, item: WorkItem, vectors: Mapping[str, Array]) -> Asked:
    forms = np.stack([vectors[form] for form in like.forms()])
    return Asked(
        corpus=corpus.name,
        number=item.number,
        candidates=candidates(stacks, like, forms, Wanted()),
        relevant=frozenset(corpus.items[one].evidence_id for one in corpus.relevant[item.number]),
        older=len(corpus.older(item.number)),
    )


def _by(found: Candidates, sign: str) -> list[str]:
    if not found.items:
        return []
    return [found.items[n] for n in fusion.best_first(found.signs[sign], found.items)]


def _table(corpora: Sequence[Corpus], scores: Mapping[str, Score]) -> str:
    """The scores for a reader."""
    lines = []
    for corpus in corpora:
        left = f", {corpus.left_out} pairs left out: an item is missing or not older" if corpus.left_out else ""
        lines.append(
            f"{corpus.name}: {len(corpus.relevant)} queries with {corpus.pairs} older items to find among "
            f"{len(corpus.items)}{left}."
        )
    lines += ["", f"{'':8}   MRR  hit@10"]
    lines += [f"{name:8} {scores[name].mrr:5.3f}   {scores[name].hit_at_10:5.3f}" for name in METHODS]
    return "\n".join(lines)
