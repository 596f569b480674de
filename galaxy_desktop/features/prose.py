"""What a person wrote, apart from code, quotations and template remarks.

GitHub texts are Markdown. A reference in a code block, in inline code, in a quoted line, in a struck-out
passage or in an HTML comment is not a statement of the author, and words in it are not prose. `masked`
covers such parts with a character that no pattern matches and keeps every position, so that what is found
in the masked text can be quoted from the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

COVER = "\ue000"
"""A private-use character: it is neither a space nor a letter, so nothing matches across it."""

_FORBIDDEN = {ord("\r"): " ", 0xE001: COVER, 0xE002: COVER}
"""The marks that `phrases` puts in place of references must not come from outside."""

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(
    r"^[ \t]*(?:>[ ]?)*(?P<mark>`{3,}|~{3,})[^\n]*$.*?(?:^[ \t]*(?:>[ ]?)*(?P=mark)[`~]*[ \t]*$|\Z)",
    re.DOTALL | re.MULTILINE,
)
_HTML_CODE = re.compile(r"<(pre|code|blockquote|del|s)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_INLINE = re.compile(r"(?<!`)(`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)\1(?!`)", re.DOTALL)
_STRUCK = re.compile(
    r"~~(?=\S)(?:(?!\n[ \t]*\n).)+?~~|(?<![~\w])~(?=[^\s~])(?:(?!\n[ \t]*\n)[^~]){1,400}(?<=\S)~(?![~\w])", re.DOTALL
)
"""GitHub strikes out between one tilde as well as between two; "~5 of ~10" opens twice and never closes."""
_QUOTED = re.compile(r"^[ \t]{0,3}(?:[-*+][ \t]+)?>[^\n]*$", re.MULTILINE)
_INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?:(?: {4}|\t)[^\n]*(?:\n|\Z))+")
_COVERED = (
    ("<!--", _COMMENT),
    ("```", _FENCE),
    ("~~~", _FENCE),
    ("</", _HTML_CODE),
    (">", _QUOTED),
    ("`", _INLINE),
    ("~", _STRUCK),
)
"""In this order, because what is inside a comment or fence is no longer Markdown; each with a sign that it may apply."""
_LIST_LINE = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+")
_LEADING_MARK = re.compile(r"[`~>\t]| {4}|<")

_BLOCK_START = re.compile(r"^[ \t]*(?:(?P<list>(?:[-*+]|\d{1,3}[.)])[ \t]+)|(?P<heading>#{1,6}[ \t]+))")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading or list entry of a masked text; `start` is where its `text` begins in the original."""

    text: str
    start: int
    kind: str


def masked(text: str) -> str:
    """The text with everything that is not the author's own prose covered, every position kept."""
    plain = text.translate(_FORBIDDEN)
    if not _LEADING_MARK.search(plain):
        return plain
    for sign, pattern in _COVERED:
        if sign in plain:
            plain = pattern.sub(_covered, plain)
    return _INDENTED.sub(lambda m: m.group() if _in_list(plain, m.start()) else _covered(m), plain)


def _covered(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", COVER, match.group())


def _in_list(text: str, start: int) -> bool:
    """Whether an indented passage continues a list entry, where indentation does not mean code."""
    before = text[:start].rstrip().rsplit("\n\n", 1)[-1]
    return any(_LIST_LINE.match(line) for line in before.split("\n"))


def blocks(plain: str) -> Iterator[Block]:
    """The paragraphs, headings and list entries of a masked text."""
    lines: list[str] = []
    start = position = 0
    kind = "paragraph"
    for line in plain.split("\n"):
        begins = _BLOCK_START.match(line)
        if lines and (begins or not line.strip() or kind == "heading"):
            yield Block("\n".join(lines), start, kind)
            lines = []
        if line.strip():
            if not lines:
                start = position
                kind = "paragraph" if not begins else "list" if begins["list"] else "heading"
            lines.append(line)
        position += len(line) + 1
    if lines:
        yield Block("\n".join(lines), start, kind)
