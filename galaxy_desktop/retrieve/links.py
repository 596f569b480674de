"""Which items a text names, and how far items are from each other when every mention is a step."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MENTION = re.compile(
    r"github\.com/(?P<far>[\w.-]+/[\w.-]+)/(?:issues|pull)/(?P<there>\d{1,7})\b"
    r"|(?<![\w&/.-])(?P<near>[\w.-]+/[\w.-]+)?#(?P<here>\d{1,7})\b(?!-|\.\d)"
)
MOST = 40
"""A text that names more items is a list of them and says little of each."""


def mentioned(prose: str, repository: str) -> tuple[str, ...]:
    """The items that a text in `repository` names, as "owner/name#12", each once, in the order of naming."""
    if "#" not in prose and "github.com/" not in prose:
        return ()
    found = tuple(dict.fromkeys(_mentions(prose, repository)))
    return found if len(found) <= MOST else ()


def _mentions(prose: str, repository: str) -> Iterator[str]:
    for match in _MENTION.finditer(prose):
        name = match["far"] or match["near"] or repository
        number = int(match["there"] or match["here"])
        if number:
            yield f"{name.casefold()}#{number}"


def place(evidence_id: str) -> str:
    """The name under which an item is mentioned: "issue:o/r#12" and "pr:o/r#12" are both "o/r#12"."""
    return evidence_id.partition(":")[2].casefold()
