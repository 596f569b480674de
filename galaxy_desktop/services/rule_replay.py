"""`galaxy-desktop evaluate risks` and `evaluate delays`: the rules and the delay model held against the past.

Both walk through the past of the open workspace (see `past_walk`), keep what they replayed beside the database, and print
figures; `--save` writes the file that ships. In the app the same walk is a job behind an evaluation.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from galaxy_desktop.assess import delay, delay_evaluation, precision
from galaxy_desktop.assess.outcome_rows import SprintRow
from galaxy_desktop.domain.past_sprints import Precision, Stretch
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import clock, demo, past_book, past_walk
from galaxy_desktop.services.commands import fill_demo
from galaxy_desktop.services.evaluation_rows import read_rows
from galaxy_desktop.services.holiday_calendar import holidays_of
from galaxy_desktop.services.lessons import shipped_precision
from galaxy_desktop.services.logs import logging_to
from galaxy_desktop.services.written_files import check_targets, write_whole
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

Emit = Callable[[str], None]
MOST_YEARS = 30
"""GitHub is younger."""
SAVE_EVERY = 10
"""So many stretches are replayed between two times of writing the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """What was asked: `what` is "risks" or "delays"; `sprints` a file of public sprints that sets the level of delays."""

    what: str
    folder: DataFolder
    at: str | None = None
    demo_name: str | None = None
    years: float = past_walk.YEARS
    sprints: Path | None = None
    save: Path | None = None
    as_json: bool = False


class Replaying:
    """The walk of one store with what it keeps: `prepare` once, then `step` until nothing is left."""

    def __init__(self, store: Store, now: datetime, years: float = past_walk.YEARS) -> None:
        """Nothing is read yet; `now` is an aware datetime in the user's zone."""
        self._store = store
        self._now = now
        self._years = years
        self._walk: past_walk.PastWalk | None = None
        self._unsaved = 0
        self.replayed = 0
        """Stretches replayed so far."""

    def prepare(self) -> None:
        """Read the store and find out what is missing."""
        settings = Settings.from_text(self._store.settings())
        self._walk = past_walk.PastWalk(
            self._store.snapshot(),
            self._now,
            past_book.read(self._store.folder),
            confirmed=self._store.sprints_confirmed(),
            holidays=holidays_of(settings.text("holidays"), self._now.date()),
            years=self._years,
        )
        self._walk.prepare()

    @property
    def walk(self) -> past_walk.PastWalk:
        """The walk, once prepared."""
        if self._walk is None:
            raise ValueError("prepare comes first")
        return self._walk

    def step(self, stop: StopFlag | None = None) -> bool:
        """Replay the next stretch, and keep what there is from time to time; false when nothing is left."""
        self.replayed += bool(self.walk.next)
        more = self.walk.step(stop)
        self._unsaved += 1
        if not more or self._unsaved >= SAVE_EVERY:
            self.keep()
        return more

    def keep(self) -> None:
        """Write what was replayed; stretches that are gone from the workspace go, where they changed."""
        known, found = past_book.read(self._store.folder), tuple(self.walk.found.values())
        self._unsaved = 0
        if {one.key: one.digest for one in known} != {one.key: one.digest for one in found}:
            past_book.write(self._store.folder, found)


def run(request: ReplayRequest, emit: Emit) -> int:
    """Replay what is missing, print the figures, write them where asked; the exit code.

    Raises:
        WrongUseError: nothing is stored, there is too little past, or a file cannot be used.
    """
    now = clock.parse_moment(request.at) if request.at else clock.now()
    late = _checked(request)
    with logging_to(request.folder.make(), None):
        _fill(request, now)
        with Store.open(request.folder) as store:
            names = [one.full_name for one in store.repositories()]
            if not names:
                raise WrongUseError("Nothing is stored yet, so there is no past to replay. Sync first.")
            past = _replayed(store, now, request.years)
    about: dict[str, object] = {"date": now.date().isoformat(), "data": names, "years": request.years}
    try:
        told = _risks(request, past, about) if request.what == "risks" else _delays(request, past, about, late)
    except ValueError as error:
        raise WrongUseError(f"The past cannot be used: {error}.") from error
    emit(told)
    return 0


def _checked(request: ReplayRequest) -> float | None:
    """What can be wrong, before the long walk begins; the share of late work in the public sprints, where given."""
    if not 0 < request.years <= MOST_YEARS:
        raise WrongUseError(f"--years is {request.years:g}. Name a number above 0, and at most {MOST_YEARS}.")
    check_targets((request.save,), (request.sprints,))
    if request.sprints is None:
        return None
    try:
        return late_share(read_rows(request.sprints, outcomes=True))
    except ValueError as error:
        raise WrongUseError(f"{request.sprints} cannot be used: {error}.") from error


def _fill(request: ReplayRequest, now: datetime) -> None:
    name = request.demo_name
    if name and demo.prepare(request.folder, name, now):
        with Store.open(request.folder) as store:
            fill_demo(store, name, now)
        demo.mark_filled(request.folder, name, now)


def _replayed(store: Store, now: datetime, years: float) -> list[Stretch]:
    work = Replaying(store, now, years)
    work.prepare()
    total = work.walk.total
    while work.walk.next:
        print(f"{len(work.walk.found)} of {total}: {work.walk.next}", file=sys.stderr)  # noqa: T201 - for the terminal
        work.step()
    work.keep()
    return [work.walk.found[key] for key in sorted(work.walk.found)]


# --- risks


def _risks(request: ReplayRequest, past: Sequence[Stretch], about: dict[str, object]) -> str:
    figures = precision.measured(past)
    counts = {"sprints": sum(s.is_sprint for s in past), "windows": sum(not s.is_sprint for s in past)}
    if request.save is not None:
        write_whole(request.save, precision.document(figures, {**about, **counts}))
    shipped = shipped_precision()
    here = {one.kind: precision.here(shipped.get(one.kind), one) for one in figures}
    if request.as_json:
        rows = {one.kind: {**asdict(one), "here": here[one.kind]} for one in figures}
        silenced = sorted(precision.silenced(shipped, figures))
        return json.dumps({**about, **counts, "rules": rows, "silenced": silenced}, indent=2)
    ended = f"{counts['sprints']} past {'sprint' if counts['sprints'] == 1 else 'sprints'}"
    head = f"{ended} and {counts['windows']} times four weeks of repositories with few sprints."
    lines = [head, "", f"{'rule':<26}{'fired':>6}{'right':>7}   {'90 % interval':<16}{'others':>7}{'lift':>7}"]
    return "\n".join([*lines, *(_line(one) for one in figures)])


def _line(one: Precision) -> str:
    if one.share is None or one.low is None or one.high is None:
        return f"{one.kind:<26}{one.fired:>6}"
    interval = f"{one.low:.0%} to {one.high:.0%}"
    base = "-" if one.base is None else f"{one.base:.0%}"
    lift = "-" if one.lift is None else f"{one.lift:.2f}"
    few = "" if precision.is_measured(one) else "   too few to be measured"
    return f"{one.kind:<26}{one.fired:>6}{one.share:>7.0%}   {interval:<16}{base:>7}{lift:>7}{few}"


# --- delays


def _delays(request: ReplayRequest, past: Sequence[Stretch], about: dict[str, object], late: float | None) -> str:
    report = delay_evaluation.evaluate(past)
    model = delay_evaluation.learned(past)
    if late is not None and request.sprints is not None:
        model = delay.shifted(model, late)
        about["planned_late_share"] = round(late, 3)
        about["level_from"] = request.sprints.name
    if request.save is not None:
        write_whole(request.save, delay.document(model, about))
    if request.as_json:
        return json.dumps({**about, "report": asdict(report)}, indent=2)
    rows, items, stretches = report.predicted
    lines = [
        f"Learned from {report.learned[1]} items in {report.learned[2]} stretches; predicted {items} items "
        f"({rows} looks) in {stretches} later ones, ended {report.first_day} to {report.last_day}; {report.late:.0%} were late.",
        "",
        *(_way(one) for one in report.ways),
    ]
    return "\n".join(lines)


def _way(one: delay_evaluation.Scored) -> str:
    found = "-" if one.auc is None else f"{one.auc:.2f}"
    between = f" ({one.auc_interval[0]:.2f} to {one.auc_interval[1]:.2f})" if one.auc_interval else ""
    low, high = one.brier_interval or (one.brier, one.brier)
    return (
        f"{one.name:<22} AUC {found}{between:<16} Brier {one.brier:.3f} ({low:.3f} to {high:.3f})"
        f"  calibration error {one.calibration_error:.3f}"
    )


def late_share(rows: Sequence[SprintRow]) -> float:
    """The share of the work that was open in public sprints, at any moment, and was not delivered.

    Each amount of work weighs alike. Raises `ValueError` where nothing was open.
    """
    opened = late = 0.0
    for row in rows:
        left = max(0.0, row.moment.todo) + max(0.0, row.moment.in_progress)
        if left > 0 and row.difference is not None:
            opened += left
            late += min(max(-row.difference, 0.0), left)
    if not 0 < late < opened:
        raise ValueError("nothing was open in these sprints")
    return late / opened
