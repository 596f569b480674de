"""What people had written at the moment of an evaluation: the texts that a model's sentence may quote.

Only the few items and comments that sentences quote are read, with the versions of them that were seen: no run holds the
texts of a repository in memory, and no recording more than what was quoted.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from galaxy_desktop.domain.work import Comment, WorkItem
from galaxy_desktop.store import snapshot

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from galaxy_desktop.reason.passages import Wording
    from galaxy_desktop.store.database import Store

_ID = re.compile(r"^(issue|pr|comment):(.+)#(\d+)$")


def wording_of(store: Store, moment: datetime, evidence_ids: Sequence[str]) -> Wording:
    """What the items and comments of some evidence said at an aware moment; blocking.

    Evidence of other kinds, and what is not stored, is in neither part. What is stored and said nothing then (it was not
    written yet, or nobody knows what it said) has an empty text: it cannot be quoted.
    """
    from galaxy_desktop.reason.passages import Wording, wording  # noqa: PLC0415 - with the model

    items, comments, versions = store.read(lambda c: _stored(c, evidence_ids))
    said = wording(items, comments, moment, versions)
    known = (*(one.evidence_id for one in items), *(one.evidence_id for one in comments))
    return Wording(dict.fromkeys(known, "") | said.current, said.outdated)


def _stored(
    connection: Connection, evidence_ids: Iterable[str]
) -> tuple[list[WorkItem], list[Comment], dict[str, tuple[WorkItem, ...]]]:
    """The items and comments of some evidence, and the versions of the items by evidence id."""
    repositories = {one.full_name: one.id for one in snapshot.repositories(connection)}
    items: list[WorkItem] = []
    versions: dict[str, tuple[WorkItem, ...]] = {}
    wanted: defaultdict[int, list[int]] = defaultdict(list)
    for kind, name, number in (match.groups() for i in dict.fromkeys(evidence_ids) if (match := _ID.match(i))):
        repository = repositories.get(name)
        if repository is None:
            continue
        if kind == "comment":
            wanted[repository].append(int(number))
            continue
        found = snapshot.item(connection, repository, int(number))
        if found is not None:
            items.append(found)
            seen = snapshot.item_versions(connection, repository, int(number))
            versions[found.evidence_id] = seen
    comments = [one for repository, ids in wanted.items() for one in snapshot.comments(connection, repository, ids)]
    return items, comments, versions
