"""Quizzes as rows: the journal takes any number of steps back and forth, also after the program ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigc_tui.store import Store, StoreError
from aigc_tui.store.records import ItemRow, QuizHead

HEAD = QuizHead("Quiz", "", "", "en", 3, 0)


def row(name: str, position: int = 0, words: str = "words") -> ItemRow:
    return ItemRow(name, "", position, "new", False, None, f'{{"id": "{name}"}}', words=words)


def quiz(store: Store, *names: str) -> str:
    return store.quizzes.add(HEAD, "", [row(name, place) for place, name in enumerate(names)]).id


def test_a_quiz_is_listed_with_its_counts(store: Store) -> None:
    name = quiz(store, "a", "b", "c")
    first, second, _ = store.quizzes.items(name)
    store.quizzes.change(name, "accept", [replace(first, state="accepted")])
    store.quizzes.change(name, "delete", [replace(second, state="deleted")])
    (listed,) = store.quizzes.page()
    assert (listed.items, listed.accepted, listed.requested, listed.lesson) == (2, 1, 3, "")


def test_every_step_is_undone_and_redone_also_after_a_restart(path: Path) -> None:
    with Store.open(path) as store:
        name = quiz(store, "a")
        states = [store.quizzes.items(name)]
        for number in range(3):
            (last,) = store.quizzes.items(name)
            store.quizzes.change(name, f"step{number}", [replace(last, payload=f'{{"n": {number}}}')])
            states.append(store.quizzes.items(name))
    with Store.open(path) as store:
        for number in (2, 1, 0):
            assert store.quizzes.undo(name) == f"step{number}"
            assert store.quizzes.items(name) == states[number]
        assert store.quizzes.undo(name) is None
    with Store.open(path) as store:
        for number in range(3):
            assert store.quizzes.redo(name) == f"step{number}"
            assert store.quizzes.items(name) == states[number + 1]
        assert store.quizzes.redo(name) is None


def test_a_new_step_forgets_what_was_undone(store: Store) -> None:
    name = quiz(store, "a")
    (only,) = store.quizzes.items(name)
    store.quizzes.change(name, "one", [replace(only, locked=True)])
    assert store.quizzes.undo(name) == "one"
    store.quizzes.change(name, "two", [replace(only, state="accepted")])
    assert store.quizzes.redo(name) is None
    assert store.quizzes.undo(name) == "two"
    assert store.quizzes.items(name) == [only]


def test_undoing_a_new_item_hides_it_and_redoing_brings_the_same_one_back(store: Store) -> None:
    name = quiz(store, "a")
    store.quizzes.change(name, "add", [row("b", 1)])
    assert store.quizzes.undo(name) == "add"
    assert [each.state for each in store.quizzes.items(name)] == ["new", "deleted"]
    store.quizzes.redo(name)
    assert [(each.id, each.state) for each in store.quizzes.items(name)] == [("a", "new"), ("b", "new")]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(["change", "undo", "redo"]), max_size=25))
def test_any_walk_through_the_journal_ends_where_a_list_of_states_says(
    store: Store, moves: list[str]
) -> None:
    name = store.quizzes.add(HEAD, "", []).id
    store.quizzes.change(name, "add", [row(f"{name}-a")])
    states, at = [store.quizzes.items(name)], 0
    for number, move in enumerate(moves):
        if move == "change":
            changed = replace(states[at][0], payload=f'{{"n": {number}}}')
            store.quizzes.change(name, "edit", [changed])
            states, at = [*states[: at + 1], [changed]], at + 1
        elif move == "undo" and at:
            assert store.quizzes.undo(name) == "edit"
            at -= 1
        elif move == "redo":
            assert (store.quizzes.redo(name) is not None) == (at + 1 < len(states))
            at = min(at + 1, len(states) - 1)
        assert store.quizzes.items(name) == states[at]


def test_an_item_never_moves_to_another_quiz(store: Store) -> None:
    quiz(store, "a")
    other = quiz(store, "b")
    with pytest.raises(StoreError, match="another quiz"):
        store.quizzes.change(other, "edit", [row("a")])
    assert store.quizzes.undo(other) is None


def test_a_quiz_whose_id_is_taken_gets_another(store: Store) -> None:
    first = store.quizzes.add(HEAD, "", [], "same")
    second = store.quizzes.add(HEAD, "", [], "same")
    assert first.id == "same" != second.id


@pytest.mark.parametrize("query", ["光", "糖", "photosynthes", "making sugar"])
def test_items_are_found_until_they_are_deleted(store: Store, query: str) -> None:
    name = store.quizzes.add(HEAD, "", [row("a", words="光合作用 makes sugar: photosynthesis 糖")]).id
    assert [(hit.conversation, hit.message, hit.kind) for hit in store.search(query, kind="item")] == [
        (name, "a", "item")
    ]
    store.quizzes.change(name, "delete", [replace(store.quizzes.item("a"), state="deleted")])
    assert store.search(query, kind="item") == []
    store.quizzes.undo(name)
    store.quizzes.trash(name)
    assert store.search(query, kind="item") == []


def test_a_purged_quiz_leaves_no_word_in_the_file(store: Store, path: Path) -> None:
    name = store.quizzes.add(HEAD, "", [row("a", words="verysecretword")]).id
    store.quizzes.change(name, "lock", [replace(store.quizzes.item("a"), locked=True)])
    store.practice.begin(name, '["a"]', "2026-01-01T00:00:00Z")
    store.quizzes.purge(name)
    assert store.quizzes.page() == []
    assert b"verysecretword" not in path.read_bytes()
    with pytest.raises(StoreError, match="quiz list"):
        store.quizzes.get(name)
