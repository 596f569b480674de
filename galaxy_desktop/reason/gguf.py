"""The first bytes of a weights file, read by us before llama.cpp gets to see it.

A GGUF begins with a table of keys and a table of tensors. Both are read here without trusting a single number of
them: a file may be half a download, a web page with another name, or made to crash whoever reads it. Every count and
length is compared with what a file of its size can hold before it is believed, nothing is kept that is not needed, and
whatever is wrong becomes a `ModelError` with a sentence.

From the tensors follows how long the whole file has to be, so a file that was cut off is known at once, without its
hash. From the keys follows the `Shape`, and from that the memory it needs.

llama.cpp itself aborts the whole process on some damaged files; this reader stands before it.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from galaxy_desktop.domain.models import Shape
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.architectures import OTHERS, WRITERS

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_KEYS = 4096
MOST_TENSORS = 65_536
MOST_TEXT = 1 << 20
MOST_ARRAY = 8_000_000
MOST_KEPT = 4096
"""Longest array whose numbers are kept (one a layer); of longer ones only the length is."""
MOST_HEADER = 256_000_000
MOST_SIZE = 1 << 62
MOST_FORMAT = 255
"""A number format above this is no format to come, but damage."""
ALIGNMENT = 32

_NUMBERS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<B", 10: "<Q", 11: "<q", 12: "<d"}
_TEXT, _ARRAY = 8, 9

BLOCKS: dict[int, tuple[int, int]] = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 40),
    10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292), 16: (256, 66),
    17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82), 23: (256, 136),
    24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54),
    35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18),
}  # fmt: skip
"""Of each number format of ggml: how many numbers stand in a block, and how many bytes that is."""

Value = int | float | str | bool | tuple[int | float, ...]


class NotWholeError(ModelError):
    """The file ends before its own table says it does: half a download, or a copy that broke off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a GGUF says of itself; `file_bytes` is how long the whole file has to be at least.

    `values` are the keys with one value and with short arrays of numbers; `lengths` those of every array.
    """

    version: int
    values: dict[str, Value] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    tensors: int = 0
    file_bytes: int = 0

    @property
    def architecture(self) -> str:
        """The kind of model, as llama.cpp names it; "" when it is not said."""
        return self.text("general.architecture")

    @property
    def title(self) -> str:
        """What the model calls itself, "" when it does not."""
        return " ".join("".join(c for c in self.text("general.name") if c.isprintable()).split())[:120]

    @property
    def parts(self) -> int:
        """In how many files the model is kept."""
        return max(1, self.number("split.count"))

    def text(self, key: str) -> str:
        """A value that is a text, "" otherwise."""
        value = self.values.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str, default: int = 0) -> int:
        """A value that is a whole number of a believable size; of an array (one number a layer) the largest."""
        value = self.values.get(key)
        found = max(value, default=0) if isinstance(value, tuple) else value
        return found if isinstance(found, int) and 0 <= found < 1 << 40 else default

    def shape(self) -> Shape:
        """The numbers that decide how much memory it needs; those that the file does not say are 0."""
        kind = self.architecture
        layers, heads = self.number(f"{kind}.block_count"), self.number(f"{kind}.attention.head_count")
        embedding = self.number(f"{kind}.embedding_length")
        size = embedding // heads if heads else 0
        key = self.number(f"{kind}.attention.key_length", size)
        value = self.number(f"{kind}.attention.value_length", size)
        each = self.values.get(f"{kind}.attention.head_count_kv")
        kept = sum(one for one in each if isinstance(one, int) and 0 < one < 1 << 20) if isinstance(each, tuple) else 0
        kept = kept or layers * self.number(f"{kind}.attention.head_count_kv", heads)
        return Shape(
            architecture=kind,
            layers=layers,
            cache_width=kept * (key + value),
            embedding=embedding,
            vocabulary=self.lengths.get("tokenizer.ggml.tokens", 0) or self.number(f"{kind}.vocab_size"),
            context_tokens=self.number(f"{kind}.context_length"),
        )


def read_header(path: Path) -> Header:
    """The header of a file.

    Raises:
        NotWholeError: the file is shorter than it has to be.
        ModelError: it is not there, not a GGUF, of a version or a number format that is not known, or damaged.
    """
    try:
        with path.open("rb") as file:
            return parse(cast("BinaryIO", file), os.fstat(file.fileno()).st_size, path.name)
    except OSError as error:
        raise ModelError(f"The file {path.name} cannot be read ({error.strerror or error}). Check the path.") from error


def read_bytes(content: bytes, name: str = "the file") -> Header:
    """The header of a file that is in memory; as `read_header`."""
    return parse(BytesIO(content), len(content), name)


def check_usable(header: Header, name: str) -> None:
    """Raise a `ModelError` for a GGUF that llama.cpp could not write text with."""
    kind = header.architecture
    if not kind:
        raise ModelError(f"{name} does not say what kind of model it is. Get the file again, or another one.")
    if kind in OTHERS:
        raise ModelError(f"{name} is a model of the kind {kind!r}, which does not write text. Choose another file.")
    if kind not in WRITERS:
        raise ModelError(
            f"{name} is a model of the kind {kind!r}, which this version of the program does not know. "
            "Choose another model, or a newer version of the program."
        )
    if header.parts > 1:
        raise ModelError(
            f"{name} is one of {header.parts} parts of a model. Join them with llama.cpp's gguf-split, "
            "or choose a model in one file."
        )
    if not header.tensors or not header.shape().layers:
        raise ModelError(f"{name} holds no weights, only a vocabulary or a part of a model. Choose another file.")


def parse(file: BinaryIO, size: int, name: str) -> Header:
    """The header of an open file of `size` bytes; as `read_header`."""
    return _Reader(file, size, name).header()


class _Reader:
    """Reads one header, believing nothing."""

    def __init__(self, file: BinaryIO, size: int, name: str) -> None:
        self._file = file
        self._size = size
        self._name = name
        self._at = 0
        self._values: dict[str, Value] = {}
        self._lengths: dict[str, int] = {}

    def header(self) -> Header:
        version, tensors, keys = self._begin()
        for _ in range(keys):
            self._read_key()
        ends = [self._read_tensor() for _ in range(tensors)]
        alignment = self._values.get("general.alignment", ALIGNMENT)
        if not isinstance(alignment, int) or alignment < 1 or alignment > 1 << 20 or alignment & (alignment - 1):
            raise self._damaged()
        begin = -(-self._at // alignment) * alignment
        needed = begin + max(ends) if ends else self._at
        if self._size < needed:
            raise NotWholeError(
                f"{self._name} is not whole: it has {self._size:,} bytes of {needed:,}. Fetch it again."
            )
        return Header(version=version, values=self._values, lengths=self._lengths, tensors=tensors, file_bytes=needed)

    def _begin(self) -> tuple[int, int, int]:
        """Version, number of tensors and number of keys."""
        magic = self._file.read(4)
        self._at = len(magic)
        if magic != MAGIC:
            raise ModelError(f"{self._name} is not a GGUF model{_looks_like(magic)}. Choose another file.")
        version = self._whole(4)
        if version not in VERSIONS:
            swapped = int.from_bytes(version.to_bytes(4, "little"), "big")
            why = "of a computer with another byte order" if swapped in VERSIONS else f"of GGUF version {version}"
            raise ModelError(f"{self._name} is {why}, which this program cannot read. Get it in GGUF version 3.")
        tensors, keys = self._whole(8), self._whole(8)
        # A key takes 13 bytes at least, a tensor 32: a file cannot hold more of them than it has room for.
        if keys > min(MOST_KEYS, self._size // 13) or tensors > min(MOST_TENSORS, self._size // 32):
            raise self._damaged()
        return version, tensors, keys

    def _read_key(self) -> None:
        key = self._text()
        kind = self._whole(4)
        if kind == _ARRAY:
            self._read_array(key)
        elif kind == _TEXT:
            self._values[key] = self._text()
        elif kind in _NUMBERS:
            self._values[key] = self._number(kind)
        else:
            raise self._damaged()

    def _read_array(self, key: str) -> None:
        kind, length = self._whole(4), self._whole(8)
        least = 8 if kind == _TEXT else struct.calcsize(_NUMBERS[kind]) if kind in _NUMBERS else 0
        if not least or length > MOST_ARRAY or length * least > self._size - self._at:
            raise self._damaged()
        self._lengths[key] = length
        if kind == _TEXT:
            for _ in range(length):
                self._skip(self._length())
        elif length <= MOST_KEPT:
            self._values[key] = tuple(self._number(kind) for _ in range(length))
        else:
            self._skip(length * least)

    def _read_tensor(self) -> int:
        """One line of the table of tensors; where the tensor ends, counted from the first one."""
        self._text()
        dimensions = self._whole(4)
        if dimensions > 8:
            raise self._damaged()
        numbers = 1
        for _ in range(dimensions):
            numbers *= self._whole(8)
        kind, offset = self._whole(4), self._whole(8)
        if kind > MOST_FORMAT:
            raise self._damaged()
        if kind not in BLOCKS:
            raise ModelError(
                f"{self._name} uses a number format ({kind}) that this version of the program does not know. "
                "Choose another file, such as one that ends in Q4_K_M."
            )
        block, length = BLOCKS[kind]
        if numbers >= MOST_SIZE or offset >= MOST_SIZE or numbers % block:
            raise self._damaged()
        return offset + numbers // block * length

    def _number(self, kind: int) -> int | float:
        form = _NUMBERS[kind]
        found: int | float = struct.unpack(form, self._bytes(struct.calcsize(form)))[0]
        return found

    def _whole(self, length: int) -> int:
        return int.from_bytes(self._bytes(length), "little")

    def _length(self) -> int:
        """The length of a text, which the file must have room for."""
        length = self._whole(8)
        if length > MOST_TEXT:
            raise self._damaged()
        return length

    def _text(self) -> str:
        return self._bytes(self._length()).decode("utf-8", "replace")

    def _bytes(self, length: int) -> bytes:
        self._go(length)
        found = self._file.read(length)
        if len(found) < length:
            raise self._short()
        return found

    def _skip(self, length: int) -> None:
        self._go(length)
        self._file.seek(length, os.SEEK_CUR)

    def _go(self, length: int) -> None:
        self._at += length
        if self._at > self._size:
            raise self._short()
        if self._at > MOST_HEADER:
            raise self._damaged()

    def _short(self) -> NotWholeError:
        return NotWholeError(f"{self._name} is not whole: it ends within its own header. Fetch it again.")

    def _damaged(self) -> ModelError:
        return ModelError(f"{self._name} is damaged: its header makes no sense. Fetch it again.")


def _looks_like(magic: bytes) -> str:
    """What a file is instead, where its first bytes tell."""
    if not magic:
        return ", it is empty"
    if magic[:1] == b"<":
        return " but a web page"
    if magic[:2] == b"PK":
        return " but a zip archive"
    if magic in (b"ggml", b"lmgg", b"fmgg", b"tjgg"):
        return " but a model in an older format"
    return ""
