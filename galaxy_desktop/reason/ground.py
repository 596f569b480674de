"""What stands between a model's words and the user: a sentence is kept only when stored facts say the same.

Pure. The model's sentences come in, with the facts that code stored about each piece of evidence (`context`), the
facts of the sprint as a whole (`table`), and what people wrote (`quotes`). Facts support claims; quotes never do,
because anybody can write "we are 99 % done" into an issue. They may only be quoted, word for word.

A sentence is read clause by clause. A clause about an item may use that item's facts alone; a clause about no item
may use the cited facts and the table. One single fact must say everything the clause says: its number with the same
unit, and every word of the vocabulary in `claims`. So a right number about the wrong thing, or the right thing with
the wrong number, or a right number of another item, is removed. Whatever is doubtful is removed as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.reason import intrusion
from galaxy_desktop.reason.claims import claims, limiting, restricting
from galaxy_desktop.reason.quantities import Kind, Quantity, equal, quantities, without_quantities
from galaxy_desktop.reason.references import Reference, blanked, references
from galaxy_desktop.reason.wording import other_script, plain, stem, tokens, words

LONGEST = 320
SHORTEST_NAME = 4

_QUOTED = re.compile(r'"([^"]{3,160})"')
_CLAUSE = re.compile(
    r"[.;:!?,()](?=\s|$)|(?=\b(?:and|but|while|which|because|so|with|although|though|since|whereas|as)\b)",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"[.;,](?=\s|$)|(?=\b(?:and|but|while|which|because|so|although|though|since|whereas)\b)", re.IGNORECASE
)
_SPRINT = re.compile(r"\b(?:sprint|milestone|forecast|probability|health|team|overall)\b", re.IGNORECASE)
_LABELED = re.compile(r"(?P<label>[^:\d]+\w*): [+-]?\d[^:]*")
_SHARES = (Kind.PERCENT, Kind.RATIO)
_NEUTRAL = frozenset(
    words(
        "a an the this that these those it its he she they them their there here and or but nor while which who whom whose of in on at by for to"
        " from into onto about with as is are was were be been being am has have had having do does did not no sprint item items issue"
        " issues pull request requests pr prs work still already currently also so far since during for after before until"
        " which where when repository number percent points percentage one stand stands standing show shows showing mean means according out"
        " make makes made time times day days hour hours week weeks total team called titled title says said currently current"
        " status state overall well named there's it's that's"
    )
)


@dataclass(frozen=True, slots=True)
class Removed:
    """A sentence that was not kept, and why in words."""

    sentence: Sentence
    reason: str


@dataclass(frozen=True, slots=True)
class Grounded:
    """What survived the checks, and what did not."""

    kept: tuple[Sentence, ...]
    removed: tuple[Removed, ...]


def check(
    sentences: Iterable[Sentence],
    context: Mapping[str, Sequence[str]],
    table: Sequence[str] = (),
    *,
    quotes: Mapping[str, str] | None = None,
    urls: Iterable[str] = (),
    names: Iterable[str] = (),
) -> Grounded:
    """Keep the sentences that the facts support, in their order; the kept text is the plain text that was checked.

    `names` may be used as they are (the sprint's title), unless they claim something themselves.
    """
    book = _Book.of(context, table, quotes or {}, urls, names)
    kept: list[Sentence] = []
    removed: list[Removed] = []
    for sentence in sentences:
        text = plain(sentence.text)
        reason = _why_not(text, sentence.evidence, book)
        if reason is None:
            kept.append(Sentence(text, tuple(dict.fromkeys(sentence.evidence))))
        else:
            removed.append(Removed(sentence, reason))
    return Grounded(tuple(kept), tuple(removed))


@dataclass(frozen=True, slots=True)
class _Fact:
    """One statement of a stored fact, taken apart once; `subject` is the item it is about, if any."""

    text: str
    words: frozenset[str]
    quantities: tuple[Quantity, ...]
    claims: frozenset[str]
    references: tuple[Reference, ...]
    subject: Reference | None
    label: frozenset[str]

    @classmethod
    def statements(cls, stored: str) -> Iterator[_Fact]:
        """The statements of a fact: "1 risk is high, 2 are low" says nothing of 2 high ones."""
        text = plain(stored)
        named = references(text)
        bare = blanked(text, named)
        subject = named[0] if named else None
        for start, end in _parts(_STATEMENT, bare):
            part = bare[start:end]
            inside = tuple(one for one in named if start <= one.at < end)
            own = text[start:end]
            yield cls(
                own.casefold(),
                frozenset(words(own)),
                quantities(part),
                claims(without_quantities(part)),
                inside,
                subject,
                _label_of(part),
            )

    def says(self, clause: _Clause) -> bool:
        """Whether this statement says all that the clause claims, and the clause says under what limits."""
        if not clause.claims <= self.claims or not limiting(self.claims) <= clause.claims:
            return False
        if not all(self.mentions(one) for one in clause.mentioned) or not self.label <= clause.words:
            return False
        shares = [one for one in self.quantities if one.kind in _SHARES]
        if not all(any(equal(own, share, self.words) for own in clause.quantities) for share in shares):
            return False
        if self.subject is None and self.quantities and not any(self.holds(own) for own in clause.quantities):
            return False
        return not clause.quantities or restricting(self.claims) <= clause.claims

    def holds(self, quantity: Quantity) -> bool:
        """Whether the fact states this quantity."""
        if quantity.kind is Kind.LITERAL:
            return re.search(rf"(?<!\w){re.escape(quantity.value)}(?!\w)", self.text) is not None
        return any(equal(quantity, own, self.words) for own in self.quantities)

    def mentions(self, reference: Reference) -> bool:
        """Whether the fact names this item."""
        return any(reference.same(own) for own in self.references)

    def is_about(self, reference: Reference) -> bool:
        """Whether the fact names this item as the one it is about."""
        return self.subject is not None and reference.same(self.subject)


@dataclass(frozen=True, slots=True)
class _Clause:
    """One clause of a sentence, taken apart; `mentioned` are the items it names besides its subject."""

    words: frozenset[str]
    quantities: tuple[Quantity, ...]
    claims: frozenset[str]
    mentioned: tuple[Reference, ...] = ()


def _label_of(statement: str) -> frozenset[str]:
    """The name in front of a value, as in "churn in sprint: 1011 lines"; a claim of that number must use the name."""
    match = _LABELED.fullmatch(statement)
    return frozenset(words(match["label"])) - _NEUTRAL if match else frozenset()


@dataclass(frozen=True, slots=True)
class _Book:
    """Everything a sentence may rest on."""

    facts: Mapping[str, tuple[_Fact, ...]]
    table: tuple[_Fact, ...]
    quotes: Mapping[str, str]
    urls: frozenset[str]
    traps: frozenset[tuple[str, ...]]
    names: tuple[str, ...]

    @classmethod
    def of(
        cls,
        context: Mapping[str, Sequence[str]],
        table: Sequence[str],
        quotes: Mapping[str, str],
        urls: Iterable[str],
        names: Iterable[str],
    ) -> _Book:
        ids = dict.fromkeys([*context, *quotes])
        passages = {i: plain(quotes.get(i, "")) for i in ids}
        return cls(
            {i: tuple(part for fact in context.get(i, ()) for part in _Fact.statements(fact)) for i in ids},
            tuple(part for fact in table for part in _Fact.statements(fact)),
            passages,
            frozenset(urls),
            intrusion.traps(passages.values()),
            tuple(name for name in map(plain, names) if _is_harmless(name)),
        )

    def cited(self, ids: Iterable[str]) -> tuple[_Fact, ...]:
        """The facts of the cited evidence."""
        return tuple(fact for i in ids for fact in self.facts[i])

    def facts_text(self, ids: Sequence[str]) -> str:
        """All that facts say to a sentence with this evidence, in lower case."""
        return "\n".join(fact.text for fact in (*self.cited(ids), *self.table))

    def quotable(self, ids: Sequence[str]) -> str:
        """All that may be quoted by it, in lower case."""
        return "\n".join([self.facts_text(ids), *(self.quotes[i].casefold() for i in ids)])


def _why_not(text: str, ids: Sequence[str], book: _Book) -> str | None:
    """The first reason against a sentence, or `None`."""
    if not any(character.isalpha() for character in text):
        return "says nothing"
    if len(text) > LONGEST:
        return "is too long to check"
    if not ids:
        return "cites no evidence"
    if any(i not in book.facts for i in ids):
        return "cites evidence that was not given"
    known = book.facts_text(ids)
    if other_script(text):
        return "is written in letters of another script"
    form = intrusion.why_not(text, book.urls, known)
    if form is not None:
        return form
    if intrusion.springs(text, book.traps):
        return "repeats an instruction from outside"
    return _why_not_content(text, ids, book, known)


def _why_not_content(text: str, ids: Sequence[str], book: _Book, known: str) -> str | None:
    quotable = book.quotable(ids)
    for quoted in _QUOTED.findall(text):
        if quoted.casefold() not in quotable or intrusion.instructs(quoted):
            return "quotes what the evidence does not say"
    bare = _QUOTED.sub(lambda match: " " * len(match.group()), text)
    if '"' in bare:
        return "quotes what the evidence does not say"
    for name in book.names:
        bare = re.sub(
            rf"(?<!\w){re.escape(name)}(?!\w)", lambda match: " " * len(match.group()), bare, flags=re.IGNORECASE
        )
    named = references(bare)
    if any(_is_misnamed(reference, ids, book) for reference in named):
        return "names an item that it does not cite"
    masked = blanked(bare, named)
    if not claims(masked) and not quantities(masked):
        return "says nothing that can be checked"
    wrong = _wrong_clause(masked, named, ids, book)
    return wrong or _strange_words(masked, known)


def _is_harmless(name: str) -> bool:
    """Whether a name from outside can stand in a sentence without saying something: "Sprint 27" can, "99 % done" not."""
    if claims(name) or references(name) or intrusion.instructs(name) or len(name) < SHORTEST_NAME:
        return False
    numbers = quantities(name)
    plain_numbers = all(one.kind is Kind.LITERAL or (one.kind is Kind.COUNT and not one.unit) for one in numbers)
    return plain_numbers and (any(c.isalpha() for c in name) or all(one.kind is Kind.LITERAL for one in numbers))


def _facts_about(reference: Reference, ids: Sequence[str], book: _Book) -> tuple[_Fact, ...]:
    """The cited facts about an item: those of its own evidence, and those of other evidence that speak of it."""
    return tuple(
        fact
        for i in ids
        for fact in book.facts[i]
        if fact.is_about(reference) or (fact.subject is None and reference.is_id(i))
    )


def _is_misnamed(reference: Reference, ids: Sequence[str], book: _Book) -> bool:
    """Whether the text names an item that the sentence does not cite, or calls an issue a pull request."""
    cited = any(reference.is_id(i) for i in ids)
    mentioned = any(fact.mentions(reference) for fact in book.cited(ids))
    known = not reference.kind or any(reference.is_id(i) for i in book.facts)
    return not known or not (cited or mentioned)


def _wrong_clause(masked: str, named: Sequence[Reference], ids: Sequence[str], book: _Book) -> str | None:
    """Why one of the clauses is not what a fact says, or `None` when all of them are."""
    subjects: tuple[Reference, ...] = ()
    waiting: tuple[Reference, ...] = ()
    for start, end in _parts(_CLAUSE, masked):
        text = masked[start:end]
        inside = tuple(one for one in named if start <= one.at < end)
        clause = _Clause(frozenset(words(text)), quantities(text), claims(without_quantities(text)))
        if not clause.claims and not clause.quantities:
            waiting += inside
            continue
        if waiting:
            subjects, waiting = waiting + inside, ()
        elif inside:
            subjects, clause = inside[:1], replace(clause, mentioned=inside[1:])
        elif _SPRINT.search(text):
            subjects = ()
        pools = [_facts_about(one, ids, book) for one in subjects] or [(*book.cited(ids), *book.table)]
        wrong = next(filter(None, (_unsupported(clause, pool) for pool in pools)), None)
        if wrong:
            return wrong
    return None


def _unsupported(clause: _Clause, pool: Sequence[_Fact]) -> str | None:
    able = [fact for fact in pool if fact.says(clause)]
    for number in clause.quantities:
        if not any(fact.holds(number) for fact in able):
            return f"gives a number ({number.kind}) that no cited fact gives with these words"
    return None if able else "claims what no cited fact says"


def _parts(cut: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    """Where the parts of a text begin and end."""
    cuts = [0, *(match.start() for match in cut.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(cuts) if end > start]


def _strange_words(masked: str, known: str) -> str | None:
    """Whether the sentence uses words that no fact uses: what cannot be checked is not shown."""
    vocabulary = frozenset(words(known)) | _NEUTRAL
    own = tokens(without_quantities(masked))
    strange = [word for word in own if stem(word) not in vocabulary and not claims(word)]
    return "speaks of things that are not in the facts" if strange else None
