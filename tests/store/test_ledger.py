"""The forecast ledger on the disk: added to, never changed; news is entered, noise is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.ledger import MOST_A_DAY, Origin
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.ledger import Said, digest_of_inputs, entry_digest, packed, row_of, unpacked
from tests.store.evaluations import INPUTS, analysis, entry, said


def enter(store: Store, *entries: Any) -> int:
    """Enters them one after the other, as evaluations do."""
    return sum(store.enter(Said(entries=(one,)), UTC).result() for one in entries)


def test_what_was_entered_is_read_as_it_was_said(store: Store, make: Any) -> None:
    told = entry(make)
    store.enter(said(make, told), UTC).result()
    assert store.ledger() == (told,)
    assert store.ledger_inputs(told.inputs_digest) == INPUTS
    assert store.ledger_outcomes()["s1"].landed


def test_an_evaluation_and_its_entries_are_stored_together_or_not_at_all(store: Store, make: Any) -> None:
    nothing: Any = None
    broken = replace(entry(make), inputs_digest=nothing)
    with pytest.raises(Exception, match="NOT NULL"):
        store.save_analysis(analysis(make), Said(entries=(broken,))).result()
    assert store.latest_analysis() is None
    assert store.ledger() == ()


def test_inputs_that_are_the_same_are_kept_once(store: Store, make: Any) -> None:
    for hour in (0, 30):
        store.enter(said(make, entry(make, hour)), UTC).result()
    rows = store.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM ledger_inputs").scalar())
    assert (len(store.ledger()), rows) == (2, 1)


# --- what is news


def test_a_day_gets_one_entry_and_the_next_day_another(store: Store, make: Any) -> None:
    assert [enter(store, entry(make, hour)) for hour in (0, 1, 2, 24)] == [1, 0, 0, 1]


def test_a_day_is_one_of_the_user(store: Store, make: Any) -> None:
    """Nine o'clock and the evening in UTC are two days in Auckland."""
    auckland = timezone(timedelta(hours=12))
    made = [store.enter(Said(entries=(entry(make, hour),)), auckland).result() for hour in (0, 4)]
    assert made == [1, 1]


@pytest.mark.parametrize(("moved", "made"), [(0.009, 0), (0.01, 1), (-0.02, 1)])
def test_a_point_is_worth_an_entry(store: Store, make: Any, moved: float, made: int) -> None:
    enter(store, entry(make))
    assert enter(store, entry(make, 1, probability=0.62 + moved)) == made


@pytest.mark.parametrize(
    "change",
    [
        {"open": 4},
        {"done": 3},
        {"due_on": date(2026, 6, 1)},
        {"engine": "mc-2"},
        {"probability": None, "why_none": "x"},
    ],
)
def test_what_a_person_would_name_is_worth_an_entry(store: Store, make: Any, change: dict[str, Any]) -> None:
    enter(store, entry(make))
    assert enter(store, entry(make, 1, **change)) == 1


def test_a_number_that_never_rests_does_not_fill_the_ledger(store: Store, make: Any) -> None:
    swings = [entry(make, n / 10, probability=0.3 + 0.1 * (n % 2)) for n in range(100)]
    assert enter(store, *swings) == MOST_A_DAY
    assert enter(store, entry(make, 11, due_on=date(2026, 6, 1))) == 1


def test_a_sprint_without_a_number_is_not_entered_every_day(store: Store, make: Any) -> None:
    silent = [entry(make, 24 * day, probability=None, why_none="end passed") for day in range(9)]
    assert enter(store, *silent) == 1


def test_a_clock_that_went_back_rewrites_nothing(store: Store, make: Any) -> None:
    assert enter(store, entry(make, 48), entry(make, 0, probability=0.1)) == 1


def test_replays_are_entered_once_each_and_do_not_touch_what_was_said_live(store: Store, make: Any) -> None:
    replayed = [entry(make, hour, origin=Origin.REPLAY) for hour in (0, 1, 2)]
    assert enter(store, *replayed, *replayed) == 3
    assert enter(store, entry(make, 3)) == 1
    assert len(store.ledger(origin=Origin.LIVE)) == 1
    assert len(store.ledger("s1", Origin.REPLAY)) == 3


def test_the_first_outcome_stands(store: Store, make: Any) -> None:
    told = said(make)
    store.enter(told, UTC).result()
    store.enter(replace(told, outcomes=(replace(told.outcomes[0], landed=False),)), UTC).result()
    assert store.ledger_outcomes()["s1"].landed


# --- nobody changes it


@pytest.fixture
def outsider(store: Store, folder: DataFolder, make: Any) -> Iterator[sqlite3.Connection]:
    """Somebody with another program and a ledger with a row in each table."""
    store.enter(said(make), UTC).result()
    with closing(sqlite3.connect(folder.database)) as connection:
        yield connection


TABLES = ("ledger_entry", "ledger_inputs", "ledger_outcome")


@pytest.mark.parametrize("table", TABLES)
def test_no_row_is_deleted(outsider: sqlite3.Connection, table: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match=f"rows of {table} are never deleted"):
        outsider.execute(f"DELETE FROM {table}")  # noqa: S608


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET probability = 0.9",
        "UPDATE ledger_entry SET sprint_title = 'better'",
        "UPDATE ledger_entry SET sprint_title = '', probability = NULL",
        "UPDATE ledger_inputs SET packed = 'x'",
        "UPDATE ledger_inputs SET packed = '', digest = 'x'",
        "UPDATE ledger_outcome SET landed = 0",
        "UPDATE ledger_outcome SET why = ''",
    ],
)
def test_no_row_is_changed(outsider: sqlite3.Connection, sql: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="are never changed"):
        outsider.execute(sql)


def test_every_column_of_an_entry_is_watched(outsider: sqlite3.Connection) -> None:
    columns = [row[1] for row in outsider.execute("PRAGMA table_info(ledger_entry)")]
    for column in columns:
        with pytest.raises(sqlite3.IntegrityError):
            outsider.execute(f"UPDATE ledger_entry SET sprint_title = '', {column} = 'other'")  # noqa: S608


@pytest.mark.parametrize("table", TABLES)
def test_a_row_is_not_replaced(outsider: sqlite3.Connection, table: str) -> None:
    (before,) = outsider.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
    places = ", ".join("?" * len(before))
    outsider.execute(f"REPLACE INTO {table} VALUES ({places})", (before[0], *["1"] * (len(before) - 1)))  # noqa: S608
    assert outsider.execute(f"SELECT * FROM {table}").fetchall() == [before]  # noqa: S608


# --- texts


@given(st.text())
def test_inputs_come_back_as_they_were(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    assert unpacked(packed(clean)) == clean


@pytest.mark.parametrize("stored", ["", "%", "AAAA", packed("x" * 100)[:-8]])
def test_damaged_inputs_are_called_damaged(stored: str) -> None:
    with pytest.raises(ValueError, match="inputs are"):
        unpacked(stored)


def test_the_digest_of_an_entry_is_of_all_it_says_but_its_title(make: Any) -> None:
    told = entry(make)
    mark = entry_digest(row_of(told))
    assert entry_digest(row_of(replace(told, sprint_title=""))) == mark
    changes: list[dict[str, Any]] = [{"probability": 0.61}, {"open": 4}, {"baselines": {}}, {"origin": Origin.REPLAY}]
    for change in changes:
        assert entry_digest(row_of(replace(told, **change))) != mark
    assert digest_of_inputs(INPUTS) == told.inputs_digest


def test_whole_numbers_are_the_same_entry_as_fractions(make: Any) -> None:
    assert row_of(entry(make, raw_share=1)) == row_of(entry(make, raw_share=1.0))
