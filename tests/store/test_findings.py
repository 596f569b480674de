"""What was concluded comes back whole, the ledgers cannot be rewritten, and an alert fires once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from galaxy_desktop.domain.findings import (
    Alert,
    Analysis,
    UserVerdict,
    Verdict,
)
from galaxy_desktop.domain.work_log import AuditEntry, Execution
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.codec import from_json, to_json
from galaxy_desktop.store.database import Store
from tests.store.evaluations import (
    analysis,
)


def count(store: Store, table: str) -> int:
    return int(store.read(lambda c: c.scalar(text(f"SELECT count(*) FROM {table}"))))  # noqa: S608


def moments_in(record: Any) -> list[datetime]:
    if isinstance(record, datetime):
        return [record]
    if isinstance(record, tuple):
        return [moment for one in record for moment in moments_in(one)]
    if is_dataclass(record):
        return [moment for field in fields(record) for moment in moments_in(getattr(record, field.name))]
    return []


def test_an_evaluation_comes_back_whole(store: Store, make: Any) -> None:
    said = analysis(make)
    store.save_analysis(said).result()
    found = store.latest_analysis()
    assert found == said
    assert all(moment.utcoffset() is not None for moment in moments_in(found))


def test_the_same_record_is_the_same_text(make: Any) -> None:
    said = to_json(analysis(make))
    assert to_json(from_json(Analysis, said)) == said


def test_before_the_first_evaluation_there_is_none(store: Store) -> None:
    assert store.latest_analysis() is None


def test_only_the_last_evaluation_is_kept_whole(store: Store, make: Any) -> None:
    for hour in (0, 1):
        store.save_analysis(analysis(make, hour)).result()
    found = store.latest_analysis()
    assert found is not None
    assert found.as_of == make.hour(1)
    assert count(store, "analysis") == 1


def test_an_evaluation_of_an_older_shape_is_left_aside(store: Store, make: Any) -> None:
    store.save_analysis(analysis(make)).result()
    store.write(lambda c: c.execute(text("UPDATE analysis SET body = '{}'"))).result()
    assert store.latest_analysis() is None


def test_the_ledger_keeps_what_was_said_oldest_first(store: Store, make: Any) -> None:
    for hour, probability in ((2, None), (0, 0.62), (1, 0.58)):
        store.save_analysis(analysis(make, hour, probability)).result()
    assert store.forecasts("s1") == ((make.hour(0), 0.62), (make.hour(1), 0.58), (make.hour(2), None))
    assert store.forecasts("other") == ()


def test_the_same_forecast_is_entered_once(store: Store, make: Any) -> None:
    for probability in (0.62, 0.62, 0.58):
        store.save_analysis(analysis(make, 0, probability)).result()
    assert [p for _, p in store.forecasts("s1")] == [0.62, 0.58]


@pytest.fixture
def outsider(store: Store, folder: DataFolder, make: Any) -> Iterator[sqlite3.Connection]:
    """Somebody with another program and a ledger of each kind with one row in it."""
    store.save_analysis(analysis(make)).result()
    store.audit(AuditEntry(who="user", what="x", target="y", before="", after="", at=make.hour(0))).result()
    with closing(sqlite3.connect(folder.database)) as connection:
        yield connection


def ledger(connection: sqlite3.Connection, table: str) -> list[Any]:
    return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608


@pytest.mark.parametrize("table", ["audit", "forecast"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET id = 7", "DELETE FROM {}"])
def test_a_ledger_can_be_neither_changed_nor_deleted(outsider: sqlite3.Connection, table: str, sql: str) -> None:
    before = ledger(outsider, table)
    with pytest.raises(sqlite3.IntegrityError, match=f"rows of {table} are never"):
        outsider.execute(sql.format(table))
    assert ledger(outsider, table) == before


@pytest.mark.parametrize("table", ["audit", "forecast"])
def test_a_row_of_a_ledger_cannot_be_replaced(outsider: sqlite3.Connection, table: str) -> None:
    before = ledger(outsider, table)
    other = [*before[0][:3], "changed", *before[0][4:]]
    places = ", ".join("?" * len(other))
    with pytest.raises(sqlite3.IntegrityError, match=f"rows of {table} are never replaced"):
        outsider.execute(f"INSERT OR REPLACE INTO {table} VALUES ({places})", other)  # noqa: S608
    assert ledger(outsider, table) == before


def test_a_forecast_cannot_be_replaced_by_another_of_its_moment(outsider: sqlite3.Connection) -> None:
    before = ledger(outsider, "forecast")
    other = [None, *before[0][1:-1], "{}"]
    outsider.execute(f"REPLACE INTO forecast VALUES ({', '.join('?' * len(other))})", other)  # noqa: S608
    assert ledger(outsider, "forecast") == before


def test_findings_and_their_evidence_have_tables_of_their_own(store: Store, make: Any) -> None:
    for hour in (0, 1):
        store.save_analysis(analysis(make, hour)).result()
    tables = ("sprint", "risk", "recommendation", "feature_set", "evidence")
    assert {table: count(store, table) for table in tables} == dict.fromkeys(tables, 1) | {"evidence": 2}
    span = store.read(lambda c: c.execute(text("SELECT first_at, last_at FROM risk")).one())
    assert [moment[11:16] for moment in span] == ["09:00", "10:00"]


def test_an_alert_is_raised_once(store: Store, make: Any) -> None:
    first, second = make.alert("a"), make.alert("b", at=1)
    assert store.raise_alerts([first]).result() == (first,)
    assert store.raise_alerts([replace(first, reason="Again."), second]).result() == (second,)
    assert store.alerts() == (second, first)


def test_alerts_raised_by_two_at_once_are_new_to_one_of_them(store: Store, make: Any) -> None:
    raised = [store.raise_alerts([make.alert("a")]) for _ in range(5)]
    assert sum(len(one.result()) for one in raised) == 1


def test_an_alert_stays_unshown_until_it_was_shown(store: Store, folder: DataFolder, make: Any) -> None:
    store.raise_alerts([make.alert("a"), make.alert("b")]).result()
    assert store.show_balloon(["a"], make.hour(1)).result()
    assert [alert.id for alert in store.alerts_unshown()] == ["b"]
    with Store.open(folder) as again:
        assert [alert.id for alert in again.alerts_unshown()] == ["b"]


def test_alerts_of_one_moment_are_in_the_order_of_their_ids(store: Store, make: Any) -> None:
    store.raise_alerts([make.alert(i) for i in "cab"]).result()
    assert [alert.id for alert in store.alerts()] == ["a", "b", "c"]
    assert isinstance(store.alerts()[0], Alert)


def test_the_last_verdict_holds_and_both_are_audited(store: Store, make: Any) -> None:
    snooze = UserVerdict(
        recommendation_id="a1", verdict=Verdict.SNOOZED, reason="", at=make.hour(0), until=make.hour(5)
    )
    dismiss = UserVerdict(recommendation_id="a1", verdict=Verdict.DISMISSED, reason="Too early", at=make.hour(1))
    for verdict in (snooze, dismiss):
        store.give_verdict(verdict).result()
    assert store.verdicts() == {"a1": dismiss}
    assert [(e.before, e.after) for e in store.audit_log()] == [
        ("snoozed", "dismissed: Too early"),
        ("", "snoozed"),
    ]


def test_a_sprint_is_confirmed_once(store: Store, make: Any) -> None:
    for hour in (0, 1):
        store.confirm_sprint("s1", make.hour(hour)).result()
    assert store.sprints_confirmed() == {"s1"}
    assert len(store.audit_log()) == 1


def test_changing_a_setting_is_audited(store: Store, make: Any) -> None:
    store.set_setting("theme", "dark", "user", make.hour(0)).result()
    store.set_setting("theme", "light", "user", make.hour(1)).result()
    assert store.settings() == {"theme": "light"}
    entry = store.audit_log(limit=1)[0]
    assert entry == AuditEntry(
        who="user", what="setting changed", target="theme", before="dark", after="light", at=make.hour(1)
    )


def test_executions_come_back_newest_first(store: Store, make: Any) -> None:
    runs = [
        Execution(
            run_id="run",
            node=node,
            model="none",
            status="done",
            input_digest="i",
            output_digest="o",
            started_at=make.hour(0),
            duration_s=0.25,
            tokens_in=10,
            tokens_out=3,
        )
        for node in ("orchestrator", "explainer")
    ]
    for run in runs:
        store.record_execution(run).result()
    assert store.executions() == (runs[1], runs[0])
    assert store.executions(limit=1) == (runs[1],)
