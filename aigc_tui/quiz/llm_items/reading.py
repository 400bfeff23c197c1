"""What a model may judge: whether it reads well enough, and how plausible it finds distractors."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.checks.registry import check_item, hard_flaws, with_checks
from aigc_tui.quiz.generation.distractors import NUMERIC
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.llm_items.asking import Asker
from aigc_tui.quiz.llm_items.prompts import WORDINGS, passage_of
from aigc_tui.quiz.normal import normal
from aigc_tui.quiz.planning.questions_zh import CHINESE
from aigc_tui.quiz.planning.records import Filled, Form
from aigc_tui.quiz.planning.wording_en import ENGLISH
from aigc_tui.quiz.records import Item, ItemType

WRONG = 3
LEAST_WRONG = 2
_OPTION_CHECKS = frozenset(
    {
        "answer_form",
        "empty_text",
        "remnants",
        "duplicate_options",
        "nested_options",
        "all_of_the_above",
        "k_type",
        "absolute_terms",
        "vague_terms",
        "same_type",
        "length_band",
        "distractor_in_source",
        "alias_distractor",
    }
)


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
class ReaderScores:
    """How likely a reader finds each answer, in nats a token, in the order asked: the key first."""

    with_passage: tuple[float, ...]
    without: tuple[float, ...]

    @property
    def is_guessable(self) -> bool:
        """Whether the key stands out without the lesson."""
        key, *others = self.without
        return bool(others) and key > max(others) + GUESSABLE


class PassageReader:
    """Reads a lesson's questions with a model."""

    def __init__(self, asker: Asker, lesson: Lesson) -> None:
        self._asker = asker
        self._lesson = lesson
        self._wording = WORDINGS[lesson.language]

    async def read(self, stem: str, sentence: int, answers: Sequence[str]) -> ReaderScores | None:
        """Score answers to a question with and without the passage; None: it cannot be told."""
        passage = passage_of(self._lesson, sentence)
        told = await self._means(self._wording.read.format(passage=passage, stem=stem), answers)
        guessed = await self._means(self._wording.guess.format(stem=stem), answers) if told else None
        return ReaderScores(told, guessed) if told and guessed else None

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


LEAST_FILLERS = 2
"""Wrong fillers without which there is nothing to rank."""
_GAPPED = frozenset({ItemType.MC, ItemType.CLOZE, ItemType.SHORT})


@dataclass(frozen=True, slots=True)
class Ranker:
    """Ranks the fillers of a lesson's gaps with a model."""

    asker: Asker
    lesson: Lesson
    context: Context

    async def prove(self, known: Sequence[Filled], most: int = MOST_TRIED) -> Proof:
        """See how often the right filler is the likeliest one."""
        hits, tried, expected = 0, 0, 0.0
        usable = [each for each in known if can_rank(each)][:most]
        for filled in usable:
            fits = await self._fits(filled)
            if fits is None:
                continue
            tried += 1
            expected += 1 / len(fits)
            hits += fits[0] == max(fits)
        return Proof(tried > 0 or not usable, hits, tried, expected)

    async def rank(self, filled: Filled) -> Filled:
        """Take the most believable distractors, and estimate how hard a blank is; else leave it as it is."""
        if not can_rank(filled):
            return filled
        fits = await self._fits(filled)
        if fits is None:
            return filled
        if filled.item.type is ItemType.MC:
            return await self._with_best(filled, fits)
        return replace(filled, item=replace(filled.item, difficulty=_difficulty(filled.item, fits)))

    async def _with_best(self, filled: Filled, fits: Sequence[float]) -> Filled:
        wrong = fillers(filled)
        ranked = [wrong[at] for at in sorted(range(len(wrong)), key=lambda at: -fits[at + 1])]
        item = with_wrong(filled.item, ranked[:WRONG], self.lesson.language)
        verdicts = await asyncio.to_thread(check_item, item, self.context)
        if hard_flaws(verdicts):
            return filled
        spares = tuple(each for each in ranked if each not in item.options)
        return Filled(filled.slot, with_checks(item, verdicts), spares)

    async def _fits(self, filled: Filled) -> tuple[float, ...] | None:
        """Log-probabilities a token of the key and of each wrong filler, with the rest of the sentence."""
        answer = filled.slot.answer
        assert answer is not None
        sentence = self.lesson.sentences[filled.slot.sentence]
        before = self.lesson.text[sentence.start : answer.start]
        after = self.lesson.text[answer.end : sentence.end]
        words = (answer.text, *fillers(filled))
        scores = await self.asker.score_text(before, tuple(word + after for word in words))
        return None if scores is None else tuple(score.mean for score in scores)


def fillers(filled: Filled) -> tuple[str, ...]:
    """The wrong fillers of a slot: its distractors, then the spare ones."""
    item = filled.item
    wrong = [option for option in item.options if option != item.key]
    return tuple(dict.fromkeys((*wrong, *filled.spares)))


def can_rank(filled: Filled) -> bool:
    """Names in a gap of the sentence; numbers beside a number are as likely as it is."""
    slot = filled.slot
    return (
        slot.type in _GAPPED
        and slot.form is not Form.MEANING
        and slot.answer is not None
        and slot.answer.kind not in NUMERIC
        and len(fillers(filled)) >= LEAST_FILLERS
    )


def _difficulty(item: Item, fits: Sequence[float]) -> float:
    best = max(fits)
    share = math.exp(fits[0] - best) / sum(math.exp(fit - best) for fit in fits)
    return round(0.5 * item.difficulty + 0.5 * (1 - share), 3)


def usable(item: Item, candidates: Sequence[str], context: Context) -> tuple[str, ...]:
    """Keep the candidates that could stand beside the key, each once, in order."""
    kept: dict[str, str] = {}
    for candidate in candidates:
        trial = replace(item, options=(item.key, candidate), answer=0, feedback=())
        failed = {v.check for v in check_item(trial, context) if not v.passed}
        if normal(candidate) != normal(item.key) and not failed & _OPTION_CHECKS:
            kept.setdefault(normal(candidate), candidate)
    return tuple(kept.values())


def believed(candidates: Sequence[str], reading: ReaderScores) -> tuple[str, ...]:
    """Rank candidates by a reader's scores (the key's first): believable ones first, none as likely as it."""
    key, *told = reading.with_passage
    wrong = [at for at, score in enumerate(told) if score < key]
    return tuple(candidates[at] for at in sorted(wrong, key=lambda at: -reading.without[at + 1]))


def with_wrong(item: Item, chosen: Sequence[str], language: str) -> Item:
    """Put distractors into an item: the key keeps its place, and those that stay keep theirs."""
    wanted = list(chosen[: max(WRONG, len(item.options) - 1)])
    old = [option for option in item.options if option != item.key]
    stay = [option for option in old if option in wanted]
    fresh = iter([option for option in wanted if option not in stay])
    placed = [option if option in stay else next(fresh, "") for option in old] + list(fresh)
    others = [option for option in placed if option]
    place = min(int(item.answer), len(others)) if not isinstance(item.answer, str | tuple) else 0
    options = (*others[:place], item.key, *others[place:])
    said = dict(zip(item.options, item.feedback, strict=False))
    words = CHINESE if language == "zh" else ENGLISH
    instead = words.instead.format(key=item.key)
    feedback = tuple(said.get(option) or instead for option in options)
    return replace(item, options=options, answer=place, feedback=feedback)
