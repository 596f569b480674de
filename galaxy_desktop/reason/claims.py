"""The words that claim something about work: done, blocked, late, healthy, critical, because, likely, and so on.

A sentence without a single number can still be a lie. So every word of this vocabulary that a clause uses must be
said by the fact that supports the clause; "not" in front of it makes it another word. The vocabulary is small and
on the safe side: a true sentence that is worded unusually is removed, a false one is not kept.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CLAIMS: dict[str, str] = {
    # states of work
    "done": r"done|finish\w*|completed?|closed|closes|closing|merg\w+|resolv\w+|fixed|deliver\w*|shipp\w+|solved|ready",
    "open": r"open|remain\w*|left|unfinished|outstanding|unresolved|incomplete",
    "created": r"opened|created|filed|reported",
    "started": r"started|begun|in progress|under way|underway|ongoing",
    "blocked": r"blocked|held up|depends? on|depending on|waits? on|waiting on",
    "did block": r"(?<!is )(?<!are )(?<!been )(?<!was )(?<!were )(?<!being )(?<!still )(?<!currently )blocked(?! by)",
    "blocks": r"blocks|blocking|blockers?|holds up|holding up",
    "late": r"overdue|late|delay\w*|behind|slip\w*|miss(?:ed|es)?|past (?:its|the) (?:due|end)\w*|passed|postpon\w*",
    "in time": r"on time|on track|in time|on schedule|ahead|early|will land|lands?",
    "red": r"red|fail\w*|broken|breaks?|broke|crash\w*",
    "green": r"green|pass(?:es|ing)|succe\w+|healthy build",
    "waiting": r"wait\w*|pending|await\w*|unreviewed",
    "review": r"review\w*|approv\w*",
    "idle": r"idle|silent|silence|stale|stuck|inactiv\w*|quiet|untouched|no activity",
    "active": r"activ\w+|mov(?:es|ing)|busy",
    "added": r"added|adds|adding|new scope|joined",
    "removed": r"removed|removing|dropp\w*|drops?",
    "up": r"increas\w*|grew|grow\w*|rose|ris(?:e|es|en|ing)|rais\w+|higher|gain\w*|improv\w*|better|speed\w*",
    "down": r"decreas\w*|fell|fall\w*|declin\w*|lower\w*|reduc\w*|worse\w*|shrink\w*|shrank|los(?:es|ing|t)|slow\w*",
    "moved": r"moved|shift\w*|reschedul\w*|extend\w*",
    "owner": r"owners?|owned|assign\w*",
    "criteria": r"criteria|checklists?",
    "conflict": r"conflict\w*|collid\w*|overlap\w*",
    "duplicate": r"duplicat\w*",
    "split": r"split\w*",
    "overload": r"overload\w*|overwork\w*|burnout|busiest",
    # severity and health
    "critical": r"critical\w*|severe\w*|urgent\w*|emergenc\w*|catastroph\w*|disast\w*|alarming\w*",
    "high": r"high",
    "medium": r"medium|moderate\w*",
    "low": r"low",
    "sustain": r"sustain\w*",
    "observe": r"observ\w*",
    "act": r"act",
    "well": r"healthy|good|great|fine|safe\w*|strong\w*|excellent|smooth\w*|well|stable|solid|perfect\w*|comfortabl\w*",
    "unwell": r"unhealthy|bad|poor\w*|weak\w*|troubl\w*|danger\w*|in jeopardy|threat\w*|problem\w*|concern\w*|unstable",
    "risk": r"risks?|risky|at risk",
    # measures
    "probability": r"probab\w+|chances?|likelihood|odds|forecast\w*|confiden\w+",
    "health": r"health|score",
    "pace": r"throughput|velocity|pace|rate|per (?:working )?day|a day",
    "working days": r"(?:working|business|work)[ -]days?|weekdays?",
    "scope": r"scope",
    "age": r"age|aged|old|older|oldest|cycle time|lead time",
    "due": r"due(?! to)|deadline|ends?|ended|ending|end date",
    "ci": r"ci|builds?|pipelines?|workflows?|tests?",
    "mood": r"mood|negative\w*|positive\w*|frustrat\w*|ang(?:er|ry)|unhappy|happy|happi\w*|tension|sentiment|tone|morale",
    "size": r"files?|churn",
    # reasoning
    "cause": r"because|caus\w+|due to|leads? to|leading to|led to|results? in|resulted|therefore|thus|hence|why|reasons?",
    "modal": r"will|would|could|might|may|can|should|must|needs?|going to|expect\w*|predict\w*|plan\w*|intend\w*",
    "likely": r"likely|probably|presumably|apparently",
    "unlikely": r"unlikely|doubtful|improbabl\w*|impossible",
    "certain": r"certain\w*|guarant\w+|sure\w*|definite\w*|undoubtedly|obviously|clearly|confirmed|proven",
    "rank": r"highest|lowest|most|least|best|worst|biggest|largest|smallest|fastest|slowest|longest|main|only|first of all",
    "vague": r"all|every\w*|each|majority|minority|many|much|several|few|fewer|numerous|multiple|various|always|plenty"
    r"|hundreds?|thousands?|dozens|millions?|billions?|doubl\w+|tripl\w+|twice|thrice|couple|pair|both|entire\w*|whole"
    r"|more than|less than|over|under|above|below|exceed\w*|at least|at most|up to|within|mostly|largely|nearly|almost"
    r"|more|less|than|usual\w*|unusual\w*|normal\w*|typical\w*|average|too|enough|sufficient\w*",
    "before": r"before|until|till|prior",
    "after": r"after|since|following",
    "relative": r"today|tonight|tomorrow|yesterday|recent\w*|soon|next|last|this (?:week|month|year)|ago|now|lately",
}
_PATTERNS = {name: re.compile(rf"\b(?:{words})\b") for name, words in _CLAIMS.items()}
_SAME_WORD = frozenset({"vague", "relative", "rank", "modal"})
"""Classes whose words are not interchangeable: "all" is not "many", so the very word must be in the fact."""

_MEASURES = frozenset(("probability", "health", "pace", "scope", "age", "due", "ci", "mood", "size", "risk"))
"""Classes that name what a number measures; the others restrict what it is true of."""

_LIMITS = ("modal", "vague", "not", "likely", "unlikely", "relative", "rank")
_NEGATION = re.compile(
    r"\b(?:not|no|none|nothing|nobody|never|without|nor|neither|cannot|lacks?|lacking|hardly|barely|yet to|free of|zero)\b"
    r"|n't\b"
)
_UN = {"unassigned": "no owner", "unreviewed": "no review", "unblocked": "not blocked", "unblocks": "not blocks"}
_REACH = 25
"""How many characters behind a negation its object may begin."""


@lru_cache(maxsize=4096)
def claims(text: str) -> frozenset[str]:
    """The claims of a plain text or clause, each with "not " in front when it is denied."""
    lowered = text.casefold()
    for word, meaning in _UN.items():
        lowered = lowered.replace(word, meaning)
    denials = [match.end() for match in _NEGATION.finditer(lowered)]
    found: set[str] = set()
    denied = 0
    for name, pattern in _PATTERNS.items():
        for match in pattern.finditer(lowered):
            label = f"{name} {match.group()}" if name in _SAME_WORD else name
            if any(0 <= match.start() - end <= _REACH for end in denials):
                label, denied = f"not {label}", denied + 1
            found.add(label)
    if denials and not denied:
        found.add("not")
    if len(denials) > 1:
        found.add(f"not {len(denials)} times")
    return frozenset(found)


def restricting(found: frozenset[str]) -> frozenset[str]:
    """The claims that restrict a number: "14 items are done" is not about 14 items in general."""
    return found - _MEASURES


def limiting(found: frozenset[str]) -> frozenset[str]:
    """The claims without which a statement says more than it did: "would", "at most", "not", "likely"."""
    return frozenset(one for one in found if one.startswith(_LIMITS))
