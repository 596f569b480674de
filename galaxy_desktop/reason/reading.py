"""Sentences read as claims: which fact each part of a sentence states, about what, with which values.

The phrases of `grammar` are laid over the text from left to right until they cover all of it. Between them may only
stand words that join ("and", "while", "which"); "because" is none of them, a cause is a claim of its own. Who a part is
about is settled by simple rules: an item that stands in front, the one spoken of before, for "which" the one named
last. "It" means nothing when several items were named.

The same reading is used for facts and for sentences. What a sentence says beyond the phrases makes it unreadable; then
only a fact that says the same in its own words can support it (see `clauses`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from galaxy_desktop.reason import grammar, slots
from galaxy_desktop.reason.compound import FROM_BEFORE, MAKERS, SPRINT, TIMED, Claim, Value, caused
from galaxy_desktop.reason.recast import ITEMS, is_counted_list, recast
from galaxy_desktop.reason.references import Reference
from galaxy_desktop.reason.slots import Amount, Days, Spelled

Resolve = Callable[[Reference], str | None]
"""The item that a text names, as "owner/name#7"; `None` when it is unknown or could be several."""


@dataclass(frozen=True, slots=True)
class State:
    """What was spoken of so far: `about` are the present subjects, `last` the items named last, `named` all of them.

    `before` is what the last phrase said: what is left out behind it is taken from there.
    """

    about: tuple[str, ...] | None = None
    last: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    joint: str = ""
    before: tuple[Claim, ...] = ()


_EVENTS = ("closed", "merged", "created", "author", "released", "last deployed")
_NUMBERS = frozenset(
    ("n", "total", "pct", "pct2", "pts", "runs", "repos", "oa", "ob", "base", "share", "rest", "far", "usual")
)
_STARTS_ANEW = re.compile(r"(?:§i|it |they |has |have |is |are |was |were |remains? |waits? )")
_OF_THE_WHOLE = ("decides", "raises")
"""What "which" in front of these means: all that was said before them."""
_OF_ONE = ("effect", "loss", "best")
"""What one action does; two actions do something else together."""
_PASTS = ("idle", "working", "waiting")
_FILLERS = re.compile(
    r"\b(?:currently|at present|at the moment|at this point|right now|so far|to date|overall|in total|also|too|however|meanwhile"
    r"|additionally|furthermore|moreover|in addition|notably|still|already|as of (?:now|today)|according to the (?:forecast|facts|data|evidence)"
    r"|(?:in|for|of|within|on) (?:the|this) (?:current )?sprint(?!'s)|by now|at this time|actually|in fact|once again|as well)\b"
)
_CONTRACTED = (
    ("hasn't", "has not"), ("haven't", "have not"), ("isn't", "is not"), ("aren't", "are not"), ("can't", "cannot"),
    ("it's been", "it has been"), ("it's", "it is"), ("there's", "there is"), ("that's", "that is"), ("n't", " not"),
)  # fmt: skip
_JOINS = "and|but|while|whereas|although|though|yet|with|which|that|including|of which|because|since|as|given that|plus"
_ENDS = rf"(?=\s*(?:[,;:.()]|-\s|$|(?:{_JOINS})\b))(?!\.\d)"
"""Behind a phrase comes the end, or what joins it to the next one."""
_PLAIN_JOIN = re.compile(rf"(?:\s*(?:[,;:.()]|-(?=\s)|\bweighs most:|\b(?:{_JOINS})\b))+\s*")
_CAUSE = re.compile(r"\b(?:because|since|as|given that|weighs most:)")
_END = re.compile(r"[\s.,;)]*$")
_GOES_ON = re.compile(
    r"(?:it|its|has|have|had|is|are|was|were|leaving|leaves|showing|lists|with|gives|giving|holds|faces|stands)\b"
)
"""How a phrase begins that says more of the subject before it: behind an item it cannot be about the sprint."""
_ITEM = (
    r"(?:(?:the |this )?(?:pull requests? |issues? |prs? |items? )?(?:both )?§i\d+(?:(?:,? and|,) (?:the )?§i\d+)*"
    r"|it|they|them|both|this (?:pull request|issue|pr|item|one)|the (?:pull request|issue|pr|item)|(?:these|both) (?:items|issues|pull requests))"
)
_QUOTE_AFTER = re.compile(r"(§i\d+),? (?:\(§q\d+\)|(?:titled |called |named )?§q\d+)(?:,(?= ))?")
_QUOTE_BEFORE = re.compile(r"§q\d+,? \(?(§i\d+)\)?")
_WITHOUT_OWNER = re.compile(r",? without (?:an? |any )?(?:owner|assignee)\b")
_INSERTED = re.compile(
    r"^((?:the |this )?(?:sprint|forecast|(?:pull request |issue |pr |item )?§i\d+)), (?:which |that )?"
    r"((?:is|has|have|are|rests on|draws on|due|waiting|blocked|idle|opened|assigned|labeled|merged|closed|unreviewed|with)\b[^,]*), ((?!and\b|but\b).+)$"
)
"""Something between commas behind the subject: "PR #7, opened by dana, was merged" says two things of it."""
_FRONTED = re.compile(
    rf"^((?:for|since|by|on) (?:{grammar.SLOTS['span']}|{grammar.SLOTS['day']})|by (?:its|the) due date(?: of {grammar.SLOTS['day']})?"
    r"|since (?:it (?:started|began)|(?:the|its) (?:start|beginning))), (.+?)[. ]*$"
)
_TIME = rf"(?:for (?:the (?:last|past) )?(?:{grammar.SLOTS['span']})|(?:in|over) the (?:last|past) (?:{grammar.SLOTS['span']})|(?:ever )?since (?:{grammar.SLOTS['day']})|{grammar.SLOTS['span']})"
_COMPOSED = {
    "time": _TIME,
    "ago": rf"(?:{grammar.SLOTS['span']}) ago",
    "onday": rf"(?:on |by |in )?(?:{grammar.SLOTS['day']})",
    "pastday": rf"(?:on |in )?(?:{grammar.SLOTS['day']})",
    "item": _ITEM,
    "noneof": rf"(?:{ITEMS}|it|them|both)",
    "sinceday": grammar.SLOTS["day"],
    "when": grammar.SLOTS["day"],
    "by": grammar.SLOTS["day"],
    "from": grammar.SLOTS["day"],
    "more": grammar.SLOTS["span"],
    "than": r"§i\d+",
    "total": grammar.SLOTS["n"],
    "pct2": grammar.SLOTS["pct"],
}


@dataclass(frozen=True, slots=True)
class _Phrase:
    kind: str
    pattern: re.Pattern[str]
    of_item: bool
    verb: bool


@cache
def _phrases() -> tuple[_Phrase, ...]:
    """All phrases as patterns; those of items may begin with the item."""
    found = []
    for kind, text in grammar.ITEM:
        front = "" if "<item>" in text else "(?:<item>:? )?"
        found.append(_Phrase(kind, _compiled(front + text), of_item=True, verb=False))
    found += [_Phrase(kind, _compiled(text), of_item=False, verb=False) for kind, text in grammar.SPRINT]
    front = "(?:(?:the|this) sprint |it )?"
    found += [_Phrase(kind, _compiled(front + text), of_item=False, verb=True) for kind, text in grammar.SPRINT_VERBS]
    return tuple(found)


def _compiled(text: str) -> re.Pattern[str]:
    """A phrase as a pattern; every slot gets a group of its own, numbered because names may stand there twice."""
    counter = iter(range(1000))

    def group(match: re.Match[str]) -> str:
        name = match[1]
        inside = _COMPOSED.get(name) or grammar.SLOTS[name]
        return f"(?P<{name}_{next(counter)}>{inside})"

    # A slot is written <name>; the groups of regular expressions, "(?P<name>", are made here only.
    return re.compile(re.sub(r"<([a-z]+2?)>", group, text) + _ENDS)


def tidied(spelled: Spelled) -> Spelled:
    """The text without what says nothing: fillers, contractions, and titles next to the item that carries them."""
    text = spelled.text
    for short, long in _CONTRACTED:
        text = text.replace(short, long)
    text = _QUOTE_BEFORE.sub(r"\1", _QUOTE_AFTER.sub(r"\1", text))
    text = " ".join(_FILLERS.sub(" ", text).split())
    for mark in ",.:;":
        text = text.replace(f" {mark}", mark)
    text = re.sub(r"\b(are|have|were|has|is) both\b", r"\1", text)
    text = re.sub(r",(?:\s*,)+", ",", text).strip(" ,")
    spelled = recast(replace(spelled, text=text))
    text = spelled.text
    text = _WITHOUT_OWNER.sub(" and has no owner", text)
    text = _INSERTED.sub(r"\1 \2, and \3", text)
    fronted = _FRONTED.match(text)
    return replace(spelled, text=f"{fronted[2]} {fronted[1]}" if fronted else text)


class Reader:
    """Reads one text; `resolve` tells which item a reference means, `today` what relative days count from."""

    def __init__(self, spelled: Spelled, resolve: Resolve, today: date | None, alone: str | None = None) -> None:
        self._spelled = tidied(spelled)
        self.names_all = self._spelled.whole
        self.is_list = is_counted_list(self._spelled.text)
        self._resolve = resolve
        self._today = today
        self._alone = alone
        self._dead: set[tuple[int, State]] = set()
        self._matches: dict[int, list[tuple[_Phrase, re.Match[str]]]] = {}

    def readings(self, holds: Callable[[Claim], bool] = lambda _: True) -> Iterator[tuple[Claim, ...]]:
        """Every way to read the whole text in which each claim holds."""
        self._dead.clear()
        match = re.match(r"(?:with|and|but|while|although|though|at) ", self._spelled.text)
        starts = [0, match.end()] if match else [0]
        for start in starts:
            for claims in self._from(start, State(), holds):
                # "One critical risk and one critical risk" says two of what is one.
                if len(set(claims)) == len(claims):
                    yield claims

    def _from(self, at: int, state: State, holds: Callable[[Claim], bool]) -> Iterator[tuple[Claim, ...]]:
        """Every reading from a place on; where there was none once, nobody looks again."""
        if (at, state) in self._dead:
            return
        some = False
        for found in self._phrases_at(at, state, holds):
            some = True
            yield found
        if not some:
            self._dead.add((at, state))

    def _phrases_at(self, at: int, state: State, holds: Callable[[Claim], bool]) -> Iterator[tuple[Claim, ...]]:
        text = self._spelled.text
        for phrase, match in self._matches_at(at):
            taken = self._take(phrase, match, state)
            if taken is None:
                continue
            claims, after = taken
            if state.joint == "cause":
                reason = caused(state.before, claims)
                if reason is None:
                    continue
                claims = (*claims, *reason)
            claims = (*claims, *_shared(match.group(), claims, state))
            if not all(holds(claim) for claim in claims):
                continue
            if _END.match(text, match.end()):
                yield claims
                continue
            for end, joint in _joints(text, match.end()):
                about = after.last if joint == "which" and after.last else after.about
                for rest in self._from(end, replace(after, joint=joint, about=about), holds):
                    yield (*claims, *rest)

    def _matches_at(self, at: int) -> list[tuple[_Phrase, re.Match[str]]]:
        """The phrases that fit the words from a place on, looked for once."""
        if at not in self._matches:
            text = self._spelled.text
            tried = ((phrase, phrase.pattern.match(text, at)) for phrase in _phrases())
            self._matches[at] = [(phrase, match) for phrase, match in tried if match is not None and match.end() > at]
        return self._matches[at]

    def _take(self, phrase: _Phrase, match: re.Match[str], state: State) -> tuple[tuple[Claim, ...], State] | None:
        """The claims that a phrase makes at this place, and what was spoken of after it; `None` when it cannot be."""
        groups = [(name.partition("_")[0], words) for name, words in match.groupdict().items() if words is not None]
        named_here = any(name == "item" for name, _ in groups)
        if phrase.kind in FROM_BEFORE:
            subjects: tuple[str, ...] | None = None if named_here else state.about or (SPRINT,)
        else:
            subjects = self._subjects(groups, state) if phrase.of_item else self._of_sprint(phrase, match, state)
        if phrase.kind in _OF_THE_WHOLE and not named_here and state.before:
            # "#7 waits for #12, which decides the end": the waiting decides it, not #12.
            subjects = tuple(claim.subject for claim in state.before)
        if not subjects or (phrase.kind in _OF_ONE and len(subjects) > 1):
            return None
        values = self._values(phrase, groups)
        if values is None:
            return None
        others = tuple(key for _, value in values if isinstance(value, frozenset) for key in sorted(value))
        if set(others) & set(subjects):
            return None
        named = state.named | (set(subjects) - {SPRINT}) | set(others)
        last = others or (subjects if phrase.of_item else ())
        maker = MAKERS.get(phrase.kind)
        claims = (
            maker(subjects, values, state.before)
            if maker is not None
            else tuple(Claim(phrase.kind, subject, values) for subject in subjects)
        )
        if not claims:
            return None
        return claims, State(about=subjects, last=last, named=frozenset(named), before=claims)

    def _subjects(self, groups: list[tuple[str, str]], state: State) -> tuple[str, ...] | None:
        """Which items a phrase is about; none when that cannot be told."""
        for name, words in groups:
            if name in ("item", "noneof"):
                return self._items(words, state)
        for name, words in groups:
            if name == "act":
                if "§i" in words:
                    return self._items(words[words.index("§i") :], state)
                return self._items("it", state) if re.search(r" (?:it|this)\b", words) else (SPRINT,)
        return state.about if state.about != (SPRINT,) else None

    def _of_sprint(self, phrase: _Phrase, match: re.Match[str], state: State) -> tuple[str, ...] | None:
        """The sprint, where a phrase can be about it at this place."""
        if phrase.verb:
            return (SPRINT,) if self._sprint_speaks(match, state) else None
        of_item = state.about not in (None, (SPRINT,))
        return None if of_item and (state.joint == "with" or _GOES_ON.match(match.group())) else (SPRINT,)

    def _items(self, words: str, state: State) -> tuple[str, ...] | None:
        """The items behind "§i0 and §i1" or "it"; `None` when one cannot be told."""
        if "§i" in words:
            keys = tuple(self._resolve(self._spelled.references[int(n)]) for n in re.findall(r"§i(\d+)", words))
            return tuple(key for key in keys if key is not None) if None not in keys else None
        if words.startswith(("both", "they", "them", "these")):
            return (
                state.about if state.about is not None and len(state.about) > 1 and SPRINT not in state.about else None
            )
        if state.about is not None and SPRINT in state.about:
            return None
        if state.named:
            return state.about if state.about is not None and len(state.named) == 1 else None
        return (self._alone,) if self._alone else None

    def _sprint_speaks(self, match: re.Match[str], state: State) -> bool:
        """Whether the sprint is the subject of a phrase that needs it: named here, or spoken of before."""
        if re.match(r"(?:the|this) sprint ", match.group()):
            return True
        if match.group().startswith("it "):
            return state.about == (SPRINT,) and not state.named
        return state.about == (SPRINT,)

    def _values(self, phrase: _Phrase, groups: list[tuple[str, str]]) -> tuple[tuple[str, Value], ...] | None:
        """What the slots hold; `None` when one of them cannot be read."""
        found: list[tuple[str, Value]] = []
        for name, words in groups:
            if name in ("item", "noneof"):
                continue
            read = (
                self._happened(words)
                if name == "ago" and phrase.kind in _EVENTS
                else self._value(name, words, phrase.kind)
            )
            if read is None:
                return None
            found += read
        return tuple(found)

    def _value(self, name: str, words: str, kind: str = "") -> list[tuple[str, Value]] | None:
        spelled = self._spelled
        if name == "time":
            return self._time(words)
        if name in ("span", "ago", "more"):
            length = slots.span(words.removesuffix(" ago"), spelled)
            return None if length is None else [("span" if name == "ago" else name, length)]
        if name == "pastday":
            past = slots.days(re.sub(r"^(?:on|in) ", "", words), spelled, self._today, back=True)
            return None if slots.is_ahead(past, self._today) else [("when", past)]
        if name in ("when", "by", "from", "onday", "day"):
            back = kind in _EVENTS or kind in _PASTS
            days = slots.days(re.sub(r"^(?:on|by|in) ", "", words), spelled, self._today, back=back)
            return [("since" if name == "onday" and kind in _PASTS else "when" if name == "onday" else name, days)]
        if name == "ratio":
            return self._ratio(words)
        if name == "score":
            return self._score(words)
        if name == "sinceday":
            return [("since", slots.days(words, spelled, self._today, back=True))]
        if name == "times":
            times = slots.times(words, spelled)
            return None if times is None else [(name, times)]
        if name in _NUMBERS:
            number = slots.amount(words, spelled)
            return None if number is None else [(name, number)]
        if name in ("items", "than"):
            keys = [self._resolve(spelled.references[int(n)]) for n in re.findall(r"§i(\d+)", words)]
            return None if None in keys else [(name, frozenset(key for key in keys if key is not None))]
        if name == "name" and words.startswith("§q"):
            return [(name, spelled.quotes[int(words[2:])].casefold().strip(" ."))]
        return _doing(words, spelled) if name == "act" else [(name, words)]

    def _happened(self, words: str) -> list[tuple[str, Value]]:
        return [("when", slots.days(words, self._spelled, self._today, back=True))]

    def _time(self, words: str) -> list[tuple[str, Value]] | None:
        since = re.match(r"(?:ever )?since (.*)", words)
        if since:
            return [("since", slots.days(since[1], self._spelled, self._today, back=True))]
        bare = re.sub(r"^(?:for|in|over) (?:the (?:last|past) )?", "", words)
        length = slots.span(bare, self._spelled)
        return None if length is None else [("span", length)]

    def _ratio(self, words: str) -> list[tuple[str, Value]] | None:
        both = slots.ratio(words, self._spelled)
        if both is None:
            return None
        operator = slots.operator(words)
        return [("n", Amount(both[0], both[0], operator)), ("total", Amount(both[1], both[1]))]

    def _score(self, words: str) -> list[tuple[str, Value]] | None:
        both = slots.ratio(words, self._spelled)
        if both is not None:
            return [("score", Amount(both[0], both[0], slots.operator(words)))] if both[1] == 100 else None
        number = slots.amount(words, self._spelled)
        return None if number is None else [("score", number)]


def _shared(words: str, claims: tuple[Claim, ...], state: State) -> tuple[Claim, ...]:
    """What a time behind two states says of the first: "idle and waiting for a review for 2 days" is 2 days of each."""
    if state.joint != "plain" or _STARTS_ANEW.match(words) or not all(c.kind in TIMED and c.values for c in claims):
        return ()
    open_ones = [c for c in state.before if c.kind in TIMED and not c.values]
    return tuple(Claim(one.kind, one.subject, claims[0].values) for one in open_ones)


def _doing(words: str, spelled: Spelled) -> list[tuple[str, Value]] | None:
    """What an action does, and to how many items where it says a number of them."""
    act: list[tuple[str, Value]] = [("act", re.sub(r" (?:(?:the|all|both) )?§.*| (?:it|this .*)$", "", words))]
    if "§c" not in words:
        return act
    many = slots.amount(words[words.index("§c") :], spelled)
    return None if many is None else [*act, ("many", many)]


def _joints(text: str, at: int) -> Iterator[tuple[int, str]]:
    """Where the next phrase can begin behind joining words, and what kind of joint that is."""
    match = _PLAIN_JOIN.match(text, at)
    if match is None:
        return
    words = match.group()
    kind = (
        "cause"
        if _CAUSE.search(words)
        else "which"
        if re.search(r"(?<!of )\b(?:which|that)\b", words)
        else "with"
        if re.search(r"\bwith\b|\bincluding\b", words)
        else "plain"
    )
    yield match.end(), kind
    since = re.search(r"\bsince $", words)
    if since is not None and words[: since.start()].strip():
        # "for 1 day, since 5 May" gives no reason.
        yield match.start() + since.start(), "plain"


def exact(claim: Claim) -> Mapping[str, Value] | None:
    """The values of a claim that is a fact: numbers and days without limits; `None` when one is none."""
    found: dict[str, Value] = {}
    for name, value in claim.values:
        if isinstance(value, Amount) and value.exact is None:
            return None
        if isinstance(value, Days) and (
            len(value.spans) != 1 or value.spans[0][0] != value.spans[0][1] or value.weekday
        ):
            return None
        found[name] = value
    return found
