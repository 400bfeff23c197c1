"""Decompress a source piece by piece: bounded pieces, bounded growth, and members told apart.

Why it exists: the standard library's file objects read on through members without saying where they begin,
know no limit of growth, and take a cut-off Zstandard frame for a whole one. A decompression bomb shows itself
by growth: real dumps shrink to a tenth or a thirtieth, bombs to a thousandth (``Caps.expansion``).
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from aigc_tui.corpora.container import Container, container_of, shown
from aigc_tui.corpora.document import Caps, CorporaError

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
        """Whether its trailer was read and its checksum is right."""
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        """Whether nothing is held back."""
        return not self._full and not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        """What follows the member."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = PIECE) -> bytes:
        """Take input, give at most that much output."""
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
            raise CorporaError("reading .zst needs the package zstandard (pip)") from None
        self._inner = zstandard.ZstdDecompressor(max_window_size=_LONGEST_WINDOW).decompressobj()
        self._held = b""

    @property
    def eof(self) -> bool:
        """Whether the frame ended."""
        return bool(self._inner.eof)

    @property
    def needs_input(self) -> bool:
        """Whether nothing is held back."""
        return not self._held

    @property
    def unused_data(self) -> bytes:
        """What follows the frame."""
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
    """Watches how much a stretch of a file grows; the judge of bombs.

    Args:
        limit: How many times its size a stretch may become.
        meter: Counts what was read of the file.
    """

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
            raise CorporaError(f"it grows more than {self._limit} times when unpacked: a decompression bomb")
        self._made, self._since = 0, self._meter.done


def unpack(path: Path, meter: Meter, caps: Caps) -> Iterator[bytes]:
    """Stream a file's content in pieces of about ``PIECE`` bytes, whatever wraps it.

    Args:
        path: The file.
        meter: Is moved on as the file is read.
        caps: The limit of growth.

    Yields:
        Bytes; :data:`GAP` where a bzip2 stream among others was damaged.

    Raises:
        CorporaError: The file is missing, broken, cut off or a bomb; what came before was right.
    """
    container = container_of(path)
    try:
        with path.open("rb") as file:
            if container in _MEMBERS:
                yield from _members(file, _MEMBERS[container], meter, Growth(caps.expansion, meter))
            else:
                yield from _plain(file, meter)
    except CorporaError as error:
        raise CorporaError(f"{shown(path)}: {error}") from None
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise CorporaError(f"{shown(path)}: broken near byte {meter.done} ({error})") from None
    except Exception as error:
        if type(error).__name__ != "ZstdError":  # its class cannot be named where zstandard is not installed
            raise
        raise CorporaError(f"{shown(path)}: broken near byte {meter.done} ({error})") from None


def _plain(file: IO[bytes], meter: Meter) -> Iterator[bytes]:
    while block := file.read(PIECE):
        meter.done += len(block)
        yield block


def _members(file: IO[bytes], begin: Callable[[], Member], meter: Meter, growth: Growth) -> Iterator[bytes]:
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
