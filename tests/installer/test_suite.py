"""The whole suite in parts: everything once, one closing line, and no failure lost."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from installer import suite

ROOT = Path(__file__).resolve().parents[2]
PLAIN = "def test_it():\n    pass\n"
APART = (*suite.PROGRAMS, *suite.SCREEN)
FOLDERS = ("domain", *(Path(one).name for one in APART))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project with a test in every part."""
    for folder in FOLDERS:
        (tmp_path / "tests" / folder).mkdir(parents=True)
        (tmp_path / "tests" / folder / f"test_{folder}.py").write_text(PLAIN)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    # Of all the plugins that are installed these tests need one, and the others take seconds at each of many starts.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p xdist.plugin")
    return tmp_path


def test_every_folder_is_in_exactly_one_part() -> None:
    most, programs, screen = suite.parts(8)
    left_out = {word.removeprefix("--ignore=") for word in most if word.startswith("--ignore=")}
    assert left_out == {word for word in (*programs, *screen) if word.startswith("tests/")} == set(APART)
    assert not set(programs) & set(screen)
    assert all((ROOT / folder).is_dir() for folder in APART)


@pytest.mark.parametrize(("processors", "processes"), [(2, ["2", "2"]), (8, ["4", "2"])])
def test_windows_share_one_screen_and_so_one_process_and_programs_take_two(
    processors: int, processes: list[str]
) -> None:
    *shared, screen = suite.parts(processors)
    assert [words[words.index("-n") + 1] for words in shared] == processes
    assert "-n" not in screen


def test_the_longest_file_of_programs_is_the_first_to_be_begun() -> None:
    _, programs, _ = suite.parts(2)
    assert "--no-loadscope-reorder" in programs
    assert next(word for word in programs if word.startswith("tests/")) == "tests/benchmarks"


def test_on_one_processor_it_is_plain_pytest() -> None:
    assert suite.parts(1) == ((),)


def test_the_last_line_counts_the_tests_of_all_parts(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert suite.run_suite(sys.executable) == 0
    assert capfd.readouterr().out.splitlines()[-1].startswith(f"{len(FOLDERS)} passed in ")


@pytest.mark.parametrize("where", ["domain", "benchmarks", "desktop"])
def test_a_failure_in_any_part_fails_the_whole_and_the_rest_still_runs(
    where: str, project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "tests" / where / f"test_{where}.py").write_text("def test_it():\n    assert 0\n")
    monkeypatch.setattr(suite, "parts", lambda _: (("tests/domain",), suite.PROGRAMS, suite.SCREEN))
    assert suite.run_suite(sys.executable) == 1
    assert capfd.readouterr().out.splitlines()[-1].startswith(f"1 failed, {len(APART)} passed in ")


def test_a_part_that_cannot_go_on_is_the_last(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n")
    assert suite.run_suite(sys.executable) == 4
    assert capfd.readouterr().out.splitlines()[-1].startswith("0 passed in ")


def test_the_closing_line_leaves_out_what_did_not_happen() -> None:
    counts = Counter(passed=5000, skipped=3, failed=1, errors=2)
    assert suite.closing(counts, 480.123) == "1 failed, 5000 passed, 3 skipped, 2 errors in 480.12s"
    assert suite.closing(Counter(passed=1), 1) == "1 passed in 1.00s"
