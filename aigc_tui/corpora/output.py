"""Write JSON lines as a string of compressed members, so that a killed build loses the last one at most.

Why it exists: gzip, xz and Zstandard files may be put one behind the other and are still one file. A member
is ended at each checkpoint and its end noted; going on means cutting the file there and beginning another
member.
"""

from __future__ import annotations

import lzma
import os
import zlib
from pathlib import Path
from typing import Protocol

from aigc_tui.corpora.document import CorporaError

ENDINGS = (".jsonl", ".jsonl.gz", ".jsonl.xz", ".jsonl.zst")
_ZSTD_LEVEL = 9
_XZ_LEVEL = 4
_GZIP_LEVEL = 6


class Packer(Protocol):
    """A member being made."""

    def compress(self, data: bytes, /) -> bytes:
        """Take data, give what is ready."""

    def flush(self) -> bytes:
        """End the member."""


class _Plain:
    """No compression."""

    def compress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def ending_of(path: Path) -> str:
    """The ending that decides how a file is written.

    Raises:
        CorporaError: It is none that is known.
    """
    found = next((ending for ending in ENDINGS if path.name.endswith(ending)), "")
    if not found or path.name == found:
        raise CorporaError(f"{path.name!r}: the output's name must end in {', '.join(ENDINGS)}")
    return found


def packer(ending: str) -> Packer:
    """Begin a member.

    Raises:
        CorporaError: A package is missing.
    """
    match ending:
        case ".jsonl.gz":
            return zlib.compressobj(_GZIP_LEVEL, wbits=31)
        case ".jsonl.xz":
            return lzma.LZMACompressor(preset=_XZ_LEVEL)
        case ".jsonl.zst":
            try:
                import zstandard
            except ImportError:
                raise CorporaError("writing .zst needs the package zstandard (pip)") from None
            made: Packer = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True).compressobj()
            return made
        case _:
            return _Plain()


class Writer:
    """A file of compressed lines that can be cut where it was whole.

    Args:
        path: The file; made if it is not there.
        ending: How it is compressed, one of :data:`ENDINGS`.
        size: Where to go on; what stands behind is thrown away.
    """

    def __init__(self, path: Path, ending: str, size: int = 0) -> None:
        self._ending = ending
        self._file = path.open("r+b" if path.exists() else "w+b")
        self._file.truncate(size)
        self._file.seek(size)
        self._packer: Packer | None = None

    def write(self, data: bytes) -> None:
        """Add bytes."""
        if self._packer is None:
            self._packer = packer(self._ending)
        self._file.write(self._packer.compress(data))

    def end_member(self) -> int:
        """End the member, see it onto the disk, and say how long the file is."""
        if self._packer is not None:
            self._file.write(self._packer.flush())
            self._packer = None
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        """Close the file as it is."""
        self._file.close()
