"""Evidence: the one thing that every claim must carry.

An evidence id is stable and says what it points at: `issue:o/r#12`, `pr:o/r#7`, `commit:o/r@sha`,
`check:o/r#id`, `comment:o/r#id`, `review:o/r#id`, `event:o/r#id`, `milestone:o/r#3`,
`check:o/r@id`, `status:o/r@id`, `release:o/r#id`, `deployment:o/r#id`, `iteration:<project>/<id>`, or
`feature:<sprint id>/<name>` for a number that our own code computed, or `code:o/r@path#L3-L9` for lines of a
local clone. `external:` in front marks an
item of a repository that is not tracked: we know its name and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.projects import Iteration
from galaxy_desktop.domain.repository_facts import Check, PullCommit, PullCommits
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import Comment, Milestone, WorkflowRun, WorkItem

EVIDENCE_ID = re.compile(
    r"^(external:)?(issue|pr|commit|check|status|comment|review|milestone|iteration|release|deployment|event|feature|code):\S+$"
)

QUOTE_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Evidence:
    """One citable thing: `quote` is an excerpt or value exactly as stored, `observed_at` when we saw it."""

    id: str
    kind: str
    url: str
    quote: str
    observed_at: datetime

    def __post_init__(self) -> None:
        """Refuse an id nobody could open, or an empty quote: both would show a claim without proof."""
        if not EVIDENCE_ID.match(self.id):
            raise ValueError(f"not an evidence id: {self.id!r}")
        if not self.quote:
            raise ValueError(f"evidence without a quote: {self.id}")


def excerpt(text: str, length: int = QUOTE_LENGTH) -> str:
    """The beginning of a text on one line, at most `length` characters; "(empty)" when there is nothing."""
    line = " ".join(text.split())
    if not line:
        return "(empty)"
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def of_item(item: WorkItem, value: str | None = None) -> Evidence:
    """Evidence for a work item: its title, or a stored `value` of it such as "updated 2026-04-01"."""
    return Evidence(item.evidence_id, str(item.kind), item.url, value or excerpt(item.title), item.observed_at)


def of_milestone(milestone: Milestone, value: str | None = None) -> Evidence:
    """Evidence for a milestone: its title and due day, or a stored `value` of it."""
    due = f"due {milestone.due_on.isoformat()}" if milestone.due_on else "no due date"
    quote = value or f"{excerpt(milestone.title, 120)}, {due}"
    return Evidence(milestone.evidence_id, "milestone", milestone.url, quote, milestone.observed_at)


def of_iteration(iteration: Iteration) -> Evidence:
    """Evidence for an iteration of a board: its title and days."""
    quote = f"{excerpt(iteration.title, 120)}, {iteration.starts_on.isoformat()} to {iteration.last_day.isoformat()}"
    return Evidence(iteration.evidence_id, "iteration", iteration.url, quote, iteration.observed_at)


def of_anchors(sprint: Sprint, snapshot: Snapshot) -> tuple[Evidence, ...]:
    """Evidence for a sprint as a whole: its stored milestones and iterations."""
    milestones = tuple(of_milestone(milestone) for milestone in snapshot.milestones_of(sprint))
    return milestones + tuple(of_iteration(iteration) for iteration in snapshot.iterations_of(sprint))


def of_comment(comment: Comment, value: str | None = None) -> Evidence:
    """Evidence for a comment: its beginning, or the words in it that decided something."""
    return Evidence(comment.evidence_id, "comment", comment.url, value or excerpt(comment.body), comment.observed_at)


def of_run(run: WorkflowRun) -> Evidence:
    """Evidence for a workflow run: its name and how it ended."""
    return Evidence(run.evidence_id, "check", run.url, f"{run.name}: {run.conclusion or run.status}", run.observed_at)


def of_check(check: Check) -> Evidence:
    """Evidence for a check of a commit: its name and how it ended."""
    quote = f"{check.name}: {check.conclusion or check.status}"
    return Evidence(check.evidence_id, str(check.source), check.url, quote, check.observed_at)


def of_pull_commit(pull: WorkItem, commits: PullCommits, commit: PullCommit, value: str | None = None) -> Evidence:
    """Evidence for a commit of a pull request: its message, or the words in it; opens it in the pull request."""
    words = value or excerpt(commit.message)
    url = f"{pull.url}/commits/{commit.sha}"
    return Evidence(commits.evidence_id_of(commit), "commit", url, words, commits.observed_at)


def of_number(sprint: Sprint, snapshot: Snapshot, name: str, value: str, at: datetime) -> Evidence:
    """Evidence for a number of ours: `value` says it with its unit; it opens the sprint's milestone or iteration."""
    anchors = [m.url for m in snapshot.milestones_of(sprint)] + [i.url for i in snapshot.iterations_of(sprint)]
    url = next(iter(anchors), f"https://github.com/{sprint.repositories[0]}/milestones")
    return Evidence(f"feature:{sprint.id}/{name}", "feature", url, value, at)


def unique(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The same evidence in the same order, each id once."""
    seen: dict[str, Evidence] = {}
    for one in evidence:
        seen.setdefault(one.id, one)
    return tuple(seen.values())
