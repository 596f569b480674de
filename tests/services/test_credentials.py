"""The token lives in the keyring or the environment, and nowhere else."""

from __future__ import annotations

import pytest

from galaxy_desktop.services.credentials import Credentials, KeyringError


class FakeKeyring:
    """A keyring in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class LockedKeyring(FakeKeyring):
    """A keyring that nobody unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError("locked")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GALAXY_GITHUB_TOKEN", raising=False)


def test_a_saved_token_comes_back() -> None:
    credentials = Credentials("https://api.github.com", FakeKeyring())
    credentials.save("secret")
    assert credentials.token() == "secret"


def test_hosts_do_not_share_a_token() -> None:
    keyring = FakeKeyring()
    Credentials("https://api.github.com", keyring).save("secret")
    assert Credentials("https://github.example/api/v3", keyring).token() is None


def test_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = Credentials("https://api.github.com", FakeKeyring())
    credentials.save("kept")
    monkeypatch.setenv("GALAXY_GITHUB_TOKEN", "given")
    assert credentials.token() == "given"


def test_a_locked_keyring_means_no_token_and_saving_says_what_to_do() -> None:
    credentials = Credentials("https://api.github.com", LockedKeyring())
    assert credentials.token() is None
    with pytest.raises(KeyringError, match="GALAXY_GITHUB_TOKEN"):
        credentials.save("secret")


def test_a_forgotten_token_is_gone_and_forgetting_twice_is_fine() -> None:
    credentials = Credentials("https://api.github.com", FakeKeyring())
    credentials.save("secret")
    credentials.forget()
    credentials.forget()
    assert credentials.token() is None
