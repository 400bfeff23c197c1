"""What can carry a question, and what can be its answer."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.making.fitness import fits, has_dangling_person, is_answer
from aigc_tui.quiz.making.material import Material, lay_out


def _material(text: str) -> Material:
    return lay_out(analyse(lesson_from_text(text)))


@pytest.mark.parametrize(
    "words",
    [
        "Why would this be an effective means of contraception?",
        "Imagine that a friend was just laid off.",
        "The glands make up the system and its hormones ().",
        "And the boy was so really.",
        "工作室位于，沃特福德旁。",
        "在实践中，这被证明比精确的满意度更可靠。",
        "word " * 60,
    ],
)
def test_what_is_no_whole_statement_is_not_asked_about(words: str) -> None:
    assert not fits(words)


@pytest.mark.parametrize(
    "words", ["The nucleus stores the genetic material.", "叶绿体是植物细胞中进行光合作用的场所。"]
)
def test_a_plain_statement_is(words: str) -> None:
    assert fits(words)


def test_a_person_without_a_name_before_leans_on_another_sentence() -> None:
    material = _material("Ada Lovelace wrote notes. In the evening he crossed the bridge over the river.")
    assert not has_dangling_person(0, material)
    assert has_dangling_person(1, material)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The survey (Miller, 1978) described the habits of city birds in detail.", "1978"),
        ("The two forces act on different objects, so they never cancel each other.", "two"),
        ("液态氮的沸点是 -196 ℃，比液态氧的沸点低得多。", "196 ℃"),
        ("2006年，他在深圳的小学读四年级时，学校组建了足球队。", "四年"),
    ],
)
def test_references_small_counts_and_halves_are_no_answers(text: str, answer: str) -> None:
    material = _material(text)
    asked = [one.text for one in material.analysis.mentions if is_answer(one, material)]
    assert answer not in asked
