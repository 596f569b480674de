"""From a change that a question supposes to the question that the forecast answers: which sprint, which items, which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from galaxy_desktop.assess.what_if import Drop, Green, MoveEnd, Question, Reviewed, Slip, Split, Unblock
from galaxy_desktop.domain.asking import Scope, Wish
from galaxy_desktop.domain.findings import SprintAnalysis
from galaxy_desktop.domain.work import State
from galaxy_desktop.explain.lookup_scene import MOST_CITED, Scene, anchor_of, reference
from galaxy_desktop.explain.words import joined

NO_ITEM = "Name the items by their numbers to have this simulated, such as “what if we drop #12?”."
NO_END = "No sprint with an end is open, so there is no end that could move."
NOT_IN_SPRINT = "{} is in no open sprint, so it moves no forecast."


@dataclass(frozen=True, slots=True)
class Supposition:
    """A question to the forecast of a sprint, with what its answer rests on."""

    sprint_id: str
    question: Question
    evidence: tuple[str, ...]


def question_of(scope: Scope, scene: Scene) -> Supposition | str:
    """What the forecast is asked, or the sentence why it cannot be asked."""
    supposed = scope.supposed
    if supposed is None:
        return ""
    if supposed.wish is Wish.MOVE_END and not scope.item_ids:
        return _moved_end(scope, scene)
    items = [i for i in scope.item_ids if scene.item(i) is not None and scene.is_open(i)]
    if not items:
        return f"{joined([reference(i) for i in scope.item_ids])} is closed." if scope.item_ids else NO_ITEM
    one = next((one for one in scene.sprints_of.get(items[0], ()) if one.sprint.state is State.OPEN), None)
    if one is None:
        return NOT_IN_SPRINT.format(reference(items[0]))
    return _of_items(supposed.wish, supposed.days, tuple(i for i in items if i in one.sprint.items), one)


def _moved_end(scope: Scope, scene: Scene) -> Supposition | str:
    one = next((one for one in scene.focus(scope) if one.sprint.due_on is not None), None)
    supposed = scope.supposed
    if one is None or one.sprint.due_on is None or supposed is None:
        return NO_END
    to = supposed.to or one.sprint.due_on + timedelta(days=round(supposed.days))
    return Supposition(one.sprint.id, MoveEnd(to), anchor_of(one))


def _of_items(wish: Wish, days: float, items: tuple[str, ...], one: SprintAnalysis) -> Supposition:
    first = items[0]
    questions: dict[Wish, Question] = {
        Wish.DROP: Drop(items),
        Wish.MOVE_END: Drop(items),
        Wish.REVIEW: Reviewed(first),
        Wish.UNBLOCK: Unblock(first),
        Wish.GREEN: Green(first),
        Wish.SPLIT: Split(first),
        Wish.SLIP: Slip(first, days),
    }
    cited = items if isinstance(questions[wish], Drop) else items[:1]
    return Supposition(one.sprint.id, questions[wish], (*cited, *anchor_of(one))[:MOST_CITED])
