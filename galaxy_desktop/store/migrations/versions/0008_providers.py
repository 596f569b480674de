"""The eighth version: providers of language models, what was agreed to for them, and what they used by day.

Only adds: no row of an earlier version is changed. Keys are in no table.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE provider (
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        address VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        price_in FLOAT,
        price_out FLOAT,
        tokens_a_day INTEGER,
        money_a_day FLOAT,
        has_key BOOLEAN NOT NULL,
        added_at DATETIME NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE provider_consent (
        provider VARCHAR NOT NULL,
        purpose VARCHAR NOT NULL,
        address VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        PRIMARY KEY (provider, purpose)
    )
    """,
    """
    CREATE TABLE provider_use (
        day DATE NOT NULL,
        provider VARCHAR NOT NULL,
        purpose VARCHAR NOT NULL,
        requests INTEGER NOT NULL,
        estimated INTEGER NOT NULL,
        tokens_in INTEGER NOT NULL,
        tokens_out INTEGER NOT NULL,
        cost FLOAT,
        PRIMARY KEY (day, provider, purpose)
    )
    """,
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("The database only goes forward; older versions are in the backups folder.")
