"""Sentences and facts taken apart in the same way: clause by clause, each with what it is about and what it says.

Because both sides go through here, a fact that is repeated word for word always supports itself, and every clause of a
sentence can be laid beside every clause of a fact. A clause that only names items belongs to its neighbor: in front
they are what it is about ("#7 and #12 are late"), behind they are mentioned ("blocks two items: #7, #12"). A clause
that is a bare number belongs to the one before it, one that is a number of days says the same with another number, a bare noun to the one after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, pairwise

from galaxy_desktop.reason.claims import claims, limiting, restricting
from galaxy_desktop.reason.quantities import Kind, Quantity, equal, quantities, without_quantities
from galaxy_desktop.reason.references import Reference, blanked, references
from galaxy_desktop.reason.wording import stem, tokens, words

_CUT = re.compile(
    r"[.;!?,()](?=\s|$|[\w\"])(?!\d)|(?=\b(?:and|but|while|which|because|so|although|though|since|whereas|as)\b)",
    re.IGNORECASE,
)
_SPRINT = re.compile(r"\b(?:sprint|milestone|forecast|probability|health|team|overall)\b", re.IGNORECASE)
_SHARES = (Kind.PERCENT, Kind.RATIO)
_ITEMS = "item items issue issues pull request requests pr prs"
NEUTRAL = frozenset(
    words(
        f"a an the this that these those it its he she they them their there here and or but nor while who whom whose of in on at by for to {_ITEMS}"
        " from into onto about with as is are was were be been being am has have had having do does did not no sprint work still already also so"
        " far during for which where when repository repositories number percentage one stand stands standing show shows"
        " showing mean means according out make makes made time times total called titled title says said currently current status state"
        " overall well named there's it's that's date"
    )
)
"""Words that say nothing by themselves."""
_KINDS = re.compile(r"\b(?:issues|pull requests|prs|risks|reviews|builds|commits)\b")
"""What a number may count besides items; a share of the items is none of the pull requests."""
_PAST = frozenset(("was", "were", "wer", "had", "did"))
_PRESENT = frozenset(words("is are"))
UNITS = frozenset(words("minute hour day week month year"))


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause: the items it is about, others it mentions, and what it says in numbers, claims and other words.

    `order` holds what it says, word after word, as it was written.
    """

    subjects: tuple[Reference, ...]
    mentioned: tuple[Reference, ...]
    quantities: tuple[Quantity, ...]
    claims: frozenset[str]
    own_words: frozenset[str]
    all_words: frozenset[str]
    text: str
    order: tuple[str, ...] = ()

    @property
    def is_of_sprint(self) -> bool:
        """Whether it speaks of the sprint as a whole."""
        return not self.subjects and _SPRINT.search(self.text) is not None

    def holds(self, quantity: Quantity) -> bool:
        """Whether this clause states a quantity."""
        if quantity.kind is Kind.LITERAL:
            return re.search(rf"(?<!\w){re.escape(quantity.value)}(?!\w)", self.text) is not None
        return any(equal(quantity, own, self.all_words) for own in self.quantities)

    def names(self, reference: Reference) -> bool:
        """Whether it is about an item or mentions it."""
        return any(reference.same(own) for own in (*self.subjects, *self.mentioned))

    def is_about(self, reference: Reference) -> bool:
        """Whether it is about an item."""
        return any(reference.same(own) for own in self.subjects)


def says(fact: Clause, claim: Clause) -> bool:
    """Whether one clause of a fact says everything that a clause claims, under no limit that the claim leaves out."""
    return (
        claim.claims <= fact.claims
        and limiting(fact.claims) <= claim.claims
        and claim.own_words <= fact.all_words
        and _in_order(claim, fact)
        and _is_part(claim.order, _signs(tokens(fact.text)))
        and all(fact.names(one) and not claim.is_about(one) for one in claim.mentioned)
        and _keeps_limits(fact, claim)
        and set(_KINDS.findall(claim.text)) <= set(_KINDS.findall(fact.text))
        and _in_tense(fact, claim)
    )


def _in_tense(fact: Clause, claim: Clause) -> bool:
    """Whether a claim is of the same time: "was blocked" says that it is over, "were added" is not "are added"."""
    if not claim.all_words & _PAST <= fact.all_words:
        return False
    return not (fact.all_words & _PAST and claim.all_words & _PRESENT and "been" not in claim.all_words)


def _in_order(claim: Clause, fact: Clause) -> bool:
    """Whether the fact states all numbers of a claim, those of one kind in the same order: "4 of 10" is not "10 of 4"."""
    used: dict[Kind, int] = {}
    for number in claim.quantities:
        if number.kind is Kind.LITERAL:
            if not fact.holds(number):
                return False
            continue
        start = used.get(number.kind, 0)
        at = next(
            (n for n, own in enumerate(fact.quantities) if n >= start and equal(number, own, fact.all_words)), None
        )
        if at is None:
            return False
        used[number.kind] = at + 1
    return True


def _signs(said: Iterable[str]) -> tuple[str, ...]:
    """What words mean, one after the other: claims by their name, so that synonyms are equal, others by their stem.

    The same meaning twice in a row counts once ("remain open"); units go with their numbers, wherever those stand.
    """
    meanings = [min(claims(word), default=stem(word)) for word in said if stem(word) not in NEUTRAL]
    return tuple(one for one, _ in groupby(one for one in meanings if one not in UNITS))


def _is_part(few: tuple[str, ...], many: Iterable[str]) -> bool:
    """Whether some words stand in a text in just this order: the same words shuffled say something else, or nothing."""
    rest = iter(many)
    return all(word in rest for word in few)


def _keeps_limits(fact: Clause, claim: Clause) -> bool:
    """Whether the claim repeats what the fact's numbers depend on: a share, a restriction, the name of a measure."""
    shares = [one for one in fact.quantities if one.kind in _SHARES]
    if not all(any(equal(own, share, fact.all_words) for own in claim.quantities) for share in shares):
        return False
    counts = [one for one in fact.quantities if one.kind is Kind.COUNT and one.unit == "item"]
    if not fact.subjects and not all(
        any(equal(own, one, fact.all_words) for own in claim.quantities) for one in counts
    ):
        return False
    if fact.quantities and not fact.subjects:
        return bool(claim.quantities) and fact.own_words <= claim.all_words and fact.claims <= claim.claims
    return not claim.quantities or restricting(fact.claims) <= claim.claims


@lru_cache(maxsize=4096)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a plain text, in their order."""
    named = references(text)
    bare = blanked(text, named)
    cuts = [0, *(match.start() for match in _CUT.finditer(bare)), len(bare)]
    reader = _Reader()
    for start, end in pairwise(cuts):
        inside = tuple(one for one in named if start <= one.at < end)
        reader.read(bare[start:end], inside, text[start:end])
    return reader.finished()


class _Reader:
    """Reads part after part; remembers what waits for the next clause, and what the last one was about."""

    def __init__(self) -> None:
        self._found: list[Clause] = []
        self._waiting: tuple[Reference, ...] = ()
        self._noun: frozenset[str] = frozenset()
        self._subjects: tuple[Reference, ...] = ()
        self._last: tuple[Reference, ...] = ()

    def read(self, part: str, named: tuple[Reference, ...], original: str) -> None:
        """Take one part up: as a clause of its own, or as a piece of a neighbor."""
        numbers = quantities(part)
        rest = without_quantities(part)
        claimed = claims(rest)
        own = frozenset(stem(word) for word in tokens(rest) if stem(word) not in NEUTRAL and not claims(word))
        order = _signs(tokens(rest))
        if not claimed and not own and self._found:
            self._append(numbers, named, original)
        elif not claimed and numbers and own <= UNITS and self._found:
            self._go_on(numbers, named, part, original)
        elif not claimed and not numbers:
            self._waiting += named
            self._noun |= own
        else:
            subjects, mentioned = self._about(part, named)
            everything = frozenset(words(original)) | own | self._noun
            self._found.append(
                Clause(subjects, mentioned, numbers, claimed, own | self._noun, everything, original.casefold(), order)
            )
            self._noun = frozenset()

    def finished(self) -> tuple[Clause, ...]:
        """All clauses; what still waits belongs to the last one."""
        if self._found and (self._waiting or self._noun):
            last = self._found[-1]
            self._found[-1] = replace(
                last,
                mentioned=last.mentioned + self._waiting,
                own_words=last.own_words | self._noun,
                all_words=last.all_words | self._noun,
            )
        return tuple(self._found)

    def _go_on(self, numbers: tuple[Quantity, ...], named: tuple[Reference, ...], part: str, original: str) -> None:
        """Take up a further number of what was just said: "for 9 days and for 11 days" says it with both."""
        last = self._found[-1]
        subjects, mentioned = self._about(part, named)
        everything = last.all_words | frozenset(words(original))
        text = f"{last.text} {original.casefold()}"
        self._found.append(
            replace(last, subjects=subjects, mentioned=mentioned, quantities=numbers, all_words=everything, text=text)
        )

    def _append(self, numbers: tuple[Quantity, ...], named: tuple[Reference, ...], original: str) -> None:
        last = self._found[-1]
        self._found[-1] = replace(
            last,
            quantities=last.quantities + numbers,
            mentioned=last.mentioned + named,
            all_words=last.all_words | frozenset(words(original)),
            text=f"{last.text} {original.casefold()}",
        )

    def _about(self, part: str, named: tuple[Reference, ...]) -> tuple[tuple[Reference, ...], tuple[Reference, ...]]:
        """What a clause is about, and which items it mentions; a clause that names none goes on about the last ones."""
        mentioned: tuple[Reference, ...] = ()
        if self._last and re.match(r"\W*(?:which|who|whose|that)\b", part, re.IGNORECASE):
            self._subjects, mentioned = self._last, named
        elif self._waiting:
            self._subjects, self._waiting = self._waiting + named, ()
        elif named:
            self._subjects, mentioned = named[:1], named[1:]
        elif _SPRINT.search(part):
            self._subjects = ()
        self._last = mentioned[-1:]
        return self._subjects, mentioned
