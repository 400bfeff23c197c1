"""Tell a file's container by its first bytes; names lie and downloads lose their endings.

Magic numbers: gzip RFC 1952, bzip2 (`BZh`), xz (its format page), Zstandard RFC 8878, ZIP APPNOTE, PDF 32000.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from aigc_tui.corpora.document import CorporaError
from aigc_tui.text import one_line

_HEAD = 1024


class Container(Enum):
    """What wraps the records."""

    PLAIN = "plain"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    ZIP = "zip"
    PDF = "pdf"


_MAGIC = (
    (b"\x1f\x8b\x08", Container.GZIP),
    (b"BZh", Container.BZIP2),
    (b"\xfd7zXZ\x00", Container.XZ),
    (b"\x28\xb5\x2f\xfd", Container.ZSTD),
    (b"PK\x03\x04", Container.ZIP),
    (b"%PDF-", Container.PDF),
)
_SKIPPABLE_ZSTD = tuple(bytes((0x50 + low, 0x2A, 0x4D, 0x18)) for low in range(16))
"""A Zstandard file may begin with frames that hold no data (RFC 8878, 3.1.2)."""


def container_of(path: Path) -> Container:
    """Look at a file's first bytes.

    Raises:
        CorporaError: It is missing, not a file, or empty.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise CorporaError(f"{shown(path)}: {error.strerror}") from None
    if not head:
        raise CorporaError(f"{shown(path)}: the file is empty")
    if head.startswith(_SKIPPABLE_ZSTD):
        return Container.ZSTD
    for magic, container in _MAGIC:
        if head.startswith(magic):
            return container
    # A PDF may have bytes in front of its header; readers look through the first kilobyte.
    return Container.PDF if b"%PDF-" in head and b"\x00" in head else Container.PLAIN


def shown(path: Path) -> str:
    """A path as it may be shown: a file name can hold escape sequences too."""
    return one_line(str(path), 300)
