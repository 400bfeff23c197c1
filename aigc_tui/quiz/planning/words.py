"""Comparisons of words in English and Chinese, beyond `normal.same` and `normal.contains`."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from aigc_tui.quiz.normal import HAN, normal, pieces

_ARTICLE = re.compile(r"^(?:the|an?) ")
_ONE_HAN = re.compile(f"[{HAN}]")


_ENDING = 2
"""Letters by which forms of one word differ: vertebra and vertebrae, fungus and fungi."""


@lru_cache(maxsize=1 << 14)
def name_of(text: str) -> str:
    """A term's normal form without a leading article: what "the same answer" means."""
    return _ARTICLE.sub("", normal(text))


def occurrences(part: str, text: str) -> int:
    """Count where a wording stands in a text, in the singular or the plural."""
    wanted = [singular(piece) for piece in name_of(part).split()]
    given = [singular(piece) for piece in pieces(text)]
    size = len(wanted)
    if not size:
        return 0
    return sum(given[i : i + size] == wanted for i in range(len(given) - size + 1))


def overlaps(first: str, second: str) -> bool:
    """Tell whether one of two wordings is the other, a part of it, or but for an ending the same."""
    if _same_stem(name_of(first), name_of(second)) or _shortens(first, second) or _shortens(second, first):
        return True
    return occurrences(first, second) > 0 or occurrences(second, first) > 0


def _same_stem(one: str, two: str) -> bool:
    """Whether two words or phrases of letters differ in their last two letters at most."""
    if not one.isascii() or any(char.isdigit() for char in one) or min(len(one), len(two)) <= 2 * _ENDING:
        return False
    stem = max(len(one), len(two)) - _ENDING
    return one[:stem] == two[:stem]


def _shortens(short: str, long: str) -> bool:
    """Whether one Chinese name is the other's short form: its characters, in order (亚视, 亚洲电视)."""
    if not 2 <= len(short) < len(long) or not all(map(_ONE_HAN.match, short)):
        return False
    rest = iter(long)
    return all(char in rest for char in short)


@lru_cache(maxsize=1 << 14)
def content(text: str) -> frozenset[str]:
    """The pieces that carry meaning: words of four letters and more, numbers, pairs of Han characters."""
    found = pieces(text)
    words = {singular(piece) for piece in found if len(piece) > 3 or piece[0].isdigit()}
    han = {a + b for a, b in pairwise(found) if _ONE_HAN.match(a) and _ONE_HAN.match(b)}
    return frozenset(words | han)


def overlap(first: frozenset[str], second: frozenset[str]) -> float:
    """The share of the first set that the second holds; 0 for an empty first set."""
    return len(first & second) / len(first) if first else 0.0


def singular(word: str) -> str:
    """Fold an English plural or third person, roughly: only for comparing, never for showing."""
    if len(word) < 4 or not word.isascii() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word
