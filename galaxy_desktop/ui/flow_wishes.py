"""What a person asks for on the Flow page: frozen records, carried out by `flow_errands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from galaxy_desktop.domain.flow import FlowReport


@dataclass(frozen=True, slots=True)
class ReadFlow:
    """Compute the flow of a sprint, of the first one for ""; `failed` is told what went wrong, in words.

    `past` is the moment that is looked at when it is not now.
    """

    sprint_id: str
    answered: Callable[[FlowReport], None]
    failed: Callable[[str], None]
    past: datetime | None = None


@dataclass(frozen=True, slots=True)
class SaveFlow:
    """Write a chart or its numbers to a file that the person chooses; `write` does it, on the thread of the window."""

    title: str
    name: str
    kind: str
    write: Callable[[Path], None]


FlowWish = ReadFlow | SaveFlow
