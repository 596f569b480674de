"""The statements behind every write, built once: building one costs more than running it."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Insert, Select, Table, bindparam, func, or_, select, tuple_
from sqlalchemy.dialects.sqlite import insert


@cache
def add(target: Table) -> Insert:
    """Insert rows; those whose key is known change nothing."""
    return insert(target).on_conflict_do_nothing()


@cache
def upsert(target: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> Insert:
    """Insert rows with these columns, or replace all but the key of those that are there."""
    statement = insert(target)
    values = {name: statement.excluded[name] for name in columns if name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=values)


@cache
def with_keys(target: Table, key: tuple[str, ...], columns: tuple[str, ...]) -> Select[Any]:
    """Read these columns of the rows whose key is among `:keys`."""
    among = tuple_(*(target.c[name] for name in key)).in_(bindparam("keys", expanding=True))
    return select(*(target.c[name] for name in columns)).where(among)


@cache
def version(target: Table) -> Insert:
    """Add a version not seen before; of another one remember when it was first and last seen."""
    statement = insert(target)
    fresh = statement.excluded
    span = {
        "first_seen_at": func.min(target.c.first_seen_at, fresh.first_seen_at),
        "observed_at": func.max(target.c.observed_at, fresh.observed_at),
    }
    moved = or_(target.c.first_seen_at > fresh.first_seen_at, target.c.observed_at < fresh.observed_at)
    key = ["repository_id", "number", "updated_at", "digest"]
    return statement.on_conflict_do_update(index_elements=key, set_=span, where=moved)


@cache
def person(target: Table) -> Insert:
    """Add a person, or take the login that was seen later."""
    statement = insert(target)
    fresh = statement.excluded
    later = tuple_(fresh.seen_at, fresh.login) > tuple_(target.c.seen_at, target.c.login)
    values = {"login": fresh.login, "seen_at": fresh.seen_at}
    return statement.on_conflict_do_update(index_elements=["id"], set_=values, where=later)


@cache
def cursor(target: Table) -> Insert:
    """Move a cursor; that its list was once read to the end is never forgotten."""
    statement = insert(target)
    fresh = statement.excluded
    values = {
        "position": fresh.position,
        "complete": fresh.complete,
        "note": fresh.note,
        "ever_complete": func.max(target.c.ever_complete, fresh.ever_complete),
    }
    return statement.on_conflict_do_update(index_elements=["repository_id", "entity"], set_=values)


@cache
def gone(target: Table) -> Insert:
    """Mark something as gone, at the latest moment at which anybody said so."""
    return latest(target, ("repository_id", "kind", "number"))


@cache
def finding(target: Table, columns: tuple[str, ...]) -> Insert:
    """Store a finding as last made, with the evaluations in which it was first and last made."""
    statement = insert(target)
    fresh = statement.excluded
    values = {name: fresh[name] for name in columns if name not in ("sprint_id", "id")}
    span = {
        "first_at": func.min(target.c.first_at, fresh.first_at),
        "last_at": func.max(target.c.last_at, fresh.last_at),
    }
    return statement.on_conflict_do_update(index_elements=["sprint_id", "id"], set_={**values, **span})


@cache
def span(target: Table, key: tuple[str, ...]) -> Insert:
    """Add something seen, or widen the time over which it was seen, by the columns `first_at` and `last_at`."""
    statement = insert(target)
    fresh = statement.excluded
    widened = {
        "first_at": func.min(target.c.first_at, fresh.first_at),
        "last_at": func.max(target.c.last_at, fresh.last_at),
    }
    moved = or_(target.c.first_at > fresh.first_at, target.c.last_at < fresh.last_at)
    return statement.on_conflict_do_update(index_elements=list(key), set_=widened, where=moved)


@cache
def latest(target: Table, key: tuple[str, ...]) -> Insert:
    """Add a mark, or move it to a later moment; one that is later already stays."""
    statement = insert(target)
    moment = {"at": func.max(target.c.at, statement.excluded.at)}
    return statement.on_conflict_do_update(index_elements=list(key), set_=moment)


@cache
def added_up(target: Table, key: tuple[str, ...], counts: tuple[str, ...]) -> Insert:
    """Add a row of counts, or add its counts to those that are there."""
    statement = insert(target)
    sums = {name: target.c[name] + statement.excluded[name] for name in counts}
    return statement.on_conflict_do_update(index_elements=list(key), set_=sums)
