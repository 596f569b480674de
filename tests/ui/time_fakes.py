"""A workspace that knows its past and answers questions, and records to show."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from galaxy_desktop.assess.what_if import Question, WhatIf
from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.domain.ledger import (
    LedgerEntry,
    Origin,
    Outcome,
    Recalibration,
    ReliabilityBin,
    Score,
    Skill,
    TrustEntry,
    TrustReport,
)
from galaxy_desktop.domain.retro import Retro, RetroPoint, RetroStep, StepKind
from galaxy_desktop.domain.since import ChangeKind, ItemChange, Moved, MovedBy, Since, SprintSince
from galaxy_desktop.domain.work import State
from tests.ui import samples
from tests.ui.fakes import FakeWorkspace
from tests.ui.samples import API, LONG_TITLE, NOW, WEB

THEN = NOW - timedelta(days=3)


def _given(moment: datetime | None) -> tuple[datetime, ...]:
    """The moment of the past that a question was about, where there was one."""
    return () if moment is None else (moment,)


@dataclass
class PastWorkspace(FakeWorkspace):
    """Answers at once unless `gate` is there to be waited for; keeps what it was asked in `asked`."""

    asked: list[tuple[object, ...]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    wrong: Exception | None = None
    first: datetime | None = NOW - timedelta(days=30)

    async def look_back(self, moment: datetime) -> Analysis:
        """Only the first sprint, with less done."""
        await self._answer("look_back", moment)
        one = samples.analysis().sprints[0]
        earlier = replace(one, forecast=samples.forecast(0.31), done=4, open=10)
        return replace(samples.analysis(), as_of=moment, sprints=(earlier,), alerts=())

    async def blind_spots(self, moment: datetime) -> tuple[str, ...]:
        """One sentence."""
        return ("2 items changed since; the text shown is that of now.",)

    async def earliest(self) -> datetime | None:
        """A month ago."""
        return self.first

    async def trust(self, moment: datetime | None = None) -> TrustReport:
        """Five sprints, live and replayed."""
        await self._answer("trust", *_given(moment))
        return report()

    async def since(self, moment: datetime, until: datetime | None = None) -> Since:
        """Some of everything."""
        await self._answer("since", moment, *_given(until))
        return since(moment)

    async def what_moved(self, sprint_id: str, since: datetime, until: datetime | None = None) -> Moved:
        """Seven points."""
        await self._answer("what_moved", sprint_id, since, *_given(until))
        return moved()

    async def retro(self, sprint_id: str, moment: datetime | None = None) -> Retro:
        """A sprint that missed."""
        await self._answer("retro", sprint_id, *_given(moment))
        return retro(sprint_id)

    async def what_if(self, sprint_id: str, question: Question) -> WhatIf:
        """Nine points less."""
        await self._answer("what_if", sprint_id, question)
        return what_if()

    async def _answer(self, *question: object) -> None:
        self.asked.append(question)
        if self.gate is not None:
            await self.gate.wait()
        if self.wrong is not None:
            raise self.wrong


def what_if() -> WhatIf:
    """From 62 % to 53 %."""
    before, after = samples.forecast(0.62), samples.forecast(0.53)
    said = "If acme/api#17 slips 2 working days, the sprint lands with 53 %, 9 points less than now."
    return WhatIf(before=before, after=after, change=-0.09, p85=date(2026, 5, 15), words=said)


def moved() -> Moved:
    """Seven points more, out of three parts."""
    return Moved(
        before=0.55,
        after=0.62,
        parts=(
            MovedBy(cause="done", points=0.1244, words="acme/api#12 done", item_ids=(f"issue:{API}#12",)),
            MovedBy(cause="calendar", points=-0.0533, words="1 day passed"),
            MovedBy(cause="pace", points=-0.0011, words="the team's recent pace and record changed"),
        ),
    )


def since(moment: datetime) -> Since:
    """One sprint with changes, one that is quiet."""
    changes = (
        _change(ChangeKind.DONE, f"issue:{API}#12"),
        _change(ChangeKind.BLOCKED, f"issue:{WEB}#44", "it waits for acme/api#23"),
        *(_change(ChangeKind.REVIEW, f"pr:{WEB}#{number}", "for 4 days") for number in range(80, 93)),
    )
    one = SprintSince(
        sprint_id="sprint-1",
        title=LONG_TITLE,
        moved=moved(),
        before_words="55 %",
        after_words="62 %",
        changes=changes,
        done=7,
        open=7,
    )
    quiet = replace(one, sprint_id="sprint-3", title="Release 1.9", moved=Moved(before=None, after=None), changes=())
    return Since(since=moment, as_of=NOW, sprints=(one, quiet), blind=("1 item changed since.",))


def _change(kind: ChangeKind, item_id: str, words: str = "") -> ItemChange:
    title = samples.TITLES.get(item_id, "A pull request")
    return ItemChange(kind=kind, item_id=item_id, title=title, words=words, evidence=(item_id,))


def retro(sprint_id: str) -> Retro:
    """Said live, three numbers, the end moved once, and a large fall."""
    said = ((9, 0.7), (6, 0.64), (4, 0.4))
    return Retro(
        sprint_id=sprint_id,
        title="Release 1.8",
        due_on=date(2026, 5, 1),
        outcome=outcome(sprint_id, landed=False),
        points=tuple(
            RetroPoint(
                at=NOW - timedelta(days=days), probability=p, origin=Origin.LIVE, elapsed=0.5, open=days, done=12 - days
            )
            for days, p in said
        ),
        steps=(
            RetroStep(kind=StepKind.END, at=NOW - timedelta(days=6), words="the end is Friday 1 May", change=-0.06),
            RetroStep(kind=StepKind.JUMP, at=NOW - timedelta(days=4), words="from 64 % to 40 %", change=-0.24),
        ),
        biggest=Moved(before=0.64, after=0.4, parts=(MovedBy(cause="scope", points=-0.24, words="3 items added"),)),
        biggest_from=NOW - timedelta(days=6),
        biggest_to=NOW - timedelta(days=4),
        facts=("It did not land: 10 of 12 items were done.", "The end was moved 1 time."),
    )


def outcome(sprint_id: str, *, landed: bool) -> Outcome:
    """How a sprint came out."""
    return Outcome(
        sprint_id=sprint_id,
        landed=landed,
        due_on=date(2026, 5, 1),
        ended_on=date(2026, 5, 1),
        delivered=10,
        committed=12,
        why="10 of 12 items were done when its end passed on 2026-05-01",
    )


def entry(sprint_id: str, probability: float | None, elapsed: float, origin: Origin = Origin.LIVE) -> LedgerEntry:
    """One forecast as it was said."""
    return LedgerEntry(
        sprint_id=sprint_id,
        sprint_title=f"Sprint {sprint_id}",
        said_at=NOW - timedelta(days=20 - 10 * elapsed),
        due_on=date(2026, 5, 1),
        probability=probability,
        why_none="" if probability is not None else "too little history",
        raw_share=probability,
        course=0.5,
        weight=0.8,
        before_recalibration=probability,
        elapsed=elapsed,
        open=5,
        done=7,
        baselines={"base_rate": 0.5, "linear_burn": 0.6},
        engine="test 1",
        seed=7,
        inputs_digest=f"{sprint_id}-{elapsed}".ljust(64, "0"),
        origin=origin,
    )


def score(sprints: int = 13, skill: float = 0.21) -> Score:
    """A score with three bins."""
    bins = ((0.12, 4, 1), (0.48, 3, 1), (0.7, 13, 9)) if sprints else ()
    return Score(
        sprints=sprints,
        landed=min(9, sprints),
        entries=sprints * 4,
        brier=0.19 if sprints else None,
        log_loss=0.5 if sprints else None,
        skills=tuple(
            Skill(against=name, value=skill if sprints else None, low=-0.05, high=0.4, sprints=sprints)
            for name in ("base_rate", "linear_burn")
        ),
        bins=tuple(
            ReliabilityBin(
                low=said - 0.1,
                high=said + 0.1,
                said=said,
                sprints=count,
                landed=landed,
                words=f"When we said about {said:.0%}, it happened {landed} times in {count}.",
            )
            for said, count, landed in bins
        ),
    )


def report(live: int = 13, replayed: int = 5, *, trusted: bool = True, corrected: bool = True) -> TrustReport:
    """A record; 0 sprints for none."""
    known = outcome("a", landed=True)
    said = tuple(TrustEntry(entry=entry("a", 0.6 + share / 5, share), outcome=known) for share in (0.02, 0.5, 0.8))
    past = tuple(
        TrustEntry(entry=entry("b", 0.3, share, Origin.REPLAY), outcome=outcome("b", landed=False))
        for share in (0.0, 0.3, 0.5, 0.8)
    )
    return TrustReport(
        as_of=NOW,
        engine="test 1",
        live=score(live),
        replay=score(replayed, skill=-0.1),
        entries=said if live else (),
        waiting=2,
        recalibration=Recalibration(
            slope=0.8, intercept=-0.1, sprints=13, prior_sprints=20.0, formula="logit(p') = ..."
        )
        if corrected
        else Recalibration(sprints=live, formula="No correction: too little to learn from."),
        verdict="This forecast beats a simple average by 21 % over the last 10 sprints."
        if trusted
        else "This forecast is not beating a simple average.",
        trusted=trusted,
        replayed=past if replayed else (),
    )


def closed_first() -> str:
    """The id of the closed sprint among the samples."""
    return next(one.sprint.id for one in samples.analysis().sprints if one.sprint.state is State.CLOSED)
