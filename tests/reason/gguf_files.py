"""Small GGUF files for tests, made by hand: whole ones, and ones with a lie in them."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

U32, F32, TEXT, ARRAY, U64 = 4, 6, 8, 9, 10


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def key(name: str, value: object) -> bytes:
    """One key with its value: a whole number, a text, a list of either."""
    if isinstance(value, bytes):
        return text(name) + value
    if isinstance(value, str):
        return text(name) + struct.pack("<I", TEXT) + text(value)
    if isinstance(value, list):
        texts = bool(value) and isinstance(value[0], str)
        body = b"".join(text(v) if texts else struct.pack("<I", v) for v in value)
        return text(name) + struct.pack("<IIQ", ARRAY, TEXT if texts else U32, len(value)) + body
    if isinstance(value, float):
        return text(name) + struct.pack("<If", F32, value)
    assert isinstance(value, int)
    return text(name) + struct.pack("<II", U32, value)


def tensor(name: str, dimensions: Sequence[int], kind: int = 0, offset: int = 0) -> bytes:
    sizes = struct.pack(f"<{len(dimensions)}Q", *dimensions)
    return text(name) + struct.pack("<I", len(dimensions)) + sizes + struct.pack("<IQ", kind, offset)


LLAMA: Mapping[str, object] = {
    "general.architecture": "llama",
    "general.name": "Tiny Test",
    "llama.block_count": 2,
    "llama.context_length": 2048,
    "llama.embedding_length": 64,
    "llama.attention.head_count": 4,
    "llama.attention.head_count_kv": 2,
    "tokenizer.ggml.tokens": ["a", "b", "c"],
}


@dataclass
class Gguf:
    """A file to be; every number that the header tells can be told wrong."""

    keys: Mapping[str, object] = field(default_factory=lambda: dict(LLAMA))
    tensors: Sequence[bytes] = (tensor("token_embd.weight", (64, 3)),)
    data: bytes = bytes(range(256)) * 3
    magic: bytes = b"GGUF"
    version: int = 3
    told_tensors: int | None = None
    told_keys: int | None = None

    def content(self) -> bytes:
        """All bytes of it."""
        tensors = len(self.tensors) if self.told_tensors is None else self.told_tensors
        keys = len(self.keys) if self.told_keys is None else self.told_keys
        head = self.magic + struct.pack("<IQQ", self.version, tensors, keys)
        head += b"".join(key(name, value) for name, value in self.keys.items()) + b"".join(self.tensors)
        return head + bytes(-len(head) % 32) + self.data


def whole(filler: int = 0, **keys: object) -> bytes:
    """A small model that is as it should be; `filler` bytes make it longer, `keys` replace some of its keys."""
    renamed = {name.replace("__", "."): value for name, value in keys.items()}
    return Gguf(keys={**LLAMA, **renamed}).content() + b"\7" * filler
