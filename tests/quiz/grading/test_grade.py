"""Grading by rules: the key is always right, another way of writing it too, and a contradiction never."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.quiz.grading.grade import grade
from aigc_tui.quiz.grading.records import By, Judgement, Response
from aigc_tui.quiz.records import Item, ItemType

ANY = st.one_of(
    st.text(max_size=40), st.sampled_from(["", " ", "一", "千米", "3万", "百分之", "not", "\ud800", "½"])
)
RESPONSES: st.SearchStrategy[Response] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 9),
    ANY,
    st.lists(ANY, max_size=5).map(tuple),
    st.lists(st.tuples(ANY, ANY), max_size=4).map(tuple),
)


def written(key: str, stem: str = "What is it?", accepted: tuple[str, ...] = ()) -> Item:
    return Item("1", ItemType.SHORT, stem, key, accepted=accepted)


@pytest.mark.parametrize(
    ("key", "response"),
    [
        ("7", "seven"),
        ("twenty-one", "21"),
        ("3,000,000", "three million"),
        ("two hundred and five", "205"),
        ("一九四九年", "1949年"),
        ("二十一", "21"),
        ("3万", "三万"),
        ("三千米", "3 km"),
        ("25 km", "25 kilometres"),
        ("25 km", "25公里"),
        ("50%", "百分之五十"),
        ("50%", "fifty percent"),
        ("$5 million", "5,000,000 dollars"),
        ("5 seconds", "5 s"),
        ("first", "1st"),
        ("the Nile", "Nile"),
        ("volcanoes", "volcano"),
        ("colour", "color"),
        ("紅樓夢", "红楼梦"),
        ("普利斯特利", "是普利斯特利"),
        ("1949", "in 1949"),
        ("isn't", "is not"),
    ],
)
def test_another_way_of_writing_the_key_is_right(key: str, response: str) -> None:
    found = grade(written(key), response)
    assert (found.verdict, found.by) == (Judgement.CORRECT, By.ACCEPTED)
    assert grade(written(response), key).verdict is Judgement.CORRECT


@pytest.mark.parametrize(
    ("key", "response"), [("H2O", "Ｈ２Ｏ"), ("《红楼梦》", "红楼梦"), ("25 km", "25km")]
)
def test_width_case_spaces_and_marks_do_not_matter(key: str, response: str) -> None:
    found = grade(written(key), response)
    assert (found.verdict, found.by) == (Judgement.CORRECT, By.EXACT)


def test_accepted_answers_are_right() -> None:
    item = written("potato", accepted=("spud", "土豆"))
    assert grade(item, "Spuds").verdict is Judgement.CORRECT
    assert grade(item, "土豆").verdict is Judgement.CORRECT
    assert grade(item, "马铃薯").verdict is Judgement.INCORRECT


def test_a_unit_that_the_stem_names_may_be_left_out_or_added() -> None:
    assert grade(written("25 km", "How many kilometres is it?"), "25").verdict is Judgement.CORRECT
    assert grade(written("25", "这座塔高多少米？"), "25米").verdict is Judgement.CORRECT
    assert grade(written("25 km"), "25").verdict is Judgement.PARTIAL
    assert grade(written("25 km", "How many kilometres is it?"), "26").verdict is Judgement.INCORRECT


@pytest.mark.parametrize(
    ("key", "response", "note"),
    [
        ("Peyton Manning", "Manning", "not mentioned: peyton"),
        ("photosynthesis", "photosynthsis", "the spelling is: photosynthesis"),
        ("photosynthesis", "photosynthesis".replace("yn", "ny"), "the spelling is: photosynthesis"),
        ("世界大战", "第一次世界大战", ""),
    ],
)
def test_much_of_the_key_is_partly_right_and_says_what_lacks(key: str, response: str, note: str) -> None:
    found = grade(written(key), response)
    assert (found.verdict, found.by, found.note) == (Judgement.PARTIAL, By.OVERLAP, note)
    assert 0 < found.score < 1


@pytest.mark.parametrize(
    ("key", "response"),
    [
        ("not connected to the battery", "connected to the battery"),
        ("它会溶于水", "它不会溶于水"),
        ("1949 in Beijing", "1948 in Beijing"),
        ("三个国家", "四个国家"),
        ("第一次世界大战", "第二次世界大战"),
        ("oxygen", "nitrogen"),
        ("氧气", "二氧化碳"),
        ("oxygen", "   "),
        ("oxygen", ""),
    ],
)
def test_contradictions_and_other_answers_are_wrong(key: str, response: str) -> None:
    assert grade(written(key), response).verdict is Judgement.INCORRECT


CHOICE = Item("1", ItemType.MC, "Which?", 1, ("B", "A", "cat", "dog"))


@pytest.mark.parametrize("response", [1, "A", " a ", "Ａ"])
def test_an_option_counts_by_its_place_and_by_its_own_words_before_letters(response: Response) -> None:
    assert grade(CHOICE, response).verdict is Judgement.CORRECT


@pytest.mark.parametrize("response", [0, 2, -3, 9, True, None, "B", "C", "（Ｄ）", "mouse", ("A",)])
def test_anything_else_is_no_right_choice(response: Response) -> None:
    assert grade(CHOICE, response).verdict is Judgement.INCORRECT


def test_a_letter_names_an_option_where_no_option_is_that_letter() -> None:
    item = Item("1", ItemType.MC, "Which?", 2, ("cat", "dog", "cow"))
    assert grade(item, "c)").verdict is Judgement.CORRECT
    assert grade(item, "Ｃ").verdict is Judgement.CORRECT


@pytest.mark.parametrize(
    ("response", "right"),
    [
        (False, True),
        ("错", True),
        ("No", True),
        ("×", True),
        (0, False),
        ("对", False),
        ("perhaps", False),
        (None, False),
    ],
)
def test_truth_is_understood_in_words_of_both_languages(response: Response, right: bool) -> None:
    item = Item("1", ItemType.TF, "Ice is hot.", False)
    assert (grade(item, response).verdict is Judgement.CORRECT) is right


def test_pairs_earn_their_share_in_any_order() -> None:
    item = Item("1", ItemType.MATCH, "Match.", (("a", "1"), ("b", "2"), ("c", "3")))
    assert grade(item, (("b", "2"), ("c", "3"), ("a", "1"))).verdict is Judgement.CORRECT
    found = grade(item, (("a", "1"), ("b", "3"), ("c", "2")))
    assert (found.verdict, round(found.score, 2), found.note) == (Judgement.PARTIAL, 0.33, "1 / 3")
    assert grade(item, None).verdict is Judgement.INCORRECT


def test_an_order_earns_by_its_longest_run() -> None:
    item = Item("1", ItemType.ORDER, "Order.", ("a", "b", "c", "d"))
    assert grade(item, ("a", "b", "c", "d")).verdict is Judgement.CORRECT
    assert grade(item, ("b", "a", "c", "d")).verdict is Judgement.PARTIAL
    assert grade(item, ("d", "c", "b", "a")).score == 0
    assert grade(item, ("a", "b", "c", "d", "e")).verdict is not Judgement.CORRECT


@given(ANY, RESPONSES, ANY, st.lists(ANY, max_size=3).map(tuple))
def test_no_written_answer_breaks_grading_and_the_key_is_right(
    key: str, response: Response, stem: str, accepted: tuple[str, ...]
) -> None:
    item = written(key, stem, accepted)
    assert grade(item, key).verdict is Judgement.CORRECT
    found = grade(item, response)
    assert 0 <= found.score <= 1
    assert (found.verdict is Judgement.CORRECT) <= (found.score >= 0.5)


@given(st.lists(ANY, min_size=2, max_size=5, unique=True).map(tuple), st.data(), RESPONSES)
def test_no_choice_pair_or_order_breaks_grading_and_the_key_is_right(
    texts: tuple[str, ...], data: st.DataObject, response: Response
) -> None:
    key = data.draw(st.integers(0, len(texts) - 1))
    pairs = tuple((text, texts[-1 - at]) for at, text in enumerate(texts))
    answers: list[tuple[ItemType, int | tuple[str, ...] | tuple[tuple[str, str], ...]]] = [
        (ItemType.MC, key),
        (ItemType.ORDER, texts),
        (ItemType.MATCH, pairs),
    ]
    for kind, answer in answers:
        item = Item("1", kind, "?", answer, texts)
        assert grade(item, answer).verdict is Judgement.CORRECT
        assert 0 <= grade(item, response).score <= 1
