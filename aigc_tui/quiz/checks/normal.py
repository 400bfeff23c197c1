"""One way to compare texts, for every check and for grading.

Why it exists: "the key stands in the stem" or "two options are equal" must mean the same everywhere.
Full-width and half-width, case, spaces and most marks do not matter; a minus sign, a decimal point, an
exponent and a per cent sign do, since 1.5 is not 15. Chinese is compared character by character, others
by whole words, so that `art` is not found in `party` (quiz.md 3.1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from aigc_tui.text import guess_language

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_SUPERSCRIPTS = str.maketrans({char: f"^{digit}" for digit, char in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")} | {"⁻": "^-"})
_SIGN = re.compile(r"(?<![\w)\]-])[-–﹣－](?=\d|[^\W\d_](?![^\W_]))")
_MINUS = "\N{MINUS SIGN}"
"""A minus is a symbol and stays; a hyphen and a dash are punctuation and go."""
_PIECE = re.compile(
    r"\d+(?:[.:/]\d+)*"
    rf"|[{HAN}]"
    rf"|[^\W\d_{HAN}]+"
    r"|[^\w\s]"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_POSSESSIVE = re.compile(r"(?<=\w)['’ʼ]s(?!\w)", re.I)
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ](?=\w)")
_CACHED = 1 << 14


@lru_cache(maxsize=_CACHED)
def pieces(text: str) -> tuple[str, ...]:
    """Split a text into what is compared: numbers, words, single Chinese characters, mathematical symbols.

    Args:
        text: Anything.

    Returns:
        Normalised pieces in order; spaces and punctuation are gone. A text of nothing but punctuation keeps
        it, so that `!` and `?` stay two different options.
    """
    plain = unicodedata.normalize("NFKC", _SIGN.sub(_MINUS, text.translate(_SUPERSCRIPTS))).casefold()
    plain = _APOSTROPHE.sub("", _POSSESSIVE.sub("", _THOUSANDS.sub("", plain)))
    kept = tuple(piece for piece in _PIECE.findall(plain) if _matters(piece))
    return kept or tuple(plain.split())


def _matters(piece: str) -> bool:
    if len(piece) > 1 or piece in "^#%‰":
        return True
    return unicodedata.category(piece)[0] not in "PZC" and piece not in "`´¨|"


@lru_cache(maxsize=_CACHED)
def normal(text: str) -> str:
    """The text's pieces joined by single spaces; equal for texts that say the same to a reader."""
    return " ".join(pieces(text))


def contains(text: str, part: str) -> bool:
    """Whether `part` stands in `text` as whole pieces; an empty part stands nowhere."""
    inner = normal(part)
    return bool(inner) and f" {inner} " in f" {normal(text)} "


@lru_cache(maxsize=_CACHED)
def simplified(text: str) -> str:
    """The text in simplified Chinese characters; other scripts pass through."""
    if text.isascii():
        return text
    # The dictionaries are read from disk: only a process that meets Chinese pays for them.
    return _converter()(text)


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def same(one: str, other: str) -> bool:
    """Whether two texts are equal to a reader, simplified and traditional script counting as one."""
    return normal(one) == normal(other) or normal(simplified(one)) == normal(simplified(other))


def language_of(text: str, default: str) -> str:
    """The language of one text: a quiz in Chinese may ask in English, and an imported file may mix both."""
    return guess_language(text, default)
