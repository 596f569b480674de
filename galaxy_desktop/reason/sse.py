"""Server-sent events out of a stream of bytes, as they come and however they are cut.

Servers differ in line ends, in comments that keep a connection alive, and in whether they name their events; a letter of
several bytes may come in two pieces. A line without end is not collected for ever.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from galaxy_desktop.errors import BrokenAnswerError

LONGEST_LINE = 1_000_000


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name, "" where the server gives none, and its data."""

    name: str
    data: str


class EventReader:
    """Takes bytes, gives events."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._after_return = False
        self._name = ""
        self._data: list[str] = []

    def feed(self, piece: bytes, *, last: bool = False) -> Iterator[ServerEvent]:
        """The events that are complete with this piece; with `last` what is there is taken as complete.

        Raises:
            BrokenAnswerError: a line has no end.
        """
        text = self._decoder.decode(piece, last)
        if self._after_return and text:
            self._after_return = False
            text = text.removeprefix("\n")
        if text.endswith("\r"):
            self._after_return = True
        lines = (self._rest + text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._rest = lines.pop()
        if len(self._rest) > LONGEST_LINE or any(len(line) > LONGEST_LINE for line in lines):
            raise BrokenAnswerError("A line of the answer has no end.")
        for line in lines:
            yield from self._take(line)
        if last:
            rest, self._rest = self._rest, ""
            yield from self._take(rest) if rest else ()
            yield from self._take("")

    def _take(self, line: str) -> Iterator[ServerEvent]:
        if not line:
            if self._data:
                yield ServerEvent(self._name, "\n".join(self._data))
            self._name, self._data = "", []
            return
        field, _, value = line.lstrip("\ufeff").partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
