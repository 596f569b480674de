"""The lists of a repository: where each is, how it is read, and what a row becomes."""

from __future__ import annotations

from datetime import timedelta

from galaxy_desktop.collect import marks
from galaxy_desktop.collect.answers import Row
from galaxy_desktop.collect.keyset import SinceList, before
from galaxy_desktop.collect.newest import NewestList, id_key
from galaxy_desktop.collect.records import comment, commit, committed, day, event, item, label, milestone, run, updated
from galaxy_desktop.collect.whole import WholeList

BY_CHANGE = {"sort": "updated", "direction": "asc"}
FIRST_COMMITS = timedelta(days=90)
LATE_COMMITS = timedelta(days=30)
"""A merged branch brings commits that are older than the newest one known."""


def _commit_floor(position: str, top: str) -> str:
    return before(position, LATE_COMMITS) if position else before(top, FIRST_COMMITS)


def _has_items(row: Row) -> bool:
    """Whether a milestone's items are worth asking for; where GitHub gives no counts they are."""
    counts = [row.get("open_issues"), row.get("closed_issues")]
    return None in counts or any(counts)


MILESTONES = WholeList(
    entity="milestones",
    tail="/milestones",
    parameters={"state": "all", "sort": "due_on", "direction": "asc"},
    convert=lambda reading, answer, row: milestone(row, reading.repository, answer.at),
    keep=lambda row: int(row["number"]) if row.get("state") == "open" and _has_items(row) else None,
    day=lambda row: found.isoformat() if (found := day(row.get("due_on"))) else "",
)
LABELS = WholeList(
    entity="labels",
    tail="/labels",
    parameters={},
    convert=lambda reading, answer, row: label(row, reading.repository),
)
ISSUES = SinceList(
    entity="issues",
    tail="/issues",
    parameters={"state": "all", **BY_CHANGE},
    key=lambda row: int(row["number"]),
    convert=lambda reading, answer, row: item(row, reading.repository, answer.at),
    hint=marks.hint,
)
COMMENTS = SinceList(
    entity="comments",
    tail="/issues/comments",
    parameters=BY_CHANGE,
    key=lambda row: int(row["id"]),
    convert=lambda reading, answer, row: comment(row, reading.repository, answer.at),
)
REVIEW_COMMENTS = SinceList(
    entity="review_comments",
    tail="/pulls/comments",
    parameters=BY_CHANGE,
    key=lambda row: int(row["id"]),
    convert=lambda reading, answer, row: comment(row, reading.repository, answer.at),
)
PULLS = NewestList(
    entity="pulls",
    tail="/pulls",
    parameters={"state": "all", "sort": "updated", "direction": "desc"},
    key=updated,
    floor=lambda position, top: before(position),
    convert=lambda reading, answer, row: item(row, reading.repository, answer.at),
)
EVENTS = NewestList(
    entity="events",
    tail="/issues/events",
    parameters={},
    key=id_key,
    floor=lambda position, top: position,
    convert=lambda reading, answer, row: event(row, reading.repository, answer.at),
    whole_pages=True,
)
COMMITS = NewestList(
    entity="commits",
    tail="/commits",
    parameters={},
    key=committed,
    floor=_commit_floor,
    convert=lambda reading, answer, row: commit(row, reading.repository, answer.at),
    most_pages=20,
    whole_pages=True,
)
RUNS = NewestList(
    entity="runs",
    tail="/actions/runs",
    parameters={},
    key=id_key,
    floor=lambda position, top: position,
    convert=lambda reading, answer, row: run(row, reading.repository, answer.at),
    most_pages=2,
    whole_pages=True,
)
