"""Python's own habits, changed so that threads at work leave the window its turn.

The lock of the interpreter: a thread that computes keeps it for 5 ms when another one wants it. The window gives it up
with every call into Qt, dozens of times for one painting, and would wait 5 ms each time. Now it waits half of one.

The garbage collector: a full collection looks at every object there is while all threads wait. Nearly all of them
belong to imported modules and live as long as the program: with SQLAlchemy, numpy and torch that is a tenth of a
second and more. So whatever is alive after a stage of the start is taken out of its sight; full collections are cheap
from then on, and rarer.
"""

from __future__ import annotations

import gc
import sys
from contextlib import suppress

SWITCH_S = 0.0005
"""Python's own is 0.005."""
COLLECT_AFTER = (2_000, 10, 100)
"""Python's own are 700, 10 and 10. The middle step looks at 20,000 objects at most: 5 ms."""

LARGE_PIECE = 2**20
"""Bytes. Left to itself, glibc soon keeps freed pieces of up to 32 MB, and an embedding frees many such."""
FEW_HEAPS = 2
"""Left to itself, glibc gives every thread a heap of its own, and what one thread freed is of no use to the others."""
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Their numbers in C's malloc.h."""


def favor_the_window() -> None:
    """Hand the interpreter over sooner and collect less often; once, when the program with a window starts."""
    sys.setswitchinterval(SWITCH_S)
    gc.set_threshold(*COLLECT_AFTER)


def spare_what_lives() -> None:
    """Spare everything that is alive now: modules were just imported. Takes no time; what dies later is still freed."""
    gc.freeze()


def keep_no_large_pieces() -> None:
    """Let large pieces of memory go back to the system as soon as they are freed, and threads share what is small.

    To be called before the threads and libraries that use much; a second call changes nothing.
    """
    _ask_c_library("mallopt", M_MMAP_THRESHOLD, LARGE_PIECE)
    _ask_c_library("mallopt", M_ARENA_MAX, FEW_HEAPS)


def give_memory_back() -> None:
    """Return what was freed to the system after a large piece of work; the C library of Linux would keep it."""
    _ask_c_library("malloc_trim", 0)


def _ask_c_library(function: str, *numbers: int) -> None:
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - the first paint need not wait for it

        with suppress(OSError, AttributeError):  # other C libraries have no such call, and need none
            getattr(ctypes.CDLL(None), function)(*numbers)
