"""Candidate answers: the spans of a passage that a reader could point at.

A span begins at a word (English) or a character (Chinese), ends at one, stays within a sentence and is
short: answers of SQuAD and CMRC are seldom longer, and every further length costs another look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_WORDS, LONGEST_CHARACTERS = 10, 20
_SENTENCE = re.compile(r"[^。！？；!?;\n.]+(?:\.(?=\S)[^。！？；!?;\n.]*)*")
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNIT = re.compile(rf"[{_WIDE}]|[^\W{_WIDE}]+(?:['’.,-][^\W{_WIDE}]+)*")


@dataclass(frozen=True, slots=True)
class Start:
    """A place where answers may begin: the longest answer from there, and the lengths that it may have."""

    text: str
    ends: frozenset[int]


def starts(passage: str) -> Iterator[Start]:
    """List where in a passage an answer may begin and, of each place, where it may end."""
    for sentence in _SENTENCE.finditer(passage):
        units = [match.span() for match in _UNIT.finditer(passage, *sentence.span())]
        for first, (begin, _) in enumerate(units):
            ends = _ends(passage, begin, [end for _, end in units[first:]])
            yield Start(passage[begin : begin + max(ends)], frozenset(ends))


def _ends(passage: str, begin: int, ends: list[int]) -> list[int]:
    """Keep the lengths of at most so many words, or so many characters of Chinese."""
    kept = [end - begin for end in ends[:LONGEST_CHARACTERS]]
    if not re.match(f"[{_WIDE}]", passage[begin]):
        kept = kept[:LONGEST_WORDS]
    return kept
