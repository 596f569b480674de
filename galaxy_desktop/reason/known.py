"""What is known when a sentence is judged: the facts of its evidence, and what code derives from them.

Derived is only what follows by arithmetic or by definition: what is open from what is done, a percentage from its parts,
the chance to miss the date from the chance to meet it, the days until a date, who is blocked from who blocks, which of
two numbers is larger. Nothing is guessed, and a fact that stands there in two versions is not reckoned with.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction

from galaxy_desktop.reason.compound import SPRINT, TIMED, Claim, Value
from galaxy_desktop.reason.reading import exact
from galaxy_desktop.reason.slots import Amount, Days

Values = Mapping[str, Value]
_STATES = {
    "idle": "idle", "inactive": "idle", "waiting for a review": "waiting", "waiting for review": "waiting",
    "waiting": "waiting", "in work": "working", "in progress": "working",
}  # fmt: skip
_RESULTS = dict.fromkeys(("success", "successfully", "succeeded", "successful"), "success") | dict.fromkeys(
    ("failure", "failed", "unsuccessfully", "unsuccessful"), "failure"
)
_LIKELY, _UNLIKELY = Fraction(66), Fraction(33)
"""From here on something is called likely, and up to here unlikely, as weather and climate reports do."""
_A_DAY = "-----05-13"
"""How a day without its year is told."""
_RULES: Mapping[str, tuple[str, ...]] = {
    "risk stale review": ("waiting",), "risk stuck item": ("working", "aged"), "risk red build": ("red",),
    "risk scope growth": ("added",), "risk no owner": ("no owner",), "risk blocked chain": ("holds", "blocks"),
    "risk silent item": ("idle",), "risk no acceptance criteria": ("no criteria",),
}  # fmt: skip
"""What each risk is made from, by its rule."""
_BEFORE = ("before", "earlier than", "ahead of")
_MORE = ("more", "higher", "larger")
_PAIR = 2
_OTHER_SIDE = {"blocks": "blocked", "blocked": "blocks", "holds": "held", "held": "holds", "conflict": "conflict"}
_WIDER = {"blocks": "holds", "blocked": "held"}
_SEVERITIES = ("critical", "high", "medium", "low")
_ACTS = {
    "a review of": "reviewing", "the review of": "reviewing", "moving the due date": "moving the end of the sprint",
    "moving the end": "moving the end of the sprint", "moving or dropping": "dropping or moving",
}  # fmt: skip
_BASIS = {
    "active day": "active days", "working day": "working days", "completed item": "completed items", "completion": "completed items",
    "completions": "completed items", "simulated run": "runs", "simulated runs": "runs", "run": "runs", "runs": "runs",
    "simulation": "runs", "simulations": "runs",
}  # fmt: skip


Fact = tuple[str, str, Values]
"""Something known: its kind, what it is about, and its values, none of them with a limit."""


def facts_of(claims: Iterable[Claim], today: date | None) -> tuple[Fact, ...]:
    """The facts that the claims of a stored statement state; a number with a limit ("at most 5 %") is none."""
    found = ((claim, exact(_dated(claim, today))) for claim in claims)
    return tuple((claim.kind, claim.subject, values) for claim, values in found if values is not None)


def _dated(claim: Claim, today: date | None) -> Claim:
    """A fact whose day leaves out the year ("Monday 18 May"): code does so for days near today, so it is known."""
    if today is None or not any(isinstance(value, Days) and value.weekday for _, value in claim.values):
        return claim
    values = tuple((name, _day_of(value, today) if isinstance(value, Days) else value) for name, value in claim.values)
    return replace(claim, values=values)


def _day_of(days: Days, today: date) -> Days:
    if len(days.yearless) == len(_A_DAY):
        years = (today.year + n for n in (-1, 0, 1))
        near = [day for year in years if (day := _on(f"{year}{days.yearless[4:]}")) and days.fits(day)]
        return _day(near[0]) if len(near) == 1 else days
    single = len(days.spans) == 1 and days.spans[0][0] == days.spans[0][1]
    return _day(days.spans[0][0]) if single and days.fits(days.spans[0][0]) else days


class Known:
    """The facts of one sentence's evidence, by kind and subject."""

    def __init__(self, facts: Iterable[Fact], today: date | None) -> None:
        self.today = today
        self._facts: defaultdict[tuple[str, str], list[Values]] = defaultdict(list)
        for kind, subject, values in facts:
            self.add(kind, subject, values)
        for derive in _DERIVATIONS:
            derive(self)

    def holds(self, claim: Claim) -> bool:
        """Whether a claim follows from the facts."""
        special = _SPECIAL.get(claim.kind)
        if special is not None:
            return special(self, claim)
        facts = self._facts.get((claim.kind, claim.subject), [])
        if claim.kind in TIMED and facts:
            together: Values = {name: value for fact in facts for name, value in fact.items()}
            facts = [*facts, together]
        return any(_agree(claim, fact) for fact in facts)

    def add(self, kind: str, subject: str, values: Values) -> None:
        """Take up a fact, once."""
        if values not in self._facts[kind, subject]:
            self._facts[kind, subject].append(values)

    def groups(self) -> list[tuple[tuple[str, str], list[Values]]]:
        """All facts by kind and subject."""
        return list(self._facts.items())

    def subjects(self) -> frozenset[str]:
        """The items of which something is known; `SPRINT` for the sprint."""
        return frozenset(subject for _, subject in self._facts)

    def every(self, kind: str, subject: str = SPRINT) -> list[Values]:
        """The facts of a kind about a subject."""
        return list(self._facts.get((kind, subject), ()))

    def number(self, kind: str, name: str, subject: str = SPRINT) -> Fraction | None:
        """The number of a slot when all facts of the kind agree on it; a rounded one agrees with the finer one."""
        found = {value.low for fact in self.every(kind, subject) if isinstance(value := fact.get(name), Amount)}
        fine = {value for value in found if value.denominator != 1}
        if len(fine) == 1 and all(_rounds(value, next(iter(fine))) for value in found - fine):
            return fine.pop()
        return found.pop() if len(found) == 1 else None

    def due(self) -> date | None:
        """The due date when the facts agree on it."""
        found = {when.spans[0][0] for fact in self.every("due") if isinstance(when := fact.get("when"), Days)}
        return found.pop() if len(found) == 1 else None


# --- what follows


def _derive_health(known: Known) -> None:
    score, words = (
        known.number("health", "score"),
        {str(fact["hword"]) for fact in known.every("health word") if "hword" in fact},
    )
    if score is not None and len(words) == 1:
        both: Values = {"score": _number(score), "hword": words.pop()}
        known.add("health", SPRINT, both)
        known.add("health word", SPRINT, both)


def _derive_moves(known: Known) -> None:
    for fact in known.every("due moved"):
        then, now = fact.get("from"), fact.get("when")
        if isinstance(then, Days) and isinstance(now, Days):
            gap = (now.spans[0][0] - then.spans[0][0]).days
            if gap > 0:
                known.add("due moved", SPRINT, {**fact, "span": _number(gap)})


def _derive_authors(known: Known) -> None:
    for (kind, subject), facts in known.groups():
        created = known.every("created", subject) if kind == "author" else []
        for fact in list(facts) if len(created) == 1 else ():
            known.add("author", subject, {**fact, **created[0]})


def _derive_progress(known: Known) -> None:
    for fact in known.every("progress"):
        done, total = fact.get("n"), fact.get("total")
        if not isinstance(done, Amount) or not isinstance(total, Amount) or done.low > total.low:
            continue
        left = total.low - done.low
        known.add("total", SPRINT, {"n": total})
        known.add("open items", SPRINT, {"n": _number(left), "total": total})
        if total.low:
            known.add("share", SPRINT, {"n": done, "total": total, "pct": _number(100 * done.low / total.low)})
            known.add("openratio", SPRINT, {"n": _number(left), "total": total, "pct": _number(100 * left / total.low)})


def _derive_due(known: Known) -> None:
    due, left = known.due(), known.number("open items", "n")
    if due is None or known.today is None:
        return
    away = (due - known.today).days
    if away >= 0:
        known.add("days left", SPRINT, {"span": _number(away), "when": _day(due)})
    elif left:
        known.add("overdue", SPRINT, {"span": _number(-away), "when": _day(due)})


def _derive_chance(known: Known) -> None:
    due = known.due()
    for fact in known.every("chance"):
        share, by = fact.get("pct"), fact.get("by")
        if not isinstance(share, Amount):
            continue
        if by is None:
            known.add("miss", SPRINT, {"pct": _number(100 - share.low)})
            if due is not None:
                known.add("chance", SPRINT, {"pct": share, "by": _day(due)})
        elif isinstance(by, Days):
            known.add("level day", SPRINT, {"pct": share, "when": by})
            if due is not None:
                gap = (by.spans[0][0] - due).days
                side = "before" if gap < 0 else "after" if gap > 0 else "on"
                known.add("level gap", SPRINT, {"pct": share, "by": by, "span": _number(abs(gap)), "side": side})


def _derive_severities(known: Known) -> None:
    total = known.number("risks", "n")
    counts = {
        str(fact["sev"]): number.low for fact in known.every("severity") if isinstance(number := fact.get("n"), Amount)
    }
    if total is not None and sum(counts.values()) == total:
        for severity in _SEVERITIES:
            if severity not in counts:
                known.add("severity", SPRINT, {"n": _number(0), "sev": severity})


def _derive_shares_of_risks(known: Known) -> None:
    total = known.number("risks", "n")
    for fact in known.every("severity") if total is not None else ():
        known.add("severity of", SPRINT, {**fact, "total": _number(total or 0)})


def _derive_effects(known: Known) -> None:
    chances = {
        share.low for fact in known.every("chance") if "by" not in fact and isinstance(share := fact.get("pct"), Amount)
    }
    for (kind, subject), facts in known.groups():
        if kind not in {"effect", "loss"} or len(chances) != 1:
            continue
        now = next(iter(chances))
        for fact in list(facts):
            points = fact.get("pts")
            if isinstance(points, Amount) and "pct" not in fact:
                then = now + (points.low if kind == "effect" else -points.low)
                known.add(kind, subject, {**fact, "pct": _number(then), "pct2": _number(now)})


def _derive_links(known: Known) -> None:
    for (kind, subject), facts in known.groups():
        other = _OTHER_SIDE.get(kind)
        for fact in list(facts) if other else ():
            items = fact.get("items")
            if isinstance(items, frozenset):
                known.add(kind, subject, {"items": items, "n": _number(len(items))})
                for item in items:
                    known.add(str(other), item, {"items": frozenset({subject})})
    for (kind, subject), facts in known.groups():
        # Who blocks holds up; who holds up need not block: there may be items between the two.
        counted = any("n" in fact for fact in known.every(_WIDER.get(kind, ""), subject))
        for fact in list(facts) if kind in _WIDER else ():
            known.add(_WIDER[kind], subject, {k: v for k, v in fact.items() if k != "n"} if counted else fact)


def _derive_causes(known: Known) -> None:
    """The reasons that code has for what it says: each risk has a rule, and a forecast is missing for one reason."""
    for (kind, subject), facts in known.groups():
        for fact in list(facts) if kind == "risk" else ():
            label = f"risk {fact.get('rkind')}"
            for reason in _RULES.get(label, ()):
                known.add("cause", subject, {"of": label, "by": reason})
                if len({fact.get("rkind") for fact in facts if "rkind" in fact}) == 1:
                    known.add("cause", subject, {"of": "risk", "by": reason})
    for reason in ("little history", "needs items", "needs days") if known.every("no chance") else ():
        if known.every(reason):
            known.add("cause", SPRINT, {"of": "no chance", "by": reason})


def _derive_no_risks(known: Known) -> None:
    if known.every("no rule"):
        known.add("risks", SPRINT, {"n": _number(0)})


def _derive_scope(known: Known) -> None:
    if known.every("none left"):
        known.add("removed", SPRINT, {"n": _number(0)})
    added, removed = known.number("added", "n"), known.number("removed", "n")
    if added is not None and removed is not None and added >= removed:
        known.add("net", SPRINT, {"n": _number(added - removed)})


# --- claims that compare


def _quantifier(known: Known, claim: Claim) -> bool:
    """All, most and none of the items."""
    done, total = known.number("progress", "n"), known.number("total", "n")
    left = known.number("open items", "n")
    if done is None or left is None or not total or done + left != total:
        return False
    part = Fraction(left if claim.get("openword") else done) / total
    whole = claim.get("total")
    if isinstance(whole, Amount) and not whole.fits(total):
        return False
    word = str(claim.get("quant") or ("all" if whole else "none"))
    if word.startswith(("all", "every")):
        return part == 1
    return part == 0 if word.startswith("no") else part > Fraction(1, 2)


def _more(known: Known, claim: Claim) -> bool:
    done, left = known.number("progress", "n"), known.number("open items", "n")
    words = [str(claim.get("aword")), str(claim.get("bword"))]
    if done is None or left is None:
        return False
    many, few = ((left if word == "open" else done) for word in words)
    return many > few


def _more_moved(known: Known, claim: Claim) -> bool:
    words = [str(claim.get("mword")), str(claim.get("mword2"))]
    many, few = (known.number(word, "n") for word in words)
    return many is not None and few is not None and many > few


def _longer(known: Known, claim: Claim) -> bool:
    """Whether one item is in a state for longer than another, by as much as is said."""
    kind = _STATES.get(str(claim.get("state")))
    other = claim.get("than")
    if kind is None or not isinstance(other, frozenset) or len(other) != 1:
        return False
    mine, theirs = known.number(kind, "span", claim.subject), known.number(kind, "span", next(iter(other)))
    if mine is None or theirs is None or mine <= theirs:
        return False
    times = claim.get("times")
    if isinstance(times, Amount):
        return theirs > 0 and times.fits(mine / theirs)
    more = claim.get("more")
    return not isinstance(more, Amount) or more.fits(mine - theirs)


def _larger(_: Known, claim: Claim) -> bool:
    """Whether one number of the sentence is larger than another one of it; both are claims of their own."""
    mine, theirs = claim.get("a"), claim.get("b")
    if not isinstance(mine, Amount) or not isinstance(theirs, Amount):
        return False
    return mine.exact is not None and theirs.exact is not None and mine.low > theirs.low


def _outdoes(known: Known, claim: Claim) -> bool:
    """Whether an action raises the probability by less (or more) than the points of the one before."""
    other = claim.get("other")
    wanted = Claim("effect", claim.subject, tuple(pair for pair in claim.values if pair[0] in ("act", "many", "pts")))
    points = {
        value.low
        for fact in known.every("effect", claim.subject)
        if _agree(wanted, fact) and isinstance(value := fact.get("pts"), Amount)
    }
    if len(points) != 1 or not isinstance(other, Amount) or other.exact is None:
        return False
    theirs = points.pop()
    return other.low > theirs if claim.get("cmp") in _MORE else other.low < theirs


def _leaning(known: Known, claim: Claim) -> bool:
    """Whether "likely" or "unlikely" is fair for the chance that is known."""
    dated = tuple(pair for pair in claim.values if pair[0] == "by")
    chances = {
        share.low
        for fact in known.every("chance")
        if isinstance(share := fact.get("pct"), Amount) and _agree(Claim("chance", SPRINT, (*dated,)), fact)
    }
    if len(chances) != 1:
        return False
    percent = chances.pop()
    return percent >= _LIKELY if claim.get("lean") == "likely" else percent <= _UNLIKELY


def _parts(known: Known, claim: Claim) -> bool:
    """Whether several parts of health have the same score."""
    score = claim.get("score")
    names = [re.sub(r"^the ", "", name) for name in re.split(r",? and |, ", str(claim.get("plist")))]
    said = {("score", score)} if score is not None else set()
    return bool(said) and all(
        any(_agree(Claim("part", SPRINT, (("part", name), *said)), fact) for fact in known.every("part"))
        for name in names
    )


def _all_risks(known: Known, claim: Claim) -> bool:
    """Whether all risks of a severity are those of one item."""
    severity = claim.get("sev")
    own = {
        str(fact["rkind"])
        for fact in known.every("risk", claim.subject)
        if fact.get("sev") == severity and "rkind" in fact
    }
    all_of_it = {
        number.low
        for fact in known.every("severity")
        if fact.get("sev") == severity and isinstance(number := fact.get("n"), Amount)
    }
    both = claim.get("bothall") == "both"
    return bool(own) and all_of_it == {len(own)} and (not both or len(own) == _PAIR)


def _nothing_moved(known: Known, claim: Claim) -> bool:
    """Whether nothing came in and nothing left."""
    number = claim.get("n")
    said = number is None or (isinstance(number, Amount) and number.exact == 0)
    return said and known.number("added", "n") == 0 and known.number("removed", "n") == 0


def _agree(claim: Claim, fact: Values) -> bool:
    """Whether a fact says all that a claim says, and the claim leaves out nothing that it depends on."""
    said = {name for name, _ in claim.values}
    if not said >= _NEEDED.get(claim.kind, frozenset()) & set(fact):
        return False
    return all(name in fact and _same(value, fact[name], name) for name, value in claim.values)


def _same(said: Value, known: Value, name: str) -> bool:
    if isinstance(said, Amount) and isinstance(known, Amount):
        if said.percent and not said.operator:
            # A share is told in whole percent, or with a digit more.
            precision = Fraction(1, 2) if said.low.denominator == 1 else Fraction(1, 20)
            return abs(known.low - said.low) <= precision
        return said.fits(known.low) or (name == "score" and said.exact is not None and _rounds(said.low, known.low))
    if isinstance(said, Days) and isinstance(known, Days):
        return said.fits(known.spans[0][0])
    if isinstance(said, frozenset) and isinstance(known, frozenset):
        return said <= known
    if name == "side":
        return str(known) == ("before" if said in _BEFORE else "after")
    if name == "act":
        return _ACTS.get(str(said), said) == _ACTS.get(str(known), known)
    if name == "result":
        return _RESULTS.get(str(said)) == _RESULTS.get(str(known), "")
    if name == "basisword":
        return _BASIS.get(str(said), said) == _BASIS.get(str(known), known)
    return said == known


def _rounds(said: Fraction, known: Fraction) -> bool:
    """Whether a whole number is a finer one, rounded."""
    return said.denominator == 1 and abs(said - known) <= Fraction(1, 2)


def _on(iso: str) -> date | None:
    """The day, where the calendar has it."""
    try:
        return date.fromisoformat(iso)
    except ValueError:
        return None


def _number(value: Fraction | int) -> Amount:
    return Amount(Fraction(value), Fraction(value))


def _day(day: date) -> Days:
    return Days(spans=((day, day),))


_NEEDED: Mapping[str, frozenset[str]] = {"chance": frozenset({"by"})}
"""What a claim may not leave out where the fact has it: "85 %" is no chance without "by 20 May"."""

_DERIVATIONS: tuple[Callable[[Known], None], ...] = (
    _derive_progress, _derive_due, _derive_chance, _derive_severities, _derive_shares_of_risks, _derive_effects,
    _derive_no_risks, _derive_links, _derive_causes, _derive_scope, _derive_health, _derive_moves, _derive_authors,
)  # fmt: skip
_SPECIAL: Mapping[str, Callable[[Known, Claim], bool]] = {
    "quantifier": _quantifier, "more": _more, "more moved": _more_moved, "longer": _longer, "larger": _larger,
    "outdoes": _outdoes, "leaning": _leaning, "parts": _parts, "all risks": _all_risks, "scope same": _nothing_moved,
    "both moved": _nothing_moved,
}  # fmt: skip
