"""Why the outcome model says what it says: the terms gathered into what a person would name, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from galaxy_desktop.assess.outcome_moment import SprintMoment

Reason = tuple[str, float, str]
"""(name of what weighs, log-odds that it adds to being missed, a sentence)."""

LEAST_SAID = 0.05
"""Contributions smaller than this in log-odds are left out."""

_GATHERED = {
    "work_left": (
        "todo_share", "left_share", "todo", "left", "finished", "finished_odds", "done_share", "pace_needed",
        "none_finished", "none_waiting", "nothing_left", "left_per_item", "estimated",
    ),
    "in_progress": ("started_share", "started", "none_started"),
    "scope_added": ("added_share", "added", "growth", "net_share", "any_added", "churn", "began_empty"),
    "scope_removed": ("removed_share", "removed", "any_removed"),
    "size": ("size", "at_start", "amount_per_item", "per_day", "days"),
    "team": ("people", "per_person"),
}  # fmt: skip
GATHERED = {term: name for name, terms in _GATHERED.items() for term in terms}


def in_words(
    moment: SprintMoment,
    moved: Mapping[str, float],
    board: float,
    course: float = 0.0,
    before: SprintMoment | None = None,
) -> tuple[Reason, ...]:
    """The reasons of a sprint at a moment, heaviest first.

    `board` is what an untouched board adds by itself, `course` what changed since the look
    `before`.
    """
    sums = dict.fromkeys((*_GATHERED, "untouched_board", "course"), 0.0)
    sums["untouched_board"] += board
    sums["course"] += course
    for term, added in moved.items():
        sums[_gathered(term)] += added
    heavy = sorted(sums.items(), key=lambda one: (-abs(one[1]), one[0]))
    return tuple(
        (name, added, _sentence(name, added, moment, before)) for name, added in heavy if abs(added) >= LEAST_SAID
    )


def _gathered(term: str) -> str:
    for unit in ("amount_", "items_"):
        if term.startswith(unit) and term.removeprefix(unit) in GATHERED:
            return GATHERED[term.removeprefix(unit)]
    return GATHERED[term]


def _sentence(name: str, added: float, moment: SprintMoment, before: SprintMoment | None) -> str:
    effect = "which usually means a higher risk" if added > 0 else "which usually means a lower risk"
    fact = _since(moment, before) if name == "course" and before is not None else _fact(name, moment)
    return f"{fact}, {effect}."


def _since(moment: SprintMoment, before: SprintMoment) -> str:
    finished = max(0.0, _finished(moment) - _finished(before))
    added = max(0.0, moment.items_added - before.items_added)
    return f"{_amount(finished)} finished and {added:g} added since {before.elapsed:.0%} of the time had passed"


def _finished(moment: SprintMoment) -> float:
    left = max(0.0, moment.items_todo) + max(0.0, moment.items_in_progress)
    return max(0.0, moment.items_at_start + moment.items_added - moment.items_removed - left)


def _fact(name: str, moment: SprintMoment) -> str:
    committed = moment.committed
    left = max(0.0, moment.todo) + max(0.0, moment.in_progress)
    time_left = 1.0 - min(max(moment.elapsed, 0.0), 1.0)
    held = max(committed, left, 1e-9)
    facts = {
        "work_left": f"{left / held:.0%} of the work is left with {time_left:.0%} of the time to go",
        "in_progress": f"{max(0.0, moment.in_progress) / held:.0%} of the work is in progress",
        "scope_added": f"{_amount(moment.items_added)} added since the start",
        "scope_removed": f"{_amount(moment.items_removed)} taken out since the start",
        "size": f"{_amount(max(0.0, moment.items_at_start + moment.items_added - moment.items_removed))} "
        f"in {_counted(moment.planned_days, 'planned day')}",
        "team": f"{_counted(moment.people, 'person', 'people')} on the team" if moment.people else "No team is known",
        "untouched_board": "Nothing on the board has moved, which says little about the work",
    }
    return facts[name]


def _amount(items: float) -> str:
    return _counted(items, "item") if items > 0 else "No items"


def _counted(number: float, one: str, many: str = "") -> str:
    return f"{number:g} {one if number == 1 else many or one + 's'}"
