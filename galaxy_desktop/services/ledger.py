"""The forecast ledger at work: what an evaluation enters, when a sprint is judged, and what its record says.

Entering happens with every evaluation, in the transaction that stores it. A sprint is judged by the first evaluation
after its end, from the workspace as it was at that end. From then on its entries count: in the scores of the Trust
page, and in the correction that the record makes to the next forecast.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from galaxy_desktop.assess import forecast, inputs_json
from galaxy_desktop.assess.ledger import (
    FEWEST_TO_JUDGE,
    FEWEST_TO_RECALIBRATE,
    end_of,
    ended_at,
    last_ended,
    outcome_of,
    recalibration,
    score,
    verdict,
)
from galaxy_desktop.domain.findings import Forecast, ForecastInputs
from galaxy_desktop.domain.ledger import LedgerEntry, Origin, Outcome, Recalibration, TrustEntry, TrustReport
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.features.past import as_of
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.ledger import Said

logger = logging.getLogger(__name__)

SHOWN = 100
"""So many entries of the ledger a report lists."""
HINDSIGHT = timedelta(minutes=5)
"""How far the clocks of GitHub and of this computer may be apart."""

EndsSeen = Mapping[str, Sequence[tuple[datetime, date | None]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A forecast with all that is needed to enter it."""

    sprint: Sprint
    inputs: ForecastInputs
    forecast: Forecast


def said(
    spoken: Iterable[Spoken],
    sprints: Iterable[Sprint],
    snapshot: Snapshot,
    *,
    now: datetime,
    unjudged: EndsSeen,
) -> Said:
    """What an evaluation enters: the forecasts of open sprints, and the outcomes of those that ended.

    An evaluation of a moment from which on more is stored knows what came later. That is neither a promise nor a fair
    replay, so nothing of it is entered.
    """
    if knows_later(snapshot, now):
        return Said()
    entries, inputs = entered([one for one in spoken if one.sprint.state is State.OPEN], Origin.LIVE)
    return Said(
        entries=entries,
        inputs=inputs,
        outcomes=outcomes(sprints, snapshot, now, unjudged),
        repositories=frozenset(repository.id for repository in snapshot.repositories),
    )


def knows_later(snapshot: Snapshot, now: datetime) -> bool:
    """Whether anything stored happened after a moment; clocks may differ by `HINDSIGHT`."""
    limit = now + HINDSIGHT
    return any(item.updated_at > limit for item in snapshot.items) or any(e.created_at > limit for e in snapshot.events)


def entered(spoken: Iterable[Spoken], origin: Origin) -> tuple[tuple[LedgerEntry, ...], dict[str, str]]:
    """Forecasts as entries, and their inputs as canonical JSON by digest."""
    entries: list[LedgerEntry] = []
    kept: dict[str, str] = {}
    for one in spoken:
        digest = inputs_json.digest(one.inputs)
        kept[digest] = inputs_json.to_json(one.inputs)
        entries.append(entry(one, digest, origin))
    return tuple(entries), kept


def entry(one: Spoken, digest: str, origin: Origin) -> LedgerEntry:
    """One forecast as the ledger holds it."""
    told = one.forecast
    return LedgerEntry(
        sprint_id=one.sprint.id,
        sprint_title=one.sprint.title,
        said_at=told.as_of,
        due_on=one.sprint.due_on,
        probability=told.probability,
        why_none=str(told.why_none) if told.why_none else "",
        raw_share=told.raw_share,
        course=told.course,
        weight=told.weight,
        before_recalibration=told.before_recalibration,
        elapsed=forecast.elapsed_share(one.inputs),
        open=len(one.inputs.open),
        done=one.inputs.done,
        baselines=dict(told.baselines),
        engine=told.engine,
        seed=told.seed,
        inputs_digest=digest,
        origin=origin,
    )


def outcomes(sprints: Iterable[Sprint], snapshot: Snapshot, now: datetime, unjudged: EndsSeen) -> tuple[Outcome, ...]:
    """The outcomes of the sprints among the unjudged ones that are over."""
    found = []
    for sprint in sprints:
        if sprint.id in unjudged:
            outcome = judge(sprint, snapshot, now, unjudged[sprint.id])
            if outcome is not None:
                logger.info("%s is judged: %s", sprint.id, "landed" if outcome.landed else "missed")
                found.append(outcome)
    return tuple(found)


def judge(
    sprint: Sprint, snapshot: Snapshot, now: datetime, said_ends: Sequence[tuple[datetime, date | None]] = ()
) -> Outcome | None:
    """How a sprint came out, `None` while it is not over; the ends are those said and those of its milestones."""
    seen = [*said_ends, *_ends_of_versions(sprint, snapshot)] or [(sprint.starts_at or now, sprint.due_on)]
    end = end_of(sprint, seen, now)
    if end is None:
        return None
    moment = min(ended_at(sprint, end, now), now)
    return outcome_of(sprint, end, as_of(snapshot, moment), now)


def _ends_of_versions(sprint: Sprint, snapshot: Snapshot) -> list[tuple[datetime, date | None]]:
    """The ends that the milestone which decides the sprint's end had, and since when they were stamped."""
    mine = snapshot.milestones_of(sprint)
    deciding = next((m for m in mine if m.due_on == sprint.due_on), None)
    if deciding is None:
        return []
    versions = [
        v
        for v in snapshot.milestone_versions
        if (v.repository_id, v.number) == (deciding.repository_id, deciding.number)
    ]
    return [(v.updated_at, v.due_on) for v in (*versions, deciding)]


# --- the record


def current_recalibration(store: Store, engine: str = forecast.ENGINE) -> Recalibration:
    """The correction that the record of this engine calls for; reads nothing while there are too few outcomes."""
    known = store.ledger_outcomes()
    if len(known) < FEWEST_TO_RECALIBRATE:
        return recalibration((), known)
    return recalibration(of_record(store.ledger(), engine), known)


def of_record(entries: Iterable[LedgerEntry], engine: str) -> list[LedgerEntry]:
    """The entries of an engine that count: those said live, and those replayed where nothing was said live."""
    mine = [entry for entry in entries if entry.engine == engine]
    live = {entry.sprint_id for entry in mine if entry.origin is Origin.LIVE and entry.probability is not None}
    return [entry for entry in mine if (entry.origin is Origin.LIVE) == (entry.sprint_id in live)]


def trust(store: Store, now: datetime, engine: str = forecast.ENGINE) -> TrustReport:
    """All that can be said of how far to believe the forecast; blocking, for a worker thread."""
    known = store.ledger_outcomes()
    entries = store.ledger()
    live = [entry for entry in entries if entry.origin is Origin.LIVE]
    replay = [entry for entry in entries if entry.origin is Origin.REPLAY and entry.engine == engine]
    lately, where = score(last_ended(live, known), known), ""
    if lately.sprints < FEWEST_TO_JUDGE:
        replayed = score(last_ended(replay, known), known)
        if replayed.sprints > lately.sprints:
            lately, where = replayed, "in a replay of your own past"
    words, trusted = verdict(lately, where)
    waiting = {entry.sprint_id for entry in live if entry.probability is not None} - known.keys()
    return TrustReport(
        as_of=now,
        engine=engine,
        live=score(live, known),
        replay=score(replay, known),
        entries=listed(live or replay, known),
        waiting=len(waiting),
        recalibration=recalibration(of_record(entries, engine), known),
        verdict=words,
        trusted=trusted,
        replayed=listed(replay, known),
    )


def listed(entries: Sequence[LedgerEntry], known: Mapping[str, Outcome]) -> tuple[TrustEntry, ...]:
    """The last entries, newest first, with their outcomes; where the end moved, the end before."""
    ends: dict[str, date | None] = {}
    rows = []
    for one in entries:
        before = ends.get(one.sprint_id, one.due_on)
        ends[one.sprint_id] = one.due_on
        rows.append(
            TrustEntry(entry=one, outcome=known.get(one.sprint_id), moved_from=before if before != one.due_on else None)
        )
    return tuple(reversed(rows[-SHOWN:]))
