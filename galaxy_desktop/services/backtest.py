"""The in-app backtest: what we would have said of the user's own past sprints, said with what was known then.

It runs behind everything else, sprint by sprint, and goes on where it was stopped: what the ledger has of a sprint, a
moment and this engine is not done again. Every sprint is entered in one transaction with its outcome and its inputs, so
that a kill leaves whole sprints. Grouping into sprints, history and the forecast are all those of the moment.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType

from galaxy_desktop.assess import backtest, forecast
from galaxy_desktop.domain.days_off import days_off_of
from galaxy_desktop.domain.events import BacktestProgressed
from galaxy_desktop.domain.families import FamilyOffset
from galaxy_desktop.domain.ledger import LedgerEntry, Origin, Outcome, Recalibration, Score
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, WrongUseError
from galaxy_desktop.explain.families import family_lines
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.edges import dependency_edges
from galaxy_desktop.features.index import index_of
from galaxy_desktop.features.past import as_of
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import clock, demo
from galaxy_desktop.services.commands import fill_demo
from galaxy_desktop.services.holiday_calendar import holidays_of
from galaxy_desktop.services.ledger import Spoken, entered, judge, trust
from galaxy_desktop.services.logs import logging_to
from galaxy_desktop.services.pipeline import seed_of, simulator_of
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.ledger import Said

logger = logging.getLogger(__name__)

Tell = Callable[[BacktestProgressed], None]
NOBODY: Mapping[str, frozenset[date]] = MappingProxyType({})


def _quiet(_: BacktestProgressed) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class _Past:
    """A sprint to replay: how it ended, and the moments that are missing."""

    sprint: Sprint
    outcome: Outcome
    looks: tuple[backtest.Look, ...]


class Backtest:
    """One walk through the past sprints of a store; `prepare` once, then `step` until it says that nothing is left."""

    def __init__(
        self,
        store: Store,
        now: datetime,
        holidays: frozenset[date] = frozenset(),
        tell: Tell = _quiet,
        away: Mapping[str, frozenset[date]] = NOBODY,
    ) -> None:
        """Nothing is read yet; `now` is an aware datetime in the user's zone, `away` are days off by login.

        Days off are those that the settings name now: a team plans them ahead, but when they were entered nobody knows.
        """
        self._store = store
        self._now = now
        self._holidays = holidays
        self._away = away
        self._tell = tell
        self._snapshot = Snapshot()
        self._repositories: frozenset[int] = frozenset()
        self._confirmed: frozenset[str] = frozenset()
        self._waiting: list[_Past] = []
        self.total = 0
        """Past sprints that ended in a way that can be judged."""
        self.entered = 0
        """Entries made so far."""

    @property
    def done(self) -> int:
        """Sprints of which everything is entered."""
        return self.total - len(self._waiting)

    def prepare(self, stop: StopFlag | None = None) -> None:
        """Read the store, judge the past sprints, and find out what is missing; `CancelledByUserError` when stopped."""
        self._snapshot = self._store.snapshot()
        self._repositories = frozenset(repository.id for repository in self._snapshot.repositories)
        self._confirmed = self._store.sprints_confirmed()
        known = self._store.ledger_outcomes()
        have = {
            (entry.sprint_id, entry.said_at)
            for entry in self._store.ledger(origin=Origin.REPLAY)
            if entry.engine == forecast.ENGINE
        }
        past = backtest.worth_replaying(group_sprints(self._snapshot, self._now, self._confirmed))
        for place, sprint in enumerate(past):
            _look(stop)
            self._tell(BacktestProgressed("judging past sprints", place, len(past)))
            outcome = known.get(sprint.id) or judge(sprint, self._snapshot, self._now)
            if outcome is None:
                continue
            self.total += 1
            looks = backtest.looks(sprint, outcome.due_on, self._now)
            missing = tuple(look for look in looks if (sprint.id, look.moment) not in have)
            if missing:
                self._waiting.append(_Past(sprint, outcome, missing))

    def step(self, stop: StopFlag | None = None) -> bool:
        """Replay the next sprint and enter it; false when none is left. `CancelledByUserError` when stopped."""
        if not self._waiting:
            self._snapshot = Snapshot()
            return False
        past = self._waiting[0]
        self._tell(BacktestProgressed(f"replaying {past.sprint.name}", self.done, self.total))
        spoken = []
        for look in past.looks:
            _look(stop)
            said = self._said(past.sprint, look)
            if said is not None:
                spoken.append(said)
        entries, inputs = entered(spoken, Origin.REPLAY)
        told = Said(entries=entries, inputs=inputs, outcomes=(past.outcome,), repositories=self._repositories)
        self.entered += self._store.enter(told, self._now.tzinfo).result()
        self._waiting.pop(0)
        self._tell(BacktestProgressed(f"replayed {past.sprint.name}", self.done, self.total))
        return bool(self._waiting)

    def _said(self, sprint: Sprint, look: backtest.Look) -> Spoken | None:
        """What we would have said at a moment; nothing where the sprint was not there yet."""
        then, at = as_of(self._snapshot, look.moment), look.moment
        index = index_of(then)
        was = backtest.same_sprint(sprint, group_sprints(then, at, self._confirmed, index=index))
        if was is None:
            return None
        edges = dependency_edges(then, index=index)
        features = compute(then, was, at, holidays=self._holidays, edges=edges, index=index)
        inputs = forecast.inputs_of(
            was, features, then, at, holidays=self._holidays, seed=seed_of(sprint), away=self._away
        )
        named = replace(was, id=sprint.id, title=sprint.title)
        once = simulator_of(Recalibration())  # one that lives as long as the replay would hold up to 192 MB of draws
        return Spoken(sprint=named, inputs=inputs, forecast=once.brief(inputs))


def _look(stop: StopFlag | None) -> None:
    if stop is not None and stop.is_set():
        raise CancelledByUserError("The replay of past sprints was stopped; it goes on with the next evaluation.")


def free_days(settings: Settings, now: datetime) -> frozenset[date]:
    """The days on which the whole team is off: holidays, and those entered in the settings."""
    return holidays_of(settings.text("holidays"), now.date()) | days_off_of(settings.text("days_off")).team


def away_days(settings: Settings) -> Mapping[str, frozenset[date]]:
    """The days off of single people by login, as entered in the settings."""
    return days_off_of(settings.text("days_off")).people


# --- on the command line


def run(
    folder: DataFolder, emit: Callable[[str], None], *, at: str | None, demo_name: str | None = None, as_json: bool
) -> int:
    """`evaluate backtest`: replay what is missing, then print how good it was; the exit code.

    Raises:
        WrongUseError: nothing is stored yet, the demo does not exist, or `at` is no moment.
    """
    now = clock.parse_moment(at) if at else clock.now()
    with logging_to(folder.make(), None):
        if demo_name and demo.prepare(folder, demo_name, now):
            with Store.open(folder) as store:
                fill_demo(store, demo_name, now)
            demo.mark_filled(folder, demo_name, now)
        with Store.open(folder) as store:
            if not store.repositories():
                raise WrongUseError("Nothing is stored yet, so there is no past to replay. Sync first.")
            settings = Settings.from_text(store.settings())
            work = Backtest(store, now, free_days(settings, now), _to_terminal, away_days(settings))
            work.prepare()
            while work.step():
                pass
            emit(json.dumps(report(store, now, work), indent=2) if as_json else words(store, now, work))
    return 0


def _to_terminal(told: BacktestProgressed) -> None:
    """Beside what is printed, so that a script reads only that."""
    print(f"{told.done} of {told.total}: {told.stage}", file=sys.stderr)  # noqa: T201 - this is what the terminal is for


def report(store: Store, now: datetime, work: Backtest) -> dict[str, object]:
    """The figures of the replay as JSON holds them."""
    told = trust(store, now)
    outcomes = store.ledger_outcomes()
    shares = backtest.by_share(_replayed(store), outcomes)
    return {
        "engine": told.engine,
        "history_complete": store.history_complete(),
        "sprints": work.total,
        "entered_now": work.entered,
        "replay": _fields(told.replay),
        "by_elapsed": {f"{part.share:.0%}": _fields(part.score) for part in shares},
        "recalibration": {
            "slope": told.recalibration.slope,
            "intercept": told.recalibration.intercept,
            "sprints": told.recalibration.sprints,
        },
        "families": _families(told.recalibration.families),
        "verdict": told.verdict,
    }


def words(store: Store, now: datetime, work: Backtest) -> str:
    """The figures of the replay for a terminal."""
    told = trust(store, now)
    if not work.total:
        return "No sprint has ended yet in a way that can be judged: closed milestones with an end date and items are needed."
    shares = backtest.by_share(_replayed(store), store.ledger_outcomes())
    lines = [f"{work.total} past sprints, {told.replay.landed} of {told.replay.sprints} with a number landed.", ""]
    lines += [f"{part.share:>4.0%} of the time  {_line(part.score)}" for part in shares]
    lines += [f" all             {_line(told.replay)}", "", *(b.words for b in told.replay.bins), told.verdict]
    lines += ["", *family_lines(told.recalibration.families)]
    if not store.history_complete():
        lines.append("The history is not read to its end yet; figures may change with the next sync.")
    return "\n".join(lines)


def _replayed(store: Store) -> list[LedgerEntry]:
    return [entry for entry in store.ledger(origin=Origin.REPLAY) if entry.engine == forecast.ENGINE]


def _line(score: Score) -> str:
    if score.brier is None:
        return "no number"
    known = [skill for skill in score.skills if skill.value is not None]
    told = ", ".join(f"skill against {skill.against.replace('_', ' ')} {skill.value:+.2f}" for skill in known)
    return f"n {score.sprints:>3}  Brier {score.brier:.3f}{'  ' + told if told else ''}"


def _families(told: FamilyOffset) -> dict[str, object]:
    return {
        "used": told.used,
        "sprints": told.sprints,
        "scored": told.scored,
        "log_loss_saved": told.gain,
        "log_loss_saved_at_least": told.low,
        "brier_saved": told.brier_gain,
        "weights": {term.family: term.weight for term in told.terms},
        "known_sprints": {term.family: term.sprints for term in told.terms},
        "sentence": told.sentence,
    }


def _fields(score: Score) -> dict[str, object]:
    return {
        "sprints": score.sprints,
        "landed": score.landed,
        "entries": score.entries,
        "other_end": score.other_end,
        "brier": score.brier,
        "log_loss": score.log_loss,
        "skill": {s.against: {"value": s.value, "low": s.low, "high": s.high, "n": s.sprints} for s in score.skills},
        "reliability": [
            {"said": b.said, "sprints": b.sprints, "landed": b.landed, "words": b.words} for b in score.bins
        ],
    }
