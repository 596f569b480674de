"""The lines of a handover file: which kinds there are, which fields each has, and how a value is written and checked.

A kind is a table, its fields are the columns, except for what has a meaning in one database only (row numbers).
`docs/handover.md` says the same in words and is checked against this module. Every value of a file is checked here
before anything of it is stored: a file comes from elsewhere, and a value that the program cannot read would stop it
at every start.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, get_args

from sqlmodel import SQLModel

from galaxy_desktop.domain.findings import Progress, Verdict
from galaxy_desktop.domain.repository_facts import CheckSource, LinkKind
from galaxy_desktop.domain.work import ItemKind, State
from galaxy_desktop.store import (
    handover_follow_ups,
    ledger,
    tables,
    tables_advice,
    tables_desk,
    tables_facts,
    tables_ledger,
    tables_log,
)
from galaxy_desktop.store.merge import Row, canonical
from galaxy_desktop.store.rows import OF_A_VERSION, clean
from galaxy_desktop.store.rows_facts import compact

FORMAT = "galaxy-desktop local copy"
VERSION = 3
"""The second has commits of pull requests and the forecast ledger, the third what came of accepted actions; older files
are read like those of a copy that has none of it yet."""

HEADER = "header"
BIGGEST = 2**63

_NAME = re.compile(r"[\w.-]+/[\w.-]+")


class BadLineError(ValueError):
    """A line that is not what the format says; the text says why, without file and number."""


def _spaced(values: object) -> str:
    return json.dumps(values, ensure_ascii=False)


INSIDE: dict[str, Callable[[object], str]] = {
    "assignees": _spaced,
    "requested_reviewers": _spaced,
    "labels": _spaced,
    "files": _spaced,
    "stamps": canonical,
    "content": canonical,
    "branches": compact,
    "targets": compact,
    "commits": compact,
}
"""Columns that hold JSON are JSON in the file too; this is how each is written back as the text it was."""

ELEMENTS: dict[str, tuple[type | UnionType, ...]] = {
    "assignees": (int,),
    "requested_reviewers": (int,),
    "labels": (str,),
    "files": (str,),
    "branches": (str, str, bool),
    "targets": (str, int, str, str),
    "commits": (str, str, int | None, datetime, datetime),
}
"""What the elements of these lists are: a value, or a list of values; a moment is a text, with its time zone."""

WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "item": {"kind": tuple(ItemKind), "state": tuple(State)},
    "milestone": {"state": tuple(State)},
    "milestone_version": {"state": tuple(State)},
    "check": {"source": tuple(CheckSource)},
    "links": {"kind": tuple(LinkKind)},
    "gone": {"kind": ("item", "milestone", "comment", "label", "release", "deployment")},
    "verdict": {"verdict": tuple(Verdict)},
    "follow_up": {"progress": tuple(Progress)},
}


@dataclass(frozen=True)
class Field:
    """One field of a kind; a column named "kind" is called "type" in a file, where `kind` is that of the line."""

    column: str
    type: str
    optional: bool
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What it is called in a file."""
        return "type" if self.column == "kind" else self.column


@dataclass(frozen=True)
class RecordKind:
    """One kind of line; `order` sorts its rows in a file, `about` says what a line is."""

    name: str
    model: type[SQLModel]
    order: tuple[str, ...]
    about: str
    at_home: tuple[str, ...] = ()

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields in the order in which they are written."""
        words = WORDS.get(self.name, {})
        named = [(name, info.annotation) for name, info in self.model.model_fields.items() if name not in self.at_home]
        return tuple(Field(name, _type(name, of), NoneType in get_args(of), words.get(name, ())) for name, of in named)


def _type(name: str, annotation: Any) -> str:
    if name in INSIDE:
        return "list" if name in ELEMENTS else "object"
    plain = next((a for a in get_args(annotation) if a is not NoneType), annotation)
    return {str: "text", int: "integer", float: "number", bool: "yes or no", datetime: "moment", date: "day"}[plain]


KINDS = (
    RecordKind("repository", tables.RepositoryRow, ("id",), "a repository; `known` is false for a bare id"),
    RecordKind(
        "repository_name",
        tables_facts.RepositoryNameRow,
        ("repository_id", "full_name"),
        "a name a repository was ever stored under",
    ),
    RecordKind("person", tables.PersonRow, ("id",), "somebody with the login seen last"),
    RecordKind(
        "person_name", tables_facts.PersonNameRow, ("person_id", "login"), "a login somebody was seen under, and when"
    ),
    RecordKind("label", tables.LabelRow, ("repository_id", "id"), "a label"),
    RecordKind("milestone", tables.MilestoneRow, ("repository_id", "number"), "a milestone as last seen"),
    RecordKind(
        "milestone_version",
        tables.MilestoneVersionRow,
        ("repository_id", "number", "updated_at", "digest"),
        "a version of a milestone that was seen",
    ),
    RecordKind("item", tables.WorkItemRow, ("repository_id", "number"), "an issue or pull request", ("key",)),
    RecordKind(
        "item_version",
        tables.ItemVersionRow,
        ("repository_id", "number", "updated_at", "digest"),
        "a version of an item that was seen",
    ),
    RecordKind("comment", tables.CommentRow, ("repository_id", "review", "id"), "a comment", ("key",)),
    RecordKind("review", tables.ReviewRow, ("repository_id", "id"), "a review"),
    RecordKind("commit", tables.CommitRow, ("repository_id", "sha"), "a commit"),
    RecordKind("run", tables.WorkflowRunRow, ("repository_id", "id"), "a run of a workflow"),
    RecordKind("event", tables.ItemEventRow, ("repository_id", "id"), "something that happened to an item"),
    RecordKind("check", tables_facts.CheckRow, ("repository_id", "source", "id"), "a check run or commit status"),
    RecordKind("release", tables_facts.ReleaseRow, ("repository_id", "id"), "a release"),
    RecordKind("deployment", tables_facts.DeploymentRow, ("repository_id", "id"), "a deployment"),
    RecordKind("branches", tables_facts.BranchListRow, ("repository_id",), "all branches of a repository"),
    RecordKind(
        "links",
        tables_facts.ItemLinksRow,
        ("repository_id", "item_number", "kind"),
        "all links of one kind from one item",
    ),
    RecordKind(
        "pull_commits",
        tables_facts.PullCommitsRow,
        ("repository_id", "item_number"),
        "the commits of one pull request, the oldest first",
    ),
    RecordKind("board", tables_facts.BoardRow, ("id",), "a board with all that was seen of it, see below"),
    RecordKind("gone", tables.GoneRow, ("repository_id", "kind", "number"), "GitHub said that this is gone"),
    RecordKind("verdict", tables_log.VerdictRow, ("recommendation_id",), "what the team said of a recommendation"),
    RecordKind(
        "follow_up",
        tables_advice.InterventionRow,
        ("id",),
        "an accepted action and what came of it; `body` is all of it as JSON",
    ),
    RecordKind("confirmation", tables_log.ConfirmationRow, ("sprint_id",), "somebody agreed with a sprint"),
    RecordKind(
        "forecast",
        tables_log.ForecastRow,
        ("sprint_id", "as_of", "digest"),
        "an entry of the forecast ledger; `body` is its text as it was written",
        ("id",),
    ),
    RecordKind(
        "ledger_inputs",
        tables_ledger.LedgerInputsRow,
        ("digest",),
        "the inputs of forecasts: JSON, packed by zlib, as base64; `digest` is the SHA-256 of that JSON",
    ),
    RecordKind(
        "ledger_entry",
        tables_ledger.LedgerEntryRow,
        ("said_at", "digest"),
        "a forecast as it was said; `digest` is made from all of it but the title",
    ),
    RecordKind("outcome", tables_ledger.LedgerOutcomeRow, ("sprint_id",), "how a sprint came out"),
    RecordKind("read", tables_desk.ListMarkRow, ("repository_id", "entity"), "when a list was last read"),
    RecordKind(
        "reconciled", tables_desk.ReconcileMarkRow, ("repository_id",), "when a repository was last read in full"
    ),
    RecordKind("cursor", tables.CursorRow, ("repository_id", "entity"), "where reading a list stands"),
)
"""In the order of a file: what others refer to first, cursors last, so that what they promise is there before."""

BY_NAME = {kind.name: kind for kind in KINDS}

BOARD_PARTS = {
    "iterations": RecordKind("iteration", tables_facts.IterationRow, ("id",), "an iteration", ("project_id",)),
    "items": RecordKind("board_item", tables_facts.BoardItemRow, ("id",), "an item of the board", ("project_id",)),
    "spans": RecordKind(
        "board_span",
        tables_facts.BoardSpanRow,
        ("item_id", "iteration_id"),
        'when an item was first and last seen in an iteration ("": in none)',
        ("project_id",),
    ),
    "looks": RecordKind("board_look", tables_facts.BoardLookRow, ("at",), "when it was looked at", ("project_id",)),
}
"""What a line of a board holds beside its own fields: lists of these."""


# --- writing


def written(kind: RecordKind, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the values of a line."""
    return {field.name: _written(field, row[field.column]) for field in kind.fields}


def _written(field: Field, value: Any) -> Any:
    if value is None:
        return None
    match field.type:
        case "moment":
            return utc_text(value)
        case "day":
            return value.isoformat()
        case "list" | "object":
            return json.loads(value)
        case _:
            return value


def utc_text(moment: datetime) -> str:
    """A moment as files hold it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def line_of(kind: str, values: Mapping[str, Any]) -> bytes:
    """One line with its end."""
    text = json.dumps({"kind": kind, **values}, ensure_ascii=False, separators=(",", ":"))
    return clean(text).encode() + b"\n"


# --- reading


def read_line(line: bytes) -> tuple[str, dict[str, Any]]:
    """The kind and the plain values of a line; raises `BadLineError`."""
    if not line.endswith(b"\n"):
        raise BadLineError("the line is cut off")
    try:
        values = json.loads(line, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise BadLineError("it is not JSON") from error
    if not isinstance(values, dict) or not isinstance(values.get("kind"), str):
        raise BadLineError("it has no kind")
    return values.pop("kind"), values


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def read(kind: RecordKind, values: Mapping[str, Any]) -> Row:
    """The row that a line holds, every value checked; raises `BadLineError`."""
    row = {field.column: _read(field, values) for field in kind.fields}
    if kind.name == "item_version":
        _check_version(values["content"])
    if kind.name in ("ledger_inputs", "ledger_entry"):
        _check_ledger(kind, row)
    if kind.name == "follow_up" and (why := handover_follow_ups.fault(row)):
        raise BadLineError(why)
    if kind.name == "repository" and row["known"] and not _NAME.fullmatch(row["full_name"]):
        raise BadLineError("full_name is not owner/name")
    return row


def _read(field: Field, values: Mapping[str, Any]) -> Any:
    if field.name not in values:
        raise BadLineError(f"{field.name} is missing")
    value = values[field.name]
    if value is None:
        if field.optional:
            return None
        raise BadLineError(f"{field.name} is empty")
    return _parsed(field, value)


def _parsed(field: Field, value: Any) -> Any:
    match field.type, value:
        case "text", str():
            return _text(field, value)
        case "yes or no", bool():
            return value
        case "integer", int() if not isinstance(value, bool) and -BIGGEST <= value < BIGGEST:
            return value
        case "number", int() | float() if not isinstance(value, bool):
            return float(value)
        case "moment", str():
            return _moment(field.name, value)
        case "day", str():
            return _day(field.name, value)
        case "list", list() if all(_fits(element, ELEMENTS[field.name]) for element in value):
            return INSIDE[field.name](value)
        case "object", dict():
            return value if field.name == "stamps" else INSIDE[field.name](value)
    raise BadLineError(f"{field.name} is not {_a(field.type)}")


def _a(what: str) -> str:
    return what if what == "yes or no" else f"an {what}" if what[0] in "aeiou" else f"a {what}"


def _text(field: Field, value: str) -> str:
    if field.words and value not in field.words:
        raise BadLineError(f"{field.name} is none of {', '.join(field.words)}")
    if field.name == "url" and value and not value.startswith(("https://", "http://")):
        raise BadLineError("url is not a web address")
    return clean(value)


def _moment(name: str, value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadLineError(f"{name} is not a moment") from error
    raise BadLineError(f"{name} says no time zone")


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise BadLineError(f"{name} is not a day") from error


def _fits(element: Any, types: tuple[type | UnionType, ...]) -> bool:
    if len(types) == 1:
        return _is(element, types[0])
    return isinstance(element, list) and len(element) == len(types) and all(map(_is, element, types))


def _is(value: Any, of: type | UnionType) -> bool:
    if of is datetime:
        return isinstance(value, str) and _is_moment(value)
    return type(value) in (get_args(of) or (of,))


def _is_moment(value: str) -> bool:
    try:
        _moment("", value)
    except BadLineError:
        return False
    return True


def _check_ledger(kind: RecordKind, row: Row) -> None:
    """A ledger is worth what its entries cannot be changed by: what is filed under a digest must be what made it."""
    if kind.name == "ledger_inputs":
        try:
            found = ledger.digest_of_inputs(ledger.unpacked(row["packed"]))
        except ValueError as error:
            raise BadLineError(f"packed is damaged: {error}") from error
    else:
        try:
            ledger.entry_of(row)
        except (ValueError, TypeError) as error:
            raise BadLineError("baselines or origin cannot be read") from error
        found = ledger.entry_digest(row)
    if found != row["digest"]:
        raise BadLineError("the digest is not that of what it says")


def _check_version(content: Mapping[str, Any]) -> None:
    """What a version tells must be readable as an item again."""
    missing = [name for name in (*OF_A_VERSION, "state_reason") if name not in content]
    if missing:
        raise BadLineError(f"content lacks {', '.join(missing)}")
    if content["kind"] not in tuple(ItemKind) or content["state"] not in tuple(State):
        raise BadLineError("content has an unknown kind or state")
    for name in ("created_at", "closed_at"):
        if name == "created_at" or content[name] is not None:
            _moment(f"content.{name}", str(content[name]))
    for name, of in (("assignees", int), ("labels", str)):
        try:
            told = json.loads(content[name])
        except (TypeError, ValueError) as error:
            raise BadLineError(f"content.{name} is not a list") from error
        if not isinstance(told, list) or any(type(one) is not of for one in told):
            raise BadLineError(f"content.{name} is not a list")
