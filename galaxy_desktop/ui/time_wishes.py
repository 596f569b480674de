"""What a person asks of the past and of the forecast: frozen records, carried out by `time_errands` and `question_errands`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from galaxy_desktop.assess.what_if import Question, WhatIf
    from galaxy_desktop.domain.ledger import TrustReport
    from galaxy_desktop.domain.retro import Retro
    from galaxy_desktop.domain.since import Moved, Since

Failed = Callable[[str], None]
"""Told what went wrong, in a sentence."""


@dataclass(frozen=True, slots=True)
class OpenTimeBar:
    """Find out how far back one can look; `answered` is told the earliest moment, `None` when nothing is stored."""

    answered: Callable[[datetime | None], None]


@dataclass(frozen=True, slots=True)
class LookBack:
    """Show every page as it was at a moment."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class BackToNow:
    """Show what there is now again."""


TimeWish = OpenTimeBar | LookBack | BackToNow


@dataclass(frozen=True, slots=True)
class ReadTrust:
    """How far the forecast can be believed, or could be at the moment `past` that is looked at."""

    answered: Callable[[TrustReport], None]
    failed: Failed
    past: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadSince:
    """What changed since a moment, up to now or to the moment `past` that is looked at."""

    moment: datetime
    answered: Callable[[Since], None]
    failed: Failed
    past: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadMoved:
    """Why the chance of a sprint is not what it was at a moment; is, or was at the moment `past` that is looked at."""

    sprint_id: str
    moment: datetime
    answered: Callable[[Moved], None]
    failed: Failed
    past: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadRetro:
    """How a sprint went, up to now or to the moment `past` that is looked at."""

    sprint_id: str
    answered: Callable[[Retro], None]
    failed: Failed
    past: datetime | None = None


@dataclass(frozen=True, slots=True)
class AskWhatIf:
    """The forecast before and after one change; nothing is kept of it."""

    sprint_id: str
    question: Question
    answered: Callable[[WhatIf], None]
    failed: Failed


@dataclass(frozen=True, slots=True)
class OpenWhatIf:
    """Open the dialog for questions about a sprint; about one of its items when one is named."""

    sprint_id: str
    item_id: str = ""


QuestionWish = ReadTrust | ReadSince | ReadMoved | ReadRetro | AskWhatIf | OpenWhatIf
