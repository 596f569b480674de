"""Full-text search over titles, bodies and comments: any text a person types is safe, and answers stay quick.

SQLite ranks by looking at every hit, which takes a second for a word that half of a million rows contain. Nobody
needs the best of half a million: when a query hits more rows than are worth ranking, the newest are taken, those
with the words in their title first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, column, func, literal_column, select, text
from sqlalchemy import table as lightweight
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.evidence import QUOTE_LENGTH, Evidence, excerpt
from galaxy_desktop.store.present import ITEMS, of_present_item, present
from galaxy_desktop.store.rows import clean
from galaxy_desktop.store.snapshot import COMMENTS, repositories

WORD = re.compile(r"\w+")
MOST_WORDS = 12
SHORTEST_BEGINNING = 3
WORTH_RANKING = 3_000


@dataclass(frozen=True, slots=True)
class _Source:
    """One full-text table, the rows it covers, and how its hits are ranked."""

    index: str
    rows: Table
    there: Any
    columns: tuple[Any, ...]
    rank: str

    def query(self, among: Collection[int], *, ranked: bool) -> Select[Any]:
        """Hits among some repositories, the best or the newest first."""
        index = lightweight(self.index, column("rowid"))
        score: ColumnElement[Any] = literal_column(self.rank if ranked else "0.0").label("score")
        hits = and_(index.c.rowid == self.rows.c.key, text(f"{self.index} MATCH :words"))
        query = select(score, *self.columns).select_from(index.join(self.rows, hits))
        query = query.where(self.rows.c.repository_id.in_(sorted(among)), self.there)
        return query.order_by(score if ranked else index.c.rowid.desc())


_ITEMS = _Source(
    "item_text",
    ITEMS,
    present(ITEMS, "item", "number"),
    (
        ITEMS.c.kind,
        ITEMS.c.repository_id,
        ITEMS.c.number,
        ITEMS.c.title,
        ITEMS.c.body,
        ITEMS.c.url,
        ITEMS.c.observed_at,
    ),
    "bm25(item_text, 4.0, 1.0)",
)
_COMMENTS = _Source(
    "comment_text",
    COMMENTS,
    and_(present(COMMENTS, "comment", "id"), of_present_item(COMMENTS)),
    (
        literal_column("'comment'").label("kind"),
        COMMENTS.c.repository_id,
        COMMENTS.c.id.label("number"),
        literal_column("''").label("title"),
        COMMENTS.c.body,
        COMMENTS.c.url,
        COMMENTS.c.observed_at,
    ),
    "bm25(comment_text)",
)


def search_text(
    connection: Connection, query: str, limit: int, repository_ids: Collection[int] | None
) -> tuple[Evidence, ...]:
    """The items and comments that hold the words, those that hold all of them first."""
    words = WORD.findall(clean(query))[:MOST_WORDS]
    names = {r.id: r.full_name for r in repositories(connection) if repository_ids is None or r.id in repository_ids}
    if not words or not names or limit < 1:
        return ()
    found: dict[str, Evidence] = {}
    for expression in _expressions(words):
        hits = [hit for source in (_ITEMS, _COMMENTS) for hit in _hits(connection, source, expression, names, limit)]
        for hit in sorted(hits, key=lambda hit: float(hit.score)):
            evidence_id = f"{hit.kind}:{names[hit.repository_id]}#{hit.number}"
            quote = _quote(hit.title, hit.body, words)
            found.setdefault(evidence_id, Evidence(evidence_id, hit.kind, hit.url, quote, hit.observed_at))
        if len(found) >= limit:
            break
    return tuple(found.values())[:limit]


def _expressions(words: list[str]) -> Iterator[str]:
    """All the words; then with the last as the beginning of one, as somebody is still typing; then any of them."""
    quoted = [f'"{word}"' for word in words]
    yield " AND ".join(quoted)
    if len(words[-1]) >= SHORTEST_BEGINNING:
        quoted[-1] += "*"
        yield " AND ".join(quoted)
    if len(quoted) > 1:
        yield " OR ".join(quoted)


def _hits(connection: Connection, source: _Source, expression: str, names: Collection[int], limit: int) -> list[Any]:
    if _few(connection, source, expression):
        return _run(connection, source, expression, names, limit, ranked=True)
    hits: list[Any] = []
    if source is _ITEMS:
        in_title = f"title : ({expression})"
        hits = _run(connection, source, in_title, names, limit, ranked=_few(connection, source, in_title))
    return hits or _run(connection, source, expression, names, limit, ranked=False)


def _few(connection: Connection, source: _Source, expression: str) -> bool:
    """Whether ranking all hits is quick; stops counting as soon as it is not."""
    index = lightweight(source.index, column("rowid"))
    some = select(index.c.rowid).where(text(f"{source.index} MATCH :words")).limit(WORTH_RANKING + 1).subquery()
    counted = connection.scalar(select(func.count()).select_from(some), {"words": expression})
    return (counted or 0) <= WORTH_RANKING


def _run(
    connection: Connection, source: _Source, expression: str, names: Collection[int], limit: int, *, ranked: bool
) -> list[Any]:
    query = source.query(names, ranked=ranked).limit(limit)
    return list(connection.execute(query, {"words": expression}))


def _quote(title: str, body: str, words: list[str]) -> str:
    """What shows the longest of the words that is there: the title, or its surroundings in the body, as stored."""
    line = " ".join(body.split())
    for word in sorted(words, key=len, reverse=True):
        begins = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)
        if begins.search(title):
            return excerpt(title)
        match = begins.search(line)
        if match is not None:
            around = line.rfind(" ", 0, max(match.start() - QUOTE_LENGTH // 2, 0)) + 1
            return excerpt(line[around:] if match.end() > QUOTE_LENGTH else line)
    return excerpt(title or line)
