"""Rows of the log of requests: what is kept of them by a filter, and how they leave the program as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.ui import sync_words, words
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import Look

Now = Callable[[], datetime]
COPIED = ("time", "repository", "for", "method", "path", "result", "status", "quota", "bytes in", "bytes out", "ms")


def log_table(look: Look, now: Now) -> Table[Exchange]:
    """One line a request."""
    columns: tuple[Column[Exchange], ...] = (
        Column(name="Time", text=lambda e: sync_words.second(e.at, now()), order=lambda e: e.at),
        Column(name="Repository", text=lambda e: words.repository(e.repository) or "–", tip=lambda e: e.repository),
        Column(name="For", text=lambda e: sync_words.entity(e.entity), tip=lambda e: e.entity),
        Column(name="Request", text=sync_words.request, tip=lambda e: f"{e.method} {e.path}\nto {e.host}", wide=True),
        Column(name="Result", text=sync_words.result, tone=sync_words.result_tone),
        Column(name="Quota", text=sync_words.cost, tip=_left, order=lambda e: e.cost, right=True),
        Column(
            name="Data",
            text=lambda e: sync_words.size(e.bytes_in + e.bytes_out),
            tip=lambda e: f"{e.bytes_in:,} bytes received, {e.bytes_out:,} sent",
            order=lambda e: e.bytes_in + e.bytes_out,
            right=True,
        ),
        Column(name="ms", text=lambda e: f"{e.seconds * 1000:,.0f}", order=lambda e: e.seconds, right=True),
    )
    return Table(look, columns, key_of)


def key_of(one: Exchange) -> str:
    """The name of a request: moment, method and path."""
    return f"{one.at.isoformat()} {one.method} {one.path}"


def _left(one: Exchange) -> str:
    left = f", {one.remaining:,} left then" if one.remaining is not None else ""
    return f"{one.cost:,} of the quota “{one.resource}”{left}"


def kept(rows: Sequence[Exchange], text: str, *, only_failures: bool, repository: str = "") -> tuple[Exchange, ...]:
    """The requests that have every word of `text` somewhere in what is shown of them."""
    wanted = text.casefold().split()
    return tuple(
        one
        for one in rows
        if (not repository or one.repository == repository)
        and (not only_failures or sync_words.failed(one))
        and (not wanted or _has(one, wanted))
    )


def _has(one: Exchange, wanted: Sequence[str]) -> bool:
    said = (one.repository, one.entity, sync_words.entity(one.entity), one.method, one.path, one.host)
    hay = " ".join((*said, sync_words.result(one))).replace(words.SPACE, " ").casefold()
    return all(word in hay for word in wanted)


def as_text(rows: Sequence[Exchange]) -> str:
    """Rows to paste into a sheet or a report: a header, tabs between the values, moments in UTC as they were kept."""
    lines = [COPIED, *(_values(one) for one in rows)]
    return "\n".join("\t".join(line) for line in lines)


def _values(one: Exchange) -> tuple[str, ...]:
    return (
        one.at.isoformat(),
        one.repository,
        one.entity,
        one.method,
        one.path,
        one.outcome,
        "" if one.status is None else str(one.status),
        str(one.cost),
        str(one.bytes_in),
        str(one.bytes_out),
        f"{one.seconds * 1000:.0f}",
    )
