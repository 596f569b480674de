"""Each rule of the table fires when it says, and only then."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.assess import precision, risks
from galaxy_desktop.assess.replay import CRITERIA
from galaxy_desktop.assess.risk_rules import MOST_OF_A_KIND, MOST_RISKS
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import Dependency, EdgeKind
from galaxy_desktop.domain.findings import Risk, Severity
from galaxy_desktop.domain.work import ItemKind, Person, State

ROOT = Path(__file__).parents[2]
ONE, TWO, THREE, FOUR = (f"issue:o/r#{n}" for n in (1, 2, 3, 4))


def _find(world: Any, kind: str | None = None) -> list[Risk]:
    found = risks.find(world.sprint, world.features, world.forecast(), world.snapshot, world.now)
    return [risk for risk in found if kind in (None, risk.kind)]


def _items(make: Any, count: int = 4, **more: Any) -> tuple[Any, ...]:
    return tuple(make.item(n, **more) for n in range(1, count + 1))


def test_a_sprint_in_good_order_has_no_risks(make: Any) -> None:
    assert _find(make.world()) == []


def test_an_overdue_sprint_cites_its_milestone_and_what_is_open(make: Any) -> None:
    (risk,) = _find(make.world(due_on=make.today - timedelta(days=3)), "overdue")
    assert risk.severity is Severity.HIGH
    assert risk.summary == "Sprint 0.7 was due 2026-05-03 (3 days ago) and 4 items are open."
    assert risk.evidence[0].id == "milestone:o/r#1"
    assert risk.evidence[0].quote == "0.7, due 2026-05-03"
    assert {e.id for e in risk.evidence[1:]} == {ONE, TWO, THREE, FOUR}


def test_two_weeks_overdue_is_critical(make: Any) -> None:
    (risk,) = _find(make.world(due_on=make.today - timedelta(days=14)), "overdue")
    assert risk.severity is Severity.CRITICAL


def test_on_its_last_day_a_sprint_is_not_overdue(make: Any) -> None:
    assert _find(make.world(due_on=make.today), "overdue") == []


def test_a_closed_sprint_has_no_risks(make: Any) -> None:
    assert _find(make.world(due_on=make.today - timedelta(days=3), state=State.CLOSED)) == []


def test_a_sprint_without_a_due_date_says_so(make: Any) -> None:
    (risk,) = _find(make.world(due_on=None), "no_end")
    assert risk.summary == "Sprint 0.7 has no due date; 4 items are open."
    assert risk.evidence[0].quote == "0.7, no due date"


def test_a_red_default_branch_is_critical(make: Any) -> None:
    (risk,) = _find(make.world(runs=(make.run(1),)), "red_build")
    assert (risk.severity, risk.summary) == (Severity.CRITICAL, "tests is red on main of o/r.")
    assert risk.evidence[0].quote == "tests: failure"


def test_a_branch_that_is_green_again_is_no_risk(make: Any) -> None:
    runs = (make.run(1), make.run(2, conclusion="success"))
    assert _find(make.world(runs=runs), "red_build") == []


def test_a_cancelled_run_says_nothing_about_a_branch(make: Any) -> None:
    runs = (make.run(1, conclusion="success"), make.run(2, conclusion="cancelled"))
    assert _find(make.world(runs=runs), "red_build") == []


def test_a_red_pull_request_cites_its_run(make: Any) -> None:
    run = Evidence("check:o/r#5", "check", "u", "tests: failure", make.now)
    (risk,) = _find(make.world(facts={2: {"red_run": run}}), "red_build")
    assert (risk.severity, risk.item_ids) == (Severity.HIGH, (TWO,))
    assert [e.id for e in risk.evidence] == ["check:o/r#5", TWO]


@pytest.mark.parametrize(
    ("days", "severity"), [(1.9, None), (2.0, Severity.MEDIUM), (4.9, Severity.MEDIUM), (5.0, Severity.HIGH)]
)
def test_a_pull_request_waits_for_review_from_two_days_on(make: Any, days: float, severity: Severity | None) -> None:
    found = _find(make.world(facts={1: {"waiting_for_review_days": days, "age_days": days}}), "stale_review")
    assert [risk.severity for risk in found] == ([severity] if severity else [])


def test_a_longer_wait_is_a_likelier_miss(make: Any) -> None:
    short, long = (
        _find(make.world(facts={1: {"waiting_for_review_days": d, "age_days": d}}), "stale_review")[0]
        for d in (2.0, 60.0)
    )
    assert long.probability > short.probability


def test_an_item_older_than_85_percent_of_past_ones_is_stuck(make: Any) -> None:
    world = make.world(facts={1: {"age_days": 5.5, "started_at": make.now - timedelta(days=5.5)}, 2: {"age_days": 3.0}})
    (risk,) = _find(world, "stuck_item")
    assert risk.item_ids == (ONE,)
    assert risk.evidence[0].quote == "in work since 2026-05-01"
    assert "85 % of past items took 5.0 or less" in risk.summary


def test_with_few_past_items_nothing_is_called_stuck(make: Any) -> None:
    assert _find(make.world(facts={1: {"age_days": 50.0}}, cycle_days=(1.0, 2.0)), "stuck_item") == []


def test_a_blocker_names_all_that_wait_for_it_also_through_others(make: Any) -> None:
    edge = Dependency(
        source_id=ONE, target_id=TWO, kind=EdgeKind.BLOCKS, source="text", confidence=0.9,
        evidence=(Evidence("comment:o/r#3", "comment", "u", "blocked by #1", make.now),),
    )  # fmt: skip
    world = make.world(facts={2: {"blocked_by": (ONE,)}, 3: {"blocked_by": (TWO,)}}, edges=(edge,))
    (risk,) = _find(world, "blocked_chain")
    assert risk.summary == "o/r#1 holds up 2 items: o/r#2, o/r#3."
    assert (risk.severity, risk.item_ids) == (Severity.HIGH, (ONE, TWO, THREE))
    assert "comment:o/r#3" in {e.id for e in risk.evidence}


def test_holding_up_three_items_is_critical(make: Any) -> None:
    world = make.world(facts={n: {"blocked_by": (ONE,)} for n in (2, 3, 4)})
    assert _find(world, "blocked_chain")[0].severity is Severity.CRITICAL


def test_a_blocker_in_an_untracked_repository_is_cited_by_what_waits(make: Any) -> None:
    (risk,) = _find(make.world(facts={2: {"blocked_by": ("external:issue:x/y#9",)}}), "blocked_chain")
    assert risk.summary == "x/y#9 holds up 1 item in another repository: o/r#2."
    assert [(e.id, e.quote) for e in risk.evidence] == [(TWO, "blocked by x/y#9")]


def test_repositories_are_counted_where_the_work_waits(make: Any) -> None:
    facts = {2: {"blocked_by": ("external:issue:x/y#9",)}, 3: {"blocked_by": ("external:issue:x/y#9",)}}
    (risk,) = _find(make.world(facts=facts), "blocked_chain")
    assert risk.summary == "x/y#9 holds up 2 items in another repository: o/r#2, o/r#3."


def test_items_that_wait_for_each_other_are_one_risk(make: Any) -> None:
    world = make.world(facts={1: {"blocked_by": (TWO,)}, 2: {"blocked_by": (ONE,)}}, cycles=((ONE, TWO),))
    (risk,) = _find(world, "blocked_chain")
    assert risk.summary == "2 items wait for each other: o/r#1, o/r#2."


def test_growth_counts_against_the_scope_at_the_start(make: Any) -> None:
    (risk,) = _find(make.world(added=(ONE, TWO)), "scope_growth")
    assert risk.summary == "2 items came in after the start, on top of 8 (25%): o/r#1, o/r#2."
    assert risk.severity is Severity.HIGH


def test_one_added_item_is_no_growth(make: Any) -> None:
    assert _find(make.world(added=(ONE,)), "scope_growth") == []


def test_issues_without_an_assignee_have_no_owner_but_pull_requests_have_their_author(make: Any) -> None:
    items = (make.item(1, assignees=()), make.item(2, assignees=(), kind=ItemKind.PULL_REQUEST))
    (risk,) = _find(make.world(items), "no_owner")
    assert risk.item_ids == (ONE,)
    assert (risk.severity, risk.evidence[0].quote) == (Severity.LOW, "no assignee")


def test_near_the_end_a_missing_owner_weighs_more(make: Any) -> None:
    world = make.world((make.item(1, assignees=()),), due_on=make.today + timedelta(days=5))
    assert _find(world, "no_owner")[0].severity is Severity.MEDIUM


def test_most_work_on_one_pair_of_hands_is_told_without_a_name(make: Any) -> None:
    items = (*_items(make, 6), make.item(7, assignees=(Person(3, "solo-login"),)))
    (risk,) = _find(make.world(items), "overloaded_owner")
    assert risk.summary == "One person owns 6 of 7 open items that have an owner."
    assert not any(word in str(risk) for word in ("solo-login", "Person"))


def test_somebody_who_works_alone_is_not_called_overloaded(make: Any) -> None:
    assert _find(make.world(_items(make, 7)), "overloaded_owner") == []


def test_silence_on_work_in_progress_is_told_after_a_week(make: Any) -> None:
    old = make.now - timedelta(days=9)
    started = {"started_at": old, "age_days": 2.0}
    world = make.world(facts={1: {"idle_days": 8.0, **started}, 2: {"idle_days": 8.0}, 3: {"idle_days": 15.0}})
    found = _find(world, "silent_item")
    assert [(risk.item_ids, risk.severity) for risk in found] == [
        ((THREE,), Severity.MEDIUM),
        ((ONE,), Severity.LOW),
    ]


def test_what_is_stuck_is_not_told_again_as_silent(make: Any) -> None:
    world = make.world(facts={1: {"age_days": 40.0, "started_at": make.now, "idle_days": 30.0}})
    assert [risk.kind for risk in _find(world)] == ["stuck_item"]


def test_an_issue_that_does_not_say_when_it_is_done(make: Any) -> None:
    items = (make.item(1), make.item(2, kind=ItemKind.PULL_REQUEST))
    found = _find(make.world(items, {1: {"has_criteria": False}, 2: {"has_criteria": False}}), "no_acceptance_criteria")
    assert [risk.item_ids for risk in found] == [(ONE,)]


def test_a_pair_of_conflicting_pull_requests_is_told_once(make: Any) -> None:
    items = tuple(make.item(n, kind=ItemKind.PULL_REQUEST) for n in (1, 2))
    facts = {n: {"conflicts_with": (f"pr:o/r#{3 - n}",), "conflict_files": ("a.c", "b.c")} for n in (1, 2)}
    (risk,) = _find(make.world(items, facts), "conflicting_pull_requests")
    assert risk.summary == "o/r#1 and o/r#2 change the same files (a.c and 1 more)."
    assert risk.id == "risk:sprint-11:conflicting_pull_requests:pr:o/r#1+pr:o/r#2"


def test_many_of_a_kind_become_one_that_lists_them(make: Any) -> None:
    (risk,) = _find(make.world(_items(make, 40, assignees=())), "no_owner")
    assert risk.summary == "40 open issues have no owner: o/r#1, o/r#2, o/r#3, o/r#4 and 36 more."
    assert len(risk.item_ids) == 40
    assert 1 <= len(risk.evidence) <= 10


def test_three_of_a_kind_are_still_told_one_by_one(make: Any) -> None:
    assert len(_find(make.world(_items(make, MOST_OF_A_KIND, assignees=())), "no_owner")) == MOST_OF_A_KIND


def test_the_worst_come_first_and_never_too_many(make: Any) -> None:
    facts = {n: {"age_days": 30.0, "waiting_for_review_days": 3.0 * n, "has_criteria": False} for n in range(1, 4)}
    runs = tuple(make.run(n, name=f"job {n}", branch="main") for n in range(1, 3))
    found = _find(make.world(_items(make, 3, assignees=()), facts, runs=runs, due_on=make.today - timedelta(days=1)))
    ranks = [risk.severity.rank for risk in found]
    assert ranks == sorted(ranks, reverse=True)
    assert len(found) == MOST_RISKS
    assert all(risk.evidence for risk in found)


def test_a_risk_keeps_its_id_while_time_goes_by(make: Any) -> None:
    world = make.world(due_on=make.today - timedelta(days=3))
    later = replace(world, now=world.now + timedelta(days=2))
    assert [r.id for r in _find(world, "overdue")] == [r.id for r in _find(later, "overdue")]
    assert _find(world, "overdue")[0].id == "risk:sprint-11:overdue:"


def test_the_documented_table_is_the_one_in_force() -> None:
    text = (ROOT / "docs" / "risks.md").read_text(encoding="utf-8").partition("## How often")[0]
    shipped = precision.of_document((ROOT / "resources" / "rule_precision.json").read_text(encoding="utf-8"))
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert rows == [
        f"| `{r.kind}` | {r.means} | {r.fires} | {r.severity} | {r.impact} | {precision.in_words(shipped.get(r.kind))} |"
        for r in risks.RULES
    ]


def test_the_documented_criteria_and_figures_are_the_ones_in_force() -> None:
    text = (ROOT / "docs" / "risks.md").read_text(encoding="utf-8").partition("## How often")[2]
    shipped = precision.of_document((ROOT / "resources" / "rule_precision.json").read_text(encoding="utf-8"))
    for kind, criterion in CRITERIA.items():
        one = shipped[kind]
        told = f"{one.right} of {one.fired}" if one.fired else "did not fire"
        assert f"| `{kind}` | {criterion} | {told} |" in text
    assert tuple(CRITERIA) == tuple(rule.kind for rule in risks.RULES)
