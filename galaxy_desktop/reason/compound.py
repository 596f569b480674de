"""Phrases that say several things at once, and phrases that leave out what the one before them said.

"2 items came in after the start: #7 and #12" states a count and something of each item. "..., and #12 for 2 days" leaves
out what lasts; "one day before the due date" and "which is more than the 62 % of this sprint" compare with the number in
front of them. Each maker turns the values of such a phrase into plain claims, or into nothing when it cannot be told
what is meant: a gap is filled from the phrase directly before it and from nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from galaxy_desktop.reason.slots import Amount, Days

Value = Amount | Days | frozenset[str] | str

SPRINT = ""
"""The subject of a claim about the sprint as a whole."""

TIMED = ("idle", "waiting", "working")
_BOTH = re.compile(r",? (?:both|all)$")
_RISK_NAMES = {"stuck": "stuck item"}
_MORE = ("more", "higher", "larger")


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing said: a kind of fact, the item it is about (`SPRINT` for the sprint), and its values by slot.

    A slot can stand there twice ("by Wednesday, by 13 May"); both must be true.
    """

    kind: str
    subject: str
    values: tuple[tuple[str, Value], ...] = ()

    def get(self, name: str) -> Value | None:
        """The first value of a slot."""
        return next((value for key, value in self.values if key == name), None)


Claims = tuple[Claim, ...]
Subjects = tuple[str, ...]
Values = tuple[tuple[str, Value], ...]
Maker = Callable[[Subjects, Values, Claims], Claims | None]
"""From the subjects and values of a phrase, and the claims of the phrase before it."""


def caused(before: Claims, claims: Claims) -> Claims | None:
    """What "because" says beside its two parts: that one is the reason for the other, both of the same subject."""
    effects = {_label(claim) for claim in before if claim.kind != "cause"}
    about = {claim.subject for claim in before}
    reasons = {claim.kind for claim in claims if claim.subject in about}
    if len(effects) != 1 or len(reasons) != 1 or about != {claim.subject for claim in claims if claim.kind in reasons}:
        return None
    values: Values = (("of", effects.pop()), ("by", reasons.pop()))
    return tuple(Claim("cause", subject, values) for subject in sorted(about))


def _label(claim: Claim) -> str:
    kind = claim.get("rkind")
    return f"risk {kind}" if claim.kind == "risk" and kind is not None else claim.kind


def _labels(subjects: Subjects, values: Values, _: Claims) -> Claims:
    return tuple(Claim("label", subject, (value,)) for subject in subjects for value in values)


def _joined_list(_: Subjects, values: Values, __: Claims) -> Claims | None:
    """How many came in, and which: all of them, or some "and 3 more"."""
    held = dict(values)
    number, items, rest = held.get("n"), held.get("items"), held.get("rest")
    if not isinstance(number, Amount) or not isinstance(items, frozenset):
        return None
    more = rest.low if isinstance(rest, Amount) else Fraction(0)
    if number.exact != len(items) + more:
        return None
    claims = [Claim("added", SPRINT, (("n", number),))]
    claims += [Claim("joined", item) for item in sorted(items)]
    based = tuple((name, held[name]) for name in ("base", "share") if name in held)
    return (*claims, Claim("added base", SPRINT, based)) if based else tuple(claims)


def _named_risks(subjects: Subjects, values: Values, _: Claims) -> Claims | None:
    held = dict(values)
    number, severity, listed = held.get("n"), held.get("sev"), held.get("rlist")
    if not isinstance(number, Amount) or severity is None or len(subjects) != 1:
        return None
    kinds = [re.sub(r"^(?:an?|the) ", "", one) for one in re.split(r",? and |, ", _BOTH.sub("", str(listed)))]
    kinds = [one.removeprefix("risk of ").removesuffix(" risk") for one in kinds]
    if len(set(kinds)) != len(kinds) or number.exact != len(kinds):
        return None
    return tuple(Claim("risk", subjects[0], (("rkind", kind), ("sev", severity))) for kind in kinds)


def _the_risks(subjects: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "the two high risks": these are all that there are."""
    named = _named_risks(subjects, values, before)
    count = tuple((name, value) for name, value in values if name in ("n", "sev"))
    return None if named is None else (*named, Claim("severity", SPRINT, count))


def _only_risk(subjects: Subjects, values: Values, _: Claims) -> Claims | None:
    severity = dict(values).get("sev")
    if severity is None or len(subjects) != 1:
        return None
    one: Values = (("n", Amount(Fraction(1), Fraction(1))), ("sev", severity))
    return (Claim("risk", subjects[0], values), Claim("severity", SPRINT, one))


def _bare_risk(subjects: Subjects, values: Values, before: Claims) -> Claims | None:
    """A risk behind the count of its severity: "one is high: the stale review of #7"."""
    if before and all(claim.kind == "risk" and claim.get("sev") is None for claim in before):
        return tuple(Claim("risk", subject, values) for subject in subjects)
    counts = [claim for claim in before if claim.kind in ("severity", "severity of")]
    severity = counts[0].get("sev") if len(counts) == len(before) == 1 else None
    number = counts[0].get("n") if severity is not None else None
    if severity is None or not isinstance(number, Amount) or number.exact != 1 or len(subjects) != 1:
        return None
    return (Claim("risk", subjects[0], (*values, ("sev", severity))),)


def _again(subjects: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "#7 has been idle for 6 days and #12 for 2": what lasts is the same."""
    kinds = {claim.kind for claim in before}
    if len(kinds) != 1 or not kinds <= set(TIMED) or not any(len(claim.values) for claim in before):
        return None
    kind = kinds.pop()
    return tuple(Claim(kind, subject, values) for subject in subjects)


def _raises(subjects: Subjects, _: Values, before: Claims) -> Claims | None:
    """For "..., which raises the risk": said of what stands directly before it."""
    kinds = {claim.kind for claim in before if claim.kind != "cause"}
    if len(kinds) != 1 or {claim.subject for claim in before} != set(subjects):
        return None
    return tuple(Claim("raises", subject, (("by", kind),)) for kind in kinds for subject in subjects)


def _late_again(subjects: Subjects, values: Values, before: Claims) -> Claims | None:
    if {claim.kind for claim in before} != {"late item"} or set(subjects) & {claim.subject for claim in before}:
        return None
    return tuple(Claim("late item", subject, values) for subject in subjects)


def _effect_again(_: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "..., raising it by 9 points": the action is the one just named."""
    if len(before) != 1 or before[0].kind not in ("best", "effect"):
        return None
    doing = tuple(pair for pair in before[0].values if pair[0] in ("act", "many"))
    return (Claim("effect", before[0].subject, (*doing, *values)),)


def _effect_by(subjects: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "..., reviewing #7 by 3": what the action does to the probability is what the one before does."""
    if len(before) != 1 or before[0].kind not in ("best", "effect") or len(subjects) != 1:
        return None
    return (Claim("effect", subjects[0], values),)


def _effect_item(subjects: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "..., and #12 by 6 points": the same action with another item."""
    if (
        len(before) != 1
        or before[0].kind != "effect"
        or len(subjects) != 1
        or subjects[0] in (SPRINT, before[0].subject)
    ):
        return None
    doing = tuple(pair for pair in before[0].values if pair[0] == "act")
    return (Claim("effect", subjects[0], (*doing, *values)),) if before[0].subject != SPRINT else None


def _rise(subjects: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "..., which would rise to 71 % by reviewing #7": said of the chance just named."""
    if len(before) != 1 or before[0].kind != "chance" or before[0].get("by") is not None or len(subjects) != 1:
        return None
    return (Claim("effect", subjects[0], values),)


def _share_again(_: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "12 of 20 items are done (60 %)"."""
    kinds = {"progress": "share", "open items": "openratio", "openratio": "openratio"}
    if len(before) != 1 or before[0].kind not in kinds:
        return None
    return (Claim(kinds[before[0].kind], SPRINT, (*before[0].values, *values)),)


def _odds_goal(_: Subjects, values: Values, __: Claims) -> Claims:
    """Odds of landing by a day: they are those of the due date."""
    days: Claims = tuple(Claim("due", SPRINT, (("when", value),)) for name, value in values if name == "by")
    return (Claim("odds", SPRINT, tuple(pair for pair in values if pair[0] in ("oa", "ob"))), *days)


def _far_again(_: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "..., of which there are 4": what was needed is what there are so many of."""
    return (Claim("needs items", SPRINT, values),) if [claim.kind for claim in before] == ["needs items"] else None


def _unticked(_: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "3 of 8 boxes are ticked, leaving 5 unticked": the rest of the boxes just counted."""
    said = dict(values).get("n")
    ticked, total = (before[0].get("n"), before[0].get("total")) if len(before) == 1 else (None, None)
    if before and before[0].kind != "ticked":
        return None
    if not isinstance(said, Amount) or not isinstance(ticked, Amount) or not isinstance(total, Amount):
        return None
    return (_larger(total, ticked, "more"),) if said.exact == total.low - ticked.low and not ticked.operator else None


def _part_again(_: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "flow has a health of 40 and mood of 70": what is scored is the health."""
    return (Claim("part", SPRINT, values),) if [claim.kind for claim in before] == ["part"] else None


def _named_risk(subjects: Subjects, values: Values, _: Claims) -> Claims:
    kind = str(dict(values)["rname"])
    return tuple(Claim("risk", subject, (("rkind", _RISK_NAMES.get(kind, kind)),)) for subject in subjects)


def _outdoes(subjects: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "more than unblocking #12 would": the points of the action before are compared with those of this one."""
    if len(before) != 1 or before[0].kind != "effect" or len(subjects) != 1:
        return None
    mine = before[0].get("pts")
    rest = tuple(pair for pair in values if pair[0] != "cmp")
    if not isinstance(mine, Amount):
        return None
    return (Claim("outdoes", subjects[0], (*rest, ("cmp", dict(values)["cmp"]), ("other", mine))),)


def _gap_day(_: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "..., one day before the due date": said of the day just named."""
    if len(before) != 1 or before[0].kind != "chance" or before[0].get("by") is None:
        return None
    known = tuple(pair for pair in before[0].values if pair[0] in ("pct", "by"))
    return (Claim("level gap", SPRINT, (*known, *values)),)


def _before_due(_: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "..., 7 days before the due date": said of today, where no other day was named."""
    dated = any(isinstance(value, Days) for claim in before for _, value in claim.values)
    return None if dated or not before else (Claim("days left", SPRINT, values),)


def _versus(_: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "..., which is higher than the 62 % probability of this one": said of the share just named."""
    held = dict(values)
    mine, theirs = before[0].get("pct") if len(before) == 1 else None, held.get("pct")
    if not isinstance(mine, Amount) or not isinstance(theirs, Amount):
        return None
    chance = tuple(pair for pair in values if pair[0] != "cmp")
    return (Claim("chance", SPRINT, chance), _larger(mine, theirs, str(held["cmp"])))


def _past_usual(_: Subjects, values: Values, before: Claims) -> Claims | None:
    """For "..., more than the 4 days that 85 % of past items took": said of the time in work just named."""
    mine = before[0].get("span") if len(before) == 1 and before[0].kind == "working" else None
    usual = dict(values).get("usual")
    if not isinstance(mine, Amount) or not isinstance(usual, Amount):
        return None
    return (Claim("usual", SPRINT, values), _larger(mine, usual, "more"))


def _larger(mine: Amount, theirs: Amount, word: str) -> Claim:
    return Claim("larger", SPRINT, (("a", mine), ("b", theirs)) if word in _MORE else (("a", theirs), ("b", mine)))


MAKERS: Mapping[str, Maker] = {
    "label": _labels, "joined list": _joined_list, "named risks": _named_risks, "the risks": _the_risks,
    "only risk": _only_risk, "bare risk": _bare_risk, "again": _again, "late again": _late_again, "raises": _raises,
    "effect again": _effect_again, "effect by": _effect_by, "effect item": _effect_item, "rise": _rise,
    "share again": _share_again, "odds goal": _odds_goal, "named risk": _named_risk, "part again": _part_again, "far again": _far_again, "unticked": _unticked, "outdoes": _outdoes, "gap day": _gap_day, "before due": _before_due,
    "versus": _versus, "past usual": _past_usual,
}  # fmt: skip
"""Phrases whose claims are made here, by kind."""

FROM_BEFORE = frozenset(("effect again",))
"""Phrases about an item whose subject is settled by their maker."""
