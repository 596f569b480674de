"""The command line's imports and exports: exit codes, sentences, and nothing half-written."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop import cli
from galaxy_desktop.errors import CancelledByUserError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import transfer
from galaxy_desktop.services.archive import ArchiveProgress
from galaxy_desktop.store.database import Store
from tests.collect import archive_events as made
from tests.collect.archive_server import ArchiveServer


@pytest.fixture(autouse=True)
def _nobody_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GALAXY_ARCHIVE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GALAXY_GITHUB_TOKEN", "check")
    monkeypatch.setenv("GALAXY_DATA_DIR", str(tmp_path / "home"))


@pytest.fixture
def hours(tmp_path: Path) -> Path:
    folder = tmp_path / "hours"
    folder.mkdir()
    rows = [
        made.event("IssuesEvent", {"action": "opened", "issue": made.issue(n, milestone=made.milestone())})
        for n in (1, 2)
    ]
    made.write_hour(folder / "2026-05-01-14.json.gz", [*rows, b"oops"])
    return folder


@pytest.fixture
def profile(tmp_path: Path) -> str:
    return str(tmp_path / "profile")


def _run(*words: str) -> int:
    try:
        return cli.main(words)
    except SystemExit as left:
        return int(left.code or 0)


def test_an_archive_becomes_a_sprint(hours: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("import", "archive", str(hours), "--repo", made.REPO, "--data-dir", profile) == 0
    said = capsys.readouterr()
    assert "kept 2 events of your repositories: 4 records." in said.out
    assert "2026-05-01-14.json.gz:3: cut off" in said.err
    assert _run("analyze", "--no-sync", "--data-dir", profile, "--at", "2026-05-06T12:00:00Z") == 0
    assert "Sprint 1 (nova/rocket" in capsys.readouterr().out


def test_the_result_is_one_json_object(hours: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("import", "archive", str(hours), "--repo", made.REPO, "--data-dir", profile, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["events_kept"], found["bad_lines"], found["failed"]) == (2, 1, [])
    assert found["bad"] == [{"file": "2026-05-01-14.json.gz", "line": 3, "why": "cut off"}]


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("import", "archive", "--repo", "o/r"), 2, "--from and --to"),
        (("import", "archive", "nowhere", "--repo", "o/r"), 2, "nowhere"),
        (("import", "archive", "x", "--from", "2026-05-01", "--repo", "o/r"), 2, "not both"),
        (("import", "archive", "--from", "soon", "--to", "2026-05-01"), 2, "2026-05-01"),
        (("import", "archive", "--from", "2026-05-02", "--to", "2026-05-01", "--repo", "o/r"), 2, "earlier day first"),
        (("import", "archive", "--from", "2026-05-01", "--to", "2026-05-01", "--repo", "o/r"), 4, "127.0.0.1:9"),
        (("import", "archive", "--from", "2026-05-01", "--to", "2026-05-01"), 2, "--repo owner/name"),
        (
            ("import", "copy", "nowhere"),
            2,
            "nowhere is not there. Check its name and folder; `galaxy-desktop export copy",
        ),
        (("import", "copy", "."), 2, "is a folder. Name the file in it"),
        (("import",), 2, "what"),
        (("export", "copy", "/nowhere/at/all.jsonl"), 1, "/nowhere/at/all.jsonl"),
    ],
)
def test_what_goes_wrong_is_a_sentence_with_its_exit_code(
    words: tuple[str, ...], code: int, named: str, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = words if words == ("import",) else (*words, "--data-dir", profile)
    assert _run(*given) == code
    said = capsys.readouterr().err
    assert named in said
    assert "Traceback" not in said


def test_a_damaged_file_is_exit_1_and_the_others_are_read(
    hours: Path, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (hours / "2026-05-01-15.json.gz").write_bytes(gzip.compress(b"{}\n")[:-3])
    assert _run("import", "archive", str(hours), "--repo", made.REPO, "--data-dir", profile) == 1
    said = capsys.readouterr()
    assert "2026-05-01-15.json.gz ends too early" in said.err
    assert "kept 2 events" in said.out


def test_days_are_downloaded_into_the_profile_and_entered_into_the_ledger(
    hours: Path, profile: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = ArchiveServer({p.name: p.read_bytes() for p in hours.iterdir()})
    monkeypatch.setenv("GALAXY_ARCHIVE_URL", server.url)
    words = ("import", "archive", "--from", "2026-05-01", "--to", "2026-05-01", "--repo", made.REPO)
    assert _run(*words, "--data-dir", profile) == 0
    server.close()
    assert "Not in the archive: 2026-05-01-0, 2026-05-01-1, 2026-05-01-2 and 20 more." in capsys.readouterr().out
    assert (Path(profile) / "archive" / "SHA256SUMS").is_file()
    with Store.open(DataFolder(Path(profile))) as store:
        assert [(row.purpose, row.connections) for row in store.traffic()] == [("GH Archive", 24)]


def test_a_switched_off_network_is_exit_4(hours: Path, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    from galaxy_desktop.services import clock

    with Store.open(DataFolder(Path(profile))) as store:
        store.set_setting("network", "false", "test", clock.now()).result()
    words = ("import", "archive", "--from", "2026-05-01", "--to", "2026-05-01", "--repo", made.REPO)
    assert _run(*words, "--data-dir", profile) == 4
    assert "switched off" in capsys.readouterr().err


def test_a_copy_goes_from_profile_to_profile(
    hours: Path, profile: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("import", "archive", str(hours), "--repo", made.REPO, "--data-dir", profile) == 0
    file, other = str(tmp_path / "copy.jsonl.gz"), str(tmp_path / "other")
    assert _run("export", "copy", file, "--data-dir", profile) == 0
    assert _run("import", "copy", file, "--data-dir", other) == 0
    assert "Took over" in capsys.readouterr().out
    with Store.open(DataFolder(Path(profile))) as one, Store.open(DataFolder(Path(other))) as two:
        assert two.snapshot() == one.snapshot()


async def test_an_export_that_is_cancelled_leaves_no_file(
    tmp_path: Path, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def slow(_store: Any, path: Path, _told: Any, *, stop: Any, **_: Any) -> None:
        loop.call_soon_threadsafe(begun.set)
        while not stop.wait(0.01):
            pass
        ended.append(path)
        raise CancelledByUserError("Stopped.")

    monkeypatch.setattr(transfer, "export_to", slow)
    asked = transfer.Transfer(what="copy", paths=(tmp_path / "copy.jsonl",))
    task = loop.create_task(transfer.run("export", asked, DataFolder(Path(profile)), (), print, as_json=False))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await loop.shutdown_default_executor()
    assert ended == [tmp_path / "copy.jsonl"]


def test_progress_is_said_every_two_seconds_at_most(capsys: pytest.CaptureFixture[str]) -> None:
    from datetime import UTC, datetime, timedelta

    moments = iter(datetime(2026, 5, 1, tzinfo=UTC) + timedelta(seconds=s) for s in (0, 1, 2, 3))
    said = transfer._Said(lambda: next(moments))
    for number in range(4):
        said.say(lambda number=number: f"line {number}")  # type: ignore[misc]
    assert capsys.readouterr().err == "line 0\nline 2\n"


def test_steps_are_told_in_words() -> None:
    loading = ArchiveProgress(stage="downloading", file="2026-05-01-7", files_done=0, files=2, bytes_done=1_500_000)
    reading = ArchiveProgress(stage="reading", file="a.json", files_done=1, files=9, events_kept=1, seconds_left=400.0)
    assert transfer._step(loading) == "Downloading 2026-05-01-7: 1.5 MB."
    assert transfer._step(reading) == "1 of 9: a.json read, 1 event kept so far. About 7 minutes left."


@pytest.mark.parametrize(
    ("given", "missing"),
    [("--from", "Say with --to which day is the last one, such as --to 2026-05-01."),
     ("--to", "Say with --from which day is the first one, such as --from 2026-05-01.")],
)  # fmt: skip
def test_the_day_that_is_missing_is_named(
    given: str, missing: str, profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("import", "archive", given, "2026-05-01", "--data-dir", profile) == 2
    assert capsys.readouterr().err.strip() == missing


def test_an_export_that_cannot_begin_speaks_of_no_lines(profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("export", "copy", "/", "--data-dir", profile) == 1
    assert "lines" not in capsys.readouterr().err
