from __future__ import annotations

import pytest

from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import AsideKind, Lesson, LessonError, SentenceKind


def _words(lesson: Lesson, kind: SentenceKind) -> list[str]:
    return [lesson.quote(each) for each in lesson.sentences if each.kind is kind]


def test_headings_of_both_styles_make_nested_sections() -> None:
    lesson = lesson_from_text(
        "Intro.\n\nTitle\n=====\n\nA b.\n\nSub\n---\n\n### Deep ###\n\nC d.\n\n## Next\n\nE f."
    )
    assert [(each.title, each.level) for each in lesson.sections] == [
        ("", 0),
        ("Title", 1),
        ("Sub", 2),
        ("Deep", 3),
        ("Next", 2),
    ]
    assert lesson.sections[3].path == ("Title", "Sub", "Deep")
    assert lesson.sections[4].path == ("Title", "Next")


def test_numbered_items_keep_their_numbers_and_nested_ones_their_own_list() -> None:
    lesson = lesson_from_text(
        "1. Heat the oven.\n2. Mix:\n   - flour\n   - water\n3. Bake\n   it well.\n\nDone."
    )
    items = [each for each in lesson.sentences if each.kind is SentenceKind.LIST]
    assert [(lesson.quote(each), each.number) for each in items] == [
        ("Heat the oven.", 1),
        ("Mix:", 2),
        ("flour", 0),
        ("water", 0),
        ("Bake it well.", 3),
    ]
    outer = {each.paragraph for each in items if each.number}
    inner = {each.paragraph for each in items if not each.number}
    assert len(outer) == len(inner) == 1
    assert outer != inner


def test_tables_code_and_formulas_stand_apart_from_the_text() -> None:
    table, code = "| x | y |\n|---|:-:|\n| 1 | **2** |", "```py\nprint('1 < 2')\n```"
    text = f"A b.\n\n{table}\n\n{code}\n\n$$\nE = mc^2\n$$\n\n![a map](m.png)\n\nC d."
    lesson = lesson_from_text(text)
    assert lesson.text == "A b.\n\nC d."
    assert [(each.kind, each.content) for each in lesson.asides] == [
        (AsideKind.TABLE, "x | y\n1 | 2"),
        (AsideKind.CODE, "print('1 < 2')"),
        (AsideKind.FORMULA, "E = mc^2"),
        (AsideKind.FIGURE, "a map"),
    ]
    assert {each.at for each in lesson.asides} == {4}


def test_emphasis_is_kept_by_offset_and_its_marks_are_gone() -> None:
    lesson = lesson_from_text(
        "The **cell** has a *nucleus* in \\*it\\*, see [the __map__](x.md)[^1] and snake_case_name."
    )
    assert lesson.text == "The cell has a nucleus in *it*, see the map and snake_case_name."
    found = [(lesson.text[each.start : each.end], each.bold) for each in lesson.emphases]
    assert found == [("cell", True), ("nucleus", False), ("map", True)]


def test_soft_breaks_join_with_a_space_in_english_and_without_in_chinese() -> None:
    assert lesson_from_text("One line\ngoes on.").text == "One line goes on."
    assert lesson_from_text("浮力是一种\n**力**。").text == "浮力是一种力。"


def test_a_poem_keeps_its_lines() -> None:
    lesson = lesson_from_text("# 静夜思\n\n床前明月光，\n疑是地上霜。\n举头望明月，\n低头思故乡。\n")
    assert _words(lesson, SentenceKind.VERSE) == [
        "床前明月光，",
        "疑是地上霜。",
        "举头望明月，",
        "低头思故乡。",
    ]


def test_references_captions_and_quotations_know_what_they_are() -> None:
    lesson = lesson_from_text(
        "> A wise word.\n\nFigure 2. A cell.\n\n## References\n\n1. Smith, J. 1999. Cells.\n"
    )
    assert _words(lesson, SentenceKind.PROSE) == ["A wise word."]
    assert _words(lesson, SentenceKind.CAPTION) == ["Figure 2. A cell."]
    assert _words(lesson, SentenceKind.REFERENCE) == ["Smith, J. 1999. Cells."]


def test_front_matter_names_the_lesson_and_crlf_changes_nothing() -> None:
    text = "---\ntitle: My lesson\n---\n# One\n\nA b.\n"
    lesson = lesson_from_text(text)
    assert lesson.title == "My lesson"
    assert lesson_from_text(text.replace("\n", "\r\n")) == lesson


def test_control_codes_and_markup_reach_nobody_raw() -> None:
    lesson = lesson_from_text(
        "A \x1b]52;c;x\x07 word <script>alert(1)</script> [red]b[/red] \u202eright\u2066. Ende\u0301."
    )
    assert "\x1b" not in lesson.text
    assert "\u202e" not in lesson.text
    assert "<script>" not in lesson.text
    assert lesson.text.endswith("Endé.")


@pytest.mark.parametrize("text", ["", "   \n\n", "<!-- only a comment -->", "```\ncode\n```"])
def test_a_text_without_words_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(LessonError, match="no text"):
        lesson_from_text(text)


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "*a ",
        "`",
        "<",
        "$a ",
        "> ",
        "- ",
        "![a](",
        "1. ",
        "| - |\n",
        "_",
        "**a**",
        "\\",
        "  - a\n",
        "<b>",
        "\n> - a",
        "***",
    ],
)
def test_hostile_markup_is_read_in_linear_steps(piece: str) -> None:
    # Quadratic work would take minutes; the words are not the point, ending is.
    text = "A word.\n\n" + piece * 30_000
    assert "word" in lesson_from_text(text).text
