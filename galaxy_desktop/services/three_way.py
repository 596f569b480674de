"""Three ways to see one field: what it was when a change was made, what the change wants, and what GitHub has now.

Pure. Sets (labels, people) are merged element by element, so that what two people added and removed holds together:
they cannot contradict each other. Of a text in lines, lines changed by one side only are merged. A title, a state
and a milestone are one value: changed by both sides to different ones they are a conflict, and a person decides.

`merged` is what GitHub would have afterwards; in a conflict it is what it would have if the change wins, without
losing what the other side did elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from galaxy_desktop.domain.changes import ChangeKind, Value

SETS = (ChangeKind.LABELS, ChangeKind.ASSIGNEES)
ADDING = (ChangeKind.COMMENT, ChangeKind.NEW_ISSUE)
CONTEXT = 2
"""Unchanged lines shown around a changed one."""

DECIDE = "Decide which one holds."
_STATES = {
    "open": "open",
    "closed": "closed as completed",
    "closed:not_planned": "closed as not planned",
    "closed:duplicate": "closed as a duplicate",
}
_FIELDS = {ChangeKind.STATE: "state", ChangeKind.TITLE: "title", ChangeKind.MILESTONE: "milestone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """How a change stands to what GitHub has: see `domain.changes.Comparison`."""

    merged: Value
    lines: tuple[str, ...]
    already: bool = False
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Lines of a merged text; in a conflict `lines` are mine and `theirs` what the other side has there."""

    lines: list[str]
    theirs: list[str] | None = None


@dataclass(frozen=True, slots=True)
class _Edit:
    """That lines `start` to `end` of the base became others."""

    start: int
    end: int
    lines: list[str]


def merge(
    kind: ChangeKind, base: Value, mine: Value, theirs: Value, milestones: Mapping[int, str] | None = None
) -> Merge:
    """What becomes of a change; `milestones` are titles by number, for the lines shown."""
    if kind in ADDING:
        return Merge(merged=mine, lines=tuple(f"+ {line}" for line in _lines(mine)))
    if kind in SETS:
        return _sets(_names(base), _names(mine), _names(theirs))
    if kind is ChangeKind.BODY:
        return _texts(_text(base), _text(mine), _text(theirs))
    return _values(kind, base, mine, theirs, milestones or {})


def same(kind: ChangeKind, one: Value, other: Value) -> bool:
    """Whether two values of a field are one to GitHub: case of names and the ends of lines do not count."""
    if kind in SETS:
        return _folded(_names(one)).keys() == _folded(_names(other)).keys()
    if kind is ChangeKind.BODY:
        return settled(_text(one)) == settled(_text(other))
    return one == other


def settled(text: str) -> str:
    """A text without what differs from one editor to the next: ends of lines, and space at the end."""
    return text.replace("\r\n", "\n").rstrip()


def added(before: Value, after: Value) -> tuple[str, ...]:
    """The names of a set that are only in the later one."""
    known = _folded(_names(before))
    return tuple(name for key, name in sorted(_folded(_names(after)).items()) if key not in known)


def in_words(kind: ChangeKind, value: Value, milestones: Mapping[int, str] | None = None) -> str:
    """A value as people say it."""
    if kind is ChangeKind.STATE:
        return _STATES.get(str(value), str(value))
    if kind is ChangeKind.MILESTONE:
        if not isinstance(value, int):
            return "no milestone"
        return (milestones or {}).get(value) or f"milestone {value}"
    return ", ".join(_names(value)) if isinstance(value, tuple) else _text(value)


# --- one value


def _values(kind: ChangeKind, base: Value, mine: Value, theirs: Value, milestones: Mapping[int, str]) -> Merge:
    was, wanted, has = (in_words(kind, value, milestones) for value in (base, mine, theirs))
    if theirs == mine:
        return Merge(merged=mine, lines=(f"  {has}",), already=True)
    if mine == base:
        return Merge(merged=theirs, lines=(f"  {has}",), already=True)
    lines = (f"- {has}", f"+ {wanted}")
    if theirs == base:
        return Merge(merged=mine, lines=lines)
    conflict = f"The {_FIELDS[kind]} was changed meanwhile, from “{was}” to “{has}”. {DECIDE}"
    return Merge(merged=mine, lines=lines, conflict=conflict)


# --- sets


def _sets(base: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]) -> Merge:
    was, wanted, has = _folded(base), _folded(mine), _folded(theirs)
    after = {key: name for key, name in has.items() if key in wanted or key not in was}
    after |= {key: name for key, name in wanted.items() if key not in was and key not in has}
    lines = []
    for key, name in sorted((has | after).items()):
        sign = " " if key in has and key in after else "+" if key in after else "-"
        lines.append(f"{sign} {name}")
    return Merge(
        merged=tuple(sorted(after.values())), lines=tuple(lines) or ("  (none)",), already=after.keys() == has.keys()
    )


def _folded(names: Iterable[str]) -> dict[str, str]:
    """Names by what GitHub goes by: labels and logins differ in more than case."""
    return {name.casefold(): name for name in names}


# --- text


def _texts(base: str, mine: str, theirs: str) -> Merge:
    was, wanted, has = _lines(base), _lines(mine), _lines(theirs)
    if settled(mine) in (settled(base), settled(theirs)):
        return Merge(merged=theirs, lines=_diff(has, has), already=True)
    if settled(theirs) == settled(base):
        return Merge(merged=mine, lines=_diff(has, wanted))
    pieces = list(_pieces(was, wanted, has))
    merged = [line for piece in pieces for line in piece.lines]
    if merged == has:
        return Merge(merged=theirs, lines=_diff(has, has), already=True)
    text = ("\r\n" if "\r\n" in theirs else "\n").join(merged)
    places = sum(piece.theirs is not None for piece in pieces)
    if not places:
        return Merge(merged=text, lines=_diff(has, merged))
    where = "one place" if places == 1 else f"{places} places"
    conflict = f"The text was changed meanwhile, in {where} where yours changes it too. {DECIDE}"
    return Merge(merged=text, lines=_conflicts(pieces), conflict=conflict)


def _pieces(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> Iterator[_Piece]:
    """The merged text in pieces: edits of the two sides that overlap or touch are one piece, and maybe a conflict."""
    edits = sorted(
        [(edit, True) for edit in _edits(base, mine)] + [(edit, False) for edit in _edits(base, theirs)],
        key=lambda pair: (pair[0].start, pair[0].end),
    )
    done = 0
    while edits:
        first, _ = edits[0]
        end = first.end
        group: list[tuple[_Edit, bool]] = []
        while edits and (not group or edits[0][0].start <= end):
            group.append(edits.pop(0))
            end = max(end, group[-1][0].end)
        yield _Piece(list(base[done : first.start]))
        span = (first.start, end)
        my, their = (_applied(base, span, [e for e, own in group if own is side]) for side in (True, False))
        before = list(base[span[0] : end])
        if their in (my, before):
            yield _Piece(my)
        elif my == before:
            yield _Piece(their)
        else:
            yield _Piece(my, their)
        done = end
    yield _Piece(list(base[done:]))


def _edits(base: Sequence[str], other: Sequence[str]) -> list[_Edit]:
    found = SequenceMatcher(None, base, other).get_opcodes()
    return [_Edit(a, b, list(other[c:d])) for tag, a, b, c, d in found if tag != "equal"]


def _applied(base: Sequence[str], span: tuple[int, int], edits: Sequence[_Edit]) -> list[str]:
    """The lines of a span after the edits of one side, which lie within it in order."""
    out, at = [], span[0]
    for edit in edits:
        out += [*base[at : edit.start], *edit.lines]
        at = edit.end
    return [*out, *base[at : span[1]]]


def _diff(before: Sequence[str], after: Sequence[str]) -> tuple[str, ...]:
    """The difference in lines, with a little of what stays around it."""
    if list(before) == list(after):
        return ("  (no difference)",)
    out: list[str] = []
    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(CONTEXT):
        if out or group[0][1] > 0:
            out.append("  …")
        for tag, a, b, c, d in group:
            if tag == "equal":
                out += [f"  {line}" for line in before[a:b]]
            else:
                out += [*(f"- {line}" for line in before[a:b]), *(f"+ {line}" for line in after[c:d])]
    if group[-1][2] < len(before):
        out.append("  …")
    return tuple(out)


def _conflicts(pieces: Sequence[_Piece]) -> tuple[str, ...]:
    """The places where both sides changed the text, theirs with "-" and mine with "+"."""
    out: list[str] = []
    for number, piece in enumerate(pieces):
        if piece.theirs is None:
            continue
        before = pieces[number - 1].lines[-CONTEXT:] if number else []
        after = pieces[number + 1].lines[:CONTEXT] if number + 1 < len(pieces) else []
        out += ["  …", *(f"  {line}" for line in before), *(f"- {line}" for line in piece.theirs)]
        out += [*(f"+ {line}" for line in piece.lines), *(f"  {line}" for line in after)]
    return (*out, "  …")


def _lines(value: Value) -> list[str]:
    return _text(value).replace("\r\n", "\n").split("\n") if value else []


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _names(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
