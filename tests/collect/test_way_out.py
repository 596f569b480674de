"""The client goes the way that was set: over the proxy named, with the certificates named, whatever the environment says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.errors import OfflineError
from tests.collect.web_server import Page, serving

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def test_the_proxy_that_was_set_wins_over_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with serving({"GET http://github.example:80/user": Page(200, {"login": "ada"})}) as proxy:
        github = GitHub("http://github.example", "t", Budget(clock), clock, proxy=proxy.url)
        assert github.get("/user").rows[0]["login"] == "ada"
        github.close()


def test_a_proxy_that_is_not_there_means_offline() -> None:
    github = GitHub("http://github.example", "t", Budget(clock), clock, proxy="http://127.0.0.1:9")
    with pytest.raises(OfflineError):
        github.get("/user")
    github.close()


@pytest.mark.parametrize("named", [True, False], ids=["named", "not named"])
def test_the_certificates_that_were_set_are_those_that_count(
    named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[object] = []

    def request(self: object, *_: object, verify: object, **more: object) -> None:
        used.append(verify)
        raise OfflineError("enough")

    monkeypatch.setattr("requests.Session.request", request)
    bundle = str(tmp_path / "company.pem") if named else None
    github = GitHub("https://github.example", "t", Budget(clock), clock, ca_bundle=bundle)
    with pytest.raises(OfflineError):
        github.get("/user")
    github.close()
    assert used == [bundle or True]
