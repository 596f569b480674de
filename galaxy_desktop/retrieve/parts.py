"""What a text on GitHub is made of: prose, code, stack traces, quotes of others, and comments nobody sees.

They are kept apart because they are not said in the same way. A quote is somebody else's sentence, a stack trace names
places and means nothing, code is read by identifiers, and what a template hides in an HTML comment was said by nobody.
A text is cut at the ends of lines only, so that its pieces, put together, are the text again, character for character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
QUOTE = re.compile(r"^ {0,3}>")
INDENTED = re.compile(r"^(?: {4,}|\t)\s*\S")
LIST_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s")
HIDDEN_BEGINS, HIDDEN_ENDS = "<!--", "-->"
TRACE = re.compile(
    r"""^\s*(?:
        at\s+[\w$.<>\[\]/]+(?:\s*\(|:\d)                  # Java, JavaScript, C#
      | File\s+"[^"]+",\s+line\s+\d+                      # Python
      | Traceback\s\(most\srecent\scall\slast\)
      | (?:frame\s)?\#\d{1,3}:?\s+(?:0x[0-9a-f]+|\S+\s*\() # gdb, lldb, sanitizers
      | \[?(?:bt|\d{1,3})\]?:?\s+0x[0-9a-f]{6,}
      | \d{1,3}\s+\S+\s+0x[0-9a-f]{6,}\s                  # macOS
      | \*?\s*(?:thread|Thread|goroutine)\s+\#?\d+[\s,(:]
      | thread\s'[^']*'\spanicked\sat
      | (?:[A-Za-z_$][\w$]*\.)*[A-Z]\w*(?:Error|Exception|Warning)(?::\s|$)
      | (?:Caused\sby|Exception\sin\sthread)\b
      | ==\d+==\s*(?:ERROR|WARNING|at|by)\b
      | \S+:\d+(?::\d+)?:\s(?:runtime\s)?(?:error|fatal\serror|warning|note):
    )""",
    re.VERBOSE,
)
FEWEST_TRACE_LINES = 2
TRACE_SHARE = 0.3
"""A block of code is a stack trace when so many of its lines look like one."""


class Kind(StrEnum):
    """What a piece of a text is."""

    PROSE = "prose"
    CODE = "code"
    TRACE = "trace"
    QUOTE = "quote"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole lines of one kind; `start` is where they begin in the text."""

    kind: Kind
    start: int
    text: str


def split(text: str) -> tuple[Piece, ...]:
    """The pieces of a text in order; their texts put together are the text."""
    pieces: list[Piece] = []
    start = 0
    for kind, lines in _joined(_blocks(text.splitlines(keepends=True))):
        whole = "".join(lines)
        pieces.append(Piece(kind, start, whole))
        start += len(whole)
    return tuple(pieces)


def pieces_within(piece: Piece, size: int) -> Iterator[Piece]:
    """The piece cut into some of at most `size` characters, at the end of a line, of a sentence or of a word."""
    start = 0
    while len(piece.text) - start > size:
        cut = start + _cut(piece.text[start : start + size])
        yield Piece(piece.kind, piece.start + start, piece.text[start:cut])
        start = cut
    yield Piece(piece.kind, piece.start + start, piece.text[start:])


def _cut(window: str) -> int:
    """Where to cut a full window: behind the last end of a paragraph, line, sentence or word in its second half."""
    for mark in ("\n\n", "\n", ". ", " "):
        found = window.rfind(mark, len(window) // 2)
        if found > 0:
            return found + len(mark)
    return len(window)


def _joined(blocks: Iterable[tuple[Kind, list[str]]]) -> Iterator[tuple[Kind, list[str]]]:
    """Neighboring blocks of prose as one; others stay apart, since two fences are two listings."""
    for is_prose, some in groupby(blocks, key=lambda block: block[0] is Kind.PROSE):
        if is_prose:
            yield Kind.PROSE, [line for _, lines in some for line in lines]
        else:
            yield from some


def _blocks(lines: list[str]) -> Iterator[tuple[Kind, list[str]]]:
    at, in_list = 0, False
    while at < len(lines):
        kind, end = _block(lines, at, in_list=in_list)
        yield kind, lines[at:end]
        if kind is Kind.PROSE and lines[at].strip():
            in_list = bool(LIST_ITEM.match(lines[at])) or (in_list and lines[at].startswith((" ", "\t")))
        at = end


def _block(lines: list[str], at: int, *, in_list: bool) -> tuple[Kind, int]:
    """The kind of the block that begins at this line, and the line behind it; prose is told line by line."""
    line = lines[at]
    fence = FENCE.match(line)
    if fence:
        end = _end_of_fence(lines, at + 1, fence.group(1))
        return _code_or_trace(lines[at + 1 : end]), end
    if QUOTE.match(line):
        return Kind.QUOTE, _while(lines, at, QUOTE)
    if line.lstrip().startswith(HIDDEN_BEGINS):
        hidden = _end_of_hidden(lines, at)
        if hidden is not None:
            return Kind.HIDDEN, hidden
    trace = _while(lines, at, TRACE)
    if trace - at >= FEWEST_TRACE_LINES:
        return Kind.TRACE, trace
    if INDENTED.match(line) and not in_list and (at == 0 or not lines[at - 1].strip()):
        end = _while(lines, at, INDENTED)
        return _code_or_trace(lines[at:end]), end
    return Kind.PROSE, at + 1


def _code_or_trace(lines: list[str]) -> Kind:
    looks = sum(bool(TRACE.match(line)) for line in lines)
    enough = looks >= FEWEST_TRACE_LINES and looks >= TRACE_SHARE * sum(bool(line.strip()) for line in lines)
    return Kind.TRACE if enough else Kind.CODE


def _end_of_fence(lines: list[str], at: int, mark: str) -> int:
    """The line behind the closing fence; an open one reaches to the end of the text."""
    for n in range(at, len(lines)):
        fence = FENCE.match(lines[n])
        if fence and fence.group(1).startswith(mark) and not lines[n].strip().strip(mark[0]):
            return n + 1
    return len(lines)


def _end_of_hidden(lines: list[str], at: int) -> int | None:
    """The line behind an HTML comment that fills whole lines; `None` when words follow it on its last line."""
    for n in range(at, len(lines)):
        _, ends, rest = lines[n].partition(HIDDEN_ENDS)
        if ends:
            return n + 1 if not rest.strip() else None
    return None


def _while(lines: list[str], at: int, pattern: re.Pattern[str]) -> int:
    while at < len(lines) and pattern.match(lines[at]):
        at += 1
    return at
