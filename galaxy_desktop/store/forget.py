"""Forgetting a repository: every row of it goes, in every table, and its words go from the full-text index.

- Whatever is filed under its id goes: items, versions, comments, marks, cursors, validators, drafts of changes, ...
- Whatever is filed under a name it ever had goes: wishes, requests in the log, costs.
- Links that point to it from other repositories lose that target (its title would stay otherwise); boards lose its
  items, and a board without items goes. People whom nothing names any more go.
- Recorded runs of the language model and patterns it noticed that mention it go, and all kept answers: they can be made again.
- Findings that mention it go: they are made anew from what is left with the next evaluation. A sprint that lies in no
  other repository goes with its confirmation, its alerts and the verdicts on its recommendations; a sprint that it
  shares with others keeps its confirmation.
- Some tables are append-only by trigger and stay. Forecasts and the ledger hold numbers under a sprint's id; the title
  that the ledger has of a sprint that lies in no other repository is emptied, and so are the inputs of forecasts that
  name the repository. The audit log says by name what people did, and gets an entry that the repository was forgotten.

What *other* repositories' texts say of it ("see o/r#7" in a comment) is theirs and stays. Deleted pages are
overwritten with zeros and the full-text index is merged, so that the file does not hold the words either. Copies in the
backups folder are not touched.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Table, bindparam, delete, func, or_, select, text, update
from sqlalchemy.engine import Connection
from sqlmodel import AutoString, SQLModel

from galaxy_desktop.domain.work_log import AuditEntry, JobState
from galaxy_desktop.store import ledger, log_book
from galaxy_desktop.store.advice import COURSE, INTERVENTIONS
from galaxy_desktop.store.attention import DIGESTS, MUTES
from galaxy_desktop.store.boards import BOARDS, INCOMPLETE, ITERATIONS, LOOKS, SPANS
from galaxy_desktop.store.boards import ITEMS as BOARD_ITEMS
from galaxy_desktop.store.findings import (
    ALERTS,
    ANALYSES,
    CONFIRMATIONS,
    EVIDENCE,
    FEATURES,
    RECOMMENDATIONS,
    RISKS,
    SPRINTS,
    USER,
    VERDICTS,
)
from galaxy_desktop.store.jobs import JOBS
from galaxy_desktop.store.log_book import EXECUTIONS
from galaxy_desktop.store.marks import REFUSED, REPOSITORY_NAMES, WISHES
from galaxy_desktop.store.model_runs import ANSWERS, RUNS
from galaxy_desktop.store.noticed import NOTICED
from galaxy_desktop.store.rows_facts import compact
from galaxy_desktop.store.snapshot import MILESTONES, REPOSITORIES
from galaxy_desktop.store.snapshot_facts import LINKS
from galaxy_desktop.store.traffic import EXCHANGES, USAGE

CITED = (
    "issue:{}#", "pr:{}#", "comment:{}#", "review:{}#", "event:{}#", "milestone:{}#", "commit:{}@", "check:{}#",
    "check:{}@", "status:{}@", "release:{}#", "deployment:{}#",
)  # fmt: skip
"""How the evidence ids of a repository begin."""

MENTIONING = (
    SPRINTS, FEATURES, RISKS, RECOMMENDATIONS, VERDICTS, EVIDENCE, ALERTS, ANALYSES, EXECUTIONS, INTERVENTIONS, DIGESTS,
    MUTES, RUNS, NOTICED,
)  # fmt: skip
"""Conclusions, made anew from what is left."""

_ESCAPES = re.compile(r"\\[nrtbf]")

_NOBODY = """
    {table} NOT IN (
        SELECT author_id FROM work_item WHERE author_id IS NOT NULL
        UNION SELECT author_id FROM comment WHERE author_id IS NOT NULL
        UNION SELECT author_id FROM review WHERE author_id IS NOT NULL
        UNION SELECT author_id FROM git_commit WHERE author_id IS NOT NULL
        UNION SELECT author_id FROM release WHERE author_id IS NOT NULL
        UNION SELECT actor_id FROM item_event WHERE actor_id IS NOT NULL
        UNION SELECT j.value FROM work_item, json_each(work_item.assignees) AS j
        UNION SELECT j.value FROM work_item, json_each(work_item.requested_reviewers) AS j
        UNION SELECT json_extract(j.value, '$[2]') FROM pull_commits, json_each(pull_commits.commits) AS j
            WHERE json_extract(j.value, '$[2]') IS NOT NULL
        UNION SELECT json_extract(content, '$.author_id') FROM item_version
            WHERE json_extract(content, '$.author_id') IS NOT NULL
        UNION SELECT j.value FROM item_version, json_each(json_extract(item_version.content, '$.assignees')) AS j
    )
"""


def forget_repository(connection: Connection, repository_id: int, at: datetime) -> tuple[int, tuple[str, ...]]:
    """Remove a repository; how many rows went, and how its evidence ids began (under every name it had).

    A repository that is not known changes nothing: 0 and no prefixes.
    """
    named = connection.scalar(select(REPOSITORIES.c.full_name).where(REPOSITORIES.c.id == repository_id))
    if named is None:
        return 0, ()
    mine = select(REPOSITORY_NAMES.c.full_name).where(REPOSITORY_NAMES.c.repository_id == repository_id)
    names = sorted({named, *connection.scalars(mine)} - {""})
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    removed = (
        _conclusions(connection, repository_id, names)
        + _under_names(connection, names)
        + _links_to(connection, names)
        + _under_id(connection, repository_id)
        + _people(connection)
    )
    for index in ("item_text", "comment_text"):
        # A deleted row leaves its words in the index until the pieces that hold them are merged.
        connection.exec_driver_sql(f"INSERT INTO {index}({index}) VALUES ('optimize')")  # noqa: S608 - our own names
    connection.exec_driver_sql("PRAGMA secure_delete=OFF")
    entry = AuditEntry(who=USER, what="repository forgotten", target=named, before=f"{removed} rows", after="", at=at)
    log_book.audit(connection, entry)
    return removed, tuple(pattern.format(name) for name in names for pattern in CITED)


# --- what is filed under its id


def _under_id(connection: Connection, repository_id: int) -> int:
    """Delete its rows in every table that files by repository, those that refer to others first."""
    shared = select(BOARD_ITEMS.c.project_id).where(BOARD_ITEMS.c.repository_id == repository_id)
    connection.execute(update(BOARDS).where(BOARDS.c.id.in_(shared)).values(digest=INCOMPLETE))
    filed = [t for t in reversed(SQLModel.metadata.sorted_tables) if "repository_id" in t.c]
    removed = sum(connection.execute(delete(t).where(t.c.repository_id == repository_id)).rowcount for t in filed)
    empty = BOARDS.c.id.not_in(select(BOARD_ITEMS.c.project_id))
    for target in (ITERATIONS, SPANS, LOOKS):
        of_empty = target.c.project_id.in_(select(BOARDS.c.id).where(empty))
        removed += connection.execute(delete(target).where(of_empty)).rowcount
    removed += connection.execute(delete(BOARDS).where(empty)).rowcount
    return removed + connection.execute(delete(REPOSITORIES).where(REPOSITORIES.c.id == repository_id)).rowcount


def _people(connection: Connection) -> int:
    """Delete people whom nothing names any more."""
    removed = 0
    for target, column in (("person_name", "person_id"), ("person", "id")):
        nobody = _NOBODY.format(table=column)
        removed += connection.execute(text(f"DELETE FROM {target} WHERE {nobody}")).rowcount  # noqa: S608
    return removed


# --- what is filed under its names


def _under_names(connection: Connection, names: Sequence[str]) -> int:
    lowered = [name.lower() for name in names]
    by_name = (
        delete(WISHES).where(WISHES.c.key.in_(lowered)),
        delete(REFUSED).where(REFUSED.c.key.in_(lowered)),
        delete(USAGE).where(func.lower(USAGE.c.repository).in_(lowered)),
        delete(EXCHANGES).where(func.lower(EXCHANGES.c.repository).in_(lowered)),
    )
    removed = sum(connection.execute(one).rowcount for one in by_name)
    return removed + sum(_mentioning(connection, target, names) for target in (EXCHANGES, USAGE, REFUSED))


def _links_to(connection: Connection, names: Sequence[str]) -> int:
    """Take it from the links of other repositories' items."""
    lowered = {name.lower() for name in names}
    if not lowered:
        return 0
    among = or_(*(func.instr(func.lower(LINKS.c.targets), name) > 0 for name in lowered))
    moved = []
    for row in connection.execute(select(LINKS).where(among)).all():
        told = json.loads(row.targets)
        left = [target for target in told if target[0].lower() not in lowered]
        if left != told:
            key = {"r": row.repository_id, "n": row.item_number, "k": row.kind}
            moved.append({**key, "t": compact(left), "gone": len(told) - len(left)})
    if moved:
        mine = (LINKS.c.repository_id == bindparam("r")) & (LINKS.c.item_number == bindparam("n"))
        change = update(LINKS).where(mine & (LINKS.c.kind == bindparam("k"))).values(targets=bindparam("t"))
        connection.execute(change, [{k: v for k, v in row.items() if k != "gone"} for row in moved])
    return sum(row["gone"] for row in moved)


# --- what was concluded of it


def _conclusions(connection: Connection, repository_id: int, names: Sequence[str]) -> int:
    alone = sorted(_own_sprints(connection, repository_id, names))
    removed = sum(_of_sprint(connection, sprint) for sprint in alone) + ledger.forget(connection, alone, names)
    removed += connection.execute(delete(ANSWERS)).rowcount
    return removed + sum(_mentioning(connection, target, names) for target in (*MENTIONING, JOBS))


def _of_sprint(connection: Connection, sprint: str) -> int:
    """Delete what was concluded of a sprint and said of that; jobs that run end by themselves."""
    advice = select(RECOMMENDATIONS.c.id).where(RECOMMENDATIONS.c.sprint_id == sprint)
    about = VERDICTS.c.recommendation_id.startswith(f"action:{sprint}:", autoescape=True)
    waiting = JOBS.c.state != str(JobState.RUNNING)
    rows = (
        delete(VERDICTS).where(or_(VERDICTS.c.recommendation_id.in_(advice), about)),
        delete(ALERTS).where(func.json_extract(ALERTS.c.body, "$.sprint_id") == sprint),
        delete(EXECUTIONS).where(EXECUTIONS.c.run_id.startswith(f"{sprint}/", autoescape=True)),
        delete(JOBS).where(waiting, JOBS.c.key.startswith(f"prose/{sprint}/", autoescape=True)),
        *(
            delete(t).where(t.c.sprint_id == sprint)
            for t in (CONFIRMATIONS, FEATURES, RISKS, RECOMMENDATIONS, INTERVENTIONS, COURSE)
        ),
        delete(RUNS).where(RUNS.c.sprint_id == sprint),
        delete(NOTICED).where(NOTICED.c.sprint_id == sprint),
        delete(MUTES).where(MUTES.c.subject == sprint),
        delete(DIGESTS).where(func.instr(DIGESTS.c.body, f'"{sprint}"') > 0),
        delete(SPRINTS).where(SPRINTS.c.id == sprint),
    )
    return sum(connection.execute(one).rowcount for one in rows)


def _own_sprints(connection: Connection, repository_id: int, names: Sequence[str]) -> set[str]:
    """The sprints that lie in no other repository: as last evaluated, or named after a milestone of it."""
    known = {name.lower() for name in names}
    alone: set[str] = set()
    shared: set[str] = set()
    for sprint_id, body in connection.execute(select(SPRINTS.c.id, SPRINTS.c.body)):
        lies_in = {name.lower() for name in json.loads(body).get("repositories", ())}
        (alone if lies_in and lies_in <= known else shared).add(sprint_id)
    milestones = connection.scalars(select(MILESTONES.c.id).where(MILESTONES.c.repository_id == repository_id))
    return alone | ({f"sprint-{number}" for number in milestones} - shared)


def _mentioning(connection: Connection, target: Table, names: Collection[str]) -> int:
    """Delete the rows in which some text names the repository; of jobs those that do not run."""
    texts = [column for column in target.c if isinstance(column.type, AutoString)]
    keys = list(target.primary_key.columns)
    some = [func.instr(func.lower(column), name.lower()) > 0 for column in texts for name in names]
    if not some:
        return 0
    whole = re.compile("|".join(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)" for name in names), re.IGNORECASE)
    query = select(*keys, *(column.label(f"text_{n}") for n, column in enumerate(texts))).where(or_(*some))
    if target is JOBS:
        query = query.where(JOBS.c.state != str(JobState.RUNNING))
    found = [
        {f"key_{n}": row[n] for n in range(len(keys))}
        for row in connection.execute(query).all()
        if any(whole.search(_ESCAPES.sub(" ", told)) for told in row[len(keys) :] if told)
    ]
    if found:
        same = [column == bindparam(f"key_{n}") for n, column in enumerate(keys)]
        connection.execute(delete(target).where(*same), found)
    return len(found)
