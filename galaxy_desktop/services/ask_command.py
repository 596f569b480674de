"""`galaxy-desktop ask`: a question answered in the terminal, on the same way as in the window; nothing is synced.

Facts are printed first. Then the language model may add to them, where one is set and loads. While the window of the
profile is open, it holds the index and the model: a command that opened them too would take the memory twice, so it
answers from facts and a search by words, and says so.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from galaxy_desktop.assess.what_if import Question, WhatIf
from galaxy_desktop.domain.asking import Answer
from galaxy_desktop.domain.code_found import CodeFound, CodeQuestion
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.recorded import age_in_words
from galaxy_desktop.domain.since import Since
from galaxy_desktop.errors import GalaxyError, WrongUseError
from galaxy_desktop.explain.lookup_scene import Scene
from galaxy_desktop.features.past import as_of
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.retrieve.merging import merged
from galaxy_desktop.services import answering, standup
from galaxy_desktop.services.answer_cache import AnswerCache
from galaxy_desktop.services.answering import EMPTY, MOST_FOUND, Worked, told
from galaxy_desktop.services.answers import AnswerDesk
from galaxy_desktop.services.asking import NOW_ALONE
from galaxy_desktop.services.time_machine import analysis_at
from galaxy_desktop.services.window_lock import window_open
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

if TYPE_CHECKING:
    from galaxy_desktop.domain.stopping import StopFlag
    from galaxy_desktop.reason.reply import Material, Reply
    from galaxy_desktop.services.code_desk import CodeDesk
    from galaxy_desktop.services.indexing import Library
    from galaxy_desktop.services.prose import Prose

Emit = Callable[[str], None]
Result = TypeVar("Result")
WINDOW_OPEN = (
    "The window of this profile is open and holds its index and its language model, so this answer rests on facts and a "
    "search by words. Ask in the window, or close it."
)
READING = "The language model reads what was found; each of its sentences is checked before it is printed."
NO_CODE_NOW = "The window of this profile is open and holds the index of its clones: ask about code there, or close it."


def to_stderr(text: str) -> None:
    """Print a remark where it is no part of the answer."""
    print(text, file=sys.stderr)  # noqa: T201 - this is what the terminal is for


@dataclass(frozen=True, slots=True)
class How:
    """How a question is answered: as JSON, as of a moment of the `past`, and whether a `model` may add to it.

    `remark` hears what is no part of the answer.
    """

    as_json: bool = False
    past: bool = False
    model: bool = True
    remark: Emit = to_stderr


async def run(store: Store, question: str, now: datetime, emit: Emit, how: How | None = None) -> int:
    """Print the answer.

    Raises:
        WrongUseError: nothing was asked, or nothing is stored.
    """
    chosen = how or How()
    say = chosen.remark
    if not question.strip():
        raise WrongUseError(EMPTY)
    if not store.repositories():
        raise WrongUseError("Nothing is stored yet, so there is nothing to ask. Run galaxy-desktop sync first.")
    desk = CommandDesk(store, now, past=chosen.past, alone=not window_open(store.folder))
    try:
        worked = await answering.work_out(question, await desk.scene(), desk)
        answer = told(worked, now)
        if not chosen.as_json:
            emit("\n".join(lines(answer)))
        if not desk.alone:
            say(WINDOW_OPEN)
        wanted = chosen.model and desk.alone and desk.settings.flag("prose") and not worked.understood.refused
        further = await _further(worked, desk, say) if wanted else None
    finally:
        await desk.close()
    if chosen.as_json:
        emit(json.dumps(fields(further or answer), indent=2, ensure_ascii=False))
    elif further is not None:
        emit("\n".join(lines_of_model(answer, further, now)))
    return 0


async def answer_of(store: Store, question: str, now: datetime, *, past: bool = False) -> Answer:
    """The answer of the facts, and of a search by words."""
    desk = CommandDesk(store, now, past=past, alone=False)
    try:
        return told(await answering.work_out(question, await desk.scene(), desk), now)
    finally:
        await desk.close()


async def _further(worked: Worked, desk: CommandDesk, say: Emit) -> Answer | None:
    """The answer with the model's part; `None` where it has none, with a remark why."""
    stop = threading.Event()
    async with _writer(desk.store, desk.settings, say) as writer:
        try:
            cache = AnswerCache(desk.store, lambda: desk.now)
            how = answering.Wording(writer, desk.settings, desk, cache, stop)
            read = await answering.chosen(worked, how)
            found = await answering.worded(read, how)
        except GalaxyError as error:
            say(str(error))
            return None
        finally:
            stop.set()
    return found if found is not None or read is worked else told(read, desk.now)


class _Writer:
    """The model of this profile for one command."""

    def __init__(self, prose: Prose, say: Emit) -> None:
        self._prose = prose
        self._say = say

    async def reply(self, question: str, material: Material, settings: Settings, stop: StopFlag) -> Reply | None:
        """What it says, checked; why it says nothing is remarked."""
        self._say(READING)
        found, why = await self._prose.reply(question, material, settings, stop)
        if why:
            self._say(why)
        return found

    async def choose(self, question: str, functions: Mapping[str, str], settings: Settings, stop: StopFlag) -> str:
        """The function that it takes a question for."""
        return await self._prose.choose(question, functions, settings, stop)


@asynccontextmanager
async def _writer(store: Store, settings: Settings, say: Emit) -> AsyncIterator[_Writer]:
    """The model with the providers that were chosen; freed at the end."""
    from galaxy_desktop.services.clock import now  # noqa: PLC0415 - with the model
    from galaxy_desktop.services.egress import egress_of  # noqa: PLC0415 - same
    from galaxy_desktop.services.engines import Engines  # noqa: PLC0415 - same
    from galaxy_desktop.services.prose import Prose  # noqa: PLC0415 - same

    door = egress_of(settings, store, now)
    engines, prose = Engines(store, lambda: settings, door, now), Prose(DataFolder(store.folder), store, now)
    prose.engines = engines
    try:
        yield _Writer(prose, say)
    finally:
        await asyncio.to_thread(prose.close)
        engines.close()
        door.close()


class CommandDesk:
    """Where the parts of an answer come from on the command line; `alone` says that no window holds the index."""

    def __init__(self, store: Store, now: datetime, *, past: bool, alone: bool) -> None:
        """Opens nothing before it is needed."""
        self.store, self.now, self.alone = store, now, alone
        self.folder = DataFolder(store.folder)
        self.settings = Settings.from_text(store.settings())
        self._past = now if past else None
        self._country = self.settings.text("holidays")
        self._scene: Scene | None = None
        self._library: Library | None = None
        self._code: CodeDesk | None = None

    async def scene(self) -> Scene:
        """What the fact functions look at."""
        if self._scene is None:
            self._scene = await asyncio.to_thread(self._looked)
        return self._scene

    def _looked(self) -> Scene:
        analysis = analysis_at(self.store, self.now, standup.choices_of(self.store, self._country)(self.now))
        return Scene(analysis, as_of(self.store.snapshot(), self.now, self.store.versions_of_changed(self.now)))

    async def compared(self, since: datetime, until: datetime | None) -> Since:
        """What changed between two moments."""
        return await asyncio.to_thread(standup.since_of, self.store, since, until or self.now, self._country)

    async def suppose(self, sprint_id: str, question: Question) -> WhatIf:
        """The forecast after a change."""
        if self._past is not None:
            raise WrongUseError(NOW_ALONE)
        analysis = (await self.scene()).analysis
        return await asyncio.to_thread(
            lambda: AnswerDesk(self.store, self._country).what_if(analysis, sprint_id, question)
        )

    async def passages(self, topic: str) -> tuple[Evidence, ...]:
        """Texts by words, and by meaning where there is an index that nobody else holds."""
        words = await asyncio.to_thread(self.store.search_text, topic, 2 * MOST_FOUND)
        if self._past is not None:
            words = tuple(one for one in words if one.observed_at <= self.now)
        if not self.alone or not self.folder.vectors.exists():
            return words
        return await asyncio.to_thread(self._by_meaning, topic, words)

    def _by_meaning(self, topic: str, words: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        library, limit = self._opened(), 2 * MOST_FOUND
        if self._past is None:
            return merged(words, library.search(topic, limit))[:limit]
        return library.search(topic, limit, as_of=self.now, versions=self.store.versions_of_changed(self.now))

    async def code(self, question: CodeQuestion) -> tuple[tuple[CodeFound, ...], tuple[str, ...]]:
        """What local clones say: the index of today's files, or the clone itself as it was."""
        from galaxy_desktop.services.code_desk import CodeDesk  # noqa: PLC0415 - where code is asked
        from galaxy_desktop.services.code_then import code_then  # noqa: PLC0415 - same

        if self._past is not None:
            return await asyncio.to_thread(code_then, question, self.settings, self.store.repositories(), self.now)
        if not self.folder.code.exists():
            return (), ()
        if not self.alone:
            return (), (NO_CODE_NOW,)
        library = await asyncio.to_thread(self._opened)
        self._code = self._code or CodeDesk(self.folder, self.store)
        return await self._code.find(question, library.embedder), ()

    async def think(self, work: Callable[[], Result]) -> Result:
        """Blocking work."""
        return await asyncio.to_thread(work)

    async def close(self) -> None:
        """Close what was opened."""
        if self._code is not None:
            await self._code.close()
        if self._library is not None:
            await asyncio.to_thread(self._library.close)

    def _opened(self) -> Library:
        if self._library is None:
            from galaxy_desktop.services.indexing import Library  # noqa: PLC0415 - ChromaDB and torch take seconds

            self._library = Library(self.folder)
        return self._library


def lines(answer: Answer) -> Iterator[str]:
    """The answer for a terminal: sentences with their evidence ids, what was found besides, and what cannot be told."""
    yield from answer.limits
    for sentence in answer.sentences:
        yield f"{sentence.text} [{', '.join(sentence.evidence)}]"
    if answer.found:
        yield "" if answer.sentences else "What comes closest:"
        yield from (f"  {one.id}: {one.quote}" for one in answer.found)


def lines_of_model(answer: Answer, further: Answer, now: datetime) -> Iterator[str]:
    """What the model adds to an answer that was printed already, who wrote it, and who could not."""
    new = [one for one in further.sentences if one not in answer.sentences]
    yield from further.passed_over
    if new:
        age = f", worded {age_in_words(further.made_at, now)}" if further.cached else ""
        yield f"The language model adds{f' ({further.model}{age})' if further.model else ''}:"
        yield from (f"{sentence.text} [{', '.join(sentence.evidence)}]" for sentence in new)
    else:
        yield "The language model has nothing to add that stored facts support."


def fields(answer: Answer) -> dict[str, Any]:
    """The answer as JSON: `mode`, `sentences` and `found` with evidence, `limits`, `removed`, `calls`, `model` and `as_of`."""
    return {
        "question": answer.question,
        "mode": answer.mode,
        "as_of": answer.as_of.isoformat(),
        "calls": [call.name.value for call in answer.understood.calls],
        "sentences": [{"text": one.text, "evidence": list(one.evidence)} for one in answer.sentences],
        "sources": [_evidence(one) for one in answer.sources],
        "found": [_evidence(one) for one in answer.found],
        "limits": list(answer.limits),
        "removed": [{"text": text, "reason": reason} for text, reason in answer.removed],
        "formulas": list(answer.formulas),
        "model": answer.model,
        "passed_over": list(answer.passed_over),
    }


def _evidence(one: Evidence) -> dict[str, str]:
    return {
        "id": one.id,
        "kind": one.kind,
        "url": one.url,
        "quote": one.quote,
        "observed_at": one.observed_at.isoformat(),
    }
