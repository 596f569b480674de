"""The fifth version: accepted actions and what came of them, forgotten verdicts, balloons, digests and mutes.

Only adds: no row of an earlier version is changed.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE intervention (
        id VARCHAR NOT NULL,
        recommendation_id VARCHAR NOT NULL,
        sprint_id VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        accepted_at DATETIME NOT NULL,
        progress VARCHAR NOT NULL,
        body VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX intervention_recommendation ON intervention (recommendation_id)",
    """
    CREATE TABLE learning_reset (
        kind VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        PRIMARY KEY (kind)
    )
    """,
    """
    CREATE TABLE course (
        sprint_id VARCHAR NOT NULL,
        due_on DATE NOT NULL,
        at DATETIME NOT NULL,
        probability FLOAT NOT NULL,
        PRIMARY KEY (sprint_id, due_on, at)
    )
    """,
    """
    CREATE TABLE balloon (
        id INTEGER NOT NULL,
        at DATETIME NOT NULL,
        kind VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    "CREATE INDEX balloon_at ON balloon (at)",
    """
    CREATE TABLE digest (
        day DATE NOT NULL,
        at DATETIME NOT NULL,
        body VARCHAR NOT NULL,
        PRIMARY KEY (day)
    )
    """,
    """
    CREATE TABLE mute (
        subject VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        until DATETIME,
        PRIMARY KEY (subject)
    )
    """,
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("The database only goes forward; older versions are in the backups folder.")
