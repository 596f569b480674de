"""What the Sync page says: lists, positions, results and amounts in plain words.

The one place where the entity names of collection become words. A name that is not known here is shown as it is:
a new list is never hidden because nobody wrote a word for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.sync import EntityStatus
from galaxy_desktop.domain.sync_report import RepositorySync, SyncOverview
from galaxy_desktop.domain.traffic import Exchange, Usage
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.services import freshness
from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.words import SPACE

ABSENT = "Not offered by this server or token"
NEVER = "Never"
CANCELLED = "Cancelled. What was read until then is kept."
UNDER_WAY = "A sync is under way already."
ENTITIES = {
    "GitHub API": "Test of the token",
    "GitHub sign-in": "Signing in",
    "actions/runs": "Workflow runs",
    "board": "Project boards",
    "boards": "Project boards",
    "branches": "Branches",
    "checks": "Check runs",
    "check_runs": "Check runs",
    "comments": "Comments",
    "commits": "Commits",
    "commits/*/check-runs": "Check runs",
    "commits/*/status": "Commit statuses",
    "dependencies": "Dependencies of issues",
    "deployments": "Deployments",
    "details": "Pull request details",
    "events": "Events of issues",
    "graphql": "Batched queries (GraphQL)",
    "issues": "Issues",
    "issues/*": "Single issues",
    "issues/comments": "Comments",
    "issues/events": "Events of issues",
    "issues/*/dependencies/blocked_by": "Dependencies of issues",
    "issues/*/sub_issues": "Sub-issues",
    "issues/*/timeline": "Timelines",
    "labels": "Labels",
    "links": "Dependencies and sub-issues",
    "milestones": "Milestones",
    "planned": "Items of iterations",
    "projects": "Project boards",
    "pulls": "Pull requests",
    "pulls/*": "Pull request details",
    "pulls/*/commits": "Commits of pull requests",
    "pulls/*/files": "Files of pull requests",
    "pulls/*/reviews": "Reviews",
    "pulls/comments": "Review comments",
    "rate_limit": "Quota",
    "reconcile": "Full read",
    "releases": "Releases",
    "repository": "Repository",
    "review_comments": "Review comments",
    "reviews": "Reviews",
    "runs": "Workflow runs",
    "status": "Commit statuses",
    "statuses": "Commit statuses",
    "sub_issues": "Sub-issues",
    "timeline": "Mentions and timelines",
    "timelines": "Timelines",
    "user": "Account",
}
WHOLE = frozenset({"milestones", "labels", "branches", "releases", "boards", "projects", "repository"})
"""Lists that are read to their end at every poll: a position would say nothing of them."""
BY_ITEM = frozenset({"details", "checks", "links", "timeline", "deployments"})
"""What is asked for each item that changed, so that no one position says how far it is."""
STAGES = {
    "pull requests": "pulls",
    "review comments": "review_comments",
    "reviews": "details",
    "workflow runs": "runs",
    "items of iterations": "planned",
    "mentions": "timeline",
    "links between items": "links",
    "full read": "reconcile",
}
"""The list that a stage of a sync reads, where it has another name."""
FIRST_READ = "sprint:"
HISTORY = ":history"
BATCHED = "graphql "
HISTORY_STAGE = "history of "
ARCHIVE = "archive:"
FINE = frozenset({"ok", "made", "done", "not modified", "not ready", "moved", "empty", "cached"})
KILO = 1000


def entity(name: str) -> str:
    """A list in plain words: "review_comments" is "Review comments"."""
    if name.startswith(FIRST_READ):
        return f"Sprint first (milestone {name.removeprefix(FIRST_READ)})"
    if name.endswith(HISTORY):
        return f"{entity(name.removesuffix(HISTORY))}, older ones"
    if name.startswith(ARCHIVE):
        return f"Imported from GH Archive, {name.removeprefix(ARCHIVE)}"
    if name.startswith(BATCHED):
        topic = name.removeprefix(BATCHED)
        return f"{topic[:1].upper()}{topic[1:]}, batched"
    return ENTITIES.get(name, name)


def list_of(stage: str) -> str:
    """The list that a stage of a sync reads: "history of pull requests" reads "pulls:history"."""
    if stage.startswith(HISTORY_STAGE):
        return f"{list_of(stage.removeprefix(HISTORY_STAGE))}{HISTORY}"
    return STAGES.get(stage, stage)


def reached(one: EntityStatus, now: datetime) -> str:
    """How far a list was read: a moment by the user's clock, a number, or that it is always read whole."""
    if one.absent and not one.position:
        return "–"
    if one.entity.endswith(HISTORY):
        return "The first one" if one.complete else "Going back"
    if one.entity in BY_ITEM and not one.position:
        return "Item by item"
    if one.entity in WHOLE or one.entity.startswith(FIRST_READ):
        return "Whole list" if one.complete else "Not yet to its end"
    if not one.position:
        return "Whole list" if one.complete else "Not begun"
    if one.position.isdecimal():
        return f"No. {int(one.position):,}"
    moment = moment_in(one.position)
    return words.clock(moment, now) if moment is not None else one.position


def moment_in(position: str) -> datetime | None:
    """The aware moment that a position names, or `None` for one of another kind."""
    try:
        found = datetime.fromisoformat(position)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def completeness(one: EntityStatus, share: float | None) -> str:
    """Whether a list was read to its end: "Complete", "History 43 %", or why there is nothing."""
    if one.absent:
        return f"{ABSENT}: {one.why}" if one.why else ABSENT
    if one.complete:
        return "Complete"
    if share is not None:
        return f"History {words.percent(share)}"
    return "Not read yet" if not one.position and one.last_success_at is None else "Being read"


def completeness_tone(one: EntityStatus) -> Tone:
    """The tone that goes with `completeness`."""
    if one.absent:
        return Tone.QUIET
    return Tone.GOOD if one.complete else Tone.ACCENT


def lists_summary(lists: tuple[EntityStatus, ...]) -> str:
    """The lists of a repository in a line: "18 lists: 15 complete, 2 still being read, 1 not offered"."""
    absent = sum(one.absent for one in lists)
    complete = sum(one.complete and not one.absent for one in lists)
    rest = len(lists) - absent - complete
    parts = [f"{complete:,} complete"]
    parts += [f"{rest:,} not yet"] if rest else []
    parts += [f"{absent:,} not offered"] if absent else []
    return f"{words.count(len(lists), 'list')}: {', '.join(parts)}"


def size(number: int) -> str:
    """Bytes as people read them: "0 B", "48 kB", "1.2 MB"."""
    value, unit = float(number), "B"
    for larger in ("kB", "MB", "GB"):
        if value < KILO:
            break
        value, unit = value / KILO, larger
    return f"{value:.1f}{SPACE}{unit}" if unit in ("MB", "GB") and value < 100 else f"{value:,.0f}{SPACE}{unit}"


def second(moment: datetime, now: datetime) -> str:
    """A moment to the second by the user's clock; the day before it when it was another one."""
    local = moment.astimezone(now.tzinfo)
    time = f"{local.hour:02}:{local.minute:02}:{local.second:02}"
    when = local_day(moment, now)
    return time if when == now.date() else f"{words.day(when, now.date())} {time}"


def since(moment: datetime | None, now: datetime) -> str:
    """A moment by the user's clock, or that it never was."""
    return words.clock(moment, now) if moment is not None else NEVER


def result(one: Exchange) -> str:
    """How a request ended: "OK (200)", "Not modified (304)", "No answer"."""
    said = "OK" if one.outcome == "ok" else f"{one.outcome[:1].upper()}{one.outcome[1:]}" or "Unknown"
    return said if one.status is None else f"{said} ({one.status})"


def cost(one: Exchange) -> str:
    """What a request used of the quota; "free" when GitHub said that nothing changed."""
    return "free" if one.status == 304 and not one.cost else f"{one.cost:,}"


def failed(one: Exchange) -> bool:
    """Whether a request is to be found among the failures: "not modified" and "empty" are none."""
    if one.outcome in FINE:
        return False
    return one.outcome != "" or one.status is None or one.status >= 400


def result_tone(one: Exchange) -> Tone:
    """The tone that goes with `result`."""
    if not failed(one):
        return Tone.GOOD if one.status == 200 else Tone.QUIET
    return Tone.WATCH if "limit" in one.outcome or one.status in (403, 429) else Tone.BAD


def request(one: Exchange) -> str:
    """Method and path, without the repository that stands beside it."""
    prefix = f"/repos/{one.repository}"
    path = one.path.removeprefix("/api/v3")
    if one.repository and path.startswith(prefix):
        path = path.removeprefix(prefix) or "/"
    return f"{one.method} {path}"


def state(one: RepositorySync, now: datetime) -> str:
    """The state of a repository, with a capital letter: "Synced 09:14"."""
    said = freshness.words(one.freshness, now)
    return f"{said[:1].upper()}{said[1:]}"


def totals(usage: Sequence[Usage]) -> tuple[int, int, int]:
    """Requests, quota and bytes (in and out) of a day."""
    return (
        sum(u.requests for u in usage),
        sum(u.quota for u in usage),
        sum(u.bytes_in + u.bytes_out for u in usage),
    )


def spent(requests: int, quota: int, size_in_bytes: int) -> str:
    """What something cost: "412 requests, 37 quota, 1.2 MB"."""
    return f"{words.count(requests, 'request')}, {quota:,}{SPACE}quota, {size(size_in_bytes)}"


def quota_left(report: SyncOverview, now: datetime) -> str:
    """What is left of GitHub's quota and when it is full again."""
    if report.quota_left is None:
        return "GitHub has not said yet how much of the quota is left."
    again = report.quota_reset_at
    if again is not None and again <= now:
        return f"Quota: full again since {words.clock(again, now)}."
    of = f" of {report.quota_limit:,}" if report.quota_limit else ""
    until = f"; full again at {words.clock(again, now)}" if again is not None else ""
    return f"Quota: {report.quota_left:,}{of} left{until}."


def quota_today(report: SyncOverview) -> str:
    """What today's requests cost, and that questions about what did not change cost nothing."""
    requests, quota, amount = totals(report.usage_today)
    if not requests:
        return "No request today."
    return f"Today: {words.count(requests, 'request')}, which spent {quota:,} of the quota, and {size(amount)}."


def outcome(one: RepositorySync, now: datetime) -> tuple[str, Tone]:
    """How a sync ended: "Done: synced 12:00.", or that it did not work and how it stands."""
    good = one.freshness.state is RepositoryState.SYNCED
    said = f"{'Done' if good else 'Not done'}: {freshness.words(one.freshness, now)}."
    return said, Tone.GOOD if good else Tone.WATCH


def problem_tone(sentence: str) -> Tone:
    """The tone of what did not work; what the person wanted to stop is no fault."""
    return Tone.QUIET if sentence in (CANCELLED, UNDER_WAY) else Tone.BAD


def time_left(seconds: float) -> str:
    """How long it still takes, roughly: "about 4 min left"."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds / 10) * 10}{SPACE}s left"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"about {minutes}{SPACE}min left"
    return f"about {round(minutes / 60)}{SPACE}h left"


def purpose(name: str) -> str:
    """What a host is talked to for, with a capital letter."""
    return f"{name[:1].upper()}{name[1:]}"
