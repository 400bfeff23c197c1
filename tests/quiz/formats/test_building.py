"""Items out of files: caps, cleaning and keys are held in one place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.message import message
from aigc_tui.quiz.formats.building import (
    MOST_PROBLEMS,
    Reading,
    UnreadableError,
    category_name,
    decode,
    human,
    match,
    shuffled,
    worded,
)
from aigc_tui.quiz.records import BLANK, ItemType, Origin, QuizError, Source


def test_an_item_is_cleaned_stripped_and_a_persons() -> None:
    item = human(
        *(ItemType.MC, " Which\x1b? ", 0),
        options=[" a\u202e ", "b"],
        explanation=" why ",
        feedback=["x ", ""],
        source=Source("s\x07", 1, 2, " q "),
    )
    assert (item.stem, item.options, item.explanation) == ("Which␛?", ("a\ufffd", "b"), "why")
    assert (item.feedback, item.origin, item.source) == (("x", ""), Origin.HUMAN, Source("s␇", 1, 2, "q"))
    assert item.id


@pytest.mark.parametrize(
    ("stem", "answer", "reason"),
    [
        ("x" * 20_001, "a", "longer than 20000"),
        ("What?", "x" * 20_001, "longer than 20000"),
        ("", "a", "it has no stem"),
        ("What?", " ", "its answer is empty"),
    ],
)
def test_what_is_too_long_or_empty_is_unreadable(stem: str, answer: str, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        human(ItemType.SHORT, stem, answer)


def test_lists_have_a_cap() -> None:
    with pytest.raises(UnreadableError, match="more than 100"):
        human(ItemType.MC, "Which?", 0, options=[str(number) for number in range(101)])
    with pytest.raises(UnreadableError, match="more than 100"):
        match("Match", [(str(number), "x") for number in range(101)])


def test_one_gap_makes_a_cloze_and_two_do_not() -> None:
    assert worded("A _____ is green.", ["leaf"]).stem == f"A {BLANK} is green."
    assert worded("A _____ is ___.", ["leaf"]).type is ItemType.SHORT


def test_the_same_stem_shuffles_the_same_way() -> None:
    parts = [str(number) for number in range(20)]
    assert shuffled(parts, "a") == shuffled(parts[::-1], "a") != shuffled(parts, "b")
    assert sorted(shuffled(parts, "a")) == sorted(parts)


@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=4), st.text(max_size=3))
def test_the_right_order_is_never_what_is_shown(parts: list[str], stem: str) -> None:
    assert (shuffled(parts, stem) == tuple(parts)) == (len(set(parts)) == 1)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_files_are_read_in_the_encodings_that_schools_have(encoding: str) -> None:
    assert decode("光合作用\r\n{T}".encode(encoding)) == "光合作用\n{T}"


def test_bytes_that_are_no_text_are_one_clear_line() -> None:
    with pytest.raises(QuizError, match="binary, not text"):
        decode(b"\xff\x00\x81\x00\x01" * 9)


def test_problems_have_a_cap_that_says_so() -> None:
    reading = Reading()
    for number in range(MOST_PROBLEMS + 50):
        reading.note(message("line {line}", line=number), message("{text}", text="two\nlines"))
    assert len(reading.problems) == MOST_PROBLEMS + 1
    assert str(reading.problems[0].reason) == "two lines"
    assert str(reading.problems[-1].reason) == "and further problems from here on"


@pytest.mark.parametrize(
    ("path", "name"),
    [("$course$/top/A/B", "B"), ("$course$/top/1//2", "1/2"), ("$course$/top///", "/"), ("top/C ", "C")],
)
def test_the_name_of_a_moodle_category_is_the_last_part_of_its_path(path: str, name: str) -> None:
    assert category_name(path) == name
