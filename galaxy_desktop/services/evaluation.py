"""`galaxy-desktop evaluate outcomes`: how good the outcome model is on sprints that nobody here wrote.

It learns from one file of sprints and predicts another, later one; with `--leave-one-project-out` it predicts each
project from the others, as for a new team, in the test file or, without one, in the training file itself. History
comes from training rows alone: sprints overlap on a board and the data has no dates, so no test row may teach.
Nothing is random but the bootstrap, whose seed is fixed: the same files give the same bytes.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from galaxy_desktop.assess.outcome_curve import TEAM_WIDTH, WIDTH
from galaxy_desktop.assess.outcome_evaluation import Guess, evaluate, predict
from galaxy_desktop.assess.outcome_fit import fit
from galaxy_desktop.assess.outcome_rows import SprintRow
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.evaluation_report import fields, lines
from galaxy_desktop.services.evaluation_rows import read_rows, shown
from galaxy_desktop.services.written_files import check_targets, write_whole

logger = logging.getLogger(__name__)

Emit = Callable[[str], None]
MOST_WEIGHTED = 15_000_000
"""Rows times columns to learn from: each project has columns of its own, and so much takes about 1.5 GB."""
NAMED = 5
"""So many projects are named in a note; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesRequest:
    """What was asked: files of sprints, and what to write."""

    train: Path
    test: Path | None = None
    leave_one_project_out: bool = False
    predictions: Path | None = None
    save: Path | None = None
    as_json: bool = False


def evaluate_outcomes(request: OutcomesRequest, emit: Emit) -> int:
    """Fit on the training sprints, score on the test sprints, print, and return the exit code.

    Raises:
        WrongUseError: a file is missing or damaged, cannot be written or would be overwritten, or the request makes no
            sense, with what is wrong.
    """
    _check(request)
    train = read_rows(request.train, outcomes=True)
    _check_size(request.train, train)
    test = _to_predict(request, train)
    said: dict[str, object] = {"train": _described(request.train, train)}
    notes = [f"Learned from {_counted(train)}."]
    try:
        if request.save is not None:
            write_whole(request.save, fit(train).to_json())
            notes.append(f"The parameters are in {request.save}.")
        if test is not None:
            said |= _scored(request, train, test, notes)
    except ValueError as error:
        raise WrongUseError(f"These sprints cannot be used: {error}.") from error
    if request.as_json:
        emit(json.dumps(said | {"notes": notes}, indent=2, allow_nan=False))
    else:
        for line in [*notes, *lines(said)]:
            emit(line)
    return 0


def _check(request: OutcomesRequest) -> None:
    if request.predictions is not None and request.test is None and not request.leave_one_project_out:
        raise WrongUseError("There is nothing to predict. Name a file with --test, or use --leave-one-project-out.")
    check_targets((request.predictions, request.save), (request.train, request.test))


def _check_size(path: Path, rows: Sequence[SprintRow]) -> None:
    projects = len({row.project for row in rows})
    if len(rows) * (WIDTH + TEAM_WIDTH * projects) > MOST_WEIGHTED:
        raise WrongUseError(
            f"{path} has {len(rows):,} rows of {projects:,} projects, more than can be learned from at once. "
            "Leave projects or old sprints out."
        )


def _to_predict(request: OutcomesRequest, train: Sequence[SprintRow]) -> Sequence[SprintRow] | None:
    if request.test is not None:
        return read_rows(request.test, outcomes=False)
    return train if request.leave_one_project_out else None


def _scored(
    request: OutcomesRequest, train: Sequence[SprintRow], test: Sequence[SprintRow], notes: list[str]
) -> dict[str, object]:
    leave_out = request.leave_one_project_out
    _check_projects(request, train, test)
    guesses = predict(train, test, leave_out=leave_out)
    if request.predictions is not None:
        write_whole(request.predictions, _predictions(test, guesses["model"]))
        notes.append(f"The probabilities of {len(test):,} rows are in {request.predictions}.")
    if not leave_out:
        notes += _newcomers(train, test)
    shared = {(row.project, row.sprint) for row in train} & {(row.project, row.sprint) for row in test}
    if shared and not leave_out:
        notes.append(f"{len(shared):,} sprints are in both files, so these scores are better than they should be.")
    said: dict[str, object] = {
        "test": _described(request.test or request.train, test),
        "mode": "leave one project out" if leave_out else "later sprints",
    }
    if test[0].difference is None:
        notes.append("How the test sprints ended is not known, so there are predictions but no scores.")
        return said
    if all(row.committed <= 0 for row in test):
        notes.append("Nothing was committed in any test sprint, so none can be missed and there are no scores.")
        return said
    return said | {
        "committed": fields(evaluate(test, guesses, trivial=False)),
        "all_sprints": fields(evaluate(test, guesses, trivial=True)),
    }


def _check_projects(request: OutcomesRequest, train: Sequence[SprintRow], test: Sequence[SprintRow]) -> None:
    """With projects left out, some other project must be left to learn from."""
    known = {row.project for row in train if row.committed > 0}
    alone = {row.project for row in test if known <= {row.project}}
    if request.leave_one_project_out and alone:
        raise WrongUseError(
            f"{request.train} has no project but {shown(min(alone))} to learn from, so nothing is left when it is left out. "
            "Add projects, or name later sprints with --test alone."
        )


def _newcomers(train: Sequence[SprintRow], test: Sequence[SprintRow]) -> list[str]:
    """What is to be said of test projects that the training file does not know."""
    new = sorted({row.project for row in test} - {row.project for row in train})
    if not new:
        return []
    named = ", ".join(map(shown, new[:NAMED])) + (f" and {len(new) - NAMED:,} more" if len(new) > NAMED else "")
    return [f"Not in the training file, so predicted as new teams from what all others did: {named}."]


def _predictions(test: Sequence[SprintRow], guess: Guess) -> str:
    rows = [
        f"{_cell(row.project)},{_cell(row.sprint)},{row.percent_elapsed},{chance:.6f}"
        for row, chance in zip(test, guess.chances, strict=True)
    ]
    return "\n".join(["project,sprint,percent_elapsed,p_missed", *rows]) + "\n"


def _cell(text: str) -> str:
    if any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _described(path: Path, rows: Sequence[SprintRow]) -> dict[str, object]:
    return {
        "file": path.name,
        "rows": len(rows),
        "sprints": len({(row.project, row.sprint) for row in rows}),
        "projects": sorted({row.project for row in rows}),
    }


def _counted(rows: Sequence[SprintRow]) -> str:
    sprints = len({(row.project, row.sprint) for row in rows})
    return f"{sprints:,} sprints ({len(rows):,} rows) of {len({row.project for row in rows})} projects"
