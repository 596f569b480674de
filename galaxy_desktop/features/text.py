"""Text: how much a description says, how easily it reads, whether it tells when the work is done.

Readability is Flesch's reading ease, 206.835 - 1.015 * words / sentences - 84.6 * syllables / words, with syllables
counted as groups of vowels: made for English, rough for anything else, and only taken from 20 words up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from galaxy_desktop.domain.evidence import of_item
from galaxy_desktop.domain.facts import Feature
from galaxy_desktop.domain.work import ItemKind, WorkItem
from galaxy_desktop.features.catalog import known, missing
from galaxy_desktop.features.prose import COVER, masked
from galaxy_desktop.features.view import SprintView

FEWEST_WORDS = 20
NEAR = 0.9
"""Cosine similarity from which two descriptions say nearly the same."""

_URL = re.compile(r"https?://\S+")
_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*[^\W_])?")
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)|\n\s*\n|\n\s*[-*+]\s")
_VOWELS = re.compile(r"[aeiouyàáâäæãåèéêëìíîïòóôöõøœùúûü]+")
_BOX = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])\s+\[(?P<mark>[ xX])\](?=\s)", re.MULTILINE)
_CRITERIA = re.compile(
    r"acceptance[\s-]+criteri(?:a|on)|definition\s+of\s+done|done\s+when|\bdod\b|success\s+criteri(?:a|on)"
    r"|expected\s+(?:behaviou?r|result|outcome)|^[ \t]{0,8}(?:\*\*)?ac(?:\*\*)?[ \t]?:"
    r"|^[ \t*>-]{0,12}given\b[^\n]{1,300}(?:\n[ \t*>-]{0,12}|\s)when\b[^\n]{1,300}(?:\n[ \t*>-]{0,12}|\s)then\b",
    re.IGNORECASE | re.MULTILINE,
)

Pairs = Mapping[str, tuple[tuple[str, float], ...]]
"""Item id -> (other id, similarity), the most similar first."""


def word_count(body: str) -> int:
    """Words of the author's own prose: code, quotations, template remarks and addresses are left out."""
    return len(_words(body))


def reading_ease(body: str) -> float | None:
    """Flesch's reading ease, limited to 0..100; `None` below 20 words."""
    words = _words(body)
    if len(words) < FEWEST_WORDS:
        return None
    sentences = max(1, len([s for s in _SENTENCE.split(_prose(body)) if _WORD.search(s)]))
    syllables = sum(_syllables(word) for word in words)
    ease = 206.835 - 1.015 * len(words) / sentences - 84.6 * syllables / len(words)
    return min(100.0, max(0.0, ease))


def boxes(body: str) -> tuple[int, int]:
    """How many checkboxes a description has, and how many of them are ticked."""
    marks = [match["mark"] for match in _BOX.finditer(masked(body))]
    return len(marks), sum(mark != " " for mark in marks)


def has_criteria(body: str) -> bool:
    """Whether a description says when the work is done: by name, as given-when-then, or as a checklist."""
    return boxes(body)[0] > 0 or bool(_CRITERIA.search(masked(body)))


def near_duplicates(view: SprintView) -> Pairs:
    """Open items of the workspace that say nearly the same as an open item of the sprint, by cosine similarity."""
    vectors = view.embeddings or {}
    ours = [item.evidence_id for item in view.open_items if item.evidence_id in vectors]
    others = [item.evidence_id for item in view.index.items if item.is_open and item.evidence_id in vectors]
    if not ours:
        return {}
    every = np.asarray([vectors[i] for i in others], dtype=np.float32)
    every /= np.maximum(np.linalg.norm(every, axis=1, keepdims=True), 1e-12)
    place = {i: n for n, i in enumerate(others)}
    likeness = every[[place[i] for i in ours]] @ every.T
    found: dict[str, tuple[tuple[str, float], ...]] = {}
    for row, one in enumerate(ours):
        near = [(others[n], round(float(likeness[row, n]), 3)) for n in np.flatnonzero(likeness[row] >= NEAR)]
        pairs = sorted((pair for pair in near if pair[0] != one), key=lambda pair: (-pair[1], pair[0]))
        if pairs:
            found[one] = tuple(pairs)
    return found


def features(view: SprintView, duplicates: Pairs) -> list[Feature]:
    """Length, readability, criteria, ticked boxes and near-duplicates of the sprint's items."""
    return [_length(view), _readability(view), _criteria(view), _ticked(view), _duplicates(view, duplicates)]


def _prose(body: str) -> str:
    return _URL.sub(" ", masked(body).replace(COVER, " "))


def _words(body: str) -> list[str]:
    return _WORD.findall(_prose(body))


def _syllables(word: str) -> int:
    folded = word.casefold()
    groups = len(_VOWELS.findall(folded))
    silent = folded.endswith("e") and not folded.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


def _length(view: SprintView) -> Feature:
    """Median number of words over all items; an empty description counts with 0 words."""
    if not view.items:
        return missing("description_words_median", "the sprint has no items", view.anchor)
    counted = sorted(((word_count(i.body), i) for i in view.items), key=lambda p: (p[0], p[1].evidence_id))
    value = float(np.median([words for words, _ in counted]))
    shown = [of_item(item, f"{words} words") for words, item in counted]
    return known("description_words_median", value, f"median of {len(counted)} descriptions", shown)


def _readability(view: SprintView) -> Feature:
    """Median reading ease over descriptions of 20 words or more."""
    rated = [(ease, item) for item in view.items if (ease := reading_ease(item.body)) is not None]
    if not rated:
        return missing("readability", f"no description has {FEWEST_WORDS} words", view.anchor)
    rated.sort(key=lambda pair: (pair[0], pair[1].evidence_id))
    value = float(np.median([ease for ease, _ in rated]))
    shown = [of_item(item, f"reading ease {ease:.0f}") for ease, item in rated]
    return known("readability", value, f"median reading ease of {len(rated)} descriptions", shown)


def _criteria(view: SprintView) -> Feature:
    """Open issues with criteria / open issues; pull requests answer a question and need none of their own."""
    issues = [item for item in view.open_items if item.kind is ItemKind.ISSUE]
    if not issues:
        return missing("criteria_share", "the sprint has no open issues", view.anchor)
    without = [item for item in issues if not has_criteria(item.body)]
    share = (len(issues) - len(without)) / len(issues)
    shown = [of_item(item) for item in without]
    return known(
        "criteria_share", share, f"{len(issues) - len(without)} of {len(issues)} open issues", shown or view.anchor
    )


def _ticked(view: SprintView) -> Feature:
    """Ticked boxes / boxes, over all items of the sprint."""
    counted = [(item, *boxes(item.body)) for item in view.items]
    listed: list[tuple[WorkItem, int, int]] = [row for row in counted if row[1]]
    total, ticked = sum(row[1] for row in listed), sum(row[2] for row in listed)
    if not total:
        return missing("boxes_ticked_share", "no description has a checklist", view.anchor)
    shown = [of_item(item, f"{done} of {of} boxes ticked") for item, of, done in listed]
    return known("boxes_ticked_share", ticked / total, f"{ticked} ticked / {total} boxes", shown)


def _duplicates(view: SprintView, duplicates: Pairs) -> Feature:
    """Count of pairs of open items, at least one of the sprint, with a cosine similarity of 0.9 or more."""
    if not view.embeddings:
        return missing("near_duplicate_pairs", "no embeddings yet", view.anchor)
    pairs = sorted({(min(i, o), max(i, o), alike) for i, others in duplicates.items() for o, alike in others})
    shown = []
    for one, other, alike in pairs:
        words = f"similarity {alike:.2f} to "
        shown += [of_item(view.index.items_by_id[i], words + o) for i, o in ((one, other), (other, one))]
    formula = f"pairs alike by {NEAR:g} or more among {len(view.open_items)} open items and all others"
    return known("near_duplicate_pairs", len(pairs), formula, shown or view.anchor)
