"""Items and quizzes: what makers write, checks judge, people edit, formats carry and practice asks.

These shapes are the border between all parts of the quiz package. The parts of an item (key, distractors,
pairs, steps) are taken from here, since an item that somebody wrote or edited may be broken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from aigc_tui.message import AppError


class QuizError(AppError, ValueError):
    """A quiz or a question file cannot be used; the message is one line: what, where, what would be right."""


class ItemType(StrEnum):
    """The six kinds of items, by the names of the command line."""

    MC = "mc"
    CLOZE = "cloze"
    TF = "tf"
    SHORT = "short"
    MATCH = "match"
    ORDER = "order"


class Origin(StrEnum):
    """Who made an item."""

    RULE = "rule"
    MODEL = "model"
    HUMAN = "human"


class Bloom(StrEnum):
    """The level of thinking an item asks for (Bloom's taxonomy, revised)."""

    REMEMBER = "remember"
    UNDERSTAND = "understand"
    APPLY = "apply"
    ANALYZE = "analyze"
    EVALUATE = "evaluate"
    CREATE = "create"


BLANK = "____"
"""The gap in the stem of a cloze item; exactly one."""

Pair: TypeAlias = tuple[str, str]
Answer: TypeAlias = int | str | bool | tuple[Pair, ...] | tuple[str, ...]
"""By type: mc an index into `options`; cloze and short a string; tf a bool; match pairs (left, right); order
the strings in their right order."""


@dataclass(frozen=True, slots=True)
class Source:
    """The verbatim stretch of the lesson that an item stands on: `quote == lesson.text[start:end]`."""

    section: str
    """The section's title."""
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question.

    Attributes:
        options: mc: what is offered, in the order shown. match: the right sides, and order: the steps, both
            shuffled by seed. Otherwise empty.
        accepted: cloze, short: other answers that count as right.
        feedback: mc: for each option, why it fails (the key: why it holds); empty, or as long as `options`.
        source: None for imported questions that no lesson backs.
        difficulty: An estimate from 0 (easy) to 1.
        checks: What the validators said, by name; hard and soft ones alike.
        model: Which model worded it; empty for rules and people.
        seed: What its random choices were drawn with.
    """

    id: str
    type: ItemType
    stem: str
    answer: Answer
    options: tuple[str, ...] = ()
    explanation: str = ""
    source: Source | None = None
    bloom: Bloom = Bloom.REMEMBER
    difficulty: float = 0.5
    origin: Origin = Origin.RULE
    checks: tuple[tuple[str, bool], ...] = ()
    accepted: tuple[str, ...] = ()
    feedback: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    model: str = ""
    seed: int = 0

    @property
    def key(self) -> str:
        """The right answer in words, for people: the option's text, 'true', 'a = b; c = d'."""
        if isinstance(self.answer, bool):
            return "true" if self.answer else "false"
        if isinstance(self.answer, int):
            return self.options[self.answer] if 0 <= self.answer < len(self.options) else ""
        if isinstance(self.answer, str):
            return self.answer
        pairs = [part if isinstance(part, str) else " = ".join(part) for part in self.answer]
        return "; ".join(pairs)


def place_of(item: Item) -> tuple[int, int]:
    """Where the lesson says it, to put items into its order; items without a source come first."""
    return (item.source.start, item.source.end) if item.source else (0, 0)


@dataclass(frozen=True, slots=True)
class LessonRef:
    """Which lesson a quiz is about. All empty: none (a question file of the teacher's own)."""

    title: str = ""
    sha256: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why something asked for is not there, and how many times; `yields` words the reason for people."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Quiz:
    """A quiz: what was asked for, what was made, and what could not be."""

    id: str
    title: str
    lesson: LessonRef
    requested: int
    items: tuple[Item, ...]
    rejected: tuple[Rejection, ...] = ()
    seed: int = 0


@dataclass(frozen=True, slots=True)
class QuizRequest:
    """What the user asks for.

    Args:
        count: How many items; 0: as many as the lesson carries well.
        types: The types wanted, in order of preference; shares are equal where the lesson allows.
        seed: Everything random is drawn from it: the same lesson, request and program make the same quiz.
        sections: Titles of the sections to ask about; empty: all.
        bloom: Levels wanted; empty: whatever the rules find.
    """

    count: int = 10
    types: tuple[ItemType, ...] = tuple(ItemType)
    seed: int = 0
    sections: tuple[str, ...] = ()
    bloom: tuple[Bloom, ...] = ()


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def pairs(item: Item) -> tuple[Pair, ...]:
    """The pairs of a matching item, in the order of its left sides; empty for what has no pairs of texts."""
    if item.type is not ItemType.MATCH or not isinstance(item.answer, tuple):
        return ()
    return tuple((part[0], part[1]) for part in item.answer if isinstance(part, tuple) and len(part) == 2)


def steps(item: Item) -> tuple[str, ...]:
    """The steps of an ordering item, in their right order; empty for what has no steps."""
    if item.type is not ItemType.ORDER or not isinstance(item.answer, tuple):
        return ()
    return tuple(part for part in item.answer if isinstance(part, str))


def offered(item: Item) -> tuple[str, ...]:
    """What a match or order item offers; an imported one that kept no order offers its parts sorted."""
    parts = tuple(right for _, right in pairs(item)) if item.type is ItemType.MATCH else steps(item)
    holds_all = len(item.options) >= len(parts) and set(parts) <= set(item.options)
    return item.options if holds_all else tuple(sorted(parts))


def letter(index: int) -> str:
    """A for 0; beyond Z the number itself, from 27."""
    return LETTERS[index] if index < len(LETTERS) else str(index + 1)


BARRIER = "□"
"""Stands for the blank, so that the words before and after it are not read as one phrase."""
_BLANK = re.compile(r"_{2,}|﹍{2,}|＿{2,}|[（(]\s+[）)]|（）")
WORDED = (ItemType.MC, ItemType.CLOZE, ItemType.SHORT)
"""The types whose answer is one text."""


def key_of(item: Item) -> str:
    """The right answer's text of an mc, cloze or short item; empty for other types and for a broken key."""
    answer = item.answer
    if isinstance(answer, str):
        return answer
    if isinstance(answer, bool) or not isinstance(answer, int):
        return ""
    return item.options[answer] if 0 <= answer < len(item.options) else ""


def distractors(item: Item) -> tuple[str, ...]:
    """The wrong options of a multiple-choice item; empty for other types."""
    if item.type is not ItemType.MC or isinstance(item.answer, bool):
        return ()
    return tuple(text for index, text in enumerate(item.options) if index != item.answer)


def blanks(stem: str) -> int:
    """How many gaps a stem has: runs of underscores, or empty brackets as Chinese papers write them."""
    return len(_BLANK.findall(stem))


def without_blank(stem: str) -> str:
    """The stem with a barrier for each gap."""
    return _BLANK.sub(f" {BARRIER} ", stem)


def before_blank(stem: str) -> str | None:
    """What stands before the first gap; None: there is none."""
    found = _BLANK.search(stem)
    return stem[: found.start()] if found else None
