"""Loaded weights with everything that belongs to them: their cache, what is kept on disk, and how fast they are here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from galaxy_desktop.domain.inference import Stage, StageKind
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason import gguf, native, tuning
from galaxy_desktop.reason.cells import Cells, Held
from galaxy_desktop.reason.memory_need import need_of
from galaxy_desktop.reason.native import BATCH, SPARE, AbortFlag, Loading, Weights
from galaxy_desktop.reason.offload import FAILED, PROCESSOR, SLOWER, UNKNOWN, Offload, decide, faster
from galaxy_desktop.reason.sessions import Sessions
from galaxy_desktop.reason.tuning import Notebook, Plan
from galaxy_desktop.reason.writing import Desk

logger = logging.getLogger(__name__)

CACHE_TYPE = "f16"
TWICE, SLOW_STEPS = 2, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an engine behaves, beside which weights it has.

    `sessions` is the folder for evaluated prompts, `notes` the folder where this machine's findings are kept; without
    them nothing is kept. Times are in seconds; `idle_s` 0 keeps the weights for good.
    """

    gpu: bool = True
    threads: int | None = None
    context_tokens: int = 4096
    sessions: Path | None = None
    sessions_bytes: int = 1_000_000_000
    notes: Path | None = None
    quiet_s: float = 5.0
    idle_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model runs: `rival` is the other place where it could, `why` a sentence where people may wonder."""

    used: Offload
    rival: Offload | None = None
    why: str = ""


ALONE = Place(PROCESSOR)


@dataclass(frozen=True, slots=True)
class SeatHooks:
    """Who hears how far loading is, and who knows whether a graphics processor can take the weights.

    `passes` lets another process try it first: drivers end processes.
    """

    tell: Callable[[Stage], None]
    passes: Callable[[Offload], bool] = lambda _: True


class Pace:
    """Notices that the cores are wanted elsewhere: then fewer threads are faster, because all wait for the slowest."""

    def __init__(self, expected: float) -> None:
        """`expected` are the tokens a second that were measured on a calm machine, 0 when nothing was."""
        self._expected = expected
        self._slow = 0

    def too_slow(self, tokens: int, seconds: float) -> bool:
        """Whether this was the last of several steps in a row that took more than twice as long as they should."""
        slow = bool(self._expected) and tokens * TWICE < self._expected * seconds
        self._slow = self._slow + 1 if slow else 0
        return self._slow >= SLOW_STEPS


class Seat:
    """One loaded model; belongs to the lane's thread, like the weights in it."""

    def __init__(self, weights: Weights, identity: str, options: Options, cores: int, found: Place = ALONE) -> None:
        """Sit down: nothing is measured and nothing read from disk yet, but what was found before is used."""
        self.weights = weights
        self.identity = identity
        self.found = found
        self._cores = cores
        self._notebook = _notebook(options)
        self._key = _key(identity, cores, found.used)
        self.plan = self._found(options)
        self.measured = self.plan.measured or options.threads is not None
        made_with = f"{identity} {native.version()} {CACHE_TYPE}"
        kept = options.sessions_bytes > 0 and weights.shares
        self.sessions = (
            Sessions(options.sessions, options.sessions_bytes, made_with) if options.sessions and kept else None
        )
        self.cells = Cells(weights, weights.context_tokens, self._keep_leaving, self._on_disk)
        self.desk = self._lay()
        self.paces = (Pace(0.0), Pace(0.0))

    @property
    def gpu_layers(self) -> int:
        """How many of its layers a graphics processor has."""
        return self.found.used.layers

    @property
    def should_move(self) -> bool:
        """Whether the model should run at the other place: it was not tried there yet, or is faster there."""
        rival = self.found.rival
        if rival is None or not self.measured:
            return False
        here, other = self._notebook.find(self._key), self._notebook.find(_key(self.identity, self._cores, rival))
        return here is not None and (not faster(here, other) if self.gpu_layers else faster(other, here))

    @property
    def unsaved(self) -> bool:
        """Whether something evaluated is not on the disk yet."""
        return self.sessions is not None and any(self.sessions.misses(held) for held in self.cells.idle)

    def save(self, go_on: Callable[[], bool]) -> None:
        """Keep on disk what is finished, as long as `go_on` says so; what was used last first."""
        for held in reversed(self.cells.idle):
            if self.sessions is not None and go_on():
                self.sessions.save(self.weights, held, go_on)

    def forget(self) -> None:
        """Forget everything that was read, here and on the disk."""
        self.cells.forget()
        if self.sessions is not None:
            self.sessions.forget()

    def close(self) -> None:
        """Free the weights."""
        self.weights.close()

    def measure(self) -> None:
        """Try out threads and batch, and use what is found; raises `InterruptedByAbortError` when interrupted."""
        try:
            plan = tuning.measure(self, self._cores, largest=BATCH)
        finally:
            self.weights.cut(SPARE, 0)
            self._use(self.plan)
        logger.info(
            "measured: %d threads write %.1f tokens a second, %d threads read %.0f, %d at once",
            plan.write_threads, plan.write_speed, plan.read_threads, plan.read_speed, plan.at_once,
        )  # fmt: skip
        self._use(plan)
        self.measured = True
        self._notebook.keep(self._key, plan)

    def settle_in(self) -> None:
        """A text begins or goes on: use the threads that were found best."""
        self.paces = (Pace(self.plan.read_speed), Pace(self.plan.write_speed))
        self._use(self.plan)

    def note(self, *, wrote: bool, tokens: int, seconds: float) -> None:
        """A step took so long; when several in a row are slow, one core is left to whoever wants it."""
        spare = tuning.first_plan(self._cores)
        many = max(self.plan.write_threads, self.plan.read_threads) > spare.write_threads
        if many and self.paces[wrote].too_slow(tokens, seconds):
            self.weights.set_threads(spare.write_threads, spare.read_threads)

    def set_threads(self, writing: int, reading: int) -> None:
        """How many threads write tokens, and how many evaluate prompts."""
        self.weights.set_threads(writing, reading)

    def try_writing(self, tokens: int) -> None:
        """Evaluate so many tokens one after the other, in a sequence of their own."""
        self._try(tokens, 1)

    def try_reading(self, tokens: int, at_once: int) -> None:
        """Evaluate so many tokens, `at_once` at a time, in a sequence of their own."""
        self._try(tokens, at_once)

    def _try(self, tokens: int, at_once: int) -> None:
        self.weights.cut(SPARE, 0)
        self.cells.reserve(tokens)
        for start in range(0, tokens, at_once):
            count = min(at_once, tokens - start)
            self.weights.decode([(start + n) % self.weights.words for n in range(count)], SPARE, start)
        self.weights.wait()

    def _found(self, options: Options) -> Plan:
        plan = self._notebook.find(self._key) or tuning.first_plan(self._cores)
        if options.threads is not None:
            plan = replace(plan, write_threads=options.threads, read_threads=options.threads)
        return plan

    def _lay(self) -> Desk:
        self.weights.set_threads(self.plan.write_threads, self.plan.read_threads)
        return Desk(self.weights, self.cells, self.sessions, min(self.plan.at_once, BATCH))

    def _use(self, plan: Plan) -> None:
        self.plan = plan
        self.desk.at_once = min(plan.at_once, BATCH)
        self.weights.set_threads(plan.write_threads, plan.read_threads)

    def _on_disk(self, held: Held) -> bool:
        """Whether a finished text can be brought back without reading it again."""
        return self.sessions is not None and not self.sessions.misses(held)

    def _keep_leaving(self, held: Held) -> None:
        """A finished text has to make room in the cache: the disk has more of it."""
        if self.sessions is not None:
            self.sessions.save(self.weights, held)


def take_seat(
    path: Path,
    identity: str,
    options: Options,
    abort: AbortFlag,
    hooks: SeatHooks,
) -> Seat:
    """Load weights, on the graphics processor where there is one, it can take them, and it is not the slower one.

    Raises:
        CancelledByUserError: `abort` was set.
        ModelError: they cannot be loaded; the sentence says why.
    """
    cores = tuning.real_cores()

    def load(place: Place) -> Seat:
        layers = place.used.layers
        loading = Loading(context_tokens=options.context_tokens, threads=max(1, cores - 1), gpu_layers=layers)
        weights = Weights(
            path, loading, abort=abort, on_progress=lambda share: hooks.tell(Stage(StageKind.LOADING, share))
        )
        return Seat(weights, identity, options, cores, place)

    place = _place(path, identity, options, cores) if options.gpu and native.offers_gpu() else ALONE
    if place.used.layers:
        try:
            if hooks.passes(place.used):
                return load(place)
            logger.info("the process that tried %s came to an end", place.used.words)
        except ModelError as error:
            logger.info("%s is not used: %s", place.used.words, error)
        place = Place(PROCESSOR, why=FAILED.format(name=place.used.name))
    if place.why:
        hooks.tell(Stage(StageKind.LOADING, 0.0, place.why))
    return load(place)


def _place(path: Path, identity: str, options: Options, cores: int) -> Place:
    """Where weights should run on a machine with a graphics processor, by its free memory and by what was measured."""
    notebook = _notebook(options)
    try:
        devices = native.graphics()
    except ModelError:
        return Place(PROCESSOR, why=UNKNOWN)
    if devices != notebook.graphics():
        notebook.keep_graphics(devices)
    shape = gguf.read_header(path).shape()
    there = decide(need_of(path.stat().st_size, shape, context_tokens=options.context_tokens), shape, devices)
    if not there.layers:
        return Place(PROCESSOR, why=there.sentence)
    if faster(notebook.find(_key(identity, cores, there)), notebook.find(_key(identity, cores, PROCESSOR))):
        return Place(there, rival=PROCESSOR)
    return Place(
        PROCESSOR,
        rival=there,
        why=SLOWER.format(name=there.name) if _both_tried(notebook, identity, cores, there) else "",
    )


def _both_tried(notebook: Notebook, identity: str, cores: int, there: Offload) -> bool:
    return all(notebook.find(_key(identity, cores, place)) is not None for place in (there, PROCESSOR))


def _notebook(options: Options) -> Notebook:
    return Notebook(options.notes / "speeds.json" if options.notes else None)


def _key(identity: str, cores: int, place: Offload) -> str:
    where = f"{place.name}, {place.layers} of {place.of}" if place.layers else tuning.PROCESSOR
    return tuning.machine_key(identity, native.version(), cores, where)
