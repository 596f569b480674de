"""Memory that the program holds (resident, of its one process): in facts mode, with the index, with the small model.

The same demo is opened twice, with the model's prose switched off and on. A language model is the user's choice and
its weights are most of what it costs, so the bar without it is the one that matters for an 8 GB laptop.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from galaxy_desktop.paths import DataFolder
from tests.benchmarks.children import environment, profile, report, run
from tests.benchmarks.figures import Figure, over
from tests.benchmarks.github_source import running
from tests.benchmarks.loop_stalls import REHEARSAL
from tests.benchmarks.scenes import DEMOS

FIGURES = ("memory_facts", "memory_index", "memory_repositories", "memory_model")
MOST = 700 * 2**20


def measure(*, quick: bool) -> list[Figure]:
    """Open the demo in facts mode, then real repositories, then the demo with the model; the quick way only the first."""
    with profile() as data:
        env = environment(data)
        empty = int(run("tests.benchmarks.window", "empty", env=env).split()[-1])
        run("galaxy_desktop.cli", "analyze", "--demo", DEMOS[2], env=env)
        _prose(data, on=False)
        facts = report(REHEARSAL, "scenes:memory", env=env)
        found = [
            _figure("memory_facts", facts["first index"], empty),
            _figure("memory_index", max(facts["after index"], facts["at the end"]), empty),
        ]
        if not quick:
            found.append(_repositories(empty))
            _prose(data, on=True)
            shutil.rmtree(DataFolder(data / f"demo-{DEMOS[2]}").vectors)
            model = report(REHEARSAL, "scenes:memory", env=env)
            found.append(_figure("memory_model", max(model.values()), empty, most=None))
    return found


def _repositories(empty: int) -> Figure:
    """The three repositories that are polled, from an empty profile until all of their texts are indexed."""
    with profile() as data, running(quick=False) as github:
        env = environment(data, {"GALAXY_GITHUB_API": github.base})
        held = report(REHEARSAL, "scenes:memory_repositories", github.to_text(), env=env)
    found = _figure("memory_repositories", held["at the end"], empty)
    return replace(found, figure=f"{found.figure} with {held['texts']:,} texts indexed, at most {_mb(held['peak'])}")


def _figure(name: str, held: int, empty: int, most: int | None = MOST) -> Figure:
    return Figure(
        name=name,
        figure=_mb(held),
        reference=f"empty PySide6 window {_mb(empty)}",
        ratio=over(held, empty),
        bar=f"at most {_mb(most)}" if most else "",
        met=held <= most if most else None,
    )


def _mb(count: int) -> str:
    return f"{count / 2**20:,.0f} MB"


def _prose(data: Path, *, on: bool) -> None:
    from galaxy_desktop.services import clock
    from galaxy_desktop.store.database import Store

    with Store.open(DataFolder(data / f"demo-{DEMOS[2]}")) as store:
        store.set_setting("prose", str(on).lower(), "benchmark", clock.now()).result()
