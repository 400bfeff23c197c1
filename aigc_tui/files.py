"""Write files so that a crash, a full disk or a power cut leaves the old one or the new one, never a half.

Neither the standard library nor the packages used here call fsync (engine-safety E6).
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def write_bytes(path: Path, data: bytes, mode: int = PRIVATE_FILE) -> None:
    """Replace a file atomically and durably: temp in the same folder, fsync, rename, fsync the folder.

    A symbolic link stays a link; its target is replaced. The folder must exist.

    Raises:
        OSError: The folder is missing, not writable or full; it names `path`. The old file is untouched then.
    """
    target = Path(os.path.realpath(path))
    handle, name = _beside(target, path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.chmod(name, mode)
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    sync_folder(target.parent)


def _beside(target: Path, said: Path) -> tuple[int, str]:
    """Open a new file in the target's folder; a failure names the path that was said, not a passing one."""
    try:
        return tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(said)) from error


def write_text(path: Path, text: str, mode: int = PRIVATE_FILE) -> None:
    """Do as `write_bytes` with a text in UTF-8; newlines are written as they are."""
    write_bytes(path, text.encode("utf-8", errors="replace"), mode)


def sync_folder(folder: Path) -> None:
    """Make a rename inside a folder durable. Systems that cannot sync a folder (Windows) are let be."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner may look into; an existing one stays as it is."""
    if not folder.is_dir():
        if folder.exists() or folder.is_symlink():
            # A file or a dangling link; `mkdir` would say "File exists", which sounds as if all were well.
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
        folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return folder
