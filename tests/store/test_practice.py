"""Attempts and cards as rows: an answer is on disk at once, a card is what the log of its reviews says."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from aigc_tui.store import Store, StoreError
from aigc_tui.store.checks import check_store, repair
from aigc_tui.store.records import ItemRow, QuizHead, ResponseRow, ReviewRow
from tests.store.processes import start

HEAD = QuizHead("Quiz", "", "", "en", 2, 0)
TAKER = """
import pathlib, sys
from aigc_tui.store import Store
from aigc_tui.store.records import ItemRow, QuizHead, ResponseRow
with Store.open(pathlib.Path(sys.argv[1])) as store:
    rows = [ItemRow(f"i{n}", "", n, "new", False, None, "{}") for n in range(500)]
    quiz = store.quizzes.add(QuizHead("Quiz", "", "", "en", 500, 0), "", rows, "quiz")
    attempt = store.practice.begin(quiz.id, "[]", "2026-01-01T00:00:00Z")
    for row in rows:
        store.practice.respond(
            ResponseRow(attempt.id, row.id, "{}", "true", "correct", "exact", False, "", row.id))
        print(row.id, flush=True)
"""


@pytest.fixture
def quiz(store: Store) -> str:
    rows = [ItemRow(name, "", 0, "new", False, None, "{}") for name in ("a", "b")]
    return store.quizzes.add(HEAD, "", rows).id


def review(item: str, rating: int, at: str, was: int = 0, state: int = 1) -> ReviewRow:
    return ReviewRow(item, rating, at, was, state, 0, 1.0 + rating, 5.0, f"{at}-due")


def response(attempt: str, item: str, verdict: str = "correct") -> ResponseRow:
    return ResponseRow(attempt, item, "{}", "1", verdict, "exact", False, "", "2026-01-01T00:00:00Z")


def test_the_last_answer_counts_and_a_verdict_can_be_overruled(store: Store, quiz: str) -> None:
    attempt = store.practice.begin(quiz, '["a"]', "2026-01-01T00:00:00Z")
    for verdict in ("incorrect", "partial"):
        store.practice.respond(response(attempt.id, "a", verdict))
    assert [row.verdict for row in store.practice.responses(attempt.id)] == ["partial"]
    store.practice.judge(attempt.id, "a", "correct", "user")
    (row,) = store.practice.responses(attempt.id)
    assert (row.verdict, row.judge) == ("correct", "user")
    with pytest.raises(StoreError, match="not been answered"):
        store.practice.judge(attempt.id, "b", "correct", "user")


def test_an_attempt_that_has_ended_takes_no_answer_and_ends_once(store: Store, quiz: str) -> None:
    attempt = store.practice.begin(quiz, "[]", "2026-01-01T00:00:00Z")
    assert store.practice.attempts(quiz, finished=False) == [attempt]
    for time in ("2026-01-02", "2026-01-03"):
        store.practice.end(attempt.id, time)
    assert store.practice.attempt(attempt.id).finished == "2026-01-02"
    with pytest.raises(StoreError, match="has ended"):
        store.practice.respond(response(attempt.id, "a"))


def test_every_answer_that_was_taken_survives_a_kill(path: Path) -> None:
    child = start(TAKER, path)
    assert child.stdout is not None
    seen = [child.stdout.readline().decode().strip() for _ in range(40)]
    os.kill(child.pid, signal.SIGKILL)
    rest = child.communicate()[0].decode().split()
    with Store.open(path) as store:
        (attempt,) = store.practice.attempts("quiz", finished=False)
        kept = {row.item for row in store.practice.responses(attempt.id)}
        assert kept >= {*seen, *rest}
        assert all(check.ok for check in check_store(store) if check.name != "store-disk")


def test_a_card_follows_the_log_forward_and_back(store: Store, quiz: str) -> None:
    store.practice.add_review(review("a", 3, "2026-01-01"))
    store.practice.add_review(review("b", 1, "2026-01-02"))
    store.practice.add_review(review("a", 1, "2026-01-03", was=2))
    card = store.practice.card("a")
    assert card is not None
    assert (card.reviews, card.lapses, card.due, card.stability) == (2, 1, "2026-01-03-due", 2.0)
    assert store.practice.undo_review() == ("a", 1)
    card = store.practice.card("a")
    assert card is not None
    assert (card.reviews, card.lapses, card.due, card.stability) == (1, 0, "2026-01-01-due", 4.0)
    assert store.practice.undo_review() == ("b", 1)
    assert store.practice.undo_review() == ("a", 3)
    assert store.practice.card("a") is None
    assert store.practice.undo_review() is None


def test_what_is_deleted_is_neither_due_nor_new_nor_a_mistake(store: Store, quiz: str) -> None:
    store.practice.add_review(review("a", 1, "2026-01-01"))
    assert [card.item for card, _ in store.practice.cards()] == ["a"]
    assert store.practice.new_items() == [("b", "")]
    assert store.practice.marks() == [("a", "2026-01-01", False)]
    store.quizzes.trash(quiz)
    assert (store.practice.cards(), store.practice.new_items(), store.practice.marks()) == ([], [], [])


def test_doctor_makes_cards_anew_from_the_log(store: Store, quiz: str) -> None:
    for item in ("a", "b"):
        store.practice.add_review(review(item, 3, "2026-01-01"))
    before = store.practice.cards()
    with closing(sqlite3.connect(store.database.path)) as connection, connection:
        connection.execute("UPDATE card SET due = 'never' WHERE item = 'a'")
        connection.execute("DELETE FROM card WHERE item = 'b'")
    failed = [check.name for check in check_store(store) if not check.ok and check.name != "store-disk"]
    assert failed == ["store-practice"]
    assert [str(line) for line in repair(store)] == ["rebuilt the cards from the review log"]
    assert [card.due for card, _ in store.practice.cards()] == [card.due for card, _ in before]
    assert repair(store) == []


@pytest.mark.parametrize("index", ["section_search", "item_search"])
def test_doctor_rebuilds_the_new_indexes(store: Store, quiz: str, index: str) -> None:
    row = ItemRow("c", "", 0, "new", False, None, "{}", words="chlorophyll")
    store.quizzes.change(quiz, "add", [row])
    with store.database.write() as connection:
        connection.execute(f"INSERT INTO {index} (rowid, words, chars) VALUES (99, 'stray', '')")
    failed = [check.name for check in check_store(store) if not check.ok and check.name != "store-disk"]
    assert failed == ["store-search"]
    assert [str(line) for line in repair(store)] == ["rebuilt the search index"]
    assert [hit.message for hit in store.search("chlorophyll", kind="item")] == ["c"]
