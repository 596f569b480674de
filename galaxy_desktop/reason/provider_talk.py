"""Talking to one provider, whatever is asked of it.

One exchange at a time where that is needed, an end at any stage, and every failure as a sentence that names the provider
and not its key.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from galaxy_desktop.domain.inference import Stage, StageKind
from galaxy_desktop.domain.providers import Provider
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import BrokenAnswerError, CancelledByUserError, GalaxyError, ModelError, NetworkOffError
from galaxy_desktop.reason.conversation import LOOK_S, Conversation, Patience
from galaxy_desktop.reason.dialects import dialect_of
from galaxy_desktop.reason.engine import OnStage
from galaxy_desktop.reason.provider_trouble import ProviderError, is_page, named, not_there, refusal, shown
from galaxy_desktop.reason.wire import Connect, WireAnswer

logger = logging.getLogger(__name__)

NEVER = threading.Event()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What one request cost; `estimated` where the provider did not tell."""

    tokens_in: int
    tokens_out: int
    estimated: bool = False


class ProviderTalk:
    """Asks one provider; safe to call from any thread, and several at once."""

    def __init__(
        self,
        provider: Provider,
        key: str,
        connect: Connect,
        *,
        spent: Callable[[Spent], None] = lambda _: None,
        patience: Patience | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        turn: threading.Lock | None = None,
    ) -> None:
        """Connects to nothing yet; `spent` hears of every request that was answered, on the thread that asked.

        With a `turn` one thing is asked for at a time: servers of one person drop an answer when the next is asked for.
        """
        self._provider = provider
        self._key = key
        self._connect = connect
        self._spent = spent
        self._patience = patience or Patience()
        self._clock = clock
        self._now = now
        self._dialect = dialect_of(provider.kind, provider.address, provider.model, key)
        self._turn = turn
        self._lock = threading.Lock()
        self._open: set[Conversation] = set()
        self._closed = False

    @property
    def provider(self) -> Provider:
        """Whom it asks."""
        return self._provider

    def models(self, stop: StopFlag = NEVER) -> tuple[str, ...]:
        """The models that the provider lists, () where it lists none; raises `ProviderError` when it cannot be asked."""
        with self._in_words(), self._conversation(stop) as conversation:
            answer = conversation.ask(self._dialect.models())
            return _listed(conversation.body()) if answer.status == 200 else ()

    def close(self) -> None:
        """Hang up on everything that runs, and answer nothing any more."""
        with self._lock:
            self._closed = True
            running = list(self._open)
        for one in running:
            one.hang_up()

    # --- for those who ask for something

    def _refused(self, answer: WireAnswer, body: str, stop: StopFlag) -> ProviderError:
        if answer.status == 404 and not is_page(answer.headers.get("content-type", ""), body):
            return not_there(self._provider, self._models_or_none(stop))
        return refusal(self._provider, answer.status, answer.headers, body, self._now(), key=self._key)

    def _models_or_none(self, stop: StopFlag) -> tuple[str, ...]:
        try:
            return self.models(stop)
        except ModelError as error:
            logger.info("No list of models: %s", error)
            return ()

    @contextmanager
    def _taken_turn(self, stop: StopFlag, tell: OnStage, within_s: float | None = None) -> Iterator[None]:
        """Wait until nobody else asks this server.

        Raises:
            CancelledByUserError: `stop` was set meanwhile.
            ProviderError: it took longer than `within_s` seconds.
        """
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(blocking=False):
            tell(Stage(StageKind.QUEUED))
            until = None if within_s is None else self._clock() + within_s
            while not self._turn.acquire(timeout=LOOK_S):
                if stop.is_set() or self._closed:
                    raise CancelledByUserError
                if until is not None and self._clock() >= until:
                    raise ProviderError(f"{named(self._provider)} is busy with something else just now.", 0.0)
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _conversation(self, stop: StopFlag, patience: Patience | None = None) -> Iterator[Conversation]:
        """One exchange that ends when it is left, and that `close` can end."""
        conversation = Conversation(self._connect(), stop, patience or self._patience, self._clock)
        with self._lock:
            if self._closed:
                raise ProviderError("The model was shut down.", 0.0)
            self._open.add(conversation)
        try:
            yield conversation
        finally:
            conversation.close()
            with self._lock:
                self._open.discard(conversation)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Turn everything foreseen into an error of this provider, in a sentence that names it and not its key."""
        try:
            yield
        except (CancelledByUserError, ProviderError):
            raise
        except (BrokenAnswerError, ModelError) as error:
            said = shown(str(error), self._key)
            raise ProviderError(said if self._provider.host in said else f"{named(self._provider)}: {said}") from error
        except NetworkOffError as error:
            raise ProviderError(str(error), 0.0) from error
        except GalaxyError as error:
            raise ProviderError(shown(str(error), self._key)) from error


def _listed(body: str) -> tuple[str, ...]:
    """The names in a list of models, as both kinds of provider answer it."""
    try:
        row: Any = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    rows = row.get("data") if isinstance(row, dict) else None
    names = [one.get("id") for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    return tuple(shown(name) for name in names if isinstance(name, str) and name)
