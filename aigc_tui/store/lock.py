"""The write lock beside the store, the locks that say who has it open, and the names of writing processes.

Every SQLite before 3.51.3 can damage a WAL file when two connections write and checkpoint at the same moment;
one writer at a time, checkpoint included, rules that out.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aigc_tui.store.errors import StoreBusyError

_RETRY_SECONDS = 0.002


class WriteLock:
    """`flock` on a file of its own; released by the kernel when its process dies.

    Args:
        path: the lock file; created with mode 0600.
        timeout: seconds to wait for another process before giving up.
    """

    def __init__(self, path: Path, timeout: float = 10.0) -> None:
        self._path = path
        self._timeout = timeout
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextmanager
    def held(self, timeout: float | None = None) -> Iterator[None]:
        """Hold the lock; StoreBusyError: another process kept it for longer than the time-out."""
        self._acquire(self._timeout if timeout is None else timeout)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        os.close(self._descriptor)

    def _acquire(self, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EINTR):
                    raise
            else:
                return
            if time.monotonic() > deadline:
                raise StoreBusyError(
                    "{path}: another aigc-tui has been writing for over {seconds} s; wait for it or close it",
                    path=self._path,
                    seconds=round(timeout),
                )
            time.sleep(_RETRY_SECONDS)


class Presence:
    """A shared lock that says: this process has the store open. Many may hold it at once.

    Args:
        store: the store's file.

    Raises:
        StoreBusyError: the store is just being replaced.
    """

    def __init__(self, store: Path) -> None:
        self._descriptor = _open_presence(store)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise StoreBusyError("{path}: is being restored; try again in a moment", path=store) from error

    def close(self) -> None:
        os.close(self._descriptor)


@contextmanager
def alone(store: Path) -> Iterator[None]:
    """Keep everyone from opening the store, to replace its file; StoreBusyError: somebody has it open."""
    descriptor = _open_presence(store)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreBusyError("{path}: open in another aigc-tui; close it first", path=store) from error
        yield
    finally:
        os.close(descriptor)


def _open_presence(store: Path) -> int:
    return os.open(store.with_name(store.name + ".open"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def current_owner() -> str:
    """This process as `pid:start`, or `pid:` where the system has no /proc."""
    return f"{os.getpid()}:{_start_of(os.getpid())}"


def is_alive(owner: str) -> bool:
    """Whether the process that `current_owner` named in its time still runs."""
    pid, _, start = owner.partition(":")
    if not pid.isdecimal() or not _exists(int(pid)):
        return False
    return not start or _start_of(int(pid)) == start


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return pid > 0


def _start_of(pid: int) -> str:
    """Boot and clock tick in which a process started (proc(5), stat field 22; the name may hold spaces)."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    if fields[0] in "ZX":
        return "gone"
    return f"{boot[:8]}-{fields[19]}"
