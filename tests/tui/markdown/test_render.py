from __future__ import annotations

import re
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from textual.content import Content, Span

from aigc_tui.text import clean
from aigc_tui.tui.markdown import Flow, MarkdownRenderer
from aigc_tui.tui.markdown.document import Line
from aigc_tui.tui.markdown.render import MAX_NESTING, MAX_SOURCE

RENDERER = MarkdownRenderer()
markdown = st.text(st.sampled_from("ab1 \n\t[](){}<>!*_`~#>-+|:.\\/@=中，\x1b\u202e$&;"), max_size=300)


def shown(source: str, width: int = 60) -> list[str]:
    """The rows as a reader sees them."""
    flow = Flow(width, RENDERER.render(source).lines(width))
    return [(row.prefix.plain + row.text.plain).rstrip() for row in map(flow.row, range(len(flow)))]


def styles_of(words: str, source: str) -> set[str]:
    """The styles laid over some words."""
    for line in RENDERER.render(source).lines(60):
        start = line.text.plain.find(words)
        if start >= 0:
            spans: list[Span] = list(line.text.spans)
            return {str(s.style) for s in spans if s.start <= start and s.end >= start + len(words)}
    raise AssertionError(f"{words!r} is not shown")


def letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text)


def test_paragraphs_keep_their_line_breaks_and_are_set_apart() -> None:
    assert shown("one\ntwo\n\nthree") == ["one", "two", "", "three"]


def test_emphasis_and_code_become_styles_and_lose_their_marks() -> None:
    assert shown("**bold** *em* ~~gone~~ `code`") == ["bold em gone code"]
    assert "bold" in styles_of("bold", "**bold** text")
    assert "italic" in styles_of("em", "*em* text")
    assert "strike" in styles_of("gone", "~~gone~~ text")
    assert any("on $" in style for style in styles_of("code", "`code` text"))


def test_headings_are_bold_and_lose_their_hashes() -> None:
    assert shown("## Plan") == ["Plan"]
    assert any("bold" in style for style in styles_of("Plan", "## Plan"))


def test_nested_lists_hang_under_their_markers() -> None:
    source = "- alpha beta gamma delta\n  - inner\n    1. deep\n    2. deeper\n"
    assert shown(source, 14) == ["• alpha beta", "  gamma delta", "  ◦ inner", "    1. deep", "    2. deeper"]


def test_an_ordered_list_begins_where_it_says() -> None:
    assert shown("7. seven\n8. eight") == ["7. seven", "8. eight"]


def test_quotes_carry_a_bar_on_every_row() -> None:
    assert shown("> one two three four\n>\n> five", 12) == ["▎ one two", "▎ three four", "▎", "▎ five"]


def test_code_blocks_are_numbered_and_kept_raw() -> None:
    source = "```python\ndef f():\n\treturn 1\n```\n\ntext\n\n    indented\n"
    document = RENDERER.render(source)
    assert [(block.number, block.language, block.source) for block in document.code] == [
        (1, "python", "def f():\n\treturn 1"),
        (2, "", "indented"),
    ]
    assert shown(source)[:3] == ["‹1› python", "def f():", "    return 1"]


def test_code_of_a_known_language_is_coloured_at_settle_only() -> None:
    source = "```python\ndef f(): pass\n```"
    assert any(line.text.spans for line in RENDERER.render(source).lines(60)[1:])
    assert not any(line.text.spans for line in RENDERER.render(source, coloured=False).lines(60)[1:])


def test_a_table_is_drawn_by_cells_and_wraps_within_the_width() -> None:
    source = "| a | 名称 |\n|--:|:--|\n| 1 | 很长的单元格内容 |"
    assert shown(source, 15) == ["   a │ 名称", "─────┼─────────", "   1 │ 很长的单", "     │ 元格内容"]


def test_a_table_without_room_for_columns_is_told_cell_by_cell() -> None:
    assert shown("| a | b | c |\n|-|-|-|\n| 1 | 2 | 3 |", 12) == ["a: 1", "b: 2", "c: 3"]


def test_a_link_shows_its_address_and_title() -> None:
    assert shown('[site](https://x.org "My page")') == ["site (https://x.org My page)"]
    assert shown("<https://x.org>") == ["https://x.org"]


@pytest.mark.parametrize(
    "source",
    [
        "<b onclick=x>html</b>",
        "<script>\nalert()\n</script>",
        "&lt; &#27; &amp;",
        "[a]: http://x",
        "[/foo] [@click=app.quit]x[/] [red]y",
        "$name [b]",
    ],
)
def test_html_entities_definitions_and_markup_are_shown_literally(source: str) -> None:
    assert "\n".join(shown(source)) == source


def test_surplus_table_cells_are_not_lost() -> None:
    assert "three" in "".join(shown("| a | b |\n|-|-|\n| one | two | three |"))


def test_an_address_cannot_smuggle_a_control_code_back() -> None:
    text = "\n".join(shown("[x](http://a/%1b%5b31m&#27;) <http://b/%1b%0a%e2%80%ae>"))
    assert clean(text) == text


def test_text_nested_too_deep_is_shown_as_it_is() -> None:
    source = "> " * (MAX_NESTING + 10) + "words"
    assert "words" in "".join(shown(source, 200))


@given(markdown | st.text(max_size=300))
@example("|a\n|-")
@example("- \n- ```")
def test_any_text_renders_and_no_letter_is_lost(source: str) -> None:
    document = RENDERER.render(source)
    assert letters(document.plain) == letters(clean(source))
    for width in (5, 40):
        for line in document.lines(width):
            assert isinstance(line, Line)
            assert clean(line.text.plain) == line.text.plain
            assert "\n" not in line.text.plain
        flow = Flow(width, document.lines(width))
        for index in range(len(flow)):
            assert isinstance(flow.row(index).text, Content)


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "*",
        ">",
        "`",
        "_a ",
        "- ",
        "> \n",
        "![",
        "[a](",
        "**a **b ",
        "- x\n",
        "<",
        "\\",
        "```\n",
        "|",
        "~",
        "&",
        "  ",
    ],
)
def test_the_work_for_hostile_repetition_grows_no_faster_than_the_text(unit: str) -> None:
    small, large = (_calls((unit * size)[:size]) for size in (MAX_SOURCE // 8, MAX_SOURCE))
    assert large < 2_000 + 10 * small


def _calls(source: str) -> int:
    """Count the function calls of rendering and wrapping: a measure of work that no busy machine disturbs."""
    count = 0

    def profile(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        document = RENDERER.render(source)
        Flow(80, document.lines(80))
    finally:
        sys.setprofile(None)
    return count
