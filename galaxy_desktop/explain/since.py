"""What changed between two evaluations of a workspace, for the standup: two `Analysis` records in, changes out.

Both evaluations are of today's engine; the earlier one rests on what was known then. A sprint is told when it is open
now, or was open then. Only items and sprints are named. Everything said can be opened: each change has evidence ids.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from galaxy_desktop.domain.calendar import is_working
from galaxy_desktop.domain.facts import ItemFacts
from galaxy_desktop.domain.findings import Analysis, Forecast, ItemBrief, SprintAnalysis
from galaxy_desktop.domain.since import ChangeKind, ItemChange, Moved, Since, SprintSince
from galaxy_desktop.domain.work import State
from galaxy_desktop.explain.words import counted, day_in_words, joined, percent

MORNING = time(9, 0)
"""When a working day begins for the standup."""
WORTH_EXPLAINING = 0.05
"""A chance that moved by so much gets a breakdown."""


def yesterday(now: datetime, holidays: frozenset[date] = frozenset()) -> datetime:
    """The morning of the working day before `now`: on a Monday that of Friday."""
    day = now.date() - timedelta(days=1)
    while not is_working(day, holidays):
        day -= timedelta(days=1)
    return datetime.combine(day, MORNING, now.tzinfo)


def compare(before: Analysis, after: Analysis, blind: tuple[str, ...] = ()) -> Since:
    """What happened between two evaluations; sprints with work left come first, the nearest end on top."""
    then = {one.sprint.id: one for one in before.sprints}
    told = [
        _sprint(then.get(one.sprint.id), one, _Briefs.of(before, after))
        for one in sorted(after.sprints, key=lambda one: (one.open == 0, one.sprint.due_on or date.max, one.sprint.id))
        if one.sprint.state is State.OPEN or _was_open(then.get(one.sprint.id))
    ]
    return Since(since=before.as_of, as_of=after.as_of, sprints=tuple(told), blind=blind)


def with_movement(since: Since, moved: Mapping[str, Moved]) -> Since:
    """The same with the breakdowns that were computed, by sprint."""
    told = tuple(replace(one, moved=moved.get(one.sprint_id, one.moved)) for one in since.sprints)
    return replace(since, sprints=told)


@dataclass(frozen=True, slots=True)
class _Briefs:
    """The items of both moments, by evidence id."""

    before: Mapping[str, ItemBrief]
    after: Mapping[str, ItemBrief]

    @classmethod
    def of(cls, before: Analysis, after: Analysis) -> _Briefs:
        return cls({i.id: i for i in before.items}, {i.id: i for i in after.items})

    def title(self, item_id: str) -> str:
        found = self.after.get(item_id) or self.before.get(item_id)
        return found.title if found else ""

    def opened(self, item_id: str) -> tuple[bool | None, bool | None]:
        """Whether it was open then and is open now, `None` where it is not known."""
        was, now = self.before.get(item_id), self.after.get(item_id)
        return was.open if was else None, now.open if now else None


def _was_open(one: SprintAnalysis | None) -> bool:
    return one is not None and one.sprint.state is State.OPEN


def _sprint(before: SprintAnalysis | None, after: SprintAnalysis, briefs: _Briefs) -> SprintSince:
    changes = () if before is None else tuple(_changes(before, after, briefs))
    order = list(ChangeKind)
    return SprintSince(
        sprint_id=after.sprint.id,
        title=after.sprint.title,
        moved=Moved(
            before=before.forecast.probability if before else None,
            after=after.forecast.probability,
        ),
        before_words=_chance(before.forecast) if before else "there was no such sprint",
        after_words=_chance(after.forecast),
        changes=tuple(sorted(changes, key=lambda c: (order.index(c.kind), c.item_id))),
        done=after.done,
        open=after.open,
        is_new=before is None,
    )


def _chance(forecast: Forecast) -> str:
    if forecast.probability is not None:
        return percent(forecast.probability)
    return f"no number ({forecast.why_none})" if forecast.why_none else "no number"


def _changes(before: SprintAnalysis, after: SprintAnalysis, briefs: _Briefs) -> Iterator[ItemChange]:
    yield from _end(before, after)
    was, now = set(before.sprint.items), set(after.sprint.items)
    for item_id in sorted(was | now):
        yield from _scope(item_id, was, now, briefs)
        if item_id in was and item_id in now:
            yield from _state(item_id, briefs)
    for facts in after.features.items:
        if briefs.opened(facts.item_id)[1] is not False:
            yield from _open_item(before.features.of_item(facts.item_id), facts, before.features.as_of, after, briefs)


def _end(before: SprintAnalysis, after: SprintAnalysis) -> Iterator[ItemChange]:
    was, now = before.sprint.due_on, after.sprint.due_on
    if was == now:
        return
    today = after.features.as_of.date()
    said = "the end was removed" if now is None else f"the end is {day_in_words(now, today)} now"
    earlier = "none before" if was is None else f"before it was {day_in_words(was, today)}"
    evidence = after.sprint.anchors or (after.sprint.id,)
    yield ItemChange(
        kind=ChangeKind.END, item_id="", title=after.sprint.title, words=f"{said}, {earlier}", evidence=evidence
    )


def _scope(item_id: str, was: set[str], now: set[str], briefs: _Briefs) -> Iterator[ItemChange]:
    if item_id in now and item_id not in was:
        done = briefs.opened(item_id)[1] is False
        yield _change(ChangeKind.ADDED, item_id, briefs, "and is done" if done else "")
    elif item_id in was and item_id not in now:
        yield _change(ChangeKind.REMOVED, item_id, briefs)


def _state(item_id: str, briefs: _Briefs) -> Iterator[ItemChange]:
    match briefs.opened(item_id):
        case (True, False):
            yield _change(ChangeKind.DONE, item_id, briefs)
        case (False, True):
            yield _change(ChangeKind.REOPENED, item_id, briefs)


def _open_item(
    was: ItemFacts | None, facts: ItemFacts, since: datetime, after: SprintAnalysis, briefs: _Briefs
) -> Iterator[ItemChange]:
    """What happened to an item that is still open."""
    if facts.started_at is not None and facts.started_at > since:
        yield _change(ChangeKind.STARTED, facts.item_id, briefs)
    blocked_then = set(was.blocked_by) if was else set()
    for blocker in facts.blocked_by:
        if blocker not in blocked_then:
            yield _blocked(facts.item_id, blocker, after, briefs)
    if blocked_then and not facts.blocked_by:
        words = f"it waited for {joined([_name(b) for b in sorted(blocked_then)])}"
        yield _change(ChangeKind.FREED, facts.item_id, briefs, words, tuple(sorted(blocked_then)))
    if facts.red_run is not None and (was is None or was.red_run is None):
        yield _change(ChangeKind.RED, facts.item_id, briefs, "", (facts.red_run.id,))
    if facts.waiting_for_review_days is not None:
        days = int(facts.waiting_for_review_days)  # whole days that have passed, as the risk says it
        yield _change(
            ChangeKind.REVIEW, facts.item_id, briefs, f"for {counted(days, 'day')}" if days else "for less than a day"
        )


def _blocked(item_id: str, blocker: str, after: SprintAnalysis, briefs: _Briefs) -> ItemChange:
    said = [e.id for d in after.features.edges if (d.source_id, d.target_id) == (blocker, item_id) for e in d.evidence]
    title = briefs.title(blocker)
    words = f"it waits for {_name(blocker)}{f', {title}' if title else ''}"
    return _change(ChangeKind.BLOCKED, item_id, briefs, words, (blocker, *said))


def _change(kind: ChangeKind, item_id: str, briefs: _Briefs, words: str = "", more: tuple[str, ...] = ()) -> ItemChange:
    evidence = tuple(dict.fromkeys((item_id, *more)))
    return ItemChange(kind=kind, item_id=item_id, title=briefs.title(item_id), words=words, evidence=evidence)


def _name(item_id: str) -> str:
    return item_id.removeprefix("external:").partition(":")[2] or item_id


# --- as text


def lines_of(since: Since) -> list[str]:
    """The standup for a terminal or a chat."""
    return _written(since, _Plain())


def markdown_of(since: Since) -> str:
    """The standup as Markdown, with everything that comes from outside made harmless."""
    return "\n".join(_written(since, _Markdown())) + "\n"


class _Plain:
    """How things look in plain text."""

    def head(self, text: str) -> list[str]:
        return [text]

    def title(self, text: str) -> list[str]:
        return ["", text]

    def kind(self, text: str) -> list[str]:
        return [f"  {text}"]

    def line(self, text: str) -> str:
        return f"    {text}"

    def note(self, text: str) -> str:
        return f"  {text}"

    def safe(self, text: str) -> str:
        return " ".join(text.split())


class _Markdown(_Plain):
    """How things look in Markdown."""

    def head(self, text: str) -> list[str]:
        return [f"## {text}"]

    def title(self, text: str) -> list[str]:
        return ["", f"### {text}", ""]

    def kind(self, text: str) -> list[str]:
        return ["", f"**{text}**", ""]

    def line(self, text: str) -> str:
        return f"- {text}"

    def note(self, text: str) -> str:
        return text

    def safe(self, text: str) -> str:
        plain = super().safe(text)
        for sign in "\\`*_[]<>#|~@":
            plain = plain.replace(sign, f"\\{sign}")
        return plain


def _written(since: Since, style: _Plain) -> list[str]:
    lines = style.head(f"Since {moment_in_words(since.since, since.as_of)}")
    if not since.sprints:
        lines += ["", style.note("No sprint was open.")]
    for one in since.sprints:
        lines += style.title(style.safe(one.title))
        lines += [style.note(text) for text in _about(one, style)]
        for kind in ChangeKind:
            found = one.of_kind(kind)
            if found:
                lines += style.kind(f"{kind.capitalize()} ({len(found)})")
                lines += [style.line(_line(change, style)) for change in found]
    lines += ["", *(style.note(f"Note: {style.safe(text)}") for text in since.blind)] if since.blind else []
    return lines


def _about(one: SprintSince, style: _Plain) -> Iterator[str]:
    yield f"{headline(one)}; {one.done} of {counted(one.done + one.open, 'item')} done."
    for part, share in zip(one.moved.parts, tenths(one.moved), strict=False):
        if share:
            yield f"{in_points(share)} {part.cause}: {style.safe(part.words)}"
    if one.is_new:
        yield "This sprint is new since then."
    elif one.quiet:
        yield "Nothing changed."


def headline(one: SprintSince) -> str:
    """The chance then and now in a sentence: "The chance to land in time went from 55 % to 62 %, +7 points"."""
    if one.moved.change is None:
        same = one.before_words == one.after_words
        return f"Chance to land in time: {one.after_words}{', as then' if same else f'; then: {one.before_words}'}"
    by = change_in_words(one.moved)
    if not by:
        return f"The chance to land in time is {one.after_words}, as then"
    return f"The chance to land in time went from {one.before_words} to {one.after_words}, {by}"


def change_in_words(moved: Moved) -> str:
    """The change as "+7 points", such that all that is shown beside it adds up; empty where nothing is to be seen.

    With a breakdown it is told in tenths, as its parts are; without one it is the difference of the two percentages.
    """
    if moved.before is None or moved.after is None:
        return ""
    apart = round(100 * moved.after) - round(100 * moved.before)
    whole = sum(tenths(moved)) if moved.parts else 10 * apart
    return in_points(whole) if whole else ""


def in_points(tenth: int) -> str:
    """Tenths of a point with their sign: "+7 points", "-1 point", "+0.4 points"."""
    return f"{tenth / 10:+g} {'point' if abs(tenth) == 10 else 'points'}"


def tenths(moved: Moved) -> tuple[int, ...]:
    """The parts in tenths of a point, rounded so that they add up to the change in tenths; none without a change."""
    if moved.change is None:
        return ()
    exact = [1000 * part.points for part in moved.parts]
    floors = [math.floor(value + 1e-9) for value in exact]
    order = sorted(range(len(exact)), key=lambda n: floors[n] - exact[n])
    for n in order[: max(round(1000 * moved.change) - sum(floors), 0)]:
        floors[n] += 1
    return tuple(floors)


def moment_in_words(moment: datetime, now: datetime) -> str:
    """A moment as "Tuesday 3 March 18:00"."""
    local = moment.astimezone(now.tzinfo)
    return f"{day_in_words(local.date(), now.date())} {local.hour:02}:{local.minute:02}"


def _line(change: ItemChange, style: _Plain) -> str:
    if not change.item_id:
        return style.safe(change.words)
    title = f" {style.safe(change.title)}" if change.title else ""
    # A reference stays as it is: GitHub makes a link of it.
    return f"{_name(change.item_id)}{title}{f' ({style.safe(change.words)})' if change.words else ''}"
