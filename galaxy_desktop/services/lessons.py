"""What the past teaches an evaluation: which rules may alert, and the delay model corrected by the user's own items.

Both start from files that ship with the program and move towards the user's own past as it is replayed. They are made
once for each replayed past and remembered: an evaluation only looks at them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from galaxy_desktop.assess import delay, precision
from galaxy_desktop.domain.past_sprints import Precision, Stretch
from galaxy_desktop.paths import resources_folder

logger = logging.getLogger(__name__)

PRECISION_FILE = "rule_precision.json"
DELAY_FILE = "delay_model.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """`silenced` are rules that must not alert; `delays` is `None` where the model cannot be read."""

    silenced: frozenset[str] = frozenset()
    delays: delay.DelayModel | None = None
    own: tuple[Precision, ...] = field(default=())


_LAST: list[tuple[Sequence[Stretch], Lessons]] = []


def lessons_of(past: Sequence[Stretch]) -> Lessons:
    """What follows from the shipped files and this past; asked again for the same past it is there at once."""
    for known, lessons in _LAST:
        if known is past:
            return lessons
    own = precision.measured(past) if past else ()
    made = Lessons(silenced=precision.silenced(shipped_precision(), own), delays=_delays(past), own=own)
    _LAST[:] = [(past, made), *_LAST[:1]]
    return made


@cache
def shipped_precision() -> Mapping[str, Precision]:
    """The figures that ship with the program; none, with a line in the log, where the file cannot be read."""
    try:
        return precision.of_document((resources_folder() / PRECISION_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        logger.warning("The figures of the rules cannot be read, severity alone decides what alerts: %s", error)
        return {}


@cache
def shipped_delays() -> delay.DelayModel | None:
    """The delay model that ships with the program; `None`, with a line in the log, where the file cannot be read."""
    try:
        return delay.of_document((resources_folder() / DELAY_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        logger.warning("The delay model cannot be read, items get no probability of their own: %s", error)
        return None


def _delays(past: Sequence[Stretch]) -> delay.DelayModel | None:
    model = shipped_delays()
    if model is None:
        return None
    rows = [(stretch.key, row) for stretch in past if stretch.is_sprint for row in stretch.delays]
    return delay.recalibrated(model, [row for _, row in rows], [key for key, _ in rows])
