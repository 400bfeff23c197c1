from __future__ import annotations

import pytest

from aigc_tui.documents.read.plain import heading_level, is_short_line
from aigc_tui.quiz.lesson.reading import lesson_from_text
from tests.support.lessons import as_plain, sample


@pytest.mark.parametrize("columns", [60, 76, 10_000])
@pytest.mark.parametrize("name", ["en-printing", "en-newtons-laws", "zh-oxygen", "zh-buoyancy"])
def test_a_lesson_without_its_marks_is_read_by_its_looks(name: str, columns: int) -> None:
    source = lesson_from_text(sample(name).read_text("utf-8"))
    lesson = lesson_from_text(as_plain(source, columns), markdown=False)
    rows, expected = ([(each.kind, one.quote(each)) for each in one.sentences] for one in (lesson, source))
    assert rows == expected


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("第三章 浮力", 1),
        ("第二节　压强", 2),
        ("一、什么是力", 2),
        ("（二）力的三要素", 3),
        ("1.2 Plate boundaries", 2),
        ("2.3.1 自注意力机制", 3),
        ("Chapter 4", 1),
        ("THE SECOND LAW", 2),
        ("第三章的内容很难。", 0),
        ("石块受到 1 N 的浮力", 0),
        ("3.5 kg", 0),
        ("He walked home", 0),
        ("1990", 0),
    ],
)
def test_headings_are_known_by_their_numbers_and_capitals(line: str, level: int) -> None:
    assert heading_level(line) == level


def test_a_short_line_is_a_heading_only_without_an_end_mark() -> None:
    assert is_short_line("The end of the war")
    assert is_short_line("战争的结束")
    assert not is_short_line("The war ended.")
    assert not is_short_line("战争结束。他回家")
    assert not is_short_line("and so on")
