"""The fourth version: the forecast ledger with its inputs and outcomes.

Only adds: no row of an earlier version is changed, and the `forecast` table goes on beside it.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE ledger_entry (
        digest VARCHAR NOT NULL,
        sprint_id VARCHAR NOT NULL,
        sprint_title VARCHAR NOT NULL,
        said_at DATETIME NOT NULL,
        due_on DATE,
        probability FLOAT,
        why_none VARCHAR NOT NULL,
        raw_share FLOAT,
        course FLOAT,
        weight FLOAT,
        before_recalibration FLOAT,
        elapsed FLOAT,
        open INTEGER NOT NULL,
        done INTEGER NOT NULL,
        baselines VARCHAR NOT NULL,
        engine VARCHAR NOT NULL,
        seed INTEGER NOT NULL,
        inputs_digest VARCHAR NOT NULL,
        origin VARCHAR NOT NULL,
        PRIMARY KEY (digest)
    )
    """,
    """
    CREATE INDEX ledger_entry_sprint ON ledger_entry (sprint_id, origin, said_at)
    """,
    """
    CREATE TABLE ledger_inputs (
        digest VARCHAR NOT NULL,
        packed VARCHAR NOT NULL,
        PRIMARY KEY (digest)
    )
    """,
    """
    CREATE TABLE ledger_outcome (
        sprint_id VARCHAR NOT NULL,
        landed BOOLEAN NOT NULL,
        due_on DATE NOT NULL,
        ended_on DATE NOT NULL,
        delivered INTEGER NOT NULL,
        committed INTEGER NOT NULL,
        why VARCHAR NOT NULL,
        PRIMARY KEY (sprint_id)
    )
    """,
)

KEYS = {"ledger_entry": "digest", "ledger_inputs": "digest", "ledger_outcome": "sprint_id"}
FORGETTABLE = {"ledger_entry": "sprint_title", "ledger_inputs": "packed"}
"""The one column of a table that may be emptied, and nothing else may happen to a row."""
COLUMNS = {
    "ledger_entry": (
        "digest", "sprint_id", "sprint_title", "said_at", "due_on", "probability", "why_none", "raw_share", "course",
        "weight", "before_recalibration", "elapsed", "open", "done", "baselines", "engine", "seed", "inputs_digest",
        "origin",
    ),
    "ledger_inputs": ("digest", "packed"),
    "ledger_outcome": ("sprint_id",),
}  # fmt: skip

NEVER_SHRINKS = """
    CREATE TRIGGER {table}_never_shrinks BEFORE DELETE ON {table} BEGIN
        SELECT RAISE(ABORT, 'rows of {table} are never deleted');
    END
"""
ONCE = """
    CREATE TRIGGER {table}_once BEFORE INSERT ON {table}
    WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = new.{key}) BEGIN
        SELECT RAISE(IGNORE);
    END
"""
"""What is there already stays; INSERT OR REPLACE would delete it without firing a delete trigger."""
NEVER_CHANGES = """
    CREATE TRIGGER {table}_never_changes BEFORE UPDATE ON {table}{unless} BEGIN
        SELECT RAISE(ABORT, 'rows of {table} are never changed');
    END
"""


def upgrade() -> None:
    connection = op.get_bind()
    for statement in TABLES:
        connection.exec_driver_sql(statement)
    for table, key in KEYS.items():
        for text in (NEVER_SHRINKS, ONCE):
            connection.exec_driver_sql(text.format(table=table, key=key))
        connection.exec_driver_sql(NEVER_CHANGES.format(table=table, unless=_unless(table)))


def _unless(table: str) -> str:
    """Lets the one column be emptied while all others stay."""
    column = FORGETTABLE.get(table)
    if column is None:
        return ""
    others = " OR ".join(f"new.{name} IS NOT old.{name}" for name in COLUMNS[table] if name != column)
    return f" WHEN new.{column} <> '' OR {others}"


def downgrade() -> None:
    raise NotImplementedError("The database only goes forward; older versions are in the backups folder.")
