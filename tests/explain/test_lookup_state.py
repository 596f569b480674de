"""How sprints stand and stood, as fact functions tell it: with the numbers of the pages, and of nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.asking import FactCall, FactName, Scope, Supposed, Wish
from galaxy_desktop.domain.facts import Dependency, EdgeKind
from galaxy_desktop.domain.findings import Analysis, Sentence
from galaxy_desktop.domain.work import ItemKind, Repository, State
from galaxy_desktop.explain.lookup_scene import MOST_SPRINTS, Scene
from galaxy_desktop.explain.lookup_state import CANNOT_SUPPOSE
from galaxy_desktop.explain.lookups import look_up

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
CLOSED = Scope(sprint_ids=("sprint-6",))


@pytest.fixture
def scene(make: Any) -> Scene:
    """Sprint 0.7 with 2 of 5 items done, 0.6 closed three days late; milestone 0.3 of long ago with one item."""
    case = make.case()
    one, two, *rest = case.snapshot.items
    done = replace(one, closed_at=NOW - timedelta(days=1), milestone_number=3)
    merged = replace(
        two, kind=ItemKind.PULL_REQUEST, merged_at=NOW - timedelta(days=9), closed_at=NOW - timedelta(days=9)
    )
    milestone = case.snapshot.milestones[0]
    old = replace(
        milestone, id=3, number=3, title="0.3", state=State.CLOSED, due_on=date(2026, 1, 2),
        closed_at=datetime(2026, 1, 1, 12, tzinfo=UTC),
    )  # fmt: skip
    running = case.analysis()
    past = replace(
        case.sprint, id="sprint-6", title="0.6", state=State.CLOSED, due_on=date(2026, 4, 17),
        closed_at=datetime(2026, 4, 20, 9, tzinfo=UTC), due_history=(date(2026, 4, 10), date(2026, 4, 17)),
    )  # fmt: skip
    over = replace(running, sprint=past, open=0, done=5)
    analysis = Analysis(
        as_of=NOW, engine="e", repositories=(), sprints=(running, over), dependencies=(), alerts=()
    )  # fmt: skip
    snapshot = replace(
        case.snapshot, items=(done, merged, *rest), milestones=(milestone, old),
        repositories=(Repository(id=1, full_name="o/r", url="u"),),
    )  # fmt: skip
    return Scene(analysis, snapshot)


def texts(scene: Scene, name: FactName, scope: Scope | None = None) -> list[str]:
    """What a function says."""
    return [one.text for one in look_up(scene, [FactCall(name, scope or Scope())])[0].sentences]


def test_progress_is_told_in_items_and_as_a_share(scene: Scene) -> None:
    assert texts(scene, FactName.PROGRESS) == ["2 of 5 items of Sprint 0.7 are done (40 %), 3 are open."]


def test_how_a_sprint_ended_is_told_against_its_end(scene: Scene) -> None:
    told = texts(scene, FactName.ENDED, CLOSED)
    assert told[0] == (
        "Sprint 0.6 was closed on Monday 20 April with 5 of 5 items done, 3 days after its end, Friday 17 April; "
        "the end was moved 1 time before."
    )


def test_whether_it_landed_is_told_as_its_page_tells_it(scene: Scene) -> None:
    running, over = scene.analysis.sprints
    said = Sentence(
        "It missed its end, Friday 17 April: 2 of 7 items were open when it was over.", ("milestone:o/r#1",)
    )
    told = replace(over, explanation=replace(over.explanation, sentences=(over.explanation.sentences[0], said)))
    known = replace(scene, analysis=replace(scene.analysis, sprints=(running, told)))
    assert texts(known, FactName.ENDED, CLOSED)[0].endswith(f"was moved 1 time before. {said.text}")
    assert len(texts(known, FactName.ENDED, CLOSED)) == 1


def test_a_sprint_closed_on_its_last_day_was_in_time(scene: Scene) -> None:
    running, over = scene.analysis.sprints
    punctual = replace(over, sprint=replace(over.sprint, due_on=date(2026, 4, 20), due_history=()))
    told = texts(replace(scene, analysis=replace(scene.analysis, sprints=(running, punctual))), FactName.ENDED, CLOSED)
    assert told[0].endswith("5 of 5 items done, on its last day.")


def test_a_milestone_of_long_ago_is_told_from_its_items(scene: Scene) -> None:
    assert texts(scene, FactName.ENDED, Scope(milestones=("milestone:o/r#3",))) == [
        "Milestone 0.3 of o/r was closed on Thursday 1 January with 1 of 1 item done, 1 day before its end, Friday 2 January."
    ]


def test_the_pace_counts_what_was_finished_by_week(scene: Scene) -> None:
    assert texts(scene, FactName.PACE) == [
        "In the 4 weeks before today 2 items were finished: 1 issue closed as done and 1 pull request merged.",
        "By week, the oldest first: 0, 0, 1, 1; half of the weeks had 0.5 or fewer.",
    ]


def test_what_was_given_up_is_no_pace(scene: Scene) -> None:
    items = tuple(replace(i, state_reason="not_planned", merged_at=None) for i in scene.snapshot.items)
    given_up = replace(scene, snapshot=replace(scene.snapshot, items=items))
    assert texts(given_up, FactName.PACE) == ["Nothing was finished in the 4 weeks before today."]


def test_health_names_first_what_takes_most_away(scene: Scene) -> None:
    told = texts(scene, FactName.HEALTH)
    assert told[0].startswith("Health of Sprint 0.7 is ")
    lost = [float(line.split(" takes ")[1].split(" ")[0]) for line in told[1:]]
    assert lost == sorted(lost, reverse=True)
    assert lost


def test_how_the_chance_is_computed_has_the_forecast_s_own_numbers(scene: Scene) -> None:
    told = texts(scene, FactName.COMPUTED)
    assert (
        "60 % of 10,000 simulated runs of Sprint 0.7 finish by its end; they are drawn from 34 active days with 71 completions."
        in told
    )
    found = look_up(scene, [FactCall(FactName.COMPUTED)])[0]
    assert "P = 0.88 x 0.6" in found.formula


def test_an_overview_is_the_explanation_that_the_page_has(scene: Scene) -> None:
    assert texts(scene, FactName.OVERVIEW) == [one.text for one in scene.analysis.sprints[0].explanation.sentences]


def test_of_many_open_sprints_a_few_are_told_and_the_rest_is_counted(scene: Scene) -> None:
    running = scene.analysis.sprints[0]
    many = tuple(
        replace(running, sprint=replace(running.sprint, id=f"s{n}", title=f"1.{n}"), open=0 if n == 5 else 3)
        for n in range(6)
    )
    crowded = replace(scene, analysis=replace(scene.analysis, sprints=many))
    told = texts(crowded, FactName.PROGRESS)
    assert len(told) == MOST_SPRINTS + 2
    assert told[-2:] == [
        "2 more sprints are not told of here: name one to ask about it.",
        "1 more sprint is open with nothing left to do.",
    ]


def test_a_supposed_change_is_told_as_it_was_simulated(scene: Scene) -> None:
    call = FactCall(FactName.WHAT_IF, Scope(item_ids=("issue:o/r#3",), supposed=Supposed(Wish.DROP)))
    known = replace(scene, supposed={call: Sentence("Without o/r#3, 70 %.", ("issue:o/r#3",))})
    assert [one.text for one in look_up(known, [call])[0].sentences] == ["Without o/r#3, 70 %."]
    assert look_up(scene, [call])[0].nothing == CANNOT_SUPPOSE
    assert look_up(replace(scene, declined={call: "It is closed."}), [call])[0].nothing == "It is closed."


def test_between_repositories_only_what_crosses_counts(scene: Scene) -> None:
    inside = Dependency(
        source_id="issue:o/r#4", target_id="issue:o/r#3", kind=EdgeKind.BLOCKS, source="text", confidence=1.0
    )
    outside = replace(inside, source_id="external:issue:x/y#1")
    linked = replace(scene, analysis=replace(scene.analysis, dependencies=(inside, outside)))
    crossing = look_up(linked, [FactCall(FactName.BLOCKERS, Scope(across=True))])[0].sentences
    assert [one.text for one in crossing] == [
        "o/r#3 “Work 3” waits for x/y#1, which lies in a repository that is not followed."
    ]
    assert crossing[0].evidence == ("issue:o/r#3",)
    assert len(texts(linked, FactName.BLOCKERS, Scope(repositories=("o/r",)))) == 2


def test_what_came_in_says_that_nothing_left(make: Any) -> None:
    case = make.case(added=("issue:o/r#3",))
    analysis = Analysis(as_of=NOW, engine="e", repositories=(), sprints=(case.analysis(),), dependencies=(), alerts=())
    assert texts(Scene(analysis, case.snapshot), FactName.SCOPE)[0].endswith("“Work 3”; nothing left it.")


def test_open_items_say_how_many_of_them_a_sprint_and_each_repository_has(scene: Scene) -> None:
    extra = replace(scene.snapshot.items[-1], number=9, repository="o/web")
    wider = replace(scene, snapshot=replace(scene.snapshot, items=(*scene.snapshot.items, extra)))
    assert texts(wider, FactName.COUNT, Scope(state=State.OPEN)) == [
        "There are 4 open items.",
        "By repository: 3 in o/r and 1 in o/web.",
        "3 of them are in Sprint 0.7.",
    ]
