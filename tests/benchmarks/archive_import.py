"""Reading an hour of GH Archive against what else a user has: zcat, grep and jq, and DuckDB's reader of JSON.

All three select the events of three repositories out of 200,000, with everything that is needed of them; ours makes
records of them as well. Each runs in a process of its own, its start included, in turn. Memory is the most that
the process ever held, with the hour and with one three times as long.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks import archive_hours
from tests.benchmarks.children import ROOT, profile
from tests.benchmarks.figures import Figure, median, ms, over

FIGURES = ("archive_jq", "archive_duckdb", "archive_memory")
EVENTS, LONGER, TURNS = 200_000, 3, 3
MOST_DUCKDB = 1.5
MOST_MEMORY = 200 * 2**20
IDS = tuple(number for number, _ in archive_hours.TRACKED)
FIELDS = "{id, type, created_at, actor, repo, payload}"


def measure(*, quick: bool) -> list[Figure]:
    """Write an hour, read it three ways in turn, then read a longer one."""
    events, turns = (2_000, 1) if quick else (EVENTS, TURNS)
    with profile() as data:
        hour = archive_hours.write(data / "2024-05-01-15.json.gz", events)
        longer = archive_hours.write(data / "2024-05-01-16.json.gz", events * LONGER, seed=8)
        ways = {"ours": _ours, **({"jq": _jq} if _has_jq() else {}), **({"duckdb": _duckdb} if _has_duckdb() else {})}
        runs = [{name: read(hour) for name, read in ways.items()} for _ in range(turns)]
        grown = _ours(longer)
    kept = {name: {run[name]["kept"] for run in runs} for name in ways}
    if len(set(map(frozenset, kept.values()))) != 1:
        raise RuntimeError(f"they do not select the same events: {kept}")
    seconds = {name: median([run[name]["seconds"] for run in runs]) for name in ways}
    first = runs[0]["ours"]
    return [
        *_against("archive_jq", "zcat, grep and jq", seconds, "jq", events=events, most=1.0),
        *_against("archive_duckdb", "DuckDB", seconds, "duckdb", events=events, most=MOST_DUCKDB),
        Figure(
            name="archive_memory",
            figure=f"peak {_mb(first['peak'])}, {_mb(grown['peak'])} with an hour {LONGER} times as long",
            reference=f"the process before it reads {_mb(first['before'])}",
            ratio=over(grown["peak"], first["before"]),
            bar=f"at most {_mb(MOST_MEMORY)}",
            met=max(first["peak"], grown["peak"]) <= MOST_MEMORY,
        ),
    ]


def _against(name: str, words: str, seconds: dict[str, float], other: str, *, events: int, most: float) -> list[Figure]:
    """A figure against a reference, or a word that the reference is missing."""
    if other not in seconds:
        print(f"{name}: not measured, {other} is missing on this computer", file=sys.stderr)
        return []
    return [
        Figure(
            name=name,
            figure=f"{ms(seconds['ours'])} for {events:,} events",
            reference=f"{words} {ms(seconds[other])}",
            ratio=over(seconds["ours"], seconds[other]),
            bar="faster" if most == 1 else f"at most {most}x",
            met=seconds["ours"] <= most * seconds[other],
        )
    ]


def _mb(count: float) -> str:
    return f"{count / 2**20:,.0f} MB"


# --- the three ways


def _has_jq() -> bool:
    return all(shutil.which(tool) for tool in ("bash", "zcat", "grep", "jq"))


def _has_duckdb() -> bool:
    return importlib.util.find_spec("duckdb") is not None


def _child(way: str) -> Callable[[Path], dict[str, Any]]:
    def run(path: Path) -> dict[str, Any]:
        words = [sys.executable, "-m", "tests.benchmarks.archive_import", way, str(path)]
        begun = time.perf_counter()
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, env=dict(os.environ))
        seconds = time.perf_counter() - begun
        found: dict[str, Any] = json.loads(done.stdout)
        return {**found, "seconds": seconds}

    return run


_ours, _duckdb = _child("ours"), _child("duckdb")


def _jq(path: Path) -> dict[str, Any]:
    """The fastest plain way: grep lets few lines through, jq parses those."""
    ids = "|".join(map(str, IDS))
    chosen = " or ".join(f".repo.id == {number}" for number in IDS)
    pipe = f"zcat {shlex.quote(str(path))} | LC_ALL=C grep -E '\"repo\":.\"id\":({ids}),' | jq -c 'select({chosen}) | {FIELDS}' | wc -l"
    begun = time.perf_counter()
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, check=True)
    return {"seconds": time.perf_counter() - begun, "kept": int(done.stdout)}


def _read_ours(path: Path) -> int:
    from galaxy_desktop.collect.archive.reading import FileReader
    from galaxy_desktop.collect.archive.scan import Wanted

    reader = FileReader(path, Wanted(ids=set(IDS)))
    held = [len(found.records) for portion in reader.portions() for found in portion.values()]
    if not sum(held) or reader.scanner.bad_count:
        raise RuntimeError("the hour was not read as it should be")
    return sum(reader.kept.values())


def _read_duckdb(path: Path) -> int:
    import duckdb  # type: ignore[import-not-found, unused-ignore]

    columns = "{id: 'VARCHAR', type: 'VARCHAR', created_at: 'VARCHAR', actor: 'STRUCT(id BIGINT, login VARCHAR)', repo: 'STRUCT(id BIGINT, name VARCHAR)', payload: 'JSON'}"
    query = (
        f"SELECT * FROM read_json(?, format = 'newline_delimited', columns = {columns}, maximum_object_size = 33554432) "  # noqa: S608 - made of constants
        f"WHERE repo.id IN {IDS}"
    )
    return len(duckdb.connect().execute(query, [str(path)]).fetchall())


def main(way: str, path: str) -> None:
    """What a child does: read, and say how much memory that took."""
    before = _peak()
    kept = {"ours": _read_ours, "duckdb": _read_duckdb}[way](Path(path))
    print(json.dumps({"kept": kept, "peak": _peak(), "before": before}))


def _peak() -> int:
    """The most memory this process ever held, in bytes."""
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage would count what the parent held before it started this program
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(*sys.argv[1:3])
