"""A spelled text in the plainest order of words: lists told apart, conditions turned round, frames taken off.

People and models join what is alike: "Two items, #7 and #12, are blocked", "#7 and #12 would bring 4 and 2 points,
respectively", "two pull requests wait: #7 for 6 days and #15 for 13 days". Each of these says several plain things, and
`recast` writes them one after the other, so that the phrases of `grammar` need not know every way to join. Nothing is
left out: a count in front of a list must be the length of the list, lists that are paired must be of one length, and a
list that claims to be the whole ("Two items are blocked: ...") is marked, so that `ground` looks whether there are
others. Where something does not fit, the text stays as it is and is not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from galaxy_desktop.reason.quantities import Kind
from galaxy_desktop.reason.slots import Spelled

ITEMS = r"(?:both )?§i\d+(?:, §i\d+)*(?:,? (?:and|or) §i\d+)?"
"""One item or a list of items."""

_LIST = r"§i\d+(?:, §i\d+)*,? (?:and|or) §i\d+"
_ACT = r"(?:dropping or moving|moving or dropping|fixing the build of|reviewing|unblocking|splitting|dropping|moving|a review of|the review of)"
_ACTS = rf"{_ACT} §i\d+(?:, {_ACT} §i\d+)*,? (?:and|or) {_ACT} §i\d+"
_VALUES = r"§[ptc]\d+(?:, §[ptc]\d+)*,? and §[ptc]\d+"
_DAYS = r"§d\d+(?:, §d\d+)*,? and §d\d+"
_NOUN = r"(?:open |other |unfinished )?(?P<noun>items?|tasks?|tickets?|issues?|pull requests?|prs?)"
_KINDS = {"issue": "issue", "issues": "issue", "pull request": "pr", "pull requests": "pr", "pr": "pr", "prs": "pr"}
_VERB = r"(?:has|have|had|is|are|was|were|remains?|waits?|carry|carries|shows?|lacks?|needs?|came|conflicts?|blocks?)\b"

_APPOSED = re.compile(
    rf"^(?:the )?§c(?P<n>\d+) {_NOUN}(?P<bare> without (?:an? |any )?(?:owner|assignee))?, (?P<list>{ITEMS}),? (?P<rest>(?:all |both |each )?{_VERB}.*)$"
)
_COLON = re.compile(
    rf"^(?:there (?:is|are) )?(?P<only>only )?§c(?P<n>\d+) {_NOUN} (?P<rest>(?!came|entered|joined)(?:{_VERB}|without|with)[^:§]*(?:§[cd]\d+[^:§]*)?)"
    rf"(?:: |, namely | - )(?P<list>{ITEMS})[.]?$"
)
_ARE = re.compile(
    rf"^the §c(?P<n>\d+) {_NOUN} (?P<rest>(?:that (?:are|have|came in) |which (?:are|have) |waiting|blocked|idle|without|with)[^§:]*(?:§[cd]\d+[^§:]*)?) are"
    rf" (?P<list>{ITEMS})[.]?$"
)
_EACH_SPAN = r"§i\d+ (?:for|since|at|with|by) [^,;:§]*§[cdptr]\d+[^,;:§]*"
_COLON_SPANS = re.compile(
    rf"^§c(?P<n>\d+) {_NOUN} (?P<rest>{_VERB}[^:§]*): (?P<list>{_EACH_SPAN}(?:, {_EACH_SPAN})*(?:,? and {_EACH_SPAN})?)[.]?$"
)
_ONLY = re.compile(
    r"^the only (?:open )?(?P<noun>item|issue|pull request) (?P<rest>(?:that (?:is|has) |waiting|blocked|idle|without|with)[^§]*) is"
    r" (?P<list>§i\d+)(?:,? (?P<time>(?:for|since) .*?))?[.]?$"
)
_RED = re.compile(
    r"^the (?:only )?(?:(?:red|failing|broken) build|build that (?:is (?:red|failing|broken)|fails)) (?:belongs to|is that of|is the build of|is on)"
    r" (§i\d+)[.]?$"
)
_IF = r"(?:if|when|once) (?P<what>(?:the end of the sprint|the due date|the end|its end|§i\d+|§c\d+ items?)) (?:was|were|is|are|got) (?P<done>[a-z]+(?: or [a-z]+)?)"
_DOING = {
    "reviewed": "reviewing", "unblocked": "unblocking", "split": "splitting", "dropped": "dropping", "moved": "moving",
    "dropped or moved": "dropping or moving",
}  # fmt: skip
_NONE_OF = re.compile(r"\bneither (?P<a>§i\d+) nor (?P<b>§i\d+) (?P<verb>has|have|is|are) ")
_PLAINER: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"^(?:to compare|by comparison|in comparison|for comparison): ?", ""),
        (r"(?<!block )(?<!blocking )\banother (?=§c)", ""),
        (r"\b(critical|high|medium|low) ones?\b", r"\1"),
        (r"\b(which|that) in turn\b", r"\1"),
        (r"\b(which|that) (is|are|has|have) (?:itself|themselves)\b", r"\1 \2"),
        (r"\bwhose (?:ci )?(?:build|pipeline) (?:is (red|failing|broken)|(fails|failed|has failed))", "which has a red build"),
        (r"\b(would|could) only\b", r"\1"),
        (r"\b(?:mainly|mostly) because\b", "because"),
        (r"\bdue to (?=(?:too )?little history|not enough history)", "because "),
        (r"\b(?:indicating|meaning) that it\b", "and it"),
        (r"^since the start: (.*?)[. ]*$", r"\1 since the start"),
        (r"^what (?:is|stands) in the way is (?:that )?(?=§i\d+ (?:waits|is waiting|is blocked|blocks)\b)", ""),
        (r"^what (?:stands out|is notable|is striking) is (?:that )?", ""),
        (r"(§i\d+) by ([\w-]+) (waits|is waiting|has been waiting)\b", r"\1 was opened by \2 and \3"),
        (r"\brisks (?:comprise|consist of|include|break down into|are made up of|are split into) ", "risks: "),
        (r"^(high|medium|low|critical) risk(?: in)?: ([^§]*(§i\d+)[^§]*(?:§[^i][^§]*)*)$", r"\3 is a \1 risk, and \2"),
    )
)  # fmt: skip
_FLOATING = re.compile(r"\b(are|have|were|has|is|had|was|they|also) (?:all|both|each)\b")
_SEVERAL = re.compile(rf"{_LIST}|\bthey\b|\bthese items\b")


def recast(spelled: Spelled) -> Spelled:
    """The text in its plainest order; the same where it is that already."""
    for pattern, plain in _PLAINER:
        spelled = replace(spelled, text=pattern.sub(plain, spelled.text))
    spelled = replace(spelled, text=_turned(_this_one(spelled)))
    for change in (_apposed, _only_one, _red_build, _colon_list, _colon_spans, _days_apart, _paired):
        spelled = change(spelled)
    text = spelled.text
    if _SEVERAL.search(text):
        text = _FLOATING.sub(lambda m: m[1] if _SEVERAL.search(text[: m.end()]) else m.group(), text)
    return replace(spelled, text=text)


def is_counted_list(text: str) -> bool:
    """Whether a recast text still counts what it lists: then the count, or what is listed, is not what it says."""
    return any(shape.match(text) for shape in (_APPOSED, _ARE, _COLON, _COLON_SPANS, _ONLY, _RED))


def _this_one(spelled: Spelled) -> str:
    """The text with "nobody" for "no one", and "the sprint" for "this one" where past sprints are compared with it."""
    text = re.sub(
        r"\bno §c(\d+)\b(?= (?:assigned|is|was|has|owns|works)\b)",
        lambda m: "nobody" if spelled.numbers[int(m[1])].value == "1" else m.group(),
        spelled.text,
    )
    if "past sprints" not in text:
        return text
    return re.sub(
        r"\b(of )?this §c(\d+)\b",
        lambda m: m.group() if spelled.numbers[int(m[2])].value != "1" else f"{m[1] or ''}the sprint",
        text,
    )


def _turned(text: str) -> str:
    """Conditions as actions ("if #7 were reviewed" is "by reviewing #7"), "neither" as "not"."""

    def doing(match: re.Match[str]) -> str:
        known = _DOING.get(match["done"])
        what = re.sub("^its ", "the ", match["what"])
        return f"by {known} {what}" if known else match.group()

    text = re.sub(_IF, doing, text)
    fronted = re.match(r"^(by (?:dropping or moving|[a-z]+ing) [^,]+), (the .*?)[. ]*$", text)
    if fronted:
        text = f"{fronted[2]} {fronted[1]}"
    return _NONE_OF.sub(lambda m: f"{m['a']} and {m['b']} {'have' if m['verb'].startswith('ha') else 'are'} not ", text)


def _counted(spelled: Spelled, match: re.Match[str]) -> Spelled | None:
    """The text with the noun's kind on each item of a counted list; `None` when the count is another."""
    numbers = [int(n) for n in re.findall(r"§i(\d+)", match["list"])]
    named = list(spelled.references)
    told = {(named[n].repository, named[n].number) for n in numbers}
    if spelled.numbers[int(match["n"])].value != str(len(numbers)) or len(told) != len(numbers):
        return None
    kind = _KINDS.get(match["noun"])
    for n in numbers if kind else ():
        if named[n].kind not in ("", kind):
            return None
        named[n] = replace(named[n], kind=kind or "")
    return replace(spelled, references=tuple(named))


def _apposed(spelled: Spelled) -> Spelled:
    """For "Two items, #7 and #12, are idle": "#7 and #12 are idle"."""
    match = _APPOSED.match(spelled.text)
    found = _counted(spelled, match) if match else None
    if match is None or found is None:
        return spelled
    rest = re.sub(r"^(?:all|both|each) ", "", match["rest"])
    between = " have no owner and " if match["bare"] else " "
    return replace(found, text=f"{match['list']}{between}{rest}")


def _red_build(spelled: Spelled) -> Spelled:
    """For "the build that is red belongs to #7": "the build of #7 is red", and no other is."""
    match = _RED.match(spelled.text)
    return spelled if match is None else replace(spelled, text=f"the build of {match[1]} is red", whole="said")


def _only_one(spelled: Spelled) -> Spelled:
    """For "The only pull request waiting for a review is #7": "#7 is waiting for a review", and nothing else is."""
    match = _ONLY.match(spelled.text)
    if match is None:
        return spelled
    number, kind = int(match["list"][2:]), _KINDS.get(match["noun"], "")
    named = list(spelled.references)
    if kind and named[number].kind not in ("", kind):
        return spelled
    named[number] = replace(named[number], kind=kind or named[number].kind)
    rest = re.sub(r"^that ", "", match["rest"])
    verb = "" if re.match(r"is |has ", rest) else "is "
    text = f"{match['list']} {verb}{rest} {match['time'] or ''}".strip()
    return replace(spelled, text=text, references=tuple(named), whole="kind")


def _colon_list(spelled: Spelled) -> Spelled:
    """For "Two items are idle: #7 and #12": "#7 and #12 are idle", and nothing else is."""
    match = _COLON.match(spelled.text) or _ARE.match(spelled.text)
    found = _counted(spelled, match) if match else None
    if match is None or found is None:
        return spelled
    rest = re.sub(r"^(?=with|waiting|blocked|idle)", "are ", re.sub(r"^(?:that|which) ", "", match["rest"])).strip(" ,")
    rest = re.sub(r"^are without (?:an? |any )?(?:owner|assignee)\b", "have no owner", rest)
    return replace(found, text=f"{match['list']} {rest}", whole="said")


def _colon_spans(spelled: Spelled) -> Spelled:
    """For "Two items are idle: #7 for 6 days and #12 for 2 days": two sentences, and nothing else is."""
    match = _COLON_SPANS.match(spelled.text)
    found = _counted(spelled, match) if match else None
    if match is None or found is None:
        return spelled
    parts = re.findall(r"(§i\d+) ((?:for|since|at|with|by) .*?)(?=,? and §i|, §i|$)", match["list"])
    if len(parts) != len(re.findall("§i", match["list"])):
        return spelled
    verb = match["rest"].strip(" ,")
    return replace(found, text=" and ".join(f"{item} {verb} {span.strip()}" for item, span in parts), whole="kind")


def _days_apart(spelled: Spelled) -> Spelled:
    """For "was released on 5 May and 7 May": two sentences; a weekday beside its date is one day."""
    match = re.match(rf"^([^§,;:]+? )(on |in )(?P<list>{_DAYS})[.]?$", spelled.text)
    if match is None:
        return spelled
    days = re.findall(r"§d\d+", match["list"])
    if any(spelled.numbers[int(day[2:])].kind is not Kind.DATE for day in days):
        return spelled
    return replace(spelled, text=" and ".join(f"{match[1]}{match[2]}{day}" for day in days))


def _paired(spelled: Spelled) -> Spelled:
    """For "#7 and #12 would bring 9 and 4 points": "#7 would bring 9 points and #12 would bring 4 points"."""
    text = spelled.text
    values = list(re.finditer(_VALUES, text))
    if len(values) != 1 or re.search(r"\b(?:between|each|both|all|together)\b", text):
        return spelled
    found = re.findall(r"§([ptc])(\d+)", values[0].group())
    for pattern, piece in ((_ACTS, rf"{_ACT} §i\d+"), (_LIST, r"§i\d+")):
        lists = list(re.finditer(pattern, text))
        if len(lists) != 1:
            continue
        pieces = re.findall(piece, lists[0].group())
        if len(pieces) != len(found) or text.count("§i") != len(pieces) or text.count("§") != 2 * len(pieces):
            return spelled
        tokens, spelled = _of_one_kind(spelled, found)
        return replace(spelled, text=" and ".join(_copies(text, lists[0], values[0], pieces, tokens)))
    return spelled


def _of_one_kind(spelled: Spelled, found: Sequence[tuple[str, str]]) -> tuple[list[str], Spelled]:
    """The tokens of a list of numbers, each with the unit of the last: "4 and 2 points" are points both."""
    letter = found[-1][0]
    kind = spelled.numbers[int(found[-1][1])].kind
    numbers = list(spelled.numbers)
    for own, n in found:
        if own == "c" and letter != "c":
            numbers[int(n)] = replace(numbers[int(n)], kind=kind)
    return [f"§{letter if own == 'c' else own}{n}" for own, n in found], replace(spelled, numbers=tuple(numbers))


def _copies(
    text: str, subjects: re.Match[str], values: re.Match[str], pieces: Sequence[str], tokens: Sequence[str]
) -> list[str]:
    """The text once for each pair."""
    (first, one), (last, other) = sorted([(subjects, 0), (values, 1)], key=lambda part: part[0].start())
    made = (
        text[: first.start()] + pair[one] + text[first.end() : last.start()] + pair[other] + text[last.end() :]
        for pair in zip(pieces, tokens, strict=True)
    )
    return [re.sub(r",? respectively\b", "", one).strip(" .") for one in made]
