"""Mood: the polarity of what people write on items lately, and the words that decided it.

A lexicon, not a model: it is fast, always there, and can name its reasons. `polarity` is the one door to it, so that a
model can take its place later; whoever replaces it must go on naming the words.

A negation within the three words before turns a word round and weakens it, a booster strengthens it. The sum s of the
weights becomes s / sqrt(s^2 + 8), between -1 and 1. Bots are not asked how they feel. Nothing here is kept by person.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.evidence import Evidence, excerpt, of_comment
from galaxy_desktop.domain.facts import Feature
from galaxy_desktop.domain.work import Review, WorkItem
from galaxy_desktop.features.activity import is_bot
from galaxy_desktop.features.catalog import known, missing, number
from galaxy_desktop.features.index import key_of
from galaxy_desktop.features.lexicon import BOOSTERS, NEGATIONS, PHRASES, SYMBOLS, WORDS
from galaxy_desktop.features.prose import COVER, masked
from galaxy_desktop.features.view import SprintView

RECENT_DAYS = 14
DAMPING = 8.0
NEGATION_REACH = 3
NEGATED = -0.8
HEATED = -0.3
FEWEST_HEATED = 2
"""An item is heated when its mood is below -0.3 and at least two comments are negative: one sigh is no quarrel."""
MOST_WORDS = 6

_EXACT = {word: weight for word, weight in WORDS if not word.endswith("*")}
_STEMS = tuple(sorted((word[:-1], weight) for word, weight in WORDS if word.endswith("*")))
_STEM_PATTERN = re.compile("|".join(sorted((re.escape(stem) for stem, _ in _STEMS), key=len, reverse=True)))
_STEM_WEIGHTS = dict(_STEMS)
_PHRASES = dict(PHRASES)
_SYMBOLS = dict(SYMBOLS)


def _symbol(symbol: str) -> str:
    """A pattern for an emoji anywhere, or for an emoticon that is not part of a word or an address."""
    return rf"(?<!\w){re.escape(symbol)}(?![\w/])" if symbol.isascii() else re.escape(symbol)


_TOKEN = re.compile(
    "|".join(
        (
            *(_symbol(symbol) for symbol in sorted(_SYMBOLS, key=len, reverse=True)),
            *(rf"\b{re.escape(phrase)}\b" for phrase in sorted(_PHRASES, key=len, reverse=True)),
            r"(?<![\w.])[+-]1(?![\w.])",
            r"[^\W\d_]+(?:'[^\W\d_]+)?",
            r"[.!?;\n]",
        )
    )
)
_STOPS = frozenset(".!?;\n")
_NOISE = re.compile(r"https?://\S+|@[\w-]+|#\d+")


@dataclass(frozen=True, slots=True)
class Polarity:
    """How a text sounds, -1 to 1, with the words that decided it, the weightiest first."""

    value: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment or review with its mood."""

    at: datetime
    polarity: Polarity
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Mood:
    """The mood around one item; `None` where nobody wrote anything in the time asked."""

    recent: float | None
    trend: float | None
    words: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    heated: bool


def polarity(text: str) -> Polarity:
    """The polarity of one text; 0 without words when nothing in it is loaded."""
    plain = _NOISE.sub(" ", masked(text).replace(COVER, " ")).replace("’", "'").casefold()
    tokens = _TOKEN.findall(plain)
    hits = [(weight, _shown(tokens, n)) for n, token in enumerate(tokens) if (weight := _weight(tokens, n, token))]
    total = sum(weight for weight, _ in hits)
    ordered = sorted(dict.fromkeys(hits), key=lambda hit: (-abs(hit[0]), hit[1]))
    words = tuple(dict.fromkeys(word for _, word in ordered))
    return Polarity(total / math.sqrt(total * total + DAMPING), words[:MOST_WORDS])


def remarks(item: WorkItem, view: SprintView) -> list[Remark]:
    """Comments and review texts of the last 28 days by people, oldest first."""
    oldest = view.since(2 * RECENT_DAYS)
    key = key_of(item)
    found = [
        Remark(c.created_at, polarity(c.body), of_comment(c))
        for c in view.index.comments_of.get(key, ())
        if oldest <= c.created_at <= view.now and not is_bot(c.author)
    ]
    found += [
        Remark(r.submitted_at, polarity(r.body), _of_review(r))
        for r in view.index.reviews_of.get(key, ())
        if oldest <= r.submitted_at <= view.now and r.body.strip() and not is_bot(r.author)
    ]
    return sorted(found, key=lambda remark: (remark.at, remark.evidence.id))


def mood_of(item_remarks: Iterable[Remark], view: SprintView) -> Mood:
    """The mood of the last 14 days, its change against the 14 days before, and the remarks that weigh most."""
    recent, before = _split(item_remarks, view)
    now_mean, before_mean = _mean(recent), _mean(before)
    loaded = sorted((r for r in recent if r.polarity.words), key=lambda r: (-abs(r.polarity.value), r.evidence.id))
    negative = [r for r in recent if r.polarity.value < HEATED]
    return Mood(
        recent=now_mean,
        trend=None if now_mean is None or before_mean is None else now_mean - before_mean,
        words=tuple(dict.fromkeys(word for r in loaded for word in r.polarity.words))[:MOST_WORDS],
        evidence=tuple(r.evidence for r in loaded[:3]),
        heated=now_mean is not None and now_mean < HEATED and len(negative) >= FEWEST_HEATED,
    )


def features(view: SprintView, by_item: Iterable[tuple[WorkItem, list[Remark]]]) -> list[Feature]:
    """Mean mood, its trend, and items whose talk is heated.

    mood_mean = mean polarity of all remarks of the last 14 days; mood_trend = that less the mean of the 14 days before.
    """
    talk = [(item, found, mood_of(found, view)) for item, found in by_item]
    recent, before = _split([remark for _, found, _ in talk for remark in found], view)
    loudest = sorted(recent, key=lambda r: (r.polarity.value, r.evidence.id))
    shown = [r.evidence for r in loudest if r.polarity.words] or [r.evidence for r in loudest]
    now_mean, before_mean = _mean(recent), _mean(before)
    if now_mean is None:
        why = f"no comments in {RECENT_DAYS} days"
        return [missing(name, why, view.anchor) for name in ("mood_mean", "mood_trend", "heated_items")]
    mean = known("mood_mean", now_mean, f"mean polarity of {len(recent)} comments", shown)
    heated = [evidence for _, _, mood in talk if mood.heated for evidence in mood.evidence]
    count = sum(mood.heated for _, _, mood in talk)
    hot = known("heated_items", count, f"items with a mood below {HEATED:g}, of {len(talk)} items", heated or shown)
    if before_mean is None:
        return [mean, missing("mood_trend", f"no comments in the {RECENT_DAYS} days before", shown), hot]
    formula = f"{number(now_mean)} of {len(recent)} comments - {number(before_mean)} of {len(before)} before"
    return [mean, known("mood_trend", now_mean - before_mean, formula, shown), hot]


def _weight(tokens: list[str], place: int, token: str) -> float:
    weight = _base(token)
    if not weight or token in _SYMBOLS:
        return weight
    if _negation(tokens, place):
        return weight * NEGATED
    for before in _reach(tokens, place):
        weight *= BOOSTERS.get(before, 1.0)
    return weight


def _negation(tokens: list[str], place: int) -> str | None:
    """The negation that turns a word round; phrases such as "no problem" bring their own."""
    if tokens[place] in _SYMBOLS or tokens[place].split()[0] in NEGATIONS:
        return None
    return next((t for t in reversed(_reach(tokens, place)) if t in NEGATIONS), None)


def _reach(tokens: list[str], place: int) -> list[str]:
    """The words just before, back to the beginning of the sentence."""
    before = tokens[max(0, place - NEGATION_REACH) : place]
    last = max((n for n, token in enumerate(before) if token in _STOPS), default=-1)
    return before[last + 1 :]


def _base(token: str) -> float:
    for table in (_SYMBOLS, _PHRASES, _EXACT):
        if token in table:
            return table[token]
    stem = _STEM_PATTERN.match(token)
    return _STEM_WEIGHTS[stem.group()] if stem else 0.0


def _shown(tokens: list[str], place: int) -> str:
    negation = _negation(tokens, place)
    return f"{negation} {tokens[place]}" if negation else tokens[place]


def _split(found: Iterable[Remark], view: SprintView) -> tuple[list[Remark], list[Remark]]:
    recent: list[Remark] = []
    before: list[Remark] = []
    for remark in found:
        (recent if remark.at >= view.since(RECENT_DAYS) else before).append(remark)
    return recent, before


def _mean(found: list[Remark]) -> float | None:
    return sum(r.polarity.value for r in found) / len(found) if found else None


def _of_review(review: Review) -> Evidence:
    return Evidence(review.evidence_id, "review", review.url, excerpt(review.body), review.observed_at)
