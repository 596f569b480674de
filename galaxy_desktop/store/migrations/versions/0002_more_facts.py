"""The second version: checks, releases, deployments, branches, links, boards, names, and what the Sync page shows.

Only adds: no row of the first version is changed. The names under which people and repositories are stored become
the first names known of them.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE board (
        id VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        owner VARCHAR NOT NULL,
        title VARCHAR NOT NULL,
        url VARCHAR NOT NULL,
        closed BOOLEAN NOT NULL,
        updated_at DATETIME NOT NULL,
        observed_at DATETIME NOT NULL,
        digest VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE exchange (
        "key" INTEGER NOT NULL,
        at DATETIME NOT NULL,
        host VARCHAR NOT NULL,
        repository VARCHAR NOT NULL,
        entity VARCHAR NOT NULL,
        method VARCHAR NOT NULL,
        path VARCHAR NOT NULL,
        status INTEGER,
        outcome VARCHAR NOT NULL,
        cost INTEGER NOT NULL,
        resource VARCHAR NOT NULL,
        remaining INTEGER,
        bytes_in INTEGER NOT NULL,
        bytes_out INTEGER NOT NULL,
        seconds FLOAT NOT NULL,
        PRIMARY KEY ("key")
    )
    """,
    """
    CREATE TABLE host_traffic (
        host VARCHAR NOT NULL,
        purpose VARCHAR NOT NULL,
        connections INTEGER NOT NULL,
        denied INTEGER NOT NULL,
        bytes_in INTEGER NOT NULL,
        bytes_out INTEGER NOT NULL,
        first_at DATETIME NOT NULL,
        last_at DATETIME NOT NULL,
        PRIMARY KEY (host, purpose)
    )
    """,
    """
    CREATE TABLE outbox_change (
        id VARCHAR NOT NULL,
        repository_id INTEGER NOT NULL,
        state VARCHAR NOT NULL,
        created_at DATETIME NOT NULL,
        sent_at DATETIME,
        body VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX outbox_change_state ON outbox_change (state)
    """,
    """
    CREATE TABLE refused_wish (
        "key" VARCHAR NOT NULL,
        sentence VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        PRIMARY KEY ("key")
    )
    """,
    """
    CREATE TABLE usage_day (
        day DATE NOT NULL,
        repository VARCHAR NOT NULL,
        entity VARCHAR NOT NULL,
        requests INTEGER NOT NULL,
        quota INTEGER NOT NULL,
        bytes_in INTEGER NOT NULL,
        bytes_out INTEGER NOT NULL,
        PRIMARY KEY (day, repository, entity)
    )
    """,
    """
    CREATE TABLE board_item (
        project_id VARCHAR NOT NULL,
        id VARCHAR NOT NULL,
        repository_id INTEGER NOT NULL,
        item_number INTEGER NOT NULL,
        iteration_id VARCHAR,
        status VARCHAR,
        points FLOAT,
        updated_at DATETIME NOT NULL,
        archived BOOLEAN NOT NULL,
        PRIMARY KEY (project_id, id),
        FOREIGN KEY(project_id) REFERENCES board (id)
    )
    """,
    """
    CREATE INDEX board_item_repository ON board_item (repository_id, item_number)
    """,
    """
    CREATE TABLE board_iteration (
        project_id VARCHAR NOT NULL,
        id VARCHAR NOT NULL,
        project_title VARCHAR NOT NULL,
        title VARCHAR NOT NULL,
        starts_on DATE NOT NULL,
        days INTEGER NOT NULL,
        completed BOOLEAN NOT NULL,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (project_id, id),
        FOREIGN KEY(project_id) REFERENCES board (id)
    )
    """,
    """
    CREATE TABLE board_look (
        project_id VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        PRIMARY KEY (project_id, at),
        FOREIGN KEY(project_id) REFERENCES board (id)
    )
    """,
    """
    CREATE TABLE board_span (
        project_id VARCHAR NOT NULL,
        item_id VARCHAR NOT NULL,
        iteration_id VARCHAR NOT NULL,
        repository_id INTEGER NOT NULL,
        first_at DATETIME NOT NULL,
        last_at DATETIME NOT NULL,
        PRIMARY KEY (project_id, item_id, iteration_id),
        FOREIGN KEY(project_id) REFERENCES board (id)
    )
    """,
    """
    CREATE TABLE branch_list (
        repository_id INTEGER NOT NULL,
        branches VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE check_result (
        repository_id INTEGER NOT NULL,
        source VARCHAR NOT NULL,
        id INTEGER NOT NULL,
        sha VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        status VARCHAR NOT NULL,
        conclusion VARCHAR,
        started_at DATETIME,
        finished_at DATETIME,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, source, id),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE INDEX check_result_sha ON check_result (repository_id, sha)
    """,
    """
    CREATE TABLE deployment (
        repository_id INTEGER NOT NULL,
        id INTEGER NOT NULL,
        sha VARCHAR NOT NULL,
        ref VARCHAR NOT NULL,
        environment VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        created_at DATETIME NOT NULL,
        updated_at DATETIME NOT NULL,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, id),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE item_links (
        repository_id INTEGER NOT NULL,
        item_number INTEGER NOT NULL,
        kind VARCHAR NOT NULL,
        targets VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, item_number, kind),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE list_mark (
        repository_id INTEGER NOT NULL,
        entity VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, entity),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE person_name (
        person_id INTEGER NOT NULL,
        login VARCHAR NOT NULL,
        first_at DATETIME NOT NULL,
        last_at DATETIME NOT NULL,
        PRIMARY KEY (person_id, login),
        FOREIGN KEY(person_id) REFERENCES person (id)
    )
    """,
    """
    CREATE TABLE reconcile_mark (
        repository_id INTEGER NOT NULL,
        at DATETIME NOT NULL,
        PRIMARY KEY (repository_id),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE release (
        repository_id INTEGER NOT NULL,
        id INTEGER NOT NULL,
        tag VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        draft BOOLEAN NOT NULL,
        prerelease BOOLEAN NOT NULL,
        author_id INTEGER,
        created_at DATETIME NOT NULL,
        published_at DATETIME,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, id),
        FOREIGN KEY(repository_id) REFERENCES repository (id),
        FOREIGN KEY(author_id) REFERENCES person (id)
    )
    """,
    """
    CREATE TABLE repository_name (
        repository_id INTEGER NOT NULL,
        full_name VARCHAR NOT NULL,
        PRIMARY KEY (repository_id, full_name),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE INDEX git_commit_newest ON git_commit (repository_id, committed_at)
    """,
)

NAMES = (
    "INSERT INTO person_name SELECT id, login, seen_at, seen_at FROM person",
    "INSERT INTO repository_name SELECT id, full_name FROM repository WHERE full_name <> ''",
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in (*TABLES, *NAMES):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("The database only goes forward; older versions are in the backups folder.")
