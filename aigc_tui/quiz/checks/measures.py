"""The numbers of a quiz (yield, coverage, longest keys, Bloom's levels), and the statistics behind them."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from aigc_tui.quiz.lesson.records import Lesson, SentenceKind
from aigc_tui.quiz.records import Bloom, Item, ItemType, Quiz, distractors, key_of
from aigc_tui.text import width

_Z95 = 1.959964


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share: honest near 0 and with few trials.

    Source: Wilson, "Probable inference", JASA 22 (1927).

    Raises:
        ValueError: No trials, or more hits than trials.
    """
    if trials <= 0 or not 0 <= hits <= trials:
        raise ValueError(f"{hits} of {trials} is no share")
    share, z2 = hits / trials, _Z95**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z95 * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, middle - half), min(1.0, middle + half)


def chi_square(observed: Sequence[int]) -> float:
    """Pearson's chi-square of counts against an even spread; 0 when there is nothing to compare."""
    total = sum(observed)
    if len(observed) < 2 or total == 0:
        return 0.0
    expected = total / len(observed)
    return sum((count - expected) ** 2 / expected for count in observed)


def chi_square_tail(value: float, freedom: int) -> float:
    """The chance of a chi-square as large or larger, by the series of the incomplete gamma function."""
    if value <= 0 or freedom < 1:
        return 1.0
    if value > 10 * freedom + 1_000:
        return 0.0
    half, shape = value / 2, freedom / 2
    term = math.exp(shape * math.log(half) - half - math.lgamma(shape + 1))
    total, step = 0.0, shape
    while term > 1e-12 or step < half:
        total += term
        step += 1
        term *= half / step
    return min(1.0, max(0.0, 1.0 - total))


CONTENT_SENTENCES = 3
"""Sentences of prose from which a section is worth an item."""


def measure(quiz: Quiz, lesson: Lesson | None = None) -> tuple[tuple[str, float], ...]:
    """All measures that apply, by name, in the order in which they are shown.

    `items`; `yield` (made of requested); `coverage`, `sections` (sections with an item, of those that have
    enough to ask about); `longest_key` (share of choices whose key is the single longest option);
    `key_positions` (the chance of so uneven a spread of keys); `true_share`; `bloom.<level>` (counts).
    """
    found: dict[str, float] = {"items": len(quiz.items)}
    if quiz.requested:
        found["yield"] = len(quiz.items) / quiz.requested
    if lesson is not None:
        found |= coverage(quiz, lesson)
    choices = [item for item in quiz.items if distractors(item)]
    if choices:
        found["longest_key"] = sum(map(is_longest, choices)) / len(choices)
        found["key_positions"] = positions_chance(choices)
    judged = [item.answer for item in quiz.items if item.type is ItemType.TF]
    if judged:
        found["true_share"] = judged.count(True) / len(judged)
    levels = Counter(item.bloom for item in quiz.items)
    found |= {f"bloom.{level.value}": levels[level] for level in Bloom if levels[level]}
    return tuple(found.items())


def coverage(quiz: Quiz, lesson: Lesson) -> dict[str, float]:
    """The share of the sections with enough content that have an item, and how many those are."""
    sentences = Counter(each.section for each in lesson.sentences if each.kind is not SentenceKind.HEADING)
    worth = {section for section, count in sentences.items() if count >= CONTENT_SENTENCES}
    starts = [section.start for section in lesson.sections]
    asked = {bisect_right(starts, item.source.start) - 1 for item in quiz.items if item.source}
    return {"coverage": len(worth & asked) / len(worth), "sections": len(worth)} if worth else {}


def is_longest(item: Item) -> bool:
    """Whether the key is the single longest option (quiz.md 3.1: 14-23 % of human items)."""
    wrong = distractors(item)
    return bool(wrong) and width(key_of(item)) > max(map(width, wrong))


def positions_chance(choices: list[Item]) -> float:
    """How likely so uneven a spread of the keys' places is when they are drawn at random (chi-square).

    Items with different numbers of options are counted apart, and their statistics are added.
    """
    value, freedom = 0.0, 0
    for size in sorted({len(item.options) for item in choices}):
        places = Counter(item.answer for item in choices if len(item.options) == size)
        value += chi_square([places[place] for place in range(size)])
        freedom += size - 1
    return chi_square_tail(value, freedom)
