"""What the model's lane does when nobody wants it: which chore is due, and how long to sleep until the next; pure.

Sessions are kept once it has been quiet for a moment, so that a run of questions is not held up between them. Threads
are tried out when the machine is calm as well: beside other work the trial would find what is good for a busy machine.
After some minutes the weights go, because gigabytes that nobody uses are the user's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

LOOK_AGAIN_S = 60.0
"""How long to wait for a calm machine before looking again."""


class Chore(Enum):
    """One thing to do."""

    SAVE = "save"
    MEASURE = "measure"
    UNLOAD = "unload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Idling:
    """How the lane stands; `idle_s` is the time since it did something for somebody."""

    idle_s: float
    loaded: bool
    unsaved: bool = False
    measured: bool = True
    calm: bool = True
    held: bool = False
    looked_s: float = LOOK_AGAIN_S
    """Seconds since it was last looked whether the machine is calm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """When chores are due: after so many quiet seconds, and when the weights go (0: never)."""

    quiet_s: float
    idle_s: float


def due(lane: Idling, habits: Habits) -> Chore | float | None:
    """The chore that is due, the seconds until there may be one, or `None` when only a request can bring one."""
    if not lane.loaded:
        return None
    if habits.idle_s and lane.idle_s >= habits.idle_s:
        return Chore.SAVE if lane.unsaved else Chore.UNLOAD
    waits = [habits.idle_s - lane.idle_s] if habits.idle_s else []
    if lane.idle_s < habits.quiet_s:
        return min([*waits, habits.quiet_s - lane.idle_s])
    if lane.unsaved:
        return Chore.SAVE
    if not lane.measured and not lane.held:
        if lane.looked_s >= LOOK_AGAIN_S and lane.calm:
            return Chore.MEASURE
        waits.append(LOOK_AGAIN_S)
    return min(waits) if waits else None
