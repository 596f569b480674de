"""Rows of the Models page: one a model, with its badge and its state in words."""

from __future__ import annotations

from galaxy_desktop.domain.models import Fit, ModelFacts
from galaxy_desktop.ui import models_words
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import Look

ORDER = {Fit.FITS: 0, Fit.SLOW: 1, Fit.TOO_LARGE: 2}


def model_table(look: Look) -> Table[ModelFacts]:
    """The models in the order of the catalog."""
    columns: tuple[Column[ModelFacts], ...] = (
        Column(name="Model", text=lambda one: one.title, tip=lambda one: f"{one.title}\n{one.note}", wide=True),
        Column(name="For", text=lambda one: models_words.PURPOSE.get(one.purpose, one.purpose)),
        Column(name="Size", text=models_words.amount, order=lambda one: one.bytes, right=True),
        Column(
            name="This computer",
            text=lambda one: models_words.fit(one)[0],
            tone=lambda one: models_words.fit(one)[1],
            tip=models_words.fit_tip,
            order=lambda one: ORDER[one.fit.fit] if one.fit else -1,
        ),
        Column(
            name="State",
            text=lambda one: models_words.state(one)[0],
            tone=lambda one: models_words.state(one)[1],
            tip=_state_tip,
        ),
    )
    return Table(look, columns, lambda one: one.name)


def _state_tip(facts: ModelFacts) -> str:
    told = models_words.progress(facts.transfer) if facts.transfer is not None else ""
    return told or models_words.state(facts)[0]
