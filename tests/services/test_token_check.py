"""A token is looked at before it is saved: whose, until when, and what it lacks; a failure is a sentence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.domain.sign_in import Ability
from galaxy_desktop.services.egress import Egress
from galaxy_desktop.services.token_check import check_by_settings, check_token
from galaxy_desktop.settings import Settings
from tests.collect.web_server import Page, serving

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


def now() -> datetime:
    return NOW


@pytest.mark.parametrize(
    ("text", "said"), [("  ", "Paste a token first."), ("ghp_…", "This is no token"), ("a b", "no token")]
)
def test_what_cannot_be_a_token_is_sent_nowhere(text: str, said: str) -> None:
    report = check_token("https://github.example", text, now)
    assert not report.ok
    assert said in report.sentence


def test_a_good_token_is_told_with_its_owner_and_its_end() -> None:
    headers = {"GitHub-Authentication-Token-Expiration": "2026-08-01 00:00:00 UTC"}
    with serving({"GET /user": Page(200, {"login": "ada"}, headers)}) as server:
        report = check_token(server.url, " github_pat_1 ", now)
    assert (report.ok, report.login) == (True, "ada")
    assert report.sentence == "The token works until 2026-08-01: GitHub knows you as ada."
    assert server.asked[0].headers["authorization"] == "Bearer github_pat_1"
    assert report.permissions == ()


def test_what_a_token_lacks_is_in_the_sentence_and_in_the_list() -> None:
    pages = {
        "GET /user": Page(200, {"login": "ada"}),
        "GET /repos/o/a": Page(200, {"private": True, "permissions": {"push": True}}),
        "GET /repos/o/a/issues": Page(403, {"message": "Resource not accessible by personal access token"}),
    }
    with serving(pages) as server:
        report = check_token(server.url, "github_pat_1", now, repositories=["o/a"])
    assert report.ok
    assert "It lacks what the program needs: Reads issues, labels and milestones" in report.sentence
    by_permission = {one.permission: one for one in report.permissions}
    assert by_permission["Issues: read"].ability is Ability.NO
    assert "add the permission Issues: read to the token" in by_permission["Issues: read"].sentence


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (Page(401, {"message": "Bad credentials"}), "expired or revoked"),
        (Page(200, "<html>Welcome</html>"), "not as GitHub's API does"),
        (Page(drop=True), "broke off"),
    ],
)
def test_each_failure_has_its_own_sentence(page: Page, said: str) -> None:
    with serving({"GET /user": page}) as server:
        report = check_token(server.url, "ghp_1", now)
    assert (report.ok, report.permissions) == (False, ())
    assert said in report.sentence


def test_offline_and_switched_off_are_told_apart() -> None:
    with serving({}) as server:
        url = server.url
    offline = check_token(url, "ghp_1", now)
    off = check_token(url, "ghp_1", now, route=Route(gate=Egress(now, on=False)))
    assert "cannot be reached" in offline.sentence
    assert "switched off" in off.sentence


def test_the_way_that_the_settings_name_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GALAXY_GITHUB_API", raising=False)
    with serving({"GET http://127.0.0.1:9/user": Page(200, {"login": "ada"})}) as proxy:
        over_proxy = Settings.from_text({"api_url": "http://127.0.0.1:9", "proxy": proxy.url})
        assert check_by_settings(over_proxy, Egress(now), "ghp_1", now).login == "ada"
    without_file = Settings.from_text({"ca_bundle": "/nowhere/company.pem"})
    assert "company.pem, is not there" in check_by_settings(without_file, Egress(now), "ghp_1", now).sentence
