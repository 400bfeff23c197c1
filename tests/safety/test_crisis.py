"""The crisis check: disguises it sees through, explanations it accepts, and the fixed words."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from aigc_tui.safety import crisis
from aigc_tui.safety.crisis import CrisisKind
from aigc_tui.text import clean, guess_language


@pytest.mark.parametrize(
    "text",
    [
        "I  want\tto   die",
        "I WANT TO DIE",
        "Ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "I want to d\u200bie",
        "I don’t want to live anymore",
        "我 想 自 杀",
        "我想自殺",
        "我想自\u200b杀",
        "我不想活了！！！",
        "It was a nice day.\n\nI went home. I want to die. Then I slept.",
        "今天天气很好。我不想活了。晚上吃面。",
    ],
)
def test_width_case_spacing_script_and_neighbours_hide_nothing(text: str) -> None:
    found = crisis.check(text)
    assert found is not None
    assert found.kind is CrisisKind.SELF_HARM


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Well. ＩＴ is 1. I  want to\u200b die now", "want to\u200b die"),
        ("好吧。我 想 自 殺 了", "想 自 殺"),
        ("哈哈，ﬁne. 我不想活了", "不想活了"),
    ],
)
def test_the_place_found_is_a_place_in_the_original_text(text: str, words: str) -> None:
    found = crisis.check(text)
    assert found is not None
    assert text[found.start : found.end] == words


@pytest.mark.parametrize(
    ("danger", "explained"),
    [
        ("I want to die.", "I don't want to die."),
        ("我想自杀", "我没有想自杀"),
        ("I want to kill him.", "I want to kill him in the second round of the game."),
        ("I don't want to live anymore.", 'The song goes "I don\'t want to live anymore".'),
        ("我不想活了", "我朋友说她不想活了"),
        ("我不想活了", "小说里的主角说“我不想活了”"),
        ("My father beats me.", "My father beats me at chess."),
    ],
)
def test_an_explanation_in_the_sentence_is_what_makes_the_difference(danger: str, explained: str) -> None:
    assert crisis.check(danger) is not None
    assert crisis.check(explained) is None


@pytest.mark.parametrize(
    "text",
    [
        "I lost the game again and I want to die.",
        "My program crashed, my life crashed, I want to kill myself",
        "I was listening to a song and I want to die",
        "I read a book today. I want to die.",
        "我看完电影回家，真的不想活了",
        "I'm not joking, I want to kill myself",
        "I can't stop hurting myself",
    ],
)
def test_a_game_a_song_or_a_negation_elsewhere_explains_nothing_away(text: str) -> None:
    assert crisis.check(text) is not None


def test_both_ends_of_a_very_long_text_are_looked_at() -> None:
    filler = "The sun shone and nothing happened. " * 3000
    found = crisis.check(filler + "I want to die.")
    assert found is not None
    assert (filler + "I want to die.")[found.start : found.end] == "want to die"
    assert crisis.check("I want to die. " + filler) is not None
    assert crisis.check(filler) is None


@given(st.text() | st.text(st.sampled_from("iI want to die我想死不活了 .,，。“\"'\n\x00\u200b")))
@hypothesis_settings(deadline=None)
def test_any_text_is_answered_and_a_find_lies_inside_it(text: str) -> None:
    found = crisis.check(text)
    if found is not None:
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_fixed_words_say_what_they_must(language: str) -> None:
    words = crisis.response(language)
    for number in ("12356", "120", "110", "988", "911"):
        assert number in words
    assert guess_language(words) == language
    assert clean(words) == words
    needed = {
        "en": ("immediate danger", "numbers differ by country", "cannot call anyone", "stays open", "?"),
        "zh": ("危险", "号码各不相同", "不能替你打电话", "一直开着", "？"),
    }
    for part in needed[language]:
        assert part in words


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_fixed_words_promise_diagnose_and_describe_nothing(language: str) -> None:
    words = crisis.response(language).lower()
    for word in (
        "promise",
        "secret",
        "depress",
        "disorder",
        "overdose",
        "suicide",
        "保证",
        "保密",
        "抑郁",
        "自杀",
        "药",
    ):
        assert word not in words


def test_an_unknown_language_gets_english() -> None:
    assert crisis.response("fr") == crisis.response("en")


def test_nothing_is_read_before_the_first_check() -> None:
    code = "import sys; from aigc_tui.safety import crisis; print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
