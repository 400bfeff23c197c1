"""A store with a lesson and a quiz on it, for tests of everything that is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import Item, ItemType, LessonRef, Quiz, Source
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.store import Store

TEXT = """# Cells

A **cell** is the smallest unit of life. The nucleus holds the DNA of the cell.
Robert Hooke named cells in 1665.

## Plants

Chloroplasts capture light. Chlorophyll is green. 植物的叶子用光制造糖。
"""
MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


def lesson() -> Lesson:
    """Two sections, English with a sentence of Chinese."""
    return lesson_from_text(TEXT)


def cited(text: Lesson, words: str) -> Source:
    """The sentence of the lesson that holds these words."""
    for sentence in text.sentences:
        if words in text.quote(sentence):
            title = text.sections[sentence.section].title
            return Source(title, sentence.start, sentence.end, text.quote(sentence))
    raise AssertionError(words)


def items() -> list[Item]:
    """One item of each of four types, all about `lesson()`."""
    text = lesson()
    return [
        Item(
            "mc",
            ItemType.MC,
            "What holds the DNA of the cell?",
            1,
            ("The membrane", "The nucleus", "The wall", "The sap"),
            source=cited(text, "nucleus"),
        ),
        Item("tf", ItemType.TF, "Chlorophyll is green.", True, source=cited(text, "Chlorophyll")),
        Item(
            "cloze", ItemType.CLOZE, "Robert Hooke named cells in ____.", "1665", source=cited(text, "1665")
        ),
        Item(
            "short", ItemType.SHORT, "What do chloroplasts capture?", "light", source=cited(text, "capture")
        ),
    ]


def quiz_of(made: Sequence[Item], text: Lesson | None = None) -> Quiz:
    """A quiz of these items, about a lesson if one is given."""
    about = LessonRef(text.title, text.sha256, text.language) if text else LessonRef()
    return Quiz("", "A quiz", about, len(made), tuple(made))


def stocked(store: Store) -> str:
    """Keep the lesson and its quiz; returns the quiz's id."""
    bank = QuizRepository(store)
    bank.add_lesson(lesson())
    return bank.keep(quiz_of(items(), lesson())).id


def lesson_file(folder: Path) -> Path:
    """The lesson as a file."""
    path = folder / "cells.md"
    path.write_text(TEXT, encoding="utf-8")
    return path
