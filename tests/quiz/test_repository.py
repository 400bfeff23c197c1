"""The bank: what is kept comes back as it was, whatever the file said, and ids never clash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from aigc_tui.message import message
from aigc_tui.quiz.codec import quiz_to_json
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.lesson.reading import lesson_from_text
from aigc_tui.quiz.lesson.records import LessonError
from aigc_tui.quiz.records import Quiz, QuizError, Rejection
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.quiz.rows import ItemState
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Status, Store
from aigc_tui.store.backup import backup, restore
from tests.quiz.shelf import MORNING, items, lesson, lesson_file, quiz_of, stocked
from tests.support.any_quiz import quizzes


@pytest.fixture
def bank(store: Store) -> QuizRepository:
    return QuizRepository(store)


def test_a_lesson_comes_back_equal(store: Store, bank: QuizRepository) -> None:
    text = replace(
        lesson(), notes=(message("{count} of {total} pages", count=1, total=2),), source="cells.md"
    )
    row = bank.add_lesson(text)
    assert QuizRepository(store).lesson(row.id) == text
    assert (row.title, row.language, row.source) == ("Cells", "en", "cells.md")


def test_the_same_file_again_is_the_same_lesson(store: Store, tmp_path: Path) -> None:
    service = QuizService(store)
    first = service.repository.import_lesson(lesson_file(tmp_path))
    assert service.repository.import_lesson(lesson_file(tmp_path)) == first
    assert service.repository.lessons() == [first]


def test_a_long_lesson_is_stored_and_read_back_whole(store: Store, bank: QuizRepository) -> None:
    chapters = [
        f"# Chapter {n}\n\n" + f"Sentence {n} says something of leaves. 第{n}句。\n\n" * 40
        for n in range(200)
    ]
    text = lesson_from_text("\n".join(chapters))
    assert len(text.text) > 300_000
    row = bank.add_lesson(text)
    assert QuizRepository(store).lesson(row.id) == text
    assert len(store.search("something", kind="lesson", limit=500)) == 200


def test_a_conversation_becomes_a_lesson_of_what_was_said(store: Store, bank: QuizRepository) -> None:
    talk = store.conversations.create(title="Of cells")
    with pytest.raises(LessonError, match="nothing was said"):
        bank.import_conversation(talk.id)
    parent = None
    for role, words in (
        ("user", "What is a cell?"),
        ("notice", "A notice."),
        ("assistant", "The unit of life."),
    ):
        parent = store.messages.add(conversation=talk.id, parent=parent, role=role, content=words).id
    store.messages.add(
        conversation=talk.id, parent=parent, role="assistant", content="Half", status=Status.STREAMING
    )
    text = bank.lesson(bank.import_conversation(talk.id).id)
    assert (text.title, text.text) == ("Of cells", "What is a cell?\n\nThe unit of life.")


def test_a_quiz_comes_back_with_its_yield_and_its_verdicts(store: Store, bank: QuizRepository) -> None:
    bank.add_lesson(lesson())
    made = replace(quiz_of(items(), lesson()), requested=9, rejected=(Rejection("duplicate", 5),), seed=7)
    kept = bank.keep(made, spares={"mc": ("The spare",)}, aliases=[("DNA", "the genome")])
    assert (kept.requested, kept.rejected, kept.seed, kept.lesson) == (9, made.rejected, 7, made.lesson)
    assert [(item.id, item.stem, item.answer) for item in kept.items] == [
        (item.id, item.stem, item.answer) for item in made.items
    ]
    entries = bank.entries(kept.id)
    assert entries[0].spares == ("The spare",)
    assert {verdict.check for verdict in entries[0].verdicts} == dict(entries[0].item.checks).keys()
    assert "grounded" in dict(entries[0].item.checks)
    assert bank.context(kept.id).aliases == (("DNA", "the genome"),)
    assert [row.sentence is not None for row in store.quizzes.items(kept.id)] == [True] * 4


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("shared") / "store.db") as opened:
        yield opened


@settings(max_examples=25, deadline=None)
@given(quiz=quizzes())
def test_any_quiz_is_kept_found_and_asked_as_it_is(shared: Store, quiz: Quiz) -> None:
    service = QuizService(shared)
    kept = service.repository.keep(quiz)
    assert service.repository.quiz(kept.id) == kept
    told = [replace(item, id="", checks=(), difficulty=0.5) for item in kept.items]
    assert told == [replace(item, id="", checks=(), difficulty=0.5) for item in quiz.items]
    if kept.items:
        attempt = service.attempts.begin(kept.id, MORNING)
        for item in kept.items:
            assert service.attempts.answer(attempt.id, item.id, item.answer, MORNING).verdict == "correct"
        assert service.attempts.finish(attempt.id, MORNING).score == 1.0


def test_ids_that_are_taken_become_new_ones(store: Store, bank: QuizRepository) -> None:
    first, second = (bank.keep(replace(quiz_of(items()), id="same")) for _ in range(2))
    assert first.id != second.id
    assert not {item.id for item in first.items} & {item.id for item in second.items}
    twice = bank.keep(quiz_of([items()[0]] * 2))
    assert len({item.id for item in twice.items}) == 2


def test_an_imported_quiz_of_ours_finds_its_lesson_again(
    store: Store, bank: QuizRepository, tmp_path: Path
) -> None:
    row = bank.add_lesson(lesson())
    file = tmp_path / "quiz.json"
    file.write_text(json.dumps(quiz_to_json(quiz_of(items(), lesson()))))
    kept, read = bank.import_questions(file)
    assert (kept.lesson, kept.items, read.problems) == (row.id, 4, ())


def test_questions_of_another_program_are_kept_and_judged(bank: QuizRepository, tmp_path: Path) -> None:
    file = tmp_path / "class.gift"
    file.write_text("What is green? {=A leaf ~A stone ~A cloud}\n\n叶子是绿色的。{T}\n")
    kept, read = bank.import_questions(file)
    assert (kept.title, kept.lesson, kept.items, len(read.items)) == ("class", "", 2, 2)
    assert all(entry.verdicts for entry in bank.entries(kept.id))


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00\xff", b'{"version": 1, "items": []}'])
def test_a_file_without_a_question_is_refused_in_one_line(
    bank: QuizRepository, store: Store, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "empty.json"
    file.write_bytes(content)
    with pytest.raises(QuizError) as caught:
        bank.import_questions(file)
    assert "\n" not in str(caught.value)
    assert store.quizzes.page() == []


def test_deleted_items_are_in_no_quiz_and_in_no_export(
    store: Store, bank: QuizRepository, tmp_path: Path
) -> None:
    service = QuizService(store)
    name = stocked(store)
    service.editor.set_state(name, "mc", ItemState.DELETED)
    assert [item.id for item in service.repository.quiz(name).items] == ["tf", "cloze", "short"]
    file = tmp_path / "out.gift"
    service.repository.export(name, "gift", file)
    text = file.read_text()
    assert "Chlorophyll is green" in text
    assert "DNA" not in text


def test_an_export_that_nothing_fits_writes_no_file(
    store: Store, bank: QuizRepository, tmp_path: Path
) -> None:
    name = bank.keep(quiz_of(items()[1:2])).id
    for item in items()[1:2]:
        bank_state = QuizService(store)
        bank_state.editor.set_state(name, item.id, ItemState.DELETED)
    with pytest.raises(QuizError, match="no file was written"):
        bank.export(name, "gift", tmp_path / "out.gift", Options())
    with pytest.raises(QuizError, match="no format is named"):
        bank.export(name, "nonsense", tmp_path / "out.x", Options())
    assert list(tmp_path.glob("out*")) == []


def test_a_backup_carries_everything(tmp_path: Path) -> None:
    path = tmp_path / "a" / "store.db"
    with Store.open(path) as store:
        name = stocked(store)
        before = QuizRepository(store).entries(name)
        copy = backup(path, tmp_path / "copy.db")
    other = tmp_path / "b" / "store.db"
    restore(copy, other)
    with Store.open(other) as store:
        assert QuizRepository(store).entries(name) == before
        assert [hit.message for hit in store.search("DNA", kind="item")] == ["mc"]
