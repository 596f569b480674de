"""What the checks took out is counted, and shown with its reason when somebody asks; nothing in it is a link."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from galaxy_desktop.domain.findings import Explanation, Unsupported
from galaxy_desktop.ui import words
from galaxy_desktop.ui.pages.sprint_parts import source_of as source
from galaxy_desktop.ui.widgets.removed import LONGEST, MOST_SHOWN, RemovedSentences, in_words

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
LIE = Unsupported(
    "The sprint is <b>done</b>, see https://evil.example.", "links to an address that is not in the evidence"
)


def _shown(widget: RemovedSentences) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel)]


def test_nothing_removed_shows_nothing(qtbot) -> None:  # noqa: ANN001 - the fixture of pytest-qt
    widget = RemovedSentences()
    qtbot.addWidget(widget)
    assert not widget.isVisibleTo(widget.parentWidget())
    assert _shown(widget) == []


def test_removed_sentences_are_counted_and_shown_on_request(qtbot) -> None:  # noqa: ANN001
    widget = RemovedSentences()
    qtbot.addWidget(widget)
    widget.show_removed([LIE, LIE])
    assert widget.button.text().replace(words.SPACE, " ") == "2 sentences removed: show"
    assert _shown(widget) == []
    widget.button.click()
    assert widget.button.text().endswith("hide")
    assert _shown(widget) == [in_words(LIE)] * 2
    assert "Removed because it links to an address" in in_words(LIE)


def test_what_was_removed_is_never_read_as_markup(qtbot) -> None:  # noqa: ANN001
    widget = RemovedSentences()
    qtbot.addWidget(widget)
    widget.show_removed([LIE])
    widget.button.click()
    (label,) = widget.findChildren(QLabel)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert not label.openExternalLinks()


def test_another_sprint_folds_them_again(qtbot) -> None:  # noqa: ANN001
    widget = RemovedSentences()
    qtbot.addWidget(widget)
    widget.show_removed([LIE])
    widget.button.click()
    widget.show_removed([LIE])
    assert widget.button.isChecked()
    widget.show_removed([Unsupported("Other.", "says nothing")])
    assert not widget.button.isChecked()
    widget.show_removed([])
    assert widget.isHidden()


def test_many_and_long_ones_are_cut(qtbot) -> None:  # noqa: ANN001
    widget = RemovedSentences()
    qtbot.addWidget(widget)
    widget.show_removed([Unsupported(f"{n} " + "x" * 900, "is too long to check") for n in range(MOST_SHOWN + 3)])
    widget.button.click()
    shown = _shown(widget)
    assert len(shown) == MOST_SHOWN + 1
    assert shown[-1].replace(words.SPACE, " ") == "and 3 more sentences"
    assert all(len(text) < LONGEST + 60 for text in shown)


def test_prose_says_how_long_ago_it_was_worded() -> None:
    worded = Explanation(mode="model", sentences=(), worded_at=NOW - timedelta(hours=2))
    assert source(worded, NOW).startswith("Worded 2 h ago by the local language model;")
    assert source(replace(worded, worded_at=None), NOW).startswith("Worded by the local language model;")
    assert source(replace(worded, mode="facts"), NOW) == "Worded by templates from stored facts."
