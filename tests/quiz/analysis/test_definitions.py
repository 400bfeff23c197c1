"""Definitions and aliases: what authors say, and what only looks like it."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.analysis.aliases import chinese_aliases, english_aliases
from aigc_tui.quiz.analysis.rules_en import find_definitions as in_english
from aigc_tui.quiz.analysis.rules_zh import find_definitions as in_chinese


def _english(text: str, listed: bool = False) -> list[tuple[str, str]]:
    return [(text[slice(*each.term)], text[slice(*each.meaning)]) for each in in_english(text, listed)]


def _chinese(text: str, listed: bool = False) -> list[tuple[str, str]]:
    return [(text[slice(*each.term)], text[slice(*each.meaning)]) for each in in_chinese(text, listed)]


@pytest.mark.parametrize(
    ("text", "term", "meaning"),
    [
        (
            "Osmosis is the flow of water through a membrane.",
            "Osmosis",
            "the flow of water through a membrane",
        ),
        ("The term osmosis refers to the flow of water in cells.", "osmosis", "the flow of water in cells"),
        ("A gene is defined as a stretch of coding DNA.", "gene", "a stretch of coding DNA"),
        ("The point where plates meet is called a boundary.", "boundary", "The point where plates meet"),
        ("Plasma, also called serum, is the liquid part of blood.", "Plasma", "the liquid part of blood"),
    ],
)
def test_english_definitions(text: str, term: str, meaning: str) -> None:
    assert _english(text) == [(term, meaning)]


@pytest.mark.parametrize(
    "text",
    [
        "It is the movement of water through a membrane.",
        "The result is a large number of small cells.",
        "A village fair is a good example of such a place.",
        "The violin is the smallest of the four instruments here.",
        "The reason is the high price of bread in that year.",
    ],
)
def test_english_sentences_that_define_nothing(text: str) -> None:
    assert _english(text) == []


def test_a_second_statement_is_no_part_of_the_meaning() -> None:
    text = "Salt is a mineral that lowers the freezing point, and the sea is full of it."
    assert _english(text) == [("Salt", "a mineral that lowers the freezing point")]


def test_entries_of_a_glossary() -> None:
    assert _english("osmosis: movement of water through a membrane", True) == [
        ("osmosis", "movement of water through a membrane")
    ]
    assert _chinese("渗透：水分子通过半透膜的现象", True) == [("渗透", "水分子通过半透膜的现象")]


@pytest.mark.parametrize(
    ("text", "term", "meaning"),
    [
        ("渗透是指水分子通过半透膜的现象。", "渗透", "水分子通过半透膜的现象"),
        ("物体单位面积上受到的压力叫作压强。", "压强", "物体单位面积上受到的压力"),
        ("汉武帝把大宛出产的良马称为“天马”。", "天马", "大宛出产的良马"),
        (
            "卷积神经网络（CNN）是一类包含卷积计算的前馈神经网络。",
            "卷积神经网络",
            "一类包含卷积计算的前馈神经网络",
        ),
    ],
)
def test_chinese_definitions(text: str, term: str, meaning: str) -> None:
    found = _chinese(text)
    assert [each[0] for each in found] == [term]
    assert found[0][1].removeprefix("一类") == meaning.removeprefix("一类")


@pytest.mark.parametrize(
    "text", ["它是指水分子通过半透膜的现象。", "司马迁把张骞开通西域称为“凿空”。", "他叫做小明。"]
)
def test_chinese_sentences_that_define_nothing(text: str) -> None:
    assert _chinese(text) == []


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("The central processing unit (CPU) runs the program.", ("central processing unit", "CPU")),
        ("Sodium chloride, also known as table salt, dissolves well.", ("Sodium chloride", "table salt")),
        ("The timpani, or kettledrums, are copper drums.", ("timpani", "kettledrums")),
    ],
)
def test_english_aliases(text: str, pair: tuple[str, str]) -> None:
    assert pair in list(english_aliases(text))


def test_brackets_that_do_not_spell_the_words_before_are_no_alias() -> None:
    assert list(english_aliases("He was born in Paris (USA) and moved on.")) == []


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("暗反应又称碳反应，在叶绿体的基质中进行。", ("暗反应", "碳反应")),
        ("注意力机制（attention mechanism）很常用。", ("注意力机制", "attention mechanism")),
        ("世界卫生组织（简称世卫组织）设在日内瓦。", ("世界卫生组织", "世卫组织")),
    ],
)
def test_chinese_aliases(text: str, pair: tuple[str, str]) -> None:
    assert pair in list(chinese_aliases(text))
