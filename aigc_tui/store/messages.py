"""The message tree: a row exists before its first token, is flushed while it grows, and is never overwritten.

Regenerating and editing add siblings, so a conversation is a tree whose shown path ends at
`conversation.head`. Pages are read from the leaf upwards: opening a conversation costs the page, not its
length.
"""

from __future__ import annotations

import sqlite3
import statistics
from typing import Any

from aigc_tui.ids import utc_now, uuid7
from aigc_tui.store.connection import Database
from aigc_tui.store.errors import StoreError
from aigc_tui.store.lock import current_owner, is_alive
from aigc_tui.store.records import Message, Status
from aigc_tui.text import clean, one_line

_STORED = (
    "id, conversation, parent, role, author, content, status, created, rating, model, adapter, sampling,"
    " prompt_tokens, reused_tokens, new_tokens, seconds, prompt_hash"
)
_SAME_PARENT = (
    "CASE WHEN m.parent IS NULL"
    " THEN (SELECT count(*) FROM message s"
    " WHERE s.conversation = m.conversation AND s.parent IS NULL {extra})"
    " ELSE (SELECT count(*) FROM message s WHERE s.parent = m.parent {extra}) END"
)
_COLUMNS = ", ".join(
    [
        *(f"m.{name.strip()}" for name in _STORED.split(",")),
        _SAME_PARENT.format(extra=""),
        _SAME_PARENT.format(extra="AND s.seq < m.seq"),
    ]
)
# A parent is always older than its child. Asking for that ends each walk even in a damaged tree.
_PATH = """
WITH RECURSIVE walk (seq, parent, depth) AS (
    SELECT seq, parent, 1 FROM message WHERE id = ?1 AND conversation = ?2
    UNION ALL
    SELECT p.seq, p.parent, depth + 1 FROM walk JOIN message p ON p.id = walk.parent
    WHERE depth < ?3 AND p.seq < walk.seq)
"""
_SUBTREE = """
WITH RECURSIVE branch (seq, id) AS (
    SELECT seq, id FROM message WHERE id = ?
    UNION ALL
    SELECT c.seq, c.id FROM branch JOIN message c ON c.parent = branch.id AND c.seq > branch.seq)
"""


def _record(row: tuple[Any, ...]) -> Message:
    values = [*row]
    values[6] = Status(row[6])
    return Message(*values)


def _values_of(message: Message) -> tuple[Any, ...]:
    texts = (message.id, message.conversation, message.parent, message.role, message.author, message.content)
    numbers = (message.prompt_tokens, message.reused_tokens, message.new_tokens, message.seconds)
    return (
        *(None if text is None else clean(text) for text in texts),
        message.status.value,
        clean(message.created),
        message.rating,
        *(clean(text) for text in (message.model, message.adapter, message.sampling)),
        *numbers,
        clean(message.prompt_hash),
    )


def _check_place(connection: sqlite3.Connection, conversation: str, parent: str | None) -> None:
    known = connection.execute("SELECT 1 FROM conversation WHERE id = ?", (conversation,)).fetchone()
    if known is None:
        raise StoreError("no conversation '{id}'", id=one_line(conversation, 60))
    if parent is None:
        return
    row = connection.execute("SELECT conversation FROM message WHERE id = ?", (parent,)).fetchone()
    if row is None or row[0] != conversation:
        raise StoreError("message '{id}' belongs to another conversation", id=one_line(parent, 60))


def _head_of(connection: sqlite3.Connection, conversation: str) -> str | None:
    row = connection.execute("SELECT head FROM conversation WHERE id = ?", (conversation,)).fetchone()
    return row[0] if row else None


def _parent_of(connection: sqlite3.Connection, message_id: str) -> str | None:
    row = connection.execute("SELECT parent FROM message WHERE id = ?", (message_id,)).fetchone()
    if row is None:
        raise _missing(message_id)
    return str(row[0]) if row[0] is not None else None


def _missing(message_id: str) -> StoreError:
    return StoreError("no message '{id}'", id=one_line(message_id, 60))


UNFINISHED = (Status.QUEUED, Status.STREAMING)
_WHOLE = 1 << 40
_TIMED_TOKENS, _TIMED_REPLIES, _TIMED_EACH = 16, 400, 9
"""What `speeds` looks at: replies of so many tokens, the latest so many, and so many of each model."""


class Messages:
    """Everything about the messages of conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._owner = current_owner()

    def add(
        self,
        *,
        conversation: str,
        parent: str | None,
        role: str,
        content: str = "",
        status: Status = Status.COMPLETE,
        author: str = "",
        model: str = "",
        adapter: str = "",
        sampling: str = "",
        prompt_hash: str = "",
    ) -> Message:
        """Append a message and make it the head of its conversation.

        Args:
            conversation: the conversation's id.
            parent: the message that it answers; None: a root.
            role: `system`, `user`, `assistant`, or `notice` (shown, never given to a model).
            content: its words; empty for a reply that is about to be written.
            status: `streaming` or `queued` marks this process as its writer until `finish`.
            author: the name to show.
            model: which model writes it.
            adapter: the content hash of the adapter used.
            sampling: the sampling settings as JSON.
            prompt_hash: the hash of the prompt.

        Raises:
            StoreError: no such conversation, parent or role.
        """
        message = Message(
            uuid7(), conversation, parent, role, author, content, status, utc_now(),
            model=model, adapter=adapter, sampling=sampling, prompt_hash=prompt_hash,
        )  # fmt: skip
        with self._database.write() as connection:
            self.insert(message)
            connection.execute(
                "UPDATE conversation SET head = ?, updated = ? WHERE id = ?",
                (message.id, message.created, conversation),
            )
            return self.get(message.id)

    def insert(self, message: Message) -> None:
        """Write a message as it is, id and time included, without touching the head: for imports."""
        with self._database.write() as connection:
            _check_place(connection, message.conversation, message.parent)
            try:
                connection.execute(
                    f"INSERT INTO message ({_STORED}, owner) VALUES ({', '.join('?' * 18)})",
                    (*_values_of(message), self._owner if message.status in UNFINISHED else ""),
                )
            except sqlite3.IntegrityError as error:
                raise StoreError(
                    "message '{id}' cannot be stored: {problem}", id=one_line(message.id, 60), problem=error
                ) from error
            connection.execute(
                "UPDATE conversation SET messages = messages + 1 WHERE id = ?", (message.conversation,)
            )

    def flush(self, message_id: str, content: str, new_tokens: int) -> None:
        """Keep what has been written so far. Cheap; call it every 250 ms.

        A flush that arrives after `finish` changes nothing.
        """
        with self._database.write() as connection:
            connection.execute(
                "UPDATE message SET content = ?, new_tokens = ?, status = 'streaming'"
                " WHERE id = ? AND status IN ('queued', 'streaming')",
                (clean(content), new_tokens, message_id),
            )

    def finish(
        self,
        message_id: str,
        content: str,
        status: Status,
        *,
        prompt_tokens: int = 0,
        reused_tokens: int = 0,
        new_tokens: int = 0,
        seconds: float = 0.0,
        sampling: str = "",
    ) -> Message:
        """End a reply: its last words, how it ended and what it cost; from now on it can be found."""
        if status in UNFINISHED:
            raise StoreError("a reply cannot end as '{status}'", status=status.value)
        with self._database.write() as connection:
            connection.execute(
                "UPDATE message SET content = ?, status = ?, prompt_tokens = ?, reused_tokens = ?,"
                " new_tokens = ?, seconds = ?, sampling = coalesce(nullif(?, ''), sampling), owner = ''"
                " WHERE id = ?",
                (clean(content), status.value, prompt_tokens, reused_tokens, new_tokens, seconds,
                 sampling, message_id),
            )  # fmt: skip
            connection.execute(
                "UPDATE conversation SET updated = ?"
                " WHERE id = (SELECT conversation FROM message WHERE id = ?)",
                (utc_now(), message_id),
            )
            return self.get(message_id)

    def reopen(self, message_id: str) -> None:
        """Let a broken-off reply stream again from its words; StoreError: a living process writes it."""
        with self._database.write() as connection:
            status, owner = self._status(connection, message_id)
            if status in UNFINISHED and owner != self._owner and is_alive(owner):
                raise StoreError("another aigc-tui is writing this reply; wait until it has finished")
            connection.execute(
                "UPDATE message SET status = 'streaming', owner = ? WHERE id = ?", (self._owner, message_id)
            )

    def note_prompt(self, message_id: str, prompt_hash: str, sampling: str) -> None:
        """Record the prompt's hash and the sampling settings (JSON) of a reply, once they are known."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE message SET prompt_hash = ?, sampling = ? WHERE id = ?",
                (clean(prompt_hash), clean(sampling), message_id),
            )

    def rate(self, message_id: str, value: int) -> None:
        """Thumb a message up (1) or down (-1), or take that back (0)."""
        if value not in (-1, 0, 1):
            raise StoreError("rating: {value} is not valid; use -1, 0 or 1", value=value)
        with self._database.write() as connection:
            self._status(connection, message_id)
            connection.execute("UPDATE message SET rating = ? WHERE id = ?", (value, message_id))

    def get(self, message_id: str) -> Message:
        found = self._select("", "FROM message m WHERE m.id = ?", message_id)
        if not found:
            raise _missing(message_id)
        return found[0]

    def path(
        self,
        conversation: str,
        head: str | None = None,
        *,
        limit: int | None = None,
        before: str | None = None,
    ) -> list[Message]:
        """Read the path from the root to a leaf, or a page of it, in the order of talk.

        Args:
            conversation: the conversation's id.
            head: the leaf; None: the conversation's head.
            limit: only the last so many messages.
            before: only those above this message, which must be on the path; `limit` counts from there.
        """
        with self._database.read() as connection:
            leaf = _parent_of(connection, before) if before else head or _head_of(connection, conversation)
        if leaf is None:
            return []
        depth = _WHOLE if limit is None else max(limit, 0)
        tail = "FROM walk CROSS JOIN message m ON m.seq = walk.seq ORDER BY m.seq"
        return self._select(_PATH, tail, leaf, conversation, depth) if depth else []

    def tree(self, conversation: str) -> list[Message]:
        return self._select("", "FROM message m WHERE m.conversation = ? ORDER BY m.seq", conversation)

    def siblings(self, message_id: str) -> list[Message]:
        """Read the messages with the same parent, itself included, oldest first."""
        message = self.get(message_id)
        if message.parent is None:
            tail = "FROM message m WHERE m.conversation = ? AND m.parent IS NULL ORDER BY m.seq"
            return self._select("", tail, message.conversation)
        return self._select("", "FROM message m WHERE m.parent = ? ORDER BY m.seq", message.parent)

    def newest_leaf(self, message_id: str) -> Message:
        """The youngest message in the subtree of this one: where a walk to a sibling ends."""
        tail = "FROM message m WHERE m.seq = (SELECT max(seq) FROM branch)"
        found = self._select(_SUBTREE, tail, message_id)
        if not found:
            raise _missing(message_id)
        return found[0]

    def said(self, limit: int = 200) -> list[str]:
        """What the user wrote last, anywhere, oldest first: the prompt's history."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT content FROM message WHERE role = 'user' ORDER BY seq DESC LIMIT ?", (limit,)
            ).fetchall()
        return [row[0] for row in reversed(rows)]

    def speeds(self) -> dict[str, float]:
        """Tell how fast models wrote, in tokens a second: the median of the latest replies of each.

        Short replies do not count, since much of their time is not writing.
        """
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT model, new_tokens / seconds FROM message WHERE role = 'assistant' AND seconds > 0"
                " AND new_tokens >= ? ORDER BY seq DESC LIMIT ?",
                (_TIMED_TOKENS, _TIMED_REPLIES),
            ).fetchall()
        found: dict[str, list[float]] = {}
        for model, speed in rows:
            found.setdefault(model, []).append(speed)
        return {model: statistics.median(latest[:_TIMED_EACH]) for model, latest in found.items()}

    def recover(self) -> int:
        """Mark what dead processes left half-written as interrupted, words kept; returns how many."""
        with self._database.read() as connection:
            unfinished = connection.execute(
                "SELECT id, owner FROM message WHERE status IN ('queued', 'streaming')"
            ).fetchall()
        left = [(message, owner) for message, owner in unfinished if not is_alive(owner)]
        if left:
            with self._database.write() as connection:
                connection.executemany(
                    "UPDATE message SET status = 'interrupted', owner = '' WHERE id = ? AND owner = ?", left
                )
        return len(left)

    def _status(self, connection: sqlite3.Connection, message_id: str) -> tuple[Status, str]:
        row = connection.execute("SELECT status, owner FROM message WHERE id = ?", (message_id,)).fetchone()
        if row is None:
            raise _missing(message_id)
        return Status(row[0]), row[1]

    def _select(self, prelude: str, tail: str, *values: str | int) -> list[Message]:
        with self._database.read() as connection:
            rows = connection.execute(f"{prelude} SELECT {_COLUMNS} {tail}", values).fetchall()
        return [_record(row) for row in rows]
