"""The risks of a sprint as a table: severity by shape, word and color."""

from __future__ import annotations

from galaxy_desktop.domain.findings import Risk, Severity
from galaxy_desktop.ui import words
from galaxy_desktop.ui.rows.table import Column, Table
from galaxy_desktop.ui.theme import SEVERITY_TONE, TONE_ICON, Look


def risk_table(look: Look) -> Table[Risk]:
    """An empty table of risks."""
    columns: tuple[Column[Risk], ...] = (
        Column(
            name="Severity",
            text=lambda r: words.SEVERITY[r.severity],
            tone=lambda r: SEVERITY_TONE[r.severity],
            icon=lambda r: "low" if r.severity is Severity.LOW else TONE_ICON[SEVERITY_TONE[r.severity]],
            order=lambda r: -r.severity.rank,
        ),
        Column(name="What", text=lambda r: words.rule(r.kind)),
        Column(name="Where it shows", text=lambda r: r.summary, tip=lambda r: f"{r.summary}\n{r.impact}", wide=True),
        Column(name="Chance", text=lambda r: words.percent(r.probability), order=lambda r: -r.probability, right=True),
    )
    return Table(look, columns, lambda r: r.id)
