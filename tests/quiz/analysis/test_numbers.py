"""Dates, quantities and numbers: their stretches, kinds and values."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.analysis import numbers_en, numbers_zh
from aigc_tui.quiz.analysis.records import TermKind, settle


def _english(text: str) -> list[tuple[str, str, str, float | None]]:
    found = settle(numbers_en.find_numbers(text))
    return [(text[one.start : one.end], one.kind.value, one.unit, one.value) for one in found]


def _chinese(text: str) -> list[tuple[str, str, str, float | None]]:
    found = settle(numbers_zh.find_numbers(text))
    return [(text[one.start : one.end], one.kind.value, one.unit, one.value) for one in found]


@pytest.mark.parametrize(
    ("text", "words", "unit", "value"),
    [
        ("It began in 1492.", "1492", "year", 1492.0),
        ("Signed on July 4, 1776, in a hall.", "July 4, 1776", "day", 1776.0),
        ("He lived in the late nineteenth century.", "late nineteenth century", "century", 1800.0),
        ("Caesar died in 44 BC.", "44 BC", "year", -44.0),
        ("It was popular in the 1960s.", "1960s", "decade", 1960.0),
        ("The war of 1914–1918 was long.", "1914–1918", "span", 1914.0),
    ],
)
def test_english_dates(text: str, words: str, unit: str, value: float) -> None:
    assert (words, TermKind.DATE.value, unit, value) in _english(text)


@pytest.mark.parametrize(
    ("text", "words", "unit", "value"),
    [
        ("It costs $5 million.", "$5 million", "$", 5e6),
        ("Water boils at 100 °C.", "100 °C", "°C", 100.0),
        ("About 71 percent is water.", "71 percent", "percent", 71.0),
        ("It is twenty-three miles long.", "twenty-three miles", "miles", 23.0),
        ("It lasts 3.5 hours.", "3.5 hours", "hours", 3.5),
    ],
)
def test_english_quantities(text: str, words: str, unit: str, value: float) -> None:
    assert (words, TermKind.QUANTITY.value, unit, value) in _english(text)


def test_a_number_that_counts_things_is_no_year() -> None:
    assert ("1800", "number", "", 1800.0) in _english("There were 1800 soldiers in the fort.")
    assert ("four", "number", "", 4.0) in _english("The heart has four chambers.")


@pytest.mark.parametrize(
    ("text", "words", "unit", "value"),
    [
        ("公元前221年，秦朝建立。", "公元前221年", "year", -221.0),
        ("1877 年，他到了中国。", "1877 年", "year", 1877.0),
        ("中华人民共和国成立于1949年10月1日。", "1949年10月1日", "day", 1949.0),
        ("19世纪60年代，工业发展很快。", "19世纪60年代", "century", 1800.0),
        ("他生于乾隆五十一年（1786年）。", "乾隆五十一年（1786年）", "year", 1786.0),
        ("唐朝时期，丝绸之路十分繁荣。", "唐朝时期", "era", None),
    ],
)
def test_chinese_dates(text: str, words: str, unit: str, value: float | None) -> None:
    assert (words, TermKind.DATE.value, unit, value) in _chinese(text)


@pytest.mark.parametrize(
    ("text", "words", "unit", "value"),
    [
        ("成年人有206块骨头。", "206块", "块", 206.0),
        ("陆地面积约960万平方公里。", "960万平方公里", "平方公里", 9.6e6),
        ("中国有五十六个民族。", "五十六个", "个", 56.0),
        ("海洋约占71%。", "71%", "%", 71.0),
        ("体积为 200 cm³ 的石块。", "200 cm³", "cm³", 200.0),
        ("合金中铜占十分之一。", "十分之一", "ratio", None),
    ],
)
def test_chinese_quantities(text: str, words: str, unit: str, value: float | None) -> None:
    assert (words, TermKind.QUANTITY.value, unit, value) in _chinese(text)


def test_chinese_articles_ordinals_and_words_are_no_numbers() -> None:
    assert _chinese("这是一种十分重要的方法，排在第三位。") == []


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("二十六", 26.0),
        ("一九四九", 1949.0),
        ("三百零五", 305.0),
        ("一万二千", 12000.0),
        ("3.5亿", 3.5e8),
        ("两千", 2000.0),
    ],
)
def test_values_of_chinese_numbers(words: str, value: float) -> None:
    assert numbers_zh.number_value(words) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [("3.5 million", 3.5e6), ("twenty-three", 23.0), ("two hundred and five", 205.0), ("1,234", 1234.0)],
)
def test_values_of_english_numbers(words: str, value: float) -> None:
    assert numbers_en.number_value(words) == value
