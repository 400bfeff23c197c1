"""Text to HTML and back, and the HTML of other people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.quiz.formats.hypertext import from_html, to_html
from tests.support.any_quiz import TEXTS


@given(TEXTS)
def test_any_text_comes_back(text: str) -> None:
    markup = to_html(text)
    assert from_html(markup) == (text, frozenset())
    assert "\n" not in markup
    assert "->" not in markup


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One</p>\n  <p>Two</p>", "One\nTwo"),
        ("a<br/>b<br>\nc", "a\nb\nc"),
        ("x<sup>2</sup> + H<sub>2</sub>O, e<sup>ix</sup>", "x² + H₂O, e^(ix)"),
        ("<b>bold</b>&nbsp;&amp; <i class='x'>it</i>", "bold & it"),
        ("a < b and c > d, if x<y", "a < b and c > d, if x<y"),
        ("<script>alert(1)</script>fine<!-- hidden -->", "fine"),
        ("List<String> of <thing>", "List<String> of <thing>"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\tb"),
        ("&#x4e2d;&#22269; &copy; &unknown;", "中国 © &unknown;"),
    ],
)
def test_tags_that_decorate_go_and_those_that_mean_something_become_text(markup: str, text: str) -> None:
    assert from_html(markup)[0] == text


def test_what_a_text_cannot_stand_for_is_named() -> None:
    assert from_html('<img src="x"> and <audio/>')[1] == {"a picture", "a sound"}


@given(st.text(alphabet="<>&;/!-#xabrscriptp \n", max_size=200))
def test_any_markup_ends_in_a_text(markup: str) -> None:
    text, _ = from_html(markup)
    assert "\0" not in text


@pytest.mark.parametrize("piece", ["<!--", "<script>", "<b ", "&#", "<sup>", "<", "\n", " ", "\t", "<p> "])
def test_long_unfinished_markup_is_read_in_one_pass(piece: str) -> None:
    from_html(piece * 100_000)
