"""The small set of typed fact functions: what may be asked of the stored facts, and what each question is answered with.

An answer takes its numbers from here and from nowhere else. `describe` is what a model or a person reads to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from galaxy_desktop.domain.asking import FactCall, FactName, Finding
from galaxy_desktop.explain import (
    lookup_changes,
    lookup_code,
    lookup_history,
    lookup_items,
    lookup_sprints,
    lookup_state,
)
from galaxy_desktop.explain.lookup_scene import Scene

FactFunction = Callable[[Scene, FactCall], Finding]

FUNCTIONS: Mapping[FactName, FactFunction] = MappingProxyType(
    {
        FactName.CHANCE: lookup_sprints.chance,
        FactName.DUE: lookup_sprints.due,
        FactName.BLOCKERS: lookup_sprints.blockers,
        FactName.REVIEWS: lookup_items.reviews,
        FactName.BUILDS: lookup_items.builds,
        FactName.LATE: lookup_sprints.late,
        FactName.STUCK: lookup_items.stuck,
        FactName.SCOPE: lookup_sprints.scope_changes,
        FactName.CHANGED: lookup_changes.changed,
        FactName.RISKS: lookup_sprints.risks,
        FactName.ADVICE: lookup_sprints.advice,
        FactName.COUNT: lookup_items.count,
        FactName.LIST: lookup_items.listing,
        FactName.ITEM: lookup_items.about,
        FactName.SHIPPED: lookup_items.shipped,
        FactName.SIMILAR: lookup_sprints.similar,
        FactName.FIXED: lookup_history.fixed,
        FactName.DEPLOYED: lookup_history.deployed,
        FactName.HELPED: lookup_history.helped,
        FactName.CODE: lookup_code.code,
        FactName.OVERVIEW: lookup_state.overview,
        FactName.PROGRESS: lookup_state.progress,
        FactName.COMPUTED: lookup_state.computed,
        FactName.HEALTH: lookup_state.health,
        FactName.PACE: lookup_state.pace,
        FactName.ENDED: lookup_state.ended,
        FactName.WHAT_IF: lookup_state.what_if,
    }
)


def look_up(scene: Scene, calls: Sequence[FactCall]) -> tuple[Finding, ...]:
    """What the stored facts say to each call, in their order; a call made twice is answered once."""
    return tuple(FUNCTIONS[call.name](scene, call) for call in dict.fromkeys(calls))


def describe(name: FactName) -> str:
    """What a fact function tells, in a sentence."""
    return (FUNCTIONS[name].__doc__ or "").strip()
