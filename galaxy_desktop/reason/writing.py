"""One text under way: a prompt that is read and an answer that is written, in steps between which it can wait.

Between two steps somebody else may have the model. What was read and written stays in the cache of keys and values; if
it had to make room there, or if the weights were freed meanwhile, it is read again, and not a letter of the answer is
lost: its tokens are remembered here.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from galaxy_desktop.domain.inference import StopReason
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.cells import Cells, Held
from galaxy_desktop.reason.engine import Prompt, Schema
from galaxy_desktop.reason.native import Reading, Weights
from galaxy_desktop.reason.sampling import Chooser
from galaxy_desktop.reason.sessions import Sessions


@dataclass(slots=True, eq=False)
class Desk:
    """What one text needs to be worked on: the weights, their cache, what is kept on disk, and the size of a step."""

    weights: Weights
    cells: Cells
    sessions: Sessions | None
    at_once: int


class Writing:
    """One text; `advance` does the work, and whoever interrupts it may call it again later, on another desk too."""

    def __init__(self, prompt: Prompt, schema: Schema | None, max_tokens: int) -> None:
        self.prompt = prompt
        self._schema = schema
        self.max_tokens = max_tokens
        self._desk: Desk | None = None
        self._reading: Reading | None = None
        self._held: Held | None = None
        self._chooser: Chooser | None = None
        self._written: list[int] = []
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._ready = False
        self._heard = 0
        self.text = ""
        self.stop_reason: StopReason | None = None
        self.tokens_read = 0
        """Tokens of the prompt that were evaluated; those that are read a second time count again."""

    @property
    def tokens_in(self) -> int:
        """Tokens of the prompt."""
        return len(self._reading.tokens) if self._reading else 0

    @property
    def tokens_out(self) -> int:
        """Tokens written."""
        return len(self._written)

    def unheard(self) -> str:
        """What was written since this was last asked."""
        fresh = self.text[self._heard :]
        self._heard = len(self.text)
        return fresh

    def advance(self, desk: Desk, on_read: Callable[[float], None]) -> Iterator[None]:
        """Go on where it was left; yields after every step and ends when the text is finished.

        `on_read` hears which share of the prompt is evaluated.

        Raises:
            InterruptedByAbortError: in the middle of a step; the text can go on later.
            ModelError: the prompt is too long, or llama.cpp failed.
        """
        self._sit_down(desk)
        held, reading = self._get_held(desk)
        todo = [*reading.tokens, *self._written][len(held.tokens) :]
        counted = max(0, len(reading.tokens) - len(held.tokens))
        read = 0
        for done in desk.cells.extend(held, todo, desk.at_once):
            self.tokens_read += min(done, counted) - min(read, counted)
            read = done
            on_read(min(1.0, len(held.tokens) / len(reading.tokens)))
            yield
        self._ready = self._ready or bool(todo)
        while self.stop_reason is None:
            self._write_one(desk, held)
            yield

    def leave(self) -> None:
        """Somebody else has the model now: the logits of the last step are theirs."""
        self._ready = False

    def stand_up(self) -> None:
        """The weights are about to be freed: let go of everything that belongs to them."""
        self.leave()
        if self._chooser is not None:
            self._chooser.close()
        self._desk = self._held = self._chooser = None

    def finish(self) -> None:
        """The text is over, finished or not: free what llama.cpp holds, leave the prompt in the cache for others."""
        if self._desk is not None and self._held is not None:
            self._desk.cells.settle(self._held, self.tokens_in)
        self.stand_up()

    def _sit_down(self, desk: Desk) -> None:
        """Take a place at a desk, unless it is the one where we sit."""
        if self._desk is desk:
            return
        self._desk, self._held = desk, None
        self._reading = desk.weights.reading(self.prompt)
        room = desk.weights.context_tokens - self.max_tokens
        if len(self._reading.tokens) > room:
            raise ModelError(
                f"The text for the model is too long: {len(self._reading.tokens)} tokens, and it can read {room} of them."
            )
        self._chooser = Chooser(desk.weights, self._schema)
        self._chooser.accept(self._written)

    def _get_held(self, desk: Desk) -> tuple[Held, Reading]:
        """Our place in the cache: a new one at the beginning or when we had to make room."""
        reading = self._reading
        if reading is None:
            raise ModelError("The model lost its place in a text. Try again.")
        if self._held is None or self._held.lost:
            whole = Reading((*reading.tokens, *self._written), reading.boundaries)
            self._held = desk.cells.claim(whole, self.max_tokens - len(self._written))
            if desk.sessions is not None and desk.weights.shares:
                desk.sessions.fill(desk.weights, desk.cells, self._held, whole.tokens)
            self._ready = False
        elif not self._ready and len(self._held.tokens) == len(reading.tokens) + len(self._written):
            desk.cells.cut(self._held, len(self._held.tokens) - 1)
        return self._held, reading

    def _write_one(self, desk: Desk, held: Held) -> None:
        """Choose the next token and let the model read it."""
        if self._chooser is None or len(self._written) >= self.max_tokens:
            self.stop_reason = StopReason.LIMIT
            return
        token = self._chooser.choose()
        if desk.weights.ends(token):
            self.stop_reason = StopReason.ENDED
            return
        self._written.append(token)
        self.text += self._decoder.decode(desk.weights.piece(token))
        if len(self._written) >= self.max_tokens:
            self.stop_reason = StopReason.LIMIT
            return
        self._ready = False
        for _ in desk.cells.extend(held, [token]):
            self._ready = True
