"""One slot: ask a model for a stem and options, check what it says, ask again; keep nothing that fails."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass, replace

from aigc_tui.engine.protocol import Engine, ModelSpec
from aigc_tui.quiz.analysis.records import Mention
from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.checks.registry import check_item, with_checks
from aigc_tui.quiz.generation.distractors import NUMERIC
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.llm_items.asking import (
    NEEDS_LESSON,
    READER,
    TWO_KEYS,
    UNREADABLE,
    Asker,
    Declined,
    Proposal,
    Proposed,
    text_of,
    texts_of,
)
from aigc_tui.quiz.llm_items.prompts import WORDINGS, passage_of, reason_of, rest_form, stem_form, titles_of
from aigc_tui.quiz.llm_items.reading import LEAST_WRONG, WRONG, PassageReader, believed, usable, with_wrong
from aigc_tui.quiz.llm_items.stems import Ground, refuse_stem, refuse_why
from aigc_tui.quiz.planning.questions_zh import CHINESE
from aigc_tui.quiz.planning.records import Filled, Form
from aigc_tui.quiz.planning.wording_en import ENGLISH
from aigc_tui.quiz.records import Item, ItemType, Origin

ATTEMPTS = 3
"""The first, and two more that know what was wrong with the one before."""
_STEM_TOKENS, _REST_TOKENS = 96, 280
_MOST_READ = 8
_STRICT = frozenset(
    ["negative_stem", "double_negative", "unfocused_stem", "dangling_reference", "remnants", "long_stem"]
)
"""Soft checks that a model's wording must pass in any case; of the others, those that the rule's passes."""


@dataclass(frozen=True, slots=True)
class _Draft:
    item: Item
    ground: Ground
    answer: Mention


@dataclass(frozen=True, slots=True)
class Proposer:
    """Asks one model about the slots of one lesson.

    Args:
        reader: Judges what is proposed; None: there is none, or it cannot read.
        trusts_wrong: Whether the model's own distractors are taken without a reader (servers' models cannot
            be proved, but are seldom the smallest).
    """

    asker: Asker
    lesson: Lesson
    context: Context
    reader: PassageReader | None = None
    trusts_wrong: bool = False

    async def propose(self, filled: Filled, taken: Collection[str] = (), seed: int = 0) -> Proposal:
        """Let the model word a slot, unlike the stems `taken`; a seed gets the same item of a local model.

        Raises:
            ModelFailedError: The model cannot be asked.
        """
        answer = filled.slot.answer
        if answer is None or not can_word(filled):
            return Declined()
        ground = self._ground(filled, answer, taken)
        refused: list[str] = []
        last = ""
        for attempt in range(ATTEMPTS):
            stem, why_not = await self._stem(ground, last, refused, seed + attempt)
            if not why_not:
                draft = _Draft(self._with_stem(filled, stem, seed), ground, answer)
                made = await self._finish(filled, draft, seed + attempt)
                if isinstance(made, Filled):
                    return Proposed(made, tuple(refused))
                why_not = made
            refused.append(why_not)
            last = stem
        return Declined(tuple(refused))

    def _ground(self, filled: Filled, answer: Mention, taken: Collection[str]) -> Ground:
        sentence = filled.slot.sentence
        passage = f"{titles_of(self.lesson, sentence)}\n{passage_of(self.lesson, sentence)}"
        quote = " ".join(self.lesson.quote(self.lesson.sentences[sentence]).split())
        key = " ".join(answer.text.split())
        return Ground(self.lesson.language, quote, passage, key, answer.kind, tuple(taken))

    async def _stem(self, ground: Ground, last: str, refused: list[str], seed: int) -> tuple[str, str]:
        words = WORDINGS[ground.language]
        prompt = words.stem.format(passage=ground.passage, quote=ground.quote, key=ground.key)
        if refused and last:
            prompt += words.again.format(last=last, reason=reason_of(refused[-1], words))
        reply = await self.asker.ask(prompt, stem_form(ground.language, ground.kind), seed, _STEM_TOKENS)
        stem = text_of(reply, "stem")
        return stem, refuse_stem(stem, ground) if stem else UNREADABLE

    def _with_stem(self, filled: Filled, stem: str, seed: int) -> Item:
        words = CHINESE if self.lesson.language == "zh" else ENGLISH
        story = words.in_story.format(title=self.lesson.title, stem="")
        told = filled.item.stem.startswith(story.strip())
        model = self.asker.model.name
        return replace(
            filled.item,
            id=_item_id(filled.item.id, model, stem),
            stem=story + stem if told else stem,
            origin=Origin.MODEL,
            model=model,
            seed=seed,
        )

    async def _finish(self, filled: Filled, draft: _Draft, seed: int) -> Filled | str:
        if flaw := await self._flaw(draft.item, filled.item):
            return flaw
        reply = await self._rest(draft, seed)
        why = text_of(reply, "why")
        item = draft.item
        if not refuse_why(why, draft.ground):
            item = replace(item, explanation=f"{why} {item.explanation}".strip())
        wrong = texts_of(reply, "wrong", _MOST_READ) if self._takes_wrong(draft) else ()
        found: Filled | str = ""
        # A good stem does not fall with the model's distractors: the rules' stand behind them.
        for offered in dict.fromkeys((wrong, ())):
            found = await self._judged(filled, replace(draft, item=item), offered)
            if isinstance(found, Filled):
                found = await self._flaw(found.item, filled.item) or found
            if isinstance(found, Filled):
                break
        if isinstance(found, str):
            return found
        checked = with_checks(found.item, await asyncio.to_thread(check_item, found.item, self.context))
        return replace(found, item=replace(checked, checks=(*checked.checks, *found.item.checks)))

    async def _rest(self, draft: _Draft, seed: int) -> dict[str, object] | None:
        words, ground = WORDINGS[draft.ground.language], draft.ground
        with_wrong = self._takes_wrong(draft)
        task = words.wrong if with_wrong else words.why
        prompt = task.format(passage=ground.passage, stem=draft.item.stem, key=ground.key)
        form = rest_form(ground.language, ground.key, with_wrong)
        return await self.asker.ask(prompt, form, seed, _REST_TOKENS)

    def _takes_wrong(self, draft: _Draft) -> bool:
        """Numbers and dates are varied better by rule; an unread model's distractors may be right answers."""
        judged = self.reader is not None or self.trusts_wrong
        return judged and draft.item.type is ItemType.MC and draft.answer.kind not in NUMERIC

    async def _judged(self, filled: Filled, draft: _Draft, wrong: tuple[str, ...]) -> Filled | str:
        """Choose the distractors and let the reader look; `item.checks` holds the reader's words alone."""
        item = replace(draft.item, checks=())
        rules = tuple(option for option in item.options if option != item.key)
        fresh = await asyncio.to_thread(usable, item, wrong, self.context) if wrong else ()
        pool = tuple(dict.fromkeys((*rules, *fresh, *filled.spares)))[: _MOST_READ - 1]
        if self.reader is None:
            chosen = (*fresh, *rules)[:WRONG] if fresh else rules
            return self._with_options(filled, item, chosen, pool)
        reading = await self.reader.read(item.stem, filled.slot.sentence, (item.key, *pool)) if pool else None
        if reading is None:
            return self._with_options(filled, item, rules, pool)
        least = len(rules) or len(pool)
        if any(told >= reading.with_passage[0] for told in reading.with_passage[1 : least + 1]):
            return TWO_KEYS
        item = replace(item, checks=((READER, True), (NEEDS_LESSON, not reading.is_guessable)))
        ranked = believed(pool, reading) if fresh else rules
        if item.type is ItemType.MC and len(ranked) < LEAST_WRONG:
            return TWO_KEYS
        return self._with_options(filled, item, ranked, pool)

    def _with_options(
        self, filled: Filled, item: Item, chosen: tuple[str, ...], pool: tuple[str, ...]
    ) -> Filled:
        if item.type is not ItemType.MC:
            return Filled(filled.slot, item, filled.spares)
        item = with_wrong(item, chosen[:WRONG] if len(chosen) > WRONG else chosen, self.lesson.language)
        return Filled(filled.slot, item, tuple(each for each in pool if each not in item.options))

    async def _flaw(self, item: Item, rule: Item) -> str:
        """The first check that keeps the model's item out: it must be no worse than the rule's."""
        passed_by_rule = dict(rule.checks)
        # In a thread: the first Chinese item loads a dictionary, and this may be the interface's loop.
        for verdict in await asyncio.to_thread(check_item, item, self.context):
            matters = verdict.hard or verdict.check in _STRICT or passed_by_rule.get(verdict.check, True)
            if not verdict.passed and matters:
                return verdict.check
        return ""


def can_word(filled: Filled) -> bool:
    """Whether a model has anything to word here: questions about one stretch of one sentence.

    A cloze item's stem is the lesson's own sentence, the truth of a statement cannot be left to a model, and
    matching and ordering have no wording.
    """
    slot = filled.slot
    asks = slot.type in (ItemType.MC, ItemType.SHORT) and slot.form is not Form.MEANING
    return asks and slot.answer is not None


async def propose(
    filled: Filled,
    lesson: Lesson,
    engine: Engine,
    model: ModelSpec,
    context: Context,
    *,
    reader: PassageReader | None = None,
    taken: Collection[str] = (),
    seed: int = 0,
) -> Proposal:
    """Let a model word one slot; see `Proposer`."""
    trusts = model.kind != "local"
    return await Proposer(Asker(engine, model), lesson, context, reader, trusts).propose(filled, taken, seed)


def _item_id(rule: str, model: str, stem: str) -> str:
    """A stable id (a UUID of version 8) that is not the rule-made item's, which may be kept elsewhere."""
    digest = hashlib.sha256(f"{rule}|{model}|{stem}".encode()).digest()
    value = int.from_bytes(digest[:16], "big")
    value = value & ~(0xF << 76) | 0x8 << 76
    return str(uuid.UUID(int=value & ~(0b11 << 62) | 0b10 << 62))
