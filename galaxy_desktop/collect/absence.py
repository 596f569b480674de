"""What a repository, a token or a server does not offer: remembered for a while, never an error.

GitHub says 404, 403 or 410 for a list that is switched off, that this token may not read, or that an older GitHub
Enterprise does not have. The cursor's note keeps the moment beside the token that was told so, and asking again waits:

- after the first refusal for an hour, after the second in a row for a day, then for a week: one odd answer costs an
  hour, a list that is not there costs a request a week;
- a refusal that names a permission or a single sign-on (403) never for more than a day: it may be granted meanwhile;
- a limit is no refusal at all: it is another error, and nothing is remembered of it;
- another token asks at once, and so does a person who asks the window for a sync or a full read.

A list that each item has (the files of a pull request, the links of an issue) is judged by several items: one that was
deleted or that hides something says nothing of the others. Only three different ones in a row, none answered between,
make the list count as not offered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect.answers import GoneError, NotPermittedError
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import moment, stamp
from galaxy_desktop.errors import NoAccessError

PAUSES = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
"""How long a list is left alone after the first, the second and every further refusal in a row."""
MAY_BE_GRANTED = timedelta(days=1)
"""The longest pause after a refusal that somebody can lift without giving another token."""
FORGOTTEN = timedelta(days=14)
"""A refusal that is older than this does not count as the one before."""
ENOUGH = 3
"""So many different items in a row must be refused a list before it counts as not offered."""


def is_absent(reading: Reading, note: Mapping[str, Any]) -> bool:
    """Whether a note (or a part of one) says that this token was refused lately; what came before a person asked counts not."""
    since = note.get("absent")
    if not isinstance(since, str) or note.get("token") != reading.github.fingerprint:
        return False
    if reading.asked_at is not None and since < stamp(reading.asked_at):
        return False
    return reading.clock() - moment(since) < _pause(note)


def _pause(note: Mapping[str, Any]) -> timedelta:
    pause = PAUSES[min(int(note.get("times", len(PAUSES))), len(PAUSES)) - 1]
    return min(pause, MAY_BE_GRANTED) if note.get("grantable") else pause


def absence(reading: Reading, why: object, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a note says of something that is not offered, from now on.

    Args:
        reading: whose token was refused, and when.
        why: the refusal, or a sentence.
        before: what the note said until now, to know how often in a row that was.
    """
    told = {
        "absent": stamp(reading.clock()),
        "token": reading.github.fingerprint,
        "times": _times(reading, before or {}) + 1,
        "why": str(why),
    }
    return told | {"grantable": 1} if _is_grantable(why) else told


def _times(reading: Reading, before: Mapping[str, Any]) -> int:
    """How often in a row this token was refused before."""
    since = before.get("absent")
    if not isinstance(since, str) or before.get("token") != reading.github.fingerprint:
        return 0
    recent = reading.clock() - moment(since) < FORGOTTEN
    return min(int(before.get("times", len(PAUSES))), len(PAUSES)) if recent else 0


def _is_grantable(why: object) -> bool:
    """Whether somebody may lift this refusal while the token stays the same."""
    return isinstance(why, NotPermittedError) or (
        isinstance(why, Exception) and isinstance(why.__cause__, NotPermittedError)
    )


def refused_of_one(reading: Reading, one: int | str, why: object, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a note says of a list that each item has after one item was refused it; an answer takes all of it back.

    Args:
        reading: whose token was refused, and when.
        one: the item's number, or whatever tells it from others.
        why: the refusal.
        before: what the note said until now.
    """
    known = dict(before or {})
    mine = known if known.get("token") == reading.github.fingerprint else {}
    refused = [*(other for other in mine.get("refused", ()) if other != one), one]
    if len(refused) >= ENOUGH:
        return absence(reading, why, mine)
    return {**mine, "token": reading.github.fingerprint, "refused": refused}


def told_by(before: Mapping[str, Any] | None, one: int | str, now: Mapping[str, Any]) -> tuple[Any, ...]:
    """The items whose refusals made a list count as not offered just now, `one` the last: they are due again later."""
    return (*(before or {}).get("refused", ()), one) if "refused" not in now else ()


def optional(reading: Reading, entity: str, pages: Callable[[], Pages]) -> Pages:
    """The pages of a list that may not be offered; when it is not, its cursor remembers that and nothing is lost."""
    if is_absent(reading, note_of(reading.cursor(entity))):
        return
    try:
        yield from pages()
    except (NoAccessError, GoneError) as refusal:
        cursor = reading.cursor(entity)
        note = note_of(cursor)
        told = {**note, **absence(reading, refusal, note)}
        yield reading.page(cursor=reading.moved(entity, cursor.position, complete=cursor.complete, note=told))
