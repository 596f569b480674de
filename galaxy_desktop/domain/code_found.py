"""Questions about the code of local clones, and what was found there; handed to the fact functions like other records."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from galaxy_desktop.domain.evidence import Evidence


class CodeWish(StrEnum):
    """What is asked of the code."""

    SEARCH = "search"
    SIMILAR = "similar"
    TESTS = "tests"


@dataclass(frozen=True, slots=True)
class CodeQuestion:
    """A wish with what it is about, in the words and the spelling of whoever asked: names of code have a case."""

    wish: CodeWish
    subject: str


@dataclass(frozen=True, slots=True)
class CodeFound:
    """Lines of a clone: "src/a.py, lines 3 to 9 (load)", why they were chosen, and their evidence."""

    words: str
    why: str
    evidence: Evidence


_ASKS = (
    (CodeWish.TESTS, re.compile(r"\b(?:which |what )?tests? (?:for|of|that (?:cover|test|check))\s+(?P<of>.+)", re.IGNORECASE)),
    (CodeWish.TESTS, re.compile(r"\b(?:which|what) tests (?:cover|check|exercise|belong to)\s+(?P<of>.+)", re.IGNORECASE)),
    (CodeWish.SIMILAR, re.compile(r"\bsimilar code\b(?:\s+(?:to|as|like))?\s*(?P<of>.*)", re.IGNORECASE | re.DOTALL)),
    (CodeWish.SIMILAR, re.compile(r"\bcode (?:like|similar to)\s+(?P<of>.+)", re.IGNORECASE | re.DOTALL)),
    (CodeWish.SEARCH, re.compile(r"\bwhere (?:is|are|do we|does the code)\s+(?P<of>.+?)\s+(?:implemented|defined|handled|in (?:the|our) code)\b", re.IGNORECASE)),
    (CodeWish.SEARCH, re.compile(r"\b(?:find|show|which|what) (?:me )?(?:the )?(?:code|function|class)s? (?:that|which|for|of|to)?\s*(?P<of>.+)", re.IGNORECASE)),
)  # fmt: skip


def code_question(question: str) -> CodeQuestion | None:
    """The question about code that somebody asks; `None` for one about something else."""
    for wish, pattern in _ASKS:
        found = pattern.search(question)
        if found is not None:
            subject = found["of"].strip().strip("?!.\"'“”`").strip()
            if subject:
                return CodeQuestion(wish, subject)
    return None
