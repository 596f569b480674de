"""The first version: everything that GitHub tells, everything concluded from it, full-text search, ledgers.

The SQL is written out, not made from the present tables, so that it says the same forever.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE alert (
        id VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        body VARCHAR NOT NULL,
        shown_at DATETIME,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE INDEX alert_at ON alert (at)
    """,
    """
    CREATE TABLE analysis (
        id INTEGER NOT NULL,
        as_of DATETIME NOT NULL,
        engine VARCHAR NOT NULL,
        body VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE audit (
        id INTEGER NOT NULL,
        who VARCHAR NOT NULL,
        what VARCHAR NOT NULL,
        target VARCHAR NOT NULL,
        "before" VARCHAR NOT NULL,
        "after" VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE evidence (
        id VARCHAR NOT NULL,
        quote VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (id, quote)
    )
    """,
    """
    CREATE TABLE execution (
        "key" INTEGER NOT NULL,
        run_id VARCHAR NOT NULL,
        node VARCHAR NOT NULL,
        model VARCHAR NOT NULL,
        status VARCHAR NOT NULL,
        input_digest VARCHAR NOT NULL,
        output_digest VARCHAR NOT NULL,
        started_at DATETIME NOT NULL,
        duration_s FLOAT NOT NULL,
        tokens_in INTEGER NOT NULL,
        tokens_out INTEGER NOT NULL,
        error VARCHAR NOT NULL,
        PRIMARY KEY ("key")
    )
    """,
    """
    CREATE INDEX execution_run ON execution (run_id)
    """,
    """
    CREATE TABLE feature_set (
        sprint_id VARCHAR NOT NULL,
        as_of DATETIME NOT NULL,
        digest VARCHAR NOT NULL,
        body VARCHAR NOT NULL,
        PRIMARY KEY (sprint_id, as_of)
    )
    """,
    """
    CREATE TABLE forecast (
        id INTEGER NOT NULL,
        sprint_id VARCHAR NOT NULL,
        as_of DATETIME NOT NULL,
        digest VARCHAR NOT NULL,
        due_on DATE,
        probability FLOAT,
        why_none VARCHAR,
        n_active_days INTEGER NOT NULL,
        n_completed INTEGER NOT NULL,
        runs INTEGER NOT NULL,
        seed INTEGER NOT NULL,
        engine VARCHAR NOT NULL,
        body VARCHAR NOT NULL,
        PRIMARY KEY (id),
        UNIQUE (sprint_id, as_of, digest)
    )
    """,
    """
    CREATE TABLE job (
        id INTEGER NOT NULL,
        "key" VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        payload VARCHAR NOT NULL,
        priority INTEGER NOT NULL,
        state VARCHAR NOT NULL,
        attempts INTEGER NOT NULL,
        not_before DATETIME NOT NULL,
        created_at DATETIME NOT NULL,
        claimed_at DATETIME,
        finished_at DATETIME,
        owner VARCHAR NOT NULL,
        error VARCHAR NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE UNIQUE INDEX job_active_key ON job ("key") WHERE state IN ('waiting', 'running')
    """,
    """
    CREATE INDEX job_next ON job (state, priority, not_before)
    """,
    """
    CREATE TABLE person (
        id INTEGER NOT NULL,
        login VARCHAR NOT NULL,
        seen_at DATETIME NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE recommendation (
        sprint_id VARCHAR NOT NULL,
        id VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        delta_probability FLOAT,
        body VARCHAR NOT NULL,
        first_at DATETIME NOT NULL,
        last_at DATETIME NOT NULL,
        PRIMARY KEY (sprint_id, id)
    )
    """,
    """
    CREATE TABLE repository (
        id INTEGER NOT NULL,
        full_name VARCHAR NOT NULL,
        url VARCHAR NOT NULL,
        default_branch VARCHAR NOT NULL,
        private BOOLEAN NOT NULL,
        archived BOOLEAN NOT NULL,
        has_issues BOOLEAN NOT NULL,
        known BOOLEAN NOT NULL,
        tracked BOOLEAN NOT NULL,
        seen_at DATETIME,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE risk (
        sprint_id VARCHAR NOT NULL,
        id VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        severity VARCHAR NOT NULL,
        probability FLOAT NOT NULL,
        body VARCHAR NOT NULL,
        first_at DATETIME NOT NULL,
        last_at DATETIME NOT NULL,
        PRIMARY KEY (sprint_id, id)
    )
    """,
    """
    CREATE TABLE setting (
        name VARCHAR NOT NULL,
        value VARCHAR NOT NULL,
        PRIMARY KEY (name)
    )
    """,
    """
    CREATE TABLE sprint (
        id VARCHAR NOT NULL,
        title VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        starts_at DATETIME,
        due_on DATE,
        closed_at DATETIME,
        body VARCHAR NOT NULL,
        as_of DATETIME NOT NULL,
        PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE sprint_confirmation (
        sprint_id VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        PRIMARY KEY (sprint_id)
    )
    """,
    """
    CREATE TABLE verdict (
        recommendation_id VARCHAR NOT NULL,
        verdict VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        at DATETIME NOT NULL,
        until DATETIME,
        PRIMARY KEY (recommendation_id)
    )
    """,
    """
    CREATE TABLE wish (
        "key" VARCHAR NOT NULL,
        full_name VARCHAR NOT NULL,
        PRIMARY KEY ("key")
    )
    """,
    """
    CREATE TABLE comment (
        "key" INTEGER NOT NULL,
        repository_id INTEGER NOT NULL,
        review BOOLEAN NOT NULL,
        id INTEGER NOT NULL,
        item_number INTEGER NOT NULL,
        author_id INTEGER,
        body VARCHAR NOT NULL,
        created_at DATETIME NOT NULL,
        updated_at DATETIME NOT NULL,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY ("key"),
        UNIQUE (repository_id, review, id),
        FOREIGN KEY(repository_id) REFERENCES repository (id),
        FOREIGN KEY(author_id) REFERENCES person (id)
    )
    """,
    """
    CREATE INDEX comment_item ON comment (repository_id, item_number)
    """,
    """
    CREATE TABLE cursor (
        repository_id INTEGER NOT NULL,
        entity VARCHAR NOT NULL,
        position VARCHAR NOT NULL,
        complete BOOLEAN NOT NULL,
        note VARCHAR NOT NULL,
        ever_complete BOOLEAN NOT NULL,
        PRIMARY KEY (repository_id, entity),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE git_commit (
        repository_id INTEGER NOT NULL,
        sha VARCHAR NOT NULL,
        message VARCHAR NOT NULL,
        author_id INTEGER,
        committed_at DATETIME NOT NULL,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        additions INTEGER,
        deletions INTEGER,
        stamps VARCHAR NOT NULL,
        PRIMARY KEY (repository_id, sha),
        FOREIGN KEY(repository_id) REFERENCES repository (id),
        FOREIGN KEY(author_id) REFERENCES person (id)
    )
    """,
    """
    CREATE TABLE gone (
        repository_id INTEGER NOT NULL,
        kind VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, kind, number),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE item_event (
        repository_id INTEGER NOT NULL,
        id INTEGER NOT NULL,
        item_number INTEGER NOT NULL,
        kind VARCHAR NOT NULL,
        actor_id INTEGER,
        subject VARCHAR NOT NULL,
        created_at DATETIME NOT NULL,
        observed_at DATETIME NOT NULL,
        url VARCHAR NOT NULL,
        PRIMARY KEY (repository_id, id),
        FOREIGN KEY(repository_id) REFERENCES repository (id),
        FOREIGN KEY(actor_id) REFERENCES person (id)
    )
    """,
    """
    CREATE TABLE item_version (
        repository_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        updated_at DATETIME NOT NULL,
        digest VARCHAR NOT NULL,
        content VARCHAR NOT NULL,
        first_seen_at DATETIME NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, number, updated_at, digest),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE label (
        repository_id INTEGER NOT NULL,
        id INTEGER NOT NULL,
        name VARCHAR NOT NULL,
        color VARCHAR NOT NULL,
        description VARCHAR NOT NULL,
        PRIMARY KEY (repository_id, id),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE milestone (
        repository_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        id INTEGER NOT NULL,
        title VARCHAR NOT NULL,
        description VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        due_on DATE,
        created_at DATETIME NOT NULL,
        updated_at DATETIME NOT NULL,
        closed_at DATETIME,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, number),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE milestone_version (
        repository_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        updated_at DATETIME NOT NULL,
        digest VARCHAR NOT NULL,
        id INTEGER NOT NULL,
        title VARCHAR NOT NULL,
        description VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        due_on DATE,
        created_at DATETIME NOT NULL,
        closed_at DATETIME,
        url VARCHAR NOT NULL,
        first_seen_at DATETIME NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, number, updated_at, digest),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE review (
        repository_id INTEGER NOT NULL,
        id INTEGER NOT NULL,
        item_number INTEGER NOT NULL,
        author_id INTEGER,
        verdict VARCHAR NOT NULL,
        body VARCHAR NOT NULL,
        submitted_at DATETIME NOT NULL,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, id),
        FOREIGN KEY(repository_id) REFERENCES repository (id),
        FOREIGN KEY(author_id) REFERENCES person (id)
    )
    """,
    """
    CREATE TABLE sync_status (
        repository_id INTEGER NOT NULL,
        state VARCHAR NOT NULL,
        sentence VARCHAR NOT NULL,
        synced_at DATETIME,
        next_try_at DATETIME,
        offline_since DATETIME,
        PRIMARY KEY (repository_id),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE validator (
        repository_id INTEGER NOT NULL,
        url VARCHAR NOT NULL,
        etag VARCHAR NOT NULL,
        PRIMARY KEY (repository_id, url),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
    """
    CREATE TABLE work_item (
        "key" INTEGER NOT NULL,
        repository_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        kind VARCHAR NOT NULL,
        title VARCHAR NOT NULL,
        body VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        state_reason VARCHAR,
        author_id INTEGER,
        assignees VARCHAR NOT NULL,
        labels VARCHAR NOT NULL,
        milestone_number INTEGER,
        created_at DATETIME NOT NULL,
        updated_at DATETIME NOT NULL,
        closed_at DATETIME,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        draft BOOLEAN NOT NULL,
        merged_at DATETIME,
        head_sha VARCHAR,
        base_ref VARCHAR,
        requested_reviewers VARCHAR NOT NULL,
        additions INTEGER,
        deletions INTEGER,
        files VARCHAR,
        stamps VARCHAR NOT NULL,
        PRIMARY KEY ("key"),
        UNIQUE (repository_id, number),
        FOREIGN KEY(repository_id) REFERENCES repository (id),
        FOREIGN KEY(author_id) REFERENCES person (id)
    )
    """,
    """
    CREATE INDEX work_item_milestone ON work_item (repository_id, milestone_number)
    """,
    """
    CREATE TABLE workflow_run (
        repository_id INTEGER NOT NULL,
        id INTEGER NOT NULL,
        name VARCHAR NOT NULL,
        head_sha VARCHAR NOT NULL,
        head_branch VARCHAR NOT NULL,
        event VARCHAR NOT NULL,
        status VARCHAR NOT NULL,
        conclusion VARCHAR,
        started_at DATETIME NOT NULL,
        finished_at DATETIME,
        url VARCHAR NOT NULL,
        observed_at DATETIME NOT NULL,
        PRIMARY KEY (repository_id, id),
        FOREIGN KEY(repository_id) REFERENCES repository (id)
    )
    """,
)

FULL_TEXT = (
    """
    CREATE VIRTUAL TABLE item_text USING fts5(
        title, body, content='work_item', content_rowid='key',
        tokenize='porter unicode61 remove_diacritics 2', prefix='3 4'
    )
    """,
    """
    CREATE TRIGGER work_item_text_added AFTER INSERT ON work_item BEGIN
        INSERT INTO item_text(rowid, title, body) VALUES (new.key, new.title, new.body);
    END
    """,
    """
    CREATE TRIGGER work_item_text_changed AFTER UPDATE ON work_item
    WHEN old.title IS NOT new.title OR old.body IS NOT new.body BEGIN
        INSERT INTO item_text(item_text, rowid, title, body) VALUES ('delete', old.key, old.title, old.body);
        INSERT INTO item_text(rowid, title, body) VALUES (new.key, new.title, new.body);
    END
    """,
    """
    CREATE TRIGGER work_item_text_removed AFTER DELETE ON work_item BEGIN
        INSERT INTO item_text(item_text, rowid, title, body) VALUES ('delete', old.key, old.title, old.body);
    END
    """,
    """
    CREATE VIRTUAL TABLE comment_text USING fts5(
        body, content='comment', content_rowid='key',
        tokenize='porter unicode61 remove_diacritics 2', prefix='3 4'
    )
    """,
    """
    CREATE TRIGGER comment_text_added AFTER INSERT ON comment BEGIN
        INSERT INTO comment_text(rowid, body) VALUES (new.key, new.body);
    END
    """,
    """
    CREATE TRIGGER comment_text_changed AFTER UPDATE ON comment WHEN old.body IS NOT new.body BEGIN
        INSERT INTO comment_text(comment_text, rowid, body) VALUES ('delete', old.key, old.body);
        INSERT INTO comment_text(rowid, body) VALUES (new.key, new.body);
    END
    """,
    """
    CREATE TRIGGER comment_text_removed AFTER DELETE ON comment BEGIN
        INSERT INTO comment_text(comment_text, rowid, body) VALUES ('delete', old.key, old.body);
    END
    """,
)
"""The index refers to the rows it covers (external content); triggers keep it in step in the same transaction.

Beginnings of three and four letters have an index of their own: without it, "con" reads the lists of all its words.
"""

PROTECTION = (
    """
    CREATE TRIGGER LEDGER_never_changes BEFORE UPDATE ON LEDGER BEGIN
        SELECT RAISE(ABORT, 'rows of LEDGER are never changed');
    END
    """,
    """
    CREATE TRIGGER LEDGER_never_shrinks BEFORE DELETE ON LEDGER BEGIN
        SELECT RAISE(ABORT, 'rows of LEDGER are never deleted');
    END
    """,
    """
    CREATE TRIGGER LEDGER_never_replaced BEFORE INSERT ON LEDGER
    WHEN EXISTS (SELECT 1 FROM LEDGER WHERE id = new.id) BEGIN
        SELECT RAISE(ABORT, 'rows of LEDGER are never replaced');
    END
    """,
)
"""INSERT OR REPLACE deletes without firing delete triggers, hence the third one."""

FORECAST_ONCE = """
    CREATE TRIGGER forecast_once BEFORE INSERT ON forecast
    WHEN EXISTS (
        SELECT 1 FROM forecast WHERE sprint_id = new.sprint_id AND as_of = new.as_of AND digest = new.digest
    ) BEGIN
        SELECT RAISE(IGNORE);
    END
"""


def upgrade() -> None:
    connection = op.get_bind()
    ledgers = [text.replace("LEDGER", name) for name in ("audit", "forecast") for text in PROTECTION]
    for statement in (*TABLES, *FULL_TEXT, *ledgers, FORECAST_ONCE):
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    raise NotImplementedError("The database only goes forward; older versions are in the backups folder.")
