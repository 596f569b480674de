"""Rows of the Activity page: what ran, what waits, what failed for good, what was raised, how fresh things are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from galaxy_desktop.domain.findings import Alert, RepositoryFreshness
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.domain.work_log import Execution, Job, JobState
from galaxy_desktop.services import freshness
from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import SEVERITY_TONE, Look, Tone

Now = Callable[[], datetime]
FINE = ("ok", "done", "succeeded", "success")
JOB_TONE = {
    JobState.WAITING: Tone.QUIET,
    JobState.RUNNING: Tone.ACCENT,
    JobState.DONE: Tone.GOOD,
    JobState.DEAD: Tone.BAD,
}


JOB_STATE = {
    JobState.WAITING: "Waiting",
    JobState.RUNNING: "Running",
    JobState.DONE: "Done",
    JobState.DEAD: "Failed for good",
}


def _outcome(one: Execution) -> Tone:
    if one.error:
        return Tone.BAD
    return Tone.GOOD if one.status.lower() in FINE else Tone.QUIET


def execution_table(look: Look, now: Now) -> Table[Execution]:
    """Runs of the agent graph's nodes."""
    columns: tuple[Column[Execution], ...] = (
        Column(name="When", text=lambda e: words.clock(e.started_at, now()), order=lambda e: e.started_at),
        Column(name="What ran", text=lambda e: words.rule(e.node)),
        Column(name="Outcome", text=lambda e: words.rule(e.status), tone=_outcome),
        Column(name="Took", text=lambda e: words.duration(e.duration_s), order=lambda e: e.duration_s, right=True),
        Column(name="Model", text=lambda e: e.model or "none"),
        Column(name="Tokens", text=_tokens, order=lambda e: e.tokens_in + e.tokens_out, right=True),
        Column(name="What failed", text=lambda e: e.error, wide=True),
    )
    return Table(look, columns, lambda e: f"{e.run_id}/{e.node}/{e.started_at.isoformat()}")


def _tokens(one: Execution) -> str:
    return f"{one.tokens_in:,} + {one.tokens_out:,}" if one.tokens_in or one.tokens_out else ""


def job_table(look: Look, now: Now) -> Table[Job]:
    """Jobs of the durable queue."""
    columns: tuple[Column[Job], ...] = (
        Column(name="Since", text=lambda j: words.clock(j.created_at, now()), order=lambda j: j.created_at),
        Column(name="What", text=lambda j: words.rule(j.kind)),
        Column(name="State", text=lambda j: JOB_STATE[j.state], tone=lambda j: JOB_TONE[j.state]),
        Column(name="Priority", text=lambda j: j.priority.name.capitalize(), order=lambda j: int(j.priority)),
        Column(name="Tries", text=lambda j: str(j.attempts), order=lambda j: j.attempts, right=True),
        Column(name="Last error", text=lambda j: j.error, wide=True),
    )
    return Table(look, columns, lambda j: str(j.id))


def alert_table(look: Look, now: Now, sprint_title: Callable[[str], str]) -> Table[Alert]:
    """Alerts raised so far."""

    def why(alert: Alert) -> str:
        return words.with_days(alert.reason, now().date())

    columns: tuple[Column[Alert], ...] = (
        Column(name="When", text=lambda a: words.clock(a.at, now()), order=lambda a: a.at),
        Column(
            name="Severity",
            text=lambda a: words.SEVERITY[a.severity],
            tone=lambda a: SEVERITY_TONE[a.severity],
            order=lambda a: -a.severity.rank,
        ),
        Column(name="Sprint", text=lambda a: sprint_title(a.sprint_id)),
        Column(name="Why", text=lambda a: why(a).replace("\n", " "), tip=why, wide=True),
    )
    return Table(look, columns, lambda a: a.id)


def sync_table(look: Look, now: Now) -> Table[RepositoryFreshness]:
    """How fresh each repository is."""
    columns: tuple[Column[RepositoryFreshness], ...] = (
        Column(name="Repository", text=lambda r: r.repository.full_name),
        Column(
            name="State",
            text=lambda r: freshness.words(r, now()),
            tone=lambda r: Tone.GOOD if r.state is RepositoryState.SYNCED else Tone.WATCH,
        ),
        Column(name="Items", text=lambda r: f"{r.items:,}", order=lambda r: r.items, right=True),
        Column(name="Open", text=lambda r: f"{r.open_items:,}", order=lambda r: r.open_items, right=True),
        Column(name="Comments", text=lambda r: f"{r.comments:,}", order=lambda r: r.comments, right=True),
        Column(name="What to do", text=lambda r: r.sentence, wide=True),
    )
    return Table(look, columns, lambda r: r.repository.full_name)
