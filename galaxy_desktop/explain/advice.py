"""What to say when no action is worth a point: that, in words, instead of a list of chores with "±0" beside them."""

from __future__ import annotations

from collections.abc import Iterable

from galaxy_desktop.domain.findings import Decided, FollowUp, SprintAnalysis, Verdict
from galaxy_desktop.domain.work import State


def nothing_helps(one: SprintAnalysis, follow_ups: Iterable[FollowUp] = (), decided: Iterable[Decided] = ()) -> str:
    """That nothing known changes the odds of a running sprint with a probability, "" where something does.

    What was accepted and is under way, or dismissed, may well change them: then nothing *else* is known.
    """
    counts = one.sprint.state is State.OPEN and one.open > 0 and one.forecast.probability is not None
    if not counts or any(action.delta_probability is not None for action in one.recommendations):
        return ""
    under_way = any(f.intervention.sprint_id == one.sprint.id and not f.progress.final for f in follow_ups)
    put_aside = any(
        d.verdict.verdict is not Verdict.ACCEPTED and d.recommendation.id.startswith(f"action:{one.sprint.id}:")
        for d in decided
    )
    return f"Nothing {'else ' if under_way or put_aside else ''}we know of changes the odds by a point."
