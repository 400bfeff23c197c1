"""The store's one family of errors."""

from __future__ import annotations

import sqlite3

from aigc_tui.message import AppError, message


class StoreError(AppError):
    """Something asked of the store cannot be done; the message says what, where and what would be right."""


class StoreBusyError(StoreError):
    """Another process holds the store's write lock for longer than a short transaction takes."""


class SchemaError(StoreError):
    """The file is no store of this program, or one from a newer version."""


_EXPLANATIONS = {
    sqlite3.SQLITE_FULL: message(
        "the disk is full; free some space and try again (nothing saved before was lost)"
    ),
    sqlite3.SQLITE_IOERR: message(
        "the disk refused to read or write; check free space and the disk's health"
    ),
    sqlite3.SQLITE_READONLY: message("the file is read-only; check its permissions"),
    sqlite3.SQLITE_CANTOPEN: message(
        "the file cannot be opened; check that its folder exists and is writable"
    ),
    sqlite3.SQLITE_NOTADB: message("not an SQLite database; restore a backup with `aigc-tui restore FILE`"),
    sqlite3.SQLITE_CORRUPT: message(
        "the file is damaged; run `aigc-tui doctor --repair` or restore a backup"
    ),
    sqlite3.SQLITE_BUSY: message("another program keeps the file locked; close it and try again"),
}


def explain(error: sqlite3.Error, where: object) -> StoreError:
    """Word an SQLite error as one line that names the file and a way out."""
    code = getattr(error, "sqlite_errorcode", None)
    hint = _EXPLANATIONS.get(code & 0xFF) if isinstance(code, int) else None
    return StoreError("{path}: {problem}", path=str(where), problem=hint or error)
