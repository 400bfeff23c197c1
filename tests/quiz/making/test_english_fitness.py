"""Which English sentences point to another one, and which swapped words do not read as English."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.making.english_fitness import is_verb_or_adjective, jars, points_back
from aigc_tui.quiz.making.pieces import Cut


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
