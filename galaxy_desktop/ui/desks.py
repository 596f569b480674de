"""What the window needs beyond the workspace itself: the desks for syncing, for changes, and for signing in.

Like `facade`, protocols that the services fulfil and hand-written fakes in the tests too. Methods without `async` may read the
database and are called on a worker thread; the others are awaited on the Qt thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from galaxy_desktop.domain.changes import Change, Comparison
from galaxy_desktop.domain.sign_in import DeviceCode, PermissionResult
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.sync_report import SyncOverview
from galaxy_desktop.domain.traffic import Exchange
from galaxy_desktop.domain.work import Label, Milestone, Person, Repository, WorkItem
from galaxy_desktop.ui.facade import TokenAnswer


class SyncDesk(Protocol):
    """Syncing in the open: `services.sync_desk.SyncDesk`."""

    def overview(self) -> SyncOverview:
        """How far each list was read, what it cost today, what is next, and who was talked to."""

    def requests(self, limit: int = 500) -> tuple[Exchange, ...]:
        """The last requests, newest first."""

    async def sync_now(self, full_name: str | None = None) -> None:
        """Sync one repository now, or all."""

    async def cancel_sync(self) -> None:
        """End what is being synced or read in full within a second; pages that were read stay, what waited for it returns."""

    async def reconcile(self, full_name: str) -> str:
        """Read a repository in full and find what was deleted or moved; the answer says what was found."""

    async def forget(self, full_name: str) -> str:
        """Remove everything of a repository, its index entries included; the answer says what was removed.

        A name that GitHub did not show yet is no longer waited for. When it returns, the workspace's `latest()` no
        longer shows the repository.
        """

    async def set_network(self, on: bool) -> None:
        """Let the program talk to the network, or deny all of it."""

    async def export_hosts(self, path: Path) -> int:
        """Write the ledger of hosts to a file; the answer is the number of lines."""


@runtime_checkable
class ShowsSyncing(Protocol):
    """A workspace that has a desk for syncing: one that is open."""

    @property
    def sync_desk(self) -> SyncDesk | None:
        """The desk, `None` while the workspace is not open."""


class OutboxDesk(Protocol):
    """Changes that wait to be sent: `services.outbox.Outbox`."""

    def changes(self) -> tuple[Change, ...]:
        """Every change that is not discarded, newest first; sent ones of the last 30 days."""

    def choices(self, full_name: str) -> tuple[tuple[Label, ...], tuple[Milestone, ...], tuple[Person, ...]]:
        """Labels, open milestones and people of a repository, to choose from."""

    def item(self, evidence_id: str) -> WorkItem | None:
        """The stored issue or pull request of that id, `None` when it is not of a tracked repository."""

    def repositories(self) -> tuple[Repository, ...]:
        """The repositories in which an issue may be opened, by name."""

    async def draft(self, change: Change) -> Change:
        """Keep a change as a draft; raises `WrongUseError` for one that makes no sense or changes nothing."""

    async def edit(self, change: Change) -> Change:
        """Replace a draft, a parked change or one in conflict by a new wording; an earlier approval no longer holds."""

    async def discard(self, change_id: str) -> None:
        """Do not send this one."""

    async def compare(self, change_ids: Sequence[str]) -> tuple[Comparison, ...]:
        """Each change beside what GitHub shows now, as far as it can be asked."""

    async def approve(self, seen: Sequence[Comparison]) -> None:
        """Send these, exactly as they were shown; what changed since then becomes a conflict instead.

        Raises `WrongUseError` for what was not compared with GitHub itself; the others are sent.
        """

    async def resolve(self, change_id: str, *, keep_mine: bool) -> None:
        """Settle a conflict: base the change on what GitHub shows now, or let it go."""

    async def retry(self, change_id: str) -> None:
        """Try a parked change again; it was approved before and is sent as it was."""


class SignInDesk(Protocol):
    """Tokens and permissions: `services.sign_in.SignIn`."""

    def device_flow_ready(self) -> bool:
        """Whether a client id is configured."""

    async def begin(self) -> DeviceCode:
        """Ask GitHub for a code to show; raises `GalaxyError` with what to do."""

    async def finish(self, code: DeviceCode, stop: StopFlag) -> TokenAnswer:
        """Wait until the person typed the code, then keep the token; ends early when `stop` is set."""

    async def sign_out(self) -> None:
        """Remove the token from the keyring."""

    async def permissions(self, token: str | None = None) -> tuple[PermissionResult, ...]:
        """What this token (or the stored one) can do, tried live."""


@runtime_checkable
class KeepsChanges(Protocol):
    """A workspace that has an outbox: one that is open."""

    @property
    def outbox(self) -> OutboxDesk | None:
        """The outbox, `None` while the workspace is not open and in a demo."""


@runtime_checkable
class SignsIn(Protocol):
    """A workspace that can sign in to GitHub."""

    @property
    def sign_in(self) -> SignInDesk | None:
        """The desk, `None` while the workspace is not open and in a demo."""
