"""References from a text to issues and pull requests, as GitHub understands them.

`#12`, `GH-12`, `owner/name#12` and full URLs count; `name#12`, colors, anchors in other URLs, "step #2" and
decimal numbers do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OWNER_NAME = r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}"
_END = r"(?![\w])(?!\.\d)(?!-\d)"
_REFERENCE = re.compile(
    rf"""
    https?://(?:www\.)?github\.com/(?P<url_repository>{_OWNER_NAME})/(?:issues|pull)/(?P<url_number>\d{{1,7}})\b
        (?P<tail>[^\s)\]>"'\ue000]*)
    | (?<![\w/.@&#-])(?P<far_repository>{_OWNER_NAME})\#(?P<far_number>\d{{1,7}}){_END}
    | (?<![\w/.@&#=?-])(?:\#|GH-)(?P<near_number>\d{{1,7}}){_END}
    """,
    re.VERBOSE,
)
_ORDINAL = re.compile(
    r"\b(?:steps?|options?|points?|items?|comments?|questions?|approach(?:es)?|commits?|sprints?|builds?|runs?|tests?"
    r"|cases?|parts?|phases?|numbers?|no\.?|rules?|sections?|chapters?|pages?|lines?|attempts?|reasons?|rank|place"
    r"|blocks?|height|rows?|columns?|figures?|fig\.?|tables?|notes?|footnotes?|scenarios?|examples?|vectors?|jobs?"
    r"|priority|goals?|layers?|players?|slots?|channels?|ports?|versions?|releases?|rounds?|days?|weeks?)\s+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference: `repository` is as written, "" where the text's own repository is meant."""

    start: int
    end: int
    repository: str
    number: int


def references(plain: str) -> Iterator[Reference]:
    """All references in a masked text, in the order written."""
    if "#" not in plain and "github.com/" not in plain and "GH-" not in plain:
        return
    for match in _REFERENCE.finditer(plain):
        if match["near_number"] and _ORDINAL.search(plain[max(0, match.start() - 24) : match.start()]):
            continue
        repository = match["url_repository"] or match["far_repository"] or ""
        number = match["url_number"] or match["far_number"] or match["near_number"]
        end = match.end() - len(match["tail"]) + len(match["tail"].rstrip(".,;:!?*_")) if match["tail"] else match.end()
        if int(number) > 0:
            yield Reference(match.start(), end, repository, int(number))
