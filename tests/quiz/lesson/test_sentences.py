from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.quiz.lesson.sentences import split_sentences


def _split(text: str, language: str = "en") -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Dr. Smith met Mrs. Jones.", "They talked."],
        ["Use a fruit, e.g. an apple, i.e. something sweet.", "Cut it."],
        ["The U.S. Congress met.", "It voted."],
        ["He lives in the U.S.", "The law is strict there."],
        ["See Fig. 3 for details.", "See also Eq. (2) below."],
        ["J. K. Rowling wrote it.", "George W. Bush read it."],
        ["It costs 3.5 euros.", "Pi is 3.14159."],
        ["The bag weighs 3.5 kg.", "The box is heavier."],
        ["It holds 3.5 kg. of leaves, and more."],
        ['"Why?" he asked.', '"Run!" John cried.', "Then he left."],
        ["Well ... perhaps not.", "He stopped...", "Then he went on."],
        ["Is it true?", "Yes!", "Good."],
        ['She said: "I came. I saw. I won."', "Nobody laughed."],
        ["The result (see Smith et al. 1999, p. 4. It is long.) was new.", "It stood."],
        ["One; two; three: four.", "Five."],
        ["Open example.org now.", "Version 2.0.1 is out."],
        ["The train left at 5 p.m. and arrived at 6 p.m.", "The trip was short."],
        ["No. 5 is alive.", "No.", "That is wrong."],
        ["Knox v. Lee was decided.", "Brig. Gen. Griffin won.", "It had 5 V.", "The rest is known."],
        ["It happened in 1990.", "In 1991 it ended."],
    ],
)
def test_english_sentences_end_where_a_reader_ends_them(sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert _split(text) == sentences


@pytest.mark.parametrize(
    "sentences",
    [
        ["浮力的单位是牛顿。", "方向竖直向上！", "对吗？"],
        ["他说：“你好。我来了。”", "天黑了。"],
        ["“真的吗？”他问。", "没有人回答。"],
        ["力的单位是牛顿（N）；质量的单位是千克。", "两者不同。"],
        ["他……走了。", "《红楼梦》是小说。"],
        ["含量为 3.5%。", "温度是 20.5 ℃。"],
        ["小明（他是学生。十岁。）来了。", "「好！」"],
        ["HTTP 协议基于 TCP。", "It is old.", "它很常用。"],
        ["原理——也叫定律——很重要。", "“记住它！”老师说。"],
        ["口号是“前进。”，目标是和平。", "“为什么？”、“怎么办？”都要问。"],
        ["浮力等于重力．", "物体悬浮．"],
    ],
)
def test_chinese_sentences_keep_their_closing_marks(sentences: list[str]) -> None:
    joined = "".join(sentences)
    assert _split(joined, "zh") == sentences


def test_a_line_break_ends_a_sentence_and_marks_alone_are_none() -> None:
    assert _split("First item\nSecond item\n\n...") == ["First item", "Second item", "..."]
    assert _split("Wait! ... !!! What?") == ["Wait!", "... !!! What?"]


_PARTS = [*"aB1 .!?…。！？“”\"'（）()\n；,，—中文", "e.g.", "Dr.", "U.S.", "said", "The "]
_TEXTS = st.lists(st.sampled_from(_PARTS), max_size=120).map("".join)


@given(_TEXTS, st.sampled_from(["en", "zh"]))
def test_nothing_of_a_text_is_lost_and_nothing_overlaps(text: str, language: str) -> None:
    at = 0
    for start, end in split_sentences(text, language):
        assert at <= start < end
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        at = end
    assert not text[at:].strip()


@pytest.mark.parametrize("piece", [". ", "(“", "。”", "a.", '"a.', "U.S. ", "... ", "（。", "A. ", "?” he "])
def test_hostile_repetition_is_split_in_linear_steps(piece: str) -> None:
    # Quadratic work on this many marks would take minutes, and the suite's own time limit would end it.
    text = piece * 60_000
    spans = split_sentences(text, "en")
    assert sum(len(text[start:end].replace(" ", "")) for start, end in spans) == len(text.replace(" ", ""))
