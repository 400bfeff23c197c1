"""Taking a quiz: one question after the other; each answer is graded and stored before the next.

An attempt that is broken off is resumed where it was.
"""

from __future__ import annotations

import asyncio

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from aigc_tui.quiz.grading.records import Response
from aigc_tui.quiz.practice.records import Attempt
from aigc_tui.quiz.records import Item
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.practice.answers import Given
from aigc_tui.tui.practice.feedback import said_of
from aigc_tui.tui.practice.question import Question
from aigc_tui.tui.practice.suggestion import AnswerPane, Judged
from aigc_tui.tui.widgets.text import plain, plain_line

BAR_CELLS = 20


class TakeScreen(AnswerPane):
    """A run through a quiz.

    Args:
        quiz_id: Which quiz.
    """

    BINDINGS = bindings("overlay", "take")

    def __init__(self, quiz_id: str) -> None:
        super().__init__(classes="take")
        self._quiz_id = quiz_id
        self._title = ""
        self._attempt: Attempt | None = None
        self._done: set[str] = set()
        self._index = 0
        self._verdict = ""
        self._by = self._remark = ""

    def parts(self) -> ComposeResult:
        yield Question()

    def on_mount(self) -> None:
        """Begin, or go on with what was broken off."""
        self.work(self._begin())

    @property
    def item(self) -> Item | None:
        items = self._attempt.items if self._attempt else ()
        return items[self._index] if self._index < len(items) else None

    async def _begin(self) -> None:
        self._title = (await asyncio.to_thread(lambda: self.service.repository.quiz(self._quiz_id))).title
        attempt = await asyncio.to_thread(self._open_or_begin)
        self._attempt, self._done = attempt, set(attempt.answered)
        await self._go_to(0)
        if self._done:
            total = len(attempt.items)
            self.note(self.t("practice.going_on", done=len(self._done), total=total))

    def _open_or_begin(self) -> Attempt:
        found = self.service.attempts.unfinished(self._quiz_id)
        return found if found is not None else self.service.attempts.begin(self._quiz_id, self.now())

    async def _go_to(self, index: int) -> None:
        """Show the first question from here on that was not answered yet."""
        items = self._attempt.items if self._attempt else ()
        open_ones = (i for i in range(index, len(items)) if items[i].id not in self._done)
        self._index = next(open_ones, len(items))
        await self._show()

    async def _show(self) -> None:
        """The question that is due, or, after the last, the results."""
        self._answered, self._verdict, self._response = False, "", None
        self._opinion.about(None)
        item = self.item
        if item is None:
            await self._finish()
            return
        self.note("")
        self._write_head()
        await self.query_one(Question).ask(item, self.t("practice.question", number=self._index + 1))
        self.refresh_bindings()

    async def _finish(self) -> None:
        from aigc_tui.tui.practice.results import ResultsScreen

        attempt = self._attempt
        assert attempt is not None
        result = await asyncio.to_thread(lambda: self.service.attempts.finish(attempt.id, self.now()))
        # Later, and not here: this screen's work ends with the screen.
        self.app.call_later(self.app.switch_screen, ResultsScreen(self._title, result))

    def _write_head(self) -> None:
        total = len(self._attempt.items) if self._attempt else 0
        full = round(BAR_CELLS * self._index / total) if total else 0
        bar = Content.assemble(plain("▰" * full, "$accent"), plain("▱" * (BAR_CELLS - full), "$text-muted"))
        place = plain(f"  {self._index + 1}/{total}  ", "$text-muted")
        self.head(Content.assemble(plain_line(self._title, 60, "bold"), place, bar))

    @on(Given)
    def _given(self, event: Given) -> None:
        event.stop()
        if not self._answered:
            self.work(self._answer(event.response))

    async def _answer(self, response: Response) -> None:
        item, attempt = self.item, self._attempt
        if item is None or attempt is None:
            return
        self._answered = True
        self._done.add(item.id)
        grade = await asyncio.to_thread(
            lambda: self.service.attempts.answer(attempt.id, item.id, response, self.now())
        )
        self._response, self._verdict = response, grade.verdict.value
        self._opinion.about(Judged(item, response, grade))
        self.note("")
        self._by, self._remark = grade.by.value, grade.note
        self.query_one(Question).reveal(response, self._said())
        self.refresh_bindings()

    def _said(self) -> list[Line]:
        """What there is to say of the answer on show."""
        if self.item is None:
            return []
        return [*said_of(self.item, self._response, self._verdict, self.t, by=self._by, note=self._remark)]

    def retranslate(self) -> None:
        super().retranslate()
        question = self.query_one(Question)
        question.retranslate(self.t("practice.question", number=self._index + 1))
        if self._answered:
            question.say(self._said())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("next", "override", "ask_tutor"):
            return self._answered
        if action == "suggest":
            return self._answered and self._opinion.possible
        if action == "skip":
            return self.item is not None and not self._answered
        return super().check_action(action, parameters)

    def action_next(self) -> None:
        self.work(self._go_to(self._index + 1))

    def action_skip(self) -> None:
        """Pass the question over; it counts as not answered."""
        self.work(self._go_to(self._index + 1))

    def action_override(self) -> None:
        """Take the model's suggestion; without one, say that the grader was wrong, one way or the other."""
        if self._opinion.offered is not None:
            self.work(self._override(self._opinion.offered.verdict.value, "taken"))
        else:
            self.work(self._override("incorrect" if self._verdict == "correct" else "correct", "user"))

    async def _override(self, verdict: str, by: str) -> None:
        item, attempt = self.item, self._attempt
        if item is None or attempt is None:
            return
        await asyncio.to_thread(lambda: self.service.attempts.override(attempt.id, item.id, verdict))
        self._verdict = verdict
        self._opinion.about(None)
        self.note("")
        self._by, self._remark = by, ""
        self.query_one(Question).say(self._said())
        self.refresh_bindings()
