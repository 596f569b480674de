"""What was learned of the six families, in lines: whether they count and why, then each family with its number."""

from __future__ import annotations

from galaxy_desktop.domain.families import FamilyOffset, FamilyTerm
from galaxy_desktop.explain.words import counted, percent

LOOKS_AT = {
    "code": "pull requests sent back for changes",
    "text": "open issues that say too little",
    "temporal": "pull requests that wait for a review",
    "graph": "items that wait for another",
    "sentiment": "items with negative talk",
    "ci": "failed builds",
}
"""What the trouble of each family is, by its name."""


def family_lines(told: FamilyOffset) -> tuple[str, ...]:
    """The sentence of the gate, then a line for each family; only the sentence while nothing was learned."""
    lines = tuple(_line(term, told) for term in told.terms)
    return (told.sentence, *lines) if told.sentence else lines


def _line(term: FamilyTerm, told: FamilyOffset) -> str:
    name = f"{term.family.capitalize()} ({LOOKS_AT[term.family]})"
    if term.why_none:
        return f"{name}: no weight, {term.why_none}."
    moments = " / ".join(percent(share) for share in told.shares)
    usual = " / ".join(percent(value) for value in term.usual)
    counts = "" if told.used else ", not counted"
    return (
        f"{name}: {term.weight:+.2f} log-odds for each {percent(term.spread)} above the usual {usual} at {moments} of the "
        f"time, known in {counted(term.sprints, 'sprint')}{counts}."
    )
