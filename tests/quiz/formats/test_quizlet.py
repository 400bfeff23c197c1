"""Quizlet's lines: two columns, whatever the texts hold."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from aigc_tui.quiz.formats.cards import write_quizlet
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.records import ItemType, Quiz, pairs
from tests.support.any_quiz import one_of_each, quizzes


def test_options_stand_in_the_term_and_key_and_explanation_in_the_definition() -> None:
    lines = write_quizlet(one_of_each(), Options(language="zh")).data.decode().splitlines()
    explanation = "见原文：“光合作用发生在叶绿体中”。"
    assert lines[0].split("\t") == [
        "Which gas does photosynthesis release? / A. Nitrogen / B. Oxygen / C. Helium",
        f"B. Oxygen / {explanation} / A. It is not made. / B. Water is split. / C. It is inert.",
    ]
    assert lines[1].split("\t") == ["光合作用发生在____中。", f"叶绿体 / 也可答：葉綠體 / {explanation}"]
    assert lines[2].split("\t") == ["光合作用吸收氧气。 / 正确 / 错误", f"错误 / {explanation}"]
    assert lines[4:6] == ["leaf\tmakes sugar", "root\ttakes up water"]


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(quizzes())
def test_any_quiz_is_lines_of_two_filled_columns(quiz: Quiz) -> None:
    written = write_quizlet(quiz, Options())
    assert written.left_out == ()
    lines = written.data.decode().split("\n")[:-1]
    cards = [len(pairs(item)) if item.type is ItemType.MATCH else 1 for item in quiz.items]
    assert len(lines) == sum(cards)
    assert all(
        len(line.split("\t")) == 2 and all(side.strip() for side in line.split("\t")) for line in lines
    )
