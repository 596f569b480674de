"""Reads rows of public sprints from CSV, and says in a sentence what is wrong with a file.

The columns are those of `SEAnalytics/datasets` reduced to one row per sprint and moment; further columns are ignored.
A file whose outcome column is blank throughout, or missing, holds sprints that only want a prediction.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from galaxy_desktop.assess.outcome_moment import SprintMoment
from galaxy_desktop.assess.outcome_rows import SprintRow
from galaxy_desktop.errors import WrongUseError

OUTCOME = "points_delivered_minus_committed"
NUMBERS = (
    "order",
    "percent_elapsed",
    "planned_days",
    "items_at_start",
    "points_at_start",
    "items_added",
    "points_added",
    "items_removed",
    "points_removed",
    "items_todo",
    "points_todo",
    "items_in_progress",
    "points_in_progress",
    "items_done",
    "points_done",
    "members",
)
"""Columns that must be there and hold a number of zero or more in every row. Points may be below zero: boards let
people estimate an item at -1, which the model counts as nothing."""


def read_rows(path: Path, *, outcomes: bool) -> list[SprintRow]:
    """The rows of a file in its order.

    Args:
        path: a CSV file with a header.
        outcomes: every row must say how its sprint ended; otherwise all rows or none may.

    Raises:
        WrongUseError: with what is wrong, naming file, line and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise WrongUseError(f"There is no file {path}. Check the path.") from None
    except UnicodeDecodeError:
        raise WrongUseError(f"{path} is not text in UTF-8. Save it as CSV.") from None
    except OSError as error:
        raise WrongUseError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        rows = _rows(text, path, outcomes=outcomes)
    except csv.Error as error:
        raise WrongUseError(f"{path} is not CSV: {error}.") from None
    _check_outcomes(rows, path, required=outcomes)
    _check_twins(rows, path)
    return rows


def _rows(text: str, path: Path, *, outcomes: bool) -> list[SprintRow]:
    reader = csv.DictReader(text.splitlines(), strict=True)
    if not reader.fieldnames:
        raise WrongUseError(f"{path} is empty. It needs a header and a row for each sprint and moment.")
    needed = ("project", "sprint", *NUMBERS, *((OUTCOME,) if outcomes else ()))
    missing = [name for name in needed if name not in reader.fieldnames]
    if missing:
        raise WrongUseError(f"{path} has no column {', '.join(missing)}. The header names what is there.")
    rows = [_row(fields, f"{path}, line {reader.line_num}") for fields in reader]
    if not rows:
        raise WrongUseError(f"{path} has a header but no rows.")
    return rows


def _row(fields: Mapping[str | None, str | None], where: str) -> SprintRow:
    if None in fields:
        raise WrongUseError(f"{where}: there are more fields than the header has columns.")
    if not fields["project"] or not fields["sprint"]:
        raise WrongUseError(f"{where}: project and sprint must not be blank.")
    values = {name: _number(fields[name], name, where) for name in NUMBERS}
    for name, value in values.items():
        if value < 0 and not name.startswith("points_"):
            raise WrongUseError(f"{where}: {name} is {value:g}, and must not be below zero.")
    percent = values["percent_elapsed"]
    if percent > 100 or percent != int(percent):
        raise WrongUseError(f"{where}: percent_elapsed is {percent:g}, and must be a whole number from 0 to 100.")
    outcome = fields.get(OUTCOME) or ""
    return SprintRow(
        project=fields["project"],
        sprint=fields["sprint"],
        order=int(values["order"]),
        percent_elapsed=int(percent),
        moment=_moment(values),
        difference=_number(outcome, OUTCOME, where) if outcome.strip() else None,
    )


def _number(text: str | None, name: str, where: str) -> float:
    try:
        value = float(text or "")
    except ValueError:
        said = "blank" if not (text or "").strip() else f"“{(text or '')[:40]}”"
        raise WrongUseError(f"{where}: {name} is {said}, where a number belongs.") from None
    if not math.isfinite(value):
        raise WrongUseError(f"{where}: {name} is {value}, where a finite number belongs.")
    return value


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


def _check_outcomes(rows: list[SprintRow], path: Path, *, required: bool) -> None:
    unknown = [row for row in rows if row.difference is None]
    if unknown and (required or len(unknown) < len(rows)):
        raise WrongUseError(
            f"{path}: {OUTCOME} is blank for sprint {unknown[0].sprint} of {unknown[0].project}. "
            + ("Training needs every outcome." if required else "Fill all of the column, or none for predictions only.")
        )


def _check_twins(rows: list[SprintRow], path: Path) -> None:
    seen: set[tuple[str, str, int]] = set()
    for row in rows:
        key = (row.project, row.sprint, row.percent_elapsed)
        if key in seen:
            raise WrongUseError(
                f"{path}: sprint {row.sprint} of {row.project} is there twice at {row.percent_elapsed} %."
            )
        seen.add(key)
