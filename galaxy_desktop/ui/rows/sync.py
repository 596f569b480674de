"""Rows of the Sync page: how far each list of a repository was read, and which hosts were talked to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from galaxy_desktop.domain.sync import EntityStatus
from galaxy_desktop.domain.traffic import HostTraffic
from galaxy_desktop.ui import sync_words, words
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import Look

Now = Callable[[], datetime]
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """One list, and how much of its history was read as far as that is known (0 to 1)."""

    status: EntityStatus
    share: float | None = None


def list_table(look: Look, now: Now) -> Table[ListRow]:
    """The lists of one repository; what they cost is of today."""
    columns: tuple[Column[ListRow], ...] = (
        Column(name="List", text=lambda r: sync_words.entity(r.status.entity), tip=_origin),
        Column(name="Read up to", text=lambda r: sync_words.reached(r.status, now()), tip=_position),
        Column(
            name="State",
            text=lambda r: sync_words.completeness(r.status, r.share),
            tone=lambda r: sync_words.completeness_tone(r.status),
            tip=lambda r: r.status.why,
            wide=True,
        ),
        Column(name="Rows", text=_rows, order=lambda r: -1 if r.status.rows is None else r.status.rows, right=True),
        Column(
            name="Last read",
            text=lambda r: sync_words.since(r.status.last_success_at, now()),
            order=lambda r: r.status.last_success_at or LONG_AGO,
        ),
        Column(
            name="Requests",
            text=lambda r: f"{r.status.requests_today:,}",
            order=lambda r: r.status.requests_today,
            right=True,
        ),
        Column(
            name="Quota", text=lambda r: f"{r.status.quota_today:,}", order=lambda r: r.status.quota_today, right=True
        ),
        Column(
            name="Data",
            text=lambda r: sync_words.size(r.status.bytes_today),
            order=lambda r: r.status.bytes_today,
            right=True,
        ),
    )
    return Table(look, columns, lambda r: r.status.entity)


def _origin(row: ListRow) -> str:
    said = sync_words.entity(row.status.entity)
    return said if said == row.status.entity else f"{said}\nin the database: {row.status.entity}"


def _position(row: ListRow) -> str:
    return f"Position: {row.status.position}" if row.status.position else "This list has no position"


def _rows(row: ListRow) -> str:
    return "–" if row.status.rows is None else f"{row.status.rows:,}"


def host_table(look: Look, now: Now) -> Table[HostTraffic]:
    """The ledger: every host and purpose, with what was refused while the network was off."""
    columns: tuple[Column[HostTraffic], ...] = (
        Column(name="Host", text=lambda h: h.host, wide=True),
        Column(name="For", text=lambda h: sync_words.purpose(h.purpose)),
        Column(name="Connections", text=lambda h: f"{h.connections:,}", order=lambda h: h.connections, right=True),
        Column(
            name="Refused",
            text=lambda h: f"{h.denied:,}",
            order=lambda h: h.denied,
            right=True,
        ),
        Column(name="Received", text=lambda h: sync_words.size(h.bytes_in), order=lambda h: h.bytes_in, right=True),
        Column(name="Sent", text=lambda h: sync_words.size(h.bytes_out), order=lambda h: h.bytes_out, right=True),
        Column(name="First time", text=lambda h: words.clock(h.first_at, now()), order=lambda h: h.first_at),
        Column(name="Last time", text=lambda h: words.clock(h.last_at, now()), order=lambda h: h.last_at),
    )
    return Table(look, columns, lambda h: f"{h.host} {h.purpose}")
