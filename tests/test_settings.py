"""Settings: declared once, checked when given, harmless when stored badly."""

from __future__ import annotations

from pathlib import Path

import pytest

from galaxy_desktop import paths
from galaxy_desktop.errors import StoreError, WrongUseError
from galaxy_desktop.settings import ALL, BY_NAME, Settings, api_url


@pytest.mark.parametrize("setting", ALL, ids=lambda s: s.name)
def test_every_default_is_a_value_that_could_be_given(setting: object) -> None:
    declared = BY_NAME[setting.name]  # type: ignore[attr-defined]
    assert declared.parse(str(declared.default)) == declared.default
    assert declared.label
    assert declared.help.endswith(".")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("poll_seconds", "5", "between 30 and 3600"),
        ("poll_seconds", "soon", "whole number"),
        ("prose", "maybe", "true or false"),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(name: str, text: str, said: str) -> None:
    with pytest.raises(WrongUseError, match=said):
        BY_NAME[name].parse(text)


def test_stored_values_that_are_no_longer_valid_fall_back_to_the_default() -> None:
    settings = Settings.from_text({"theme": "neon", "poll_seconds": "90", "gone": "1"})
    assert settings.text("theme") == "system"
    assert settings.number("poll_seconds") == 90


def test_a_name_that_was_never_declared_is_a_bug() -> None:
    with pytest.raises(KeyError):
        Settings()["gone"]


def test_the_api_address_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALAXY_GITHUB_API", "https://ghe.example/api/v3/")
    assert api_url() == "https://ghe.example/api/v3"
    monkeypatch.delenv("GALAXY_GITHUB_API")
    assert api_url() == "https://api.github.com"


def test_profiles_lie_apart_below_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GALAXY_DATA_DIR", str(tmp_path))
    assert paths.data_folder().root == tmp_path / "main"
    assert paths.demo_folder("healthy").root == tmp_path / "demo-healthy"
    assert paths.data_folder(tmp_path / "other").root == tmp_path / "other"


def test_a_data_folder_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    folder = paths.DataFolder(tmp_path / "mine").make()
    assert folder.root.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="--data-dir"):
        paths.DataFolder(tmp_path / "file" / "below").make()
