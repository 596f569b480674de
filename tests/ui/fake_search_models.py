"""A hand-written desk for search models: it remembers what was asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from galaxy_desktop.domain.search_models import (
    SearchCost,
    SearchModel,
    SearchModelKind,
    SearchModelsOverview,
    SearchState,
)
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, GalaxyError
from tests.ui.fakes import FakeWorkspace

USUAL = SearchModel(
    name="all-minilm-l6-v2", title="all-minilm-l6-v2", kind=SearchModelKind.USUAL, width=384, megabytes=92.0, used=True,
    answers=True,
)  # fmt: skip
LARGE = SearchModel(
    name="bge-large", title="bge-large", kind=SearchModelKind.FOLDER, width=1024, megabytes=1_340.0
)  # fmt: skip
MINE = SearchModel(
    name="provider:mine", title="mine (nomic-embed-text)", kind=SearchModelKind.PROVIDER,
    about="localhost:11434, on this computer",
)  # fmt: skip
COST = SearchCost(model="bge-large", texts=5_400, per_second=3.0, disk=60.0, disk_free=71_000.0, memory=1_490.0)


@dataclass
class FakeSearchModels:
    """Answers with what it was given, and follows the setting of a fake workspace."""

    workspace: FakeWorkspace
    models: tuple[SearchModel, ...] = (USUAL, LARGE, MINE)
    state: SearchState = field(default_factory=SearchState)
    price: SearchCost = COST
    line: str = ""
    wrong: GalaxyError | None = None
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def overview(self) -> SearchModelsOverview:
        setting = self.workspace.settings.text("search_model").partition("#")[0]
        models = tuple(replace(one, used=one.name == setting) for one in self.models)
        return SearchModelsOverview(models=models, state=self.state, folder="/models")

    def cost(self, name: str, stop: StopFlag | None = None) -> SearchCost:
        self.asked.append(("cost", name))
        if stop is not None and stop.is_set():
            raise CancelledByUserError
        if self.wrong is not None:
            raise self.wrong
        return self.price

    def consent_line(self, name: str) -> str:
        return self.line

    def agree(self, name: str) -> None:
        self.asked.append(("agree", name))

    def withdraw(self, name: str) -> None:
        self.asked.append(("withdraw", name))

    def setting(self, name: str) -> str:
        return f"{name}#mark" if name.startswith("provider:") else name

    def old_setting(self) -> str:
        return "all-minilm-l6-v2"

    def remove(self, name: str) -> str:
        self.asked.append(("remove", name))
        return f"{name} was removed."
