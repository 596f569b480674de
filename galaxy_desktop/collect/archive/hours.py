"""Names of hours and files: which there are between two days, and in which order they are read.

GH Archive calls an hour "2026-05-01-7": UTC, the hour without a leading zero, one gzip file each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from galaxy_desktop.errors import WrongUseError

FIRST_READ = date(2015, 1, 1)
"""Before, the feed had other shapes."""
SUFFIX = ".json.gz"
KINDS = (".gz", ".json", ".jsonl", ".ndjson")

_HOUR = re.compile(r"^(\d{4}-\d{2}-\d{2})-(\d{1,2})(\.(json|jsonl|ndjson))?(\.gz)?$")
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Days:
    """From the first hour of one day to the last hour of another, in UTC."""

    first: date
    last: date

    def __post_init__(self) -> None:
        """Refuse what no archive can answer."""
        if self.last < self.first:
            raise WrongUseError(f"--to {self.last} is before --from {self.first}. Name the earlier day first.")
        if self.first < FIRST_READ:
            raise WrongUseError(f"Hours before {FIRST_READ} have another shape that is not read. Begin with that day.")

    def hours(self, now: datetime) -> tuple[str, ...]:
        """The names of the hours in order; those that have not ended `now` are left out."""
        moment = datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)
        end = datetime(self.last.year, self.last.month, self.last.day, tzinfo=UTC) + timedelta(days=1)
        end = min(end, now.astimezone(UTC))
        names = []
        while moment + timedelta(hours=1) <= end:
            names.append(f"{moment:%Y-%m-%d}-{moment.hour}")
            moment += timedelta(hours=1)
        return tuple(names)


def day(text: str) -> date:
    """A day that was typed; raises `WrongUseError` for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUseError(f"{text!r} is not a day. Write it like 2026-05-01.") from None


def files_in(places: Iterable[Path]) -> tuple[Path, ...]:
    """The files named, and those in the folders named, each once, in the order of their hours.

    Raises:
        WrongUseError: one of them is not there, or a folder holds nothing that can be read.
    """
    found: dict[Path, Path] = {}
    for place in places:
        if place.is_dir():
            inside = [p for p in place.iterdir() if p.is_file() and p.suffix in KINDS]
            if not inside:
                raise WrongUseError(f"{place} holds no hour files ({', '.join(KINDS)}).")
        elif place.is_file():
            inside = [place]
        else:
            raise WrongUseError(f"{place} is not there. Name a file or a folder, or days with --from and --to.")
        found.update((path.resolve(), path) for path in inside)
    return tuple(sorted(found.values(), key=_order))


def _order(path: Path) -> tuple[int, str, int, str]:
    match = _HOUR.match(path.name)
    return (0, match[1], int(match[2]), path.name) if match else (1, "", 0, path.name)


def shelf_of(path: Path) -> tuple[str, str]:
    """Under which list and which name it is remembered that a file was read: hours by month, others together."""
    match = _HOUR.match(path.name)
    if match is None:
        return _OTHER, path.name
    return match[1][:7], f"{match[1]}-{int(match[2]):02d}"
