"""A model without weights: it writes numbers, remembers what it read, and calls the test before every step."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from galaxy_desktop.reason.cells import Cells
from galaxy_desktop.reason.engine import Prompt
from galaxy_desktop.reason.native import AbortFlag, InterruptedByAbortError, Reading
from galaxy_desktop.reason.seat import ALONE, Options, SeatHooks
from galaxy_desktop.reason.tuning import Plan, first_plan
from galaxy_desktop.reason.writing import Desk
from tests.reason.gguf_files import whole

WORDS = 300


def small_gguf(path: Path, **keys: object) -> Path:
    """A file whose header passes every look at it."""
    path.write_bytes(whole(llama__attention__layer_norm_rms_epsilon=1e-5, **keys))
    return path


@dataclass
class FakeModel:
    """Reads letters as tokens and writes "0 1 2 ..." behind them, `numbers` of them."""

    abort: AbortFlag = field(default_factory=AbortFlag)
    numbers: int = 5
    context_tokens: int = 2000
    shares: bool = True
    words: int = WORDS
    vocabulary: int = 0
    before: Callable[[FakeModel], None] = lambda _: None
    read: list[int] = field(default_factory=list)
    closed: bool = False
    threads: tuple[int, int] = (1, 1)
    _texts: dict[int, list[int]] = field(default_factory=dict)
    _last: list[int] = field(default_factory=list)

    def reading(self, prompt: Prompt) -> Reading:
        tokens = tuple(ord(letter) % 100 + 100 for letter in prompt.system + prompt.user)
        ends = {len(prompt.system), len(prompt.system) + prompt.stable}
        return Reading(tokens, tuple(sorted(end for end in ends if 0 < end < len(tokens))))

    def tokens(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]

    def decode(self, tokens: Sequence[int], sequence: int, position: int, *, last: bool = True) -> None:
        assert self.length(sequence) == position
        self.before(self)
        if self.abort.is_set():
            raise InterruptedByAbortError
        self._texts.setdefault(sequence, []).extend(tokens)
        self.read.extend(tokens)
        self._last = self._texts[sequence]

    def logits(self) -> object:
        written = next((n for n, token in enumerate(reversed(self._last)) if token >= 100), 0)
        likely = (ctypes.c_float * WORDS)()
        likely[written if written < self.numbers else 99] = 1.0
        return ctypes.cast(likely, ctypes.POINTER(ctypes.c_float))

    def ends(self, token: int) -> bool:
        return token == 99

    def piece(self, token: int) -> bytes:
        return f"{token} ".encode()

    def length(self, sequence: int) -> int:
        return len(self._texts.get(sequence, []))

    def cut(self, sequence: int, start: int) -> bool:
        del self._texts.setdefault(sequence, [])[start:]
        return True

    def share(self, source: int, target: int, start: int, end: int) -> None:
        del self._texts.setdefault(target, [])[start:]
        self._texts[target].extend(self._texts[source][start:end])

    def set_threads(self, writing: int, reading: int) -> None:
        self.threads = (writing, reading)

    def close(self) -> None:
        self.closed = True


class FakeSeat:
    """What `Seat` is for the engine, around a `FakeModel`."""

    def __init__(self, model: FakeModel) -> None:
        self.weights = model
        self.identity, self.measured, self.gpu_layers, self.should_move = "fake", True, 0, False
        self.found = ALONE
        self.plan: Plan = first_plan(2)
        self.saved: list[int] = []
        self.unsaved = False
        self.forgotten = 0
        self.tried = 0
        self.trying: Callable[[], None] = lambda: None
        self.saving: Callable[[], None] = lambda: None
        self.cells = Cells(model, model.context_tokens)
        self.desk = Desk(model, self.cells, None, 4)  # type: ignore[arg-type]

    def settle_in(self) -> None:
        """Threads are of no interest here."""

    def note(self, **step: float) -> None:
        """Neither is how long a step took."""

    def save(self, go_on: Callable[[], bool]) -> None:
        while self.unsaved and go_on():
            self.saving()

    def measure(self) -> None:
        self.tried += 1
        self.trying()
        self.measured = True

    def forget(self) -> None:
        self.forgotten += 1
        self.cells.forget()

    def close(self) -> None:
        self.weights.close()


class Taking:
    """Stands in for `take_seat`: makes seats around one kind of model and remembers them."""

    def __init__(self, **model: object) -> None:
        self.seats: list[FakeSeat] = []
        self.options: list[Options] = []
        self._model = model
        self.loading: Callable[[AbortFlag], None] = lambda _: None

    def __call__(self, path: Path, identity: str, options: Options, abort: AbortFlag, hooks: SeatHooks) -> FakeSeat:
        self.loading(abort)
        self.options.append(options)
        self.seats.append(FakeSeat(FakeModel(abort=abort, **self._model)))  # type: ignore[arg-type]
        return self.seats[-1]

    @property
    def model(self) -> FakeModel:
        return self.seats[-1].weights
