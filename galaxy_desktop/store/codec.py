"""Records to JSON and back, exactly: frozen dataclasses, aware moments, days, enums, sets and mappings.

Pydantic does the work from the records' own types, in `store` only: the domain stays free of it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_json(record: object) -> str:
    """The record as JSON, the same text for equal records."""
    kind: Any = type(record)
    return _adapter(kind).dump_json(record).decode()


def from_json(kind: type[T], stored: str) -> T:
    """The record of that kind that `to_json` was given."""
    hashable: Any = kind
    return cast("T", _adapter(hashable).validate_json(stored))
