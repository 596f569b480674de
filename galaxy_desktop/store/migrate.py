"""Bring a database file to this program's version: copy first, one transaction a step, never backwards.

Alembic is imported when there is something to migrate and not before: opening a database that is up to date, which
is every start but the first, costs one small query. Each step reads the version again inside its own transaction,
so that a window and a command line starting together migrate once.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from galaxy_desktop.errors import StoreError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.engine import in_sentences

log = logging.getLogger(__name__)

VERSIONS: tuple[str, ...] = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every version there ever was, oldest first; a test compares them with the scripts in `migrations/versions`."""

SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine, folder: DataFolder, versions: tuple[str, ...] = VERSIONS, scripts: Path = SCRIPTS) -> None:
    """Make the file of `folder` current; raises `StoreError` for a newer, foreign or damaged file."""
    with in_sentences(folder.database):
        with engine.connect() as connection:
            found = _accepted(connection, folder, versions)
        if found == versions[-1]:
            return
        if found is not None:
            _copy(folder, found)
        while _step(engine, folder, versions, scripts):
            log.info("Migrated %s by one version.", folder.database.name)


def _accepted(connection: Connection, folder: DataFolder, versions: tuple[str, ...]) -> str | None:
    """The version of the file, `None` for an empty one; refuses what this program must not touch."""
    tables = set(connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    if not tables:
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version")) if "alembic_version" in tables else None
    if found is None:
        raise StoreError(f"{folder.database} is not a database of Galaxy Desktop. Move it away, or use another folder.")
    if found not in versions:
        raise StoreError(
            f"The database {folder.database} was made by a newer Galaxy Desktop (version {found}, "
            f"this program knows up to {versions[-1]}). Update the program, or use another data folder."
        )
    return str(found)


def _copy(folder: DataFolder, version: str) -> Path:
    """Copy the file as it is, WAL included, under a name that says which version it holds."""
    folder.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
    needed, free = folder.database.stat().st_size, shutil.disk_usage(folder.backups).free
    if free < needed * 2:
        raise StoreError(
            f"The disk is too full to update the database: {needed * 2 // 2**20 + 1} MB are needed for a copy and "
            f"the work, {free // 2**20} MB are free. Free some space and start again."
        )
    copy = folder.backups / f"galaxy-{version}.sqlite3"
    number = 1
    while copy.exists():
        number += 1
        copy = folder.backups / f"galaxy-{version}-{number}.sqlite3"
    with closing(sqlite3.connect(folder.database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _step(engine: Engine, folder: DataFolder, versions: tuple[str, ...], scripts: Path) -> bool:
    """Run the next migration in a transaction of its own; false when there is none left."""
    from alembic import command  # noqa: PLC0415 - needed on the first start of a version, not on every one
    from alembic.config import Config  # noqa: PLC0415

    with engine.begin() as connection:
        found = _accepted(connection, folder, versions)
        if found == versions[-1]:
            return False
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, versions[0] if found is None else versions[versions.index(found) + 1])
    return True
