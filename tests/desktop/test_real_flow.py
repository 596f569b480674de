"""The main job on a real desktop: real repositories polled, facts shown, a balloon in the tray, prose after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from galaxy_desktop.paths import DataFolder, models_folder
from galaxy_desktop.services import demo
from galaxy_desktop.store.database import Store
from tests.acceptance.conftest import REPOSITORIES, SHARED, StandIn, environment, stand_in_at
from tests.desktop.conftest import NOTHING_DUE, Desk, balloon_points

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared with the stand-in GitHub is missing"),
]


def _tracking(desk: Desk, github: StandIn) -> Desk:
    """The desk of a user who tracks three repositories, wants to hear of alerts at any hour, and starts for the first time since."""
    folder = DataFolder(desk.folder / "data" / "main").make()
    with Store.open(folder) as store:
        for name in REPOSITORIES:
            store.track(name).result()
        for setting, value in demo.AT_ANY_HOUR:
            store.set_setting(setting, value, "test", NOW).result()
    known = {name: value for name, value in environment(github.base).items() if name.startswith("GALAXY_")}
    models = {"GALAXY_MODELS_DIR": str(models_folder())}
    return replace(desk, environment={**desk.environment, **known, **models})


def test_a_sprint_that_turned_bad_is_polled_shown_alerted_once_and_then_worded(desk: Desk) -> None:
    with stand_in_at("2026-05-01T12:00:00Z") as github:
        tracking = _tracking(desk, github)
        app = tracking.start("real")
        app.wait_for("Showing main")
        app.wait_for("Evaluated")
        app.wait_for("Balloon for alert")
        tracking.until(lambda: len(balloon_points(tracking.picture("flow.png"))) > 300)
        app.wait_for("Prose for sprint-")
        assert app.stop() == 0
        assert app.troubles == []
        again = tracking.start("real")
        again.wait_for("Evaluated")
        again.wait_for(NOTHING_DUE)
        assert again.stop() == 0
        assert not any("Balloon" in line for line in again.lines)
