"""Word: the worksheet with its key, one way.

Why it exists: it is the file that a school's copier and a colleague's edit expect.
"""

from __future__ import annotations

from aigc_tui.documents.write.docx import render
from aigc_tui.quiz.formats.records import Format, Options, Written
from aigc_tui.quiz.records import Quiz
from aigc_tui.quiz.teaching.worksheet import worksheet


def write(quiz: Quiz, options: Options) -> Written:
    """The worksheet as a .docx file; every item fits."""
    return Written(render(worksheet(quiz, options)))


DOCX = Format("docx", ".docx", write)
