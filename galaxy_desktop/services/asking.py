"""Ask: a question in somebody's words, answered from what is stored, every sentence with its evidence.

The order is always the same. Rules read the question (`explain.questions`); fact functions answer what it asks for
(`explain.lookups`), and every number comes from them; a search finds passages that speak of it. Only then a language
model may word what was found, and what it writes is checked like all its sentences. Where neither facts nor passages
say anything, "I can't tell from what I have" is the answer, with what comes closest.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from galaxy_desktop.domain.asking import Answer, FactCall, FactName, Finding, Understood
from galaxy_desktop.domain.code_found import CodeFound, code_question
from galaxy_desktop.domain.findings import Analysis, Sentence
from galaxy_desktop.domain.since import Since
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.questions import Questions

if TYPE_CHECKING:
    from galaxy_desktop.domain.evidence import Evidence
    from galaxy_desktop.domain.noticed import Noticed, Opinion
    from galaxy_desktop.domain.sprints import Snapshot
    from galaxy_desktop.domain.stopping import StopFlag
    from galaxy_desktop.explain.lookup_scene import Scene
    from galaxy_desktop.reason.reply import Material
    from galaxy_desktop.services.answer_cache import Basis
    from galaxy_desktop.services.background import Background

logger = logging.getLogger(__name__)

MOST_SENTENCES = 16
MOST_FOUND = 6
NEED_A_SCOPE = frozenset({FactName.COUNT, FactName.LIST, FactName.ITEM, FactName.CHANGED, FactName.CODE})
"""Fact functions that say nothing of use before somebody said of what: a model cannot choose them."""
EMPTY = "Ask something, such as “What blocks 1.2?” or “What changed since Monday?”."
CANNOT_TELL = "I can't tell from what I have."
TRY = "Name a sprint, an item's number or words of its title, or ask what is blocked, late, red, changed or released."
Search = Callable[[str, datetime | None], Awaitable[Sequence["Evidence"]]]
Compare = Callable[[datetime, datetime | None], Awaitable[Since]]


@dataclass(frozen=True, slots=True)
class Worked:
    """What code found for a question, before a model words anything: the reading, the findings, the passages."""

    question: str
    understood: Understood
    findings: tuple[Finding, ...]
    passages: tuple[Evidence, ...]
    analysis: Analysis
    snapshot: Snapshot

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Everything that the fact functions say, each sentence once."""
        return tuple(dict.fromkeys(s for found in self.findings for s in found.sentences))[:MOST_SENTENCES]


class Asking(Questions):
    """The asking of a `Workspace`; all methods are called on the event loop's thread."""

    _background: Background | None = None
    _asked_of: tuple[Analysis, Snapshot] | None = None
    _last_asked: tuple[Answer, Worked] | None = None

    async def ask(self, question: str, moment: datetime | None = None) -> Answer:
        """The answer to a question, as of now or as of a moment of the past.

        Raises:
            WrongUseError: nothing was asked, nothing was evaluated yet, or the moment lies in the future.
        """
        worked = await self.work_out(question, moment)
        answer = told(worked, self._now())
        self._last_asked = (answer, worked)
        return answer

    async def ask_further(self, answer: Answer, stop: StopFlag) -> Answer:
        """The same answer with what the language model adds to it, checked; the same when it has nothing to add.

        Only the newest answer is worked on. Where the model is switched off, is not there or fails, the answer is
        complete as it is.

        Raises:
            CancelledByUserError: `stop` was set, or the program is ending.
        """
        kept = self._last_asked
        writer = self._background
        if kept is None or kept[0] is not answer or writer is None or not self.settings.flag("prose"):
            return answer
        from galaxy_desktop.services.answer_cache import AnswerCache  # noqa: PLC0415 - when a model is asked

        worked = await self._chosen(kept[1], writer, stop)
        cache, model = AnswerCache(self.store, self._now), self.settings.text("model")
        material, basis = await self._think(lambda: _to_be_worded(worked, model))
        known = await self._think(lambda: cache.find(worked.question, basis))
        if known is None:
            reply = await writer.reply(worked.question, material, self.settings, stop)
            if reply is None:
                return answer if worked is kept[1] else told(worked, self._now())
            written, removed, at = reply.sentences, reply.removed, self._now()
            logger.info("The model added %d sentences, %d did not check out", len(written), len(removed))
            await self._think(lambda: cache.keep(worked.question, basis, _packed(written, removed)))
        else:
            (written, removed), at = _unpacked(known.body), known.at.astimezone(self._now().tzinfo)
        if self._last_asked is not kept:
            return answer
        found = replace(told(worked, at, written, removed), cached=known is not None)
        self._last_asked = (found, worked)
        return found

    async def _chosen(self, worked: Worked, writer: Background, stop: StopFlag) -> Worked:
        """What code finds when the model says what a question asks that the rules could not read; the user is told so."""
        if worked.understood.calls or worked.understood.limits or not worked.understood.topic:
            return worked
        from galaxy_desktop.explain.lookup_scene import Scene  # noqa: PLC0415 - when first asked
        from galaxy_desktop.explain.lookups import describe, look_up  # noqa: PLC0415 - same

        functions = {name.value: describe(name) for name in FactName if name not in NEED_A_SCOPE}
        chosen = await writer.choose(worked.question, functions, self.settings, stop)
        if not chosen:
            return worked
        call = FactCall(FactName(chosen))
        logger.info("The model took a question for %s", call.name.name)
        findings = await self._think(lambda: look_up(Scene(worked.analysis, worked.snapshot), [call]))
        read = replace(
            worked.understood, calls=(call,), limits=(f"The model took this as a question about “{chosen}”.",)
        )
        return replace(worked, understood=read, findings=findings)

    async def noticed(self, sprint_id: str) -> tuple[Noticed, ...]:
        """What the language model noticed in a sprint, the newest first, with what people said of it."""
        store = self.store
        return await self._think(lambda: store.noticed([sprint_id]))

    async def say_of_noticed(self, noticed_id: str, opinion: Opinion | None) -> None:
        """Keep what a person says of something that the model noticed; it changes no number.

        Raises:
            WrongUseError: there is no such thing any more.
        """
        if not await asyncio.wrap_future(self.store.say_of_noticed(noticed_id, opinion, self._now())):
            raise WrongUseError("This is not there any more: its repository was forgotten.")

    async def work_out(self, question: str, moment: datetime | None = None) -> Worked:
        """What code finds for a question; see `ask`."""
        if not question.strip():
            raise WrongUseError(EMPTY)
        scene = await self._scene_of(moment)
        from galaxy_desktop.explain.lookups import look_up  # noqa: PLC0415 - when first asked
        from galaxy_desktop.explain.questions import understand  # noqa: PLC0415 - same

        understood = await self._think(lambda: understand(question, scene))
        code = await self._code(question) if any(call.name is FactName.CODE for call in understood.calls) else ()
        known = replace(scene, since=await self._compared(understood.calls, moment), code=code)
        findings = await self._think(lambda: look_up(known, understood.calls))
        passages = (*(one.evidence for one in code), *await self._passages(understood.topic, moment))
        logger.info("A question was read as %s", [call.name.name for call in understood.calls] or "nothing known")
        return Worked(question, understood, findings, passages, scene.analysis, scene.snapshot)

    async def _scene_of(self, moment: datetime | None) -> Scene:
        """The evaluation on the screen with its records; those of now are kept until there is a newer evaluation."""
        from galaxy_desktop.explain.lookup_scene import Scene  # noqa: PLC0415 - when first asked

        store = self.store
        if moment is not None:
            from galaxy_desktop.features.past import as_of  # noqa: PLC0415 - when the past is asked

            then = await self._think(self._look(moment))
            local = then.as_of
            snapshot = await self._think(lambda: as_of(store.snapshot(), local, store.versions_of_changed(local)))
            return Scene(then, snapshot)
        latest = self._shown()
        kept = self._asked_of
        if kept is None or kept[0] is not latest:
            kept = self._asked_of = (latest, await self._think(store.snapshot))
        return Scene(*kept)

    async def _compared(self, calls: Sequence[FactCall], until: datetime | None) -> Mapping[datetime, Since]:
        """The comparisons that the calls need, by the moment compared with."""
        moments = {call.scope.since for call in calls if call.name is FactName.CHANGED and call.scope.since is not None}
        return {moment: await self.since(moment, until) for moment in sorted(moments)}

    async def _code(self, question: str) -> tuple[CodeFound, ...]:
        """What the local clones say to a question about code, as they are now."""
        wish = code_question(question)
        return await self._background.code(wish) if wish is not None and self._background is not None else ()

    async def _passages(self, topic: str, moment: datetime | None) -> tuple[Evidence, ...]:
        """What speaks of the topic, as far as it was known at the moment; nothing where nothing was asked for."""
        if not topic or self._background is None:
            return ()
        found = await self._background.search(topic, MOST_FOUND * 2, moment)
        return await self._think(lambda: tuple(one for one in found if speaks_of(topic, one))[:MOST_FOUND])


def told(
    worked: Worked, now: datetime, written: Sequence[Sentence] = (), removed: Sequence[tuple[str, str]] = ()
) -> Answer:
    """The answer: the sentences of code, behind them those of a model that were `written` and passed the check."""
    from galaxy_desktop.explain.sources import sources_of  # noqa: PLC0415 - when first asked

    by_code = worked.sentences
    more = tuple(one for one in dict.fromkeys(written) if one not in by_code)
    sentences = by_code + more
    limits = [*worked.understood.limits, *(found.nothing for found in worked.findings if found.nothing)]
    if not sentences:
        limits = [CANNOT_TELL, *limits] if limits else [CANNOT_TELL, TRY]
    cited = tuple(dict.fromkeys(i for one in sentences for i in one.evidence))
    passages = {one.id: one for one in worked.passages}
    stored = {one.id: one for one in sources_of(worked.analysis, worked.snapshot, cited)}
    sources = tuple(stored.get(i) or passages[i] for i in cited if i in stored or i in passages)
    return Answer(
        question=worked.question,
        understood=worked.understood,
        mode="model" if more else "facts" if sentences else "nothing",
        sentences=sentences,
        sources=sources,
        found=tuple(one for one in worked.passages if one.id not in cited),
        limits=tuple(dict.fromkeys(limits)),
        removed=tuple(removed),
        formulas=tuple(found.formula for found in worked.findings if found.formula),
        made_at=now,
        as_of=worked.analysis.as_of,
    )


def _to_be_worded(worked: Worked, model: str) -> tuple[Material, Basis]:
    """What a model is told, and what its answer will depend on."""
    from galaxy_desktop.reason.briefing import prompt_file  # noqa: PLC0415 - when a model is asked
    from galaxy_desktop.services.answer_cache import Basis, facts_digest  # noqa: PLC0415 - same

    material = material_of(worked)
    facts = [f"{one.text} {' '.join(one.evidence)}" for one in material.statements]
    facts += [f"{i} {words}" for i, words in material.passages.items()]
    prompts = " ".join(f"{name} {prompt_file(name).version}" for name in ("system", "ask"))
    return material, Basis(facts=facts_digest(facts), model=model, prompts=prompts)


def _packed(written: Sequence[Sentence], removed: Sequence[tuple[str, str]]) -> str:
    return json.dumps({"sentences": [[one.text, list(one.evidence)] for one in written], "removed": list(removed)})


def _unpacked(body: str) -> tuple[tuple[Sentence, ...], tuple[tuple[str, str], ...]]:
    """What `_packed` made; it comes from our own database, whose rows other versions may have written."""
    kept = json.loads(body)
    sentences = tuple(Sentence(str(text), tuple(map(str, ids))) for text, ids in kept["sentences"])
    return sentences, tuple((str(text), str(reason)) for text, reason in kept["removed"])


def material_of(worked: Worked) -> Material:
    """What a model may say in an answer: what code found without words of others, and the passages as words of others."""
    from galaxy_desktop.explain.lookup_scene import anchor_of  # noqa: PLC0415 - when a model is asked
    from galaxy_desktop.explain.material import statements_of  # noqa: PLC0415 - same
    from galaxy_desktop.reason.reply import Material  # noqa: PLC0415 - same

    snapshot, analysis = worked.snapshot, worked.analysis
    told_by_people = {
        i: snapshot.items_by_id[i].title for one in worked.sentences for i in one.evidence if i in snapshot.items_by_id
    }
    people = {person.login for item in snapshot.items for person in (item.author, *item.assignees) if person}
    return Material(
        statements=statements_of(worked.sentences, snapshot),
        passages={**told_by_people, **{one.id: one.quote for one in worked.passages}},
        names={one.sprint.name: anchor_of(one) for one in analysis.sprints},
        people=tuple(sorted(people)),
        today=analysis.as_of.date(),
    )


def speaks_of(topic: str, one: Evidence) -> bool:
    """Whether a passage shares a word with the topic: nearness in meaning alone is also had by what has nothing to do with it."""
    from galaxy_desktop.explain.lookup_scene import stems, words_of  # noqa: PLC0415 - when first asked

    return bool(stems(words_of(topic)) & stems(words_of(one.quote)))
