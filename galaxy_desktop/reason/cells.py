"""What lies in the cache of keys and values: texts that share their beginnings, and who has to make room.

A prompt that begins like another one takes over what was evaluated of it, without a copy: llama.cpp lets one cell
belong to several sequences. A text that is interrupted keeps its cells until it goes on. What is finished stays as
long as nobody needs the room; what was used longest ago goes first, and is offered to the disk before it goes.

Cells cost something even while they only lie there: with every token llama.cpp goes over all cells up to the last one
that is taken, and masks those of other texts (measured: 11 % of reading speed for the small model with a third of the
cache filled). So what is finished may fill a third of the cache, and what lies on the disk as well goes before a long
prompt is read that does not begin like it: bringing it back takes milliseconds. What is not on the disk yet stays, because
writing it would hold up whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.native import BATCH, SPARE, InterruptedByAbortError, NoRoomError, Reading

IDLE_SHARE = 0.35
LONG = 256
"""From so many tokens to be read on it is worth letting finished texts go that the disk has."""


class Cache(Protocol):
    """The part of `Weights` that is needed here."""

    @property
    def shares(self) -> bool:
        """Whether texts can share their beginning."""
        ...

    def decode(self, tokens: Sequence[int], sequence: int, position: int, *, last: bool = True) -> None:
        """Evaluate tokens as the continuation of a sequence."""
        ...

    def length(self, sequence: int) -> int:
        """How many tokens of a sequence there are."""
        ...

    def cut(self, sequence: int, start: int) -> bool:
        """Forget a sequence from a position on."""
        ...

    def share(self, source: int, target: int, start: int, end: int) -> None:
        """Let a sequence have tokens of another one."""
        ...


@dataclass(eq=False, slots=True)
class Held:
    """One text in the cache: `tokens` are those that lie there, `saved` the boundaries up to which it is on disk.

    `sequence` is -1 after it had to make room; a text that is `busy` then is read again when it goes on.
    """

    sequence: int
    tokens: list[int]
    boundaries: tuple[int, ...]
    busy: bool = True
    used: int = 0
    saved: set[int] = field(default_factory=set)
    places: list[int] = field(default_factory=list)
    """Which cell holds each token; texts that share a beginning have the same ones."""

    @property
    def lost(self) -> bool:
        """Whether it had to make room."""
        return self.sequence < 0


class Cells:
    """Decides which texts lie in the cache of one context."""

    def __init__(
        self,
        cache: Cache,
        capacity: int,
        leaving: Callable[[Held], None] = lambda _: None,
        on_disk: Callable[[Held], bool] = lambda _: False,
    ) -> None:
        """`capacity` is the number of cells; `leaving` is told of a finished text before it goes.

        `on_disk` says whether all of a finished text lies on the disk as well.
        """
        self._cache = cache
        self._capacity = capacity
        self._leaving = leaving
        self._on_disk = on_disk
        self._held: list[Held] = []
        self._tick = self._cells = 0

    @property
    def idle(self) -> tuple[Held, ...]:
        """Finished texts, used longest ago first."""
        return tuple(sorted((h for h in self._held if not h.busy), key=lambda h: h.used))

    @property
    def used(self) -> int:
        """How many cells are taken; what texts share counts once."""
        return _cells(self._held)

    def claim(self, reading: Reading, room: int) -> Held:
        """A place for a prompt and `room` tokens behind it, holding already what another text shares with it.

        The last token of the prompt is never taken over: without evaluating it there is nothing to go on from.
        """
        tokens = reading.tokens
        best = max(self._held, key=lambda h: (_shared(h.tokens, tokens), h.used), default=None)
        shared = min(_shared(best.tokens, tokens), len(tokens) - 1) if best is not None else 0
        if not self._cache.shares:
            best, shared = None, 0
            for held in tuple(self._held):
                self._lose(held)
        kept = best if best is not None and shared else None
        new = Held(self._number(kept), [], reading.boundaries)
        if kept is not None:
            self._cache.share(kept.sequence, new.sequence, 0, shared)
            new.tokens, new.places = list(tokens[:shared]), kept.places[:shared]
            new.saved = {end for end in kept.saved if end <= shared}
        if len(tokens) - shared >= LONG:
            for other in self.idle:
                if other is not kept and self._on_disk(other):
                    self._lose(other, leaving=False)
        self._held.append(new)
        self._make_room(new, len(tokens) - shared + room)
        self._touch(new)
        return new

    def extend(self, held: Held, tokens: Sequence[int], at_once: int = BATCH) -> Iterator[int]:
        """Evaluate tokens behind a text, `at_once` at a time; yields how many are done after each time.

        Raises:
            InterruptedByAbortError: in the middle; the text holds what was done.
        """
        for start in range(0, len(tokens), at_once):
            self._decode(held, tokens[start : start + at_once], last=start + at_once >= len(tokens))
            yield start + len(tokens[start : start + at_once])

    def fill(self, held: Held, tokens: Sequence[int]) -> None:
        """Note that tokens were put behind a text, into cells of their own."""
        held.tokens.extend(tokens)
        held.places.extend(range(self._cells, self._cells + len(tokens)))
        self._cells += len(tokens)

    def cut(self, held: Held, length: int) -> None:
        """Forget what lies behind the first `length` tokens of a text."""
        if length < len(held.tokens):
            kept = length if self._cache.cut(held.sequence, length) else 0
            del held.tokens[kept:]
            del held.places[kept:]

    def settle(self, held: Held, length: int) -> None:
        """A text is finished: its first `length` tokens stay for others, as far as there is room."""
        held.busy = False
        if held.lost:
            self._held = [one for one in self._held if one is not held]
            return
        self.cut(held, length)
        self._touch(held)
        self._drop_repeated(held)
        while _cells([h for h in self._held if not h.busy]) > self._capacity * IDLE_SHARE:
            self._lose(self.idle[0])

    def reserve(self, room: int) -> None:
        """Make room for short work beside the texts; those that are finished go first."""
        for held in self._oldest():
            if self.used + room <= self._capacity:
                return
            self._lose(held)

    def forget(self) -> None:
        """Forget every text; those that are busy are read again when they go on."""
        for held in tuple(self._held):
            self._lose(held, leaving=False)

    def _decode(self, held: Held, tokens: Sequence[int], *, last: bool) -> None:
        try:
            self._cache.decode(tokens, held.sequence, len(held.tokens), last=last)
        except InterruptedByAbortError:
            done = self._cache.length(held.sequence) - len(held.tokens)
            self.fill(held, tokens[: max(0, done)])
            raise
        except ModelError:
            held.tokens.clear()
            held.places.clear()
            raise
        except NoRoomError:
            others = [one for one in self._held if one is not held]
            if not others:
                raise ModelError("The text for the model is too long for its context.") from None
            for other in others:
                self._lose(other)
            self._cache.decode(tokens, held.sequence, len(held.tokens), last=last)
        self.fill(held, tokens)

    def _number(self, kept: Held | None) -> int:
        """A sequence that is free; somebody goes when there is none."""
        taken = {held.sequence for held in self._held}
        free = [number for number in range(SPARE) if number not in taken]
        if free:
            return free[0]
        goes = next(h for h in self._oldest() if h is not kept)
        number = goes.sequence
        self._lose(goes)
        return number

    def _oldest(self) -> list[Held]:
        """In the order in which they go: the finished before the interrupted, the longest unused first."""
        return sorted(self._held, key=lambda h: (h.busy, h.used))

    def _make_room(self, new: Held, more: int) -> None:
        for held in self._oldest():
            if self.used + more <= self._capacity:
                return
            if held is not new:
                self._lose(held)

    def _lose(self, held: Held, *, leaving: bool = True) -> None:
        if leaving and not held.busy:
            self._leaving(held)
        if not held.lost:
            self._cache.cut(held.sequence, 0)
        held.sequence, held.tokens, held.places = -1, [], []
        self._held = [one for one in self._held if one is not held]

    def _drop_repeated(self, held: Held) -> None:
        """Let go what is nothing but the beginning of this text."""
        for other in self.idle:
            if other is not held and held.tokens[: len(other.tokens)] == other.tokens:
                held.saved |= other.saved
                held.boundaries = tuple(sorted({*held.boundaries, *other.boundaries}))
                self._lose(other, leaving=False)

    def _touch(self, held: Held) -> None:
        self._tick += 1
        held.used = self._tick


def _cells(texts: Sequence[Held]) -> int:
    """How many cells several texts have together."""
    return len(set().union(*(held.places for held in texts)))


def _shared(old: Sequence[int], new: Sequence[int]) -> int:
    """How many tokens two texts begin with together."""
    length = 0
    for a, b in zip(old, new, strict=False):
        if a != b:
            break
        length += 1
    return length
