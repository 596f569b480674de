"""What a person asked for on the screen: frozen records that pages emit and the conductor carries out.

The counterpart of `domain.events`: those say what happened, these what is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from galaxy_desktop.domain.findings import Alert, Recommendation, Verdict
from galaxy_desktop.ui.advice_wishes import AdviceWish
from galaxy_desktop.ui.ask_wishes import AskWish
from galaxy_desktop.ui.facade import ActivityReport, TokenAnswer
from galaxy_desktop.ui.flow_wishes import FlowWish
from galaxy_desktop.ui.models_wishes import ModelsWish
from galaxy_desktop.ui.outbox_wishes import OutboxWish
from galaxy_desktop.ui.providers_wishes import ProvidersWish
from galaxy_desktop.ui.sign_in_wishes import SignInWish
from galaxy_desktop.ui.sync_wishes import SyncWish
from galaxy_desktop.ui.time_wishes import QuestionWish, TimeWish
from galaxy_desktop.ui.view import Claim

Answered = Callable[[str], None]
"""Told how it went: "" when it worked, else the sentence to show beside the field."""


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """Show what something on the screen rests on."""

    claim: Claim


@dataclass(frozen=True, slots=True)
class OpenSprint:
    """Show one sprint."""

    sprint_id: str


@dataclass(frozen=True, slots=True)
class OpenPage:
    """Show a page by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """Show the exact thing that an alert is about."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class OpenDigest:
    """Show this morning's digest."""


@dataclass(frozen=True, slots=True)
class ClearFilters:
    """Show everything again."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """Go through the welcome steps."""


@dataclass(frozen=True, slots=True)
class ShowShortcuts:
    """Show the sheet of shortcuts."""


@dataclass(frozen=True, slots=True)
class SyncNow:
    """Fetch from GitHub now."""


@dataclass(frozen=True, slots=True)
class Search:
    """Find places in what was collected."""

    query: str


@dataclass(frozen=True, slots=True)
class ConfirmSprint:
    """The milestones do belong together."""

    sprint_id: str


@dataclass(frozen=True, slots=True)
class Decide:
    """A verdict on a recommendation."""

    recommendation: Recommendation
    verdict: Verdict
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangeSetting:
    """Another value for a setting, as text."""

    name: str
    text: str
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class AddRepository:
    """Track one more repository."""

    full_name: str
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class TestToken:
    """Ask GitHub whether it accepts a token."""

    __test__ = False

    token: str = field(repr=False)
    answered: Callable[[TokenAnswer], None]


@dataclass(frozen=True, slots=True)
class SaveToken:
    """Keep a token in the keyring."""

    token: str = field(repr=False)
    answered: Answered | None = None


@dataclass(frozen=True, slots=True)
class SwitchProfile:
    """Open another workspace: "main", or "demo: " and a scenario."""

    profile: str


@dataclass(frozen=True, slots=True)
class Requeue:
    """Give a dead job another chance."""

    job_id: int


@dataclass(frozen=True, slots=True)
class ReadActivity:
    """Show what the program did lately."""

    answered: Callable[[ActivityReport], None]


@dataclass(frozen=True, slots=True)
class AskForToken:
    """Find out whether a token is known; the answer is `None` where nobody looked, because none is needed."""

    answered: Callable[[bool | None], None]


@dataclass(frozen=True, slots=True)
class PauseAlerts:
    """Show no balloon until then; `None` ends the pause."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class Quit:
    """End the program."""


Wish = (
    OpenClaim
    | OpenSprint
    | OpenPage
    | OpenAlert
    | OpenDigest
    | ClearFilters
    | SetUp
    | ShowShortcuts
    | SyncNow
    | Search
    | ConfirmSprint
    | Decide
    | ChangeSetting
    | AddRepository
    | TestToken
    | SaveToken
    | SwitchProfile
    | Requeue
    | PauseAlerts
    | ReadActivity
    | AskForToken
    | Quit
    | AdviceWish
    | SyncWish
    | FlowWish
    | ModelsWish
    | ProvidersWish
    | TimeWish
    | QuestionWish
    | AskWish
    | OutboxWish
    | SignInWish
)
