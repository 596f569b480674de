"""One exchange with a provider, on a thread of its own, that can be ended at any stage.

The one who asks waits for news of the thread and looks every twentieth of a second whether somebody wants it to stop, or
whether the server has been silent for too long. Ending hangs up: a thread that waits for the first byte, or in the
middle of an answer, comes back at once. One that is still looking up a name or connecting cannot be woken; nothing was
sent on it, nothing will be, and it ends by itself.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import BrokenAnswerError, CancelledByUserError, GalaxyError
from galaxy_desktop.reason.wire import Wire, WireAnswer, WireRequest

LOOK_S = 0.05
PIECE = 16_384
MOST_BYTES = 16_000_000
JOIN_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a provider may take, in seconds: until it begins to answer, between two pieces, and in all."""

    first: float = 90.0
    silent: float = 45.0
    whole: float = 170.0


class TooSilentError(BrokenAnswerError):
    """A server took too long."""


class TooLongAnswerError(BrokenAnswerError):
    """An answer was longer than any that is wanted."""


@dataclass(frozen=True, slots=True)
class _News:
    """What the thread has to tell: the head of the answer, a piece of it (b"" at the end), or what went wrong."""

    head: WireAnswer | None = None
    piece: bytes | None = None
    error: BaseException | None = None


class Conversation:
    """One request and its answer; for the thread that made it, except `hang_up`."""

    def __init__(self, wire: Wire, stop: StopFlag, patience: Patience, clock: Callable[[], float]) -> None:
        self._wire = wire
        self._stop = stop
        self._patience = patience
        self._clock = clock
        self._begun = clock()
        self._news: queue.SimpleQueue[_News] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._over = threading.Event()

    def ask(self, request: WireRequest) -> WireAnswer:
        """Send, and wait for the head of the answer.

        Raises:
            CancelledByUserError: `stop` was set.
            GalaxyError: no answer came, in a sentence.
        """
        self._thread = threading.Thread(target=self._talk, args=(request,), name="provider", daemon=True)
        self._thread.start()
        news = self._wait(self._patience.first)
        if news.head is None:
            raise BrokenAnswerError("It ended the connection without an answer.")
        return news.head

    def pieces(self) -> Iterator[bytes]:
        """The body, piece by piece; raises like `ask`."""
        total = 0
        while piece := self._wait(self._patience.silent).piece:
            total += len(piece)
            if total > MOST_BYTES:
                raise TooLongAnswerError("It sent an answer without end.")
            yield piece

    def body(self) -> str:
        """The whole body as text; raises like `ask`."""
        return b"".join(self.pieces()).decode("utf-8", "replace")

    def hang_up(self) -> None:
        """End it at whatever stage it is."""
        self._over.set()
        self._wire.hang_up()

    def close(self) -> None:
        """Hang up and wait a moment for the thread."""
        self.hang_up()
        if self._thread is not None:
            self._thread.join(JOIN_S)

    def _wait(self, patience_s: float) -> _News:
        until = min(self._clock() + patience_s, self._begun + self._patience.whole)
        while True:
            if self._over.is_set() or self._stop.is_set():
                raise CancelledByUserError
            try:
                news = self._news.get(timeout=LOOK_S)
                break
            except queue.Empty:
                if self._clock() >= until:
                    raise TooSilentError("It took too long to answer.") from None
        if news.error is not None:
            if self._over.is_set() or self._stop.is_set():
                raise CancelledByUserError from news.error
            raise news.error
        return news

    def _talk(self, request: WireRequest) -> None:
        """The thread: everything that may block."""
        try:
            answer = self._wire.ask(request)
            self._news.put(_News(head=answer))
            while piece := answer.read(PIECE):
                self._news.put(_News(piece=piece))
                if self._over.is_set():
                    break
            self._news.put(_News(piece=b""))
        except GalaxyError as error:
            self._news.put(_News(error=error))
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to the one who asked
            self._news.put(_News(error=error))
        finally:
            self._wire.hang_up()
