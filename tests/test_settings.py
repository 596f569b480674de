"""Settings: declared once, checked when given, harmless when stored badly."""

from __future__ import annotations

from pathlib import Path

import pytest

from galaxy_desktop import paths
from galaxy_desktop.errors import RefusedError, StoreError, WrongUseError
from galaxy_desktop.settings import ALL, BY_NAME, Settings


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
    set_up = Settings.from_text({"api_url": "https://set.example/api/v3/"})
    monkeypatch.setenv("GALAXY_GITHUB_API", "https://ghe.example/api/v3/")
    assert (set_up.api_url(), Settings().api_url()) == ("https://ghe.example/api/v3",) * 2
    monkeypatch.delenv("GALAXY_GITHUB_API")
    assert (set_up.api_url(), Settings().api_url()) == ("https://set.example/api/v3", "https://api.github.com")


def test_the_client_id_comes_from_the_environment_then_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up = Settings.from_text({"oauth_client_id": "Iv1.0123456789abcdef"})
    monkeypatch.delenv("GALAXY_OAUTH_CLIENT_ID", raising=False)
    assert (Settings().client_id(), set_up.client_id()) == ("", "Iv1.0123456789abcdef")
    monkeypatch.setenv("GALAXY_OAUTH_CLIENT_ID", "Ov23abc")
    assert set_up.client_id() == "Ov23abc"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("api_url", "github.example.com", "GitHub address: write it like https://"),
        ("api_url", "ftp://github.example.com", "write it like https://"),
        ("api_url", "https://host:port/", "write it like"),
        ("api_url", "https://[broken", "write it like"),
        ("api_url", "https://two hosts.example", "write it like"),
        ("api_url", "https://github.com", "the API is at https://api.github.com"),
        ("api_url", "http://github.example.com/api/v3", "use https"),
        ("api_url", "https://me:secret@github.example.com", "leave out name and password"),
        ("api_url", "https://github.example.com/api/v3?page=1", "leave out what follows"),
        ("proxy", "proxy.example.com:3128", "Proxy: write it like http://"),
        ("proxy", "http://me:secret@proxy.example.com:3128", "stored readably"),
        ("proxy", "http://proxy.example.com:3128/path", "leave out what follows the port"),
        ("oauth_client_id", "my app", "Client ID: a client id such as"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_with_what_would_be_right(name: str, text: str, said: str) -> None:
    with pytest.raises(WrongUseError) as wrong:
        BY_NAME[name].parse(text)
    assert said in str(wrong.value)


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("api_url", " https://github.example.com/api/v3/ ", "https://github.example.com/api/v3"),
        ("api_url", "http://127.0.0.1:4040", "http://127.0.0.1:4040"),
        ("api_url", "https://api.corp.ghe.com", "https://api.corp.ghe.com"),
        ("proxy", "http://[fd00::1]:3128/", "http://[fd00::1]:3128"),
        ("proxy", "", ""),
        ("oauth_client_id", " Ov23liAbCdEf ", "Ov23liAbCdEf"),
    ],
)
def test_an_address_is_kept_as_it_is_used(name: str, text: str, kept: str) -> None:
    assert BY_NAME[name].parse(text) == kept


def test_a_file_of_certificates_that_is_not_there_is_said_when_it_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "company.pem"
    settings = Settings.from_text({"ca_bundle": str(file)})
    with pytest.raises(RefusedError, match=r"company\.pem, is not there"):
        settings.ca_bundle()
    file.write_text("")
    assert settings.ca_bundle() == str(file)
    assert Settings().ca_bundle() is None


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


def test_mirrors_of_models_are_tried_in_the_order_in_which_they_were_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GALAXY_MODEL_MIRRORS", raising=False)
    kept = BY_NAME["model_mirrors"].parse(" https://a.example/ ,\nhttp://127.0.0.1:8080,https://a.example")
    assert kept == "https://a.example, http://127.0.0.1:8080"
    assert Settings.from_text({"model_mirrors": str(kept)}).model_mirrors() == (
        "https://a.example",
        "http://127.0.0.1:8080",
    )
    assert Settings().model_mirrors() == ()
    monkeypatch.setenv("GALAXY_MODEL_MIRRORS", "https://b.example")
    assert Settings.from_text({"model_mirrors": str(kept)}).model_mirrors() == ("https://b.example",)


@pytest.mark.parametrize("text", ["http://a.example", "a.example", "https://me:pw@a.example", "https://a.example?x=1"])
def test_a_mirror_that_will_not_do_is_refused_when_it_is_set(text: str) -> None:
    with pytest.raises(WrongUseError, match="Model mirrors:"):
        BY_NAME["model_mirrors"].parse(text)
