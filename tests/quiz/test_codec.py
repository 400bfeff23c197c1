"""The quiz file: everything survives it, and a file of anybody's is a quiz or one clear line."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigc_tui.locale import Catalogue
from aigc_tui.message import error_text
from aigc_tui.quiz import codec
from aigc_tui.quiz.codec import item_from_json, item_to_json, quiz_from_json, quiz_to_json
from aigc_tui.quiz.records import Item, ItemType, Quiz, QuizError, Rejection
from tests.support.any_quiz import one_of_each, quizzes

_SETTINGS = settings(
    max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@_SETTINGS
@given(quizzes())
def test_any_quiz_comes_back_equal(quiz: Quiz) -> None:
    # A quiz without a title of its own goes by its lesson's.
    titled = replace(quiz, title=quiz.title or quiz.lesson.title)
    assert quiz_from_json(json.dumps(quiz_to_json(quiz))) == titled


def test_every_field_comes_back_equal() -> None:
    item = replace(
        one_of_each().items[0],
        difficulty=0.125,
        checks=(("grounded", True), ("leak", False)),
        tags=("a", "b"),
        model="starter",
        seed=7,
    )
    quiz = replace(one_of_each(), items=(item,), rejected=(Rejection("duplicate", 2),), requested=12, seed=3)
    assert quiz_from_json(json.dumps(quiz_to_json(quiz)).encode()) == quiz


def test_the_keys_are_those_of_the_design() -> None:
    value = quiz_to_json(one_of_each())
    assert {"version", "lesson", "requested", "items", "rejected"} <= set(value)
    assert set(value["lesson"]) == {"title", "sha256", "language"}
    wanted = {"id", "type", "stem", "options", "answer", "explanation", "source", "bloom", "difficulty"}
    assert wanted | {"origin", "checks"} <= set(value["items"][0])
    assert set(value["items"][0]["source"]) == {"section", "start", "end", "quote"}
    answers = [item["answer"] for item in value["items"]]
    pairs = [["leaf", "makes sugar"], ["root", "takes up water"]]
    assert answers == [1, "叶绿体", False, "chloroplast", pairs, ["吸收光能", "分解水", "合成糖"]]


def test_only_type_stem_and_answer_are_needed_and_an_id_is_made() -> None:
    item = item_from_json({"type": "tf", "stem": "Sky?", "answer": True}, "item 1")
    assert (item.type, item.answer, item.origin.value, item.difficulty) == (ItemType.TF, True, "human", 0.5)
    assert item.id


_MC: dict[str, Any] = {"type": "mc", "stem": "Which?", "options": ["a", "b"], "answer": 0}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"answer": True}, "answer must be an index"),
        ({"answer": -1}, "answer must be an index"),
        ({"answer": 2}, "answer must be an index"),
        ({"answer": "a"}, "answer must be an index"),
        ({"type": "essay"}, "type: 'essay' is not valid; use mc, cloze"),
        ({"type": {"a": [1]}}, "is not valid; use mc"),
        ({"type": "tf", "answer": "true"}, "must be true or false"),
        ({"type": "short", "answer": 3}, "must be a text"),
        ({"type": "match", "answer": [["a"]]}, "left, right. texts"),
        ({"type": "order", "answer": ["a", 1]}, "texts in order"),
        ({"options": "ab"}, "options must be a list"),
        ({"options": ["a", "x" * 20_001]}, "options is longer than 20000"),
        ({"type": "short", "answer": "x" * 20_001}, "answer is longer than 20000"),
        ({"type": "order", "answer": ["x" * 20_001]}, "answer is longer than 20000"),
        ({"stem": 5}, "stem must be a text"),
        ({"bloom": "guess"}, "bloom: 'guess' is not valid; use remember"),
        ({"difficulty": float("nan")}, "difficulty must be a number"),
        ({"difficulty": True}, "difficulty must be a number"),
        ({"source": "here"}, "must be an object"),
        ({"source": {"start": -1}}, "start must be a whole number"),
        ({"seed": 10**30}, "seed must be a whole number"),
        ({"checks": ["a"]}, "checks: must be an object"),
    ],
)
def test_a_broken_item_is_named_with_its_key(change: dict[str, Any], told: str) -> None:
    quiz = {"version": 1, "items": [_MC, _MC | change]}
    with pytest.raises(QuizError, match=told) as error:
        quiz_from_json(json.dumps(quiz))
    assert str(error.value).startswith("item 2")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "broken",
    [
        *("", "[]", "5", "null", "{}", '{"items": 3}', '{"items": []}', '{"version": 2, "items": []}'),
        *('{"version": 1, "items": [], "rejected": 5}', '{"version": 1, "items": [], "rejected": [5]}'),
        *('{"version": 1, "items": [], "lesson": "x"}', '{"version": 1, "items": [[]]}', "[" * 100_000),
        *(
            '{"version": 1, "items": [], "requested": -1}',
            "1" * 5000,
            '{"version": 1, "items": [], "seed": "x"}',
        ),
    ],
)
def test_what_is_no_quiz_file_is_one_clear_line(broken: str) -> None:
    for data in (broken, broken.encode(), broken.encode() + b"\xff"):
        with pytest.raises(QuizError) as error:
            quiz_from_json(data)
        assert "\n" not in str(error.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(sorted(item_to_json(Item("i", ItemType.TF, "s", True))))


@settings(max_examples=300)
@given(
    st.sampled_from(list(ItemType)),
    _KEYS,
    _JSON,
    st.sampled_from(["lesson", "rejected", "seed", "id"]),
    _JSON,
)
def test_any_value_anywhere_is_a_quiz_or_one_clear_line(
    kind: ItemType, key: str, value: Any, outer: str, more: Any
) -> None:
    item = {**_MC, "type": kind.value, "answer": [["a", "b"]], key: value}
    try:
        quiz_from_json(json.dumps({"version": 1, "items": [item], outer: more}))
    except QuizError as error:
        message = str(error)
    else:
        return
    assert message
    assert "\n" not in message


def test_control_characters_and_lone_surrogates_do_not_get_in() -> None:
    text = '{"version": 1, "items": [{"type": "tf", "stem": "a\\u001b[31m\\ud800\\u202e", "answer": true}]}'
    assert quiz_from_json(text).items[0].stem == "a␛[31m\ufffd\ufffd"


def test_a_file_over_the_caps_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.dumps(quiz_to_json(one_of_each()))
    monkeypatch.setattr(codec, "MOST_ITEMS", 5)
    with pytest.raises(QuizError, match="more than 5 items"):
        quiz_from_json(data)
    monkeypatch.setattr(codec, "LARGEST_FILE", 100)
    with pytest.raises(QuizError, match="larger than"):
        quiz_from_json(data)


def test_where_something_is_wrong_is_said_in_the_users_language() -> None:
    with pytest.raises(QuizError) as caught:
        quiz_from_json(json.dumps({"version": 1, "items": [_MC, _MC | {"type": "essay"}]}))
    assert str(caught.value).startswith("item 2: type: 'essay' is not valid; use mc, cloze")
    said = error_text(caught.value, Catalogue.load("zh").text)
    assert said.startswith("第 2 题：type：“essay”无效，可用：mc")
