"""Whether the model may work now: on battery, with little memory and while somebody types it makes way.

The decision is pure: readings in, a verdict out. What it rests on comes from probes, and whoever owns the model obeys.
Three strains, each with a sentence that people read:

- **Typing.** Keys should appear at once. Background writing waits until nothing was typed for a moment; it does not
  begin anew.
- **Battery.** A laptop away from its plug keeps its charge for the person. Background work waits for the plug,
  explanations come from templates; questions are answered, because somebody asks.
- **Memory.** When little is free, background work waits; when it stays so, the weights are given back. It ends only
  when clearly more is free, so that it does not flicker.

When a strain ends, what waited goes on by itself.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from galaxy_desktop.domain.inference import Priority
from galaxy_desktop.domain.models import size
from galaxy_desktop.settings import Settings

logger = logging.getLogger(__name__)

LOOK_S = 2.0
TYPING_S = 1.5
"""So long after a key the person is still writing."""
LOW_BYTES = 750_000_000
"""With less memory free than this the computer soon swaps."""
ENOUGH = 1.5
"""Memory is no longer low when so many times that is free."""
PATIENCE_S = 20.0
"""Low memory for so long means that somebody needs it more than the model does."""


class Strain(StrEnum):
    """What keeps the model from working."""

    NONE = "none"
    TYPING = "typing"
    BATTERY = "battery"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """The computer at one moment; `on_battery` is `None` where there is no battery or nobody can tell."""

    free_bytes: int
    on_battery: bool | None = None
    typed_s: float | None = None
    """Seconds since a key was typed into the window, `None` when none was."""
    low_s: float = 0.0
    """For how long memory has been low."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the user wants: `battery` says whether background work waits on battery."""

    battery: bool = True
    low_bytes: int = LOW_BYTES
    typing_s: float = TYPING_S
    patience_s: float = PATIENCE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the model may work: no class below `below` may; `sentence` is for people, "" without a strain."""

    strain: Strain = Strain.NONE
    below: Priority = Priority.BACKGROUND
    sentence: str = ""
    unload: bool = False

    @property
    def lasting(self) -> bool:
        """Whether it is worth telling: typing is over in a moment, the others may last."""
        return self.strain in (Strain.BATTERY, Strain.MEMORY)


FREE = Verdict()


def decide(now: Readings, limits: Limits, before: Verdict = FREE) -> Verdict:
    """What the readings mean; `before` is the last verdict, on which it depends when low memory ends."""
    enough = limits.low_bytes * (ENOUGH if before.strain is Strain.MEMORY else 1.0)
    if now.free_bytes < enough:
        return Verdict(
            strain=Strain.MEMORY,
            below=Priority.QUESTION,
            sentence=f"Memory is low ({size(now.free_bytes)} free), so the model waits. "
            "Close other programs; it goes on by itself.",
            unload=now.low_s >= limits.patience_s,
        )
    if limits.battery and now.on_battery:
        return Verdict(
            strain=Strain.BATTERY,
            below=Priority.QUESTION,
            sentence="The computer runs on battery, so the model waits for the plug. It goes on by itself.",
        )
    if now.typed_s is not None and now.typed_s < limits.typing_s:
        return Verdict(strain=Strain.TYPING, below=Priority.ALERT, sentence="The model waits while you type.")
    return FREE


class Arbiter:
    """Looks at the computer now and then, and tells one listener when the verdict changed.

    `look` and `typed` are called on the event loop's thread.
    """

    def __init__(
        self,
        listener: Callable[[Verdict], None],
        probe: Callable[[], tuple[int, bool | None]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`probe` gives free bytes and whether the computer runs on battery."""
        self.listener = listener
        self._probe = probe or probe_computer
        self._clock = clock
        self._typed: float | None = None
        self._low_since: float | None = None
        self.limits = Limits()
        self.verdict = FREE

    def apply(self, settings: Settings) -> None:
        """Take over what the user wants."""
        self.limits = Limits(battery=settings.flag("model_waits_on_battery"))

    def typed(self) -> None:
        """A key was typed into the window: looked at soon, without asking the computer."""
        self._typed = self._clock()
        if self.verdict.strain is Strain.NONE:
            self._become(decide(Readings(free_bytes=1 << 62, typed_s=0.0), self.limits))

    def look(self) -> Verdict:
        """Take readings, decide, and tell when something changed."""
        free, on_battery = self._probe()
        now = self._clock()
        low = free < self.limits.low_bytes * (ENOUGH if self.verdict.strain is Strain.MEMORY else 1.0)
        self._low_since = (self._low_since if self._low_since is not None else now) if low else None
        readings = Readings(
            free_bytes=free,
            on_battery=on_battery,
            typed_s=None if self._typed is None else now - self._typed,
            low_s=0.0 if self._low_since is None else now - self._low_since,
        )
        self._become(decide(readings, self.limits, self.verdict))
        return self.verdict

    async def watch(self, sleep: Callable[[float], Any] = asyncio.sleep) -> None:
        """Look until cancelled: often while a strain lasts, so that work goes on soon."""
        while True:
            self.look()
            await sleep(LOOK_S if self.verdict.strain is Strain.NONE else TYPING_S / 2)

    def _become(self, verdict: Verdict) -> None:
        before, self.verdict = self.verdict, verdict
        if (before.strain, before.unload) == (verdict.strain, verdict.unload):
            return
        if verdict.lasting or before.lasting:
            logger.info("the model: %s", verdict.sentence or "it may work again")
        self.listener(verdict)


def probe_computer() -> tuple[int, bool | None]:
    """Bytes of memory that are free, and whether the computer runs on battery (`None` without one)."""
    psutil: Any = importlib.import_module("psutil")
    sensors = getattr(psutil, "sensors_battery", None)
    battery = sensors() if sensors is not None else None
    plugged = None if battery is None else battery.power_plugged
    return int(psutil.virtual_memory().available), None if plugged is None else not plugged
