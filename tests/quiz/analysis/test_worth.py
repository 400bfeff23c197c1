"""Which sentences stand alone, by the reason that they do not."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.analysis import worth_en, worth_zh
from tests.quiz.analysis.lessons import english


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The heart pumps blood through the vessels of the body.", ""),
        ("However, the heart of a whale beats only eight times a minute.", ""),
        ("There are four chambers in the heart of every mammal.", ""),
        ("These chambers are separated by strong walls of muscle.", "pronoun-led"),
        ("It pumps blood through the vessels of the whole body.", "pronoun-led"),
        ("However, they are separated by strong walls of muscle.", "pronoun-led"),
        ("Therefore the heart of a whale beats very slowly.", "connective-led"),
        ("As shown above, the heart has four chambers and four valves.", "points elsewhere"),
        ("In this chapter the parts of the heart are described.", "points elsewhere"),
        ("We will see that the heart has four chambers.", "speaks to the reader"),
        ("Consider a heart with only two chambers, as in fish.", "speaks to the reader"),
        ("Which chamber of the heart is the largest one?", "question"),
        ("A muscular organ with four chambers and strong walls.", "fragment"),
        ("Blood flows.", "too short"),
        ("“I have never seen such a heart before,” said the doctor to him.", "direct speech"),
        ("The pressure is given by p = F / A in this simple case.", "debris"),
        ("The heart ( has four chambers and many valves inside it.", "debris"),
    ],
)
def test_english_sentences(text: str, reason: str) -> None:
    assert worth_en.fault(text) == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("心脏推动血液在血管中循环流动。", ""),
        ("此外，鲸的心脏每分钟只跳动八次左右。", ""),
        ("这种动物的心脏每分钟只跳动八次左右。", "pronoun-led"),
        ("它推动血液在全身的血管中循环流动。", "pronoun-led"),
        ("位于胸腔中部偏左下方，大小和拳头差不多。", "no subject"),
        ("而心脏的结构比人们想象的复杂得多。", "connective-led"),
        ("如图所示，心脏由四个腔室组成。", "points elsewhere"),
        ("本节介绍心脏的结构和主要的功能。", "points elsewhere"),
        ("我们来看心脏是怎样推动血液流动的。", "speaks to the reader"),
        ("心脏由哪几个部分组成，各有什么作用？", "question"),
        ("传说这两座大山原来在冀州的南面。", "points elsewhere"),
        ("老人叹了一口气，说：“这颗心脏太小了。”", "direct speech"),
        ("心脏跳动。", "too short"),
    ],
)
def test_chinese_sentences(text: str, reason: str) -> None:
    assert worth_zh.fault(text) == reason


def test_sentences_that_define_what_their_heading_names_come_first() -> None:
    analysis = english(
        "# Osmosis\n\nOsmosis is the movement of water through a membrane towards the saltier side.\n"
        "Some people like to drink a glass of water in the morning.\n"
    )
    heading, first, second = analysis.worth
    assert not heading.usable
    assert first.score > second.score
