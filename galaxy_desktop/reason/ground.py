"""What stands between a model's words and the user: a sentence is kept only when stored facts say the same.

Pure. The model's sentences come in, with the facts that code stored about each piece of evidence (`context`), the
facts of the sprint as a whole (`table`), and what people wrote (`quotes`). Facts support claims; quotes never do,
because anybody can write "we are 99 % done" into an issue. They may only be quoted, word for word (see `quoting`).

A sentence has two ways to be kept. Either it can be read as a whole (`reading`), and every claim in it follows from the
facts of its own evidence: numbers are recomputed, dates counted from `today`, comparisons and "all", "most", "none"
checked against the numbers they compare (`known`). Or it says, clause by clause, what one single fact says in the fact's
own words (`clauses`). So a right number about the wrong thing, or the right thing with the wrong number, or a right
number of another item, is removed. Whatever is doubtful is removed as well.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.reason import intrusion, quoting
from galaxy_desktop.reason.claims import claims
from galaxy_desktop.reason.clauses import Clause, clauses, says
from galaxy_desktop.reason.compound import TIMED, Claim
from galaxy_desktop.reason.known import Fact, Known, facts_of
from galaxy_desktop.reason.quantities import Kind, quantities
from galaxy_desktop.reason.quoting import Passages
from galaxy_desktop.reason.reading import Reader
from galaxy_desktop.reason.references import Reference, references
from galaxy_desktop.reason.slots import spell
from galaxy_desktop.reason.wording import other_script, plain

LONGEST = 320
SHORTEST_NAME = 4
FEWEST_WORDS = 3
ITEMS = ("issue:", "pr:")
_DAYS = "mon|tues|wednes|thurs|fri|satur|sun"
_CAUSAL = re.compile(
    r"\bso\b(?! far) \S+|\b(?:hence|thus|consequently|as a result|that is why|which is why)\b"
    rf"|\bas\b(?! (?:of|well|a|many|much|soon|late|high|medium|low|critical)\b) \S+|\bsince\b(?! (?:the start|its start|the beginning|\d{{4}}-|\d{{1,2}}\.? [a-z]{{3,9}}\b(?<!items)(?<!item)|yesterday|last|(?:{_DAYS})day)) \S+",
    re.IGNORECASE,
)
_OTHER_SPRINT = re.compile(r"\b(?:sprint|milestone|iteration) #?\d", re.IGNORECASE)
_BACKWARD = re.compile(r"\b(?:raises? the risk|decides? the end)\b", re.IGNORECASE)
"""What is said of the words before it, which a clause alone does not show."""
Names = Iterable[str] | Mapping[str, Collection[str]]
_ONE_SPRINT = re.compile(r"\b(?:sprint|milestone|probability|forecast|health|items?|due|ends?)\b", re.IGNORECASE)
_THE_SPRINT = "the sprint"


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
    names: Names = (),
    today: date | None = None,
    people: Iterable[str] = (),
    outdated: Mapping[str, Sequence[str]] | None = None,
) -> Grounded:
    """Keep the sentences that the facts support, in their order; the kept text is the plain text that was checked.

    Args:
        sentences: what a model wrote, each with the evidence ids that it cites.
        context: statements of code by evidence id; only ids in here or in `quotes` may be cited.
        table: statements of code about the sprint as a whole, for every sentence.
        quotes: what people wrote, by evidence id, as it read at the moment in question.
        urls: addresses that may be named.
        names: what the sprint is called; may stand for it unless it claims something itself ("99 % done"). Where facts of
            several sprints are handed in, a mapping from each name to the evidence ids that stand for its sprint: then a
            name is good for a sentence that cites its own sprint, and no sentence may cite two sprints and speak of one.
        today: the day in the user's zone from which "tomorrow" and "since Monday" count; without it they are removed.
        people: logins; words of others that name one of them are not quoted.
        outdated: what people had written instead before or after that moment, to tell why a quotation was removed.
    """
    passages = Passages.of(quotes or {}, outdated or {}, people)
    book = _Book.of(context, table, passages, urls, names, today)
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
class _Book:
    """Everything a sentence may rest on."""

    facts: Mapping[str, tuple[Clause, ...]]
    stated: Mapping[str, tuple[Fact, ...]]
    words: Mapping[str, str]
    table: tuple[Clause, ...]
    table_stated: tuple[Fact, ...]
    passages: Passages
    urls: frozenset[str]
    traps: frozenset[tuple[str, ...]]
    names: Mapping[str, frozenset[str] | None]
    today: date | None

    @classmethod
    def of(  # noqa: PLR0917 - the arguments of `check`
        cls,
        context: Mapping[str, Sequence[str]],
        table: Sequence[str],
        passages: Passages,
        urls: Iterable[str],
        names: Names,
        today: date | None,
    ) -> _Book:
        ids = dict.fromkeys([*context, *passages.current])
        old = (text for texts in passages.outdated.values() for text in texts)
        return cls(
            facts={i: tuple(part for fact in context.get(i, ()) for part in clauses(plain(fact))) for i in ids},
            words={i: "\n".join(plain(fact).casefold() for fact in context.get(i, ())) for i in ids}
            | {"": "\n".join(plain(fact).casefold() for fact in table)},
            stated={i: tuple(c for fact in context.get(i, ()) for c in _stated(plain(fact), i, today)) for i in ids},
            table=tuple(part for fact in table for part in clauses(plain(fact))),
            table_stated=tuple(c for fact in table for c in _stated(plain(fact), "", today)),
            passages=passages,
            urls=frozenset(urls),
            traps=intrusion.traps((*passages.current.values(), *old)),
            names={plain(name): ids for name, ids in _called(names).items() if _is_harmless(plain(name))},
            today=today,
        )

    def cited(self, ids: Iterable[str]) -> tuple[Clause, ...]:
        """The facts of the cited evidence."""
        return tuple(fact for i in ids for fact in self.facts[i])

    def facts_text(self, ids: Sequence[str]) -> str:
        """All that facts say to a sentence with this evidence, in lower case."""
        return "\n".join((*(self.words[i] for i in ids), self.words[""]))

    def named(self, ids: Sequence[str]) -> tuple[str, ...]:
        """The names that mean "the sprint" in a sentence with this evidence, the longest first."""
        good = (name for name, own in self.names.items() if own is None or not own.isdisjoint(ids))
        return tuple(sorted(good, key=lambda name: (-len(name), name)))

    def is_of_several(self, ids: Sequence[str]) -> bool:
        """Whether the evidence stands for several sprints."""
        stand_for = {own for own in self.names.values() if own is not None and not own.isdisjoint(ids)}
        return len(stand_for) > 1

    def known(self, ids: Sequence[str]) -> Known:
        """What follows from the cited evidence and the table."""
        return Known((*(claim for i in ids for claim in self.stated[i]), *self.table_stated), self.today)


@lru_cache(maxsize=8192)
def _stated(fact: str, home: str, today: date | None) -> tuple[Fact, ...]:
    """What a statement of some evidence states; nothing when the grammar does not know its phrase."""
    alone = _item_of(home)

    def resolve(reference: Reference) -> str | None:
        if reference.kind not in ("", "issue", "pr"):
            return None
        repository = reference.repository or (alone or "").partition("#")[0]
        return f"{repository}#{reference.number}"

    return facts_of(next(iter(Reader(spell(fact, fact.casefold()), resolve, None, alone).readings()), ()), today)


def _item_of(evidence_id: str) -> str | None:
    """An issue or pull request as "owner/name#7", in lower case; `None` for other evidence."""
    return evidence_id.partition(":")[2].casefold() if evidence_id.startswith(ITEMS) else None


def _why_not(text: str, ids: Sequence[str], book: _Book) -> str | None:
    """The first reason against a sentence, or `None`."""
    if len(text.split()) < FEWEST_WORDS or not any(character.isalpha() for character in text):
        return "says nothing"
    if len(text) > LONGEST:
        return "is too long to check"
    if not ids:
        return "cites no evidence"
    if any(i not in book.facts for i in ids):
        return "cites evidence that was not given"
    text = quoting.double_quoted(text)
    facts = book.facts_text(ids)
    if other_script(quoting.QUOTED.sub(" ", text)):
        return "is written in letters of another script"
    form = intrusion.why_not(quoting.QUOTED.sub(_blank, text), book.urls, facts)
    if form is not None:
        return form
    if intrusion.springs(text, book.traps):
        return "repeats an instruction from outside"
    return quoting.why_not(text, ids, book.passages, facts) or _why_not_content(text, ids, book)


def _why_not_content(text: str, ids: Sequence[str], book: _Book) -> str | None:
    """The first reason against what a sentence says."""
    text = _with_items(text, ids, book)
    bare = _without_quotations(text, ids, book)
    names = book.named(ids)
    if book.is_of_several(ids) and _ONE_SPRINT.search(bare):
        return "cites several sprints and speaks of one"
    for name in names:
        bare = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _blank, bare, flags=re.IGNORECASE)
    if _OTHER_SPRINT.search(bare):
        return "names a sprint that its evidence does not stand for"
    for reference in references(bare):
        if _is_misnamed(reference, ids, book):
            return "names an item that it does not cite"
        if reference.kind in ("", "issue", "pr") and _key(reference, ids, book) is None:
            return "names an item that could be several"
    follows = _follows(text, ids, book)
    if follows is None:
        return _why_not_in_words(bare, ids, book)
    return None if follows else _reason_in_all(bare)


def _without_quotations(text: str, ids: Sequence[str], book: _Book) -> str:
    """The text with spaces for what people wrote; words that only facts have, such as "Observe", say something and stay."""

    def rest(match: re.Match[str]) -> str:
        return " " * len(match.group()) if book.passages.hold(match[1], ids) else f" {match[1]} "

    return quoting.QUOTED.sub(rest, text)


def _with_items(text: str, ids: Sequence[str], book: _Book) -> str:
    """The text with the title of a cited item replaced by the item, where nothing else names it."""

    def item(match: re.Match[str]) -> str:
        found = {_item_of(i) for i in book.passages.titled(match[1], ids)} - {None}
        beside = quoting.neighbor(text, match)
        return str(found.pop()) if len(found) == 1 and beside is None else match.group()

    return quoting.QUOTED.sub(item, text)


def _follows(text: str, ids: Sequence[str], book: _Book) -> bool | None:
    """Whether every claim of a sentence that can be read as a whole follows from the facts; `None` when it cannot be read."""
    text = _unnamed(text, book.named(ids))
    items = {item for i in ids if (item := _item_of(i)) is not None}
    reader = Reader(
        spell(text, book.facts_text(ids)),
        lambda reference: _key(reference, ids, book),
        book.today,
        next(iter(items)) if len(items) == 1 else None,
    )
    for told in reader.readings(book.known(ids).holds):
        if not reader.names_all or not _has_others(told, book, reader.names_all):
            return True
    return False if reader.is_list or next(reader.readings(), None) is not None else None


def _has_others(told: Sequence[Claim], book: _Book, what: str) -> bool:
    """Whether what is said of some items, as if they were all, is true of another one as well."""
    if what == "kind":
        told = [replace(claim, values=()) if claim.kind in TIMED else claim for claim in told]
    everything = book.known(tuple(book.facts))
    named = {claim.subject for claim in told}
    others = {subject for subject in everything.subjects() if subject and subject not in named}
    return any(everything.holds(replace(claim, subject=other)) for claim in told for other in others if claim.subject)


def _unnamed(text: str, names: Iterable[str]) -> str:
    """The text with "the sprint" for its name; other quotations stay as they are."""
    for name in names:
        pattern = (
            rf'(?<![\w"])(?:the sprint |the milestone )?{re.escape(name)}(?![\w"])|(?<!milestone )"{re.escape(name)}"'
        )
        text = re.sub(pattern, _THE_SPRINT, text, flags=re.IGNORECASE)
    return text


def _key(reference: Reference, ids: Sequence[str], book: _Book) -> str | None:
    """The one item among the cited evidence and its facts that a reference can mean."""
    if reference.kind not in ("", "issue", "pr"):
        return None
    if reference.kind and not any(reference.is_id(i) for i in book.facts):
        return None
    found = {str(_item_of(i)) for i in ids if i.startswith(ITEMS) and reference.is_id(i)}
    if found:
        return found.pop() if len(found) == 1 else None
    for fact in book.cited(ids):
        for one in (*fact.subjects, *fact.mentioned):
            if reference.same(one) and one.repository:
                found.add(f"{one.repository}#{one.number}")
    return found.pop() if len(found) == 1 else None


def _why_not_in_words(bare: str, ids: Sequence[str], book: _Book) -> str | None:
    """The first clause that no single fact says in its own words, as a reason."""
    found = clauses(bare)
    if not found:
        return "says nothing that can be checked"
    if _BACKWARD.search(bare):
        return "names a cause that no cited fact names"
    causal = _CAUSAL.search(bare)
    if causal is not None and causal.group().casefold() not in book.facts_text(ids):
        return "names a cause that no cited fact names"
    for clause in found:
        if book.today is not None and _names_a_weekday_only(clause):
            return "names a weekday that the facts do not bear out"
        pools = [_facts_about(one, ids, book) for one in clause.subjects] or [_facts_at_large(clause, ids, book)]
        if not all(any(says(fact, clause) for fact in pool) for pool in pools):
            return _reason(clause)
    return None


def _reason_in_all(bare: str) -> str:
    """In words, why a sentence that was read does not follow from the facts."""
    found = [clause for clause in clauses(bare) if clause.quantities] or list(clauses(bare))
    return _reason(found[0]) if found else "claims what no cited fact says"


def _names_a_weekday_only(clause: Clause) -> bool:
    """Whether a clause tells a day by its weekday alone: "this Wednesday" can be a week off, which only `slots` can tell."""
    kinds = {one.kind for one in clause.quantities}
    return Kind.WEEKDAY in kinds and Kind.DATE not in kinds


def _reason(clause: Clause) -> str:
    """In words, why no fact supports a clause."""
    if clause.quantities:
        kinds = " and ".join(dict.fromkeys(str(one.kind) for one in clause.quantities))
        return f"gives a number ({kinds}) that no cited fact gives with these words"
    return "claims what no cited fact says"


def _facts_about(reference: Reference, ids: Sequence[str], book: _Book) -> tuple[Clause, ...]:
    """The cited facts about an item: those of its own evidence, and those of other evidence that speak of it."""
    return tuple(
        fact
        for i in ids
        for fact in book.facts[i]
        if fact.is_about(reference) or (not fact.subjects and reference.is_id(i))
    )


def _facts_at_large(clause: Clause, ids: Sequence[str], book: _Book) -> tuple[Clause, ...]:
    """The facts for a clause that names no item: "it" can only be an item when exactly one is cited."""
    cited = book.cited(ids)
    alone = sum(i.startswith(ITEMS) for i in ids) == 1 and not clause.is_of_sprint
    return (*(fact for fact in cited if alone or not fact.subjects), *book.table)


def _is_misnamed(reference: Reference, ids: Sequence[str], book: _Book) -> bool:
    """Whether the text names an item that the sentence does not cite, or calls an issue a pull request."""
    cited = any(reference.is_id(i) for i in ids)
    mentioned = any(fact.names(reference) for fact in book.cited(ids))
    known = not reference.kind or any(reference.is_id(i) for i in book.facts)
    return not known or not (cited or mentioned)


def _is_harmless(name: str) -> bool:
    """Whether a name from outside can stand in a sentence without saying something: "Sprint 27" can, "99 % done" not."""
    if claims(name) or references(name) or intrusion.instructs(name) or len(name) < SHORTEST_NAME:
        return False
    numbers = quantities(name)
    plain_numbers = all(one.kind is Kind.LITERAL or (one.kind is Kind.COUNT and not one.unit) for one in numbers)
    return plain_numbers and (any(c.isalpha() for c in name) or all(one.kind is Kind.LITERAL for one in numbers))


def _called(names: Names) -> dict[str, frozenset[str] | None]:
    """Each name with the evidence of its sprint, `None` where it may stand in every sentence.

    Names of different sprints without their evidence are good for nothing: one would pass for the other.
    """
    if isinstance(names, Mapping):
        return {name: frozenset(ids) for name, ids in names.items()}
    given = list(dict.fromkeys(names))
    longest = max(given, key=len, default="").casefold()
    return dict.fromkeys(given) if all(name.casefold() in longest for name in given) else {}


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
