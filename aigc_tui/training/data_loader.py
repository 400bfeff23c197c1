"""Token files on disk, and the rows of equal length that training reads from them.

Documents are laid out once as one memory-mapped stream of 16-bit ids (32-bit where the vocabulary needs it);
rows are only lists of spans in it, so an epoch's order can be computed again from (seed, epoch) and need not
be saved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aigc_tui.inference.chat_template import Rendered
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import Batch

IGNORED = -100
_SHORTEST_PIECE = 32
_NARROW, _WIDE = "ids.bin", "ids32.bin"
_TYPES: dict[str, type[np.uint16 | np.uint32]] = {_NARROW: np.uint16, _WIDE: np.uint32}
_NARROW_IDS = 1 << 16

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TokenFile:
    """A stream of documents: ids (N,), which of them are targets (N,), where documents start (D + 1,)."""

    ids: NDArray[np.uint16] | NDArray[np.uint32]
    loss_mask: NDArray[np.bool_]
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
            np.asarray(document.mask, dtype=np.bool_).tofile(spoken)
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


def read_row(file: TokenFile, spans: list[Span], length: int, pad: int, assistant_only: bool) -> Row:
    """Read one row: token t's target is token t + 1 of the same document piece.

    Args:
        file: The stream.
        spans: Pieces, together at most ``length`` tokens.
        length: T.
        pad: Fills the rest; never a target.
        assistant_only: Whether only the assistant's tokens are targets.
    """
    tokens = np.full(length, pad, np.int64)
    targets = np.full(length, IGNORED, np.int64)
    segments = np.full(length, len(spans), np.int64)
    at = 0
    for number, (begin, end) in enumerate(spans):
        ids = file.ids[begin:end].astype(np.int64)
        wanted = (
            ids[1:] if not assistant_only else np.where(file.loss_mask[begin + 1 : end], ids[1:], IGNORED)
        )
        tokens[at : at + len(ids)] = ids
        targets[at : at + len(ids) - 1] = wanted
        segments[at : at + len(ids)] = number
        at += len(ids)
    return Row(tokens, targets, segments)


@dataclass(frozen=True, slots=True)
class TokenBatch:
    """Some rows as tensors of shape (B, T); without ``segments`` packed documents see each other."""

    tokens: Tensor
    targets: Tensor
    segments: Tensor | None

    @property
    def tensors(self) -> tuple[Tensor | None, ...]:
        return self.tokens, self.targets, self.segments

    @property
    def counted(self) -> int:
        """Number of targets in the batch."""
        return int((self.targets != IGNORED).sum())


@dataclass(slots=True)
class _Cursor:
    """Where a source's reading stands; ``rows`` belongs to (epoch, stage) and is computed again."""

    epoch: int = 0
    row: int = 0
    rows: list[list[Span]] = field(default_factory=list)


class MixedLoader:
    """An endless stream of rows for one stage."""

    def __init__(self, stage: Stage, files: dict[str, TokenFile], pad: int, seed: int) -> None:
        self._stage, self._files, self._pad, self._seed = stage, files, pad, seed
        self._names = sorted(name for name, share in stage.mix.items() if share > 0 and len(files[name].ids))
        shares = np.array([float(stage.mix[name]) for name in self._names])
        self._shares = shares / shares.sum()
        self._random = np.random.default_rng([seed, _number(stage.name)])
        self._cursors = {name: _Cursor() for name in self._names}

    def batch(self, rows: int, mine: slice = slice(None)) -> TokenBatch:
        picked = self._random.choice(len(self._names), size=rows, p=self._shares)
        drawn = [(self._names[i], self._next(self._names[i])) for i in picked]
        return to_batch([self._read(name, spans) for name, spans in drawn[mine]], self._stage.isolate)

    def state(self) -> dict[str, Any]:
        cursors = {name: [c.epoch, c.row] for name, c in self._cursors.items()}
        return {"random": self._random.bit_generator.state, "cursors": cursors}

    def restore(self, state: dict[str, Any]) -> None:
        self._random.bit_generator.state = state["random"]
        for name, (epoch, row) in state["cursors"].items():
            if name in self._cursors:
                self._cursors[name] = _Cursor(epoch, row)

    def _next(self, name: str) -> list[Span]:
        cursor = self._cursors[name]
        if not cursor.rows:
            cursor.rows = self._epoch_rows(name, cursor.epoch)
        if cursor.row >= len(cursor.rows):
            cursor.epoch, cursor.row = cursor.epoch + 1, 0
            cursor.rows = self._epoch_rows(name, cursor.epoch)
        cursor.row += 1
        return cursor.rows[cursor.row - 1]

    def _read(self, name: str, spans: list[Span]) -> Row:
        stage = self._stage
        return read_row(self._files[name], spans, stage.seq_len, self._pad, stage.assistant_only)

    def _epoch_rows(self, name: str, epoch: int) -> list[list[Span]]:
        starts = self._files[name].starts
        random = np.random.default_rng([self._seed, _number(name), epoch])
        order = random.permutation(len(starts) - 1)
        return pack(starts, order.tolist(), self._stage.seq_len, whole=self._stage.assistant_only)


def to_batch(rows: list[Row], isolate: bool) -> TokenBatch:
    """Stack rows; with ``isolate`` documents of a row are hidden from each other."""
    return TokenBatch(
        torch.from_numpy(np.stack([row.tokens for row in rows])),
        torch.from_numpy(np.stack([row.targets for row in rows])),
        torch.from_numpy(np.stack([row.segments for row in rows])) if isolate else None,
    )


def _number(name: str) -> int:
    """A stable number for a name; Python's own hash differs from run to run."""
    return int.from_bytes(name.encode("utf-8")[:16].ljust(16, b"\0"), "little") % 2**63


_Item = TypeVar("_Item")
_Made = TypeVar("_Made", bound=Batch)

ALL = slice(None)


class EpochLoader(Generic[_Item, _Made]):
    """Goes through rows again and again.

    Args:
        rows_of: Makes the rows of one pass, in their order; asked with that pass's random numbers.
        collate: Turns some rows into a batch; may draw too (masks, for one).
        seed: The same seed gives the same stream.
    """

    def __init__(
        self,
        rows_of: Callable[[Random], Sequence[_Item]],
        collate: Callable[[Sequence[_Item], Random], _Made],
        seed: int,
    ) -> None:
        self._rows_of, self._collate, self._seed = rows_of, collate, seed
        self._rows: Sequence[_Item] = ()
        self._begin(0)

    def batch(self, rows: int, mine: slice = ALL) -> _Made:
        random = Random(f"{self._seed}-{self._pass}-{self._at}")
        return self._collate(self.draw(rows)[mine], random)

    def draw(self, rows: int) -> list[_Item]:
        drawn: list[_Item] = []
        while len(drawn) < rows:
            if self._at == len(self._rows):
                self._begin(self._pass + 1)
            taken = self._rows[self._at : self._at + rows - len(drawn)]
            drawn += taken
            self._at += len(taken)
        return drawn

    def state(self) -> dict[str, Any]:
        return {"pass": self._pass, "at": self._at}

    def restore(self, state: dict[str, Any]) -> None:
        self._begin(int(state["pass"]))
        self._at = int(state["at"])

    def _begin(self, number: int) -> None:
        self._pass, self._at = number, 0
        self._rows = self._rows_of(Random(f"{self._seed}-{number}"))
        if not self._rows:
            raise ValueError("there are no rows to learn from")


class ReadyBatches:
    """Batches that somebody else makes, one after the other; for runs that keep no checkpoint."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._batches = iter(batches)

    def batch(self, rows: int, mine: slice = ALL) -> Batch:
        return next(self._batches)

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Do nothing."""


def shuffled(rows: Sequence[_Item]) -> Callable[[Random], Sequence[_Item]]:
    """Let every pass see the same rows in an order of its own."""
    return lambda random: random.sample(rows, len(rows))


def padded(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    """Make one tensor (B, T) of rows, the shorter filled up on the right."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


def real_tokens(rows: Sequence[Sequence[int]]) -> Tensor:
    """Say which places of :func:`padded` are no padding (B, T)."""
    longest = max(map(len, rows))
    return torch.arange(longest) < torch.tensor([[len(row)] for row in rows])
