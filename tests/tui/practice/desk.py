"""The application with a quiz in its store, and a clock that only moves when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.store import Store
from tests.support.quizzes import tiny_lesson, tiny_quiz
from tests.tui.chat.desk import NOW, Desk


@dataclass
class Clock:
    """Tells the time of a test."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def pass_days(self, days: float) -> None:
        self.at += timedelta(days=days)


def quiz_in_store(language: str = "en") -> Callable[[Store], None]:
    """What `play(prepare=...)` takes: puts the tiny lesson and its quiz into the store."""

    def prepare(store: Store) -> None:
        bank = QuizRepository(store)
        bank.add_lesson(tiny_lesson(language))
        bank.keep(tiny_quiz(language))

    return prepare


async def press(desk: Desk, *keys: str) -> None:
    """Press keys one after the other, each when the one before has done its work."""
    for key in keys:
        await desk.pilot.press(key)
        await desk.settle()
