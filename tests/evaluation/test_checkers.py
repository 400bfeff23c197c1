"""Checkers of form: what obeys and what does not; the shipped tasks name checks that exist."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.evaluation.formats import CHECKS, load_tasks, passes

OBEYED = [
    ("one_word", {}, "White.", "It is white."),
    ("one_word", {}, "mother-in-law", "白"),
    ("characters", {"least": 2, "most": 2}, "蓝色。", "天空是蓝色"),
    ("characters", {"least": 1, "most": 4}, "麻雀", "sparrow 麻雀"),
    ("words", {"least": 1, "most": 3}, "I don't know.", "I really do not know."),
    ("number", {}, "1,024.", "12 months"),
    ("number", {}, "-3.5", "twelve"),
    ("bullets", {"count": 2}, "- a hat\n- a coat", "Sure:\n- a hat\n- a coat"),
    ("bullets", {"count": 1}, "• 伞", "伞"),
    ("numbered", {"count": 2}, "1. boil\n2. pour", "1. boil\n3. pour"),
    ("numbered", {"count": 2}, "1、湿手\n2、冲洗", "湿手\n冲洗"),
    ("json_keys", {"keys": ["a"]}, '{"a": 1}', 'Here: {"a": 1}'),
    ("json_keys", {"keys": ["a", "b"]}, '{"b": 1, "a": 2}', '["a", "b"]'),
    ("ends_with", {"text": "green"}, "Leaves are Green.", "Green are the leaves."),
    ("ends_with", {"text": "加油"}, "下次会更好，加油！", "加油，下次会更好。"),
    ("starts_with", {"text": "perhaps"}, '"Perhaps it will."', "It will, perhaps."),
    ("contains", {"text": "每天"}, "每天跑步。", "天天跑步。"),
    ("only", {"choices": ["yes", "no"]}, "Yes.", "Yes, it is."),
    ("language", {"code": "zh"}, "我很好。", "I am fine."),
    ("language", {"code": "en"}, "I am Mei.", "我叫小美"),
    ("sentences", {"count": 2}, "A cat is soft. It sleeps!", "A cat is soft."),
    ("sentences", {"count": 2}, "雨很大。街上没有人。", "雨很大，街上没有人"),
    ("question", {}, "Where did you go?", "Where? And when?"),
    ("upper_case", {}, "HELLO, YOU!", "Hello, YOU!"),
    ("lower_case", {}, "hello you", "Hello you"),
    ("without", {"text": "dog"}, "It barks.", "The dog barks."),
    ("comma_list", {"count": 3}, "apple, pear, plum", "apple and pear"),
    ("comma_list", {"count": 2}, "苹果、梨。", "苹果\n梨"),
]


@pytest.mark.parametrize(("name", "given_", "good", "bad"), OBEYED)
def test_a_check_tells_obedience(name: str, given_: dict[str, object], good: str, bad: str) -> None:
    assert passes(good, {name: given_})
    assert not passes(bad, {name: given_})


def test_every_check_has_an_example() -> None:
    assert {name for name, *_ in OBEYED} == set(CHECKS)


def test_an_empty_reply_obeys_nothing() -> None:
    assert not passes(" \n", {"without": {"text": "x"}})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_shipped_tasks_name_checks_and_arguments_that_exist(language: str) -> None:
    tasks = load_tasks(language)
    assert len(tasks) >= 20
    assert len({task.ask for task in tasks}) == len(tasks)
    for task in tasks:
        assert passes("word", task.checks) in (True, False)


TASKS = [task for language in ("en", "zh") for task in load_tasks(language)]


@given(st.text(max_size=60))
def test_no_reply_breaks_a_check(reply: str) -> None:
    for task in TASKS:
        assert passes(reply, task.checks) in (True, False)
