"""The commands of the headless contract, over the same services as the window."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from galaxy_desktop.domain import days_off
from galaxy_desktop.domain.events import Event
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.errors import GalaxyError, OfflineError, RefusedError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import clock, contract, demo
from galaxy_desktop.services.credentials import Credentials
from galaxy_desktop.services.egress import egress_of
from galaxy_desktop.services.holiday_calendar import holidays_of
from galaxy_desktop.services.logs import logging_to
from galaxy_desktop.services.report import freshness_line, sprint_lines
from galaxy_desktop.services.sync import Syncer
from galaxy_desktop.services.sync_outcome import Ending, SyncOutcome
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

if TYPE_CHECKING:
    from galaxy_desktop.services.transfer import Transfer

logger = logging.getLogger(__name__)

Emit = Callable[[str], None]
DONE, REFUSED = 0, 3
LOOKING = ("flow", "standup", "ask")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked on the command line."""

    folder: DataFolder
    repositories: tuple[str, ...] = ()
    at: str | None = None
    as_json: bool = False
    no_sync: bool = False
    prose: bool = False
    demo: str | None = None
    transfer: Transfer | None = None
    sprint: str = ""
    since: str = ""
    question: str = ""
    model: bool = True


async def run(command: str, request: Request, emit: Emit) -> int:
    """Carry out one command, print through `emit`, and return the exit code.

    Raises:
        GalaxyError: with the sentence to print. Anything else is a bug, whose traceback is in the log by then.
    """
    now = clock.parse_moment(request.at) if request.at else clock.now()
    if command == "doctor":
        from galaxy_desktop.services import doctor  # noqa: PLC0415 - needed by this command alone

        return await doctor.run(request.folder, emit, as_json=request.as_json)
    token = Credentials(_stored_settings(request.folder).api_url()).token()
    with logging_to(request.folder.make(), token):
        try:
            return await _carry_out(command, request, now, token, emit)
        except GalaxyError:
            raise
        except Exception:
            logger.exception("The command %s failed", command)
            raise


def _stored_settings(folder: DataFolder) -> Settings:
    """The settings of the profile, the defaults where there is none yet; raises `StoreError` with what to do."""
    if not folder.database.exists():
        return Settings()
    with Store.open(folder) as store:
        return Settings.from_text(store.settings())


async def _carry_out(command: str, request: Request, now: datetime, token: str | None, emit: Emit) -> int:
    if request.transfer is not None:
        from galaxy_desktop.services import transfer  # noqa: PLC0415 - needed by these commands alone

        asked = request.transfer
        return await transfer.run(command, asked, request.folder, request.repositories, emit, as_json=request.as_json)
    if request.demo is not None:
        return await _of_demo(command, request, now, emit)
    if command in LOOKING:
        with Store.open(request.folder) as store:
            return await _look(command, store, request, now, emit)
    if command == "watch":
        from galaxy_desktop.services import watch  # noqa: PLC0415 - needed by this command alone

        return await watch.run(request.folder, request.repositories, emit, as_json=request.as_json)
    with Store.open(request.folder) as store:
        if command == "untrack":
            return _untrack(store, request, emit)
        for name in request.repositories:
            store.track(name).result()
        if command == "sync":
            return await _sync(store, request, token, emit)
        return await _analyze(store, request, now, token, emit)


def _untrack(store: Store, request: Request, emit: Emit) -> int:
    """Stop tracking: a name that GitHub never showed is gone, what was stored of a repository stays and is not shown."""
    tracked = {one.full_name.lower() for one in store.repositories()}
    waiting = {name.lower() for name in store.wanted()}
    for name in request.repositories:
        if name.lower() not in tracked | waiting:
            raise WrongUseError(f"{name} is not tracked, so there is nothing to end.")
    for name in request.repositories:
        store.untrack(name).result()
        kept = "What is stored of it stays; track it again to see it." if name.lower() in tracked else ""
        emit(f"{name} is no longer tracked. {kept}".strip())
    return DONE


async def _sync(store: Store, request: Request, token: str | None, emit: Emit) -> int:
    outcome = await _fetch(store, token)
    fresh = store.freshness()
    if request.as_json:
        waiting = [{"repository": name, "sentence": why} for name, why in store.wishes()]
        told = [contract.repository_fields(one) for one in fresh]
        emit(json.dumps({"repositories": told, "waiting": waiting}, indent=2))
    else:
        for one in fresh:
            emit(freshness_line(one, clock.now()))
    return _judge(store, outcome, request.repositories)


async def _analyze(store: Store, request: Request, now: datetime, token: str | None, emit: Emit) -> int:
    code = DONE
    if not request.no_sync:
        code = _judge(store, await _fetch(store, token), request.repositories)
    if not store.repositories():
        raise WrongUseError("Nothing is stored yet, so there is nothing to analyze. Run it without --no-sync first.")
    await _evaluate_and_print(store, request, now, emit)
    return code


def _judge(store: Store, outcome: SyncOutcome, named: Sequence[str] = ()) -> int:
    """Say on stderr what went wrong, and return the exit code.

    GitHub's refusal is the code only when it refused everything that was asked: one blocked repository among
    three must not stop a script that reports on the other two. Its state says so, and so does stderr. Asked are the
    repositories `named` on the command line, all that are tracked where none is named.

    Raises:
        GalaxyError: nothing is stored, so there is nothing else to do than say why.
    """
    said = list(dict.fromkeys(result.sentence for result in outcome.results if result.sentence))
    asked = {name.lower() for name in named}
    of_asked = [result for result in outcome.results if result.full_name.lower() in asked]
    # A name that leads to a repository with another name, after a rename, was answered.
    judged = of_asked if asked and len(of_asked) == len(asked) else outcome.results
    endings = {result.ending for result in outcome.results}
    if not store.repositories():
        sentence = " ".join(said) or "GitHub told us nothing."
        raise OfflineError(sentence) if Ending.OFFLINE in endings else RefusedError(sentence)
    for sentence in said:
        print(sentence, file=sys.stderr)  # noqa: T201 - this is what the terminal is for
    verdicts = {result.ending for result in judged}
    return REFUSED if verdicts and verdicts <= {Ending.REFUSED, Ending.BROKEN} else DONE


async def _of_demo(command: str, request: Request, now: datetime, emit: Emit) -> int:
    name = request.demo or ""
    demo.scenario_named(name)
    folder = request.folder
    if demo.prepare(folder, name, now):
        with Store.open(folder) as store:
            fill_demo(store, name, now)
        demo.mark_filled(folder, name, now)
    with Store.open(folder) as store:
        if command in LOOKING:
            return await _look(command, store, request, now, emit)
        await _evaluate_and_print(store, request, now, emit)
    return DONE


async def _look(command: str, store: Store, request: Request, now: datetime, emit: Emit) -> int:
    """The commands that say what is stored, and change nothing."""
    if command == "standup":
        from galaxy_desktop.services import standup  # noqa: PLC0415 - needed by this command alone

        return await standup.run(store, request.since, now, emit, as_json=request.as_json)
    if command == "ask":
        from galaxy_desktop.services import ask_command  # noqa: PLC0415 - needed by this command alone

        past = request.at is not None and request.demo is None  # a demo is made for the day that is asked
        how = ask_command.How(as_json=request.as_json, past=past, model=request.model)
        return await ask_command.run(store, request.question, now, emit, how)
    from galaxy_desktop.services import flow_report  # noqa: PLC0415 - needed by this command alone

    return await flow_report.run(store, request.sprint, now, emit, as_json=request.as_json)


def fill_demo(store: Store, name: str, now: datetime) -> None:
    """Write the records of a demo workspace, and the settings it starts with, into an empty store."""
    for page in demo.DemoWorkspace(demo.scenario_named(name), now).pages():
        store.apply(page).result()
    for setting, value in demo.AT_ANY_HOUR:
        store.set_setting(setting, value, "demo", now).result()


async def _evaluate_and_print(store: Store, request: Request, now: datetime, emit: Emit) -> None:
    from galaxy_desktop.services import pipeline  # noqa: PLC0415 - numpy and friends, not needed to sync

    settings = Settings.from_text(store.settings())
    holidays = holidays_of(settings.text("holidays"), now.date())
    analysis, _ = await asyncio.to_thread(pipeline.evaluate, store, now, holidays)
    if request.prose:
        from galaxy_desktop.services.prose import with_prose  # noqa: PLC0415 - loads the model

        analysis = await with_prose(store, request.folder, analysis, settings)
    emit(contract.to_json(analysis) if request.as_json else _text(analysis))


def _text(analysis: Analysis) -> str:
    lines = [freshness_line(fresh, clock.now()) for fresh in analysis.repositories]
    if analysis.strangers:
        lines.append(days_off.in_words(analysis.strangers))
    for sprint in analysis.sprints:
        lines += ["", *sprint_lines(sprint, analysis)]
    return "\n".join(lines)


async def _fetch(store: Store, token: str | None, publish: Callable[[Event], None] | None = None) -> SyncOutcome:
    if not store.repositories() and not store.wanted():
        raise WrongUseError("No repository is tracked yet. Name one with --repo owner/name.")
    settings = Settings.from_text(store.settings())
    certificates = settings.ca_bundle()
    egress = egress_of(settings, store, clock.now)
    syncer = Syncer(
        store, settings.api_url(), token, publish=publish or (lambda event: None),
        gate=egress, proxy=settings.proxy(), ca_bundle=certificates,
    )  # fmt: skip
    try:
        return await syncer.sync_once(None, explicit=True)
    finally:
        await syncer.close()
        await asyncio.to_thread(egress.close)
