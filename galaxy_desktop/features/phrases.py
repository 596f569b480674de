"""Sentences that say one item waits for another, and those that only sound like it.

A claim needs three things: a phrase of dependency, a reference right after (or before) it, and a subject that is the
item itself ("this", "we", nothing at all) or another reference. Everything else counts against it: a negation, a
question, a condition, a guess, the past, quotation marks, somebody else's subject. What fails is no claim; the
reference then stays a plain mention. When in doubt we say nothing, because a wrong edge moves the forecast.

In the texts looked at here a reference is already replaced by a mark that holds its index, see `coded`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from galaxy_desktop.features.references import Reference

OPEN_MARK, CLOSE_MARK = "\ue001", "\ue002"


class Relation(StrEnum):
    """What the subject of a claim has to do with the item it names."""

    WAITS_FOR = "waits for"
    HOLDS_UP = "holds up"
    STACKED_ON = "stacked on"
    CLOSES = "closes"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement: `subject` is the index of a reference, `None` the item whose text this is; `target` likewise.

    `denied` marks the statement that the relation does *not* hold: it takes back what was said earlier.
    """

    relation: Relation
    subject: int | None
    target: int
    confidence: float
    denied: bool = False


REF = rf"{OPEN_MARK}\d+{CLOSE_MARK}"
_NOUNS = r"(?:issues?|prs?|pull[ -]requests?|tickets?|tasks?|bugs?|stor(?:y|ies)|mrs?)"
_NOUN = rf"(?:the\s+)?{_NOUNS}\s+"
_VIA = (
    r"(?:the\s+)?(?:(?:new|old|updated)\s+)?(?:changes?|work|code|fix(?:es)?|merge|merging|completion|resolution|landing"
    r"|implementation|api|outcome|refactor(?:ing)?|rewrite|rework|clean-?up|migration|patch(?:es)?|commits?|branch|feature"
    r"|helpers?|functions?|class(?:es)?|modules?|types?|schema|endpoints?|fields?|columns?|options?|support)"
    r"\s+(?:introduced\s+|made\s+|added\s+|done\s+)?(?:in|from|of|by|for|on)\s+"
)
_LINKED = rf"(?:\[?{REF}(?:\]\({REF}\))?|\[[^\]\n]{{1,60}}\]\({REF}\))"
_AND = r"\s*(?:,\s*and|,\s*or|,|and|or|&|\+|\n)\s*(?:also\s+|now\s+|then\s+)?(?:on\s+|by\s+|for\s+)?"
_LIST = rf"(?P<refs>(?:both\s+|either\s+)?(?:{_NOUN})?{_LINKED}(?:{_AND}(?:{_NOUN})?{_LINKED})*)"
_TO = rf"[*_]{{0,3}}\s*(?::|-|–|\|)?\s*[*_]*\s*(?:{_VIA})?{_LIST}"
_FIRST_COMMITS = r"(?:the\s+)?(?:(?:first|last|latest)\s+)?(?:\w+\s+)?commits?\s+(?:of|from|in)\s+"
_ONTO = rf"\s*:?\s*(?:{_FIRST_COMMITS})?{_LIST}"
_START = r"(?<![\w\-/])"
_HOW = r"(?:\s+(?:here|now|\w+ly))?"

_MERGED = r"(?:merged|in|landed|done|closed|fixed|resolved|released|finished|completed|ready|shipped|deployed)"
_LANDS = (
    rf"(?:(?:is|are|gets?|has\s+been|have\s+been)\s+{_MERGED}\b|lands?\b|merges\b|ships\b|goes\s+in\b|has\s+landed\b)"
)
_ACT = (
    r"(?:start(?:ed)?|begin|begun|continued?|resumed?|finish(?:ed)?|proceed|go\s+(?:on|ahead|in)|pick(?:ed)?|take(?:n)?|rebased?"
    r"|merged?|land(?:ed)?|shipp?(?:ed)?|released?|updated?|work(?:ed)?|re-?vis(?:it|ited)|review(?:ed)?|completed?|done|do)"
)
_OPEN = (
    r"(?:open|unresolved|unmerged|unfinished|pending|in\s+progress|not\s+(?:merged|done|in|fixed|finished|resolved))\b"
)
_OBJECT = r"up|on|with|this|it|here|the\s+\w+|this\s+\w+|my\s+\w+"
_LAND = r"(?:merge[ds]?|land(?:s|ed)?|go(?:es)?\s+in|be\s+(?:merged|done|finished|fixed|resolved|completed|closed|released|reviewed))"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(_START + pattern, re.IGNORECASE)


_PATTERNS: tuple[tuple[Relation, float, re.Pattern[str]], ...] = (
    (
        Relation.WAITS_FOR,
        0.9,
        _compiled(rf"(?:blocked|held\s+up|gated|stalled|delayed){_HOW}(?:\s+|-)(?:by|on)\b{_TO}"),
    ),
    (
        Relation.WAITS_FOR,
        0.9,
        _compiled(
            rf"(?:depend(?:s|ing|ent)?{_HOW}(?:\s+|-)(?:up)?on|(?:a\s+)?dependenc(?:y|ies)(?:\s+on)?|depends\s*:)(?!\w){_TO}"
        ),
    ),
    (
        Relation.WAITS_FOR,
        0.9,
        _compiled(rf"(?:prerequisites?|pre-requisites?|blockers?)(?:\s+{_NOUNS})?(?:\s+is|\s+are)?\s*:{_TO}"),
    ),
    (
        Relation.WAITS_FOR,
        0.85,
        _compiled(
            rf"(?:the|our|my|its)\s+(?:(?:only|main|current|last|remaining|biggest|one|next)\s+)*blockers?\s+"
            rf"(?:here\s+|now\s+|left\s+)?(?:is|are)\s+(?:still\s+|now\s+)?{_LIST}"
        ),
    ),
    (Relation.WAITS_FOR, 0.85, _compiled(rf"requires?\b{_TO}")),
    (Relation.WAITS_FOR, 0.8, _compiled(rf"needs?\b{_TO}")),
    (Relation.WAITS_FOR, 0.85, _compiled(rf"(?:wait(?:s|ing)?\s+(?:for|on)|await(?:s|ing)?|pending)\b{_TO}")),
    (
        Relation.WAITS_FOR,
        0.85,
        _compiled(
            rf"(?:on\s+hold|wait(?:s|ing)?|blocked|hold(?:ing)?(?:\s+off)?(?:\s+on\s+(?:merging|reviewing|this|it))?"
            rf"|not\s+(?:yet\s+)?(?:ready|mergeable|finished|complete)|postponed|deferred|parked|paused|frozen|draft)\s+until\s+(?:after\s+)?{_LIST}"
        ),
    ),
    (Relation.WAITS_FOR, 0.8, _compiled(rf"(?:after|once|as\s+soon\s+as)\s+{_LIST}\s+{_LANDS}")),
    (
        Relation.WAITS_FOR,
        0.8,
        _compiled(
            rf"(?:(?:i|we)(?:\s+(?:will|can|shall|plan\s+to|am\s+going\s+to|are\s+going\s+to)|[’']ll)\s+(?:only\s+|then\s+)?"
            rf"|(?:this|it)\s+(?:will|can|shall)\s+(?:only\s+)?(?:be\s+)?){_ACT}(?:\s+(?:{_OBJECT})){{0,3}}"
            rf"\s+(?:only\s+)?(?:after|once|when|as\s+soon\s+as)\s+{_LIST}\s+{_LANDS}"
        ),
    ),
    (
        Relation.WAITS_FOR,
        0.8,
        _compiled(
            rf"(?:should|must|can|to|needs?\s+to|has\s+to|please|only)\s+(?:only\s+)?(?:be\s+)?{_LAND}\s+(?:only\s+)?after\s+{_LIST}"
        ),
    ),
    (
        Relation.WAITS_FOR,
        0.85,
        _compiled(
            rf"(?:can(?:'|’)?t|can\s?not|must\s+not|do\s+not|don(?:'|’)t|should\s+not|shouldn(?:'|’)t|won(?:'|’)t)\s+(?:yet\s+)?(?:be\s+)?(?:merged?|land(?:ed)?|start(?:ed)?|proceed|continued?|finish(?:ed)?|close[d]?|released?|shipp?(?:ed)?|review(?:ed)?|done|go\s+in)\s+(?:this\s+|it\s+)?(?:until|before)\s+{_LIST}"
        ),
    ),
    (
        Relation.WAITS_FOR,
        0.8,
        _compiled(
            rf"(?:can(?:'|’)?t|can\s?not|must\s+not|should\s+not|shouldn(?:'|’)t)\s+(?:yet\s+)?(?:be\s+)?{_ACT}\s+"
            rf"(?:this\s+|it\s+)?(?:while|as\s+long\s+as)\s+{_LIST}\s+(?:is|are)\s+(?:still\s+)?{_OPEN}"
        ),
    ),
    (
        Relation.WAITS_FOR,
        0.8,
        _compiled(
            rf"(?:can(?:'|’)?t|can\s?not|won(?:'|’)t|will\s+not|does(?:\s+not|n(?:'|’)t))\s+(?:yet\s+)?(?:be\s+)?"
            rf"(?:{_ACT}|work|build|compile|pass|run)\s+(?:this\s+|it\s+)?without\s+{_LIST}"
        ),
    ),
    (Relation.WAITS_FOR, 0.8, _compiled(rf"(?:merge|land)\s+(?:this\s+|it\s+)?(?:only\s+)?after\s+{_LIST}")),
    (
        Relation.WAITS_FOR,
        0.8,
        _compiled(
            rf"when\s+{_LIST}\s+{_LANDS}\s*,?\s+(?:then\s+)?(?:this|it|we|i)(?:\s+(?:can|will)|[’']ll)\s+(?:be\s+)?{_ACT}\b"
        ),
    ),
    (Relation.HOLDS_UP, 0.8, _compiled(rf"(?:merge|land)\s+(?:this|it)\s+before\s+{_LIST}")),
    (Relation.HOLDS_UP, 0.85, _compiled(rf"(?:a\s+|the\s+)?dependency\s+(?:of|for)\s+{_LIST}")),
    (Relation.HOLDS_UP, 0.9, _compiled(rf"block(?:s|ing)(?:\s+for)?\b{_TO}")),
    (
        Relation.HOLDS_UP,
        0.85,
        _compiled(
            rf"(?:a\s+|the\s+)?(?:blocker|prerequisite|pre-requisite|precondition|requirement)\s+(?:for|of|to)\b{_TO}"
        ),
    ),
    (Relation.HOLDS_UP, 0.85, _compiled(rf"(?:required|needed|necessary)\s+(?:by|for)\b{_TO}")),
    (Relation.HOLDS_UP, 0.85, _compiled(rf"(?:unblocks|will\s+(?:also\s+|then\s+)?unblock)\b{_TO}")),
    (
        Relation.HOLDS_UP,
        0.85,
        _compiled(rf"(?:should|must|needs?\s+to|has\s+to)\s+(?:be\s+)?{_LAND}\s+before\s+{_LIST}"),
    ),
    (
        Relation.STACKED_ON,
        0.7,
        _compiled(
            rf"(?:built|builds|based|stacked|sits|rebased)(?:\s+on\s+top\s+of|\s+atop|(?<!rebased)\s+on)(?:\s+of)?\b{_ONTO}"
        ),
    ),
    (Relation.STACKED_ON, 0.7, _compiled(rf"on\s+top\s+of\b{_ONTO}")),
)
_THIS = r"(?:this|us|it|me|here)\b(?!\s*(?:\w+\s+)?(?:#|\ue001))"
_COMES_FIRST = tuple(
    _compiled(pattern)
    for pattern in (
        rf"(?P<refs>{REF})\s+(?:(?:needs?|has|have)\s+to|must|should)\s+(?:first\s+)?(?:be\s+)?{_LAND}"
        rf"\s+(?:first\b|before\s+(?:this|we|it|that)\b)",
        rf"(?P<refs>{REF})\s+(?:currently\s+|still\s+)?(?:blocks|is\s+(?:currently\s+|still\s+)?blocking)\s+{_THIS}",
        rf"(?P<refs>{REF})\s+is\s+(?:a\s+|still\s+)?(?:prerequisite|precondition|blocker|required|needed|necessary)"
        rf"\s+(?:for|by|before)\s+{_THIS}",
        rf"(?:merge|land)\s+(?P<refs>{REF})\s+first\b",
        rf"first\s+(?P<refs>{REF})\s*,?\s+(?:and\s+)?then\s+{_THIS}",
    )
)
"""Sentences in which the blocker comes first and the item itself is "this"."""
_ON_THIS = (
    rf"(?:this|it)(?:\s+{_NOUNS}|\s+(?:one|change|patch|branch|work|fix))?"
    r"(?=\s*(?:[.,;:!)\n]|$)|\s+(?:to\s+be|first|before|and|too|as\s+well|now)\b)"
)
_COMES_LAST = (
    _compiled(
        rf"(?P<refs>{REF})\s+(?:(?:currently|still|also|now|directly|actually)\s+)*"
        rf"(?:depends\s+on|needs|requires|waits\s+(?:for|on)|is\s+(?:(?:currently|still|also|now)\s+)*"
        rf"(?:blocked\s+(?:by|on)|waiting\s+(?:for|on)|stuck\s+on|held\s+up\s+by))\s+{_ON_THIS}"
    ),
    _compiled(
        rf"(?P<refs>{REF})\s+(?:can(?:'|’)?t|can\s?not|must\s+not|should\s+not|shouldn(?:'|’)t)\s+(?:yet\s+)?(?:be\s+)?{_ACT}"
        rf"\s+(?:until|before)\s+{_ON_THIS}"
    ),
)
"""Sentences in which another item waits for "this"."""
_CLOSING = _compiled(rf"(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?)\b:?\s+(?P<refs>{REF})")

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')\]”]*\s+(?=[\"'(\[*_]*[A-Z0-9\ue001@-])|(?<=[!?;])\s+|\n(?=[*_]*[A-Z])")
_SIGNAL = re.compile(
    r"block|depend|requi|need|necess|wait|pend|hold|held|gated|stall|delay|paus|frozen|draft|when|while|without|long|after|once|soon|until|before|top of|base|buil|stack|sits|postp|defer|park"
    r"|precond|first",
    re.IGNORECASE,
)
"""One cheap look before the patterns: a sentence without any of these cannot match."""
_CLAUSE_END = re.compile(
    r"[,;:()\[\]|…]|\s[—–-]{1,2}\s|\b(?:but|and|so|because|since|then|though|although|as|however|hence|thus|therefore)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|unless|whether|suppose|supposing|assuming|imagine|hypothetically|in\s+case|e\.g|for\s+example|for\s+instance"
    r"|wonder(?:ing)?|not\s+sure|unsure|unclear|i\s+doubt|as\s+though|pretend|instead\s+of|rather\s+than|used\s+to|until\s+recently)\b",
    re.IGNORECASE,
)
_GUESS = re.compile(
    r"\b(?:might|may|could|would|maybe|perhaps|possibly|potentially|probably|presumably|apparently|seems?|looks?|appears?"
    r"|should|ought|wants?|want|wish|hope)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\b(?:not|no\s+longer|never|without|neither|nor|no|none|nothing|nobody|cannot|hardly|isnt|doesnt|dont|arent)\b|n[’']t\b)"
    r"(?!\s+(?:only|just|merely|solely)\b)",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:was|were|had|did|been\s+(?:removed|dropped)|previously|formerly|earlier|originally|initially|once|before|yesterday"
    r"|removes?|removed|removing|removal|drops?|dropped|dropping|avoids?|avoided|avoiding|stops?|stopped|breaks?|broke|ends?"
    r"|eliminates?|eliminated|resolves?|resolved|independent|unlike|untangles?)\b",
    re.IGNORECASE,
)
_DENIED_PARENTHESIS = re.compile(r"(?:\bnot|n[’']t),[^,]{1,40},\s*(?:\w+\s+){0,2}$", re.IGNORECASE)
_AFTERTHOUGHT = re.compile(r"\s*[,(]?\s*(?:any\s?more|no\s+more|no\s+longer)\b", re.IGNORECASE)
_FOLLOWED_BY_VERB = re.compile(
    r"[*_)]*\s+(?:is|are|was|were|has|have|had|will|would|can|could|should|does|did|do|depends|blocks|needs|requires|fixes|adds"
    r"|looks|seems|may|might|isn[’']t|doesn[’']t|itself|exists?|makes|got|became|shows?|got|goes)\b",
    re.IGNORECASE,
)
_AUX = (
    r"(?:(?:is|are|am|be|being|been|has|have|[’'](?:s|re|m|ve|ll)|will|still|also|currently|now|only|both|really|actually|just"
    r"|directly|partly|partially|mostly|mainly|strictly|entirely|hard|itself|already|technically|effectively|again|presently"
    r"|at\s+the\s+moment|temporarily|clearly|first|therefore|thus|sadly|unfortunately|all|kind\s+of|sort\s+of|not|no\s+longer"
    r"|never|do|does|don[’']t|doesn[’']t|isn[’']t|aren[’']t|a|the|got|get|gets|getting|put|marked|kept|stuck|to|need|needs"
    r"|must|please|let[’']s|better|can|go|should)\s+)*"
)
_THING = r"(?:one|pr|pull[ -]request|mr|issue|ticket|task|change|changes|patch|branch|work|bug|feature|fix|story|commit|series|part|item|set|is)"
_POLITE = re.compile(
    r"^[^\w\ue000\ue001]*(?:(?:please|first|now|currently|i\s+think|let[’']s|and|we\s+(?:must|need\s+to))\s+)*$",
    re.IGNORECASE,
)
_WORK = r"(?:work|progress|merging|landing|reviews?|reviewing)\s+(?:on\s+|of\s+)?(?:this|here|it)(?:\s+one)?\s+"
_SELF = re.compile(
    rf"^[^\w\ue000\ue001@'’]*(?:\[[ xX]\]\s*)?(?:@[\w-]+\s+)*(?:note(?:\s+that)?\s+|(?:update|status|edit|wip|draft)\s+)?"
    rf"(?:(?:now|currently|at\s+the\s+moment|however|also|sadly|unfortunately)\s+)?"
    rf"(?:{_WORK}|(?:this|it|which|that|we|i|here|there)\s*(?:{_THING}(?:\s+|(?=['’])))?|(?:the\s+present|my|our|current)\s+{_THING}\s+|(?:pr|issue|merge|merging)\s+)?"
    rf"{_AUX}$",
    re.IGNORECASE,
)
_OTHER = re.compile(rf"(?P<subject>{REF})[*_)]*(?:\s*,?\s*which)?\s+{_AUX}$", re.IGNORECASE)
_CREDIT = re.compile(r"\s+by\s+[@\w]", re.IGNORECASE)
"""'Based on #12 by @somebody' gives credit: the work was taken over, nothing waits."""
_ELSEWHERE = re.compile(
    r"\b(?:have|has|had|got|made|pushed|another|different)\s+(?:an?\s+)?(?:\w+\s+)?(?:branch|fork|patch|commit)\b"
    r"|(?:https?://\S+|\])\s*\(\s*$",
    re.IGNORECASE,
)
"""'I have a branch, it is based on #12' and 'https://.../commit/abc (based on #12)' speak of other work than this."""
_LAST_AFTER_COMMA = re.compile(rf",\s*{REF}\s*$")
_LINK_TEXT = re.compile(rf"(?<=\[){REF}(?=\]\({REF}\))")
_SPACES = re.compile(r"\s{2,}|\t")
_FARTHEST_BACK = 400
"""Characters before a phrase that are looked at: more would make a hostile text slow, and no sentence is longer."""
_INDEX = re.compile(rf"{OPEN_MARK}(\d+){CLOSE_MARK}")


def coded(plain: str, found: Iterable[tuple[int, Reference]], offset: int) -> str:
    """A block of masked text that begins at `offset`, with each numbered reference replaced by a mark of its number.

    Runs of white space become one: several patterns for blanks in a row must not fight over ten thousand of them.
    """
    pieces: list[str] = []
    position = 0
    for number, reference in found:
        start, end = reference.start - offset, reference.end - offset
        pieces += [plain[position:start], f"{OPEN_MARK}{number}{CLOSE_MARK}"]
        position = end
    text = "".join((*pieces, plain[position:]))
    return _SPACES.sub(lambda run: "\n" if "\n" in run.group() else " ", text)


def indices(text: str) -> list[int]:
    """The indices of the references in a coded text."""
    return [int(index) for index in _INDEX.findall(text)]


def dependency_claims(block: str) -> Iterator[Claim]:
    """Claims that one item waits for another in a coded block."""
    if OPEN_MARK not in block:
        return
    for sentence in _SENTENCE_END.split(block):
        if OPEN_MARK not in sentence or not _SIGNAL.search(sentence) or _is_question(sentence):
            continue
        for relation, confidence, pattern in _PATTERNS:
            for match in pattern.finditer(sentence):
                yield from _claims(sentence, match, relation, confidence)
        for pattern in _COMES_FIRST:
            for match in pattern.finditer(sentence):
                if _believable(sentence, match) and _POLITE.match(_clause(sentence, match)):
                    yield from (Claim(Relation.WAITS_FOR, None, i, 0.8) for i in indices(match["refs"]))
        for pattern in _COMES_LAST:
            for match in pattern.finditer(sentence):
                if _believable(sentence, match) and _POLITE.match(_clause(sentence, match)):
                    yield from (Claim(Relation.HOLDS_UP, None, i, 0.8) for i in indices(match["refs"]))


def closing_claims(block: str) -> Iterator[Claim]:
    """Claims that a pull request closes an issue: GitHub's keywords, each for the one reference right after it."""
    if OPEN_MARK not in block:
        return
    for sentence in _SENTENCE_END.split(block):
        if OPEN_MARK not in sentence or _is_question(sentence):
            continue
        for match in _CLOSING.finditer(sentence):
            clause = _clause(sentence, match)
            if _believable(sentence, match) and not (_DENIED.search(clause) or _GUESS.search(clause)):
                yield from (Claim(Relation.CLOSES, None, i, 0.95) for i in indices(match["refs"]))


def _claims(sentence: str, match: re.Match[str], relation: Relation, confidence: float) -> Iterator[Claim]:
    clause = _clause(sentence, match)
    if relation is Relation.STACKED_ON and (
        _CREDIT.match(sentence, match.end()) or _ELSEWHERE.search(_before(sentence, match))
    ):
        return
    targets = indices(_LINK_TEXT.sub("", match["refs"]))
    if len(targets) > 1 and _FOLLOWED_BY_VERB.match(sentence, match.end()):
        targets = targets[:-1] if _LAST_AFTER_COMMA.search(match["refs"]) else []
    if not targets or not _believable(sentence, match) or _GUESS.search(clause) or _PAST.search(clause):
        return
    subject = _subject(clause)
    if subject == ():
        return
    denied = bool(
        _DENIED.search(clause)
        or _DENIED_PARENTHESIS.search(_before(sentence, match))
        or _AFTERTHOUGHT.match(sentence, match.end())
    )
    for target in targets:
        yield Claim(relation, subject[0] if subject else None, target, confidence, denied)


def _subject(clause: str) -> tuple[int, ...] | None:
    """`None` for the item itself, one index for another reference, empty when somebody else is meant."""
    if _SELF.match(clause):
        return None
    other = _OTHER.search(clause)
    return (indices(other["subject"])[0],) if other else ()


def _clause(sentence: str, match: re.Match[str]) -> str:
    """The words of the clause that stand before the phrase."""
    before = _before(sentence, match)
    ends = [m.end() for m in _CLAUSE_END.finditer(before)]
    return before[ends[-1] :] if ends else before


def _before(sentence: str, match: re.Match[str]) -> str:
    return sentence[max(0, match.start() - _FARTHEST_BACK) : match.start()]


def _believable(sentence: str, match: re.Match[str]) -> bool:
    """Neither conditional nor quoted; the phrase itself may hold such words."""
    before = _before(sentence, match)
    if _CONDITION.search(before):
        return False
    quotes = before.count('"') + before.count("“") - before.count("”")
    return quotes % 2 == 0 and not before.rstrip(" *_").endswith(("'", "‘", "«", "`"))


def _is_question(sentence: str) -> bool:
    return sentence.rstrip(" *_)\"'”").endswith("?")
