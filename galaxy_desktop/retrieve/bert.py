"""The forward pass of MiniLM, written out: torch for the numbers, `tokenizers` for the words, nothing else.

sentence-transformers computes the same, and imports transformers, scikit-learn, sympy and scipy for it: 190 MB that
stay for good, and seconds of the first start. The network is small enough to be spelled here: words, places, and a
few layers of attention; then the mean over the words, brought to length 1. A folder that describes anything else
does not fit, and sentence-transformers reads it (`retrieve.embed`). A test compares the vectors of both.

The weights are mapped from their file, not copied: the words of the vocabulary that never occur cost no memory.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WEIGHTS = "model.safetensors"
STAGES = ("Transformer", "Pooling", "Normalize")
"""What a fitting folder says it does, in this order."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network of this kind."""

    layers: int
    heads: int
    epsilon: float
    longest: int
    """Tokens of a text that are read; the rest is cut off."""


def shape_of(folder: Path) -> Shape | None:
    """The shape of the weights in a folder of sentence-transformers, `None` where they are of another kind.

    Raises:
        OSError, ValueError, KeyError: a file is missing or damaged.
    """
    stages = tuple(str(stage["type"]).rpartition(".")[2] for stage in _read(folder / "modules.json"))
    config = _read(folder / "config.json")
    ours = config["model_type"] == "bert" and config["hidden_act"] == "gelu"
    if not ours or config.get("position_embedding_type", "absolute") != "absolute" or stages != STAGES:
        return None
    pooling = _read(folder / "1_Pooling" / "config.json")
    if [name for name, on in pooling.items() if name.startswith("pooling_mode") and on] != ["pooling_mode_mean_tokens"]:
        return None
    return Shape(
        layers=int(config["num_hidden_layers"]),
        heads=int(config["num_attention_heads"]),
        epsilon=float(config["layer_norm_eps"]),
        longest=int(_read(folder / "sentence_bert_config.json")["max_seq_length"]),
    )


class Bert:
    """Weights in memory, ready to encode; not safe to call from several threads at once."""

    def __init__(self, folder: Path, shape: Shape) -> None:
        """Read the weights.

        Raises:
            OSError, ValueError, KeyError, RuntimeError: a file is missing or damaged.
        """
        self._torch: Any = importlib.import_module("torch")
        self._shape = shape
        self._tokenizer = _tokenizer(folder, shape.longest)
        self._weights = self._read_weights(folder / WEIGHTS)

    def encode(self, texts: Sequence[str], batch: int) -> list[list[float]]:
        """One vector of length 1 for each text, in the same order; texts of a length are computed together."""
        tokens = []
        for begin in range(0, len(texts), batch):  # the tokenizer may keep the interpreter's lock: not for long
            tokens += [one.ids for one in self._tokenizer.encode_batch(list(texts[begin : begin + batch]))]
        order = sorted(range(len(texts)), key=lambda n: -len(tokens[n]))
        found: list[list[float]] = [[] for _ in texts]
        with self._torch.inference_mode():
            for begin in range(0, len(order), batch):
                chosen = order[begin : begin + batch]
                rows = self._forward([tokens[n] for n in chosen]).tolist()
                for n, row in zip(chosen, rows, strict=True):
                    found[n] = row
        return found

    def _forward(self, tokens: list[list[int]]) -> Any:
        """Vectors of shape (texts, width) from lists of token ids, the longest first."""
        torch, weights, shape = self._torch, self._weights, self._shape
        longest = len(tokens[0])
        ids = torch.tensor([one + [0] * (longest - len(one)) for one in tokens])
        there = torch.tensor([[n < len(one) for n in range(longest)] for one in tokens])
        state = weights["embeddings.word_embeddings.weight"][ids]
        state = state + weights["embeddings.token_type_embeddings.weight"][0]
        state = state + weights["embeddings.position_embeddings.weight"][:longest]
        state = self._norm(state, "embeddings.LayerNorm")
        mask = None if len(tokens[-1]) == longest else there[:, None, None, :]
        for n in range(shape.layers):
            state = self._layer(state, f"encoder.layer.{n}.", mask)
        words = there[:, :, None].to(state.dtype)
        mean = (state * words).sum(1) / words.sum(1)
        return torch.nn.functional.normalize(mean, dim=1)

    def _layer(self, state: Any, name: str, mask: Any) -> Any:
        functional = self._torch.nn.functional
        texts, longest, width = state.shape
        query, key, value = (
            self._linear(state, f"{name}attention.self.{one}")
            .view(texts, longest, self._shape.heads, width // self._shape.heads)
            .transpose(1, 2)
            for one in ("query", "key", "value")
        )
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        seen = self._linear(seen.transpose(1, 2).reshape(texts, longest, width), f"{name}attention.output.dense")
        state = self._norm(state + seen, f"{name}attention.output.LayerNorm")
        inner = functional.gelu(self._linear(state, f"{name}intermediate.dense"))
        return self._norm(state + self._linear(inner, f"{name}output.dense"), f"{name}output.LayerNorm")

    def _linear(self, state: Any, name: str) -> Any:
        weights = self._weights
        return self._torch.nn.functional.linear(state, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def _norm(self, state: Any, name: str) -> Any:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return self._torch.nn.functional.layer_norm(state, (state.shape[-1],), weight, bias, self._shape.epsilon)

    def _read_weights(self, path: Path) -> dict[str, Any]:
        library: Any = importlib.import_module("safetensors")
        try:
            read: dict[str, Any] = importlib.import_module("safetensors.torch").load_file(str(path))
        except library.SafetensorError as error:
            raise ValueError(f"the weights cannot be read: {error}") from error
        named = {name.removeprefix("bert."): one for name, one in read.items()}
        if any(one.dtype != self._torch.float32 for name, one in named.items() if not name.endswith("_ids")):
            raise ValueError("the weights are not of single precision")
        return named


def _tokenizer(folder: Path, longest: int) -> Any:
    """The tokenizer of the weights, cutting texts at `longest` tokens and padding nothing."""
    path = folder / "tokenizer.json"
    try:
        made: Any = importlib.import_module("tokenizers").Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises bare exceptions
        raise ValueError(f"the tokenizer cannot be read: {error}") from error
    made.enable_truncation(max_length=longest)
    made.no_padding()
    return made


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
