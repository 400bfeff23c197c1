"""A source's bytes: recognised by magic numbers, unpacked piece by piece under limits, cut into lines.

The standard library's file objects read on through members without saying where they begin, know no limit of
growth, and take a cut-off Zstandard frame for a whole one. A decompression bomb shows itself by growth: real
dumps shrink to a tenth or a thirtieth, bombs to a thousandth (``Caps.expansion``).
Magic numbers: gzip RFC 1952, bzip2 (`BZh`), xz (its format page), Zstandard RFC 8878, ZIP APPNOTE, PDF 32000.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import IO, Protocol

from aigc_tui.corpora.document import Caps, CorporaError, Dropped
from aigc_tui.documents.blocks import needs_package
from aigc_tui.message import reason_of
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
        raise CorporaError("{path}: {reason}", path=shown(path), reason=reason_of(error)) from None
    if not head:
        raise CorporaError("{path}: the file is empty", path=shown(path))
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


TOO_LONG = "record too long"


def lines(pieces: Iterable[bytes], limit: int) -> Iterator[bytes | Dropped]:
    """Split pieces into lines without ends; one longer than `limit` bytes becomes a :class:`Dropped`."""
    held: list[bytes] = []
    size = number = 0
    for piece in pieces:
        *ended, rest = piece.split(b"\n")
        for part in ended:
            number += 1
            yield _line(held, part, size, limit, number)
            held, size = [], 0
        size += len(rest)
        # Once too long, only the length is kept.
        held = [*held, rest] if size <= limit else []
    if size:
        yield _line(held, b"", size, limit, number + 1)


def _line(held: list[bytes], last: bytes, size: int, limit: int, number: int) -> bytes | Dropped:
    if size + len(last) > limit:
        return Dropped(TOO_LONG, f"line {number}")
    return b"".join([*held, last]).removesuffix(b"\r")


BLOCK = 1 << 14
PIECE = 1 << 18
GAP = b""
"""Comes in place of what was lost when reading goes on behind a damaged bzip2 stream."""
_BZIP2_HEAD = re.compile(rb"BZh[1-9]1AY&SY")
_BZIP2_HEAD_BYTES = 10
_LONGEST_WINDOW = 1 << 31
_WATCHED = 32 << 20
"""Growth is judged over stretches of this many bytes: a short one may well be all spaces, and against a block
that was read ahead it says nothing."""


@dataclass(slots=True)
class Meter:
    """How far the reading of a file is, in bytes of the file as it lies on the disk."""

    done: int = 0


class Member(Protocol):
    """One compressed stream among those that a file strings together (as bz2 and lzma offer it)."""

    @property
    def eof(self) -> bool:
        """Whether its end was reached."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes out without further input."""

    @property
    def unused_data(self) -> bytes:
        """What follows its end."""

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Take input, give at most that much output."""


class GzipMember:
    """A gzip member with the interface of ``bz2.BZ2Decompressor``."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._full and not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = PIECE) -> bytes:
        made = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._full = len(made) >= max_length  # zlib itself may hold more, without a tail to show for it
        return made


class ZstdFrame:
    """A Zstandard frame with the same interface, windows of up to 2 GiB allowed (Reddit's dumps use them).

    The package bounds no output, so input is fed in crumbs: one of them grows to a few MiB at the worst.
    """

    _CRUMB = 128

    def __init__(self) -> None:
        try:
            import zstandard
        except ImportError:
            raise CorporaError(needs_package(".zst", "zstandard")) from None
        self._inner = zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW).decompressobj()
        self._held = b""

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def needs_input(self) -> bool:
        return not self._held

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + self._held

    def decompress(self, data: bytes, max_length: int = PIECE) -> bytes:
        """Take input, give about that much output: it stops at the crumb that goes beyond."""
        view, at, made, parts = self._held + data, 0, 0, []
        while at < len(view) and made < max_length and not self.eof:
            part = self._inner.decompress(view[at : at + self._CRUMB])
            at += self._CRUMB
            made += len(part)
            parts.append(part)
        self._held = view[at:]
        return b"".join(parts)


_MEMBERS: dict[Container, Callable[[], Member]] = {
    Container.GZIP: GzipMember,
    Container.BZIP2: bz2.BZ2Decompressor,
    Container.XZ: lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=1 << 30),
    Container.ZSTD: ZstdFrame,
}


class Growth:
    """Watches how many times its size a stretch of a file becomes; the judge of bombs."""

    def __init__(self, limit: int, meter: Meter) -> None:
        self._limit, self._meter = limit, meter
        self._made, self._since = 0, meter.done

    def add(self, made: int) -> None:
        """Count output.

        Raises:
            CorporaError: It is out of all proportion to its input.
        """
        self._made += made
        if self._made < _WATCHED:
            return
        # What was read ahead but not yet used makes the bound laxer by one block, never stricter.
        taken = self._meter.done - self._since + BLOCK
        if self._made > self._limit * taken:
            raise CorporaError(
                "it grows more than {limit} times when unpacked: a decompression bomb", limit=self._limit
            )
        self._made, self._since = 0, self._meter.done


def unpack(path: Path, meter: Meter, caps: Caps) -> Iterator[bytes]:
    """Stream a file's content in pieces of about ``PIECE`` bytes, whatever wraps it; moves `meter` on.

    Yields:
        Bytes; :data:`GAP` where a bzip2 stream among others was damaged.

    Raises:
        CorporaError: The file is missing, broken, cut off or a bomb; what came before was right.
    """
    container = container_of(path)
    try:
        with path.open("rb") as file:
            if container in _MEMBERS:
                yield from _unpacked_members(file, _MEMBERS[container], meter, Growth(caps.expansion, meter))
            else:
                yield from _plain(file, meter)
    except CorporaError as error:
        raise CorporaError("{path}: {reason}", path=shown(path), reason=error) from None
    except Exception as error:
        if isinstance(error, EOFError):
            raise CorporaError(
                "{path}: cut off near byte {byte}", path=shown(path), byte=meter.done
            ) from None
        known = isinstance(error, OSError | zlib.error | lzma.LZMAError)
        # ZstdError cannot be named where zstandard is not installed.
        if not known and type(error).__name__ != "ZstdError":
            raise
        raise CorporaError(
            "{path}: broken near byte {byte} ({reason})",
            path=shown(path),
            byte=meter.done,
            reason=str(error),
        ) from None


def _plain(file: IO[bytes], meter: Meter) -> Iterator[bytes]:
    while block := file.read(PIECE):
        meter.done += len(block)
        yield block


def _unpacked_members(
    file: IO[bytes], begin: Callable[[], Member], meter: Meter, growth: Growth
) -> Iterator[bytes]:
    data = b""
    while True:
        data = data or _read(file, meter)
        # Tapes and some tools pad the end with zeros.
        if not data.strip(b"\x00"):
            if not data:
                return
            data = b""
            continue
        member, block = begin(), data
        try:
            while not member.eof:
                piece = member.decompress(data, PIECE)
                data = b""
                if piece:
                    growth.add(len(piece))
                    yield piece
                if not member.eof and member.needs_input:
                    data = block = _read(file, meter)
                    if not data:
                        raise EOFError("the file is cut off")
            data = member.unused_data
        except OSError:  # bzip2's word for a damaged stream
            data = _next_stream(file, block[1:], meter)
            if not data:
                raise
            yield GAP


def _next_stream(file: IO[bytes], data: bytes, meter: Meter) -> bytes:
    """Look for the next head of a bzip2 stream; empty: there is none."""
    while not (found := _BZIP2_HEAD.search(data)):
        more = _read(file, meter)
        if not more:
            return b""
        data = data[-_BZIP2_HEAD_BYTES:] + more
    return data[found.start() :]


def _read(file: IO[bytes], meter: Meter) -> bytes:
    block = file.read(BLOCK)
    meter.done += len(block)
    return block
