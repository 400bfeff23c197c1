"""What a file's schema should look like, compared with what it does look like.

Why it exists: a restored file comes from outside, and a trigger or view in it would run with our connection.
Doctor asks the same question of the store in use.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing

from aigc_tui.store.migrations import MIGRATIONS, Migration, migrate

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
