"""A computer with graphics processors that is none: llama.cpp's face around fakes, and the memory they have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.models import GraphicsDevice
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason import native, tuning
from galaxy_desktop.reason.native import AbortFlag, Loading
from galaxy_desktop.reason.seat import Options, Seat, SeatHooks, take_seat
from tests.reason.engine_fakes import FakeModel

GB = 10**9
CARD = GraphicsDevice(name="Test Card", free=11 * GB, total=12 * GB)


@dataclass
class Machine:
    """What llama.cpp finds; `speeds` are tokens a second on the card and on the processor."""

    devices: tuple[GraphicsDevice, ...] = (CARD,)
    offers: bool = True
    speeds: dict[bool, float] = field(default_factory=lambda: {True: 100.0, False: 10.0})
    fails: Callable[[Loading], None] = lambda _: None
    loaded: list[int] = field(default_factory=list)
    now: float = 0.0

    def weights(self, path: Path, loading: Loading, *, abort: AbortFlag, on_progress: Any) -> FakeWeights:
        """Stand in for `Weights`."""
        self.loaded.append(loading.gpu_layers)
        self.fails(loading)
        on_progress(1.0)
        return FakeWeights(self, bool(loading.gpu_layers), abort=abort)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> Machine:
        """Let the program find this machine."""
        monkeypatch.setattr(native, "offers_gpu", lambda: self.offers)
        monkeypatch.setattr(native, "graphics", self.look)
        monkeypatch.setattr("galaxy_desktop.reason.seat.Weights", self.weights)
        monkeypatch.setattr("galaxy_desktop.reason.tuning.real_cores", lambda: 4)
        monkeypatch.setattr(tuning, "measure", partial(tuning.measure, clock=lambda: self.now))
        return self

    def look(self) -> Sequence[GraphicsDevice]:
        """Stand in for `native.graphics`."""
        return self.devices

    def sit(self, path: Path, options: Options, said: list[str] | None = None, **hooks: Any) -> Seat:
        """Take a seat; `said` hears the sentences."""
        told = SeatHooks(lambda stage: said.append(stage.why) if said is not None and stage.why else None, **hooks)
        return take_seat(path, "weights", options, AbortFlag(), told)


class FakeWeights(FakeModel):
    """A model whose trial takes the time that this machine needs for it."""

    def __init__(self, machine: Machine, there: bool, *, abort: AbortFlag) -> None:
        super().__init__(abort=abort)
        self.machine, self.there = machine, there

    def decode(self, tokens: Sequence[int], sequence: int, position: int, *, last: bool = True) -> None:
        self.machine.now += len(tokens) / self.machine.speeds[self.there]
        super().decode(tokens, sequence, position, last=last)

    def wait(self) -> None:
        """Nothing runs behind."""


def breaks(there: bool) -> Callable[[Loading], None]:
    """Loading fails on the card (or on the processor)."""

    def fails(loading: Loading) -> None:
        if bool(loading.gpu_layers) is there:
            raise ModelError("out of memory")

    return fails
