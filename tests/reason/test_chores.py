"""What the model's lane does when nobody wants it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from galaxy_desktop.reason.chores import LOOK_AGAIN_S, Chore, Habits, Idling, due

HABITS = Habits(quiet_s=5, idle_s=600)
QUIET = Idling(idle_s=6, loaded=True)


@pytest.mark.parametrize(
    ("lane", "expected"),
    [
        (Idling(idle_s=1e9, loaded=False), None),
        (replace(QUIET, idle_s=2, unsaved=True), 3),
        (replace(QUIET, unsaved=True), Chore.SAVE),
        (replace(QUIET, measured=False), Chore.MEASURE),
        (replace(QUIET, measured=False, unsaved=True), Chore.SAVE),
        (replace(QUIET, measured=False, calm=False), LOOK_AGAIN_S),
        (replace(QUIET, measured=False, looked_s=1), LOOK_AGAIN_S),
        (replace(QUIET, measured=False, held=True), 594),
        (QUIET, 594),
        (replace(QUIET, idle_s=600), Chore.UNLOAD),
        (replace(QUIET, idle_s=600, unsaved=True), Chore.SAVE),
    ],
)
def test_a_chore_is_due_when_it_is_quiet_enough(lane: Idling, expected: Chore | float | None) -> None:
    assert due(lane, HABITS) == expected


def test_weights_that_stay_for_good_are_never_freed() -> None:
    assert due(replace(QUIET, idle_s=1e9), Habits(quiet_s=5, idle_s=0)) is None
