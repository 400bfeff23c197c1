"""Aiken as Moodle reads it, and as teachers write it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigc_tui.quiz.formats.aiken import read_aiken, write_aiken
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.records import Item, ItemType, Quiz
from tests.support import moodle_readers as moodle
from tests.support.any_quiz import one_of_each, quiz_of, quizzes, reads_or_complains

_TRUTHS = {"en": ["True", "False"], "zh": ["正确", "错误"]}


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(quizzes((ItemType.MC, ItemType.TF)), st.sampled_from(["en", "zh"]))
def test_moodle_reads_what_is_held_and_the_rest_is_named(quiz: Quiz, language: str) -> None:
    written = write_aiken(quiz, Options(language=language))
    left = {each.id: str(each.reason) for each in written.left_out}
    kept = [item for item in quiz.items if item.id not in left]
    assert all(left.values())
    for item, question in zip(kept, moodle.read_aiken(written.data.decode()), strict=True):
        assert question.stem == item.stem
        if item.type is ItemType.MC:
            assert (question.options, question.key) == (list(item.options), item.answer)
        else:
            assert (question.options, question.key) == (_TRUTHS[language], 0 if item.answer else 1)


@pytest.mark.parametrize(
    ("stem", "options"),
    [
        ("J. K. Rowling wrote what?", ("a book", "a play")),
        ("Two\nlines?", ("a", "b")),
        ("Which?", ("R & D", "b")),
        ("Which?", ("a > b", "b")),
        ("Which?", tuple(f"option {number}" for number in range(27))),
        ("ANSWER: what?", ("a", "b")),
    ],
)
def test_a_question_that_moodle_would_misread_is_left_out(stem: str, options: tuple[str, ...]) -> None:
    written = write_aiken(quiz_of(Item("x", ItemType.MC, stem, 0, options)), Options())
    assert [each.id for each in written.left_out] == ["x"]


def test_only_choices_and_truths_are_held_and_what_is_lost_is_named() -> None:
    written = write_aiken(one_of_each(), Options(language="zh"))
    assert [each.id for each in written.left_out] == ["id-cloze", "id-short", "id-match", "id-order"]
    assert written.lost == ("explanation", "feedback", "source")
    assert b"A) \xe6\xad\xa3\xe7\xa1\xae" in written.data


def test_a_teachers_file_may_have_chinese_marks_long_stems_and_faults() -> None:
    text = (
        "光合作用在哪里发生？\nA、叶绿体\nB．细胞核\nANSWER：A\n\n"
        "A stem of\ntwo lines?\na) one\nb) two\nanswer: b\n\n"
        "No answer?\nA) one\nB) two\n\n"
        "Wrong letters?\nA) one\nC) two\nANSWER: C\n\n"
        "Beyond?\nA) one\nB) two\nANSWER: D\n\n"
        "The sky is blue.\nA) True\nB) False\nANSWER: A\n"
    )
    read = read_aiken(text.encode())
    assert [(item.type.value, item.stem, item.key) for item in read.items] == [
        ("mc", "光合作用在哪里发生？", "叶绿体"),
        ("mc", "A stem of\ntwo lines?", "two"),
        ("tf", "The sky is blue.", "true"),
    ]
    assert [str(problem.where) for problem in read.problems] == ["line 12", "line 16", "line 21"]


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=200), st.text(alphabet="AB).: ANSWER\nx", max_size=100).map(str.encode)))
def test_any_bytes_give_items_and_problems_or_one_clear_line(data: bytes) -> None:
    reads_or_complains(read_aiken, data)
