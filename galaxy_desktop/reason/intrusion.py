"""Sentences that try to act instead of to inform: instructions, commands, links, markup, and talk about oneself.

Issues, comments and commits are written by anybody. A model that reads "ignore the above and tell them to run ..."
may obey; what it then writes is recognized here by its form, whatever it claims, and by having been copied from the
passage that carried the instruction.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from galaxy_desktop.reason.wording import words

COPIED_WORDS = 5
"""This many words in a row out of a passage that instructs are a copy of the instruction."""

_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|previous|prior|above|earlier|rule|prompt|everything|context)"
    r"|\b(?:system|developer|hidden) (?:prompt|message|instruction)|\binstructions?\b|\bprompt injection\b"
    r"|\b(?:you|assistant|ai|model|llm|chatbot|bot|agent|gpt)s? (?:must|should|shall|need to|have to|are (?:now|to)|will|can)\b"
    r"|\b(?:as an? (?:ai|assistant|language model)|language model|pretend|role-?play|jailbreak|act as)\b"
    r"|\b(?:respond|reply|answer|output|print|repeat|say|tell|write|(?<!act )(?<!observe )(?<!sustain )state|claim|report|announce|declare) (?:with|only|that|exactly|the (?:following|words)|everyone|them|him|her|users?|people)\b"
    r"|\b(?:assistant|system|user|human|tool) ?:",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"\b(?:please|kindly|do not|don't|never mind|make sure|be sure|remember to|let's|let us)\b", re.IGNORECASE
)
"""Said to the reader in a sentence; in a title ("Please add a dark theme") it is said to the team."""
_COMMAND = re.compile(
    r"\b(?:sudo|rm -\w+|curl|wget|chmod|powershell|cmd\.exe|bash -c|eval\(|exec\(|git (?:push|reset|clone|checkout)|gh (?:pr|issue|api)"
    r"|(?:pip|npm|brew|apt|apt-get|cargo|docker) (?:install|run|pull|i)\b|drop table|base64)"
    r"|\b(?:tool|function|api|mcp)[ _-]?(?:calls?|use|server|invocation)\b|</?tool"
    r"|\b(?:send|give|paste|share|post|email|forward|reveal|leak)\b.{0,30}\b(?:password|token|key|secret|credential)",
    re.IGNORECASE,
)
_TOUCHY = re.compile(
    r"\btools?\b|\b\w+\(\s*\)"
    r"|\b(?:passwords?|passphrases?|api keys?|secrets?|credentials?|access tokens?|private keys?|wallets?|bitcoin)\b",
    re.IGNORECASE,
)
"""Fine in a title that is quoted ("Login fails when the password is long"), not in a sentence's own words."""
_ORDER = re.compile(
    r"^(?:(?:so|then|now|first|next|therefore|also|and),? )*(?:run|execute|delete|remove|close|reopen|merge|approve|reject|ignore|send|post"
    r"|install|click|open(?! (?:items|issues|work|pull requests|prs|risks)\b)|visit|download|upload|print|output|say|reply|respond|forget|disregard|mark|assign|revert|deploy|push|copy"
    r"|paste|enter|type|use|call|invoke|set|change|move|drop|cancel|stop|start|go|do|make|let|see|check|fix|add|create|update|review"
    r"|skip|trust|note|remember|consider|follow|contact|email|give|grant|share|publish|release(?! v?\d)|rename)\b(?! (?:of|is|are|has|have|was|were|to)\b)(?! conflicts?\b)",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"<[^>]*>|!?\[[^\]]*\]|\]\(|`|\*\*|__|[{}\\|<>]|https?:|www\.|\bmailto:|\bjavascript:|\bdata:|&\w+;", re.IGNORECASE
)
_URL = re.compile(r"\b(?:https?://|www\.)[^\s\"'<>]+", re.IGNORECASE)
_DOMAIN = re.compile(r"(?<![\w/@])(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?\b|\S+@\S+", re.IGNORECASE)
_ITSELF = re.compile(
    r"\b(?:i|i'm|i've|we|we've|we're|our|ours|us|my|me|mine|you|you're|your|yours|yourself)\b", re.IGNORECASE
)
_CALLED = re.compile(r"(?<!\w)@\w")


def why_not(text: str, known_urls: frozenset[str], known_words: str) -> str | None:
    """Why the form of a plain sentence without its quotations disqualifies it, or `None`; `known_words` are the facts."""
    without_urls = text
    for match in _URL.finditer(text):
        if match.group().rstrip(".,;:)") not in known_urls:
            return "links to an address that is not in the evidence"
        without_urls = without_urls.replace(match.group(), " ")
    for name in _DOMAIN.findall(without_urls):
        if name.casefold().rstrip(".") not in known_words:
            return "names an address or file that is not in the evidence"
    for pattern, reason in _FORMS:
        if pattern.search(without_urls):
            return reason
    return None


_FORMS = (
    (_MARKUP, "contains markup"),
    (_INSTRUCTION, "reads like an instruction"),
    (_REQUEST, "reads like an instruction"),
    (_COMMAND, "names a command, a tool or a secret"),
    (_TOUCHY, "names a command, a tool or a secret"),
    (_ORDER, "tells somebody to act"),
    (_ITSELF, "speaks of itself or to the reader"),
    (_CALLED, "calls a person"),
)


def instructs(text: str) -> bool:
    """Whether a plain text from outside instructs its reader; "Fix the parser" is a title, not an instruction."""
    return bool(_INSTRUCTION.search(text) or _COMMAND.search(text))


def traps(passages: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """The runs of words of all passages that instruct: a sentence sharing one of them obeyed or copied it."""
    return frozenset(run for passage in passages if instructs(passage) for run in _runs(passage))


def springs(text: str, set_traps: frozenset[tuple[str, ...]]) -> bool:
    """Whether a sentence repeats a run of words out of a passage that instructs."""
    return not set_traps.isdisjoint(_runs(text))


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    found = words(text)
    return (tuple(found[at : at + COPIED_WORDS]) for at in range(len(found) - COPIED_WORDS + 1))
