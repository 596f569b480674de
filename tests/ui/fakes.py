"""A hand-written workspace and tray: they remember what was asked of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from galaxy_desktop.domain.attention import Balloon, DigestReport, Mute
from galaxy_desktop.domain.events import Event
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Alert, Analysis, RepositoryFreshness, Verdict
from galaxy_desktop.domain.work_log import Execution, Job, JobState, Priority
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.settings import BY_NAME, Settings
from galaxy_desktop.ui.tray import TrayState
from tests.ui.fake_outbox import FakeOutbox
from tests.ui.fake_sync_desk import FakeSyncDesk
from tests.ui.samples import NOW, alerts, cite, repositories


@dataclass(frozen=True)
class Report:
    """What the fake did lately."""

    executions: tuple[Execution, ...] = ()
    jobs: tuple[Job, ...] = ()
    dead: tuple[Job, ...] = ()
    alerts: tuple[Alert, ...] = ()
    syncs: tuple[RepositoryFreshness, ...] = ()
    digest: DigestReport | None = None
    mutes: tuple[Mute, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What the fake GitHub says to a token."""

    ok: bool
    login: str
    sentence: str


def job(number: int, state: JobState, error: str = "") -> Job:
    """A job of the queue."""
    return Job(
        id=number,
        key=f"index {number}",
        kind="index_texts",
        payload="{}",
        priority=Priority.NORMAL,
        state=state,
        attempts=4 if error else 1,
        not_before=NOW,
        created_at=NOW - timedelta(minutes=number),
        error=error,
    )


def execution(node: str, status: str = "ok", error: str = "", minutes: int = 1) -> Execution:
    """One node of the agent graph that ran."""
    return Execution(
        run_id="run-1",
        node=node,
        model="smollm2-135m-instruct",
        status=status,
        input_digest="a" * 64,
        output_digest="b" * 64,
        started_at=NOW - timedelta(minutes=minutes),
        duration_s=minutes * 31.4,
        tokens_in=812,
        tokens_out=90,
        error=error,
    )


def report() -> Report:
    """Something in every table."""
    return Report(
        executions=(
            execution("explainer"),
            execution("llm_reasoner", "failed", "the model wrote no JSON", 4),
        ),
        jobs=(job(1, JobState.RUNNING), job(2, JobState.DONE)),
        dead=(job(7, JobState.DEAD, "disk full"),),
        alerts=alerts(),
        syncs=repositories(),
    )


@dataclass
class FakeWorkspace:
    """Keeps every call in `calls`; `analysis` is its last state."""

    analysis: Analysis | None = None
    profile: str = "main"
    stored: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    unshown: list[Alert] = field(default_factory=list)
    listeners: list[Callable[[Event], None]] = field(default_factory=list)
    tracked: bool = True
    problem: Exception | None = None
    sync_desk: FakeSyncDesk | None = None
    looked_at: tuple[str, ...] = ()
    outbox: FakeOutbox | None = None
    sign_in: object | None = None
    digest: DigestReport | None = None
    alerts_in_tray: int = 0

    @property
    def settings(self) -> Settings:
        return Settings.from_text(self.stored)

    def latest(self) -> Analysis | None:
        return self.analysis

    def has_repositories(self) -> bool:
        return self.tracked

    def has_token(self) -> bool:
        return True

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def publish(self, event: Event) -> None:
        for listener in list(self.listeners):
            listener(event)

    def activity(self) -> Report:
        return report()

    async def next_notice(self) -> Balloon | DigestReport | None:
        if self.digest is not None:
            digest, self.digest = self.digest, None
            return digest
        if not self.unshown:
            return None
        self._called("next_notice", *(a.id for a in self.unshown))
        covers, self.unshown = tuple(self.unshown), []
        return Balloon(covers=covers)

    async def mute(self, subject: str, until: datetime | None) -> None:
        self._called("mute", subject, until)

    async def unmute(self, subject: str) -> None:
        self._called("unmute", subject)

    async def undo_verdict(self, recommendation_id: str) -> None:
        self._called("undo_verdict", recommendation_id)

    async def forget_learning(self, kind: str) -> None:
        self._called("forget_learning", kind)

    async def open(self) -> None:
        self._called("open")

    async def start(self) -> None:
        self._called("start")

    async def stop(self) -> None:
        self._called("stop")

    def look_at(self, repositories: Sequence[str]) -> None:
        self.looked_at = tuple(repositories)

    def typed(self) -> None:
        self._called("typed")

    async def refresh(self) -> None:
        self._called("refresh")

    async def decide(
        self, recommendation_id: str, verdict: Verdict, reason: str = "", until: datetime | None = None
    ) -> None:
        self._called("decide", recommendation_id, verdict, reason, until)

    async def confirm_sprint(self, sprint_id: str) -> None:
        self._called("confirm_sprint", sprint_id)

    async def change_setting(self, name: str, text: str) -> None:
        BY_NAME[name].parse(text)
        self._called("change_setting", name, text)
        self.stored[name] = text

    async def add_repository(self, full_name: str) -> None:
        if "/" not in full_name:
            raise WrongUseError("Write it as owner/name.")
        self._called("add_repository", full_name)

    async def test_token(self, token: str) -> Answer:
        self._called("test_token")
        good = token.startswith("ghp_")
        return Answer(good, "ada" if good else "", "It is ada's." if good else "GitHub does not accept this token.")

    async def save_token(self, token: str) -> None:
        self._called("save_token")

    async def pause_alerts(self, until: datetime | None) -> None:
        self._called("pause_alerts", until)
        self.stored["alerts_paused_until"] = until.isoformat() if until else ""

    async def requeue(self, job_id: int) -> None:
        self._called("requeue", job_id)

    async def search(self, query: str) -> tuple[Evidence, ...]:
        self._called("search", query)
        return (cite("issue:acme/api#12"),)

    def _called(self, *call: object) -> None:
        if self.problem is not None:
            raise self.problem
        self.calls.append(call)


@dataclass
class FakeTray:
    """Remembers its state and its balloons."""

    available: bool = True
    state: TrayState | None = None
    sentence: str = ""
    balloons: list[tuple[str, str, Callable[[], None]]] = field(default_factory=list)

    def show_state(self, state: TrayState, sentence: str) -> None:
        self.state, self.sentence = state, sentence

    def balloon(self, title: str, text: str, clicked: Callable[[], None]) -> None:
        self.balloons.append((title, text, clicked))

    def remove(self) -> None:
        self.state = None
