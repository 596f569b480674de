"""Does a model fit this computer? The arithmetic, before anything is loaded; pure.

What llama.cpp takes is known beforehand: the weights as they lie on disk, a cache of keys and values for every token
of context, and buffers for the largest step of the calculation, which is the vocabulary times the tokens that are
read at once. Measured against llama.cpp 0.5 with SmolLM2 (30 layers, context 4,096): cache 90 MiB said and reckoned,
compute buffer 49.1 MiB said, 49.1 reckoned for its 256 tokens at once. 512 are reckoned with here, because the engine
may choose that many.

Three words come of it. "Does not fit" is said of the whole memory of the computer, so it holds tomorrow as well;
"slow" of what is free at this moment, or of the speed where one was measured.
"""

from __future__ import annotations

from collections.abc import Sequence

from galaxy_desktop.domain.models import Fit, FitReport, Memory, Need, Shape, size

CONTEXT_TOKENS = 4096
AT_ONCE = 512
"""How many tokens of a prompt are read at once, at most."""
CACHE_BYTES = {"f32": 4.0, "f16": 2.0, "bf16": 2.0, "q8_0": 34 / 32, "q5_1": 24 / 32, "q4_0": 18 / 32}
"""Bytes of one number in the cache, by its type."""
HEADROOM_BYTES = 200_000_000
HEADROOM_SHARE = 0.05
SYSTEM_BYTES = 2_500_000_000
"""What the system, the browser and the rest of this program keep for themselves on any computer."""
ROOM_BYTES = 750_000_000
"""With less than this left free, the next program that is opened makes the computer swap."""
SLOW_TOKENS_PER_S = 4.0
"""Below this an explanation of 150 words takes more than 50 seconds."""
MOST_TIMES_LARGER = 5
GUESSED_CACHE = 0.12
GUESSED_BUFFERS = 280_000_000
"""Cache as a share of the weights, and buffers, for a model of which only the size is known (as of 8B in 4 bits)."""


def need_of(
    weights: int, shape: Shape | None, *, context_tokens: int = CONTEXT_TOKENS, cache_type: str = "f16"
) -> Need:
    """The memory a model needs.

    Args:
        weights: size of its file in bytes.
        shape: its numbers, `None` while they are not known; then the rest is guessed and marked so.
        context_tokens: the context it would be loaded with; never more than it was trained for.
        cache_type: how the cache keeps its numbers, one of `CACHE_BYTES`.
    """
    if shape is not None and shape.context_tokens:
        context_tokens = min(context_tokens, shape.context_tokens)
    if shape is None or not shape.vocabulary or not shape.layers:
        cache, buffers = round(weights * GUESSED_CACHE), GUESSED_BUFFERS
    else:
        cache = round(shape.cache_width * context_tokens * CACHE_BYTES[cache_type])
        buffers = AT_ONCE * 4 * (shape.vocabulary + 2 * shape.embedding)
    return Need(
        weights=weights,
        cache=cache,
        buffers=buffers,
        headroom=HEADROOM_BYTES + round(weights * HEADROOM_SHARE),
        context_tokens=context_tokens,
        cache_type=cache_type,
        estimated=shape is None or not shape.vocabulary or not shape.layers,
    )


def judge(
    need: Need,
    memory: Memory,
    shape: Shape | None = None,
    *,
    tokens_per_second: float | None = None,
    measured: bool = False,
    graphics: str = "",
) -> FitReport:
    """Whether a model that needs this much fits, is slow, or does not fit; without a suggestion yet.

    The computer's own memory decides, also where a graphics processor (`graphics`, see `offload.badge`) has room: the
    processor has to be able to take over when that fails.
    """
    free = memory.free + memory.reclaimable
    asks, has = f"It needs {size(need.total)} of memory", f"{size(memory.total)} in all"
    if need.total > memory.total - SYSTEM_BYTES:
        fit = Fit.TOO_LARGE
        said = f"{asks}. This computer has {has}, and other programs keep about {size(SYSTEM_BYTES)} of that."
    elif need.total > free:
        fit = Fit.SLOW
        said = f"{asks} and {size(free)} are free now. Close other programs first, or everything becomes slow."
    elif tokens_per_second is not None and tokens_per_second < SLOW_TOKENS_PER_S:
        fit = Fit.SLOW
        about = "" if measured else "about "
        said = f"It fits, but writes {about}{tokens_per_second:.1f} tokens a second on this computer."
    elif free - need.total < ROOM_BYTES:
        fit = Fit.SLOW
        said = f"{asks}, which leaves {size(free - need.total)} for other programs. It may become slow."
    else:
        fit = Fit.FITS
        said = f"{asks}; {size(free)} are free."
    return FitReport(
        fit=fit,
        sentence=said,
        arithmetic=(
            *_sum(need, shape),
            *_against(memory),
            *_pace(tokens_per_second, measured=measured),
            *filter(None, (graphics,)),
        ),
        need=need,
        tokens_per_second=tokens_per_second,
        measured=measured,
    )


def smaller(need: Need, others: Sequence[tuple[str, FitReport]]) -> str:
    """The name of the largest of the other models that fits and needs less, "" when there is none."""
    fitting = [(report.need.total, name) for name, report in others if report.fit is Fit.FITS]
    return max((one for one in fitting if one[0] < need.total), default=(0, ""))[1]


def reckoned_speed(weights: int, measured: Sequence[tuple[int, float]]) -> float | None:
    """Tokens a second of a model that was never tried here, from those that were.

    Every token reads all weights once, so speed times size is what the memory of this computer delivers. A very small
    model is held up by other things, and tells nothing of one that is many times larger.

    Args:
        weights: bytes of the model's weights.
        measured: bytes of weights and tokens a second of the models that were tried; the nearest in size counts.
    """
    telling = [(size, speed) for size, speed in measured if size * MOST_TIMES_LARGER >= weights and speed > 0]
    known = [(abs(size - weights), size * speed) for size, speed in telling]
    return min(known)[1] / weights if known and weights else None


def _sum(need: Need, shape: Shape | None) -> tuple[str, ...]:
    """The memory of the model, a line each part."""
    if need.estimated or shape is None:
        cache = f"+ cache about {size(need.cache)}: guessed from the size, because the file's header is not here yet"
        buffers = f"+ buffers about {size(need.buffers)}: likewise"
    else:
        each = CACHE_BYTES[need.cache_type]
        cache = (
            f"+ cache {size(need.cache)}: {need.context_tokens:,} tokens × {shape.cache_width:,} numbers "
            f"({shape.layers} layers) × {each:.4g} bytes ({need.cache_type})"
        )
        buffers = (
            f"+ buffers {size(need.buffers)}: {AT_ONCE} tokens at once × "
            f"(vocabulary {shape.vocabulary:,} + 2 × {shape.embedding:,}) × 4 bytes"
        )
    return (
        f"weights {size(need.weights)}: the file",
        cache,
        buffers,
        f"+ headroom {size(need.headroom)}: {size(HEADROOM_BYTES)} and {HEADROOM_SHARE * 100:.0f} % of the weights",
        f"= {size(need.total)} needed",
    )


def _against(memory: Memory) -> tuple[str, ...]:
    back = f", and {size(memory.reclaimable)} come back from the model in use" if memory.reclaimable else ""
    return (
        f"free now: {size(memory.free)}{back}",
        f"in all: {size(memory.total)}, of which other programs keep about {size(SYSTEM_BYTES)}",
    )


def _pace(tokens_per_second: float | None, *, measured: bool) -> tuple[str, ...]:
    if tokens_per_second is None:
        return ()
    how = "measured here" if measured else "reckoned from a model that was measured here"
    return (f"speed: {tokens_per_second:.1f} tokens a second, {how}",)
