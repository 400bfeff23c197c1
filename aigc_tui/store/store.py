"""`Store`: opens the file (checking whose it is, migrating it after a backup) and bundles its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from aigc_tui.config import Paths
from aigc_tui.store.backup import backup_before_migration
from aigc_tui.store.connection import Database
from aigc_tui.store.conversations import Conversations
from aigc_tui.store.lessons import Lessons
from aigc_tui.store.messages import Messages
from aigc_tui.store.migrations import MIGRATIONS, Migration, latest, migrate, version_of
from aigc_tui.store.practice import Practice
from aigc_tui.store.quizzes import Quizzes
from aigc_tui.store.records import SearchHit
from aigc_tui.store.search import Search


class Store:
    """An open store. Any thread may use it; a search in one thread does not hold up a flush in another.

    `database` is for checks, backups and imports; `backups` holds the copies made before a migration.
    """

    def __init__(self, database: Database, backups: Path) -> None:
        self.database = database
        self.backups = backups
        self.conversations = Conversations(database)
        self.messages = Messages(database)
        self.lessons = Lessons(database)
        self.quizzes = Quizzes(database)
        self.practice = Practice(database)
        self._search = Search(database)

    @classmethod
    def open(
        cls,
        where: Path | Paths,
        backups: Path | None = None,
        *,
        migrations: Sequence[Migration] = MIGRATIONS,
        factory: type[sqlite3.Connection] = sqlite3.Connection,
    ) -> Store:
        """Open a store, creating it or bringing it up to date where due.

        Args:
            where: the SQLite file, or the user's paths.
            backups: where a copy goes before a migration; default: `backups` beside the file.
            migrations: the schema's steps.
            factory: the connection class.

        Raises:
            SchemaError: the file is not ours, or newer than this program.
            StoreError: the file cannot be opened or is damaged.
        """
        path = where.store if isinstance(where, Paths) else where
        folder = backups or path.parent / "backups"
        database = Database(path, factory)
        try:
            _bring_up_to_date(database, folder, migrations)
        except BaseException:
            database.close()
            raise
        return cls(database, folder)

    def search(self, query: str, *, kind: str | None = None, limit: int = 50) -> list[SearchHit]:
        """Find words; see `Search.find`. A hit in the title of a conversation has an empty `message`."""
        return self._search.find(query, kind=kind, limit=limit)

    def recover(self) -> int:
        return self.messages.recover()

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _bring_up_to_date(database: Database, backups: Path, migrations: Sequence[Migration]) -> None:
    with database.exclusive() as connection:
        version = version_of(connection, database.path, migrations)
        database.use_wal()
        if version == latest(migrations):
            return
        if version > 0:
            backup_before_migration(connection, backups, version)
        migrate(connection, version, migrations)
