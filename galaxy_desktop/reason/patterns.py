"""Patterns that a model notices in the facts: proposed freely, kept only when two pieces of evidence or more are needed.

The model reads what code found about a sprint and about the past. A proposal passes the same check as every sentence.
Then it must be more than a fact: a sentence that one piece of evidence supports alone is no pattern, and is left to the
rules, which tell facts better.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.domain.noticed import FEWEST_EVIDENCE, Noticed, NoticedKind
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.reason import briefing, ground
from galaxy_desktop.reason.drafts import sentences_of
from galaxy_desktop.reason.engine import Engine, Generation
from galaxy_desktop.reason.reply import Material, checked
from galaxy_desktop.reason.wording import plain

MAX_TOKENS = 240
MOST_PATTERNS = 2
ONE_IS_ENOUGH = "one piece of evidence says it alone, so it is a fact and no pattern"


@dataclass(frozen=True, slots=True)
class Proposals:
    """Patterns that passed, what did not pass with why, and how the text was generated."""

    noticed: tuple[Noticed, ...]
    removed: tuple[tuple[str, str], ...]
    generation: Generation | None = None


def propose(
    engine: Engine, sprint_id: str, material: Material, now: datetime, *, stop: StopFlag, max_tokens: int = MAX_TOKENS
) -> Proposals:
    """Let the model look for patterns in the material of a sprint, and check each; blocking.

    Raises:
        CancelledByUserError: `stop` was set.
        ModelError: the model cannot be used, in a sentence.
    """
    sheet = material.sheet()
    first = list(dict.fromkeys(i for one in material.statements for i in one.evidence))
    facts = briefing.facts_text(sheet, keys := briefing.keys_of(sheet, first))
    keys = briefing.offered(facts, keys)
    if len(keys) < FEWEST_EVIDENCE:
        return Proposals((), ())
    written = engine.generate(
        briefing.question(facts, "", "patterns"), schema=_schema(list(keys)), max_tokens=max_tokens, stop=stop
    )
    kinds = dict(_kinds(written.text))
    drafts = sentences_of(written.text, keys)[:MOST_PATTERNS]
    passed = checked(drafts, material, sheet, written)
    noticed, removed = [], list(passed.removed)
    for one in passed.sentences:
        why = _why_no_pattern(one, material)
        if why:
            removed.append((one.text, why))
        else:
            kind = kinds.get(one.text, NoticedKind.RISK)
            noticed.append(
                Noticed(
                    sprint_id=sprint_id,
                    kind=kind,
                    text=one.text,
                    evidence=one.evidence,
                    model=engine.name,
                    noticed_at=now,
                )
            )
    return Proposals(tuple(noticed), tuple(removed), written)


def _why_no_pattern(one: Sentence, material: Material) -> str:
    """Why a sentence that is true is no pattern, "" when it is one."""
    if len(set(one.evidence)) < FEWEST_EVIDENCE:
        return ONE_IS_ENOUGH
    sheet = material.sheet()
    for evidence_id in one.evidence:
        alone = ground.check(
            [Sentence(one.text, (evidence_id,))],
            {evidence_id: sheet["context"].get(evidence_id, [])},
            quotes={i: words for i, words in sheet["quotes"].items() if i == evidence_id},
            names=material.names,
            today=material.today,
            people=material.people,
        )
        if alone.kept:
            return ONE_IS_ENOUGH
    return ""


def _kinds(answer: str) -> Iterator[tuple[str, NoticedKind]]:
    """The kind that each text was given, where it is one."""
    try:
        rows = json.loads(answer)["sentences"]
    except (ValueError, KeyError, TypeError):
        return
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and row.get("kind") in list(NoticedKind) and isinstance(row.get("text"), str):
            yield plain(row["text"]), NoticedKind(row["kind"])


def _schema(keys: Sequence[str]) -> dict[str, Any]:
    sentence = {
        "type": "object",
        "properties": {
            "kind": {"enum": [kind.value for kind in NoticedKind]},
            "text": {"type": "string", "minLength": 1, "maxLength": briefing.LONGEST_SENTENCE},
            "evidence": {"type": "array", "minItems": FEWEST_EVIDENCE, "maxItems": 4, "items": {"enum": list(keys)}},
        },
        "required": ["kind", "text", "evidence"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"sentences": {"type": "array", "maxItems": MOST_PATTERNS, "items": sentence}},
        "required": ["sentences"],
        "additionalProperties": False,
    }
