"""What a person asks in words: frozen records, carried out by `ask_errands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from galaxy_desktop.domain.asking import Answer
    from galaxy_desktop.domain.noticed import Noticed, Opinion
    from galaxy_desktop.domain.recorded import PassedOver


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """Answer a question; `answered` may be told more than once: first what facts say, then with the model's sentences.

    `working` is told what is still going on after the first answer, and "" when nothing is.
    `past` is the moment that is looked at when it is not now; `failed` is told what went wrong, in words.
    """

    question: str
    answered: Callable[[Answer], None]
    failed: Callable[[str], None]
    past: datetime | None = None
    working: Callable[[str], None] = lambda _state: None


@dataclass(frozen=True, slots=True)
class StopAsking:
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class OpenAsk:
    """Show the page for questions; with a `question` it is asked at once."""

    question: str = ""


@dataclass(frozen=True, slots=True)
class OpenPalette:
    """Show the field in which everything can be called by its name."""


@dataclass(frozen=True, slots=True)
class ReadNoticed:
    """What the language model noticed in a sprint."""

    sprint_id: str
    answered: Callable[[tuple[Noticed, ...]], None]


@dataclass(frozen=True, slots=True)
class SayOfNoticed:
    """Whether something that the model noticed was of use; `None` takes that back. `done` hears when it is kept."""

    noticed_id: str
    opinion: Opinion | None
    done: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ReadPassedOver:
    """Who was asked lately and could not answer."""

    answered: Callable[[tuple[PassedOver, ...]], None]


AskWish = ReadPassedOver | AskQuestion | StopAsking | OpenAsk | OpenPalette | ReadNoticed | SayOfNoticed
