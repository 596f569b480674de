"""What the model reads: short, the unchanging part first, words of others fenced in.

The system text and the evidence stay the same for all questions of a run, so the model evaluates them once and each
further question costs a few tokens. Evidence gets short names (E1, E2, ...), which the schema enforces: an id that
was not offered cannot be written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from galaxy_desktop import paths
from galaxy_desktop.errors import ModelError
from galaxy_desktop.reason.engine import Prompt, Schema
from galaxy_desktop.reason.sheet import Sheet
from galaxy_desktop.reason.wording import plain

MOST_EVIDENCE = 10
MOST_STATEMENTS = 3
MOST_TABLE = 10
QUOTE_LENGTH = 60
CHARACTERS = 1600
MORE_CHARACTERS = 600
"""Room for facts and evidence: with the system text and a question, fewer than 1,000 tokens."""

MOST_SENTENCES = 2
LONGEST_SENTENCE = 200


_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class PromptFile:
    """One file of `resources/prompts`: its version is recorded with every run.

    `text` holds `{{name}}` for each of its placeholders. Whoever changes a text gives it a new version: a test knows the
    digest of every rendering.
    """

    name: str
    version: str
    purpose: str
    placeholders: tuple[str, ...]
    text: str

    def render(self, values: Mapping[str, str]) -> str:
        """The text with its placeholders filled; what is filled in is not looked at again, so data cannot ask for more."""
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self.text)


@cache
def prompt_file(name: str, folder: Path | None = None) -> PromptFile:
    """The prompt of that name; raises `ModelError` when the installation lacks it."""
    path = (folder or paths.resources_folder() / "prompts") / f"{name}.md"
    try:
        _, header, text = path.read_text(encoding="utf-8").split("---\n", 2)
        said = dict(line.split(": ", 1) for line in header.strip().splitlines())
        holes = tuple(one.strip() for one in said["placeholders"].split(",")) if said["placeholders"] != "none" else ()
        found = PromptFile(said["name"], said["version"], said["purpose"], holes, text.strip())
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The prompt {path.name} is missing or damaged. Reinstall the program.") from error
    if found.name != name or set(_PLACEHOLDER.findall(found.text)) != set(holes):
        raise ModelError(f"The prompt {path.name} is missing or damaged. Reinstall the program.")
    return found


def keys_of(sheet: Sheet, first: Sequence[str] = ()) -> dict[str, str]:
    """Short names for the evidence worth reading: `first` in front, then what has most to say.

    The milestones of one sprint all say the same, so only the first of them is read.
    """
    context = sheet["context"]
    spoken = [i for i in dict.fromkeys(first) if context.get(i)]
    milestones = [i for i in spoken if i.startswith("milestone:")]
    spoken = [i for i in spoken if i not in milestones[1:]]
    spoken += sorted(
        (i for i in context if context[i] and i not in (*spoken, *milestones)), key=lambda i: (-len(context[i]), i)
    )
    return {f"E{n}": i for n, i in enumerate(spoken[:MOST_EVIDENCE], 1)}


def facts_text(sheet: Sheet, keys: Mapping[str, str]) -> str:
    """The facts as the model reads them, cut at the budget; every key that was cut is left out whole."""
    lines = ["Facts about the sprint:", *(f"- {plain(line)}" for line in sheet["table"][:MOST_TABLE]), "Evidence:"]
    room = CHARACTERS - sum(len(line) + 1 for line in lines)
    for key, evidence_id in keys.items():
        line = _line(key, evidence_id, sheet)
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return "\n".join(lines)


def offered(text: str, keys: Mapping[str, str]) -> dict[str, str]:
    """The keys whose evidence really stands in a text of facts."""
    return {key: i for key, i in keys.items() if f"\n{key} (" in text}


def more_text(sheet: Sheet, keys: Mapping[str, str]) -> str:
    """What one agent found out in addition, for its own question only."""
    lines = [f"- {plain(line)}" for line in sheet["table"][:MOST_TABLE]]
    lines += [
        f"{key}: {plain(said)}" for key, i in keys.items() for said in sheet["context"].get(i, ())[:MOST_STATEMENTS]
    ]
    text, room = "", MORE_CHARACTERS
    for line in lines:
        room -= len(line) + 1
        text += f"{line}\n" if room >= 0 else ""
    return text


def question(facts: str, more: str, task: str) -> Prompt:
    """The prompt of one question about the facts, which all questions of a run begin with."""
    system, asked = prompt_file("system"), prompt_file(task)
    version = f"system {system.version}, {task} {asked.version}"
    user = asked.render({"facts": facts, "more": more})
    return Prompt(system.text, user, stable=len(facts) + 1, version=version)


def schema(keys: Sequence[str]) -> Schema:
    """The only shape of answer that the model can write: sentences that cite evidence that was offered."""
    sentence = {
        "type": "object",
        "properties": {
            "text": {"type": "string", "minLength": 1, "maxLength": LONGEST_SENTENCE},
            "evidence": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"enum": list(keys)}},
        },
        "required": ["text", "evidence"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"sentences": {"type": "array", "minItems": 1, "maxItems": MOST_SENTENCES, "items": sentence}},
        "required": ["sentences"],
        "additionalProperties": False,
    }


_KINDS = {"pr": "pull request", "issue": "issue", "milestone": "milestone", "check": "build", "feature": "number"}


def _line(key: str, evidence_id: str, sheet: Sheet) -> str:
    statements = "; ".join(plain(one) for one in sheet["context"][evidence_id][:MOST_STATEMENTS])
    quote = sheet["quotes"].get(evidence_id, "")
    return f"{key} ({_KINDS.get(evidence_id.partition(':')[0], 'item')}): {statements}" + (
        f" «{_fenced(quote)}»" if quote else ""
    )


def _fenced(quote: str) -> str:
    """Somebody's words, shortened, without the marks that would end the fence."""
    bare = plain(quote.replace("«", "").replace("»", ""))
    return bare[:QUOTE_LENGTH].rstrip()
