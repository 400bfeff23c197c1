"""The analysis as a whole, on lessons in both languages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.analysis.records import Analysis, TermKind
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import LessonError
from tests.quiz.analysis.lessons import ENGLISH, chinese, english, kinds, reasons


@pytest.fixture(scope="module")
def blood() -> Analysis:
    return english()


@pytest.fixture(scope="module")
def xueye() -> Analysis:
    return chinese()


def _is_sound(analysis: Analysis) -> None:
    lesson = analysis.lesson
    assert len(analysis.worth) == len(lesson.sentences)
    starts = [mention.start for mention in analysis.mentions]
    assert starts == sorted(starts)
    last = 0
    for mention in analysis.mentions:
        sentence = lesson.sentences[mention.sentence]
        assert lesson.text[mention.start : mention.end] == mention.text != ""
        assert sentence.start <= mention.start < mention.end <= sentence.end
        assert mention.start >= last
        assert 0.0 <= mention.weight <= 1.0
        last = mention.end
    for definition in analysis.definitions:
        assert lesson.text[definition.start : definition.end] == definition.text
        assert definition.term.text.lower() not in definition.text.lower()
    for sequence in analysis.sequences:
        for step, start in zip(sequence.steps, sequence.starts, strict=True):
            assert lesson.text[start : start + len(step)] == step
            assert sequence.start <= start < sequence.end


def test_everything_found_is_a_stretch_of_the_lesson(blood: Analysis, xueye: Analysis) -> None:
    _is_sound(blood)
    _is_sound(xueye)


def test_kinds_of_an_english_lesson(blood: Analysis) -> None:
    found = kinds(blood)
    assert found["Plasma"] is TermKind.TERM
    assert found["5 litres"] is TermKind.QUANTITY
    assert found["37 °C"] is TermKind.QUANTITY
    assert found["1628"] is TermKind.DATE
    assert found["William Harvey"] is TermKind.PERSON
    assert found["Harvey"] is TermKind.PERSON
    assert found["Vienna"] is TermKind.PLACE
    assert found["red blood cells"] is TermKind.TERM


def test_kinds_of_a_chinese_lesson(xueye: Analysis) -> None:
    found = kinds(xueye)
    assert found["血浆"] is TermKind.TERM
    assert found["5 升"] is TermKind.QUANTITY
    assert found["37 摄氏度"] is TermKind.QUANTITY
    assert found["1628 年"] is TermKind.DATE
    assert found["《心血运动论》"] is TermKind.WORK
    assert found["哈维"] is TermKind.PERSON
    assert found["毛细血管"] is TermKind.TERM


def test_definitions_stand_without_their_term(blood: Analysis, xueye: Analysis) -> None:
    assert [(each.term.text, each.text) for each in blood.definitions] == [
        ("Plasma", "the pale liquid in which the blood cells float"),
        ("capillaries", "The thin tubes that join arteries and veins"),
    ]
    assert [(each.term.text, each.text) for each in xueye.definitions] == [
        ("血浆", "血液中淡黄色的液体部分"),
        ("毛细血管", "连接动脉和静脉的细小血管"),
    ]


def test_a_marked_term_weighs_more_than_a_word_in_passing(blood: Analysis) -> None:
    weights = {mention.text: mention.weight for mention in blood.mentions}
    assert weights["Plasma"] > weights["oxygen"]


def test_a_sentence_that_hangs_on_another_is_not_usable(blood: Analysis, xueye: Analysis) -> None:
    assert reasons(blood)["It also carries sugar and salts to all of the cells."] == "pronoun-led"
    assert reasons(xueye)["它还运输糖类、维生素和无机盐。"] == "pronoun-led"


def test_aliases_are_told(blood: Analysis, xueye: Analysis) -> None:
    assert ("Magnetic resonance imaging", "MRI") in {(each.first, each.second) for each in blood.aliases}
    assert ("磁共振成像", "MRI") in {(each.first, each.second) for each in xueye.aliases}


def test_numbered_steps_and_dated_events_are_sequences(blood: Analysis, xueye: Analysis) -> None:
    steps, events = blood.sequences
    assert steps.steps[0] == "The vessel contracts"
    assert not steps.dated
    assert events.dated
    assert [step.split()[0] for step in events.steps] == ["a", "blood", "citrate"]
    assert not any("19" in step or "16" in step for step in events.steps)
    assert xueye.sequences[0].steps == ("清洗伤口", "用纱布按压伤口", "缠上绷带")


def test_progress_ends_with_all_sentences() -> None:
    told: list[tuple[int, int]] = []
    lesson = lesson_from_text(ENGLISH, "", "en")
    analyse(lesson, lambda done, total: told.append((done, total)))
    assert told[0][0] == 0
    assert told[-1] == (len(lesson.sentences), len(lesson.sentences))


@pytest.mark.parametrize(
    "text", ["One.", "12 34 56 78 90\n\n1, 2, 3", "。。。", "# 标题\n\n# Title", "𠮷野家 ½ ①"]
)
def test_lessons_with_nothing_to_ask_give_little_and_never_fail(text: str) -> None:
    for language in ("en", "zh"):
        _is_sound(analyse(lesson_from_text(text, "", language)))


@settings(max_examples=40, deadline=None)
@given(st.text("a.B 1，。0年是指《》()（）·/-“”—第X%\n*#", max_size=120), st.sampled_from(["en", "zh"]))
def test_any_text_gives_sound_offsets(text: str, language: str) -> None:
    try:
        lesson = lesson_from_text(text, "", language)
    except LessonError:
        return
    _is_sound(analyse(lesson))


def test_the_hash_seed_changes_nothing(tmp_path: Path) -> None:
    code = (
        "from tests.quiz.analysis.lessons import *\n"
        "for a in (english(), chinese()): print(a.mentions, a.definitions, a.aliases, a.sequences, a.worth)"
    )
    outputs = set()
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
        assert done.stderr == ""
    assert len(outputs) == 1
    assert list(tmp_path.iterdir()) == [], "jieba must not leave its cache in a shared folder"
