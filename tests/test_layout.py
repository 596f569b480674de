"""The shape of the code: sizes, documentation and import rules hold from the first day."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "galaxy_desktop").rglob("*.py")) + sorted((ROOT / "installer").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MOST_LINES_A_FILE = 600
MOST_LINES_A_FUNCTION = 60


def _functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_no_file_is_longer_than_600_lines() -> None:
    long = {
        str(p): n for p in SOURCES + TESTS if (n := len(p.read_text(encoding="utf-8").splitlines())) > MOST_LINES_A_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = [
        f"{path}:{f.name}"
        for path in SOURCES + TESTS
        for f in _functions(path)
        if (f.end_lineno or f.lineno) - f.lineno + 1 > MOST_LINES_A_FUNCTION
    ]
    assert long == []


def test_public_functions_are_documented() -> None:
    public = [(path, f) for path in SOURCES for f in _functions(path) if not f.name.startswith("_")]
    bare = [f"{path.relative_to(ROOT)}:{f.name}" for path, f in public if not ast.get_docstring(f)]
    assert len(bare) <= 0.05 * len(public), bare


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [p for p in SOURCES if p.stem in {"utils", "helpers", "common"}] == []


def test_nothing_is_left_to_do_in_comments() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "X" * 3)
    left = [f"{p}: {m}" for p in SOURCES for m in marks if m in p.read_text(encoding="utf-8")]
    assert left == []


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(["-m", "ruff", "check", "."], id="lint"),
        pytest.param(["-m", "ruff", "format", "--check", "."], id="format"),
        pytest.param(["-m", "mypy"], id="types"),
        pytest.param(["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"], id="imports"),
    ],
)
def test_the_tools_have_nothing_to_say(command: list[str]) -> None:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def _matches(pattern: str, *allowed: str) -> list[str]:
    """Lines of the program that match, outside the files that may hold them."""
    program = [p for p in SOURCES if p.relative_to(ROOT).as_posix() not in allowed]
    lines = ((p, line) for p in program for line in p.read_text(encoding="utf-8").splitlines())
    return [f"{p.name}: {line.strip()}" for p, line in lines if re.search(pattern, line)]


def test_every_task_has_an_owner() -> None:
    owners = ("galaxy_desktop/services/lanes.py", "galaxy_desktop/ui/tasks.py")
    assert _matches(r"\b(create_task|ensure_future)\(", *owners) == []


def test_there_is_never_a_second_event_loop() -> None:
    before_the_loop = "galaxy_desktop/app.py"  # paints the first window while no coroutine exists yet
    assert _matches(r"\.processEvents\(|(?<!def )\bexec_?\(\)", before_the_loop) == []


def test_no_exception_is_swallowed_without_a_word() -> None:
    silent = [
        f"{p.name}:{node.lineno}"
        for p in SOURCES
        for node in ast.walk(ast.parse(p.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
    ]
    assert silent == []


def test_top_level_holds_what_the_design_names() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    top = {line.split("/")[0] for line in tracked if line}
    allowed = {
        "galaxy_desktop",
        "resources",
        "models",
        "installer",
        "tests",
        "pyproject.toml",
        "build.spec",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "docs",
    }
    assert {name for name in top if not name.startswith(".")} <= allowed
