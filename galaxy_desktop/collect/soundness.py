"""Whether a record holds what its fields say: JSON may carry a number where GitHub has always sent a text.

Such a record would pass on to the store and break there, far from the answer that it came from. What is looked at is
what JSON can get wrong: texts, numbers, lists of texts, and people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

from galaxy_desktop.domain.work import Person


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _person(value: Any) -> bool:
    return isinstance(value, Person) and _number(value.id) and _text(value.login)


def _or_none(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def _many(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, tuple) and all(map(check, value))


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "str": _text,
    "int": _number,
    "str | None": _or_none(_text),
    "int | None": _or_none(_number),
    "Person | None": _or_none(_person),
    "tuple[str, ...]": _many(_text),
    "tuple[str, ...] | None": _or_none(_many(_text)),
    "tuple[Person, ...]": _many(_person),
}


_KNOWN: dict[type, tuple[tuple[str, Callable[[Any], bool]], ...]] = {}
"""What is looked at in each kind of record."""


def _checks(kind: type) -> tuple[tuple[str, Callable[[Any], bool]], ...]:
    if not is_dataclass(kind):
        return ()
    return tuple((field.name, _CHECKS[str(field.type)]) for field in fields(kind) if str(field.type) in _CHECKS)


def must_be_sound(record: Any) -> None:
    """Raise `TypeError` with the name of the first field that holds something else than it says."""
    kind = type(record)
    if kind not in _KNOWN:
        _KNOWN[kind] = _checks(kind)
    for name, check in _KNOWN[kind]:
        if not check(getattr(record, name)):
            raise TypeError(f"{name} is {getattr(record, name)!r:.40}")
