"""Word and HTML worksheets, read back by the programs' own means."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import docx
import pytest
from lxml import html as lxml_html

from aigc_tui.documents.write.docx import render as render_docx
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.formats.worksheet import write_docx, write_html
from aigc_tui.quiz.teaching.plan import make_plan
from aigc_tui.quiz.teaching.plan_document import plan_document
from tests.support.quizzes import tiny_lesson, tiny_quiz


def opened(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_words_headings_options_and_key_are_read_back(language: str) -> None:
    quiz = tiny_quiz(language)
    document = opened(write_docx(quiz, Options(language)).data)
    texts = [paragraph.text for paragraph in document.paragraphs]
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 3"]
    assert headings[: len(quiz.items)] == [f"{n}. {item.stem}" for n, item in enumerate(quiz.items, 1)]
    assert [f"{mark}. {text}" for mark, text in zip("ABC", quiz.items[0].options, strict=True)] == texts[3:6]
    assert any(quiz.items[0].source.quote in text for text in texts if quiz.items[0].source)
    assert document.core_properties.title == quiz.title


def test_the_key_of_a_word_sheet_begins_on_a_new_page_or_is_left_out() -> None:
    quiz = tiny_quiz()
    with_key = opened(write_docx(quiz, Options("en", "end")).data)
    assert with_key.element.xml.count('w:br w:type="page"') == 1
    without = opened(write_docx(quiz, Options("en", "none")).data)
    assert not any("B. Reflection" in p.text and "Answer" in p.text for p in without.paragraphs)


def test_the_same_sheet_is_the_same_words_in_html_and_nothing_is_loaded_or_run() -> None:
    hostile = replace(tiny_quiz(), title="<script>alert(1)</script>")
    text = write_html(hostile, Options("en")).data.decode()
    page = lxml_html.fromstring(text)
    assert page.xpath("//script | //*[@src] | //link") == []
    assert page.xpath("string(//h1)") == hostile.title
    stems = [heading.text_content() for heading in page.xpath("//h3")][: len(hostile.items)]
    assert stems == [f"{n}. {item.stem}" for n, item in enumerate(hostile.items, 1)]


def test_code_points_that_xml_has_no_room_for_do_not_break_a_word_file() -> None:
    quiz = replace(tiny_quiz(), title="a\uffff\x0bb")
    assert opened(write_docx(quiz, Options("en")).data).core_properties.title == "a��b"


def test_a_plans_steps_are_a_table_in_word() -> None:
    quiz = tiny_quiz("zh")
    plan = make_plan(tiny_lesson("zh"), quiz)
    table = opened(render_docx(plan_document(plan, quiz))).tables[0]
    assert [cell.text for cell in table.rows[0].cells] == ["环节", "时间（分钟）", "教师活动", "学生活动"]
    assert [int(row.cells[1].text) for row in table.rows[1:]] == [step.minutes for step in plan.steps]
