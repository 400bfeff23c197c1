"""Radicals that stand for letters in a PDF become those letters, and nothing else changes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.documents.read.pdf import without_radicals
from aigc_tui.quiz.lesson.reading import read_lesson
from tests.support.lessons import Text, pdf


def test_radicals_of_both_blocks_become_the_letters_that_people_type() -> None:
    assert (
        without_radicals("⻩河是中国第⼆⻓河，⻘海、陕⻄、⻰⽺峡，⻜机")
        == "黄河是中国第二长河，青海、陕西、龙羊峡，飞机"
    )


@given(st.text())
def test_lengths_stay_and_a_second_time_changes_nothing(text: str) -> None:
    once = without_radicals(text)
    assert len(once) == len(text)
    assert without_radicals(once) == once


def test_a_pdf_that_names_its_glyphs_by_radicals_reads_as_it_looks(tmp_path: Path) -> None:
    file = tmp_path / "river.pdf"
    lines = [Text("⻩河是中国第⼆⻓河，全⻓约 5464 千⽶。", 700), Text("⻩河被称为 “⺟亲河” 。", 680)]
    file.write_bytes(pdf([lines]))
    lesson = read_lesson(file)
    assert "黄河是中国第二长河，全长约 5464 千米。" in lesson.text
    assert "母亲河" in lesson.text
