"""A whole lesson as JSON and back: for the store, and for the way from the sandboxed child to its parent.

What the child sends was made of a stranger's file, so a lesson that breaks its own invariants is refused.
"""

from __future__ import annotations

import hashlib
from typing import Any

from aigc_tui.message import Message
from aigc_tui.quiz.lesson.records import (
    Aside,
    AsideKind,
    Emphasis,
    Lesson,
    LessonError,
    Section,
    Sentence,
    SentenceKind,
)


def lesson_to_json(lesson: Lesson) -> dict[str, Any]:
    """The lesson as a JSON value; rows of small lists, since a book has ten thousand sentences."""
    return {
        "title": lesson.title,
        "language": lesson.language,
        "text": lesson.text,
        "sha256": lesson.sha256,
        "sections": [
            [each.title, each.level, each.start, each.end, list(each.path)] for each in lesson.sections
        ],
        "sentences": [
            [each.start, each.end, each.section, each.paragraph, each.kind.value, each.number]
            for each in lesson.sentences
        ],
        "emphases": [[each.start, each.end, each.bold] for each in lesson.emphases],
        "asides": [[each.kind.value, each.content, each.at, each.section] for each in lesson.asides],
        "pages": list(lesson.pages),
        "source": lesson.source,
        "notes": [note.to_json() for note in lesson.notes],
    }


def lesson_from_json(value: dict[str, Any]) -> Lesson:
    """Read what `lesson_to_json` wrote.

    Raises:
        LessonError: It is something else, or its offsets do not fit its text.
    """
    try:
        lesson = _lesson(value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LessonError(
            "the stored lesson cannot be read: {reason}", reason=f"{type(error).__name__} {error}"
        ) from None
    if hashlib.sha256(lesson.text.encode()).hexdigest() != lesson.sha256:
        raise LessonError("the stored lesson was changed: its checksum does not match its text")
    _check(lesson)
    return lesson


def _lesson(value: dict[str, Any]) -> Lesson:
    return Lesson(
        title=str(value["title"]),
        language=str(value["language"]),
        text=str(value["text"]),
        sha256=str(value["sha256"]),
        sections=tuple(
            Section(title, level, start, end, tuple(path))
            for title, level, start, end, path in value["sections"]
        ),
        sentences=tuple(
            Sentence(start, end, section, paragraph, SentenceKind(kind), number)
            for start, end, section, paragraph, kind, number in value["sentences"]
        ),
        emphases=tuple(Emphasis(start, end, bold) for start, end, bold in value["emphases"]),
        asides=tuple(
            Aside(AsideKind(kind), text, at, section) for kind, text, at, section in value["asides"]
        ),
        pages=tuple(value["pages"]),
        source=str(value["source"]),
        notes=tuple(map(Message.from_json, value["notes"])),
    )


def _check(lesson: Lesson) -> None:
    """Hold a lesson to its invariants: order, cover, no overlap."""
    at = 0
    for section in lesson.sections:
        if section.start != at or section.end < section.start:
            raise LessonError("the stored lesson is damaged: its sections do not cover its text")
        at = section.end
    if at != len(lesson.text):
        raise LessonError("the stored lesson is damaged: its sections do not cover its text")
    at = 0
    for sentence in lesson.sentences:
        if not at <= sentence.start < sentence.end or not 0 <= sentence.section < len(lesson.sections):
            raise LessonError("the stored lesson is damaged: its sentences are out of order")
        at = sentence.end
    if at > len(lesson.text):
        raise LessonError("the stored lesson is damaged: its sentences are longer than its text")
