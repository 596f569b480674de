"""What every reader needs: GitHub, the local state, the repository, and ETags that fit the token."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from galaxy_desktop.collect.answers import PER_PAGE, Answer, GitHubLike, Parameters
from galaxy_desktop.domain.sync import Cursor, Page, Validator
from galaxy_desktop.domain.work import Repository

Pages = Iterator[Page]


class Local(Protocol):
    """What collection must know of what is stored; the store offers it."""

    def cursor(self, repository_id: int, entity: str) -> Cursor | None:
        """Where reading a list stands."""
        ...

    def validator(self, repository_id: int, url: str) -> Validator | None:
        """The ETag last given for a URL."""
        ...


@dataclass(slots=True)
class Ahead:
    """How many rows the last answer promises on later pages."""

    rows: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """One repository being read; `ahead` is brought up to date with every page of a list."""

    github: GitHubLike
    local: Local
    repository: Repository
    clock: Callable[[], datetime]
    ahead: Ahead = field(default_factory=Ahead, compare=False)
    asked_at: datetime | None = None
    """When a person asked for this: lists that were refused before are tried again."""

    def path(self, tail: str) -> str:
        """The path of something in this repository."""
        return f"/repos/{self.repository.full_name}{tail}"

    def ask(self, tail: str, parameters: Parameters, page: int, etag: str | None = None) -> Answer:
        """One page of a list; the page number is always spelled out, so that URLs stay the same."""
        asked = {**parameters, "per_page": PER_PAGE, "page": page}
        answer = self.github.get(self.path(tail), asked, etag)
        self.ahead.rows = max(0, (answer.last_page or page) - page) * PER_PAGE
        return answer

    def cursor(self, entity: str) -> Cursor:
        """Where a list stands, also when it was never read."""
        found = self.local.cursor(self.repository.id, entity)
        return found or Cursor(repository_id=self.repository.id, entity=entity, position="", complete=False)

    def moved(self, entity: str, position: str, *, complete: bool, note: Mapping[str, Any]) -> Cursor:
        """A cursor of this repository; `note` is written so that equal notes are equal texts."""
        text = json.dumps(note, sort_keys=True, separators=(",", ":")) if note else ""
        return Cursor(repository_id=self.repository.id, entity=entity, position=position, complete=complete, note=text)

    def etag(self, tail: str, parameters: Parameters, page: int) -> str | None:
        """The ETag kept for a page of a list under this token."""
        found = self.local.validator(self.repository.id, self._url(tail, parameters, page))
        return found.etag if found else None

    def validator(self, tail: str, parameters: Parameters, page: int, etag: str | None) -> Validator | None:
        """The ETag of a page, to be kept."""
        if etag is None:
            return None
        return Validator(repository_id=self.repository.id, url=self._url(tail, parameters, page), etag=etag)

    def page(self, **parts: Any) -> Page:
        """A page of this repository."""
        return Page(repository_id=self.repository.id, **parts)

    def _url(self, tail: str, parameters: Parameters, page: int) -> str:
        query = "&".join(f"{k}={v}" for k, v in sorted({**parameters, "per_page": PER_PAGE, "page": page}.items()))
        return f"{self.path(tail)}?{query}#{self.github.fingerprint}"


def note_of(cursor: Cursor) -> dict[str, Any]:
    """The note of a cursor as a dict; an unreadable one counts as none, which only costs requests."""
    try:
        found = json.loads(cursor.note) if cursor.note else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
