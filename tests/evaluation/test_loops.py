"""What is a loop and what is not, and distinct-n by hand."""

from __future__ import annotations

import pytest

from aigc_tui.evaluation.samples import distinct, ends_in_loop


@pytest.mark.parametrize(
    "text",
    [
        "I am fine. I am fine. I am fine. I am fine.",
        "Once there was a fox. and then and then and then and th",
        "the the the the the the",
        "我很高兴我很高兴我很高兴我很",
        "从前有一只狐狸。" + "它走啊走，" * 4,
        "A story. " + "one two three four five six seven eight nine ten. " * 3,
    ],
)
def test_a_repeated_tail_is_a_loop(text: str) -> None:
    assert ends_in_loop(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No, no, no!",
        "哈哈哈",
        "I am fine. I am fine. Then a fox came and took the bread away.",
        "the cat sat on the mat, the dog sat on the mat",
        "row row row your boat gently down the stream",
        "一二三四五六七八九十",
    ],
)
def test_speech_is_no_loop(text: str) -> None:
    assert not ends_in_loop(text)


def test_distinct_n_by_hand() -> None:
    texts = ["a b a b", "a b"]
    # Unigrams: a b a b a b; bigrams: ab ba ab, ab; trigrams: aba bab.
    assert distinct(texts, 1) == pytest.approx(2 / 6)
    assert distinct(texts, 2) == pytest.approx(2 / 4)
    assert distinct(texts, 3) == pytest.approx(2 / 2)
    assert distinct(["好好"], 1) == pytest.approx(1 / 2)
    assert distinct([], 1) == 0.0
