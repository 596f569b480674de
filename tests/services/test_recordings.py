"""Recorded runs are listed, exported, read back and played again; a command line away, without a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from galaxy_desktop import cli
from galaxy_desktop.errors import ModelError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.recording import Recording
from galaxy_desktop.services import recordings
from galaxy_desktop.services.recordings import Wish
from galaxy_desktop.store.database import Store

FIXTURE = Path(__file__).parents[1] / "reason" / "cases" / "recording.json"
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(DataFolder(tmp_path / "profile")) as opened:
        yield opened


@pytest.fixture
def recording(store: Store) -> Recording:
    found = Recording.from_json(FIXTURE.read_text(encoding="utf-8"))
    recordings.rememberer(store, "s9", lambda: NOW)(found)
    store.write(lambda _: None).result()  # writes come one after the other
    return found


async def test_a_run_is_kept_with_its_model_and_prompts_and_played_again(store: Store, recording: Recording) -> None:
    told: list[str] = []
    code = await recordings.run(store, Wish(run_id=recording.run_id, as_json=True), told.append)
    rows = json.loads(told[0])
    assert code == (recordings.SAME if rows["same"] else recordings.OTHER)
    assert rows["weights"] == recording.weights
    assert rows["calls"] == 4
    assert rows["prompts"]["system"]


async def test_a_replay_is_told_in_words(store: Store, recording: Recording) -> None:
    told: list[str] = []
    await recordings.run(store, Wish(run_id=recording.run_id), told.append)
    assert "The checks let" in told[0].splitlines()[-1]


async def test_recorded_runs_are_listed(store: Store, recording: Recording) -> None:
    told: list[str] = []
    await recordings.run(store, Wish(), told.append)
    assert told == [f"2026-05-06 12:00 UTC  {recording.engine}  run-1"]
    told.clear()
    await recordings.run(store, Wish(as_json=True), told.append)
    assert json.loads(told[0])["runs"][0]["weights"] == recording.weights


async def test_without_a_recording_that_is_said(store: Store) -> None:
    told: list[str] = []
    await recordings.run(store, Wish(), told.append)
    assert told == [recordings.NONE_YET]
    with pytest.raises(WrongUseError, match="No run 'x' is recorded"):
        await recordings.run(store, Wish(run_id="x"), told.append)


async def test_an_exported_recording_is_played_from_its_file(
    store: Store, recording: Recording, tmp_path: Path
) -> None:
    file = tmp_path / "run.json"
    told: list[str] = []
    await recordings.run(store, Wish(run_id=recording.run_id, export=file), told.append)
    assert "mind whom you give it to" in told[0]
    assert Recording.from_json(file.read_text(encoding="utf-8")) == recording
    assert await recordings.run(None, Wish(file=file), told.append) in (recordings.SAME, recordings.OTHER)


async def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongUseError, match="cannot be read"):
        await recordings.run(None, Wish(file=tmp_path / "none.json"), print)
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="no recording"):
        await recordings.run(None, Wish(file=tmp_path / "other.json"), print)


def test_the_command_line_plays_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["replay", "--file", str(FIXTURE), "--json"])
    assert code == (0 if json.loads(capsys.readouterr().out)["same"] else 1)


def test_the_command_line_lists_what_a_profile_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["replay", "--data-dir", str(tmp_path / "empty")]) == 0
    assert recordings.NONE_YET in capsys.readouterr().out
    assert cli.main(["replay", "x", "--file", "y"]) == 2
