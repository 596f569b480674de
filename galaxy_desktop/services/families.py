"""What the team's record teaches about the six families: looks at ended sprints out of the ledger, and what they are worth.

The ledger already holds all that is needed. Each entry says what was said before any correction, and under its digest
lie its inputs with the troubles of that moment: of a replayed look at 0, 30, 50 and 80 % of the time those that dated records
tell, of a live one those that were seen. So what is learned can be made again from what is kept, and nothing else is.
"""

from __future__ import annotations

import json
import logging
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from galaxy_desktop.assess.family_offset import FEWEST, FamilyLook, family_offset, looks_near_shares, too_few
from galaxy_desktop.assess.ledger import Judged, judged
from galaxy_desktop.domain.families import FamilyOffset, Trouble
from galaxy_desktop.domain.ledger import LedgerEntry, Outcome, Recalibration

logger = logging.getLogger(__name__)

Inputs = Callable[[str], str | None]
"""The canonical text of inputs by their digest."""
REMEMBERED = 2_000
_MARK = '"troubles":'
_READ: OrderedDict[str, tuple[Trouble, ...]] = OrderedDict()
"""The troubles behind digests, so that an evaluation unpacks no inputs that an earlier one did; a digest never changes."""


def with_families(
    record: Recalibration, entries: Iterable[LedgerEntry], outcomes: Mapping[str, Outcome], inputs: Inputs
) -> Recalibration:
    """The record together with what it says of the families; reads nothing while too few sprints have ended."""
    if len(outcomes) < FEWEST:
        return replace(record, families=too_few(len(outcomes)))
    return replace(record, families=_learned(looks(entries, outcomes, inputs), record))


def looks(entries: Iterable[LedgerEntry], outcomes: Mapping[str, Outcome], inputs: Inputs) -> tuple[FamilyLook, ...]:
    """The looks at ended sprints to learn from: of each sprint those nearest to the four shares of its time."""
    by_sprint: defaultdict[str, list[Judged]] = defaultdict(list)
    for one in judged(entries, outcomes, raw=True)[0]:
        if one.entry.elapsed is not None:
            by_sprint[one.entry.sprint_id].append(one)
    found = []
    for sprint, own in by_sprint.items():
        began, ended = min(one.entry.said_at for one in own).date(), outcomes[sprint].ended_on
        chosen = [own[n] for n in looks_near_shares([one.entry.elapsed or 0.0 for one in own])]
        found += [
            FamilyLook(
                sprint=sprint, began=began, ended=ended, elapsed=one.entry.elapsed or 0.0, said=one.probability,
                landed=one.landed, troubles=_troubles(one.entry.inputs_digest, inputs),
            )
            for one in chosen
        ]  # fmt: skip
    return tuple(found)


@lru_cache(maxsize=4)
def _learned(found: tuple[FamilyLook, ...], record: Recalibration) -> FamilyOffset:
    """Learning takes tenths of a second with a long record, and evaluations ask far more often than sprints end."""
    told = family_offset(found, record)
    logger.info("Families: %s", told.sentence)
    return told


def _troubles(digest: str, inputs: Inputs) -> tuple[Trouble, ...]:
    if digest not in _READ:
        _READ[digest] = troubles_in(inputs(digest) or "")
        if len(_READ) > REMEMBERED:
            _READ.popitem(last=False)
    return _READ[digest]


def troubles_in(text: str) -> tuple[Trouble, ...]:
    """The troubles in the canonical text of inputs, without reading the rest; none in one of before there were any."""
    place = text.find(_MARK)
    if place < 0:
        return ()
    found, _ = json.JSONDecoder().raw_decode(text, place + len(_MARK))
    return tuple(Trouble(family=one["family"], value=one["value"]) for one in found)
