"""How the pieces of a sprint are spread over people, and what the fullest pair of hands needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from galaxy_desktop.assess.draws import Counts, Floats, Ints
from galaxy_desktop.assess.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Lanes:
    """For each owner the pieces with the part of each that lies in these hands; `hands` is how many share the work."""

    held: Mapping[str, Mapping[str, float]]
    hands: float
    in_hand: int = 1

    @property
    def longest(self) -> int:
        """The most pieces that wait for one pair of hands, parts added up; those in hand already do not wait."""
        return max((self.waiting(_whole(sum(parts.values()))) for parts in self.held.values()), default=0)

    def waiting(self, pieces: int) -> int:
        """How many of so many pieces wait until others of the same person are done."""
        return max(pieces - self.in_hand, 0)

    def need(self, needs: Counts) -> Ints:
        """Completions of the team by which the fullest pair of hands has done its pieces, (run,)."""
        if not self.longest:
            return np.zeros(needs.shape[1], dtype=np.int64)
        return self._scaled(needs[min(self.longest, len(needs)) - 1])

    def need_at(self, needs: Counts, turn: Ints) -> Ints:
        """Completions of the team by which one pair of hands has done its `turn`-th piece, (run,)."""
        waiting = turn - self.in_hand
        need = self._scaled(needs[np.maximum(waiting, 1) - 1, np.arange(needs.shape[1])])
        found: Ints = np.where(waiting > 0, need, 0)
        return found

    def _scaled(self, need: Counts) -> Ints:
        whole: Ints = np.ceil(need * self.hands).astype(np.int64)
        return whole


def lanes_of(network: Network, hands: float | None, at_once: float | None) -> Lanes:
    """The lanes of a sprint; none where it is not known how the team shares its work.

    What a person usually has in hand at once is in work beside everybody else's and waits for nobody: only what lies
    behind it queues. Counting that too made sprints of simulated teams with little left look far less likely than they were.

    An item of k people counts 1/k for each of them, a piece as much as that of its items that counts most.
    """
    if hands is None or hands <= 1.0:
        return Lanes({}, 1.0)
    held: dict[str, dict[str, float]] = {}
    for unit, members in network.units.items():
        for member in members:
            owners = network.every[member].owners
            for owner in owners:
                parts = held.setdefault(owner, {})
                parts[unit] = max(parts.get(unit, 0.0), 1.0 / len(owners))
    return Lanes(held, hands, int(max(at_once or 1.0, 1.0)))


def turns(parts: Mapping[str, float], keys: Mapping[str, Floats]) -> dict[str, Ints]:
    """Which of one person's pieces each is, (run,): the parts of those that come before it, itself included."""
    units = sorted(parts)
    stacked = np.stack([keys[unit] for unit in units])
    order = np.argsort(stacked, axis=0, kind="stable")
    sums = np.cumsum(np.array([parts[unit] for unit in units])[order], axis=0)
    place = np.empty_like(sums)
    np.put_along_axis(place, order, sums, axis=0)
    whole = np.ceil(place - 1e-9).astype(np.int64)
    return {unit: whole[n] for n, unit in enumerate(units)}


def _whole(parts: float) -> int:
    return math.ceil(parts - 1e-9)
