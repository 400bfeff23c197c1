"""How well words fit a gap, by a causal language model: what is a believable distractor, how hard is a blank?

Why it exists: of six terms of the same kind the rules cannot tell which a learner would believe. A language
model can: it reads the sentence up to the gap and is asked how likely it finds each filler together with the
rest of the sentence (the comparison of Trinh & Le, "A simple method for commonsense reasoning",
arXiv:1806.02847, there for pronouns). Masked models rank fillers the same way (CDGP, arXiv:2403.10326).

The fillers are the rules' own: each is wrong for certain. So nothing becomes false by a bad ranking; but a
model that does not even find the right filler likeliest more often than chance ranks at random, and is left
out.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from aigc_tui.quiz.checks.item import check_item, hard_flaws, with_checks
from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.making.distractors import NUMERIC
from aigc_tui.quiz.making.records import Filled, Form
from aigc_tui.quiz.proposing.asking import Asker
from aigc_tui.quiz.proposing.options import WRONG, with_wrong
from aigc_tui.quiz.proposing.reader import MOST_TRIED, Proof
from aigc_tui.quiz.records import Item, ItemType

LEAST_FILLERS = 2
"""Wrong fillers without which there is nothing to rank."""
_GAPPED = frozenset({ItemType.MC, ItemType.CLOZE, ItemType.SHORT})


@dataclass(frozen=True, slots=True)
class Ranker:
    """Ranks the fillers of a lesson's gaps with a model.

    Args:
        asker: The model.
        lesson: The lesson.
        context: What the checks may know.
    """

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
    """The rules' estimate and the model's surprise at the key, half and half."""
    best = max(fits)
    share = math.exp(fits[0] - best) / sum(math.exp(fit - best) for fit in fits)
    return round(0.5 * item.difficulty + 0.5 * (1 - share), 3)
