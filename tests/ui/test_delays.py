"""Which items may miss the end, and similar past sprints, as a user reads them on the Sprint page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.past_sprints import DelayReason, ItemDelay, SimilarSprint, SimilarSprints
from galaxy_desktop.ui import words
from galaxy_desktop.ui.pages.similar_card import SimilarCard
from galaxy_desktop.ui.pages.sprint import SprintPage
from galaxy_desktop.ui.rows.items import item_rows, item_table, may_miss_word
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import OpenClaim, Wish
from tests.ui.samples import cite

COLUMN = 3
SAYS_NOTHING = "Similar sprints tell nothing more than the average here (n = 9)."


def a_similar(**more: Any) -> SimilarSprint:
    values = {
        "sprint_id": "sprint-7", "title": "Checkout 1.0", "ended_on": date(2026, 3, 6), "distance": 0.42, "landed": False,
        "delivered_share": 0.7, "days_late": 4, "removed": 2, "end_moved": 7, "accepted": 1,
        "evidence": (cite("milestone:acme/shop#7"),),
    }  # fmt: skip
    return SimilarSprint(**{**values, **more})


@pytest.fixture
def foretold(view: View) -> View:
    """The hand-made evaluation in which one item of the first sprint is foretold to be late."""
    assert view.analysis is not None
    first = next(s for s in view.analysis.sprints if s.sprint.id == "sprint-1")
    item = next(row.brief.id for row in item_rows(first, view) if row.brief.open)
    reason = DelayReason(text="It waits for 1 item: acme/api#3, which raises the risk.", weight=0.7, evidence=(item,))
    delay = ItemDelay(item_id=item, probability=0.72, reasons=(reason,), evidence=(cite(item, "blocked"),))
    alike = SimilarSprints(sprints=(a_similar(),), compared=9, adds=False, sentence=SAYS_NOTHING)
    told = replace(first, delays=(delay,), similar=alike)
    sprints = tuple(told if s is first else s for s in view.analysis.sprints)
    return replace(view, analysis=replace(view.analysis, sprints=sprints))


@pytest.fixture
def page(look: Look, qtbot: QtBot, wishes: list[Wish], foretold: View) -> SprintPage:
    made = SprintPage(look)
    qtbot.addWidget(made)
    made.wished.connect(wishes.append)
    made.show_view(foretold)
    made.choose("sprint-1")
    return made


def cells(page: SprintPage) -> list[str]:
    model = page.items
    return [str(model.index(row, COLUMN).data()).replace(words.SPACE, " ") for row in range(model.rowCount())]


@pytest.mark.parametrize(
    ("chance", "word"), [(0.29, "Unlikely"), (0.3, "Possible"), (0.59, "Possible"), (0.6, "Likely"), (0.98, "Likely")]
)
def test_a_chance_has_a_word_and_not_only_a_number(chance: float, word: str) -> None:
    assert may_miss_word(chance) == word


def test_the_column_says_word_and_number_of_what_was_foretold_and_nothing_of_the_rest(page: SprintPage) -> None:
    assert page.items.columns[COLUMN].name == "May miss"
    assert sorted(set(cells(page))) == ["", "Likely, 72 %"]


def test_the_tip_tells_the_reasons(page: SprintPage) -> None:
    row = cells(page).index("Likely, 72 %")
    tip = page.items.index(row, COLUMN).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "It waits for 1 item: acme/api#3, which raises the risk."


def test_sorting_puts_the_likeliest_first(page: SprintPage) -> None:
    page.items.sort(COLUMN, Qt.SortOrder.AscendingOrder)
    assert cells(page)[0] == "Likely, 72 %"


def test_opening_an_item_tells_its_chance_reasons_and_evidence(page: SprintPage, wishes: list[Wish]) -> None:
    row = next(r for r in page.items.rows if r.delay is not None)
    page.item_view.opened.emit(row)
    (claim,) = [wish.claim for wish in wishes if isinstance(wish, OpenClaim)]
    assert claim.note.replace(words.SPACE, " ").startswith("Chance that it is not done by the end: 72 %.")
    assert "waits for 1 item" in claim.note
    assert claim.evidence[0].quote == "blocked"


def test_the_table_keeps_the_rules_of_item_models(look: Look, foretold: View) -> None:
    model = item_table(look)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for one in foretold.all_sprints:
        model.replace(item_rows(one, foretold))
    assert tester is not None


def test_similar_sprints_say_what_happened_and_whether_it_tells_anything(page: SprintPage) -> None:
    assert page.similar.sentence == SAYS_NOTHING
    read = "\n".join(label.text() for label in page.similar.findChildren(QLabel)).replace(words.SPACE, " ")
    assert "did not land, done 4 days late, 70 % delivered, 2 items taken out after this point" in read
    assert "its end was moved by 7 days, 1 recommendation accepted" in read


def test_a_similar_sprint_opens_its_evidence(page: SprintPage, wishes: list[Wish]) -> None:
    button = next(b for b in page.similar.findChildren(QPushButton) if b.text() == "Checkout 1.0")
    button.click()
    (claim,) = [wish.claim for wish in wishes if isinstance(wish, OpenClaim)]
    assert claim.title == "Similar: Checkout 1.0"
    assert [one.id for one in claim.evidence] == ["milestone:acme/shop#7"]


def test_without_anything_to_compare_the_card_is_away(look: Look, qtbot: QtBot, view: View) -> None:
    card = SimilarCard(lambda _claim: None)
    qtbot.addWidget(card)
    card.show_sprint(view.all_sprints[1], view)
    assert card.isHidden()
