"""What travels through the graph and its checkpoints: plain lists and texts only, and how parallel writes meet."""

from __future__ import annotations

import hashlib
import json
import operator
from typing import Annotated, Any, TypedDict

from galaxy_desktop.domain.findings import Explanation, Sentence, Unsupported
from galaxy_desktop.reason.sheet import Sheet, empty, merged

NODES = (
    "orchestrator",
    "data_collector",
    "feature_engineer",
    "llm_reasoner",
    "sprint_analyzer",
    "risk_assessor",
    "recommender",
    "explainer",
)


class Draft(TypedDict):
    """A sentence that a model wrote, not checked yet."""

    node: str
    text: str
    evidence: list[str]


def _both(one: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    return {**one, **other}


def _parts(one: dict[str, Sheet], other: dict[str, Sheet]) -> dict[str, Sheet]:
    return {**one, **other}


def _sheets(one: Any, other: Any) -> Sheet:
    """Both sheets as one; LangGraph begins a run with an empty dictionary."""
    return merged(one or empty(), other or empty())


class RunState(TypedDict, total=False):
    """The state of one run.

    `parts` are the facts that each agent stated and `calls` the model's answers with their questions: with them a run can be
    recorded whole, even one that was interrupted and went on. `facts` is the text that all questions begin with, `keys` the short names in it; `why` says in sentences why the
    model had no part or a smaller one; `unavailable` whether that was because it could not be used; `unread` counts answers that were no answers; `notes` holds each node's status.
    """

    run_id: str
    keys: dict[str, str]
    facts: str
    sheet: Annotated[Sheet, _sheets]
    parts: Annotated[dict[str, Sheet], _parts]
    calls: Annotated[list[dict[str, Any]], operator.add]
    drafts: Annotated[list[Draft], operator.add]
    unread: Annotated[int, operator.add]
    why: Annotated[list[str], operator.add]
    notes: Annotated[dict[str, str], _both]
    unavailable: Annotated[bool, operator.or_]
    mode: str
    sentences: list[Draft]
    removed: int
    reasons: list[str]
    unsupported: list[list[str]]


Update = dict[str, Any]


def digest(value: Any) -> str:
    """SHA-256 of plain data in one spelling."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def explanation_of(state: RunState) -> Explanation:
    """The explanation with which a run ended."""
    sentences = tuple(Sentence(one["text"], tuple(one["evidence"])) for one in state["sentences"])
    unsupported = tuple(Unsupported(text, reason) for text, reason in state.get("unsupported", ()))
    return Explanation(mode=state["mode"], sentences=sentences, removed=state["removed"], unsupported=unsupported)
