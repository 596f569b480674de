"""The texts of a workspace, found by words and by meaning: what is stored in SQLite, kept in step with the index.

A look back finds what was known then. A comment that was changed afterwards is left out, since what it said is not known.
GitHub does not tell when an item's own text was changed: where the store has several versions, the one that was current
then is quoted (the oldest before any was seen), or the item left out when that one says nothing to the question; where
it has none, the text is today's, as in the rest of the time machine.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import TypeVar

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import FollowUp
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.errors import ModelError, StoreError
from galaxy_desktop.paths import DataFolder, models_folder
from galaxy_desktop.retrieve import history_texts
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.embed import Embedder, MiniLM
from galaxy_desktop.retrieve.history_texts import history_groups
from galaxy_desktop.retrieve.index import Index
from galaxy_desktop.retrieve.passages import best_passage, shares_words
from galaxy_desktop.retrieve.question import Found
from galaxy_desktop.retrieve.related import Like
from galaxy_desktop.retrieve.rerank import installed
from galaxy_desktop.retrieve.texts import Group, groups_of
from galaxy_desktop.services import interpreter
from galaxy_desktop.services.embedding_steps import Steps
from galaxy_desktop.services.second_index import SearchEmbedder, SecondIndex
from galaxy_desktop.services.tones import Tones

logger = logging.getLogger(__name__)

T = TypeVar("T")
Texts = tuple[Snapshot, Sequence[Sprint], Sequence[FollowUp]]
"""What is stored: everything collected, the sprints, and accepted actions with what came of them."""


class Library:
    """The index of one profile with its embedding model; blocking, for the index thread."""

    def __init__(
        self,
        folder: DataFolder,
        embedder: Embedder | None = None,
        provided: Callable[[str], SearchEmbedder] | None = None,
    ) -> None:
        """Opens nothing yet.

        Args:
            folder: the profile's.
            embedder: for tests; by default MiniLM from the models folder.
            provided: makes the embedder of a provider that was chosen for search, by its setting.
        """
        interpreter.keep_no_large_pieces()
        self._embedder = embedder or MiniLM(models_folder())
        self._index = Index(folder.vectors, self._embedder, installed(models_folder()))
        self.second = SecondIndex(folder.search_models, models_folder(), provided)
        self._steps = Steps(self._index)
        self.fallen_back = ""
        """Why the last search was not answered by the chosen search model, "" where it was, or none was chosen."""
        self._tones = Tones(self._embedder)
        self._stop = threading.Event()

    @property
    def embedder(self) -> Embedder:
        """The embedding model, which this library closes."""
        return self._embedder

    def update(self, snapshot: Snapshot, sprints: Sequence[Sprint], follow_ups: Sequence[FollowUp] = ()) -> int:
        """Index what changed since the last time; returns how many texts that were. Ends early after `stop`.

        `follow_ups` are accepted actions with what came of them: with bugs and deployments they are texts of their own.
        """
        changed = self._index.update(_all_groups(snapshot, sprints, follow_ups), stop=self._stop)
        self._rest()
        if changed:
            logger.info("%d texts of the index changed", changed)
        return changed

    def texts_changed(self) -> None:
        """Find out anew what has to be indexed, with the next step; callable from any thread."""
        self._steps.texts_changed()
        self.second.texts_changed()

    def step(self, texts: Callable[[], Texts]) -> bool:
        """Index for about a second, until `stop`; whether something is left.

        Raises:
            ModelError: the search model cannot be used; the words are indexed by then.
        """
        left = self._steps.step(lambda: _all_groups(*texts()), self._stop)
        if not left:
            self._rest()
            changed = self._steps.take_written()
            if changed:
                logger.info("%d texts of the index changed", changed)
        return left

    def step_second(self, setting: str, texts: Callable[[], Texts], stop: StopFlag) -> bool:
        """The same for the index of the chosen search model."""
        self.second.choose(setting)
        return self.second.step(lambda: _all_groups(*texts()), stop)

    def _ask(self, work: Callable[[Index], T]) -> T:
        """Ask the index of the chosen search model where it is whole and can be used, else the usual one."""
        self.fallen_back = ""
        second = self.second.answering()
        if second is not None:
            try:
                return work(second)
            except StoreError as error:  # another model was chosen at this moment
                logger.info("the usual index answers: %s", error)
            except ModelError as error:
                self.fallen_back = f"{error} This search was answered by words and with the usual search model."
                logger.info("%s", self.fallen_back)
        return work(self._index)

    def search(
        self,
        query: str,
        limit: int,
        *,
        repositories: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        versions: Mapping[str, Sequence[WorkItem]] | None = None,
    ) -> tuple[Evidence, ...]:
        """The texts that answer best by words and by meaning, as evidence with their best passage, best first.

        `repositories` ("owner/name") and `kinds` ("issue", "pr", "comment", "commit", "milestone", "iteration", "bug",
        "deployment", "intervention") name what counts, `since` and `until` bound when it was said. With `as_of` only what
        was known at that moment is found; `versions` are those of the store (`versions_of_changed(as_of)`), from which
        items are quoted as they were.
        """
        wanted = Wanted(
            repositories=None if repositories is None else frozenset(repositories),
            kinds=None if kinds is None else frozenset(kinds),
            since=since,
            until=until,
            as_of=as_of,
        )
        found = self._ask(lambda index: index.search(query, limit, wanted, as_of))
        if as_of is None:
            return tuple(one.evidence for one in found)
        then = (_as_it_was(one, query, as_of, versions or {}) for one in found)
        return tuple(one for one in then if one is not None)

    def find(self, query: str, limit: int, wanted: Wanted | None = None) -> tuple[Found, ...]:
        """The same with what each answer is worth, the text it is in, and the evidence that says nearly the same."""
        return self._ask(lambda index: index.search(query, limit, wanted))

    def related(self, item: WorkItem, limit: int, *, as_of: datetime | None = None) -> list[tuple[str, float]]:
        """The items most like an item, by evidence id, with what they are worth; best first.

        With `as_of`, an aware moment, only what was known then counts; by default everything that is indexed.
        """
        at = as_of or max(item.updated_at, item.created_at)
        like = Like(item.evidence_id, str(item.kind), item.title, item.body, at)
        return self._ask(lambda index: index.related(like, limit, Wanted(as_of=as_of)))

    def vectors(self, item_ids: Collection[str]) -> dict[str, tuple[float, ...]]:
        """The vectors of items by evidence id: an item's first text is stored under its own id."""
        return self._index.vectors(item_ids)

    def tones(self, snapshot: Snapshot, sprints: Sequence[Sprint], now: datetime) -> dict[str, tuple[float, ...]]:
        """Vectors of what people said on items of running sprints lately, by evidence id; ends early after `stop`."""
        found = self._tones.vectors(snapshot, sprints, now, self._stop)
        self._rest()
        return found

    def forget(self, prefixes: Sequence[str]) -> int:
        """Remove the texts whose ids begin so from the index and from the disk; returns how many that were."""
        self._tones.forget()
        self.second.forget(prefixes)
        return self._index.forget(prefixes)

    def stop(self) -> None:
        """Ask a running update to end after its batch; callable from any thread."""
        self._stop.set()

    def close(self) -> None:
        """Close the index and free the embedding model."""
        self.stop()
        self.second.close()
        self._index.close()
        self._embedder.close()

    def _rest(self) -> None:
        """Keep no weights while nobody embeds: they are 50 to 90 MB, and a search reads them again in 20 ms."""
        if self._embedder.rest():
            interpreter.give_memory_back()


def _all_groups(snapshot: Snapshot, sprints: Sequence[Sprint], follow_ups: Sequence[FollowUp]) -> Iterator[Group]:
    return chain(groups_of(snapshot, sprints), history_groups(snapshot, follow_ups))


def _as_it_was(
    found: Found, query: str, moment: datetime, versions: Mapping[str, Sequence[WorkItem]]
) -> Evidence | None:
    """The evidence of an answer from the version that was current at a moment; `None` when that one says nothing to it."""
    stored = [one for one in versions.get(found.text.item, ()) if one.observed_at <= moment]
    if not stored or found.text.kind in ("comment", *history_texts.KINDS):
        return found.evidence
    then = max(stored, key=lambda one: one.observed_at)
    said = f"{then.title}\n{then.body}"
    if " ".join(found.evidence.quote.rstrip("…").split()) in " ".join(said.split()):
        return found.evidence
    if not shares_words(said, query):
        return None
    quote, _ = best_passage(said, query)
    return replace(found.evidence, quote=quote, observed_at=then.observed_at)
