"""Providers, consents and the meter in the database.

A consent is for an address: it is dropped in the same transaction in which the address changes or the provider goes, so
that no moment exists in which an old word covers a new host. The meter only counts up; what a removed provider used
stays, because it was paid for.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.providers import Consent, Provider, ProviderKind, ProviderUse, Purpose
from galaxy_desktop.store import statements
from galaxy_desktop.store.rows import clean, utc
from galaxy_desktop.store.tables import table
from galaxy_desktop.store.tables_providers import ProviderConsentRow, ProviderRow, ProviderUseRow

PROVIDERS = table(ProviderRow)
CONSENTS = table(ProviderConsentRow)
USES = table(ProviderUseRow)

USE_KEY = ("day", "provider", "purpose")


def providers(connection: Connection) -> tuple[Provider, ...]:
    """Every provider, in the order in which they were added."""
    rows = connection.execute(select(PROVIDERS).order_by(PROVIDERS.c.added_at, PROVIDERS.c.name)).mappings()
    return tuple(Provider(**{**row, "kind": ProviderKind(row["kind"])}) for row in rows)


def keep(connection: Connection, provider: Provider, at: datetime) -> bool:
    """Keep a provider in the place of one with its name; whether what was agreed to still holds."""
    before = connection.execute(select(PROVIDERS).where(PROVIDERS.c.name == provider.name)).one_or_none()
    values = {
        "name": provider.name,
        "kind": provider.kind.value,
        "address": clean(provider.address),
        "model": clean(provider.model),
        "price_in": provider.price_in,
        "price_out": provider.price_out,
        "tokens_a_day": provider.tokens_a_day,
        "money_a_day": provider.money_a_day,
        "has_key": provider.has_key,
        "added_at": before.added_at if before is not None else utc(at),
    }
    connection.execute(statements.upsert(PROVIDERS, ("name",), tuple(values)), values)
    holds = before is not None and (before.address, before.kind) == (values["address"], values["kind"])
    if not holds:
        connection.execute(delete(CONSENTS).where(CONSENTS.c.provider == provider.name))
    return holds


def remove(connection: Connection, name: str) -> bool:
    """Remove a provider and what was agreed to for it; whether there was one."""
    connection.execute(delete(CONSENTS).where(CONSENTS.c.provider == name))
    return connection.execute(delete(PROVIDERS).where(PROVIDERS.c.name == name)).rowcount > 0


def consents(connection: Connection) -> tuple[Consent, ...]:
    """What was agreed to and still holds: for providers at the address that was shown then."""
    joined = CONSENTS.join(
        PROVIDERS, (PROVIDERS.c.name == CONSENTS.c.provider) & (PROVIDERS.c.address == CONSENTS.c.address)
    )
    chosen = select(CONSENTS).select_from(joined).order_by(CONSENTS.c.provider, CONSENTS.c.purpose)
    rows = connection.execute(chosen).mappings()
    return tuple(Consent(**{**row, "purpose": Purpose(row["purpose"])}) for row in rows)


def agree(connection: Connection, given: Consent) -> None:
    """Keep a person's word."""
    values = {
        "provider": given.provider,
        "purpose": given.purpose.value,
        "address": clean(given.address),
        "at": utc(given.at),
    }
    connection.execute(statements.upsert(CONSENTS, ("provider", "purpose"), tuple(values)), values)


def withdraw(connection: Connection, name: str, purpose: Purpose) -> bool:
    """Take a person's word back; whether there was one."""
    mine = (CONSENTS.c.provider == name) & (CONSENTS.c.purpose == purpose.value)
    return connection.execute(delete(CONSENTS).where(mine)).rowcount > 0


def spend(connection: Connection, use: ProviderUse) -> None:
    """Add to what a provider used; a cost that is not known in part is not known."""
    counted = {name: getattr(use, name) for name in ("requests", "estimated", "tokens_in", "tokens_out", "cost")}
    values = {"day": use.day, "provider": use.provider, "purpose": use.purpose.value, **counted}
    statement = insert(USES).values(values)
    added = {name: USES.c[name] + statement.excluded[name] for name in counted}
    connection.execute(statement.on_conflict_do_update(index_elements=list(USE_KEY), set_=added))


def uses(connection: Connection, since: date) -> tuple[ProviderUse, ...]:
    """What providers used from a day on, the newest day first."""
    chosen = select(USES).where(USES.c.day >= since).order_by(USES.c.day.desc(), USES.c.provider, USES.c.purpose)
    return tuple(
        ProviderUse(**{**row, "purpose": Purpose(row["purpose"])}) for row in connection.execute(chosen).mappings()
    )


def used(connection: Connection, name: str, day: date) -> tuple[int, int]:
    """Tokens in and out of a provider on a day."""
    mine = (USES.c.provider == name) & (USES.c.day == day)
    chosen = select(func.sum(USES.c.tokens_in), func.sum(USES.c.tokens_out)).where(mine)
    tokens_in, tokens_out = connection.execute(chosen).one()
    return int(tokens_in or 0), int(tokens_out or 0)
