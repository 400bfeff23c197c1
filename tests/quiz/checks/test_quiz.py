"""What can only be seen of all items together."""

from __future__ import annotations

import dataclasses

import pytest

from aigc_tui.quiz.checks.duplicates import answered_elsewhere, duplicates
from aigc_tui.quiz.checks.measures import chi_square, chi_square_tail, wilson
from aigc_tui.quiz.checks.quiz import QUIZ_CHECKS, Report, check_quiz
from aigc_tui.quiz.lesson.records import Section
from aigc_tui.quiz.records import BLANK, Item, Rejection
from tests.quiz.checks.items import ENGLISH, cite, cloze, lesson, mc, quiz, short, tf


def failed(report: Report) -> set[str]:
    return {verdict.check for verdict in report.verdicts if not verdict.passed}


def spread(count: int, place: int | None = None) -> list[Item]:
    """Choices about different things whose keys are spread evenly, or all in one place."""
    words = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}ron" for n in range(count * 4)]
    return [
        mc(
            f"What is the {words[n]} of the {words[-n - 1]}?",
            *words[4 * n : 4 * n + 4],
            key=n % 4 if place is None else place,
        )
        for n in range(count)
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (short("Who wrote Hamlet?", "Shakespeare"), short("Who wrote “Hamlet” ?", "shakespeare")),
        (short("谁写了《红楼梦》？", "曹雪芹"), short("谁寫了《紅樓夢》？", "曹雪芹")),
        (
            short("When did he find it?", "1774", "He found oxygen in 1774."),
            cloze(f"He found oxygen in {BLANK}.", "1774", "He found oxygen in 1774."),
        ),
        (
            short("In which year was oxygen found by Priestley?", "1774"),
            short("In which year was oxygen found by Priestley?", "1776"),
        ),
        (tf("水在100度沸腾。", True), tf("水在100度沸腾。", True)),
    ],
)
def test_two_items_that_ask_the_same_are_seen(one: Item, other: Item) -> None:
    assert duplicates([one, short("What else?", "nothing"), other]) == [(0, 2)]
    report = check_quiz(quiz(one, other))
    assert "near_duplicates" in failed(report)
    assert report.hard_failures >= 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            short("Who wrote Hamlet?", "Shakespeare"),
            short("Who was born in Stratford in 1564?", "Shakespeare"),
        ),
        (
            mc("Which is true?", "cats bark", "dogs bark", "fish bark", key=1),
            mc("Which is true?", "ice is hot", "fire is hot", "air is wet", key=1),
        ),
        (
            tf("Water boils at 100 degrees.", True, "Water boils at 100 degrees and ice melts at 0."),
            tf("Ice melts at 5 degrees.", False, "Water boils at 100 degrees and ice melts at 0."),
        ),
    ],
)
def test_two_items_that_ask_different_things_are_not(one: Item, other: Item) -> None:
    assert duplicates([one, other]) == []


def test_thousands_of_items_with_one_answer_are_compared_in_reasonable_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = 0
    from aigc_tui.quiz.checks import duplicates as module

    real = module.jaccard

    def counted(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
        nonlocal calls
        calls += 1
        return real(one, other)

    monkeypatch.setattr(module, "jaccard", counted)
    items = [short(f"What is the colour of thing {n * 7919 % 5003} in room {n}?", "red") for n in range(1500)]
    assert duplicates(items) == []
    assert calls < 1500 * 400


def test_an_item_that_tells_anothers_answer_is_pointed_out() -> None:
    quote = "Priestley found oxygen in 1774."
    asked, told = (
        short("When was oxygen found?", "1774", quote),
        short("Who found oxygen in 1774?", "Priestley", quote),
    )
    assert answered_elsewhere([asked, told]) == [(0, 1)]
    lie = tf("Newton found oxygen in 1774.", False, quote)
    assert answered_elsewhere([asked, lie]) == []
    assert "answered_elsewhere" in failed(check_quiz(quiz(asked, told)))


def test_keys_always_in_one_place_are_seen_and_spread_ones_are_not() -> None:
    assert "key_positions" in failed(check_quiz(quiz(*spread(12, place=2))))
    assert "key_positions" not in failed(check_quiz(quiz(*spread(12))))


def test_keys_that_are_mostly_the_longest_option_are_seen() -> None:
    long = [
        dataclasses.replace(item, options=(*item.options[:3], f"{item.options[3]} and more"))
        for item in spread(12, 3)
    ]
    assert "longest_keys" in failed(check_quiz(quiz(*long)))
    assert "longest_keys" not in failed(check_quiz(quiz(*spread(12))))


def test_one_answer_for_many_items_and_all_statements_true_are_seen() -> None:
    same = [short(f"What is {chr(97 + n)}{n} of {chr(110 - n)}?", "oxygen") for n in range(10)]
    assert "repeated_key" in failed(check_quiz(quiz(*same)))
    true = [tf(f"The {chr(97 + n)}{n} is near the {chr(110 - n)}.", True) for n in range(6)]
    assert "one_sided" in failed(check_quiz(quiz(*true)))


def test_coverage_is_measured_where_the_number_of_items_allows() -> None:
    text = "\n".join(["Cats sleep. Cats eat. Cats run."] * 4)
    size = len(text) // 4 + 1
    whole = lesson(text)
    sections = tuple(Section(str(n), 1, n * size, min((n + 1) * size, len(text))) for n in range(4))
    sentences = tuple(dataclasses.replace(each, section=each.start // size) for each in whole.sentences)
    whole = dataclasses.replace(whole, sections=sections, sentences=sentences)
    one = dataclasses.replace(short("Who sleeps?", "Cats"), source=cite(text, "Cats sleep."))
    report = check_quiz(quiz(*[one] * 4), whole)
    assert dict(report.measures)["coverage"] == 0.25
    assert "coverage" in failed(report)
    assert "coverage" not in failed(check_quiz(quiz(one), whole))


def test_missing_items_need_a_reason() -> None:
    item = short("Who wrote Hamlet?", "Shakespeare")
    silent = quiz(item, requested=3)
    assert "yield" in failed(check_quiz(silent))
    told = dataclasses.replace(silent, rejected=(Rejection("too few sentences", 2),))
    assert "yield" not in failed(check_quiz(told))


def test_an_empty_quiz_has_nothing_to_blame() -> None:
    report = check_quiz(quiz())
    assert report.items == ()
    assert report.hard_failures == report.soft_failures == 0


def test_a_grounded_quiz_passes_its_lesson() -> None:
    item = dataclasses.replace(
        short("When was oxygen found?", "1774"),
        source=cite(ENGLISH, "Joseph Priestley found oxygen in 1774."),
    )
    assert check_quiz(quiz(item), lesson(ENGLISH)).hard_failures == 0


def test_every_check_of_the_quiz_is_listed() -> None:
    names = [name for name, _, _ in QUIZ_CHECKS]
    items = [*spread(12), *[tf(f"{n} is {n * 3} more than it was.", bool(n % 2)) for n in range(6)]]
    assert [verdict.check for verdict in check_quiz(quiz(*items)).verdicts] == [
        name for name in names if name not in {"coverage"}
    ]


def test_the_statistics_agree_with_tables() -> None:
    low, high = wilson(5, 100)
    assert (round(low, 4), round(high, 4)) == (0.0215, 0.1118)
    assert wilson(0, 10)[0] == 0.0
    assert chi_square([10, 10, 10]) == 0
    assert chi_square([0, 0]) == 0
    assert round(chi_square_tail(7.815, 3), 3) == 0.05
    assert round(chi_square_tail(18.467, 4), 4) == 0.001
    assert chi_square_tail(1e12, 3) == 0.0
    with pytest.raises(ValueError, match="no share"):
        wilson(3, 2)
