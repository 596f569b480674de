"""News inside the program: facts in the past tense, typed, in the words of the domain.

Services publish them; the one bridge in `ui` turns them into a Qt signal.
"""

from __future__ import annotations

from dataclasses import dataclass

from galaxy_desktop.domain.changes import Change
from galaxy_desktop.domain.findings import Alert, Analysis, Explanation, RepositoryFreshness
from galaxy_desktop.domain.models import Standing, Transfer
from galaxy_desktop.domain.search_models import SearchState


@dataclass(frozen=True, slots=True)
class SyncProgressed:
    """A page arrived: what is being read, how many rows so far, of how many and how long still where that is known."""

    repository: str
    stage: str
    rows: int
    total: int | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class SprintsReady:
    """What is current of these repositories is stored, while history is still being read: worth a first evaluation."""

    repositories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FreshnessChanged:
    """The state of a repository's local copy changed."""

    freshness: RepositoryFreshness


@dataclass(frozen=True, slots=True)
class WorkspaceAnalyzed:
    """A new evaluation of the workspace is there; `seconds` since the poll that caused it."""

    analysis: Analysis
    seconds: float


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """An alert was raised for the first time."""

    alert: Alert


@dataclass(frozen=True, slots=True)
class ProseArrived:
    """The model's checked explanation of one sprint replaced the templates'."""

    sprint_id: str
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class PatternsNoticed:
    """The model noticed something new in a sprint."""

    sprint_id: str


@dataclass(frozen=True, slots=True)
class ProsePending:
    """The model is at work on a sprint; `state` says in words what it does ("loading model", "writing")."""

    sprint_id: str
    state: str


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """A background task failed in a way we did not foresee: shown with what to do, and logged."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ChangeMoved:
    """A change of the outbox came to stand elsewhere: kept, approved, sent, parked, in conflict, discarded."""

    change: Change


@dataclass(frozen=True, slots=True)
class DraftsCompared:
    """GitHub answers again and the drafts of the outbox were compared with it; `conflicts` of them are conflicts now."""

    drafts: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class BacktestProgressed:
    """The replay of past sprints went on: so many of `total` are done; `stage` says in words what it does."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class ModelStood:
    """The model in use came to stand elsewhere: it loads and how far, is ready and where, failed and why, was freed."""

    standing: Standing


@dataclass(frozen=True, slots=True)
class TransferMoved:
    """A download, an import or a check of a model went on, came to stand, or ended."""

    transfer: Transfer


@dataclass(frozen=True, slots=True)
class SearchIndexMoved:
    """The index of the search model that was chosen went on, came to stand, or is whole."""

    state: SearchState


@dataclass(frozen=True, slots=True)
class SearchFellBack:
    """A search was not answered by the search model that was chosen; says why, and what answered instead."""

    sentence: str


Event = (
    SyncProgressed
    | SprintsReady
    | FreshnessChanged
    | WorkspaceAnalyzed
    | AlertRaised
    | ProseArrived
    | ProsePending
    | PatternsNoticed
    | TaskFailed
    | ChangeMoved
    | BacktestProgressed
    | DraftsCompared
    | TransferMoved
    | ModelStood
    | SearchIndexMoved
    | SearchFellBack
)
