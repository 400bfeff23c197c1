"""CSV: nothing in it runs, everything in it comes back, and the tables that people make are read."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigc_tui.quiz.formats.csv import marked, read_csv, unmarked, write_csv
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.records import Item, ItemType, Origin, Quiz, QuizError
from tests.support.any_quiz import one_of_each, quiz_of, quizzes, reads_or_complains

_CELLS = st.text(alphabet="question,answer\n;=ABmctype[]" + chr(34) + chr(39), max_size=120)
_RUNNING = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(quizzes())
def test_no_cell_of_any_quiz_begins_with_what_a_spreadsheet_runs(quiz: Quiz) -> None:
    rows = list(csv.reader(io.StringIO(write_csv(quiz, Options()).data.decode("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell.lstrip().startswith(_RUNNING)]


@given(st.text(alphabet="'=+-@＝ \tx|", max_size=8))
def test_the_mark_comes_off_again_whatever_the_text(cell: str) -> None:
    assert unmarked(marked(cell)) == cell
    assert not marked(cell).lstrip().startswith(_RUNNING)


def test_a_formula_is_an_ordinary_text_after_the_round_trip() -> None:
    item = Item(
        "=x", ItemType.MC, '=HYPERLINK("http://x","y")', 1, ("+1", "-1"), explanation="'=already marked"
    )
    data = write_csv(quiz_of(item), Options()).data
    assert b"\"'=HYPERLINK(" in data
    (read,) = read_csv(data).items
    assert (read.id, read.stem, read.options, read.explanation) == (
        item.id,
        item.stem,
        item.options,
        item.explanation,
    )


def test_the_file_begins_with_the_mark_that_excel_needs_and_keeps_everything() -> None:
    written = write_csv(one_of_each(), Options())
    assert written.data.startswith(b"\xef\xbb\xbf")
    assert (written.left_out, written.lost) == ((), ())
    read = read_csv(written.data)
    assert [(item.id, item.source, item.origin, item.options) for item in read.items] == [
        (item.id, item.source, Origin.RULE, item.options) for item in one_of_each().items
    ]


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        ("question,answer\nCapital of France?,Paris\n水的化学式？,H2O\n", ["short", "short"]),
        ("Capital of France?,Paris\nOne,Two\n", ["short", "short"]),
        ("question,A,B,C,D,correct\nWhich?,a,b,c,d,C\nWhich?,a,b,,,2\nWhich?,a,b,,,b\n", ["mc"] * 3),
        ("Which?;a;b;c;d;A\n", ["mc"]),
        ("题目\t答案\n光合作用在____中进行\t叶绿体\n", ["cloze"]),
        ("Question,Correct answer,A,B\nWhich?,B,x,y\n", ["mc"]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_tables_that_people_make_are_read_in_their_encodings(
    table: str, kinds: list[str], encoding: str
) -> None:
    read = read_csv(table.encode(encoding))
    assert [item.type.value for item in read.items] == kinds
    assert read.problems == ()


def test_a_row_that_is_no_question_is_a_problem_with_its_row() -> None:
    table = "question,A,B,correct\nWhich?,a,b,Z\n,a,b,A\nWhich?,a,b,A\nWhat?,,,x\n"
    read = read_csv(table.encode())
    assert [(str(problem.where), str(problem.reason)) for problem in read.problems] == [
        ("row 2", "correct is neither an option's letter nor its number nor its words"),
        ("row 3", "it has no stem"),
    ]
    assert [item.key for item in read.items] == ["a", "x"]


@pytest.mark.parametrize("hopeless", [b"", b"one\ntwo\n", b"a,b,c\n1,2,3\n", b"\xff\xff\xff\xff\x00\x81"])
def test_what_is_no_table_of_questions_is_one_clear_line(hopeless: bytes) -> None:
    with pytest.raises(QuizError):
        read_csv(hopeless)


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=200), _CELLS.map(str.encode)))
def test_any_bytes_give_items_and_problems_or_one_clear_line(data: bytes) -> None:
    reads_or_complains(read_csv, data)
    reads_or_complains(read_csv, b"id,type,question,A,B,correct,accepted,start\n" + data)


def test_a_cell_beyond_the_cap_is_a_problem_not_a_crash() -> None:
    read = read_csv(b"question,answer\n" + b"x" * 300_000 + b",y\nWhat?,z\n")
    assert [item.stem for item in read.items] == ["What?"]
    assert len(read.problems) == 1
