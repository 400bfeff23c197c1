"""Formats by name and suffix, and question files by what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.quiz.formats import building
from aigc_tui.quiz.formats.records import Options, Read
from aigc_tui.quiz.formats.registry import FORMATS, format_for, read_data, read_questions
from aigc_tui.quiz.records import QuizError
from tests.support.any_quiz import one_of_each

_NAMES = "gift aiken moodle-xml qti anki anki-text quizlet kahoot csv json markdown docx"


def test_the_formats_stand_in_the_order_of_the_command_line() -> None:
    assert " ".join(FORMATS).startswith(_NAMES)
    assert all(name == each.name for name, each in FORMATS.items())


@pytest.mark.parametrize(
    ("file", "name"),
    [
        *(("a.gift", "gift"), ("a.aiken", "aiken"), ("a.xml", "moodle-xml"), ("a.zip", "qti")),
        *(("a.apkg", "anki"), ("a.XLSX", "kahoot"), ("a.csv", "csv"), ("a.json", "json")),
        *(("a.md", "markdown"), ("a.docx", "docx")),
    ],
)
def test_a_suffix_that_one_format_has_names_it(file: str, name: str) -> None:
    assert format_for(Path(file)).name == name


def test_a_name_wins_and_an_unclear_suffix_says_what_would_be_right() -> None:
    assert format_for(Path("a.csv"), "gift").name == "gift"
    with pytest.raises(QuizError, match="anki-text, quizlet"):
        format_for(Path("a.txt"))
    with pytest.raises(QuizError, match=r"no format has the suffix '\.pdf'"):
        format_for(Path("a.pdf"))
    with pytest.raises(QuizError, match="no format is named 'word'"):
        format_for(Path("a.csv"), "word")


@pytest.mark.parametrize("name", ["gift", "aiken", "moodle-xml", "anki", "csv", "json"])
@pytest.mark.parametrize("suffix", ["right", ".txt", ""])
def test_a_file_is_read_by_what_is_in_it_whatever_it_is_called(
    tmp_path: Path, name: str, suffix: str
) -> None:
    written = FORMATS[name].write(one_of_each(), Options())
    path = tmp_path / ("bank" + (FORMATS[name].suffix if suffix == "right" else suffix))
    path.write_bytes(written.data)
    read = read_questions(path)
    assert len(read.items) == 6 - len(written.left_out)
    assert read.problems == ()


@pytest.mark.parametrize("name", ["qti", "kahoot", "docx"])
def test_a_format_that_goes_one_way_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(FORMATS[name].write(one_of_each(), Options()).data)
    with pytest.raises(QuizError, match=f"{name} files cannot be read"):
        read_questions(path)


def test_what_is_no_question_file_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "x.bin"
    path.write_bytes(b"\x7fELF\x00")
    for wrong in (path, tmp_path, tmp_path / "absent.gift"):
        with pytest.raises(QuizError) as error:
            read_questions(wrong)
        assert "\n" not in str(error.value)


def test_a_file_over_the_cap_is_refused_before_it_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aigc_tui.quiz.formats.registry.LARGEST_FILE", 1000)
    path = tmp_path / "big.gift"
    path.write_bytes(b"x" * 1001)
    with pytest.raises(QuizError, match="larger than"):
        read_questions(path)


def test_more_questions_than_any_quiz_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "MOST_QUESTIONS", 5)
    with pytest.raises(QuizError, match="more than 5 questions"):
        read_data(b"Sky?{T}\n\n" * 6, ".gift")


def test_a_file_is_parsed_in_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_: object) -> Read:
        raise AssertionError("parsed in the interface's process")

    monkeypatch.setattr("aigc_tui.quiz.formats.registry.read_data", parse)
    path = tmp_path / "sky.gift"
    path.write_text("Sky?{T}\n\nWhich colour?{=blue\n")
    read = read_questions(path)
    assert [item.stem for item in read.items] == ["Sky?"]
    assert len(read.problems) == 1


def test_two_questions_with_one_id_get_two(tmp_path: Path) -> None:
    path = tmp_path / "twice.gift"
    path.write_text("// [id:x]\nSky?{T}\n\n// [id:x]\nSea?{F}\n")
    first, second = read_questions(path).items
    assert first.id == "x" != second.id
