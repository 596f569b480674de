"""Search models as a person deals with them: which there are, what one costs, choose, take back, remove.

What the card on the Models page and `galaxy-desktop search-model` stand on. Nothing is indexed here: a choice is a
setting, and the running program does the work behind everything else. A cost is measured on a short trial: a model of
this computer embeds a sample of the texts, a provider is sent fixed sentences that hold nothing of the user's.

Methods read the database and the disk, and may load weights, so a window calls them on a worker thread.
"""

from __future__ import annotations

import logging
import math
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from galaxy_desktop.domain.providers import Provider, ProviderKind, Purpose, consent_line
from galaxy_desktop.domain.search_models import (
    PREFIX,
    SearchCost,
    SearchModel,
    SearchModelKind,
    SearchModelsOverview,
    SearchState,
    mark_of,
    provider_in,
    setting_of,
)
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, ModelError, RefusedError, WrongUseError
from galaxy_desktop.paths import DataFolder, models_folder
from galaxy_desktop.reason.remote import estimated_tokens
from galaxy_desktop.services.providers import Providers
from galaxy_desktop.services.second_index import MODEL, READY
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

if TYPE_CHECKING:
    from galaxy_desktop.retrieve.embed import Embedder

logger = logging.getLogger(__name__)

SAMPLE, TOGETHER = 24, 4
NUMBER_BYTES = 4
COPIES = 2.5
"""How often a vector is on the disk: in the copy that is searched, and in ChromaDB with its graph."""
MEGABYTE = 1_000_000
WORK_MEMORY = 150.0
"""Megabytes beside the weights, for the numbers of a batch."""
USUAL_WIDTH = 1_024
"""Taken for the width of a model that did not answer, so that the disk is not reckoned too small."""
TRIAL = tuple(
    " ".join(["The login page shows an error after the last release and nobody has looked at it yet."] * times)
    for times in (1, 1, 2, 2, 3, 4, 6, 8)
)
Clock = Callable[[], float]


class SearchModelsDesk:
    """The search models of one profile."""

    def __init__(
        self,
        store: Store,
        settings: Callable[[], Settings],
        providers: Providers,
        folder: DataFolder,
        *,
        models: Callable[[], Path] = models_folder,
        clock: Clock = time.perf_counter,
    ) -> None:
        """Reads nothing yet."""
        self._store = store
        self._settings = settings
        self._providers = providers
        self._folder = folder
        self._models = models
        self._clock = clock
        self._state: SearchState | None = None

    # --- what is known

    def moved(self, state: SearchState) -> None:
        """The running program says how its index stands."""
        self._state = state

    def overview(self) -> SearchModelsOverview:
        """Every search model, the usual one first, and how the index of the chosen one stands."""
        from galaxy_desktop.retrieve.embed import DIMENSIONS, NAME  # noqa: PLC0415 - when the card is first shown
        from galaxy_desktop.retrieve.embedding_models import installed_models, is_usual  # noqa: PLC0415 - likewise

        setting = self._settings().text("search_model")
        state = self.state()
        folders = {one.name: one for one in installed_models(self._models()) if one.name != "cross-encoder"}
        usual = folders.pop(NAME, None)
        missing = "" if usual else "It is not on this computer; search goes by words. Run the set-up again."
        found = [
            SearchModel(
                name=NAME, title=NAME, kind=SearchModelKind.USUAL, width=DIMENSIONS,
                megabytes=usual.megabytes if usual else 0.0, used=is_usual(setting), answers=not state.answers,
                problem=missing,
            ),
            *(
                SearchModel(
                    name=one.name, title=one.name, kind=SearchModelKind.FOLDER, width=one.width, megabytes=one.megabytes,
                    used=one.name == setting, answers=one.name == state.answers,
                )
                for one in folders.values()
            ),
            *(self._of_provider(one, setting, state) for one in self._store.providers()
              if one.kind is ProviderKind.OPENAI),
        ]  # fmt: skip
        return SearchModelsOverview(models=tuple(found), state=state, folder=str(self._models()))

    def state(self) -> SearchState:
        """How the index of the chosen model stands: as the program said last, else as it is on the disk."""
        from galaxy_desktop.retrieve.embedding_models import is_usual  # noqa: PLC0415 - with the rest

        setting = self._settings().text("search_model")
        if is_usual(setting):
            return SearchState()
        title = self._title(setting)
        if self._state is not None and self._state.model == title:
            return self._state
        kept = {path.parent.name: path for path in self._folder.search_models.glob(f"*/{MODEL}")}
        whole = [path.read_text(encoding="utf-8") for path in kept.values() if (path.parent / READY).is_file()]
        ready = setting in whole
        answers = title if ready else self._title(whole[0]) if whole else ""
        problem = "" if provider_in(setting) or (self._models() / setting).is_dir() else self._gone(setting)
        return SearchState(model=title, ready=ready, answers=answers, problem=problem)

    def cost(self, name: str, stop: StopFlag | None = None) -> SearchCost:
        """What indexing everything that is stored with a model costs, measured on a short trial.

        Raises:
            RefusedError: there is no such model.
            ModelError: it cannot be used.
            CancelledByUserError: `stop` was set.
        """
        ending = stop or threading.Event()
        texts = self._texts()
        named = provider_in(name)
        if named is None:
            return self._cost_here(name, texts, ending)
        return self._cost_there(self._providers.find(named[0]), texts, ending)

    def consent_line(self, name: str) -> str:
        """What a person agrees to before a provider is used, "" for a model of this computer and where they agreed."""
        named = provider_in(name)
        if named is None or self._agreed(named[0]):
            return ""
        return consent_line(self._providers.find(named[0]), Purpose.SEARCH)

    # --- what a person does

    def agree(self, name: str) -> None:
        """A person read the line about a provider and agreed to it; nothing for a model of this computer."""
        named = provider_in(name)
        if named is not None:
            self._providers.agree(named[0], Purpose.SEARCH)

    def withdraw(self, name: str) -> None:
        """A person takes their word for a provider back, which holds at once; nothing for a model of this computer."""
        named = provider_in(name)
        if named is not None:
            self._providers.withdraw(named[0], Purpose.SEARCH)

    def setting(self, name: str) -> str:
        """A choice as the setting holds it.

        Raises:
            WrongUseError: the provider is not there, or speaks no language in which vectors are asked for.
            RefusedError: there is no such model, or nobody agreed to what the provider is sent.
        """
        from galaxy_desktop.retrieve.embedding_models import chosen, is_usual  # noqa: PLC0415 - with the rest

        if not name.strip():
            raise WrongUseError("Name a search model; galaxy-desktop search-model list shows which there are.")
        named = provider_in(name)
        if named is None:
            return name if is_usual(name) else chosen(self._models(), name).name
        provider = self._providers.find(named[0])
        if provider.kind is not ProviderKind.OPENAI:
            raise WrongUseError(f"{provider.name} ({provider.kind}) offers no vectors. Choose another provider.")
        if not self._agreed(provider.name):
            raise RefusedError(
                f"{provider.name} is sent nothing before you agreed: galaxy-desktop providers consent {provider.name} search"
            )
        return setting_of(provider)

    def old_setting(self) -> str:
        """The setting under which searches are answered now: to it a choice goes back that is not whole yet."""
        from galaxy_desktop.retrieve.embed import NAME  # noqa: PLC0415 - with the rest

        for one in self.overview().models:
            named = provider_in(one.name)
            if one.answers and one.kind is not SearchModelKind.USUAL:
                return one.name if named is None else setting_of(self._providers.find(named[0]))
        return NAME

    def remove(self, name: str) -> str:
        """Delete the files of a model in the models folder; says what that freed.

        Raises:
            RefusedError: there is no such model, it is in use, or it comes with the program.
            ModelError: the files cannot be deleted.
        """
        from galaxy_desktop.retrieve.embedding_models import chosen, is_usual  # noqa: PLC0415 - with the rest

        if is_usual(name):
            raise RefusedError("The model that comes with Galaxy Desktop stays: evaluations need its vectors.")
        one = chosen(self._models(), name)
        if self._settings().text("search_model") == name:
            raise RefusedError(f"{name} is in use. Choose another search model first.")
        try:
            if one.folder.is_symlink():
                one.folder.unlink()
                return f"{name} was removed. It was a link; the folder that it led to is untouched."
            shutil.rmtree(one.folder)
        except OSError as error:
            raise ModelError(
                f"{name} could not be removed ({error.strerror}). Delete the folder {one.folder}."
            ) from error
        return f"{name} was removed, which freed {one.megabytes:,.0f} MB."

    # --- plumbing

    def _of_provider(self, one: Provider, setting: str, state: SearchState) -> SearchModel:
        title = _title_of(one)
        named = provider_in(setting)
        return SearchModel(
            name=f"{PREFIX}{one.name}",
            title=title,
            kind=SearchModelKind.PROVIDER,
            about=f"{one.host}, on {one.reach}",
            used=named is not None and named[0] == one.name,
            answers=title == state.answers,
        )

    def _title(self, setting: str) -> str:
        named = provider_in(setting)
        if named is None:
            return setting
        provider = next((one for one in self._store.providers() if one.name == named[0]), None)
        return _title_of(provider) if provider is not None and mark_of(provider) == named[1] else f"{PREFIX}{named[0]}"

    def _gone(self, setting: str) -> str:
        return f"The search model {setting} is not in {self._models()} any more. The usual one answers."

    def _agreed(self, name: str) -> bool:
        return any((one.provider, one.purpose) == (name, Purpose.SEARCH) for one in self._store.provider_consents())

    def _texts(self) -> list[str]:
        """Everything that is stored and has a meaning, as it is embedded."""
        from galaxy_desktop.retrieve.history_texts import history_groups  # noqa: PLC0415 - with the rest
        from galaxy_desktop.retrieve.texts import groups_of  # noqa: PLC0415 - likewise

        snapshot, latest = self._store.snapshot(), self._store.latest_analysis()
        sprints = [one.sprint for one in latest.sprints] if latest is not None else []
        groups = (*groups_of(snapshot, sprints), *history_groups(snapshot, self._store.interventions()))
        return [text.whole for group in groups for text in group.texts() if text.has_meaning]

    def _cost_here(self, name: str, texts: Sequence[str], stop: StopFlag) -> SearchCost:
        from galaxy_desktop.retrieve.embed import NAME, MiniLM  # noqa: PLC0415 - with the rest
        from galaxy_desktop.retrieve.embedding_models import FolderModel, chosen, is_usual  # noqa: PLC0415 - likewise

        if not name.strip():
            raise WrongUseError("Name a search model; galaxy-desktop search-model list shows which there are.")
        one = None if is_usual(name) else chosen(self._models(), name)
        embedder = MiniLM(self._models()) if one is None else FolderModel(one.folder)
        try:
            width, speed = sampled(texts, embedder, stop, self._clock)
        finally:
            embedder.close()
        return SearchCost(
            model=NAME if one is None else one.name,
            texts=len(texts),
            per_second=speed,
            disk=_disk(texts, width),
            disk_free=self._free(),
            memory=(one.megabytes if one is not None else 0.0) + WORK_MEMORY,
        )

    def _cost_there(self, provider: Provider, texts: Sequence[str], stop: StopFlag) -> SearchCost:
        width, speed, problem = self._tried(provider, stop)
        tokens = sum(map(estimated_tokens, texts))
        price = provider.cost(tokens, 0)
        days = [1]
        if provider.tokens_a_day:
            days.append(math.ceil(tokens / provider.tokens_a_day))
        if provider.money_a_day and price:
            days.append(math.ceil(price / provider.money_a_day))
        return SearchCost(
            model=_title_of(provider),
            texts=len(texts),
            per_second=speed,
            disk=_disk(texts, width or USUAL_WIDTH),
            disk_free=self._free(),
            provider=provider.host,
            tokens=tokens,
            price=price,
            days=max(days),
            problem=problem,
        )

    def _tried(self, provider: Provider, stop: StopFlag) -> tuple[int, float, str]:
        """Width and texts a second of a provider, by fixed sentences; or the sentence why it does not work."""
        engines = self._providers.engines
        talk = engines.connected_vectors(provider, engines.keys.key(provider), None)
        try:
            talk.encode(TRIAL[:1], stop)
            began = self._clock()
            vectors = talk.encode(TRIAL, stop)
            return len(vectors[0]), len(TRIAL) / max(self._clock() - began, 1e-6), ""
        except ModelError as error:
            return 0, 0.0, str(error)
        finally:
            talk.close()

    def _free(self) -> float | None:
        try:
            return shutil.disk_usage(self._folder.root).free / MEGABYTE
        except OSError as error:
            logger.info("free space cannot be read: %s", error)
            return None


def sampled(texts: Sequence[str], embedder: Embedder, stop: StopFlag, clock: Clock) -> tuple[int, float]:
    """The width of a model's vectors, and how many texts a second it makes of a sample, from short to long.

    Raises:
        ModelError: the model cannot be used.
        CancelledByUserError: `stop` was set.
    """
    if not texts:
        return 0, 0.0
    by_length = sorted(texts, key=len)
    count = min(SAMPLE, len(texts))
    sample = [by_length[n * (len(texts) - 1) // max(1, count - 1)] for n in range(count)]
    (width,) = map(len, embedder.encode(sample[:1]))
    began = clock()
    for start in range(0, count, TOGETHER):
        if stop.is_set():
            raise CancelledByUserError
        embedder.encode(sample[start : start + TOGETHER])
    return width, count / max(clock() - began, 1e-6)


def _disk(texts: Sequence[str], width: int) -> float:
    """Megabytes of vectors and words."""
    return (len(texts) * width * NUMBER_BYTES * COPIES + sum(map(len, texts)) * COPIES) / MEGABYTE


def _title_of(provider: Provider) -> str:
    return f"{provider.name} ({provider.model})"
