"""The process that tries a weights file, so that ours need not: `galaxy-desktop try-weights FILE [GPU_LAYERS]`.

It does everything that the engine will do with the file, in small: loads it, makes a context, lays out a chat, evaluates
a token of it and asks for the next. The file is mapped, so even a large model takes a moment and no memory of its own. Whatever llama.cpp does to this process, the one that asked sees only how it ended.
"""

from __future__ import annotations

from pathlib import Path

from galaxy_desktop.reason.cells import Cells
from galaxy_desktop.reason.engine import Prompt
from galaxy_desktop.reason.native import AbortFlag, Loading, Weights
from galaxy_desktop.reason.writing import Desk, Writing

CONTEXT_TOKENS = 512
TRIED = Prompt("You are brief.", "Say a word.")


def main(path: str, gpu_layers: int = 0) -> int:
    """Try a file; 0 when it can be used. Raises what loading it raises, which ends the process with 1.

    With `gpu_layers` so many layers go onto the graphics processor, whose driver may end the process too.
    """
    loading = Loading(context_tokens=CONTEXT_TOKENS, gpu_layers=gpu_layers)
    weights = Weights(Path(path), loading, abort=AbortFlag())
    writing = Writing(TRIED, None, 2)
    desk = Desk(weights, Cells(weights, weights.context_tokens), None, CONTEXT_TOKENS)
    try:
        for _ in writing.advance(desk, lambda _: None):
            pass
    finally:
        writing.finish()
        weights.close()
    return 0
