"""The slow full read: what was deleted or moved shows in no list of changes, only by its absence from a full list.

All items are listed in the order of their making, each page under its ETag: a page without news costs a 304, and its
numbers are known from the last time. An item that we hold and the list does not is never believed gone for that
alone, because a page that shrinks while we read hides its neighbor: it is asked for by itself.

- 410, or 404 while the repository can be seen: gone. What was stored stays, marked.
- an answer from another repository: moved there. Here it is gone; there, if we track it, it arrives.
- an answer from ours: it lives, and is stored again.

The same holds for milestones and labels. Deleted comments show in the count that each item carries. Rows that changed are stored
again, which also brings the new names of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote

from galaxy_desktop.collect.answers import PER_PAGE, Answer, GoneError, Row
from galaxy_desktop.collect.reading import Pages, Reading, note_of
from galaxy_desktop.collect.records import converted, item, moment, stamp
from galaxy_desktop.collect.records import repository as repository_of
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Label, Milestone, Repository, WorkItem
from galaxy_desktop.errors import BrokenAnswerError, NoAccessError

ENTITY = "reconcile"
TAIL = "/issues"
PARAMETERS = {"state": "all", "sort": "created", "direction": "asc"}
RESUME_WITHIN = timedelta(hours=1)
"""A read that was cut off longer ago begins anew: its pages are 304 then, where nothing changed."""


class Held(Protocol):
    """What is stored, as far as a full read must know it."""

    def known_numbers(self, repository_id: int) -> frozenset[int]:
        """The numbers of items that are held and not gone."""
        ...

    def comment_ids(self, repository_id: int) -> Mapping[int, frozenset[int]]:
        """The ids of the comments that are held and not gone, by item number; those of reviews apart."""
        ...

    def milestones(self, repository_id: int) -> tuple[Milestone, ...]:
        """The milestones that are held and not gone."""
        ...

    def labels(self, repository_id: int) -> tuple[Label, ...]:
        """The labels that are held and not gone."""
        ...

    def repositories(self) -> tuple[Repository, ...]:
        """The tracked repositories."""
        ...


@dataclass(slots=True)
class Findings:
    """What a full read found: evidence ids, and for moved items where they are now ("o/new#12")."""

    listed: int = 0
    gone: list[str] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    back: list[str] = field(default_factory=list)
    comments: int = 0
    milestones: int = 0
    labels: int = 0

    def sentence(self, full_name: str) -> str:
        """For a person: what was read and what was found."""
        found = [
            _counted(len(self.gone), "deleted"),
            *(f"{one} moved to {where}" for one, where in sorted(self.moved.items())),
            _counted(len(self.back), "found again"),
            _counted(self.milestones, "milestone deleted", "milestones deleted"),
            _counted(self.labels, "label deleted", "labels deleted"),
            _counted(self.comments, "comment deleted", "comments deleted"),
        ]
        said = ", ".join(words for words in found if words) or "nothing was missing"
        return f"Read {full_name} in full: {self.listed:,} items, {said}."


@dataclass(slots=True)
class _Listed:
    """The full list as noted: by page the numbers on it ("1-100"), and how many comments their items said they have."""

    pages: dict[str, str]
    comments: dict[str, int]
    ids: Mapping[int, frozenset[int]]
    begun: str

    def etag(self, reading: Reading, page: int) -> str | None:
        """The ETag of a page whose numbers are known and whose comments are those that we hold.

        Where the counts differ a comment was deleted, or is still to be read: then its items must be seen again.
        """
        numbers = numbers_in(self.pages.get(str(page), ""))
        held = sum(len(self.ids.get(number, ())) for number in numbers)
        same = numbers and self.comments.get(str(page)) == held
        return reading.etag(TAIL, PARAMETERS, page) if same else None

    def take(self, page: int, rows: Sequence[Row]) -> None:
        """Note what a page lists."""
        self.pages[str(page)] = ranges(int(row["number"]) for row in rows)
        self.comments[str(page)] = sum(int(row.get("comments", 0)) for row in rows)

    def end_at(self, page: int) -> None:
        """Forget the pages behind the last one."""
        self.pages = {number: text for number, text in self.pages.items() if int(number) <= page}
        self.comments = {number: count for number, count in self.comments.items() if int(number) <= page}

    def note(self, following: int) -> dict[str, Any]:
        """For the cursor: `following` is the page to be asked next, 0 at the end."""
        return {"pages": self.pages, "comments": self.comments, "next": following, "begun": self.begun}


def _resumed(note: Mapping[str, Any], now: datetime) -> tuple[int, str]:
    """The page to go on with and when the read began; after a long pause what was listed is no longer true."""
    begun = note.get("begun")
    if begun and "next" in note and abs(now - moment(begun)) < RESUME_WITHIN:
        return note["next"], begun
    return 1, stamp(now)


def read_in_full(reading: Reading, held: Held, found: Findings) -> Pages:
    """List everything, then ask for what is missing; goes on where it was cut off."""
    note = note_of(reading.cursor(ENTITY))
    repository_id = reading.repository.id
    known = held.known_numbers(repository_id)  # before listing: what comes meanwhile may miss the list
    page, begun = _resumed(note, reading.clock())
    ids = held.comment_ids(repository_id)
    listed = _Listed(dict(note.get("pages", {})), dict(note.get("comments", {})), ids, begun)
    while page:
        answer = reading.ask(TAIL, PARAMETERS, page, listed.etag(reading, page))
        following = _following(answer, listed.pages, page)
        if not answer.not_modified:
            listed.take(page, answer.rows)
            yield from _dead_comments(reading, listed.ids, answer, found)
        if not following:
            listed.end_at(page)
        yield reading.page(
            records=_items(reading, answer),
            cursor=reading.moved(ENTITY, "", complete=False, note=listed.note(following)),
            validator=reading.validator(TAIL, PARAMETERS, page, answer.etag) if not answer.not_modified else None,
        )
        page = following
    numbers = frozenset(number for text in listed.pages.values() for number in numbers_in(text))
    found.listed = len(numbers)
    homes: dict[str, Repository] = {}
    for number in sorted(known - numbers):
        yield from _one(reading, held, number, homes, found)
    yield from _milestones(reading, held, found)
    yield from _labels(reading, held, found)
    done = {"pages": listed.pages, "comments": listed.comments}
    yield reading.page(cursor=reading.moved(ENTITY, "", complete=True, note=done))


def _following(answer: Answer, pages: Mapping[str, str], page: int) -> int:
    """The number of the next page, 0 at the end; a full page that did not change may have got a successor."""
    if answer.not_modified:
        full = len(numbers_in(pages[str(page)])) >= PER_PAGE
        return page + 1 if full or str(page + 1) in pages else 0
    return page + 1 if answer.more and answer.rows else 0


def _one(reading: Reading, held: Held, number: int, homes: dict[str, Repository], found: Findings) -> Iterator[Page]:
    try:
        answer = reading.github.get(reading.path(f"{TAIL}/{number}"))
    except (GoneError, NoAccessError) as error:
        if isinstance(error, NoAccessError):
            _must_be_reachable(reading)
        found.gone.append(f"{reading.repository.full_name}#{number}")
        yield _gone(reading, number)
        return
    row = _only(answer)
    home = _home(reading, row, homes)
    if home.id == reading.repository.id:
        found.back.append(f"{home.full_name}#{number}")
        yield reading.page(records=converted([row], lambda one: item(one, home, answer.at)))
        return
    where = f"{home.full_name}#{row['number']}"
    found.moved[f"{reading.repository.full_name}#{number}"] = where
    if home.id in {repository.id for repository in held.repositories()}:
        records = converted([row], lambda one: item(one, home, answer.at))
        yield Page(repository_id=home.id, records=records)
    yield _gone(reading, number)


def _gone(reading: Reading, number: int) -> Page:
    """The item is marked; whether it was an issue or a pull request makes no difference to the mark."""
    return reading.page(gone=(f"issue:{reading.repository.full_name}#{number}",), observed_at=reading.clock())


def _must_be_reachable(reading: Reading) -> None:
    """A 404 means that the item is gone only while its repository can be seen: else GitHub's refusal is raised."""
    found = converted(reading.github.get(reading.path("")).rows, repository_of)
    if [one.id for one in found] != [reading.repository.id]:
        raise BrokenAnswerError("GitHub shows another repository under this name. The next sync looks for ours.")


def _home(reading: Reading, row: Row, homes: dict[str, Repository]) -> Repository:
    """The repository that an item says it is in; a new name of ours is still ours."""
    name = str(row.get("repository_url") or "").partition("/repos/")[2] or reading.repository.full_name
    if name.lower() == reading.repository.full_name.lower():
        return reading.repository
    if name not in homes:
        homes[name] = converted([_only(reading.github.get(f"/repos/{name}"))], repository_of)[0]
    return homes[name]


def _milestones(reading: Reading, held: Held, found: Findings) -> Pages:
    """Ask for each milestone that we hold and the list does not."""
    known = frozenset(one.number for one in held.milestones(reading.repository.id))
    listed: set[int] = set()
    page, more = 1, True
    while more:
        answer = reading.ask("/milestones", {"state": "all", "sort": "due_on", "direction": "asc"}, page)
        listed.update(int(row["number"]) for row in answer.rows)
        more, page = answer.more and bool(answer.rows), page + 1
    for number in sorted(known - listed):
        if not _is_there(reading, f"/milestones/{number}"):
            found.milestones += 1
            gone = f"milestone:{reading.repository.full_name}#{number}"
            yield reading.page(gone=(gone,), observed_at=reading.clock())


def _labels(reading: Reading, held: Held, found: Findings) -> Pages:
    """Ask for each label that we hold and the list does not; another one may have got its name meanwhile."""
    known = {label.id: label.name for label in held.labels(reading.repository.id)}
    listed: set[int] = set()
    page, more = 1, bool(known)
    while more:
        answer = reading.ask("/labels", {}, page)
        listed.update(int(row["id"]) for row in answer.rows)
        more, page = answer.more and bool(answer.rows), page + 1
    for number in sorted(known.keys() - listed):
        if not _is_there(reading, f"/labels/{quote(known[number], safe='')}", number):
            found.labels += 1
            gone = f"label:{reading.repository.full_name}#{number}"
            yield reading.page(gone=(gone,), observed_at=reading.clock())


def _dead_comments(reading: Reading, ids: Mapping[int, frozenset[int]], answer: Answer, found: Findings) -> Pages:
    """Mark comments that were deleted: of items that say they have fewer than we hold, each asked for by itself."""
    for row in answer.rows:
        known = ids.get(int(row["number"]), frozenset())
        if len(known) <= int(row.get("comments", len(known))):
            continue
        missing = sorted(known - _comments_of(reading, int(row["number"])))
        dead = tuple(one for one in missing if not _is_there(reading, f"{TAIL}/comments/{one}"))
        found.comments += len(dead)
        gone = tuple(f"comment:{reading.repository.full_name}#{one}" for one in dead)
        yield reading.page(gone=gone, observed_at=reading.clock())


def _is_there(reading: Reading, tail: str, number: int | None = None) -> bool:
    """Whether GitHub shows one thing of a repository that can be seen, and under this id where one is given."""
    try:
        rows = reading.github.get(reading.path(tail)).rows
    except GoneError:
        return False
    except NoAccessError:
        _must_be_reachable(reading)
        return False
    return number is None or any(int(row["id"]) == number for row in rows)


def _comments_of(reading: Reading, number: int) -> frozenset[int]:
    ids: set[int] = set()
    page, more = 1, True
    while more:
        answer = reading.ask(f"{TAIL}/{number}/comments", {}, page)
        ids.update(int(row["id"]) for row in answer.rows)
        more, page = answer.more and bool(answer.rows), page + 1
    return frozenset(ids)


def _items(reading: Reading, answer: Answer) -> tuple[WorkItem, ...]:
    return converted(answer.rows, lambda row: item(row, reading.repository, answer.at))


def _only(answer: Answer) -> Row:
    if len(answer.rows) != 1:
        raise BrokenAnswerError("GitHub sent no item where there should be one. The next sync asks again.")
    return answer.rows[0]


def ranges(numbers: Iterable[int]) -> str:
    """Numbers as a short text: "1-3,7"."""
    parts: list[list[int]] = []
    for number in sorted(set(numbers)):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def numbers_in(text: str) -> frozenset[int]:
    """The numbers that `ranges` wrote."""
    found: set[int] = set()
    for part in text.split(",") if text else ():
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return frozenset(found)


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one}" if count else ""
