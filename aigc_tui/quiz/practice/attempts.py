"""Taking a quiz: begin, answer, finish, and what to read again.

Each answer is stored before the next question is shown, so that a killed program loses none, together with
the question as it was asked, so that a later edit does not change what was answered.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from aigc_tui.quiz.grading.grade import grade
from aigc_tui.quiz.grading.records import By, Grade, Judgement, Response
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.practice.clock import moment, stamp
from aigc_tui.quiz.practice.records import (
    Attempt,
    Outcome,
    QuizStatistics,
    Reread,
    Result,
    cleaned,
    response_from_json,
    response_to_json,
)
from aigc_tui.quiz.records import Item, QuizError
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.quiz.rows import ItemState, item_of, item_payload
from aigc_tui.store.records import AttemptRow, ResponseRow
from aigc_tui.store.store import Store

if TYPE_CHECKING:
    from aigc_tui.engine.protocol import Engine, ModelSpec
    from aigc_tui.quiz.llm_items.asking import SamplingOf

USER = "user"
"""Who judged an answer that the learner or teacher overrode."""


class Attempts:
    """Runs through quizzes.

    Args:
        engine: Serves the models that may suggest grades; None: rules only.
        sampling: How a model is sampled; default: as when nobody says anything.
    """

    def __init__(
        self,
        store: Store,
        repository: QuizRepository,
        engine: Engine | None = None,
        sampling: SamplingOf | None = None,
    ) -> None:
        self._store = store
        self._engine = engine
        self._sampling = sampling
        self._practice = store.practice
        self._repository = repository

    def begin(self, quiz_id: str, now: datetime) -> Attempt:
        """Begin a run through the items that are not deleted."""
        items = [
            each.item for each in self._repository.entries(quiz_id) if each.state is not ItemState.DELETED
        ]
        if not items:
            raise QuizError("this quiz has no items to ask")
        row = self._practice.begin(quiz_id, json.dumps([item.id for item in items]), stamp(now))
        return _attempt(row, items, ())

    def unfinished(self, quiz_id: str) -> Attempt | None:
        """The newest attempt that was broken off, with what was answered already; None: there is none."""
        rows = self._practice.attempts(quiz_id, finished=False)
        if not rows:
            return None
        answered = tuple(row.item for row in self._practice.responses(rows[0].id))
        items = [self._repository.item(name) for name in json.loads(rows[0].items)]
        return _attempt(rows[0], items, answered)

    def answer(self, attempt_id: str, item_id: str, response: Response, now: datetime) -> Grade:
        """Grade an answer by rules and keep it."""
        row = self._practice.attempt(attempt_id)
        if item_id not in json.loads(row.items):
            raise QuizError("that item does not belong to this attempt")
        item, said = self._repository.item(item_id), cleaned(response)
        judged = grade(item, said)
        self._practice.respond(
            ResponseRow(
                attempt=attempt_id,
                item=item_id,
                payload=item_payload(item),
                answer=response_to_json(said),
                verdict=judged.verdict.value,
                judge=judged.by.value,
                suggested=judged.by is By.MODEL,
                note=judged.note,
                answered=stamp(now),
            )
        )
        return judged

    async def suggest(self, attempt_id: str, item_id: str, model: ModelSpec) -> Grade | None:
        """Let a model suggest a verdict where rules left it open; it is kept, marked as a suggestion.

        Raises:
            ModelFailedError: The model cannot be asked; the verdict of the rules stands.
        """
        if self._engine is None:
            return None
        from aigc_tui.quiz.grading.suggest import suggest

        rows = await asyncio.to_thread(self._practice.responses, attempt_id)
        row = next((each for each in rows if each.item == item_id), None)
        if row is None:
            raise QuizError("that question has not been answered in this attempt")
        item, said = item_of(row.payload, row.item), response_from_json(row.answer)
        if not isinstance(said, str) or row.judge == USER:
            return None
        sampling = self._sampling(model) if self._sampling else None
        told = await suggest(item, said, grade(item, said), self._engine, model, sampling)
        if told is not None:
            judge, verdict = self._practice.judge, told.verdict.value
            await asyncio.to_thread(judge, attempt_id, item_id, verdict, told.by.value, suggested=True)
        return told

    def override(self, attempt_id: str, item_id: str, verdict: str) -> None:
        """Let a person's verdict stand."""
        if verdict not in list(Judgement):
            raise QuizError("a verdict must be one of {names}", names=tuple(Judgement))
        self._practice.judge(attempt_id, item_id, verdict, USER)

    def finish(self, attempt_id: str, now: datetime) -> Result:
        """End an attempt, and say how it went."""
        self._practice.end(attempt_id, stamp(now))
        row = self._practice.attempt(attempt_id)
        return self._result(row, self._repository.lesson_of_quiz(row.quiz))

    def results(self, quiz_id: str) -> list[Result]:
        """The finished attempts at a quiz, newest first."""
        lesson = self._repository.lesson_of_quiz(quiz_id)
        return [self._result(row, lesson) for row in self._practice.attempts(quiz_id, finished=True)]

    def statistics(self, quiz_id: str) -> QuizStatistics:
        """What the finished attempts say of a quiz and its items; see `practice.statistics`."""
        from aigc_tui.quiz.practice.statistics import statistics_of

        return statistics_of(self._store, self._repository, quiz_id)

    def _result(self, row: AttemptRow, lesson: Lesson | None) -> Result:
        answered = {each.item: each for each in self._practice.responses(row.id)}
        names = json.loads(row.items)
        outcomes = tuple(
            _outcome(answered[name])
            if name in answered
            else Outcome(self._repository.item(name), None, "", "")
            for name in names
        )
        count = [outcome.verdict for outcome in outcomes].count
        assert row.finished is not None
        return Result(
            attempt=row.id,
            quiz=row.quiz,
            outcomes=outcomes,
            correct=count("correct"),
            partial=count("partial"),
            incorrect=count("incorrect"),
            unanswered=count(""),
            seconds=(moment(row.finished) - moment(row.started)).total_seconds(),
            reread=tuple(to_reread(outcomes, lesson)),
        )


def to_reread(outcomes: Iterable[Outcome], lesson: Lesson | None) -> list[Reread]:
    """The stretches of the lesson behind what was not right, in the lesson's order, each once."""
    missed: dict[tuple[int, int], list[Item]] = {}
    for outcome in outcomes:
        source = outcome.item.source
        if outcome.verdict != "correct" and source is not None:
            missed.setdefault((source.start, source.end), []).append(outcome.item)
    found: list[Reread] = []
    for (start, end), items in sorted(missed.items()):
        source = items[0].source
        assert source is not None
        page = lesson.page_of(start) if lesson else None
        names = tuple(item.id for item in items)
        found.append(Reread(source.section, page, start, end, source.quote, names))
    return found


def _attempt(row: AttemptRow, items: Sequence[Item], answered: tuple[str, ...]) -> Attempt:
    finished = moment(row.finished) if row.finished else None
    return Attempt(row.id, row.quiz, moment(row.started), tuple(items), answered, finished)


def _outcome(row: ResponseRow) -> Outcome:
    item = item_of(row.payload, row.item)
    return Outcome(item, response_from_json(row.answer), row.verdict, row.judge, row.suggested, row.note)
