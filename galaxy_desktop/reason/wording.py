"""Text as the checks see it: one spelling for every disguise.

A number can hide in full-width digits, behind a zero-width space, in another script or as a Roman numeral sign; a
word can hide behind letters that only look Latin. `plain` removes what is invisible and writes every digit as 0-9.
The text that was checked is the text that is shown, so nothing can hide between the two.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPACES = re.compile(r"\s+")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"))
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00ab": '"', "\u00bb": '"'})
_INVISIBLE = {"Cf", "Cc", "Co", "Cn", "Cs", "Me"}


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """The text on one line in its plainest spelling, everything invisible removed."""
    spelled = "".join(_spelled(character) for character in text)
    normal = unicodedata.normalize("NFKC", spelled).translate(_DASHES).translate(_QUOTES).replace("\u2044", "/")
    visible = "".join(_visible(normal))
    return _SPACES.sub(" ", visible).strip()


def other_script(text: str) -> bool:
    """Whether a letter of the text is not Latin: such letters imitate Latin ones to slip past the checks."""
    return any(c.isalpha() and not unicodedata.name(c, "").startswith("LATIN") for c in text)


def words(text: str) -> list[str]:
    """The words of a plain text in lower case, each in its simplest form."""
    return [stem(word) for word in tokens(text)]


def tokens(text: str) -> list[str]:
    """The words of a plain text in lower case."""
    return _WORD.findall(text.casefold())


_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


def stem(word: str) -> str:
    """A word without the ending of its number or tense; crude, and the same for facts and sentences."""
    word = word.removesuffix("'s").removesuffix("'")
    for ending, least in (("ies", 5), ("ing", 6), ("ed", 5), ("es", 5), ("s", 4)):
        if word.endswith(ending) and len(word) >= least and not word.endswith("ss"):
            bare = word[: -len(ending)]
            return bare + "y" if ending == "ies" else bare.removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word


def _spelled(character: str) -> str:
    """A sign that counts something, in digits; every other character as it is."""
    if character.isascii():
        return character
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    value = unicodedata.numeric(character, None)
    if value is None:
        return character
    if category == "Lo" or value == int(value):
        return f" {value:g} "
    return " " + unicodedata.normalize("NFKC", character)


def _visible(text: str) -> list[str]:
    """The characters that show; a combining mark that found no letter to sit on is only there to disturb."""
    return [
        " " if c in "\n\r\t\v\f" else c
        for c in text
        if c in "\n\r\t\v\f" or unicodedata.category(c) not in (*_INVISIBLE, "Mn", "Mc")
    ]
