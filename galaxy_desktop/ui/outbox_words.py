"""Changes in words: what each does, where it stands, and what a value is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

from galaxy_desktop.domain.change_making import REVERSIBLE
from galaxy_desktop.domain.changes import Change, ChangeKind, ChangeState
from galaxy_desktop.domain.events import DraftsCompared
from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import Tone

STATES = {"open": "Open", "closed": "Closed as done", "closed:not_planned": "Closed as not planned"}
STANDING: dict[ChangeState, tuple[str, Tone]] = {
    ChangeState.DRAFT: ("Draft", Tone.QUIET),
    ChangeState.APPROVED: ("Approved, waits to be sent", Tone.ACCENT),
    ChangeState.SENDING: ("Being sent", Tone.ACCENT),
    ChangeState.SENT: ("Sent", Tone.GOOD),
    ChangeState.CONFLICT: ("Conflict", Tone.BAD),
    ChangeState.PARKED: ("Not sent", Tone.BAD),
    ChangeState.DISCARDED: ("Discarded", Tone.QUIET),
}
WAITING = (ChangeState.DRAFT, ChangeState.CONFLICT, ChangeState.PARKED, ChangeState.APPROVED, ChangeState.SENDING)
TEXTS = (ChangeKind.COMMENT, ChangeKind.TITLE, ChangeKind.BODY, ChangeKind.NEW_ISSUE)
"""Kinds whose wording can be edited; the others are changed again instead."""
MOST_LINES = 14
NOTHING: Mapping[str, str] = MappingProxyType({})
UNDONE = "Another change can undo it."
FOR_GOOD = "It cannot be called back: GitHub tells everybody who watches."


def deed(change: Change) -> str:
    """What a change does, as a heading: "Close api#12"."""
    where = f"{words.repository(change.repository)}#{change.item_number}"
    match change.kind:
        case ChangeKind.STATE:
            return f"Reopen {where}" if change.mine == "open" else f"Close {where}"
        case ChangeKind.NEW_ISSUE:
            return f"New issue {where}" if change.item_number else f"New issue in {words.repository(change.repository)}"
        case ChangeKind.COMMENT:
            return f"Comment on {where}"
        case ChangeKind.BODY:
            return f"Text of {where}"
        case _:
            return f"{change.kind.value.capitalize()} of {where}"


def title(change: Change, known: Callable[[str], str]) -> str:
    """The title of what is changed, "" where nobody knows it; `known` has titles by evidence id."""
    ids = (f"{kind}:{change.target}" for kind in ("issue", "pr"))
    return change.title or next((found for one in ids if (found := known(one))), "")


def consequence(change: Change) -> str:
    """What it is about in full, and whether it can be undone."""
    return f"{change.target}. {UNDONE if change.kind in REVERSIBLE else FOR_GOOD}"


def lines(change: Change, milestones: Mapping[str, str] = NOTHING) -> tuple[str, ...]:
    """What a change does as lines of a diff; "+ ", "- " or "  " in front.

    Against what it was based on; in a conflict against what GitHub has now, for that is what would be replaced.
    `milestones` has the titles of some by their evidence id.
    """
    before = change.theirs if contradicted(change) else change.base
    match change.kind:
        case ChangeKind.LABELS | ChangeKind.ASSIGNEES:
            return _sets(_names(before), _names(change.mine))
        case ChangeKind.NEW_ISSUE:
            return (
                f"+ {change.title}",
                *_wanted(change, milestones),
                *(f"+ {line}" for line in str(change.mine or "").splitlines()),
            )
        case ChangeKind.COMMENT:
            return tuple(f"+ {line}" for line in str(change.mine or "").splitlines())
        case ChangeKind.STATE:
            return (f"- {STATES.get(str(before), before)}", f"+ {STATES.get(str(change.mine), change.mine)}")
        case ChangeKind.MILESTONE:
            return tuple(
                f"{sign} {_milestone(value, change, milestones)}" for sign, value in (("-", before), ("+", change.mine))
            )
        case ChangeKind.BODY:
            from galaxy_desktop.services import three_way  # noqa: PLC0415 - the window's first paint shows no change

            return three_way.merge(change.kind, change.base, change.mine, before).lines
        case _:
            return (f"- {before}", f"+ {change.mine}")


def contradicted(change: Change) -> bool:
    """Whether GitHub has another value now, so that one of the two has to be chosen.

    Other conflicts are obstacles: an item that is gone or locked, a label that is not there any more.
    """
    if change.state is not ChangeState.CONFLICT or change.kind in (ChangeKind.COMMENT, ChangeKind.NEW_ISSUE):
        return False
    return change.theirs != change.base


def in_short(change: Change, milestones: Mapping[str, str] = NOTHING) -> str:
    """What a change did, in one line: "+ urgent   - later"."""
    return "   ".join(line.strip() for line in lines(change, milestones) if line[:1] in "+-")


def standing(change: Change, now: datetime) -> str:
    """Where a change stands, with the moment where there is one; why is in its `error`."""
    said = STANDING[change.state][0]
    if change.state is ChangeState.SENT and change.sent_at is not None:
        return f"{said} {words.clock(change.sent_at, now)}"
    if change.state is ChangeState.APPROVED and change.next_try_at is not None and change.next_try_at > now:
        return f"{said}; next try {words.clock(change.next_try_at, now)}"
    return said


def met_again(event: DraftsCompared) -> str:
    """That GitHub answers again, and what waits for a person since."""
    waits = words.count(event.drafts, "draft waits", "drafts wait")
    said = f"GitHub answers again: {waits} to be looked at and sent."
    if event.conflicts:
        said += f" {words.count(event.conflicts, 'is a conflict', 'are conflicts')} now."
    return said


def origin(change: Change, now: datetime) -> str:
    """Who wanted it, and when."""
    who = "You" if change.who == "user" else f"The {change.who} agent"
    return f"{who}, {words.clock(change.created_at, now)}"


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, tuple) else ()


def _wanted(change: Change, milestones: Mapping[str, str]) -> tuple[str, ...]:
    """What a new issue gets besides its text."""
    out = [("Labels", change.labels), ("Assignees", change.assignees)]
    if change.milestone is not None:
        out.append(("Milestone", (_milestone(change.milestone, change, milestones),)))
    return tuple(f"+ {name}: {', '.join(some)}" for name, some in out if some)


def _sets(base: tuple[str, ...], mine: tuple[str, ...]) -> tuple[str, ...]:
    gone = tuple(f"- {name}" for name in base if name not in mine)
    new = tuple(f"+ {name}" for name in mine if name not in base)
    kept = tuple(f"  {name}" for name in base if name in mine)
    return gone + new + kept


def _milestone(value: object, change: Change, titles: Mapping[str, str]) -> str:
    if value is None:
        return "no milestone"
    return titles.get(f"milestone:{change.repository}#{value}", f"number {value}")
