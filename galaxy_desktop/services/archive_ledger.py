"""What was read of which file for which repository: the memory of an import, kept as cursors in the store.

A file is remembered with its checksum, so an import that was interrupted goes on with the next file, a file that
was replaced is read again, and a repository that is tracked later gets its own turn. It is noted after its records
are on the disk: a kill costs at most reading one file again, which changes nothing.

A repository of which only the name is known is looked for by name. Its first event tells its id; then the files
before are read once more for that id, because the repository may have had another name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from galaxy_desktop.collect.archive.hours import shelf_of
from galaxy_desktop.collect.archive.lines import DamagedFileError
from galaxy_desktop.collect.archive.manifest import Manifest
from galaxy_desktop.collect.archive.reading import FileReader
from galaxy_desktop.collect.archive.scan import MOST_NAMED, BadLine, Wanted
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.domain.sync import Cursor, Page
from galaxy_desktop.domain.work import Repository

CURSOR = "archive:"
"""How the cursors of imports begin; the month follows, or "other" for files that are not named like hours."""
_OF_A_DIGEST = 12


class Storage(Protocol):
    """What an import needs of the store."""

    def apply(self, page: Page) -> Future[None]:
        """Store a page whole."""
        ...

    def cursor(self, repository_id: int, entity: str) -> Cursor | None:
        """Where reading a list stands."""
        ...

    def repositories(self) -> tuple[Repository, ...]:
        """The tracked repositories."""
        ...

    def wanted(self) -> tuple[str, ...]:
        """Names to be tracked whose repository is not known yet."""
        ...

    def track(self, full_name: str) -> Future[None]:
        """Wish to track a repository."""
        ...

    def known_numbers(self, repository_id: int) -> frozenset[int]:
        """The numbers of the items held."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveResult:
    """What an import did.

    `files` were read now, `files_known` before and not again; `hours_absent` are not in the archive; `failed` are
    files with the sentence why. `events_read` counts everybody's events, `events_kept` ours, `records` what they
    told. `bad` names the first of the `bad_lines`; `old_events` have the shapes of before 2015. `not_found` are
    names without any event; `known_in_part` counts items that exist, but of which no event told enough.
    """

    files: int
    files_known: int
    hours_absent: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    events_read: int
    events_kept: int
    old_events: int
    records: int
    bad_lines: int
    bad: tuple[BadLine, ...]
    not_found: tuple[str, ...]
    known_in_part: int


class Ledger:
    """What was read for whom; blocking, used by one thread at a time."""

    def __init__(self, store: Storage, halt: StopFlag) -> None:
        self._store = store
        self._halt = halt
        self._names = {name.lower(): name for name in store.wanted()}
        self._tracked = {repository.id: repository.full_name for repository in store.repositories()}
        """The last known name of every repository whose id is known."""
        self._ids = set(self._tracked)
        self._paths: dict[Path, str] = {}
        """Every undamaged file that was looked at, with its checksum."""
        self._done: dict[tuple[int, str], dict[str, str]] = {}
        self._kept: dict[tuple[Path, int], int] = {}
        self._records: dict[tuple[Path, int], int] = {}
        self._parts: set[tuple[int, int]] = set()
        self._read_now: set[Path] = set()
        self._searched: set[Path] = set()
        self._given: set[tuple[int, Path]] = set()
        """Which file was read for whom in this run, whatever its name is."""
        self._manifests: dict[Path, Manifest] = {}
        self._looked_for: set[int] = set()
        self.seen = 0
        """How many files were looked at."""
        self.events_kept = 0
        """How many events concerned us so far."""
        self._events = self._old = self._bad_count = 0
        self._bad: list[BadLine] = []

    def read(self, path: Path) -> str:
        """Read a file for those who do not have it yet; the sentence that says what is wrong with it, if anything."""
        first = path not in self._paths
        self.seen += first
        try:
            checksum = self._paths.get(path) or self._checked(path)
        except DamagedFileError as damage:
            return str(damage)
        except OSError as error:
            return f"{path.name} cannot be read: {error.strerror or error}."
        ids = {number for number in self._ids if not self._has(number, path, checksum)}
        names = set() if path in self._searched else set(self._names)
        self._paths[path] = checksum
        if not ids and not names:
            return ""
        wanted = Wanted(ids=set(ids), names=names)
        reader = FileReader(path, wanted, self._halt)
        for portion in reader.portions():
            pages = [page for number, found in portion.items() for page in found.pages(number)]
            for future in [self._store.apply(page) for page in pages]:
                future.result()
        self._count(path, reader, wanted)
        if reader.damage:
            del self._paths[path]
            return reader.damage
        for number in sorted(ids):
            self._given.add((number, path))
            self._note(number, path, checksum)
        self._searched.add(path)
        return ""

    def unfinished(self) -> list[Path]:
        """The files that somebody whose id was learned later still has to be looked for in."""
        return [
            path
            for path, checksum in self._paths.items()
            if any((n, path) not in self._given and not self._has(n, path, checksum) for n in self._ids)
        ]

    def result(self, absent: tuple[str, ...], failed: Mapping[str, str]) -> ArchiveResult:
        """The sums."""
        held = {number: self._store.known_numbers(number) for number in {number for number, _ in self._parts}}
        found = {number for (_, number), kept in self._kept.items() if kept}
        missing = {self._tracked[number] for number in self._looked_for - found}
        if self._read_now:
            known = {name.lower() for name in self._tracked.values()}
            missing |= {name for key, name in self._names.items() if key not in known}
        return ArchiveResult(
            files=len(self._read_now),
            files_known=len(self._paths.keys() - self._read_now),
            hours_absent=absent,
            failed=tuple(sorted(failed.items())),
            events_read=self._events,
            events_kept=self.events_kept,
            old_events=self._old,
            records=sum(self._records.values()),
            bad_lines=self._bad_count,
            bad=tuple(self._bad),
            not_found=tuple(sorted(missing)),
            known_in_part=sum(number not in held[repository] for repository, number in self._parts),
        )

    def _checked(self, path: Path) -> str:
        folder = path.parent
        if folder not in self._manifests:
            self._manifests[folder] = Manifest(folder)
        return self._manifests[folder].check(path)

    def _count(self, path: Path, reader: FileReader, wanted: Wanted) -> None:
        if path not in self._read_now:
            self._events += reader.scanner.events
            self._old += reader.scanner.old_events
            self._bad_count += reader.scanner.bad_count
            self._bad += reader.scanner.bad[: MOST_NAMED - len(self._bad)]
            self._read_now.add(path)
        for number in wanted.ids:
            self.events_kept += reader.kept[number] - self._kept.get((path, number), 0)
            self._kept[path, number] = reader.kept[number]
            self._records[path, number] = reader.records[number]
        self._parts |= reader.parts
        self._looked_for |= wanted.ids & self._tracked.keys()
        for number, name in wanted.learned.items():
            self._ids.add(number)
            self._tracked[number] = name

    # --- cursors

    def _has(self, number: int, path: Path, checksum: str) -> bool:
        shelf, key = shelf_of(path)
        return self._shelf(number, shelf).get(key) == checksum[:_OF_A_DIGEST]

    def _shelf(self, number: int, shelf: str) -> dict[str, str]:
        """The files of one shelf that were read for a repository, each with the beginning of its checksum."""
        if (number, shelf) not in self._done:
            cursor = self._store.cursor(number, CURSOR + shelf)
            self._done[number, shelf] = _noted(cursor.note) if cursor else {}
        return self._done[number, shelf]

    def _note(self, number: int, path: Path, checksum: str) -> None:
        shelf, key = shelf_of(path)
        done = self._shelf(number, shelf)
        done[key] = checksum[:_OF_A_DIGEST]
        note = json.dumps(done, sort_keys=True, separators=(",", ":"))
        cursor = Cursor(repository_id=number, entity=CURSOR + shelf, position=max(done), complete=True, note=note)
        self._store.apply(Page(repository_id=number, cursor=cursor)).result()


def _noted(note: str) -> dict[str, str]:
    """A cursor's note; an unreadable one counts as none, which only costs reading again."""
    try:
        found = json.loads(note)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
