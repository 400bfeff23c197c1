"""HTML for print: the worksheet with its key on a page of its own, one way."""

from __future__ import annotations

from aigc_tui.documents.write.html import render
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.records import Quiz
from aigc_tui.quiz.teaching.worksheet import worksheet


def write(quiz: Quiz, options: Options) -> Written:
    """The worksheet as one HTML file; every item fits."""
    return Written(render(worksheet(quiz, options)).encode("utf-8", errors="replace"))


HTML = Format("html", ".html", write)
