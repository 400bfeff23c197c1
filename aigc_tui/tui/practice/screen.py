"""Practice: cards that are due, answered, checked, rated, and rescheduled by FSRS.

Answers are given actively (typed, chosen, ordered) wherever that can be graded; the rating stays the
learner's.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from aigc_tui.quiz.grading.records import Response
from aigc_tui.quiz.practice.clock import span
from aigc_tui.quiz.practice.records import SUGGESTED, Rating
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.practice.answers import Given
from aigc_tui.tui.practice.feedback import BLANK_LINE, said_of
from aigc_tui.tui.practice.question import Question
from aigc_tui.tui.practice.queue import Card, DueQueue, MistakeQueue, Queue, Ratings
from aigc_tui.tui.practice.suggestion import AnswerPane, Judged
from aigc_tui.tui.widgets.text import plain, plain_line

if TYPE_CHECKING:
    from aigc_tui.quiz.records import Item

AHEAD_DAYS = 30


class PracticeScreen(AnswerPane):
    """One card after the other.

    Args:
        lesson_id: Practise this lesson only; None: all.
        mistakes: Go through the mistakes bank instead of what is due.

    Attributes:
        suggested: The rating that enter gives.
    """

    BINDINGS = bindings("overlay", "practice")

    def __init__(self, lesson_id: str | None = None, *, mistakes: bool = False) -> None:
        super().__init__(classes="practice")
        self._lesson_id = lesson_id
        self._mistakes = mistakes
        self._queue: Queue | None = None
        self._card: Card | None = None
        self.suggested = Rating.GOOD

    def parts(self) -> ComposeResult:
        yield Question()
        yield Ratings()

    def on_mount(self) -> None:
        self.note("")
        kind = MistakeQueue if self._mistakes else DueQueue
        self._queue = kind(self.service, self._lesson_id)
        self.work(self._next())

    def on_screen_resume(self) -> None:
        """As a pane it may come back days later, or after a quiz was made: ask anew what is due."""
        if self._queue is not None:
            self.work(self._next_if_none())

    async def _next_if_none(self) -> None:
        if self._card is None:
            await self._next()

    def retranslate(self) -> None:
        super().retranslate()
        self.query_one(Question).retranslate(self.t("practice.card"))
        self.work(self._next() if self._card is None else self._write_head())
        if self._answered and self._card is not None:
            self.query_one(Ratings).offer(self._card.intervals, self.suggested, self.t)

    @property
    def item(self) -> Item | None:
        return self._card.item if self._card else None

    async def _next(self) -> None:
        assert self._queue is not None
        self._answered = False
        self._opinion.about(None)
        self._card = await asyncio.to_thread(self._queue.next, self.now())
        self.query_one(Ratings).hide()
        await self._write_head()
        question = self.query_one(Question)
        if self._card is None:
            await question.clear(await asyncio.to_thread(self._all_done))
        else:
            await question.ask(self._card.item, self.t("practice.card"))
        self.refresh_bindings()

    async def _write_head(self) -> None:
        title = self.t("practice.mistakes") if self._mistakes else self.t("practice.title")
        counts = (await asyncio.to_thread(self.service.reviews.counts, self.now())).get(
            self._lesson_id or "*"
        )
        parts = [plain_line(title, style="bold")]
        if self._mistakes and self._queue is not None:
            parts.append(plain("  " + self.t("practice.left", count=self._queue.left), "$text-muted"))
        elif counts is not None:
            said = self.t("practice.counts", new=counts.new, learning=counts.learning, review=counts.review)
            parts.append(plain("  " + said, "$text-muted"))
        self.head(Content.assemble(*parts))

    def _all_done(self) -> list[Line]:
        """What there is to say when nothing is due: when it goes on."""
        lines = [
            BLANK_LINE,
            Line(plain("✓ " + self.t("practice.all_done"), "$text-success bold")),
            BLANK_LINE,
        ]
        if not self._mistakes:
            loads = self.service.reviews.forecast(self.now(), AHEAD_DAYS)
            ahead = next((load for load in loads[1:] if load.due + load.new), None)
            if ahead is not None:
                days = (ahead.day - loads[0].day).days
                lines.append(Line(plain(self.t("practice.next_day", count=ahead.due + ahead.new, days=days))))
        return lines

    # Answering

    @on(Given)
    def _given(self, event: Given) -> None:
        event.stop()
        if not self._answered:
            self._check(event.response)

    def _check(self, response: Response) -> None:
        from aigc_tui.quiz.grading.grade import grade

        if self._card is None:
            return
        if response is None:
            self._reveal(None, "incorrect", "")
        else:
            judged = grade(self._card.item, response)
            self._reveal(response, judged.verdict.value, judged.note)
            self._opinion.about(Judged(self._card.item, response, judged))
            self.refresh_bindings()

    def _reveal(self, response: Response, verdict: str, note: str) -> None:
        assert self._card is not None
        self._answered, self._response = True, response
        shown = verdict if response is not None else ""
        said = said_of(self._card.item, response, shown, self.t, note=note)
        self.query_one(Question).reveal(response, said)
        self.suggested = SUGGESTED[verdict]
        self.query_one(Ratings).offer(self._card.intervals, self.suggested, self.t)
        self.note("")
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("rate", "rate_suggested", "ask_tutor"):
            return self._answered
        if action == "suggest":
            return self._answered and self._opinion.possible
        if action == "take_suggestion":
            return self._answered and self._opinion.offered is not None
        if action == "show_answer":
            return self._card is not None and not self._answered
        return super().check_action(action, parameters)

    def action_show_answer(self) -> None:
        self._check(None)

    def action_take_suggestion(self) -> None:
        """Take the model's verdict instead of the rules': it changes which rating is suggested."""
        card, offered = self._card, self._opinion.offered
        if card is None or offered is None or not self._answered:
            return
        verdict = offered.verdict.value
        self._opinion.about(None)
        self.query_one(Question).say(said_of(card.item, self._response, verdict, self.t, by="taken"))
        self.suggested = SUGGESTED[verdict]
        self.query_one(Ratings).offer(card.intervals, self.suggested, self.t)
        self.note("")
        self.refresh_bindings()

    def action_rate_suggested(self) -> None:
        self.action_rate(int(self.suggested))

    def action_rate(self, rating: int) -> None:
        if self._answered:
            self.work(self._rate(Rating(rating)))

    async def _rate(self, rating: Rating) -> None:
        card, queue = self._card, self._queue
        if card is None or queue is None or not self._answered:
            return
        self._answered = False
        now = self.now()
        scheduled = await asyncio.to_thread(queue.review, card.item, rating, now)
        await self._next()
        when = span((scheduled.due - now).total_seconds(), self.t)
        self.note(self.t("practice.comes_again", when=when))

    def action_undo(self) -> None:
        self.work(self._undo())

    async def _undo(self) -> None:
        undone = await asyncio.to_thread(self.service.reviews.undo)
        await self._next()
        self.note(self.t("practice.undone") if undone else self.t("practice.nothing_to_undo"))

    # Elsewhere

    def action_mistakes(self) -> None:
        from aigc_tui.tui.practice.mistakes import MistakesScreen

        self.app.push_screen(MistakesScreen(self._lesson_id))

    def action_progress(self) -> None:
        from aigc_tui.tui.practice.progress import ProgressScreen

        self.app.push_screen(ProgressScreen())
