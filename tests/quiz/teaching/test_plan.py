"""A lesson plan tests each of its objectives, fills its minutes, and cites only what the lesson says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.documents.write.markdown import render
from aigc_tui.quiz.records import LessonRef, QuizError
from aigc_tui.quiz.teaching.plan import make_plan
from aigc_tui.quiz.teaching.plan_document import plan_document
from aigc_tui.quiz.teaching.steps import share
from tests.support.quizzes import tiny_lesson, tiny_quiz


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("minutes", [10, 45, 90])
def test_every_objective_is_tested_and_the_minutes_add_up(language: str, minutes: int) -> None:
    lesson, quiz = tiny_lesson(language), tiny_quiz(language)
    plan = make_plan(lesson, quiz, minutes)
    assert all(objective.questions for objective in plan.objectives)
    assert {*plan.in_class, *plan.homework} <= set(range(1, len(quiz.items) + 1))
    tested = sorted(number for objective in plan.objectives for number in objective.questions)
    assert tested == list(range(1, len(quiz.items) + 1))
    assert sum(step.minutes for step in plan.steps) == minutes


def test_key_points_are_the_lessons_own_sentences() -> None:
    lesson = tiny_lesson("zh")
    plan = make_plan(lesson, tiny_quiz("zh"))
    assert plan.key_points
    assert all(point.sentence in lesson.text for point in plan.key_points)


def test_a_section_that_no_question_tests_is_noted_by_name() -> None:
    quiz = tiny_quiz()
    first_only = replace(quiz, items=quiz.items[:2])
    plan = make_plan(tiny_lesson(), first_only)
    assert plan.notes == ("No question tests this section: Glass.",)


def test_questions_for_home_are_not_asked_in_class() -> None:
    plan = make_plan(tiny_lesson(), tiny_quiz())
    assert plan.homework
    assert not set(plan.homework) & set(plan.in_class)


def test_another_lessons_quiz_an_empty_one_and_odd_minutes_are_refused() -> None:
    quiz = tiny_quiz()
    with pytest.raises(QuizError, match="about another lesson"):
        make_plan(tiny_lesson(), replace(quiz, lesson=LessonRef("Other", "0" * 64)))
    with pytest.raises(QuizError, match="at least one question"):
        make_plan(tiny_lesson(), replace(quiz, items=()))
    with pytest.raises(QuizError, match="10 to 300 minutes, not 5"):
        make_plan(tiny_lesson(), quiz, 5)


def test_the_page_holds_every_part_that_a_school_asks_for() -> None:
    quiz = tiny_quiz("zh")
    text = render(plan_document(make_plan(tiny_lesson("zh"), quiz), quiz))
    for heading in (
        "教学目标", "教学重点", "教学难点", "教学准备", "教学过程", "课堂提问", "课后作业", "板书设计",
    ):  # fmt: skip
        assert f"## {heading}" in text
    assert "光从物体表面返回的现象称为什么？" in text


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=12), st.integers(0, 200))
def test_shared_minutes_are_whole_positive_and_complete(weights: list[float], extra: int) -> None:
    total = len(weights) + extra
    parts = share(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 1


def test_too_few_minutes_cannot_be_shared() -> None:
    with pytest.raises(ValueError, match="2 minutes cannot be shared by 3 steps"):
        share(2, [1, 1, 1])
