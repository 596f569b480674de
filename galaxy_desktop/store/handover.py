"""Handing the whole local copy over: one file of JSON lines that a colleague's program reads and goes on polling from.

The file holds what GitHub told, the team's verdicts with what came of them, confirmed sprints and forecast ledger, and the cursors. It holds
no token, no ETag (they belong to a token), no setting, no audit entry and no draft of a change. The format is in
`handover_format` and `docs/handover.md`.

Both ways stream: rows are read and written a thousand at a time. Writing goes to a file beside the target that takes
its name at the end. Reading goes through the file twice: first every line is checked, and the counts against those of
the header; only then anything is stored, so nothing of a file that is cut off or damaged gets in. Storing is many
transactions, joins that may be repeated, cursors last: an import that is stopped half way has stored true records,
promises nothing about them, and is completed by importing again.
"""

from __future__ import annotations

import gzip
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection

from galaxy_desktop import __version__
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, StoreError, WrongUseError
from galaxy_desktop.store.handover_format import (
    BOARD_PARTS,
    BY_NAME,
    FORMAT,
    HEADER,
    KINDS,
    VERSION,
    BadLineError,
    RecordKind,
    line_of,
    read,
    read_line,
    utc_text,
    written,
)
from galaxy_desktop.store.handover_joins import join_of
from galaxy_desktop.store.merge import Row
from galaxy_desktop.store.tables import table

if TYPE_CHECKING:
    from galaxy_desktop.store.database import Store

Progress = Callable[[int, int], None]
"""Is told how much is done of how much, in lines; reading counts every line twice."""

BinaryFile = IO[bytes] | gzip.GzipFile

AT_ONCE = 1_000
GZIP = b"\x1f\x8b"
WALKS = ("reconcile",)
"""Cursors of walks that lean on this copy's ETags from page to page: they stay at home."""
PRIVATE = ("token", "absent", "why", "chain")
"""What notes of cursors know about one token: its fingerprint, what it may not read and why, its ETags."""


@dataclass(frozen=True, slots=True)
class Handover:
    """What a file holds: who wrote it and when, and how many lines of each kind."""

    program: str
    written_at: datetime
    counts: Mapping[str, int]

    @property
    def lines(self) -> int:
        """Lines without the header."""
        return sum(self.counts.values())


# --- writing


def export_to(
    store: Store,
    path: Path,
    progress: Progress | None = None,
    *,
    now: datetime | None = None,
    stop: StopFlag | None = None,
) -> Handover:
    """Write the whole local copy to a file, as gzip when its name ends in .gz; a file of that name is replaced.

    Two exports of the same data differ in nothing but `now`.

    Raises:
        StoreError: the file cannot be written.
        CancelledByUserError: `stop` was set; no file is left.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    try:
        with _beside(path) as file:
            return store.read(lambda c: _write_all(c, file, moment, _Steps(progress, stop)))
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror or error}). Choose another place.") from error


@contextmanager
def _beside(path: Path) -> Iterator[BinaryFile]:
    """A file that only its owner can read and that takes the name `path` when all of it is on the disk."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with open(descriptor, "wb") as raw:  # noqa: PTH123 - a descriptor, not a path
            if path.suffix == ".gz":
                # Without name and time in it, the same lines are the same bytes.
                with gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as packed:
                    yield packed
            else:
                yield raw
            raw.flush()
            os.fsync(raw.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@dataclass(slots=True)
class _Steps:
    """Tells the progress and looks whether to stop, now and then."""

    progress: Progress | None
    stop: StopFlag | None
    total: int = 0
    done: int = 0

    def more(self, lines: int) -> None:
        """So many more lines are done."""
        if self.stop is not None and self.stop.is_set():
            raise CancelledByUserError("The handover was stopped.")
        self.done += lines
        if self.progress is not None:
            self.progress(self.done, self.total)


def _write_all(connection: Connection, file: BinaryFile, moment: datetime, steps: _Steps) -> Handover:
    counts = {kind.name: _count(connection, kind) for kind in KINDS}
    handover = Handover(__version__, moment, counts)
    steps.total = handover.lines
    head = {"format": FORMAT, "version": VERSION, "program": __version__, "written_at": utc_text(moment)}
    file.write(line_of(HEADER, {**head, "counts": counts}))
    steps.more(0)
    for kind in KINDS:
        lines = 0
        for row in _rows(connection, kind):
            file.write(line_of(kind.name, row))
            lines += 1
            if lines == AT_ONCE:
                steps.more(lines)
                lines = 0
        if lines:
            steps.more(lines)
    return handover


def _count(connection: Connection, kind: RecordKind) -> int:
    target = table(kind.model)
    return int(connection.scalar(select(func.count()).select_from(target).where(*_chosen(kind, target))) or 0)


def _chosen(kind: RecordKind, target: Table) -> list[Any]:
    if kind.name == "ledger_inputs":
        return [target.c.packed != ""]  # of what was forgotten there is nothing to hand over
    return [target.c.entity.not_in(WALKS)] if kind.name == "cursor" else []


def _rows(connection: Connection, kind: RecordKind) -> Iterator[Mapping[str, Any]]:
    target = table(kind.model)
    query = select(target).where(*_chosen(kind, target)).order_by(*(target.c[name] for name in kind.order))
    found = connection.execute(query.execution_options(yield_per=AT_ONCE)).mappings()
    for row in found:
        values = written(kind, dict(row))
        if kind.name == "board":
            values.update({name: _part(connection, part, row["id"]) for name, part in BOARD_PARTS.items()})
        elif kind.name == "cursor":
            values["note"] = _note(row["note"])
        yield values


def _part(connection: Connection, part: RecordKind, board_id: str) -> list[dict[str, Any]]:
    target = table(part.model)
    mine = select(target).where(target.c.project_id == board_id).order_by(*(target.c[name] for name in part.order))
    return [written(part, dict(row)) for row in connection.execute(mine).mappings()]


def _note(note: str) -> str:
    """The note of a cursor without what belongs to one token."""
    try:
        told = json.loads(note) if note else {}
    except ValueError:
        return ""
    kept = _public(told)
    return json.dumps(kept, sort_keys=True, separators=(",", ":")) if kept else ""


def _public(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _public(value) for name, value in told.items() if name not in PRIVATE}
    return [_public(value) for value in told] if isinstance(told, list) else told


# --- reading


def import_from(
    store: Store, path: Path, progress: Progress | None = None, *, stop: StopFlag | None = None
) -> Handover:
    """Merge a file into what is stored; reading it again changes nothing.

    Raises:
        WrongUseError: it is no handover file, is of a newer format, or is damaged (with file and line): nothing of it
            was stored.
        StoreError: the database refused; what was stored until then stays, and importing again goes on.
        CancelledByUserError: `stop` was set; the same holds.
    """
    try:
        steps = _Steps(progress, stop)
        checked = _check(path, steps)
        repositories: list[int] = []
        for kind, rows in _batches(path):
            if kind.name == "repository":
                repositories += [row["id"] for row in rows]
            store.write(partial(join_of(kind.name, kind.model), rows=rows)).result()
            steps.more(len(rows))
        store.expect(repositories).result()
    except OSError as error:
        raise WrongUseError(_unreadable(path, error)) from error
    return checked


def _unreadable(path: Path, error: OSError) -> str:
    """Why a file cannot be read, and what to do about it."""
    if isinstance(error, FileNotFoundError):
        return f"{path} is not there. Check its name and folder; `galaxy-desktop export copy FILE` writes such a file."
    if isinstance(error, IsADirectoryError):
        return f"{path} is a folder. Name the file in it that `galaxy-desktop export copy FILE` wrote."
    return (
        f"{path} cannot be read ({error.strerror or error}). Copy it to a place where you may read it, then try again."
    )


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[tuple[int, bytes]]]:
    """The lines of a file with their numbers, gzip or not; damage of the packing is a sentence."""
    number = 0

    def numbered(file: Any) -> Iterator[tuple[int, bytes]]:
        nonlocal number
        for line in file:
            number += 1
            yield number, line

    with path.open("rb") as raw:
        packed = raw.read(2) == GZIP
        raw.seek(0)
        try:
            yield numbered(gzip.GzipFile(fileobj=raw)) if packed else numbered(raw)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise _bad(path, number + 1, "the file is cut off or damaged") from error


def _bad(path: Path, number: int, why: str) -> WrongUseError:
    return WrongUseError(f"{path}, line {number}: {why}. Nothing was imported; ask for the file again.")


def _check(path: Path, steps: _Steps) -> Handover:
    """Go through the whole file without storing anything."""
    with _lines(path) as lines:
        head = _header(path, next(lines, (1, b"")))
        steps.total = 2 * head.lines
        counts = dict.fromkeys(head.counts, 0)
        known = _Known()
        place, number, since = 0, 1, 0
        for number, line in lines:
            try:
                kind, row = _row(line)
                known.check(kind, row)
            except BadLineError as error:
                raise _bad(path, number, str(error)) from error
            if KINDS.index(kind) < place:
                raise _bad(path, number, f"{kind.name} comes too late")
            place = KINDS.index(kind)
            counts[kind.name] = counts.get(kind.name, 0) + 1
            since += 1
            if since == AT_ONCE:
                steps.more(since)
                since = 0
        steps.more(since)
    for name, count in head.counts.items():
        if counts[name] != count:
            raise _bad(path, number, f"the file ends after {counts[name]:,} of {count:,} lines of the kind {name}")
    return head


def _header(path: Path, first: tuple[int, bytes]) -> Handover:
    no_handover = WrongUseError(f"{path} was not written by an export of Galaxy Desktop; nothing was imported.")
    try:
        kind, head = read_line(first[1])
    except BadLineError as error:
        raise no_handover from error
    if kind != HEADER or head.get("format") != FORMAT or not isinstance(head.get("version"), int):
        raise no_handover
    if head["version"] > VERSION:
        raise WrongUseError(
            f"{path} was written by a newer Galaxy Desktop (format {head['version']}, this program reads up to "
            f"{VERSION}). Update the program, then import it; nothing was imported."
        )
    counts = head.get("counts")
    try:
        at = datetime.fromisoformat(str(head.get("written_at")))
    except ValueError as error:
        raise _bad(path, 1, "the header does not say when it was written") from error
    if not isinstance(counts, dict) or not all(name in BY_NAME and type(n) is int for name, n in counts.items()):
        raise _bad(path, 1, "the header does not count the lines")
    return Handover(str(head.get("program", "")), at, {kind.name: counts.get(kind.name, 0) for kind in KINDS})


def _row(line: bytes) -> tuple[RecordKind, Row]:
    name, values = read_line(line)
    if name not in BY_NAME:
        raise BadLineError(f"{name} is no kind of line")
    kind = BY_NAME[name]
    row = read(kind, values)
    if kind.name == "board":
        row.update({part: _parts(values, part, row["id"]) for part in BOARD_PARTS})
    return kind, row


def _parts(values: Mapping[str, Any], name: str, board_id: str) -> list[Row]:
    told = values.get(name)
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise BadLineError(f"{name} is not a list of records")
    kind = BOARD_PARTS[name]
    rows = [{"project_id": board_id, **read(kind, one)} for one in told]
    if len({tuple(row[column] for column in kind.order) for row in rows}) < len(rows):
        raise BadLineError(f"{name} holds something twice")
    return rows


class _Known:
    """Which repositories and people the lines so far told of: whoever is referred to must have come before."""

    def __init__(self) -> None:
        self._repositories: set[int] = set()
        self._people: set[int] = set()

    def check(self, kind: RecordKind, row: Row) -> None:
        """Raise `BadLineError` when a row refers to something that no line before it told of."""
        if kind.name == "repository":
            self._repositories.add(row["id"])
        elif kind.name == "person":
            self._people.add(row["id"])
        if "repository_id" in row and row["repository_id"] not in self._repositories:
            raise BadLineError(f"no line before it tells of the repository {row['repository_id']}")
        missing = [number for number in _named(kind, row) if number not in self._people]
        if missing:
            raise BadLineError(f"no line before it tells of the person {missing[0]}")


def _named(kind: RecordKind, row: Row) -> Iterator[int]:
    """The people a row refers to."""
    told = json.loads(row["content"]) if kind.name == "item_version" else row
    for column in ("author_id", "actor_id", "person_id"):
        if told.get(column) is not None:
            yield told[column]
    for column in ("assignees", "requested_reviewers"):
        if column in told:
            yield from json.loads(told[column])
    if kind.name == "pull_commits":
        yield from (author for _, _, author, _, _ in json.loads(told["commits"]) if author is not None)


def _batches(path: Path) -> Iterator[tuple[RecordKind, Sequence[Row]]]:
    """The rows of a file that was checked, of one kind each; all cursors together, because lists have two."""
    with _lines(path) as lines:
        next(lines)
        batch: list[Row] = []
        last: RecordKind | None = None
        for number, line in lines:
            try:
                kind, row = _row(line)
            except BadLineError as error:
                raise StoreError(
                    f"{path}, line {number}: the file changed while it was read. Import it again."
                ) from error
            if last is not None and batch and (kind != last or (len(batch) >= AT_ONCE and kind.name != "cursor")):
                yield last, batch
                batch = []
            last = kind
            batch.append(row)
        if last is not None and batch:
            yield last, batch
