"""Brings one file over HTTP: resumed, stopped at any moment, under its name only once its checksum is right.

Weights are gigabytes and connections break: what arrived keeps another name, one that holds the expected
checksum, so that the rest of a changed file is never put behind the beginning of the old one.
huggingface_hub gave up resuming in version 2, so files are fetched here.
"""

from __future__ import annotations

import errno
import fcntl
import glob
import hashlib
import os
import queue
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from aigc_tui.message import AppError, message, reason_of
from aigc_tui.text import one_line

if TYPE_CHECKING:
    import httpx2

ATTEMPTS = 5
"""Tries without a single new byte before giving up."""
SPARE_BYTES = 16 * 2**20
"""Bytes that stay free on the disk: settings and the store must still be written."""
_PIECE = 2**20
_FIRST_PAUSE = 0.1
_TIMEOUT = 30.0
_GLANCE = 0.1
"""Seconds between two looks at the stop while nothing arrives."""
_WAITING_PIECES = 32
_RETRIED = frozenset((408, 425, 429, 500, 502, 503, 504))
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


class DownloadError(AppError):
    """A file cannot be fetched."""


class RefusedError(DownloadError):
    """A file cannot be fetched, and trying again at once would change nothing."""


class DiskFullError(RefusedError):
    """There is no room for a file; what is there of it was kept."""


class StoppedError(DownloadError):
    """Somebody stopped it; what is there was kept."""


class Stop:
    """Ends a download, a preparation or a trial from another thread."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._actions: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def set(self) -> None:
        """Stop what runs, within a moment."""
        with self._lock:
            self._event.set()
            actions = list(self._actions)
        for action in actions:
            action()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise StoppedError if it was set."""
        if self._event.is_set():
            raise StoppedError("stopped; what was downloaded is kept, pull again to go on")

    def pause(self, seconds: float) -> None:
        """Wait, unless it is set; raises StoppedError then."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def calling(self, action: Callable[[], None]) -> Iterator[None]:
        """Call `action` when it is set inside the block."""
        with self._lock:
            self._actions.append(action)
            was_set = self._event.is_set()
        try:
            if was_set:
                action()
            yield
        finally:
            with self._lock:
                self._actions.remove(action)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file that a server has, and how it is recognised."""

    name: str
    size: int
    blob: str = ""
    """Its id in git: SHA-1 over a header and the content, for a hub's small files."""
    sha256: str = ""
    """The content's SHA-256. With neither, only the size is checked: its content is checked elsewhere."""

    @property
    def mark(self) -> str:
        """What tells this content from another of the same name, for names of unfinished files."""
        return (self.sha256 or self.blob)[:12] or str(self.size)


@dataclass(frozen=True, slots=True)
class Address:
    """Where something is, and how the server is asked."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    auth: tuple[str, str] | None = None
    certificate: str = ""
    """A file of certificates to trust; empty: the system's (or SSL_CERT_FILE)."""

    @property
    def host(self) -> str:
        return one_line(self.url.partition("://")[2].partition("/")[0].rpartition("@")[2], 100)


def fetch(
    address: Address,
    file: RemoteFile,
    folder: Path,
    progress: Callable[[int], None] = lambda done: None,
    stop: Stop | None = None,
) -> Path:
    """Bring a file into a folder, unless it is there.

    Args:
        address: Where it is.
        file: Its name there, its size and checksum.
        folder: Where it goes.
        progress: Is told the bytes of it that are here.
        stop: Ends it.

    Raises:
        DownloadError: The server refuses, breaks off again and again, or sends something else; the disk is
            full; it was stopped.
    """
    stop = stop or Stop()
    target = folder / file.name
    if target.is_file() and target.stat().st_size == file.size:
        progress(file.size)
        return target
    partial = folder / f"{file.name}.{file.mark}.part"
    failures = 0
    while (have := size_of(partial)) < file.size or not partial.exists():
        stop.check()
        try:
            _continue(address, file, partial, progress, stop)
            if size_of(partial) < file.size:
                raise _broken_off(file.name, "")
        except (RefusedError, StoppedError):
            raise
        except DownloadError:
            failures = 0 if size_of(partial) > have else failures + 1
            if failures >= ATTEMPTS:
                raise
            stop.pause(_FIRST_PAUSE * 2**failures)
    settle(partial, target, file, stop)
    return target


def settle(partial: Path, target: Path, file: RemoteFile, stop: Stop) -> None:
    """Give a whole file its name, if its checksum is right; delete it otherwise.

    Raises:
        DownloadError: It is not what was promised.
    """
    if not _matches(partial, file, stop):
        partial.unlink()
        raise RefusedError("{name} has a wrong checksum; it was deleted, pull again", name=file.name)
    # The name promises that the bytes are there, after a power cut, too.
    with partial.open("rb") as written:
        os.fsync(written.fileno())
    partial.rename(target)


def size_of(path: Path) -> int:
    """Return a file's size; 0: there is none."""
    return path.stat().st_size if path.is_file() else 0


def read_page(address: Address, limit: int, stop: Stop) -> tuple[str, str, bytes]:
    """Read a small document.

    Returns:
        The address that it came from after redirections, its content type, its content.

    Raises:
        DownloadError: The server refuses, is not there, or sends more than `limit` bytes.
    """
    body = bytearray()
    flow = _Flow(address)
    head = flow.begin(stop)
    if head.status != 200:
        raise _refusal(address, head.status, address.url)
    for piece in flow.pieces(stop):
        body += piece
        if len(body) > limit:
            raise RefusedError("{url} is longer than {limit} bytes", url=one_line(address.url), limit=limit)
    return head.url, head.kind, bytes(body)


def length_of(address: Address, name: str, stop: Stop) -> int:
    """Ask a server how long a file is.

    Raises:
        DownloadError: It does not say.
    """
    head = _Flow(address, "HEAD").begin(stop)
    if head.status != 200:
        raise _refusal(address, head.status, name)
    if head.length is None:
        raise RefusedError("the server does not say how long {name} is", name=name)
    return head.length


def sha256_of(path: Path, stop: Stop | None = None) -> str:
    """Compute a file's SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as data:
        while piece := data.read(_PIECE):
            if stop is not None:
                stop.check()
            digest.update(piece)
    return digest.hexdigest()


def work_folder(target: Path, mark: str) -> Path:
    """Make the hidden folder where work on a model's folder goes on, and drop those for other content."""
    work = target.with_name(f".{target.name}.{mark}.partial")
    for old in target.parent.glob(f".{glob.escape(target.name)}.*.partial"):
        if old != work:
            shutil.rmtree(old, ignore_errors=True)
    work.mkdir(mode=0o700, exist_ok=True)
    return work


def lock_of(target: Path) -> Path:
    """Name the lock file of a model's folder; see `only_one`."""
    return target.with_name(f".{target.name}.lock")


def require_room(folder: Path, needed: int) -> None:
    """Refuse to begin what will not fit on the disk.

    Raises:
        DiskFullError: With both numbers.
    """
    free = shutil.disk_usage(folder).free - SPARE_BYTES
    if needed > free:
        raise DiskFullError(
            "{needed:,} MB are needed in {path}, and {free:,} MB are free",
            needed=-(-needed // 10**6),
            path=folder,
            free=max(0, free) // 10**6,
        )


def write_all(output: IO[bytes], piece: bytes, path: Path) -> None:
    """Write to an unbuffered file; what fits on a full disk is kept.

    Raises:
        DiskFullError: The disk is full.
        DownloadError: It cannot be written for another reason.
    """
    view = memoryview(piece)
    try:
        while view:
            view = view[output.write(view) :]
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(
                "the disk is full at {path}; make room and pull again to go on", path=path.parent
            ) from error
        raise RefusedError("cannot write {path}: {reason}", path=path, reason=reason_of(error)) from error


@contextmanager
def only_one(path: Path, name: str) -> Iterator[None]:
    """Hold a lock file, so that two processes never bring, add or remove one model at once.

    The kernel lets go of it when its process dies. The file goes away with the lock; whoever opened it
    meanwhile notices that its name has another file, and opens that.

    Raises:
        DownloadError: Another process holds it.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise RefusedError("{name} is being pulled or changed by another aigc-tui", name=name) from None
        with suppress(FileNotFoundError):
            if os.stat(path).st_ino == os.fstat(descriptor).st_ino:
                break
        os.close(descriptor)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.unlink(path)
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Head:
    """What a response says before its content."""

    url: str
    status: int
    kind: str
    length: int | None
    start: int
    """Where the content begins in the file."""
    total: int | None
    """The file's whole length, if it says so."""


class _Flow:
    """A response that a thread of its own reads, so that waiting for it can be given up at any moment.

    A blocked connect or read cannot be interrupted from outside; this thread is left behind, and ends with
    its own time-out at the latest. It never touches a file.
    """

    def __init__(self, address: Address, method: str = "GET") -> None:
        self._address, self._method = address, method
        self._items: queue.Queue[_Head | bytes | BaseException | None] = queue.Queue(_WAITING_PIECES)
        self._left = threading.Event()
        threading.Thread(target=self._read, name="download", daemon=True).start()

    def begin(self, stop: Stop) -> _Head:
        """Wait for the head."""
        try:
            head = self._next(stop)
        except BaseException:
            self._left.set()
            raise
        assert isinstance(head, _Head)
        return head

    def pieces(self, stop: Stop) -> Iterator[bytes]:
        """Yield the content as it arrives."""
        try:
            while isinstance(piece := self._next(stop), bytes):
                yield piece
        finally:
            self._left.set()

    def leave(self) -> None:
        """Want no more of it."""
        self._left.set()

    def _next(self, stop: Stop) -> _Head | bytes | None:
        while True:
            stop.check()
            with suppress(queue.Empty):
                item = self._items.get(timeout=_GLANCE)
                break
        if isinstance(item, BaseException):
            raise self._worded(item)
        return item

    def _worded(self, error: BaseException) -> BaseException:
        import httpx2

        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.ProxyError):
            reason = one_line(str(error), 120) or type(error).__name__
            return DownloadError(
                "{host} cannot be reached ({reason})", host=self._address.host, reason=reason
            )
        if isinstance(error, httpx2.HTTPError | httpx2.StreamError | httpx2.InvalidURL | OSError):
            name = one_line(self._address.url.rpartition("/")[2] or self._address.url, 120)
            return _broken_off(name, one_line(str(error), 120) or type(error).__name__)
        return error

    def _read(self) -> None:
        import httpx2

        address = self._address
        headers = {**address.headers, "Accept-Encoding": "identity"}
        verify: object = True
        try:
            if address.certificate:
                import ssl

                verify = ssl.create_default_context(cafile=address.certificate)
            # A hub redirects to its storage; the client drops the token when the host changes.
            with httpx2.stream(
                self._method,
                address.url,
                headers=headers,
                auth=address.auth,
                follow_redirects=True,
                timeout=_TIMEOUT,
                verify=verify,  # type: ignore[arg-type]
            ) as response:
                self._put(_head(response))
                # As it arrives: a fixed size would hold back, and lose, what came before a break.
                for piece in response.iter_raw():
                    if not self._put(piece):
                        return
            self._put(None)
        except BaseException as error:  # carried over to the thread that waits
            self._put(error)

    def _put(self, item: _Head | bytes | BaseException | None) -> bool:
        while not self._left.is_set():
            with suppress(queue.Full):
                self._items.put(item, timeout=_GLANCE)
                return True
        return False


def _head(response: httpx2.Response) -> _Head:
    length = response.headers.get("Content-Length", "")
    span = response.headers.get("Content-Range", "").removeprefix("bytes ")
    start, total = span.partition("-")[0], span.rpartition("/")[2]
    return _Head(
        str(response.url),
        response.status_code,
        response.headers.get("Content-Type", ""),
        int(length) if length.isdecimal() else None,
        int(start) if start.isdecimal() else 0,
        int(total) if total.isdecimal() else None,
    )


def _continue(
    address: Address, file: RemoteFile, partial: Path, progress: Callable[[int], None], stop: Stop
) -> None:
    have = size_of(partial)
    headers = {**address.headers, **({"Range": f"bytes={have}-"} if have else {})}
    flow = _Flow(Address(address.url, headers, address.auth, address.certificate))
    head = flow.begin(stop)
    try:
        if head.status == 416:
            # It has fewer bytes than are here already.
            partial.unlink()
            raise _changed(file.name)
        if head.status not in (200, 206):
            raise _refusal(address, head.status, file.name)
        told = head.total if head.status == 206 else head.length
        if told is not None and told != file.size:
            raise _changed(file.name)
        if head.status == 206 and head.start != have:
            raise _broken_off(file.name, f"bytes {head.start}-")
        _append(flow, head.status, file, partial, progress, stop)
    finally:
        flow.leave()


def _append(
    flow: _Flow,
    status: int,
    file: RemoteFile,
    partial: Path,
    progress: Callable[[int], None],
    stop: Stop,
) -> None:
    with partial.open("ab", buffering=0) as output:
        done = output.seek(0, os.SEEK_END)
        # A server that ignores the range sends the whole file again.
        known = done if status == 200 else 0
        for arrived in flow.pieces(stop):
            piece = arrived[known:]
            known -= len(arrived) - len(piece)
            if done + len(piece) > file.size:
                output.truncate(0)
                raise RefusedError("{name} is longer than expected", name=file.name)
            write_all(output, piece, partial)
            done += len(piece)
            progress(done)


def _matches(path: Path, file: RemoteFile, stop: Stop) -> bool:
    if path.stat().st_size != file.size:
        return False
    if file.sha256 or not file.blob:
        return not file.sha256 or sha256_of(path, stop) == file.sha256
    # SHA-1 is what git has for small files; it guards against accidents, the connection against attackers.
    digest = hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
    digest.update(path.read_bytes())
    return digest.hexdigest() == file.blob


def _refusal(address: Address, code: int, name: str) -> DownloadError:
    kind = DownloadError if code in _RETRIED else RefusedError
    return kind(
        message("{host} answered {code} for {name}", host=address.host, code=code, name=one_line(name))
    )


def _changed(name: str) -> RefusedError:
    return RefusedError("{name} on the server is not as long as expected; it was changed", name=name)


def _broken_off(name: str, reason: str) -> DownloadError:
    return DownloadError(
        "the connection broke off at {name} ({reason}); pull again to go on",
        name=name,
        reason=reason or "too few bytes",
    )
