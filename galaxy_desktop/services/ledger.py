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
    last_ended,
    outcome_of,
    recalibration,
    score,
    verdict,
)
from galaxy_desktop.domain.calendar import local_day
from galaxy_desktop.domain.findings import Forecast, ForecastInputs
from galaxy_desktop.domain.landing import end_of, ended_at, ends_of
from galaxy_desktop.domain.ledger import (
    LedgerEntry,
    Origin,
    Outcome,
    Recalibration,
    Score,
    TrackRecord,
    TrustEntry,
    TrustReport,
)
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import State
from galaxy_desktop.explain import trust as explain
from galaxy_desktop.features.past import as_of
from galaxy_desktop.services.families import with_families
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.ledger import Said

logger = logging.getLogger(__name__)

SHOWN = 100
"""So many entries of the ledger a report lists."""
REPLAYED = "in a replay of your own past"
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
    seen = [*said_ends, *ends_of(sprint, snapshot.milestones_of(sprint), snapshot.milestone_versions)] or [
        (sprint.starts_at or now, sprint.due_on)
    ]
    end = end_of(sprint, seen, now)
    if end is None:
        return None
    moment = min(ended_at(sprint, end, now), now)
    return outcome_of(sprint, end, as_of(snapshot, moment), now)


# --- the record


def current_recalibration(store: Store, engine: str = forecast.ENGINE, at: datetime | None = None) -> Recalibration:
    """The correction that the record of this engine calls for; reads nothing while there are too few outcomes.

    With `at`, the one that the record called for at that moment.
    """
    known = ended_by(store.ledger_outcomes(), at)
    if len(known) < FEWEST_TO_RECALIBRATE:
        return with_families(recalibration((), known), (), known, store.ledger_inputs)
    entries = of_record(said_by(store.ledger(), at), engine)
    return with_families(recalibration(entries, known), entries, known, store.ledger_inputs)


def ended_by(outcomes: Mapping[str, Outcome], at: datetime | None) -> dict[str, Outcome]:
    """The outcomes of the sprints whose last day was over at a moment, an aware datetime of the user's zone."""
    return {key: one for key, one in outcomes.items() if at is None or one.ended_on < local_day(at, at)}


def said_by(entries: Iterable[LedgerEntry], at: datetime | None) -> tuple[LedgerEntry, ...]:
    """What had been said at a moment, and what a replay says of a time before it."""
    return tuple(one for one in entries if at is None or one.said_at <= at)


def of_record(entries: Iterable[LedgerEntry], engine: str) -> list[LedgerEntry]:
    """The entries of an engine that count: those said live, and those replayed where nothing was said live."""
    mine = [entry for entry in entries if entry.engine == engine]
    live = {entry.sprint_id for entry in mine if entry.origin is Origin.LIVE and entry.probability is not None}
    return [entry for entry in mine if (entry.origin is Origin.LIVE) == (entry.sprint_id in live)]


def track_record(
    store: Store,
    engine: str = forecast.ENGINE,
    *,
    at: datetime | None = None,
    judged_now: Sequence[Outcome] = (),
) -> TrackRecord:
    """How good the forecast was so far, in a line; blocking. `judged_now` are outcomes that are not stored yet."""
    known = ended_by({**store.ledger_outcomes(), **{one.sprint_id: one for one in judged_now}}, at)
    entries = said_by(store.ledger(), at) if known else ()
    lately, replayed = _lately(entries, known, engine)
    words, _ = verdict(lately, REPLAYED if replayed else "")
    return explain.track_record(lately, FEWEST_TO_JUDGE, words, replayed=replayed)


def _lately(entries: Sequence[LedgerEntry], known: Mapping[str, Outcome], engine: str) -> tuple[Score, bool]:
    """The score of the last sprints, and whether those were replayed because too few were forecast live."""
    live = [entry for entry in entries if entry.origin is Origin.LIVE]
    lately = score(last_ended(live, known), known)
    if lately.sprints < FEWEST_TO_JUDGE:
        replay = [entry for entry in entries if entry.origin is Origin.REPLAY and entry.engine == engine]
        replayed = score(last_ended(replay, known), known)
        if replayed.sprints > lately.sprints:
            return replayed, True
    return lately, False


def trust(store: Store, now: datetime, engine: str = forecast.ENGINE, at: datetime | None = None) -> TrustReport:
    """All that can be said of how far to believe the forecast, or could be said at a moment; blocking, for a worker thread."""
    known = ended_by(store.ledger_outcomes(), at)
    entries = said_by(store.ledger(), at)
    live = [entry for entry in entries if entry.origin is Origin.LIVE]
    replay = [entry for entry in entries if entry.origin is Origin.REPLAY and entry.engine == engine]
    lately, replayed = _lately(entries, known, engine)
    words, trusted = verdict(lately, REPLAYED if replayed else "")
    waiting = {entry.sprint_id for entry in live if entry.probability is not None} - known.keys()
    mine = of_record(entries, engine)
    return TrustReport(
        as_of=at or now,
        engine=engine,
        live=score(live, known),
        replay=score(replay, known),
        entries=listed(live or replay, known),
        waiting=len(waiting),
        recalibration=with_families(recalibration(mine, known), mine, known, store.ledger_inputs),
        verdict=words,
        trusted=trusted,
        replayed=listed(replay, known),
    )


def listed(entries: Sequence[LedgerEntry], known: Mapping[str, Outcome]) -> tuple[TrustEntry, ...]:
    """The last entries, newest first, with their outcomes."""
    return tuple(TrustEntry(entry=one, outcome=known.get(one.sprint_id)) for one in reversed(entries[-SHOWN:]))
