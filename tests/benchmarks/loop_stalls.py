"""How late the window's loop is while the program works: the reference is the same loop when nothing goes on.

Percentiles are over every beat of 5 ms that was due. What happens for the first time in a process (imports,
loading weights) is a figure of its own; "warm" is every time after that.
"""

from __future__ import annotations

from typing import Any

from tests.benchmarks.children import environment, profile, report
from tests.benchmarks.figures import Figure, ms, over
from tests.benchmarks.github_source import running

FIGURES = ("stalls_imports", "stalls_sync", "stalls_evaluate", "stalls_index", "stalls_prose")
P99_S, MOST_S, IMPORTS_S = 0.016, 0.100, 0.600
REHEARSAL = "tests.benchmarks.rehearsal"


def measure(*, quick: bool) -> list[Figure]:
    """Play two scenes: polling, and what runs behind."""
    more = ["--quick"] if quick else []
    with profile() as data, running(quick=quick) as github:
        env = environment(data, {"GALAXY_GITHUB_API": github.base})
        polls = report(REHEARSAL, "scenes:polls", github.to_text(), *more, env=env)
    with profile() as data:
        behind = report(REHEARSAL, "scenes:behind", *more, env=environment(data))
    imports = max(polls["imports"], behind["imports"], key=lambda found: found["max"])
    idle = behind["idle"]
    return [
        Figure(
            name="stalls_imports",
            figure=f"max {ms(imports['max'])}",
            reference=f"idle loop max {ms(idle['max'])}",
            ratio=over(imports["max"], idle["max"]),
            bar=f"max {ms(IMPORTS_S)}",
            met=imports["max"] <= IMPORTS_S,
        ),
        _warm("stalls_sync", polls["sync"], polls["idle"]),
        _warm("stalls_evaluate", polls["evaluate"], polls["idle"]),
        _warm("stalls_index", behind["index"], idle),
        _warm("stalls_prose", behind["prose"], idle),
    ]


def _warm(name: str, found: dict[str, Any], idle: dict[str, Any]) -> Figure:
    return Figure(
        name=name,
        figure=f"p50 {ms(found['p50'])}, p99 {ms(found['p99'])}, max {ms(found['max'])} of {found['beats']:,} beats",
        reference=f"idle loop p99 {ms(idle['p99'])}",
        ratio=over(found["p99"], idle["p99"]),
        bar="p99 16 ms, max 100 ms",
        met=found["p99"] <= P99_S and found["max"] <= MOST_S,
    )
