"""What a person types and reads: four words, sentences, exit codes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from galaxy_desktop import paths
from installer import command, places
from installer.errors import SetupError
from installer.lock import alone
from installer.machine import Finding

ROOT = Path(__file__).resolve().parents[2]


def test_an_old_python_can_read_the_first_file() -> None:
    ast.parse((ROOT / "installer" / "__main__.py").read_text(), feature_version=(3, 8))
    ast.parse((ROOT / "installer" / "__init__.py").read_text(), feature_version=(3, 8))


def test_the_first_file_imports_nothing_of_ours_before_it_has_looked_at_the_version() -> None:
    tree = ast.parse((ROOT / "installer" / "__main__.py").read_text())
    imported = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert imported <= {"__future__", "importlib", "pathlib", "sys"}


@pytest.mark.parametrize(
    ("major", "minor", "good"), [(3, 8, False), (3, 10, False), (3, 11, True), (3, 13, True), (3, 14, False)]
)
def test_a_python_that_will_not_do_is_told_which_will(major: int, minor: int, good: bool) -> None:
    program = f"import runpy; print(runpy.run_path('installer/__main__.py')['wrong_python']({major}, {minor}))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "" if good else "3.11, 3.12 or 3.13" in done.stdout


def test_the_folder_itself_can_be_run() -> None:
    done = subprocess.run(
        [sys.executable, "installer", "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"python3 installer {word}" in done.stdout for word in ("run", "test", "setup", "doctor"))


@pytest.mark.parametrize("words", [[], ["fly"], ["setup", "now"]])
def test_wrong_words_get_the_right_ones(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(words) == 2
    assert "python3 installer run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (SetupError("The disk is full."), 1, "The disk is full.\n"),
        (KeyboardInterrupt(), 130, "goes on where it stopped"),
        (PermissionError(13, "Permission denied"), 1, "Set-up cannot go on"),
    ],
)
def test_failures_are_sentences(
    error: BaseException, code: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_rest: list[str]) -> int:
        raise error

    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    monkeypatch.setitem(command.COMMANDS, "setup", fail)
    assert command.main(["setup"]) == code
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"XDG_DATA_HOME": "/somewhere"},
        {"XDG_DATA_HOME": "relative"},
        {"GALAXY_DATA_DIR": "/data", "GALAXY_MODELS_DIR": "/models"},
    ],
    ids=["plain", "xdg", "relative-xdg", "named"],
)
def test_the_data_folder_is_where_the_program_looks(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "GALAXY_DATA_DIR", "GALAXY_MODELS_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = places.find()
    assert (found.data, found.models) == (paths.default_root(), paths.models_folder())
    assert found.manifest == paths.manifest_file()


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {}, "/home/me/.local/share/galaxy-desktop"),
        ("darwin", {}, "/home/me/Library/Application Support/galaxy-desktop"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/galaxy-desktop"),
        ("win32", {}, "/home/me/AppData/Local/galaxy-desktop"),
    ],
)
def test_every_platform_has_its_own_data_folder(platform: str, environment: dict[str, str], folder: str) -> None:
    assert places.user_data(platform, environment, Path("/home/me")) == Path(folder)


def test_a_second_setup_waits_for_the_first(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from installer.lock import alone\n"
        "with alone(Path(sys.argv[1]), lambda: print('waiting', flush=True)): print('in', flush=True)"
    )
    call = [sys.executable, "-c", program, str(tmp_path / "lock")]
    with alone(tmp_path / "lock", lambda: pytest.fail("nobody holds it")):
        second = subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        first_word = second.stdout.readline()
    with second:
        assert (first_word, second.stdout.read()) == ("waiting\n", "in\n")


@pytest.fixture
def became(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """What set-up hands over to, with a set-up that finds nothing to do."""
    seen: list[list[str]] = []

    class Nothing:
        def run(self) -> bool:
            return False

    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    monkeypatch.setattr(command, "_setup", lambda *_, **__: Nothing())
    monkeypatch.setattr(command, "_become", lambda call: seen.append(call) or 0)
    monkeypatch.chdir(tmp_path)
    return seen


def test_words_after_run_go_to_the_program(became: list[list[str]]) -> None:
    assert command.main(["run", "--demo", "slipping"]) == 0
    assert became == [[str(places.find().program), "--demo", "slipping"]]


def test_words_after_test_go_to_pytest_in_the_projects_folder(became: list[list[str]]) -> None:
    assert command.main(["test", "-q", "tests/domain"]) == 0
    assert became == [[str(places.find().python), "-m", "pytest", "-q", "tests/domain"]]
    assert Path.cwd() == ROOT


def test_without_words_the_whole_suite_runs_in_parts(became: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "run_suite", lambda python: 7 if python == str(places.find().python) else 0)
    assert command.main(["test"]) == 7
    assert became == []
    assert Path.cwd() == ROOT


def test_a_setup_that_finds_nothing_says_so(became: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["setup"]) == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert became == []


@pytest.mark.parametrize(("missing", "code", "told"), [("", 0, "Everything is here."), ("make", 1, "1 of 1 checks")])
def test_doctor_exits_with_1_when_something_is_missing(
    missing: str, code: int, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Looked:
        def findings(self) -> tuple[Finding, ...]:
            return (Finding("Thing", not missing, "seen", "Type: get it"),)

    monkeypatch.setattr(command, "_setup", lambda *_, **__: Looked())
    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    assert command.main(["doctor"]) == code
    printed = capsys.readouterr().out
    assert told in printed
    assert ("Type: get it" in printed) is bool(missing)
