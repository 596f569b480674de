"""How fresh the local copy is, in words: pure, in the zone of `now`.

"synced 09:14", "waiting for GitHub until 14:32", "offline since 08:50", "token rejected". What to do about it
is the sentence that was stored with the state.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from galaxy_desktop.domain.findings import Analysis, RepositoryFreshness
from galaxy_desktop.domain.work import RepositoryState

_FIXED = {
    RepositoryState.SYNCING: "syncing",
    RepositoryState.TOKEN_REJECTED: "token rejected",
    RepositoryState.NO_ACCESS: "no access",
    RepositoryState.ISSUES_DISABLED: "issues disabled",
    RepositoryState.LEGAL_BLOCK: "blocked for legal reasons",
}


def words(fresh: RepositoryFreshness, now: datetime, offline_since: datetime | None = None) -> str:
    """The state of one repository in a few words; `offline_since` comes from its stored status."""
    state = fresh.state
    if state in _FIXED:
        return _FIXED[state]
    synced = f"synced {clock(fresh.synced_at, now)}" if fresh.synced_at else "never synced"
    if state is RepositoryState.SYNCED:
        return synced
    if state is RepositoryState.WAITING:
        until = f" until {clock(fresh.next_try_at, now)}" if fresh.next_try_at else ""
        return f"waiting for GitHub{until}"
    if state is RepositoryState.OFFLINE:
        since = offline_since or fresh.synced_at
        return f"offline since {clock(since, now)}" if since else "offline"
    again = f", next try {clock(fresh.next_try_at, now)}" if fresh.next_try_at else ""
    return f"sync failed, {synced}{again}"


def clock(moment: datetime, now: datetime) -> str:
    """A moment as people say it: "09:14" today, "30 Apr 09:14" this year, with the year otherwise."""
    local = moment.astimezone(now.tzinfo)
    if local.date() == now.date():
        return f"{local:%H:%M}"
    return f"{local:%d %b %H:%M}" if local.year == now.year else f"{local:%d %b %Y %H:%M}"


def workspace_words(all_fresh: tuple[RepositoryFreshness, ...], now: datetime) -> str:
    """The state of a whole workspace, for the tray: the worst state, or the oldest sync."""
    if not all_fresh:
        return "no repository yet"
    troubled = [fresh for fresh in all_fresh if fresh.state not in (RepositoryState.SYNCED, RepositoryState.SYNCING)]
    if len(troubled) == 1 and len(all_fresh) > 1:
        return f"{troubled[0].repository.full_name}: {words(troubled[0], now)}"
    if troubled:
        return words(troubled[0], now)
    if any(fresh.state is RepositoryState.SYNCING for fresh in all_fresh):
        return "syncing"
    return words(min(all_fresh, key=lambda fresh: (fresh.synced_at is not None, fresh.synced_at or now)), now)


def with_one(known: tuple[RepositoryFreshness, ...], new: RepositoryFreshness) -> tuple[RepositoryFreshness, ...]:
    """The same repositories with one of them replaced, or added at the end."""
    if all(k.repository.id != new.repository.id for k in known):
        return (*known, new)
    return tuple(new if k.repository.id == new.repository.id else k for k in known)


def still_syncing(analysis: Analysis, being_read: frozenset[int]) -> Analysis:
    """An evaluation in the middle of a sync knows only what is stored; that a sync runs is news."""
    told = tuple(
        replace(one, state=RepositoryState.SYNCING, sentence="") if one.repository.id in being_read else one
        for one in analysis.repositories
    )
    return replace(analysis, repositories=told)
