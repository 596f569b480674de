"""One lane writes: groups, durability, failures that stay with their caller, an orderly end."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import CancelledError
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from galaxy_desktop.errors import StoreError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store


def rows_in(folder: DataFolder, table: str) -> int:
    """What another process would see."""
    with closing(sqlite3.connect(folder.database)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def pragma(store: Store, name: str) -> Any:
    return store.write(lambda c: c.exec_driver_sql(f"PRAGMA {name}").scalar()).result()


@pytest.fixture
def held(store: Store) -> Any:
    """The store with its writer busy until `release` is set, so that what follows forms one group."""
    release, busy = threading.Event(), threading.Event()

    def hold(_connection: object) -> None:
        busy.set()
        assert release.wait(10)

    store.write(hold)
    assert busy.wait(10)
    yield release
    release.set()


def test_a_change_is_on_the_disk_when_its_future_is_done(store: Store, folder: DataFolder, make: Any) -> None:
    store.apply(make.page(make.repo(), make.item(1))).result()
    assert rows_in(folder, "work_item") == 1


def test_commits_wait_for_the_disk_and_keys_are_checked(store: Store) -> None:
    full, on = 2, 1
    assert pragma(store, "synchronous") == full
    assert pragma(store, "foreign_keys") == on
    assert pragma(store, "journal_mode") == "wal"


def test_what_queues_up_is_committed_together(store: Store, folder: DataFolder, held: Any, make: Any) -> None:
    done = [store.apply(make.page(make.repo(), make.item(n))) for n in range(50)]
    commits = []
    store.write(lambda c: commits.append(c.exec_driver_sql("SELECT count(*) FROM work_item").scalar()))
    assert rows_in(folder, "work_item") == 0
    held.set()
    for one in done:
        one.result()
    assert rows_in(folder, "work_item") == 50


def test_a_failing_change_takes_none_of_its_group_with_it(store: Store, held: Any, make: Any) -> None:
    good = [store.track("a/b")]
    bad = store.write(lambda c: c.execute(text("INSERT INTO label VALUES (1, 1, 'n', 'c', 'd')")))
    good.append(store.track("c/d"))
    held.set()
    assert [one.result() for one in good] == [None, None]
    assert isinstance(bad.exception(), IntegrityError)
    assert store.wanted() == ("a/b", "c/d")


def test_a_commit_that_fails_is_known_to_all_of_its_group_and_the_next_goes_on(store: Store, held: Any) -> None:
    good = store.track("a/b")

    def orphan(connection: Any) -> None:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        connection.execute(text("INSERT INTO label VALUES (1, 1, 'n', 'c', 'd')"))

    bad = store.write(orphan)
    held.set()
    assert isinstance(bad.exception(), IntegrityError)
    assert isinstance(good.exception(), IntegrityError)
    store.track("c/d").result()
    assert store.wanted() == ("c/d",)


def test_half_of_a_failed_change_is_taken_back(store: Store) -> None:
    def half(connection: Any) -> None:
        connection.execute(text("INSERT INTO wish VALUES ('a/b', 'a/b')"))
        raise RuntimeError("stopped half way")

    with pytest.raises(RuntimeError, match="half way"):
        store.write(half).result()
    assert store.wanted() == ()


def test_a_change_cancelled_while_it_waits_never_happens(store: Store, held: Any) -> None:
    waiting = store.track("a/b")
    assert waiting.cancel()
    held.set()
    store.track("c/d").result()
    with pytest.raises(CancelledError):
        waiting.result()
    assert store.wanted() == ("c/d",)


def test_a_full_disk_is_a_sentence_and_loses_nothing(store: Store, make: Any) -> None:
    store.apply(make.page(make.repo(), make.item(1))).result()
    pages = pragma(store, "page_count")
    pragma(store, f"max_page_count={pages + 1}")
    with pytest.raises(StoreError, match=r"disk that holds .* is full\. Free some space"):
        store.apply(make.page(*(make.item(n, body="long " * 10_000) for n in range(2, 9)))).result()
    assert [item.number for item in store.snapshot().items] == [1]
    pragma(store, f"max_page_count={pages + 10_000}")
    store.apply(make.page(make.item(2))).result()
    assert len(store.snapshot().items) == 2


def test_closing_finishes_what_is_queued(folder: DataFolder, make: Any) -> None:
    store = Store.open(folder)
    done = [store.apply(make.page(make.repo(), make.item(n))) for n in range(20)]
    store.close()
    assert all(one.done() and one.exception() is None for one in done)
    assert rows_in(folder, "work_item") == 20


def test_a_closed_store_says_so(folder: DataFolder) -> None:
    store = Store.open(folder)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="shutting down"):
        store.track("a/b")
    with pytest.raises(StoreError, match="shutting down"):
        store.wanted()


def test_closing_leaves_one_file(folder: DataFolder, make: Any) -> None:
    with Store.open(folder) as store:
        store.apply(make.page(make.repo())).result()
        store.repositories()
    assert [path.name for path in folder.root.iterdir()] == ["galaxy.sqlite3"]


def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="cannot be opened for writing"):
        store.read(lambda c: c.execute(text("DELETE FROM wish")))


def test_a_reader_sees_one_state_while_others_write(filled: Store, make: Any) -> None:
    def look_twice(connection: Any) -> list[int]:
        count = text("SELECT count(*) FROM work_item")
        before = connection.scalar(count)
        filled.apply(make.page(make.item(1))).result()
        return [before, connection.scalar(count)]

    assert filled.read(look_twice) == [0, 0]
    assert len(filled.snapshot().items) == 1


def test_many_threads_write_and_read_at_once(filled: Store, make: Any) -> None:
    def work(number: int) -> None:
        for n in range(10):
            filled.apply(make.page(make.item(number * 100 + n))).result()
            assert number * 100 + n in filled.known_numbers(make.repo_id)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert filled.freshness()[0].items == 60


def test_a_bug_stays_a_bug(store: Store) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        store.read(lambda c: c.execute(text("SELECT * FROM elsewhere")))
