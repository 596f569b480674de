"""Clones of a running workspace: indexed in slices behind everything else, asked from the Ask page, forgotten with it."""

from __future__ import annotations

import subprocess
import threading
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from galaxy_desktop.domain.code_found import CodeQuestion, CodeWish
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import code_desk
from galaxy_desktop.services.code_desk import CodeDesk, Slice
from galaxy_desktop.settings import Settings

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Flat:
    """Nothing is near anything: words alone decide."""

    name = "flat"

    def encode(self, texts: list[str]) -> list[list[float]]:
        return [[float(zlib.crc32(text.encode()) % 97 == n) for n in range(97)] for text in texts]

    def rest(self) -> bool:
        return False

    def close(self) -> None: ...


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    clone = tmp_path / "clone"
    (clone / "tests").mkdir(parents=True)
    (clone / "load.py").write_text("def load_it(path):\n    return path\n")
    (clone / "tests" / "test_load.py").write_text("from load import load_it\n\n\ndef test_it():\n    load_it('a')\n")
    subprocess.run(["git", "init", "-q", str(clone)], check=True)
    subprocess.run(["git", "-C", str(clone), "remote", "add", "origin", "https://github.com/o/r"], check=True)
    return Settings({"code_folders": f"O/R = {clone}; o/untracked = {clone}"})


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[CodeDesk]:
    repository = SimpleNamespace(full_name="o/r", url="https://github.com/o/r")
    made = CodeDesk(DataFolder(tmp_path / "data"), SimpleNamespace(repositories=lambda: (repository,)))
    yield made
    await made.close()


TESTS = CodeQuestion(CodeWish.TESTS, "load_it")


async def test_a_tracked_clone_is_indexed_and_answers(desk: CodeDesk, settings: Settings) -> None:
    assert desk.wanted(settings)
    assert await desk.find(TESTS, Flat()) == ()
    await desk.step(Flat(), settings, NOW, threading.Event())
    assert [one.repository for one in desk.state] == ["o/r"], "the other one is not tracked"
    (found,) = await desk.find(TESTS, Flat())
    assert found.words.startswith("tests/test_load.py of o/r, lines ")
    assert "imports it" in found.why
    assert not desk.left


async def test_a_step_that_was_cut_short_says_that_something_is_left(desk: CodeDesk, settings: Settings) -> None:
    stopped = threading.Event()
    stopped.set()
    await desk.step(Flat(), settings, NOW, stopped)
    assert desk.left
    await desk.step(Flat(), settings, NOW, threading.Event())
    assert not desk.left


async def test_a_forgotten_repository_leaves_nothing_on_the_disk(
    desk: CodeDesk, settings: Settings, tmp_path: Path
) -> None:
    await desk.step(Flat(), settings, NOW, threading.Event())
    await desk.forget(("issue:o/r#", "commit:o/r@"), Flat())
    assert list((tmp_path / "data" / "code").iterdir()) == []


async def test_an_emptied_setting_removes_the_index(desk: CodeDesk, settings: Settings) -> None:
    await desk.step(Flat(), settings, NOW, threading.Event())
    assert desk.wanted(Settings())
    await desk.step(Flat(), Settings(), NOW, threading.Event())
    assert await desk.find(TESTS, Flat()) == ()


def test_a_slice_ends_with_its_time_or_with_everything() -> None:
    at, stop = [0.0], threading.Event()
    one = Slice(stop, 5.0, lambda: at[0])
    one.began(64, 100)
    assert not one.is_set()
    at[0] = 5.0
    one.began(100, 100)
    assert one.is_set()
    stop.set()
    assert Slice(stop, 5.0, lambda: at[0]).is_set()


def test_a_slice_lasts_until_something_was_embedded() -> None:
    at = [0.0]
    one = Slice(threading.Event(), 5.0, lambda: at[0])
    at[0] = 100.0
    assert not one.is_set()
    one.began(1, 9)
    assert not one.is_set()


async def test_steps_without_time_get_done_all_the_same(
    desk: CodeDesk, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(code_desk, "SLICE_S", 0.0)
    many = "\n\n".join(f"def load_{n}(path):\n    return path + {n}" for n in range(150))
    (tmp_path / "clone" / "many.py").write_text(many)
    steps = 0
    while desk.left or not steps:
        await desk.step(Flat(), settings, NOW, threading.Event())
        steps += 1
        assert steps < 9
    assert steps > 1
    assert desk.state[0].texts > 150
