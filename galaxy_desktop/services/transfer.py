"""`galaxy-desktop import archive | import copy | export copy`: what goes in and out of the local copy in bulk.

Progress goes to stderr, the result to stdout. Ctrl-C ends each of them cleanly: what an import stored so far stays
and is gone on with the next time, a half-written export is removed.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from galaxy_desktop.collect.raw_http import Route
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import clock, egress_guard
from galaxy_desktop.services.archive import ArchiveProgress, ArchiveResult, Days, Fetching, import_archive
from galaxy_desktop.services.egress import Egress
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.handover import Handover, export_to, import_from

Emit = Callable[[str], None]
T = TypeVar("T")
DONE, BROKE = 0, 1
MOST_HOURS_NAMED = 3
EVERY = timedelta(seconds=2)
"""How often a line of progress appears at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What was asked: `what` is "archive" or "copy"; `paths` are files and folders, or the days are named."""

    what: str
    paths: tuple[Path, ...] = ()
    first: date | None = None
    last: date | None = None
    folder: Path | None = None


async def run(
    command: str, transfer: Transfer, folder: DataFolder, repositories: tuple[str, ...], emit: Emit, *, as_json: bool
) -> int:
    """Carry out one import or export and return the exit code."""
    with Store.open(folder) as store:
        if transfer.what == "archive":
            return await _import_archive(store, transfer, folder, repositories, emit, as_json=as_json)
        if command == "import":
            return await _import_copy(store, transfer.paths[0], emit, as_json=as_json)
        return await _export_copy(store, transfer.paths[0], emit, as_json=as_json)


class _Said:
    """Lines of progress on stderr, not too many; may be called on any thread."""

    def __init__(self, now: Callable[[], datetime] = clock.now) -> None:
        self._now = now
        self._last: datetime | None = None

    def say(self, line: Callable[[], str], *, always: bool = False) -> None:
        """Print a line if the last one was long enough ago."""
        at = self._now()
        if always or self._last is None or at - self._last >= EVERY:
            self._last = at
            print(line(), file=sys.stderr, flush=True)  # noqa: T201 - this is what the terminal is for


# --- the archive


async def _import_archive(
    store: Store, transfer: Transfer, folder: DataFolder, repositories: tuple[str, ...], emit: Emit, *, as_json: bool
) -> int:

    settings = Settings.from_text(store.settings())
    gate = Egress(
        clock.now,
        on=settings.flag("network"),
        ledger=store,
        guard=egress_guard.installed(),
        proxy=settings.proxy(),
    )
    said = _Said()
    try:
        result = await import_archive(
            store,
            _sources(transfer),
            repositories=repositories,
            fetching=Fetching(
                url=settings.archive_url(),
                folder=transfer.folder or folder.root / "archive",
                route=Route(gate=gate, proxy=settings.proxy(), ca_bundle=settings.ca_bundle()),
            ),
            progress=lambda step: said.say(lambda: _step(step), always=_is_last(step)),
        )
    finally:
        await asyncio.to_thread(gate.close)
    for sentence in _complaints(result):
        print(sentence, file=sys.stderr)  # noqa: T201 - this is what the terminal is for
    emit(json.dumps(_fields(result), indent=2) if as_json else _summary(result))
    return BROKE if result.failed else DONE


def _sources(transfer: Transfer) -> Sequence[Path] | Days:
    days = transfer.first, transfer.last
    if transfer.paths and any(days):
        raise WrongUseError("Name files, or days with --from and --to, not both.")
    if transfer.paths:
        return transfer.paths
    if transfer.first is not None and transfer.last is None:
        raise WrongUseError(f"Say with --to which day is the last one, such as --to {transfer.first}.")
    if transfer.first is None and transfer.last is not None:
        raise WrongUseError(f"Say with --from which day is the first one, such as --from {transfer.last}.")
    if transfer.first is None or transfer.last is None:
        raise WrongUseError("Name files or a folder, or days with --from and --to.")
    return Days(transfer.first, transfer.last)


def _is_last(step: ArchiveProgress) -> bool:
    return step.stage == "reading" and step.files_done == step.files


def _step(step: ArchiveProgress) -> str:
    if step.stage == "downloading":
        of = f" of {step.bytes_total / 1e6:,.0f}" if step.bytes_total else ""
        return f"Downloading {step.file}: {step.bytes_done / 1e6:,.1f}{of} MB."
    left = f" About {_duration(step.seconds_left)} left." if step.files_done < step.files else ""
    return f"{step.files_done} of {step.files}: {step.file} read, {count(step.events_kept, 'event')} kept so far.{left}"


def _duration(seconds: float | None) -> str:
    minutes = round((seconds or 0) / 60)
    if minutes < 1:
        return "a minute"
    return count(minutes, "minute") if minutes < 120 else count(round(minutes / 60), "hour")


def _complaints(result: ArchiveResult) -> list[str]:
    """What did not go as it should, for stderr: files and lines with their place."""
    lines = [sentence for _, sentence in result.failed]
    lines += [str(one) for one in result.bad]
    if result.bad_lines > len(result.bad):
        lines.append(f"... and {count(result.bad_lines - len(result.bad), 'more bad line')}.")
    return lines


def _summary(result: ArchiveResult) -> str:
    parts = [
        f"Read {count(result.files, 'file')} with {count(result.events_read, 'event')}; kept "
        f"{count(result.events_kept, 'event')} of your repositories: {count(result.records, 'record')}."
    ]
    if result.files_known:
        parts.append(f"{count(result.files_known, 'file')} had been read before.")
    if absent := result.hours_absent:
        more = f" and {len(absent) - MOST_HOURS_NAMED} more" if len(absent) > MOST_HOURS_NAMED else ""
        parts.append(f"Not in the archive: {', '.join(absent[:MOST_HOURS_NAMED])}{more}.")
    if result.bad_lines:
        parts.append(f"{count(result.bad_lines, 'bad line')} left out.")
    if result.old_events:
        parts.append(f"{count(result.old_events, 'event')} of the shapes before 2015 left out.")
    if result.known_in_part:
        parts.append(f"{count(result.known_in_part, 'item')} known in part only; the next sync completes them.")
    if result.not_found:
        parts.append(f"No event was found of {', '.join(result.not_found)}.")
    if result.failed:
        parts.append(f"{count(len(result.failed), 'file')} could not be used.")
    return "\n".join(parts)


def _fields(result: ArchiveResult) -> Mapping[str, Any]:
    fields = asdict(result)
    fields["failed"] = [{"file": file, "sentence": sentence} for file, sentence in result.failed]
    return fields


# --- the whole local copy


async def _export_copy(store: Store, path: Path, emit: Emit, *, as_json: bool) -> int:
    told = _lines(_Said(), "Written")
    handover = await _stoppable(lambda stop: export_to(store, path, told, now=clock.now(), stop=stop))
    _tell(handover, path, f"Wrote {count(handover.lines, 'record')} to {path}.", emit, as_json=as_json)
    return DONE


async def _import_copy(store: Store, path: Path, emit: Emit, *, as_json: bool) -> int:
    told = _lines(_Said(), "Read")
    handover = await _stoppable(lambda stop: import_from(store, path, told, stop=stop))
    _tell(handover, path, f"Took over {count(handover.lines, 'record')} from {path}.", emit, as_json=as_json)
    return DONE


def _tell(handover: Handover, path: Path, sentence: str, emit: Emit, *, as_json: bool) -> None:
    fields = {"file": str(path), "lines": handover.lines, "counts": dict(handover.counts)}
    emit(json.dumps(fields, indent=2) if as_json else sentence)


def _lines(said: _Said, verb: str) -> Callable[[int, int], None]:
    """Progress in lines; before the first one there is nothing to say."""
    return lambda done, total: said.say(lambda: f"{verb} {done:,} of {total:,} lines.") if done else None


async def _stoppable(work: Callable[[StopFlag], T]) -> T:
    """Blocking work on a thread that is told to stop when this is cancelled; the program's end waits for it."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(work, stop)
    finally:
        stop.set()


def count(number: int, word: str) -> str:
    """A number with its word, in the plural where that is right."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
