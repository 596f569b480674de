"""Equal questions on equal data are answered once: the answer is kept, and it says how old it is.

An answer depends on the question, the facts, the model and the prompts, and on the day, because "tomorrow" and "in 7
days" do. All of them are in its key, so there is nothing to invalidate: when one of them changes, the key does. Rows
are few and local, and forgetting a repository drops them all.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.recorded import KeptAnswer, age_in_words
from galaxy_desktop.reason.wording import plain
from galaxy_desktop.store.database import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What an answer is made from: a digest of its facts, the model by its content ("" for none), prompt files with versions."""

    facts: str
    model: str = ""
    prompts: str = ""


class AnswerCache:
    """Answers kept in a profile's store; blocking, so for a worker thread."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        """`now` gives aware moments in the user's zone."""
        self._store = store
        self._now = now

    def now(self) -> datetime:
        """The moment, in the user's zone."""
        return self._now()

    def find(self, question: str, basis: Basis) -> KeptAnswer | None:
        """The answer that was given to this question on the same basis today, or `None`."""
        return self._store.kept_answer(self._key(question, basis))

    def keep(self, question: str, basis: Basis, body: str) -> KeptAnswer:
        """Keep an answer as text (JSON, mostly) and give it back as `find` will; one that is too large is not kept."""
        kept = KeptAnswer(
            key=self._key(question, basis),
            question=normalized(question),
            facts=basis.facts,
            model=basis.model,
            prompts=basis.prompts,
            at=self._now(),
            body=body,
        )
        self._store.keep_answer(kept).result()
        return kept

    def age(self, answer: KeptAnswer) -> str:
        """How long ago it was made, in words."""
        return age_in_words(answer.at, self._now())

    def _key(self, question: str, basis: Basis) -> str:
        parts = [normalized(question), basis.facts, basis.model, basis.prompts, self._now().date().isoformat()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def normalized(question: str) -> str:
    """A question without what makes no difference: case, spacing, disguised signs, marks at its end."""
    return plain(question).casefold().rstrip(" ?!.…")


def facts_digest(facts: Iterable[str]) -> str:
    """A digest of facts in their order, to be part of a `Basis`."""
    return hashlib.sha256(json.dumps(list(facts), ensure_ascii=False).encode()).hexdigest()
