"""Who owns the local model: makes the engine that the settings ask for, and lets the arbiter tell it when to make way.

One host a workspace. The engine is made when somebody first asks, and made anew when a setting changes that it was made
with; its weights load with the first request. While a lasting strain holds (battery, memory), background work is told
to stop, not to wait: a run of the graph has a deadline and blocks other jobs. It leaves a checkpoint and goes on later.

An engine that gives way to another one is not waited for on the event loop: it is told to end at once, and the new one's
thread waits until its weights are freed before it loads its own. Two models are never in memory side by side.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from galaxy_desktop.domain.inference import Stage, StageKind
from galaxy_desktop.domain.models import EngineState, Standing
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import GalaxyError, ModelError
from galaxy_desktop.paths import DataFolder, default_root
from galaxy_desktop.services import interpreter
from galaxy_desktop.services.arbiter import Arbiter, Strain, Verdict
from galaxy_desktop.services.lanes import TaskOwner
from galaxy_desktop.settings import Settings

if TYPE_CHECKING:
    from galaxy_desktop.reason.engine import Engine, Generation, OnStage, Prompt
    from galaxy_desktop.reason.llama import LlamaEngine
    from galaxy_desktop.reason.seat import Options

Locate = Callable[[str], Path]


REPLACED = "Another model was chosen, which words this anew."


class ModelWaitsError(GalaxyError):
    """The model may not work now; the sentence says why, and it goes on by itself."""


@dataclass(slots=True)
class RunStop:
    """The stop flag of one background run: rises when the program ends, or for good when the model has to make way."""

    ending: StopFlag
    waiting: StopFlag
    made_way: bool = False

    def is_set(self) -> bool:
        """Whether the run should end."""
        self.made_way = self.made_way or self.waiting.is_set()
        return self.made_way or self.ending.is_set()


class ModelHost:
    """The local model of one workspace; everything but `close` is called on the event loop's thread."""

    def __init__(self, folder: DataFolder, *, arbiter: Arbiter | None = None, locate: Locate | None = None) -> None:
        """Nothing is made yet. Without `watch` nobody ever holds the model back: a command that waits for it."""
        self._folder = folder
        self._locate = locate or _locate
        self._arbiter = arbiter or Arbiter(self._obey)
        self._arbiter.listener = self._obey
        self._engine: LlamaEngine | None = None
        self._options: Options | None = None
        self._ending: list[LlamaEngine] = []
        self._chosen = ""
        self._tasks = TaskOwner()
        self._watches = False
        self.waiting = threading.Event()
        """Set while background work has to make way for longer than a moment."""
        self.resumed: Callable[[], None] = lambda: None
        """Called when background work may go on after a lasting strain."""
        self.replaced = threading.Event()
        """Set for good when the engine of this moment gives way to another; each engine has a flag of its own."""
        self.told: Callable[[Standing], None] = lambda _: None
        """Hears how the model in use stands, on any thread."""

    @property
    def why_waiting(self) -> str:
        """The sentence why background work waits, "" when it does not."""
        verdict = self._arbiter.verdict
        return verdict.sentence if verdict.lasting else ""

    def engine(self, settings: Settings) -> tuple[LlamaEngine | None, str]:
        """The engine of the settings, or `None` and the sentence why there is none.

        The model that a person chose last (`use`) holds against settings that are older: work under way carries those it
        began with, and must not bring the model back that was just replaced.
        """
        self._arbiter.apply(settings)
        name, options = self._chosen or settings.text("model"), self._options_of(settings)
        if self._engine is not None and self._engine.name == name and self._options == options:
            return self._engine, ""
        try:
            path = self._locate(name)
        except ModelError as error:
            return None, str(error)
        self._replace()
        self._engine, self._options = self._make(path, name, options), options
        self._obey(self._arbiter.verdict)
        return self._engine, ""

    def use(self, settings: Settings) -> None:
        """A person chose this model, or wants it after it failed or was stopped: load it now, whatever else waits."""
        self._chosen = settings.text("model")
        engine, why = self.engine(settings)
        if engine is None:
            self.told(Standing(name=settings.text("model"), state=EngineState.FAILED, sentence=why))
        else:
            engine.load()

    def stop_loading(self) -> None:
        """A person wants no more loading; nothing is loaded before `use`."""
        if self._engine is not None:
            self._engine.stop_loading()

    def _replace(self) -> None:
        """Tell the engine of this moment to end, and let whoever works with it know; nothing here waits for it."""
        self.replaced.set()
        self.replaced = threading.Event()
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.begin_to_close()
            self._ending.append(engine)

    def _join_the_ended(self) -> None:
        """Wait until the engines before this one have freed their weights; blocking, on the new one's thread."""
        for engine in tuple(self._ending):
            engine.close()
            with suppress(ValueError):  # the end of the program may have joined it at the same moment
                self._ending.remove(engine)

    def watch(self) -> None:
        """Begin to look at battery, memory and typing; once, on the event loop."""
        if not self._watches:
            self._watches = True
            self._arbiter.look()
            self._tasks.start(self._arbiter.watch(), "watching the computer")

    def typed(self) -> None:
        """A key was typed into the window."""
        if self._watches:
            self._arbiter.typed()

    def forget(self) -> None:
        """Forget every prompt that the model has read."""
        if self._engine is not None:
            self._engine.forget()
        else:
            from galaxy_desktop.reason.sessions import forget_all  # noqa: PLC0415 - with the model

            forget_all(self._folder.sessions)

    async def stop(self) -> None:
        """Watch no more."""
        await self._tasks.close()

    def close(self) -> None:
        """Free the weights, join the model's thread; blocking, may be called twice."""
        self._replace()
        self._join_the_ended()

    def _obey(self, verdict: Verdict) -> None:
        """Do what the arbiter says."""
        engine, waited = self._engine, self.waiting.is_set()
        if verdict.lasting:
            self.waiting.set()
        else:
            self.waiting.clear()
        if engine is not None:
            if verdict.strain is Strain.NONE:
                engine.release()
            else:
                engine.hold(verdict.below, verdict.sentence)
            if verdict.unload:
                engine.unload()
        if waited and not verdict.lasting:
            self.resumed()

    def _make(self, path: Path, name: str, options: Options) -> LlamaEngine:
        from galaxy_desktop.reason.llama import LlamaEngine  # noqa: PLC0415 - with the model
        from galaxy_desktop.reason.soundness import Probation  # noqa: PLC0415 - with the model

        notes = options.notes / "tried-models.json" if options.notes else None
        return LlamaEngine(
            path,
            name,
            options=options,
            probation=Probation(notes),
            on_standing=self._tell,
            before_loading=self._join_the_ended,
        )

    def _tell(self, standing: Standing) -> None:
        """Pass on how the model stands; where it was freed the C library would keep some of its memory."""
        if standing.state is EngineState.FREED:
            interpreter.give_memory_back()
        self.told(standing)

    def _options_of(self, settings: Settings) -> Options:
        from galaxy_desktop.reason.seat import Options  # noqa: PLC0415 - with the model

        root = default_root()
        return Options(
            gpu=settings.text("model_gpu") == "auto",
            sessions=self._folder.sessions,
            sessions_bytes=settings.number("model_sessions_mb") * 1_000_000,
            notes=root if self._folder.root.parent == root else self._folder.root,
            idle_s=settings.number("model_idle_minutes") * 60.0,
        )


def _locate(name: str) -> Path:
    from galaxy_desktop.reason.catalog import Catalog  # noqa: PLC0415 - with the model

    return Catalog.read().weights(name)


class Telling:
    """An engine that lets one listener hear what it does, whoever asks it."""

    def __init__(self, engine: Engine, on_stage: OnStage) -> None:
        """`on_stage` is called from the engine's thread."""
        self._engine = engine
        self._on_stage = on_stage

    @property
    def name(self) -> str:
        """The name of the engine."""
        return self._engine.name

    @property
    def said(self) -> tuple[str, ...]:
        """What the engine said about others that could not answer, where it asks several."""
        return tuple(map(str, getattr(self._engine, "said", ())))

    def generate(self, prompt: Prompt, **more: object) -> Generation:
        """As the engine does."""
        asked = more.pop("on_stage", None)
        return self._engine.generate(prompt, on_stage=asked or self._on_stage, **more)  # type: ignore[arg-type]

    def count_tokens(self, text: str) -> int:
        """As the engine does."""
        return self._engine.count_tokens(text)

    def close(self) -> None:
        """Nothing is ours to close."""


class StageWords:
    """Turns what the engine does into words for people, and leaves out what says the same again."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say` hears a few words, such as "reading, 40 %"."""
        self._say = say
        self._last = ""

    def __call__(self, stage: Stage) -> None:
        """Hear of a stage."""
        words = words_of(stage)
        if words != self._last:
            self._last = words
            self._say(words)


_WORDS = {
    StageKind.QUEUED: "waiting for its turn",
    StageKind.LOADING: "loading the model",
    StageKind.MEASURING: "trying out how fast it is here",
    StageKind.READING: "reading",
    StageKind.WRITING: "writing",
    StageKind.PAUSED: "waiting for its turn",
}


def words_of(stage: Stage) -> str:
    """A stage in a few words; shares in steps of ten percent, so that they do not flicker."""
    if stage.kind is StageKind.READING and stage.share == 1.0:
        return _WORDS[StageKind.WRITING]
    if stage.why:
        return stage.why
    share = f", {round(stage.share * 10) * 10} %" if stage.share is not None else ""
    return f"{_WORDS[stage.kind]}{share}"
