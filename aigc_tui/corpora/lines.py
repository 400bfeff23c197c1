"""Lines of a stream of bytes, none longer than allowed.

Why it exists: iterating a file object keeps a whole line in memory, and a hostile file has only one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aigc_tui.corpora.document import Dropped

TOO_LONG = "record too long"


def lines(pieces: Iterable[bytes], limit: int) -> Iterator[bytes | Dropped]:
    """Split pieces into lines without their ends.

    Args:
        pieces: Bytes, cut anywhere.
        limit: The longest line in bytes; of a longer one only a :class:`Dropped` comes.
    """
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
