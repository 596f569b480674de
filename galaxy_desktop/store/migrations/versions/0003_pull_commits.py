"""The third version: commits of pull requests.

Only adds: no row of an earlier version is changed.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLE = """
    CREATE TABLE pull_commits (
        repository_id INTEGER NOT NULL,
        item_number INTEGER NOT NULL,
        commits VARCHAR NOT NULL,
        total INTEGER NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, item_number),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLE)


def downgrade() -> None:
    raise NotImplementedError("The database only goes forward; older versions are in the backups folder.")
