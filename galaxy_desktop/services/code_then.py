"""Questions about code as it was at a moment: read from the clone at the commit that was the newest then.

The index knows today's files. A clone also holds what they were: the commit that was current at a moment is the last one
on the branch that is checked out, following first parents, that is not younger. Its files are read from git's objects,
cut as always, and searched by words, without vectors: nobody embeds a past for one question. A clone that does not go
back so far says so.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from galaxy_desktop.domain.code_found import CodeFound, CodeQuestion, CodeWish
from galaxy_desktop.domain.evidence import Evidence, excerpt
from galaxy_desktop.domain.work import Repository
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.services.code_index import QUOTE_LENGTH, sources_of
from galaxy_desktop.services.code_tests import Candidate, Target, ranked
from galaxy_desktop.settings import Settings

if TYPE_CHECKING:
    from galaxy_desktop.retrieve.clone import Clone

logger = logging.getLogger(__name__)

MOST_FOUND = 8
CANDIDATES = 60
IN_NAME = 3
"""A word in the path or in the name that lines define weighs as much as so many in the lines."""
AS_OF = "Code of {} is read at commit {} of {:%Y-%m-%d %H:%M}, the newest then, and searched by words."
TOO_SHORT = "The clone of {} does not go back so far, so its code at that moment is not known."


def code_then(
    question: CodeQuestion, settings: Settings, tracked: Iterable[Repository], moment: datetime
) -> tuple[tuple[CodeFound, ...], tuple[str, ...]]:
    """What the clones that the settings name said to a question at a moment, with sentences about it; blocking."""
    found: list[tuple[float, CodeFound]] = []
    notes: list[str] = []
    addresses = {one.full_name.casefold(): one for one in tracked}
    for name, folder in sorted(sources_of(settings.text("code_folders")).items()):
        known = addresses.get(name.casefold())
        if known is None:
            continue
        try:
            hits, note = _of_clone(question, known, folder, moment)
        except GalaxyError as error:
            hits, note = [], str(error)
        found += hits
        notes.append(note)
    found.sort(key=lambda one: (-one[0], one[1].evidence.id))
    return tuple(one for _, one in found[:MOST_FOUND]), tuple(notes)


def _of_clone(
    question: CodeQuestion, repository: Repository, folder: Path, moment: datetime
) -> tuple[list[tuple[float, CodeFound]], str]:
    from galaxy_desktop.retrieve.clone import open_clone  # noqa: PLC0415 - only where a clone is asked

    clone = open_clone(folder, repository.full_name)
    try:
        then = clone.commit_at(moment)
        if then is None:
            return [], TOO_SHORT.format(repository.full_name)
        base = f"{repository.url.rstrip('/')}/blob/{then.sha}"
        lines = list(_lines(clone, then.sha, question))
        note = AS_OF.format(repository.full_name, then.sha[:9], then.at.astimezone(moment.tzinfo))
        return _best(lines, question, repository.full_name, base, moment), note
    finally:
        clone.close()


class _Lines:
    """Lines of a file as they were, with what they are worth for a question."""

    __slots__ = ("first", "last", "path", "score", "symbol", "text")

    def __init__(self, path: str, first: int, last: int, symbol: str, text: str, score: float) -> None:  # noqa: PLR0917 - a row
        self.path, self.first, self.last, self.symbol, self.text, self.score = path, first, last, symbol, text, score


def _lines(clone: Clone, sha: str, question: CodeQuestion) -> Iterator[_Lines]:
    """The texts of a commit that have words of the question."""
    from galaxy_desktop.retrieve.code_chunks import chunks  # noqa: PLC0415 - only where a clone is asked
    from galaxy_desktop.retrieve.code_files import FileKind, kind_of, text_of  # noqa: PLC0415 - same
    from galaxy_desktop.retrieve.words import words  # noqa: PLC0415 - same

    wanted = set(words(question.subject))
    for file in clone.files_of(sha):
        kind = kind_of(file.path)
        if question.wish is CodeWish.TESTS and kind is not FileKind.TEST:
            continue
        text = text_of(file.data)
        named = wanted & set(words(file.path))
        if text is None or not (named or wanted & set(words(text))):
            continue
        for chunk in chunks(file.path, text):
            inside = wanted & set(words(chunk.text))
            in_name = named | (wanted & set(words(chunk.symbol or "")))
            if inside or in_name:
                score = (len(inside) + IN_NAME * len(in_name)) / max(1, len(wanted))
                yield _Lines(file.path, chunk.first, chunk.last, chunk.symbol or "", chunk.text, score)


def _best(
    lines: Sequence[_Lines], question: CodeQuestion, repository: str, base: str, moment: datetime
) -> list[tuple[float, CodeFound]]:
    best = sorted(lines, key=lambda one: (-one.score, one.path, one.first))[:CANDIDATES]
    if question.wish is CodeWish.TESTS:
        candidates = [Candidate(one.path, one.symbol, one.text, place) for place, one in enumerate(best)]
        target = Target(question.subject.strip("`'\"()"), ())
        return [(score, _found(best[n], repository, base, moment, why)) for n, score, why in ranked(target, candidates)]
    return [(one.score, _found(one, repository, base, moment)) for one in best]


def _found(one: _Lines, repository: str, base: str, moment: datetime, why: str = "") -> CodeFound:
    from galaxy_desktop.retrieve.code_files import kind_of  # noqa: PLC0415 - only where a clone is asked
    from galaxy_desktop.retrieve.code_texts import Place, evidence_id  # noqa: PLC0415 - same

    place = Place(repository, one.path, one.first, one.last)
    url = f"{base}/{quote(one.path, safe='/')}#L{one.first}-L{one.last}"
    evidence = Evidence(evidence_id(place), str(kind_of(one.path)), url, excerpt(one.text, QUOTE_LENGTH), moment)
    lines = f"line {one.first}" if one.first == one.last else f"lines {one.first} to {one.last}"
    what = f" ({one.symbol})" if one.symbol else ""
    return CodeFound(f"{one.path} of {repository}, {lines}{what}", why, evidence)
