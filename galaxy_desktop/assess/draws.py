"""Where chance comes from: named streams of uniform numbers, each with a seed of its own.

Common random numbers are what makes two forecasts comparable: a capacity draw belongs to (run, day), a remaining
time to (run, item). Every stream is seeded by SHA-256 of the forecast's seed and the stream's name, so taking an item
out of the sprint leaves every other draw as it was. Only uniform doubles are drawn, because those are the same
on every platform; everything else is made from them by arithmetic.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def uniforms(seed: int, name: str, rows: int, columns: int) -> Floats:
    """Uniform numbers in [0, 1), shape (rows, columns); more rows leave the first ones as they were."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
    return generator.random((rows, columns))


def below(seed: int, name: str, rows: int, columns: int, bound: int) -> Ints:
    """Whole numbers from 0 to `bound` - 1, equally likely, shape (rows, columns)."""
    return np.minimum((uniforms(seed, name, rows, columns) * bound).astype(np.int64), bound - 1)
