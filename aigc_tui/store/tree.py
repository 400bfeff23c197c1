"""The SQL of the message tree, and rows to `Message` and back.

Why it exists: `messages` says what may be done with a message; how the tree is walked in SQL stands here.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from aigc_tui.store.errors import StoreError
from aigc_tui.store.records import Message, Status
from aigc_tui.text import clean, one_line

STORED = (
    "id, conversation, parent, role, author, content, status, created, rating, model, adapter, sampling,"
    " prompt_tokens, reused_tokens, new_tokens, seconds, prompt_hash"
)
_SAME_PARENT = (
    "CASE WHEN m.parent IS NULL"
    " THEN (SELECT count(*) FROM message s"
    " WHERE s.conversation = m.conversation AND s.parent IS NULL {extra})"
    " ELSE (SELECT count(*) FROM message s WHERE s.parent = m.parent {extra}) END"
)
COLUMNS = ", ".join(
    [
        *(f"m.{name.strip()}" for name in STORED.split(",")),
        _SAME_PARENT.format(extra=""),
        _SAME_PARENT.format(extra="AND s.seq < m.seq"),
    ]
)
# A parent is always older than its child. Asking for that ends each walk even in a damaged tree.
PATH = """
WITH RECURSIVE walk (seq, parent, depth) AS (
    SELECT seq, parent, 1 FROM message WHERE id = ?1 AND conversation = ?2
    UNION ALL
    SELECT p.seq, p.parent, depth + 1 FROM walk JOIN message p ON p.id = walk.parent
    WHERE depth < ?3 AND p.seq < walk.seq)
"""
SUBTREE = """
WITH RECURSIVE branch (seq, id) AS (
    SELECT seq, id FROM message WHERE id = ?
    UNION ALL
    SELECT c.seq, c.id FROM branch JOIN message c ON c.parent = branch.id AND c.seq > branch.seq)
"""


def record(row: tuple[Any, ...]) -> Message:
    """Read a row of `COLUMNS`."""
    values = [*row]
    values[6] = Status(row[6])
    return Message(*values)


def values_of(message: Message) -> tuple[Any, ...]:
    """The values of `STORED` for a message, cleaned."""
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


def check_place(connection: sqlite3.Connection, conversation: str, parent: str | None) -> None:
    """Make sure that a message may stand under this parent.

    Raises:
        StoreError: no such conversation, or the parent is not of it.
    """
    known = connection.execute("SELECT 1 FROM conversation WHERE id = ?", (conversation,)).fetchone()
    if known is None:
        raise StoreError("no conversation '{id}'", id=one_line(conversation, 60))
    if parent is None:
        return
    row = connection.execute("SELECT conversation FROM message WHERE id = ?", (parent,)).fetchone()
    if row is None or row[0] != conversation:
        raise StoreError("message '{id}' belongs to another conversation", id=one_line(parent, 60))


def head_of(connection: sqlite3.Connection, conversation: str) -> str | None:
    """The leaf of the path on show, or None."""
    row = connection.execute("SELECT head FROM conversation WHERE id = ?", (conversation,)).fetchone()
    return row[0] if row else None


def parent_of(connection: sqlite3.Connection, message_id: str) -> str | None:
    """The parent of a message; None: it is a root.

    Raises:
        StoreError: no such message.
    """
    row = connection.execute("SELECT parent FROM message WHERE id = ?", (message_id,)).fetchone()
    if row is None:
        raise missing(message_id)
    return str(row[0]) if row[0] is not None else None


def missing(message_id: str) -> StoreError:
    """The error for a message that there is not."""
    return StoreError("no message '{id}'", id=one_line(message_id, 60))
