"""Files of texts: nothing is dropped unasked, and hostile ones are one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.course.textgen import texts
from aigc_tui.course.textgen.texts import Sample, Texts, TextsError


def written(tmp_path: Path, data: str | bytes) -> Path:
    path = tmp_path / "texts"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_the_first_line_is_a_text_unless_it_is_said_to_be_a_header(tmp_path: Path) -> None:
    path = written(tmp_path, "one\n\ntwo\r\nthree")
    assert [s.text for s in texts.read_lines(path).samples] == ["one", "two", "three"]
    assert [s.text for s in texts.read_lines(path, header=True).samples] == ["two", "three"]


def test_a_table_gives_texts_and_labels_with_breaks_inside_cells(tmp_path: Path) -> None:
    path = written(tmp_path, 'text;kind\n"a; b\nc";x\nd;y\n')
    found = texts.read_table(path, ";", header=True, context=True)
    assert found.samples == (Sample("a; b\nc", "x"), Sample("d", "y"))
    assert [s.text for s in texts.read_table(path, ";").samples] == ["text", "a; b\nc", "d"]


def test_a_large_text_is_blocks_that_join_to_the_very_text(tmp_path: Path) -> None:
    book = "\n".join(f"line {number} of the book" for number in range(500))
    found = texts.read_large(written(tmp_path, book))
    assert found.single
    assert len(found.samples) > 3
    assert "".join(s.text for s in found.samples) == book


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("", "holds no text"),
        ("\n \n", "holds no text"),
        (b"\xff\xfe", "not UTF-8"),
        ("a" * 1_000_001, "read it as one large text"),
    ],
)
def test_a_hostile_file_of_lines_is_one_clear_line(tmp_path: Path, data: str | bytes, line: str) -> None:
    with pytest.raises(TextsError, match=line) as caught:
        texts.read_lines(written(tmp_path, data))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ('x,y\n"never closed,z\n' * 3, "not a table"),
        ('"' + "a\n" * 200_000, "not a table"),
        ('"a"b,c\n', "not a table"),
        ("text only\n", "a row needs a text and a label"),
        ("text,\n", "a row needs a text and a label"),
    ],
)
def test_a_hostile_table_is_one_clear_line_with_its_number(tmp_path: Path, data: str, line: str) -> None:
    with pytest.raises(TextsError, match=line) as caught:
        texts.read_table(written(tmp_path, data), context=True)
    assert "line" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_a_delimiter_is_one_character(tmp_path: Path, delimiter: str) -> None:
    with pytest.raises(TextsError, match="one character"):
        texts.read_table(written(tmp_path, "a"), delimiter)


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(TextsError, match="cannot read"):
        texts.read_lines(tmp_path / "none")


@given(st.lists(st.text(st.characters(codec=None), max_size=20)))
def test_any_list_of_texts_is_made_harmless_or_refused(given_texts: list[str]) -> None:
    try:
        found = texts.from_list(given_texts)
    except TextsError:
        assert not any(text.strip() for text in given_texts) or given_texts
    else:
        assert all(s.text.encode() for s in found.samples)


def test_labels_must_be_as_many_as_texts() -> None:
    with pytest.raises(TextsError, match="each text needs one"):
        texts.from_list(["a", "b"], ["x"])


def test_what_is_set_aside_depends_on_the_texts_and_copies_stay_together() -> None:
    made = texts.from_list([f"text {number % 40}" for number in range(80)])
    learnt, aside = texts.split(made, 0.8)
    assert len(aside.samples) == 16
    assert not {s.text for s in learnt.samples} & {s.text for s in aside.samples}
    backwards = Texts(tuple(reversed(made.samples)))
    assert set(texts.split(backwards, 0.8)[1].samples) == set(aside.samples)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.1])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(TextsError, match="above 0"):
        texts.split(texts.from_list(["a", "b"]), share)


def test_one_text_is_too_few_to_set_any_aside() -> None:
    with pytest.raises(TextsError, match="too few"):
        texts.split(texts.from_list(["a", "a"]), 0.9)
    assert texts.split(texts.from_list(["a"]), 1.0)[0].samples == (Sample("a"),)
