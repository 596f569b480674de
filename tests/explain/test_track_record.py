"""The record in a line: what was beaten and what was not, or how much is missing; and that nothing helps, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from galaxy_desktop.domain.findings import Decided, NoForecast, UserVerdict, Verdict
from galaxy_desktop.domain.ledger import Score, Skill
from galaxy_desktop.explain.advice import nothing_helps
from galaxy_desktop.explain.trust import track_record


def _score(sprints: int, *skills: tuple[str, float | None, float | None]) -> Score:
    told = tuple(Skill(against=a, value=v, low=low, high=None, sprints=sprints) for a, v, low in skills)
    return Score(sprints=sprints, landed=1, entries=9, brier=0.2, log_loss=0.5, skills=told, bins=())


BOTH = (("base_rate", 0.2, 0.1), ("linear_burn", 0.3, 0.05))


@pytest.mark.parametrize(
    ("score", "words", "better"),
    [
        (_score(3, *BOTH), "No record yet: 3 of 5 ended sprints", None),
        (_score(9, *BOTH), "Record: better than a simple average and a straight line in 9 sprints", True),
        (_score(9, ("base_rate", 0.2, -0.1)), "Record: maybe better than a simple average in 9 sprints", True),
        (_score(9, ("base_rate", 0.0, -0.1), BOTH[1]), "Record: no better than a simple average in 9 sprints", False),
        (_score(9, BOTH[0], ("linear_burn", -0.4, -1)), "Record: no better than a straight line in 9 sprints", False),
        (_score(9, ("base_rate", None, None)), "No record yet: nothing to compare with in 9 sprints", None),
    ],
)
def test_a_record_says_what_it_beat(score: Score, words: str, better: bool | None) -> None:
    found = track_record(score, 5, "", replayed=False)
    assert (found.words, found.better) == (words, better)


def test_a_replayed_record_is_named_so() -> None:
    assert track_record(_score(9, *BOTH), 5, "", replayed=True).words.endswith("in 9 sprints, replayed")


def test_that_nothing_helps_is_said_of_running_sprints_with_a_number(make: Any) -> None:
    case = make.case()
    assert nothing_helps(case.analysis()) == "Nothing we know of changes the odds by a point."
    assert nothing_helps(make.case(actions=(make.action(None),)).analysis())
    assert not nothing_helps(make.case(actions=(make.action(),)).analysis())
    assert not nothing_helps(case.without_number(NoForecast.NO_END).analysis())


def test_what_was_put_aside_may_well_help(make: Any) -> None:
    one = make.case().analysis()
    about = replace(make.action(), id=f"action:{one.sprint.id}:review_pull_request:x")
    given = UserVerdict(recommendation_id=about.id, verdict=Verdict.DISMISSED, reason="", at=one.forecast.as_of)
    said = nothing_helps(one, (), [Decided(recommendation=about, sprint_title="", verdict=given)])
    assert said == "Nothing else we know of changes the odds by a point."
