"""A language model behind an address, with the face of every engine.

The rules stay those of the model of this computer: it is asked the same prompt, what it writes is text and nothing more,
and the same checks remove what the facts do not support. Whatever goes wrong is a `ProviderError` with a sentence, so
that the next in order can be asked.

What was sent is counted also when the answer was broken off or nobody wanted it any more: providers count it too.
Where a provider does not tell its tokens, they are estimated, and marked as such.
"""

from __future__ import annotations

import json
import logging
import math
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from galaxy_desktop.domain.inference import Priority, Stage, StageKind, StopReason
from galaxy_desktop.domain.providers import Provider, TrialReport
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import BrokenAnswerError, CancelledByUserError, ModelError
from galaxy_desktop.reason.conversation import Conversation, Patience, TooSilentError
from galaxy_desktop.reason.dialects import Heard
from galaxy_desktop.reason.engine import Generation, OnStage, OnToken, Prompt, Schema
from galaxy_desktop.reason.manners import MOST_LESSONS, Manners
from galaxy_desktop.reason.provider_talk import NEVER, ProviderTalk, Spent
from galaxy_desktop.reason.provider_trouble import ProviderError, is_page, named, shown
from galaxy_desktop.reason.sse import EventReader
from galaxy_desktop.reason.wire import Connect, WireAnswer, WireRequest

logger = logging.getLogger(__name__)

BYTES_A_TOKEN = 3.5
MORE_LETTERS = 400
LETTERS_A_TOKEN = 12
"""An answer with more letters than its limit of tokens can hold is cut: the server does not keep to the limit."""
TRY_PROMPT = Prompt("You answer with one word.", "Answer with the word: ready")
TRY_TOKENS = 16
_FENCE = re.compile(r"^\s*```[a-z]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
_THOUGHTS = re.compile(r"^\s*<think>.*?</think>\s*", re.DOTALL)


class RemoteEngine(ProviderTalk):
    """Asks one provider for text; safe to call from any thread, and several at once."""

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

        With a `turn` one text is asked for at a time: servers of one person drop an answer when the next is asked for.
        """
        super().__init__(provider, key, connect, spent=spent, patience=patience, clock=clock, now=now, turn=turn)
        self._manners = Manners()

    @property
    def name(self) -> str:
        """The provider's name and its model."""
        return f"{self._provider.name}/{self._provider.model}"

    def generate(
        self,
        prompt: Prompt,
        *,
        schema: Schema | None = None,
        max_tokens: int = 256,
        stop: StopFlag = NEVER,
        on_token: OnToken | None = None,
        on_stage: OnStage | None = None,
        priority: Priority = Priority.BACKGROUND,
    ) -> Generation:
        """Let the provider write; raises `ProviderError` when it cannot."""
        came = self._clock()
        tell = on_stage or (lambda _: None)
        hear = on_token or (lambda _: None)
        work = _Work(prompt, schema, max_tokens, stop, hear, lambda: tell(Stage(StageKind.WRITING)))
        with self._in_words(), self._taken_turn(stop, tell):
            begun = self._clock()
            tell(Stage(StageKind.READING, why=f"{named(self._provider)} is asked."))
            heard = self._written(work)
        text = _bare(heard.text) if schema is not None else heard.text
        spent = self._spent_on(prompt, heard)
        parameters = {
            "engine": str(self._provider.kind), "host": self._provider.host, "sampling": "greedy",
            "temperature": 0 if "temperature" not in self._manners.without else 1, "max_tokens": max_tokens,
            "form": self._manners.form.name.lower(), "tokens_estimated": spent.estimated,
            "prompt_version": prompt.version,
        }  # fmt: skip
        return Generation(
            text=text,
            tokens_in=spent.tokens_in,
            tokens_out=spent.tokens_out,
            seconds=self._clock() - begun,
            complete=heard.stop_reason is StopReason.ENDED,
            parameters=MappingProxyType(parameters),
            model=f"{self._provider.host}/{shown(heard.model or self._provider.model)}",
            stop_reason=heard.stop_reason or StopReason.ENDED,
            queued_s=begun - came,
        )

    def count_tokens(self, text: str) -> int:
        """How many tokens the text costs, estimated: nobody is asked for that."""
        return estimated_tokens(text)

    def try_out(self, stop: StopFlag = NEVER) -> TrialReport:
        """Ask for one word with a fixed prompt that holds nothing of the user's; what came of it in a sentence."""
        try:
            written = self.generate(TRY_PROMPT, max_tokens=TRY_TOKENS, stop=stop)
            models = self._models_or_none(stop)
        except ModelError as error:
            return TrialReport(False, str(error))
        said = shown(written.text, self._key) or "nothing"
        counted = " (estimated)" if written.parameters["tokens_estimated"] else ""
        return TrialReport(
            True,
            f"{named(self._provider)} answers with {self._provider.model}, in {written.seconds:.1f} s, "
            f"{written.tokens_in} tokens in and {written.tokens_out} out{counted}. It said: “{said}”",
            models,
        )

    # --- one text

    def _written(self, work: _Work) -> Heard:
        """The answer, after as many refusals as there are things to take back."""
        manners = self._manners
        for _ in range(MOST_LESSONS):
            request = self._dialect.ask(work.prompt, work.schema, work.max_tokens, manners)
            with self._conversation(work.stop) as conversation:
                answer = self._asked(conversation, request, work)
                if answer.status == 200:
                    self._manners = manners
                    return self._read(conversation, answer, work)
                body = conversation.body()
            learned = manners.learn(answer.status, body, with_schema=work.schema is not None)
            if learned is None:
                raise self._refused(answer, body, work.stop)
            logger.info("%s takes a request of another form: %s", self._provider.name, learned.form.name.lower())
            manners = learned
        raise ProviderError(f"{named(self._provider)} refused the request in every form.")

    def _asked(self, conversation: Conversation, request: WireRequest, work: _Work) -> WireAnswer:
        """The head of the answer; a prompt that was left unanswered may have been read all the same, so it counts."""
        try:
            return conversation.ask(request)
        except (CancelledByUserError, TooSilentError):
            self._spent(self._spent_on(work.prompt, Heard()))
            raise

    def _read(self, conversation: Conversation, answer: WireAnswer, work: _Work) -> Heard:
        """Take an answer as it comes; what came is counted whatever its end."""
        heard = Heard()
        try:
            if "text/event-stream" in answer.headers.get("content-type", ""):
                self._stream(conversation, heard, work)
            else:
                self._take_whole(conversation.body(), answer, heard, work)
        finally:
            self._spent(self._spent_on(work.prompt, heard))
        if heard.stop_reason is None and not heard.ended:
            raise BrokenAnswerError("The connection broke off in the middle of its answer.")
        return heard

    def _stream(self, conversation: Conversation, heard: Heard, work: _Work) -> None:
        events, most = EventReader(), work.max_tokens * LETTERS_A_TOKEN + MORE_LETTERS
        for piece in _with_last(conversation.pieces()):
            for event in events.feed(piece or b"", last=piece is None):
                fresh = self._dialect.hear(event, heard)
                if fresh:
                    work.hear(fresh)
            if len(heard.text) > most:
                heard.text, heard.stop_reason = heard.text[:most], StopReason.LIMIT
                return

    def _take_whole(self, body: str, answer: WireAnswer, heard: Heard, work: _Work) -> None:
        if is_page(answer.headers.get("content-type", ""), body):
            raise self._refused(answer, body, work.stop)
        try:
            row: Any = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BrokenAnswerError("Its answer cannot be read.") from error
        if not isinstance(row, dict):
            raise BrokenAnswerError("Its answer cannot be read.")
        self._dialect.read(row, heard)
        work.hear(heard.text)

    def _spent_on(self, prompt: Prompt, heard: Heard) -> Spent:
        known_in, known_out = heard.tokens_in, heard.tokens_out
        return Spent(
            tokens_in=estimated_tokens(prompt.system + prompt.user) if known_in is None else known_in,
            tokens_out=estimated_tokens(heard.text) if known_out is None else known_out,
            estimated=known_in is None or known_out is None,
        )


@dataclass(slots=True)
class _Work:
    """One text that is wanted."""

    prompt: Prompt
    schema: Schema | None
    max_tokens: int
    stop: StopFlag
    on_token: OnToken
    began: Callable[[], None]
    writing: bool = False

    def hear(self, fresh: str) -> None:
        """Pass a piece of text on; the first also tells that there is one."""
        if not self.writing:
            self.writing = True
            self.began()
        self.on_token(fresh)


def estimated_tokens(text: str) -> int:
    """About how many tokens a text is, rather too many than too few."""
    return math.ceil(len(text.encode("utf-8", "replace")) / BYTES_A_TOKEN)


def _bare(text: str) -> str:
    """An answer that should be JSON, without the thoughts and fences that some models put around it."""
    text = _THOUGHTS.sub("", text, count=1)
    fenced = _FENCE.match(text)
    return fenced[1] if fenced else text


def _with_last(pieces: Iterator[bytes]) -> Iterator[bytes | None]:
    yield from pieces
    yield None
