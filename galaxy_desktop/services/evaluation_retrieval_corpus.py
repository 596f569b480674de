"""What `evaluate retrieval` reads: one repository's folder of records as GitHub sends them, and pairs of related items.

Both come from elsewhere, so every fault is a sentence that names file and line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from galaxy_desktop.collect import records
from galaxy_desktop.domain.work import Comment, Repository, WorkItem
from galaxy_desktop.errors import WrongUseError

T = TypeVar("T")
ITEMS, PULLS, COMMENTS, ABOUT = "issues.jsonl", "pulls.jsonl", "comments.jsonl", "repo.json"
HEADER = "query_number"
SEEN = datetime(1970, 1, 1, tzinfo=UTC)
"""When the records were observed plays no part here."""
MENTION = re.compile(r"(?<![&\w/])#(\d{1,7})\b")


@dataclass(frozen=True, slots=True)
class Corpus:
    """One repository's items by number, the comments on each in order of time, and what each query should find."""

    name: str
    items: Mapping[int, WorkItem]
    comments: Mapping[int, tuple[Comment, ...]]
    relevant: Mapping[int, frozenset[int]]
    left_out: int
    """Pairs that could not be judged: an item is not in the folder, or is not older than the query."""

    @property
    def pairs(self) -> int:
        """How many pairs are judged."""
        return sum(map(len, self.relevant.values()))

    def older(self, number: int) -> list[int]:
        """The items that were there before this one, oldest first."""
        item = self.items[number]
        limit = (item.created_at, item.number)
        found = (one for one in self.items.values() if (one.created_at, one.number) < limit)
        return [one.number for one in sorted(found, key=lambda one: (one.created_at, one.number))]


def read_corpus(folder: Path, pairs: Path | None) -> Corpus:
    """The records of a folder with the pairs of a file; without a file, the pairs are what bodies mention.

    Raises:
        WrongUseError: with what is wrong, naming file and line.
    """
    if not folder.is_dir():
        raise WrongUseError(f"There is no folder {folder}. Name the folder of one repository, with {ITEMS} in it.")
    about = _about(folder)
    items = {item.number: item for item in _rows(folder / ITEMS, lambda row: records.item(row, about, SEEN))}
    if (folder / PULLS).is_file():
        pulls = _rows(folder / PULLS, lambda row: records.item(row, about, SEEN))
        items |= {pull.number: pull for pull in pulls if pull.number not in items}
    if not items:
        raise WrongUseError(f"{folder / ITEMS} is empty. It needs one issue or pull request a line, as JSON.")
    comments: dict[int, list[Comment]] = {}
    if (folder / COMMENTS).is_file():
        for comment in _rows(folder / COMMENTS, lambda row: records.comment(row, about, SEEN)):
            comments.setdefault(comment.item_number, []).append(comment)
    threads = {n: tuple(sorted(some, key=lambda c: (c.created_at, c.id))) for n, some in comments.items()}
    named = list(_mentions(items)) if pairs is None else read_pairs(pairs)
    relevant: dict[int, set[int]] = {}
    for query, target in named:
        if query in items and target in items and _when(items[target]) < _when(items[query]):
            relevant.setdefault(query, set()).add(target)
    if not relevant:
        where = f"the bodies of {folder}" if pairs is None else str(pairs)
        raise WrongUseError(
            f"No pair in {where} names an item of {folder} and an older one. Check that they belong together."
        )
    judged = {query: frozenset(targets) for query, targets in sorted(relevant.items())}
    left_out = len(set(named)) - sum(map(len, judged.values()))
    return Corpus(about.full_name, items, threads, judged, left_out)


def read_pairs(path: Path) -> list[tuple[int, int]]:
    """The pairs of a file of two numbers a line, a query and what it should find, parted by a tab; with a header line.

    Raises:
        WrongUseError: with what is wrong, naming file and line.
    """
    found = []
    for number, line in _lines(path, "two item numbers a line, parted by a tab"):
        cells = line.split()
        if number == 1 and cells[0] == HEADER:
            continue
        if len(cells) != 2 or not all(cell.isascii() and cell.isdigit() for cell in cells):
            raise WrongUseError(f"{path}, line {number} is not two item numbers parted by a tab.")
        found.append((int(cells[0]), int(cells[1])))
    if not found:
        raise WrongUseError(f"{path} holds no pair. It needs two item numbers a line, parted by a tab.")
    return found


def _when(item: WorkItem) -> tuple[datetime, int]:
    return item.created_at, item.number


def _mentions(items: Mapping[int, WorkItem]) -> Iterator[tuple[int, int]]:
    """Which items the body of an item names, as "#12": the rule by which the pairs of a file are usually made."""
    for item in items.values():
        for match in MENTION.finditer(item.body):
            yield item.number, int(match[1])


def _about(folder: Path) -> Repository:
    """The repository itself; a folder without it is named like "owner__name"."""
    path = folder / ABOUT
    if not path.is_file():
        return Repository(id=0, full_name=folder.name.replace("__", "/"), url="")
    try:
        return records.repository(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        raise WrongUseError(f"{path} is not a repository as GitHub describes one, in JSON.") from None


def _rows(path: Path, convert: Callable[[Any], T]) -> Iterator[T]:
    for number, line in _lines(path, "one record a line, as JSON"):
        try:
            yield convert(json.loads(line))
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise WrongUseError(
                f"{path}, line {number} cannot be read ({type(error).__name__}: {error}). Each line needs one record as "
                "GitHub sends it, in JSON."
            ) from None


def _lines(path: Path, needs: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            yield from ((n, line) for n, line in enumerate(file, 1) if line.strip())
    except FileNotFoundError:
        raise WrongUseError(f"There is no file {path}. Check the path.") from None
    except UnicodeDecodeError:
        raise WrongUseError(f"{path} is not text in UTF-8. It needs {needs}.") from None
    except OSError as error:
        raise WrongUseError(f"{path} cannot be read: {error.strerror}.") from None
