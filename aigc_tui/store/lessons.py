"""The lesson tables as rows: keep a lesson, list, read it back whole, delete with undo."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from aigc_tui.ids import utc_now, uuid7
from aigc_tui.store.connection import Database
from aigc_tui.store.errors import StoreError
from aigc_tui.store.naming import find_id
from aigc_tui.store.records import LessonRow, SectionRow, SentenceRow
from aigc_tui.text import one_line

_COLUMNS = """
    l.id, l.title, l.language, l.source, l.sha256,
    (SELECT count(*) FROM section s WHERE s.lesson = l.seq),
    (SELECT count(*) FROM sentence s WHERE s.lesson = l.seq),
    l.pages, l.characters, l.created,
    (SELECT count(*) FROM quiz q WHERE q.lesson = l.id AND q.trashed IS NULL)
"""
_SECTION = "title, level, start, stop, path, content"
_SENTENCE = "start, stop, section, paragraph, kind, listed"


class Lessons:
    """Everything about lessons as rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        *,
        sha256: str,
        title: str,
        language: str,
        source: str,
        pages: int,
        rest: str,
        sections: Sequence[SectionRow],
        sentences: Sequence[SentenceRow],
    ) -> LessonRow:
        """Keep a lesson; the same text again is the same row, brought back from the bin if it lay there.

        Args:
            sha256: Of the text; what makes two lessons the same.
            title: For people.
            language: `en` or `zh`.
            source: Where it came from, for people.
            pages: How many; 0: it has none.
            rest: Emphases, asides, page offsets and notes as JSON.
            sections: In order.
            sentences: In order.
        """
        with self._database.write() as connection:
            known = connection.execute("SELECT id FROM lesson WHERE sha256 = ?", (sha256,)).fetchone()
            if known is not None:
                self.untrash(known[0])
                return self.get(known[0])
            lesson_id = uuid7()
            characters = sum(len(section.content) for section in sections)
            cursor = connection.execute(
                "INSERT INTO lesson (id, sha256, title, language, source, characters, pages, rest, created)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (lesson_id, sha256, one_line(title), language, source, characters, pages, rest, utc_now()),
            )
            assert cursor.lastrowid is not None
            _insert_parts(connection, cursor.lastrowid, sections, sentences)
            return self.get(lesson_id)

    def get(self, lesson_id: str) -> LessonRow:
        """Read a lesson's row, also a trashed one's; StoreError: there is none of that id."""
        found = self._select("WHERE l.id = ?", lesson_id)
        if not found:
            raise StoreError(
                "no lesson '{id}'; `aigc-tui quiz list --lessons` shows them", id=one_line(lesson_id, 60)
            )
        return found[0]

    def find(self, name: str) -> LessonRow:
        """Read a lesson by what a person types of its id: see `find_id`."""
        return self.get(find_id(self._database, "lesson", name))

    def by_sha256(self, sha256: str) -> LessonRow | None:
        """The lesson of that text, if it is kept and not in the bin."""
        found = self._select("WHERE l.sha256 = ? AND l.trashed IS NULL", sha256)
        return found[0] if found else None

    def page(self) -> list[LessonRow]:
        return self._select("WHERE l.trashed IS NULL ORDER BY l.created DESC, l.id DESC")

    def trashed(self) -> list[LessonRow]:
        return self._select("WHERE l.trashed IS NOT NULL ORDER BY l.trashed DESC, l.id DESC")

    def parts(self, lesson_id: str) -> tuple[str, list[SectionRow], list[SentenceRow]]:
        """What a lesson is made of: the `rest` as JSON, the sections and the sentences, in order."""
        with self._database.read() as connection:
            row = connection.execute("SELECT seq, rest FROM lesson WHERE id = ?", (lesson_id,)).fetchone()
            if row is None:
                self.get(lesson_id)
            order = "WHERE lesson = ? ORDER BY number"
            sections = connection.execute(f"SELECT {_SECTION} FROM section {order}", row[:1]).fetchall()
            sentences = connection.execute(f"SELECT {_SENTENCE} FROM sentence {order}", row[:1]).fetchall()
        return row[1], [SectionRow(*each) for each in sections], [SentenceRow(*each) for each in sentences]

    def trash(self, lesson_id: str) -> None:
        """Put a lesson and its quizzes into the bin, so that it can be undone.

        The quizzes are marked with the lesson's id beside the time, unlike those thrown away before.
        """
        now = utc_now()
        with self._database.write() as connection:
            self.get(lesson_id)
            for table, key, mark in (("quiz", "lesson", f"{now} {lesson_id}"), ("lesson", "id", now)):
                connection.execute(
                    f"UPDATE {table} SET trashed = ? WHERE {key} = ? AND trashed IS NULL", (mark, lesson_id)
                )

    def untrash(self, lesson_id: str) -> None:
        """Undo `trash`: the quizzes that went with the lesson come back with it, earlier ones do not."""
        with self._database.write() as connection:
            self.get(lesson_id)
            connection.execute(
                "UPDATE quiz SET trashed = NULL WHERE lesson = ?1"
                " AND trashed = (SELECT trashed || ' ' || id FROM lesson WHERE id = ?1)",
                (lesson_id,),
            )
            connection.execute("UPDATE lesson SET trashed = NULL WHERE id = ?", (lesson_id,))

    def purge(self, lesson_id: str) -> None:
        """Delete a lesson for good. Its quizzes stay (they quote it), as quizzes of no kept lesson."""
        with self._database.write() as connection:
            self.untrash(lesson_id)
            connection.execute("UPDATE quiz SET lesson = NULL WHERE lesson = ?", (lesson_id,))
            seq = connection.execute("SELECT seq FROM lesson WHERE id = ?", (lesson_id,)).fetchone()
            connection.execute("DELETE FROM sentence WHERE lesson = ?", seq)
            connection.execute("DELETE FROM section WHERE lesson = ?", seq)
            connection.execute("DELETE FROM lesson WHERE seq = ?", seq)
            connection.execute("INSERT INTO section_search (section_search) VALUES ('optimize')")
        self._database.fold_log()

    def _select(self, clause: str, *values: str) -> list[LessonRow]:
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM lesson l {clause}", values).fetchall()
        return [LessonRow(*row) for row in rows]


def _insert_parts(
    connection: sqlite3.Connection,
    lesson: int,
    sections: Sequence[SectionRow],
    sentences: Sequence[SentenceRow],
) -> None:
    tables: tuple[tuple[str, str, Sequence[Any]], ...] = (
        ("section", _SECTION, sections),
        ("sentence", _SENTENCE, sentences),
    )
    for table, columns, rows in tables:
        names = columns.split(", ")
        marks = ", ".join("?" * (len(names) + 2))
        connection.executemany(
            f"INSERT INTO {table} (lesson, number, {columns}) VALUES ({marks})",
            ((lesson, number, *(getattr(row, name) for name in names)) for number, row in enumerate(rows)),
        )
