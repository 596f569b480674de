"""What a repository, a token or a server does not offer: remembered for a week, never an error.

GitHub says 404, 403 or 410 for a list that is switched off, that this token may not read, or that an older GitHub
Enterprise does not have. The cursor's note keeps the moment beside the token that was told so: another token asks at
once, the same one after a week.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from galaxy_desktop.collect.answers import GoneError
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import moment, stamp
from galaxy_desktop.errors import NoAccessError

ASK_AGAIN = timedelta(days=7)


def is_absent(reading: Reading, note: Mapping[str, Any]) -> bool:
    """Whether a note (or a part of one) says that this token was refused within the last week."""
    since = note.get("absent")
    if not isinstance(since, str) or note.get("token") != reading.github.fingerprint:
        return False
    return reading.clock() - moment(since) < ASK_AGAIN


def absence(reading: Reading, why: object) -> dict[str, Any]:
    """What a note says of something that is not offered, from now on; `why` is the refusal or a sentence."""
    return {"absent": stamp(reading.clock()), "token": reading.github.fingerprint, "why": str(why)}


def optional(reading: Reading, entity: str, pages: Callable[[], Pages]) -> Pages:
    """The pages of a list that may not be offered; when it is not, its cursor remembers that and nothing is lost."""
    if is_absent(reading, note_of(reading.cursor(entity))):
        return
    try:
        yield from pages()
    except (NoAccessError, GoneError) as refusal:
        cursor = reading.cursor(entity)
        note = {**note_of(cursor), **absence(reading, refusal)}
        yield reading.page(cursor=reading.moved(entity, cursor.position, complete=cursor.complete, note=note))
