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
from galaxy_desktop.domain.work import State
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
from galaxy_desktop.explain.words import counted, day_in_words, joined, percent, sentence

NO_SPRINT = "No sprint is open: no milestone with open items and no running iteration is stored."
FIRST_SENTENCES = 2
MOST_ACTIONS = 3
WORTH_LISTING = 0.25
"""Items that are less likely than this to be late are not told as such."""


def chance(scene: Scene, call: FactCall) -> Finding:
    """Will it land: the headline of each sprint and its dates, as its explanation tells them."""
    sprints = scene.focus(call.scope)
    sentences = [line for one in sprints for line in one.explanation.sentences[:FIRST_SENTENCES]]
    sentences += scene.unfocused(call.scope)
    formulas = [f"{one.sprint.name}: {one.forecast.formula}" for one in sprints if one.forecast.formula]
    return told(call, sentences, "\n".join(formulas), NO_SPRINT)


def due(scene: Scene, call: FactCall) -> Finding:
    """When it ends, how many days are left, and how often the end was moved."""
    found = scene.focus(call.scope)
    dated = [one for one in found if one.sprint.due_on is not None] or found
    return told(call, [_due(scene, one) for one in dated], nothing=NO_SPRINT)


def _due(scene: Scene, one: SprintAnalysis) -> Sentence:
    end, name = one.sprint.due_on, one.sprint.name
    if end is None:
        return Sentence(f"{name} has no end date.", anchor_of(one))
    left = (end - scene.today).days
    moved = len(one.sprint.due_history) - 1
    often = f" Its end was moved {counted(moved, 'time')}." if moved > 0 else " No move of its end is stored."
    day = day_in_words(end, scene.today)
    if left < 0:
        return Sentence(f"{name} ended on {day}, {counted(-left, 'day')} ago.{often}", anchor_of(one))
    if left == 0:
        return Sentence(f"{name} ends today, {day}.{often}", anchor_of(one))
    work = counted(working_days(scene.today, end) - 1, "working day") if left > 1 else ""
    rest = f"in {counted(left, 'day')}" + (f" ({work} after today; days off are not taken out)" if work else "")
    return Sentence(f"{name} ends on {day}, {rest}.{often}", anchor_of(one))


def blockers(scene: Scene, call: FactCall) -> Finding:
    """What open items an item or the open items of a sprint wait for; those that decide most often come first."""
    wanted = [i for i in call.scope.item_ids if scene.item(i)]
    if wanted:
        return _blockers_of_items(scene, call, wanted)
    if call.scope.repositories or call.scope.across:
        return _blockers_of_repositories(scene, call)
    sentences: list[Sentence] = []
    for one in scene.focus(call.scope):
        sentences += _blockers_of_sprint(scene, one)
    sentences += scene.unfocused(call.scope)
    return told(call, sentences, nothing=NO_SPRINT)


def _blockers_of_repositories(scene: Scene, call: FactCall) -> Finding:
    """What open items of one repository wait for; of several, only what crosses from one of them to another."""
    names, across = call.scope.repositories, call.scope.across or len(call.scope.repositories) > 1
    pairs = [
        (waiting, edge.source_id)
        for waiting, edges in scene.blocking.items()
        if scene.item(waiting) and scene.is_open(waiting)
        for edge in edges
    ]
    where = {item_id: reference(item_id).partition("#")[0] for pair in pairs for item_id in pair}
    if across:
        pairs = [(w, b) for w, b in pairs if where[w] != where[b]]
    if len(names) > 1:
        pairs = [(w, b) for w, b in pairs if {where[w], where[b]} <= set(names)]
    elif names:
        pairs = [(w, b) for w, b in pairs if where[w] in names]
    of = f" of {joined(list(names))}" if names else ""
    none = (
        f"No open item{of} is known to wait for one of another repository."
        if across
        else f"No open item{of} is known to wait for another one."
    )
    pairs.sort()
    sentences = [_waits(scene, waiting, blocker) for waiting, blocker in pairs[:MOST_LISTED]]
    sentences += rest_of(len(pairs), MOST_LISTED, [blocker for _, blocker in pairs[MOST_LISTED:]])
    anchor = scene.anchor(call.scope)
    if not pairs and anchor:
        sentences.append(Sentence(none, anchor))
    return told(call, sentences, nothing="No item of this is stored.")


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
    cited = (waiting, *((blocker,) if scene.item(blocker) else ()), *known)
    return Sentence(text, tuple(dict.fromkeys(cited))[:MOST_CITED])


def late(scene: Scene, call: FactCall) -> Finding:
    """Which open items are likely to miss the end, the likeliest first, with the reason that weighs most."""
    sentences: list[Sentence] = []
    for one in scene.focus(call.scope):
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
    sentences = [line for one in scene.focus(call.scope) for line in _scope_of(scene, one)]
    sentences += scene.unfocused(call.scope)
    return told(call, sentences, nothing=NO_SPRINT)


def _scope_of(scene: Scene, one: SprintAnalysis) -> Iterator[Sentence]:
    added, removed = one.features.added_since_start, one.features.removed_since_start
    if not added and not removed:
        yield Sentence(f"Nothing came into {one.sprint.name} or left it since its start.", anchor_of(one))
    for ids, words in ((added, "came into"), (removed, "left")):
        if ids:
            shown = joined([named(scene, i) for i in ids[:MOST_LISTED]])
            rest = f", and {len(ids) - MOST_LISTED} more" if len(ids) > MOST_LISTED else ""
            other = (
                ("; nothing left it" if not removed else "")
                if ids is added
                else ("; nothing came in" if not added else "")
            )
            text = f"{counted(len(ids), 'item')} {words} {one.sprint.name} after its start: {shown}{rest}{other}."
            yield Sentence(text, tuple(ids[:MOST_CITED]))


def risks(scene: Scene, call: FactCall) -> Finding:
    """The risks that fired, the worst first."""
    sentences: list[Sentence] = []
    for one in scene.focus(call.scope):
        found = [r for r in one.risks if not call.scope.item_ids or set(r.item_ids) & set(call.scope.item_ids)]
        found.sort(key=lambda risk: (-risk.severity.rank, risk.id))
        for risk in found[:MOST_LISTED]:
            text = f"{risk.severity.capitalize()} risk in {one.sprint.name}: {sentence(risk.summary)}"
            sentences.append(Sentence(text, tuple(e.id for e in risk.evidence[:MOST_CITED])))
        sentences += rest_of(len(found), MOST_LISTED, [e.id for r in found[MOST_LISTED:] for e in r.evidence[:1]])
        if not found:
            sentences.append(Sentence(f"No risk rule fires for {one.sprint.name}.", anchor_of(one)))
    sentences += scene.unfocused(call.scope)
    return told(call, sentences, nothing=NO_SPRINT)


def advice(scene: Scene, call: FactCall) -> Finding:
    """What helps most, with what it is worth."""
    sentences: list[Sentence] = []
    for one in scene.focus(call.scope):
        for action in one.recommendations[:MOST_ACTIONS]:
            gain = action.delta_probability
            points = round(100 * gain) if gain is not None else 0
            worth = (
                f" ({points:+d} {'point' if abs(points) == 1 else 'points'} for {one.sprint.name})"
                if gain is not None
                else ""
            )
            text = f"{action.summary.rstrip('.')}{worth}."
            sentences.append(Sentence(text, tuple(e.id for e in action.evidence[:MOST_CITED])))
        if not one.recommendations and one.open:
            sentences.append(Sentence(f"Nothing is recommended for {one.sprint.name} right now.", anchor_of(one)))
    sentences += scene.unfocused(call.scope)
    return told(call, sentences, nothing=NO_SPRINT)


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
    over = [one for one in scene.analysis.sprints if one.sprint.state is State.CLOSED and one.sprint.closed_at]
    if not sentences and over:
        over.sort(key=lambda one: (one.sprint.closed_at or scene.now, one.sprint.id), reverse=True)
        cited = tuple(i for one in over for i in anchor_of(one)[:1])[:MOST_CITED]
        titles = joined([one.sprint.name for one in over[:MOST_ACTIONS]])
        sentences.append(
            Sentence(
                f"Which past sprint was like this one is not known so far; the last that ended {'is' if len(over) == 1 else 'are'} {titles}.",
                cited,
            )
        )
    return told(call, sentences, nothing="No past sprint can be compared with one that runs now.")


def _lateness(days: int | None) -> str:
    return "did not land in time" if not days else f"was {counted(days, 'day')} late"


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
