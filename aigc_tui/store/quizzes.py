"""The quiz and item tables and the journal of their changes.

A step of the journal keeps the rows before and after it; undoing writes the ones before. An edit deletes no
rows, so an answer given last month still has its question.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, astuple, fields, replace

from aigc_tui.ids import utc_now, uuid7
from aigc_tui.store.connection import Database
from aigc_tui.store.errors import StoreError
from aigc_tui.store.naming import find_id
from aigc_tui.store.records import ItemRow, QuizHead, QuizRow
from aigc_tui.text import one_line

_COLUMNS = """
    q.id, q.title, coalesce(q.lesson, ''), q.language, q.requested,
    (SELECT count(*) FROM item i WHERE i.quiz = q.id AND i.state <> 'deleted'),
    (SELECT count(*) FROM item i WHERE i.quiz = q.id AND i.state = 'accepted'),
    q.created, q.updated
"""
_HEAD = "title, lesson_title, lesson_sha256, language, requested, seed, rejected, aliases"
_ITEM = ", ".join(field.name for field in fields(ItemRow))
_REMOVED = ("response", "review_log", "card")


class Quizzes:
    """Everything about quizzes as rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, head: QuizHead, lesson: str, rows: Sequence[ItemRow], quiz_id: str = "") -> QuizRow:
        """Keep a quiz with its items.

        Args:
            head: What it is.
            lesson: The id of the lesson; empty: none that is kept.
            rows: The items; their `quiz` is set here.
            quiz_id: The id; empty, or taken already: a new one.

        Raises:
            StoreError: An item's id is taken.
        """
        now = utc_now()
        with self._database.write() as connection:
            taken = connection.execute("SELECT 1 FROM quiz WHERE id = ?", (quiz_id,)).fetchone()
            name = uuid7() if taken or not quiz_id else quiz_id
            connection.execute(
                f"INSERT INTO quiz (id, lesson, created, updated, {_HEAD})"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (name, lesson or None, now, now, *astuple(head)),
            )
            for row in rows:
                _put(connection, row, name)
            return self.get(name)

    def get(self, quiz_id: str) -> QuizRow:
        """Read a quiz's row, also a trashed one's; StoreError: there is none of that id."""
        found = self._select("WHERE q.id = ?", quiz_id)
        if not found:
            raise StoreError("no quiz '{id}'; `aigc-tui quiz list` shows them", id=one_line(quiz_id, 60))
        return found[0]

    def find(self, name: str) -> QuizRow:
        """Read a quiz by what a person types of its id: see `find_id`."""
        return self.get(find_id(self._database, "quiz", name))

    def head(self, quiz_id: str) -> QuizHead:
        with self._database.read() as connection:
            row = connection.execute(f"SELECT {_HEAD} FROM quiz WHERE id = ?", (quiz_id,)).fetchone()
        if row is None:
            self.get(quiz_id)
        return QuizHead(*row)

    def page(self, lesson: str | None = None) -> list[QuizRow]:
        """The quizzes that are not in the bin, newest first; of one lesson, or all."""
        order = "ORDER BY q.updated DESC, q.id DESC"
        if lesson is None:
            return self._select(f"WHERE q.trashed IS NULL {order}")
        return self._select(f"WHERE q.trashed IS NULL AND q.lesson = ? {order}", lesson)

    def trashed(self) -> list[QuizRow]:
        return self._select("WHERE q.trashed IS NOT NULL ORDER BY q.trashed DESC, q.id DESC")

    def rename(self, quiz_id: str, title: str) -> None:
        self._set(quiz_id, "title", one_line(title))

    def set_yield(self, quiz_id: str, requested: int, rejected: str) -> None:
        """Note what a re-make asked for, and what it could not make."""
        self._set(quiz_id, "requested", requested)
        self._set(quiz_id, "rejected", rejected)

    def trash(self, quiz_id: str) -> None:
        """Delete so that it can be undone: neither list, search nor practice shows it."""
        self._set(quiz_id, "trashed", utc_now())

    def untrash(self, quiz_id: str) -> None:
        self._set(quiz_id, "trashed", None)

    def purge(self, quiz_id: str) -> None:
        """Delete for good: the quiz, its journal, its attempts and what was practised of it."""
        of_quiz = "item IN (SELECT id FROM item WHERE quiz = ?)"
        with self._database.write() as connection:
            self.get(quiz_id)
            for table in _REMOVED:
                connection.execute(f"DELETE FROM {table} WHERE {of_quiz}", (quiz_id,))
            for table in ("attempt", "change", "item"):
                connection.execute(f"DELETE FROM {table} WHERE quiz = ?", (quiz_id,))
            connection.execute("DELETE FROM quiz WHERE id = ?", (quiz_id,))
            connection.execute("INSERT INTO item_search (item_search) VALUES ('optimize')")
        self._database.fold_log()

    def items(self, quiz_id: str) -> list[ItemRow]:
        """The items of a quiz in order, deleted ones included."""
        with self._database.read() as connection:
            sql = f"SELECT {_ITEM} FROM item WHERE quiz = ? ORDER BY position, seq"
            rows = connection.execute(sql, (quiz_id,)).fetchall()
        return [_row(row) for row in rows]

    def item(self, item_id: str) -> ItemRow:
        with self._database.read() as connection:
            row = connection.execute(f"SELECT {_ITEM} FROM item WHERE id = ?", (item_id,)).fetchone()
        if row is None:
            raise StoreError("no item '{id}'", id=one_line(item_id, 60))
        return _row(row)

    def taken(self, ids: Sequence[str]) -> set[str]:
        """Which of these ids items have already."""
        with self._database.read() as connection:
            sql = "SELECT id FROM item WHERE id IN (SELECT value FROM json_each(?))"
            return {row[0] for row in connection.execute(sql, (json.dumps(list(ids)),))}

    def change(self, quiz_id: str, what: str, after: Sequence[ItemRow]) -> None:
        """Write rows as one step of the journal; what was undone before can no longer be redone.

        Args:
            quiz_id: The quiz.
            what: A short fixed word, such as `edit`.
            after: The rows as they are to be, new ones included. A new one is deleted by undoing.
        """
        with self._database.write() as connection:
            known = {row.id: row for row in self.items(quiz_id)}
            before = [known.get(row.id) or _never(row) for row in after]
            (done,) = connection.execute("SELECT changes FROM quiz WHERE id = ?", (quiz_id,)).fetchone()
            connection.execute("DELETE FROM change WHERE quiz = ? AND number > ?", (quiz_id, done))
            connection.execute(
                "INSERT INTO change (quiz, number, what, before, after, made) VALUES (?, ?, ?, ?, ?, ?)",
                (quiz_id, done + 1, what, _dump(before), _dump(after), utc_now()),
            )
            self._apply(connection, quiz_id, after, done + 1)

    def undo(self, quiz_id: str) -> str | None:
        """Take the last step back; returns what it was, or None."""
        return self._walk(quiz_id, "before", 0, -1)

    def redo(self, quiz_id: str) -> str | None:
        """Do the step that was taken back last again; returns what it was, or None."""
        return self._walk(quiz_id, "after", 1, 0)

    def _walk(self, quiz_id: str, side: str, at: int, to: int) -> str | None:
        with self._database.write() as connection:
            self.get(quiz_id)
            (done,) = connection.execute("SELECT changes FROM quiz WHERE id = ?", (quiz_id,)).fetchone()
            step = connection.execute(
                f"SELECT what, {side} FROM change WHERE quiz = ? AND number = ?", (quiz_id, done + at)
            ).fetchone()
            if step is None:
                return None
            rows = [ItemRow(**each) for each in json.loads(step[1])]
            self._apply(connection, quiz_id, rows, done + at + to)
            return str(step[0])

    def _apply(
        self, connection: sqlite3.Connection, quiz_id: str, rows: Sequence[ItemRow], done: int
    ) -> None:
        for row in rows:
            _put(connection, row, quiz_id)
        connection.execute(
            "UPDATE quiz SET changes = ?, updated = ? WHERE id = ?", (done, utc_now(), quiz_id)
        )

    def _set(self, quiz_id: str, column: str, value: str | int | None) -> None:
        with self._database.write() as connection:
            self.get(quiz_id)
            connection.execute(f"UPDATE quiz SET {column} = ? WHERE id = ?", (value, quiz_id))

    def _select(self, clause: str, *values: str) -> list[QuizRow]:
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM quiz q {clause}", values).fetchall()
        return [QuizRow(*row) for row in rows]


def _row(values: tuple[object, ...]) -> ItemRow:
    named = dict(zip((field.name for field in fields(ItemRow)), values, strict=True))
    return ItemRow(**{**named, "locked": bool(named["locked"])})  # type: ignore[arg-type]


def _put(connection: sqlite3.Connection, row: ItemRow, quiz_id: str) -> None:
    """Write a row, new or known. A question never moves to another quiz."""
    values = asdict(row) | {"quiz": quiz_id, "locked": int(row.locked)}
    kept = ", ".join(f"{name} = excluded.{name}" for name in values if name not in ("id", "quiz"))
    done = connection.execute(
        f"INSERT INTO item ({_ITEM}) VALUES ({', '.join(f':{name}' for name in values)})"
        f" ON CONFLICT (id) DO UPDATE SET {kept} WHERE quiz = excluded.quiz",
        values,
    )
    if done.rowcount != 1:
        raise StoreError("item '{id}' belongs to another quiz", id=one_line(row.id, 60))


def _never(row: ItemRow) -> ItemRow:
    """A new item as it was before it was there: deleted, so that undoing hides it and redoing finds it."""
    return replace(row, state="deleted")


def _dump(rows: Sequence[ItemRow]) -> str:
    return json.dumps([asdict(row) for row in rows], ensure_ascii=False)
