"""Story points, where a team writes them down: on its Projects board, in a label, or in a title.

The sources are tried in this order, and the first that has a number wins:

1. the number field of a Projects board ("Points", "Estimate", "Size"), as collected;
2. a label: "points: 3", "story points 5", "sp:3", "sp/3", "estimate: 8", "3 points", "3 sp", "3 pts";
3. the title: the same words in brackets or with a colon ("Export, sp: 3"), or a bare whole number in square brackets at its beginning or end: "[3]".

A number is one from 0 to 100 in steps of a half. Hours ("3h", "2 hours") and days are never points. Two labels that
contradict each other say nothing. An item without points is unestimated, which is not zero points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.features.index import Key, key_of

MOST = 100.0
LEAST_SHARE = 0.5
"""Points are used for a set of items when at least this share of it carries them."""
LEAST_ITEMS = 3
RULE = (
    "Points come from the number field of a Projects board, else from a label such as “points: 3”, “sp:3” or “3 points”, "
    "else from a title such as “[3] Export”. Hours are never points. They are used where at least half of the items, and "
    "3 or more, carry them."
)

_NUMBER = r"(?P<{name}>\d{{1,3}}(?:[.,]5|[.,]0)?)"
_WORDED = re.compile(
    rf"^(?:story[\s_-]?points?|points?|pts?|sp|estimate)\s*[:=/\s-]\s*{_NUMBER.format(name='after')}$"
    rf"|^{_NUMBER.format(name='before')}\s*(?:story[\s_-]?points?|points?|pts?|sp)$",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[\[(]([^\[\]()]{1,24})[\])]")
_NAMED = re.compile(
    r"(?:^|[\s,;])(?:story[\s_-]?points?|points?|pts?|sp)\s*[:=]\s*(?P<number>\d{1,3}(?:[.,]5|[.,]0)?)(?![\w.,]*\w)",
    re.IGNORECASE,
)
_BARE = re.compile(r"^\s*\[(?P<first>\d{1,3})\]\s*\S|\S\s*\[(?P<last>\d{1,3})\]\s*$")

Points = Mapping[Key, float]
"""The points of a board by repository id and number."""


def board_points(snapshot: Snapshot) -> dict[Key, float]:
    """What boards say, by item; where two boards differ the one that was changed last wins."""
    found: dict[Key, float] = {}
    rows = [row for board in snapshot.boards for row in board.items if row.points is not None]
    for row in sorted(rows, key=lambda row: (row.updated_at, row.id)):
        if row.points is not None and 0 <= row.points <= MOST:
            found[row.repository_id, row.item_number] = row.points
    return found


def points_of(item: WorkItem, boards: Points) -> float | None:
    """The points of an item, `None` where nobody estimated it."""
    known = boards.get(key_of(item))
    if known is not None:
        return known
    labels = {value for label in item.labels if (value := worded(label)) is not None}
    if labels:
        return labels.pop() if len(labels) == 1 else None
    return in_title(item.title)


def worded(text: str) -> float | None:
    """The number in words such as "sp: 3" or "3 points"; `None` for anything else."""
    found = _WORDED.match(text.strip())
    return _value(found["after"] or found["before"]) if found else None


def in_title(title: str) -> float | None:
    """The points that a title carries: "[3] Export", "Export [3]", "Export (5 pts)"."""
    for inside in _IN_BRACKETS.findall(title):
        value = worded(inside)
        if value is not None:
            return value
    named = _NAMED.search(title)
    if named:
        return _value(named["number"])
    bare = _BARE.search(title)
    return _value(bare["first"] or bare["last"]) if bare else None


def usable(values: Iterable[float | None]) -> tuple[bool, str]:
    """Whether a set of items has enough points to count by them, and if not, why."""
    every = list(values)
    have = sum(value is not None for value in every)
    if have >= LEAST_ITEMS and have >= LEAST_SHARE * len(every):
        return True, ""
    if not have:
        return False, "No item here carries story points."
    return False, f"{have} of {len(every)} items carry points; at least half of them, and {LEAST_ITEMS}, are needed."


def _value(text: str) -> float | None:
    number = float(text.replace(",", "."))
    return number if number <= MOST else None
