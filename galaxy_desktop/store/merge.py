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
from collections.abc import Mapping
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
    return max(old, new, key=lambda row: _rank(row, stamp(*(row[c] for c in by)), tuple(row)))


def join(old: Row, new: Row, by: tuple[str, ...], parts: tuple[Part, ...]) -> Row:
    """The join of two versions of a row: the newer base, and each part from where it is known newest.

    `stamps` in a row is a mapping from a part's name to its stamp, without the parts it does not know.
    """
    apart = {"stamps", "merged_at"}.union(*(part.columns for part in parts))
    base = tuple(column for column in old if column not in apart)
    best = max(old, new, key=lambda row: _rank(row, stamp(*(row[c] for c in by)), base))
    out = dict(best)
    stamps: dict[str, str] = {}
    for part in parts:
        knowing = [row for row in (old, new) if part.name in row["stamps"]]
        if knowing:
            known = max(knowing, key=lambda row: _rank(row, row["stamps"][part.name], part.columns))
            out.update((column, known[column]) for column in part.columns)
            stamps[part.name] = known["stamps"][part.name]
        else:
            out.update((column, max(old[column], new[column], key=canonical)) for column in part.columns)
    if "merged_at" in old:
        # A merge is never undone, so a row that says nothing of it knows less, not otherwise.
        out["merged_at"] = max((m for m in (old["merged_at"], new["merged_at"]) if m), default=None)
    return {**out, "stamps": stamps}


def _rank(row: Mapping[str, Any], when: str, columns: tuple[str, ...]) -> tuple[str, str]:
    return when, canonical([row[column] for column in columns])
