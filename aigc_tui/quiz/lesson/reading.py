"""A lesson from a file, or from text that is ours already. The one door to this folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from aigc_tui.quiz.guarding import UnparsedError, parsed
from aigc_tui.quiz.lesson.build import build_lesson
from aigc_tui.quiz.lesson.codec import lesson_from_json
from aigc_tui.quiz.lesson.kinds import LessonKind
from aigc_tui.quiz.lesson.parsing import text_blocks
from aigc_tui.quiz.lesson.records import Lesson, LessonError
from aigc_tui.text import one_line

LARGEST_FILE = 64 << 20


def read_lesson(path: Path, *, tell: Callable[[int, int], None] | None = None) -> Lesson:
    """Read a lesson file of any known kind, in a guarded process.

    Args:
        path: The file: Markdown, text, HTML, wikitext, PDF, docx or EPUB, told by its content.
        tell: Is told (done, total) in bytes: at the begin and at the end.

    Raises:
        LessonError: It cannot be read; one line names the file and says why.
    """
    name = one_line(path.name, 120)
    data = _content(path, name)
    if tell:
        tell(0, len(data))
    question = name.encode("utf-8", "replace").replace(b"\x00", b"") + b"\x00" + data
    try:
        answer = parsed("lesson", question)
    except UnparsedError as failure:
        raise LessonError(f"{name}: {failure}") from None
    lesson = lesson_from_json(json.loads(answer))
    if tell:
        tell(len(data), len(data))
    return lesson


def lesson_from_text(
    text: str, title: str = "", language: str | None = None, markdown: bool = True
) -> Lesson:
    """Make a lesson of text that we hold: a conversation, a draft, a paste.

    Args:
        text: The text.
        title: Empty: its first heading.
        language: `en` or `zh`; None: guessed.
        markdown: Whether its marks are Markdown's; else it is judged by looks.

    Raises:
        LessonError: There is no text in it, or too much.
    """
    named, blocks = text_blocks(text, LessonKind.MARKDOWN if markdown else LessonKind.TEXT)
    return build_lesson(blocks, title or named, language)


def _content(path: Path, name: str) -> bytes:
    """The file's bytes; a file that is too large is not opened."""
    try:
        if not path.is_file():
            raise LessonError(f"{name}: {_what_it_is(path)}")
        size = path.stat().st_size
        if size > LARGEST_FILE:
            most = LARGEST_FILE >> 20
            raise LessonError(f"{name}: {size >> 20} MB; a lesson file may have {most} MB. Give a part of it")
        return path.read_bytes()
    except OSError as error:
        raise LessonError(f"{name}: {error.strerror}") from None


def _what_it_is(path: Path) -> str:
    if path.is_dir():
        return "a folder, not a file"
    # A pipe or a device may never end.
    return "a pipe or a device, not a file" if path.exists() else "no such file"
