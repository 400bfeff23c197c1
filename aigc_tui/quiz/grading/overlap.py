"""How much of the key an answer holds, and whether it contradicts the key.

Why it exists: an answer in other words is not simply wrong. Chinese is measured by the longest common stretch
of characters, as CMRC 2018 does (cmrc2018_evaluate.py in ymcui/cmrc2018); English by shared words, as SQuAD
does. A wrong number or a lone negation makes any overlap worthless.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from aigc_tui.quiz.checks.normal import HAN
from aigc_tui.quiz.checks.words import FUNCTION_WORDS
from aigc_tui.quiz.grading.notes import NEGATION, NUMBER, note_of
from aigc_tui.quiz.grading.variants import canonical

_HAN = re.compile(rf"[{HAN}]")
_NEGATIONS = ("not", "no", "never", "none", "without", "neither", "nor")
_ORDINAL = ("第", "First", "Second", "first", "second")
_HAN_NEGATION = re.compile(r"[不没未无非勿]")
LONGEST = 400
"""Pieces of an answer that are compared; nobody is asked for more."""


def f1(key: Sequence[str], answer: Sequence[str]) -> float:
    """The harmonic mean of how much of the key is in the answer and how much of the answer is of the key.

    Args:
        key: Canonical pieces of the key.
        answer: Canonical pieces of what was answered.
    """
    key, answer = tuple(key)[:LONGEST], tuple(answer)[:LONGEST]
    if any(_HAN.fullmatch(part) for part in key):
        shared = _longest_stretch(key, answer)
    else:
        key, answer = _content(key), _content(answer)
        shared = sum((Counter(key) & Counter(answer)).values())
    return 2 * shared / (len(key) + len(answer)) if shared else 0.0


def contradiction(key: str, answer: str, given: str) -> str:
    """Why an answer that shares words with the key is wrong all the same; empty: it is not.

    Args:
        key: The key.
        answer: What was answered.
        given: The stem: numbers that it gives may be repeated.
    """
    known = {*_numbers(key), *_numbers(given)}
    wrong = [part for part in _numbers(answer) if part not in known]
    # A key without any number may be told more exactly: 第一次世界大战 for 世界大战.
    if wrong and (_numbers(key) or not any(mark in answer for mark in _ORDINAL)):
        return note_of(NUMBER, wrong[0])
    if negations(key) % 2 != negations(answer) % 2:
        return note_of(NEGATION)
    return ""


def _numbers(text: str) -> list[str]:
    return [part for part in canonical(text) if part[:1].isdigit()]


def negations(text: str) -> int:
    """How many negations a text holds."""
    parts = canonical(text)
    return sum(part in _NEGATIONS for part in parts) + len(_HAN_NEGATION.findall("".join(parts)))


def one_slip(key: Sequence[str], answer: Sequence[str]) -> bool:
    """Whether an answer is the key with one letter wrong, missing, doubled or swapped in a longer word."""
    if len(key) != len(answer):
        return False
    differing = [(one, other) for one, other in zip(key, answer, strict=True) if one != other]
    if len(differing) != 1:
        return False
    one, other = differing[0]
    letters = one.isascii() and one.isalpha() and other.isalpha() and min(len(one), len(other)) >= 6
    return letters and abs(len(one) - len(other)) <= 1 and _near(one, other)


def _near(one: str, other: str) -> bool:
    start = next(
        (at for at in range(min(len(one), len(other))) if one[at] != other[at]), min(len(one), len(other))
    )
    rest, others = one[start:], other[start:]
    swapped = rest[:2] == others[1::-1] and rest[2:] == others[2:]
    return rest[1:] == others[1:] or rest[1:] == others or rest == others[1:] or swapped


def _longest_stretch(key: Sequence[str], answer: Sequence[str]) -> int:
    matcher = SequenceMatcher(None, key, answer, autojunk=False)
    return matcher.find_longest_match().size


def _content(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for part in parts if part not in FUNCTION_WORDS) or tuple(parts)
