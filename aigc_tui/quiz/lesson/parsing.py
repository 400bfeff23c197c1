"""Any lesson file's bytes to a `Lesson`, in the guarded child: here alone strangers' formats are parsed.

Why it exists: a parser that a hostile file can keep busy or fill up must not run in the program itself; see
`aigc_tui.corpora.guard`, which starts this module's `task` under limits of time and memory.
"""

from __future__ import annotations

import json

from aigc_tui.corpora.charset import decode as decode_page
from aigc_tui.quiz.lesson.blocks import Block
from aigc_tui.quiz.lesson.build import LONGEST_TEXT, build_lesson
from aigc_tui.quiz.lesson.codec import lesson_to_json
from aigc_tui.quiz.lesson.decoding import decode_text
from aigc_tui.quiz.lesson.kinds import LessonKind, kind_of
from aigc_tui.quiz.lesson.records import Lesson, LessonError


def task(question: bytes) -> bytes:
    """Answer `guard.py`: the file's name, a zero, the file. The answer is the lesson as JSON."""
    name, _, data = question.partition(b"\x00")
    try:
        lesson = parse(data, name.decode("utf-8", "replace"))
    except (MemoryError, RecursionError):
        raise LessonError("reading it needs too much memory: broken, or built to do so") from None
    return json.dumps(lesson_to_json(lesson), ensure_ascii=False).encode("utf-8", "replace")


def parse(data: bytes, name: str) -> Lesson:
    """Read a file of any known kind.

    Args:
        data: The whole file.
        name: Its name without the folder.

    Raises:
        LessonError: It cannot be read; one line says why.
    """
    dot = name.rfind(".")
    kind = kind_of(data, name[dot:] if dot > 0 else "")
    pages, notes = 0, tuple[str, ...]()
    match kind:
        case LessonKind.PDF:
            from aigc_tui.quiz.lesson.pdf import pdf_blocks

            title, blocks, pages, notes = pdf_blocks(data)
        case LessonKind.EPUB:
            from aigc_tui.quiz.lesson.epub import epub_blocks

            title, blocks, notes = epub_blocks(data)
        case _:
            title, blocks = _without_pages(kind, data)
    return build_lesson(blocks, title, source=name, page_count=pages, notes=notes)


def _without_pages(kind: LessonKind, data: bytes) -> tuple[str, list[Block]]:
    """The formats that are one run of text."""
    if kind is LessonKind.WORD:
        from aigc_tui.quiz.lesson.word import word_blocks

        return word_blocks(data)
    if kind is LessonKind.HTML:
        from aigc_tui.quiz.lesson.html import html_blocks

        return html_blocks(decode_page(data))
    return text_blocks(_text(data), kind)


def text_blocks(text: str, kind: LessonKind) -> tuple[str, list[Block]]:
    """Blocks of Markdown, wikitext or plain text."""
    if kind is LessonKind.WIKITEXT:
        from aigc_tui.quiz.lesson.wikitext import wikitext_blocks

        return "", wikitext_blocks(text)
    if kind is LessonKind.MARKDOWN:
        from aigc_tui.quiz.lesson.markdown import markdown_blocks

        return markdown_blocks(text)
    from aigc_tui.quiz.lesson.plain import plain_blocks

    return "", plain_blocks(text)


def _text(data: bytes) -> str:
    text = decode_text(data)
    if len(text) > LONGEST_TEXT:
        raise LessonError(f"more than {LONGEST_TEXT >> 20} million characters; give one lesson at a time")
    return text
