"""The inputs of a forecast as canonical JSON and back: equal inputs give the same text, and the text gives the inputs.

Fields are read from the records, so that one that is added later is written without a change here; a text of before lacks
it and gets its default. What came after the first inputs were kept (`LATER`) is written only where there is any, so that
those of before keep their text and their digest. Floats are written so that they come back exactly; sets are sorted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from galaxy_desktop.domain import facts, findings
from galaxy_desktop.domain.findings import ForecastInputs

LATER = frozenset({"earlier", "flow", "grown", "side_by_side", "today_gone", "troubles", "unseen"})
_NAMES = {**vars(facts), **vars(findings), "datetime": datetime, "date": date}


def to_json(inputs: ForecastInputs) -> str:
    """The one text of these inputs."""
    return json.dumps(_plain(inputs), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def from_json(text: str) -> ForecastInputs:
    """The inputs that `to_json` was given; raises `ValueError` for a text that is none."""
    try:
        found = _record(ForecastInputs, json.loads(text))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError("this is no text of forecast inputs") from error
    assert isinstance(found, ForecastInputs)  # noqa: S101 - tells the type checker
    return found


def digest(inputs: ForecastInputs) -> str:
    """The SHA-256 of the canonical text."""
    return hashlib.sha256(to_json(inputs).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        told = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _plain(one) for name, one in told.items() if one or name not in LATER}
    if isinstance(value, frozenset):
        return sorted(map(_plain, value))
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def _record(kind: Any, told: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind, _NAMES)
    return kind(**{name: _value(hints[name], value) for name, value in told.items() if name in hints})


def _value(hint: Any, value: Any) -> Any:
    if get_origin(hint) is UnionType:
        if value is None:
            return None
        hint = next(one for one in get_args(hint) if one is not type(None))
    if is_dataclass(hint):
        return _record(hint, value)
    origin = get_origin(hint)
    if origin is tuple:
        inner = get_args(hint)
        if len(inner) == 2 and inner[1] is Ellipsis:
            return tuple(_value(inner[0], one) for one in value)
        return tuple(_value(one, told) for one, told in zip(inner, value, strict=True))
    if origin is frozenset:
        return frozenset(_value(get_args(hint)[0], one) for one in value)
    if hint in (datetime, date):
        return hint.fromisoformat(value)
    return float(value) if hint is float else value
