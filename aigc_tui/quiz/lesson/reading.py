"""A lesson from a file, read in a sandboxed process, or from text of our own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from aigc_tui.documents.blocks import DocumentError
from aigc_tui.documents.read.document import DocumentKind, read_document, read_text
from aigc_tui.message import Message, message
from aigc_tui.process.sandbox import Parser, ParserError, parse_once, sandboxed
from aigc_tui.quiz.lesson.build import build_lesson
from aigc_tui.quiz.lesson.codec import lesson_from_json, lesson_to_json
from aigc_tui.quiz.lesson.records import Lesson, LessonError
from aigc_tui.text import one_line

LARGEST_FILE = 64 << 20


def read_lesson(path: Path, *, tell: Callable[[int, int], None] | None = None) -> Lesson:
    """Read a lesson file of any known kind, in a sandboxed process.

    Args:
        path: The file: Markdown, text, HTML, wikitext, PDF, docx or EPUB, told by its content.
        tell: Called with (done, total) in bytes at the start and at the end.

    Raises:
        LessonError: It cannot be read; the message names the file and says why.
    """
    name = one_line(path.name or str(path), 120)
    data = _content(path, name)
    if tell:
        tell(0, len(data))
    question = name.encode("utf-8", "replace").replace(b"\x00", b"") + b"\x00" + data
    try:
        answer = parse_once(Parser(__name__, "task"), question)
    except ParserError as failure:
        raise LessonError("{path}: {reason}", path=name, reason=failure) from None
    lesson = lesson_from_json(json.loads(answer))
    if tell:
        tell(len(data), len(data))
    return lesson


@sandboxed
def task(question: bytes) -> bytes:
    """The sandboxed side of `read_lesson`: a file's name, a zero, the file. Returns the lesson as JSON."""
    raw_name, _, data = question.partition(b"\x00")
    name = raw_name.decode("utf-8", "replace")
    try:
        read = read_document(data, name)
        lesson = build_lesson(
            read.blocks, read.title, source=name, page_count=read.page_count, notes=read.notes
        )
    except (MemoryError, RecursionError):
        raise DocumentError("reading the file needs too much memory; it is damaged or hostile") from None
    return json.dumps(lesson_to_json(lesson), ensure_ascii=False).encode("utf-8", "replace")


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
    content = read_text(text, DocumentKind.MARKDOWN if markdown else DocumentKind.TEXT)
    return build_lesson(content.blocks, title or content.title, language)


def _content(path: Path, name: str) -> bytes:
    """Read a file; one that is too large is not opened."""
    try:
        if not path.is_file():
            raise LessonError("{path}: {reason}", path=name, reason=_what_it_is(path))
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise LessonError(
                "{path}: {size} MB; a lesson file may have at most {most} MB. Use a part of it",
                path=name,
                size=size >> 20,
                most=LARGEST_FILE >> 20,
            )
        return path.read_bytes()
    except OSError as error:
        raise LessonError(
            "{path}: {reason}", path=name, reason=Message(error.strerror or "the file cannot be read")
        ) from None


def _what_it_is(path: Path) -> Message:
    if path.is_dir():
        return message("it is a folder, not a file")
    # A pipe or a device may never end.
    return message("it is a pipe or a device, not a file") if path.exists() else message("no such file")
