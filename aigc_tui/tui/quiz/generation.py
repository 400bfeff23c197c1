"""Generating a quiz: questions appear as they come, and stopping keeps what is there.

With a model a question takes seconds, so that progress is shown and what was made is never lost.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from time import monotonic
from typing import TYPE_CHECKING

from textual.worker import Worker

from aigc_tui.locale import Translate
from aigc_tui.quiz.generation.yields import Yield, reasons_text, stage_text, yield_text
from aigc_tui.quiz.planning.records import Finished, GenerationStep, Made
from aigc_tui.quiz.records import Quiz, QuizRequest
from aigc_tui.quiz.rows import Entry

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import ModelSpec
    from aigc_tui.quiz.lesson.records import Lesson
    from aigc_tui.quiz.planning.records import MakingEvent
    from aigc_tui.tui.quiz.screen import QuizScreen


SOON = 2.0
"""Seconds after which a step is worth a guess at how long it still takes."""


class Making:
    """Runs one making at a time.

    Args:
        screen: Where it is shown.

    Attributes:
        busy: Whether a quiz is being made.
        lesson: What the quiz that is being made, or was made last, is about.
    """

    def __init__(self, screen: QuizScreen) -> None:
        self._screen = screen
        self._worker: Worker[None] | None = None
        self.busy = False
        self.lesson: Lesson | None = None
        self._clear(QuizRequest())

    def _clear(self, request: QuizRequest) -> None:
        self._yield = Yield(request)
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
        self.busy = True
        doing = self._screen.guarded(self._run(lesson_id, lesson, request, model))
        self._worker = self._screen.run_worker(doing, group="making", exit_on_error=False)

    def stop(self) -> None:
        """Stop; what was made is kept."""
        if self._worker is not None and self.busy:
            self._worker.cancel()

    async def _run(
        self, lesson_id: str, lesson: Lesson, request: QuizRequest, model: ModelSpec | None
    ) -> None:
        screen, problem, quiz = self._screen, None, None
        screen.begin_making(lesson)
        self._tell()
        try:
            quiz = await self._follow(lesson_id, request, model)
        except asyncio.CancelledError:
            # The pane's own work from here on: the worker that was stopped must end.
            screen.work(self._keep(lesson_id))
            raise
        except Exception as error:  # whatever it was, what was made before it is kept
            problem = error
        finally:
            self.busy = False
            screen.call_later(screen.refresh_bindings)
        if problem is not None:
            await self._keep(lesson_id)
            raise problem
        await self._done(lesson_id, quiz)

    async def _follow(self, lesson_id: str, request: QuizRequest, model: ModelSpec | None) -> Quiz | None:
        """Show what is made as it comes; the quiz as it is kept."""
        quiz: Quiz | None = None
        async with aclosing(self._screen.service.workshop.make(lesson_id, request, model)) as events:
            async for event in events:
                quiz = self._take(event) or quiz
        return quiz

    def _take(self, event: MakingEvent) -> Quiz | None:
        """Show one event; the quiz, if it is the last one."""
        self._yield.take(event)
        match event:
            case Made(filled):
                self._screen.items.add(Entry(filled.item))
            case GenerationStep():
                if self._step is None or event.stage != self._step.stage:
                    self._since = monotonic()
                self._step = event
            case Finished(quiz):
                return quiz
        self._tell()
        return None

    def _tell(self) -> None:
        t = self._screen.t
        so_far = self._yield
        words = yield_text(so_far.request.count, len(so_far.made), so_far.rejected, t)
        parts = [t("quiz.making"), self._stage(), words]
        self._screen.say_yield(" · ".join(part for part in parts if part))

    def _stage(self) -> str:
        """What is under way, how far it is, and how long it still takes."""
        step, t = self._step, self._screen.t
        if step is None:
            return ""
        words = stage_text(step.stage, t)
        if step.total:
            words += f" {step.done}/{step.total}"
        left = seconds_left(monotonic() - self._since, step.done, step.total)
        return words + (f" ({time_left(left, t)})" if left is not None else "")

    async def _done(self, lesson_id: str, quiz: Quiz | None) -> None:
        screen = self._screen
        if quiz is None or not quiz.items:
            rejected = quiz.rejected if quiz else self._yield.rejected
            await screen.librarian.open_lesson(lesson_id)
            screen.note(screen.t("quiz.made_nothing", reasons=reasons_text(rejected, screen.t)))
            return
        await screen.librarian.show_quiz(quiz.id)

    async def _keep(self, lesson_id: str) -> None:
        """Keep what was made before it was stopped."""
        screen, so_far = self._screen, self._yield
        kept = await asyncio.to_thread(lambda: screen.service.workshop.keep_stopped(lesson_id, so_far))
        if kept is None:
            await screen.librarian.open_lesson(lesson_id)
            screen.confirm(screen.t("quiz.stopped_nothing"))
            return
        await screen.librarian.show_quiz(kept.id)
        screen.confirm(screen.t("quiz.stopped_kept", count=len(kept.items)))


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
