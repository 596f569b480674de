"""How fast the engine reads and writes beside llama.cpp alone, what it reads twice, and how soon it stops.

The reference is measured in turn with the engine, on the same weights with the same threads and batch: a machine that
is busy for a moment slows one try of both. Of several tries the fastest counts, for both.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from galaxy_desktop.domain.inference import Stage, StageKind
from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.reason.briefing import schema
from galaxy_desktop.reason.catalog import Catalog
from galaxy_desktop.reason.engine import Generation, Prompt
from galaxy_desktop.reason.llama import LlamaEngine
from galaxy_desktop.reason.seat import Options
from tests.benchmarks.children import profile
from tests.benchmarks.figures import Figure, ms, over
from tests.benchmarks.plain_llama import PlainLlama, llama_bench
from tests.benchmarks.random_weights import SMALL
from tests.benchmarks.random_weights import write as write_weights

FIGURES = (
    "model_reading", "model_writing", "model_reading_8b", "model_writing_8b", "model_loading_8b", "model_second_run",
    "model_stop",
)  # fmt: skip
SHARE, AGAIN, STOP_S = 0.95, 0.25, 1.0
CONTEXT = 1024
FACTS = "".join(f"- PR #{n} has been waiting for a review for {n} days, and nobody looked at it.\n" for n in range(22))


def measure(*, quick: bool) -> list[Figure]:
    """Measure the small model and, unless quick, noise in the shape of the 8B."""
    small = Catalog.read().weights(SMALL)
    reads, writes, tries = (64, 8, 1) if quick else (256, 64, 10)
    found = _speeds(small, "", reads, writes, tries)
    if not quick:
        with profile() as folder:
            large = write_weights(folder / "8b.gguf")
            found += _speeds(large, "_8b", 64, 8, 3)
            found.append(_loading(large))
    return [*found, _second_run(small), _stop(small)]


def _speeds(path: Path, name: str, reads: int, writes: int, tries: int) -> list[Figure]:
    """Reading and writing, each against llama.cpp alone; the engine's own plan is used for both."""
    with tempfile.TemporaryDirectory() as notes:
        engine = LlamaEngine(path, "benchmark", options=Options(context_tokens=CONTEXT, notes=Path(notes), idle_s=0))
        _Timed(engine, "warm up", reads, 2)
        seat = engine._seat
        assert seat is not None
        plan = replace(seat.plan, read_threads=seat.plan.write_threads)
        plain = PlainLlama(path, threads=plan.write_threads, at_once=plan.at_once, tokens=CONTEXT, repacked=False)
        ours, theirs, bound = [], [], 0.0
        for n in range(tries):
            engine.forget()  # llama-bench begins with an empty cache too
            one = _Timed(engine, f"{n} tells", reads, writes)
            ours.append((one.tokens_in / one.read_s, one.tokens_out / one.write_s))
            theirs.append((one.tokens_in / plain.read(one.tokens_in), one.tokens_out / plain.write(one.tokens_out)))
            strict = _Timed(engine, f"{n} cites", reads, writes, bound=True)
            bound = max(bound, strict.tokens_out / strict.write_s)
        plain.close()
        engine.close()
    real = llama_bench(path, threads=plan.write_threads, at_once=plan.at_once, read=reads, write=writes)
    said = f", {plan.write_threads} threads, {plan.at_once} at once"
    return [
        _speed(f"model_reading{name}", max(r for r, _ in ours), max(r for r, _ in theirs), real and real[0], said),
        _speed(
            f"model_writing{name}", max(w for _, w in ours), max(w for _, w in theirs), real and real[1],
            f", with a schema {bound:.1f}",
        ),
    ]  # fmt: skip


class _Timed:
    """One text of the engine, and how long reading and writing it took."""

    def __init__(self, engine: LlamaEngine, begins: str, reads: int, writes: int, *, bound: bool = False) -> None:
        prompt = Prompt(
            f"{begins} a story of many words.", "A long tale of stars and of a small ship. " * (reads // 11)
        )
        self._read_at = 0.0
        begun = time.perf_counter()
        form = schema(["E1", "E2"]) if bound else None
        written = engine.generate(prompt, schema=form, max_tokens=writes, on_stage=self._hear)
        ended = time.perf_counter()
        self.read_s, self.write_s = self._read_at - begun, ended - self._read_at
        self.tokens_in, self.tokens_out = written.tokens_evaluated, written.tokens_out

    def _hear(self, stage: Stage) -> None:
        if stage.kind is StageKind.READING and stage.share == 1.0 and not self._read_at:
            self._read_at = time.perf_counter()


def _speed(name: str, ours: float, plain: float, real: float | None, said: str) -> Figure:
    reference = f"llama.cpp alone {plain:.1f}" + (f", its llama-bench {real:.1f}" if real else "")
    return Figure(
        name=name,
        figure=f"{ours:.1f} tokens a second{said}",
        reference=reference,
        ratio=over(ours, plain),
        bar=f"at least {SHARE}x",
        met=ours >= SHARE * plain,
    )


def _loading(path: Path) -> Figure:
    """Mapped as it lies on the disk, beside laid out anew for this processor as llama.cpp does by itself."""
    found = {}
    for repacked in (False, True):
        plain = PlainLlama(path, threads=1, at_once=64, tokens=512, repacked=repacked)
        found[repacked] = (plain.load_s, 64 / min(plain.read(64) for _ in range(2)), 6 / plain.write(6))
        plain.close()
    (load, reads, writes), (load_anew, reads_anew, writes_anew) = found[False], found[True]
    return Figure(
        name="model_loading_8b",
        figure=f"{ms(load)} mapped; with 1 thread it reads {reads:.1f} and writes {writes:.1f} tokens a second",
        reference=f"laid out anew {ms(load_anew)}, reads {reads_anew:.1f}, writes {writes_anew:.1f}",
        ratio=over(load, load_anew),
    )


def _second_run(path: Path) -> Figure:
    """Four questions about the same facts, and again after a restart."""
    with tempfile.TemporaryDirectory() as folder:
        options = Options(context_tokens=2048, sessions=Path(folder), idle_s=0)
        first, second = (_evaluated(path, options) for _ in range(2))
        kept = sum(file.stat().st_size for file in Path(folder).iterdir())
    return Figure(
        name="model_second_run",
        figure=f"{second} tokens evaluated the second time, after a restart ({kept / 1e6:.0f} MB on disk)",
        reference=f"{first} the first time",
        ratio=over(second, first),
        bar=f"under {AGAIN}x",
        met=second < AGAIN * first,
    )


def _evaluated(path: Path, options: Options) -> int:
    engine = LlamaEngine(path, "benchmark", options=options)

    def ask(what: str) -> Generation:
        question = f"More about {what}: it is late.\nWrite one sentence."
        return engine.generate(Prompt("You word facts. " * 12, FACTS + question, stable=len(FACTS)), max_tokens=4)

    count = sum(ask(what).tokens_evaluated for what in ("flow", "risk", "reviews", "health"))
    engine.close()
    return count


def _stop(path: Path) -> Figure:
    """The longest time from asking to stop until the caller is free: while loading, reading and writing."""
    waits = {
        "loading": _stopped(path, lambda stage: stage.kind is StageKind.LOADING, warm=False),
        "reading": _stopped(path, lambda stage: stage.kind is StageKind.READING, warm=True),
        "writing": _stopped(path, lambda stage: stage.share == 1.0, warm=True),
    }
    longest = max(waits, key=lambda name: waits[name])
    return Figure(
        name="model_stop",
        figure=f"at most {ms(waits[longest])} ({longest})",
        reference=f"the caller looks every {ms(0.05)}",
        ratio=over(waits[longest], 0.05),
        bar=f"under {ms(STOP_S)}",
        met=waits[longest] < STOP_S,
    )


def _stopped(path: Path, at: Callable[[Stage], bool], *, warm: bool) -> float:
    engine = LlamaEngine(path, "benchmark", options=Options(context_tokens=2048, idle_s=0))
    stop, asked = threading.Event(), [0.0]
    if warm:
        engine.count_tokens("warm")

    def hear(stage: Stage) -> None:
        if at(stage) and not asked[0]:
            asked[0] = time.perf_counter()
            stop.set()

    try:
        engine.generate(Prompt("You tell.", FACTS), max_tokens=500, stop=stop, on_stage=hear)
    except CancelledByUserError:
        return time.perf_counter() - asked[0]
    finally:
        engine.close()
    print("the text was finished before it was stopped", file=sys.stderr)
    return float("nan")
