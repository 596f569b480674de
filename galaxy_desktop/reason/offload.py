"""What of a model goes onto a graphics processor: arithmetic and choice; pure, no llama.cpp.

Layers go there from the end: first the one that makes words of the last layer's numbers, then the last layer, and so
on. So many go as fit into the memory that is free there at that moment, with the part of the cache that belongs to
them, the buffers of the calculation, and room left for the screen. Layers that do not fit stay with the processor, and
llama.cpp hands the numbers over in between.

That a layer fits does not mean that it is faster there: a small card with a few layers can be slower than the processor
alone, and a processor that shares its memory with the card gains little. Nobody can say it beforehand, so both are
tried out (`tuning`), and `faster` chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from galaxy_desktop.domain.models import GraphicsDevice, Need, Shape, size

SCREEN_BYTES = 300_000_000
SCREEN_SHARE = 0.05
"""What the screen and other programs keep of a graphics processor's memory: so much, and this share of all of it."""
STEPS = 8
"""Where not all layers fit, their number goes in so many steps: each number has a trial of its own."""
READ_TOKENS, WRITTEN_TOKENS = 600, 120
"""An explanation as it usually is: what both ways of running a model are compared by."""
BYTES_OF_A_WORD = 1
"""What one number of the layer of words takes at most; it is larger than the others and goes first."""
FAILED = "The graphics processor ({name}) could not take the model, so the processor does its work."
SLOWER = "The processor is faster with this model than the graphics processor ({name}), so it does the work."
UNKNOWN = "This build of llama.cpp does not say what its graphics processor has free, so the processor does the work."
LITTLE = "The graphics processor ({name}) has {free} free and {each} are needed for one layer, so the processor does the work."


class Speeds(Protocol):
    """Tokens a second of a trial; 0 for what was not tried."""

    @property
    def read_speed(self) -> float:
        """Of a prompt."""
        ...

    @property
    def write_speed(self) -> float:
        """Of an answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Offload:
    """How many of a model's layers (`of` in all, the one of words counted) go onto a graphics processor; 0 for none.

    `sentence` says why it is none, "" where there is nothing to say.
    """

    layers: int = 0
    of: int = 0
    name: str = ""
    sentence: str = ""

    @property
    def whole(self) -> bool:
        """Whether all layers go there."""
        return 0 < self.of <= self.layers

    @property
    def words(self) -> str:
        """Where the model runs, for people."""
        if not self.layers:
            return "the processor"
        return f"the graphics processor ({self.name})" + ("" if self.whole else f", {self.layers} of {self.of} layers")


PROCESSOR = Offload()


def decide(need: Need, shape: Shape | None, devices: Sequence[GraphicsDevice]) -> Offload:
    """How many layers of a model go onto the graphics processors that there are.

    Args:
        need: the memory of the model, part by part.
        shape: its numbers; without its layers everything goes there or nothing.
        devices: what llama.cpp sees, with the bytes that are free now.
    """
    used = chosen(devices)
    if not used:
        return PROCESSOR
    name = " and ".join(dict.fromkeys(one.name for one in used))
    of = (shape.layers if shape is not None else 0) + 1
    words = (
        min(need.weights // 2, shape.vocabulary * shape.embedding * BYTES_OF_A_WORD)
        if shape is not None and shape.layers
        else 0
    )
    each = (need.weights - words + need.cache) / max(1, of - 1)
    room = sum(max(0, one.free - need.buffers - SCREEN_BYTES - round(one.total * SCREEN_SHARE)) for one in used)
    layers = min(of, 1 + int((room - words) / each)) if room >= words + each else 0
    if layers < of:
        layers -= layers % max(1, of // STEPS)
    if not layers:
        free = size(sum(one.free for one in used))
        return Offload(of=of, name=name, sentence=LITTLE.format(name=name, free=free, each=size(each)))
    return Offload(layers=layers, of=of, name=name)


def badge(need: Need, shape: Shape | None, devices: Sequence[GraphicsDevice] | None, *, wanted: bool) -> str:
    """What the badge of a model says of graphics processors, "" while nobody looked; `wanted` is the setting."""
    if devices is None:
        return ""
    if not devices:
        return "graphics processor: none that this build of llama.cpp can use"
    found, used = decide(need, shape, devices), chosen(devices)
    room = f"{size(sum(one.free for one in used))} of {size(sum(one.total for one in used))} free when last looked at"
    if not wanted:
        return f"graphics processor: {found.name}, switched off in Settings"
    fits = (
        "all layers fit"
        if found.whole
        else f"{found.layers} of {found.of} layers fit"
        if found.layers
        else "no layer fits"
    )
    return f"graphics processor: {found.name}, {room}: {fits} there"


def chosen(devices: Sequence[GraphicsDevice]) -> tuple[GraphicsDevice, ...]:
    """Those that llama.cpp would use: all with memory of their own, else the first that shares the computer's."""
    own = tuple(one for one in devices if not one.shares_memory)
    return own or tuple(devices[:1])


def faster(there: Speeds | None, here: Speeds | None) -> bool:
    """Whether the graphics processor (`there`) should run the model now, rather than the processor (`here`).

    `None` is for where no trial took place yet: what was not tried comes first, so that both get their trial. A trial
    that ran out of time before it read anything is compared by its writing alone.
    """
    if there is None or here is None:
        return there is None
    both_read = there.read_speed > 0 and here.read_speed > 0

    def seconds(speeds: Speeds) -> float:
        return WRITTEN_TOKENS / speeds.write_speed + (READ_TOKENS / speeds.read_speed if both_read else 0.0)

    return seconds(there) <= seconds(here)
