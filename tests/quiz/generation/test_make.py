"""Making a whole quiz: what is asked for, what comes, what is said of the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_tui.quiz.generation.yields import UNFILLED
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import Lesson, LessonError
from aigc_tui.quiz.planning.records import Finished, Made, Refused
from aigc_tui.quiz.records import ItemType, QuizRequest
from tests.quiz.planning.material import cells, events, geography, quiz_of

PIECES = (
    "[b]x[/b] ", "The cell is a unit. ", "In 1905 ", "a", "____ ", "（  ）", "细胞是生命的单位。", "\n\n# ",
    "1. ", "“", "\u202e", "<script>", "{stem}", "%s ", "\\n", "Ω", "is called ", "。", "42 km ", ", ", "and ",
    "Marie Curie ",
)  # fmt: skip
LESSONS = pytest.mark.parametrize("lesson", [cells(), geography()], ids=["en", "zh"])


@LESSONS
def test_every_item_quotes_its_lesson_to_the_letter(lesson: Lesson) -> None:
    items = quiz_of(lesson, QuizRequest(count=0)).items
    assert items
    for item in items:
        assert item.source is not None
        assert item.source.quote == lesson.text[item.source.start : item.source.end]
        assert item.explanation


@LESSONS
def test_the_same_request_makes_the_same_quiz_and_another_seed_another(lesson: Lesson) -> None:
    first, again = (quiz_of(lesson, QuizRequest(count=6, seed=3)) for _ in range(2))
    assert first == again
    assert quiz_of(lesson, QuizRequest(count=6, seed=4)) != first


@LESSONS
def test_no_answer_is_asked_for_twice(lesson: Lesson) -> None:
    items = quiz_of(lesson, QuizRequest(count=40)).items
    keys = [item.key for item in items if item.type in (ItemType.CLOZE, ItemType.SHORT, ItemType.MC)]
    assert len({key.casefold() for key in keys}) == len(keys)


@LESSONS
def test_what_cannot_be_made_is_said_and_nothing_is_padded(lesson: Lesson) -> None:
    quiz = quiz_of(lesson, QuizRequest(count=200))
    missing = {each.reason: each.count for each in quiz.rejected}
    assert 0 < len(quiz.items) < 200
    assert missing[UNFILLED] == 200 - len(quiz.items)


@LESSONS
def test_items_come_in_the_order_of_the_lesson(lesson: Lesson) -> None:
    starts = [item.source.start for item in quiz_of(lesson, QuizRequest(count=8)).items if item.source]
    assert starts == sorted(starts)


@LESSONS
def test_each_section_that_can_carry_an_item_gets_one(lesson: Lesson) -> None:
    quiz = quiz_of(lesson, QuizRequest(count=len(lesson.sections)))
    asked = {item.source.section for item in quiz.items if item.source}
    assert len(asked) >= len([s for s in lesson.sections if s.level > 1]) * 0.9


def test_what_was_asked_already_is_not_asked_again() -> None:
    first = quiz_of(cells(), QuizRequest(count=5))
    more = quiz_of(cells(), QuizRequest(count=5, seed=9), exclude=first.items)
    assert more.items
    assert not {item.key for item in first.items if item.type is not ItemType.TF} & {
        item.key for item in more.items if item.type is not ItemType.TF
    }
    assert not {item.stem for item in first.items} & {item.stem for item in more.items}


def test_the_types_asked_for_are_the_types_made() -> None:
    quiz = quiz_of(cells(), QuizRequest(count=6, types=(ItemType.CLOZE, ItemType.MATCH)))
    assert {item.type for item in quiz.items} == {ItemType.CLOZE, ItemType.MATCH}


def test_only_the_sections_asked_for_are_asked_about() -> None:
    title = "How cells were discovered"
    quiz = quiz_of(cells(), QuizRequest(count=6, sections=(title,)))
    assert quiz.items
    assert {item.source.section for item in quiz.items if item.source} == {title}


def test_every_option_says_why_it_is_right_or_wrong() -> None:
    items = quiz_of(cells(), QuizRequest(count=6, types=(ItemType.MC,))).items
    assert items
    for item in items:
        assert len(item.feedback) == len(item.options) >= 3
        assert all(item.feedback)


def test_true_and_false_are_balanced() -> None:
    items = quiz_of(cells(), QuizRequest(count=8, types=(ItemType.TF,))).items
    truths = [item.answer for item in items]
    assert abs(truths.count(True) - truths.count(False)) <= 3
    assert len(items) >= 4


def test_refusals_and_items_are_told_as_they_happen() -> None:
    told = events(cells(), QuizRequest(count=40))
    assert isinstance(told[-1], Finished)
    made = [event for event in told if isinstance(event, Made)]
    refused = [event for event in told if isinstance(event, Refused)]
    assert len(made) == len(told[-1].quiz.items)
    counted = {each.reason: each.count for each in told[-1].quiz.rejected}
    assert sum(counted.values()) - counted.get(UNFILLED, 0) == len(refused)


@pytest.mark.parametrize("text", ["One sentence only.", "12 34 56 78.", "# # #", "《》（）。？！", "a" * 500])
def test_a_poor_lesson_makes_a_small_honest_quiz(text: str) -> None:
    lesson = lesson_from_text(text, "x")
    quiz = quiz_of(lesson, QuizRequest(count=5))
    assert len(quiz.items) <= 2
    assert sum(each.count for each in quiz.rejected if each.reason == UNFILLED) == 5 - len(quiz.items)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=60))
def test_hostile_text_never_breaks_the_maker_nor_a_quote(parts: list[str]) -> None:
    try:
        lesson = lesson_from_text("".join(parts), "{title} %s")
    except LessonError:
        return
    for item in quiz_of(lesson, QuizRequest(count=4)).items:
        assert item.source is not None
        assert item.source.quote == lesson.text[item.source.start : item.source.end]
