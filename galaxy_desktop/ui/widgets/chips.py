"""Chips: the small buttons behind a sentence that open what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import Role, font
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.flow import FlowLayout

MOST_LETTERS = 30
ENDING = 12
MOST_CHIPS = 8


def chip(text: str, tip: str, pressed: Callable[[], None]) -> QPushButton:
    """A small rounded button; a long text is cut and shown whole in its tool tip."""
    shown = shortened(text)
    button = QPushButton(shown.replace("&", "&&"))
    button.setProperty("chip", True)
    button.setFont(font(Role.SMALL))
    button.setToolTip(tip if shown == text else f"{text}\n{tip}".strip())
    button.setAccessibleName(f"Evidence: {text}")
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    button.clicked.connect(lambda _checked: pressed())
    return button


def shortened(text: str) -> str:
    """A long name without its middle: its end holds the number, which is what tells items apart."""
    if len(text) <= MOST_LETTERS:
        return text
    return f"{text[: MOST_LETTERS - ENDING - 1]}…{text[-ENDING:]}"


class EvidenceChips(QWidget):
    """One chip for each id that something cites; beyond eight the last chip opens all of them."""

    def __init__(self, view: View, ids: Iterable[str], opened: Callable[[tuple[str, ...]], None]) -> None:
        super().__init__()
        row = FlowLayout(self)
        cited = tuple(dict.fromkeys(ids))
        for one in cited[:MOST_CHIPS]:
            row.addWidget(chip(words.reference(one), view.title(one), partial(opened, (one,))))
        if len(cited) > MOST_CHIPS:
            row.addWidget(chip(f"all {len(cited)}", "", partial(opened, cited)))
