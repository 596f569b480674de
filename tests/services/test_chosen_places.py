"""What a setting newly names on the disk is looked at before it is kept."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from galaxy_desktop import paths
from galaxy_desktop.errors import RefusedError
from galaxy_desktop.services.chosen_places import look_at


def test_a_folder_that_is_no_clone_of_the_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="not the top folder of a git clone"):
        look_at("code_folders", f"o/r = {tmp_path}", "")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", "git@github.com:o/r"], check=True)
    look_at("code_folders", f"o/r = {tmp_path}", "")


def test_a_folder_that_was_named_before_may_be_away(tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        look_at("code_folders", f"o/r = {tmp_path / 'away'}", "")
    look_at("code_folders", f"o/r = {tmp_path / 'away'}", f"o/r = {tmp_path / 'away'}")


def test_a_search_model_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "models_folder", lambda: tmp_path)
    look_at("search_model", "all-minilm-l6-v2", "")
    with pytest.raises(RefusedError, match="No search model bge"):
        look_at("search_model", "bge", "")
