"""How much work an action asks for: it grows with the items to decide about and with the people to talk to.

Taking one item out of a sprint is a word with one person. Taking seven out is a round of talks: each item has to be looked
at, each owner has to agree. The minutes are plain assumptions, the same for every team; they decide two things: the word
beside an action ("Minutes of work"), and which of two actions stays where one contains the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from types import MappingProxyType

from galaxy_desktop.domain.findings import Effort, OpenWork

ITEM_MINUTES = 15
"""To look at an item and say what becomes of it."""
PERSON_MINUTES = 30
"""To talk it over with one person."""
NEWS_MINUTES = 15
"""To tell one person of a decision that concerns everybody."""
HOURS_FROM, DAYS_FROM = 90, 480
USUAL_MINUTES = MappingProxyType({Effort.SMALL: 30, Effort.MEDIUM: 180, Effort.LARGE: 960})
"""What actions take whose work is not talking."""


def effort_of(minutes: int) -> Effort:
    """Minutes of work as one of three sizes."""
    return Effort.SMALL if minutes < HOURS_FROM else Effort.MEDIUM if minutes < DAYS_FROM else Effort.LARGE


def to_agree(ids: Collection[str], works: Sequence[OpenWork]) -> int:
    """Minutes to decide about these items with everybody who owns one of them; somebody always has to be asked."""
    people = {owner for work in works if work.item_id in ids for owner in work.owners}
    return ITEM_MINUTES * len(ids) + PERSON_MINUTES * max(len(people), 1)


def to_announce(works: Sequence[OpenWork]) -> int:
    """Minutes to settle something that concerns the whole sprint, and to tell everybody who works in it."""
    people = {owner for work in works for owner in work.owners}
    return PERSON_MINUTES + NEWS_MINUTES * max(len(people), 1)
