"""The conversation table: create, list, rename, archive, delete with undo."""

from __future__ import annotations

import sqlite3
from typing import Any

from aigc_tui.ids import utc_now, uuid7
from aigc_tui.store.connection import Database
from aigc_tui.store.errors import StoreError
from aigc_tui.store.naming import find_id
from aigc_tui.store.records import Conversation
from aigc_tui.text import clean, one_line

_COLUMNS = "id, kind, title, persona, model, created, updated, archived, head, messages"
_KINDS = ("chat", "write", "quiz")


class Conversations:
    """Everything about conversations but their messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(
        self, *, kind: str = "chat", title: str = "", persona: str = "", model: str = "", created: str = ""
    ) -> Conversation:
        """Begin a conversation.

        Args:
            kind: `chat`, `write` or `quiz`.
            title: what the list shows; empty until the first words are said.
            persona: the persona's id.
            model: the model's name; empty: the one of the settings.
            created: when it began, for an import; empty: now.
        """
        if kind not in _KINDS:
            raise StoreError(
                "conversation kind: '{kind}' is not valid; use {kinds}",
                kind=one_line(kind, 40),
                kinds=tuple(_KINDS),
            )
        now = created or utc_now()
        row = Conversation(uuid7(), kind, one_line(title), clean(persona), clean(model), now, now)
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO conversation (id, kind, title, persona, model, created, updated)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row.id, row.kind, row.title, row.persona, row.model, row.created, row.updated),
            )
        return row

    def get(self, conversation_id: str) -> Conversation:
        """Read one conversation, also an archived or trashed one; StoreError: there is none of that id."""
        found = self._select("WHERE id = ?", conversation_id)
        if not found:
            raise StoreError(
                "no conversation '{id}'; `aigc-tui history list` shows them", id=one_line(conversation_id, 60)
            )
        return found[0]

    def find(self, name: str) -> Conversation:
        """Read a conversation by what a person types of its id: see `find_id`."""
        return self.get(find_id(self._database, "conversation", name))

    def page(
        self,
        *,
        kind: str | None = None,
        archived: bool = False,
        limit: int = 50,
        before: Conversation | None = None,
    ) -> list[Conversation]:
        """List conversations, newest first, without the trashed ones.

        Args:
            kind: only this kind; None: all.
            archived: the archived ones instead of the others.
            limit: how many.
            before: the last one of the page before; None: the first page.
        """
        clauses, values = ["trashed IS NULL AND archived = ?"], [int(archived)]  # type: tuple[list[str], list[Any]]
        if kind is not None:
            clauses.append("kind = ?")
            values.append(kind)
        if before is not None:
            clauses.append("(updated, id) < (?, ?)")
            values += [before.updated, before.id]
        where = f"WHERE {' AND '.join(clauses)} ORDER BY updated DESC, id DESC LIMIT ?"
        return self._select(where, *values, limit)

    def latest(self, kind: str = "chat") -> Conversation | None:
        return next(iter(self.page(kind=kind, limit=1)), None)

    def trashed(self) -> list[Conversation]:
        """What is in the bin, last thrown away first."""
        return self._select("WHERE trashed IS NOT NULL ORDER BY trashed DESC, id DESC")

    def rename(self, conversation_id: str, title: str) -> None:
        self._set(conversation_id, "title", one_line(title))

    def set_persona(self, conversation_id: str, persona: str) -> None:
        self._set(conversation_id, "persona", clean(persona))

    def set_model(self, conversation_id: str, model: str) -> None:
        self._set(conversation_id, "model", clean(model))

    def set_head(self, conversation_id: str, message_id: str | None) -> None:
        """Show the path that ends at this message; None: an empty path."""
        with self._database.write() as connection:
            if message_id is not None and not _belongs(connection, conversation_id, message_id):
                raise StoreError(
                    "message '{id}' belongs to another conversation", id=one_line(message_id, 60)
                )
            self._set(conversation_id, "head", message_id)

    def settle(self, conversation_id: str, head: str, updated: str, archived: bool) -> None:
        """Set what an import knows: where the talk stood, when, and whether it was put away."""
        self.set_head(conversation_id, head)
        self._set(conversation_id, "updated", updated)
        self.archive(conversation_id, archived)

    def archive(self, conversation_id: str, on: bool = True) -> None:
        """Take a conversation out of the list, or (`on=False`) put it back."""
        self._set(conversation_id, "archived", int(on))

    def trash(self, conversation_id: str) -> None:
        """Delete so that it can be undone: neither list nor search shows it."""
        self._set(conversation_id, "trashed", utc_now())

    def untrash(self, conversation_id: str) -> None:
        self._set(conversation_id, "trashed", None)

    def purge(self, conversation_id: str) -> None:
        """Delete for good: rows, index and WAL no longer hold the words (backups do, until they rotate out).

        FTS5 before 3.42 keeps deleted terms until its segments merge, so the index is merged whole here.
        """
        with self._database.write() as connection:
            self.get(conversation_id)
            connection.execute("DELETE FROM message WHERE conversation = ?", (conversation_id,))
            connection.execute("DELETE FROM conversation WHERE id = ?", (conversation_id,))
            connection.execute("INSERT INTO message_search (message_search) VALUES ('optimize')")
            connection.execute("INSERT INTO title_search (title_search) VALUES ('optimize')")
        self._database.fold_log()

    def _set(self, conversation_id: str, column: str, value: str | int | None) -> None:
        with self._database.write() as connection:
            changed = connection.execute(
                f"UPDATE conversation SET {column} = ? WHERE id = ?", (value, conversation_id)
            )
            if changed.rowcount != 1:
                self.get(conversation_id)

    def _select(self, clause: str, *values: str | int) -> list[Conversation]:
        with self._database.read() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM conversation {clause}", values).fetchall()
        return [_record(row) for row in rows]


def _belongs(connection: sqlite3.Connection, conversation_id: str, message_id: str) -> bool:
    row = connection.execute("SELECT conversation FROM message WHERE id = ?", (message_id,)).fetchone()
    return row is not None and row[0] == conversation_id


def _record(row: tuple[Any, ...]) -> Conversation:
    values = [*row]
    values[7] = bool(row[7])
    return Conversation(*values)
