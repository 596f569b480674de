"""Why an item may miss the end, in words: the terms of the delay model gathered into what a person would name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from galaxy_desktop.assess.delay_terms import Situation
from galaxy_desktop.assess.risk_sources import counted, listed
from galaxy_desktop.domain.evidence import Evidence, of_item
from galaxy_desktop.domain.work import ItemKind

GATHERED: Final = {
    "runs": "time", "age": "time", "time_left": "time", "unstarted": "progress", "percentile": "progress",
    "blocked": "blocked", "waiting": "waiting", "red": "red", "idle": "idle", "size": "size", "boxes_left": "size",
    "added": "added", "load": "owner", "unowned": "owner", "pull": "kind",
}  # fmt: skip
"""What each term is a part of."""


def is_known(name: str, one: Situation) -> bool:
    """Whether there is a fact to name: a size that nobody knows is no reason."""
    return name != "size" or bool(one.fact.boxes or one.fact.size_lines)


def sentence(name: str, weight: float, one: Situation) -> str:
    """A reason with its number, and which way it points."""
    return f"{_FACTS[name](one)}, which {'raises' if weight > 0 else 'lowers'} the risk."


def evidence_of(name: str, one: Situation) -> tuple[Evidence, ...]:
    """What shows a reason: the item itself, and the failing run where the build is red."""
    red = one.fact.red_run
    if name == "red" and red is not None:
        return (red, of_item(one.item))
    return (of_item(one.item, _FACTS[name](one)),)


def _time(one: Situation) -> str:
    left = f"{counted(one.days_left, 'day')} left"
    if one.runs is None:
        return f"{_percent(one.aged)} of past items of its age took longer than the {left}"
    return f"In {_percent(one.runs)} of the simulated runs it is not done by the end, with {left}"


def _progress(one: Situation) -> str:
    age = one.fact.age_days
    if age is None:
        return "Nobody has started it"
    return (
        f"It has been in work for {counted(int(age), 'day')}, longer than {_percent(one.percentile)} of past items took"
    )


def _blocked(one: Situation) -> str:
    blockers = one.fact.blocked_by
    return (
        f"It waits for {counted(len(blockers), 'item')}: {listed(blockers)}"
        if blockers
        else "It waits for no other item"
    )


def _waiting(one: Situation) -> str:
    days = one.fact.waiting_for_review_days
    return (
        "It does not wait for a review"
        if days is None
        else f"It has been waiting for a review for {counted(int(days), 'day')}"
    )


def _size(one: Situation) -> str:
    fact = one.fact
    if fact.boxes:
        return f"{fact.boxes - fact.ticked} of {counted(fact.boxes, 'step')} of its list are left"
    return f"It changes {counted(fact.size_lines or 0, 'line')}"


def _owner(one: Situation) -> str:
    return f"Its owner has {counted(one.load, 'open item')} in this sprint" if one.load else "Nobody owns it"


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


def _red(one: Situation) -> str:
    return "The newest build is red" if one.fact.red_run is not None else "No build is red"


def _idle(one: Situation) -> str:
    return f"The last activity was {counted(int(one.fact.idle_days), 'day')} ago"


def _added(one: Situation) -> str:
    return "It came in after the start" if one.added else "It was planned at the start"


def _kind(one: Situation) -> str:
    return "It is a pull request" if one.item.kind is ItemKind.PULL_REQUEST else "It is an issue"


_FACTS: Final[dict[str, Callable[[Situation], str]]] = {
    "time": _time, "progress": _progress, "blocked": _blocked, "waiting": _waiting, "red": _red, "idle": _idle,
    "size": _size, "added": _added, "owner": _owner, "kind": _kind,
}  # fmt: skip
