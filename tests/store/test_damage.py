"""A file that cannot be used is a sentence that says what to do, never a traceback."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from galaxy_desktop.errors import StoreError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store import engine
from galaxy_desktop.store.database import Store

DAMAGED = r"is damaged. Move it away and start again .* or put back a copy from the folder .*backups"


@pytest.fixture
def closed(folder: DataFolder, make: Any) -> DataFolder:
    """The folder of a store with something in it."""
    with Store.open(folder) as store:
        items = [make.item(n, body=f"body {n} " * 200) for n in range(200)]
        store.apply(make.page(make.repo(), *items)).result()
    return folder


def overwrite(folder: DataFolder, start: int, rubbish: bytes) -> None:
    with folder.database.open("r+b") as file:
        file.seek(start)
        file.write(rubbish)


def test_a_file_of_rubbish_is_refused(folder: DataFolder) -> None:
    folder.make().database.write_bytes(b"<html>not a database</html>" * 100)
    with pytest.raises(StoreError, match=DAMAGED):
        Store.open(folder)


def test_a_file_cut_short_is_refused(closed: DataFolder) -> None:
    whole = closed.database.read_bytes()
    closed.database.write_bytes(whole[: len(whole) // 3])
    with pytest.raises(StoreError, match=DAMAGED), Store.open(closed) as store:
        store.snapshot()


def test_damage_inside_is_a_sentence_when_it_is_met(closed: DataFolder) -> None:
    overwrite(closed, 4096 * 60, b"\xff" * (closed.database.stat().st_size - 4096 * 60))
    with pytest.raises(StoreError, match=DAMAGED), Store.open(closed) as store:
        store.snapshot()


def test_a_sound_file_passes_the_check(closed: DataFolder) -> None:
    with Store.open(closed) as store:
        assert store.check() == "ok"


def test_an_empty_file_becomes_a_database(folder: DataFolder) -> None:
    folder.make().database.touch()
    with Store.open(folder) as store:
        assert store.repositories() == ()


def test_a_folder_in_the_place_of_the_file_is_a_sentence(folder: DataFolder) -> None:
    folder.database.mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(folder)


def test_a_file_in_the_place_of_the_folder_is_a_sentence(folder: DataFolder) -> None:
    folder.root.touch()
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(folder)


def test_another_program_that_holds_the_file_is_a_sentence(closed: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0)
    with Store.open(closed) as store:
        other = sqlite3.connect(closed.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="Another Galaxy Desktop is using"):
            store.track("a/b").result()
        other.close()
        store.track("a/b").result()
        assert store.wanted() == ("a/b",)
