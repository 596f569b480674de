"""Evaluated prompts on the disk: what was read once is not read again after a restart.

A session is kept in pieces. The system part is one, the facts of a sprint another, each question a third; a piece is
named after the tokens before it and its own, so prompts that begin alike share their pieces, and a prompt that changed
in the middle still finds its unchanged beginning. A piece is found by looking through those that continue the same
tokens, not by its whole text: so facts that differ in their last line cost only that line.

A file is used only when everything fits: made by the same weights, the same llama.cpp and the same kind of cache, whole
by its SHA-256. Anything else is removed and never shown to llama.cpp, which trusts what it reads. The pieces hold what
people wrote, in another form: the folder belongs to the profile, is readable by its owner only, and is emptied when the
profile forgets.
"""

from __future__ import annotations

import array
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from galaxy_desktop.reason.cells import Cells, Held
from galaxy_desktop.reason.native import SPARE

logger = logging.getLogger(__name__)

MAGIC = b"GXS1"
SUFFIX = ".piece"
SHORTEST = 16
"""A shorter piece is read faster by the model than from a file."""
LONGEST_HEAD = 4_000_000
DIGITS = 24


class States(Protocol):
    """The part of `Weights` that is needed here."""

    def cut(self, sequence: int, start: int) -> bool:
        """Forget a sequence from a position on."""
        ...

    def share(self, source: int, target: int, start: int, end: int) -> None:
        """Let a sequence have tokens of another one."""
        ...

    def length(self, sequence: int) -> int:
        """How many tokens of a sequence there are."""
        ...

    def state(self, sequence: int) -> bytes:
        """What llama.cpp knows of a sequence."""
        ...

    def set_state(self, sequence: int, state: bytes) -> bool:
        """Put a kept sequence back."""
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """One file, as its head describes it; `start` is the number of tokens before it."""

    path: Path
    start: int
    tokens: tuple[int, ...]
    digest: str
    offset: int
    size: int


class Sessions:
    """The pieces of one set of weights in one folder, the oldest of which go when the limit is reached."""

    def __init__(self, folder: Path, limit_bytes: int, made_with: str) -> None:
        """`made_with` names weights, llama.cpp and cache: a piece made with anything else is foreign."""
        self._folder = folder
        self._limit = limit_bytes
        self._made_with = made_with
        self.bytes_written = 0

    def fill(self, states: States, cells: Cells, held: Held, tokens: Sequence[int]) -> int:
        """Continue a text in the cache with what is kept of its prompt; returns how many tokens came from the disk."""
        before = len(held.tokens)
        chain = list(self._chain(tokens[:-1]))
        if not chain or chain[-1][0].start + chain[-1][1] < before + SHORTEST:
            return 0
        for piece, use in chain:
            end = piece.start + use
            if end > len(held.tokens) and not self._put_back(states, cells, held, piece, end):
                break
        return len(held.tokens) - before

    def save(self, states: States, held: Held, go_on: Callable[[], bool] = lambda: True) -> None:
        """Keep the finished parts of a text that are not kept yet, as long as `go_on` says so."""
        for start, end in self._parts(held):
            if end not in held.saved:
                if not go_on():
                    return
                self._keep(states, held, start, end)
                held.saved.add(end)

    def misses(self, held: Held) -> bool:
        """Whether a part of a text is not kept yet."""
        return any(end not in held.saved for _, end in self._parts(held))

    @staticmethod
    def _parts(held: Held) -> Iterator[tuple[int, int]]:
        """Where the pieces of a text begin and end; what would be too short is part of the next one."""
        start = 0
        for end in (*held.boundaries, len(held.tokens)):
            if start + SHORTEST <= end <= len(held.tokens):
                yield start, end
                start = end

    def forget(self) -> None:
        """Remove every piece."""
        forget_all(self._folder)

    # --- finding

    def _chain(self, tokens: Sequence[int]) -> Iterator[tuple[_Piece, int]]:
        """The pieces that make up the beginning of a prompt, and how many tokens of each belong to it."""
        at = 0
        while at < len(tokens):
            following = [p for p in self._pieces_after(tokens[:at]) if p.start == at]
            best = max(following, key=lambda p: _shared(p.tokens, tokens[at:]), default=None)
            use = _shared(best.tokens, tokens[at:]) if best is not None else 0
            if best is None or use < SHORTEST:
                return
            yield best, use
            if use < len(best.tokens):
                return
            at += use

    def _pieces_after(self, tokens: Sequence[int]) -> Iterator[_Piece]:
        for path in self._folder.glob(f"{self._name(tokens)}-*{SUFFIX}"):
            piece = self._head(path)
            if piece is not None:
                yield piece

    def _head(self, path: Path) -> _Piece | None:
        """The head of a file, `None` (and the file removed) when it is not one of ours."""
        try:
            with path.open("rb") as file:
                begun = file.read(8)
                length = int.from_bytes(begun[4:], "little")
                if begun[:4] != MAGIC or len(begun) < 8 or length > LONGEST_HEAD:
                    raise ValueError("no piece of a session")
                told: dict[str, Any] = json.loads(file.read(length))
                size = os.fstat(file.fileno()).st_size - 8 - length
            if told["made_with"] != self._made_with or told["size"] != size:
                raise ValueError("made with something else, or not whole")
            tokens = tuple(int(one) for one in told["tokens"])
            return _Piece(path, int(told["start"]), tokens, str(told["sha256"]), 8 + length, size)
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            self._remove(path, str(error))
            return None

    def _put_back(self, states: States, cells: Cells, held: Held, piece: _Piece, end: int) -> bool:
        """Put one piece into the cache behind what is there; `False` when it turned out to be damaged."""
        state = self._read(piece)
        whole = piece.start + len(piece.tokens)
        if state is None:
            self._remove(piece.path, "damaged")
            return False
        if not (states.set_state(SPARE, state) and states.length(SPARE) == whole):
            states.cut(SPARE, 0)
            return False
        cells.cut(held, piece.start)
        states.share(SPARE, held.sequence, piece.start, end)
        states.cut(SPARE, 0)
        cells.fill(held, piece.tokens[: end - piece.start])
        if end == whole:
            held.saved.add(end)
        return True

    def _read(self, piece: _Piece) -> bytes | None:
        try:
            with piece.path.open("rb") as file:
                file.seek(piece.offset)
                state = file.read()
            os.utime(piece.path)
        except OSError:
            return None
        return state if hashlib.sha256(state).hexdigest() == piece.digest else None

    # --- keeping

    def _keep(self, states: States, held: Held, start: int, end: int) -> None:
        tokens = held.tokens[start:end]
        name = f"{self._name(held.tokens[:start])}-{self._name(held.tokens[:end])}{SUFFIX}"
        path = self._folder / name
        if path.exists():
            return
        states.share(held.sequence, SPARE, start, end)
        state = states.state(SPARE)
        states.cut(SPARE, 0)
        if not state or len(state) > self._limit:
            return
        told = {
            "made_with": self._made_with, "start": start, "tokens": tokens, "size": len(state),
            "sha256": hashlib.sha256(state).hexdigest(),
        }  # fmt: skip
        head = json.dumps(told, separators=(",", ":")).encode()
        try:
            self._make_room(len(state) + len(head) + 8)
            self._write(path, MAGIC + len(head).to_bytes(4, "little") + head, state)
        except OSError as error:
            logger.info("a session was not kept: %s", error.strerror or error)

    def _write(self, path: Path, head: bytes, state: bytes) -> None:
        """Write a file that only its owner can read, and give it its name when it is whole."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(".part")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(head)
            file.write(state)
        part.replace(path)
        self.bytes_written += len(head) + len(state)

    def _make_room(self, more: int) -> None:
        """Remove what was used longest ago until the new file fits under the limit."""
        known = sorted((path.stat().st_mtime_ns, path.stat().st_size, path) for path in self._files())
        held = sum(size for _, size, _ in known)
        for _, size, path in known:
            if held + more <= self._limit:
                return
            path.unlink(missing_ok=True)
            held -= size

    def _files(self) -> list[Path]:
        return _files(self._folder)

    def _remove(self, path: Path, why: str) -> None:
        logger.info("a kept session is not used: %s", why)
        path.unlink(missing_ok=True)

    def _name(self, tokens: Sequence[int]) -> str:
        """A name for a beginning, which nobody can guess the text from."""
        content = self._made_with.encode() + b"\0" + array.array("i", tokens).tobytes()
        return hashlib.sha256(content).hexdigest()[:DIGITS]


def forget_all(folder: Path) -> None:
    """Remove the pieces of all weights from a folder."""
    for path in _files(folder):
        path.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return [*folder.glob(f"*{SUFFIX}"), *folder.glob("*.part")]


def _shared(a: Sequence[int], b: Sequence[int]) -> int:
    length = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        length += 1
    return length
