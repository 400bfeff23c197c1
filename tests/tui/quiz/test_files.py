"""Paths: what is listed, what tab completes, what a terminal pastes when a file is dropped on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.tui.quiz.files import begun_anew, completed, dropped_path, holds_questions, listing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Lessons", ".git"):
        (tmp_path / name).mkdir()
    for name in ("lesson one.md", "lesson two.pdf", "quiz.gift", "photo.jpg", ".secret.md"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    return tmp_path


def names(typed: str) -> list[str]:
    return [row.name for row in listing(typed)]


def test_folders_come_first_and_only_what_is_read_is_listed(folder: Path) -> None:
    assert names(f"{folder}/") == ["Lessons", "lesson one.md", "lesson two.pdf", "quiz.gift"]


def test_hidden_files_are_listed_once_the_dot_is_typed(folder: Path) -> None:
    assert names(f"{folder}/.") == [".git", ".secret.md"]


def test_the_beginning_of_a_name_narrows_the_list_in_any_case(folder: Path) -> None:
    assert names(f"{folder}/LES") == ["Lessons", "lesson one.md", "lesson two.pdf"]


def test_a_folder_that_cannot_be_read_is_empty(folder: Path) -> None:
    assert listing(f"{folder}/nowhere/") == []


def test_tab_writes_on_what_all_names_share(folder: Path) -> None:
    typed = f"{folder}/lesson"
    rows = [row for row in listing(typed) if not row.is_folder]
    assert completed(typed, rows) == f"{folder}/lesson "
    assert completed(f"{folder}/q", listing(f"{folder}/q")) == f"{folder}/quiz.gift"
    assert completed(f"{folder}/.g", listing(f"{folder}/.g")) == f"{folder}/.git/"
    assert completed(f"{folder}/zzz", []) == f"{folder}/zzz"


def test_dropped_paths_are_understood_as_terminals_write_them(folder: Path) -> None:
    path = folder / "lesson one.md"
    escaped = str(path).replace(" ", "\\ ")
    for pasted in (str(path), f"'{path}'", f'"{path}" ', escaped, path.as_uri(), f"{path}\n/other"):
        assert dropped_path(pasted) == path


def test_other_pasted_text_is_no_path() -> None:
    for pasted in ("hello", "a/b", "", "https://example.org/x.pdf", "'x'"):
        assert dropped_path(pasted) is None


def test_question_files_are_told_from_lessons(tmp_path: Path) -> None:
    aiken, lesson = tmp_path / "a.txt", tmp_path / "b.txt"
    aiken.write_text("What?\nA. one\nB. two\nANSWER: A\n", encoding="utf-8")
    lesson.write_text("Bees, as one knows, make honey.\n", encoding="utf-8")
    assert holds_questions(aiken)
    assert not holds_questions(lesson)
    assert holds_questions(Path("deck.apkg"))
    assert not holds_questions(Path("lesson.md"))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/home/me//tmp/x.pdf", "/tmp/x.pdf"),
        ("/home/me/~/x.pdf", "~/x.pdf"),
        ("/home//a//b/c", "/b/c"),
        ("/home/me/x~y", "/home/me/x~y"),
        ("file:///home/me", "file:///home/me"),
        ("", ""),
    ],
)
def test_a_path_typed_behind_another_takes_its_place(typed: str, meant: str) -> None:
    assert begun_anew(typed) == meant
