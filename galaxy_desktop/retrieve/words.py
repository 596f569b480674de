"""The words of a text as they are searched: stems of prose, and identifiers and paths both whole and in pieces.

"WalletModel::getBalance" is found by its whole name, by "walletmodel", by "wallet" and by "balance"; so somebody who
describes a thing meets somebody who names it. Stems are cut by a few rules that bring plural and tense together and
leave identifiers alone. The same function reads what is stored and what is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

REFERENCE = re.compile(r"https?://\S+|(?<![\w/])(?:[\w.-]+/[\w.-]+)?#\d+\b")
"""Addresses and mentions of items: where a text points, not what it says."""
_RAW = re.compile(r"[^\W_][\w]*(?:(?:::|->|[./\\-])\w+)*|_\w+", re.UNICODE)
_PIECE = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")
_HEX = re.compile(r"^(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{7,}$")
_VOWEL = re.compile(r"[aeiouy]")
LONGEST = 60
"""Longer words are keys, hashes and encoded data, by which nobody searches a whole text."""
_STOP = """\
a about above after again against all also am an and any are as at be because been before being below between both
    but by can cannot could did do does doing done down during each few for from further get got had has have having he her
    here hers him his how i if in into is it its itself just let ll me more most my no nor not now of off on once only or
    other our out over own please re same she should so some such t than that the their them then there these they this
    those through to too under until up ve very was we were what when where which while who why will with would you your"""
STOP = frozenset(_STOP.split())


def words(text: str) -> list[str]:
    """The search words of a text in order, stop words left out; a name is followed by its pieces."""
    found: list[str] = []
    for raw in _RAW.findall(unicodedata.normalize("NFKC", text)):
        found.extend(_of(raw))
    return found


def without_references(text: str) -> str:
    """The text without addresses and mentions of items."""
    return REFERENCE.sub(" ", text)


def stem(word: str) -> str:
    """A lower-case word without the endings of plural and tense; short words and those with digits as they are."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 2 and _VOWEL.search(root):
            return _mended(root)
    return word.removesuffix("e")


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _mended(root: str) -> str:
    """What is left of "stopped", "making" and "tried", as it is left of "stop", "make" and "try"."""
    if root[-1] == root[-2] and root[-1] not in "lsz":
        return root[:-1]
    if root.endswith("i"):
        return root[:-1] + "y"
    return root.removesuffix("e")


def _of(raw: str) -> Iterator[str]:
    """The words of one run of letters: the whole name, its parts, and the parts of those written in camel case."""
    if len(raw) > LONGEST:
        return
    whole = raw.casefold()
    pieces = _PIECE.findall(raw)
    if len(pieces) > 1:
        yield whole
    for piece in pieces:
        lower = piece.casefold()
        if len(lower) < 2 or lower in STOP or _HEX.match(lower):
            continue
        yield stem(lower)
        humps = _CAMEL.findall(piece)
        if len(humps) > 1:
            yield from (stem(one) for one in map(str.casefold, humps) if len(one) > 1 and one not in STOP)
