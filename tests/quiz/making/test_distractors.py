"""Wrong answers: alike in kind and look, and wrong for certain."""

from __future__ import annotations

import random

import pytest

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.analysis.records import Mention
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.making.distractors import agrees, find_distractors, is_kin, odd_one_out
from aigc_tui.quiz.making.material import Material, lay_out
from aigc_tui.quiz.making.words import occurrences, overlaps
from tests.quiz.making.material import cells


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
