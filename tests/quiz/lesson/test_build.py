from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.quiz.lesson.codec import lesson_from_json, lesson_to_json
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import Lesson, LessonError, SentenceKind
from aigc_tui.text import clean
from tests.support.lessons import LESSONS


def hold(lesson: Lesson) -> None:
    """The promises of `Lesson`, looked at from outside."""
    assert hashlib.sha256(lesson.text.encode()).hexdigest() == lesson.sha256
    assert clean(lesson.text) == lesson.text
    assert lesson.sections[0].start == 0
    assert lesson.sections[-1].end == len(lesson.text)
    assert all(a.end == b.start for a, b in zip(lesson.sections, lesson.sections[1:], strict=False))
    at = 0
    for sentence in lesson.sentences:
        assert at <= sentence.start < sentence.end
        assert not lesson.text[at : sentence.start].strip()
        section = lesson.sections[sentence.section]
        assert section.start <= sentence.start < sentence.end <= section.end
        at = sentence.end
    assert not lesson.text[at:].strip()
    assert all(0 <= e.start < e.end <= len(lesson.text) for e in lesson.emphases)
    assert all(0 <= a.at <= len(lesson.text) and a.section < len(lesson.sections) for a in lesson.asides)


_LINES = st.sampled_from(
    [
        *(
            "#",
            "-",
            "*",
            ">",
            "|",
            "`",
            "$",
            "\\",
            "",
            "# H",
            "## 二",
            "1. a",
            "2. b",
            "- c",
            "  - d",
            "| a | b |",
        ),
        *(
            "|---|---|",
            "```",
            "$$",
            "**B** i.",
            "A sentence. And one.",
            "一句话。两句话！",
            "> q",
            "    code",
        ),
        *("---", "===", "[^1]: n", "e\u0301 \u200b\u0007", "《书》", "<table><tr><td>x", "Fig. 1. A."),
    ]
)


@given(st.lists(_LINES, max_size=25))
def test_whatever_the_markdown_the_lesson_keeps_its_promises(lines: list[str]) -> None:
    try:
        lesson = lesson_from_text("\n".join(lines))
    except LessonError:
        return
    hold(lesson)
    assert lesson_from_json(lesson_to_json(lesson)) == lesson


@given(st.lists(_LINES, max_size=25))
def test_whatever_the_plain_text_the_lesson_keeps_its_promises(lines: list[str]) -> None:
    try:
        lesson = lesson_from_text("\n".join(lines), markdown=False)
    except LessonError:
        return
    hold(lesson)


def test_a_kept_lesson_that_was_tampered_with_is_refused() -> None:
    value = lesson_to_json(lesson_from_text("# A\n\nOne two. Three."))
    rows = [[5, 3, 0, 0, "prose", 0]]
    breaks: dict[str, object] = {"text": "other", "sentences": rows, "sections": [], "pages": None}
    for key, broken in breaks.items():
        with pytest.raises(LessonError, match="stored lesson"):
            lesson_from_json({**value, key: broken})


def test_the_sample_lessons_are_ten_in_each_language_and_sound() -> None:
    paths = sorted(LESSONS.glob("??-*.md"))
    lessons = [lesson_from_text(path.read_text("utf-8")) for path in paths]
    assert [each.language for each in lessons] == ["en"] * 10 + ["zh"] * 10
    for lesson in lessons:
        hold(lesson)
        assert len(lesson.sections) >= 5
        assert any(each.number for each in lesson.sentences) or "Fox" in lesson.title
        assert sum(each.kind is SentenceKind.PROSE for each in lesson.sentences) >= 25
        assert len(lesson.emphases) >= 2


def test_sentences_of_a_different_lesson_do_not_fit() -> None:
    lesson = lesson_from_text("One. Two.")
    other = replace(lesson, sentences=(replace(lesson.sentences[0], end=999),))
    with pytest.raises(LessonError, match="longer than its text"):
        lesson_from_json(lesson_to_json(other))
