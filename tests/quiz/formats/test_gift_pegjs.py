"""gift-pegjs takes our GIFT, and finds in it what we put there. (Collected where node is installed.)"""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings

from aigc_tui.quiz.formats.gift import GIFT
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.records import Item, ItemType, Quiz
from tests.support.any_quiz import one_of_each, quizzes
from tests.support.gift_pegjs import parse
from tests.support.moodle_readers import shown

_TYPES = {"MC": ItemType.MC, "TF": ItemType.TF, "Short": ItemType.SHORT, "Matching": ItemType.MATCH}


def _written(quiz: Quiz) -> tuple[str, list[Item]]:
    written = GIFT.write(quiz, Options())
    left = {each.id for each in written.left_out}
    return written.data.decode(), [item for item in quiz.items if item.id not in left]


def test_every_question_comes_out_with_its_type_id_tags_and_texts() -> None:
    text, kept = _written(one_of_each())
    category, *questions = parse([text])[0]
    assert category == {"type": "Category", "title": "$course$/top/光合作用 // unit 3"}
    assert [question["id"] for question in questions] == [item.id for item in kept]
    assert questions[0]["tags"] == ["bloom:understand", "section:光反应"]
    assert [choice["text"]["text"] for choice in questions[0]["choices"]] == list(kept[0].options)
    assert [choice["feedback"]["text"] for choice in questions[0]["choices"]] == list(kept[0].feedback)
    assert questions[0]["globalFeedback"]["text"] == kept[0].explanation


def test_any_text_is_parsed_and_shown_as_it_was() -> None:
    drawn: list[Quiz] = []

    @settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(quizzes())
    def draw(quiz: Quiz) -> None:
        drawn.append(quiz)

    draw()
    written = [_written(quiz) for quiz in drawn]
    for (text, kept), read in zip(written, parse([text for text, _ in written]), strict=True):
        if kept:
            assert isinstance(read, list), (read, text)
            assert [_facts(question) for question in read if question["type"] != "Category"] == [
                _expected(item) for item in kept
            ], text


def _facts(question: dict[str, object]) -> tuple[ItemType, str, str]:
    body = json.loads(json.dumps(question))
    key = ""
    if body["type"] == "MC":
        key = next(choice["text"]["text"] for choice in body["choices"] if choice["isCorrect"])
    return _TYPES[body["type"]], shown(body["stem"]["text"]).replace("_____", "____"), shown(key)


def _expected(item: Item) -> tuple[ItemType, str, str]:
    kind = ItemType.SHORT if item.type is ItemType.CLOZE else item.type
    return kind, item.stem, item.key if kind is ItemType.MC else ""
