"""Token files on disk, and the rows of equal length that training reads from them.

Documents are laid out once as one memory-mapped stream of 16-bit ids (32-bit where the vocabulary needs it);
rows are only lists of spans in it, so an epoch's order can be computed again from (seed, epoch) and need not
be saved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aigc_tui.inference.rendering import Rendered

IGNORED = -100
_SHORTEST_PIECE = 32
_NARROW, _WIDE = "ids.bin", "ids32.bin"
_TYPES: dict[str, type[np.uint16 | np.uint32]] = {_NARROW: np.uint16, _WIDE: np.uint32}
_NARROW_IDS = 1 << 16

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TokenFile:
    """A stream of documents: ids (N,), which of them are spoken (N,), where documents start (D + 1,)."""

    ids: NDArray[np.uint16] | NDArray[np.uint32]
    spoken: NDArray[np.bool_]
    starts: NDArray[np.int64]


def write_token_file(folder: Path, documents: Iterable[Rendered], key: str, vocabulary: int = 0) -> None:
    """Write documents under ``folder``.

    Args:
        folder: Made if missing; what it held before is replaced.
        documents: Read once.
        key: Names what they were made from, see :func:`is_current`.
        vocabulary: How many ids there are; above 65,536 each takes four bytes.
    """
    name = _WIDE if vocabulary > _NARROW_IDS else _NARROW
    folder.mkdir(parents=True, exist_ok=True)
    # A running process may have the old files mapped: they must be removed, not shortened under it.
    for old in ("key.json", *_TYPES, "spoken.bin"):
        (folder / old).unlink(missing_ok=True)
    starts = [0]
    with (folder / name).open("wb") as ids, (folder / "spoken.bin").open("wb") as spoken:
        for document in documents:
            np.asarray(document.ids, dtype=_TYPES[name]).tofile(ids)
            np.asarray(document.spoken, dtype=np.bool_).tofile(spoken)
            starts.append(starts[-1] + len(document.ids))
    np.save(folder / "starts.npy", np.asarray(starts, dtype=np.int64))
    part = folder / "key.json.part"
    part.write_text(json.dumps(key), encoding="utf-8")
    os.replace(part, folder / "key.json")


def is_current(folder: Path, key: str) -> bool:
    """Say whether ``folder`` holds a complete token file made from ``key``."""
    try:
        return bool(json.loads((folder / "key.json").read_text(encoding="utf-8")) == key)
    except (OSError, ValueError):
        return False


def open_token_file(folder: Path) -> TokenFile:
    """Map a token file into memory."""
    starts = np.load(folder / "starts.npy", allow_pickle=False)
    if starts[-1] == 0:
        return TokenFile(np.zeros(0, np.uint16), np.zeros(0, np.bool_), starts)
    name = _WIDE if (folder / _WIDE).exists() else _NARROW
    return TokenFile(
        np.memmap(folder / name, dtype=_TYPES[name], mode="r"),
        np.memmap(folder / "spoken.bin", dtype=np.bool_, mode="r"),
        starts,
    )


def pack(starts: NDArray[np.int64], order: Iterable[int], length: int, whole: bool) -> list[list[Span]]:
    """Lay documents into rows of ``length`` tokens.

    Args:
        starts: Document boundaries in the stream.
        order: Document numbers in the order wanted.
        length: Tokens of one row.
        whole: True: every document starts in a row at its own beginning, and what does not fit is
            dropped (for chat, where a reply without its question teaches nothing). False: a
            document goes on in the next row.

    Returns:
        For each row its spans (begin, end) of the stream, one per piece of a document.
    """
    rows: list[list[Span]] = []
    row: list[Span] = []
    room = length
    for number in order:
        begin, end = int(starts[number]), int(starts[number + 1])
        if whole and row and end - begin > room and room < length // 2:
            rows.append(row)
            row, room = [], length
        while begin < end:
            piece = min(end - begin, room)
            row.append((begin, begin + piece))
            begin, room = begin + piece, room - piece
            if room < _SHORTEST_PIECE:
                rows.append(row)
                row, room = [], length
                if whole:
                    break
    return [*rows, row] if row else rows


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the model takes it; each array has shape (T,)."""

    tokens: NDArray[np.int64]
    targets: NDArray[np.int64]
    segments: NDArray[np.int64]


def read_row(file: TokenFile, spans: list[Span], length: int, pad: int, spoken_only: bool) -> Row:
    """Read one row: token t's target is token t + 1 of the same document piece.

    Args:
        file: The stream.
        spans: Pieces, together at most ``length`` tokens.
        length: T.
        pad: Fills the rest; never a target.
        spoken_only: Whether only the assistant's tokens are targets.
    """
    tokens = np.full(length, pad, np.int64)
    targets = np.full(length, IGNORED, np.int64)
    segments = np.full(length, len(spans), np.int64)
    at = 0
    for number, (begin, end) in enumerate(spans):
        ids = file.ids[begin:end].astype(np.int64)
        wanted = ids[1:] if not spoken_only else np.where(file.spoken[begin + 1 : end], ids[1:], IGNORED)
        tokens[at : at + len(ids)] = ids
        targets[at : at + len(ids) - 1] = wanted
        segments[at : at + len(ids)] = number
        at += len(ids)
    return Row(tokens, targets, segments)
