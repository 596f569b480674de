"""What went over the network: the log of the last requests, what each list cost a day, and every host."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.traffic import Exchange, HostTraffic, Usage
from galaxy_desktop.store import statements
from galaxy_desktop.store.merge import Row
from galaxy_desktop.store.rows import clean, utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_desk import ExchangeRow, HostTrafficRow, UsageRow

EXCHANGES = table(ExchangeRow)
USAGE = table(UsageRow)
HOSTS = table(HostTrafficRow)

KEPT = 2_000
"""So many requests the log holds; what they cost is kept per day."""

USAGE_KEY = ("day", "repository", "entity")
USAGE_COUNTS = ("requests", "quota", "bytes_in", "bytes_out")


def log_exchanges(connection: Connection, exchanges: Sequence[Exchange]) -> None:
    """Add requests to the log and to the costs of their days, and drop the oldest of the log."""
    if not exchanges:
        return
    connection.execute(EXCHANGES.insert(), list(map(_of_exchange, exchanges)))
    connection.execute(statements.added_up(USAGE, USAGE_KEY, USAGE_COUNTS), _costs(exchanges))
    newest = select(func.max(EXCHANGES.c.key)).scalar_subquery()
    connection.execute(delete(EXCHANGES).where(EXCHANGES.c.key <= newest - KEPT))


def _of_exchange(record: Exchange) -> Row:
    return {
        "at": utc(record.at),
        "host": record.host,
        "repository": clean(record.repository),
        "entity": record.entity,
        "method": record.method,
        "path": clean(record.path),
        "status": record.status,
        "outcome": clean(record.outcome),
        "cost": record.cost,
        "resource": record.resource,
        "remaining": record.remaining,
        "bytes_in": record.bytes_in,
        "bytes_out": record.bytes_out,
        "seconds": record.seconds,
    }


def _costs(exchanges: Sequence[Exchange]) -> list[Row]:
    sums: dict[tuple[date, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in exchanges:
        total = sums[one.at.astimezone(UTC).date(), clean(one.repository), one.entity]
        for place, more in enumerate((1, one.cost, one.bytes_in, one.bytes_out)):
            total[place] += more
    return [dict(zip(USAGE_KEY + USAGE_COUNTS, (*key, *total), strict=True)) for key, total in sums.items()]


def exchanges(connection: Connection, limit: int) -> tuple[Exchange, ...]:
    """The last requests, newest first."""
    columns = [column for column in EXCHANGES.c if column.name != "key"]
    found = connection.execute(select(*columns).order_by(EXCHANGES.c.key.desc()).limit(limit))
    return tuple(Exchange(**row) for row in found.mappings())


def usage(connection: Connection, day: date) -> tuple[Usage, ...]:
    """What each list of each repository cost on a day (UTC), by their names."""
    found = connection.execute(select(USAGE).where(USAGE.c.day == day).order_by(USAGE.c.repository, USAGE.c.entity))
    return tuple(Usage(**row) for row in found.mappings())


def add_traffic(connection: Connection, rows: Sequence[HostTraffic]) -> None:
    """Add counts to what is known of each host and purpose; the first and last moments widen."""
    for row in rows:
        new: dict[str, Any] = {
            "host": row.host,
            "purpose": row.purpose,
            "connections": row.connections,
            "denied": row.denied,
            "bytes_in": row.bytes_in,
            "bytes_out": row.bytes_out,
            "first_at": utc(row.first_at),
            "last_at": utc(row.last_at),
        }
        connection.execute(_ADD_TRAFFIC, new)


_FRESH = insert(HOSTS)
_ADD_TRAFFIC = _FRESH.on_conflict_do_update(
    index_elements=["host", "purpose"],
    set_={
        **{n: HOSTS.c[n] + _FRESH.excluded[n] for n in ("connections", "denied", "bytes_in", "bytes_out")},
        "first_at": func.min(HOSTS.c.first_at, _FRESH.excluded.first_at),
        "last_at": func.max(HOSTS.c.last_at, _FRESH.excluded.last_at),
    },
)


def traffic(connection: Connection) -> tuple[HostTraffic, ...]:
    """Every host the program talked to or was kept from, by name and purpose."""
    found = connection.execute(select(HOSTS).order_by(HOSTS.c.host, HOSTS.c.purpose))
    return tuple(HostTraffic(**row) for row in found.mappings())
