"""GIFT as Moodle reads it, and GIFT as teachers write it."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigc_tui.quiz.formats.gift import read_gift, write_gift
from aigc_tui.quiz.formats.records import Options, Read
from aigc_tui.quiz.records import Bloom, Item, ItemType, Origin, Quiz
from aigc_tui.text import one_line
from tests.support import moodle_readers as moodle
from tests.support.any_quiz import one_of_each, quiz_of, quizzes, reads_or_complains

_KINDS = {
    ItemType.MC: "multichoice",
    ItemType.TF: "truefalse",
    ItemType.SHORT: "shortanswer",
    ItemType.CLOZE: "shortanswer",
    ItemType.MATCH: "match",
}


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(quizzes())
def test_moodle_reads_every_question_as_its_own_type_with_its_own_texts(quiz: Quiz) -> None:
    written = write_gift(quiz, Options())
    left = {each.id for each in written.left_out}
    kept = [item for item in quiz.items if item.id not in left]
    questions = moodle.read_gift(written.data.decode())
    if quiz.title:
        category = questions.pop(0)
        assert category.stem == f"$course$/top/{one_line(quiz.title).replace('/', '//')}"
    for item, question in zip(kept, questions, strict=True):
        assert question.kind == _KINDS[item.type]
        assert moodle.shown(question.stem).replace("_____", "____") == item.stem
        assert question.form == "html"
        assert moodle.shown(question.general) == item.explanation
        _same_answers(item, question)


def _same_answers(item: Item, question: moodle.Question) -> None:
    texts = [text for text, _, _ in question.answers]
    if item.type is ItemType.MC:
        assert [moodle.shown(text) for text in texts] == list(item.options)
        assert [fraction for _, fraction, _ in question.answers].index(1.0) == item.answer
        assert [moodle.shown(said) for _, _, said in question.answers] == list(
            item.feedback or [""] * len(texts)
        )
    elif item.type is ItemType.MATCH and isinstance(item.answer, tuple):
        pairs = [(moodle.shown(left), right) for left, right in question.pairs if left]
        assert pairs == list(item.answer)
    elif item.type is ItemType.TF:
        assert texts == ["true" if item.answer else "false"]
    else:
        # A star behind a backslash is a star; one alone would match anything.
        accepted = dict.fromkeys([item.answer, *item.accepted])
        assert [text.replace("\\*", "*") for text in texts] == list(accepted)


@pytest.mark.parametrize(
    ("answer", "held"),
    [
        ("x->y", False),
        ("x → y", True),
        ("%50% of it", True),
        ("[html]", True),
        ("&&058;", False),
        ("a*b", True),
    ],
)
def test_a_short_answer_that_moodle_would_misread_is_left_out_by_name(answer: str, held: bool) -> None:
    written = write_gift(quiz_of(Item("s", ItemType.SHORT, "What?", answer)), Options())
    assert bool(written.left_out) is not held
    if not held:
        assert written.left_out[0].id == "s"
        assert re.search("Moodle|GIFT", str(written.left_out[0].reason))


def test_ordering_is_left_out_and_the_source_is_named_as_lost() -> None:
    written = write_gift(one_of_each(), Options())
    assert [(each.id, str(each.reason)) for each in written.left_out] == [
        ("id-order", "GIFT has no ordering questions")
    ]
    assert written.lost == ("source",)


_MARKS = st.text(alphabet="{}=~#%->\\:[]/\n TFx$1", max_size=120)
TEACHERS = """// A bank of questions
$CATEGORY: $course$/Biology/Unit 1

// [id:q1] [tag:cells] [tag:bloom:apply]
::Q1:: Which organelle makes sugar? {
  =Chloroplast # Yes\\: it holds chlorophyll.
  ~Nucleus
  ~%-50%Ribosome#No.
  ####It is green.
}

Plants need light.{T}

The {=mitochondrion =mitochondria} is the power house.

[html]<p>Water is H<sub>2</sub>O, <b>right</b>?</p>{TRUE#no#yes}

When was Opticks printed?{#1704:0}

How long is a metre?{#1..2}

Tell me about cells.{}

Which are gases?{~%50%Oxygen ~%50%Nitrogen ~%-100%Iron}

Match.{=Canada -> Ottawa =Italy -> Rome = -> Bern}

[html]<img src="x.png">What is this?{=a leaf}

Who wrote it?{=%100%Newton =%50%Hooke =*}

Just a text without a question.

$CATEGORY: $course$/Biology/Unit 2
Is 2 \\= 2?{TRUE}
"""


def test_a_teachers_file_is_read_with_what_cannot_be_kept_named_by_line() -> None:
    read = read_gift(TEACHERS.encode())
    by_stem = {item.stem: item for item in read.items}
    first = by_stem["Which organelle makes sugar?"]
    assert (first.id, first.tags, first.bloom, first.origin) == ("q1", ("cells",), Bloom.APPLY, Origin.HUMAN)
    assert (first.key, first.explanation) == ("Chloroplast", "It is green.")
    assert first.feedback == ("Yes: it holds chlorophyll.", "", "No.")
    assert by_stem["The ____ is the power house."].accepted == ("mitochondria",)
    assert by_stem["Water is H₂O, right?"].answer is True
    assert by_stem["When was Opticks printed?"].answer == "1704"
    assert sorted(by_stem["Match."].options) == ["Bern", "Ottawa", "Rome"]
    assert by_stem["Who wrote it?"].key == "Newton"
    assert by_stem["Is 2 = 2?"].tags == ("Unit 2",)
    assert read.title == "Unit 1"
    assert _reasons(read) == {
        20: "a numerical question with a range or a tolerance",
        22: "an essay question: nothing here can mark it",
        24: "not exactly one of its options is right",
        28: "it needs a picture, which a text cannot hold",
        30: "an answer with a wildcard (*) is not kept",
        32: "a description: it asks nothing",
    }


def _reasons(read: Read) -> dict[int, str]:
    """The last reason of each line."""
    return {int(str(problem.where).removeprefix("line ")): str(problem.reason) for problem in read.problems}


@settings(max_examples=300)
@given(
    st.one_of(
        st.binary(max_size=300), st.text(alphabet="{}=~#%->\\:[]/\n TFx$1", max_size=120).map(str.encode)
    )
)
def test_any_bytes_give_items_and_problems_or_one_clear_line(data: bytes) -> None:
    reads_or_complains(read_gift, data)


def test_a_huge_block_costs_one_problem() -> None:
    read = read_gift(b"x{" + b"~a" * 400_000 + b"}\n\nSky?{T}\n")
    assert [item.stem for item in read.items] == ["Sky?"]
    assert len(read.problems) == 1
