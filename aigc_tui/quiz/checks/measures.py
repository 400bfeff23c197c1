"""The numbers of a quiz: yield, coverage, how often the key is the longest option, Bloom's levels.

Why it exists: "asked 12, made 10" and "7 of 8 sections" tell a teacher more than any single score would, and
a number that does not apply is better left out than shown as zero.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

from aigc_tui.quiz.checks.parts import distractors, key_of
from aigc_tui.quiz.checks.statistics import chi_square, chi_square_tail
from aigc_tui.quiz.lesson.records import Lesson, SentenceKind
from aigc_tui.quiz.records import Bloom, Item, ItemType, Quiz
from aigc_tui.text import width

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
