"""The log of requests is short, the costs per day are exact, and hosts add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from galaxy_desktop.domain.traffic import Usage
from galaxy_desktop.store import traffic
from galaxy_desktop.store.database import Store


def test_requests_come_back_as_they_were_newest_first(store: Store, make: Any) -> None:
    one, other = make.exchange(0), make.exchange(1, status=None, outcome="offline", remaining=None, seconds=0.1 + 0.2)
    store.log_exchanges([one, other]).result()
    assert store.exchanges() == (other, one)
    assert store.exchanges(1) == (other,)


def test_the_log_keeps_the_newest_and_the_costs_keep_all(
    store: Store, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traffic, "KEPT", 3)
    for start in (0, 2, 4):
        store.log_exchanges([make.exchange(start / 10), make.exchange((start + 1) / 10)]).result()
    assert [one.at for one in store.exchanges()] == [make.hour(n / 10) for n in (5, 4, 3)]
    assert store.usage(make.hour(0).date())[0].requests == 6


def test_costs_are_per_day_list_and_repository(store: Store, make: Any) -> None:
    store.log_exchanges([make.exchange(), make.exchange(cost=0, status=304), make.exchange(entity="labels")]).result()
    store.log_exchanges([make.exchange(24), make.exchange(repository="")]).result()
    day = make.hour(0).date()
    assert store.usage(day) == (
        Usage(day=day, repository="", entity="issues", requests=1, quota=1, bytes_in=100, bytes_out=10),
        Usage(day=day, repository="o/r", entity="issues", requests=2, quota=1, bytes_in=200, bytes_out=20),
        Usage(day=day, repository="o/r", entity="labels", requests=1, quota=1, bytes_in=100, bytes_out=10),
    )
    assert [one.requests for one in store.usage(day + timedelta(days=1))] == [1]


def test_a_day_is_one_of_utc(store: Store, make: Any) -> None:
    late = make.hour(0).replace(hour=23).astimezone(timezone(timedelta(hours=5)))
    store.log_exchanges([replace(make.exchange(), at=late)]).result()
    assert store.usage(make.hour(0).date())[0].requests == 1


def test_log_and_costs_are_written_together_or_not_at_all(store: Store, make: Any) -> None:
    with pytest.raises(Exception, match="NOT NULL"):
        store.log_exchanges([make.exchange(), make.exchange(bytes_in=None)]).result()
    assert (store.exchanges(), store.usage(make.hour(0).date())) == ((), ())


def test_nothing_logged_changes_nothing(store: Store) -> None:
    store.log_exchanges([]).result()
    store.add_traffic([]).result()
    assert (store.exchanges(), store.traffic()) == ((), ())


def test_counts_of_a_host_add_up_and_its_moments_widen(store: Store, make: Any) -> None:
    store.add_traffic([make.host(at=2), make.host("pypi.org", purpose="weights")]).result()
    store.add_traffic([make.host(at=1, denied=1, connections=0, bytes_in=5)]).result()
    github, other = store.traffic()
    assert (github.connections, github.denied, github.bytes_in, github.bytes_out) == (1, 1, 105, 20)
    assert (github.first_at, github.last_at) == (make.hour(1), make.hour(2))
    assert (other.host, other.purpose) == ("pypi.org", "weights")
