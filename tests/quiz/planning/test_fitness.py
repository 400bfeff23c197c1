"""Which sentences and mentions can be asked about."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.planning.fitness import (
    fits,
    has_dangling_person,
    is_answer,
    is_verb_or_adjective,
    points_back,
)
from aigc_tui.quiz.planning.material import Material, lay_out
from aigc_tui.quiz.planning.wording import Cut
from aigc_tui.quiz.planning.wording_en import jars


def _material(text: str) -> Material:
    return lay_out(analyse(lesson_from_text(text)))


@pytest.mark.parametrize(
    "words",
    [
        "Why would this be an effective means of contraception?",
        "Imagine that a friend was just laid off.",
        "The glands make up the system and its hormones ().",
        "And the boy was so really.",
        "工作室位于，沃特福德旁。",
        "在实践中，这被证明比精确的满意度更可靠。",
        "word " * 60,
    ],
)
def test_what_is_no_whole_statement_is_not_asked_about(words: str) -> None:
    assert not fits(words)


@pytest.mark.parametrize(
    "words", ["The nucleus stores the genetic material.", "叶绿体是植物细胞中进行光合作用的场所。"]
)
def test_a_plain_statement_is(words: str) -> None:
    assert fits(words)


def test_a_person_without_a_name_before_leans_on_another_sentence() -> None:
    material = _material("Ada Lovelace wrote notes. In the evening he crossed the bridge over the river.")
    assert not has_dangling_person(0, material)
    assert has_dangling_person(1, material)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("The survey (Miller, 1978) described the habits of city birds in detail.", "1978"),
        ("The two forces act on different objects, so they never cancel each other.", "two"),
        ("液态氮的沸点是 -196 ℃，比液态氧的沸点低得多。", "196 ℃"),
        ("2006年，他在深圳的小学读四年级时，学校组建了足球队。", "四年"),
    ],
)
def test_references_small_counts_and_halves_are_no_answers(text: str, answer: str) -> None:
    material = _material(text)
    asked = [one.text for one in material.analysis.mentions if is_answer(one, material)]
    assert answer not in asked


@pytest.mark.parametrize(
    "words",
    [
        "Scottish enthusiasts also cite these games as ancestral to their sport.",
        "To that end, Congress passed two laws of dubious constitutionality.",
        "According to her coach, the best chance of a medal lay in breaststroke.",
        "Due to her condition, she does not have the use of her legs.",
        "A Congregationalist, he had gone to live among the Cherokee.",
        "Just ten years later, the United States was the top producer of steel.",
        "Other people who sell bikes agree with the report.",
        "In the first case, source code is already available for the software.",
    ],
)
def test_a_sentence_that_points_to_another_one_is_found(words: str) -> None:
    assert points_back(words)


@pytest.mark.parametrize(
    "words",
    [
        "Those who sell more earn more.",
        "Enzymes speed up reactions, and this saves energy.",
        "Vitamins such as thiamine are needed in small amounts.",
        "When the water boils, it turns into steam.",
        "In the cell, it is the nucleus that holds the genes.",
        "The king gave his daughter a horse.",
    ],
)
def test_a_sentence_that_stands_alone_is_left(words: str) -> None:
    assert not points_back(words)


def test_a_swapped_word_must_read_as_english() -> None:
    lesson = "The conductor beats time. Censorship is old. Plucking the strings is called pizzicato."
    called = Cut("Plucking the strings is called ", "pizzicato", ".")
    assert jars(called, "conductor", lesson)
    assert not jars(called, "censorship", lesson)
    assert jars(Cut("Early books are called ", "incunabula", "."), "censorship", lesson)
    assert jars(Cut("Nambuya called her ", "husband", " in."), "wife", lesson)


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("Several people have tried to ", "groom", " it before."),
        ("Population ageing is ", "happening", " fastest in poor countries."),
        ("Customers would see ", "real-time", " updates at all stations."),
    ],
)
def test_verbs_and_adjectives_in_a_nouns_clothes_are_seen(before: str, key: str, after: str) -> None:
    assert is_verb_or_adjective(before, key, after)


def test_nouns_are_left() -> None:
    assert not is_verb_or_adjective("The king gave the horse to ", "knights", " of the court.")
    assert not is_verb_or_adjective("The school rewards ", "self-improvement", " and hard work.")
    assert not is_verb_or_adjective("A burning question is ", "farming", ".")
