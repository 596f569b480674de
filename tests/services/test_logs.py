"""No token reaches a log file."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.logs import logging_to

FINE_GRAINED = "github_pat_" + "a" * 30
CLASSIC = "ghp_" + "b" * 36


def _written(tmp_path: Path, message: str, *arguments: object, token: str | None = None) -> str:
    with logging_to(DataFolder(tmp_path), token) as file:
        logging.getLogger("galaxy_desktop.test").info(message, *arguments)
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("secret", [FINE_GRAINED, CLASSIC])
def test_anything_that_looks_like_a_token_is_hidden(tmp_path: Path, secret: str) -> None:
    written = _written(tmp_path, "Asked with %s for %s", secret, "o/r")
    assert secret not in written
    assert "o/r" in written


def test_the_token_in_use_is_hidden_whatever_it_looks_like(tmp_path: Path) -> None:
    assert "hunter2" not in _written(tmp_path, "header was hunter2", token="hunter2")


def test_a_traceback_hides_the_token_too(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with logging_to(DataFolder(tmp_path)) as file:
        try:
            raise ValueError(f"Authorization: token {CLASSIC}")
        except ValueError:
            logging.getLogger("galaxy_desktop.test").exception("Failed")
    text = file.read_text(encoding="utf-8")
    assert "ValueError" in text
    assert CLASSIC not in text


def test_logging_stops_with_its_block(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    _written(tmp_path, "hello")
    assert logging.getLogger().handlers == before
