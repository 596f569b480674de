"""A question spelled out before it is read: short forms written in full, slips of the keyboard mended, the language told.

Only words that mean nothing are mended, and only into words by which questions ask; a name of anything that is stored stays
as it was typed. What was mended is told to the user, because it was a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from galaxy_desktop.explain.lookup_scene import words_of
from galaxy_desktop.explain.question_words import COMMON, FOREIGN
from galaxy_desktop.explain.words import joined

SHORTEST_MENDED = 4
LONG = 6
"""A letter that was taken for another one is mended in words of so many letters; in shorter ones it may be another word."""
VERY_LONG = 8
"""Two slips are mended in words of so many letters."""
_SHORT_FORMS = {
    "whats": "what is", "hows": "how is", "whos": "who is", "wheres": "where is", "whens": "when is", "thats": "that is",
    "theres": "there is", "dont": "do not", "doesnt": "does not", "didnt": "did not", "isnt": "is not", "arent": "are not",
    "wasnt": "was not", "werent": "were not", "hasnt": "has not", "havent": "have not", "hadnt": "had not", "wont": "will not",
    "cant": "can not", "couldnt": "could not", "shouldnt": "should not", "wouldnt": "would not", "gonna": "going to",
    "wanna": "want to", "gotta": "got to", "pls": "please", "plz": "please", "u": "you", "r": "are", "w/o": "without",
    "cannot": "can not",
}  # fmt: skip
_ASKING = frozenset(("what", "whats", "which", "when", "where", "will", "does", "have", "with"))
"""Words with which questions begin: of several words that may be meant these come first."""
_IRREGULAR = (("won't", "will not"), ("can't", "can not"), ("shan't", "shall not"))
_IS = re.compile(r"\b(what|how|who|where|when|why|that|there|it|he|she|here)'s\b")
_WORD = re.compile(r"(?<![\w#/.@-])[^\W\d_]+(?:/o)?(?![\w#/@-])")


def spelled_out(question: str) -> str:
    """The question in lower case with short forms in full: "What's up" is "what is up", "haven't" is "have not"."""
    text = " ".join(question.split()).casefold().replace("’", "'").replace("`", "'")
    for short, full in _IRREGULAR:
        text = text.replace(short, full)
    text = _IS.sub(r"\1 is", text)
    text = re.sub(r"n't\b", " not", text)
    text = re.sub(r"'(re|ll|ve|d|m)\b", r" \1", text)
    text = re.sub(r"(?<=\w)'s\b", "", text)
    return _WORD.sub(lambda found: _SHORT_FORMS.get(found[0], found[0]), text)


def mended(text: str, names: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The text with slips of the keyboard mended, and a sentence about them; `names` are words that are stored."""
    read = []
    for word in dict.fromkeys(_WORD.findall(text)):
        if len(word) < SHORTEST_MENDED or word in COMMON or word in names or _is_form(word, names):
            continue
        meant = _meant(word)
        if meant:
            text = re.sub(rf"(?<![\w#/.-]){re.escape(word)}(?![\w#/.-])", meant, text)
            read.append(f"“{word}” as “{meant}”")
    return spelled_out(text), ((f"Read {joined(read)}.",) if read else ())


def foreign_language(text: str, names: Collection[str] = ()) -> str:
    """The language that a question seems to be in, "" for English or none that is known; `names` are words that are stored."""
    letters = [letter for letter in text if letter.isalpha()]
    other = [letter for letter in letters if not unicodedata.name(letter, "").startswith("LATIN")]
    if letters and len(other) > len(letters) / 2:
        return "another language"
    words = words_of(text)
    english = sum(word in COMMON for word in words)
    scores = [(len({word for word in words if word in frequent}), name) for name, frequent in FOREIGN]
    most, name = max(scores, key=lambda one: one[0])
    strange = sum(word not in COMMON and word not in names and word.isalpha() for word in words)
    return name if most and (strange > english or (most >= 2 and most >= english)) else ""


def _is_form(word: str, names: Collection[str]) -> bool:
    """Whether a word is a form of one that is known: "tickets" of "ticket", "landing" of "land"."""
    for ending in ("s", "es", "ed", "d", "ing", "er", "ers", "ly"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2 and (stem in COMMON or stem in names or f"{stem}e" in COMMON):
            return True
    return False


def _meant(word: str) -> str:
    """The word of questions that was meant, "" where none is near enough."""
    found = [
        (rank, known[0] != word[0], known not in _ASKING, abs(len(known) - len(word)), known)
        for known, rank in _near(word)
    ]
    return min(found)[-1] if found else ""


def _near(word: str) -> Iterator[tuple[str, int]]:
    most = 2 if len(word) >= VERY_LONG else 1
    for known in COMMON:
        if len(known) < SHORTEST_MENDED or abs(len(known) - len(word)) > most or known[0] not in word[:2]:
            continue
        away = distance(word, known, most)
        if away > most:
            continue
        swapped = sorted(word) == sorted(known)
        if known[0] != word[0] and not swapped:
            continue
        replaced = len(word) == len(known) and not swapped
        if replaced and len(word) < LONG:
            continue
        yield known, 3 * (away - 1) + (0 if swapped else 2 if replaced else 1)


def distance(one: str, other: str, most: int) -> int:
    """How many letters were left out, put in, taken for others or swapped with their neighbor; `most` + 1 for more."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        after = [i] + [0] * len(other)
        for j, wanted in enumerate(other, 1):
            after[j] = min(row[j] + 1, after[j - 1] + 1, row[j - 1] + (letter != wanted))
            if before and i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                after[j] = min(after[j], before[j - 2] + 1)
        if min(after) > most:
            return most + 1
        before, row = row, after
    return row[-1]
