"""How comments sound, for the evaluation: the shipped sentiment model, and vectors of what was said lately.

The index holds stretches of threads, and mood wants single comments sentence by sentence, so the comments and reviews of
running sprints are embedded here, after the index and on its thread. Vectors stay in memory only: some hundred
comments of the last four weeks take seconds, and what was embedded once is not embedded again while its text stays.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache

from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.work import Comment, Review, State
from galaxy_desktop.features.index import WorkspaceIndex, index_of
from galaxy_desktop.features.sentiment import RECENT_DAYS, spoken_on
from galaxy_desktop.features.sentiment_model import SentimentModel, mean_vectors, of_document
from galaxy_desktop.paths import resources_folder
from galaxy_desktop.retrieve.embed import Embedder

logger = logging.getLogger(__name__)

MODEL_FILE = "sentiment_model.json"
MOST_EMBEDDED = 1_000
"""Comments and reviews at most, the newest: a minute of work on two cores, and more than people read in four weeks."""
BATCH = 32

Vector = tuple[float, ...]


@cache
def sentiment_model() -> SentimentModel | None:
    """The model that ships with the program; `None` with a line in the log where its file cannot be read."""
    path = resources_folder() / MODEL_FILE
    try:
        return of_document(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        logger.warning("The sentiment model cannot be read, comments are judged by the word list alone: %s", error)
        return None


class Tones:
    """Vectors of comments and reviews by evidence id, kept as long as somebody asks for their text."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vector] = {}

    def vectors(
        self, snapshot: Snapshot, sprints: Sequence[Sprint], now: datetime, stop: StopFlag
    ) -> dict[str, Vector]:
        """The mean sentence vectors of what people said on items of running sprints in 28 days.

        Asked to stop it returns what it has; raises `ModelError` when the embedding model cannot be used.
        """
        said = sorted(_said(index_of(snapshot), sprints, now), key=_said_at, reverse=True)[:MOST_EMBEDDED]
        wanted = list(dict.fromkeys(one.body for one in said))
        self._known = {body: self._known[body] for body in wanted if body in self._known}
        new = [body for body in wanted if body not in self._known]
        for begin in range(0, len(new), BATCH):
            if stop.is_set():
                break
            bodies = new[begin : begin + BATCH]
            for body, vector in zip(bodies, mean_vectors(bodies, self._embedder.encode), strict=True):
                self._known[body] = tuple(map(float, vector))
        return {one.evidence_id: self._known[one.body] for one in said if one.body in self._known}

    def forget(self) -> None:
        """Drop every text that was embedded; the next call embeds what is still asked for."""
        self._known = {}


def _said(index: WorkspaceIndex, sprints: Sequence[Sprint], now: datetime) -> Iterator[Comment | Review]:
    items = {item for sprint in sprints if sprint.state is State.OPEN for item in sprint.items}
    oldest = now - timedelta(days=2 * RECENT_DAYS)
    for one in sorted(items & index.items_by_id.keys()):
        yield from spoken_on(index.items_by_id[one], index, oldest, now)


def _said_at(one: Comment | Review) -> tuple[datetime, str]:
    return (one.created_at if isinstance(one, Comment) else one.submitted_at), one.evidence_id
