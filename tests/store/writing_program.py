"""A program that writes for ever and says what is on the disk, to be killed by `test_kills`.

Every page holds twenty versions of the same items and a cursor; every round raises the alerts of all rounds again;
every round enters a forecast with its inputs and an outcome into the ledger;
every job that runs is entered in the audit log. A line on stdout means that the future before it was done.
"""

from __future__ import annotations

import itertools
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Alert, Severity
from galaxy_desktop.domain.ledger import LedgerEntry, Outcome
from galaxy_desktop.domain.sync import Cursor, Page
from galaxy_desktop.domain.work import ItemKind, Repository, State, WorkItem
from galaxy_desktop.domain.work_log import Priority
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.ledger import Said, digest_of_inputs

REPO = 42
ITEMS = 20
START = datetime(2026, 5, 1, tzinfo=UTC)


def page(number: int) -> Page:
    """Page `number`: each item carries the number in its title."""
    at = START + timedelta(seconds=number)
    items = tuple(
        WorkItem(
            repository_id=REPO,
            repository="o/r",
            number=n,
            kind=ItemKind.ISSUE,
            title=f"page {number}",
            body="text " * 50,
            state=State.OPEN,
            state_reason=None,
            author=None,
            assignees=(),
            labels=(),
            milestone_number=None,
            created_at=START,
            updated_at=at,
            closed_at=None,
            url="https://x",
            observed_at=at,
        )
        for n in range(ITEMS)
    )
    cursor = Cursor(repository_id=REPO, entity="issues", position=str(number), complete=True)
    return Page(repository_id=REPO, records=items, cursor=cursor)


def alert(number: int) -> Alert:
    """The alert of one fact."""
    proof = Evidence("issue:o/r#1", "issue", "https://x", f"page {number}", START)
    return Alert(
        id=f"fact {number}",
        kind="overdue",
        sprint_id="s",
        reason="It is late.",
        severity=Severity.HIGH,
        evidence=(proof,),
        at=START + timedelta(seconds=number),
    )


def said(number: int) -> Said:
    """What an evaluation enters of one sprint: a forecast, the inputs behind it, and how the sprint came out."""
    name, day, inputs = f"s{number}", date(2026, 5, 10), f'{{"seed":{number}}}'
    entry = LedgerEntry(
        sprint_id=name, sprint_title="x", said_at=START, due_on=day, probability=0.5, why_none="", raw_share=0.5,
        course=None, weight=None, before_recalibration=0.5, elapsed=0.5, open=1, done=1, baselines={}, engine="e/1",
        seed=number, inputs_digest=digest_of_inputs(inputs),
    )  # fmt: skip
    outcome = Outcome(sprint_id=name, landed=True, due_on=day, ended_on=day, delivered=2, committed=2, why="")
    return Said(entries=(entry,), inputs={entry.inputs_digest: inputs}, outcomes=(outcome,))


def say(*words: object) -> None:
    """One line at once, so that the reader knows it before the next change begins."""
    print(*words, flush=True)


def main(root: str) -> None:
    """Go on from where the last one was killed."""
    store = Store.open(DataFolder(Path(root)))
    store.apply(Page(repository_id=REPO, records=(Repository(id=REPO, full_name="o/r", url="https://x"),))).result()
    found = store.cursor(REPO, "issues")
    say("open", found.position if found else 0)
    for number in itertools.count(int(found.position) // 2 + 1 if found else 1):
        # Two pages in flight: the second may share the commit of the first or miss it.
        pages = [store.apply(page(2 * number)), store.apply(page(2 * number + 1))]
        store.jobs.enqueue(f"job {number}", "x", "", Priority.NORMAL, START)
        for offset, done in enumerate(pages):
            done.result()
            say("page", 2 * number + offset)
        for raised in store.raise_alerts([alert(n) for n in range(number + 1)]).result():
            say("alert", raised.id)
        for entered in (number, max(1, number - 1)):
            store.enter(said(entered), UTC).result()
            say("entered", f"s{entered}")
        job = store.jobs.claim(START + timedelta(days=1))
        if job is not None:
            say("claimed", job.key)
            store.jobs.finish(job.id, START).result()
            say("finished", job.key)


if __name__ == "__main__":
    main(sys.argv[1])
