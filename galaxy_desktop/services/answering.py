"""How an answer comes about: the same steps for the window and for the command line.

Rules read the question (`explain.questions`); fact functions answer what it asks for (`explain.lookups`), and every number
comes from them; a search finds passages that speak of it. Only then a language model may word what was found, and what it
writes is checked like all its sentences. Whoever asks brings a `Desk`, which knows where comparisons, simulations, texts and
code come from, and may bring a `Writer`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from galaxy_desktop.domain.asking import Answer, FactCall, FactName, Finding, Understood
from galaxy_desktop.domain.code_found import CodeFound, CodeQuestion, code_question
from galaxy_desktop.domain.findings import Analysis, Sentence
from galaxy_desktop.domain.since import Since
from galaxy_desktop.errors import GalaxyError

if TYPE_CHECKING:
    from galaxy_desktop.assess.what_if import Question, WhatIf
    from galaxy_desktop.domain.evidence import Evidence
    from galaxy_desktop.domain.sprints import Snapshot
    from galaxy_desktop.domain.stopping import StopFlag
    from galaxy_desktop.explain.lookup_scene import Scene
    from galaxy_desktop.reason.reply import Material, Reply
    from galaxy_desktop.services.answer_cache import AnswerCache, Basis
    from galaxy_desktop.settings import Settings

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
MOST_SENTENCES = 16
MOST_FOUND = 6
FEW_WORDS = 2
"""A passage has to share two words with a topic of more than so many, one with a shorter one."""
NEED_A_SCOPE = frozenset({
    FactName.COUNT, FactName.LIST, FactName.ITEM, FactName.CHANGED, FactName.CODE, FactName.WHAT_IF,
})  # fmt: skip
"""Fact functions that say nothing of use before somebody said of what: a model cannot choose them."""
EMPTY = "Ask something, such as “What blocks 1.2?” or “What changed since Monday?”."
CANNOT_TELL = "I can't tell from what I have."
TRY = "Name a sprint, an item's number or words of its title, or ask what is blocked, late, red, changed or released."
NOT_LISTED = "{} of this answer {} not shown: ask about one sprint, repository or item to see all."


class Desk(Protocol):
    """Where the parts of an answer come from that the scene does not hold."""

    async def compared(self, since: datetime, until: datetime | None) -> Since:
        """What changed between two moments, `None` for the moment of the scene."""
        ...

    async def suppose(self, sprint_id: str, question: Question) -> WhatIf:
        """The forecast after a supposed change; raises `WrongUseError` with why there is none."""
        ...

    async def passages(self, topic: str) -> tuple[Evidence, ...]:
        """Texts that a search finds for a topic, best first."""
        ...

    async def code(self, question: CodeQuestion) -> tuple[tuple[CodeFound, ...], tuple[str, ...]]:
        """What local clones say, and sentences about how far that is what was asked."""
        ...

    async def think(self, work: Callable[[], Result]) -> Result:
        """Do blocking work away from the loop."""
        ...


class Writer(Protocol):
    """The language model as an answer needs it."""

    async def reply(self, question: str, material: Material, settings: Settings, stop: StopFlag) -> Reply | None:
        """What it says to a question, checked; `None` when it has no part in it."""
        ...

    async def choose(self, question: str, functions: Mapping[str, str], settings: Settings, stop: StopFlag) -> str:
        """The function that it takes a question for; "" where it cannot say."""
        ...


@dataclass(frozen=True, slots=True)
class Worked:
    """What code found for a question, before a model words anything: the reading, the findings, the passages.

    `notes` say how far that is what was asked.
    """

    question: str
    understood: Understood
    findings: tuple[Finding, ...]
    passages: tuple[Evidence, ...]
    analysis: Analysis
    snapshot: Snapshot
    notes: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[Sentence, ...]:
        """Everything that the fact functions say, each sentence once."""
        return tuple(dict.fromkeys(s for found in self.findings for s in found.sentences))

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """As much of it as is shown: of several functions each gets its share."""
        if len(self.every) <= MOST_SENTENCES or len(self.findings) < 2:
            return self.every[:MOST_SENTENCES]
        share = MOST_SENTENCES // len(self.findings)
        return tuple(dict.fromkeys(s for found in self.findings for s in found.sentences[:share]))


async def work_out(question: str, scene: Scene, desk: Desk) -> Worked:
    """What code finds for a question."""
    from galaxy_desktop.explain.lookups import look_up  # noqa: PLC0415 - when first asked
    from galaxy_desktop.explain.questions import understand  # noqa: PLC0415 - same

    understood = await desk.think(lambda: understand(question, scene))
    wish = code_question(question) if any(call.name is FactName.CODE for call in understood.calls) else None
    code, notes = await desk.code(wish) if wish is not None else ((), ())
    moments = {(c.scope.since, c.scope.until) for c in understood.calls if c.name is FactName.CHANGED}
    since = {(at, until): await desk.compared(at, until) for at, until in sorted(moments, key=str) if at is not None}
    supposed, declined = await _supposed(understood.calls, scene, desk)
    known = replace(scene, since=since, supposed=supposed, declined=declined, code=code)
    findings = await desk.think(lambda: look_up(known, understood.calls))
    found = await desk.passages(understood.topic) if understood.topic and not understood.refused else ()
    spoken = await desk.think(lambda: tuple(one for one in found if speaks_of(understood.topic, one))[:MOST_FOUND])
    passages = (*(one.evidence for one in code), *spoken)
    logger.info("A question was read as %s", [call.name.name for call in understood.calls] or "nothing known")
    return Worked(question, understood, findings, passages, scene.analysis, scene.snapshot, notes)


async def _supposed(
    calls: Sequence[FactCall], scene: Scene, desk: Desk
) -> tuple[dict[FactCall, Sentence], dict[FactCall, str]]:
    """What the changes would do that a question supposes, and why that cannot be told of others."""
    from galaxy_desktop.explain.words import sentence  # noqa: PLC0415 - when first asked
    from galaxy_desktop.services.supposing import question_of  # noqa: PLC0415 - same

    told, declined = {}, {}
    for call in calls:
        if call.name is not FactName.WHAT_IF or call.scope.supposed is None:
            continue
        meant = question_of(call.scope, scene)
        if isinstance(meant, str):
            declined[call] = meant
            continue
        try:
            found = await desk.suppose(meant.sprint_id, meant.question)
        except GalaxyError as error:
            declined[call] = str(error)
        else:
            told[call] = Sentence(sentence(found.words), meant.evidence)
    return told, {call: why for call, why in declined.items() if why}


def told(
    worked: Worked, now: datetime, written: Sequence[Sentence] = (), removed: Sequence[tuple[str, str]] = ()
) -> Answer:
    """The answer: the sentences of code, behind them those of a model that were `written` and passed the check."""
    from galaxy_desktop.explain.sources import sources_of  # noqa: PLC0415 - when first asked

    by_code = worked.sentences
    more = tuple(one for one in dict.fromkeys(written) if one not in by_code)
    sentences = by_code + more
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
        limits=tuple(dict.fromkeys(_limits(worked, nothing=not sentences))),
        removed=tuple(removed),
        formulas=tuple(found.formula for found in worked.findings if found.formula),
        made_at=now,
        as_of=worked.analysis.as_of,
    )


def _limits(worked: Worked, *, nothing: bool) -> list[str]:
    """What was assumed, could not be found or is not shown; first that nothing can be told, where that is so."""
    read = worked.understood
    limits = [*read.limits, *worked.notes]
    limits += [words for found in worked.findings for words in (found.note, found.nothing) if words]
    left = len(worked.every) - len(worked.sentences)
    if left:
        limits.append(
            NOT_LISTED.format(f"{left} more {'sentence' if left == 1 else 'sentences'}", "is" if left == 1 else "are")
        )
    if nothing and not read.refused:
        return [CANNOT_TELL, *(limits or [read.hint or TRY])]
    return limits


@dataclass(frozen=True, slots=True)
class Wording:
    """All that a model needs to have a part in an answer; `stop` ends it at once."""

    writer: Writer
    settings: Settings
    desk: Desk
    cache: AnswerCache
    stop: StopFlag


async def chosen(worked: Worked, how: Wording) -> Worked:
    """What code finds when the model says what a question asks that the rules could not read; the user is told so."""
    read = worked.understood
    if read.calls or read.limits or read.refused:
        return worked
    from galaxy_desktop.explain.lookup_scene import Scene  # noqa: PLC0415 - when first asked
    from galaxy_desktop.explain.lookups import describe, look_up  # noqa: PLC0415 - same

    functions = {name.value: describe(name) for name in FactName if name not in NEED_A_SCOPE}
    name = await how.writer.choose(worked.question, functions, how.settings, how.stop)
    if not name:
        return worked
    call = FactCall(FactName(name))
    logger.info("The model took a question for %s", call.name.name)
    findings = await how.desk.think(lambda: look_up(Scene(worked.analysis, worked.snapshot), [call]))
    return replace(
        worked,
        understood=replace(read, calls=(call,), limits=(f"The model took this as a question about “{name}”.",)),
        findings=findings,
    )


async def worded(worked: Worked, how: Wording) -> Answer | None:
    """The answer with what the model adds to it; `None` when it has no part in it. Equal questions are answered once.

    Raises:
        CancelledByUserError: `stop` was set, or the program is ending.
    """
    desk, cache, settings = how.desk, how.cache, how.settings
    model = " ".join((settings.text("model"), settings.text("question_providers"))).strip()
    material, basis = await desk.think(lambda: _to_be_worded(worked, model))
    known = await desk.think(lambda: cache.find(worked.question, basis))
    if known is not None:
        written, removed, by = _unpacked(known.body)
        at = known.at.astimezone(worked.analysis.as_of.tzinfo)
        return replace(told(worked, at, written, removed), cached=True, model=by)
    reply = await how.writer.reply(worked.question, material, settings, how.stop)
    if reply is None:
        return None
    logger.info("The model added %d sentences, %d did not check out", len(reply.sentences), len(reply.removed))
    if not reply.failed:
        packed = _packed(reply.sentences, reply.removed, reply.writer)
        await desk.think(lambda: cache.keep(worked.question, basis, packed))
    found = told(worked, cache.now(), reply.sentences, reply.removed)
    return replace(found, model=reply.writer, passed_over=reply.passed_over)


def _to_be_worded(worked: Worked, model: str) -> tuple[Material, Basis]:
    """What a model is told, and what its answer will depend on."""
    from galaxy_desktop.reason.briefing import prompt_file  # noqa: PLC0415 - when a model is asked
    from galaxy_desktop.services.answer_cache import Basis, facts_digest  # noqa: PLC0415 - same

    material = material_of(worked)
    facts = [f"{one.text} {' '.join(one.evidence)}" for one in material.statements]
    facts += [f"{i} {words}" for i, words in material.passages.items()]
    prompts = " ".join(f"{name} {prompt_file(name).version}" for name in ("system", "ask"))
    return material, Basis(facts=facts_digest(facts), model=model, prompts=prompts)


def _packed(written: Sequence[Sentence], removed: Sequence[tuple[str, str]], by: str) -> str:
    sentences = [[one.text, list(one.evidence)] for one in written]
    return json.dumps({"sentences": sentences, "removed": list(removed), "by": by})


def _unpacked(body: str) -> tuple[tuple[Sentence, ...], tuple[tuple[str, str], ...], str]:
    """What `_packed` made; it comes from our own database, whose rows other versions may have written."""
    kept = json.loads(body)
    sentences = tuple(Sentence(str(text), tuple(map(str, ids))) for text, ids in kept["sentences"])
    return sentences, tuple((str(text), str(reason)) for text, reason in kept["removed"]), str(kept.get("by", ""))


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
    """Whether a passage shares words with the topic: nearness in meaning alone is also had by what has nothing to do with it."""
    from galaxy_desktop.explain.lookup_scene import stems, words_of  # noqa: PLC0415 - when first asked

    wanted = stems(words_of(topic))
    shared = wanted & stems(words_of(one.quote))
    return len(shared) >= (1 if len(wanted) <= FEW_WORDS else FEW_WORDS)
