"""The forecast ledger on the disk: entries and outcomes are added and never changed, inputs are kept once.

Whether something is news is decided inside the transaction that adds it, so that a window and a command line that
evaluate at the same time do not both enter it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.ledger import LedgerEntry, Origin, Outcome, is_news
from galaxy_desktop.store.merge import Row, canonical
from galaxy_desktop.store.rows import clean, digest, utc
from galaxy_desktop.store.tables import RepositoryRow, table
from galaxy_desktop.store.tables_ledger import LedgerEntryRow, LedgerInputsRow, LedgerOutcomeRow

ENTRIES = table(LedgerEntryRow)
INPUTS = table(LedgerInputsRow)
OUTCOMES = table(LedgerOutcomeRow)
REPOSITORIES = table(RepositoryRow)

LARGEST_INPUTS = 64 * 2**20
"""What inputs may unpack to; a file from elsewhere could claim anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one evaluation enters: entries, the inputs behind them by digest as canonical JSON, and outcomes.

    `repositories` are the ids of those it was made from; when one of them was forgotten meanwhile, nothing is entered.
    """

    entries: tuple[LedgerEntry, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    outcomes: tuple[Outcome, ...] = ()
    repositories: frozenset[int] = frozenset()


def add(connection: Connection, said: Said, zone: tzinfo | None) -> int:
    """Enter what is news, and the outcomes of sprints that had none; how many entries were made.

    Live entries are thinned out by the rule of `is_news`, with days of `zone`; those of a replay are all entered, once.
    """
    there = select(REPOSITORIES.c.id).where(REPOSITORIES.c.id.in_(sorted(said.repositories)))
    if said.repositories and len(connection.execute(there).all()) < len(said.repositories):
        return 0
    made = 0
    for entry in said.entries:
        if entry.origin is Origin.REPLAY or _news(connection, entry, zone):
            _keep_inputs(connection, entry.inputs_digest, said.inputs)
            made += connection.execute(ENTRIES.insert(), row_of(entry)).rowcount
    for outcome in said.outcomes:
        connection.execute(OUTCOMES.insert(), row_of_outcome(outcome))
    return max(made, 0)


def entries(
    connection: Connection, sprint_id: str | None = None, origin: Origin | None = None
) -> tuple[LedgerEntry, ...]:
    """The entries, oldest first: of one sprint or all, of one origin or both."""
    query = select(ENTRIES).order_by(ENTRIES.c.said_at, ENTRIES.c.digest)
    if sprint_id is not None:
        query = query.where(ENTRIES.c.sprint_id == sprint_id)
    if origin is not None:
        query = query.where(ENTRIES.c.origin == str(origin))
    return tuple(entry_of(dict(row)) for row in connection.execute(query).mappings())


def outcomes(connection: Connection) -> dict[str, Outcome]:
    """How sprints ended, by sprint."""
    found = connection.execute(select(OUTCOMES).order_by(OUTCOMES.c.sprint_id)).mappings()
    return {row["sprint_id"]: Outcome(**row) for row in found}


def unjudged(connection: Connection) -> dict[str, list[tuple[datetime, date | None]]]:
    """The ends that were said of sprints without an outcome, and when; only of sprints that held something."""
    query = (
        select(ENTRIES.c.sprint_id, ENTRIES.c.said_at, ENTRIES.c.due_on)
        .where(
            ENTRIES.c.origin == str(Origin.LIVE),
            ENTRIES.c.open + ENTRIES.c.done > 0,
            ENTRIES.c.sprint_id.not_in(select(OUTCOMES.c.sprint_id)),
        )
        .order_by(ENTRIES.c.said_at)
    )
    found: dict[str, list[tuple[datetime, date | None]]] = {}
    for sprint_id, said_at, due_on in connection.execute(query):
        found.setdefault(sprint_id, []).append((said_at, due_on))
    return found


def inputs(connection: Connection, digest_: str) -> str | None:
    """The canonical JSON of inputs; `None` when they are not here or were forgotten with their repository."""
    packed = connection.scalar(select(INPUTS.c.packed).where(INPUTS.c.digest == digest_))
    return unpacked(packed) if packed else None


def forget(connection: Connection, sprints: Collection[str], names: Sequence[str]) -> int:
    """Empty the titles of these sprints' entries and the inputs in which one of these names stands; how many rows."""
    count = 0
    if sprints:
        named = ENTRIES.c.sprint_id.in_(sorted(sprints)) & (ENTRIES.c.sprint_title != "")
        count += connection.execute(update(ENTRIES).where(named).values(sprint_title="")).rowcount
    if names:
        whole = re.compile("|".join(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)" for name in names), re.IGNORECASE)
        kept = connection.execute(select(INPUTS).where(INPUTS.c.packed != "")).all()
        for row in kept:
            if whole.search(unpacked(row.packed)):
                connection.execute(update(INPUTS).where(INPUTS.c.digest == row.digest).values(packed=""))
                count += 1
    return count


# --- rows


def row_of(entry: LedgerEntry) -> Row:
    """An entry as a row; its digest is made from everything that it says."""
    row: Row = {
        "sprint_id": entry.sprint_id,
        "sprint_title": clean(entry.sprint_title),
        "said_at": utc(entry.said_at),
        "due_on": entry.due_on,
        "probability": _number(entry.probability),
        "why_none": entry.why_none,
        "raw_share": _number(entry.raw_share),
        "course": _number(entry.course),
        "weight": _number(entry.weight),
        "before_recalibration": _number(entry.before_recalibration),
        "elapsed": _number(entry.elapsed),
        "open": entry.open,
        "done": entry.done,
        "baselines": canonical({name: _number(value) for name, value in entry.baselines.items()}),
        "engine": entry.engine,
        "seed": entry.seed,
        "inputs_digest": entry.inputs_digest,
        "origin": str(entry.origin),
    }
    return {"digest": entry_digest(row), **row}


def entry_digest(row: Row) -> str:
    """What identifies an entry: made from its row without the title, which may be forgotten."""
    told = {name: value for name, value in row.items() if name not in ("digest", "sprint_title")}
    return digest({**told, "said_at": utc(row["said_at"]).isoformat(), "due_on": str(row["due_on"])})


def entry_of(row: Row) -> LedgerEntry:
    """The entry that a row holds."""
    told = {name: value for name, value in row.items() if name != "digest"}
    baselines = json.loads(row["baselines"])
    if not isinstance(baselines, dict) or not all(v is None or isinstance(v, float) for v in baselines.values()):
        raise ValueError("baselines are not numbers by name")
    return LedgerEntry(**{**told, "baselines": baselines, "origin": Origin(row["origin"])})


def row_of_outcome(outcome: Outcome) -> Row:
    """An outcome as a row."""
    return {
        "sprint_id": outcome.sprint_id,
        "landed": outcome.landed,
        "due_on": outcome.due_on,
        "ended_on": outcome.ended_on,
        "delivered": outcome.delivered,
        "committed": outcome.committed,
        "why": clean(outcome.why),
    }


def packed(text: str) -> str:
    """Inputs as they are kept."""
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def unpacked(stored: str) -> str:
    """Inputs as they were; raises `ValueError` for what `packed` did not make, or what is too large to be inputs."""
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(base64.b64decode(stored, validate=True), LARGEST_INPUTS)
        if not unpacker.eof:
            raise ValueError("the inputs are cut off or too large")
        return raw.decode()
    except (binascii.Error, zlib.error, UnicodeDecodeError) as error:
        raise ValueError("the inputs are damaged") from error


def digest_of_inputs(text: str) -> str:
    """The SHA-256 of canonical inputs, under which they are kept."""
    return hashlib.sha256(text.encode()).hexdigest()


def _number(value: float | None) -> float | None:
    """A plain float, because 1 and 1.0 are different texts and so different digests."""
    return None if value is None else float(value)


def _keep_inputs(connection: Connection, key: str, told: Mapping[str, str]) -> None:
    if key in told and connection.scalar(select(INPUTS.c.digest).where(INPUTS.c.digest == key)) is None:
        connection.execute(INPUTS.insert(), {"digest": key, "packed": packed(told[key])})


def _news(connection: Connection, entry: LedgerEntry, zone: tzinfo | None) -> bool:
    mine = (ENTRIES.c.sprint_id == entry.sprint_id) & (ENTRIES.c.origin == str(Origin.LIVE))
    newest = select(ENTRIES).where(mine).order_by(ENTRIES.c.said_at.desc(), ENTRIES.c.digest.desc()).limit(1)
    found = connection.execute(newest).mappings().one_or_none()
    if found is None:
        return True
    last = entry_of(dict(found))
    if last.said_at > entry.said_at:
        return False  # the clock went back; what was said later stands
    now = entry.said_at.astimezone(zone)
    today = local_day(entry.said_at, now)
    midnight = datetime.combine(today, datetime.min.time(), now.tzinfo)
    said_today = select(ENTRIES.c.said_at).where(mine, ENTRIES.c.said_at >= utc(midnight))
    count = len(connection.execute(said_today).all())
    return is_news(entry, last, same_day=local_day(last.said_at, now) == today, entered_today=count)
