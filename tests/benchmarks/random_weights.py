"""Weights of the shape of Llama 3.1 8B, filled with noise: speed and memory do not depend on what the numbers say.

    python -m tests.benchmarks.random_weights FILE        4.7 GB, about a minute

The vocabulary is the small model's, padded with words that nobody writes to the 128,256 of the large one, so text comes
out of it as it would: nonsense, token by token. Weights are Q4_K and, where the real Q4_K_M has them, Q6_K.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from galaxy_desktop.reason.catalog import Catalog

LAYERS, WIDTH, INNER, HEADS, KEY_HEADS, WORDS = 32, 4096, 14_336, 32, 8, 128_256
SMALL = "smollm2-135m-instruct"
BLOCK = 256
BYTES = {"Q4_K": 144, "Q6_K": 210}
ROWS_AT_ONCE = 1024


def write(path: Path, *, layers: int = LAYERS, width: int = WIDTH, inner: int = INNER) -> Path:
    """Write the file; smaller shapes are for trying the script out."""
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    _tell(writer, layers, width, inner)
    _copy_vocabulary(writer)
    key_width = width // HEADS * KEY_HEADS
    tensors = list(_tensors(layers, width, inner, key_width))
    for name, shape, kind in tensors:
        if kind == "F32":
            writer.add_tensor_info(name, shape, np.dtype(np.float32), shape[0] * 4)
        else:
            packed = (shape[0], shape[1] // BLOCK * BYTES[kind])
            raw = gguf.GGMLQuantizationType[kind]
            writer.add_tensor_info(name, packed, np.dtype(np.uint8), packed[0] * packed[1], raw_dtype=raw)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for _, shape, kind in tensors:
        data = np.ones(shape, np.float32) if kind == "F32" else _noise(shape, kind)
        writer.write_tensor_data(data)
    writer.close()
    return path


def _tell(writer: Any, layers: int, width: int, inner: int) -> None:
    """The numbers of the model, as Llama 3.1 8B has them."""
    writer.add_name("Noise in the shape of Llama 3.1 8B")
    writer.add_block_count(layers)
    writer.add_context_length(131_072)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(500_000.0)
    writer.add_rope_dimension_count(width // HEADS)
    writer.add_vocab_size(WORDS)
    writer.add_file_type(15)


def _copy_vocabulary(writer: Any) -> None:
    """The small model's words, and words nobody writes up to the size of the large vocabulary."""
    import gguf

    known = gguf.GGUFReader(Catalog.read().weights(SMALL)).fields
    words = known["tokenizer.ggml.tokens"].contents()
    kinds = known["tokenizer.ggml.token_type"].contents()
    more = WORDS - len(words)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([*words, *(f"<unused{n}>" for n in range(more))])
    writer.add_token_types([*kinds, *[int(gguf.TokenType.UNUSED)] * more])
    writer.add_token_merges(known["tokenizer.ggml.merges"].contents())
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(known["tokenizer.chat_template"].contents())


def _tensors(layers: int, width: int, inner: int, key_width: int) -> Iterator[tuple[str, tuple[int, ...], str]]:
    """Every tensor with its shape (rows, columns) and number format, as in Q4_K_M."""
    yield "token_embd.weight", (WORDS, width), "Q4_K"
    yield "output_norm.weight", (width,), "F32"
    yield "output.weight", (WORDS, width), "Q6_K"
    for n in range(layers):
        finer = "Q6_K" if n < layers // 8 or n >= 7 * layers // 8 or n % 3 == 2 else "Q4_K"
        yield f"blk.{n}.attn_norm.weight", (width,), "F32"
        yield f"blk.{n}.ffn_norm.weight", (width,), "F32"
        yield f"blk.{n}.attn_q.weight", (width, width), "Q4_K"
        yield f"blk.{n}.attn_k.weight", (key_width, width), "Q4_K"
        yield f"blk.{n}.attn_v.weight", (key_width, width), finer
        yield f"blk.{n}.attn_output.weight", (width, width), "Q4_K"
        yield f"blk.{n}.ffn_gate.weight", (inner, width), "Q4_K"
        yield f"blk.{n}.ffn_up.weight", (inner, width), "Q4_K"
        yield f"blk.{n}.ffn_down.weight", (width, inner), finer


def _noise(shape: tuple[int, ...], kind: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Blocks of random bits with small scales, so that no sum overflows; one stretch of rows repeats."""
    chance = np.random.default_rng(7)
    rows = min(shape[0], ROWS_AT_ONCE)
    blocks = chance.integers(0, 256, (rows, shape[1] // BLOCK, BYTES[kind]), dtype=np.uint8)
    scale = np.frombuffer(np.float16(2e-4).tobytes(), np.uint8)
    if kind == "Q4_K":
        blocks[..., 0:2], blocks[..., 2:4] = scale, 0
    else:
        blocks[..., 208:210] = scale
    flat = blocks.reshape(rows, -1)
    return np.resize(flat, (shape[0], flat.shape[1]))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
