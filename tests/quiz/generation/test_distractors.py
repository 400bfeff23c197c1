"""Distractors: names and terms of the lesson, and other numbers of the key's format."""

from __future__ import annotations

import random

import pytest

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.analysis.records import Mention
from aigc_tui.quiz.generation.distractors import (
    agrees,
    find_distractors,
    is_kin,
    odd_one_out,
    shape,
    variants,
)
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.planning.material import Material, lay_out
from aigc_tui.quiz.planning.words import occurrences, overlaps
from tests.quiz.planning.material import cells


def _mention(material: Material, text: str) -> Mention:
    return next(one for one in material.analysis.mentions if one.text == text)


def test_dates_of_the_lesson_come_before_made_up_ones_and_none_is_in_the_sentence() -> None:
    material = lay_out(analyse(cells()))
    answer = _mention(material, "1838")
    found = find_distractors(answer, material, random.Random(0))
    assert {"1665", "1839", "1855"} <= set(found[:4])
    assert not any(occurrences(other, material.words(answer.sentence)) for other in found)


def test_a_lone_date_gets_others_in_its_format() -> None:
    material = lay_out(analyse(lesson_from_text("The bridge was opened in 1894 after eight years of work.")))
    found = find_distractors(_mention(material, "1894"), material, random.Random(0))
    assert len(found) >= 3
    assert all(other.isdigit() and len(other) == 4 for other in found)


@pytest.mark.parametrize(
    ("rival", "key", "fits"),
    [
        ("ribosome", "nucleus", True),
        ("ribosomes", "nucleus", False),
        ("Paris", "nucleus", False),
        ("线粒体", "nucleus", False),
        ("the very long name of some thing", "nucleus", False),
        ("细胞核", "叶绿体", True),
    ],
)
def test_a_rival_has_the_look_of_the_key(rival: str, key: str, fits: bool) -> None:
    assert agrees(rival, key) is fits


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("cell", "plant cell", True),
        ("vertebra", "vertebrae", True),
        ("亚视", "亚洲电视", True),
        ("art", "party", False),
        ("1905", "1906", False),
        ("光反应", "暗反应", False),
    ],
)
def test_forms_and_parts_of_one_name_overlap(one: str, two: str, same: bool) -> None:
    assert overlaps(one, two) is same


def test_the_only_law_among_things_gives_itself_away() -> None:
    assert odd_one_out("阿基米德原理", ("密度计", "排水量", "压强"))
    assert not odd_one_out("供给定理", ("需求定理", "均衡价格"))
    assert is_kin("lower course", "upper course")


@pytest.mark.parametrize(
    "text", ["1905", "1687年", "12 km", "0.04 %", "1,250", "74 kg", "9.8 m/s²", "300 000人"]
)
def test_variants_differ_and_keep_the_look(text: str) -> None:
    made = variants(text, random.Random(1), 4)
    assert len(set(made)) == len(made)
    assert text not in made
    assert all(shape(other) == shape(text) for other in made)


def test_a_text_with_two_numbers_or_an_ordinal_has_none() -> None:
    assert variants("20 to 30", random.Random(1), 4) == []
    assert variants("21st century", random.Random(1), 4) == []


def test_a_share_stays_below_a_hundred_per_cent() -> None:
    for seed in range(20):
        for other in variants("78%", random.Random(seed), 5):
            assert float(other.rstrip("%")) <= 100


def test_years_do_not_lie_in_the_future() -> None:
    for seed in range(20):
        assert all(int(year) <= 2026 for year in variants("2019", random.Random(seed), 6))


def test_other_decades_are_decades() -> None:
    made = variants("early 1860s", random.Random(3), 4)
    assert made
    assert all(one.startswith("early ") and one.endswith("0s") for one in made)
