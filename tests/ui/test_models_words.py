"""What the Models page says of a model, in words: pure functions of its facts."""

from __future__ import annotations

import pytest

from galaxy_desktop.domain.models import Fit, ModelFacts, Presence, TransferState
from galaxy_desktop.ui import models_words
from galaxy_desktop.ui.theme import Tone
from tests.ui.fake_models import VECTORS, a_fit, a_model, a_transfer

PART, HERE = Presence.PART, Presence.HERE
PAUSED, FAILED = TransferState.PAUSED, TransferState.FAILED
SPACE = "\u00a0"


@pytest.mark.parametrize(
    ("facts", "said", "tone"),
    [
        (a_model(), "Not here", Tone.QUIET),
        (a_model(in_use=True), "Not here, but in use", Tone.BAD),
        (a_model(presence=HERE), "On disk", Tone.GOOD),
        (a_model(presence=HERE, in_use=True), "On disk, in use", Tone.GOOD),
        (a_model(presence=Presence.DAMAGED), "Damaged", Tone.BAD),
        (a_model(presence=PART), f"Partly downloaded 50{SPACE}%", Tone.WATCH),
        (a_model(presence=PART, transfer=a_transfer(PAUSED)), f"Partly downloaded 50{SPACE}%, paused", Tone.WATCH),
        (a_model(presence=PART, transfer=a_transfer(FAILED)), f"Partly downloaded 50{SPACE}%, stopped", Tone.BAD),
        (a_model(transfer=a_transfer(FAILED)), "Not here, stopped", Tone.BAD),
        (a_model(transfer=a_transfer()), f"Downloading 50{SPACE}%, 3{SPACE}min left", Tone.ACCENT),
        (a_model(transfer=a_transfer(stage="checking what is here")), f"Checking 50{SPACE}%, 3{SPACE}min left", Tone.ACCENT),
        (a_model(transfer=a_transfer(TransferState.QUEUED)), "Waits for its turn", Tone.WATCH),
        (a_model(transfer=a_transfer(TransferState.WAITING)), "Waits", Tone.WATCH),
        (a_model(presence=PART, bytes=0), "Partly downloaded, 2.00 GB", Tone.WATCH),
    ],
)  # fmt: skip
def test_the_state_of_a_model_is_said_in_words(facts: ModelFacts, said: str, tone: Tone) -> None:
    assert models_words.state(facts) == (said, tone)


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (a_model(), "Fits"),
        (a_model(fit=a_fit(Fit.SLOW)), "Slow"),
        (a_model(fit=a_fit(Fit.TOO_LARGE)), "Does not fit"),
        (a_model(fit=None), "Not known yet"),
        (VECTORS, "Fits"),
    ],
)
def test_the_badge_is_a_word_not_only_a_color(facts: ModelFacts, word: str) -> None:
    assert models_words.fit(facts)[0] == word


def test_progress_is_said_in_full() -> None:
    said = models_words.progress(a_transfer())
    assert said == f"Downloading: 2.00 GB of 4.00 GB, 10 MB/s, 3{SPACE}min left".replace(
        "4.00 GB", "4.00 GB from models.example"
    )
    assert models_words.progress(a_transfer(PAUSED)).startswith("Paused at 2.00 GB of 4.00 GB.")
    assert (
        models_words.progress(a_transfer(TransferState.WAITING, sentence="The network is off."))
        == "The network is off."
    )


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "1 s"), (89, "89 s"), (600, "10 min"), (9000, "2.5 h")])
def test_time_left_is_said_as_people_do(seconds: float, said: str) -> None:
    assert models_words.span(seconds).replace(SPACE, " ") == said
