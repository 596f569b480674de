"""`galaxy-desktop evaluate outcomes`: how good the outcome model is on sprints that nobody here wrote."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from galaxy_desktop.services.evaluation_rows import read_rows

Emit = Callable[[str], None]


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
        WrongUseError: a file is missing or damaged, with what is wrong.
    """
    train = read_rows(request.train, outcomes=True)
    emit(json.dumps({"train_rows": len(train)}) if request.as_json else f"{len(train)} rows to learn from.")
    return 0
