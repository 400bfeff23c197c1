"""Whatever a model writes: it is judged, never believed, and nothing it writes can break the judging."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.llm_items.asking import read_object, text_of, texts_of
from aigc_tui.quiz.llm_items.stems import Ground, refuse_stem, refuse_why

GROUNDS = {
    "en": Ground(
        "en",
        "In 1687 Isaac Newton explained the tides in his book on gravity.",
        "Tides In 1687 Isaac Newton explained the tides in his book on gravity. The Sun adds half as much.",
        "Isaac Newton",
        TermKind.PERSON,
        ("Who wrote the Principia?",),
    ),
    "zh": Ground(
        "zh", "牛顿在1687年解释了潮汐的成因。", "潮汐 牛顿在1687年解释了潮汐的成因。", "牛顿", TermKind.PERSON
    ),
}
GOOD = {"en": "Who explained the tides in his book on gravity?", "zh": "谁在1687年解释了潮汐的成因？"}


@pytest.mark.parametrize("language", GROUNDS)
@given(text=st.text(st.characters(codec=None), max_size=200))
def test_no_text_breaks_the_judges(language: str, text: str) -> None:
    ground = GROUNDS[language]
    assert isinstance(refuse_stem(text, ground), str)
    assert isinstance(refuse_why(text, ground), str)


@pytest.mark.parametrize("language", GROUNDS)
@given(data=st.data())
def test_a_good_stem_with_foreign_words_in_it_is_refused_or_says_the_same(
    language: str, data: st.DataObject
) -> None:
    """Nothing with a number or a control mark that the passage lacks passes."""
    good = GOOD[language]
    assert refuse_stem(good, GROUNDS[language]) == ""
    place = data.draw(st.integers(1, len(good) - 2))
    number = data.draw(st.integers(1700, 9999))
    changed = f"{good[:place]} {number} {good[place:]}"
    assert refuse_stem(changed, GROUNDS[language]) != ""


@pytest.mark.parametrize("language", GROUNDS)
def test_the_answer_s_own_question_in_the_other_language_is_refused(language: str) -> None:
    other = GOOD["zh" if language == "en" else "en"]
    assert refuse_stem(other, GROUNDS[language]) == "wrong_language"


@given(st.text(max_size=300) | st.binary(max_size=100).map(lambda data: data.decode("latin-1")))
def test_any_reply_is_an_object_or_nothing(text: str) -> None:
    found = read_object(text)
    assert found is None or isinstance(found, dict)


@given(
    st.dictionaries(
        st.text(max_size=3), st.none() | st.text() | st.floats() | st.lists(st.text()), max_size=5
    )
)
def test_fields_are_clean_lines_whatever_they_hold(value: dict[str, object]) -> None:
    body = {**value, "stem": value.get("stem", ["x\x1b[2J"]), "wrong": list(value.values())}
    assert "\x1b" not in text_of(body, "stem")
    wrong = texts_of(body, "wrong", 4)
    assert len(wrong) <= 4
    assert all(text.strip() == text and "\n" not in text for text in wrong)


def test_a_fence_around_the_object_is_forgiven_and_words_around_it_are_not() -> None:
    assert read_object('```json\n{"stem": "x"}\n```') == {"stem": "x"}
    assert read_object('Here it is: {"stem": "x"}') is None
    assert read_object("[" * 8000) is None
    assert read_object(json.dumps({"stem": "x" * 9000})) is None


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("Isaac Newton explained the tides in his book.", ""),
        ("Isaac Newton explained the tides in 1999.", "invented"),
        ("Isaac Newton explained the tides", "not_a_reason"),
        ("The tides were explained in his book.", "not_a_reason"),
        ("Isaac Newton was a purple dragon from a distant galaxy.", "invented"),
        ("因为牛顿解释了潮汐。", "wrong_language"),
    ],
)
def test_an_explanation_says_what_the_passage_says(why: str, reason: str) -> None:
    assert refuse_why(why, GROUNDS["en"]) == reason
