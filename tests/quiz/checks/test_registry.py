"""Checks of one item, and their table."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.locale import Catalogue
from aigc_tui.message import message
from aigc_tui.quiz.checks.quiz import check_quiz, line_of, table
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.registry import ENTRIES, REGISTRY, check_item, hard_flaws, with_checks
from aigc_tui.quiz.grading.grade import grade
from aigc_tui.quiz.grading.records import Judgement
from aigc_tui.quiz.records import Item, ItemType, Source
from tests.quiz.checks.items import cloze, mc, quiz, short

ODD = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["____", "（）", "10-20", "以上都对", "A and B", "\ud800", "(" * 40, "-" * 40, "$x$", "又称"]
    ),
)
ANSWERS = st.one_of(
    ODD,
    st.booleans(),
    st.integers(-3, 9),
    st.lists(st.tuples(ODD, ODD), max_size=4).map(tuple),
    st.lists(ODD, max_size=5).map(tuple),
)


def test_names_are_unique_and_every_verdict_carries_its_checks_name() -> None:
    assert len(REGISTRY) == len(ENTRIES)
    verdicts = check_item(mc("Which?", "iron", "gold", "lead", quote="Rust needs iron."), Context("en"))
    order = [entry.name for entry in ENTRIES]
    assert [verdict.check for verdict in verdicts] == sorted((v.check for v in verdicts), key=order.index)


def test_a_broken_form_ends_the_judging() -> None:
    verdicts = check_item(mc("Which?", "iron", "gold", key=5), Context("en"))
    assert [verdict.check for verdict in verdicts] == ["answer_form"]
    assert [flaw.check for flaw in hard_flaws(verdicts)] == ["answer_form"]


def test_what_was_said_is_kept_with_the_item() -> None:
    item = short("Who wrote Shakespeare's Hamlet?", "Shakespeare")
    kept = dict(with_checks(item, check_item(item, Context("en"))).checks)
    assert kept["answer_form"]
    assert not kept["stem_leak"]


@given(st.sampled_from(ItemType), ODD, ANSWERS, st.lists(ODD, max_size=5).map(tuple), ODD)
def test_no_item_is_too_broken_to_be_judged(
    kind: ItemType, stem: str, answer: object, options: tuple[str, ...], quote: str
) -> None:
    source = Source("", 0, len(quote), quote)
    item = Item("1", kind, stem, answer, options, source=source)  # type: ignore[arg-type]
    for verdict in check_item(item, Context("en")):
        assert verdict.passed == (not verdict.reason)
        assert verdict.hard is REGISTRY[verdict.check].hard
        assert "\n" not in verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "i" * 3000 + "!",
        "1  " * 1500 + "x",
        "this " * 3000 + "?",
        "(" * 15_000,
        "A and " * 3000 + "!",
        "十亿" * 5000,
        "a, " * 5000,
    ],
)
def test_hostile_texts_are_judged_and_graded_in_reasonable_time(text: str) -> None:
    began = time.process_time()
    for item in (mc(text, text, "b" + text, "c"), short(text, text), cloze(f"{text} ____ {text}", text)):
        check_item(item, Context("en"))
        assert grade(item, item.answer).verdict is Judgement.CORRECT
        grade(item, text + "x")
    # Not a measurement: what is exponential would take hours.
    assert time.process_time() - began < 20


def test_thousands_of_options_are_no_square() -> None:
    options = tuple(f"thing {n} of many" for n in range(5_000))
    began = time.process_time()
    assert not hard_flaws(check_item(mc("Which?", *options), Context("en")))
    assert time.process_time() - began < 20


LEAKING = short("Who wrote Shakespeare's Hamlet?", "Shakespeare")
GOOD = mc("Which metal rusts?", "iron", "gold", "lead")


def test_flaws_are_listed_under_their_item_and_good_items_are_counted() -> None:
    said = table(check_quiz(quiz(GOOD, LEAKING)), Catalogue.load("en").text)
    assert said.splitlines() == [
        "2. Who wrote Shakespeare's Hamlet?",
        '   ✗ The stem does not give the answer away: the stem contains the answer "Shakespeare"',
        "1 of 2 items is without a flaw; hard flaws: 1, soft: 0",
    ]


def test_chinese_says_it_in_chinese() -> None:
    said = table(check_quiz(quiz(GOOD, LEAKING, language="zh")), Catalogue.load("zh").text)
    assert "   ✗ 题干不泄露答案：题干中出现了答案“Shakespeare”" in said.splitlines()
    assert "2 题中有 1 题没有缺陷" in said


def test_everything_can_be_listed() -> None:
    said = table(check_quiz(quiz(GOOD)), Catalogue.load("en").text, every=True)
    assert "   ✓ No two options are equal" in said.splitlines()


def test_a_check_of_another_version_is_shown_by_its_name() -> None:
    line = line_of(Verdict("check_of_tomorrow", False, False, message("why")), Catalogue.load("en").text)
    assert line == "! check of tomorrow: why"
