"""The device flow: every answer GitHub gives has one meaning, and it is asked exactly as often as it wants."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.collect.device_flow import (
    GRANT,
    LONGEST_PAUSE_S,
    DeviceFlow,
    Grant,
    Poll,
    SignInRefusedError,
    after_trouble,
    code_given,
    first_poll,
    next_step,
)
from galaxy_desktop.collect.raw_http import RawAnswer
from galaxy_desktop.domain.sign_in import DeviceCode
from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, NetworkOffError, OfflineError
from tests.collect.web_server import Page, serving

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
WEB = "https://github.com"
GIVEN = {
    "device_code": "3584d83530557fdd1f46af8289938c8ef79f9dc5",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://github.com/login/device",
    "expires_in": 900,
    "interval": 5,
}


def answer(body: Any, status: int = 200, **headers: str) -> RawAnswer:
    text = body if isinstance(body, str) else json.dumps(body)
    return RawAnswer(status=status, headers=headers, body=text)


def code(**changed: Any) -> DeviceCode:
    return code_given(answer({**GIVEN, **changed}), WEB, NOW)


def seconds(poll: Poll | Grant) -> float:
    assert isinstance(poll, Poll)
    return (poll.due - NOW).total_seconds()


def test_a_code_is_read_with_its_end_and_its_interval() -> None:
    got = code()
    assert (got.user_code, got.verification_url) == ("WDJB-MJHT", "https://github.com/login/device")
    assert (got.expires_at, got.interval_s) == (NOW + timedelta(seconds=900), 5)
    assert first_poll(got, NOW) == Poll(due=NOW + timedelta(seconds=5), interval_s=5)


def test_neither_code_nor_token_is_shown_in_a_log() -> None:
    assert GIVEN["device_code"] not in repr(code())
    assert "gho_secret" not in repr(Grant(token="gho_secret", scopes=("repo",)))


def test_an_answer_without_times_gets_those_of_the_standard() -> None:
    got = code(interval=None, expires_in=True)
    assert (got.interval_s, got.expires_at) == (5, NOW + timedelta(seconds=900))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (answer({"error": "Not Found"}, 404), "knows no OAuth app of this client ID"),
        (answer("<html>Not Found</html>", 404), "knows no OAuth app of this client ID"),
        (answer({"error": "device_flow_disabled"}), "device flow switched off"),
        (answer({"error": "unauthorized_client"}), "may not sign in with a code"),
        (answer({"error": "brand_new", "error_description": "The moon is full."}), "The moon is full."),
        (answer("<html>Unicorn!</html>", 502), "gave no code"),
        (answer("[]"), "gave no code"),
        (answer({**GIVEN, "user_code": ""}), "gave no code"),
        (answer({**GIVEN, "user_code": "AB\nCD-EFGH"}), "gave no code"),
        (answer({**GIVEN, "verification_uri": "https://evil.example/login/device"}), "not on github.com"),
        (answer({**GIVEN, "verification_uri": "javascript:alert(1)"}), "not on github.com"),
    ],
)
def test_no_code_is_a_sentence_that_says_why(given: RawAnswer, said: str) -> None:
    with pytest.raises(GalaxyError, match=said.replace(".", r"\.")):
        code_given(given, WEB, NOW)


def test_a_token_ends_the_waiting_with_what_was_granted() -> None:
    found = next_step(
        first_poll(code(), NOW), answer({"access_token": "gho_1", "scope": "repo,read:project"}), code(), NOW
    )
    assert found == Grant(token="gho_1", scopes=("read:project", "repo"))


def test_pending_means_the_same_pause_again() -> None:
    assert seconds(next_step(first_poll(code(), NOW), answer({"error": "authorization_pending"}), code(), NOW)) == 5


@pytest.mark.parametrize(("told", "pause"), [(None, 10), (12, 12), (3, 10)])
def test_slow_down_adds_five_seconds_for_good_or_what_github_tells(told: int | None, pause: int) -> None:
    slowed = next_step(first_poll(code(), NOW), answer({"error": "slow_down", "interval": told}), code(), NOW)
    assert isinstance(slowed, Poll)
    assert seconds(slowed) == pause
    assert seconds(next_step(slowed, answer({"error": "authorization_pending"}), code(), NOW)) == pause


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("expired_token", "expired before it was typed"),
        ("access_denied", "refused on GitHub"),
        ("incorrect_device_code", "does not know this code"),
        ("incorrect_client_credentials", "client ID"),
        ("unsupported_grant_type", "Use a token"),
        ("device_flow_disabled", "switched off"),
        ("something_new", "something_new"),
    ],
)
def test_what_cannot_get_better_ends_the_attempt_with_what_to_do(said: str, told: str) -> None:
    with pytest.raises(SignInRefusedError, match=told):
        next_step(first_poll(code(), NOW), answer({"error": said}), code(), NOW)


@pytest.mark.parametrize("given", [answer("<html>", 502), answer("", 500), answer("[1]"), answer("{}", 202)])
def test_a_server_in_trouble_is_asked_again_later_and_later(given: RawAnswer) -> None:
    once = next_step(first_poll(code(), NOW), given, code(), NOW)
    assert isinstance(once, Poll)
    twice = next_step(once, given, code(), NOW)
    assert isinstance(twice, Poll)
    assert (seconds(once), seconds(twice)) == (10, 20)
    recovered = next_step(twice, answer({"error": "authorization_pending"}), code(), NOW)
    assert isinstance(recovered, Poll)
    assert (seconds(recovered), seconds(next_step(recovered, given, code(), NOW))) == (5, 10)


def test_a_limit_that_names_its_end_is_waited_for() -> None:
    limited = next_step(first_poll(code(), NOW), answer("", 429, **{"retry-after": "45"}), code(), NOW)
    assert seconds(limited) == 45


def test_nothing_is_asked_after_the_code_expired() -> None:
    late = NOW + timedelta(seconds=896)
    with pytest.raises(SignInRefusedError, match="expired"):
        next_step(first_poll(code(), NOW), answer({"error": "authorization_pending"}), code(), late)


ANSWERS = st.sampled_from(
    [answer({"error": "authorization_pending"}), answer({"error": "slow_down"}), answer("<html>", 502), None]
)


@given(st.lists(ANSWERS, max_size=40))
def test_github_is_never_asked_faster_than_it_wants_and_always_until_an_end(
    given_answers: list[RawAnswer | None],
) -> None:
    got, at = code(), NOW
    poll = first_poll(got, at)
    wanted = got.interval_s
    for one in given_answers:
        at = poll.due
        try:
            step = after_trouble(poll, got, at) if one is None else next_step(poll, one, got, at)
        except SignInRefusedError:
            return
        assert isinstance(step, Poll)
        wanted += 5 if one is not None and "slow_down" in one.body else 0
        assert wanted <= (step.due - at).total_seconds() <= max(LONGEST_PAUSE_S, wanted)
        poll = step
    assert at < got.expires_at


# --- over a loopback server


def test_the_whole_flow_asks_as_github_documents_it() -> None:
    pages: dict[str, Page | list[Page]] = {
        "POST /login/device/code": Page(200, {**GIVEN, "verification_uri": "http://127.0.0.1/login/device"}),
        "POST /login/oauth/access_token": [
            Page(200, {"error": "authorization_pending"}),
            Page(200, {"access_token": "gho_1", "token_type": "bearer", "scope": "repo"}),
        ],
    }
    with serving(pages) as server:
        flow = DeviceFlow(server.url, "Iv1.abc", lambda: NOW)
        got = flow.begin()
        poll = flow.ask(got, first_poll(got, NOW))
        assert isinstance(poll, Poll)
        assert flow.ask(got, poll) == Grant(token="gho_1", scopes=("repo",))
        flow.close()
    first, second, _ = server.asked
    assert first.body == {"client_id": "Iv1.abc", "scope": "repo read:project"}
    assert second.body == {"client_id": "Iv1.abc", "device_code": GIVEN["device_code"], "grant_type": GRANT}
    assert first.headers["accept"] == "application/json"


def test_a_network_that_fails_while_waiting_is_waited_out_but_not_at_the_beginning() -> None:
    with serving({"POST /login/oauth/access_token": Page(drop=True)}) as server:
        flow = DeviceFlow(server.url, "Iv1.abc", lambda: NOW)
        assert seconds(flow.ask(code(), first_poll(code(), NOW))) == 10
    assert seconds(flow.ask(code(), first_poll(code(), NOW))) == 10
    with pytest.raises(OfflineError):
        flow.begin()
    flow.close()


def test_a_network_that_was_switched_off_ends_the_waiting() -> None:
    class Off:
        def ask(self, method: str, path: str, *, body: object = None) -> RawAnswer:
            raise NetworkOffError("The network is switched off.")

        def close(self) -> None:
            """Nothing is open."""

    flow = DeviceFlow("https://api.github.com", "Iv1.abc", lambda: NOW, connect=lambda web, route: Off())
    with pytest.raises(NetworkOffError):
        flow.ask(code(), first_poll(code(), NOW))


def test_html_instead_of_a_code_is_a_sentence() -> None:
    with serving({"POST /login/device/code": Page(200, "<html>Sign in to the corporate proxy</html>")}) as server:
        flow = DeviceFlow(server.url, "Iv1.abc", lambda: NOW)
        with pytest.raises(BrokenAnswerError, match="gave no code"):
            flow.begin()
        flow.close()
