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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.reason import intrusion
from galaxy_desktop.reason.claims import claims
from galaxy_desktop.reason.clauses import Clause, clauses, says
from galaxy_desktop.reason.quantities import Kind, quantities
from galaxy_desktop.reason.references import Reference, references
from galaxy_desktop.reason.wording import other_script, plain

LONGEST = 320
SHORTEST_NAME = 4
ITEMS = ("issue:", "pr:")

_QUOTED = re.compile(r'"([^"]{3,160})"')


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
class _Book:
    """Everything a sentence may rest on."""

    facts: Mapping[str, tuple[Clause, ...]]
    table: tuple[Clause, ...]
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
            {i: tuple(part for fact in context.get(i, ()) for part in clauses(plain(fact))) for i in ids},
            tuple(part for fact in table for part in clauses(plain(fact))),
            passages,
            frozenset(urls),
            intrusion.traps(passages.values()),
            tuple(name for name in map(plain, names) if _is_harmless(name)),
        )

    def cited(self, ids: Iterable[str]) -> tuple[Clause, ...]:
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
    return _why_not_content(text, ids, book)


def _why_not_content(text: str, ids: Sequence[str], book: _Book) -> str | None:
    """The first reason against what a sentence says, clause by clause."""
    quotable = book.quotable(ids)
    for quoted in _QUOTED.findall(text):
        if quoted.casefold() not in quotable or intrusion.instructs(quoted):
            return "quotes what the evidence does not say"
    bare = _QUOTED.sub(_blank, text)
    if '"' in bare:
        return "quotes what the evidence does not say"
    for name in book.names:
        bare = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _blank, bare, flags=re.IGNORECASE)
    if any(_is_misnamed(reference, ids, book) for reference in references(bare)):
        return "names an item that it does not cite"
    found = clauses(bare)
    if not found:
        return "says nothing that can be checked"
    for clause in found:
        pools = [_facts_about(one, ids, book) for one in clause.subjects] or [_facts_at_large(clause, ids, book)]
        if not all(any(says(fact, clause) for fact in pool) for pool in pools):
            return _reason(clause)
    return None


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


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
