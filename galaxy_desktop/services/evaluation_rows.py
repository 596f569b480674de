"""Reads rows of public sprints from CSV, and says in a sentence what is wrong with a file.

The columns are those of `SEAnalytics/datasets` reduced to one row per sprint and moment, in any order; further columns
are ignored. A file whose outcome column is blank throughout, or missing, holds sprints that only want a prediction.
A row that cannot be true is refused with its file, line and column: a model that learned from it would be wrong
without anybody seeing why. A file is read line by line, and one beyond `MOST_ROWS` is refused before memory is gone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from galaxy_desktop.assess.outcome_moment import SprintMoment
from galaxy_desktop.assess.outcome_rows import SprintRow
from galaxy_desktop.errors import WrongUseError

OUTCOME = "points_delivered_minus_committed"
COUNTS = ("order", "items_at_start", "items_added", "items_removed", "items_todo", "items_in_progress", "items_done")
"""Columns with a whole number of zero or more in every row, like `members` and `percent_elapsed`."""
POINTS = ("points_at_start", "points_added", "points_removed", "points_todo", "points_in_progress", "points_done")
"""Columns with a number. Points may be below zero: boards let people estimate an item at -1, which counts as nothing."""
NUMBERS = (*COUNTS, *POINTS, "percent_elapsed", "planned_days", "members")
NEEDED = ("project", "sprint", *NUMBERS)

MOST = 1e9
"""A number beyond this, or below minus this, is a mistake; it would also drown all others in sums."""
MOST_ROWS = 100_000
"""Over twenty times what was ever published; scoring so many rows takes a gigabyte and half a minute."""
LONGEST_LINE = 1_000_000
LONGEST_NAME = 60

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)

Numbered = tuple[int, SprintRow]
"""The line on which a row begins, and the row."""


def read_rows(path: Path, *, outcomes: bool) -> list[SprintRow]:
    """The rows of a file in its order.

    Args:
        path: a CSV file with a header, in UTF-8, with or without a byte order mark, with any line ends.
        outcomes: every row must say how its sprint ended; otherwise all rows or none may.

    Raises:
        WrongUseError: with what is wrong, naming file, line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(file, path, outcomes=outcomes))
    except FileNotFoundError:
        raise WrongUseError(f"There is no file {path}. Check the path.") from None
    except UnicodeDecodeError:
        raise WrongUseError(f"{path} is not text in UTF-8. Save it as CSV in UTF-8.") from None
    except OSError as error:
        raise WrongUseError(f"{path} cannot be read: {error.strerror}.") from None
    if not rows:
        raise WrongUseError(f"{path} has a header but no rows.")
    _check_outcomes(rows, path, required=outcomes)
    _check_twins(rows, path)
    return [row for _, row in rows]


def shown(text: str) -> str:
    """A name or value out of a file, fit for a sentence in a terminal: nothing that steers it, and not too long."""
    plain = "".join(mark if mark.isprintable() else " " for mark in text[: LONGEST_NAME + 1])
    return plain if len(plain) <= LONGEST_NAME else f"{plain[:LONGEST_NAME]}…"


def _rows(file: TextIO, path: Path, *, outcomes: bool) -> Iterator[Numbered]:
    lines = _lines(file, path)
    header = next(lines, (0, []))[1]
    _check_header(header, path, outcomes=outcomes)
    for count, (line, cells) in enumerate(lines, 1):
        if count > MOST_ROWS:
            raise WrongUseError(f"{path} has more than {MOST_ROWS:,} rows. Split it, for example by project.")
        where = f"{path}, line {line}"
        if len(cells) != len(header):
            raise WrongUseError(f"{where}: there are {len(cells)} fields, and the header has {len(header)} columns.")
        yield line, _row(dict(zip(header, cells, strict=True)), where)


def _lines(file: TextIO, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Records that are not blank, each with the line on which it begins: a quoted field may hold line ends."""
    reader = csv.reader(_short_lines(file, path), strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise WrongUseError(f"{path}, line {begins}: this is not CSV ({error}).") from None


def _short_lines(file: TextIO, path: Path) -> Iterator[str]:
    """The lines, none of which may be endless."""
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise WrongUseError(
                f"{path} has a line of more than {LONGEST_LINE:,} characters, so it is not such a file."
            )
        yield line


def _check_header(header: list[str], path: Path, *, outcomes: bool) -> None:
    header[:] = [name.strip() for name in header]
    if not any(header):
        raise WrongUseError(f"{path} is empty. It needs a header and a row for each sprint and moment.")
    needed = (*NEEDED, OUTCOME) if outcomes else NEEDED
    missing = [name for name in needed if name not in header]
    if missing and len(header) == 1:
        raise WrongUseError(f"{path}, line 1: there is a single column. Columns are separated by commas.")
    if missing:
        word = "column" if len(missing) == 1 else "columns"
        raise WrongUseError(f"{path}, line 1: the header has no {word} {', '.join(missing)}.")
    twice = [name for name in (*NEEDED, OUTCOME) if header.count(name) > 1]
    if twice:
        raise WrongUseError(f"{path}, line 1: the column {twice[0]} is there twice.")


def _row(fields: Mapping[str, str], where: str) -> SprintRow:
    for name in ("project", "sprint"):
        if not fields[name].strip():
            raise WrongUseError(f"{where}, column {name}: it must not be blank.")
    values = {name: _number(fields[name], f"{where}, column {name}") for name in NUMBERS}
    for name, value in values.items():
        _check_value(name, value, f"{where}, column {name}")
    outcome = fields.get(OUTCOME, "")
    return SprintRow(
        project=fields["project"],
        sprint=fields["sprint"],
        order=int(values["order"]),
        percent_elapsed=int(values["percent_elapsed"]),
        moment=_moment(values),
        difference=_number(outcome, f"{where}, column {OUTCOME}") if outcome.strip() else None,
    )


def _number(text: str, where: str) -> float:
    bare = text.strip()
    if not bare:
        raise WrongUseError(f"{where}: it is blank, where a number belongs.")
    if not _NUMBER.fullmatch(bare):
        raise WrongUseError(f"{where}: it is “{shown(bare)}”, where a number belongs.")
    value = float(bare)
    if abs(value) > MOST:
        raise WrongUseError(f"{where}: {shown(bare)} is too large to be true.")
    return value


def _check_value(name: str, value: float, where: str) -> None:
    if name == "percent_elapsed" and (value != int(value) or not 0 <= value <= 100):
        raise WrongUseError(f"{where}: {value:g} is not a whole number from 0 to 100.")
    if name in POINTS:
        return
    if value < 0:
        raise WrongUseError(f"{where}: {value:g} is below zero.")
    if name != "planned_days" and value != int(value):
        raise WrongUseError(f"{where}: {value:g} is not a whole number.")


def _moment(values: Mapping[str, float]) -> SprintMoment:
    return SprintMoment(
        planned_days=values["planned_days"],
        elapsed=values["percent_elapsed"] / 100.0,
        committed_at_start=values["points_at_start"],
        added=values["points_added"],
        removed=values["points_removed"],
        todo=values["points_todo"],
        in_progress=values["points_in_progress"],
        done=values["points_done"],
        items_at_start=values["items_at_start"],
        items_added=values["items_added"],
        items_removed=values["items_removed"],
        items_todo=values["items_todo"],
        items_in_progress=values["items_in_progress"],
        items_done=values["items_done"],
        people=int(values["members"]),
    )


def _check_outcomes(rows: list[Numbered], path: Path, *, required: bool) -> None:
    unknown = [(line, row) for line, row in rows if row.difference is None]
    if unknown and (required or len(unknown) < len(rows)):
        line, row = unknown[0]
        raise WrongUseError(
            f"{path}, line {line}, column {OUTCOME}: it is blank for sprint {shown(row.sprint)} of {shown(row.project)}. "
            + ("Training needs every outcome." if required else "Fill all of the column, or none for predictions only.")
        )


def _check_twins(rows: list[Numbered], path: Path) -> None:
    seen: dict[tuple[str, str, int], int] = {}
    for line, row in rows:
        first = seen.setdefault((row.project, row.sprint, row.percent_elapsed), line)
        if first != line:
            raise WrongUseError(
                f"{path}, line {line}: sprint {shown(row.sprint)} of {shown(row.project)} at {row.percent_elapsed} % is there twice; "
                f"the first time on line {first}."
            )
