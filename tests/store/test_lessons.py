"""Lessons as rows: the same text is the same lesson, deleting can be undone, purging leaves no word."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.store import Store, StoreError
from aigc_tui.store.checks import check_store
from aigc_tui.store.records import ItemRow, LessonRow, QuizHead, SectionRow, SentenceRow

HEAD = QuizHead("Quiz", "Leaves", "sha", "en", 1, 0)


def add(store: Store, sha256: str = "sha", words: str = "Leaves make sugar 光合作用。") -> LessonRow:
    half = len(words) // 2
    return store.lessons.add(
        sha256=sha256,
        title="Leaves 叶子",
        language="en",
        source="leaves.md",
        pages=2,
        rest="{}",
        sections=[
            SectionRow("One", 1, 0, half, "[]", words[:half]),
            SectionRow("Two", 1, half, len(words), "[]", words[half:]),
        ],
        sentences=[SentenceRow(0, half, 0, 0, "prose", 0)],
    )


def sound(store: Store) -> bool:
    return all(check.ok for check in check_store(store) if check.name != "store-disk")


def test_a_lesson_is_listed_with_its_counts_and_read_back_in_parts(store: Store) -> None:
    row = add(store)
    assert store.lessons.page() == [row]
    assert (row.sections, row.sentences, row.pages, row.characters, row.quizzes) == (2, 1, 2, 23, 0)
    rest, sections, sentences = store.lessons.parts(row.id)
    assert rest == "{}"
    assert "".join(section.content for section in sections) == "Leaves make sugar 光合作用。"
    assert sentences == [SentenceRow(0, 11, 0, 0, "prose", 0)]
    assert sound(store)


def test_the_same_text_is_the_same_lesson_even_out_of_the_bin(store: Store) -> None:
    first = add(store)
    store.lessons.trash(first.id)
    assert store.lessons.page() == []
    assert add(store) == first
    assert store.lessons.page() == [first]


def test_a_lesson_takes_its_quizzes_into_the_bin_and_back_but_not_those_deleted_before(store: Store) -> None:
    lesson = add(store)
    stays, gone = (store.quizzes.add(HEAD, lesson.id, []) for _ in range(2))
    store.quizzes.trash(gone.id)
    store.lessons.trash(lesson.id)
    assert store.quizzes.page() == []
    store.lessons.untrash(lesson.id)
    assert [row.id for row in store.quizzes.page()] == [stays.id]


def test_a_purged_lesson_leaves_its_quiz_and_no_word_in_the_file(store: Store, path: Path) -> None:
    lesson = add(store, words="a verysecretword in it")
    row = ItemRow("i", "", 0, "new", False, 0, "{}", words="an item")
    quiz = store.quizzes.add(HEAD, lesson.id, [row])
    store.lessons.purge(lesson.id)
    assert store.lessons.page() == []
    assert store.quizzes.get(quiz.id).lesson == ""
    assert store.search("verysecretword", kind="lesson") == []
    assert sound(store)
    assert b"verysecretword" not in path.read_bytes()


def test_a_lesson_is_found_by_a_part_of_its_id_or_as_the_last_one(store: Store) -> None:
    first, second = add(store), add(store, "other", "Other words")
    assert store.lessons.find(first.id[-6:]) == first
    assert store.lessons.find("last") == second
    for name in ("nothing", first.id[:4], ""):
        with pytest.raises(StoreError, match="quiz list --lessons"):
            store.lessons.find(name)


@pytest.mark.parametrize("query", ["光", "合作", "making", "sugar", "叶子", "Leaves make"])
def test_words_of_a_lesson_are_found_from_one_chinese_character_up(store: Store, query: str) -> None:
    row = add(store)
    hits = store.search(query, kind="lesson")
    assert {(hit.conversation, hit.kind) for hit in hits} == {(row.id, "lesson")}
    assert {int(hit.message) for hit in hits} <= {0, 1}
    assert store.search(query) == []
    store.lessons.trash(row.id)
    assert store.search(query, kind="lesson") == []
