"""The doors and desks of one open workspace: network, signing in, syncing in the open, and the outbox.

They are made when the workspace opens and end before its store does. A demo has the network's door and the desk for
syncing, which shows that nobody was talked to; it cannot sign in and has no outbox.

Syncing and the outbox ask GitHub through clients of their own and share one budget, because GitHub counts for the token
and not for the part of a program that asks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from galaxy_desktop.domain.events import Event, TransferMoved
from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.errors import NetworkOffError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.credentials import Credentials
from galaxy_desktop.services.sync_desk import Hooks, SyncDesk, Syncing
from galaxy_desktop.settings import Settings

if TYPE_CHECKING:
    from galaxy_desktop.collect.budget import Budget
    from galaxy_desktop.collect.writing import WritingGitHub
    from galaxy_desktop.services.egress import Egress
    from galaxy_desktop.services.embedding_desk import SearchModelsDesk
    from galaxy_desktop.services.models import ModelsDesk
    from galaxy_desktop.services.outbox import Outbox
    from galaxy_desktop.services.providers import Providers
    from galaxy_desktop.services.sign_in import SignIn
    from galaxy_desktop.store.database import Store


class Host(Syncing, Protocol):
    """What the desks need of the workspace that has them."""

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        ...

    @property
    def folder(self) -> DataFolder:
        """The folder of the profile."""
        ...

    @property
    def budget(self) -> Budget:
        """What may be asked of GitHub now, under the token in force."""
        ...

    def credentials(self) -> Credentials:
        """The keyring entry of the GitHub in force."""
        ...

    async def connect_anew(self) -> None:
        """Take the token and the way to GitHub as they are now."""
        ...

    async def change_setting(self, name: str, text: str) -> None:
        """Change one setting."""
        ...

    async def forget_vectors(self, prefixes: Sequence[str]) -> int:
        """Remove texts from the index."""
        ...

    async def evaluate_again(self, repository_id: int) -> None:
        """A repository is gone: evaluate what is left."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """What the window finds beside the workspace itself."""

    egress: Egress
    sync: SyncDesk
    models: ModelsDesk
    providers: Providers
    search: SearchModelsDesk
    sign_in: SignIn | None = None
    outbox: Outbox | None = None

    async def close(self) -> None:
        """End transfers and the outbox; the door is closed by `close_door` after everything that goes through it."""
        await asyncio.to_thread(self.models.close)
        await asyncio.to_thread(self.providers.engines.close)
        if self.outbox is not None:
            await self.outbox.close()

    def close_door(self) -> None:
        """Write the last of the ledger."""
        self.egress.close()


class OpenDesks:
    """The desks of a workspace, for whoever has the workspace."""

    _desks: Desks | None = None

    @property
    def sign_in(self) -> SignIn | None:
        """The desk for signing in, `None` while the workspace is not open and in a demo."""
        return self._desks.sign_in if self._desks else None

    @property
    def outbox(self) -> Outbox | None:
        """Changes that wait to be sent, `None` while the workspace is not open and in a demo."""
        return self._desks.outbox if self._desks else None

    @property
    def sync_desk(self) -> SyncDesk | None:
        """Syncing in the open, `None` while the workspace is not open."""
        return self._desks.sync if self._desks else None

    @property
    def models(self) -> ModelsDesk | None:
        """The models of this computer, `None` while the workspace is not open."""
        return self._desks.models if self._desks else None

    @property
    def search_models(self) -> SearchModelsDesk | None:
        """Models that find texts by meaning, `None` while the workspace is not open."""
        return self._desks.search if self._desks else None

    @property
    def providers(self) -> Providers | None:
        """Providers of language models, `None` while the workspace is not open."""
        return self._desks.providers if self._desks else None


def open_desks(
    host: Host,
    store: Store,
    publish: Callable[[Event], None],
    now: Callable[[], datetime],
    *,
    demo: bool,
    tell: Callable[[Event], None] | None = None,
) -> Desks:
    """The desks of a workspace whose store is open; blocking, because the ledger is read.

    `publish` is called on the event loop's thread, `tell` on any.
    """
    from galaxy_desktop.services.egress import egress_of  # noqa: PLC0415 - after the first paint
    from galaxy_desktop.services.embedding_desk import SearchModelsDesk  # noqa: PLC0415 - same
    from galaxy_desktop.services.engines import Engines  # noqa: PLC0415 - same
    from galaxy_desktop.services.models import ModelsDesk  # noqa: PLC0415 - same
    from galaxy_desktop.services.providers import Providers  # noqa: PLC0415 - same

    egress = egress_of(host.settings, store, now)
    hooks = Hooks(forget_vectors=host.forget_vectors, keep_switch=_switch_keeper(host), forgotten=host.evaluate_again)
    sync = SyncDesk(store, host, egress, hooks, now)
    said = tell or publish
    models = ModelsDesk(lambda: host.settings, egress, lambda transfer: said(TransferMoved(transfer)), now)
    engines = Engines(store, lambda: host.settings, egress, now)
    providers = Providers(store, lambda: host.settings, engines, egress, now)
    search = SearchModelsDesk(store, lambda: host.settings, providers, host.folder)
    egress.switched = lambda on: models.network_switched(on=on)
    if demo:
        return Desks(egress=egress, sync=sync, models=models, providers=providers, search=search)
    from galaxy_desktop.services.outbox import Outbox  # noqa: PLC0415 - after the first paint
    from galaxy_desktop.services.sign_in import SignIn  # noqa: PLC0415 - same

    sign_in = SignIn(
        lambda: host.settings,
        host.credentials,
        egress,
        repositories=lambda: [one.full_name for one in store.repositories()],
        changed=host.connect_anew,
        now=now,
        budget=lambda: host.budget,
    )
    outbox = Outbox(store, _writer_for(host, store, egress, now), now, publish=publish)
    return Desks(
        egress=egress, sync=sync, models=models, providers=providers, search=search, sign_in=sign_in, outbox=outbox
    )


def _switch_keeper(host: Host) -> Callable[[bool], Awaitable[None]]:
    async def keep(on: bool) -> None:
        await host.change_setting("network", "true" if on else "false")

    return keep


def _writer_for(host: Host, store: Store, egress: Egress, now: Callable[[], datetime]) -> Callable[[], WritingGitHub]:
    """How the outbox connects, on its own thread: with the token of the moment and the budget that all share."""

    def connect() -> WritingGitHub:
        from galaxy_desktop.collect.github_client import GitHub  # noqa: PLC0415 - brings PyGithub

        if not egress.on:
            raise NetworkOffError("The network is switched off in Galaxy Desktop.")
        settings = host.settings
        return GitHub(
            settings.api_url(),
            host.credentials().token(),
            host.budget,
            now,
            gate=egress,
            observe=lambda exchange: _log(store, exchange),
            proxy=settings.proxy(),
            ca_bundle=settings.ca_bundle(),
        )

    return connect


def _log(store: Store, exchange: Exchange) -> None:
    store.log_exchanges((exchange,))
