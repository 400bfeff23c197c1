"""Names in Chinese sentences are whole or none."""

from __future__ import annotations

import pytest

from aigc_tui.quiz.analysis.chinese_words import segmenter
from aigc_tui.quiz.analysis.edges_chinese import is_whole
from aigc_tui.quiz.analysis.records import TermKind


@pytest.mark.parametrize(
    ("text", "name", "kind", "whole"),
    [
        ("弗朗西斯进入巴哈马，直接经过海岛。", "巴哈马", TermKind.PLACE, True),
        ("风暴在大巴哈马上空减弱。", "巴哈马", TermKind.PLACE, False),
        ("叶绿体是进行光合作用的场所。", "叶绿体", TermKind.TERM, True),
        ("全程由克努特六世统治。", "克努特", TermKind.PERSON, False),
        ("化学家拉瓦锡发现了氧气。", "氧气", TermKind.TERM, True),
    ],
)
def test_a_name_ends_where_its_words_end(text: str, name: str, kind: TermKind, whole: bool) -> None:
    start = text.index(name)
    assert is_whole(segmenter().words(text), start, start + len(name), kind) is whole
