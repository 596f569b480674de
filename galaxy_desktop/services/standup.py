"""`galaxy-desktop standup`: what changed since a moment, from what is stored; nothing is synced, written or alerted."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import datetime, time, timedelta

from galaxy_desktop.domain.calendar import days_between
from galaxy_desktop.domain.days_off import days_off_of
from galaxy_desktop.domain.since import Moved, Since
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.explain.since import compare, lines_of, with_movement, yesterday
from galaxy_desktop.services import clock, ledger, past_book, pipeline, time_machine
from galaxy_desktop.services.answers import AnswerDesk, worth_explaining
from galaxy_desktop.services.flow_report import plain
from galaxy_desktop.services.holiday_calendar import holidays_of
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

DAYS = re.compile(r"(\d{1,3})d")


async def run(store: Store, since: str, now: datetime, emit: Callable[[str], None], *, as_json: bool = False) -> int:
    """Print what changed; `since` as `moment_of` reads it. Raises `WrongUseError` when there is nothing to compare."""
    if not store.repositories():
        raise WrongUseError("Nothing is stored yet, so there is nothing to compare. Run galaxy-desktop sync first.")
    country = Settings.from_text(store.settings()).text("holidays")
    moment = moment_of(since, now, store)
    found = await asyncio.to_thread(since_of, store, moment, now, country)
    emit(json.dumps(plain(found), indent=2, ensure_ascii=False) if as_json else "\n".join(lines_of(found)))
    return 0


def moment_of(since: str, now: datetime, store: Store) -> datetime:
    """Since when: "" or "yesterday" is the morning of the last working day, "3d" three days ago, else an ISO day or moment.

    Raises:
        WrongUseError: it cannot be read, or lies in the future.
    """
    if since in ("", "yesterday"):
        settings = Settings.from_text(store.settings())
        off = days_off_of(settings.text("days_off")).team
        return yesterday(now, holidays_of(settings.text("holidays"), now.date()) | off)
    days = DAYS.fullmatch(since)
    if days:
        moment = now - timedelta(days=int(days[1]))
    elif len(since) == len("2026-05-01"):
        try:
            moment = datetime.combine(datetime.fromisoformat(since).date(), time(), now.tzinfo)
        except ValueError as error:
            raise WrongUseError(f"{since!r} is no day. Write it like 2026-05-01.") from error
    else:
        moment = clock.parse_moment(since).astimezone(now.tzinfo)
    if days_between(moment, now) <= 0:
        raise WrongUseError(f"{since} lies in the future. Choose a moment in the past.")
    return moment


def since_of(store: Store, moment: datetime, now: datetime, country: str) -> Since:
    """What changed between a moment and `now`, which may lie in the past too, with the breakdowns; blocking."""
    choices = choices_of(store, country)
    before = time_machine.analysis_at(store, moment, choices(moment))
    after = time_machine.analysis_at(store, now, choices(now))
    found = compare(before, after, time_machine.blind_at(store, moment))
    desk = AnswerDesk(store, country, back=True)
    moved: dict[str, Moved] = {
        one.sprint_id: desk.moved(*desk.both(after, one.sprint_id, moment))
        for one in found.sprints
        if worth_explaining(one.moved)
    }
    return with_movement(found, moved)


def choices_of(store: Store, country: str) -> Callable[[datetime], pipeline.Thinking]:
    """What an evaluation takes into account besides the records, at any moment; blocking."""
    off = days_off_of(Settings.from_text(store.settings()).text("days_off"))

    def choices(at: datetime) -> pipeline.Thinking:
        return pipeline.Thinking(
            confirmed=store.sprints_confirmed(),
            verdicts=store.verdicts(),
            holidays=holidays_of(country, at.date()) | off.team,
            away=off.people,
            recalibration=ledger.current_recalibration(store),
            past=past_book.read(store.folder),
        )

    return choices
