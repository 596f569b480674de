"""Quotations in a sentence: word for word, out of the right item, as it read then, and not cut so that they mean the opposite.

Anybody can write anything into an issue, so a quotation proves nothing but that it was written. It may stand in a
sentence when the text it was taken from is cited, when it belongs to the item it stands next to, and when it was the
current text at the moment that the sentence is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from galaxy_desktop.reason import intrusion
from galaxy_desktop.reason.references import Reference, references
from galaxy_desktop.reason.wording import plain

QUOTED = re.compile(r'"([^"]{2,200})"')
_SINGLE = re.compile(r"(?<![\w'])'([^'\"]{3,160}(?:'(?:s|t|re|ve|ll|d|m)\b[^'\"]*)?)'(?![\w'])")
_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|without|isn't|is not|cannot|un|non|nobody|nothing|fails to|stop|unlikely)|n't)"
    r"(?:\s+(?:yet|really|fully|quite|ever|been|be|being|a|an|the|any|to))*[\s-]*$",
    re.IGNORECASE,
)
_ELLIPSIS = "…"
_NEAR_BEFORE = re.compile(
    r"^[\s,(]*(?:titled|called|named|says|reads|asks|title|is titled|with the title)?[\s,:(]*$", re.IGNORECASE
)
_NEAR_AFTER = re.compile(r"^[\s,(]*(?:in|of|on|from)?[\s(]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Passages:
    """What people wrote, by evidence id, a title on the first line: `current` as it read at the moment in question, `outdated` as it read before or after."""

    current: Mapping[str, str]
    outdated: Mapping[str, Sequence[str]]
    people: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, current: Mapping[str, str], outdated: Mapping[str, Sequence[str]], people: Iterable[str]) -> Passages:
        """Everything in its plain spelling."""
        return cls(
            {i: plain(text) for i, text in current.items()},
            {i: tuple(plain(text) for text in texts) for i, texts in outdated.items()},
            tuple(name.casefold() for name in people if len(name) > 1),
            {i: plain(text.partition("\n")[0]).casefold().strip(" .,") for i, text in current.items()},
        )

    def titled(self, quoted: str, ids: Iterable[str]) -> tuple[str, ...]:
        """The cited evidence whose title (the first line of its text) is the quotation."""
        wanted = quoted.casefold().strip(" .,")
        return tuple(i for i in ids if self.titles.get(i) == wanted)

    def hold(self, quoted: str, ids: Iterable[str]) -> bool:
        """Whether one of the cited texts has these words."""
        return any(_holds(self.current.get(i, ""), quoted.casefold().strip()) for i in ids)


def double_quoted(text: str) -> str:
    """A plain text with its 'single' quotation marks doubled; apostrophes stay."""
    return text if '"' in text else _SINGLE.sub(r'"\1"', text)


def why_not(text: str, ids: Sequence[str], passages: Passages, facts: str) -> str | None:
    """The first reason against the quotations of a plain text, or `None`; `facts` is what code says, in lower case."""
    for match in QUOTED.finditer(text):
        quoted = match[1].casefold().strip()
        if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", quoted) for name in passages.people):
            return "quotes words about a person"
        sources = tuple(i for i in ids if _holds(passages.current.get(i, ""), quoted))
        titled = passages.titled(quoted, sources)
        if any(intrusion.instructs(text) for text in (match[1], *(passages.current[i] for i in sources if not titled))):
            return "quotes an instruction from outside"
        in_facts = re.search(rf"(?<!\w){re.escape(quoted.strip(' .,'))}(?!\w)", facts) is not None
        if not sources and not in_facts:
            old = any(_holds(one, quoted) for i in ids for one in passages.outdated.get(i, ()))
            return "quotes words that were not current then" if old else "quotes what the evidence does not say"
        beside = neighbor(text, match)
        if beside is not None and not any(beside.is_id(i) for i in sources):
            return "quotes one item's words as another's"
    return "quotes what the evidence does not say" if '"' in QUOTED.sub("", text) else None


def _holds(passage: str, quoted: str) -> bool:
    """Whether a passage has these words: whole words, and no "not" cut off in front of them."""
    lowered = passage.casefold()
    bare = quoted.strip(" .,").removesuffix(_ELLIPSIS).rstrip(" .")
    if not bare:
        return False
    if lowered.strip(" .,") == bare:
        return True
    if len(bare.split()) < 2:
        return False
    for found in re.finditer(rf"(?<!\w){re.escape(bare)}(?!\w)", lowered):
        if not _NEGATION.search(lowered[: found.start()]):
            return True
    return False


def neighbor(text: str, match: re.Match[str]) -> Reference | None:
    """The item that a quotation stands next to."""
    found = references(QUOTED.sub(lambda one: " " * len(one.group()), text))
    for one in found:
        if one.end <= match.start() and _NEAR_BEFORE.match(text[one.end : match.start()]):
            return one
    for one in found:
        if one.at >= match.end() and _NEAR_AFTER.match(text[match.end() : one.at]):
            return one
    return None
