"""Mood: the polarity of what people write on items lately, and the words that decided it.

Two voices can say how a comment sounds. Where its sentences were embedded, the sentiment model (`sentiment_model`) says
P(positive) - P(negative); until then, and where no embedding model is installed, the word list (`sentiment_words`)
does. Both run from -1 to 1 and name their words, and every number says which of them spoke. Bots are not asked how
they feel. Nothing here is kept by person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from galaxy_desktop.domain.evidence import Evidence, excerpt, of_comment
from galaxy_desktop.domain.facts import Feature
from galaxy_desktop.domain.work import Comment, Review, WorkItem
from galaxy_desktop.features.activity import is_bot
from galaxy_desktop.features.catalog import known, missing, number
from galaxy_desktop.features.index import WorkspaceIndex, key_of
from galaxy_desktop.features.sentiment_words import MOST_WORDS, Polarity, polarity
from galaxy_desktop.features.view import SprintView

RECENT_DAYS = 14
HEATED = -0.3
FEWEST_HEATED = 2
"""An item is heated when its mood is below -0.3 and at least two comments are negative: one sigh is no quarrel."""


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


def spoken_on(item: WorkItem, index: WorkspaceIndex, oldest: datetime, until: datetime) -> list[Comment | Review]:
    """Comments and reviews with words by people on an item, from one moment to another."""
    key = key_of(item)
    comments = [c for c in index.comments_of.get(key, ()) if oldest <= c.created_at <= until and not is_bot(c.author)]
    reviews = [
        r
        for r in index.reviews_of.get(key, ())
        if oldest <= r.submitted_at <= until and r.body.strip() and not is_bot(r.author)
    ]
    return [*comments, *reviews]


def remarks(item: WorkItem, view: SprintView) -> list[Remark]:
    """Comments and review texts of the last 28 days by people, oldest first."""
    said = spoken_on(item, view.index, view.since(2 * RECENT_DAYS), view.now)
    return sorted((_remark(one, view) for one in said), key=lambda remark: (remark.at, remark.evidence.id))


def _remark(said: Comment | Review, view: SprintView) -> Remark:
    """What was said with its polarity: by the model where its vector is there, by the word list elsewhere."""
    vector = (view.embeddings or {}).get(said.evidence_id)
    model = view.sentiment_model
    tone = polarity(said.body) if model is None or vector is None else model.polarity(said.body, vector)
    if isinstance(said, Comment):
        return Remark(said.created_at, tone, of_comment(said))
    return Remark(said.submitted_at, tone, _of_review(said))


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
    mean = known("mood_mean", now_mean, f"mean polarity of {len(recent)} comments, {_voices(recent)},", shown)
    heated = [evidence for _, _, mood in talk if mood.heated for evidence in mood.evidence]
    count = sum(mood.heated for _, _, mood in talk)
    hot = known("heated_items", count, f"items with a mood below {HEATED:g}, of {len(talk)} items", heated or shown)
    if before_mean is None:
        return [mean, missing("mood_trend", f"no comments in the {RECENT_DAYS} days before", shown), hot]
    both = f"{number(now_mean)} of {len(recent)} comments - {number(before_mean)} of {len(before)} before"
    formula = f"{both}, {_voices(recent + before)},"
    return [mean, known("mood_trend", now_mean - before_mean, formula, shown), hot]


def _voices(found: list[Remark]) -> str:
    """Which of the two said how the comments sound."""
    modeled = sum(remark.polarity.by_model for remark in found)
    if modeled in (0, len(found)):
        return "by the sentiment model" if modeled else "by the word list"
    return f"{modeled} by the sentiment model, {len(found) - modeled} by the word list"


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
