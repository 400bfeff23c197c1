"""Copies of the store: made while it is in use, verified, rotated, and put back.

Why it exists: a copy of a live SQLite file without its WAL is worthless, and an unverified copy may be.
SQLite's own backup call makes a consistent one page by page.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from aigc_tui.files import private_folder, sync_folder
from aigc_tui.store.errors import StoreError, explain


def backup_before_migration(connection: sqlite3.Connection, folder: Path, version: int) -> Path:
    """Put a verified copy aside before the schema changes.

    Returns:
        The copy, named after the version that can read it.
    """
    target = folder / f"before-migration-from-v{version}-{_stamp()}.db"
    copy_database(connection, target)
    return target


def copy_database(connection: sqlite3.Connection, target: Path) -> None:
    """Copy a database into a new file: beside the target first, checked, then renamed.

    Raises:
        StoreError: the copy could not be made or failed its check; nothing is left behind.
    """
    private_folder(target.parent)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        partial.touch(mode=0o600)
        with closing(sqlite3.connect(partial)) as copy:
            connection.backup(copy)
            # The copy is to stand alone, without a -wal beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            problem = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise StoreError(
                f"{target}: the copy failed its check ({problem}); the store may be damaged, run doctor"
            )
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
        sync_folder(target.parent)
    except sqlite3.Error as error:
        raise explain(error, target) from error
    except OSError as error:
        raise StoreError(f"{target}: the copy cannot be written: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
