"""Answers and patterns written down whole, and played again without a model.

Runs of the agent graph have recordings of their own (`recording`). A question needs less: what it was, what the model
might say, what it was asked and answered, and what was let through. Replaying reads the recorded answer and checks it
again; it ends in the same sentences unless the checks or the prompts changed meanwhile.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason import patterns, reply
from galaxy_desktop.reason.recording import NO_RECORDING, Call, ReplayEngine, passed_over, prompts_of
from galaxy_desktop.reason.reply import Material

FORMAT = 1
ANSWER, PATTERNS = "answer", "patterns"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedReply:
    """One answer, or one look for patterns.

    `kind` is "answer" or "patterns"; `subject` is the question, or the id of the sprint. `kept` are the texts of the
    sentences that passed, `removed` those that did not, each with why.
    """

    run_id: str
    kind: str
    subject: str
    at: datetime
    engine: str
    material: Material
    calls: tuple[Call, ...]
    kept: tuple[str, ...]
    removed: tuple[tuple[str, str], ...]

    @property
    def weights(self) -> str:
        """The content of the model by its hash, as the engine named it; "" when no call was answered."""
        return next((call.model for call in self.calls if call.model), "")

    @property
    def prompts(self) -> tuple[tuple[str, str], ...]:
        """Names and versions of all prompts that were sent."""
        return tuple(sorted({one for call in self.calls for one in prompts_of(call.version)}))

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Who was asked and could not answer, in sentences."""
        return passed_over(self.calls)

    def to_json(self) -> str:
        """The recording as text that a person can read."""
        material = self.material
        rows = {
            "format": FORMAT,
            "kind": self.kind,
            "run_id": self.run_id,
            "subject": self.subject,
            "at": self.at.isoformat(),
            "engine": self.engine,
            "material": {
                "statements": [[one.text, list(one.evidence)] for one in material.statements],
                "passages": dict(material.passages),
                "names": material.names,
                "people": material.people,
                "today": material.today.isoformat() if material.today else None,
                "urls": material.urls,
            },
            "calls": [asdict(call) for call in self.calls],
            "kept": self.kept,
            "removed": self.removed,
        }
        return json.dumps(rows, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> RecordedReply:
        """The recording that a text holds; raises `ModelError` when it is none, or of a later version."""
        try:
            rows = json.loads(text)
            if rows["format"] != FORMAT or rows["kind"] not in (ANSWER, PATTERNS):
                raise ModelError("This recording was made by another version of the program and cannot be replayed.")
            return cls(
                run_id=str(rows["run_id"]),
                kind=str(rows["kind"]),
                subject=str(rows["subject"]),
                at=datetime.fromisoformat(rows["at"]),
                engine=str(rows["engine"]),
                material=_material(rows["material"]),
                calls=tuple(Call.of(call) for call in rows["calls"]),
                kept=tuple(map(str, rows["kept"])),
                removed=tuple((str(said), str(why)) for said, why in rows["removed"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(NO_RECORDING) from error


@dataclass(frozen=True, slots=True)
class ReplayedReply:
    """What came of playing it again; `changed` names prompts that read differently today."""

    kept: tuple[str, ...]
    removed: tuple[tuple[str, str], ...]
    same: bool
    changed: tuple[str, ...]


def is_reply(text: str) -> bool:
    """Whether a text is a recording of this kind rather than one of a run of the graph."""
    try:
        rows = json.loads(text)
    except ValueError:
        return False
    return isinstance(rows, dict) and rows.get("kind") in (ANSWER, PATTERNS)


def replay(recorded: RecordedReply) -> ReplayedReply:
    """Read the recorded answer and check it again; no model is asked, nothing is stored."""
    engine, never = ReplayEngine(recorded.calls, recorded.engine), threading.Event()
    if all(call.error for call in recorded.calls):
        return ReplayedReply((), (), not recorded.kept, ())
    if recorded.kind == ANSWER:
        told = reply.reply(engine, recorded.subject, recorded.material, stop=never)
        kept, removed = tuple(one.text for one in told.sentences), told.removed
    else:
        found = patterns.propose(engine, recorded.subject, recorded.material, recorded.at, stop=never)
        kept, removed = tuple(one.text for one in found.noticed), found.removed
    return ReplayedReply(kept, removed, kept == recorded.kept, tuple(engine.changed))


def _material(rows: Mapping[str, Any]) -> Material:
    return Material(
        statements=tuple(Sentence(str(text), tuple(map(str, ids))) for text, ids in rows["statements"]),
        passages={str(i): str(words) for i, words in rows["passages"].items()},
        names=tuple(map(str, rows["names"])),
        people=tuple(map(str, rows["people"])),
        today=date.fromisoformat(rows["today"]) if rows["today"] else None,
        urls=tuple(map(str, rows["urls"])),
    )
