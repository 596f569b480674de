"""How many threads, and how many tokens at once: tried out for a few seconds, and remembered for this machine.

Nobody can say it beforehand. Threads beyond the real cores wait for each other; on a processor with slow and fast
cores all of them are slower than the fast ones alone; a large piece of a prompt is faster to read on one machine and
only slower to interrupt on another. So the candidates are tried, each with a few tokens, when the model was loaded for
the first time and nobody wants it. The trial ends early when its time is up or somebody comes.

What was found is kept per processor, number of cores, weights and version of llama.cpp: when one of them changes, it is
tried again. The note also says how fast the model was, which tells people beforehand whether a model is slow here.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol

from galaxy_desktop.domain.models import GraphicsDevice
from galaxy_desktop.reason.offload import faster

logger = logging.getLogger(__name__)

BUDGET_S = 4.0
WRITTEN, READ = 6, 64
"""Tokens of one try: long enough to tell candidates apart, short enough for a slow machine."""
BETTER = 1.05
"""A candidate with more threads has to be so much faster to be worth the cores it takes."""
NOTES_KEPT = 40
PROCESSOR = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The settings that were found, and the tokens a second they gave; speeds are 0 while nothing was measured."""

    write_threads: int
    read_threads: int
    at_once: int
    write_speed: float = 0.0
    read_speed: float = 0.0

    @property
    def measured(self) -> bool:
        """Whether it was tried out here."""
        return self.write_speed > 0


class Track(Protocol):
    """The part of a loaded model that a trial needs."""

    def set_threads(self, writing: int, reading: int) -> None:
        """How many threads write tokens, and how many evaluate prompts."""
        ...

    def try_writing(self, tokens: int) -> None:
        """Evaluate so many tokens one after the other."""
        ...

    def try_reading(self, tokens: int, at_once: int) -> None:
        """Evaluate so many tokens of a prompt, `at_once` at a time."""
        ...


def real_cores() -> int:
    """Real cores: threads beyond them wait for each other."""
    psutil: Any = importlib.import_module("psutil")
    return max(1, int(psutil.cpu_count(logical=False) or (os.cpu_count() or 2) // 2))


def first_plan(cores: int) -> Plan:
    """What is used until something was measured: all real cores but one.

    llama.cpp's threads wait for each other at every layer: as soon as one of them shares its core with somebody else,
    all are slow. Measured on two busy cores: 12 tokens a second with two threads, 84 with one.
    """
    spare = max(1, cores - 1)
    return Plan(write_threads=spare, read_threads=spare, at_once=64)


def measure(
    track: Track,
    cores: int,
    *,
    largest: int,
    clock: Callable[[], float] = time.perf_counter,
    budget_s: float = BUDGET_S,
) -> Plan:
    """Try candidates until all are tried or the time is up, and return the fastest.

    The plan in use is tried first, so that a trial that ends early can only improve on it. Whatever `track` raises
    ends the trial.
    """
    until = clock() + budget_s
    best = first_plan(cores)

    def speed(work: Callable[[], None], tokens: int) -> float:
        begun = clock()
        work()
        return tokens / max(clock() - begun, 1e-9)

    track.try_writing(1)
    for threads in _thread_candidates(cores):
        if clock() >= until:
            break
        track.set_threads(threads, threads)
        found = speed(lambda: track.try_writing(WRITTEN), WRITTEN)
        if found > best.write_speed * (BETTER if threads > best.write_threads else 1.0):
            best = replace(best, write_threads=threads, write_speed=found)
    for threads, at_once in _reading_candidates(cores, largest):
        if clock() >= until:
            break
        track.set_threads(best.write_threads, threads)
        found = speed(lambda n=at_once: track.try_reading(max(READ, n), n), max(READ, at_once))  # type: ignore[misc]
        if found > best.read_speed * BETTER:
            best = replace(best, read_threads=threads, at_once=at_once, read_speed=found)
    return best


def _thread_candidates(cores: int) -> Iterator[int]:
    """The plan in use first, then all cores, then half of them."""
    yield from dict.fromkeys((max(1, cores - 1), cores, max(1, cores // 2)))


def _reading_candidates(cores: int, largest: int) -> Iterator[tuple[int, int]]:
    """Small pieces first: they can be interrupted sooner, so a larger one has to be faster to be chosen."""
    for threads in dict.fromkeys((max(1, cores - 1), cores)):
        for at_once in (64, 32, 128, 256):
            if at_once <= largest:
                yield threads, at_once


class Notebook:
    """The file with what was found on this machine; a file that cannot be read is as good as none."""

    def __init__(self, path: Path | None) -> None:
        """Without a path nothing is remembered."""
        self._path = path

    def find(self, key: str) -> Plan | None:
        """The plan that was found under this key."""
        return self._read().get(key)

    def speed_of(self, model: str, *, gpu: bool = True) -> float | None:
        """Tokens a second that weights wrote here when they were tried last, `None` when they never were.

        `model` is the identity of the weights, as in `machine_key`. Where a graphics processor was tried as well and may
        be used (`gpu`) it is the speed of the place that the engine would choose.
        """
        found = {
            key.endswith(f" | {PROCESSOR}"): plan
            for key, plan in self._read().items()
            if f" | {model} | " in key and plan.measured
        }
        here, there = found.get(True), found.get(False) if gpu else None
        best = there if there is not None and (here is None or faster(there, here)) else here
        return best.write_speed if best is not None else None

    def graphics(self) -> tuple[GraphicsDevice, ...] | None:
        """The graphics processors that llama.cpp saw here when it was last loaded, `None` before anybody looked."""
        try:
            told = self._told()["graphics"]
            return tuple(GraphicsDevice(**_device(one)) for one in told)
        except (KeyError, TypeError, ValueError):
            return None

    def keep_graphics(self, devices: Sequence[GraphicsDevice]) -> None:
        """Remember which graphics processors there are, and what they had free."""
        self._write({**self._told(), "graphics": [asdict(one) for one in devices]})

    def keep(self, key: str, plan: Plan) -> None:
        """Remember a plan; the oldest go when there are too many. That it cannot be written is only logged."""
        if self._path is None:
            return
        known = {name: one for name, one in self._read().items() if name != key}
        kept = dict([*known.items(), (key, plan)][-NOTES_KEPT:])
        self._write({**self._told(), "plans": {name: asdict(one) for name, one in kept.items()}})

    def _write(self, told: dict[str, Any]) -> None:
        if self._path is None:
            return
        text = json.dumps(told, indent=1)
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8")
            part.replace(self._path)
        except OSError as error:
            logger.info("what was measured of the model is not kept: %s", error.strerror or error)

    def _read(self) -> dict[str, Plan]:
        plans = self._told().get("plans")
        if not isinstance(plans, dict):
            return {}
        return {str(name): plan for name, one in plans.items() if (plan := _plan(one)) is not None}

    def _told(self) -> dict[str, Any]:
        """What stands in the file; empty for one that cannot be read."""
        if self._path is None:
            return {}
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return told if isinstance(told, dict) else {}


def _plan(told: Any) -> Plan | None:
    """A plan out of a file; `None` for one that could not have been written by us."""
    if not isinstance(told, dict) or set(told) != {one.name for one in fields(Plan)}:
        return None
    whole = [told["write_threads"], told["read_threads"], told["at_once"]]
    speeds = [told["write_speed"], told["read_speed"]]
    sound = all(type(n) is int and 1 <= n <= 4096 for n in whole)
    return Plan(**told) if sound and all(type(s) in (int, float) and s >= 0 for s in speeds) else None


def _device(told: Any) -> dict[str, Any]:
    """What the file says of a graphics processor; raises `ValueError` for what could not have been written by us."""
    kinds = {"name": str, "free": int, "total": int, "shares_memory": bool}
    if not isinstance(told, dict) or {name: type(value) for name, value in told.items()} != kinds or told["free"] < 0:
        raise ValueError("no graphics processor")
    return told


def machine_key(model: str, version: str, cores: int, place: str = PROCESSOR) -> str:
    """What a plan is good for: this processor, so many cores, these weights, this llama.cpp, at this place.

    `place` is `PROCESSOR`, or the graphics processor with the number of layers that lie there.
    """
    return " | ".join((_processor(), f"{cores} cores", model, version, place))


def _processor() -> str:
    """The name of the processor, as far as the system tells."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return (names or [platform.processor() or platform.machine()])[0] + f" {os.name}"
