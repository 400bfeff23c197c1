"""How much of a right answer an answer holds: F1 of SQuAD for English and of CMRC for Chinese.

SQuAD (Rajpurkar et al., arXiv:1606.05250, section 4.2): both answers as bags of words, without case,
punctuation and articles; F1 = 2PR / (P + R) with P, R the shared words as a share of the given and of the
right answer. CMRC 2018 (Cui et al., arXiv:1810.07366, section 4.1): units are Chinese characters and Latin
words, and what is shared is the longest run that both answers have in common, because order carries meaning.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_ARTICLES = {"a", "an", "the"}
_NO_WORD = re.compile(r"[^\w\s]|_")
_UNITS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[a-z0-9]+|\w")


def english_f1(given: str, right: str) -> float:
    """Share of words as SQuAD counts it, 0 to 1."""
    ours, theirs = _words(given), _words(right)
    return _f1(sum((Counter(ours) & Counter(theirs)).values()), len(ours), len(theirs))


def chinese_f1(given: str, right: str) -> float:
    """Share of characters in one run as CMRC counts it, 0 to 1."""
    ours, theirs = _units(given), _units(right)
    return _f1(_longest_common_run(ours, theirs), len(ours), len(theirs))


def answer_f1(given: str, right: str, language: str) -> float:
    """F1 by the custom of a language (``en`` or ``zh``)."""
    return chinese_f1(given, right) if language == "zh" else english_f1(given, right)


def _f1(shared: int, ours: int, theirs: int) -> float:
    if not ours or not theirs:
        return float(ours == theirs)
    return 2 * shared / (ours + theirs)


def _words(text: str) -> list[str]:
    return [word for word in _NO_WORD.sub("", text.lower()).split() if word not in _ARTICLES]


def _units(text: str) -> list[str]:
    return _UNITS.findall(_NO_WORD.sub(" ", text.lower()))


def _longest_common_run(a: Sequence[str], b: Sequence[str]) -> int:
    """Length of the longest common substring, row by row: row[j] is the run that ends at a[i] and b[j]."""
    longest, row = 0, [0] * (len(b) + 1)
    for unit in a:
        row = [0, *(row[j] + 1 if unit == other else 0 for j, other in enumerate(b))]
        longest = max(longest, *row)
    return longest
