"""The memory of this computer, measured now; and what was measured of the models on it.

psutil is imported with the first measurement, because the first paint of the window need not wait for it.
"""

from __future__ import annotations

import importlib
import logging
from pathlib import Path
from typing import Any

from galaxy_desktop.domain.models import GraphicsDevice, Memory
from galaxy_desktop.errors import ModelError
from galaxy_desktop.paths import default_root
from galaxy_desktop.reason.catalog import Catalog
from galaxy_desktop.reason.soundness import identity
from galaxy_desktop.reason.tuning import Notebook

logger = logging.getLogger(__name__)

SPEEDS = "speeds.json"
"""Where the engine writes down what it measured on this computer."""
BESIDE_THE_MODEL = 300_000_000
"""Less than this the program never has of its own; what it has beyond that and the weights is not the model."""


def measure() -> Memory:
    """What there is, what is free, and what this program has."""
    psutil: Any = importlib.import_module("psutil")
    machine = psutil.virtual_memory()
    return Memory(
        total=int(machine.total), free=int(machine.available), resident=int(psutil.Process().memory_info().rss)
    )


def held_by_model(memory: Memory, needed: int) -> int:
    """What the model in use would give back when another one takes its place; 0 while it is not loaded.

    Nobody asks the engine: a program that is as large as the model has it in memory.
    """
    return needed if memory.resident >= needed + BESIDE_THE_MODEL else 0


def graphics(notes: Path | None = None) -> tuple[GraphicsDevice, ...] | None:
    """The graphics processors that the engine saw when it last loaded a model, `None` before it looked.

    Looking here would load llama.cpp and wake drivers for the sake of a badge.
    """
    return Notebook(notes or default_root() / SPEEDS).graphics()


def speeds(catalog: Catalog, notes: Path | None = None, *, gpu: bool = True) -> dict[str, float]:
    """Tokens a second of the models that are here and were tried on this computer, by name.

    `gpu` says whether a graphics processor may be used.
    """
    book = Notebook(notes or default_root() / SPEEDS)
    found: dict[str, float] = {}
    for one in catalog.prose:
        try:
            speed = (
                book.speed_of(identity(catalog.weights(one.name)), gpu=gpu) if catalog.is_present(one.name) else None
            )
        except (ModelError, OSError) as error:
            logger.info("%s went while it was looked at: %s", one.name, error)
            continue
        if speed is not None:
            found[one.name] = speed
    return found
