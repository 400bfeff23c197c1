"""A reader that must pick the key: once with the passage, once without (quiz.md 3.3, 4.2 step 5).

Why it exists: lexical rules cannot see that a question has two right answers. A language model that can read
can: with the passage before it, the key must be the likeliest option, token for token; another one above it
means "two keys" (or a question that asks for something else). If the key wins without the passage as well,
the lesson is not needed to answer, which the teacher is told.

A model too small to read says nothing by being asked. So each reader first has to prove itself on items whose
answer is known: the lesson's own rule-made ones, with their passages. Unless it beats chance there (one-sided
binomial test), the check is off, and says so. By the published filters even a good reader turns away a fifth
of the good items (RQUGE 19.5 %, quiz.md 3.2); over-generation pays for that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.making.records import Filled
from aigc_tui.quiz.proposing.asking import Asker
from aigc_tui.quiz.proposing.passages import passage_of
from aigc_tui.quiz.proposing.wording import WORDINGS
from aigc_tui.quiz.records import ItemType

MOST_TRIED = 12
FEW_TRIED = 6
"""For a quiz of a few items, which must not wait longer for the proof than for its items."""
LEAST_TRIED = 5
"""Fewer items cannot tell a reader from a guesser."""
BY_CHANCE = 0.05
"""How likely a guesser may do as well as a reader that is believed."""
GUESSABLE = 0.5
"""Nats a token by which the key beats every distractor without the passage when the item is guessable."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How a reader did on known items.

    Args:
        offered: Whether the engine scores at all.
        hits: How often the key was the likeliest option.
        tried: Of how many items.
        expected: How often a guesser would hit, on average.
    """

    offered: bool
    hits: int = 0
    tried: int = 0
    expected: float = 0.0

    @property
    def can_read(self) -> bool:
        """Whether the reader beats chance."""
        if self.tried < LEAST_TRIED:
            return False
        return luck(self.hits, self.tried, self.expected / self.tried) < BY_CHANCE


def luck(hits: int, tried: int, chance: float) -> float:
    """The probability that a guesser hits at least so often (upper tail of the binomial distribution)."""
    return sum(math.comb(tried, k) * chance**k * (1 - chance) ** (tried - k) for k in range(hits, tried + 1))


@dataclass(frozen=True, slots=True)
class Reading:
    """How likely a reader finds each answer, in nats a token, in the order asked: the key first."""

    with_passage: tuple[float, ...]
    without: tuple[float, ...]

    @property
    def is_guessable(self) -> bool:
        """Whether the key stands out without the lesson."""
        key, *others = self.without
        return bool(others) and key > max(others) + GUESSABLE


class Reader:
    """Reads a lesson's questions with a model.

    Args:
        asker: The model.
        lesson: The lesson.
    """

    def __init__(self, asker: Asker, lesson: Lesson) -> None:
        self._asker = asker
        self._lesson = lesson
        self._wording = WORDINGS[lesson.language]

    async def read(self, stem: str, sentence: int, answers: Sequence[str]) -> Reading | None:
        """Score answers to a question with and without the passage; None: it cannot be told."""
        passage = passage_of(self._lesson, sentence)
        told = await self._means(self._wording.read.format(passage=passage, stem=stem), answers)
        guessed = await self._means(self._wording.guess.format(stem=stem), answers) if told else None
        return Reading(told, guessed) if told and guessed else None

    async def prove(self, known: Sequence[Filled], most: int = MOST_TRIED) -> Proof:
        """Let the reader answer rule-made items; see the module's docstring."""
        usable = [each for each in known if each.item.type is ItemType.MC and len(each.item.options) > 1]
        hits, tried, expected = 0, 0, 0.0
        for filled in usable[:most]:
            item = filled.item
            passage = passage_of(self._lesson, filled.slot.sentence)
            means = await self._means(
                self._wording.read.format(passage=passage, stem=item.stem), item.options
            )
            if means is None:
                # Either never offered, or this one was too long for the model.
                continue
            tried += 1
            expected += 1 / len(item.options)
            hits += means.index(max(means)) == item.answer
        return Proof(tried > 0 or not usable, hits, tried, expected)

    async def _means(self, prompt: str, answers: Sequence[str]) -> tuple[float, ...] | None:
        scores = await self._asker.score(prompt, tuple(answers))
        return None if scores is None else tuple(score.mean for score in scores)
