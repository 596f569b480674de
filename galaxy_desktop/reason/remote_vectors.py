"""Vectors of texts from a provider: `POST /v1/embeddings`, as OpenAI began it and Ollama, llama-server and others speak it.

Nothing that comes back is believed before it was looked at: as many vectors as texts, each of the width of the first one
ever, each number a number. They are brought to length 1, whatever the server did. A batch that a server takes for too
large is halved, and so is the size of those that follow; a single text that is too long for it is cut, as every search
model does with long ones. A fault of the server, or a connection that breaks, is tried again at once and then told.

A server without pooling sends one vector a token: their mean is the text's. Such a server is asked for one text at a time,
because llama-cpp-python mixes the tokens of several texts up.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from galaxy_desktop.domain.providers import ProviderKind, TrialReport
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import BrokenAnswerError, ModelError
from galaxy_desktop.reason.conversation import Patience, TooLongAnswerError, TooSilentError
from galaxy_desktop.reason.dialects import OpenAiDialect
from galaxy_desktop.reason.provider_talk import NEVER, ProviderTalk, Spent
from galaxy_desktop.reason.provider_trouble import ProviderError, is_page, named, refusal, words_of
from galaxy_desktop.reason.remote import estimated_tokens

logger = logging.getLogger(__name__)

MOST_TEXTS = 32
"""In one request; some servers take no more."""
MOST_LETTERS = 24_000
SHORTEST = 120
"""A text of so many characters is not cut any more."""
TRIES = 3
WIDEST = 65_536
PATIENCE = Patience(first=60.0, silent=30.0, whole=120.0)
SOON = Patience(first=4.0, silent=3.0, whole=6.0)
"""For a question: somebody waits, and the usual search model can answer instead."""
BLANK = "."
"""Stands for a text without a letter, which some servers refuse."""
PERMANENT_S = 600.0
_TOO_MUCH = re.compile(
    r"context.?(length|window|size)|too (long|large|many)|exceed|batch|maximum|physical|n_ubatch", re.IGNORECASE
)


class WrongVectorsError(ProviderError):
    """What a provider sent as vectors are none, or are not those of the model that made the others."""


class RemoteVectors(ProviderTalk):
    """Asks one provider for vectors; safe to call from any thread."""

    width = 0
    """How many numbers a vector has, 0 before the first answer; set by whoever has vectors of this model already."""
    _most = MOST_TEXTS

    @property
    def most(self) -> int:
        """How many texts are sent at once, as far as the server took them."""
        return self._most

    def encode(self, texts: Sequence[str], stop: StopFlag = NEVER, *, soon: bool = False) -> list[list[float]]:
        """One vector of length 1 a text, in the same order; `soon` gives up early, for a question.

        Raises:
            CancelledByUserError: `stop` was set.
            WrongVectorsError: what came are no vectors, or other ones than before.
            ProviderError: the provider cannot be asked, or refused.
        """
        found: list[list[float]] = []
        with self._in_words():
            while len(found) < len(texts):
                found += self._piece(_first_of(texts[len(found) :], self._most), stop, soon=soon)
        return found

    def try_out(self, stop: StopFlag = NEVER) -> TrialReport:
        """Ask for the vector of one fixed word; what came of it in a sentence."""
        began = self._clock()
        try:
            (vector,) = self.encode(["ready"], stop)
        except ModelError as error:
            return TrialReport(False, str(error))
        took = self._clock() - began
        return TrialReport(
            True,
            f"{named(self._provider)} turns texts into vectors of {len(vector)} numbers with {self._provider.model}, in "
            f"{took:.1f} s. Use it for search on the Models page; it words nothing.",
        )

    # --- one request

    def _piece(self, texts: Sequence[str], stop: StopFlag, *, soon: bool) -> list[list[float]]:
        """The vectors of texts that fit into one request, or into several smaller ones where the server says so."""
        tries = 1 if soon else TRIES
        while True:
            try:
                return self._asked(texts, stop, soon=soon)
            except _TooMuchError as error:
                if len(texts) > 1:
                    half = len(texts) // 2
                    self._most = min(self._most, len(texts) - half)
                    first = self._piece(texts[:half], stop, soon=soon)
                    return first + self._piece(texts[half:], stop, soon=soon)
                if len(texts[0]) <= SHORTEST:
                    raise error.refusal from error
                texts = [texts[0][: max(SHORTEST, len(texts[0]) // 2)]]
            except _TokensError:
                self._most = 1
                return [vector for text in texts for vector in self._piece([text], stop, soon=soon)]
            except _FaultError as error:
                tries -= 1
                if not tries:
                    raise error.refusal from error
                logger.info("asked again: %s", error.refusal)
            except (TooSilentError, WrongVectorsError):
                raise
            except BrokenAnswerError as error:
                tries -= 1
                if not tries:
                    raise
                logger.info("asked again: %s", error)

    def _asked(self, texts: Sequence[str], stop: StopFlag, *, soon: bool) -> list[list[float]]:
        patience = SOON if soon else self._patience
        with (
            self._taken_turn(stop, lambda _: None, patience.first if soon else None),
            self._conversation(stop, patience) as conversation,
        ):
            answer = conversation.ask(self._request(texts))
            try:
                body = conversation.body()
            except TooLongAnswerError as error:
                self._spend(texts, {})
                raise _TooMuchError(self._wrong("sent an answer without end.", 60.0)) from error
        if answer.status == 200 and not is_page(answer.headers.get("content-type", ""), body):
            row = _read(body)
            self._spend(texts, row)
            return self._checked(row, len(texts))
        raise self._told(answer.status, answer.headers, body, stop)

    def _request(self, texts: Sequence[str]) -> Any:
        if not isinstance(self._dialect, OpenAiDialect):
            kind = ProviderKind.ANTHROPIC
            raise ProviderError(
                f"{named(self._provider)} ({kind}) offers no vectors. Choose another provider.", PERMANENT_S
            )
        return self._dialect.vectors([text if text.strip() else BLANK for text in texts])

    def _told(self, status: int, headers: Mapping[str, str], body: str, stop: StopFlag) -> ModelError:
        """What a refusal means: less at once, the same again, or the end."""
        said = words_of(body, self._key)
        page = is_page(headers.get("content-type", ""), body)
        error = refusal(self._provider, status, headers, body, self._now(), key=self._key)
        if not page and (status == 413 or (status in (400, 422, 500) and _TOO_MUCH.search(said))):
            return _TooMuchError(error)
        if status == 404 and not page:
            return self._nothing_there(stop)
        if status == 501:
            return ProviderError(f"{named(self._provider)} offers no vectors. It says: “{said}”", PERMANENT_S)
        if status >= 500 and "retry-after" not in headers and "loading" not in said.lower():
            return _FaultError(error)
        return error

    def _nothing_there(self, stop: StopFlag) -> ProviderError:
        who, model, models = named(self._provider), self._provider.model, self._models_or_none(stop)
        if models and not any(one.partition(":")[0] == model.partition(":")[0] for one in models):
            listed = ", ".join(models[:8])
            return ProviderError(f"{who} has no model {model}. It has: {listed}.", PERMANENT_S)
        return ProviderError(
            f"{who} offers no vectors of {model} at this address. Check the address, and name a model for embeddings, such as "
            "nomic-embed-text.",
            PERMANENT_S,
        )

    def _spend(self, texts: Sequence[str], row: Mapping[str, Any]) -> None:
        usage = row.get("usage")
        known = usage.get("prompt_tokens", usage.get("total_tokens")) if isinstance(usage, dict) else None
        told = isinstance(known, int) and not isinstance(known, bool) and known > 0
        tokens = known if told and isinstance(known, int) else sum(map(estimated_tokens, texts))
        self._spent(Spent(tokens_in=tokens, tokens_out=0, estimated=not told))

    # --- looking at what came

    def _checked(self, row: Mapping[str, Any], count: int) -> list[list[float]]:
        rows = row.get("data")
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            raise self._wrong("sent no list of vectors.")
        if len(rows) != count:
            raise self._wrong(f"sent {len(rows)} vectors for {count} texts.")
        numbers = [one.get("index") for one in rows]
        if any(number is not None for number in numbers):
            if sorted(n for n in numbers if isinstance(n, int)) != list(range(count)):
                raise self._wrong("numbered its vectors wrongly.")
            rows = sorted(rows, key=lambda one: int(one["index"]))
        if count > 1 and any(_of_tokens(one.get("embedding")) for one in rows):
            raise _TokensError("one vector a token")
        found: list[list[float]] = []
        for one in rows:
            found.append(self._vector(one.get("embedding"), self.width or (len(found[0]) if found else 0)))
        self.width = len(found[0])
        return found

    def _vector(self, told: Any, width: int) -> list[float]:
        """One vector of length 1, of the width of all others; of any where `width` is 0."""
        values = _mean(told) if _of_tokens(told) else told
        if not isinstance(values, list) or not 0 < len(values) <= WIDEST:
            raise self._wrong("sent something else than a vector.")
        if not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in values):
            raise self._wrong("sent a vector with something in it that is no number.")
        if width and len(values) != width:
            raise self._wrong(
                f"sends vectors of {len(values)} numbers now; those before had {width}, so another model must answer "
                f"as {self._provider.model}. Choose it again on the Models page to index everything with that one.",
                PERMANENT_S,
            )
        largest = max(map(abs, values))
        if not largest:
            raise self._wrong("sent a vector of zeros.")
        scaled = [one / largest for one in values]
        length = math.sqrt(math.fsum(one * one for one in scaled))
        return [one / length for one in scaled]

    def _wrong(self, what: str, rest_s: float = 60.0) -> WrongVectorsError:
        return WrongVectorsError(f"{named(self._provider)} {what}", rest_s)


class _TooMuchError(ModelError):
    """A request was too large for the server."""

    def __init__(self, refusal: ProviderError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class _TokensError(ModelError):
    """Several texts were answered with vectors of their tokens, of which nobody can say whose they are."""


class _FaultError(ModelError):
    """The server has a fault that may be gone with the next request."""

    def __init__(self, refusal: ProviderError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def _first_of(texts: Sequence[str], most: int) -> Sequence[str]:
    """As many of the first texts as fit into one request, at least one."""
    letters = 0
    for n, text in enumerate(texts[:most]):
        letters += len(text)
        if n and letters > MOST_LETTERS:
            return texts[:n]
    return texts[:most]


def _read(body: str) -> Mapping[str, Any]:
    try:
        row: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BrokenAnswerError("Its answer cannot be read.") from error
    if not isinstance(row, dict):
        raise BrokenAnswerError("Its answer cannot be read.")
    return row


def _of_tokens(told: Any) -> bool:
    return isinstance(told, list) and bool(told) and isinstance(told[0], list)


def _mean(rows: list[Any]) -> Any:
    """The mean of the vectors of tokens; what is no such list is given back to be refused."""
    if not all(isinstance(row, list) and len(row) == len(rows[0]) for row in rows):
        return None
    try:
        return [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
    except (TypeError, ValueError, OverflowError):
        return None
