"""A lesson from a file, or from text that is ours already. The one door to this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from aigc_tui.quiz.lesson.build import build_lesson
from aigc_tui.quiz.lesson.markdown import markdown_blocks
from aigc_tui.quiz.lesson.records import Lesson, LessonError

LARGEST_FILE = 64 << 20


def read_lesson(path: Path, *, tell: Callable[[int, int], None] | None = None) -> Lesson:
    """Read a lesson file.

    Args:
        path: The file.
        tell: Is told (done, total) in bytes.

    Raises:
        LessonError: It cannot be read; one line says why.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise LessonError(f"{path.name}: {size >> 20} MB; a lesson file may have {LARGEST_FILE >> 20} MB")
        data = path.read_bytes()
    except OSError as error:
        raise LessonError(f"{path.name}: {error.strerror}") from None
    title, blocks = markdown_blocks(data.decode("utf-8", "replace"))
    return build_lesson(blocks, title, source=path.name)


def lesson_from_text(
    text: str, title: str = "", language: str | None = None, markdown: bool = True
) -> Lesson:
    """Make a lesson of text that we hold: a conversation, a draft, a paste.

    Args:
        text: The text.
        title: Empty: its first heading.
        language: `en` or `zh`; None: guessed.
        markdown: Whether its marks are Markdown's.

    Raises:
        LessonError: There is no text in it, or too much.
    """
    named, blocks = markdown_blocks(text)
    return build_lesson(blocks, title or named, language)
