"""Silence is part of passing: a stray log warning, Qt warning, live thread or pending task fails the test."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import hypothesis
import pytest

# The same examples in every run: a red test must be red for everybody. GALAXY_SEARCH=1 looks for new ones.
hypothesis.settings.register_profile("galaxy", deadline=None, derandomize=not os.environ.get("GALAXY_SEARCH"))
hypothesis.settings.load_profile("galaxy")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["ANONYMIZED_TELEMETRY"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does; tests load numpy first

ALLOWED_THREADS = ("pydevd", "Dummy-", "QThread", "tqdm_monitor", "hypothesis")
"""Threads that libraries keep for the life of the process."""


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep every warning and error of our own loggers."""
        if record.name.startswith("galaxy_desktop"):
            self.seen.append(f"{record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _silence(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail the test that logs a warning (unless it asks for `caplog`) or leaves a thread behind."""
    handler = _Warnings()
    logging.getLogger().addHandler(handler)
    before = set(threading.enumerate())
    yield
    logging.getLogger().removeHandler(handler)
    if "caplog" not in request.fixturenames:
        assert handler.seen == []
    left = _left_over(before)
    deadline = time.monotonic() + 2
    while left and time.monotonic() < deadline:
        left[0].join(0.05)
        left = _left_over(before)
    assert left == [], f"threads left running: {[t.name for t in left]}"


def _left_over(before: set[threading.Thread]) -> list[threading.Thread]:
    return [
        t for t in threading.enumerate() if t not in before and t.is_alive() and not t.name.startswith(ALLOWED_THREADS)
    ]


@pytest.fixture
def now() -> datetime:
    """A fixed Wednesday noon."""
    return datetime(2026, 5, 6, 12, tzinfo=UTC)
