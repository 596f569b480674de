"""How people and models name an item in running text: "#12", "o/r#12", "PR 7", "GH-7", "issue:o/r#12"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_REFERENCE = re.compile(
    r"(?<![\w/#])(?:external:)?(?:(?P<prefix>issue|pr|commit|check|status|comment|review|milestone|iteration|release|deployment|event):)?"
    r"(?:(?P<kind>issues?|pull requests?|prs?|items?|tickets?|tasks?|cards?|milestones?) (?:number |no\.? )?)?"
    r"(?P<repository>[\w.-]+/[\w.-]+)?(?P<mark>#|GH-)(?P<number>\d+)(?!\w)"
    r"|(?<![\w/#-])(?P<kind2>issue|pull request|pr|ticket|task|card) (?:number |no\.? )?(?P<number2>\d+)(?![\w%.-]| [a-z]+s\b)",
    re.IGNORECASE,
)
_ID = re.compile(r"^(?:external:)?(?P<prefix>\w+):(?P<repository>[\w.-]+/[\w.-]+)#(?P<number>\d+)$")
_PREFIX = {"issue": "issue", "issues": "issue", "pr": "pr", "prs": "pr", "pull request": "pr", "pull requests": "pr"}
_ITEMS = ("issue", "pr")


@dataclass(frozen=True, slots=True)
class Reference:
    """An item as named in a text: `kind` and `repository` are "" where the text leaves them open."""

    kind: str
    repository: str
    number: str
    at: int
    end: int

    def is_id(self, evidence_id: str) -> bool:
        """Whether an evidence id is the thing that the text names."""
        match = _ID.match(evidence_id)
        if match is None or match["number"] != self.number:
            return False
        if self.repository and self.repository != match["repository"].casefold():
            return False
        return match["prefix"] == self.kind if self.kind else match["prefix"] in _ITEMS

    def same(self, other: Reference) -> bool:
        """Whether two references can name the same item; what is left open fits anything."""
        return (
            self.number == other.number
            and self.kind in ("", other.kind or self.kind)
            and self.repository in ("", other.repository or self.repository)
        )


def references(text: str) -> tuple[Reference, ...]:
    """All items that a plain text names, in their order."""
    return tuple(_read(match) for match in _REFERENCE.finditer(text))


def blanked(text: str, named: Iterable[Reference]) -> str:
    """The text with spaces in the place of references, so that their digits are not taken for quantities."""
    for one in named:
        text = text[: one.at] + " " * (one.end - one.at) + text[one.end :]
    return text


def _read(match: re.Match[str]) -> Reference:
    word = (match["prefix"] or match["kind"] or match["kind2"] or "").casefold()
    kind = _PREFIX.get(word, word if word in ("commit", "check", "comment", "review", "milestone", "event") else "")
    return Reference(
        kind, (match["repository"] or "").casefold(), match["number"] or match["number2"], match.start(), match.end()
    )
