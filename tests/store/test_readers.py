"""Readers have connections of their own, beside the writer and beside another program with the same file."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy.engine import Connection

from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store


def test_threads_that_read_at_once_have_a_connection_each(store: Store) -> None:
    together = threading.Barrier(6, timeout=10)

    def look(connection: Connection) -> int:
        together.wait()
        return id(connection.connection.driver_connection)

    with ThreadPoolExecutor(6) as pool:
        used = list(pool.map(lambda _: store.read(look), range(6)))
    assert len(set(used)) == 6


def test_a_thread_that_reads_again_opens_no_further_connection(store: Store) -> None:
    used = {store.read(lambda c: id(c.connection.driver_connection)) for _ in range(5)}
    assert len(used) == 1


def test_a_snapshot_can_be_taken_in_another_thread(filled: Store, make: Any) -> None:
    filled.apply(make.page(make.item(1))).result()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(filled.snapshot).result() == filled.snapshot()


def test_a_window_and_a_command_line_write_and_see_each_other(folder: DataFolder, make: Any) -> None:
    with Store.open(folder) as window, Store.open(folder) as command:
        for number in range(20):
            one = window if number % 2 else command
            one.apply(make.page(make.repo(), make.item(number))).result()
        assert window.snapshot() == command.snapshot()
        assert len(window.snapshot().items) == 20


def test_both_at_once_raise_an_alert_once(folder: DataFolder, make: Any) -> None:
    with Store.open(folder) as window, Store.open(folder) as command:
        futures = [one.raise_alerts([make.alert(f"fact {n}")]) for n in range(20) for one in (window, command)]
        assert sum(len(future.result()) for future in futures) == 20


def test_a_reader_does_not_wait_for_a_write_in_progress(filled: Store, make: Any) -> None:
    seen = filled.write(lambda _: filled.snapshot().repositories).result(10)
    assert seen == filled.repositories()
