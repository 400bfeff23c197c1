"""Generating a quiz: questions appear as they come, and stopping keeps what is there.

With a model a question takes seconds, so that progress is shown and what was made is never lost.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from textual.worker import Worker

from aigc_tui.locale import Translate
from aigc_tui.quiz.generation.yields import Yield, reasons_text, stage_text, yield_text
from aigc_tui.quiz.planning.records import Finished, GenerationStep, Made
from aigc_tui.quiz.records import Quiz, QuizRequest
from aigc_tui.quiz.rows import Entry
from aigc_tui.tui.quiz.layout import QuizLayout
from aigc_tui.tui.quiz.library import Library
from aigc_tui.tui.quiz.make_dialog import MakeDialog, Wish
from aigc_tui.tui.quiz.review import Review
from aigc_tui.tui.shell import shell

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import ModelSpec
    from aigc_tui.quiz.lesson.records import Lesson
    from aigc_tui.quiz.planning.records import MakingEvent


SOON = 2.0
"""Seconds after which a step is worth a guess at how long it still takes."""


class Generation:
    """Makes one quiz at a time.

    Args:
        layout: Where it is shown.
        library: Opens what was made.
        review: Shows the open quiz.

    Attributes:
        lesson: The lesson of the quiz that is being made, or was made last.
    """

    def __init__(self, layout: QuizLayout, library: Library, review: Review) -> None:
        self._layout = layout
        self._library = library
        self._review = review
        self._worker: Worker[None] | None = None
        self._wish: Wish | None = None
        self.lesson: Lesson | None = None
        self._clear(QuizRequest())

    async def ask(self) -> None:
        """Ask what to make from the open lesson, and make it."""
        layout = self._layout
        if layout.generating:
            layout.note(layout.t("quiz.busy"))
        elif self._library.lesson is None:
            layout.note(layout.t("quiz.open_lesson_first"))
        else:
            await self._ask_and_make(self._library.lesson_id, self._library.lesson)

    async def _ask_and_make(self, lesson_id: str, lesson: Lesson) -> None:
        layout = self._layout
        name = shell(layout).settings.model
        wish = await layout.ask(MakeDialog(lesson, name, self._wish))
        if wish is not None:
            self._wish = replace(wish, request=replace(wish.request, sections=()))
            model = await asyncio.to_thread(layout.services.models.resolve, name) if wish.with_model else None
            self.begin(lesson_id, lesson, wish.request, model)

    def _clear(self, request: QuizRequest) -> None:
        self._yield = Yield(request)
        self._quiz: Quiz | None = None
        self._step: GenerationStep | None = None
        self._since = monotonic()

    def begin(self, lesson_id: str, lesson: Lesson, request: QuizRequest, model: ModelSpec | None) -> None:
        """Make a quiz, beside the interface.

        Args:
            lesson_id: What to ask about.
            lesson: The same, whole.
            request: What is asked for.
            model: What words the items; None: rules only.
        """
        self._clear(request)
        self.lesson = lesson
        self._layout.generating = True
        doing = self._layout.guarded(self._run(lesson_id, lesson, request, model))
        self._worker = self._layout.run_worker(doing, group="making", exit_on_error=False)

    def stop(self) -> None:
        """Stop; what was made is kept."""
        if self._worker is not None and self._layout.generating:
            self._worker.cancel()

    async def _run(
        self, lesson_id: str, lesson: Lesson, request: QuizRequest, model: ModelSpec | None
    ) -> None:
        layout, problem = self._layout, None
        self._make_room(lesson)
        self._tell()
        try:
            await self._follow(lesson_id, request, model)
        except asyncio.CancelledError:
            # The pane's own work from here on: the worker that was stopped must end.
            layout.work(self._keep(lesson_id))
            raise
        except Exception as error:  # whatever it was, what was made before it is kept
            problem = error
        finally:
            layout.generating = False
            layout.call_later(layout.refresh_bindings)
        if problem is not None:
            await self._keep(lesson_id)
            raise problem
        await self._done(lesson_id)

    def _make_room(self, lesson: Lesson) -> None:
        layout = self._layout
        self._review.close()
        layout.head(lesson.title or layout.t("quiz.untitled"))
        layout.clear_note()
        layout.show_filters([], "all")
        layout.items.show([], [])
        layout.show_part("quiz")
        layout.items.focus()
        layout.refresh_bindings()

    async def _follow(self, lesson_id: str, request: QuizRequest, model: ModelSpec | None) -> None:
        """Show what is made as it comes."""
        async with aclosing(self._layout.service.workshop.make(lesson_id, request, model)) as events:
            async for event in events:
                self._take(event)

    def _take(self, event: MakingEvent) -> None:
        self._yield.take(event)
        match event:
            case Made(filled):
                self._layout.items.add(Entry(filled.item))
            case GenerationStep():
                if self._step is None or event.stage != self._step.stage:
                    self._since = monotonic()
                self._step = event
            case Finished(quiz):
                self._quiz = quiz
                return
        self._tell()

    def _tell(self) -> None:
        t = self._layout.t
        so_far = self._yield
        words = yield_text(so_far.request.count, len(so_far.made), so_far.rejected, t)
        parts = [t("quiz.making"), self._stage(), words]
        self._layout.show_yield(" · ".join(part for part in parts if part))

    def _stage(self) -> str:
        """What is under way, how far it is, and how long it still takes."""
        step, t = self._step, self._layout.t
        if step is None:
            return ""
        words = stage_text(step.stage, t)
        if step.total:
            words += f" {step.done}/{step.total}"
        left = seconds_left(monotonic() - self._since, step.done, step.total)
        return words + (f" ({time_left(left, t)})" if left is not None else "")

    async def _done(self, lesson_id: str) -> None:
        layout, quiz = self._layout, self._quiz
        if quiz is None or not quiz.items:
            rejected = quiz.rejected if quiz else self._yield.rejected
            await self._library.open_lesson(lesson_id)
            layout.note(layout.t("quiz.made_nothing", reasons=reasons_text(rejected, layout.t)))
            return
        await self._library.show_quiz(quiz.id)

    async def _keep(self, lesson_id: str) -> None:
        """Keep what was made before it was stopped, unless all was made and kept by then."""
        if self._quiz is not None:
            await self._done(lesson_id)
            return
        layout, so_far = self._layout, self._yield
        kept = await asyncio.to_thread(lambda: layout.service.workshop.keep_stopped(lesson_id, so_far))
        if kept is None:
            await self._library.open_lesson(lesson_id)
            layout.confirm(layout.t("quiz.stopped_nothing"))
            return
        await self._library.show_quiz(kept.id)
        layout.confirm(layout.t("quiz.stopped_kept", count=len(kept.items)))


def seconds_left(spent: float, done: int, total: int) -> float | None:
    """A guess at the seconds that a step still takes; None while it is too early to say."""
    if spent < SOON or not 0 < done < total:
        return None
    return spent / done * (total - done)


def time_left(seconds: float, t: Translate) -> str:
    """A number of seconds as one says it."""
    if seconds < 90:
        return t("quiz.left_seconds", seconds=max(1, round(seconds)))
    return t("quiz.left_minutes", minutes=round(seconds / 60))
