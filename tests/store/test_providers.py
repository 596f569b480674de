"""Consents are for an address, the meter only counts up, and no key is in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from galaxy_desktop.domain.providers import Consent, Provider, ProviderKind, ProviderUse, Purpose
from galaxy_desktop.store.database import Store

DAY = date(2026, 5, 1)
CLOUD = Provider(name="cloud", kind=ProviderKind.OPENAI, address="https://api.example.com/v1", model="large")


@pytest.fixture
def agreed(store: Store, make: Any) -> Store:
    store.keep_provider(CLOUD, make.hour(0)).result()
    for purpose in Purpose:
        word = Consent(provider="cloud", address=CLOUD.address, purpose=purpose, at=make.hour(0))
        store.agree_to_provider(word).result()
    return store


def test_a_provider_comes_back_as_it_was_kept(store: Store, make: Any) -> None:
    rich = replace(CLOUD, price_in=0.5, price_out=1.5, tokens_a_day=100, money_a_day=2.0, added_at=make.hour(0))
    store.keep_provider(rich, make.hour(0)).result()
    assert store.providers() == (rich,)


def test_another_model_or_price_leaves_what_was_agreed_to(agreed: Store, make: Any) -> None:
    assert agreed.keep_provider(replace(CLOUD, model="small", price_in=1.0), make.hour(1)).result()
    assert len(agreed.provider_consents()) == len(Purpose)
    assert agreed.providers()[0].added_at == make.hour(0)


@pytest.mark.parametrize("change", [{"address": "https://other.example.com/v1"}, {"kind": ProviderKind.ANTHROPIC}])
def test_another_address_or_kind_asks_again(agreed: Store, make: Any, change: dict[str, Any]) -> None:
    assert not agreed.keep_provider(replace(CLOUD, **change), make.hour(1)).result()
    assert agreed.provider_consents() == ()
    agreed.keep_provider(CLOUD, make.hour(2)).result()
    assert agreed.provider_consents() == ()


def test_a_word_for_another_address_does_not_hold(store: Store, make: Any) -> None:
    store.keep_provider(CLOUD, make.hour(0)).result()
    word = Consent(provider="cloud", address="https://old.example.com", purpose=Purpose.PROSE, at=make.hour(0))
    store.agree_to_provider(word).result()
    assert store.provider_consents() == ()


def test_each_purpose_is_withdrawn_apart(agreed: Store) -> None:
    assert agreed.withdraw_from_provider("cloud", Purpose.PROSE).result()
    assert not agreed.withdraw_from_provider("cloud", Purpose.PROSE).result()
    assert [one.purpose for one in agreed.provider_consents()] == [Purpose.QUESTIONS, Purpose.SEARCH]


def test_removing_a_provider_takes_its_consents_and_leaves_what_was_paid_for(agreed: Store) -> None:
    use = ProviderUse(day=DAY, provider="cloud", purpose=Purpose.PROSE, requests=1, tokens_in=10, tokens_out=2)
    agreed.spend_at_provider(use).result()
    assert agreed.remove_provider("cloud").result()
    assert not agreed.remove_provider("cloud").result()
    assert (agreed.providers(), agreed.provider_consents()) == ((), ())
    assert agreed.provider_uses(DAY) == (use,)


def test_the_meter_adds_up_by_day_and_purpose(store: Store) -> None:
    one = ProviderUse(
        day=DAY, provider="cloud", purpose=Purpose.PROSE, requests=1, tokens_in=10, tokens_out=2, cost=0.5
    )
    for use in (one, replace(one, estimated=1), replace(one, purpose=Purpose.QUESTIONS, cost=None)):
        store.spend_at_provider(use).result()
    prose, questions = store.provider_uses(DAY)
    assert (prose.requests, prose.estimated, prose.tokens_in, prose.tokens_out, prose.cost) == (2, 1, 20, 4, 1.0)
    assert questions.cost is None
    assert store.provider_used("cloud", DAY) == (30, 6)
    assert store.provider_used("cloud", date(2026, 5, 2)) == (0, 0)


def test_a_cost_that_is_unknown_once_is_unknown_for_the_day(store: Store) -> None:
    one = ProviderUse(day=DAY, provider="cloud", purpose=Purpose.PROSE, requests=1, tokens_in=1, tokens_out=1, cost=0.5)
    for use in (one, replace(one, cost=None), one):
        store.spend_at_provider(use).result()
    assert store.provider_uses(DAY)[0].cost is None
