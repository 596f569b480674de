"""Opening brings the file to this program's version, copies it first, and refuses what it must not touch."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import SQLModel

from galaxy_desktop.errors import StoreError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store import database
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.engine import writing_engine
from galaxy_desktop.store.migrate import SCRIPTS, VERSIONS, migrate

LAST = VERSIONS[-1]
SAMPLES = Path(__file__).parent

NEXT = """
from alembic import op
revision, down_revision, branch_labels, depends_on = "{number}", "{before}", None, None
def upgrade():
    op.get_bind().exec_driver_sql("{sql}")
"""


@pytest.fixture
def engine(folder: DataFolder) -> Iterator[Engine]:
    made = writing_engine(folder.make().database)
    yield made
    made.dispose()


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The program's migrations with room for one more."""
    return Path(shutil.copytree(SCRIPTS, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__")))


def add(scripts: Path, number: str, before: str, sql: str) -> None:
    text = NEXT.format(number=number, before=before, sql=sql)
    (scripts / "versions" / f"{number}_more.py").write_text(text, encoding="utf-8")


def ask(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def tell(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)
        connection.commit()


def test_the_known_versions_are_the_scripts() -> None:
    assert tuple(sorted(p.name[:4] for p in (SCRIPTS / "versions").glob("0*.py"))) == VERSIONS


def test_migrating_ends_in_the_tables_the_program_uses(engine: Engine, folder: DataFolder) -> None:
    migrate(engine, folder)
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    assert [d for d in differences if not re.search(r"(item|comment)_text", str(d))] == []


def test_a_new_script_is_made_from_the_template() -> None:
    assert "import sqlmodel.sql.sqltypes" in (SCRIPTS / "script.py.mako").read_text(encoding="utf-8")


def test_a_new_database_is_not_copied(folder: DataFolder) -> None:
    Store.open(folder).close()
    assert not folder.backups.exists()


def test_opening_a_current_database_copies_nothing(folder: DataFolder) -> None:
    for _ in range(2):
        Store.open(folder).close()
    assert not folder.backups.exists()


def test_the_file_is_copied_before_a_migration(folder: DataFolder, scripts: Path, make: Any) -> None:
    with Store.open(folder) as store:
        store.apply(make.page(make.repo("o/before"))).result()
    add(scripts, "9998", LAST, "UPDATE repository SET full_name = 'o/after'")
    for _ in range(2):
        engine = writing_engine(folder.database)
        migrate(engine, folder, (*VERSIONS, "9998"), scripts)
        engine.dispose()
    copies = list(folder.backups.iterdir())
    assert [copy.name for copy in copies] == [f"galaxy-{LAST}.sqlite3"]
    assert ask(copies[0], "SELECT full_name FROM repository") == [("o/before",)]
    assert ask(folder.database, "SELECT full_name FROM repository") == [("o/after",)]


def test_a_step_that_fails_leaves_the_last_good_version(folder: DataFolder, engine: Engine, scripts: Path) -> None:
    migrate(engine, folder)
    add(scripts, "9998", LAST, "CREATE TABLE more (x)")
    add(scripts, "9999", "9998", "CREATE TABLE more (x)")
    for copies in (1, 2):
        with pytest.raises(Exception, match="already exists"):
            migrate(engine, folder, (*VERSIONS, "9998", "9999"), scripts)
        assert ask(folder.database, "SELECT version_num FROM alembic_version") == [("9998",)]
        assert len(list(folder.backups.iterdir())) == copies


def test_a_newer_database_is_refused_and_left_alone(folder: DataFolder) -> None:
    Store.open(folder).close()
    tell(folder.database, "UPDATE alembic_version SET version_num = '9999'")
    before = folder.database.read_bytes()
    with pytest.raises(StoreError, match=r"newer Galaxy Desktop .*Update the program"):
        Store.open(folder)
    assert folder.database.read_bytes() == before


def test_a_foreign_database_is_refused(folder: DataFolder) -> None:
    tell(folder.make().database, "CREATE TABLE recipes (name)")
    with pytest.raises(StoreError, match="not a database of Galaxy Desktop"):
        Store.open(folder)


def test_a_disk_too_full_for_the_copy_is_said_before_anything_is_touched(
    folder: DataFolder, engine: Engine, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(engine, folder)
    add(scripts, "9998", LAST, "CREATE TABLE more (x)")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: type("Usage", (), {"free": 1000}))
    with pytest.raises(StoreError, match="too full to update the database"):
        migrate(engine, folder, (*VERSIONS, "9998"), scripts)
    assert ask(folder.database, "SELECT version_num FROM alembic_version") == [(LAST,)]


def test_programs_that_start_together_migrate_once(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "migrate", migrate)  # other tests begin with a copy, which leaves nothing to migrate
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: Store.open(folder), range(4)))
    for store in stores:
        assert store.check() == "ok"
        store.close()


def test_a_database_of_version_1_is_read_by_this_program(folder: DataFolder, engine: Engine, make: Any) -> None:
    """The sample stays as it is forever; every later version must still open it with everything in it."""
    migrate(engine, folder, ("0001",))
    tell(folder.database, (SAMPLES / "sample_0001.sql").read_text(encoding="utf-8"))
    with Store.open(folder) as store:
        seen = store.snapshot()
        assert [item.evidence_id for item in seen.items] == ["issue:old/name#1", "pr:old/name#2"]
        assert [v.due_on.isoformat() for v in seen.milestone_versions if v.due_on] == ["2026-05-10", "2026-05-20"]
        assert [alert.id for alert in store.alerts()] == ["alert-1"]
        assert store.settings() == {"theme": "dark"}
        assert [entry.after for entry in store.audit_log()] == ["dark"]
        assert store.forecasts("s1") == ((make.hour(0), 0.62),)
        assert [job.key for job in store.jobs.dead()] == ["fetch"]
        assert {hit.id for hit in store.search_text("engine")} == {"comment:old/name#5", "issue:old/name#1"}
        assert store.person_names(1) == (("ada", make.hour(0), make.hour(0)),)
        assert store.forget_repository(42).result()[1][0] == "issue:old/name#"


def test_a_database_of_version_1_is_copied_before_it_is_changed(folder: DataFolder, engine: Engine) -> None:
    migrate(engine, folder, ("0001",))
    tell(folder.database, (SAMPLES / "sample_0001.sql").read_text(encoding="utf-8"))
    before = ask(folder.database, "SELECT * FROM work_item")
    Store.open(folder).close()
    (copy,) = folder.backups.iterdir()
    assert copy.name == "galaxy-0001.sqlite3"
    assert ask(copy, "SELECT * FROM work_item") == before == ask(folder.database, "SELECT * FROM work_item")
    assert ask(copy, "SELECT version_num FROM alembic_version") == [("0001",)]


def test_a_database_of_version_2_is_read_by_this_program(folder: DataFolder, engine: Engine, make: Any) -> None:
    """The sample stays as it is forever; every later version must still open it with everything in it."""
    migrate(engine, folder, ("0001", "0002"))
    tell(folder.database, (SAMPLES / "sample_0002.sql").read_text(encoding="utf-8"))
    with Store.open(folder) as store:
        seen = store.snapshot()
        facts = (seen.checks, seen.releases, seen.deployments, seen.branches, seen.links, seen.boards)
        assert [len(group) for group in facts] == [1] * 6
        assert seen.boards[0].items[0].since == make.hour(2)
        assert [name for name, _, _ in store.person_names(1)] == ["ada", "lovelace"]
        assert store.entity_statuses(42, make.hour(0).date())[0].requests_today == 1
        assert store.reconciled_at(42) == make.hour(1)
        assert store.wishes() == (("x/y", "GitHub does not show x/y."),)
        assert (len(store.exchanges()), len(store.traffic())) == (1, 1)
        assert [change.target for change in store.changes()] == ["old/name#1"]


def test_a_database_of_version_3_is_read_by_this_program(folder: DataFolder, engine: Engine, make: Any) -> None:
    """The sample stays as it is forever; every later version must still open it with everything in it."""
    migrate(engine, folder, ("0001", "0002", "0003"))
    tell(folder.database, (SAMPLES / "sample_0003.sql").read_text(encoding="utf-8"))
    with Store.open(folder) as store:
        (found,) = store.snapshot().pull_commits
        assert (found.item_number, found.total, found.observed_at) == (2, 300, make.hour(1))
        assert [(one.sha, one.author.login if one.author else None) for one in found.commits] == [
            ("c0ffee", "ada"),
            ("decaf", None),
        ]
        assert [one.committed_at for one in found.commits] == [make.hour(0), make.hour(1)]


def test_a_database_of_version_4_is_read_by_this_program(folder: DataFolder, engine: Engine, make: Any) -> None:
    """The sample stays as it is forever; every later version must still open it with everything in it."""
    migrate(engine, folder, ("0001", "0002", "0003", "0004"))
    tell(folder.database, (SAMPLES / "sample_0004.sql").read_text(encoding="utf-8"))
    with Store.open(folder) as store:
        (entry,) = store.ledger()
        assert (entry.sprint_id, entry.said_at, entry.probability) == ("sprint-101", make.hour(0), 0.62)
        assert entry.baselines == {"base_rate": 0.5, "linear_burn": None}
        assert store.ledger_inputs(entry.inputs_digest) == '{"seed":7}'
        assert store.ledger_outcomes()["sprint-101"].landed


def test_a_database_of_version_5_is_read_by_this_program(folder: DataFolder, engine: Engine, make: Any) -> None:
    """The sample stays as it is forever; every later version must still open it with everything in it."""
    migrate(engine, folder, ("0001", "0002", "0003", "0004", "0005"))
    tell(folder.database, (SAMPLES / "sample_0005.sql").read_text(encoding="utf-8"))
    with Store.open(folder) as store:
        (one,) = store.interventions()
        assert (one.intervention.recommendation_id, one.progress, one.intervention.promised) == (
            "a1",
            "under way",
            0.09,
        )
        assert store.course(make.hour(9)) == {("s1", make.hour(0).date()): [(make.hour(0), 0.62)]}
        assert store.balloons_since(make.hour(0)) == 1
        assert store.last_digest_at() == make.hour(0)
        assert [mute.subject for mute in store.mutes(make.hour(0))] == ["issue:old/name#1"]


def test_a_database_of_version_6_is_read_by_this_program(folder: DataFolder, engine: Engine, make: Any) -> None:
    """The sample stays as it is forever; every later version must still open it with everything in it."""
    migrate(engine, folder, ("0001", "0002", "0003", "0004", "0005", "0006"))
    tell(folder.database, (SAMPLES / "sample_0006.sql").read_text(encoding="utf-8"))
    with Store.open(folder) as store:
        (brief,) = store.recorded_runs()
        assert (brief.run_id, brief.at, brief.prompts) == ("s1/abc/small", make.hour(0), (("system", "1"),))
        kept = store.kept_answer("k1")
        assert kept is not None
        assert (kept.question, kept.model) == ("what blocks 1.2?", "sha256:c0ffee")


def test_a_database_of_version_7_is_read_by_this_program(folder: DataFolder, engine: Engine, make: Any) -> None:
    """The sample stays as it is forever; every later version must still open it with everything in it."""
    migrate(engine, folder, ("0001", "0002", "0003", "0004", "0005", "0006", "0007"))
    tell(folder.database, (SAMPLES / "sample_0007.sql").read_text(encoding="utf-8"))
    with Store.open(folder) as store:
        (one,) = store.noticed(["s1"])
        assert (one.opinion, one.evidence, one.noticed_at) == (
            "useful", ("issue:old/name#1", "pr:old/name#2"), make.hour(0),
        )  # fmt: skip


def test_a_database_of_version_8_is_read_by_this_program(folder: DataFolder, engine: Engine, make: Any) -> None:
    """The sample stays as it is forever; every later version must still open it with everything in it."""
    migrate(engine, folder, ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"))
    tell(folder.database, (SAMPLES / "sample_0008.sql").read_text(encoding="utf-8"))
    with Store.open(folder) as store:
        (provider,) = store.providers()
        assert (provider.name, provider.kind, provider.price_out) == ("cloud", "openai-compatible", 1.5)
        assert [one.purpose for one in store.provider_consents()] == ["prose"]
        assert store.provider_used("cloud", make.hour(0).date()) == (3000, 400)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_its_sample(version: str) -> None:
    assert (SAMPLES / f"sample_{version}.sql").is_file()
