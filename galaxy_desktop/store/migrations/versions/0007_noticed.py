"""The seventh version: patterns that a language model noticed, and what people said of them.

Only adds: no row of an earlier version is changed.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE noticed (
        id VARCHAR NOT NULL,
        sprint_id VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        text VARCHAR NOT NULL,
        evidence VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        noticed_at DATETIME NOT NULL,
        opinion VARCHAR,
        opinion_at DATETIME,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX noticed_sprint ON noticed (sprint_id)",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("The database only goes forward; older versions are in the backups folder.")
