"""Moodle XML: its structure by a schema of our own, files of other people, and hostile ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from aigc_tui.quiz.formats.moodle_xml import read_moodle_xml, write_moodle_xml
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.records import Bloom, Item, ItemType, Quiz, QuizError
from tests.support.any_quiz import one_of_each, quiz_of, quizzes, reads_or_complains

_SCHEMA = Path(__file__).parents[2] / "support" / "schemas" / "moodle_quiz.rng"


@pytest.fixture(scope="module")
def schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(str(_SCHEMA)))


def test_one_of_each_type_has_the_structure_and_nothing_is_left_out(schema: etree.RelaxNG) -> None:
    written = write_moodle_xml(one_of_each(), Options())
    schema.assertValid(etree.fromstring(written.data))
    assert (written.left_out, written.lost) == ((), ("source",))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(quizzes())
def test_any_quiz_has_the_structure(schema: etree.RelaxNG, quiz: Quiz) -> None:
    schema.assertValid(etree.fromstring(write_moodle_xml(quiz, Options()).data))


def test_explanation_feedback_tags_and_key_are_where_moodle_looks_for_them() -> None:
    root = etree.fromstring(write_moodle_xml(one_of_each(), Options()).data)
    choice = root.findall("question")[1]
    assert choice.findtext("generalfeedback/text") == one_of_each().items[0].explanation
    assert [tag.text for tag in choice.iterfind("tags/tag/text")] == ["bloom:understand", "section:光反应"]
    right = [
        answer.findtext("text") for answer in choice.iterfind("answer") if answer.get("fraction") == "100"
    ]
    assert right == ["Oxygen"]
    assert choice.findtext("idnumber") == "id-mc"


def test_a_character_that_xml_cannot_hold_leaves_its_item_out_by_name() -> None:
    written = write_moodle_xml(quiz_of(Item("x", ItemType.TF, "What\ufffe?", True)), Options())
    assert [(each.id, str(each.reason)) for each in written.left_out] == [
        ("x", "XML cannot hold the character U+FFFE in it")
    ]


def test_white_space_between_signs_survives_phps_parser() -> None:
    """It drops white space between two entities; measured with the reader of Moodle 3.8."""
    data = write_moodle_xml(quiz_of(Item("s", ItemType.SHORT, "What?", "a > & b")), Options()).data
    assert b"<![CDATA[a > & b]]>" in data
    written = write_moodle_xml(quiz_of(Item("s", ItemType.SHORT, "What?", "]]> & b")), Options())
    assert [each.id for each in written.left_out] == ["s"]


COURSE = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
<!-- question: 0 -->
<question type="category"><category><text>$course$/top/Default for Biology/Cells</text></category></question>
<question type="multichoice"><name><text>Q</text></name>
 <questiontext format="html">
  <text><![CDATA[<p>Which is <b>green</b>?&nbsp;</p><ul><li>look</li></ul>]]></text></questiontext>
 <generalfeedback format="html"><text>&lt;p&gt;x &amp;lt; y&lt;/p&gt;</text></generalfeedback>
 <single>true</single>
 <answer fraction="100"><text>Leaf</text><feedback format="html"><text>Yes</text></feedback></answer>
 <answer fraction="-33.33333" format="html"><text>Bone</text></answer>
 <answer fraction="50" format="html"><text>Moss</text></answer>
 <tags><tag><text>bloom:apply</text></tag><tag><text>plants</text></tag></tags></question>
<question type="multichoice"><name><text>Two</text></name>
 <questiontext format="html"><text>Which two?</text></questiontext><single>false</single>
 <answer fraction="50"><text>a</text></answer><answer fraction="50"><text>b</text></answer></question>
<question type="shortanswer"><name><text>S</text></name>
 <questiontext format="plain_text"><text>a &lt;b&gt; c?</text></questiontext>
 <answer fraction="100"><text>cell</text></answer><answer fraction="80"><text>cells</text></answer>
 <answer fraction="0"><text>*</text></answer></question>
<question type="numerical"><name><text>N</text></name>
 <questiontext format="html"><text>Year?</text></questiontext>
 <answer fraction="100"><text>1704</text><tolerance>0</tolerance></answer></question>
<question type="numerical"><name><text>N2</text></name>
 <questiontext format="html"><text>Pi?</text></questiontext>
 <answer fraction="100"><text>3.14</text><tolerance>0.01</tolerance></answer></question>
<question type="essay"><name><text>E</text></name><questiontext><text>Tell</text></questiontext></question>
<question type="truefalse"><name><text>P</text></name>
 <questiontext format="html"><text><![CDATA[<img src="@@PLUGINFILE@@/a.png"/>?]]></text></questiontext>
 <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>
<question type="truefalse"><name><text>F</text></name>
 <questiontext format="html"><text>Sound?</text><file name="a.mp3">AA==</file></questiontext>
 <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>
<question type="description"><questiontext><text>Read.</text></questiontext></question>
</quiz>"""


def test_a_courses_export_is_read_with_what_cannot_be_kept_named() -> None:
    read = read_moodle_xml(COURSE.encode())
    first, short, year = read.items
    assert (first.stem, first.explanation, first.key) == ("Which is green?\nlook", "x < y", "Leaf")
    assert (first.bloom, first.tags, first.feedback) == (Bloom.APPLY, ("plants",), ("Yes", "", ""))
    assert (short.stem, short.answer, short.accepted) == ("a <b> c?", "cell", ())
    assert (year.type, year.answer) == (ItemType.SHORT, "1704")
    assert read.title == "Cells"
    assert [str(problem.where) for problem in read.problems] == [
        *("question 2 Q", "question 3 Two", "question 4 S", "question 4 S"),
        *("question 6 N2", "question 7 E", "question 8 P", "question 9 F"),
    ]


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE q [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>',
        b'<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz><question type="&x;"/></quiz>',
        '<!DOCTYPE q [<!ENTITY a "ha">]><quiz>&a;</quiz>'.encode("utf-16"),
        b"<quiz>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</quiz>",
        b"<quiz><question type='truefalse'>",
        b"<html/>",
        b"",
        b"\x00\x01\x02",
    ],
)
def test_a_hostile_file_is_one_clear_line(hostile: bytes) -> None:
    assert reads_or_complains(read_moodle_xml, hostile) is None


def test_control_characters_are_made_visible() -> None:
    data = b"<quiz><question type='truefalse'>"
    data += b"<questiontext><text>\xc2\x9b31m a\xe2\x80\xae b</text></questiontext>"
    data += b"<answer fraction='100'><text>true</text></answer></question></quiz>"
    assert read_moodle_xml(data).items[0].stem == "\ufffd31m a\ufffd b"


@settings(max_examples=150)
@given(st.text(alphabet="<>/quizesonanswertext=\"'100 &;![CDATA", max_size=150))
def test_any_text_gives_items_and_problems_or_one_clear_line(text: str) -> None:
    reads_or_complains(
        read_moodle_xml, f"<quiz><question type='multichoice'>{text}</question></quiz>".encode()
    )
    reads_or_complains(read_moodle_xml, text.encode())


def test_a_root_of_another_kind_is_named() -> None:
    with pytest.raises(QuizError, match="<rss>"):
        read_moodle_xml(b"<rss/>")
