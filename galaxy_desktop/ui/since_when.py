"""The moments that people compare with: yesterday's morning, their last visit, some days ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from galaxy_desktop.domain.days_off import days_off_of
from galaxy_desktop.explain.since import yesterday
from galaxy_desktop.ui import words
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.calm import CalmComboBox

LEAST_APART = timedelta(minutes=30)
"""A visit that was just now is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A moment with its name: "yesterday", "your last visit"; `key` stays the same whatever it is called."""

    name: str
    moment: datetime
    key: str


def choices(view: View) -> tuple[Choice, ...]:
    """The moments that can be chosen, the usual one first; those before the moment that is looked at in the past."""
    now = view.now.replace(second=0, microsecond=0)
    off = days_off_of(view.settings.text("days_off")).team
    usual = "yesterday" if now.weekday() in range(1, 6) else "the last working day"
    if view.past is not None:
        usual = "the day before" if now.weekday() in range(1, 6) else "the working day before"
    found = [Choice(usual, yesterday(now, off), "yesterday")]
    if view.visited is not None and view.now - view.visited >= LEAST_APART:
        found.append(Choice("your last visit", view.visited.astimezone(now.tzinfo), "visit"))
    then = "ago" if view.past is None else "before"
    found += [
        Choice(f"{name} {then}", now - timedelta(days=days), str(days))
        for name, days in (("3 days", 3), ("a week", 7), ("two weeks", 14))
    ]
    return tuple(found)


class SinceChooser(CalmComboBox):
    """A list of moments; what was chosen stays chosen while its name exists."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Since when")
        self.setMinimumWidth(200)
        self._choices: tuple[Choice, ...] = ()

    @property
    def chosen(self) -> Choice | None:
        """The moment that is chosen."""
        return self._choices[self.currentIndex()] if 0 <= self.currentIndex() < len(self._choices) else None

    def offer(self, view: View) -> None:
        """Offer the moments of this view."""
        key = self.chosen.key if self.chosen else ""
        self._choices = choices(view)
        texts = [f"Since {c.name}, {words.clock(c.moment, view.now)}" for c in self._choices]
        if texts != [self.itemText(n) for n in range(self.count())]:
            self.clear()
            self.addItems(texts)
            keys = [c.key for c in self._choices]
            self.setCurrentIndex(keys.index(key) if key in keys else 0)
