"""Actions that could help, each as a change to the inputs of the forecast.

An action is only as good as the change it makes to the simulation, so each candidate carries that change:

    review_pull_request  the wait that is still to come is gone
    unblock              nothing waits for the blocking item any more
    fix_build            the red pull request is green
    split                half of the item's remaining time moves out of the sprint
    drop_or_move         the items leave the sprint
    move_date            the end moves to a day that holds in 80 % of the runs or more
    reassign             of one owner's items every second goes to whoever has hands free; an owner for what has none
                         is not simulated: nobody knows yet who would take it
    close_overdue, set_end   not simulated: there is no probability to change
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from galaxy_desktop.domain.calendar import day_in_words
from galaxy_desktop.domain.evidence import Evidence, of_anchors, of_item, unique
from galaxy_desktop.domain.facts import FeatureSet, ItemFacts
from galaxy_desktop.domain.findings import Effort, ForecastInputs, OpenWork, Risk
from galaxy_desktop.domain.scenarios import changed, ending, freed, green, halved, reviewed, shared_out, without
from galaxy_desktop.domain.sprints import Snapshot, Sprint
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.recommend.effort import PERSON_MINUTES, USUAL_MINUTES, effort_of, to_agree, to_announce

Change = Callable[[ForecastInputs], ForecastInputs]

MOST_EVIDENCE = 8
LEAST_WAITING_DAYS = 1.0
LARGE_LINES = 500
LARGE_BOXES = 6
MOST_SPLITS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An action before it is simulated; `change` is `None` where there is nothing to simulate.

    `certain` marks actions that cannot make a run later, so that their gain is never shown as negative. `minutes` are
    what it asks for where that is more than a word (see `effort`), 0 for what is usual of its effort; `short` names it
    inside another one ("dropping o/r#7"), "" where it never stands inside another.
    """

    kind: str
    summary: str
    item_ids: tuple[str, ...]
    effort: Effort
    evidence: tuple[Evidence, ...]
    about: str = ""
    change: Change | None = None
    certain: bool = True
    minutes: int = 0
    short: str = ""

    @property
    def cost(self) -> int:
        """What it asks for in minutes."""
        return self.minutes or USUAL_MINUTES[self.effort]

    def id_in(self, sprint: Sprint) -> str:
        """Made from sprint, kind and what it is about, so that a verdict finds it again."""
        return f"action:{sprint.id}:{self.kind}:{self.about}"


@dataclass(frozen=True, slots=True)
class Workbench:
    """One sprint with everything that candidates are made from."""

    sprint: Sprint
    features: FeatureSet
    risks: tuple[Risk, ...]
    inputs: ForecastInputs
    snapshot: Snapshot
    now: datetime

    @property
    def open(self) -> list[tuple[WorkItem, ItemFacts]]:
        """Open items with their facts, in the snapshot's order."""
        facts = {fact.item_id: fact for fact in self.features.items}
        items = self.snapshot.pick(work.item_id for work in self.inputs.open)
        return [(item, facts[item.evidence_id]) for item in items if item.evidence_id in facts]

    def said(self, day: date) -> str:
        """A day as people say it: "Friday 15 May"."""
        return day_in_words(day, self.inputs.today)

    def anchors(self) -> list[Evidence]:
        """The sprint's milestones and iterations as evidence."""
        return list(of_anchors(self.sprint, self.snapshot))

    def cite(self, ids: Sequence[str]) -> list[Evidence]:
        """Stored items as evidence."""
        return [of_item(item) for item in self.snapshot.pick(ids)]


def obstacles(bench: Workbench) -> list[Candidate]:
    """Actions that take something out of the way: reviews, blockers, builds, large items, owners."""
    return [*_reviews(bench), *_unblock(bench), *_builds(bench), *_splits(bench), *_owners(bench)]


def drop(bench: Workbench, ids: Sequence[str]) -> Candidate:
    """Take items out of the sprint."""
    chosen = tuple(ids)
    several = f"{len(chosen)} of {len(bench.inputs.open)} open items ({listed(chosen)})"
    names = reference(chosen[0]) if len(chosen) == 1 else several
    digest = hashlib.sha256("\n".join(sorted(chosen)).encode()).hexdigest()[:12]
    minutes = to_agree(chosen, bench.inputs.open)
    return Candidate(
        kind="drop_or_move",
        summary=f"Drop {names} from {bench.sprint.name} or move it to the next sprint."
        if len(chosen) == 1
        else f"Move {names} out of {bench.sprint.name}.",
        item_ids=chosen,
        effort=effort_of(minutes),
        evidence=unique(bench.cite(chosen))[:MOST_EVIDENCE],
        about=chosen[0] if len(chosen) == 1 else digest,
        change=lambda inputs: without(inputs, chosen),
        minutes=minutes,
        short=f"dropping {names}" if len(chosen) == 1 else f"moving {names} out",
    )


def move_date(bench: Workbench, to: date) -> Candidate:
    """Move the end to a later day."""
    old = bench.inputs.due_on
    was = f" from {bench.said(old)}" if old is not None else ""
    minutes = to_announce(bench.inputs.open)
    return Candidate(
        kind="move_date",
        summary=f"Move the end{was} to {bench.said(to)}, which would hold in most simulated runs.",
        item_ids=(),
        effort=effort_of(minutes),
        minutes=minutes,
        evidence=tuple(bench.anchors()),
        about=f"{old}",
        change=lambda inputs: ending(inputs, to),
    )


def close_overdue(bench: Workbench, by: date | None) -> Candidate:
    """Say what becomes of a sprint whose end has passed."""
    ids = tuple(work.item_id for work in bench.inputs.open)
    likely = f" ({bench.said(by)} would hold in 85 % of the simulated runs)" if by else ""
    minutes = to_agree(ids, bench.inputs.open)
    return Candidate(
        kind="close_overdue",
        summary=f"Decide about the overdue sprint: set a new end{likely}, or move {listed(ids)} out and close it.",
        item_ids=ids,
        effort=effort_of(minutes),
        minutes=minutes,
        evidence=unique([*bench.anchors(), *bench.cite(ids)])[:MOST_EVIDENCE],
        about=f"{bench.inputs.due_on}",
    )


def set_end(bench: Workbench, by: date | None) -> Candidate:
    """Give the sprint an end."""
    likely = f": {bench.said(by)} would hold in 85 % of the simulated runs" if by else ""
    minutes = to_announce(bench.inputs.open)
    ids = tuple(work.item_id for work in bench.inputs.open)
    return Candidate(
        kind="set_end",
        summary=f"Set a due date for {bench.sprint.name}{likely}.",
        item_ids=(),
        effort=effort_of(minutes),
        minutes=minutes,
        evidence=unique([*bench.anchors(), *bench.cite(ids)])[:MOST_EVIDENCE],
    )


def _changed(item_id: str, change: Callable[[OpenWork], OpenWork]) -> Change:
    return lambda inputs: changed(inputs, item_id, change)


def _reviews(bench: Workbench) -> list[Candidate]:
    out = []
    for item, fact in bench.open:
        days = fact.waiting_for_review_days
        if days is None or days < LEAST_WAITING_DAYS:
            continue
        waited = "1 day" if int(days) == 1 else f"{int(days)} days"
        out.append(
            Candidate(
                kind="review_pull_request",
                summary=f"Review {item.reference}: it has been waiting for {waited}.",
                item_ids=(item.evidence_id,),
                effort=Effort.SMALL if (fact.size_lines or 0) <= LARGE_LINES else Effort.MEDIUM,
                evidence=(of_item(item, f"waiting for a review for {waited}"),),
                about=item.evidence_id,
                change=_changed(item.evidence_id, reviewed),
            )
        )
    return out


def _unblock(bench: Workbench) -> list[Candidate]:
    """One action for each item that holds up others and is not held up itself."""
    waits = {work.item_id: work.blocked_by for work in bench.inputs.open if work.blocked_by}
    roots = sorted({blocker for blocked in waits.values() for blocker in blocked if blocker not in waits})
    out = []
    for root in roots:
        held = tuple(sorted(item for item, blocked in waits.items() if root in blocked))
        out.append(
            Candidate(
                kind="unblock",
                summary=f"Finish or cut loose {reference(root)} first: {listed(held)} "
                f"{'waits' if len(held) == 1 else 'wait'} for it.",
                item_ids=(root, *held),
                effort=Effort.MEDIUM,
                evidence=unique([*bench.cite([root]), *bench.cite(held)])[:MOST_EVIDENCE],
                about=root,
                change=partial(freed, blocker=root),
            )
        )
    return out


def _builds(bench: Workbench) -> list[Candidate]:
    out = [
        Candidate(
            kind="fix_build",
            summary=f"Fix the build first: {risk.summary}",
            item_ids=(),
            effort=Effort.MEDIUM,
            evidence=risk.evidence,
            about=risk.id.partition(":red_build:")[2],
        )
        for risk in bench.risks
        if risk.kind == "red_build" and not risk.item_ids
    ]
    for item, fact in bench.open:
        if fact.red_run is None:
            continue
        out.append(
            Candidate(
                kind="fix_build",
                summary=f"Make {item.reference} green: {fact.red_run.quote}.",
                item_ids=(item.evidence_id,),
                effort=Effort.MEDIUM,
                evidence=(fact.red_run, of_item(item)),
                about=item.evidence_id,
                change=_changed(item.evidence_id, green),
            )
        )
    return out


def _splits(bench: Workbench) -> list[Candidate]:
    """The largest items: half of what is left of them can go to the next sprint."""
    large = [
        (fact.boxes - fact.ticked, fact.size_lines or 0, item, fact)
        for item, fact in bench.open
        if fact.boxes - fact.ticked >= LARGE_BOXES or (fact.size_lines or 0) > LARGE_LINES
    ]
    large.sort(key=lambda row: (-row[0], -row[1], row[2].evidence_id))
    out = []
    for boxes, lines, item, _fact in large[:MOST_SPLITS]:
        value = f"{boxes} open boxes in its checklist" if boxes >= LARGE_BOXES else f"{lines} changed lines"
        out.append(
            Candidate(
                kind="split",
                summary=f"Split {item.reference} ({value}) and move one half to the next sprint.",
                item_ids=(item.evidence_id,),
                effort=Effort.MEDIUM,
                evidence=(of_item(item, value),),
                about=item.evidence_id,
                change=_changed(item.evidence_id, halved),
                short=f"splitting {item.reference}",
            )
        )
    return out


def _owners(bench: Workbench) -> list[Candidate]:
    """Owners for what has none, and more hands where one pair holds most: simulated where it is known what hands do."""
    bare = tuple(i for risk in bench.risks if risk.kind == "no_owner" for i in risk.item_ids)
    out = []
    if bare:
        minutes = PERSON_MINUTES * len(bare)
        out.append(
            Candidate(
                kind="reassign",
                summary=f"Find an owner for {listed(bare)}.",
                item_ids=bare,
                effort=effort_of(minutes),
                minutes=minutes,
                evidence=unique(bench.cite(bare))[:MOST_EVIDENCE],
                about="no_owner",
            )
        )
    out += [
        Candidate(
            kind="reassign",
            summary=f"Share out some of {listed(risk.item_ids)}: one person owns them all.",
            item_ids=risk.item_ids,
            effort=effort_of(PERSON_MINUTES * -(-len(risk.item_ids) // 2)),
            minutes=PERSON_MINUTES * -(-len(risk.item_ids) // 2),
            evidence=risk.evidence,
            about="overloaded_owner",
            change=partial(shared_out, ids=risk.item_ids) if bench.inputs.rhythm.hands else None,
            certain=False,
        )
        for risk in bench.risks
        if risk.kind == "overloaded_owner"
    ]
    return out


def reference(item_id: str) -> str:
    """How people write an evidence id of an item: "o/r#7"."""
    return item_id.removeprefix("external:").partition(":")[2]


def listed(ids: Sequence[str], most: int = 4) -> str:
    """The first few ids as people write them, and how many more."""
    names = [reference(i) for i in ids[:most]]
    rest = len(ids) - len(names)
    return ", ".join(names) + (f" and {rest} more" if rest > 0 else "")
