"""An hour file as blocks of whole lines: gzip or plain, in flat memory, unpacked one block ahead by a thread.

Unpacking takes most of the time and lets go of Python's lock, so it runs beside the search through the block
before; ISA-L does it twice as fast as zlib. What does not fit a file of lines (a stream that ends early, a wrong
checksum, bytes after the end) is a `DamagedFileError`, raised after everything before the damage was handed out.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, cast

from isal import igzip_lib, isal_zlib

from galaxy_desktop.errors import GalaxyError

BLOCK = 2**20
"""How much is unpacked at a time: enough that handing it over costs nothing, and it stays in the processor's cache."""
_CHUNK = 2**18
LONGEST_LINE = 32 * 2**20
"""GitHub's largest events have a few megabytes; what is longer is no event, and must not fill the memory."""
_KEPT_OF_LONGER = 200
_UNPACKING_ERROR = cast("type[Exception]", igzip_lib.IsalError)
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class DamagedFileError(GalaxyError):
    """A file is not what it should be; the sentence names it."""


class CutOffFileError(DamagedFileError):
    """A file ends too early; what is there of it may be used."""


def blocks(path: Path) -> Iterator[bytes]:
    """Blocks of whole lines in order; only the last may lack its newline.

    Raises:
        DamagedFileError: the file cannot be read to its end.
    """
    try:
        with path.open("rb") as file, ThreadPoolExecutor(1, thread_name_prefix="archive-lines") as ahead:
            source = _whole_lines(_unpacked(file, path.name))
            coming = ahead.submit(next, source, None)
            while (block := coming.result()) is not None:
                coming = ahead.submit(next, source, None)
                yield block
    except OSError as error:
        raise DamagedFileError(f"{path.name} cannot be read: {error.strerror or error}.") from error


def check_to_the_end(path: Path) -> None:
    """Unpack a file without keeping anything of it.

    Raises:
        DamagedFileError: it is damaged, or no gzip file at all.
    """
    with path.open("rb") as file:
        if file.peek(2)[:2] != _GZIP:
            raise DamagedFileError(f"{path.name} is not a gzip file.")
        for _ in _unpacked(file, path.name):
            pass


def _unpacked(file: BinaryIO, name: str) -> Iterator[bytes]:
    """The content in pieces of at most `BLOCK` bytes."""
    chunk = file.read(_CHUNK)
    if not chunk.startswith(_GZIP):
        if not chunk and name.endswith(".gz"):
            raise DamagedFileError(f"{name} is empty.")
        while chunk:
            yield chunk
            chunk = file.read(BLOCK)
        return
    try:
        yield from _members(file, chunk)
    except EOFError as error:
        raise CutOffFileError(f"{name} ends too early. Fetch it again.") from error
    except _UNPACKING_ERROR as error:
        raise DamagedFileError(f"{name} is damaged: its content does not add up. Fetch it again.") from error


def _members(file: BinaryIO, chunk: bytes) -> Iterator[bytes]:
    """Every gzip member in turn: hours that were written in several goes have several."""
    stream = isal_zlib.decompressobj(wbits=31)
    while True:
        piece = stream.decompress(chunk, BLOCK)
        if piece:
            yield piece
        if stream.eof:
            chunk = stream.unused_data.lstrip(b"\0") or file.read(_CHUNK).lstrip(b"\0")
            if not chunk:
                return
            if not _GZIP.startswith(chunk[:2]):
                raise _UNPACKING_ERROR("something follows the end")
            stream = isal_zlib.decompressobj(wbits=31)
        else:
            chunk = stream.unconsumed_tail or file.read(_CHUNK)
            if not chunk and not piece:
                raise EOFError


def _whole_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, cut after newlines; of a line that is too long only the beginning."""
    rest, first = b"", True
    damage: DamagedFileError | None = None
    while True:
        try:
            piece = next(pieces, b"")
        except DamagedFileError as error:
            piece, damage = b"", error
        if not piece:
            break
        if first:
            piece, first = piece.removeprefix(_BYTE_ORDER_MARK), False
        end = piece.rfind(b"\n") + 1
        if end:
            yield rest + piece[:end]
            rest = piece[end:]
        else:
            rest += piece
        if len(rest) > LONGEST_LINE:
            rest = rest[:_KEPT_OF_LONGER]
    if rest:
        yield rest
    if damage is not None:
        raise damage
