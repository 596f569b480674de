"""The command line: exit codes that a script can trust, and sentences instead of tracebacks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from galaxy_desktop import cli
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from tests.collect.fakes import FakeGitHub
from tests.services.http_github import http_github

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _nobody_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GALAXY_GITHUB_API", NOBODY)
    monkeypatch.setenv("GALAXY_GITHUB_TOKEN", "check")
    monkeypatch.setenv("GALAXY_DATA_DIR", str(tmp_path / "home"))


def _run(*words: str) -> int:
    """The exit code, also where argparse leaves on its own."""
    try:
        return cli.main(words)
    except SystemExit as left:
        return int(left.code or 0)


def test_an_unknown_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("conquer") == 2
    assert "conquer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("analyze", "--repo", "no-slash"), "owner/name"),
        (("analyze", "--at", "someday", "--repo", "o/r"), "2026-05-01T12:00:00Z"),
        (("analyze", "--at", "0001-01-01T00:00:00Z", "--repo", "o/r"), "between 2000 and 2200"),
        (("analyze", "--demo", "perfect"), "healthy, slipping, blocked, first-week"),
        (("sync",), "--repo owner/name"),
        (("analyze", "--no-sync"), "--no-sync"),
    ],
)
def test_wrong_use_is_exit_2_with_a_sentence(
    words: tuple[str, ...], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(*words, "--data-dir", str(tmp_path / "profile")) == 2
    said = capsys.readouterr().err
    assert named in said
    assert "Traceback" not in said


def test_offline_with_nothing_stored_is_exit_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("analyze", "--repo", "o/r", "--data-dir", str(tmp_path)) == 4
    assert "127.0.0.1" in capsys.readouterr().err


def test_offline_with_nothing_stored_promises_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("sync", "--repo", "o/r", "--data-dir", str(tmp_path)) == 4
    assert "what is stored" not in capsys.readouterr().err


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A profile that tracks and holds o/r, with a GitHub that shows that repository alone."""
    with http_github(FakeGitHub()) as server:
        monkeypatch.setenv("GALAXY_GITHUB_API", server.url)
        assert _run("sync", "--repo", "o/r", "--data-dir", str(tmp_path / "p")) == 0
        yield str(tmp_path / "p")


def test_a_mistyped_repository_is_exit_3_also_beside_one_that_was_synced(
    profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert _run("sync", "--repo", "o/typo", "--data-dir", profile, "--json") == 3
    said = capsys.readouterr()
    assert "galaxy-desktop untrack o/typo" in said.err
    told = json.loads(said.out)
    assert [one["state"] for one in told["repositories"]] == ["synced"]
    assert told["waiting"][0]["repository"] == "o/typo"
    assert _run("sync", "--repo", "o/typo", "--repo", "o/r", "--data-dir", profile) == 0
    assert _run("sync", "--data-dir", profile) == 0


def test_a_mistyped_repository_is_untracked_and_no_longer_complained_of(
    profile: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _run("sync", "--repo", "o/typo", "--data-dir", profile)
    assert _run("untrack", "o/typo", "--data-dir", profile) == 0
    capsys.readouterr()
    assert _run("sync", "--data-dir", profile) == 0
    assert capsys.readouterr().err == ""
    assert _run("untrack", "o/typo", "--data-dir", profile) == 2
    assert _run("untrack", "o/r", "--data-dir", profile) == 0
    assert "What is stored of it stays" in capsys.readouterr().out


def test_a_demo_needs_no_network_and_prints_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("analyze", "--demo", "slipping", "--data-dir", str(tmp_path), "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["sprints"][0]["recommendations"]


def test_a_demo_without_a_folder_leaves_the_users_data_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run("analyze", "--demo", "healthy") == 0
    assert (tmp_path / "home" / "demo-healthy").is_dir()
    assert not (tmp_path / "home" / "main").exists()
    assert "Sprint" in capsys.readouterr().out


def test_a_demo_is_not_put_into_a_folder_with_real_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Store.open(DataFolder(tmp_path).make()).close()
    assert _run("analyze", "--demo", "healthy", "--data-dir", str(tmp_path)) == 2
    assert "data of your own" in capsys.readouterr().err


def test_a_bug_becomes_a_sentence_and_its_traceback_goes_to_the_log_file(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(Store, "wanted", broken)
    assert _run("sync", "--repo", "o/r", "--data-dir", str(tmp_path)) == 1
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert "Traceback" not in said
    assert caplog.records
    assert "boom" in (tmp_path / "logs" / "galaxy-desktop.log").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert _run("sync", "--repo", "o/r", "--data-dir", str(tmp_path / "file")) == 1
    assert "--data-dir" in capsys.readouterr().err


def test_the_package_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "galaxy_desktop", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("galaxy-desktop ")
