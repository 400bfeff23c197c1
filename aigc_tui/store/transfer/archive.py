"""Reading members of a zip from outside: caps on number, bytes and ratio, and no trust in its directory.

Why it exists: 49 KB of zip can expand to 50 MB or more, and a member's declared size is whatever its maker
wrote (engine-safety E4). Nothing is ever extracted to disk, so names cannot lead anywhere.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path

from aigc_tui.store.transfer.draft import UnreadableFileError
from aigc_tui.text import one_line

MEMBERS = 50_000
LARGEST_MEMBER = 256 << 20
LARGEST_TOTAL = 1 << 30
LARGEST_RATIO = 100
_FREE = 1 << 20
_CHUNK = 1 << 20
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
)


def members_of(archive: zipfile.ZipFile, where: str) -> list[zipfile.ZipInfo]:
    """List the members.

    Raises:
        UnreadableFileError: there are too many.
    """
    members = archive.infolist()
    if len(members) > MEMBERS:
        raise UnreadableFileError(
            "{path}: more than {limit} files in the archive", path=where, limit=f"{MEMBERS:,}"
        )
    return members


def read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: int, where: str) -> bytes:
    """Unpack one member into memory, counting what really comes out.

    Args:
        archive: the open zip.
        member: one of `members_of`.
        size: the size of the zip in bytes, which bounds what its directory may claim.
        where: the name of the zip, for messages.

    Raises:
        UnreadableFileError: damaged, encrypted, too large, or packed more tightly than text ever is.
    """
    place = f"{where}: {one_line(member.filename, 80)}"
    limit = min(LARGEST_MEMBER, _FREE + min(member.compress_size, size) * LARGEST_RATIO)
    data = bytearray()
    try:
        with archive.open(member) as file:
            while len(data) <= limit and (chunk := file.read(_CHUNK)):
                data += chunk
    except _DAMAGE as error:
        raise UnreadableFileError(
            "{place}: cannot be unpacked: {problem}", place=place, problem=one_line(str(error))
        ) from error
    if len(data) > limit:
        raise UnreadableFileError(
            "{place}: unpacks to more than {limit} MB; not read", place=place, limit=limit >> 20
        )
    return bytes(data)


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open a zip.

    Raises:
        UnreadableFileError: it is damaged or not readable.
    """
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableFileError(
            "{path}: not a readable zip: {problem}", path=one_line(path.name), problem=one_line(str(error))
        ) from error
