"""Connections to the one SQLite file: one writer, and readers that never wait for it.

Every write goes through `Database.write` and every read through `Database.read`, so that the rules which keep
the file whole (immediate transactions, the lock file, rollback after a full disk) stand in one place.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from aigc_tui.files import private_folder
from aigc_tui.message import reason_of
from aigc_tui.store import segment
from aigc_tui.store.errors import StoreBusyError, StoreError, explain
from aigc_tui.store.lock import Presence, WriteLock

_BUSY_MILLISECONDS = 5000
_CACHE_KIB = 16_384
_CLOSING_SECONDS = 0.2
_LOG_BYTES = 32 << 20


class Database:
    """The file's connections. Threads share it; each read takes a connection of its own while it lasts.

    Args:
        path: the SQLite file; created (0600) with its lock file beside it.
        factory: the connection class; tests inject faults through it.

    Raises:
        StoreError: the file cannot be opened or is no database.
    """

    def __init__(self, path: Path, factory: type[sqlite3.Connection] = sqlite3.Connection) -> None:
        self.path = path
        self._factory = factory
        self._mutex = threading.RLock()
        self._readers: list[sqlite3.Connection] = []
        self._closed = False
        self._depth = 0
        with ExitStack() as undo:
            try:
                private_folder(path.parent)
                undo.callback(Presence(path).close)
                path.touch(mode=0o600)
                self._lock = WriteLock(path.with_name(path.name + ".lock"))
                undo.callback(self._lock.close)
                with self._lock.held():
                    self._writer = self._open_writer()
            except OSError as error:
                raise StoreError(
                    "{path}: cannot be opened: {reason}", path=path, reason=reason_of(error)
                ) from error
            except sqlite3.Error as error:
                raise explain(error, path) from error
            self._files = undo.pop_all()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One write transaction; a nested one joins it. Rolls back on any error (StoreError)."""
        with self._mutex:
            self._check_open()
            if self._writer.in_transaction:
                yield self._writer
                return
            try:
                with self._locked(), _transaction(self._writer):
                    yield self._writer
            except sqlite3.Error as error:
                raise explain(error, self.path) from error

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading. Inside this thread's own write transaction it sees that transaction."""
        if self._writes_here():
            yield self._writer
            return
        try:
            connection = self._take_reader()
            try:
                yield connection
            finally:
                self._give_back(connection)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    @contextmanager
    def exclusive(self) -> Iterator[sqlite3.Connection]:
        """The writer outside any transaction, under the lock: for VACUUM, checkpoints and migrations."""
        with self._mutex:
            self._check_open()
            with self._locked():
                try:
                    yield self._writer
                except sqlite3.Error as error:
                    raise explain(error, self.path) from error

    def use_wal(self) -> None:
        """Switch the file to a write-ahead log, once it is known to be ours: this changes its header."""
        with self.exclusive() as connection:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}").fetchone()

    def fold_log(self) -> None:
        """Empty the write-ahead log into the file, so that what was purged is nowhere left."""
        with self.exclusive() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every connection. The last one out folds the WAL into the file. Safe to call twice."""
        with self._mutex:
            if self._closed:
                return
            self._closed = True
            with ExitStack() as stack:
                # Quitting must not wait for a slow neighbour: SQLite's own locks do for a last checkpoint.
                with suppress(StoreBusyError):
                    stack.enter_context(self._lock.held(timeout=_CLOSING_SECONDS))
                for connection in (*self._readers, self._writer):
                    connection.close()
            self._readers.clear()
            self._files.close()

    def _open_writer(self) -> sqlite3.Connection:
        connection = self._connect()
        try:
            # Reads the header, so that a file that is no database is refused here.
            connection.execute("PRAGMA schema_version").fetchone()
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA secure_delete = ON")
            connection.create_function("search_words", 1, segment.words, deterministic=True)
            connection.create_function("search_chars", 1, segment.chars, deterministic=True)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path,
            timeout=_BUSY_MILLISECONDS / 1000,
            isolation_level=None,
            check_same_thread=False,
            factory=self._factory,
        )
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        return connection

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold this process's mutex and, from the outermost call on, the lock file."""
        with self._mutex, ExitStack() as stack:
            if self._depth == 0:
                stack.enter_context(self._lock.held())
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("{path}: the store is closed", path=self.path)

    def _writes_here(self) -> bool:
        if not self._mutex.acquire(blocking=False):
            return False
        try:
            return not self._closed and self._writer.in_transaction
        finally:
            self._mutex.release()

    def _take_reader(self) -> sqlite3.Connection:
        self._check_open()
        with suppress(IndexError):
            return self._readers.pop()
        connection = self._connect()
        connection.execute("PRAGMA query_only = ON")
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._readers.append(connection)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """BEGIN IMMEDIATE to COMMIT. SQLite may have rolled back by itself already (disk full, I/O error)."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
