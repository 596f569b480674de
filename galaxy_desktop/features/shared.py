"""What the sprints of one evaluation share, worked out once: whatever looks at repositories and not at a sprint.

The flow of ten thousand items, how their team works and how its builds fare cost tenths of a second for every sprint
that asks. Nearly always the sprints of a team span the same repositories, so the first one that asks pays for all.
A value may only be kept here under a name and a key that, with the workspace, the moment and the holidays, decide it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar, cast

from galaxy_desktop.domain.facts import Dependency, EdgeKind
from galaxy_desktop.features.index import WorkspaceIndex

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """A workspace at a moment, and what was found out about it so far; for one thread.

    `edges` are those of the whole workspace; `closers` are the items that close an item, by its evidence id.
    """

    index: WorkspaceIndex
    now: datetime
    edges: tuple[Dependency, ...]
    holidays: frozenset[date] = frozenset()
    closers: Mapping[str, tuple[str, ...]] = field(init=False)
    _kept: dict[tuple[str, Hashable], Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Look up once what closes what."""
        closers: defaultdict[str, list[str]] = defaultdict(list)
        for edge in self.edges:
            if edge.kind is EdgeKind.CLOSES:
                closers[edge.target_id].append(edge.source_id)
        object.__setattr__(self, "closers", {target: tuple(sorted(ids)) for target, ids in closers.items()})

    def once(self, name: str, key: Hashable, work: Callable[[], Value]) -> Value:
        """What `work` returned when it was first asked for this; nobody may change it afterwards."""
        where = name, key
        if where not in self._kept:
            self._kept[where] = work()
        return cast("Value", self._kept[where])
