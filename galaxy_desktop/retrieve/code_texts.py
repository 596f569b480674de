"""Texts of a clone: one a chunk, grouped by file, with the lines they stand on as evidence.

A file's stamp is git's name of its content, so an update reads every file but cuts and embeds those that changed. The
address leads to the lines in the commit at which they were read, as long as that commit has them so: lines that were
never committed have no address. Code is not said at a moment, so all of it is equally old for the order of answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import quote, unquote

from galaxy_desktop.retrieve.clone import Clone, SourceFile
from galaxy_desktop.retrieve.code_chunks import chunks
from galaxy_desktop.retrieve.code_files import kind_of, text_of
from galaxy_desktop.retrieve.texts import FORMAT, Group, Text
from galaxy_desktop.retrieve.words import words

CODE_FORMAT = f"{FORMAT}.1"
TIMELESS = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a file of a repository."""

    repository: str
    path: str
    first: int
    last: int


def evidence_id(place: Place) -> str:
    """How lines are cited: "code:o/r@src/a.py#L3-L9"."""
    return f"{file_id(place.repository, place.path)}#L{place.first}-L{place.last}"


def file_id(repository: str, path: str) -> str:
    """The whole that a chunk belongs to."""
    return f"code:{repository}@{quote(path, safe='/')}"


def place_of(one: str) -> Place:
    """The lines that an evidence id names.

    Raises:
        ValueError: it names no lines.
    """
    repository, found, rest = one.removeprefix("code:").partition("@")
    path, _, lines = rest.rpartition("#L")
    first, _, last = lines.partition("-L")
    if not (one.startswith("code:") and found and path and first.isdecimal() and last.isdecimal()):
        raise ValueError(f"not lines of a file: {one!r}")
    return Place(repository, unquote(path), int(first), int(last))


def symbol_of(text: Text) -> str:
    """The name that a chunk defines, "" for none: the title is the path, and behind it the name."""
    return text.title[len(place_of(text.evidence_id).path) :].removeprefix(": ")


def code_groups(clone: Clone, address: str, now: datetime) -> Iterator[Group]:
    """One group a file; `address` is the repository's page, such as "https://github.com/o/r"."""
    for file in clone.files():
        told = [CODE_FORMAT, file.path, file.blob, str(file.committed and bool(clone.head))]
        stamp = hashlib.blake2b("\0".join(told).encode(), digest_size=16).hexdigest()
        base = f"{address}/blob/{clone.head}/{quote(file.path, safe='/')}" if file.committed and clone.head else ""
        bare = SourceFile(file.path, b"", file.blob, file.committed)
        yield Group(file_id(clone.repository, file.path), stamp, partial(_texts, clone, bare, base, now))


def _texts(clone: Clone, file: SourceFile, base: str, now: datetime) -> tuple[Text, ...]:
    text = text_of(clone.read(file.path))
    if text is None:
        return ()
    kind, found = str(kind_of(file.path)), []
    for chunk in chunks(file.path, text):
        place = Place(clone.repository, file.path, chunk.first, chunk.last)
        if not words(chunk.text):
            continue
        cited = evidence_id(place)
        found.append(
            Text(
                id=cited,
                item=file_id(clone.repository, file.path),
                evidence_id=cited,
                kind=kind,
                repository=clone.repository,
                title=f"{file.path}: {chunk.symbol}" if chunk.symbol else file.path,
                body=chunk.text,
                url=f"{base}#L{chunk.first}-L{chunk.last}" if base else "",
                said_at=TIMELESS,
                changed_at=TIMELESS,
                observed_at=now,
            )
        )
    return tuple(found)
