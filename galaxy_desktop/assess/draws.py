"""Where chance comes from: named streams of uniform numbers, each with a seed of its own.

Common random numbers are what makes two forecasts comparable: a capacity draw belongs to (run, day), a remaining
time to (run, item). Every stream is seeded by SHA-256 of the forecast's seed and the stream's name, so taking an item
out of the sprint leaves every other draw as it was. Only uniform doubles are drawn, because those are the same
on every platform; everything else is made from them by arithmetic.

Because the same question needs the same numbers, what was drawn and worked out for one forecast serves the next one:
`Draws` keeps it, within a bound, for whoever owns it.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Counts = NDArray[np.int32]

MEGABYTE = 2**20
MOST_BYTES = 192 * MEGABYTE
"""What one forecast of 400 items in work needs (130 MB), and then some.

One that needs more than is kept finds nothing of what it drew before, because all of it is asked for in turn: with half
of this, the advice for such a sprint took 42 s instead of 6.
"""


def uniforms(seed: int, name: str, rows: int, columns: int) -> Floats:
    """Uniform numbers in [0, 1), shape (rows, columns); more rows leave the first ones as they were."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "big")))
    return generator.random((rows, columns))


def below(seed: int, name: str, rows: int, columns: int, bound: int) -> Ints:
    """Whole numbers from 0 to `bound` - 1, equally likely, shape (rows, columns)."""
    return np.minimum((uniforms(seed, name, rows, columns) * bound).astype(np.int64), bound - 1)


class Draws:
    """Arrays that were made once and are asked for again, the least recently used given up beyond a bound.

    What is kept is read-only and found again by all that it depends on, so that keeping it changes no number.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Keep at most so many bytes of arrays; 0 keeps nothing."""
        self._most = most_bytes
        self._held: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    def kept(self, key: Hashable, make: Callable[[], Floats]) -> Floats:
        """The array known by `key`, made if it is not there."""
        found: Floats = self.kept_all(key, lambda: (make(),))[0]
        return found

    def kept_all(self, key: Hashable, make: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        """Several arrays that are made together."""
        held = self._held.get(key)
        if held is not None:
            self._held.move_to_end(key)
            found: tuple[Any, ...] = held[0]
            return found
        made = make()
        size = 0
        for array in made:
            array.flags.writeable = False
            size += array.nbytes
        if size <= self._most:
            self._held[key] = (made, size)
            self._bytes += size
        while self._bytes > self._most:
            self._bytes -= self._held.popitem(last=False)[1][1]
        return made

    def uniforms(self, seed: int, name: str, rows: int, columns: int) -> Floats:
        """As the function of that name."""
        return self.kept(("uniforms", seed, name, rows, columns), lambda: uniforms(seed, name, rows, columns))
