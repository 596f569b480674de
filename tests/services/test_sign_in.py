"""Signing in with a code against a server of our own: waited for, kept, cancelled at once, and really signed out."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.domain.sign_in import Ability, DeviceCode
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.traffic import OpenGate
from galaxy_desktop.errors import (
    BrokenAnswerError,
    CancelledByUserError,
    GalaxyError,
    NetworkOffError,
    RefusedError,
    WrongUseError,
)
from galaxy_desktop.services.credentials import Credentials, KeyringError
from galaxy_desktop.services.egress import Egress
from galaxy_desktop.services.sign_in import SignIn
from galaxy_desktop.settings import Settings
from galaxy_desktop.ui.desks import SignInDesk
from tests.collect.web_server import Page, WebServer, serving
from tests.services.test_credentials import FakeKeyring

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
PENDING, SLOW = Page(200, {"error": "authorization_pending"}), Page(200, {"error": "slow_down"})
TOKEN = Page(200, {"access_token": "gho_1", "scope": "repo,read:project"})
USER = Page(200, {"login": "ada"}, {"X-OAuth-Scopes": "repo, read:project"})
CODE = Page(200, {"device_code": "d" * 40, "user_code": "WDJB-MJHT", "expires_in": 900, "interval": 5,
                  "verification_uri": "http://127.0.0.1/login/device"})  # fmt: skip


class Patient:
    """A sleep that takes no time: it moves the clock, and sets the stop flag after as many pauses as told."""

    def __init__(self, stop: threading.Event | None = None, after: int = 99) -> None:
        self.at = NOW
        self.pauses: list[float] = []
        self.stop, self.after = stop, after

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float, stop: StopFlag | None) -> None:
        self.pauses.append(seconds)
        self.at += timedelta(seconds=seconds)
        if self.stop is not None and len(self.pauses) > self.after:
            self.stop.set()
        if stop is not None and stop.is_set():
            raise CancelledByUserError("Stopped.")


class Account:
    """A sign-in over a server, with its keyring; `changes` counts how often syncing was told."""

    def __init__(
        self, server: WebServer, patient: Patient | None = None, *, on: bool = True, client: str = "Iv1.a"
    ) -> None:
        self.patient = patient or Patient()
        self.keyring = FakeKeyring()
        self.credentials = Credentials(server.url, self.keyring)
        self.egress = Egress(lambda: NOW, on=on)
        self.changes = 0
        settings = Settings.from_text({"api_url": server.url, "oauth_client_id": client})
        self.desk: SignInDesk = SignIn(
            lambda: settings, lambda: self.credentials, self.egress, repositories=self.repositories, changed=self.changed,
            now=self.patient.now, sleep=self.patient.sleep,
        )  # fmt: skip

    def repositories(self) -> Sequence[str]:
        return ("o/a",)

    async def changed(self) -> None:
        self.changes += 1


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GALAXY_GITHUB_TOKEN", "GALAXY_GITHUB_API", "GALAXY_OAUTH_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)


def pages(*polls: Page) -> dict[str, Page | list[Page]]:
    return {
        "POST /login/device/code": CODE,
        "POST /login/oauth/access_token": list(polls),
        "GET /user": USER,
        "GET /repos/o/a": Page(200, {"private": True, "permissions": {"push": True}}),
    }


async def test_a_code_that_was_typed_becomes_a_token_in_the_keyring() -> None:
    with serving(pages(PENDING, SLOW, PENDING, TOKEN)) as server:
        account = Account(server)
        code = await account.desk.begin()
        report = await account.desk.finish(code, threading.Event())
    assert (report.ok, report.login, report.sentence) == (True, "ada", "Signed in as ada.")
    assert account.credentials.token() == "gho_1"
    assert account.patient.pauses == [5, 5, 10, 10]
    assert account.changes == 1
    assert {row.purpose for row in account.egress.hosts()} == {"GitHub sign-in", "GitHub API"}


async def test_less_access_than_was_asked_is_told_and_kept() -> None:
    with serving(pages(Page(200, {"access_token": "gho_1", "scope": "repo"}))) as server:
        account = Account(server)
        report = await account.desk.finish(await account.desk.begin(), threading.Event())
    assert report.sentence == "Signed in as ada. GitHub granted less than was asked; missing: read:project."


async def test_a_token_is_kept_also_when_nobody_can_say_whose_it_is() -> None:
    answers = {**pages(TOKEN), "GET /user": Page(503, "<html>Unicorn</html>")}
    with serving(answers) as server:
        account = Account(server)
        report = await account.desk.finish(await account.desk.begin(), threading.Event())
    assert report.ok
    assert report.sentence.startswith("Signed in, and the token is kept.")
    assert account.credentials.token() == "gho_1"


async def test_a_token_in_the_environment_that_still_wins_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(pages(TOKEN)) as server:
        account = Account(server)
        monkeypatch.setenv("GALAXY_GITHUB_TOKEN", "given")
        report = await account.desk.finish(await account.desk.begin(), threading.Event())
    assert report.sentence == "Signed in as ada. GALAXY_GITHUB_TOKEN is set and is used instead until it is removed."


async def test_who_cancels_waits_for_nothing_and_nothing_is_kept() -> None:
    stop = threading.Event()
    with serving(pages(PENDING)) as server:
        account = Account(server, Patient(stop, after=2))
        with pytest.raises(CancelledByUserError):
            await account.desk.finish(await account.desk.begin(), stop)
    assert len([asked for asked in server.asked if asked.path == "/login/oauth/access_token"]) == 2
    assert (account.credentials.token(), account.changes) == (None, 0)


async def test_a_cancel_while_github_does_not_answer_does_not_wait_for_it() -> None:
    stop, reached, released = threading.Event(), threading.Event(), threading.Event()

    class Stalled(OpenGate):
        def pass_out(self, host: str, port: int, purpose: str) -> None:
            if purpose == "GitHub sign-in":
                reached.set()
                stop.set()
                released.wait(20)

    with serving(pages(TOKEN)) as server:
        account = Account(server)
        code = await account.desk.begin()
        account.desk._gate = Stalled()  # type: ignore[attr-defined]
        with pytest.raises(CancelledByUserError):
            await account.desk.finish(code, stop)
        assert reached.is_set()
        released.set()
    assert account.credentials.token() is None


@pytest.mark.parametrize("said", ["access_denied", "expired_token"])
async def test_a_refusal_keeps_nothing(said: str) -> None:
    with serving(pages(PENDING, Page(200, {"error": said}))) as server:
        account = Account(server)
        with pytest.raises(RefusedError, match="Ask for a new code"):
            await account.desk.finish(await account.desk.begin(), threading.Event())
    assert account.credentials.token() is None


async def test_without_a_client_id_there_is_nothing_to_begin() -> None:
    with serving({}) as server:
        account = Account(server, client="")
        assert not account.desk.device_flow_ready()
        with pytest.raises(WrongUseError, match="client ID"):
            await account.desk.begin()
    assert server.asked == []


async def test_a_network_that_is_switched_off_is_not_asked() -> None:
    with serving(pages(TOKEN)) as server:
        account = Account(server, on=False)
        with pytest.raises(NetworkOffError):
            await account.desk.begin()
        with pytest.raises(NetworkOffError):
            await account.desk.permissions()
    assert server.asked == []


async def test_signing_out_removes_the_token_and_tells_syncing() -> None:
    with serving(pages(TOKEN)) as server:
        account = Account(server)
        account.credentials.save("gho_1")
        await account.desk.sign_out()
    assert account.keyring.kept == {}
    assert account.changes == 1


async def test_signing_out_says_when_the_environment_holds_another_token(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving({}) as server:
        account = Account(server)
        account.credentials.save("gho_1")
        monkeypatch.setenv("GALAXY_GITHUB_TOKEN", "given")
        with pytest.raises(WrongUseError, match="GALAXY_GITHUB_TOKEN still does"):
            await account.desk.sign_out()
    assert account.keyring.kept == {}


async def test_a_keyring_that_keeps_what_it_should_forget_is_no_success() -> None:
    class Stubborn(FakeKeyring):
        def delete_password(self, service: str, username: str) -> None:
            """Pretend."""

    with serving({}) as server:
        account = Account(server)
        account.credentials = Credentials(server.url, Stubborn())
        account.credentials.save("gho_1")
        with pytest.raises(KeyringError, match="kept the token"):
            await account.desk.sign_out()
    assert account.changes == 0


async def test_permissions_of_the_stored_token_or_of_one_that_was_pasted_are_tried_live() -> None:
    with serving(pages(TOKEN)) as server:
        account = Account(server)
        account.credentials.save("stored")
        results = {one.permission: one for one in await account.desk.permissions()}
        await account.desk.permissions(" pasted ")
    sent = {asked.headers["authorization"] for asked in server.asked}
    assert sent == {"Bearer stored", "Bearer pasted"}
    assert {asked.method for asked in server.asked if asked.path != "/graphql"} == {"GET"}
    assert results["repo"].ability is not None
    assert results["read:project"].ability is Ability.UNKNOWN


async def test_what_is_tried_is_in_the_log_of_requests_without_a_secret() -> None:
    with serving(pages(TOKEN)) as server:
        account = Account(server)
        await account.desk.finish(await account.desk.begin(), threading.Event())
        await account.desk.permissions()
    noted = account.egress.noted
    assert len(noted) == len(server.asked)
    assert {one.repository for one in noted} == {"", "o/a"}
    assert {one.entity for one in noted} == {"GitHub sign-in", "GitHub API"}
    assert not any(secret in str(noted) for secret in ("gho_1", "Iv1", "device_code"))


async def test_permissions_of_the_stored_token_are_tried_within_the_budget_that_syncing_has() -> None:
    budget = Budget(lambda: NOW, patience_s=0.0)
    with serving(pages(TOKEN)) as server:
        account = Account(server)
        account.credentials.save("stored")
        account.desk._budget = lambda: budget  # type: ignore[attr-defined]
        with budget.turn(), pytest.raises(BrokenAnswerError, match="hangs"):
            await account.desk.permissions()
        assert server.asked == []
        await account.desk.permissions("pasted")
        sent = budget.sent
        await account.desk.permissions()
    assert (sent, budget.sent) == (1, 1 + len(server.asked) // 2)


async def test_a_certificate_file_that_is_gone_is_said_before_anything_is_asked(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with serving(pages(TOKEN)) as server:
        account = Account(server)
        gone = Settings.from_text({"api_url": server.url, "oauth_client_id": "Iv1.a", "ca_bundle": "/nowhere/ca.pem"})
        account.desk._settings = lambda: gone  # type: ignore[attr-defined]
        with pytest.raises(GalaxyError, match="certificates"):
            await account.desk.begin()
    assert server.asked == []


def test_a_code_is_not_shown_in_a_log() -> None:
    code = DeviceCode(user_code="A-B", verification_url="u", expires_at=NOW, interval_s=5, device_code="hidden")
    assert "hidden" not in repr(code)
