"""Recorded runs and kept answers: local, few, small, and gone when a repository that they speak of is forgotten.

Both are conveniences: a run that was dropped can be made again, and so can an answer. So the newest are kept and the
rest goes, and what is too large to keep is not kept.
"""

from __future__ import annotations

import json

from sqlalchemy import Table, delete, func, select
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.recorded import KeptAnswer, RecordedRun, RunBrief
from galaxy_desktop.store import statements
from galaxy_desktop.store.rows import clean, utc
from galaxy_desktop.store.tables import PersonRow, table
from galaxy_desktop.store.tables_model import AnswerRow, ModelRunRow

RUNS = table(ModelRunRow)
ANSWERS = table(AnswerRow)
PEOPLE = table(PersonRow)

RUNS_KEPT = 60
ANSWERS_KEPT = 500
LARGEST_RUN = 400_000
LARGEST_ANSWER = 40_000
"""In characters."""


def keep_run(connection: Connection, run: RecordedRun) -> bool:
    """Keep a run in the place of an earlier one of the same id; whether it was small enough."""
    if len(run.body) > LARGEST_RUN:
        return False
    columns = ("run_id", "sprint_id", "at", "model", "weights", "prompts", "body")
    values = {
        "run_id": clean(run.run_id),
        "sprint_id": clean(run.sprint_id),
        "at": utc(run.at),
        "model": clean(run.model),
        "weights": clean(run.weights),
        "prompts": json.dumps(run.prompts),
        "body": clean(run.body),
    }
    connection.execute(statements.upsert(RUNS, ("run_id",), columns), values)
    _drop_old(connection, RUNS, RUNS_KEPT)
    return True


def run(connection: Connection, run_id: str) -> RecordedRun | None:
    """A recorded run by its id."""
    row = connection.execute(select(RUNS).where(RUNS.c.run_id == run_id)).one_or_none()
    if row is None:
        return None
    return RecordedRun(
        run_id=row.run_id,
        sprint_id=row.sprint_id,
        at=row.at,
        model=row.model,
        weights=row.weights,
        prompts=_prompts(row.prompts),
        body=row.body,
    )


def runs(connection: Connection, limit: int) -> tuple[RunBrief, ...]:
    """The recorded runs without their content, newest first."""
    columns = [column for column in RUNS.c if column.name not in ("body", "prompts")]
    size = func.length(RUNS.c.body).label("size")
    found = connection.execute(select(*columns, RUNS.c.prompts, size).order_by(RUNS.c.at.desc()).limit(limit))
    return tuple(RunBrief(**{**row, "prompts": _prompts(row["prompts"])}) for row in found.mappings())


def keep_answer(connection: Connection, answer: KeptAnswer) -> bool:
    """Keep an answer; whether it was small enough."""
    if len(answer.body) > LARGEST_ANSWER:
        return False
    columns = ("key", "question", "facts", "model", "prompts", "at", "body")
    values = {name: clean(getattr(answer, name)) for name in columns if name != "at"}
    connection.execute(statements.upsert(ANSWERS, ("key",), columns), {**values, "at": utc(answer.at)})
    _drop_old(connection, ANSWERS, ANSWERS_KEPT)
    return True


def answer(connection: Connection, key: str) -> KeptAnswer | None:
    """The answer that is kept under a key."""
    row = connection.execute(select(ANSWERS).where(ANSWERS.c.key == key)).mappings().one_or_none()
    return KeptAnswer(**row) if row is not None else None


def forget_answers(connection: Connection) -> int:
    """Drop all kept answers: words of a question can come out of a repository that its answer does not name."""
    return connection.execute(delete(ANSWERS)).rowcount


def untracked(connection: Connection, full_name: str) -> int:
    """Drop what was worded of a repository that is no longer shown: runs that name it, and all kept answers."""
    named = func.instr(func.lower(RUNS.c.body), full_name.lower()) > 0
    return connection.execute(delete(RUNS).where(named)).rowcount + forget_answers(connection)


def logins(connection: Connection) -> tuple[str, ...]:
    """The logins of all people that are stored."""
    return tuple(connection.scalars(select(PEOPLE.c.login).order_by(PEOPLE.c.login)))


def _drop_old(connection: Connection, target: Table, kept: int) -> None:
    """Keep the newest rows of a table."""
    key = next(iter(target.primary_key.columns))
    old = select(key).order_by(target.c.at.desc(), key).limit(-1).offset(kept)
    connection.execute(delete(target).where(key.in_(old)))


def _prompts(stored: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(version)) for name, version in json.loads(stored))
