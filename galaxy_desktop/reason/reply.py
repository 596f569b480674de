"""A model words the answer to a question: it reads what code found, and only what checks out comes back.

The facts of an answer were written by code and stand without a model. What a model adds is wording: it may join facts and
quote passages. It is told the question as data, like everything that somebody typed. It cannot choose what is true, and
where it writes rubbish nothing is lost: the answer of code stands as it was.

It may help with one thing more: a question that the rules could not read. Then it chooses one of the fact functions by its
name, and code answers; the choice is told to the user, because it was a guess.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.domain.inference import Priority
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.reason import briefing, ground
from galaxy_desktop.reason.drafts import sentences_of
from galaxy_desktop.reason.engine import Engine, Generation, OnToken
from galaxy_desktop.reason.sheet import Sheet
from galaxy_desktop.reason.wording import plain

MAX_TOKENS = 220
CHOICE_TOKENS = 24
QUESTION_LENGTH = 300
NEITHER = "none of these"
FOUND = "was found by the search"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a model may say in an answer.

    `statements` were written by code, each with the evidence ids that it stands on, and hold no words of others; `passages`
    are words of others by evidence id, to be quoted at most. `names` is what sprints are called, each with the ids that stand for it, `people` are logins,
    `today` is the day in the user's zone, `urls` are addresses that may be named.
    """

    statements: tuple[Sentence, ...]
    passages: Mapping[str, str] = field(default_factory=dict)
    names: ground.Names = ()
    people: tuple[str, ...] = ()
    today: date | None = None
    urls: tuple[str, ...] = ()

    def sheet(self) -> Sheet:
        """The same as a sheet of facts."""
        context: dict[str, list[str]] = {}
        for one in self.statements:
            for evidence_id in one.evidence:
                context.setdefault(evidence_id, []).append(one.text.rstrip("."))
        for evidence_id in self.passages:
            reference = evidence_id.partition(":")[2]
            context.setdefault(evidence_id, [f"{reference} {FOUND}"])
        return {"context": context, "table": [], "quotes": dict(self.passages), "urls": list(self.urls)}


@dataclass(frozen=True, slots=True)
class Reply:
    """Sentences that passed the check; those that did not, each with why; and how the text was generated.

    `writer` names who wrote them; `passed_over` says who was asked before and could not answer. `failed` is set where in
    the end nobody could: then the answer is no answer of a model, and not to be kept.
    """

    sentences: tuple[Sentence, ...]
    removed: tuple[tuple[str, str], ...]
    generation: Generation | None = None
    writer: str = ""
    passed_over: tuple[str, ...] = ()
    failed: bool = False


def reply(
    engine: Engine,
    question: str,
    material: Material,
    *,
    stop: StopFlag,
    on_token: OnToken | None = None,
    max_tokens: int = MAX_TOKENS,
) -> Reply:
    """Let the model word an answer, and check it; blocking.

    Raises:
        CancelledByUserError: `stop` was set.
        ModelError: the model cannot be used, in a sentence.
    """
    sheet = material.sheet()
    first = list(dict.fromkeys(i for one in material.statements for i in one.evidence))
    keys = briefing.keys_of(sheet, first)
    facts = briefing.facts_text(sheet, keys)
    keys = briefing.offered(facts, keys)
    if not keys:
        return Reply((), ())
    written = engine.generate(
        briefing.question(facts, asked(question), "ask"),
        schema=briefing.schema(list(keys)),
        max_tokens=max_tokens,
        stop=stop,
        on_token=on_token,
        priority=Priority.QUESTION,
    )
    return checked(sentences_of(written.text, keys), material, sheet, written)


def checked(
    drafts: Iterable[Sentence], material: Material, sheet: Sheet, generation: Generation | None = None
) -> Reply:
    """What of some sentences stands on the material."""
    found = ground.check(
        drafts,
        sheet["context"],
        quotes=sheet["quotes"],
        urls=sheet["urls"],
        names=material.names,
        today=material.today,
        people=material.people,
    )
    said = {plain(one.text) for one in material.statements}
    kept = tuple(one for one in dict.fromkeys(found.kept) if one.text not in said and FOUND not in one.text)
    return Reply(kept, tuple((plain(one.sentence.text), one.reason) for one in found.removed), generation)


def choose(engine: Engine, question: str, functions: Mapping[str, str], *, stop: StopFlag) -> str:
    """The name of the fact function that fits a question, "" when the model says that none does; blocking.

    `functions` holds what each tells, by name. Nothing but one of these names can be written.

    Raises:
        CancelledByUserError: `stop` was set.
        ModelError: the model cannot be used, in a sentence.
    """
    names = [*functions, NEITHER]
    listed = "\n".join(f"- {name}: {told}" for name, told in functions.items())
    prompt = briefing.question(f"Functions:\n{listed}\n- {NEITHER}", asked(question), "choose")
    written = engine.generate(
        prompt, schema=_one_of(names), max_tokens=CHOICE_TOKENS, stop=stop, priority=Priority.QUESTION
    )
    try:
        chosen = json.loads(written.text)["function"]
    except (ValueError, KeyError, TypeError):
        return ""
    return chosen if chosen in functions else ""


def asked(question: str) -> str:
    """The question as the model reads it: data between marks that it cannot end."""
    bare = plain(question).replace("«", "").replace("»", "")
    return f"The question, typed by a user: «{bare[:QUESTION_LENGTH].rstrip()}»"


def _one_of(names: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"function": {"enum": list(names)}},
        "required": ["function"],
        "additionalProperties": False,
    }
