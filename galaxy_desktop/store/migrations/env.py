"""Run migrations on the connection that `store.migrate` hands over, inside the transaction it has begun."""

from __future__ import annotations

from alembic import context

from galaxy_desktop.store.tables import RepositoryRow
from galaxy_desktop.store.tables_desk import ExchangeRow
from galaxy_desktop.store.tables_facts import CheckRow
from galaxy_desktop.store.tables_log import AuditRow

KEPT_BY_HAND = ("item_text", "comment_text")
"""Full-text tables (and the shadow tables behind them) are made in SQL; Alembic cannot compare them."""


def _ours(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return not (kind == "table" and (name or "").startswith(KEPT_BY_HAND))


context.configure(
    connection=context.config.attributes["connection"],
    # One table of each module: importing the modules is what puts all of theirs into the shared metadata.
    target_metadata=(RepositoryRow.metadata, CheckRow.metadata, ExchangeRow.metadata, AuditRow.metadata)[0],
    render_as_batch=True,
    include_object=_ours,
)
with context.begin_transaction():
    context.run_migrations()
