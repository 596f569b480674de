"""Every benchmark there is, in the order of the table; a module measures one or several figures in one run."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Protocol, cast

from tests.benchmarks.figures import Figure

MODULES = (
    "first_paint",
    "loop_stalls",
    "polls",
    "memory",
    "engine_speed",
    "large_model",
    "forecast",
    "board_writes",
    "text_search",
    "retrieval",
    "embedding",
    "evaluate",
    "first_sync",
    "archive_import",
)


class Benchmark(Protocol):
    """The face of a benchmark module."""

    FIGURES: tuple[str, ...]

    def measure(self, *, quick: bool) -> list[Figure]:
        """Measure; `quick` takes the smallest amounts that still go the whole way."""
        ...


def benchmark(module: str) -> Benchmark:
    """One benchmark module."""
    return cast("Benchmark", importlib.import_module(f"tests.benchmarks.{module}"))


def figure_names() -> tuple[str, ...]:
    """The names of all figures, in the order of the table."""
    return tuple(name for module in MODULES for name in benchmark(module).FIGURES)


def modules_for(names: Sequence[str]) -> tuple[str, ...]:
    """The modules that measure these figures; names of modules count too, and no name means all."""
    known = {*MODULES, *figure_names()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"There is no benchmark named {', '.join(unknown)}. There are: {', '.join(sorted(known))}.")
    wanted = set(names) or set(MODULES)
    return tuple(m for m in MODULES if m in wanted or wanted & set(benchmark(m).FIGURES))
