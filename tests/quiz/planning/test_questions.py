"""Turning statements into questions: the safe patterns, and what is left alone."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.analysis.records import Mention, TermKind
from aigc_tui.quiz.planning import questions_en, questions_zh
from aigc_tui.quiz.planning.wording import Cut
from aigc_tui.quiz.planning.wording_en import ask_meaning, ask_term, meaning

PERSON, TERM, DATE = TermKind.PERSON, TermKind.TERM, TermKind.DATE


def _english(before: str, key: str, after: str, kind: TermKind, unit: str = "") -> str:
    return questions_en.ask(Cut(before, key, after), Mention(0, 1, 0, kind, key, unit=unit))


def _chinese(before: str, key: str, after: str, kind: TermKind, unit: str = "") -> str:
    return questions_zh.ask(Cut(before, key, after), Mention(0, 1, 0, kind, key, unit=unit))


@pytest.mark.parametrize(
    ("before", "key", "after", "kind", "unit", "asked"),
    [
        ("", "Photosynthesis", " converts light into sugar.", TERM, "", "What converts light into sugar?"),
        ("", "Marie Curie", " discovered radium.", PERSON, "", "Who discovered radium?"),
        ("The Eiffel Tower was built in ", "1889", ".", DATE, "year",
         "In which year was the Eiffel Tower built?"),
        ("In ", "1665", " Robert Hooke described the compartments of cork.", DATE, "year",
         "In which year did Robert Hooke describe the compartments of cork?"),
        ("The telephone was invented by ", "Bell", " in 1876.", PERSON, "",
         "Who invented the telephone in 1876?"),
    ],
)  # fmt: skip
def test_a_simple_english_statement_becomes_a_question(
    before: str, key: str, after: str, kind: TermKind, unit: str, asked: str
) -> None:
    assert _english(before, key, after, kind, unit) == asked


@pytest.mark.parametrize(
    ("before", "key", "after", "kind", "unit"),
    [
        ("", "Enzymes", " speed up reactions.", TERM, ""),
        ("It is named after Calvin, who received the Nobel Prize in ", "1961", ".", DATE, "year"),
        ("In ", "1887", " Michelson measured the speed and won a prize.", DATE, "year"),
        ("When water boils, ", "steam", " rises.", TERM, ""),
        ("He moved to Paris in ", "1920", ".", DATE, "year"),
        ("", "Pressure", " times area.", TERM, ""),
    ],
)
def test_where_no_pattern_is_safe_nothing_is_asked(
    before: str, key: str, after: str, kind: TermKind, unit: str
) -> None:
    assert _english(before, key, after, kind, unit) == ""


@pytest.mark.parametrize(
    ("before", "key", "after", "kind", "unit", "asked"),
    [
        ("", "1905年", "，爱因斯坦发表了狭义相对论。", DATE, "year", "哪一年爱因斯坦发表了狭义相对论？"),
        ("", "牛顿", "提出了万有引力定律。", PERSON, "", "谁提出了万有引力定律？"),
        ("植物的光合作用在", "叶绿体", "进行。", TERM, "", "植物的光合作用在哪里进行？"),
    ],
)
def test_chinese_asks_in_place(
    before: str, key: str, after: str, kind: TermKind, unit: str, asked: str
) -> None:
    assert _chinese(before, key, after, kind, unit) == asked


@pytest.mark.parametrize(
    ("before", "key", "after", "kind"),
    [
        ("参加者有", "李白", "、杜甫和王维。", PERSON),
        ("这是绿色", "植物", "细胞的特点。", TERM),
        ("他问：“", "牛顿", "是谁？”", PERSON),
    ],
)
def test_chinese_leaves_a_part_of_a_longer_noun_alone(
    before: str, key: str, after: str, kind: TermKind
) -> None:
    assert _chinese(before, key, after, kind) == ""


def test_a_term_is_asked_with_its_article_and_a_definition_without_its_capital() -> None:
    assert ask_meaning(Cut("The fluid around the sacs is called the ", "stroma", "."), TERM) == (
        "What is the stroma?"
    )
    assert ask_meaning(Cut("", "Enzymes", " are proteins that speed up reactions."), TERM) == (
        "What are enzymes?"
    )
    assert meaning("The fluid around the sacs.") == "the fluid around the sacs"
    cut = Cut("", "Marie Curie", " was the first woman to win a Nobel Prize.")
    assert ask_term("the first woman to win a Nobel Prize", PERSON, cut) == (
        "Who was the first woman to win a Nobel Prize?"
    )
