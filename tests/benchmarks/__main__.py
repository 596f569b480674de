"""Run benchmarks: `python -m tests.benchmarks [NAME…] [--quick] [--write]`; without a name, all of them.

Every benchmark runs in a process of its own, one after the other, and prints a line for each figure. `--write`
brings docs/benchmarks.md up to date, one benchmark after the other.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict

from tests.benchmarks import catalog, machine, table
from tests.benchmarks.children import ROOT
from tests.benchmarks.figures import Figure


def main() -> int:
    """Run what was named."""
    options = _parser().parse_args()
    if options.inside:
        print(json.dumps([asdict(f) for f in catalog.benchmark(options.inside).measure(quick=options.quick)]))
        return 0
    failed = [module for module in catalog.modules_for(options.names) if not _run(module, options)]
    if failed:
        print(f"Not measured: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(module: str, options: argparse.Namespace) -> bool:
    load = machine.load()
    words = [sys.executable, "-m", "tests.benchmarks", "--inside", module, *(["--quick"] if options.quick else [])]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        return False
    figures = [Figure(**fields) for fields in json.loads(done.stdout.splitlines()[-1])]
    for figure in figures:
        print(figure.line(), flush=True)
    if options.write:
        table.write([(figure, load) for figure in figures], catalog.figure_names())
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure, against references.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="the smallest amounts: shows that it runs, measures nothing"
    )
    parser.add_argument("--write", action="store_true", help="bring the table of docs/benchmarks.md up to date")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
