"""Models that find texts by their meaning: which there are, which one answers, and what indexing with another one costs.

Three kinds: the one that comes with the program, folders in the models folder, and providers. A choice is a name as the
setting `search_model` holds it: a folder's, or "provider:NAME#MARK". The mark stands for address and model, so that a
provider that was changed is not asked for the same index again before a person says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from galaxy_desktop.domain.providers import Provider

PREFIX = "provider:"
MARK_LETTERS = 8


class SearchModelKind(StrEnum):
    """Where a search model runs."""

    USUAL = "comes with Galaxy Desktop"
    FOLDER = "in the models folder"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchModel:
    """One that can be chosen; `width` is how many numbers a vector has, 0 where that is not known yet."""

    name: str
    title: str
    kind: SearchModelKind
    width: int = 0
    megabytes: float = 0.0
    """Of its files on this computer, 0 for a provider."""
    about: str = ""
    """Who a provider is, and how far away."""
    used: bool = False
    """Whether it was chosen."""
    answers: bool = False
    """Whether searches are answered with it now."""
    problem: str = ""
    """Why it cannot be chosen, "" where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchState:
    """How far the index of the chosen model is; `model` is "" for the usual one, `answers` for when that one answers.

    Both are titles as people read them.
    """

    model: str = ""
    answers: str = ""
    ready: bool = False
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    problem: str = ""
    again_s: float = 0.0
    """In so many seconds it goes on by itself, where there is a problem that may pass."""

    @property
    def under_way(self) -> bool:
        """Whether an index is being prepared."""
        return bool(self.model) and not self.ready

    @property
    def old(self) -> str:
        """Who answers until it is done."""
        return self.answers or "the usual search model"

    @property
    def sentence(self) -> str:
        """The state in words."""
        if not self.model:
            return "The usual search model answers."
        if self.problem:
            return self.problem
        if self.ready:
            return f"{self.model} answers."
        how_far = f"{self.done:,} of {self.total:,} texts" if self.total else "reading what there is"
        return f"{self.model} is being prepared: {how_far}. The old index ({self.old}) answers until it is done."


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCost:
    """What indexing everything with a model costs, told before anything begins.

    `per_second` (texts) is what a sample took just now, 0 when there was none because of `problem`. Disk and memory are in
    megabytes; `memory` is the model's own, on this computer. Of a provider: `tokens` are estimated, `price` is in the money
    of its prices (`None`: not known), `days` is how many days its daily limit makes of it.
    """

    model: str
    texts: int
    per_second: float = 0.0
    disk: float = 0.0
    disk_free: float | None = None
    memory: float = 0.0
    provider: str = ""
    tokens: int = 0
    price: float | None = None
    days: int = 1
    problem: str = ""

    @property
    def minutes(self) -> float:
        """How long it works, 0 where that is not known."""
        return self.texts / self.per_second / 60 if self.per_second else 0.0

    @property
    def fits(self) -> bool:
        """Whether the disk has room for the index, with as much again left for others."""
        return self.disk_free is None or self.disk * 2 < self.disk_free

    @property
    def lines(self) -> tuple[str, ...]:
        """The cost, a line each."""
        if not self.texts:
            return (f"Nothing is collected yet, so there is nothing to index with {self.model}.",)
        told = [f"{self.texts:,} texts are indexed with {self.model}, in the background."]
        told.append(self._time())
        if self.provider:
            told.append(self._tokens())
        free = "" if self.disk_free is None else f" ({_size(self.disk_free)} are free)"
        room = "" if self.fits else ". That is too little room"
        told.append(f"Disk: about {_size(self.disk)}{free}{room}.")
        own = "none of its own on this computer" if self.provider else f"about {_size(self.memory)} while it works"
        told.append(f"Memory: {own}, and {_size(self.texts * 60 / 1e6)} for the index.")
        told.append("Searches are answered with the old index until it is done; it can be canceled at any time.")
        return tuple(told)

    @property
    def sentence(self) -> str:
        """All of it."""
        return " ".join(self.lines)

    def _time(self) -> str:
        if self.problem:
            return f"Time: not known, because a trial failed. {self.problem}"
        length = f"about {span(self.minutes * 60)}" if self.minutes >= 1 else "less than a minute"
        return f"Time: {length} of work at {self.per_second:,.0f} texts a second, as a short trial took just now."

    def _tokens(self) -> str:
        price = (
            "what they cost is not known: enter its prices"
            if self.price is None
            else f"about {self.price:.2f} by its prices"
        )
        days = f" Its limit a day makes that {self.days} days; it goes on by itself." if self.days > 1 else ""
        return f"Tokens: about {self.tokens:,} are sent to {self.provider}, {price}.{days}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchModelsOverview:
    """Every search model, and how the index of the chosen one stands."""

    models: tuple[SearchModel, ...]
    state: SearchState
    folder: str = ""
    """The models folder, into which a person puts others."""


def setting_of(provider: Provider) -> str:
    """A provider as the setting holds it."""
    return f"{PREFIX}{provider.name}#{mark_of(provider)}"


def mark_of(provider: Provider) -> str:
    """A few letters that change when a provider's kind, address or model does."""
    told = "\0".join((str(provider.kind), provider.address, provider.model))
    return hashlib.sha256(told.encode()).hexdigest()[:MARK_LETTERS]


def provider_in(name: str) -> tuple[str, str] | None:
    """The provider's name and mark in a setting ("" for no mark); `None` where it names no provider."""
    if not name.startswith(PREFIX):
        return None
    provider, _, mark = name.removeprefix(PREFIX).partition("#")
    return provider, mark


def span(seconds: float) -> str:
    """A length of time as people say it: "40 s", "5 min", "1.5 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _size(megabytes: float) -> str:
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{max(1, round(megabytes))} MB"
