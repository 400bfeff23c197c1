"""Markdown goes both ways: our worksheet comes back whole, and other people's habits are understood."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.quiz.formats.markdown import read, write
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.records import Item, ItemType, LessonRef, Quiz, QuizError
from aigc_tui.text import clean
from tests.support.quizzes import tiny_quiz


def without_checks(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(replace(item, checks=()) for item in items)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("answers", ["after", "end"])
def test_a_worksheet_comes_back_as_the_quiz_it_was(language: str, answers: str) -> None:
    quiz = tiny_quiz(language)
    back = read(write(quiz, Options(language, answers)).data)
    assert back.problems == ()
    assert back.title == quiz.title
    assert back.items == without_checks(quiz.items)


def test_a_sheet_for_the_class_tells_no_answer_and_cannot_be_read_as_a_quiz() -> None:
    data = write(tiny_quiz(), Options("en", "none")).data
    assert b"The lesson says so" not in data
    assert b"1704" not in data
    back = read(data)
    assert back.items == ()
    assert len(back.problems) == 6


def test_the_sheet_says_who_made_the_items() -> None:
    text = write(tiny_quiz("zh"), Options("zh")).data.decode()
    assert "按规则由课文生成 5 题，由模型 starter 措辞 1 题，人工编写 0 题" in text


TEACHERS_OWN = """# 光学小测

1. 光从物体表面返回的现象称为什么？
A. 折射
B. 反射
C. 散射
答案：B
解析：见课文第一段。

2、牛顿在（　　）年出版了《光学》。
答案：1704

3. 透镜是平的。
答案：错
"""


def test_a_teachers_own_chinese_questions_are_understood() -> None:
    back = read(TEACHERS_OWN.encode())
    assert back.problems == ()
    assert back.title == "光学小测"
    assert [item.type for item in back.items] == [ItemType.MC, ItemType.CLOZE, ItemType.TF]
    assert [item.key for item in back.items] == ["反射", "1704", "false"]
    assert back.items[0].explanation == "见课文第一段。"
    assert back.items[1].stem == "牛顿在____年出版了《光学》。"


def test_ticked_boxes_starred_options_and_a_key_at_the_end_are_understood() -> None:
    text = (
        "## 1. Which is a mammal?\n\n- [ ] Shark\n- [x] Whale\n\n"
        "## 2. Capital of France?\n\na) Lyon\n*b) Paris\n\n"
        "## 3. 2 + 2?\n\nA) 3\nB) 4\n\n## 4. Who wrote Emma?\n\n"
        "## Answer key\n\n3. B\n4. Jane Austen\n"
    )
    back = read(text.encode())
    assert back.problems == ()
    assert [item.key for item in back.items] == ["Whale", "Paris", "4", "Jane Austen"]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("1. Which?\nA. x\nB. y\n", "no option is marked as right"),
        ("1. Which?\nA. x\nB. y\nAnswer: C\n", "no option is marked as right"),
        ("1. Which?\nA. x\nB. y\nAnswer: A, B\n", "more than one right answer"),
        ("1. Which?\n- [x] x\n- [x] y\n", "more than one option"),
        ("1. Who?\n", "it has no answer"),
    ],
)
def test_a_question_without_one_clear_key_is_refused_by_name(question: str, reason: str) -> None:
    back = read(question.encode())
    assert back.items == ()
    assert reason in str(back.problems[0].reason)
    assert str(back.problems[0].where) == "line 1, question 1"


def test_what_is_no_text_or_too_large_is_one_line() -> None:
    with pytest.raises(QuizError, match="binary, not text"):
        read(b"\xff\x00\x81\x00\x01" * 9)
    with pytest.raises(QuizError, match="larger than 64 MB"):
        read(b" " * ((64 << 20) + 1))


words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40).map(clean).map(
    lambda text: "\n".join(line.strip() for line in text.split("\n"))
).map(str.strip).filter(bool)  # fmt: skip


@given(st.lists(words, min_size=4, max_size=4), st.sampled_from(["after", "end"]))
def test_any_words_come_back_as_they_were(texts: list[str], answers: str) -> None:
    stem, right, wrong, why = texts
    items = (
        Item("a", ItemType.MC, stem, 0, (right, wrong), why),
        Item("b", ItemType.SHORT, stem, right, accepted=(wrong,), explanation=why),
        Item("c", ItemType.MATCH, stem, ((right, wrong), (wrong, right)), (wrong, right)),
        Item("d", ItemType.ORDER, stem, (right, wrong, why), (why, right, wrong)),
    )
    quiz = Quiz("q", why, LessonRef(), 4, items)
    back = read(write(quiz, Options("en", answers)).data)
    assert back.problems == ()
    assert back.items == items


@given(st.text(max_size=400))
def test_any_text_at_all_is_read_without_a_crash(text: str) -> None:
    read(text.encode("utf-8", errors="replace"))
