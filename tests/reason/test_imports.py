"""The checks are cheap to import: no graph, no model, no numbers library comes with them."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("langgraph", "llama_cpp", "torch", "chromadb", "sentence_transformers", "numpy")


def test_importing_reason_and_retrieve_pulls_in_nothing_heavy() -> None:
    code = (
        "import galaxy_desktop.reason.graph, galaxy_desktop.reason.llama, galaxy_desktop.reason.ground, "
        "galaxy_desktop.retrieve.index, galaxy_desktop.retrieve.embed, sys; "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
