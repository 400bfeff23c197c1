"""Which documents are worth learning from: language and quality, each rule a function with its reason.

Rules and thresholds follow Gopher's (Rae et al. 2021, appendix A1.1) and C4's (Raffel et al. 2020, section
2.2), loosened for Chinese, where a line of ten characters is a sentence. A rule looks at counts of
characters, taken once with numpy, so that all of them together cost less than unpacking the text did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aigc_tui.corpora.document import Document
from aigc_tui.text import guess_language

OTHER = "other"
LANGUAGES = ("en", "zh", OTHER)
_SAMPLE = 20_000
"""Characters looked at: a page's language and dirt show early."""
_FUNCTION_WORDS = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "he", "i", "in", "is"),
        *("it", "of", "on", "or", "that", "the", "this", "to", "was", "with", "you"),
    )
)
_LEAST_WORDS = 30
_LEAST_LINES = 6


@dataclass(frozen=True, slots=True)
class Limits:
    """When a document is dropped.

    Args:
        languages: Those that are kept, of :data:`LANGUAGES`.
        min_chars: The fewest characters.
        quality: Whether the rules below are applied.
        symbols: The largest share of characters that are neither letters, digits, spaces nor punctuation.
        digits: The largest share of digits.
        repeated: The largest share of lines that stood before in the same document.
        line_chars: The least mean length of its lines.
        letters: The least share of letters.
    """

    languages: frozenset[str] = frozenset(("en", "zh"))
    min_chars: int = 1
    quality: bool = True
    symbols: float = 0.1
    digits: float = 0.3
    repeated: float = 0.3
    line_chars: float = 12.0
    letters: float = 0.5


@dataclass(frozen=True, slots=True)
class Shape:
    """How many characters of each sort a text has; `foreign`: letters of other scripts, accented ones too."""

    total: int
    latin: int
    han: int
    foreign: int
    digits: int
    spaces: int
    marks: int

    @property
    def letters(self) -> int:
        return self.latin + self.han + self.foreign

    @property
    def symbols(self) -> int:
        return self.total - self.letters - self.digits - self.spaces - self.marks


_SORTS = 7
_NO, _LATIN, _HAN, _FOREIGN, _DIGIT, _SPACE, _MARK = range(_SORTS)


def _sort_table() -> np.ndarray:
    """The sort of every character of the first plane, by its code."""
    table = np.zeros(1 << 16, dtype=np.uint8)
    for sort, ranges in (
        (_FOREIGN, ((0xC0, 0x2000), (0x2C00, 0x2E00), (0x3040, 0x3100), (0xA000, 0xD800))),
        (_HAN, ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))),
        (_LATIN, ((0x41, 0x5B), (0x61, 0x7B))),
        (_DIGIT, ((0x30, 0x3A),)),
    ):
        for begin, end in ranges:
            table[begin:end] = sort
    table[[ord(char) for char in " \t\n\u3000\xa0"]] = _SPACE
    table[[ord(char) for char in ".,;:!?'\"()-–—‘’“”…、。，；：！？《》「」『』（）·"]] = _MARK
    return table


_TABLE = _sort_table()


def shape_of(text: str) -> Shape:
    """Count the characters of a text by sort."""
    codes = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    counts = np.bincount(_TABLE[np.minimum(codes, 0xFFFF)], minlength=_SORTS)
    beyond = int(np.count_nonzero((codes >= 0x20000) & (codes < 0x32000)))
    return Shape(
        total=len(codes),
        latin=int(counts[_LATIN]),
        han=int(counts[_HAN]) + beyond,
        foreign=int(counts[_FOREIGN]),
        digits=int(counts[_DIGIT]),
        spaces=int(counts[_SPACE]),
        marks=int(counts[_MARK]),
    )


def language_of(text: str, shape: Shape) -> str:
    """Tell English from Chinese from anything else.

    A text of a tenth foreign letters is neither (Japanese has kana between its Han letters, Russian has its
    own); a longer one in Latin letters must have the small words that every English text has.
    """
    if not shape.letters:
        return OTHER
    if shape.foreign > 0.1 * shape.letters:
        return OTHER
    if guess_language(text) == "zh":
        return "zh"
    words = text.lower().split()
    small = sum(word in _FUNCTION_WORDS for word in words)
    return OTHER if len(words) >= _LEAST_WORDS and small < 0.08 * len(words) else "en"


def too_short(text: str, shape: Shape, limits: Limits) -> bool:
    """A stub teaches nothing but that texts end."""
    return shape.total < limits.min_chars


def few_letters(text: str, shape: Shape, limits: Limits) -> bool:
    """Tables, code and listings are not prose."""
    return shape.letters < limits.letters * (shape.total - shape.spaces)


def many_symbols(text: str, shape: Shape, limits: Limits) -> bool:
    """Markup that was left over, drawings made of characters, broken encodings."""
    return shape.symbols > limits.symbols * shape.total


def many_digits(text: str, shape: Shape, limits: Limits) -> bool:
    """Scores, prices, telephone books."""
    return shape.digits > limits.digits * shape.total


def repeated_lines(text: str, shape: Shape, limits: Limits) -> bool:
    """Menus and templates say the same line again and again; a model would learn to loop."""
    lines = [line for line in text.split("\n") if line.strip()]
    return len(lines) >= _LEAST_LINES and len(lines) - len(set(lines)) > limits.repeated * len(lines)


def short_lines(text: str, shape: Shape, limits: Limits) -> bool:
    """Lists of links and names have many lines and no sentences."""
    lines = [line for line in text.split("\n") if line.strip()]
    return len(lines) >= _LEAST_LINES and sum(map(len, lines)) < limits.line_chars * len(lines)


Rule = Callable[[str, Shape, Limits], bool]
QUALITY: dict[str, Rule] = {
    "few letters": few_letters,
    "many symbols": many_symbols,
    "many digits": many_digits,
    "repeated lines": repeated_lines,
    "short lines": short_lines,
}
"""The rules by the reason that the report names, in the order in which they are asked."""


def judge(document: Document, limits: Limits) -> tuple[str, str]:
    """Say why a document is dropped.

    Returns:
        The reason (empty: it is kept) and its language.
    """
    text = document.body()
    sample = text[:_SAMPLE]
    shape = shape_of(sample)
    language = language_of(sample, shape)
    if not text.strip():
        return "empty", language
    if too_short(text, shape, limits):
        return "too short", language
    if language not in limits.languages:
        return f"language: {language}", language
    if limits.quality and not document.messages:
        for reason, rule in QUALITY.items():
            if rule(sample, shape, limits):
                return f"quality: {reason}", language
    return "", language
