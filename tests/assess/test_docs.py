"""The documentation holds the numbers that are in force."""

from __future__ import annotations

from pathlib import Path

from galaxy_desktop.assess import forecast, history, survival
from galaxy_desktop.assess.health import FLOOR_OF_CAP, OBSERVE, SUSTAIN
from galaxy_desktop.assess.health_parts import PARTS
from galaxy_desktop.assess.prior import PUBLIC_SPRINTS, prior_probability

TEXT = (Path(__file__).parents[2] / "docs" / "forecast.md").read_text(encoding="utf-8")


def test_the_engine_is_named() -> None:
    assert f"`{forecast.ENGINE}`" in TEXT


def test_the_prior_is_written_with_its_parameters() -> None:
    p = PUBLIC_SPRINTS
    assert f"{p.intercept} - {p.log_pace} * ln(pace + 0.05) - {p.elapsed} * elapsed share" in TEXT
    assert f"(on time + {p.record_weight:g} * {p.base_rate}) / (past sprints + {p.record_weight:g})" in TEXT
    assert f"w = n / (n + {p.blend_completions:g})" in TEXT


def test_the_example_of_the_prior_is_right() -> None:
    assert "so 46 %" in TEXT
    assert round(100 * prior_probability(5, 20, 0.5)) == 46


def test_health_parts_are_listed_with_their_weights() -> None:
    for weight, part in PARTS:
        name = "ci" if part.__name__ == "builds" else part.__name__
        assert f"| {name} | {weight:.0%}".replace("%", " %") in TEXT
    assert f"Sustain from {SUSTAIN:g}, Observe from {OBSERVE:g}" in TEXT
    assert f"{FLOOR_OF_CAP:g} + 75 P" in TEXT


def test_thresholds_and_priors_of_the_past_are_written() -> None:
    assert f"fewer than {history.LEAST_ACTIVE_DAYS} days with a completion" in TEXT
    assert f"fewer than {history.LEAST_COMPLETIONS} completions" in TEXT
    a, b = history.FOCUS_PRIOR
    assert f"Beta(in sprints + {a:g}, others + {b:g})" in TEXT
    assert f"Gamma({history.GROWTH_SHAPE} + added so far" in TEXT
    assert f"between {survival.POWER_BOUNDS[0]:g} and {survival.POWER_BOUNDS[1]:g}" in TEXT
