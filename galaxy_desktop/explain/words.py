"""Numbers and days as people say them: "62 %", "about 5 in 8", "Friday 15 May".

No locale is asked: the words are English on every machine, so that the same data gives the same text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
CLOSE_ENOUGH = 0.015
MOST_PARTS = 10


def percent(share: float) -> str:
    """A share as "62 %"."""
    return f"{round(100.0 * share)} %"


def odds(share: float) -> str:
    """A share as the simplest odds that come close: "5 in 8", "1 in 20"."""
    if share < 1.0 / MOST_PARTS:
        return f"1 in {round(1.0 / share)}" if share > 0.0 else "0 in 10"
    if share > 1.0 - 1.0 / MOST_PARTS:
        parts = round(1.0 / (1.0 - share)) if share < 1.0 else MOST_PARTS
        return f"{parts - 1} in {parts}" if share < 1.0 else "10 in 10"
    tries = [(parts, round(share * parts)) for parts in range(2, MOST_PARTS + 1)]
    near = next(((p, n) for p, n in tries if abs(n / p - share) <= CLOSE_ENOUGH), None)
    parts, number = near or min(tries, key=lambda t: abs(t[1] / t[0] - share))
    return f"{number} in {parts}"


def day_in_words(day: date, today: date) -> str:
    """A day as "Friday 15 May"; with the year when it is not this one."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}{year}"


def counted(number: int, word: str, plural: str = "") -> str:
    """A number with its word, in the plural where it has to be: "1 item", "3 items"."""
    return f"{number} {word}" if number == 1 else f"{number} {plural or word + 's'}"


def joined(words: Sequence[str]) -> str:
    """A list as people say it: "a", "a and b", "a, b and c"."""
    return " and ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} and {words[-1]}"


def sentence(text: str) -> str:
    """The text with one full stop at its end."""
    return text if text.endswith((".", "!", "?")) else f"{text}."
