"""The schema as numbered steps that are only ever appended to, and how a file is brought up to date.

`user_version` says which steps a file has had; all pending steps run in one transaction, after a copy of the
file was put aside. A file from a newer program is refused. sqlite-utils is imported only when a step is due.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from aigc_tui.store.errors import SchemaError
from aigc_tui.store.quiz_schema import QUIZ_BENCH

APPLICATION_ID = 0x41494743
"""`AIGC` in SQLite's header, which tells our files from other programs'."""

INDEXED = "status NOT IN ('queued', 'streaming')"
"""Which messages are searchable: the finished ones. A reply being written enters the index when it ends."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step. `apply` gets a `sqlite_utils.Database` inside the transaction."""

    number: int
    name: str
    apply: Callable[[Any], None]


_CONVERSATIONS_AND_MESSAGES = """
CREATE TABLE conversation (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('chat', 'write', 'quiz')),
    title TEXT NOT NULL,
    persona TEXT NOT NULL,
    model TEXT NOT NULL,
    head TEXT,
    messages INTEGER NOT NULL DEFAULT 0 CHECK (messages >= 0),
    archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
    trashed TEXT,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
) STRICT;
CREATE INDEX conversation_newest ON conversation (archived, updated, id) WHERE trashed IS NULL;

CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversation (id),
    parent TEXT REFERENCES message (id),
    role TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant', 'notice')),
    author TEXT NOT NULL,
    status TEXT NOT NULL
        CHECK (status IN ('queued', 'streaming', 'complete', 'stopped', 'failed', 'interrupted')),
    created TEXT NOT NULL,
    rating INTEGER NOT NULL DEFAULT 0 CHECK (rating IN (-1, 0, 1)),
    model TEXT NOT NULL,
    adapter TEXT NOT NULL,
    sampling TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL DEFAULT 0,
    reused_tokens INTEGER NOT NULL DEFAULT 0,
    new_tokens INTEGER NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    prompt_hash TEXT NOT NULL,
    owner TEXT NOT NULL,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX message_conversation ON message (conversation);
CREATE INDEX message_parent ON message (parent) WHERE parent IS NOT NULL;
CREATE INDEX message_root ON message (conversation) WHERE parent IS NULL;
CREATE INDEX message_unfinished ON message (status) WHERE status IN ('queued', 'streaming');
"""

# The views are what FTS5 takes for its content table: the terms are computed from the text when they are
# needed (a rebuild, an integrity check), not stored a second time. Only a store's writer knows search_words
# and search_chars, so no other tool can change a text behind the index's back.
_SEARCH = f"""
CREATE VIEW message_terms AS
    SELECT seq, search_words(content) AS words, search_chars(content) AS chars FROM message WHERE {INDEXED};
CREATE VIRTUAL TABLE message_search USING fts5 (
    words, chars, content = 'message_terms', content_rowid = 'seq',
    tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TRIGGER message_search_insert AFTER INSERT ON message WHEN new.{INDEXED} BEGIN
    INSERT INTO message_search (rowid, words, chars)
    VALUES (new.seq, search_words(new.content), search_chars(new.content));
END;
CREATE TRIGGER message_search_update AFTER UPDATE OF status, content ON message
WHEN old.{INDEXED} OR new.{INDEXED} BEGIN
    INSERT INTO message_search (message_search, rowid, words, chars)
    SELECT 'delete', old.seq, search_words(old.content), search_chars(old.content) WHERE old.{INDEXED};
    INSERT INTO message_search (rowid, words, chars)
    SELECT new.seq, search_words(new.content), search_chars(new.content) WHERE new.{INDEXED};
END;
CREATE TRIGGER message_search_delete AFTER DELETE ON message WHEN old.{INDEXED} BEGIN
    INSERT INTO message_search (message_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(old.content), search_chars(old.content));
END;

CREATE VIEW title_terms AS
    SELECT seq, search_words(title) AS words, search_chars(title) AS chars FROM conversation;
CREATE VIRTUAL TABLE title_search USING fts5 (
    words, chars, content = 'title_terms', content_rowid = 'seq',
    tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TRIGGER title_search_insert AFTER INSERT ON conversation BEGIN
    INSERT INTO title_search (rowid, words, chars)
    VALUES (new.seq, search_words(new.title), search_chars(new.title));
END;
CREATE TRIGGER title_search_update AFTER UPDATE OF title ON conversation BEGIN
    INSERT INTO title_search (title_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(old.title), search_chars(old.title));
    INSERT INTO title_search (rowid, words, chars)
    VALUES (new.seq, search_words(new.title), search_chars(new.title));
END;
CREATE TRIGGER title_search_delete AFTER DELETE ON conversation BEGIN
    INSERT INTO title_search (title_search, rowid, words, chars)
    VALUES ('delete', old.seq, search_words(old.title), search_chars(old.title));
END;
"""


def _first(db: Any) -> None:
    for statement in statements(_CONVERSATIONS_AND_MESSAGES + _SEARCH):
        db.execute(statement)


def _second(db: Any) -> None:
    for statement in statements(QUIZ_BENCH):
        db.execute(statement)


MIGRATIONS = (
    Migration(1, "conversations, messages and their search", _first),
    Migration(2, "lessons, quizzes, attempts, practice and their search", _second),
)


def statements(script: str) -> list[str]:
    """Split an SQL script; `executescript` would commit the running transaction."""
    found: list[str] = []
    rest = ""
    for line in script.splitlines(keepends=True):
        rest += line
        if sqlite3.complete_statement(rest):
            found.append(rest.strip())
            rest = ""
    return found


def latest(migrations: Sequence[Migration] = MIGRATIONS) -> int:
    """The schema version that this program writes."""
    return migrations[-1].number


def version_of(
    connection: sqlite3.Connection, where: object, migrations: Sequence[Migration] = MIGRATIONS
) -> int:
    """Read a file's schema version; 0 is an empty file.

    Raises:
        SchemaError: the file is another program's, or was written by a newer version of this one.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if application != APPLICATION_ID and not empty:
        raise SchemaError("{path}: not a store of aigc-tui; name another file, or another --home", path=where)
    if version > latest(migrations):
        raise SchemaError(
            "{path}: written by a newer aigc-tui (schema {version}, this one knows {known}); "
            "update aigc-tui, or restore an earlier backup",
            path=where,
            version=version,
            known=latest(migrations),
        )
    return version


def migrate(
    connection: sqlite3.Connection, version: int, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Apply the steps after `version`, all or none. Call it under the lock, outside any transaction."""
    from sqlite_utils import Database

    connection.execute("BEGIN IMMEDIATE")
    try:
        db = Database(connection, execute_plugins=False)
        for step in (each for each in migrations if each.number > version):
            step.apply(db)
            connection.execute(f"PRAGMA user_version = {step.number}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


_SHADOW = re.compile(r"_(data|idx|content|docsize|config)$")


def foreign_objects(
    connection: sqlite3.Connection, version: int, migrations: Sequence[Migration] = MIGRATIONS
) -> list[str]:
    """Name the tables, views, indexes and triggers that a store of this version does not have like that."""
    return sorted(name for name, _ in _objects(connection) - _expected(version, migrations))


def missing_objects(
    connection: sqlite3.Connection, version: int, migrations: Sequence[Migration] = MIGRATIONS
) -> list[str]:
    """Name what a store of this version should have and this one has not, or not like that."""
    return sorted(name for name, _ in _expected(version, migrations) - _objects(connection))


def _expected(version: int, migrations: Sequence[Migration]) -> set[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        migrate(model, 0, [step for step in migrations if step.number <= version])
        return _objects(model)


def _objects(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    rows = connection.execute("SELECT type || ' ' || name, name, coalesce(sql, '') FROM sqlite_schema")
    # FTS5 owns its shadow tables, and SQLite its statistics; both vary with SQLite's version.
    return {
        (label, " ".join(sql.split()))
        for label, name, sql in rows
        if not name.startswith("sqlite_") and not _SHADOW.search(name)
    }
