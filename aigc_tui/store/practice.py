"""The tables of taking and practising: attempts, answers, the log of reviews, and the cards that follow.

An answer is on disk before the next question is shown, and a card is never more than what the log of its
reviews says.
"""

from __future__ import annotations

import sqlite3
from dataclasses import astuple, fields, replace

from aigc_tui.ids import uuid7
from aigc_tui.store.connection import Database
from aigc_tui.store.errors import StoreError
from aigc_tui.store.records import AttemptRow, CardRow, ResponseRow, ReviewRow
from aigc_tui.text import one_line

_RESPONSE = ", ".join(field.name for field in fields(ResponseRow))
_REVIEW = ", ".join(field.name for field in fields(ReviewRow))
_CARD = ", ".join(field.name for field in fields(CardRow))
_IN_USE = (
    "i.state <> 'deleted' AND q.trashed IS NULL AND (:lesson IS NULL OR coalesce(q.lesson, '') = :lesson)"
)
_FROM = "FROM item i JOIN quiz q ON q.id = i.quiz"

CARD_COLUMNS = "item, state, step, stability, difficulty, due, reviewed, reviews, lapses"
CARDS_OF_LOG = """
SELECT l.item, l.state, l.step, l.stability, l.difficulty, l.due, l.reviewed, e.reviews, e.lapses
FROM (SELECT item, max(seq) AS seq, count(*) AS reviews, sum(rating = 1 AND was = 2) AS lapses
      FROM review_log {where} GROUP BY item) e
JOIN review_log l ON l.seq = e.seq
"""
"""How cards follow from the log. `where` narrows it to some items; `doctor --repair` makes all anew."""


class Practice:
    """Everything about attempts and cards as rows. Times are UTC ISO-8601, as `ids.utc_now` writes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, quiz_id: str, items: str, started: str) -> AttemptRow:
        """Begin an attempt at a quiz; `items` are the ids to be asked, as a JSON list."""
        row = AttemptRow(uuid7(), quiz_id, items, started)
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO attempt (id, quiz, items, started) VALUES (?, ?, ?, ?)",
                (row.id, row.quiz, row.items, row.started),
            )
        return row

    def attempt(self, attempt_id: str) -> AttemptRow:
        found = self._attempts("WHERE id = ?", attempt_id)
        if not found:
            raise StoreError("no attempt '{id}'", id=one_line(attempt_id, 60))
        return found[0]

    def attempts(self, quiz_id: str, *, finished: bool) -> list[AttemptRow]:
        """The attempts at a quiz that were finished, or those that were not; newest first."""
        ended = "IS NOT NULL" if finished else "IS NULL"
        return self._attempts(f"WHERE quiz = ? AND finished {ended} ORDER BY started DESC, seq DESC", quiz_id)

    def respond(self, row: ResponseRow) -> None:
        """Keep an answer in an unfinished attempt; a second one takes the place of the first."""
        with self._database.write() as connection:
            if self.attempt(row.attempt).finished is not None:
                raise StoreError("this attempt has ended; start another")
            marks = ", ".join("?" * len(fields(ResponseRow)))
            connection.execute(
                f"INSERT OR REPLACE INTO response ({_RESPONSE}) VALUES ({marks})", astuple(row)
            )

    def judge(
        self, attempt_id: str, item_id: str, verdict: str, judge: str, *, suggested: bool = False
    ) -> None:
        """Change the verdict on an answer; `suggested`: it is no more than a guess."""
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE response SET verdict = ?, judge = ?, suggested = ? WHERE attempt = ? AND item = ?",
                (verdict, judge, int(suggested), attempt_id, item_id),
            )
            if changed.rowcount != 1:
                raise StoreError("this question has not been answered in this attempt")

    def end(self, attempt_id: str, finished: str) -> None:
        """End an attempt; one that has ended stays as it is."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE attempt SET finished = ? WHERE id = ? AND finished IS NULL", (finished, attempt_id)
            )

    def responses(self, attempt_id: str) -> list[ResponseRow]:
        return self._responses("WHERE attempt = ? ORDER BY answered", attempt_id)

    def finished_responses(self, quiz_id: str) -> list[ResponseRow]:
        """The answers of all finished attempts at a quiz."""
        clause = "WHERE attempt IN (SELECT id FROM attempt WHERE quiz = ? AND finished IS NOT NULL)"
        return self._responses(clause, quiz_id)

    def add_review(self, row: ReviewRow) -> None:
        """Log a review, and let its card stand as the review left it."""
        with self._database.write() as connection:
            marks = ", ".join("?" * len(fields(ReviewRow)))
            connection.execute(f"INSERT INTO review_log ({_REVIEW}) VALUES ({marks})", astuple(row))
            _follow(connection, row.item)

    def undo_review(self) -> tuple[str, int] | None:
        """Take the last review out of the log; its card stands as the review before left it, or is new again.

        Returns:
            The item and the rating that was taken back; None: the log is empty.
        """
        with self._database.write() as connection:
            last = connection.execute(
                "SELECT seq, item, rating FROM review_log ORDER BY seq DESC LIMIT 1"
            ).fetchone()
            if last is None:
                return None
            connection.execute("DELETE FROM review_log WHERE seq = ?", last[:1])
            _follow(connection, last[1])
            return str(last[1]), int(last[2])

    def card(self, item_id: str) -> CardRow | None:
        """The card of an item; None: it was never practised."""
        with self._database.read() as connection:
            row = connection.execute(f"SELECT {_CARD} FROM card WHERE item = ?", (item_id,)).fetchone()
        return None if row is None else CardRow(*row)

    def cards(self, lesson: str | None = None, until: str = "~") -> list[tuple[CardRow, str]]:
        """Cards in use with the id of their lesson, by the time at which they fall due.

        Args:
            lesson: Only of this lesson; empty: only of no kept lesson; None: all.
            until: Only those due before this time.
        """
        columns = ", ".join(f"c.{name}" for name in _CARD.split(", "))
        sql = (
            f"SELECT {columns}, coalesce(q.lesson, '') {_FROM} JOIN card c ON c.item = i.id"
            f" WHERE c.due < :until AND {_IN_USE} ORDER BY c.due, c.seq"
        )
        with self._database.read() as connection:
            rows = connection.execute(sql, {"lesson": lesson, "until": until}).fetchall()
        return [(CardRow(*row[:-1]), row[-1]) for row in rows]

    def new_items(self, lesson: str | None = None) -> list[tuple[str, str]]:
        """Items in use that were never practised, with the id of their lesson; the oldest quiz first."""
        sql = (
            f"SELECT i.id, coalesce(q.lesson, '') {_FROM}"
            f" WHERE {_IN_USE} AND NOT EXISTS (SELECT 1 FROM card c WHERE c.item = i.id)"
            " ORDER BY q.seq, i.position, i.seq"
        )
        with self._database.read() as connection:
            return list(connection.execute(sql, {"lesson": lesson}))

    def reviews(self, since: str = "") -> list[ReviewRow]:
        """The log from a time on, oldest first."""
        sql = f"SELECT {_REVIEW} FROM review_log WHERE reviewed >= ? ORDER BY seq"
        with self._database.read() as connection:
            return [ReviewRow(*row) for row in connection.execute(sql, (since,))]

    def marks(self, lesson: str | None = None) -> list[tuple[str, str, bool]]:
        """Every time an item in use was answered or rated: the item, when, and whether it was right.

        Oldest first. Partly right is not right; a rating of 1 (again) is wrong, any other right.
        """
        sql = f"""
            SELECT m.item, m.at, m.right FROM (
                SELECT item, answered AS at, verdict = 'correct' AS right FROM response
                UNION ALL SELECT item, reviewed, rating > 1 FROM review_log) m
            JOIN item i ON i.id = m.item JOIN quiz q ON q.id = i.quiz
            WHERE {_IN_USE} ORDER BY m.at
        """
        with self._database.read() as connection:
            rows = connection.execute(sql, {"lesson": lesson}).fetchall()
        return [(item, at, bool(right)) for item, at, right in rows]

    def _attempts(self, clause: str, *values: str) -> list[AttemptRow]:
        sql = f"SELECT id, quiz, items, started, finished FROM attempt {clause}"
        with self._database.read() as connection:
            return [AttemptRow(*row) for row in connection.execute(sql, values)]

    def _responses(self, clause: str, *values: str) -> list[ResponseRow]:
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT {_RESPONSE} FROM response {clause}", values).fetchall()
        return [replace(ResponseRow(*row), suggested=bool(row[6])) for row in rows]


def _follow(connection: sqlite3.Connection, item_id: str) -> None:
    """Let one card be what the log says."""
    connection.execute("DELETE FROM card WHERE item = ?", (item_id,))
    cards = CARDS_OF_LOG.format(where="WHERE item = ?")
    connection.execute(f"INSERT INTO card ({CARD_COLUMNS}) {cards}", (item_id,))
