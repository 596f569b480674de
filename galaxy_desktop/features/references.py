"""References from a text to issues and pull requests, as GitHub understands them.

`#12`, `GH-12`, `owner/name#12` and full URLs count; `name#12`, colors, anchors in other URLs, "step #2" and
decimal numbers do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OWNER_NAME = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}"
_URL = re.compile(
    rf"https?://(?:www\.)?github\.com/(?P<repository>{_OWNER_NAME})/(?:issues|pull)/(?P<number>[1-9]\d{{0,6}})\b"
    r"(?P<tail>[^\s)\]>\"'\ue000]*)"
)
_SHORT = re.compile(r"(?:#|GH-)(?P<number>[1-9]\d{0,6})(?![\w])(?!\.\d)(?!-\d)")
_BEFORE_NEAR = re.compile(r"(?:\A|[^\w/.@&#=?-])\Z")
_BEFORE_FAR = re.compile(rf"(?<![\w/.@&#-]){_OWNER_NAME}\Z")
_LONGEST_NAME = 141
_ORDINAL = re.compile(
    r"\b(?:steps?|options?|points?|items?|comments?|questions?|approach(?:es)?|commits?|sprints?|builds?|runs?|tests?"
    r"|cases?|parts?|phases?|numbers?|no\.?|rules?|sections?|chapters?|pages?|lines?|attempts?|reasons?|rank|place"
    r"|block|height|rows?|columns?|figures?|fig\.?|tables?|notes?|footnotes?|scenarios?|examples?|vectors?|jobs?"
    r"|priority|goals?|layers?|players?|slots?|channels?|ports?|versions?|releases?|rounds?|days?|weeks?)\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference: `repository` is as written, "" where the text's own repository is meant.

    `to_remark` marks a URL of one comment or review of the item: it speaks of words, not of the item's work.
    """

    start: int
    end: int
    repository: str
    number: int
    to_remark: bool = False


def may_refer(text: str) -> bool:
    """A cheap look: whether a text can hold a reference at all."""
    return "#" in text or "github.com/" in text or "GH-" in text


def references(plain: str) -> Iterator[Reference]:
    """All references in a masked text, in the order written."""
    if not may_refer(plain):
        return
    found = [*_urls(plain), *_short(plain)]
    yield from sorted(found, key=lambda reference: reference.start)


def _urls(plain: str) -> Iterator[Reference]:
    for match in _URL.finditer(plain):
        tail = match["tail"]
        end = match.end() - len(tail) + len(tail.rstrip(".,;:!?*_"))
        yield Reference(match.start(), end, match["repository"], int(match["number"]), "#" in tail)


def _short(plain: str) -> Iterator[Reference]:
    """`#12`, `GH-12` and `owner/name#12`: what stands before the mark decides."""
    for match in _SHORT.finditer(plain):
        start, number = match.start(), int(match["number"])
        if _BEFORE_NEAR.search(plain, max(0, start - 1), start):
            if not _ORDINAL.search(plain[max(0, start - 24) : start]):
                yield Reference(start, match.end(), "", number)
            continue
        far = _BEFORE_FAR.search(plain, max(0, start - _LONGEST_NAME), start)
        if far and match.group().startswith("#"):
            yield Reference(far.start(), match.end(), far.group(), number)
