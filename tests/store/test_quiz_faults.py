"""A disk that fails at any statement leaves lessons, quizzes and practice as they were, or whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from aigc_tui.store import Store
from aigc_tui.store.records import ItemRow, QuizHead, ResponseRow, ReviewRow, SectionRow, SentenceRow
from tests.store.test_crash import Faulty, assert_whole, failure_of

HEAD = QuizHead("Quiz", "", "", "en", 1, 0)
TABLES = (
    *("lesson", "section", "sentence", "quiz", "item", "change"),
    *("attempt", "response", "review_log", "card"),
)


def dump(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return [connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall() for table in TABLES]


def add_lesson(store: Store, words: str) -> str:
    section = SectionRow("One", 1, 0, len(words), "[]", words)
    row = store.lessons.add(
        sha256=words,
        title="A lesson",
        language="en",
        source="",
        pages=0,
        rest="{}",
        sections=[section],
        sentences=[SentenceRow(0, len(words), 0, 0, "prose", 0)],
    )
    return row.id


def stocked(store: Store) -> tuple[str, str, str]:
    """A lesson, a quiz with a step to undo and one to redo, and an open attempt."""
    lesson = add_lesson(store, "Leaves are green.")
    rows = [ItemRow(name, "", 0, "new", False, None, "{}", words=f"item {name}") for name in "ab"]
    quiz = store.quizzes.add(HEAD, lesson, rows).id
    for state in ("accepted", "deleted"):
        store.quizzes.change(quiz, state, [replace(store.quizzes.item("a"), state=state)])
    store.quizzes.undo(quiz)
    store.practice.add_review(ReviewRow("a", 3, "2026-01-01", 0, 1, 0, 1.0, 5.0, "2026-01-02"))
    return lesson, quiz, store.practice.begin(quiz, '["a"]', "2026-01-01").id


def use_cases(store: Store, lesson: str, quiz: str, attempt: str) -> dict[str, Callable[[], object]]:
    item = store.quizzes.item("b")
    answer = ResponseRow(attempt, "b", "{}", "1", "correct", "exact", False, "", "2026-01-01")
    again = ReviewRow("a", 1, "2026-01-03", 1, 1, 0, 1.0, 5.0, "2026-01-04")
    return {
        "add_lesson": lambda: add_lesson(store, "Roots are brown."),
        "trash_lesson": lambda: store.lessons.trash(lesson),
        "purge_lesson": lambda: store.lessons.purge(lesson),
        "add_quiz": lambda: store.quizzes.add(HEAD, lesson, [replace(item, id="c")]),
        "change": lambda: store.quizzes.change(
            quiz, "edit", [replace(item, words="edited"), replace(item, id="d")]
        ),
        "undo": lambda: store.quizzes.undo(quiz),
        "redo": lambda: store.quizzes.redo(quiz),
        "purge_quiz": lambda: store.quizzes.purge(quiz),
        "respond": lambda: store.practice.respond(answer),
        "add_review": lambda: store.practice.add_review(again),
        "undo_review": store.practice.undo_review,
    }


NAMES = (
    *("add_lesson", "trash_lesson", "purge_lesson", "add_quiz", "change", "undo", "redo"),
    *("purge_quiz", "respond", "add_review", "undo_review"),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_fault_at_any_statement_changes_all_or_nothing(
    path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path, factory=Faulty) as store:
        case = use_cases(store, *stocked(store))[name]
        for at in range(1, 60):
            before = dump(path)
            failure = failure_of(case, at, monkeypatch)
            if not failure:
                break
            assert "\n" not in failure
            assert dump(path) == before
        assert 1 < at < 59
        assert_whole(store)
