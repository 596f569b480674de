"""The table in docs/benchmarks.md: read, brought up to date row by row, written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from tests.benchmarks import machine
from tests.benchmarks.figures import Figure, ratio

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: written by python -m tests.benchmarks --write -->", "<!-- end of figures -->"
HEAD = "| figure | measured | reference in the same run | ratio | bar | load | taken |\n|---|---|---|---|---|---|---|"


def rows() -> dict[str, str]:
    """The rows of the table as they stand, by the figure's name."""
    found = {}
    for line in _parts()[1].splitlines():
        if line.startswith("| `"):
            found[line.split("`")[1]] = line
    return found


def write(figures: Sequence[tuple[Figure, float]], order: Sequence[str]) -> None:
    """Replace the rows of these figures (each with the load beside it) and describe this machine; others stay."""
    before, _, after = _parts()
    known = rows() | {figure.name: _row(figure, load) for figure, load in figures}
    lines = [known[name] for name in order if name in known]
    text = "\n".join((BEGIN, f"Machine: {machine.description()}.", "", HEAD, *lines, END))
    PAGE.write_text(before + text + after, encoding="utf-8")


def _row(figure: Figure, load: float) -> str:
    bar = f"{figure.bar}: **{figure.verdict}**" if figure.bar else "—"
    cells = (
        f"`{figure.name}`",
        figure.figure,
        figure.reference,
        ratio(figure.ratio),
        bar,
        f"{load:.1f}",
        date.today().isoformat(),  # noqa: DTZ011 - the day on the wall is meant
    )
    return "| " + " | ".join(cells) + " |"


def _parts() -> tuple[str, str, str]:
    """The page before, inside and after the marks."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    inside, _, after = rest.partition(END)
    return before, inside, after
