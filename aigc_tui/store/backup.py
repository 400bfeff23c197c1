"""Copies of the store: made while it is in use, verified, rotated, and restored.

A copy of a live SQLite file without its WAL is worthless, so SQLite's own backup call makes it page by page.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aigc_tui.files import private_folder, sync_folder
from aigc_tui.message import reason_of
from aigc_tui.store.errors import StoreError, explain
from aigc_tui.store.lock import alone
from aigc_tui.store.migrations import foreign_objects, version_of

_PATTERN = "aigc-tui-%Y%m%dT%H%M%SZ.db"
_DAYS, _WEEKS, _MONTHS = 7, 4, 6


def backup(store: Path, target: Path) -> Path:
    """Copy a store, which may be in use, into a file that stands alone, and return the copy.

    Raises:
        StoreError: there is no store, or the copy failed; an older copy at `target` is untouched then.
    """
    if not store.is_file():
        raise StoreError("{path}: no store to copy", path=store)
    if target.resolve() == store.resolve():
        raise StoreError("{path}: this is the store itself; name another file", path=target)
    try:
        with closing(sqlite3.connect(store, isolation_level=None)) as connection:
            copy_database(connection, target)
    except sqlite3.Error as error:
        raise explain(error, store) from error
    return target


def restore(file: Path, store: Path) -> Path | None:
    """Put a copy in the store's place after checking it as what it is: a file from outside.

    Returns:
        Where the old store was put, or None when there was none.

    Raises:
        StoreError: the copy is damaged, foreign or newer, or the store is open; nothing was changed.
    """
    if not file.is_file():
        raise StoreError("{path}: no such file", path=file)
    if file.resolve() == store.resolve():
        raise StoreError("{path}: this is the store itself; name a backup", path=file)
    private_folder(store.parent)
    fresh = store.with_name(f".{store.name}.restored")
    with alone(store):
        try:
            _verified_copy(file, fresh)
            return _swap(fresh, store)
        finally:
            fresh.unlink(missing_ok=True)


def backup_daily(store: Path, folder: Path, now: datetime | None = None) -> Path | None:
    """Make a copy unless the newest one is younger than a day (None), then let old ones go.

    Of each of the last 7 days, 4 weeks and 6 months that have copies, the newest one is kept.
    """
    moment = now or datetime.now(UTC)
    copies = _dated(folder)
    if copies and moment - max(copies.values()) < timedelta(days=1):
        return None
    made = backup(store, folder / moment.strftime(_PATTERN))
    copies[made] = moment
    for path in set(copies) - kept(copies):
        path.unlink(missing_ok=True)
    return made


def kept(copies: dict[Path, datetime]) -> set[Path]:
    """Choose which dated copies stay: the newest of each recent day, week and month."""
    newest_first = sorted(copies, key=lambda path: copies[path], reverse=True)
    periods = (("%Y-%m-%d", _DAYS), ("%G-W%V", _WEEKS), ("%Y-%m", _MONTHS))
    return {path for form, count in periods for path in _newest_of_each(newest_first, copies, form, count)}


def backup_before_migration(connection: sqlite3.Connection, folder: Path, version: int) -> Path:
    """Put a verified copy aside, named after the version that can read it."""
    target = folder / f"before-migration-from-v{version}-{_stamp()}.db"
    copy_database(connection, target)
    return target


def copy_database(connection: sqlite3.Connection, target: Path) -> None:
    """Copy a database into a new file: beside the target first, checked, then renamed.

    Raises:
        StoreError: the copy could not be made or failed its check; nothing is left behind.
    """
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        private_folder(target.parent)
        partial.touch(mode=0o600)
        with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            connection.backup(copy)
            # The copy is to stand alone, without a -wal beside it.
            copy.execute("PRAGMA journal_mode = DELETE").fetchall()
            problem = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if problem != "ok":
            raise StoreError(
                "{path}: the copy failed its check ({problem}); run `aigc-tui doctor`",
                path=target,
                problem=problem,
            )
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        partial.replace(target)
        sync_folder(target.parent)
    except sqlite3.Error as error:
        raise explain(error, target) from error
    except OSError as error:
        raise StoreError(
            "{path}: cannot be written: {reason}", path=target, reason=reason_of(error)
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _verified_copy(file: Path, fresh: Path) -> None:
    try:
        with closing(_open_untrusted(file)) as connection:
            version = version_of(connection, file)
            if version == 0:
                raise StoreError("{path}: an empty database, not a backup of aigc-tui", path=file)
            strangers = foreign_objects(connection, version)
            if strangers:
                raise StoreError(
                    "{path}: not made by aigc-tui; it also holds {objects}",
                    path=file,
                    objects=tuple(strangers[:3]),
                )
            copy_database(connection, fresh)
    except sqlite3.Error as error:
        raise explain(error, file) from error


def _open_untrusted(file: Path) -> sqlite3.Connection:
    """Open a file from outside so that its schema can run nothing (engine-safety E4)."""
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _swap(fresh: Path, store: Path) -> Path | None:
    aside = None
    if store.exists():
        aside = store.with_name(f"{store.stem}-before-restore-{_stamp()}{store.suffix}")
        _fold_wal(store)
        store.rename(aside)
    for suffix in ("-wal", "-shm"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)
    fresh.rename(store)
    sync_folder(store.parent)
    return aside


def _fold_wal(store: Path) -> None:
    """Move the WAL's content into the file, so that the file may be renamed. A damaged file is let be."""
    try:
        with closing(sqlite3.connect(store, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error:
        # It is about to be replaced because it is damaged; its WAL stays with it under the new name.
        wal = store.with_name(store.name + "-wal")
        if wal.exists():
            wal.rename(store.with_name(f"{store.name}-wal-{_stamp()}"))


def _dated(folder: Path) -> dict[Path, datetime]:
    found = {}
    for path in folder.glob("aigc-tui-*.db"):
        try:
            found[path] = datetime.strptime(path.name, _PATTERN).replace(tzinfo=UTC)
        except ValueError:
            continue
    return found


def _newest_of_each(
    newest_first: Sequence[Path], copies: dict[Path, datetime], form: str, count: int
) -> list[Path]:
    chosen: dict[str, Path] = {}
    for path in newest_first:
        chosen.setdefault(copies[path].strftime(form), path)
    return list(chosen.values())[:count]


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
