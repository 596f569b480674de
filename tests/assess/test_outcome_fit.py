"""Learning how sprints end: what is planted in made-up sprints is found, and nothing else decides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from galaxy_desktop.assess import scoring
from galaxy_desktop.assess.outcome import SprintMoment
from galaxy_desktop.assess.outcome_evaluation import METHODS, evaluate, predict
from galaxy_desktop.assess.outcome_fit import fit, one_more_done
from galaxy_desktop.assess.outcome_rows import SprintRow


def made_up(count: int, seed: int, project: str = "A", drag: float = 0.0) -> list[SprintRow]:
    """Sprints at 0 and 80 % that miss when much is left; `drag` makes a project miss more often."""
    rng = np.random.default_rng(seed)
    rows = []
    for order in range(count):
        items = int(rng.integers(5, 20))
        speed = rng.uniform(0.3, 1.6) - drag
        for percent in (0, 80):
            done = int(min(items, max(0, round(items * speed * percent / 100))))
            started = min(items - done, 2) if percent else 0
            left = items - done - started
            delivered = min(items, max(0, round(items * speed + rng.normal(0, 1))))
            moment = SprintMoment(
                planned_days=14, elapsed=percent / 100, committed_at_start=2.0 * items, added=0, removed=0,
                todo=2.0 * left, in_progress=2.0 * started, done=2.0 * done, items_at_start=items, items_added=0,
                items_removed=0, items_todo=left, items_in_progress=started, items_done=done, people=4,
            )  # fmt: skip
            rows.append(
                SprintRow(project=project, sprint=f"{order}", order=order, percent_elapsed=percent, moment=moment,
                          difference=2.0 * (delivered - items))
            )  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def rows() -> list[SprintRow]:
    return made_up(80, 1) + made_up(80, 2, "B", drag=0.5)


def test_what_is_planted_is_found_in_sprints_never_seen(rows: list[SprintRow]) -> None:
    later = [row for row in made_up(60, 9) if row.percent_elapsed == 80]
    chances = fit(rows).for_team("A").p_missed([row.moment for row in later])
    found = scoring.auc([row.missed for row in later], chances)
    assert found is not None
    assert found > 0.85
    ratios = fit(rows).for_team("A").delivered_ratio([row.moment for row in later])
    truth = np.array([row.ratio for row in later])
    assert np.abs(ratios - truth).mean() < np.abs(np.median(truth) - truth).mean()


def test_a_team_that_misses_more_is_given_a_higher_risk_of_its_own(rows: list[SprintRow]) -> None:
    model, start = fit(rows), [rows[0].moment]
    assert model.for_team("A").p_missed(start)[0] < model.p_missed(start)[0] < model.for_team("B").p_missed(start)[0]
    assert model.for_team("Z").p_missed(start)[0] == model.p_missed(start)[0]


def test_the_same_rows_give_the_same_file_and_teams_stay_out_of_it(rows: list[SprintRow]) -> None:
    assert fit(rows).to_json() == fit(list(rows)).to_json()
    assert '"A"' not in fit(rows).to_json()


def test_trivial_sprints_teach_nothing(rows: list[SprintRow]) -> None:
    nothing = replace(rows[0].moment, committed_at_start=0.0)
    trivial = [replace(rows[0], sprint=f"t{i}", moment=nothing, difference=0.0) for i in range(50)]
    assert fit(rows + trivial).to_json() == fit(rows).to_json()


@pytest.mark.parametrize("kind", ["todo", "in_progress"])
def test_an_item_that_is_done_leaves_what_is_committed_as_it_was(rows: list[SprintRow], kind: str) -> None:
    before = next(row.moment for row in rows if getattr(row.moment, f"items_{kind}") > 0)
    after = one_more_done(before, kind)
    assert after.committed == before.committed
    assert (after.items_done, after.done) == (before.items_done + 1, before.done + 2)
    assert getattr(after, f"items_{kind}") == getattr(before, f"items_{kind}") - 1


def test_one_more_item_done_hardly_ever_raises_the_risk(rows: list[SprintRow]) -> None:
    model = fit(rows)
    before = [row.moment for row in rows if row.percent_elapsed == 80 and row.moment.items_in_progress > 0]
    rise = model.p_missed([one_more_done(one, "in_progress") for one in before]) - model.p_missed(before)
    assert rise.max() < 0.02


def test_rows_without_outcome_or_without_commitment_cannot_teach(rows: list[SprintRow]) -> None:
    with pytest.raises(ValueError, match="not known"):
        fit([replace(rows[0], difference=None)])
    with pytest.raises(ValueError, match="nothing to learn"):
        fit([])


def test_a_project_left_out_is_predicted_from_the_others_alone(rows: list[SprintRow]) -> None:
    other = [row for row in rows if row.project == "A"]
    changed = [replace(row, difference=-row.moment.committed) for row in rows if row.project == "B"]
    test = made_up(5, 7, "B")
    told = predict(rows, test, leave_out=True)["model"].chances
    assert (told == predict(other + changed, test, leave_out=True)["model"].chances).all()
    assert (told != predict(rows, test, leave_out=False)["model"].chances).any()


def test_no_outcome_of_a_test_row_reaches_a_guess(rows: list[SprintRow]) -> None:
    test = made_up(10, 5)
    blind = [replace(row, difference=None) for row in test]
    seen, unseen = (predict(rows, those, leave_out=False) for those in (test, blind))
    assert all((seen[name].chances == unseen[name].chances).all() for name in METHODS)


def test_the_plain_ways_say_what_they_are(rows: list[SprintRow]) -> None:
    guesses = predict(rows, made_up(3, 5), leave_out=False)
    known = [row for row in rows if row.project == "A" and row.percent_elapsed == 80]
    assert guesses["base_rate"].chances[1] == np.mean([row.missed for row in known])
    assert _said(guesses["median"].ratios, 1) == np.median([row.ratio for row in known])
    assert _said(guesses["lagged_median"].ratios, 1) == np.median([row.ratio for row in known[-5:]])
    assert guesses["linear_burn"].chances[0] == 0
    assert guesses["all_positive"].chances.tolist() == [1.0] * 6


def _said(ratios: np.ndarray | None, at: int) -> float:
    assert ratios is not None
    return float(ratios[at])


def test_scores_are_by_project_and_moment_and_each_project_counts_once(rows: list[SprintRow]) -> None:
    test = made_up(40, 5) + made_up(10, 6, "B", drag=0.5)
    report = evaluate(test, predict(rows, test, leave_out=False), trivial=False)
    briers = [report.projects[name][80].figures["model"]["brier"].value or 0.0 for name in "AB"]
    assert report.mean[80].figures["model"]["brier"].value == pytest.approx(sum(briers) / 2)
    assert (report.rows, report.mean[0].sprints) == (100, 50)
    figure = report.projects["A"][80].figures["model"]["auc"]
    assert figure.low is not None
    assert figure.value is not None
    assert figure.high is not None
    assert figure.low < figure.value <= figure.high


def test_trivial_sprints_are_scored_only_when_asked_for(rows: list[SprintRow]) -> None:
    trivial = replace(rows[0], sprint="t", moment=replace(rows[0].moment, committed_at_start=0.0), difference=0.0)
    test = [*made_up(10, 5), trivial]
    guesses = predict(rows, test, leave_out=False)
    assert evaluate(test, guesses, trivial=True).rows == evaluate(test, guesses, trivial=False).rows + 1
    with pytest.raises(ValueError, match="nothing to score"):
        evaluate([trivial], predict(rows, [trivial], leave_out=False), trivial=False)


def test_an_auc_with_one_kind_of_outcome_is_left_out_of_the_mean(rows: list[SprintRow]) -> None:
    sure = [replace(row, difference=-1.0) for row in made_up(5, 6, "B")]
    test = made_up(40, 5) + sure
    report = evaluate(test, predict(rows, test, leave_out=False), trivial=False)
    assert report.projects["B"][80].figures["model"]["auc"].value is None
    assert report.mean[80].figures["model"]["auc"] == report.projects["A"][80].figures["model"]["auc"]
