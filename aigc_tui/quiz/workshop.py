"""Make quizzes and store them: a whole one, one item again, one distractor again.

`generation` and `llm_items` know nothing of a store, and the store nothing of them. What is made here is
stored when it is finished; closing the iterator early leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from aigc_tui.ids import uuid7
from aigc_tui.message import message
from aigc_tui.process import runner
from aigc_tui.process.messages import JobError
from aigc_tui.quiz.checks.registry import hard_flaws
from aigc_tui.quiz.codec import item_from_json, item_to_json
from aigc_tui.quiz.editor import QuizEditor
from aigc_tui.quiz.generation.yields import Yield
from aigc_tui.quiz.lesson.codec import lesson_to_json
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.planning.records import Filled, Finished, Made, MakingEvent
from aigc_tui.quiz.records import Item, ItemType, LessonRef, Quiz, QuizError, QuizRequest, place_of
from aigc_tui.quiz.repository import QuizRepository, judged
from aigc_tui.quiz.rows import Entry, ItemState

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import Engine, ModelSpec
    from aigc_tui.quiz.llm_items.asking import SamplingOf

_SEEDS = 1 << 31


class Workshop:
    """Where quizzes are made.

    Args:
        engine: Serves the models that may word items; None: rules only.
        sampling: How a model is sampled; default: as when nobody says anything.
    """

    def __init__(
        self,
        repository: QuizRepository,
        editor: QuizEditor,
        engine: Engine | None = None,
        sampling: SamplingOf | None = None,
    ) -> None:
        self._repository = repository
        self._editor = editor
        self._engine = engine
        self._sampling = sampling

    async def make(
        self, lesson_id: str, request: QuizRequest, model: ModelSpec | None = None
    ) -> AsyncGenerator[MakingEvent]:
        """Make a quiz and keep it; `Finished` carries it as it is kept."""
        spares: dict[str, tuple[str, ...]] = {}
        lesson = await asyncio.to_thread(self._repository.lesson, lesson_id)
        async with aclosing(self._run(lesson, request, (), model)) as events:
            async for event in events:
                if isinstance(event, Made):
                    spares[event.filled.item.id] = event.filled.spares
                if isinstance(event, Finished):
                    event = await self._keep_whole(event, spares)
                yield event

    async def _keep_whole(self, event: Finished, spares: dict[str, tuple[str, ...]]) -> Finished:
        """Store a whole quiz, which cannot be stopped any more."""
        storing = asyncio.ensure_future(asyncio.to_thread(self._keep, event, spares))
        while not storing.done():
            # The thread goes on when its task is cancelled: `keep_stopped` would store the items once more.
            with suppress(asyncio.CancelledError):
                await asyncio.shield(storing)
        return storing.result()

    def keep_stopped(self, lesson_id: str, so_far: Yield) -> Quiz | None:
        """Store what a stopped generation had made, in the lesson's order; None: nothing was made."""
        if not so_far.made:
            return None
        lesson = self._repository.lesson(lesson_id)
        items = tuple(sorted((each.item for each in so_far.made), key=place_of))
        about = LessonRef(lesson.title, lesson.sha256, lesson.language)
        asked = so_far.request.count or len(items)
        quiz = Quiz(uuid7(), lesson.title, about, asked, items, so_far.rejected, so_far.request.seed)
        return self._repository.keep(quiz, spares={each.item.id: each.spares for each in so_far.made})

    def _keep(self, event: Finished, spares: dict[str, tuple[str, ...]]) -> Finished:
        aliases = [(alias.first, alias.second) for alias in event.aliases]
        return replace(event, quiz=self._repository.keep(event.quiz, spares=spares, aliases=aliases))

    async def remake(
        self, quiz_id: str, request: QuizRequest, model: ModelSpec | None = None
    ) -> AsyncGenerator[MakingEvent]:
        """Make all items anew but the locked ones; `request.count` counts the locked ones too."""
        lesson = self._lesson(quiz_id)
        kept = [each for each in self._repository.entries(quiz_id) if each.locked and _shown(each)]
        wanted = replace(request, count=max(0, request.count - len(kept)))
        if request.count and not wanted.count:
            raise QuizError("{count} items are locked; ask for more than that", count=len(kept))
        spares: dict[str, tuple[str, ...]] = {}
        async with aclosing(self._run(lesson, wanted, [each.item for each in kept], model)) as events:
            async for event in events:
                if isinstance(event, Made):
                    spares[event.filled.item.id] = event.filled.spares
                if isinstance(event, Finished):
                    event = await asyncio.to_thread(self._put, quiz_id, request, event, spares)
                yield event

    def _put(
        self, quiz_id: str, request: QuizRequest, event: Finished, spares: dict[str, tuple[str, ...]]
    ) -> Finished:
        # What was made before under the same seed has the same ids; its row stays, for the answers given.
        entries = [
            Entry(replace(item, id=uuid7()), spares=spares.get(item.id, ())) for item in event.quiz.items
        ]
        self._editor.remake(quiz_id, entries)
        self._repository.set_yield(quiz_id, request.count or len(entries), event.quiz.rejected)
        return replace(event, quiz=self._repository.quiz(quiz_id))

    async def regenerate(self, quiz_id: str, item_id: str, model: ModelSpec | None = None) -> Item | None:
        """Put another item in the place of one: of its type and section, else of its type, else of any."""
        old = self._repository.entry(quiz_id, item_id)
        if old.locked:
            raise QuizError("this item is locked; unlock it to replace it")
        lesson = self._lesson(quiz_id)
        # Those thrown out before are not to come back.
        seen = [entry.item for entry in self._repository.entries(quiz_id)]
        for types, sections in _places(old.item):
            request = QuizRequest(1, types, secrets.randbelow(_SEEDS), sections)
            filled = await self._one(lesson, request, seen, model)
            if filled is not None:
                entry = Entry(replace(filled.item, id=uuid7()), spares=filled.spares)
                return (await asyncio.to_thread(self._editor.replace_item, quiz_id, item_id, entry)).item
        return None

    def swap_distractor(self, quiz_id: str, item_id: str, index: int) -> Item | None:
        """Put another distractor in the place of one: of those left over, else of the lesson."""
        old = self._repository.entry(quiz_id, item_id)
        _must_be_swappable(old, index)
        new = self._spare(quiz_id, old, index) or self._looked_for(quiz_id, old, index)
        return None if new is None else self._editor.swap(quiz_id, new).item

    def _spare(self, quiz_id: str, old: Entry, index: int) -> Entry | None:
        """The first distractor left over without a hard flaw; the one that goes is left over from now on."""
        context = self._repository.context(quiz_id)
        for spare in old.spares:
            if spare in old.item.options:
                continue
            new = judged(replace(old, item=_with_option(old.item, index, spare)), context)
            if not hard_flaws(new.verdicts):
                rest = [each for each in old.spares if each != spare]
                return replace(new, spares=(*rest, old.item.options[index]))
        return None

    def _looked_for(self, quiz_id: str, old: Entry, index: int) -> Entry | None:
        lesson = self._repository.lesson_of_quiz(quiz_id)
        if lesson is None:
            return None
        seed = secrets.randbelow(_SEEDS)
        request = {
            "lesson": lesson_to_json(lesson),
            "item": item_to_json(old.item),
            "index": index,
            "seed": seed,
        }
        name = message("the search for a distractor")
        try:
            found = runner.run("quiz.generation.swap", name=name, request=request)
        except JobError as error:
            raise QuizError("no other distractor could be looked for: {error}", error=error) from None
        return None if found is None else replace(old, item=item_from_json(found, "swap"))

    async def _one(
        self, lesson: Lesson, request: QuizRequest, seen: Collection[Item], model: ModelSpec | None
    ) -> Filled | None:
        made: Filled | None = None
        async with aclosing(self._run(lesson, request, seen, model)) as events:
            async for event in events:
                if isinstance(event, Made):
                    made = event.filled
                if isinstance(event, Finished) and made is not None and event.quiz.items:
                    return replace(made, item=event.quiz.items[0])
        return made

    async def _run(
        self, lesson: Lesson, request: QuizRequest, exclude: Collection[Item], model: ModelSpec | None
    ) -> AsyncGenerator[MakingEvent]:
        if model is None:
            from aigc_tui.quiz.generation.job import run_making

            events: AsyncIterator[MakingEvent] = run_making(lesson, request, exclude)
        else:
            if self._engine is None:
                raise QuizError("no model can be asked here; make the quiz without one")
            from aigc_tui.quiz.llm_items.make import make_with_model

            sampling = self._sampling(model) if self._sampling else None
            events = make_with_model(lesson, request, self._engine, model, sampling=sampling, exclude=exclude)
        # Both are generators; closing them ends the child process at once.
        async with aclosing(cast("AsyncGenerator[MakingEvent]", events)) as running:
            async for event in running:
                yield event

    def _lesson(self, quiz_id: str) -> Lesson:
        lesson = self._repository.lesson_of_quiz(quiz_id)
        if lesson is None:
            raise QuizError("this quiz has no lesson, so nothing new can be made for it")
        return lesson


def _shown(entry: Entry) -> bool:
    return entry.state is not ItemState.DELETED


def _places(item: Item) -> list[tuple[tuple[ItemType, ...], tuple[str, ...]]]:
    """Where to look for another item, nearest first: types and sections."""
    section = (item.source.section,) if item.source and item.source.section else ()
    near = [((item.type,), section)] if section else []
    return [*near, ((item.type,), ()), (tuple(ItemType), ())]


def _must_be_swappable(entry: Entry, index: int) -> None:
    if entry.locked:
        raise QuizError("this item is locked; unlock it to change it")
    if entry.item.type is not ItemType.MC:
        raise QuizError("only multiple-choice items have distractors")
    if index == entry.item.answer or not 0 <= index < len(entry.item.options):
        raise QuizError("option {index} is the key or does not exist; choose a distractor", index=index + 1)


def _with_option(item: Item, index: int, option: str) -> Item:
    """The item with one option changed; why the new one fails is not known, so nothing is said of it."""
    options = (*item.options[:index], option, *item.options[index + 1 :])
    feedback = (*item.feedback[:index], "", *item.feedback[index + 1 :]) if item.feedback else ()
    return replace(item, options=options, feedback=feedback)
