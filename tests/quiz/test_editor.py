"""Edits: each is one step that undo takes back, locked items stay, and verdicts follow the item."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from aigc_tui.quiz.records import Item, ItemType, Origin, QuizError
from aigc_tui.quiz.rows import Entry, ItemState
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store, StoreError
from tests.quiz.shelf import items, stocked


def order(bench: QuizService, quiz: str) -> list[str]:
    return [item.id for item in bench.repository.quiz(quiz).items]


Edit = Callable[[QuizService, str], object]
EDITS: dict[str, Edit] = {
    "accept": lambda bench, quiz: bench.editor.set_state(quiz, "mc", ItemState.ACCEPTED),
    "delete": lambda bench, quiz: bench.editor.set_state(quiz, "mc", ItemState.DELETED),
    "lock": lambda bench, quiz: bench.editor.set_locked(quiz, "tf", True),
    "move": lambda bench, quiz: bench.editor.move_item(quiz, "short", 0),
    "edit": lambda bench, quiz: bench.editor.save_item(quiz, replace(items()[1], stem="Chlorophyll is red.")),
    "add": lambda bench, quiz: bench.editor.save_item(quiz, Item("own", ItemType.SHORT, "Why?", "so")),
}


@pytest.mark.parametrize("what", list(EDITS))
def test_every_edit_is_one_step_back_and_forth_also_after_a_restart(
    store: Store, bench: QuizService, quiz: str, what: str
) -> None:
    before = (
        bench.repository.quiz(quiz),
        [entry for entry in bench.repository.entries(quiz) if entry.state != ItemState.DELETED],
    )
    EDITS[what](bench, quiz)
    after = bench.repository.entries(quiz)
    assert bench.editor.undo(quiz) == what
    again = QuizService(store)
    shown = [entry for entry in again.repository.entries(quiz) if entry.state != ItemState.DELETED]
    assert (again.repository.quiz(quiz), shown) == before
    assert again.editor.undo(quiz) is None
    assert again.editor.redo(quiz) == what
    assert again.repository.entries(quiz) == after


def test_what_changes_nothing_is_no_step(bench: QuizService, quiz: str) -> None:
    bench.editor.set_state(quiz, "mc", ItemState.NEW)
    bench.editor.set_locked(quiz, "mc", False)
    bench.editor.move_item(quiz, "mc", 0)
    assert bench.editor.undo(quiz) is None


@pytest.mark.parametrize(
    ("item", "to", "wanted"),
    [
        ("short", 0, ["short", "mc", "tf", "cloze"]),
        ("mc", 2, ["tf", "cloze", "mc", "short"]),
        ("mc", 99, ["tf", "cloze", "short", "mc"]),
        ("cloze", -5, ["cloze", "mc", "tf", "short"]),
    ],
)
def test_an_item_moves_to_its_place(
    bench: QuizService, quiz: str, item: str, to: int, wanted: list[str]
) -> None:
    bench.editor.move_item(quiz, item, to)
    assert order(bench, quiz) == wanted


def test_places_are_counted_without_deleted_items(bench: QuizService, quiz: str) -> None:
    bench.editor.set_state(quiz, "tf", ItemState.DELETED)
    bench.editor.move_item(quiz, "short", 1)
    assert order(bench, quiz) == ["mc", "short", "cloze"]
    bench.editor.set_state(quiz, "tf", ItemState.NEW)
    assert set(order(bench, quiz)) == {"mc", "tf", "short", "cloze"}


def test_an_edited_item_is_judged_anew(bench: QuizService, quiz: str) -> None:
    broken = replace(items()[0], options=("The membrane", "The membrane", "The nucleus"), answer=2)
    entry: Entry = bench.editor.save_item(quiz, broken)
    assert not dict(entry.item.checks)["duplicate_options"]
    assert entry == bench.repository.entries(quiz)[0]
    told = {verdict.check: verdict.reason for verdict in entry.verdicts if not verdict.passed}
    assert told["duplicate_options"]


def test_an_item_of_another_quiz_or_of_none_is_refused(bench: QuizService, store: Store, quiz: str) -> None:
    other = stocked(store)
    foreign = bench.repository.entries(other)[0].item.id
    for name in (foreign, "nowhere"):
        with pytest.raises(QuizError, match="does not belong to this quiz"):
            bench.editor.set_state(quiz, name, ItemState.ACCEPTED)
    with pytest.raises(StoreError, match="another quiz"):
        bench.editor.save_item(quiz, replace(items()[0], id=foreign))
    with pytest.raises(StoreError, match="no quiz"):
        bench.editor.undo("nowhere")


def test_an_answer_that_does_not_fit_its_type_is_refused_and_nothing_is_written(
    bench: QuizService, quiz: str
) -> None:
    before = bench.repository.entries(quiz)
    for answer in (4, -1, True, "The nucleus"):
        with pytest.raises(QuizError, match="answer must be an index"):
            bench.editor.save_item(quiz, replace(items()[0], answer=answer))
    assert bench.repository.entries(quiz) == before


def test_hostile_words_are_harmless_once_kept(bench: QuizService, quiz: str) -> None:
    stem = "What is \x1b]52;c;aGk=\x07 \u202egreen\ud800?"
    entry = bench.editor.save_item(quiz, Item("own", ItemType.SHORT, stem, "a\x1b[2J", origin=Origin.HUMAN))
    for text in (entry.item.stem, str(entry.item.answer), bench.repository.search("green")[0].snippet):
        assert not set(text) & {"\x1b", "\x07", "\u202e", "\ud800"}
