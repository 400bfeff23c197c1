"""Kahoot's spreadsheet (.xlsx): multiple choice and true/false, up to four answers.

Kahoot's importer goes by position (header in row 8, questions from row 9) and cuts what is too long
silently, so an item over a limit is left out by name.

Source: Kahoot's own template, opened with openpyxl (reference quiz.md 2.7).
"""

from __future__ import annotations

import io
from typing import Any

from aigc_tui.message import Message, message
from aigc_tui.quiz.formats.holding import UnfitError, gather, key_of, truths_in, written
from aigc_tui.quiz.formats.records import Format, LeftOut, Options, Written
from aigc_tui.quiz.formats.xml import xml_text
from aigc_tui.quiz.records import Item, ItemType, Quiz
from aigc_tui.text import one_line

CARRIES: frozenset[str] = frozenset()
SHEET = "Sheet1"
HEADER_ROW = 8
FIRST_ROW = 9
MOST_QUESTIONS = 100
LONGEST_QUESTION = 120
LONGEST_ANSWER = 75
MOST_ANSWERS = 4
SECONDS = 20
"""One of the times that the template's list allows: 5, 10, 20, 30, 60, 90, 120, 240."""

_BANNER = (
    "Quiz template",
    "Add questions, at least two answer alternatives, time limit and choose correct answers (at least one).",
    "Remember: questions have a limit of 120 characters and answers can have 75 characters max.",
    "Time limit in seconds: 5, 10, 20, 30, 60, 90, 120 or 240.",
    "Correct answers: the number of the right answer, or several numbers with commas between.",
)
_HEADER = (
    "Question - max 120 characters",
    *(f"Answer {number} - max 75 characters" for number in range(1, MOST_ANSWERS + 1)),
    "Time limit (sec) – 5, 10, 20, 30, 60, 90, 120, or 240 secs",
    "Correct answer(s) - choose at least one",
)


def write_kahoot(quiz: Quiz, options: Options) -> Written:
    """Write those items of a quiz that Kahoot can play, at most a hundred."""
    truths = truths_in(options.language)
    held, left = gather(quiz, lambda item: _row(item, truths))
    reason = message("Kahoot's sheet has room for {most} questions", most=MOST_QUESTIONS)
    more = tuple(LeftOut(item.id, one_line(item.stem, 60), reason) for item, _ in held[MOST_QUESTIONS:])
    held = held[:MOST_QUESTIONS]
    return written(_workbook([row for _, row in held]), held, left + more, CARRIES)


def _row(item: Item, truths: tuple[str, str]) -> list[str | int]:
    """The cells B to H."""
    if item.type is ItemType.MC:
        offered, key = item.options, key_of(item)
    elif item.type is ItemType.TF:
        offered, key = truths, 0 if item.answer else 1
    else:
        raise UnfitError("Kahoot plays only multiple choice and true/false")
    if len(offered) > MOST_ANSWERS:
        raise UnfitError("it has more than {most} options", most=MOST_ANSWERS)
    answers = [_fitting(option, LONGEST_ANSWER, message("an option")) for option in offered]
    answers += [""] * (MOST_ANSWERS - len(answers))
    return [_fitting(item.stem, LONGEST_QUESTION, message("its stem")), *answers, SECONDS, str(key + 1)]


def _fitting(text: str, most: int, part: Message) -> str:
    text = text.strip()
    # Characters as a browser counts them, in UTF-16: a character beyond the basic plane counts twice.
    length = len(text.encode("utf-16-le")) // 2
    if length > most:
        raise UnfitError(
            "{part} has {length} characters; Kahoot takes {most}", part=part, length=length, most=most
        )
    return xml_text(text)


def _workbook(rows: list[list[str | int]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = SHEET
    for number, line in enumerate(_BANNER, 2):
        sheet.cell(number, 2, line)
    for column, name in enumerate(_HEADER, 2):
        sheet.cell(HEADER_ROW, column, name)
    for number, row in enumerate(rows):
        sheet.cell(FIRST_ROW + number, 1, number + 1)
        for column, value in enumerate(row, 2):
            _put(sheet.cell(FIRST_ROW + number, column), value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(cell: Any, value: str | int) -> None:
    """Set a cell; a text that begins with `=` must be text, which a workbook can say of a cell."""
    if value == "":
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"


KAHOOT = Format("kahoot", ".xlsx", write_kahoot)
