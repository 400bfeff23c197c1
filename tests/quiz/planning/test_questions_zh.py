"""Chinese options are of one sort, and a key is not one of many."""

from __future__ import annotations

from aigc_tui.quiz.planning.fitness import is_loose
from aigc_tui.quiz.planning.questions_zh import are_alike, may_swap, says_the_same, sort_of


def test_the_end_of_a_term_tells_its_sort() -> None:
    assert sort_of("苏联红军") == "group"
    assert sort_of("奥得河") == "place"
    assert sort_of("地堡") == ""


def test_options_of_another_sort_are_not_alike() -> None:
    assert are_alike(("美军", "德军", "地堡"), "英军")
    assert not are_alike(("地堡", "奥得河", "手枪"), "英军")


def test_words_of_the_same_meaning_are_not_swapped() -> None:
    assert not may_swap("前线", "战线")
    assert may_swap("民法", "刑法")
    assert says_the_same("链式规则", "链式法则")


def test_one_of_an_open_row_is_no_answer() -> None:
    assert is_loose("提供客户服务、", "心理咨询", "等服务。")
    assert not is_loose("面粉分为高筋面粉、", "中筋面粉", "和低筋面粉。")


def test_a_count_of_years_is_no_date() -> None:
    assert is_loose("维持", "2000年", "以上才可打破。")
