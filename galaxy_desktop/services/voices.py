"""The voice that speaks beside the simulation: the outcome model that ships with the program."""

from __future__ import annotations

import logging
from functools import cache

from galaxy_desktop.assess.course import PUBLIC_VOICE, Voice
from galaxy_desktop.assess.course_model import outcome_voice
from galaxy_desktop.assess.outcome import OutcomeModel
from galaxy_desktop.paths import resources_folder

logger = logging.getLogger(__name__)

MODEL_FILE = "outcome_model.json"


@cache
def shipped_voice() -> Voice:
    """The voice of the outcome model; that of the older curve, with a line in the log, where its file cannot be read."""
    try:
        model = OutcomeModel.from_json((resources_folder() / MODEL_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        logger.warning("The outcome model cannot be read (%s); the curve of public sprints speaks instead", error)
        return PUBLIC_VOICE
    return outcome_voice(model)
