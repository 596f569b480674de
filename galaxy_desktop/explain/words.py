"""Numbers and days as people say them: "62 %", "about 5 in 8", "Friday 15 May".

No locale is asked: the words are English on every machine, so that the same data gives the same text.
"""

from __future__ import annotations

from collections.abc import Sequence

from galaxy_desktop.domain.calendar import day_in_words, days_in_words
from galaxy_desktop.domain.ledger import HIGHEST, LOWEST

__all__ = ["bounded", "counted", "day_in_words", "days_in_words", "joined", "odds", "percent", "sentence"]

FAMILIAR_PARTS = (2, 3, 4, 5, 8, 10)
RARE = 0.095
"""Rarer things are told as "1 in 14", more certain ones as "13 in 14"."""


def percent(share: float) -> str:
    """A share as "62 %"."""
    return f"{round(100.0 * share)} %"


def bounded(share: float) -> str:
    """A probability as "62 %"; at the bounds of what is ever said, "at most 5 %" and "at least 95 %"."""
    bound = "at most " if share <= LOWEST else "at least " if share >= HIGHEST else ""
    return f"{bound}{percent(share)}"


def odds(share: float) -> str:
    """A share as odds that people can picture: "5 in 8", "9 in 10", "1 in 14"."""
    rare = min(share, 1.0 - share)
    if 0.0 < rare < RARE:
        parts = round(1.0 / rare)
        return f"1 in {parts}" if share < 0.5 else f"{parts - 1} in {parts}"
    tries = [(round(share * parts), parts) for parts in FAMILIAR_PARTS]
    number, parts = min(tries, key=lambda t: (round(abs(t[0] / t[1] - share), 6), t[1]))
    return f"{number} in {parts}"


def counted(number: int, word: str, plural: str = "") -> str:
    """A number with its word, in the plural where it has to be: "1 item", "3 items"."""
    return f"{number} {word}" if number == 1 else f"{number} {plural or word + 's'}"


def joined(words: Sequence[str]) -> str:
    """A list as people say it: "a", "a and b", "a, b and c"."""
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(text: str) -> str:
    """The text with one full stop at its end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
