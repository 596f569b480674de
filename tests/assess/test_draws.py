"""What was drawn for one forecast serves the next, of large sprints too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from galaxy_desktop.assess import draws, forecast
from galaxy_desktop.domain.facts import TeamRhythm
from galaxy_desktop.domain.findings import ForecastInputs
from tests.assess.conftest import make_inputs, open_work

LARGE = 400
OWNERS = ("a", "b", "c", "d", "e", "f", "g", "h")


@pytest.fixture
def large() -> ForecastInputs:
    """Eight people with fifty items in work each."""
    works = tuple(open_work(n, age_days=float(n % 30), owners=(OWNERS[n % 8],)) for n in range(LARGE))
    return replace(make_inputs(0), open=works, runs=10_000, rhythm=TeamRhythm(team=OWNERS, at_once=2.0))


def test_a_question_about_a_large_sprint_draws_nothing_that_was_drawn(
    large: ForecastInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    draw = draws.uniforms

    def counted(seed: int, name: str, rows: int, columns: int) -> draws.Floats:
        drawn.append(name)
        return draw(seed, name, rows, columns)

    monkeypatch.setattr(draws, "uniforms", counted)
    simulator = forecast.Simulator()
    first = simulator.brief(large)
    assert len([name for name in drawn if name.startswith("item/")]) == LARGE
    drawn.clear()
    assert simulator.brief(replace(large, open=large.open[1:])).raw_share is not None
    assert [name for name in drawn if name.startswith("item/")] == []
    assert simulator.brief(large) == first


def test_what_is_kept_changes_no_number(large: ForecastInputs, monkeypatch: pytest.MonkeyPatch) -> None:
    few = replace(large, open=large.open[:20], runs=500)
    kept = forecast.Simulator().simulate(few)
    monkeypatch.setattr(draws.Draws.__init__, "__defaults__", (0,))
    assert forecast.Simulator().simulate(few) == kept
