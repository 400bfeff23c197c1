from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aigc_tui.text import clean
from aigc_tui.tui.markdown.wrap import MINIMUM, fold_starts, row_starts

mixed = st.text(st.sampled_from("ab .,中文，。「」！（）\u0301👩\u200d🔬\ufe0f-"), max_size=200)


def rows(text: str, starts: list[int]) -> list[str]:
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def test_a_line_that_fits_is_one_row() -> None:
    assert row_starts("hello world", 11, 11) == [0]


def test_words_stay_whole() -> None:
    assert rows("one two three", row_starts("one two three", 8, 8)) == ["one two ", "three"]


def test_a_chinese_sentence_fills_the_row_after_an_english_word() -> None:
    text = "Python 是一种解释型语言"
    assert rows(text, row_starts(text, 12, 12)) == ["Python 是一", "种解释型语言"]


def test_no_row_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    assert rows("春眠不觉晓，", row_starts("春眠不觉晓，", 10, 10)) == ["春眠不觉", "晓，"]
    assert rows("他说道：「好」", row_starts("他说道：「好」", 10, 10)) == ["他说道：", "「好」"]


def test_a_word_longer_than_a_row_is_folded_and_the_rest_hangs() -> None:
    assert row_starts("a" * 25, 10, 8) == [0, 10, 18]


def test_code_is_cut_wherever_the_row_is_full() -> None:
    assert fold_starts("if x: return 中文", 10, 8) == [0, 10]
    assert rows("ab中文", fold_starts("ab中文", 5, 5)) == ["ab中", "文"]


@given(mixed | st.text(max_size=100).map(clean), st.integers(1, 30), st.integers(1, 30))
def test_every_row_fits_and_nothing_is_lost(text: str, first: int, rest: int) -> None:
    text = text.replace("\n", " ")
    for starts in (row_starts(text, first, rest), fold_starts(text, first, rest)):
        pieces = rows(text, starts)
        assert "".join(pieces) == text
        rooms = [max(first, MINIMUM)] + [max(rest, MINIMUM)] * len(pieces)
        for piece, room in zip(pieces, rooms, strict=False):
            assert cell_len(piece.rstrip()) <= room


def test_a_row_does_not_end_with_an_opening_bracket_before_a_latin_word() -> None:
    text = "随时可以更换（ctrl+o）。"
    assert rows(text, row_starts(text, 14, 14)) == ["随时可以更换", "（ctrl+o）。"]
