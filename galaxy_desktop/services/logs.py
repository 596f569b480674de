"""Log files of one profile: rotating, small, and without secrets."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from galaxy_desktop.paths import DataFolder

SECRET = re.compile(r"\b(gh[pousr]_\w{20,}|github_pat_\w{20,})\b|(?i:(?<=token )|(?<=bearer ))\S{8,}")
FILE_BYTES = 1_000_000
FILES_KEPT = 3


class RedactingFormatter(logging.Formatter):
    """Replaces anything that looks like a token, and the token in use, in the finished text, tracebacks included."""

    def __init__(self, token: str | None = None) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        """The line as it goes to the file."""
        text = super().format(record)
        if self._token:
            text = text.replace(self._token, "•••")
        return SECRET.sub("•••", text)


@contextmanager
def logging_to(folder: DataFolder, token: str | None = None) -> Iterator[Path]:
    """While entered, warnings of libraries and everything of ours from INFO on go to the profile's log file."""
    folder.logs.mkdir(parents=True, exist_ok=True)
    file = folder.logs / "galaxy-desktop.log"
    handler = RotatingFileHandler(file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(RedactingFormatter(token))
    root, ours = logging.getLogger(), logging.getLogger("galaxy_desktop")
    root.addHandler(handler)
    level = ours.level
    ours.setLevel(logging.INFO)
    try:
        yield file
    finally:
        ours.setLevel(level)
        root.removeHandler(handler)
        handler.close()
