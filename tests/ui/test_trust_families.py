"""The card with the correction says what the six families are worth, and when they are worth nothing."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.families import FamilyOffset, FamilyTerm
from galaxy_desktop.domain.ledger import Recalibration
from galaxy_desktop.ui.pages.trust import CorrectionCard
from tests.ui.time_fakes import report

CI = FamilyTerm(family="ci", weight=-0.3, usual=(0.1, 0.1, 0.2, 0.2), spread=0.15, sprints=12)
FAMILIES = FamilyOffset(
    terms=(CI,), shares=(0.0, 0.3, 0.5, 0.8), used=True, sentence="The six families shift the log-odds."
)


def shown(qtbot: QtBot, families: FamilyOffset) -> list[str]:
    card = CorrectionCard()
    qtbot.addWidget(card)
    card.show_report(replace(report(), recalibration=Recalibration(families=families)))
    return [card.said, *card.formula.splitlines()]


def test_families_that_count_are_named_with_their_weight(qtbot: QtBot) -> None:
    said, formula, sentence, line = shown(qtbot, FAMILIES)
    assert "moved by what the six families said" in said
    assert (formula, sentence) == ("No correction.", "The six families shift the log-odds.")
    assert line.startswith("Ci (failed builds): -0.30 log-odds")


def test_families_that_do_not_count_say_why(qtbot: QtBot) -> None:
    told = shown(qtbot, FamilyOffset(sentence="The six families shift nothing: 3 of the 10 ended sprints needed."))
    assert told[0].startswith("Nothing: the numbers are shown")
    assert told[2:] == ["The six families shift nothing: 3 of the 10 ended sprints needed."]
