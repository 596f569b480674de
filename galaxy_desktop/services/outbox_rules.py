"""Which changes make sense: everything that can be known to be wrong before GitHub is asked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from galaxy_desktop.domain.changes import Change, ChangeKind, Value
from galaxy_desktop.domain.work import ItemKind, Label, Milestone, Repository, State, WorkItem
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services import three_way
from galaxy_desktop.services.comparing import wanted_names

MOST_TEXT = 65_536
"""Characters that GitHub takes in an issue or a comment."""
MOST_TITLE = 256
MOST_ASSIGNEES = 10
LOGIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9-]*(\[bot\])?$")
STATES = ("open", "closed", "closed:not_planned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is stored about what a change is for."""

    repository: Repository | None
    item: WorkItem | None
    labels: tuple[Label, ...] = ()
    milestones: Mapping[int, Milestone] = field(default_factory=dict)


def sensible(change: Change, known: Known) -> Change:
    """The change as it is kept: under the repository's present name, without characters that no file can hold.

    Raises:
        WrongUseError: it makes no sense or changes nothing; the sentence says why.
    """
    if known.repository is None:
        raise WrongUseError(f"{change.repository} is not tracked. Add it in Settings first.")
    change = replace(
        change, repository=known.repository.full_name, title=_clean(change.title).strip(), mine=_cleaned(change.mine)
    )
    if known.repository.archived:
        raise WrongUseError(f"{change.repository} is archived and read-only.")
    if change.kind is ChangeKind.NEW_ISSUE:
        if not known.repository.has_issues:
            raise WrongUseError(f"Issues are switched off in {change.repository}.")
        _title(change.title)
    elif change.item_number is None or known.item is None:
        raise WrongUseError(f"{change.target} is not stored. Sync {change.repository} first.")
    _value(change)
    _names(change, known)
    if change.kind is ChangeKind.STATE and known.item is not None:
        _state(change, known.item)
    if change.kind not in three_way.ADDING and three_way.same(change.kind, change.base, change.mine):
        raise WrongUseError(f"This changes nothing in {change.target}.")
    return change


def _value(change: Change) -> None:
    """That the value fits the kind of change."""
    mine, kind = change.mine, change.kind
    if kind in three_way.SETS:
        if not isinstance(mine, tuple):
            raise WrongUseError("Name labels and people one by one.")
        return
    if kind is ChangeKind.MILESTONE:
        if mine is not None and not isinstance(mine, int):
            raise WrongUseError("Name a milestone by its number.")
        return
    if not isinstance(mine, str):
        raise WrongUseError("Write a text.")
    if kind is ChangeKind.TITLE:
        _title(mine)
    if kind is ChangeKind.COMMENT and not mine.strip():
        raise WrongUseError("The comment is empty. Write something first.")
    if len(mine) > MOST_TEXT:
        raise WrongUseError(f"The text has {len(mine):,} characters; GitHub takes {MOST_TEXT:,}. Shorten it.")


def _title(text: str) -> None:
    if not text.strip():
        raise WrongUseError("The title is empty. Write one.")
    if len(text) > MOST_TITLE:
        raise WrongUseError(f"The title has {len(text)} characters; GitHub takes {MOST_TITLE}. Shorten it.")
    if "\n" in text or "\r" in text:
        raise WrongUseError("A title is one line.")


def _names(change: Change, known: Known) -> None:
    """That labels and milestones exist, and that logins can be logins."""
    labels, people, milestone = wanted_names(change)
    there = {label.name.casefold() for label in known.labels}
    for name in labels:
        if name.casefold() not in there:
            raise WrongUseError(f"{change.repository} has no label “{name}”. Choose one of its labels.")
    for login in people:
        if not LOGIN.match(login):
            raise WrongUseError(f"“{login}” is not a name on GitHub.")
    assigned = change.mine if change.kind is ChangeKind.ASSIGNEES else change.assignees
    if isinstance(assigned, tuple) and len(assigned) > MOST_ASSIGNEES:
        raise WrongUseError(f"GitHub takes {MOST_ASSIGNEES} assignees; these are {len(assigned)}.")
    if milestone is not None:
        _milestone(change, known.milestones.get(milestone), milestone)


def _milestone(change: Change, found: Milestone | None, number: int) -> None:
    if found is None:
        raise WrongUseError(f"{change.repository} has no milestone {number}. Choose one of its milestones.")
    if found.state is State.CLOSED:
        raise WrongUseError(f"The milestone “{found.title}” is closed. Choose an open one.")


def _state(change: Change, item: WorkItem) -> None:
    if change.mine not in STATES:
        raise WrongUseError(f"“{change.mine}” is not a state of {change.target}.")
    if item.kind is ItemKind.PULL_REQUEST:
        if change.mine == "closed:not_planned":
            raise WrongUseError(f"{change.target} is a pull request: it is closed without a reason.")
        if item.merged_at is not None:
            raise WrongUseError(f"{change.target} was merged: it cannot be opened again.")
    if str(change.base).startswith("closed") and str(change.mine).startswith("closed") and change.base != change.mine:
        raise WrongUseError(f"{change.target} is closed already. GitHub takes another reason only after reopening it.")


def _cleaned(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(sorted({_clean(name).strip() for name in value}))
    return _clean(value) if isinstance(value, str) else value


def _clean(text: str) -> str:
    """The text without NUL and half surrogates: neither a request nor a file can hold them."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
