"""What people wrote as it read at a moment: the texts that a sentence about that moment may quote.

The store keeps every version of an item that was seen, so the title and the text of then can be told from those of
before and after. Of a comment only the newest text is kept: one that was edited after the moment is not quoted, because
nobody knows what it said. What is not quotable is handed on as `outdated`, so that the reason for a removal can be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.work import Comment, WorkItem

LONGEST = 8_000


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts by evidence id: `current` at the moment (the title on the first line), `outdated` before or after it."""

    current: dict[str, str]
    outdated: dict[str, tuple[str, ...]]


def wording(
    items: Iterable[WorkItem],
    comments: Iterable[Comment],
    moment: datetime,
    versions: Mapping[str, Sequence[WorkItem]] | None = None,
) -> Wording:
    """What the items and comments said at `moment`.

    Args:
        items: the items as they are stored now.
        comments: comments as they are stored now.
        moment: an aware datetime; nothing that was written later is quotable.
        versions: stored versions by evidence id, oldest first (`Store.item_versions`, `Store.versions_of_changed`).
    """
    known = versions or {}
    current: dict[str, str] = {}
    outdated: dict[str, tuple[str, ...]] = {}
    for item in items:
        seen = known.get(item.evidence_id) or (item,)
        then = [one for one in seen if one.updated_at <= moment]
        text = _text(then[-1]) if then else ""
        if text:
            current[item.evidence_id] = text
        others = tuple(dict.fromkeys(other for one in seen if (other := _text(one)) != text))
        if others:
            outdated[item.evidence_id] = others
    for comment in comments:
        if comment.updated_at <= moment:
            current[comment.evidence_id] = comment.body[:LONGEST]
        elif comment.created_at <= moment:
            outdated[comment.evidence_id] = (comment.body[:LONGEST],)
    return Wording(current, outdated)


def _text(item: WorkItem) -> str:
    return f"{item.title}\n{item.body}"[:LONGEST].rstrip()
