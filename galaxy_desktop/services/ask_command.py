"""`galaxy-desktop ask`: a question answered from what is stored, in the terminal; nothing is synced or written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from galaxy_desktop.domain.asking import Answer, FactName
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.explain.lookup_scene import Scene
from galaxy_desktop.explain.lookups import look_up
from galaxy_desktop.explain.questions import understand
from galaxy_desktop.features.past import as_of
from galaxy_desktop.services import standup
from galaxy_desktop.services.asking import EMPTY, MOST_FOUND, Worked, speaks_of, told
from galaxy_desktop.services.time_machine import analysis_at
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store


async def run(store: Store, question: str, now: datetime, emit: Callable[[str], None], *, as_json: bool = False) -> int:
    """Print the answer; raises `WrongUseError` when nothing was asked or nothing is stored."""
    if not question.strip():
        raise WrongUseError(EMPTY)
    if not store.repositories():
        raise WrongUseError("Nothing is stored yet, so there is nothing to ask. Run galaxy-desktop sync first.")
    answer = await asyncio.to_thread(answer_of, store, question, now)
    emit(json.dumps(fields(answer), indent=2, ensure_ascii=False) if as_json else "\n".join(lines(answer)))
    return 0


def answer_of(store: Store, question: str, now: datetime) -> Answer:
    """The answer of the facts, and of a search by words; blocking."""
    country = Settings.from_text(store.settings()).text("holidays")
    analysis = analysis_at(store, now, standup.choices_of(store, country)(now))
    scene = Scene(analysis, as_of(store.snapshot(), now, store.versions_of_changed(now)))
    understood = understand(question, scene)
    moments = {c.scope.since for c in understood.calls if c.name is FactName.CHANGED and c.scope.since is not None}
    known = replace(scene, since={at: standup.since_of(store, at, now, country) for at in sorted(moments)})
    found = store.search_text(understood.topic, 2 * MOST_FOUND) if understood.topic else ()
    passages = tuple(one for one in found if speaks_of(understood.topic, one))[:MOST_FOUND]
    worked = Worked(question, understood, look_up(known, understood.calls), passages, scene.analysis, scene.snapshot)
    return told(worked, now)


def lines(answer: Answer) -> Iterator[str]:
    """The answer for a terminal: sentences with their evidence ids, what was found besides, and what cannot be told."""
    for sentence in answer.sentences:
        yield f"{sentence.text} [{', '.join(sentence.evidence)}]"
    yield from answer.limits
    if answer.found:
        yield "" if answer.sentences else "What comes closest:"
        yield from (f"  {one.id}: {one.quote}" for one in answer.found)


def fields(answer: Answer) -> dict[str, Any]:
    """The answer as JSON: `mode`, `sentences` and `found` with evidence, `limits`, `removed`, `calls` and `as_of`."""
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
    }


def _evidence(one: Evidence) -> dict[str, str]:
    return {
        "id": one.id,
        "kind": one.kind,
        "url": one.url,
        "quote": one.quote,
        "observed_at": one.observed_at.isoformat(),
    }
