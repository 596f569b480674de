"""One hour file from its first line to its last, as portions of records for the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from galaxy_desktop.collect.archive.lines import CutOffFileError, DamagedFileError, blocks
from galaxy_desktop.collect.archive.scan import Scanner, Wanted
from galaxy_desktop.collect.archive.shapes import Told, told
from galaxy_desktop.domain.records import Record
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Repository
from galaxy_desktop.errors import CancelledByUserError

MOST_HELD = 20_000
"""So many records wait for the end of their file; more are handed on before, to keep the memory flat."""
A_PAGE = 500


@dataclass(slots=True)
class Found:
    """What one repository's events told, in the order of the file."""

    records: list[Record] = field(default_factory=list)
    gone: list[tuple[str, datetime]] = field(default_factory=list)
    repository: tuple[datetime, Repository] | None = None

    def pages(self, repository_id: int) -> Iterator[Page]:
        """Pages for the store: the repository first, under the moment at which it was called so."""
        if self.repository is not None:
            at, repository = self.repository
            yield Page(repository_id=repository_id, records=(repository,), observed_at=at)
        for start in range(0, len(self.records), A_PAGE):
            yield Page(repository_id=repository_id, records=tuple(self.records[start : start + A_PAGE]))
        for evidence_id, at in self.gone:
            yield Page(repository_id=repository_id, gone=(evidence_id,), observed_at=at)


Portion = dict[int, Found]


class FileReader:
    """Reads one file for the repositories wanted, and counts; blocking, for a thread of its own."""

    def __init__(self, path: Path, wanted: Wanted, stop: StopFlag | None = None) -> None:
        """Opens nothing yet; `stop` is looked at between blocks."""
        self._path = path
        self._stop = stop
        self.scanner = Scanner(path.name, wanted)
        self.kept: Counter[int] = Counter()
        """Events by repository."""
        self.records: Counter[int] = Counter()
        self.parts: set[tuple[int, int]] = set()
        """Repository and number of the items of which an event told too little for a record."""
        self.damage = ""
        """The sentence that says what is wrong with the file as a whole."""

    def portions(self) -> Iterator[Portion]:
        """The records by repository; of a damaged file, what was handed on before the damage was found.

        Raises:
            CancelledByUserError: the flag was set.
        """
        portion: Portion = {}
        held = 0
        try:
            for block in blocks(self._path):
                if self._stop is not None and self._stop.is_set():
                    raise CancelledByUserError("Stopped.")
                held += self._read(block, portion)
                if held >= MOST_HELD:
                    yield portion
                    portion, held = {}, 0
        except CutOffFileError as error:
            self.damage = str(error)
        except DamagedFileError as error:
            self.damage, portion = str(error), {}
        if portion:
            yield portion

    def _read(self, block: bytes, portion: Portion) -> int:
        held = 0
        for number, event in self.scanner.hits(block):
            try:
                found = told(event)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                self.scanner.complain(number, f"wrong shape of a {event['type']} ({type(error).__name__}: {error})")
                continue
            self._take(found, portion.setdefault(found.repository.id, Found()))
            held += len(found.records)
        return held

    def _take(self, one: Told, into: Found) -> None:
        into.records += one.records
        into.gone += [(evidence_id, one.at) for evidence_id in one.gone]
        seen = (one.repository_seen_at, one.repository)
        if into.repository is None or into.repository[0] < seen[0]:
            into.repository = seen
        self.kept[one.repository.id] += 1
        self.records[one.repository.id] += len(one.records)
        if one.part_of is not None:
            self.parts.add((one.repository.id, one.part_of))
