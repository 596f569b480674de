"""Which of two versions of a row is right: a pure join, so that order and repetition of pages do not matter.

A row is made of parts. Within a part the newer version wins as a whole; newer means the greater stamp (when GitHub
last changed it, then when we fetched it), and between equal stamps the greater text, which means nothing but is
the same on every machine. The greatest of a set does not depend on the order in which it is looked at: that makes
every permutation and duplication of pages end in the same rows.

Only some of GitHub's lists carry all parts of a pull request: /issues says nothing about its head, no list says
its size. A part that a row does not know is `None` there and never replaces one that is known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Row = dict[str, Any]

EARLIEST = "0001-01-01T00:00:00.000000+00:00"


@dataclass(frozen=True, slots=True)
class Part:
    """Columns that are learned together; `name` is where their stamp is kept in the row's `stamps`."""

    name: str
    columns: tuple[str, ...]


def canonical(values: object) -> str:
    """The one JSON text of these values; moments and days as ISO."""
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"not a value of a row: {value!r}")


def stamp(*moments: datetime | None) -> str:
    """A text that sorts as these UTC moments do."""
    return "|".join(m.isoformat(timespec="microseconds") if m else EARLIEST for m in moments)


def newer(old: Row, new: Row, by: tuple[str, ...]) -> Row:
    """The newer of two whole rows, by the moments in the columns `by`."""
    return _newest(old, new, [stamp(*(row[c] for c in by)) for row in (old, new)], tuple(old))


def join(old: Row, new: Row, by: tuple[str, ...], parts: tuple[Part, ...]) -> Row:
    """The join of two versions of a row: the newer base, and each part from where it is known newest.

    `stamps` in a row is a mapping from a part's name to its stamp, without the parts it does not know.
    """
    apart = {"stamps", "merged_at"}.union(*(part.columns for part in parts))
    base = tuple(column for column in old if column not in apart)
    out = dict(_newest(old, new, [stamp(*(row[c] for c in by)) for row in (old, new)], base))
    stamps: dict[str, str] = {}
    for part in parts:
        # No stamp is less than any: a part that only one row knows comes from there.
        known = [row["stamps"].get(part.name, "") for row in (old, new)]
        best = _newest(old, new, known, part.columns)
        out.update((column, best[column]) for column in part.columns)
        if any(known):
            stamps[part.name] = max(known)
    if "merged_at" in old:
        # A merge is never undone, so a row that says nothing of it knows less, not otherwise.
        out["merged_at"] = max((m for m in (old["merged_at"], new["merged_at"]) if m), default=None)
    return {**out, "stamps": stamps}


def _newest(old: Row, new: Row, stamps: list[str], columns: tuple[str, ...]) -> Row:
    """The row with the greater stamp; between equal ones that with the greater text in these columns."""
    if stamps[0] != stamps[1]:
        return max(zip(stamps, (old, new), strict=True), key=lambda pair: pair[0])[1]
    return max(old, new, key=lambda row: canonical([row[column] for column in columns]))
