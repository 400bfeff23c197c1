"""The report in words, in both languages."""

from __future__ import annotations

from aigc_tui.locale import Catalogue
from aigc_tui.quiz.checks.quiz import check_quiz
from aigc_tui.quiz.checks.records import Verdict
from aigc_tui.quiz.checks.table import label_of, line_of, table
from tests.quiz.checks.items import mc, quiz, short

LEAKING = short("Who wrote Shakespeare's Hamlet?", "Shakespeare")
GOOD = mc("Which metal rusts?", "iron", "gold", "lead")


def test_flaws_are_listed_under_their_item_and_good_items_are_counted() -> None:
    said = table(check_quiz(quiz(GOOD, LEAKING)), Catalogue.load("en").text)
    assert said.splitlines() == [
        "2. Who wrote Shakespeare's Hamlet?",
        "   ✗ The stem does not give the answer away: Shakespeare",
        "1 of 2 items is without a flaw; hard flaws: 1, soft: 0",
    ]


def test_chinese_says_it_in_chinese() -> None:
    said = table(check_quiz(quiz(GOOD, LEAKING, language="zh")), Catalogue.load("zh").text)
    assert "   ✗ 题干不泄露答案：Shakespeare" in said.splitlines()
    assert "2 题中有 1 题没有缺陷" in said


def test_everything_can_be_listed() -> None:
    said = table(check_quiz(quiz(GOOD)), Catalogue.load("en").text, every=True)
    assert "   ✓ No two options are equal" in said.splitlines()


def test_a_check_of_another_version_is_shown_by_its_name() -> None:
    assert label_of("check_of_tomorrow") == "check_of_tomorrow"
    line = line_of(Verdict("check_of_tomorrow", False, False, "why"), Catalogue.load("en").text)
    assert line == "! check_of_tomorrow"
