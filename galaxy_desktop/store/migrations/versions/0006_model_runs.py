"""The sixth version: recorded runs of the language model, and answers kept for equal questions.

Only adds: no row of an earlier version is changed.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE model_run (
        run_id VARCHAR NOT NULL,
        sprint_id VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        model VARCHAR NOT NULL,
        weights VARCHAR NOT NULL,
        prompts VARCHAR NOT NULL,
        body VARCHAR NOT NULL,
        PRIMARY KEY (run_id)
    )
    """,
    "CREATE INDEX model_run_at ON model_run (at)",
    """
    CREATE TABLE answer (
        "key" VARCHAR NOT NULL,
        question VARCHAR NOT NULL,
        facts VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        prompts VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        body VARCHAR NOT NULL,
        PRIMARY KEY ("key")
    )
    """,
    "CREATE INDEX answer_at ON answer (at)",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("The database only goes forward; older versions are in the backups folder.")
