"""Kahoot's sheet, read back cell by cell."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from aigc_tui.quiz.formats import kahoot
from aigc_tui.quiz.formats.kahoot import write_kahoot
from aigc_tui.quiz.formats.records import Options, Written
from aigc_tui.quiz.records import Item, ItemType, Quiz
from tests.support.any_quiz import one_of_each, quiz_of, quizzes


def _sheet(written: Written) -> Worksheet:
    book = load_workbook(io.BytesIO(written.data))
    assert book.sheetnames == ["Sheet1"]
    return book["Sheet1"]


def _row(sheet: Worksheet, number: int) -> list[object]:
    return [sheet.cell(number, column).value for column in range(1, 9)]


def test_questions_stand_from_row_nine_under_the_header() -> None:
    written = write_kahoot(one_of_each(), Options(language="zh"))
    sheet = _sheet(written)
    assert str(sheet["B2"].value).startswith("Quiz template")
    assert all(sheet.cell(row, 2).value for row in range(2, 7))
    assert [str(cell).split()[0] for cell in _row(sheet, 8)[1:]] == [
        *("Question", "Answer", "Answer", "Answer", "Answer", "Time", "Correct")
    ]
    question = "Which gas does photosynthesis release?"
    assert _row(sheet, 9) == [1, question, "Nitrogen", "Oxygen", "Helium", None, 20, "2"]
    assert _row(sheet, 10) == [2, "光合作用吸收氧气。", "正确", "错误", None, None, 20, "2"]
    assert [each.id for each in written.left_out] == ["id-cloze", "id-short", "id-match", "id-order"]
    assert written.lost == ("explanation", "feedback", "source")


@pytest.mark.parametrize(
    ("stem", "options", "reason"),
    [
        ("x" * 121, ("a", "b"), "its stem has 121 characters; Kahoot takes 120"),
        ("𝄞" * 61, ("a", "b"), "its stem has 122 characters; Kahoot takes 120"),
        ("Which?", ("a", "b" * 76), "an option has 76 characters; Kahoot takes 75"),
        ("Which?", tuple("abcde"), "it has more than 4 options"),
    ],
)
def test_what_kahoot_would_cut_is_left_out_whole(stem: str, options: tuple[str, ...], reason: str) -> None:
    written = write_kahoot(quiz_of(Item("x", ItemType.MC, stem, 0, options)), Options())
    assert [str(each.reason) for each in written.left_out] == [reason]
    assert _sheet(written).max_row == 8


def test_exactly_at_the_limits_it_is_in() -> None:
    item = Item("x", ItemType.MC, "题" * 120, 3, ("a" * 75, "b", "c", "d"))
    written = write_kahoot(quiz_of(item), Options())
    assert written.left_out == ()
    assert _row(_sheet(written), 9)[1:3] == ["题" * 120, "a" * 75]


def test_the_hundred_and_first_question_is_left_out_by_name() -> None:
    many = (Item(f"t{number}", ItemType.TF, f"Statement {number}.", True) for number in range(103))
    written = write_kahoot(quiz_of(*many), Options())
    assert [each.id for each in written.left_out] == ["t100", "t101", "t102"]
    assert _sheet(written).max_row == kahoot.FIRST_ROW + 99


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(quizzes((ItemType.MC, ItemType.TF)))
def test_any_text_is_a_text_in_its_cell_and_never_a_formula(quiz: Quiz) -> None:
    written = write_kahoot(quiz, Options())
    left = {each.id for each in written.left_out}
    sheet = _sheet(written)
    kept = [item for item in quiz.items if item.id not in left]
    for number, item in enumerate(kept, 9):
        row = _row(sheet, number)
        assert row[1] == item.stem
        if item.type is ItemType.MC:
            assert [cell for cell in row[2:6] if cell is not None] == list(item.options)
    with zipfile.ZipFile(io.BytesIO(written.data)) as archive:
        assert not re.search(rb"<f[ >]", archive.read("xl/worksheets/sheet1.xml"))
