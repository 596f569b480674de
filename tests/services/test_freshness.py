"""The state of the local copy in words, in the reader's time zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.work import Repository, RepositoryState
from galaxy_desktop.services.freshness import clock, words, workspace_words

ZONE = timezone(timedelta(hours=2))
NOW = datetime(2026, 5, 6, 14, 0, tzinfo=ZONE)
SYNCED_AT = datetime(2026, 5, 6, 7, 14, tzinfo=UTC)
LATER = datetime(2026, 5, 6, 12, 32, tzinfo=UTC)


def fresh(state: RepositoryState, *, next_try_at: datetime | None = None, name: str = "o/r") -> RepositoryFreshness:
    return RepositoryFreshness(
        repository=Repository(id=1, full_name=name, url="u"),
        items=1,
        open_items=1,
        comments=0,
        synced_at=SYNCED_AT,
        state=state,
        next_try_at=next_try_at,
    )


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (RepositoryState.SYNCED, "synced 09:14"),
        (RepositoryState.SYNCING, "syncing"),
        (RepositoryState.WAITING, "waiting for GitHub until 14:32"),
        (RepositoryState.OFFLINE, "offline since 09:14"),
        (RepositoryState.TOKEN_REJECTED, "token rejected"),
        (RepositoryState.NO_ACCESS, "no access"),
        (RepositoryState.ISSUES_DISABLED, "issues disabled"),
        (RepositoryState.LEGAL_BLOCK, "blocked for legal reasons"),
        (RepositoryState.FAILED, "sync failed, synced 09:14, next try 14:32"),
    ],
)
def test_every_state_has_its_words(state: RepositoryState, text: str) -> None:
    assert words(fresh(state, next_try_at=LATER), NOW) == text


def test_offline_counts_from_when_the_connection_went() -> None:
    gone = datetime(2026, 5, 6, 6, 50, tzinfo=UTC)
    assert words(fresh(RepositoryState.OFFLINE), NOW, gone) == "offline since 08:50"


def test_what_was_never_synced_says_so() -> None:
    never = replace(fresh(RepositoryState.OFFLINE), synced_at=None)
    assert words(never, NOW) == "offline"
    assert words(replace(never, state=RepositoryState.SYNCED), NOW) == "never synced"
    assert words(replace(never, state=RepositoryState.FAILED), NOW) == "sync failed, never synced"


def test_a_wait_without_a_moment_names_none() -> None:
    assert words(fresh(RepositoryState.WAITING), NOW) == "waiting for GitHub"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 5, 5, 23, 30, tzinfo=UTC), "01:30"),
        (datetime(2026, 4, 30, 7, 14, tzinfo=UTC), "30 Apr 09:14"),
        (datetime(2025, 12, 31, 7, 14, tzinfo=UTC), "31 Dec 2025 09:14"),
    ],
)
def test_a_moment_carries_its_day_when_it_is_another(moment: datetime, text: str) -> None:
    assert clock(moment, NOW) == text


def test_a_workspace_is_as_old_as_its_oldest_repository() -> None:
    newer = replace(fresh(RepositoryState.SYNCED), synced_at=LATER)
    assert workspace_words((newer, fresh(RepositoryState.SYNCED)), NOW) == "synced 09:14"
    never = replace(newer, synced_at=None)
    assert workspace_words((newer, never), NOW) == "never synced"


def test_trouble_of_one_repository_is_named() -> None:
    both = (fresh(RepositoryState.SYNCED), fresh(RepositoryState.NO_ACCESS, name="o/x"))
    assert workspace_words(both, NOW) == "o/x: no access"


def test_trouble_of_all_is_said_once() -> None:
    both = (fresh(RepositoryState.TOKEN_REJECTED), fresh(RepositoryState.TOKEN_REJECTED))
    assert workspace_words(both, NOW) == "token rejected"


def test_a_workspace_that_syncs_or_is_empty_says_so() -> None:
    assert workspace_words((fresh(RepositoryState.SYNCING), fresh(RepositoryState.SYNCED)), NOW) == "syncing"
    assert workspace_words((), NOW) == "no repository yet"
