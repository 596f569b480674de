"""Pure parts of providers: how far a host is, what consent says, what a refusal teaches, how long a pause is."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.providers import (
    Provider,
    ProviderKind,
    ProviderUse,
    Purpose,
    Reach,
    consent_line,
    order_of,
    reach_of,
    summed,
)
from galaxy_desktop.reason.dialects import base_of
from galaxy_desktop.reason.manners import MOST_LESSONS, Form, Manners
from galaxy_desktop.reason.provider_trouble import refusal, shown, wait_of
from galaxy_desktop.reason.remote import estimated_tokens

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


def provider(address: str) -> Provider:
    return Provider(name="mine", kind=ProviderKind.OPENAI, address=address, model="large")


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        ("localhost", Reach.HERE),
        ("127.8.8.8", Reach.HERE),
        ("::1", Reach.HERE),
        ("::ffff:127.0.0.1", Reach.HERE),
        ("192.168.1.5", Reach.NEAR),
        ("172.31.0.1", Reach.NEAR),
        ("172.32.0.1", Reach.FAR),
        ("fd00::1", Reach.NEAR),
        ("nas", Reach.NEAR),
        ("nas.local", Reach.NEAR),
        ("nas.local.evil.example", Reach.FAR),
        ("localhost.evil.example", Reach.FAR),
        ("8.8.8.8", Reach.FAR),
        ("2001:db8::1", Reach.FAR),
    ],
)
def test_how_far_a_host_is(host: str, reach: Reach) -> None:
    assert reach_of(host) is reach


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_consent_names_host_model_what_is_sent_and_where_it_goes(purpose: Purpose) -> None:
    said = consent_line(provider("https://api.example.com/v1"), purpose)
    assert "api.example.com (large) is sent" in said
    whole = purpose is Purpose.SEARCH
    assert (
        "the whole text of everything that search indexes" if whole else "up to 60 characters each of titles"
    ) in said
    assert ("no whole texts" in said) is not whole
    assert "It leaves this computer" in said
    near = consent_line(provider("http://nas.local:1234"), purpose)
    assert "another computer of your network. The way there is not encrypted." in near


@given(st.lists(st.tuples(st.sampled_from([400, 404, 422, 500, 503]), st.text(max_size=40)), min_size=40, max_size=40))
def test_lessons_come_to_an_end(refusals: list[tuple[int, str]]) -> None:
    manners, lessons = Manners(), 0
    for status, said in refusals:
        learned = manners.learn(status, said, with_schema=True)
        if learned is not None:
            assert learned != manners
            assert learned.form >= manners.form
            manners, lessons = learned, lessons + 1
    assert lessons <= MOST_LESSONS + 1


def test_a_fault_of_the_server_teaches_only_what_it_names() -> None:
    assert Manners().learn(500, "oops", with_schema=True) is None
    assert Manners().learn(401, "temperature", with_schema=True) is None
    learned = Manners().learn(500, "response_format.type: Input should be 'json_object'", with_schema=True)
    assert learned is not None
    assert learned.form is Form.OBJECT_WITH_SCHEMA


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        ("Wed, 06 May 2026 12:02:00 GMT", 120.0),
        ("Wed, 06 May 2026 11:00:00 GMT", 0.0),
        ("1e99", 86_400.0),
        ("nan", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_pause_is_read_as_seconds_or_as_a_moment(told: str, seconds: float | None) -> None:
    assert wait_of({"retry-after": told}, NOW) == seconds


@given(st.integers(300, 599), st.text(max_size=400), st.text(alphabet="abcdef0123456789", min_size=8, max_size=20))
def test_every_refusal_is_one_line_that_never_holds_the_key(status: int, body: str, key: str) -> None:
    said = str(refusal(provider("https://a.example.com"), status, {}, f"{body} {key} {body}", NOW, key=key))
    assert key not in said
    assert "\n" not in said
    assert len(said) < 400


@given(st.text(max_size=500))
def test_somebody_elses_words_are_one_printable_line(text: str) -> None:
    line = shown(text)
    assert line.isprintable()
    assert len(line) <= 162


@pytest.mark.parametrize(
    ("kind", "address", "base"),
    [
        (ProviderKind.OPENAI, "http://localhost:11434", "http://localhost:11434/v1"),
        (ProviderKind.OPENAI, "https://api.openai.com/v1/", "https://api.openai.com/v1"),
        (ProviderKind.OPENAI, "https://x.example.com/v1/chat/completions", "https://x.example.com/v1"),
        (ProviderKind.OPENAI, "https://g.example.com/v1beta/openai", "https://g.example.com/v1beta/openai"),
        (ProviderKind.ANTHROPIC, "https://api.anthropic.com/v1/messages", "https://api.anthropic.com"),
        (ProviderKind.ANTHROPIC, "https://api.anthropic.com", "https://api.anthropic.com"),
    ],
)
def test_addresses_are_taken_as_people_write_them(kind: ProviderKind, address: str, base: str) -> None:
    assert base_of(kind, address) == base


def test_an_order_has_each_name_once_and_never_facts() -> None:
    assert order_of("Ollama, local,ollama, facts,") == ("ollama", "local")
    with pytest.raises(ValueError, match="no name of a provider"):
        order_of("ollama; rm")


@given(st.text(max_size=200))
def test_an_estimate_grows_with_the_text(text: str) -> None:
    assert 0 <= estimated_tokens(text) <= estimated_tokens(text + "more words")


def test_a_sum_of_costs_is_unknown_when_a_part_is() -> None:
    one = ProviderUse(day=date(2026, 5, 1), provider="p", purpose=Purpose.PROSE, tokens_in=2, cost=0.5)
    both = summed([one, one])
    assert both is not None
    assert (both.tokens, both.cost) == (4, 1.0)
    half = summed([one, ProviderUse(day=one.day, provider="p", purpose=Purpose.QUESTIONS)])
    assert half is not None
    assert half.cost is None
    assert summed([]) is None
