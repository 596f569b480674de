"""The index of a search model that somebody chose: filled behind, answering when it is whole, dropped for the usual one.

The usual index (MiniLM) is always kept: the evaluation's own figures are made with its vectors, and it answers until the
other one is whole, and again when the other model is not there any more. So a choice can be taken back at any moment,
and a kill costs nothing but the batch at hand: what was embedded is not embedded again.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import GalaxyError, ModelError
from galaxy_desktop.retrieve.index import Index, Progress

if TYPE_CHECKING:
    from galaxy_desktop.retrieve.embed import Embedder
    from galaxy_desktop.retrieve.embedding_models import EmbeddingModel, FolderModel
    from galaxy_desktop.retrieve.texts import Group

logger = logging.getLogger(__name__)

READY = "ready"
SAMPLE = 24
NUMBER_BYTES = 4
COPIES = 2.5
"""How often a vector is on the disk: in the copy that is searched, and in ChromaDB with its graph."""
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """What indexing everything with a model costs; `minutes` from what a sample took on this computer just now."""

    model: str
    texts: int
    per_second: float
    minutes: float
    megabytes: float

    @property
    def sentence(self) -> str:
        """The cost as it is told before anything begins."""
        length = f"about {max(1, round(self.minutes))} min" if self.minutes >= 1 else "less than a minute"
        return (
            f"{self.texts} texts are indexed with {self.model}: {length} of work in the background at "
            f"{self.per_second:.0f} texts a second, about {max(1, round(self.megabytes))} MB on the disk. "
            "Searches are answered with the old index until it is done."
        )


@dataclass(frozen=True, slots=True)
class State:
    """How far the index of the chosen model is: "" as `model` where the usual one was chosen."""

    model: str = ""
    ready: bool = False
    done: int = 0
    total: int = 0
    problem: str = ""

    @property
    def sentence(self) -> str:
        """The state in words."""
        if not self.model:
            return "The usual search model answers."
        if self.problem:
            return self.problem
        if self.ready:
            return f"{self.model} answers."
        return f"{self.model} is being prepared: {self.done} of {self.total} texts. The old index answers until it is done."


class SecondIndex:
    """The index of the chosen model in a folder of its own; blocking, safe to call from several threads."""

    def __init__(
        self, folder: Path, models_folder: Path, load: Callable[[EmbeddingModel], FolderModel] | None = None
    ) -> None:
        """Opens nothing; `load` makes the embedder of a model, by default from its folder."""
        self._folder = folder
        self._models = models_folder
        self._load = load or _from_folder
        self._embedder: FolderModel | None = None
        self._index: Index | None = None
        self.state = State()

    def choose(self, name: str) -> None:
        """Use this model from now on; the usual one closes this index and removes it from the disk."""
        from galaxy_desktop.retrieve.embedding_models import chosen, is_usual  # noqa: PLC0415 - where one is chosen

        if name == self.state.model and self._index is not None and not self.state.problem:
            return
        self.close()
        if is_usual(name):
            self.state = State()
            if self._folder.exists():
                shutil.rmtree(self._folder, ignore_errors=True)
            return
        try:
            embedder = self._load(chosen(self._models, name))
        except GalaxyError as error:
            self.state = State(name, problem=str(error))
            return
        place = self._folder / embedder.name
        for other in self._folder.glob("*"):
            if other != place:
                shutil.rmtree(other, ignore_errors=True)
        self._embedder, self._index = embedder, Index(place / "index", embedder)
        self.state = State(name, ready=(place / READY).is_file())

    def answering(self) -> Index | None:
        """The index, when it is whole and its model is there; `None`: the usual one answers."""
        index, embedder = self._index, self._embedder
        if index is None or embedder is None or not self.state.ready:
            return None
        if not embedder.there or embedder.failed:
            gone = f"The search model {self.state.model} is not in the models folder any more. The usual one answers."
            self.state = State(self.state.model, self.state.ready, problem=embedder.failed or gone)
            return None
        return index

    def update(self, groups: Iterable[Group], stop: StopFlag, progress: Progress | None = None) -> bool:
        """Bring the index up to the texts, until `stop`; whether something is left. A model that fails ends it."""
        index, embedder = self._index, self._embedder
        if index is None or embedder is None:
            return False
        if embedder.failed or not embedder.there:
            self.answering()
            return False
        name, ready = self.state.model, self.state.ready

        def told(done: int, total: int) -> None:
            self.state = State(name, ready, done, total)
            if progress is not None:
                progress(done, total)

        try:
            index.update(groups, stop=stop, progress=told)
        except ModelError as error:
            self.state = State(name, ready, problem=str(error))
            logger.info("%s", error)
            return False
        embedder.rest()
        if stop.is_set():
            return True
        (self._folder / embedder.name / READY).touch()
        self.state = State(name, ready=True, done=index.count(), total=index.count())
        return False

    def forget(self, prefixes: Sequence[str]) -> int:
        """Remove the texts whose ids begin so, from the disk too."""
        return self._index.forget(prefixes) if self._index is not None else 0

    def close(self) -> None:
        """Close index and model; may be called twice."""
        index, self._index = self._index, None
        embedder, self._embedder = self._embedder, None
        if index is not None:
            index.close()
        if embedder is not None:
            embedder.close()


def cost(
    model: str,
    texts: Sequence[str],
    embedder: Embedder,
    words_bytes: int,
    clock: Callable[[], float] = time.perf_counter,
) -> Cost:
    """What it takes to index these texts: a sample of them, from short to long, is embedded and timed.

    `words_bytes` is what the words of them take on the disk.

    Raises:
        ModelError: the model cannot be used.
    """
    if not texts:
        return Cost(model, 0, 0.0, 0.0, 0.0)
    by_length = sorted(texts, key=len)
    sample = [
        by_length[n * (len(texts) - 1) // max(1, min(SAMPLE, len(texts)) - 1)] for n in range(min(SAMPLE, len(texts)))
    ]
    (width, *_) = map(len, embedder.encode(sample[:1]))
    began = clock()
    embedder.encode(sample)
    speed = len(sample) / max(clock() - began, 1e-6)
    size = len(texts) * width * NUMBER_BYTES * COPIES + words_bytes
    return Cost(model, len(texts), speed, len(texts) / speed / 60, size / MEGABYTE)


def _from_folder(model: EmbeddingModel) -> FolderModel:
    from galaxy_desktop.retrieve.embedding_models import FolderModel  # noqa: PLC0415 - torch comes with its first use

    return FolderModel(model.folder)
