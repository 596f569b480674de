"""What the first window may not wait for."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "pyqtgraph",
    "langgraph",
    "chromadb",
    "sentence_transformers",
    "torch",
    "llama_cpp",
    "scipy",
    "numpy",
    "networkx",
    "github",
    "sqlalchemy",
    "sqlmodel",
    "alembic",
    "keyring",
)


@pytest.mark.parametrize(
    "module", ["galaxy_desktop.ui.main_window", "galaxy_desktop.ui.conductor", "galaxy_desktop.app"]
)
def test_the_first_window_imports_nothing_heavy(module: str) -> None:
    asked = f"import sys, {module}; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_first_page_is_imported_for_the_first_paint() -> None:
    asked = (
        "import sys, galaxy_desktop.app;"
        "print([m for m in sys.modules if m.startswith('galaxy_desktop.ui.pages.') and m.count('.') == 3])"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert set(eval(done.stdout)) <= {"galaxy_desktop.ui.pages.overview", "galaxy_desktop.ui.pages.page"}  # noqa: S307
