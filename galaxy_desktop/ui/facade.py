"""What the window needs of the services: one protocol, so that widgets can be tried against a hand-written fake.

The real one is `galaxy_desktop.services.workspace.Workspace`. Everything here runs on the Qt thread; what
takes time is a coroutine. The window never sees a table, a token that was stored, or a GitHub object.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from galaxy_desktop.domain.attention import Balloon, DigestReport, Mute
from galaxy_desktop.domain.events import Event
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Alert, Analysis, RepositoryFreshness, Verdict
from galaxy_desktop.domain.work_log import Execution, Job
from galaxy_desktop.settings import Settings


class ActivityReport(Protocol):
    """What the program itself did lately."""

    @property
    def executions(self) -> tuple[Execution, ...]:
        """Runs of the agent graph's nodes, newest first."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Jobs of the durable queue, newest first."""

    @property
    def dead(self) -> tuple[Job, ...]:
        """Jobs that failed for good and wait for a person."""

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Every alert raised so far, newest first."""

    @property
    def syncs(self) -> tuple[RepositoryFreshness, ...]:
        """How fresh each repository is."""

    @property
    def digest(self) -> DigestReport | None:
        """The last digest that had something to tell."""

    @property
    def mutes(self) -> tuple[Mute, ...]:
        """What is muted now."""


class TokenAnswer(Protocol):
    """What GitHub said to a token."""

    @property
    def ok(self) -> bool:
        """Whether GitHub accepts it."""

    @property
    def login(self) -> str:
        """Whose it is."""

    @property
    def sentence(self) -> str:
        """What happened and what to do, in words."""


class Facade(Protocol):
    """One workspace: a profile with its database, its polling and its settings."""

    @property
    def settings(self) -> Settings:
        """The settings in force now."""

    @property
    def profile(self) -> str:
        """The profile: "main", or "demo: " and the scenario."""

    def latest(self) -> Analysis | None:
        """The last evaluation, as stored; `None` before the first."""

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Hear every event; the answer ends the subscription."""

    async def open(self) -> None:
        """Open the database and read the last state; raises `StoreError` with what to do."""

    async def start(self) -> None:
        """Begin polling and evaluating."""

    def has_repositories(self) -> bool:
        """Whether anything is tracked or waits to be."""

    async def stop(self) -> None:
        """Stop what was started, finish writing, close the database."""

    def look_at(self, repositories: Sequence[str]) -> None:
        """These repositories are on the screen: what is new in them is read first."""

    def typed(self) -> None:
        """Somebody types into the window: background work makes way for a moment."""

    async def refresh(self) -> None:
        """Sync now, evaluate, raise alerts."""

    async def decide(
        self, recommendation_id: str, verdict: Verdict, reason: str = "", until: datetime | None = None
    ) -> None:
        """Store what the user said of a recommendation."""

    async def confirm_sprint(self, sprint_id: str) -> None:
        """Store that a person agreed with the way milestones were grouped."""

    async def change_setting(self, name: str, text: str) -> None:
        """Change a setting; raises `WrongUseError` with what would be right."""

    async def add_repository(self, full_name: str) -> None:
        """Track a repository; raises `WrongUseError` when the name cannot be one."""

    async def test_token(self, token: str) -> TokenAnswer:
        """Ask GitHub whether it accepts this token; nothing is stored."""

    async def save_token(self, token: str) -> None:
        """Keep the token in the keyring of the operating system."""

    def has_token(self) -> bool | None:
        """Whether a token is known, `None` where nobody looked; may ask the keyring, so it is called on a worker thread."""

    async def pause_alerts(self, until: datetime | None) -> None:
        """Show no balloon before `until`; `None` ends the pause."""

    def activity(self) -> ActivityReport:
        """What ran, what failed, what was raised."""

    async def requeue(self, job_id: int) -> None:
        """Give a dead job another chance."""

    async def search(self, query: str) -> tuple[Evidence, ...]:
        """Places in titles, texts and comments that fit the words."""

    async def next_notice(self) -> Balloon | DigestReport | None:
        """What is to be shown now; noted as shown before it is answered, so that it never comes a second time."""

    @property
    def alerts_in_tray(self) -> int:
        """How many alerts the tray counts, as of the last question for a notice."""

    async def mute(self, subject: str, until: datetime | None) -> None:
        """Say nothing of an item or sprint until then; `None` for "until something happens on it"."""

    async def unmute(self, subject: str) -> None:
        """Speak of it again."""

    async def undo_verdict(self, recommendation_id: str) -> None:
        """Take back what was said of a recommendation."""

    async def forget_learning(self, kind: str) -> None:
        """What was said of a kind of action so far shall no longer weigh in the order."""
