"""Fact functions about sprints: will it land, when does it end, what is in the way, what changed, what to do.

Each takes the scene and a call, and returns sentences that code wrote, with their evidence. What the forecast, the risk
rules and the ranking have said already is repeated in their words, so that a question never gets another answer than
the screen gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from galaxy_desktop.domain.asking import FactCall, Finding
from galaxy_desktop.domain.calendar import local_day, working_days
from galaxy_desktop.domain.findings import Sentence, SprintAnalysis
from galaxy_desktop.domain.since import ChangeKind, ItemChange, SprintSince
from galaxy_desktop.explain.lookup_scene import (
    MOST_CITED,
    MOST_LISTED,
    Scene,
    anchor_of,
    named,
    outlook_of,
    reference,
    rest_of,
    told,
)
from galaxy_desktop.explain.since import headline, in_points, moment_in_words, tenths
from galaxy_desktop.explain.words import counted, day_in_words, joined, percent, sentence

NO_SPRINT = "No sprint is open: no milestone with open items and no running iteration is stored."
FIRST_SENTENCES = 2
MOST_ACTIONS = 3
WORTH_LISTING = 0.25
"""Items that are less likely than this to be late are not told as such."""


def chance(scene: Scene, call: FactCall) -> Finding:
    """Will it land: the headline of each sprint and its dates, as its explanation tells them."""
    sprints = scene.sprints(call.scope)
    sentences = [line for one in sprints for line in one.explanation.sentences[:FIRST_SENTENCES]]
    formulas = [f"{one.sprint.name}: {one.forecast.formula}" for one in sprints if one.forecast.formula]
    return told(call, sentences, "\n".join(formulas), NO_SPRINT)


def due(scene: Scene, call: FactCall) -> Finding:
    """When it ends, how many days are left, and how often the end was moved."""
    return told(call, [_due(scene, one) for one in scene.sprints(call.scope)], nothing=NO_SPRINT)


def _due(scene: Scene, one: SprintAnalysis) -> Sentence:
    end, name = one.sprint.due_on, one.sprint.name
    if end is None:
        return Sentence(f"{name} has no end date.", anchor_of(one))
    left = (end - scene.today).days
    moved = len(one.sprint.due_history) - 1
    often = f" Its end was moved {counted(moved, 'time')}." if moved > 0 else ""
    day = day_in_words(end, scene.today)
    if left < 0:
        return Sentence(f"{name} ended on {day}, {counted(-left, 'day')} ago.{often}", anchor_of(one))
    if left == 0:
        return Sentence(f"{name} ends today, {day}.{often}", anchor_of(one))
    work = counted(working_days(scene.today, end) - 1, "working day") if left > 1 else ""
    rest = f"in {counted(left, 'day')}" + (f" ({work} after today, days off not counted out)" if work else "")
    return Sentence(f"{name} ends on {day}, {rest}.{often}", anchor_of(one))


def blockers(scene: Scene, call: FactCall) -> Finding:
    """What open items an item or the open items of a sprint wait for; those that decide most often come first."""
    wanted = [i for i in call.scope.item_ids if scene.item(i)]
    if wanted:
        return _blockers_of_items(scene, call, wanted)
    sentences: list[Sentence] = []
    for one in scene.sprints(call.scope):
        sentences += _blockers_of_sprint(scene, one)
    return told(call, sentences, nothing=NO_SPRINT)


def _blockers_of_items(scene: Scene, call: FactCall, wanted: list[str]) -> Finding:
    sentences: list[Sentence] = []
    for item_id in wanted:
        edges = scene.blocking.get(item_id, ())
        if not scene.is_open(item_id):
            sentences.append(Sentence(f"{named(scene, item_id)} is closed, so nothing blocks it.", (item_id,)))
        elif not edges:
            sentences.append(Sentence(f"No open item is known to block {named(scene, item_id)}.", (item_id,)))
        for edge in edges:
            sentences.append(_waits(scene, item_id, edge.source_id))
            sentences += [
                _waits(scene, edge.source_id, more.source_id) for more in scene.blocking.get(edge.source_id, ())
            ]
    return told(call, list(dict.fromkeys(sentences))[:MOST_LISTED])


def _blockers_of_sprint(scene: Scene, one: SprintAnalysis) -> Iterator[Sentence]:
    pairs = [
        (facts.item_id, blocker)
        for facts in one.features.items
        if scene.is_open(facts.item_id)
        for blocker in facts.blocked_by
        if scene.is_open(blocker)
    ]
    share = {(edge.source_id, edge.target_id): edge.share for edge in one.forecast.critical_edges}
    pairs.sort(key=lambda pair: (-share.get((pair[1], pair[0]), 0.0), pair))
    for waiting, blocker in pairs[:MOST_LISTED]:
        yield _waits(scene, waiting, blocker, share.get((blocker, waiting)))
    yield from rest_of(len(pairs), MOST_LISTED, [blocker for _, blocker in pairs[MOST_LISTED:]])
    if not pairs:
        yield Sentence(f"No open item is known to block another one in {one.sprint.name}.", anchor_of(one))
    obstacles = [risk for risk in one.risks if risk.kind not in ("blocked_chain", "cycle")][:FIRST_SENTENCES]
    for risk in obstacles:
        yield Sentence(sentence(risk.summary), tuple(e.id for e in risk.evidence[:MOST_CITED]))


def _waits(scene: Scene, waiting: str, blocker: str, share: float | None = None) -> Sentence:
    known = [e.id for d in scene.blocking.get(waiting, ()) if d.source_id == blocker for e in d.evidence]
    foreign = "" if scene.item(blocker) else ", which lies in a repository that is not followed"
    often = f"; this decides the end in {percent(share)} of the simulated runs" if share and share >= 0.01 else ""
    text = f"{named(scene, waiting)} waits for {named(scene, blocker)}{foreign}{often}."
    return Sentence(text, tuple(dict.fromkeys((waiting, blocker, *known)))[:MOST_CITED])


def late(scene: Scene, call: FactCall) -> Finding:
    """Which open items are likely to miss the end, the likeliest first, with the reason that weighs most."""
    sentences: list[Sentence] = []
    for one in scene.sprints(call.scope):
        delays = [d for d in one.delays if not call.scope.item_ids or d.item_id in call.scope.item_ids]
        likely = [d for d in delays if d.probability >= WORTH_LISTING or call.scope.item_ids]
        likely.sort(key=lambda d: (-d.probability, d.item_id))
        for delay in likely[:MOST_LISTED]:
            against = [reason for reason in delay.reasons if reason.weight > 0][:1]
            why = "".join(f" Weighs most: {sentence(reason.text)}" for reason in against)
            cited = (delay.item_id, *(i for reason in against for i in reason.evidence))
            text = f"{named(scene, delay.item_id)} is {percent(delay.probability)} likely to miss the end of {one.sprint.name}.{why}"
            sentences.append(Sentence(text, tuple(dict.fromkeys(cited))[:MOST_CITED]))
        sentences += rest_of(len(likely), MOST_LISTED, [d.item_id for d in likely[MOST_LISTED:]])
        if delays and not likely:
            text = f"No open item of {one.sprint.name} is more than {percent(WORTH_LISTING)} likely to miss its end."
            sentences.append(Sentence(text, anchor_of(one)))
    return told(call, sentences, nothing="There is no open sprint with an end ahead, so no item can miss one.")


def scope_changes(scene: Scene, call: FactCall) -> Finding:
    """What came into a sprint after its start, and what left it."""
    sentences = [line for one in scene.sprints(call.scope) for line in _scope_of(scene, one)]
    return told(call, sentences, nothing=NO_SPRINT)


def _scope_of(scene: Scene, one: SprintAnalysis) -> Iterator[Sentence]:
    added, removed = one.features.added_since_start, one.features.removed_since_start
    if not added and not removed:
        yield Sentence(f"Nothing came into {one.sprint.name} or left it since its start.", anchor_of(one))
    for ids, words in ((added, "came into"), (removed, "left")):
        if ids:
            shown = joined([named(scene, i) for i in ids[:MOST_LISTED]])
            rest = f", and {len(ids) - MOST_LISTED} more" if len(ids) > MOST_LISTED else ""
            text = f"{counted(len(ids), 'item')} {words} {one.sprint.name} after its start: {shown}{rest}."
            yield Sentence(text, tuple(ids[:MOST_CITED]))


def risks(scene: Scene, call: FactCall) -> Finding:
    """The risks that fired, the worst first."""
    sentences: list[Sentence] = []
    for one in scene.sprints(call.scope):
        found = [r for r in one.risks if not call.scope.item_ids or set(r.item_ids) & set(call.scope.item_ids)]
        found.sort(key=lambda risk: (-risk.severity.rank, risk.id))
        for risk in found[:MOST_LISTED]:
            text = f"{risk.severity.capitalize()} risk in {one.sprint.name}: {sentence(risk.summary)}"
            sentences.append(Sentence(text, tuple(e.id for e in risk.evidence[:MOST_CITED])))
        sentences += rest_of(len(found), MOST_LISTED, [e.id for r in found[MOST_LISTED:] for e in r.evidence[:1]])
        if not found:
            sentences.append(Sentence(f"No risk rule fires for {one.sprint.name}.", anchor_of(one)))
    return told(call, sentences, nothing=NO_SPRINT)


def advice(scene: Scene, call: FactCall) -> Finding:
    """What helps most, with what it is worth."""
    sentences: list[Sentence] = []
    for one in scene.sprints(call.scope):
        for action in one.recommendations[:MOST_ACTIONS]:
            gain = action.delta_probability
            worth = f" ({round(100 * gain):+d} points for {one.sprint.name})" if gain is not None else ""
            text = f"{action.summary.rstrip('.')}{worth}."
            sentences.append(Sentence(text, tuple(e.id for e in action.evidence[:MOST_CITED])))
        if not one.recommendations and one.open:
            sentences.append(Sentence(f"Nothing is recommended for {one.sprint.name} right now.", anchor_of(one)))
    return told(call, sentences, nothing=NO_SPRINT)


def changed(scene: Scene, call: FactCall) -> Finding:
    """What changed since a moment; the comparison must be in the scene."""
    moment = call.scope.since
    since = scene.since.get(moment) if moment is not None else None
    if since is None:
        return told(call, (), nothing="What was known then is not stored, so it cannot be compared.")
    sentences: list[Sentence] = []
    wanted = {one.sprint.id: one for one in scene.sprints(call.scope, running=False)}
    for told_sprint in since.sprints:
        one = wanted.get(told_sprint.sprint_id)
        if one is not None:
            sentences += _changes_of(scene, told_sprint, one)
    when = moment_in_words(since.since, since.as_of)
    return told(call, sentences, f"compared with {when}", f"No sprint is open now or was on {when}.")


def _changes_of(scene: Scene, since: SprintSince, one: SprintAnalysis) -> Iterator[Sentence]:
    if since.is_new:
        yield Sentence(f"{one.sprint.name} is new since then.", anchor_of(one))
        return
    yield Sentence(f"{one.sprint.name}: {_lower(headline(since))}.", anchor_of(one))
    for part, share in zip(since.moved.parts, tenths(since.moved), strict=False):
        if share:
            text = f"{in_points(share)} through {part.cause}: {sentence(part.words)}"
            yield Sentence(text, part.item_ids[:MOST_CITED] or anchor_of(one))
    for kind in ChangeKind:
        found = since.of_kind(kind)
        if found:
            yield _change(scene, kind, found)
    if since.quiet:
        yield Sentence(f"Nothing else changed in {one.sprint.name}.", anchor_of(one))


def _change(scene: Scene, kind: ChangeKind, found: tuple[ItemChange, ...]) -> Sentence:
    said = [f"{named(scene, c.item_id)}{f' ({c.words})' if c.words else ''}" if c.item_id else c.words for c in found]
    rest = f", and {len(said) - MOST_LISTED} more" if len(said) > MOST_LISTED else ""
    cited = tuple(dict.fromkeys(i for c in found for i in c.evidence))[:MOST_CITED]
    return Sentence(f"{kind.capitalize()}: {joined(said[:MOST_LISTED])}{rest}.", cited)


def similar(scene: Scene, call: FactCall) -> Finding:
    """How sprints that looked like this one ended, and whether looking at them says more than the average."""
    sentences: list[Sentence] = []
    for one in scene.sprints(call.scope):
        if one.similar is None:
            continue
        cited = tuple(e.id for past in one.similar.sprints for e in past.evidence[:1])
        sentences.append(Sentence(sentence(one.similar.sentence), cited[:MOST_CITED] or anchor_of(one)))
        for past in one.similar.sprints:
            ended = f"ended on {day_in_words(past.ended_on, scene.today)}"
            how = "landed in time" if past.landed else _lateness(past.days_late)
            text = (
                f"{past.title} {ended} and {how}; {percent(past.delivered_share)} of what was committed was delivered."
            )
            sentences.append(Sentence(text, tuple(e.id for e in past.evidence) or anchor_of(one)))
    return told(call, sentences, nothing="No past sprint can be compared with one that runs now.")


def _lateness(days: int | None) -> str:
    return "did not land in time" if not days else f"was {counted(days, 'day')} late"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def decides(scene: Scene, item_id: str) -> str:
    """How often an item decides the end of its sprint, in words; "" where that is not known or never."""
    for one in scene.sprints_of.get(item_id, ()):
        found = outlook_of(one, item_id)
        if found is not None and found.critical >= 0.01:
            return f"{reference(item_id)} decides the end of {one.sprint.name} in {percent(found.critical)} of the runs"
    return ""


def ended_on(scene: Scene, one: SprintAnalysis) -> str:
    """The day on which a sprint was closed, in words; "" while it is open."""
    closed = one.sprint.closed_at
    return day_in_words(local_day(closed, scene.now), scene.today) if closed else ""
