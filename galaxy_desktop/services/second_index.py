"""The index of a search model that somebody chose: filled behind, answering when it is whole, dropped for the usual one.

The usual index (MiniLM) is always kept: the evaluation's own figures are made with its vectors, and it answers until
another one is whole, and whenever that one cannot. Between two chosen models the old one answers until the new one is
whole, is kept up to date meanwhile, and removed from the disk then. So a choice can be taken back at any moment, and a
kill costs nothing but the batch at hand: what was embedded is not embedded again.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from galaxy_desktop.domain.search_models import SearchState
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, GalaxyError, ModelError
from galaxy_desktop.retrieve.index import Index
from galaxy_desktop.services.embedding_provider import ProviderEmbedder, again_in
from galaxy_desktop.services.embedding_steps import Clock, Steps

if TYPE_CHECKING:
    from galaxy_desktop.retrieve.texts import Group

logger = logging.getLogger(__name__)

READY, MODEL = "ready", "model"


class SearchEmbedder(Protocol):
    """An embedder that somebody chose; `failed` says in a sentence why it cannot be used any more, "" as long as it can."""

    failed: str
    title: str

    @property
    def name(self) -> str:
        """The name of its vectors: others never meet them in one index."""
        ...

    @property
    def there(self) -> bool:
        """Whether it is in its place, and still the one that was chosen."""
        ...

    @property
    def most(self) -> int:
        """How many texts it takes at once."""
        ...

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of length 1 a text; raises `ModelError` with why not."""
        ...

    def ask(self, texts: Sequence[str]) -> list[list[float]]:
        """The same for a question, for which somebody waits."""
        ...

    def rest(self) -> bool:
        """Give back the memory that nobody needs until the next call."""
        ...

    def close(self) -> None:
        """Finish what runs."""
        ...


@dataclass(frozen=True, slots=True)
class _Place:
    """A chosen model with its index in a folder of its own."""

    setting: str
    embedder: SearchEmbedder
    index: Index
    steps: Steps
    folder: Path

    @property
    def whole(self) -> bool:
        return (self.folder / READY).is_file()

    @property
    def usable(self) -> bool:
        return self.embedder.there and not self.embedder.failed

    def close(self) -> None:
        self.embedder.close()
        self.index.close()


class SecondIndex:
    """The index of the chosen model; blocking, safe to call from several threads."""

    def __init__(
        self,
        folder: Path,
        models_folder: Path,
        provided: Callable[[str], SearchEmbedder] | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        """Opens nothing; `provided` makes the embedder of a provider, by the setting that names it."""
        self._folder = folder
        self._models = models_folder
        self._provided = provided
        self._clock = clock
        self._lock = threading.RLock()
        self._chosen = ""
        self._serving: _Place | None = None
        self._filling: _Place | None = None
        self.state = SearchState()

    def choose(self, setting: str) -> None:
        """Use this model from now on; the usual one closes this index and removes it from the disk."""
        from galaxy_desktop.retrieve.embedding_models import is_usual  # noqa: PLC0415 - where one is chosen

        with self._lock:
            if setting == self._chosen and self._is_open(setting):
                return
            self._chosen = setting
            if is_usual(setting):
                self._close()
                self.state = SearchState()
                if self._folder.exists():
                    shutil.rmtree(self._folder, ignore_errors=True)
                return
            if self._serving is not None and self._serving.setting == setting and self._serving.usable:
                self._drop_filling()
            else:
                self._open(setting)
            self._tell()

    def answering(self) -> Index | None:
        """The index, when it is whole and its model is there; `None`: the usual one answers."""
        with self._lock:
            serving = self._serving
            if serving is None:
                return None
            if serving.usable:
                return serving.index
            gone = f"The search model {serving.embedder.title} is not in its place any more. The usual one answers."
            self.state = replace(self.state, answers="", problem=serving.embedder.failed or gone)
            return None

    def texts_changed(self) -> None:
        """Find out anew what has to be embedded, with the next step."""
        with self._lock:
            for place in (self._serving, self._filling):
                if place is not None:
                    place.steps.texts_changed()

    def step(self, groups: Callable[[], Iterable[Group]], stop: StopFlag) -> bool:
        """Work on the index for about a second, until `stop`; whether to come again at once.

        A model that cannot be used ends it, with a sentence in `state`: with `again_s` there, it is worth another try then.
        """
        place = self._next()
        if place is None:
            return False
        try:
            place.steps.step(groups, stop)
        except CancelledByUserError:
            if stop.is_set():
                raise
        except GalaxyError as error:
            if stop.is_set() or self._is_closed(place):  # another one was chosen, or the program ends
                return not stop.is_set()
            logger.info("%s", error)
            self._stumbled(place, error)
            return False
        with self._lock:
            if not place.steps.left and place is self._filling and not stop.is_set():
                self._becomes_whole(place)
            self._tell()
        if self._next() is not None:
            return True
        place.embedder.rest()
        return False

    def forget(self, prefixes: Sequence[str]) -> int:
        """Remove the texts whose ids begin so, from the disk too."""
        with self._lock:
            places = [place for place in (self._serving, self._filling) if place is not None]
        return sum(place.index.forget(prefixes) for place in places)

    def close(self) -> None:
        """Close indexes and models; may be called twice."""
        with self._lock:
            self._close()

    # --- places

    def _is_open(self, setting: str) -> bool:
        """Whether the chosen model has its place already, and nothing has to be looked at again."""
        place = self._filling or self._serving
        return place is not None and place.setting == setting and place.usable and not self.state.problem

    def _is_closed(self, place: _Place) -> bool:
        with self._lock:
            return place is not self._filling and place is not self._serving

    def _next(self) -> _Place | None:
        """Whose turn it is: the one that answers, for a few texts that changed, then the one that is being filled."""
        with self._lock:
            for place in (self._serving, self._filling):
                if place is not None and place.steps.left and place.usable:
                    return place
        return None

    def _open(self, setting: str) -> None:
        filling = self._filling
        if filling is not None and filling.setting == setting and filling.usable:
            return
        try:
            embedder = self._load(setting)
        except GalaxyError as error:
            old = self._serving
            answers = old.embedder.title if old is not None and old.usable else ""
            self.state = SearchState(model=_bare(setting), answers=answers, problem=str(error))
            return
        self._drop_filling()
        if self._serving is not None and self._serving.folder.name == embedder.name:
            self._serving.close()
            self._serving = None
        place = self._made(setting, embedder)
        if place.whole:
            if self._serving is not None:
                self._serving.close()
            self._serving = place
        else:
            self._serving = self._serving or self._old_one(place.folder)
            self._filling = place
        self._remove_others()

    def _load(self, setting: str) -> SearchEmbedder:
        from galaxy_desktop.domain.search_models import provider_in  # noqa: PLC0415 - where one is chosen
        from galaxy_desktop.retrieve.embedding_models import FolderModel, chosen  # noqa: PLC0415 - likewise

        if provider_in(setting) is None:
            return FolderModel(chosen(self._models, setting).folder)
        if self._provided is None:
            raise ModelError("This program asks no providers. The usual search model answers.")
        return self._provided(setting)

    def _made(self, setting: str, embedder: SearchEmbedder) -> _Place:
        folder = self._folder / embedder.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MODEL).write_text(setting, encoding="utf-8")
        index = Index(folder / "index", embedder, ask=embedder.ask)
        if isinstance(embedder, ProviderEmbedder):
            embedder.width = index.width
        return _Place(setting, embedder, index, Steps(index, lambda: embedder.most, self._clock), folder)

    def _old_one(self, but: Path) -> _Place | None:
        """What answered before the program was started anew: a whole index of another model, if that one is there."""
        for mark in sorted(self._folder.glob(f"*/{READY}")):
            named = mark.parent / MODEL
            if mark.parent == but or not named.is_file():
                continue
            setting = named.read_text(encoding="utf-8")
            try:
                embedder = self._load(setting)
            except GalaxyError as error:
                logger.info("the old index does not answer: %s", error)
                continue
            if embedder.name == mark.parent.name:
                return self._made(setting, embedder)
            embedder.close()
        return None

    def _becomes_whole(self, place: _Place) -> None:
        """The new index answers from now on; the old one goes."""
        (place.folder / READY).touch()
        old, self._serving, self._filling = self._serving, place, None
        if old is not None:
            old.close()
        self._remove_others()
        logger.info("%s answers from now on", place.embedder.title)

    def _drop_filling(self) -> None:
        """Give up an index that is not whole, and what was embedded for it."""
        filling, self._filling = self._filling, None
        if filling is not None:
            filling.close()
            shutil.rmtree(filling.folder, ignore_errors=True)

    def _remove_others(self) -> None:
        kept = {place.folder for place in (self._serving, self._filling) if place is not None}
        for other in self._folder.glob("*"):
            if other not in kept:
                shutil.rmtree(other, ignore_errors=True)

    def _close(self) -> None:
        places, self._serving, self._filling = (self._serving, self._filling), None, None
        for place in places:
            if place is not None:
                place.close()

    # --- the state in words

    def _tell(self) -> None:
        """Say how the chosen model stands, where nothing is wrong with it."""
        place = self._filling or self._serving
        if place is None or place.setting != self._chosen:
            return
        answers = self._serving.embedder.title if self._serving is not None and self._serving.usable else ""
        self.state = SearchState(
            model=place.embedder.title,
            answers=answers,
            ready=place is self._serving,
            done=place.steps.done,
            total=place.steps.total,
            seconds_left=place.steps.seconds_left,
        )

    def _stumbled(self, place: _Place, error: GalaxyError) -> None:
        with self._lock:
            self._tell()
            again_s = 0.0 if place.embedder.failed else again_in(error)
            more = "" if not again_s else " What is indexed so far is kept; it goes on by itself."
            self.state = replace(self.state, problem=f"{error}{more}", again_s=again_s)


def _bare(setting: str) -> str:
    return setting.partition("#")[0]
